//! A date as written, in any of the ways that publishers write it.
//!
//! Reads one short string. Knows nothing of pages, and never guesses a year.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use super::clock::time_in;
use super::tokens::{Token, tokens};
use super::words::{Calendar, month};

/// Longest string read, in bytes.
const MAX_BYTES: usize = 300;

/// What a date says about its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::clean::metadata) enum Zone {
    /// Nothing.
    Unsaid,
    /// `Z`, `GMT`, `+00:00`: right, or put there by a program that knows no better.
    Utc,
    /// An offset.
    Offset(Offset),
}

/// A date as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::clean::metadata) struct Stamp {
    pub(in crate::clean::metadata) date: Date,
    pub(in crate::clean::metadata) time: Option<Time>,
    pub(in crate::clean::metadata) zone: Zone,
}

/// Which number of `03/05/2024` is the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::clean::metadata) enum Order {
    DayFirst,
    MonthFirst,
}

/// The first date in `text`, with the time and zone beside it.
pub(in crate::clean::metadata) fn parse(text: &str, order: Order) -> Option<Stamp> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_BYTES {
        return None;
    }
    if let Some(stamp) = epoch(text) {
        return Some(stamp);
    }
    let tokens = tokens(text);
    let (from, to, date) =
        (0..tokens.len()).find_map(|start| date_at(&tokens, start, order).map(|(end, date)| (start, end, date)))?;
    let (time, zone) = match time_in(tokens.get(to..).unwrap_or_default(), date) {
        (None, _) => time_in(tokens.get(..from).unwrap_or_default(), date),
        found => found,
    };
    // `Fri May 03 15:47:42 +0200 2024` has the year last; its time was read above.
    Some(Stamp { date, time, zone })
}

fn epoch(text: &str) -> Option<Stamp> {
    if !matches!(text.len(), 10 | 13) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    let seconds = if text.len() == 13 { number / 1000 } else { number };
    let at = Offset::UTC.to_datetime(jiff::Timestamp::from_second(seconds).ok()?);
    Some(Stamp { date: at.date(), time: Some(at.time()), zone: Zone::Utc })
}

/// The date that starts at `start`, and the token after it.
fn date_at(tokens: &[Token], start: usize, order: Order) -> Option<(usize, Date)> {
    let at = |offset: usize| tokens.get(start + offset);
    let number = |offset: usize| at(offset).and_then(Token::number);
    if let Some((value, digits)) = number(0) {
        if digits == 8 || digits == 14 || digits == 12 {
            let day = value / 10_u64.pow(u32::try_from(digits).ok()? - 8);
            return plausible(day / 10_000, day / 100 % 100, day % 100, Calendar::Gregorian)
                .map(|date| (start + usize::from(digits == 8), date));
        }
        if let Some(found) = ideographic(tokens, start) {
            return Some(found);
        }
        if digits == 4 {
            return year_first(tokens, start);
        }
        if digits <= 2 {
            return day_first(tokens, start).or_else(|| numeric(tokens, start, order));
        }
        return None;
    }
    if let Some(found) = era(tokens, start) {
        return Some(found);
    }
    month_first(tokens, start)
}

/// `2024-05-03`, `2024/5/3`, `2024. május 3.`, `2024 m. gegužės 3 d.`
fn year_first(tokens: &[Token], start: usize) -> Option<(usize, Date)> {
    let (year, _) = tokens.get(start)?.number()?;
    let mark = tokens.get(start + 1)?;
    if mark.is_mark("-/.‐‑–") {
        let second = tokens.get(start + 2)?;
        if let Some((month, 1..=2)) = second.number()
            && tokens.get(start + 3)?.is_mark("-/.‐‑–")
            && let Some((day, 1..=2)) = tokens.get(start + 4)?.number()
        {
            return plausible(year, month, day, Calendar::Gregorian).map(|date| (start + 5, date));
        }
    }
    let mut next = skip(tokens, start + 1, 2, |token| {
        token.is_mark(".,-/") || token.word().is_some_and(|word| matches!(word, "m" | "г" | "жылғы" | "ж"))
    });
    let (calendar, month, used) = month_name(tokens, next)?;
    next = skip(tokens, next + used, 1, |token| token.is_mark(".,-/"));
    let (day, 1..=2) = tokens.get(next)?.number()? else { return None };
    plausible(year, u64::try_from(month).ok()?, day, calendar).map(|date| (next + 1, date))
}

