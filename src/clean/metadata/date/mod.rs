//! When the story appeared and when it last changed.
//!
//! Sources in order of trust: the article's JSON-LD, meta tags, microdata, `time` elements, what a reader sees near the headline, the
//! address, the feed. The first that gives a plausible moment decides the day; the others refine it (a time where it had
//! only a day, an offset where it had none).

mod clock;
mod parse;
mod tokens;
mod words;
mod zones;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use url::Url;

use self::parse::{Order, Stamp, Zone};
use self::zones::{Zones, local_offset};
use super::Page;
use super::cues;
use super::evidence::{Evidence, Moment, Source, distance};
use super::json_ld::Linked;
use super::marks::Marks;
use super::title::Title;
use crate::article::Precision;

const PUBLISHED_METAS: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "og:published_time",
    "datePublished",
    "publishdate",
    "publish-date",
    "publish_date",
    "pubdate",
    "publication_date",
    "date_published",
    "published_at",
    "article.published",
    "sailthru.date",
    "parsely-pub-date",
    "cXenseParse:recs:publishtime",
    "cXenseParse:publishtime",
    "dcterms.created",
    "DC.date.issued",
    "DC.date.created",
    "dcterms.issued",
    "citation_publication_date",
    "citation_online_date",
    "article.created",
    "displaydate",
    "originalpublicationdate",
    "og:pubdate",
    "created",
    "video:release_date",
    "og:video:release_date",
    "rnews:datePublished",
    "sw-pubdate",
    "pub_date",
    "release_date",
];
/// Metas that hold the day of publication on most pages and that of the last change on others.
const VAGUE_METAS: &[&str] = &["dcterms.date", "DC.date", "date"];
const MODIFIED_METAS: &[&str] = &[
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "og:modified_time",
    "article:modified",
    "dateModified",
    "last-modified",
    "lastmod",
    "modified",
    "DC.date.modified",
    "dcterms.modified",
    "article.updated",
    "revised",
];

/// Bytes of text between the headline and a date that belongs to it, by how the date is marked. Measured 2026-11.
const NEAR_ELEMENT: usize = 4_000;
const NEAR_CLASS: usize = 2_500;
const NEAR_WORDS: usize = 800;
const UNDER: usize = 300;

/// The dates of an article.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dates {
    pub(super) published: Option<(Timestamp, Precision)>,
    pub(super) modified: Option<Timestamp>,
}

/// Whether a meta says when the story appeared.
pub(super) fn has_meta(evidence: &Evidence<'_>) -> bool {
    evidence.meta(PUBLISHED_METAS).chain(evidence.meta(VAGUE_METAS)).next().is_some()
}

/// Whether a line is a day, with or without the time, and nothing else: `10 March, 18:00`, `10.03.2026`.
pub(in crate::clean) fn is_day_alone(text: &str) -> bool {
    let tokens = tokens::tokens(text);
    let words: Vec<&str> = tokens.iter().filter_map(tokens::Token::word).collect();
    let numbers = tokens.iter().filter(|token| token.number().is_some()).count();
    let is_month = |word: &str| words::month(word, None).is_some();
    let is_part = |word: &str| {
        is_month(word)
            || words::afternoon(word).is_some()
            || words::zone(word).is_some()
            || matches!(
                word,
                "uhr" | "h" | "at" | "um" | "à" | "às" | "de" | "alle" | "ore" | "kl" | "日" | "時" | "分" | "일"
            )
    };
    let months = words.iter().filter(|word| is_month(word)).count();
    let in_numbers = || words.is_empty() && text.len() <= 20 && parse::parse(text, Order::DayFirst).is_some();
    (1..=6).contains(&numbers)
        && words.iter().all(|word| is_part(word))
        && (months == 1 && numbers >= 2 || in_numbers())
}

