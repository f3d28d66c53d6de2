//! Dates as archives write them, with what they leave open: a month is thirty days, a day without a zone is fifty hours.
//!
//! Invariant: the moment that was meant lies within the [`Span`]; what is no date is `None`.

use jiff::civil::{Date, ISOWeekDate, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use url::Url;

/// No date is longer; `Thu, 25 Sep 2025 11:14:55 +0200` is 31 bytes.
const MAX_BYTES: usize = 64;

/// Years that are dates of publication; what is outside is a number, a default or dirt.
const YEARS: std::ops::RangeInclusive<i16> = 1800..=2199;

/// No file was changed before there was a web; `1970-01-01` is a default, and says nothing.
const FIRST_YEAR: i16 = 1990;

/// The zones of the earth: from 12 hours behind UTC to 14 ahead.
const BEHIND: SignedDuration = SignedDuration::from_hours(12);
const AHEAD: SignedDuration = SignedDuration::from_hours(14);

/// When something happened, as exactly as is known: not before `from` and before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first moment that may be meant.
    pub from: Timestamp,
    /// The first moment after it that cannot be meant.
    pub to: Timestamp,
}

impl Span {
    /// A moment known to the second.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self { from: moment, to: later(moment, SignedDuration::from_secs(1)) }
    }

    /// The days from `first` until before `end`, in whatever zone.
    #[must_use]
    pub(super) fn days(first: Date, end: Date) -> Self {
        Self { from: earlier(midnight(first), AHEAD), to: later(midnight(end), BEHIND) }
    }

    /// A day, in whatever zone.
    #[must_use]
    pub fn day(day: Date) -> Self {
        Self::days(day, day.tomorrow().unwrap_or(day))
    }

    /// A month, in whatever zone. `None`: there is no such month.
    #[must_use]
    pub(super) fn month(year: i16, month: i8) -> Option<Self> {
        let first = Date::new(year, month, 1).ok()?;
        Some(Self::days(first, first.checked_add(1.month()).ok()?))
    }

    /// A year, in whatever zone.
    #[must_use]
    pub(super) fn year(year: i16) -> Option<Self> {
        Some(Self::days(Date::new(year, 1, 1).ok()?, Date::new(year.checked_add(1)?, 1, 1).ok()?))
    }

    /// The same with `slack` more at both ends.
    #[must_use]
    pub fn widened(self, slack: SignedDuration) -> Self {
        Self { from: earlier(self.from, slack), to: later(self.to, slack) }
    }

    /// The moment, if one is meant and not a day or more.
    #[must_use]
    pub fn moment(self) -> Option<Timestamp> {
        (self.to.duration_since(self.from) <= SignedDuration::from_secs(60)).then_some(self.from)
    }
}

/// A date of a sitemap: W3C date and time (<https://www.w3.org/TR/NOTE-datetime>), as strictly as people write it; also as in mail.
#[must_use]
pub(super) fn parse(text: &str) -> Option<Span> {
    let text = text.trim();
    if text.len() > MAX_BYTES {
        return None;
    }
    w3c(text).or_else(|| mail(text)).filter(|span| year_of(span.to) > FIRST_YEAR)
}

/// The time that an address tells of: `/2024/03/05/`, `sitemap-2024-03.xml`, `2024_w12`, `20240305`, `?yyyy=2024&mm=03&dd=05`.
/// In the publisher's own zone, whichever that is.
#[must_use]
pub fn of_address(url: &Url) -> Option<Span> {
    named(url).map(|named| named.span)
}

/// The day, week or month that the folders of an address name: `/2024/03/05/title`. What stands in its last part may be anything: the year that a
/// story tells of (`/the-war-of-1812`, `/world-cup-2026`), or its number.
pub(super) fn of_folders(url: &Url) -> Option<Span> {
    let (folders, _) = url.path().trim_end_matches('/').rsplit_once('/')?;
    last_of(folders).filter(|named| named.unit != Unit::Year).map(|named| named.span)
}

/// How much of a date an address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    Day,
    Week,
    Month,
    Year,
}

/// A date in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) span: Span,
    pub(super) unit: Unit,
    /// The first day that is named.
    pub(super) first: Date,
}

/// The finest date in an address: of its query's named fields, else the one that stands furthest back in the path, else in the query.
pub(super) fn named(url: &Url) -> Option<Named> {
    let fields = || by_fields(url.query()?);
    let in_path = || last_of(url.path());
    let in_query = || last_of(url.query()?);
    fields().or_else(in_path).or_else(in_query)
}