/// `2024年5月3日`, `2024년 5월 3일`
fn ideographic(tokens: &[Token], start: usize) -> Option<(usize, Date)> {
    let word = |offset: usize| tokens.get(start + offset).and_then(Token::word);
    let (year, _) = tokens.get(start)?.number()?;
    if !matches!((word(1)?, word(3)?), ("年", "月") | ("년", "월")) {
        return None;
    }
    let (month, day) = (tokens.get(start + 2)?.number()?.0, tokens.get(start + 4)?.number()?.0);
    plausible(year, month, day, Calendar::Gregorian).map(|date| (start + 6, date))
}

/// `令和6年5月3日`
fn era(tokens: &[Token], start: usize) -> Option<(usize, Date)> {
    let word = |offset: usize| tokens.get(start + offset).and_then(Token::word);
    let before = match (word(0)?, word(1)?) {
        ("令", "和") => 2018,
        ("平", "成") => 1988,
        ("民", "國") => 1911,
        _ => return None,
    };
    let (year, month, day) =
        (tokens.get(start + 2)?.number()?.0, tokens.get(start + 4)?.number()?.0, tokens.get(start + 6)?.number()?.0);
    (word(3)? == "年" && word(5)? == "月")
        .then(|| plausible(before + year, month, day, Calendar::Gregorian).map(|date| (start + 8, date)))?
}

/// `3. Mai 2024`, `3 de mayo de 2024`, `3rd of May, 2024`, `03-May-24`, `ngày 3 tháng 5 năm 2024`
fn day_first(tokens: &[Token], start: usize) -> Option<(usize, Date)> {
    let (day, _) = tokens.get(start)?.number()?;
    let mut next = skip(tokens, start + 1, 3, |token| {
        token.is_mark(".,-/ºª°،")
            || token.word().is_some_and(|word| {
                matches!(word, "de" | "of" | "st" | "nd" | "rd" | "th" | "er" | "d" | "e" | "ta" | "an" | "al" | "del")
            })
    });
    let (calendar, month, used) = match tokens.get(next)?.word()? {
        "tháng" => {
            let (month, _) = tokens.get(next + 1)?.number()?;
            (Calendar::Gregorian, i8::try_from(month).ok()?, 2)
        }
        _ => month_name(tokens, next)?,
    };
    next = skip(tokens, next + used, 3, |token| {
        token.is_mark(".,-/'’،")
            || token.word().is_some_and(|word| {
                matches!(word, "de" | "del" | "of" | "năm" | "г" | "الساعة" | "ta" | "da" | "m" | "พศ" | "พ")
            })
    });
    let (year, digits) = tokens.get(next)?.number()?;
    let is_thai = tokens.iter().skip(start + 1).filter_map(Token::word).take(1).any(|word| word.starts_with(is_thai));
    let year = if is_thai && digits == 2 { 2_500 + year } else { full_year(year, digits)? };
    plausible(year, u64::try_from(month).ok()?, day, calendar).map(|date| (next + 1, date))
}

/// Thai months go with years of the Buddhist era, in two digits too: `3 พ.ค. 67`.
fn is_thai(char: char) -> bool {
    matches!(char, '\u{e00}'..='\u{e7f}')
}

/// `May 3, 2024`, `Fri May 03 15:47:42 +0200 2024`
fn month_first(tokens: &[Token], start: usize) -> Option<(usize, Date)> {
    let (calendar, month, used) = month_name(tokens, start)?;
    let mut next = skip(tokens, start + used, 1, |token| token.is_mark(".,-/"));
    let (day, 1..=2) = tokens.get(next)?.number()? else { return None };
    next = skip(tokens, next + 1, 2, |token| {
        token.is_mark(".,-/'’،")
            || token.word().is_some_and(|word| matches!(word, "st" | "nd" | "rd" | "th" | "de" | "of"))
    });
    let month = u64::try_from(month).ok()?;
    if let Some((year, digits @ (4 | 2))) = tokens.get(next)?.number()
        && !tokens.get(next + 1).is_some_and(|token| token.is_mark(":"))
    {
        return plausible(full_year(year, digits)?, month, day, calendar).map(|date| (next + 1, date));
    }
    let year = tokens
        .iter()
        .skip(next)
        .take(12)
        .filter_map(Token::number)
        .find(|(value, digits)| *digits == 4 && (1990..2100).contains(value))?
        .0;
    plausible(year, month, day, calendar).map(|date| (next, date))
}

