//! Dates as publishers write them: RFC 822, W3C and ISO 8601, asctime, and what editors type by hand in their own language.
//!
//! Not a grammar but a reading: numbers, words and signs are collected, then it is decided what they are. Invariants: what does not
//! fit is no date (`None`), never a guess; a moment without a zone is in the given one, else UTC; a day alone is its midnight, UTC.

mod months;
mod words;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use words::{Script, Word, Zone};

/// No date is longer; `Thursday, 25 September 2025 at 11:14:55 (Coordinated Universal Time)` is 67 bytes.
const MAX_BYTES: usize = 128;
/// POSIX's pivot for `%y`: 69–99 are of the last century.
const CENTURY_PIVOT: i16 = 69;
/// What is outside is a default (`0001-01-01`) or dirt.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;
/// The Buddhist calendar, in use in Thailand, runs this much ahead.
const BUDDHIST_ERA: i16 = 543;

/// The moment that `text` names. `timezone` is that of dates which name none.
#[must_use]
pub fn parse(text: &str, timezone: Option<&TimeZone>) -> Option<Timestamp> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_BYTES {
        return None;
    }
    let text = words::normalize(text);
    let tokens = tokenize(&text);
    if let [Token::Number { value, digits: 10 | 13, .. }] = tokens.as_slice() {
        // Seconds or milliseconds since 1970.
        return if text.len() == 10 {
            Timestamp::from_second(*value).ok()
        } else {
            Timestamp::from_second(*value / 1000).ok()
        };
    }
    let mut reading = Reading { negative: tokens.first() == Some(&Token::Sign('-')), ..Reading::default() };
    let mut rest = tokens.as_slice();
    while !rest.is_empty() {
        rest = reading.take(rest)?;
    }
    reading.moment(timezone)
}

/// A piece of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    /// `joined`: nothing stands between it and what is before it.
    Number {
        value: i64,
        digits: usize,
        joined: bool,
    },
    Word(&'a str),
    Sign(char),
}

fn tokenize(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut joined = false;
    while let Some(first) = rest.chars().next() {
        let len = |test: fn(char) -> bool| rest.find(|c| !test(c)).unwrap_or(rest.len());
        let taken = if first.is_ascii_digit() {
            let end = len(|c| c.is_ascii_digit());
            let value = rest.get(..end).and_then(|number| number.parse().ok()).unwrap_or(i64::MAX);
            tokens.push(Token::Number { value, digits: end, joined });
            end
        } else if words::is_unit(first) {
            let end = first.len_utf8();
            tokens.push(Token::Word(rest.get(..end).unwrap_or_default()));
            end
        } else if words::is_letter(first) {
            let end = len(words::is_letter);
            tokens.push(Token::Word(rest.get(..end).unwrap_or_default()));
            end
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Sign(first));
            }
            first.len_utf8()
        };
        joined = !first.is_whitespace();
        rest = rest.get(taken..).unwrap_or_default();
    }
    tokens
}

/// What has been made out so far.
#[derive(Debug, Default)]
struct Reading {
    /// Numbers that are neither time nor zone: value and number of digits.
    numbers: Vec<(i64, usize)>,
    month: Option<i8>,
    time: Option<(i64, i64, i64)>,
    afternoon: Option<bool>,
    zone: Option<Zone>,
    /// Whether the text begins with a minus, which in ISO 8601 stands for the century left out.
    negative: bool,
    /// Whether a `T` has parted date and time.
    parted: bool,
    /// What stands between the numbers: between slashes the United States put the month first.
    separator: Option<char>,
    /// Whether there was a word that means nothing here.
    unknown: bool,
    script: Option<Script>,
}

