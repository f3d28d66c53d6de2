//! Where a site may keep its feeds: candidates from its home page, its robots.txt and the habits of content systems, the
//! likeliest first.
//!
//! Pure: the caller fetches the page and robots.txt, hands them in, asks the candidates in turn, and keeps those that turn
//! out to be feeds. Input is bounded in bytes and count, and read in one pass without building a tree.

use std::cell::RefCell;
use std::collections::HashMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use url::Url;

use crate::address::{canonical, publisher};

/// An address at which a feed may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where to look.
    pub url: Url,
    /// What the site calls it.
    pub title: Option<String>,
    /// Who says so; in the order of [`Evidence`].
    pub evidence: Evidence,
    /// The feed of comments, of one tag, of one author: worth naming only where there is nothing better.
    pub narrow: bool,
}

/// Why an address is thought to be a feed, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// `<link rel="alternate" type="application/rss+xml">`: the site says so to machines.
    Link,
    /// A link on the page whose address or words speak of a feed.
    Anchor,
    /// The content system that the page names keeps its feed there.
    Generator,
    /// robots.txt names a sitemap for news.
    NewsSitemap,
    /// Many sites keep a feed there.
    CommonPath,
    /// robots.txt names a sitemap.
    Sitemap,
}

/// Home pages are read up to here: the tokenizer is quadratic in the attributes of a tag, 125,000 of which fit.
const MAX_PAGE_BYTES: usize = 1 << 20;
/// robots.txt is read up to here (RFC 9309, 2.5: at least 500 KiB).
const MAX_ROBOTS_BYTES: usize = 512 << 10;
/// A page of feeds may list hundreds; nobody asks more addresses than this.
const MAX_CANDIDATES: usize = 500;

/// Where content systems keep their feeds: by the first word of `<meta name="generator">`, in lower case.
/// From the systems' own documentation (2026-11).
const GENERATORS: &[(&str, &[&str])] = &[
    ("wordpress", &["feed/", "?feed=rss2"]),
    ("ghost", &["rss/"]),
    ("drupal", &["rss.xml"]),
    ("joomla", &["?format=feed&type=rss"]),
    ("blogger", &["feeds/posts/default"]),
    ("hugo", &["index.xml"]),
    ("jekyll", &["feed.xml"]),
    ("eleventy", &["feed/feed.xml", "feed.xml"]),
    ("hexo", &["atom.xml"]),
    ("typo3", &["?type=9818", "rss.xml"]),
    ("spip", &["spip.php?page=backend"]),
    ("squarespace", &["?format=rss"]),
    ("substack", &["feed"]),
    ("medium", &["feed"]),
    ("wix.com", &["blog-feed.xml"]),
    ("webflow", &["rss.xml"]),
    ("astro", &["rss.xml"]),
    ("gatsby", &["rss.xml"]),
    ("plone", &["RSS", "rss.xml"]),
    ("movable", &["atom.xml", "index.xml"]),
    ("discourse", &["latest.rss"]),
    ("mediawiki", &["index.php?title=Special:RecentChanges&feed=atom"]),
];

/// Where sites without any hint keep them, the commonest first (the order of the systems above by share of sites).
const COMMON_PATHS: &[&str] = &[
    "feed/",
    "rss",
    "rss.xml",
    "feed.xml",
    "atom.xml",
    "index.xml",
    "feed",
    "rss/",
    "feeds/",
    "index.rss",
    "feed.json",
    "feeds/all.atom.xml",
    "feeds/posts/default",
    "news/rss",
    "news/feed/",
    "rss/news",
    "rss/all",
    "blog/feed/",
    "en/rss",
];

/// Where sites keep sitemaps for news.
const SITEMAP_PATHS: &[&str] =
    &["news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml", "googlenews.xml", "sitemaps/news.xml", "sitemap.xml"];