/// `03.05.2024`, `03/05/24`
fn numeric(tokens: &[Token], start: usize, order: Order) -> Option<(usize, Date)> {
    let mark = tokens.get(start + 1)?;
    if !mark.is_mark("./-|") || tokens.get(start + 3)? != mark {
        return None;
    }
    let (first, second) = (tokens.get(start)?.number()?.0, tokens.get(start + 2)?.number()?);
    let (year, digits) = tokens.get(start + 4)?.number()?;
    if second.1 > 2 || !matches!(digits, 2 | 4) {
        return None;
    }
    let year = full_year(year, digits)?;
    let swapped = (order == Order::MonthFirst && !mark.is_mark(".") && first <= 12) || second.0 > 12;
    let (day, month) = if swapped { (second.0, first) } else { (first, second.0) };
    plausible(year, month, day, Calendar::Gregorian).map(|date| (start + 5, date))
}

fn month_name(tokens: &[Token], at: usize) -> Option<(Calendar, i8, usize)> {
    month(tokens.get(at)?.word()?, tokens.get(at + 1).and_then(Token::word))
}

fn skip(tokens: &[Token], from: usize, most: usize, skipped: impl Fn(&Token) -> bool) -> usize {
    from + tokens.iter().skip(from).take(most).take_while(|token| skipped(token)).count()
}

