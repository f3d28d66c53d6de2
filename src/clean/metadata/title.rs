//! The headline, without the name of the site.
//!
//! What the page shows as its headline is the title. What the page says of itself elsewhere (JSON-LD, `og:title`, `<title>`, the
//! feed) tells which heading that is, parts an overline from it, and stands in where the page shows none.

use std::ops::Range;

use super::Page;
use super::date::is_day_alone;
use super::evidence::{Evidence, Heading};
use super::json_ld::Linked;
use super::marks::Marks;
use super::plain::plain;
use super::site::{Site, key};

/// Longest headline believed, in characters.
const MAX_CHARS: usize = 400;

/// Agreement at which a heading that is no `h1` is the headline.
const AGREES: f64 = 0.75;

/// Score of an `h1` beyond which no other heading is asked.
const ENOUGH: f64 = 1.2;

/// What was chosen, and where the shown headline ends.
#[derive(Debug, Default)]
pub(super) struct Title {
    pub(super) text: Option<String>,
    /// Where the headline stands on the page, in bytes of visible text.
    pub(super) at: Option<Range<usize>>,
    /// The regions around it. What surrounds the headline does not tell the story from what stands beside it.
    pub(super) region: Marks,
}

/// What a page says its headline is.
struct Said {
    /// JSON-LD.
    linked: Option<String>,
    /// Metas and the feed.
    shared: Vec<String>,
    /// `<title>`.
    document: Option<String>,
    /// The parts of `<title>`, where it puts several things in a row.
    parts: Vec<String>,
}

impl Said {
    fn new(evidence: &Evidence<'_>, linked: &Linked, page: &Page<'_>, site: &Site) -> Self {
        let tidy = |text: &str| plain(text).map(|text| site.strip(&text)).filter(|text| is_title(text, site));
        let metas =
            ["og:title", "twitter:title", "twitter:text:title", "title", "dc.title", "parsely-title", "sailthru.title"];
        let announced = page.announced.and_then(|entry| entry.title.as_deref());
        let document = evidence.document_title.as_deref();
        Self {
            linked: linked.headline.as_deref().and_then(tidy),
            shared: evidence.meta(&metas).chain(announced).filter_map(tidy).collect(),
            document: document.and_then(tidy),
            parts: document.into_iter().flat_map(parts).filter_map(tidy).collect(),
        }
    }

    /// All but the parts, the best first.
    fn whole(&self) -> impl Iterator<Item = &String> {
        self.linked.iter().chain(&self.shared).chain(&self.document)
    }

    fn find(&self, text: &str) -> Option<&String> {
        let wanted = key(text);
        self.whole().find(|said| key(said) == wanted)
    }

    /// How many sources say `text`, besides the one it comes from.
    fn support(&self, text: &str) -> usize {
        let wanted = key(text);
        self.shared.iter().chain(&self.document).filter(|said| key(said) == wanted).count()
    }
}

/// Chooses by agreement between what the page shows and what it says of itself.
pub(super) fn choose(evidence: &Evidence<'_>, linked: &Linked, page: &Page<'_>, site: &Site) -> Title {
    let said = Said::new(evidence, linked, page, site);
    let shown = shown(&evidence.headings, &said, site);
    let at = shown.map(|heading| heading.place.at..heading.place.at + heading.text.len());
    let region = shown.map(|heading| heading.place.region).unwrap_or_default();
    let is_news = linked.kinds.iter().any(|kind| kind.ends_with("NewsArticle"));
    let heading = shown.map(|heading| proper(heading, &said, site));
    let text = match (heading, said.linked.as_ref().filter(|_| linked.is_article)) {
        (Some(heading), Some(linked)) if prefers_linked(&heading, linked, is_news, &said) => Some(whole(linked, &said)),
        (Some(heading), _) => Some(heading),
        (None, linked) => linked.or(said.shared.first()).or(said.document.as_ref()).map(|best| whole(best, &said)),
    };
    Title { text, at, region }
}

/// Where heading and JSON-LD differ: a newsroom's `NewsArticle` is right unless only the heading is confirmed elsewhere; other JSON-LD,
/// mostly a plugin's copy of the title for search engines, when it is the heading with its overline and is confirmed.
fn prefers_linked(heading: &str, linked: &str, is_news: bool, said: &Said) -> bool {
    let (heading_key, linked_key) = (key(heading), key(linked));
    let (for_heading, for_linked) = (said.support(heading), said.support(linked));
    if heading_key == linked_key || heading_key.starts_with(&linked_key) {
        false
    } else if is_news {
        for_linked > 0 || for_heading == 0
    } else {
        linked_key.ends_with(&heading_key) && for_linked > for_heading
    }
}

