//! The headline, without the name of the site.

use super::Page;
use super::evidence::{Evidence, Heading};
use super::json_ld::Linked;
use super::marks::Marks;
use super::plain::plain;
use super::site::Site;

/// Longest headline believed, in characters.
const MAX_CHARS: usize = 400;

/// What was chosen, and where the shown headline ends.
#[derive(Debug, Default)]
pub(super) struct Title {
    pub(super) text: Option<String>,
    /// Bytes of visible text up to the headline on the page.
    pub(super) at: Option<usize>,
}

/// Chooses by agreement between what the page shows and what it says of itself.
pub(super) fn choose(evidence: &Evidence<'_>, linked: &Linked, page: &Page<'_>, site: &Site) -> Title {
    let tidy = |text: &str| plain(text).map(|text| site.strip(&text)).filter(|text| is_title(text, site));
    let document = evidence.document_title.as_deref().and_then(tidy);
    let shared: Vec<String> = evidence
        .meta(&[
            "og:title",
            "twitter:title",
            "twitter:text:title",
            "title",
            "dc.title",
            "parsely-title",
            "sailthru.title",
        ])
        .filter_map(tidy)
        .collect();
    let headline = linked.headline.as_deref().filter(|_| linked.is_article).and_then(tidy);
    let announced = page.announced.and_then(|entry| entry.title.as_deref()).and_then(tidy);
    let said: Vec<&String> = headline.iter().chain(&shared).chain(&document).chain(&announced).collect();
    let shown = shown(&evidence.headings, &said, site);
    let at = shown.map(|heading| heading.place.at + heading.text.len());
    let shown_text = shown.and_then(|heading| tidy(&heading.text));
    let text = headline.or(shown_text).or_else(|| shared.into_iter().next()).or(document).or(announced);
    Title { text, at }
}

/// The heading on the page that agrees best with what is said elsewhere.
fn shown<'a>(headings: &'a [Heading], said: &[&String], site: &Site) -> Option<&'a Heading> {
    let score = |heading: &Heading| {
        let agreement = said.iter().map(|text| agreement(&site.strip(&heading.text), text)).fold(0.0, f64::max);
        let level = match heading.level {
            1 => 0.5,
            _ if heading.named => 0.2,
            _ => 0.0,
        };
        let region =
            if heading.place.region.has(Marks::ASIDE.with(Marks::COMMENT).with(Marks::CAPTION)) { -0.6 } else { 0.0 };
        agreement + level + region
    };
    let mut best: Option<(f64, &Heading)> = None;
    for heading in headings.iter().filter(|heading| is_title(&heading.text, site)) {
        let score = score(heading);
        if best.is_none_or(|(known, _)| score > known) {
            best = Some((score, heading));
        }
    }
    best.filter(|(score, _)| *score >= 0.5).map(|(_, heading)| heading)
}

/// How much two headlines share: words in common over the words of the longer.
pub(super) fn agreement(a: &str, b: &str) -> f64 {
    let (a, b) = (words(a), words(b));
    let longer = a.len().max(b.len());
    if longer == 0 {
        return 0.0;
    }
    let mut rest = b;
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