/// What a site's home page tells of its feeds. `base` is where the page was found, after redirects.
#[must_use]
pub fn from_page(html: &str, base: &Url) -> Vec<Candidate> {
    let page = scan(html);
    let base_url = page.base.as_deref().and_then(|href| base.join(href).ok()).unwrap_or_else(|| base.clone());
    let mut found = Vec::new();
    for link in page.links {
        let Some(url) = join(&base_url, &link.href) else { continue };
        let words = format!("{} {}", link.title.as_deref().unwrap_or_default(), url.path()).to_lowercase();
        let narrow = is_narrow(&words);
        let title = link.title.filter(|title| !title.is_empty());
        found.push(Candidate { url, title, evidence: link.evidence, narrow });
    }
    if let Some(paths) = page.generator.as_deref().and_then(known_generator) {
        found.extend(paths.iter().filter_map(|path| at_path(base, path, Evidence::Generator)));
    }
    rank(found, base)
}

/// The sitemaps that a robots.txt names.
#[must_use]
pub fn from_robots(robots: &str, base: &Url) -> Vec<Candidate> {
    let robots = prefix(robots, MAX_ROBOTS_BYTES);
    let lines = robots.lines().filter_map(|line| {
        let (name, value) = line.trim_start_matches('\u{feff}').split_once(':')?;
        name.trim().eq_ignore_ascii_case("sitemap").then(|| value.split('#').next().unwrap_or(value).trim())
    });
    let found = lines.take(MAX_CANDIDATES).filter_map(|href| {
        let url = join(base, href)?;
        // Only whole words: `newsletter-sitemap.xml` and `renewals.xml` are none of ours.
        let news = words(&url.path().to_lowercase())
            .any(|word| matches!(word, "news" | "googlenews" | "newssitemap" | "sitemapnews"));
        let evidence = if news { Evidence::NewsSitemap } else { Evidence::Sitemap };
        Some(Candidate { url, title: None, evidence, narrow: false })
    });
    rank(found.collect(), base)
}

/// Where to look when a site gives no hint: below the page's own path first, then at the root of the site.
#[must_use]
pub fn from_habit(base: &Url) -> Vec<Candidate> {
    let mut folder = base.clone();
    folder.set_query(None);
    folder.set_fragment(None);
    if !folder.path().ends_with('/') {
        folder.set_path(&format!("{}/", folder.path()));
    }
    let mut root = folder.clone();
    root.set_path("/");
    let own: &[&str] = if folder == root { &[] } else { &["feed/", "rss", "rss.xml", "feed.xml", "atom.xml"] };
    let own = own.iter().filter_map(|path| at_path(&folder, path, Evidence::CommonPath));
    let common = COMMON_PATHS.iter().filter_map(|path| at_path(&root, path, Evidence::CommonPath));
    let sitemaps = SITEMAP_PATHS.iter().filter_map(|path| at_path(&root, path, Evidence::Sitemap));
    let found = own.chain(common).chain(sitemaps).collect();
    rank(found, base)
}

/// Each address once, with the best that is known of it, the likeliest first: whole before narrow, then by evidence, then those
/// of the page's own section and publisher, then in the order found.
#[must_use]
pub fn rank(candidates: Vec<Candidate>, base: &Url) -> Vec<Candidate> {
    let mut places: HashMap<Url, usize> = HashMap::new();
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let place = *places.entry(canonical(&candidate.url)).or_insert(kept.len());
        if let Some(known) = kept.get_mut(place) {
            known.evidence = known.evidence.min(candidate.evidence);
            known.title = known.title.take().or(candidate.title);
            known.narrow |= candidate.narrow;
        } else {
            kept.push(candidate);
        }
    }
    let section = base.path().trim_end_matches('/').to_owned();
    let owner = publisher(base);
    kept.sort_by_cached_key(|candidate| {
        let elsewhere = publisher(&candidate.url) != owner;
        let other_section = !section.is_empty() && !candidate.url.path().starts_with(&section);
        (candidate.narrow, candidate.evidence, elsewhere, other_section)
    });
    kept.truncate(MAX_CANDIDATES);
    kept
}

/// A link that speaks of a feed.
struct Link {
    href: String,
    title: Option<String>,
    evidence: Evidence,
}

/// What of a page matters here.
#[derive(Default)]
struct Page {
    base: Option<String>,
    generator: Option<String>,
    links: Vec<Link>,
    /// The anchor that is open and might be a feed's by its words.
    open: Option<(String, String)>,
}

struct Scanner(RefCell<Page>);