impl Reading {
    /// Takes what stands first; returns what is left. `None`: this is no date.
    fn take<'t, 'a>(&mut self, tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
        match tokens {
            // A time: 10:14, 10:14:55, 10:14:55.123
            [
                Token::Number { value: hour, digits: 1..=2, .. },
                Token::Sign(':'),
                Token::Number { value: minute, digits: 1..=2, joined: true },
                rest @ ..,
            ] if self.time.is_none() => {
                let (second, rest) = match rest {
                    [Token::Sign(':'), Token::Number { value, digits: 1..=2, .. }, rest @ ..] => (*value, rest),
                    _ => (0, rest),
                };
                let rest = match rest {
                    [Token::Sign('.' | ','), Token::Number { joined: true, .. }, rest @ ..] => rest,
                    [Token::Sign(':'), ..] => return None,
                    _ => rest,
                };
                self.time = Some((*hour, *minute, second));
                Some(rest)
            }
            // A time with points, behind the date: 11.14, 11.14.55
            [
                Token::Number { value: hour, digits: 1..=2, .. },
                Token::Sign('.'),
                Token::Number { value: minute, digits: 2, joined: true },
                rest @ ..,
            ] if self.time.is_none() && self.has_date() => {
                let (second, rest) = match rest {
                    [Token::Sign('.'), Token::Number { value, digits: 2, joined: true }, rest @ ..] => (*value, rest),
                    _ => (0, rest),
                };
                self.time = Some((*hour, *minute, second));
                Some(rest)
            }
            // A time in words: 9시 30분, 14時05分, 14h30
            [Token::Number { value: hour, digits: 1..=2, .. }, Token::Word(unit), rest @ ..]
                if self.time.is_none() && words::is_hour(unit) =>
            {
                let (minute, rest) = match rest {
                    [Token::Number { value, digits: 1..=2, .. }, Token::Word(unit), rest @ ..]
                        if words::is_minute(unit) =>
                    {
                        (*value, rest)
                    }
                    [Token::Number { value, digits: 2, joined: true }, rest @ ..] => (*value, rest),
                    _ => (0, rest),
                };
                let (second, rest) = match rest {
                    [Token::Number { value, digits: 1..=2, .. }, Token::Word(unit), rest @ ..]
                        if words::is_second(unit) =>
                    {
                        (*value, rest)
                    }
                    _ => (0, rest),
                };
                self.time = Some((*hour, minute, second));
                Some(rest)
            }
            // An offset behind the time: +02:00, -0500, +2
            [Token::Sign(sign @ ('+' | '-' | '−')), Token::Number { value, digits, .. }, rest @ ..]
                if self.time.is_some() && !matches!(self.zone, Some(Zone::Offset(_))) =>
            {
                let (hours, minutes, rest) = match (digits, rest) {
                    (
                        1..=2,
                        [Token::Sign(':'), Token::Number { value: minutes, digits: 2, joined: true }, rest @ ..],
                    ) => (*value, *minutes, rest),
                    (1..=2, _) => (*value, 0, rest),
                    (3..=4, _) => (value / 100, value % 100, rest),
                    _ => return None,
                };
                let minutes = i32::try_from(hours * 60 + minutes).ok().filter(|minutes| *minutes < 24 * 60)?;
                self.zone = Some(Zone::Offset(if *sign == '+' { minutes } else { -minutes }));
                Some(rest)
            }
            [Token::Number { value, digits, .. }, rest @ ..] => self.take_number(*value, *digits, rest),
            // A zone by its place: Europe/Berlin
            [Token::Word(area), Token::Sign('/'), Token::Word(place), rest @ ..] => {
                self.zone = Some(Zone::Place(TimeZone::get(&format!("{area}/{place}")).ok()?));
                Some(rest)
            }
            [Token::Word(word), rest @ ..] => {
                self.take_word(word);
                Some(rest)
            }
            [Token::Sign('('), ..] if self.time.is_some() => self.take_comment(tokens),
            [Token::Sign('/'), rest @ ..] => {
                self.separator = Some('/');
                Some(rest)
            }
            // A colon parts hours and minutes, nothing else; every other sign parts words.
            [Token::Sign(sign), rest @ ..] if *sign != ':' => Some(rest),
            _ => None,
        }
    }

    fn take_number<'t, 'a>(&mut self, value: i64, digits: usize, rest: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
        match digits {
            // Basic format: 20031231T101455
            4 | 6 if self.parted && self.time.is_none() => {
                let value = if digits == 4 { value * 100 } else { value };
                self.time = Some((value / 10_000, value / 100 % 100, value % 100));
            }
            2 if self.parted && self.time.is_none() => self.time = Some((value, 0, 0)),
            12 | 14 if self.numbers.is_empty() => {
                let value = if digits == 12 { value * 100 } else { value };
                self.numbers.push((value / 1_000_000, 8));
                self.time = Some((value / 10_000 % 100, value / 100 % 100, value % 100));
            }
            1..=8 if self.numbers.len() < 3 => self.numbers.push((value, digits)),
            _ => return None,
        }
        Some(rest)
    }