/// `yyyy=2024&mm=03&dd=05`
fn by_fields(query: &str) -> Option<Named> {
    let field = |names: &[&str]| {
        let of = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            names.iter().any(|one| name.eq_ignore_ascii_case(one)).then(|| value.parse::<i64>().ok())?
        };
        query.split('&').take(64).find_map(of)
    };
    let year = field(&["yyyy", "year", "y"])?;
    let month = field(&["mm", "month", "m", "mo"]);
    let day = field(&["dd", "day", "d"]);
    match (month, day) {
        (Some(month), Some(day)) => day_named(year, month, day),
        (Some(month), None) => month_named(year, month),
        (None, _) => match field(&["week", "w", "ww"]) {
            Some(week) => week_named(year, week),
            None => year_named(year),
        },
    }
}

/// Of all dates that stand in a text the finest, among equals the last.
fn last_of(text: &str) -> Option<Named> {
    let numbers = numbers(text);
    let mut best: Option<Named> = None;
    for at in 0..numbers.len() {
        let found = numbers.get(at..).and_then(date_at);
        if let Some(found) = found.filter(|found| best.is_none_or(|best| found.unit <= best.unit)) {
            best = Some(found);
        }
    }
    best
}

/// A run of digits and what stands before and after it.
#[derive(Debug, Clone, Copy)]
struct Number<'a> {
    value: i64,
    digits: usize,
    /// Between the number before and this one.
    before: &'a str,
    /// Whether a letter touches it at its end.
    worded: bool,
}

/// Runs of at most 14 digits; an address has few.
fn numbers(text: &str) -> Vec<Number<'_>> {
    const MAX_NUMBERS: usize = 64;
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at_checked(start).unwrap_or((rest, ""));
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at_checked(end).unwrap_or((from, ""));
        rest = after;
        let worded = after.starts_with(|c: char| c.is_alphabetic() && c != 'T' && c != 't');
        found.push(Number { value: digits.parse().unwrap_or(-1), digits: digits.len(), before, worded });
        if found.len() >= MAX_NUMBERS {
            break;
        }
    }
    found
}

/// The date that begins with the first of `numbers`.
fn date_at(numbers: &[Number<'_>]) -> Option<Named> {
    let is_separator = |number: &Number<'_>| matches!(number.before, "-" | "/" | "_" | ".");
    let (first, rest) = numbers.split_first()?;
    let touches = first.before.ends_with(|c: char| c.is_alphanumeric() && !c.is_ascii_digit());
    match first.digits {
        // 20240305, 20240305101500
        8 if !first.worded => day_named(first.value / 10_000, first.value / 100 % 100, first.value % 100),
        14 if !first.worded => {
            let date = first.value / 1_000_000;
            day_named(date / 10_000, date / 100 % 100, date % 100)
        }
        // 202403: a number of an article may look the same, so it must be preceded by a sign and not be part of a longer one.
        6 if !touches && !first.worded => month_named(first.value / 100, first.value % 100),
        4 if !first.worded && !touches => {
            let year = first.value;
            let week = |number: &&Number<'_>| {
                let mark = number.before.trim_start_matches(['-', '_', '/', '.']).to_ascii_lowercase();
                matches!(mark.as_str(), "w" | "week" | "week-" | "week_" | "week/" | "w/" | "kw")
            };
            match rest {
                [week_number, ..] if week(&week_number) && week_number.digits <= 2 => {
                    week_named(year, week_number.value)
                }
                [month, day, ..]
                    if is_separator(month)
                        && is_separator(day)
                        && month.digits <= 2
                        && day.digits <= 2
                        && month.before == day.before
                        && !day.worded
                        // `2024-03-1`: the first part of a month's sitemap, or its first day; the month is true either way.
                        && (day.digits == 2 || month.before == "/") =>
                {
                    day_named(year, month.value, day.value).or_else(|| month_named(year, month.value))
                }
                [month, ..] if is_separator(month) && month.digits <= 2 && !month.worded => {
                    month_named(year, month.value).or_else(|| year_named(year))
                }
                _ => by_month_name(year, rest).or_else(|| year_named(year)),
            }
        }
        _ => None,
    }
}