/// Weighs all dates of a page.
pub(super) fn choose(evidence: &Evidence<'_>, linked: &Linked, page: &Page<'_>, title: &Title) -> Dates {
    let order = order(evidence, page);
    let read = |text: &str| parse::parse(text, order).filter(|stamp| is_plausible(stamp.date, page.fetched_at));
    let metas = |names| evidence.meta(names).filter_map(read).collect::<Vec<_>>();
    let seen = |source, modified, near| {
        nearest(&evidence.moments, source, modified, near, title)
            .into_iter()
            .filter_map(|moment| read(&moment.raw))
            .collect::<Vec<_>>()
    };
    let linked_published: Vec<Stamp> = linked.published.iter().filter_map(|text| read(text)).collect();

    let mut published: Vec<Stamp> = Vec::new();
    if linked.is_article {
        published.extend(&linked_published);
    }
    published.extend(metas(PUBLISHED_METAS));
    let vague = metas(VAGUE_METAS);
    if !vague.is_empty() {
        // A date that readers are shown right under the headline says more.
        published.extend(seen(Source::Microdata, Kind::Published, UNDER));
        published.extend(seen(Source::Element, Kind::Published, UNDER));
        published.extend(seen(Source::Class, Kind::Published, UNDER));
        published.extend(vague);
    }
    published.extend(seen(Source::Microdata, Kind::Published, NEAR_ELEMENT));
    published.extend(&linked_published);
    published.extend(linked.created.iter().filter_map(|text| read(text)));
    published.extend(seen(Source::Element, Kind::Published, NEAR_ELEMENT));
    published.extend(seen(Source::Class, Kind::Published, NEAR_CLASS));
    published.extend(seen(Source::Words, Kind::Published, NEAR_WORDS));
    published.extend(in_address(page.url).filter(|date| is_plausible(*date, page.fetched_at)).map(|date| Stamp {
        date,
        time: None,
        zone: Zone::Unsaid,
    }));

    // A date at the end of the story, where nothing else tells.
    if published.is_empty() {
        for source in [Source::Microdata, Source::Element, Source::Class] {
            published.extend(seen(source, Kind::Published, usize::MAX).first());
        }
    }
    // Or one in a box under the headline.
    if published.is_empty() {
        let boxed = Title { text: None, at: title.at.clone(), region: Marks::ASIDE.with(title.region) };
        for source in [Source::Element, Source::Class, Source::Words] {
            let moments = nearest(&evidence.moments, source, Kind::Published, NEAR_WORDS, &boxed);
            published.extend(moments.into_iter().find_map(|moment| read(&moment.raw)));
        }
    }

    // Or a line anywhere that says so.
    if published.is_empty() {
        let moments = nearest(&evidence.moments, Source::Words, Kind::Published, usize::MAX, title);
        published.extend(moments.into_iter().filter(|at| cues::says_published(&at.raw)).find_map(|at| read(&at.raw)));
    }

    let mut modified: Vec<Stamp> = linked.modified.iter().filter_map(|text| read(text)).collect();
    modified.extend(metas(MODIFIED_METAS));
    modified.extend(seen(Source::Microdata, Kind::Modified, NEAR_ELEMENT));
    modified.extend(seen(Source::Element, Kind::Modified, NEAR_ELEMENT));
    modified.extend(seen(Source::Class, Kind::Modified, NEAR_CLASS));
    modified.extend(seen(Source::Words, Kind::Modified, NEAR_WORDS));
    // A page with one date, of the last change, appeared then or before: the nearest that can be known.
    if published.is_empty() {
        modified.extend(seen(Source::Words, Kind::Modified, usize::MAX));
        published.extend(modified.first());
    }

    let all: Vec<Stamp> = published.iter().chain(&modified).copied().collect();
    let announced = page
        .announced
        .and_then(|entry| entry.published_at)
        .filter(|at| is_plausible(Offset::UTC.to_datetime(*at).date(), page.fetched_at));
    let local = published.first().and_then(|first| local_offset(*first, announced?));
    let zones = Zones { all: &all, timezone: page.timezone, local };
    let published = published
        .first()
        .map(|first| zones.refine(*first, &published, announced))
        .or(announced.map(|at| (at, Precision::Time)));
    let modified = modified
        .iter()
        .map(|stamp| zones.resolve(*stamp))
        .find(|(_, precision)| *precision == Precision::Time)
        .map(|(at, _)| at)
        .or(page.announced.and_then(|entry| entry.updated_at))
        .filter(|at| published.is_none_or(|(published, _)| *at >= published));
    Dates { published, modified }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Published,
    Modified,
}

