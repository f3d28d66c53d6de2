//! Pages that list the articles of a day, a month or a year, by a pattern of their addresses: `https://a.example/archive/{yyyy}/{mm}/{dd}`.
//!
//! Opt-in: a listing says nothing about which of its links are articles of that day, so this is a judgement.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;
use url::Url;

use super::date::{MONTHS, Span, earlier, later, of_address};
use super::{Range, html};
use crate::address;

/// Listings are read up to here.
const MAX_PAGE_BYTES: usize = 8 << 20;
/// Links of one listing. A daily of the largest kind publishes some 500 stories a day.
const MAX_LINKS: usize = 5_000;

/// An address with places for the date: `{yyyy} {yy} {mm} {m} {dd} {d} {month} {mon}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    step: Step,
}

/// How much time one listing covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Day,
    Month,
    Year,
}

/// A listing to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Where it is.
    pub url: Url,
    /// The time whose articles it lists.
    pub span: Span,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// There is no such place.
    #[error("unknown `{{{0}}}`; known are {{yyyy}}, {{yy}}, {{mm}}, {{m}}, {{month}}, {{mon}}, {{dd}}, {{d}}")]
    Unknown(String),
    /// The year is missing, or the day stands without a month.
    #[error("`{0}` names no date; write {{yyyy}}, then {{mm}}, then {{dd}}")]
    NoDate(String),
    /// No address comes of it.
    #[error("`{0}` is no address; begin with https://")]
    NoAddress(String),
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let (mut has_year, mut has_month, mut has_day) = (false, false, false);
        let mut rest = text;
        while let Some((name, after)) = rest.split_once('{').and_then(|(_, from)| from.split_once('}')) {
            match name {
                "yyyy" | "yy" => has_year = true,
                "mm" | "m" | "month" | "mon" => has_month = true,
                "dd" | "d" => has_day = true,
                _ => return Err(PatternError::Unknown(name.to_owned())),
            }
            rest = after;
        }
        let step = match (has_year, has_month, has_day) {
            (true, true, true) => Step::Day,
            (true, true, false) => Step::Month,
            (true, false, false) => Step::Year,
            _ => return Err(PatternError::NoDate(text.to_owned())),
        };
        let pattern = Self { text: text.to_owned(), step };
        let example = Url::parse(&pattern.fill(Date::constant(2024, 1, 1))).ok();
        match example.filter(|url| matches!(url.scheme(), "http" | "https")) {
            Some(_) => Ok(pattern),
            None => Err(PatternError::NoAddress(text.to_owned())),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl Pattern {
    /// The listings of a range and of a day around it (publishers count days in their own zone), newest first.
    pub fn listings(&self, range: &Range) -> impl Iterator<Item = Listing> + use<> {
        let day = jiff::SignedDuration::from_hours(24);
        let wider = Range::new(range.since().map(|since| earlier(since, day)), later(range.end(), day));
        let pattern = self.clone();
        let mut last = None;
        wider.days().filter_map(move |day| {
            let first = pattern.first_of(day);
            if last == Some(first) {
                return None;
            }
            last = Some(first);
            Some(Listing { url: Url::parse(&pattern.fill(first)).ok()?, span: pattern.span(first)? })
        })
    }

    fn first_of(&self, day: Date) -> Date {
        match self.step {
            Step::Day => day,
            Step::Month => day.first_of_month(),
            Step::Year => day.first_of_year(),
        }
    }

    fn span(&self, first: Date) -> Option<Span> {
        let end = match self.step {
            Step::Day => first.checked_add(1.day()),
            Step::Month => first.checked_add(1.month()),
            Step::Year => first.checked_add(1.year()),
        };
        Some(Span::days(first, end.ok()?))
    }

    fn fill(&self, day: Date) -> String {
        let month =
            usize::try_from(day.month() - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default();
        let short = month.get(..3).unwrap_or(month);
        self.text
            .replace("{yyyy}", &format!("{:04}", day.year()))
            .replace("{yy}", &format!("{:02}", day.year() % 100))
            .replace("{mm}", &format!("{:02}", day.month()))
            .replace("{month}", month)
            .replace("{mon}", short)
            .replace("{m}", &day.month().to_string())
            .replace("{dd}", &format!("{:02}", day.day()))
            .replace("{d}", &day.day().to_string())
    }
}

/// The links of a listing that look like articles of its time, in order, each once. `url` is where the listing was found.
///
/// A link stays when it leads to the same publisher, is not a listing itself, and either carries a date of that time or, carrying
/// none, has the looks of an article: several words parted by signs, or a long number.
#[must_use]
pub fn links(page: &str, url: &Url, span: Span) -> Vec<Url> {
    let page = page.get(..MAX_PAGE_BYTES).unwrap_or(page);
    let base = html::tags(page, "base").find_map(|tag| url.join(&html::decode(tag.attribute("href")?)).ok());
    let base = base.as_ref().unwrap_or(url);
    let publisher = address::publisher(url);
    let mut seen = HashSet::from([address::key(url)]);
    let mut found = Vec::new();
    for tag in html::tags(page, "a") {
        let Some(target) = tag.attribute("href").and_then(|href| base.join(html::decode(href).trim()).ok()) else {
            continue;
        };
        let target = address::canonical(&target);
        let fits = matches!(target.scheme(), "http" | "https")
            && address::publisher(&target) == publisher
            && match of_address(&target) {
                Some(date) => date.from < span.to && span.from < date.to && is_more_than_a_date(&target),
                None => has_article_looks(&target),
            };
        if fits && seen.insert(address::key(&target)) {
            found.push(target);
            if found.len() >= MAX_LINKS {
                break;
            }
        }
    }
    found
}

/// Whether a dated address names something within its day, and is not the listing of another day.
fn is_more_than_a_date(url: &Url) -> bool {
    let last = url.path_segments().and_then(|parts| parts.rev().find(|part| !part.is_empty())).unwrap_or_default();
    last.chars().filter(|c| c.is_alphabetic()).count() >= 4 || has_article_looks(url)
}

/// Several words or a long number in the last part of the path, or in the query.
fn has_article_looks(url: &Url) -> bool {
    let last = url.path_segments().and_then(|parts| parts.rev().find(|part| !part.is_empty())).unwrap_or_default();
    let looks = |text: &str| {
        let words = text.split(['-', '_', '+']).filter(|word| word.chars().any(char::is_alphabetic)).count();
        let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
        let encoded = text.matches('%').count();
        words >= 4 || digits >= 5 || encoded >= 12
    };
    looks(last) || url.query().is_some_and(looks)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn listings(pattern: &str, since: &str, until: &str) -> Vec<String> {
        let range = Range::parse(Some(since), Some(until), Timestamp::UNIX_EPOCH).unwrap();
        pattern.parse::<Pattern>().unwrap().listings(&range).map(|listing| listing.url.to_string()).collect()
    }

    #[test]
    fn patterns_are_filled_newest_first() {
        assert_eq!(
            listings("https://a.example/{yyyy}/{mm}/{dd}/", "2024-02-29", "2024-03-01"),
            [
                "https://a.example/2024/03/02/",
                "https://a.example/2024/03/01/",
                "https://a.example/2024/02/29/",
                "https://a.example/2024/02/28/"
            ]
        );
        assert_eq!(
            listings("https://a.example/?m={month}&s={mon}&y={yy}", "2024-02-10", "2024-03-10"),
            ["https://a.example/?m=march&s=mar&y=24", "https://a.example/?m=february&s=feb&y=24"]
        );
        assert_eq!(listings("https://a.example/{yyyy}", "2024-02-10", "2024-03-10"), ["https://a.example/2024"]);
        assert_eq!(
            listings("https://a.example/{d}.{m}.{yyyy}", "2024-02-10", "2024-02-10")[1],
            "https://a.example/10.2.2024"
        );
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        for (text, want) in [
            ("https://a.example/", "`https://a.example/` names no date; write {yyyy}, then {mm}, then {dd}"),
            (
                "https://a.example/{yyyy}/{dd}",
                "`https://a.example/{yyyy}/{dd}` names no date; write {yyyy}, then {mm}, then {dd}",
            ),
            (
                "https://a.example/{year}",
                "unknown `{year}`; known are {yyyy}, {yy}, {mm}, {m}, {month}, {mon}, {dd}, {d}",
            ),
            ("a.example/{yyyy}", "`a.example/{yyyy}` is no address; begin with https://"),
        ] {
            assert_eq!(text.parse::<Pattern>().unwrap_err().to_string(), want);
        }
    }

    #[test]
    fn links_of_the_day_are_found() {
        let page = r#"<base href="/news/"><a href="/">Home</a> <a href="/2024/03/05/harbour-reopens">x</a>
            <a href="2024/03/05/storm?utm_source=list&amp;id=4711">y</a> <a href='/2024/03/05/harbour-reopens#top'>x</a>
            <a href=crane-moves-again-in-harbour>z</a> <a class="x" href="https://www.a.example/politics/article-90210345.html">w</a>
            <a href="/2023/03/05/harbour-reopens-again-today">old</a> <a href="https://b.example/a-story-of-five-words">other</a>
            <a href="/tags/harbour">tag</a> <a name=x>none</a> <a href="mailto:x@a.example">mail</a>
            <script>var x = '<a href="/a-story-that-is-not">';</script>"#;
        let url = Url::parse("https://a.example/2024/03/05/").unwrap();
        let span = Span::day(Date::constant(2024, 3, 5));
        let found: Vec<String> = links(page, &url, span).iter().map(Url::to_string).collect();
        assert_eq!(
            found,
            [
                "https://a.example/2024/03/05/harbour-reopens",
                "https://a.example/news/2024/03/05/storm?id=4711",
                "https://a.example/news/crane-moves-again-in-harbour",
                "https://www.a.example/politics/article-90210345.html"
            ]
        );
    }

    proptest! {
        #[test]
        fn any_page_is_read(page in "\\PC{0,200}", tags in "(<(a|base|script|!--)( href=['\"]?[a-z/:&;-]*['\"]?)?>?){0,8}") {
            let url = Url::parse("https://a.example/2024/03/05/").unwrap();
            let _ = links(&format!("{tags}{page}{tags}"), &url, Span::day(Date::constant(2024, 3, 5)));
            let _ = format!("https://a.example/{{yyyy}}{page}").parse::<Pattern>();
        }
    }
}