    fn take_word(&mut self, word: &str) {
        let may_be_zone = self.zone.is_none() && (self.time.is_some() || matches!(word, "utc" | "gmt"));
        if let Some(zone) = words::zone(word).filter(|_| may_be_zone) {
            self.zone = Some(zone);
            return;
        }
        match words::meaning(word) {
            Some(Word::Month(month)) if !self.has_date() => self.month = Some(month),
            Some(Word::Afternoon(afternoon)) => self.afternoon = Some(afternoon),
            Some(Word::Part) => self.parted = true,
            Some(Word::Filler) => {}
            // Before the date and between it and the time: the day of the week, "at".
            _ if self.numbers.is_empty() && self.month.is_none() => {}
            _ if self.has_date() && self.time.is_none() => {}
            // RFC 5322 §4.3: an unknown zone is as good as none.
            _ => self.unknown = true,
        }
        self.script = self.script.or_else(|| words::script(word));
    }

    /// `(Coordinated Universal Time)`: what stands in brackets repeats the zone, or is it.
    fn take_comment<'t, 'a>(&mut self, tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
        if let (None, Some(Token::Word(word))) = (&self.zone, tokens.get(1)) {
            self.zone = words::zone(word);
        }
        let end = tokens.iter().position(|token| *token == Token::Sign(')')).unwrap_or(tokens.len().saturating_sub(1));
        tokens.get(end + 1..)
    }

    fn moment(self, timezone: Option<&TimeZone>) -> Option<Timestamp> {
        let date = self.date()?;
        let Some((hour, minute, second)) = self.time else {
            return TimeZone::UTC.to_timestamp(date.to_datetime(Time::midnight())).ok();
        };
        let hour = match (self.afternoon, hour) {
            (Some(true), 1..=11) => hour + 12,
            (Some(false), 12) => 0,
            _ => hour,
        };
        // 24:00 is the end of the day, :60 a leap second; further there is nothing.
        if !(0..=24).contains(&hour) || (hour == 24 && (minute, second) != (0, 0)) || minute > 59 || second > 60 {
            return None;
        }
        let midnight: DateTime = date.to_datetime(Time::midnight());
        let at = midnight.checked_add((hour * 3600 + minute * 60 + second).seconds()).ok()?;
        let zone = match self.zone {
            // An offset outranks the name before it: `GMT+2`.
            Some(Zone::Fixed(minutes) | Zone::Offset(minutes)) => {
                TimeZone::fixed(Offset::from_seconds(minutes * 60).ok()?)
            }
            Some(Zone::Place(place)) => place,
            None if timezone.is_none() && self.script == Some(Script::Korean) => TimeZone::fixed(Offset::constant(9)),
            None => timezone.cloned().unwrap_or(TimeZone::UTC),
        };
        zone.to_timestamp(at).ok()
    }

    /// Whether day, month and year have been told.
    fn has_date(&self) -> bool {
        self.numbers.len() + usize::from(self.month.is_some()) >= 3
    }

    /// Decides which number is what.
    fn date(&self) -> Option<Date> {
        // Among words that mean nothing, only a date that names its month is one.
        if self.unknown && (self.month.is_none() || self.numbers.len() != 2) {
            return None;
        }
        let numbers = self.numbers.as_slice();
        if let (Some(month), [] | [_] | [_, _]) = (self.month, numbers) {
            let ((year, digits), day) = match *numbers {
                [year @ (_, 4..)] if self.time.is_none() => (year, 1),
                [year, (day, 1..=2)] if year.1 > 2 || year.0 > 31 => (year, day),
                [(day, 1..=2), year] => (year, day),
                _ => return None,
            };
            return date(self.year(year, digits)?, i64::from(month), day);
        }
        match *numbers {
            [year @ (_, 4), (month, _), (day, _)] => date(self.year(year.0, year.1)?, month, day),
            [(first, 1..=2), (second, 1..=2), (year, 4)] => {
                let year = self.year(year, 4)?;
                // 7/31/2004, unless that is no month; elsewhere the day comes first.
                if self.separator == Some('/') && first <= 12 {
                    date(year, first, second)
                } else {
                    date(year, second, first)
                }
            }
            [(year, 2), (month, 2), (day, 2)] if self.separator == Some('/') && year <= 12 && day > 12 => {
                date(self.year(day, 2)?, year, month)
            }
            [(year, 2), (month, 2), (day, 2)] => date(self.year(year, 2)?, month, day),
            [(year, digits @ (2 | 4)), (day, 3)] => ordinal(self.year(year, digits)?, day),
            [(all, 8)] => date(self.year(all / 10_000, 4)?, all / 100 % 100, all % 100),
            [(all, 7)] => ordinal(self.year(all / 1000, 4)?, all % 1000),
            [(all, 6)] => date(self.year(all / 10_000, 2)?, all / 100 % 100, all % 100),
            [(all, 5)] => ordinal(self.year(all / 1000, 2)?, all % 1000),
            _ => self.partial_date(),
        }
    }