/// `2024/mar/05`, `2024-march`: the number after the year carries the month's name before it.
fn by_month_name(year: i64, rest: &[Number<'_>]) -> Option<Named> {
    let [day, ..] = rest else { return None };
    let word = day.before.trim_matches(|c: char| !c.is_alphabetic());
    let month = month_by_name(word)?;
    if day.digits <= 2 && day.before.ends_with('/') && !day.worded {
        return day_named(year, month, day.value);
    }
    None
}

/// The months as addresses and listings spell them.
pub(super) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

pub(super) fn month_by_name(word: &str) -> Option<i64> {
    let word = word.to_ascii_lowercase();
    let place = MONTHS.iter().position(|month| *month == word || (word.len() == 3 && month.starts_with(&word)))?;
    i64::try_from(place + 1).ok()
}

fn day_named(year: i64, month: i64, day: i64) -> Option<Named> {
    let first = civil(year, month, day)?;
    Some(Named { span: Span::day(first), unit: Unit::Day, first })
}

fn month_named(year: i64, month: i64) -> Option<Named> {
    let first = civil(year, month, 1)?;
    Some(Named { span: Span::month(first.year(), first.month())?, unit: Unit::Month, first })
}

fn year_named(year: i64) -> Option<Named> {
    let first = civil(year, 1, 1)?;
    Some(Named { span: Span::year(first.year())?, unit: Unit::Year, first })
}

/// Weeks are counted in several ways that differ by less than a week.
fn week_named(year: i64, week: i64) -> Option<Named> {
    let year = i16::try_from(year).ok().filter(|year| YEARS.contains(year))?;
    let week = i8::try_from(week).ok().filter(|week| (0..=53).contains(week))?;
    let first = ISOWeekDate::new(year, week.clamp(1, 52), Weekday::Monday).ok()?.date();
    let from = first.checked_sub(1.week()).ok()?;
    Some(Named { span: Span::days(from, first.checked_add(3.weeks()).ok()?), unit: Unit::Week, first })
}

fn civil(year: i64, month: i64, day: i64) -> Option<Date> {
    let year = i16::try_from(year).ok().filter(|year| YEARS.contains(year))?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `2024`, `2024-03`, `2024-03-05`, `2024-03-05T10:15Z`, `2024-03-05 10:15:00.5 +0200`; a time without a zone is in any.
fn w3c(text: &str) -> Option<Span> {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?.trim()),
        None => (text, ""),
    };
    let mut parts = date.split('-');
    let year = number(parts.next()?, 4)?;
    let year = i16::try_from(year).ok()?;
    let Some(month) = parts.next() else {
        return if time.is_empty() { Span::year(year) } else { None };
    };
    let month = i8::try_from(number(month, 2)?).ok()?;
    let Some(day) = parts.next() else {
        return if time.is_empty() { Span::month(year, month) } else { None };
    };
    let day = Date::new(year, month, i8::try_from(number(day, 2)?).ok()?).ok()?;
    if parts.next().is_some() {
        return None;
    }
    if time.is_empty() {
        return Some(Span::day(day));
    }
    Some(clock(day, time).unwrap_or_else(|| Span::day(day)))
}

/// The time after a day, with its zone.
fn clock(day: Date, time: &str) -> Option<Span> {
    let end = time.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(time.len());
    let (digits, zone) = time.split_at_checked(end)?;
    let (digits, _) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let mut parts = digits.split(':');
    let hour = number(parts.next()?, 2)?;
    let minute = number(parts.next()?, 2)?;
    let second = parts.next().map_or(Some(0), |second| number(second, 2))?.min(59);
    let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()?;
    let at = TimeZone::UTC.to_timestamp(day.to_datetime(time)).ok()?;
    let zone = zone.trim();
    if zone.is_empty() {
        return Some(Span { from: earlier(at, AHEAD), to: later(at, BEHIND) });
    }
    if zone.eq_ignore_ascii_case("z") || zone.eq_ignore_ascii_case("utc") || zone.eq_ignore_ascii_case("gmt") {
        return Some(Span::at(at));
    }
    let (sign, offset) = match zone.split_at_checked(1)? {
        ("+", offset) => (1, offset),
        ("-", offset) => (-1, offset),
        _ => return None,
    };
    let offset: String = offset.chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = match offset.len() {
        1 | 2 => (number(&offset, 2)?, 0),
        4 => (number(offset.get(..2)?, 2)?, number(offset.get(2..)?, 2)?),
        _ => return None,
    };
    let offset = SignedDuration::from_mins(sign * (hours * 60 + minutes));
    (offset.abs() <= SignedDuration::from_hours(18)).then(|| Span::at(later(at, -offset)))
}

/// `Thu, 25 Sep 2025 11:14:55 +0200`
fn mail(text: &str) -> Option<Span> {
    jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok().map(Span::at)
}

fn number(text: &str, max_digits: usize) -> Option<i64> {
    let sound = !text.is_empty() && text.len() <= max_digits && text.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| text.parse().ok())?
}

fn year_of(at: Timestamp) -> i16 {
    TimeZone::UTC.to_datetime(at).year()
}

fn midnight(day: Date) -> Timestamp {
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
}

