//! The days that a text speaks of: "on Monday", "yesterday", "5 November", counted from the day of publication.
//!
//! Pure. What days are called is in `dates.txt`; here is only how they are put together. A weekday alone is taken for the latest
//! such day, since news tells what happened. Where the day of publication is unknown, weekdays and days without a year stay as
//! they are: they can still agree or disagree with those of another text.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::tz::Offset;
use jiff::{Timestamp, civil};

use super::Day;

/// Mentions kept of one text.
const MENTIONS: usize = 12;
/// Characters looked at.
const CHARS: usize = 4_000;

/// A day spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mention {
    /// A day of the calendar.
    Day(Day),
    /// Month and day of an unknown year.
    MonthDay(u8, u8),
    /// 0 is Monday.
    Weekday(u8),
}

impl Mention {
    /// One number for storing.
    pub(crate) fn to_code(self) -> i32 {
        match self {
            Self::Day(day) => day,
            Self::MonthDay(month, day) => MONTH_DAYS + i32::from(month) * 32 + i32::from(day),
            Self::Weekday(weekday) => WEEKDAYS + i32::from(weekday),
        }
    }

    /// Back from the number.
    pub(crate) fn from_code(code: i32) -> Self {
        let byte = |n: i32| u8::try_from(n).unwrap_or(0);
        if code >= WEEKDAYS {
            Self::Weekday(byte(code - WEEKDAYS))
        } else if code >= MONTH_DAYS {
            Self::MonthDay(byte((code - MONTH_DAYS) / 32), byte((code - MONTH_DAYS) % 32))
        } else {
            Self::Day(code)
        }
    }
}

/// Beyond any day that a timestamp can have.
const MONTH_DAYS: i32 = 10_000_000;
const WEEKDAYS: i32 = 20_000_000;

/// The weekday of a day, 0 is Monday: 1970-01-01 was a Thursday.
pub(crate) fn weekday(day: Day) -> u8 {
    u8::try_from((day + 3).rem_euclid(7)).unwrap_or(0)
}

/// A day on the calendar.
pub(crate) fn calendar(day: Day) -> Option<civil::Date> {
    let midnight = Timestamp::from_second(i64::from(day) * 86_400).ok()?;
    Some(Offset::UTC.to_datetime(midnight).date())
}

/// Month and day of a day.
pub(crate) fn month_day(day: Day) -> Option<(u8, u8)> {
    let date = calendar(day)?;
    Some((u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?))
}

/// The days that a text speaks of, in its order, each once.
pub(crate) fn mentions(text: &str, language: &str, published: Option<Day>) -> Vec<Mention> {
    let Some(names) = NAMES.get(language) else { return numeric_only(text, published) };
    let end = text.char_indices().nth(CHARS).map_or(text.len(), |(at, _)| at);
    let text = text.get(..end).unwrap_or(text).to_lowercase();
    let words: Vec<&str> = if names.unspaced { unspaced_words(&text, names) } else { words(&text).collect() };
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let around =
            |offset: isize| at.checked_add_signed(offset).and_then(|at| words.get(at)).copied().unwrap_or_default();
        let mention = match names.meaning(word) {
            Some(Meaning::Weekday(day)) => {
                let turn = [around(-1), around(1), around(-2)].iter().find_map(|w| names.turn(w));
                Some(published.map_or(Mention::Weekday(day), |from| Mention::Day(turned(from, day, turn))))
            }
            Some(Meaning::Offset(days)) => published.map(|from| Mention::Day(from.saturating_add(days))),
            Some(Meaning::Month(month)) => explicit(month, &around, published),
            Some(Meaning::Turn(_)) | None => numeric(word, published),
        };
        if let Some(mention) = mention.filter(|m| !found.contains(m)) {
            found.push(mention);
        }
        if found.len() >= MENTIONS {
            break;
        }
    }
    found
}

/// Which way a word turns the weekday beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Last,
    Next,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Weekday(u8),
    Month(u8),
    Offset(i32),
    Turn(Turn),
}

