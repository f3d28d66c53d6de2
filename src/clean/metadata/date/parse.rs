//! A date as written, in any of the ways that publishers write it.
//!
//! Reads one short string. Knows nothing of pages, and never guesses a year.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::words::{Calendar, Named, afternoon, month, zone};

/// Longest string read, in bytes.
const MAX_BYTES: usize = 300;
/// Tokens looked at.
const MAX_TOKENS: usize = 90;

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

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Number { value: u64, digits: usize },
    Word(String),
    Mark(char),
}

impl Token {
    fn word(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(word) } else { None }
    }

    fn number(&self) -> Option<(u64, usize)> {
        if let Self::Number { value, digits } = self { Some((*value, *digits)) } else { None }
    }

    fn is_mark(&self, marks: &str) -> bool {
        matches!(self, Self::Mark(mark) if marks.contains(*mark))
    }
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

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if tokens.len() >= MAX_TOKENS {
            break;
        }
        if let Some(digit) = digit(char) {
            let (mut value, mut digits) = (digit, 1);
            while let Some(digit) = chars.peek().copied().and_then(self::digit) {
                chars.next();
                value = value.saturating_mul(10).saturating_add(digit);
                digits += 1;
            }
            tokens.push(Token::Number { value, digits });
        } else if is_ideograph(char) {
            tokens.push(Token::Word(char.to_string()));
        } else if is_letter(char) {
            let mut word: String = char.to_lowercase().collect();
            while let Some(&next) = chars.peek() {
                // `p.m.` and Thai `ม.ค.` are one word; a dot at the end of a word belongs to it.
                if is_letter(next) && !is_ideograph(next) {
                    word.extend(next.to_lowercase());
                } else if next == '.' && word.chars().count() <= 2 {
                    let mut ahead = chars.clone();
                    ahead.next();
                    if !ahead.peek().copied().is_some_and(is_letter) {
                        break;
                    }
                } else {
                    break;
                }
                chars.next();
            }
            tokens.push(Token::Word(word));
        } else if !char.is_whitespace() {
            tokens.push(Token::Mark(char));
        }
    }
    tokens
}

/// The value of a decimal digit of any script that news pages use.
fn digit(char: char) -> Option<u64> {
    const ZEROS: [u32; 14] =
        [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xbe6, 0xc66, 0xce6, 0xe50, 0x1040, 0x17e0, 0xff10];
    let code = u32::from(char);
    ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).map(|zero| u64::from(code - zero))
}

fn is_letter(char: char) -> bool {
    (char.is_alphabetic()
        || matches!(char, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '\u{200c}' | '\u{200d}'))
        && digit(char).is_none()
}

