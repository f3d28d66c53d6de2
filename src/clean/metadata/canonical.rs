//! The address that the publisher gives the article.

use url::Url;

use super::Page;
use super::evidence::Evidence;
use super::json_ld::Linked;
use crate::address;

/// Longest address believed.
const MAX_BYTES: usize = 2_000;

/// The first of `rel=canonical`, `og:url` and the JSON-LD address that can be this article's; else the page's own.
pub(super) fn choose(evidence: &Evidence<'_>, linked: &Linked, page: &Page<'_>) -> Url {
    let given = evidence.link("canonical").chain(evidence.meta(&["og:url"])).chain(linked.url.as_deref());
    given
        .filter(|href| !href.is_empty() && href.len() <= MAX_BYTES)
        .filter_map(|href| page.url.join(href).ok())
        .map(|url| address::canonical(&url))
        .find(|url| is_believable(url, page.url))
        .unwrap_or_else(|| address::canonical(page.url))
}

/// A page says which address it prefers; one that points a story to a home page, a section or another site's front is wrong.
fn is_believable(url: &Url, page: &Url) -> bool {
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return false;
    }
    let ours = address::canonical(page);
    if *url == ours {
        return true;
    }
    let segments = |url: &Url| {
        url.path_segments()
            .map(|parts| parts.filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    let (theirs, own) = (segments(url), segments(&ours));
    if theirs.is_empty() && url.query().is_none() {
        return own.is_empty() && address::publisher(url) == address::publisher(page);
    }
    // A section or an ancestor of the page: its path is the beginning of ours.
    let is_ancestor = theirs.len() < own.len() && own.starts_with(&theirs) && url.query().is_none();
    if is_ancestor && !tells_a_story(theirs.last().map(String::as_str).unwrap_or_default()) {
        return false;
    }
    // Another section: a word or two, where the page's own address names a story.
    let last = theirs.last().map(String::as_str).unwrap_or_default();
    let is_section = theirs.len() <= 2
        && url.query().is_none()
        && !last.contains('.')
        && !url.path().bytes().any(|byte| byte.is_ascii_digit())
        && own.last().is_some_and(|own| own != last && tells_a_story(own));
    if is_section && !tells_a_story(last) {
        return false;
    }
    address::publisher(url) == address::publisher(page)
        || tells_a_story(theirs.last().map(String::as_str).unwrap_or_default())
}

/// Whether the last part of a path names one story: several words or a number.
fn tells_a_story(segment: &str) -> bool {
    let words = segment.split(['-', '_', '+']).filter(|word| !word.is_empty()).count();
    words >= 3 || segment.bytes().filter(u8::is_ascii_digit).count() >= 4 || segment.contains('%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(canonical: &str, expect: &str) {
        let page = Url::parse("https://www.a.example/news/world/a-long-story-told?utm_source=x").unwrap();
        let html = scraper::Html::parse_document(&format!("<link rel=canonical href='{canonical}'>"));
        let evidence = super::super::evidence::gather_evidence(&html);
        let page = Page { url: &page, html: "", announced: None, timezone: None, fetched_at: None };
        assert_eq!(choose(&evidence, &Linked::default(), &page).as_str(), expect, "{canonical}");
    }

    #[test]
    fn the_preferred_address_is_one_of_a_story() {
        let own = "https://www.a.example/news/world/a-long-story-told";
        check("", own);
        check("https://a.example/news/the-long-story-told?fbclid=1", "https://a.example/news/the-long-story-told");
        check("/other/the-story-told", "https://www.a.example/other/the-story-told");
        check("https://www.a.example/", own);
        check("https://www.a.example/news/", own);
        check("https://www.a.example/sports/football", own);
        check("https://www.a.example/sports", own);
        check("https://www.a.example/?p=1234", "https://www.a.example/?p=1234");
        check("https://www.a.example/2026/pier", "https://www.a.example/2026/pier");
        check("https://b.example/", own);
        check("https://b.example/world", own);
        check("https://b.example/world/the-story-as-first-told", "https://b.example/world/the-story-as-first-told");
        check("javascript:void(0)", own);
        check("http://", own);
    }
}
