//! The time of day beside a date, and the zone after it.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::parse::Zone;
use super::tokens::Token;
use super::words::{Named, afternoon, zone};

/// The first time of day in `tokens` and the zone after it.
pub(super) fn time_in(tokens: &[Token], date: Date) -> (Option<Time>, Zone) {
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
    let word = |offset: usize| tokens.get(at + offset).and_then(Token::word);
    // Spanish parts the letters: `6:05 p. m.`
    match (word(0)?, tokens.get(at + 1), word(2)) {
        (letter @ ("a" | "p"), Some(Token::Mark('.')), Some("m")) => Some((letter == "p", 3)),
        (word, ..) => afternoon(word).map(|half| (half, 1)),
    }
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
