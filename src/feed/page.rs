//! What to say about a document that is no feed, and the feeds that a web page links to.

use url::Url;

use super::entity::decode;
use super::text::fold;
use super::xml::{Token, Tokens};
use super::{FeedLink, NotAFeed};

/// Feed links kept; a page with more than this is a directory.
const MAX_LINKS: usize = 50;
/// How much of an unknown document is shown.
const SHOWN_CHARS: usize = 40;

/// Whether a document begins as a web page does.
pub(super) fn is_page(text: &str) -> bool {
    ["<!doctype html", "<html"]
        .iter()
        .any(|start| text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

/// The reason why `text` is no feed.
pub(super) fn not_a_feed(text: &str, base: &Url) -> NotAFeed {
    let mut declared = Vec::new();
    let mut mentioned = Vec::new();
    let mut is_page = false;
    let mut base = base.clone();
    for token in Tokens::new(text) {
        let tag = match token {
            Token::Start(tag) => tag,
            Token::Doctype(doctype) => {
                is_page |= doctype.to_ascii_lowercase().contains("html");
                continue;
            }
            _ => continue,
        };
        let address = |base: &Url| {
            base.join(decode(tag.attribute("href")?).trim()).ok().filter(|url| url.scheme().starts_with("http"))
        };
        match tag.name.to_ascii_lowercase().as_str() {
            "html" | "head" | "body" => is_page = true,
            "base" => base = address(&base).unwrap_or(base),
            "link" if is_feed_link(tag.attribute("rel"), tag.attribute("type")) => {
                let title = tag.attribute("title").map(|title| fold(&decode(title))).filter(|title| !title.is_empty());
                declared.extend(address(&base).map(|url| FeedLink { url, title }));
            }
            "a" => mentioned.extend(address(&base).filter(looks_like_feed).map(|url| FeedLink { url, title: None })),
            _ => {}
        }
        if declared.len() + mentioned.len() >= MAX_LINKS {
            break;
        }
    }
    if !is_page && declared.is_empty() {
        return NotAFeed::Unknown { start: fold(text).chars().take(SHOWN_CHARS).collect() };
    }
    let mut feeds: Vec<FeedLink> = Vec::new();
    for link in declared.into_iter().chain(mentioned) {
        if !feeds.iter().any(|known| known.url == link.url) {
            feeds.push(link);
        }
    }
    NotAFeed::Page { feeds }
}

/// What a person should do about a page where a feed was expected.
pub(super) fn advice(feeds: &[FeedLink]) -> String {
    match feeds {
        [] => "it links to no feed: look for one with `dateline discover`".to_owned(),
        [only] => format!("use its feed `{}`", only.url),
        [first, others @ ..] => format!("use one of its feeds: `{}` or {} more", first.url, others.len()),
    }
}

fn is_feed_link(rel: Option<&str>, kind: Option<&str>) -> bool {
    let has =
        |word: &str| rel.is_some_and(|rel| rel.split_ascii_whitespace().any(|found| found.eq_ignore_ascii_case(word)));
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_feed = matches!(
        kind,
        "application/rss+xml"
            | "application/atom+xml"
            | "application/rdf+xml"
            | "application/feed+json"
            | "text/xml"
            | "application/xml"
    );
    (has("alternate") && is_feed) || has("feed")
}

/// Whether a link in the text of a page leads to a feed by its looks: `/rss`, `/feed/`, `/news.xml`, `feeds.` as host.
fn looks_like_feed(url: &Url) -> bool {
    let path = url.path().trim_end_matches('/').to_ascii_lowercase();
    let last = path.rsplit('/').next().unwrap_or_default();
    matches!(
        last,
        "rss"
            | "feed"
            | "feeds"
            | "atom"
            | "rss.xml"
            | "atom.xml"
            | "feed.xml"
            | "index.xml"
            | "feed.json"
            | "rss2"
            | "rdf"
    ) || [".rss", ".atom", ".rdf"].iter().any(|end| last.ends_with(end))
        || (path.contains("/rss") || path.contains("/feed"))
            && last.split_once('.').is_some_and(|(_, end)| end == "xml")
        || url.host_str().is_some_and(|host| host.starts_with("feeds.") || host.starts_with("rss."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(page: &str) -> Vec<String> {
        match not_a_feed(page, &Url::parse("https://a.example/news/").unwrap()) {
            NotAFeed::Page { feeds } => feeds.into_iter().map(|link| link.url.to_string()).collect(),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_page_gives_its_feeds() {
        let page = "<!DOCTYPE html><html><head><link rel='stylesheet' href='x.css'>\
             <link rel=\"alternate\" type=\"application/rss+xml\" title=\"All &amp; more\" href=\"/rss?a=1&amp;b=2\"></head>\
             <a href='feed/'>RSS</a> <a href='/rss?a=1&b=2'>again</a> <a href='/about'>about</a>";
        assert_eq!(links(page), ["https://a.example/rss?a=1&b=2", "https://a.example/news/feed/"]);
        assert_eq!(links("<html><base href='https://b.example/'><a href='x.rss'>"), ["https://b.example/x.rss"]);
    }

    #[test]
    fn the_reason_reads_well() {
        let base = Url::parse("https://a.example/").unwrap();
        let text = |page: &str| not_a_feed(page, &base).to_string();
        assert_eq!(
            text("<html><body>hello"),
            "a web page, not a feed; it links to no feed: look for one with `dateline discover`"
        );
        assert_eq!(text("<html><a href='/rss'>"), "a web page, not a feed; use its feed `https://a.example/rss`");
        assert_eq!(
            text("once upon\n a time"),
            "no RSS, Atom, RDF, JSON Feed or sitemap; the document begins `once upon a time`"
        );
    }
}