fn scan(html: &str) -> Page {
    let scanner = Scanner(RefCell::default());
    let tokenizer = Tokenizer::new(scanner, TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(prefix(html, MAX_PAGE_BYTES)));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

impl TokenSink for Scanner {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return page.start(&tag),
            Token::TagToken(tag) if &*tag.name == "a" => page.close_anchor(),
            Token::CharacterTokens(text) => {
                if let Some((_, words)) = page.open.as_mut().filter(|(_, words)| words.len() < 200) {
                    words.push_str(&text);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Page {
    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let attribute = |name: &str| {
            tag.attrs.iter().find(|attr| &*attr.name.local == name).map(|attr| attr.value.trim().to_owned())
        };
        match &*tag.name {
            "script" | "style" | "noembed" | "iframe" | "xmp" => return TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => return TokenSinkResult::RawData(RawKind::Rcdata),
            "base" if self.base.is_none() => self.base = attribute("href"),
            "meta" if attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("generator")) => {
                self.generator = self.generator.take().or_else(|| attribute("content"));
            }
            "link" => {
                let rel = attribute("rel").unwrap_or_default().to_ascii_lowercase();
                let kind = attribute("type").unwrap_or_default().to_ascii_lowercase();
                let alternate = rel.split_ascii_whitespace().any(|word| matches!(word, "alternate" | "feed"));
                if let Some(href) = attribute("href").filter(|_| alternate && is_feed_type(&kind, &rel)) {
                    self.push(Link { href, title: attribute("title"), evidence: Evidence::Link });
                }
            }
            "a" => {
                self.close_anchor();
                self.open = attribute("href").map(|href| (href, attribute("title").unwrap_or_default()));
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }

    fn close_anchor(&mut self) {
        let Some((href, text)) = self.open.take() else { return };
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let spoken = words(&text.to_lowercase()).any(|word| matches!(word, "rss" | "atom" | "xml" | "feed" | "feeds"));
        if is_feed_address(&href) || (spoken && text.len() < 60) {
            self.push(Link { href, title: Some(text), evidence: Evidence::Anchor });
        }
    }

    fn push(&mut self, link: Link) {
        if self.links.len() < MAX_CANDIDATES {
            self.links.push(link);
        }
    }
}

/// The types that feeds are declared with. JSON alone is also that of oEmbed and of APIs, so it takes `rel=feed`.
fn is_feed_type(kind: &str, rel: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or(kind).trim();
    match kind {
        "application/rss+xml"
        | "application/atom+xml"
        | "application/feed+json"
        | "application/rdf+xml"
        | "application/x.atom+xml"
        | "application/x-atom+xml"
        | "application/rss"
        | "application/atom"
        | "text/rss+xml"
        | "text/atom+xml"
        | "text/rss" => true,
        "application/xml" | "text/xml" | "application/json" | "" => {
            rel.split_ascii_whitespace().any(|word| word == "feed")
        }
        _ => false,
    }
}

/// Does an address look like a feed's? By its last words: `/rss`, `/feed/`, `news.rss`, `atom.xml`, `?format=rss`.
fn is_feed_address(href: &str) -> bool {
    let href = href.split('#').next().unwrap_or(href).to_ascii_lowercase();
    let (path, query) = href.split_once('?').unwrap_or((&href, ""));
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    let (stem, extension) = last.rsplit_once('.').unwrap_or((last, ""));
    let named = words(stem).any(|word| matches!(word, "rss" | "rss2" | "feed" | "feeds" | "atom" | "rdf"));
    let by_path = matches!(extension, "rss" | "atom" | "rdf")
        || (named && matches!(extension, "" | "xml" | "json" | "php" | "aspx"));
    by_path
        || query.split('&').any(|pair| {
            matches!(pair, "format=rss" | "format=feed" | "feed=rss" | "feed=rss2" | "feed=atom" | "type=rss")
        })
}

fn is_narrow(text: &str) -> bool {
    words(text).any(|word| {
        matches!(
            word,
            "comments"
                | "comment"
                | "kommentare"
                | "commentaires"
                | "comentarios"
                | "commenti"
                | "replies"
                | "tag"
                | "author"
        )
    })
}

fn known_generator(generator: &str) -> Option<&'static [&'static str]> {
    let name = generator.trim().to_lowercase();
    GENERATORS.iter().find(|(system, _)| name.starts_with(system)).map(|(_, paths)| *paths)
}

fn at_path(base: &Url, path: &str, evidence: Evidence) -> Option<Candidate> {
    Some(Candidate { url: join(base, path)?, title: None, evidence, narrow: false })
}

fn join(base: &Url, href: &str) -> Option<Url> {
    let mut url = base.join(href).ok()?;
    url.set_fragment(None);
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn prefix(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(found: &[Candidate], want: &[(&str, Evidence)]) {
        let found: Vec<_> = found.iter().map(|one| (one.url.as_str(), one.evidence)).collect();
        assert_eq!(found, want);
    }

    fn base(url: &str) -> Url {
        Url::parse(url).unwrap()
    }

    #[test]
    fn links_come_before_anchors_and_comments_last() {
        let html = r#"<!doctype html><head><title>x <link rel=alternate type=application/rss+xml href=/no></title>
            <link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
            <link rel="ALTERNATE" type="application/rss+xml; charset=utf-8" title="All news" href="/feed/?a=1&amp;b=2">
            <link rel="alternate" type="application/json+oembed" href="/oembed">
            <link rel="alternate" type="application/json" href="/wp-json/posts/1">
            <link rel="alternate" hreflang="de" href="/de/">
            <script>document.write('<link rel=alternate type=application/rss+xml href=/script>')</script>
            <!-- <link rel="alternate" type="application/rss+xml" href="/old"> --></head>
            <body><a href="/world/rss.xml"><img alt="">World</a> <a href="/subscribe">RSS</a> <a href="/feedback">Feedback</a>
            <a href="mailto:feed@a.example">feed</a>"#;
        let found = from_page(html, &base("https://a.example/"));
        check(
            &found,
            &[
                ("https://a.example/feed/?a=1&b=2", Evidence::Link),
                ("https://a.example/world/rss.xml", Evidence::Anchor),
                ("https://a.example/subscribe", Evidence::Anchor),
                ("https://a.example/comments/feed/", Evidence::Link),
            ],
        );
        assert_eq!(found[0].title.as_deref(), Some("All news"));
    }

    #[test]
    fn the_base_element_and_the_section_count() {
        let html = r#"<base href="https://cdn.example/x/"><link rel=alternate type=application/atom+xml href=all.atom>
            <link rel=alternate type=application/atom+xml href="https://a.example/sport/atom">"#;
        check(
            &from_page(html, &base("https://a.example/sport/")),
            &[("https://a.example/sport/atom", Evidence::Link), ("https://cdn.example/x/all.atom", Evidence::Link)],
        );
    }

    #[test]
    fn the_generator_tells_where_to_look() {
        let html = r#"<meta name="Generator" content="WordPress 6.8.1">"#;
        check(
            &from_page(html, &base("https://a.example/blog/")),
            &[
                ("https://a.example/blog/feed/", Evidence::Generator),
                ("https://a.example/blog/?feed=rss2", Evidence::Generator),
            ],
        );
    }

    #[test]
    fn robots_names_sitemaps_and_those_for_news_come_first() {
        let robots = "User-agent: *\nDisallow: /\nSITEMAP: /newsletter-sitemap.xml # weekly\nSitemap:https://a.example/sitemap-news.xml\n\
                      sitemap: ftp://a.example/x.xml\nSitemap: https://a.example/sitemap-news.xml";
        check(
            &from_robots(robots, &base("https://a.example/robots.txt")),
            &[
                ("https://a.example/sitemap-news.xml", Evidence::NewsSitemap),
                ("https://a.example/newsletter-sitemap.xml", Evidence::Sitemap),
            ],
        );
    }

    #[test]
    fn habit_looks_below_the_page_first() {
        let found = from_habit(&base("https://a.example/news?x=1#y"));
        assert_eq!(found[0].url.as_str(), "https://a.example/news/feed/");
        assert!(found.iter().any(|one| one.url.as_str() == "https://a.example/rss.xml"));
        assert_eq!(found.last().unwrap().evidence, Evidence::Sitemap);
    }

    proptest! {
        #[test]
        fn any_page_is_read(html in "\\PC{0,300}", tag in "(<(a|link|base|meta|script)( [a-z]+=\"?[a-z/:?#.]*\"?){0,4}>?){0,8}") {
            let base = base("https://a.example/");
            let _ = from_page(&format!("{html}{tag}"), &base);
            let _ = from_robots(&html, &base);
        }
    }
}