#[derive(Debug, Default)]
struct Names {
    whole: HashMap<&'static str, Meaning>,
    beginnings: Vec<(&'static str, Meaning)>,
    unspaced: bool,
}

static NAMES: LazyLock<HashMap<&'static str, Names>> = LazyLock::new(|| {
    let mut all: HashMap<&str, Names> = HashMap::new();
    for line in include_str!("dates.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.split(' ');
        let (Some(language), Some(kind)) = (parts.next(), parts.next()) else { continue };
        let names = all.entry(language).or_default();
        names.unspaced = matches!(language, "ja" | "zh");
        for (at, words) in (0_u8..).zip(parts) {
            let meaning = match kind {
                "weekday" => Meaning::Weekday(at),
                "month" => Meaning::Month(at + 1),
                "last" => Meaning::Turn(Turn::Last),
                "next" => Meaning::Turn(Turn::Next),
                days => Meaning::Offset(days.parse().unwrap_or(0)),
            };
            for word in words.split('|') {
                match word.strip_suffix('*') {
                    Some(beginning) => names.beginnings.push((beginning, meaning)),
                    None => drop(names.whole.insert(word, meaning)),
                }
            }
        }
    }
    all
});

impl Names {
    fn meaning(&self, word: &str) -> Option<Meaning> {
        let begins =
            || self.beginnings.iter().find(|(beginning, _)| word.starts_with(beginning)).map(|(_, meaning)| *meaning);
        self.whole.get(word).copied().or_else(begins)
    }

    fn turn(&self, word: &str) -> Option<Turn> {
        match self.meaning(word) {
            Some(Meaning::Turn(turn)) => Some(turn),
            _ => None,
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '/' | '.' | '\'' | '’' | '\u{200c}')))
        .map(|word| word.trim_matches(['.', '-', '/', '\'', '’']))
        .map(|word| word.strip_suffix("'s").or(word.strip_suffix("’s")).unwrap_or(word))
        .filter(|word| !word.is_empty())
}

/// Pieces of a text without spaces: known names wherever they stand, and dates like 11月5日.
fn unspaced_words<'a>(text: &'a str, names: &Names) -> Vec<&'a str> {
    let mut found: Vec<(usize, &str)> = Vec::new();
    for name in names.whole.keys() {
        found.extend(text.match_indices(name));
    }
    for (at, _) in text.match_indices('月') {
        let digits = text.get(..at).unwrap_or_default().chars().rev().take_while(char::is_ascii_digit).count();
        let after = text.get(at + '月'.len_utf8()..).unwrap_or_default();
        let days = after.chars().take_while(char::is_ascii_digit).count();
        let end = at + '月'.len_utf8() + days;
        if digits > 0 && days > 0 && text.get(end..).is_some_and(|rest| rest.starts_with(['日', '号'])) {
            found.extend(text.get(at - digits..end).map(|word| (at - digits, word)));
        }
    }
    found.sort_unstable_by_key(|(at, word)| (*at, std::cmp::Reverse(word.len())));
    // The longer name where one holds another.
    let mut end = 0;
    found.retain(|(at, word)| {
        *at >= end && {
            end = at + word.len();
            true
        }
    });
    found.into_iter().map(|(_, word)| word).collect()
}

fn turned(from: Day, weekday_wanted: u8, turn: Option<Turn>) -> Day {
    let back = (i32::from(weekday(from)) - i32::from(weekday_wanted)).rem_euclid(7);
    match turn {
        None => from - back,
        Some(Turn::Last) => from - if back == 0 { 7 } else { back },
        Some(Turn::Next) => from + 7 - back,
    }
}

/// A named month with a day beside it, and perhaps a year.
fn explicit<'a>(month: u8, around: &impl Fn(isize) -> &'a str, published: Option<Day>) -> Option<Mention> {
    // "5 November 2023", "5 de noviembre de 2023", "November 5, 2023".
    let (day, year_at) =
        [(-1, 1), (1, 2), (-2, 1)].into_iter().find_map(|(at, year)| Some((day_number(around(at))?, year)))?;
    let year = [year_at, year_at + 1].into_iter().find_map(|at| year_number(around(at)));
    dated(year, month, day, published)
}