/// The moments of one source at most `near` from the headline, nearest first.
fn nearest<'a>(moments: &'a [Moment], source: Source, kind: Kind, near: usize, title: &Title) -> Vec<&'a Moment> {
    let aside = Marks::ASIDE.without(title.region);
    let mut found: Vec<(usize, &Moment)> = moments
        .iter()
        .filter(|moment| {
            moment.source == source && moment.modified == (kind == Kind::Modified) && !moment.place.region.has(aside)
        })
        .map(|moment| (distance(title.at.as_ref(), moment.place.at), moment))
        .filter(|(distance, _)| *distance <= near)
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().map(|(_, moment)| moment).collect()
}

/// A day on which the web existed, and not after the page was fetched.
fn is_plausible(date: Date, fetched_at: Option<Timestamp>) -> bool {
    date.year() >= 1990
        && fetched_at.is_none_or(|at| {
            let latest = Offset::UTC.to_datetime(at).date();
            latest.checked_add(1.day()).is_ok_and(|latest| date <= latest)
        })
}

/// Whether the page writes the month first: American English does.
fn order(evidence: &Evidence<'_>, page: &Page<'_>) -> Order {
    let language = evidence
        .language
        .or(page.announced.and_then(|entry| entry.language.as_deref()))
        .unwrap_or_default()
        .to_ascii_lowercase()
        .replace('_', "-");
    let american = match language.as_str() {
        "en-us" => true,
        "en" | "" => {
            let host = page.url.host_str().unwrap_or_default();
            let country = host.rsplit('.').next().unwrap_or_default();
            country.len() != 2 || country == "us"
        }
        _ => false,
    };
    if american { Order::MonthFirst } else { Order::DayFirst }
}