fn is_ideograph(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
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
    plausible(full_year(year, digits)?, u64::try_from(month).ok()?, day, calendar).map(|date| (next + 1, date))
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
    if !mark.is_mark("./-") || tokens.get(start + 3)? != mark {
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

/// Julian day of a Persian date (Borkowski's arithmetic by 2820-year cycles, as in the Calendar FAQ, section 6).
fn persian(year: i64, month: i64, day: i64) -> i64 {
    let base = year - if year >= 0 { 474 } else { 473 };
    let cycle = 474 + base.rem_euclid(2820);
    day + (month - 1) * 30
        + (month - 1).min(6)
        + (cycle * 682 - 110) / 2816
        + (cycle - 1) * 365
        + base.div_euclid(2820) * 1_029_983
        + 1_948_320
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

/// The first time of day in `tokens` and the zone after it.
fn time_in(tokens: &[Token], date: Date) -> (Option<Time>, Zone) {
    for (index, token) in tokens.iter().enumerate() {
        let Some((hour, digits)) = token.number() else { continue };
        // The whole of `20240503154700` was one number.
        if digits >= 12 {
            let value = if digits == 14 { hour } else { hour * 100 };
            return (clock(value / 10_000 % 100, value / 100 % 100, value % 100), Zone::Unsaid);
        }
        if matches!(digits, 4 | 6) && index == 1 && tokens.first().and_then(Token::word) == Some("t") {
            let value = if digits == 6 { hour } else { hour * 100 };
            let found = clock(value / 10_000, value / 100 % 100, value % 100);
            return (found, zone_in(tokens.get(index + 1..).unwrap_or_default(), date, found));
        }
        if digits > 2 {
            continue;
        }
        let before = index.checked_sub(1).and_then(|at| tokens.get(at)).and_then(Token::word);
        let before2 = index.checked_sub(2).and_then(|at| tokens.get(at)).and_then(Token::word).unwrap_or_default();
        let half_before = before.and_then(|word| afternoon(word).or_else(|| afternoon(&format!("{before2}{word}"))));
        if let Some((minute, second, next)) = minutes(tokens, index) {
            let half = half_after(tokens, next).or(half_before.map(|half| (half, 0)));
            let hour = twelve(hour, half.map(|(half, _)| half));
            let Some(found) = clock(hour, minute, second) else { continue };
            let rest = tokens.get(next + half.map_or(0, |(_, used)| used)..).unwrap_or_default();
            return (Some(found), zone_in(rest, date, Some(found)));
        }
        if let Some((half, used)) = half_after(tokens, index + 1)
            && (1..=12).contains(&hour)
        {
            let found = clock(twelve(hour, Some(half)), 0, 0);
            return (found, zone_in(tokens.get(index + 1 + used..).unwrap_or_default(), date, found));
        }
    }
    (None, Zone::Unsaid)
}

/// Minute and second after the hour at `index`, and the token after them.
fn minutes(tokens: &[Token], index: usize) -> Option<(u64, u64, usize)> {
    let parted = tokens.get(index + 1)?;
    let by_word = parted
        .word()
        .is_some_and(|word| matches!(word, "h" | "u" | "時" | "时" | "點" | "点" | "시" | "ч" | "g" | "kl" | "giờ"));
    let by_mark = parted.is_mark(":：.∶");
    if !by_word && !by_mark {
        return None;
    }
    match tokens.get(index + 2).and_then(Token::number) {
        Some((minute, 2)) if minute < 60 => {
            let mut next = index + 3;
            if tokens.get(next).and_then(Token::word).is_some_and(|word| matches!(word, "分" | "분" | "min" | "phút"))
            {
                next += 1;
            }
            let colon = tokens.get(next).is_some_and(|token| token.is_mark(":"));
            let second = if colon {
                tokens.get(next + 1).and_then(Token::number).filter(|(value, digits)| *digits == 2 && *value < 60)
            } else {
                None
            };
            if second.is_some() {
                next += 2;
                // A fraction of a second.
                if tokens.get(next).is_some_and(|token| token.is_mark(".,"))
                    && tokens.get(next + 1).and_then(Token::number).is_some()
                {
                    next += 2;
                }
            }
            Some((minute, second.map_or(0, |(value, _)| value), next))
        }
        Some((minute, 1)) if by_word && parted.word().is_none_or(|word| word != "h") => {
            Some((minute, 0, index + 3 + usize::from(tokens.get(index + 3).and_then(Token::word).is_some())))
        }
        _ if parted.word() == Some("시") || parted.word() == Some("時") || parted.word() == Some("时") => {
            Some((0, 0, index + 2))
        }
        _ => None,
    }
}

fn half_after(tokens: &[Token], at: usize) -> Option<(bool, usize)> {
    tokens.get(at).and_then(Token::word).and_then(afternoon).map(|half| (half, 1))
}

fn twelve(hour: u64, afternoon: Option<bool>) -> u64 {
    match (hour, afternoon) {
        (12, Some(false)) => 0,
        (1..=11, Some(true)) => hour + 12,
        _ => hour,
    }
}

fn clock(hour: u64, minute: u64, second: u64) -> Option<Time> {
    let hour = if hour == 24 && minute == 0 { 0 } else { hour };
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second.min(59)).ok()?, 0).ok()
}

/// The zone that `tokens` begin with, a word or two in.
fn zone_in(tokens: &[Token], date: Date, time: Option<Time>) -> Zone {
    for (index, token) in tokens.iter().take(4).enumerate() {
        match token {
            Token::Mark(sign @ ('+' | '-' | '−')) => {
                let Some((value, digits)) = tokens.get(index + 1).and_then(Token::number) else { return Zone::Unsaid };
                let (hours, minutes) = match digits {
                    4 => (value / 100, value % 100),
                    1 | 2 => {
                        let colon = tokens.get(index + 2).is_some_and(|token| token.is_mark(":"));
                        (
                            value,
                            if colon {
                                tokens.get(index + 3).and_then(Token::number).map_or(0, |(minutes, _)| minutes)
                            } else {
                                0
                            },
                        )
                    }
                    _ => return Zone::Unsaid,
                };
                if hours > 14 || minutes > 59 {
                    return Zone::Unsaid;
                }
                let seconds = i32::try_from(hours * 3600 + minutes * 60).unwrap_or(0);
                return from_seconds(if *sign == '+' { seconds } else { -seconds });
            }
            Token::Word(word) => match zone(word) {
                // `GMT+2` goes on with its offset.
                Some(Named::Seconds(0)) if tokens.get(index + 1).is_some_and(|token| token.is_mark("+-−")) => {}
                Some(Named::Seconds(seconds)) => return from_seconds(seconds),
                Some(Named::Place(place)) => {
                    let local = DateTime::from_parts(date, time.unwrap_or(Time::midnight()));
                    return local.in_tz(place).map_or(Zone::Unsaid, |zoned| Zone::Offset(zoned.offset()));
                }
                None => {}
            },
            Token::Mark(_) => {}
            Token::Number { .. } => return Zone::Unsaid,
        }
    }
    Zone::Unsaid
}

fn from_seconds(seconds: i32) -> Zone {
    match Offset::from_seconds(seconds) {
        Ok(offset) if seconds != 0 => Zone::Offset(offset),
        Ok(_) => Zone::Utc,
        Err(_) => Zone::Unsaid,
    }
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
            ("۱۴۰۳/۰۲/۱۴ - ۱۵:۴۷", "2024-05-03 15:47:00"),
            ("3 พฤษภาคม 2567", "2024-05-03"),
            ("3 พ.ค. 2567 15:47 น.", "2024-05-03 15:47:00"),
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