fn dated(year: Option<i16>, month: u8, day: u8, published: Option<Day>) -> Option<Mention> {
    let number =
        |year: i16| civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok().and_then(days_of);
    match (year, published) {
        (Some(year), _) => number(year).map(Mention::Day),
        (None, None) => number(2000).map(|_| Mention::MonthDay(month, day)),
        // The year that brings it closest to the day of publication.
        (None, Some(from)) => {
            let this = calendar(from)?.year();
            let near = [this.checked_sub(1)?, this, this.checked_add(1)?].into_iter().filter_map(number);
            near.min_by_key(|day| (day - from).abs()).map(Mention::Day)
        }
    }
}

fn days_of(date: civil::Date) -> Option<Day> {
    date.since(civil::date(1970, 1, 1)).ok().map(|span| span.get_days())
}

fn day_number(word: &str) -> Option<u8> {
    let digits = word.trim_end_matches(|c: char| c.is_alphabetic());
    let suffix = word.len() - digits.len();
    digits.parse().ok().filter(|day| (1..=31).contains(day) && suffix <= 2)
}

fn year_number(word: &str) -> Option<i16> {
    word.parse().ok().filter(|year| (1900..2100).contains(year))
}

fn numeric_only(text: &str, published: Option<Day>) -> Vec<Mention> {
    let end = text.char_indices().nth(CHARS).map_or(text.len(), |(at, _)| at);
    let mut found: Vec<Mention> =
        words(text.get(..end).unwrap_or(text)).filter_map(|word| numeric(word, published)).take(MENTIONS).collect();
    found.dedup();
    found
}

/// 2023-11-05, 5.11.2023, 25/12/2023, 11月5日. 5/11/2023 could be two days and is none.
fn numeric(word: &str, published: Option<Day>) -> Option<Mention> {
    if let Some((month, day)) = word.split_once('月') {
        return dated(None, month.parse().ok()?, day.parse().ok()?, published);
    }
    if word.len() < 8 || !word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let parts: Vec<&str> = word.split(['-', '.', '/']).collect();
    let [a, b, c] = parts[..] else { return None };
    let (a, b, c): (i16, i16, i16) = (a.parse().ok()?, b.parse().ok()?, c.parse().ok()?);
    let (year, month, day) = match (a, b, c) {
        (1900..2100, _, _) => (a, b, c),
        (_, _, 1900..2100) if b > 12 => (c, a, b),
        (_, _, 1900..2100) if a > 12 || word.contains('.') => (c, b, a),
        _ => return None,
    };
    dated(Some(year), u8::try_from(month).ok()?, u8::try_from(day).ok()?, published)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-08-05, a Monday.
    const PUBLISHED: Day = 19_940;

    fn check(language: &str, text: &str, offsets: &[i32]) {
        let days: Vec<Mention> = offsets.iter().map(|o| Mention::Day(PUBLISHED + o)).collect();
        assert_eq!(mentions(text, language, Some(PUBLISHED)), days, "{text}");
    }

    #[test]
    fn words_count_from_the_day_of_publication() {
        check("en", "They spoke on Monday, a day after Sunday's strike. Tomorrow they travel.", &[0, -1, 1]);
        check("en", "It was last Monday; next Friday is due", &[-7, 4]);
        check("en", "on November 5, 2023, and on 31 July", &[-274, -5]);
        check("de", "Am Dienstagabend und am 1. August, gestern", &[-6, -4, -1]);
        check("es", "El lunes pasado y el 2 de agosto", &[-7, -3]);
        check("fr", "vendredi dernier, le 14 juillet", &[-3, -22]);
        check("ru", "В пятницу и 1 августа, вчера", &[-3, -4, -1]);
        check("ar", "يوم الأحد و 4 أغسطس", &[-1]);
        check("ja", "一昨日、8月1日の火曜日に", &[-2, -4, -6]);
        check("xx", "2024-08-01, 25/07/2024", &[-4, -11]);
    }

    #[test]
    fn without_a_publication_day_they_stay_open() {
        let found = mentions("On Thursday, December 23, and on 5 May 2012", "en", None);
        assert_eq!(found, [Mention::Weekday(3), Mention::MonthDay(12, 23), Mention::Day(15_465)]);
        for mention in found {
            assert_eq!(Mention::from_code(mention.to_code()), mention);
        }
    }
}