    /// Decides about numbers that leave the day or the month out; with a time behind them they are dirt.
    fn partial_date(&self) -> Option<Date> {
        if self.time.is_some() {
            return None;
        }
        match *self.numbers.as_slice() {
            [(year, 4), (month, 1..=2)] | [(month, 1..=2), (year, 4)] => date(self.year(year, 4)?, month, 1),
            [(year, 2), (month, 2)] if self.negative => date(self.year(year, 2)?, month, 1),
            [(both, 4)] if self.negative => date(self.year(both / 100, 2)?, both % 100, 1),
            [(year, 2)] if self.negative => date(self.year(year, 2)?, 1, 1),
            [(year, 4)] => date(self.year(year, 4)?, 1, 1),
            _ => None,
        }
    }

    fn year(&self, value: i64, digits: usize) -> Option<i16> {
        let value = i16::try_from(value).ok()?;
        let year = match digits {
            1 | 2 if value < CENTURY_PIVOT => value + 2000,
            // RFC 5322 §4.3: two and three digits.
            1..=3 => value + 1900,
            _ if !YEARS.contains(&value) && self.script == Some(Script::Thai) => value - BUDDHIST_ERA,
            _ => value,
        };
        YEARS.contains(&year).then_some(year)
    }
}

fn date(year: i16, month: i64, day: i64) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn ordinal(year: i16, day: i64) -> Option<Date> {
    let first = Date::new(year, 1, 1).ok()?;
    let day = i16::try_from(day).ok().filter(|day| (1..=first.days_in_year()).contains(day))?;
    first.checked_add((day - 1).days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: &str) {
        let got = parse(text, None).map_or_else(|| "-".to_owned(), |at| at.to_string());
        assert_eq!(got, want, "{text}");
    }

    #[test]
    fn mail_dates() {
        check("Thu, 25 Sep 2025 11:14:55 GMT", "2025-09-25T11:14:55Z");
        check("Thu, 25 Sep 2025 11:14 +0200", "2025-09-25T09:14:00Z");
        check("25 Sep 25 11:14:55 EST", "2025-09-25T16:14:55Z");
        check("Thu, 25 Sep 99 11:14:55 PDT", "1999-09-25T18:14:55Z");
        check("Thu, 25 September 2025 11:14:55 ET", "2025-09-25T15:14:55Z");
        check("Thu, 25 Sep 2025 11:14:55 AT", "2025-09-25T15:14:55Z");
        check("Thu, 25 Sep 2025 11:14:55 GMT-01:01", "2025-09-25T12:15:55Z");
        check("Thu, 25 Sep 2025 11:14:55 UTC+2", "2025-09-25T09:14:55Z");
        check("Thu, 25 Sep 2025 11:14:55 XYZ", "2025-09-25T11:14:55Z");
        check("Thu, 25 Sep 2025", "2025-09-25T00:00:00Z");
        check("Thu, 25 Sep 2025 24:00:00 GMT", "2025-09-26T00:00:00Z");
        check("Thu, 25 Sep 2025 11:14:60 GMT", "2025-09-25T11:15:00Z");
        check("Thu, 25 Sep 2025 11:14:55 Europe/Berlin", "2025-09-25T09:14:55Z");
    }

    #[test]
    fn iso_dates() {
        check("2025-09-25T11:14:55Z", "2025-09-25T11:14:55Z");
        check("2025-09-25T11:14:55.123+02:00", "2025-09-25T09:14:55Z");
        check("2025-09-25 11:14", "2025-09-25T11:14:00Z");
        check("20250925T111455Z", "2025-09-25T11:14:55Z");
        check("20250925111455", "2025-09-25T11:14:55Z");
        check("2025-09-25", "2025-09-25T00:00:00Z");
        check("2025-09", "2025-09-01T00:00:00Z");
        check("2025", "2025-01-01T00:00:00Z");
        check("2025-268", "2025-09-25T00:00:00Z");
        check("25268", "2025-09-25T00:00:00Z");
        check("-2509", "2025-09-01T00:00:00Z");
        check("1758798895", "2025-09-25T11:14:55Z");
        check("1758798895000", "2025-09-25T11:14:55Z");
    }

    #[test]
    fn dates_by_hand() {
        check("Thu Sep 25 11:14:55 2025", "2025-09-25T11:14:55Z");
        check("Thu Sep 25 11:14:55 +0100 2025", "2025-09-25T10:14:55Z");
        check("Thu Sep 25 2025 11:14:55 GMT+0200 (Central European Summer Time)", "2025-09-25T09:14:55Z");
        check("September 25th, 2025 at 1:14 pm", "2025-09-25T13:14:00Z");
        check("9/25/2025 12:14:55 AM", "2025-09-25T00:14:55Z");
        check("25/9/2025", "2025-09-25T00:00:00Z");
        check("25.09.2025, 11:14 Uhr", "2025-09-25T11:14:00Z");
        check("25-Sep-2025 11:14:55", "2025-09-25T11:14:55Z");
    }

    #[test]
    fn dates_in_other_languages() {
        check("jeudi 25 septembre 2025 à 11h14", "2025-09-25T11:14:00Z");
        check("Πεμ, 25 Σεπ 2025 11:14:55 +0300", "2025-09-25T08:14:55Z");
        check("2025-szeptember-25T9:15-05:00", "2025-09-25T14:15:00Z");
        check("25 сентября 2025 г. 11:14", "2025-09-25T11:14:00Z");
        check("2025년 9월 25일 오후 11:14", "2025-09-25T14:14:00Z");
        check("2025年9月25日 11時14分", "2025-09-25T11:14:00Z");
        check("٢٥ سبتمبر ٢٠٢٥", "2025-09-25T00:00:00Z");
        check("25 กันยายน 2568", "2025-09-25T00:00:00Z");
        check("mar., 25 sept. 2025", "2025-09-25T00:00:00Z");
        check("25 de setembro de 2025", "2025-09-25T00:00:00Z");
        check("23 thg 9, 2025", "2025-09-23T00:00:00Z");
        check("23 जाने, 2025", "2025-01-23T00:00:00Z");
        check("23 ม.ค. 2568", "2025-01-23T00:00:00Z");
        check("23 تشرين الأول 2025", "2025-10-23T00:00:00Z");
        check("25. september 2025 11.14.55", "2025-09-25T11:14:55Z");
        // The day of the week behind the date is no month, though `vas` is Lithuanian for February.
        check("2025. március 23., vasárnap", "2025-03-23T00:00:00Z");
        check("2025年9月25日木曜日", "2025-09-25T00:00:00Z");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "soon",
            "013",
            "2025-13-01",
            "2025-02-30",
            "2025-09-25T25:00:00Z",
            "2025-09-25-01",
            "2025-09-25T11:14:55Zextra",
            "2025-xx-25",
            "Thu, 25 Sep 2025 1:2:3:4 GMT",
            "2025-09-25T09:xx:00Z",
            "2025-09-25T09:00:00+00:xx",
            "0001-01-01T00:00:00Z",
            "25 Sep",
            "Thu, Sep x 2025 11:47:32 GMT",
            "zzz 5 11:47:32 2025",
        ] {
            check(text, "-");
        }
    }

    #[test]
    fn a_zone_less_date_is_in_the_feeds_zone() {
        let baghdad = TimeZone::get("Asia/Baghdad").unwrap();
        assert_eq!(parse("2025-09-25 11:14", Some(&baghdad)).unwrap().to_string(), "2025-09-25T08:14:00Z");
        assert_eq!(parse("2025-09-25T11:14:00Z", Some(&baghdad)).unwrap().to_string(), "2025-09-25T11:14:00Z");
        assert_eq!(parse("2025-09-25", Some(&baghdad)).unwrap().to_string(), "2025-09-25T00:00:00Z");
    }
}
