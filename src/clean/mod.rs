//! A page to an [`Article`]: the cleaner.
//!
//! Pure: no I/O, no state. Must not know where pages come from nor what becomes of articles.
//!
//! Bytes are decoded ([`decode`]), parsed within a budget (`parse`), read for what the page says of itself ([`metadata`]) and flattened into
//! elements and blocks of text (`outline`). Then the passes below decide block by block (`body` holds their order); the first that
//! drops a block is the one that [`explain()`] names. Structure comes first, phrases near the end.
//!
//! What a pass is worth: F1 on nine tenths of the labelled pages without it (2026-11; with all: zyte .984, fundus .972, segments .950)
//! and the share of zyte and fundus pages with furniture left (1.2 % each).
//!
//! | pass | drops | zyte | fundus | segments | furniture |
//! | --- | --- | --- | --- | --- | --- |
//! | `prune::echoed` | what stands three times on the page | .984 | .972 | .950 | |
//! | `prune::marked` | what calls itself furniture, as far as the story can do without | .969 | .946 | .930 | 2.3 / 7.0 % |
//! | `prune::commented` | what a heading of comments heads | .984 | .972 | .949 | |
//! | `prune::repeated` | lists of teasers | .975 | .968 | .949 | |
//! | `extract::before` | what precedes the headline | .984 | .972 | .949 | |
//! | `extract::next` | articles under headlines of their own, after the story | .984 | .972 | .950 | |
//! | `extract::outside` | what is not in the story's container, nor of its kind | .976 | .968 | .945 | 3.5 / 2.3 % |
//! | `boilerplate::headline` | the headline again | .984 | .971 | .950 | |
//! | `standfirst` | the standfirst, kept as the subtitle | .985 | .966 | .928 | |
//! | `signature` | the line that signs the story, kept for the authors | .984 | .972 | .950 | |
//! | `boilerplate::credits` | source and agency lines, kept for the attribution | .984 | .971 | .949 | 1.2 / 2.3 % |
//! | `boilerplate::links` | what is links alone | .983 | .972 | .949 | |
//! | `boilerplate::phrases` | phrases of furniture | .984 | .969 | .942 | 7.0 / 17.4 % |
//! | `boilerplate::duplicates` | second copies, what stands among teasers too | .980 | .969 | .951 | |
//! | `boilerplate::captions` | what a picture says of itself | .984 | .971 | .950 | |
//! | `boilerplate::pulled` | pull quotes | .984 | .972 | .950 | |
//! | `boilerplate::head` | bylines and dates before the story | .984 | .972 | .950 | |
//! | `boilerplate::stamps` | times that stand alone | .984 | .972 | .950 | |
//! | `boilerplate::authors` | lines about the authors after it | .984 | .972 | .950 | |
//! | `boilerplate::tail` | what trails it without being prose | .984 | .972 | .950 | 1.2 / 2.3 % |
//! | `table::rows` | nothing: the cells of a row that keeps one are restored, and the rows of figures below | .983 | .972 | .950 | |
//! | `boilerplate::empty_headings` | headings that are left with nothing | .984 | .972 | .950 | |
//!
//! A page of which nothing is left is read once more, trusting fewer marks; where JSON-LD (or, for a page that shows next to nothing, the state of its
//! scripts) has more than twice of it, that is read instead. A feed's content is all story: `extract` and `standfirst` are left out. Passes that change no figure here are held by the fixture
//! pages; `signature` is worth .011 of the authors' F1 on fundus and .012 on segments.

mod biography;
mod body;
mod boilerplate;
mod charset;
pub mod edit;
mod explain;
mod extract;
pub mod language;
mod lexicon;
mod marks;
pub mod metadata;
mod outline;
mod parse;
mod paywall;
mod phrases;
mod prune;
mod reject;
mod signature;
mod standfirst;
mod table;
mod tag;
mod text;
mod verdict;
mod weigh;

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Url;

use crate::address;
use crate::article::{Article, Precision};
use crate::entry::Entry;

pub use body::{Body, Extent, Kind, Passage};
pub use charset::decode;
pub use explain::explain;
pub use paywall::paywall;
pub use reject::Rejection;