pub(super) fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A span as its two ends, `-` for none.
    fn shown(span: Option<Span>) -> String {
        span.map_or_else(|| "-".to_owned(), |span| format!("{} {}", span.from, span.to))
    }

    fn check_address(address: &str, want: &str) {
        let url = Url::parse(&format!("https://a.example{address}")).unwrap();
        let got = named(&url).map_or_else(|| "-".to_owned(), |named| format!("{:?} {}", named.unit, named.first));
        assert_eq!(got, want, "{address}");
    }

    #[test]
    fn addresses_name_days_weeks_months_and_years() {
        check_address("/2024/03/05/harbour-reopens", "Day 2024-03-05");
        check_address("/news/2024/3/5/harbour-reopens", "Day 2024-03-05");
        check_address("/2024/mar/05/harbour", "Day 2024-03-05");
        check_address("/posts-2024-03-01.xml", "Day 2024-03-01");
        check_address("/sitemap_20240305.xml.gz", "Day 2024-03-05");
        check_address("/archive?yyyy=2024&mm=03&dd=05", "Day 2024-03-05");
        check_address("/archive.php?month=3&year=2024", "Month 2024-03-01");
        check_address("/archive?date=2024-03-05", "Day 2024-03-05");
        check_address("/sitemap-2024-03.xml", "Month 2024-03-01");
        check_address("/sitemap-2024-03-1.xml", "Month 2024-03-01");
        check_address("/sitemap/202403.xml", "Month 2024-03-01");
        check_address("/2024/03/harbour-reopens", "Month 2024-03-01");
        check_address("/sitemap_2024_w12", "Week 2024-03-18");
        check_address("/sitemap/2024/week/12.xml", "Week 2024-03-18");
        check_address("/sitemap-2024.xml", "Year 2024-01-01");
        check_address("/articles-2024-31.xml", "Year 2024-01-01");
        check_address("/news/2024/03/05/after-2023-review", "Day 2024-03-05");
    }

    #[test]
    fn numbers_are_no_dates() {
        for address in [
            "/sitemap12.xml",
            "/news/4711",
            "/article-90210345.html",
            "/x/123456789",
            "/a2024b",
            "/9999/88/77",
            "/post-sitemap3.xml",
        ] {
            check_address(address, "-");
        }
    }

    #[test]
    fn sitemap_dates_leave_open_what_they_do_not_say() {
        for (text, want) in [
            ("2024-03-05T10:15:30Z", "2024-03-05T10:15:30Z 2024-03-05T10:15:31Z"),
            ("2024-03-05T10:15:30.123+02:00", "2024-03-05T08:15:30Z 2024-03-05T08:15:31Z"),
            ("2024-03-05T10:15+0200", "2024-03-05T08:15:00Z 2024-03-05T08:15:01Z"),
            ("2024-03-05 10:15:30 -05:00", "2024-03-05T15:15:30Z 2024-03-05T15:15:31Z"),
            ("2024-03-05T10:15:30", "2024-03-04T20:15:30Z 2024-03-05T22:15:30Z"),
            (" 2024-03-05\n", "2024-03-04T10:00:00Z 2024-03-06T12:00:00Z"),
            ("2024-3-5", "2024-03-04T10:00:00Z 2024-03-06T12:00:00Z"),
            ("2024-03-05T99:99", "2024-03-04T10:00:00Z 2024-03-06T12:00:00Z"),
            ("2024-03", "2024-02-29T10:00:00Z 2024-04-01T12:00:00Z"),
            ("2024", "2023-12-31T10:00:00Z 2025-01-01T12:00:00Z"),
            ("Tue, 05 Mar 2024 10:15:30 +0200", "2024-03-05T08:15:30Z 2024-03-05T08:15:31Z"),
            ("", "-"),
            ("soon", "-"),
            ("2024-02-30", "-"),
            ("0001-01-01T00:00:00+00:00", "-"),
            ("1970-01-01T00:00:00Z", "-"),
        ] {
            assert_eq!(shown(parse(text)), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_date_or_none(text in "\\PC{0,40}", dated in "[0-9TZ:+. /_w-]{0,24}") {
            let _ = (parse(&text), parse(&dated));
            let url = Url::parse(&format!("https://a.example/{dated}/{text}?{dated}"));
            if let Some(span) = url.ok().and_then(|url| of_address(&url)) {
                prop_assert!(span.from < span.to);
            }
        }

        #[test]
        fn a_day_written_out_is_read(days in 0_i64..60_000, slash in "[/_-]") {
            let day = Date::constant(1990, 1, 1).checked_add(days.days()).unwrap();
            let text = format!("https://a.example/x{slash}{:04}{slash}{:02}{slash}{:02}.xml", day.year(), day.month(), day.day());
            prop_assert_eq!(of_address(&Url::parse(&text).unwrap()), Some(Span::day(day)));
        }
    }
}