/// The heading that is the headline: an `h1` before others, one that agrees with what is said before one that does not.
fn shown<'a>(headings: &'a [Heading], said: &Said, site: &Site) -> Option<&'a Heading> {
    let whole: Vec<Vec<String>> = said.whole().map(|said| words(said)).collect();
    let parts: Vec<Vec<String>> = said.parts.iter().map(|said| words(said)).collect();
    let confirmed: Vec<Vec<String>> = said.linked.iter().chain(&said.shared).map(|said| words(said)).collect();
    let shared_keys: Vec<String> = said.shared.iter().map(|said| key(said)).collect();
    let document = said.document.as_deref().map(key).unwrap_or_default();
    let best_of =
        |said: &[Vec<String>], words: &[String]| said.iter().map(|said| shared(words, said)).fold(0.0, f64::max);
    let score = |heading: &Heading| {
        let text = site.strip(&heading.text);
        let words = words(&text);
        let agreement = best_of(&whole, &words).max(best_of(&parts, &words) - 0.05);
        // `Rain at last | Other Site`; in `News - Rain at last` the last part is the longer one.
        let others: usize = parts.iter().rev().skip(1).map(Vec::len).sum();
        let is_site_name = words.len() <= others
            && said.parts.last().is_some_and(|last| key(last) == key(&text))
            && best_of(&confirmed, &words) < 0.5;
        // `Notes from Kelm: Rain at last`, as Blogger writes it, where all else says `Rain at last`.
        let is_blog = heading.level == 1
            && document.strip_prefix(&key(&text)).is_some_and(|post| shared_keys.iter().any(|said| said == post));
        if is_site_name || is_blog || (heading.level > 1 && agreement < AGREES) {
            return None;
        }
        let level = match heading.level {
            1 => 0.5,
            _ if heading.named => 0.2,
            _ => 0.0,
        };
        let region = heading.place.region;
        let aside = if region.has(Marks::ASIDE) { -0.3 } else { 0.0 };
        let comment = if region.has(Marks::COMMENT) { -0.4 } else { 0.0 };
        let article = if region.has(Marks::ARTICLE) { 0.1 } else { 0.0 };
        let length = 0.02 * f64::from(u32::try_from(words.len().min(10)).unwrap_or(0));
        Some(agreement + level + aside + comment + article + length)
    };
    let mut best: Option<(f64, &Heading)> = None;
    let (first, others): (Vec<&Heading>, Vec<&Heading>) = headings.iter().partition(|heading| heading.level == 1);
    for heading in first.into_iter().chain(others) {
        if best.is_some_and(|(known, _)| heading.level > 1 && known > ENOUGH) {
            break;
        }
        if is_title(&heading.text, site)
            && let Some(score) = score(heading)
            && best.is_none_or(|(known, _)| score > known)
        {
            best = Some((score, heading));
        }
    }
    best.filter(|(score, _)| *score >= 0.3).map(|(_, heading)| heading)
}

/// The headline in a heading, without an overline, a date or a site's name that stands in the same element.
fn proper(heading: &Heading, said: &Said, site: &Site) -> String {
    let whole_text = site.strip(&heading.text);
    if let Some(same) = said.find(&whole_text) {
        // Parts set apart by layout alone run together; said elsewhere they are parted by punctuation.
        return if heading.parts.len() > 1 { same.clone() } else { whole_text };
    }
    for start in 1..heading.parts.len() {
        let (front, rest) = heading.parts.split_at(start);
        let is_open = front.last().is_some_and(|part| part.ends_with([':', '–', '-', '|', '"', '“']));
        let rest = rest.join(" ");
        if !is_open && said.find(&rest).is_some() {
            return rest;
        }
        let front = front.join(" ");
        if said.find(&front).is_some() {
            return front;
        }
    }
    if let Some(part) = parts(&whole_text).find(|part| said.find(part).is_some()) {
        return part.to_owned();
    }
    // `Weather: Rain at last` where all else says `Rain at last`; what somebody said is part of the headline.
    match whole_text.split_once(": ") {
        Some((front, tail)) if !front.ends_with(['"', '”', '“', '»', '«', '’']) && said.support(tail) >= 3 => {
            tail.to_owned()
        }
        _ => without_day(&whole_text).to_owned(),
    }
}

/// `Rain at last` of `03.05.2024 - Rain at last`.
fn without_day(text: &str) -> &str {
    [" - ", " – ", " | ", ": "]
        .iter()
        .filter_map(|separator| text.split_once(separator))
        .find(|(day, rest)| is_day_alone(day) && rest.chars().filter(|char| char.is_alphabetic()).count() > 10)
        .map_or(text, |(_, rest)| rest)
}

/// `best`, or the longer text that it is the cut beginning of.
fn whole(best: &str, said: &Said) -> String {
    let cut = best.trim_end_matches(['.', '…', ' ']);
    let longer =
        said.whole().find(|other| other.len() > best.len() && other.starts_with(cut) && best.len() > cut.len());
    longer.map_or_else(|| best.to_owned(), Clone::clone)
}