fn full_year(year: u64, digits: usize) -> Option<u64> {
    match digits {
        4 => Some(year),
        2 if year < 70 => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}

/// The day, in the Gregorian calendar, if a news page could bear it. The year tells Buddhist and Persian years apart.
fn plausible(year: u64, month: u64, day: u64, calendar: Calendar) -> Option<Date> {
    let (year, month, day) = (i64::try_from(year).ok()?, i64::try_from(month).ok()?, i64::try_from(day).ok()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let date = match (calendar, year) {
        (Calendar::Persian, 1300..=1500) | (Calendar::Gregorian, 1370..=1410) => {
            from_julian_day(persian(year, month, day))?
        }
        (Calendar::Islamic, 1400..=1500) => from_julian_day(islamic(year, month, day))?,
        (Calendar::Gregorian, 2500..=2600) => {
            Date::new(i16::try_from(year - 543).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?
        }
        (Calendar::Gregorian, 1900..=2100) => {
            Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?
        }
        _ => return None,
    };
    (1900..=2100).contains(&date.year()).then_some(date)
}

/// Julian day of a Persian date. Eight leap years in 33, which is the official calendar from 1206 to 1498 (1827–2119); the cycle of 2820
/// years is a day off all through 1404. Heydari-Malayeri, "A concise review of the Iranian calendar", 2004; so counts ICU.
fn persian(year: i64, month: i64, day: i64) -> i64 {
    1_948_319 + 365 * (year - 1) + (8 * year + 21).div_euclid(33) + (month - 1) * 30 + (month - 1).min(6) + day
}

/// Julian day of a date in the tabular Islamic calendar; a day off where the moon was sighted late.
fn islamic(year: i64, month: i64, day: i64) -> i64 {
    day + (59 * (month - 1) + 1) / 2 + (year - 1) * 354 + (3 + 11 * year) / 30 + 1_948_439
}

fn from_julian_day(day: i64) -> Option<Date> {
    // Julian day 2,440,588 is 1970-01-01.
    let timestamp = jiff::Timestamp::from_second((day - 2_440_588) * 86_400).ok()?;
    Some(Offset::UTC.to_datetime(timestamp).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was read, as `2024-05-03 15:47:42 +02`.
    fn shown(text: &str, order: Order) -> String {
        let Some(stamp) = parse(text, order) else { return "nothing".to_owned() };
        let time = stamp.time.map_or(String::new(), |time| format!(" {time}"));
        let zone = match stamp.zone {
            Zone::Unsaid => String::new(),
            Zone::Utc => " Z".to_owned(),
            Zone::Offset(offset) => format!(" {offset}"),
        };
        format!("{}{time}{zone}", stamp.date)
    }

    #[test]
    fn dates_are_read_as_publishers_write_them() {
        for (text, expect) in [
            ("2024-05-03T15:47:42.389+02:00", "2024-05-03 15:47:42 +02"),
            ("2024-05-03T15:47:42Z", "2024-05-03 15:47:42 Z"),
            ("2024-05-03T15:47+0530", "2024-05-03 15:47:00 +05:30"),
            ("2024-05-03 15:47:42 -04:00", "2024-05-03 15:47:42 -04"),
            ("2024-05-03", "2024-05-03"),
            ("20240503T154742Z", "2024-05-03 15:47:42 Z"),
            ("20240503154742", "2024-05-03 15:47:42"),
            ("20240503", "2024-05-03"),
            ("1714743000", "2024-05-03 13:30:00 Z"),
            ("1714743000000", "2024-05-03 13:30:00 Z"),
            ("Fri, 03 May 2024 15:47:42 GMT", "2024-05-03 15:47:42 Z"),
            ("Fri May 03 15:47:42 CEST 2024", "2024-05-03 15:47:42 +02"),
            ("May 3, 2024 3:47 PM EDT", "2024-05-03 15:47:00 -04"),
            ("Published: May 3rd, 2024 at 3:47 p.m. ET", "2024-05-03 15:47:00 -04"),
            ("3 May 2024, 9pm", "2024-05-03 21:00:00"),
            ("Freitag, 3. Mai 2024, 15:47 Uhr", "2024-05-03 15:47:00"),
            ("03.05.2024 - 15.47 Uhr", "2024-05-03 15:47:00"),
            ("Stand: 03.05.24 15:47", "2024-05-03 15:47:00"),
            ("15:47 | 03.05.2024", "2024-05-03 15:47:00"),
            ("3 de mayo de 2024 15:47", "2024-05-03 15:47:00"),
            ("Publié le 3 mai 2024 à 15h47", "2024-05-03 15:47:00"),
            ("1er août 2024", "2024-08-01"),
            ("venerdì 3 maggio 2024 alle 15:47", "2024-05-03 15:47:00"),
            ("3 мая 2024, 15:47 мск", "2024-05-03 15:47:00 +03"),
            ("3 травня 2024", "2024-05-03"),
            ("3 maja 2024", "2024-05-03"),
            ("3. července 2024", "2024-07-03"),
            ("3. června 2024", "2024-06-03"),
            ("2024. május 3. 15:47", "2024-05-03 15:47:00"),
            ("2024 m. gegužės 3 d. 15:47", "2024-05-03 15:47:00"),
            ("3.5.2024 klo 15.47", "2024-05-03 15:47:00"),
            ("3. toukokuuta 2024", "2024-05-03"),
            ("3 Mayıs 2024 Cuma 15:47", "2024-05-03 15:47:00"),
            ("Jumat, 03 Mei 2024 15:47 WIB", "2024-05-03 15:47:00 +07"),
            ("ngày 3 tháng 5 năm 2024", "2024-05-03"),
            ("2024年5月3日 15時47分", "2024-05-03 15:47:00"),
            ("2024年05月03日15:47", "2024-05-03 15:47:00"),
            ("令和6年5月3日", "2024-05-03"),
            ("2024년 5월 3일 오후 3시 47분", "2024-05-03 15:47:00"),
            ("2024.05.03 15:47", "2024-05-03 15:47:00"),
            ("٣ مايو ٢٠٢٤", "2024-05-03"),
            ("الجمعة 3 أيار 2024", "2024-05-03"),
            ("3 تشرين الأول 2024", "2024-10-03"),
            ("۱۴ اردیبهشت ۱۴۰۳", "2024-05-03"),
            ("۳۰ اسفند ۱۴۰۳", "2025-03-20"),
            ("۱ فروردین ۱۴۰۴", "2025-03-21"),
            ("۲۰ اسفند ۱۴۰۴", "2026-03-11"),
            ("۱ فروردین ۱۴۰۵", "2026-03-21"),
            ("۱۴۰۳/۰۲/۱۴ - ۱۵:۴۷", "2024-05-03 15:47:00"),
            ("3 พฤษภาคม 2567", "2024-05-03"),
            ("3 พ.ค. 2567 15:47 น.", "2024-05-03 15:47:00"),
            ("3 พ.ค. 67 15:47 น.", "2024-05-03 15:47:00"),
            ("3 de mayo de 2024, 3:47 p. m.", "2024-05-03 15:47:00"),
            ("৩ মে ২০২৪, ০৩:৪৭ পিএম", "2024-05-03 15:47:00"),
            ("3 मई 2024", "2024-05-03"),
            ("৩ মে ২০২৪", "2024-05-03"),
            ("3 Μαΐου 2024", "2024-05-03"),
            ("3 במאי 2024", "2024-05-03"),
            ("03-May-2024", "2024-05-03"),
            ("31/12/2024", "2024-12-31"),
            ("24 رمضان 1445", "2024-04-03"),
            ("version 1.2.3", "nothing"),
            ("call 030 12345", "nothing"),
            ("", "nothing"),
        ] {
            assert_eq!(shown(text, Order::DayFirst), expect, "{text}");
        }
    }

    #[test]
    fn the_order_of_day_and_month_is_an_argument() {
        assert_eq!(shown("05/03/2024", Order::MonthFirst), "2024-05-03");
        assert_eq!(shown("05/03/2024", Order::DayFirst), "2024-03-05");
        assert_eq!(shown("05/31/2024", Order::DayFirst), "2024-05-31");
        assert_eq!(shown("03.05.2024", Order::MonthFirst), "2024-05-03");
    }
}