use self::metadata::Metadata;

/// A page as fetched, and what else is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Where it was found, after redirects.
    pub url: &'a Url,
    /// Its markup, [decoded](decode).
    pub html: &'a str,
    /// What the feed or archive said of it.
    pub announced: Option<&'a Entry>,
    /// The zone of dates that name none.
    pub timezone: Option<&'a TimeZone>,
    /// When it was fetched; dates well after that are not believed.
    pub fetched_at: Option<Timestamp>,
}

/// Bounds of the cleaner.
#[derive(Debug, Clone)]
pub struct Options {
    /// Characters of text below which there is no article.
    pub min_chars: usize,
    /// Time that parsing one page may take. A real page takes 2 ms (mean of 185, measured 2026-11).
    pub parse_budget: Duration,
    /// Nodes that a page may have. The largest of 650 real pages had some 20,000 tags (measured 2026-11).
    pub max_nodes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { min_chars: 60, parse_budget: Duration::from_millis(500), max_nodes: 250_000 }
    }
}

/// The article on a page.
///
/// # Errors
/// A [`Rejection`] says why there is none.
pub fn clean(page: &Page<'_>, options: &Options) -> Result<Article, Rejection> {
    read(page, options, Extent::Page).map(|(article, _)| article)
}

/// The article on a page, and its story as the passages that it is made of.
///
/// # Errors
/// A [`Rejection`] says why there is none.
pub fn clean_with_body(page: &Page<'_>, options: &Options) -> Result<(Article, Body), Rejection> {
    read(page, options, Extent::Page)
}

/// The article in a full-text feed: `page.html` is the entry's own content, without a head or a page around it. What the entry
/// says of itself is believed over what stands in its content: a heading there is one of the story's.
///
/// # Errors
/// A [`Rejection`] says why there is none.
pub fn clean_fragment(page: &Page<'_>, options: &Options) -> Result<Article, Rejection> {
    let (mut article, _) = read(page, options, Extent::Fragment)?;
    if let Some(entry) = page.announced {
        article.title = entry.title.clone().or(article.title);
        if !entry.authors.is_empty() {
            article.authors.clone_from(&entry.authors);
        }
        if let Some(at) = entry.published_at {
            article.published_at = Some(at);
            article.published_precision = Some(Precision::Time);
        }
    }
    Ok(article)
}

fn read(page: &Page<'_>, options: &Options, extent: Extent) -> Result<(Article, Body), Rejection> {
    let dom = parse::document(page.html, options.parse_budget, options.max_nodes)?;
    let meta = metadata::read(&dom, page);
    let body = Body::of(&dom, page, &meta, extent);
    let body = cross_checked(body, page, &meta, options);
    let text = body.text();
    let chars = text.chars().count();
    if chars < options.min_chars {
        return Err(Rejection::TooShort { chars, min: options.min_chars });
    }
    if let Some(rejection) = reject::judge(&dom, page, &meta, &body, &text) {
        return Err(rejection);
    }
    let article = Article {
        url: page.url.clone(),
        publisher: address::publisher(page.url),
        language: language::detect(&text, meta.language.as_deref()),
        dateline: metadata::dateline(&text),
        attribution: metadata::attribution(&body.credits, &meta)
            .or_else(|| metadata::credited_in_dateline(&text, &meta)),
        canonical_url: meta.canonical_url.unwrap_or_else(|| address::canonical(page.url)),
        title: meta.title,
        subtitle: body.subtitle.clone(),
        authors: metadata::signed(body.signature.as_deref()).unwrap_or(meta.authors),
        published_at: meta.published_at,
        published_precision: meta.published_precision,
        modified_at: meta.modified_at,
        categories: meta.categories,
        image: meta.image,
        text,
    };
    Ok((article, body))
}