/// The day in an address: `/2024/05/03/`, `/2024-05-03-`, `/20240503`.
fn in_address(url: &Url) -> Option<Date> {
    let path = url.path();
    let parts: Vec<&str> =
        path.split(|char: char| !char.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>| {
        (digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<i16>().ok())
            .flatten()
    };
    for window in parts.windows(3) {
        let [year, month, day] = window else { continue };
        let Some(year) = number(year, 4..=4).filter(|year| (1990..2100).contains(year)) else { continue };
        let month = number(month, 1..=2)
            .and_then(|month| i8::try_from(month).ok())
            .or_else(|| words::month(&month.to_ascii_lowercase(), None).map(|(_, month, _)| month));
        let day = number(day, 1..=2).and_then(|day| i8::try_from(day).ok());
        if let (Some(month), Some(day)) = (month, day)
            && let Ok(date) = Date::new(year, month, day)
        {
            return Some(date);
        }
    }
    parts.iter().filter(|part| part.len() == 8 && (part.starts_with("20") || part.starts_with("199"))).find_map(
        |part| {
            let value: u32 = part.parse().ok()?;
            Date::new(
                i16::try_from(value / 10_000).ok()?,
                i8::try_from(value / 100 % 100).ok()?,
                i8::try_from(value % 100).ok()?,
            )
            .ok()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_tell_the_day() {
        for (url, expect) in [
            ("https://a.example/2024/05/03/story", Some("2024-05-03")),
            ("https://a.example/news/2024/may/03/story", Some("2024-05-03")),
            ("https://a.example/news/2024-05-03-story", Some("2024-05-03")),
            ("https://a.example/news/20240503-story.html", Some("2024-05-03")),
            ("https://a.example/2024/05/story", None),
            ("https://a.example/news/20249903", None),
            ("https://a.example/id/2024/99/99", None),
        ] {
            assert_eq!(in_address(&Url::parse(url).unwrap()).map(|date| date.to_string()).as_deref(), expect, "{url}");
        }
    }

    #[test]
    fn the_announced_moment_tells_the_zone_of_what_the_page_shows() {
        let url = Url::parse("https://a.example/story").unwrap();
        let read = |shown: &str, announced: &str| {
            let entry =
                crate::entry::Entry { published_at: announced.parse().ok(), ..crate::entry::Entry::at(url.clone()) };
            let html = format!("<h1>Rain at last</h1><p>Posted {shown}</p>");
            let dom = scraper::Html::parse_document(&html);
            let page = Page { url: &url, html: &html, announced: Some(&entry), timezone: None, fetched_at: None };
            super::super::read(&dom, &page).published_at.map(|at| at.to_string())
        };
        for (shown, announced, expect) in [
            ("May 22, 2024, 9:20 PM", "2024-05-23T01:20:00Z", "2024-05-23T01:20:00Z"),
            ("2024年04月02日 11:00", "2024-04-02T02:00:00Z", "2024-04-02T02:00:00Z"),
            ("May 22, 2024, 9:20 PM", "2024-05-22T15:50:31Z", "2024-05-22T15:50:00Z"),
            ("May 22, 2024, 9:20 PM", "2024-05-23T01:33:00Z", "2024-05-22T21:20:00Z"),
            ("May 22, 2024, 9:20 PM GMT", "2024-05-23T01:20:00Z", "2024-05-22T21:20:00Z"),
            ("May 22, 2024", "2024-05-23T01:20:00Z", "2024-05-23T01:20:00Z"),
            ("May 22, 2024", "2024-05-25T01:20:00Z", "2024-05-22T00:00:00Z"),
        ] {
            assert_eq!(read(shown, announced).as_deref(), Some(expect), "{shown}, {announced}");
        }
    }

    #[test]
    fn lines_are_days() {
        for (text, expect) in [
            ("10 March 2026", true),
            ("10 марта, 18:00", true),
            ("10.03.2026", true),
            ("2026/03/10 18:00", true),
            ("11 مارس، 2026", true),
            ("13:00 – 13:15 Uhr", false),
            ("4:14 p.m.", false),
            ("2:1", false),
            ("May 1945 in Belhaven", false),
            ("March 10 will be a Tuesday", false),
            ("1,200", false),
        ] {
            assert_eq!(super::is_day_alone(text), expect, "{text}");
        }
    }

    #[test]
    fn lines_tell_which_date_they_hold() {
        let url = Url::parse("https://a.example/story").unwrap();
        let filler = "Rain fell on the hills for the third day in a row. ".repeat(60);
        let read = |html: &str| {
            let html = html.replace("{filler}", &format!("<p>{filler}</p>"));
            let dom = scraper::Html::parse_document(&html);
            let page = Page { url: &url, html: &html, announced: None, timezone: None, fetched_at: None };
            let meta = super::super::read(&dom, &page);
            (meta.published_at.map(|at| at.to_string()), meta.published_precision)
        };
        for (html, expect) in [
            (
                "<h1>Rain at last</h1><table><tr><td>26 | 01 | 2022 </td></tr></table>{filler}",
                Some("2022-01-26T00:00:00Z"),
            ),
            ("<h1>Rain at last</h1>{filler}<p>Veröffentlicht am 16.08.2019</p>", Some("2019-08-16T00:00:00Z")),
            ("<h1>Rain at last</h1>{filler}<p>Aktualisiert: 30.12.2016</p>", Some("2016-12-30T00:00:00Z")),
            ("<h1>Rain at last</h1><p>Updated 5 May 2022</p><p>3 May 2022</p>{filler}", Some("2022-05-03T00:00:00Z")),
            (
                "<meta name=date content='2022-05-09T10:00:00Z'><h1>Rain at last</h1><time>3 May 2022</time>{filler}",
                Some("2022-05-03T00:00:00Z"),
            ),
            (
                "<meta name=date content=2022-05-09><h1>Rain at last</h1>{filler}<time>3 May 2022</time>",
                Some("2022-05-09T00:00:00Z"),
            ),
            ("<h1>Rain at last</h1>{filler}<p>The flood of 16.08.2019</p>", None),
        ] {
            let (at, precision) = read(html);
            assert_eq!(at.as_deref(), expect, "{html}");
            assert_eq!(precision, expect.map(|_| Precision::Day), "{html}");
        }
    }
}
