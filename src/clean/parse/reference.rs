//! Character references: `&amp;`, `&#8217;`, `&#x2019;` (HTML, 13.2.5.72–80).

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Where a reference stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In text.
    Text,
    /// In an attribute's value, where `&copy=1` is part of an address.
    Attribute,
}

/// The longest name, without its semicolon, and the longest of those that need none.
const LONGEST: usize = 31;
const LONGEST_BARE: usize = 6;

/// What the reference at the beginning of `rest`, an ampersand, stands for, and its bytes; `None` where it is none.
pub(super) fn read(rest: &[u8], place: Place) -> Option<([Option<char>; 2], usize)> {
    match rest.get(1)? {
        b'#' => numeric(rest),
        byte if byte.is_ascii_alphanumeric() => named(rest, place),
        _ => None,
    }
}

fn numeric(rest: &[u8]) -> Option<([Option<char>; 2], usize)> {
    let (radix, from) = if matches!(rest.get(2), Some(b'x' | b'X')) { (16, 3) } else { (10, 2) };
    let digits = rest.get(from..)?.iter().map_while(|&byte| char::from(byte).to_digit(radix));
    let (number, count) = digits
        .fold((0_u32, 0), |(number, count), digit| (number.saturating_mul(radix).saturating_add(digit), count + 1));
    if count == 0 {
        return None;
    }
    let end = from + count;
    let end = end + usize::from(rest.get(end) == Some(&b';'));
    let replaced = number.checked_sub(0x80).and_then(|at| C1_REPLACEMENTS.get(usize::try_from(at).ok()?)).copied();
    let char = match (number, replaced) {
        (0, _) => None,
        (_, Some(Some(replaced))) => Some(replaced),
        _ => char::from_u32(number),
    };
    Some(([Some(char.unwrap_or(char::REPLACEMENT_CHARACTER)), None], end))
}

fn named(rest: &[u8], place: Place) -> Option<([Option<char>; 2], usize)> {
    let name = rest.get(1..)?;
    let length = name.iter().take(LONGEST + 1).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let get = |length: usize| {
        let &(first, second) = NAMED_ENTITIES.get(std::str::from_utf8(name.get(..length)?).ok()?)?;
        // The table has the beginnings of names, too: they stand for nothing.
        (first != 0).then(|| [char::from_u32(first), char::from_u32(second).filter(|_| second != 0)])
    };
    if name.get(length) == Some(&b';')
        && let Some(chars) = get(length + 1)
    {
        return Some((chars, length + 2));
    }
    let (chars, length) = (1..=length.min(LONGEST_BARE)).rev().find_map(|length| Some((get(length)?, length)))?;
    let goes_on = name.get(length).is_some_and(|&byte| byte == b'=' || byte.is_ascii_alphanumeric());
    (place == Place::Text || !goes_on).then_some((chars, length + 1))
}