/// What the page's JSON-LD or the state of its scripts has as the story, where the page itself shows less than half of it: pages that a script fills in, and
/// stories whose container was not found.
fn cross_checked(body: Body, page: &Page<'_>, meta: &Metadata, options: &Options) -> Body {
    let shown: usize = body.passages.iter().map(|passage| passage.text.chars().count()).sum();
    let long = |told: &str| told.len() >= MIN_TOLD;
    let told = match meta.article_body.as_deref().filter(|told| long(told)) {
        Some(told) => Cow::Borrowed(told),
        None if shown >= MIN_TOLD => return body,
        None => match metadata::body_in_state(page, meta).filter(|told| long(told)) {
            Some(told) => Cow::Owned(told),
            None => return body,
        },
    };
    if shown * 2 >= told.chars().count() {
        return body;
    }
    let html = if told.contains("<p") || told.contains("<br") {
        told.into_owned()
    } else {
        told.lines().flat_map(|line| ["<p>", line]).collect()
    };
    let Ok(dom) = parse::document(&html, options.parse_budget, options.max_nodes) else { return body };
    let found = Body::of(&dom, page, meta, Extent::Fragment);
    let length: usize = found.passages.iter().map(|passage| passage.text.chars().count()).sum();
    if length > 2 * shown { Body { passages: found.passages, ..body } } else { body }
}

/// Bytes of a story in JSON-LD; less is a summary.
const MIN_TOLD: usize = 600;

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: [&str; 3] = [
        "The harbour council voted on Tuesday evening to rebuild the northern pier, which a storm had torn away.",
        "Work is to begin in the spring and will take two years, said the engineer who has drawn up the plans.",
        "Fishermen had asked for it since the autumn, when eleven boats were lost at their moorings in one night.",
    ];

    fn page<'a>(url: &'a Url, html: &'a str, announced: Option<&'a Entry>) -> Page<'a> {
        Page { url, html, announced, timezone: None, fetched_at: None }
    }

    #[test]
    fn a_feeds_content_is_the_story_without_the_feeds_tail() {
        let url = Url::parse("https://harbour.example/pier").unwrap();
        let entry = Entry {
            title: Some("Pier to be rebuilt".to_owned()),
            authors: vec!["Ada Quay".to_owned()],
            published_at: "2026-03-11T07:00:00Z".parse().ok(),
            ..Entry::at(url.clone())
        };
        let [one, two, three] = STORY;
        for (html, expect) in [
            (
                format!(
                    "<p>{one}</p><h2>What it costs</h2><p>{two}</p><p>{three}</p><p>The post <a href='/pier'>Pier to be rebuilt</a> appeared \
                     first on <a href='/'>Harbour Post</a>.</p><img src='https://t.example/p.gif' width=1 height=1>"
                ),
                format!("{one}\n\nWhat it costs\n\n{two}\n\n{three}"),
            ),
            (
                format!(
                    "<h1>Pier to be rebuilt</h1><div>{one}</div><section><p>{two}</p></section><div><a href='/pier'>Read more</a></div>"
                ),
                format!("{one}\n\n{two}"),
            ),
            (format!("{one}<br><br>{two}<br><br><a href='/pier'>Continue reading…</a>"), format!("{one}\n\n{two}")),
        ] {
            let article = clean_fragment(&page(&url, &html, Some(&entry)), &Options::default()).unwrap();
            assert_eq!(article.text, expect, "{html}");
            assert_eq!(article.title.as_deref(), Some("Pier to be rebuilt"));
            assert_eq!(article.authors, ["Ada Quay"]);
            assert_eq!(article.published_at, entry.published_at);
            assert_eq!(article.subtitle, None);
        }
    }

    #[test]
    fn a_page_that_a_script_fills_in_is_read_from_what_it_says_of_itself() {
        let url = Url::parse("https://harbour.example/pier").unwrap();
        let told = [STORY, STORY.map(|text| text.trim_end_matches('.'))].concat().join(" again.\\n\\n");
        let html = format!(
            r#"<title>Pier</title><script type="application/ld+json">{{"@type":"NewsArticle","headline":"Pier","articleBody":"{told}."}}</script>
            <h1>Pier</h1><div id=app>Loading the story, please be patient for a moment or two while we set it.</div>"#
        );
        let article = clean(&page(&url, &html, None), &Options::default()).unwrap();
        assert_eq!(article.text.split("\n\n").count(), 6, "{}", article.text);
        assert!(!article.text.contains("Loading"), "{}", article.text);
    }
}