/// The parts of a `<title>` that puts several things in a row.
fn parts(title: &str) -> impl Iterator<Item = &str> {
    let separator = [" | ", " » ", " « ", " :: ", " • ", " · ", " // ", " — ", " – ", " - ", " ǀ "]
        .into_iter()
        .find(|separator| title.contains(separator));
    separator.into_iter().flat_map(|separator| title.split(separator)).map(str::trim).filter(|part| !part.is_empty())
}

/// How much two headlines share: words in common over the words of the longer.
fn shared(a: &[String], b: &[String]) -> f64 {
    let longer = a.len().max(b.len());
    if longer == 0 {
        return 0.0;
    }
    let mut rest: Vec<&String> = b.iter().collect();
    let mut common = 0_u32;
    for word in a {
        if let Some(at) = rest.iter().position(|other| *other == word) {
            rest.swap_remove(at);
            common += 1;
        }
    }
    f64::from(common) / f64::from(u32::try_from(longer).unwrap_or(u32::MAX))
}

/// Words, at most 60; each character of a script without spaces is one.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for char in text.chars() {
        if words.len() > 60 {
            break;
        }
        if !char.is_alphanumeric() {
            open = false;
        } else if matches!(char, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{e00}'..='\u{eff}') {
            words.push(char.to_string());
            open = false;
        } else {
            if !open {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(char.to_lowercase());
            }
            open = true;
        }
    }
    words
}

fn is_title(text: &str, site: &Site) -> bool {
    let letters = text.chars().filter(|char| char.is_alphanumeric()).count();
    letters >= 2 && text.chars().count() <= MAX_CHARS && !site.is_site(text)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn check(html: &str, expect: Option<&str>) {
        let url = Url::parse("https://www.daily-example.org/2024/a-story").unwrap();
        let dom = scraper::Html::parse_document(html);
        let page = Page { url: &url, html, announced: None, timezone: None, fetched_at: None };
        assert_eq!(super::super::read(&dom, &page).title.as_deref(), expect, "{html}");
    }

    #[test]
    fn the_headline_is_the_one_shown() {
        check("<title>Rain at last | Daily Example</title><h1>Rain at last</h1>", Some("Rain at last"));
        check(
            "<title>Rain! - Daily Example</title><h1>Rain at last after the long drought</h1>",
            Some("Rain at last after the long drought"),
        );
        check(
            "<title>Rain at last » A Daily Example</title><h1>A Daily Example</h1><h2>Rain at last</h2>",
            Some("Rain at last"),
        );
        check(
            "<title>Rain at last | Other Site</title><h1>Other Site</h1><article><h1>Rain at last</h1></article>",
            Some("Rain at last"),
        );
        check("<title>News - Rain at last</title><h1>Rain at last</h1>", Some("Rain at last"));
        check(
            "<meta property=og:title content='Rain at last'><h1><span>Weather</span><span>Rain at last</span></h1>",
            Some("Rain at last"),
        );
        check(
            "<title>Rain at last</title><meta property=og:title content='Rain at last'><meta name=twitter:title content='Rain at last'><h1>Weather: Rain at last</h1>",
            Some("Rain at last"),
        );
        check(
            "<meta property=og:title content='Weather: Rain at last'><h1><span>Weather</span><span>Rain at last</span></h1>",
            Some("Weather: Rain at last"),
        );
        check("<meta property=og:title content='Rain at last'><h1>Rain at last | Elsewhere</h1>", Some("Rain at last"));
        check(
            "<title>Notes on rain: Rain on Kelm</title><meta property=og:title content='Rain on Kelm'><h1>Notes on rain</h1><h3 class=post-title>Rain on Kelm</h3>",
            Some("Rain on Kelm"),
        );
        check("<h1>03.05.2024 - Rain at last on Kelm</h1>", Some("Rain at last on Kelm"));
        check(
            "<title>Rain at last</title><meta property=og:title content='Rain at last'><meta name=twitter:title content='Rain at last'><h1>“A wonder”: Rain at last</h1>",
            Some("“A wonder”: Rain at last"),
        );
    }

    #[test]
    fn without_a_heading_the_page_says_its_name() {
        check("<title>Rain at last - Daily Example</title>", Some("Rain at last"));
        check("<title>Daily-Example.org: Rain at last</title>", Some("Rain at last"));
        check(
            "<title>Rain at last | The Daily Example Magazine</title><meta property=og:site_name content='The Daily Example'>",
            Some("Rain at last"),
        );
        check(
            "<meta property=og:title content='Rain at last after a...'><title>Rain at last after a long drought</title>",
            Some("Rain at last after a long drought"),
        );
        check("<title>Daily Example's Home | Rain at last</title>", Some("Rain at last"));
        check("<title>Daily Example</title>", None);
        check("", None);
    }
}
