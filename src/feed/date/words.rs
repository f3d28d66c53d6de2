//! The words in dates: months, zones, halves of the day.
//!
//! A month is known by its longest listed stem, so that cases and abbreviations (`января`, `янв.`) need no lines of their own.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use memchr::memchr;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::months::MONTHS;

/// What a word means.
pub(super) enum Word {
    Month(i8),
    Afternoon(bool),
    /// The `T` between date and time.
    Part,
    /// Words that only connect.
    Filler,
}

/// Where a clock stands.
#[derive(Debug)]
pub(super) enum Zone {
    /// A name: minutes east of Greenwich.
    Fixed(i32),
    /// A number: minutes east of Greenwich.
    Offset(i32),
    Place(TimeZone),
}

/// Lower case, without accents, digits of all scripts as ASCII, `p.m.` as one word.
pub(super) fn normalize(text: &str) -> String {
    if text.is_ascii() {
        let text = text.to_ascii_lowercase();
        return if memchr(b'.', text.as_bytes()).is_some() {
            text.replace("a.m", "am").replace("p.m", "pm")
        } else {
            text
        };
    }
    let unmarked = text.chars().flat_map(char::to_lowercase).nfkd().filter(|c| !is_accent(*c) && !is_invisible(*c));
    let mut out: String = unmarked.map(ascii_digit).nfc().collect();
    if out.contains(|c| ('\u{0E00}'..='\u{0EFF}').contains(&c)) {
        // Thai and Lao abbreviate inside the word: ม.ค.
        out = out.replace('.', "");
    }
    for (from, to) in
        [("a.m", "am"), ("p.m", "pm"), ("π.μ", "πμ"), ("μ.μ", "μμ"), ("تشرين ال", "تشرينال"), ("كانون ال", "كانونال")]
    {
        if out.contains(from) {
            out = out.replace(from, to);
        }
    }
    out
}

/// Marks that a word is known without. Those of Indic scripts and beyond are vowels.
fn is_accent(c: char) -> bool {
    c < '\u{0900}' && is_combining_mark(c)
}

/// Whether a character belongs to a word.
pub(super) fn is_letter(c: char) -> bool {
    (c.is_alphabetic() || is_combining_mark(c) || c == '_') && !is_unit(c)
}

/// Marks of direction and joining.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{061C}' | '\u{FEFF}')
}

/// The decimal digits of the scripts that news is written in.
fn ascii_digit(c: char) -> char {
    const ZEROS: [u32; 8] = [0x0660, 0x06F0, 0x0966, 0x09E6, 0x0BE6, 0x0E50, 0x1040, 0x17E0];
    let code = u32::from(c);
    let digit = ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|digit| *digit < 10));
    digit.and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c)
}

/// Characters that are a word each: the units of Chinese, Japanese and Korean dates.
pub(super) fn is_unit(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '号' | '時' | '时' | '点' | '分' | '秒' | '년' | '월' | '일' | '시' | '분' | '초')
}

pub(super) fn is_hour(word: &str) -> bool {
    matches!(word, "時" | "时" | "点" | "시" | "h" | "uhr")
}

pub(super) fn is_minute(word: &str) -> bool {
    matches!(word, "分" | "분" | "m" | "min")
}

pub(super) fn is_second(word: &str) -> bool {
    matches!(word, "秒" | "초" | "s")
}

/// Scripts that tell more than the words do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// Korea has one zone, and dates in Korean words never name it.
    Korean,
    /// Thai dates may count the years of the Buddhist era.
    Thai,
}

pub(super) fn script(word: &str) -> Option<Script> {
    match word.chars().next()? {
        '가'..='힣' => Some(Script::Korean),
        '\u{0E00}'..='\u{0E7F}' => Some(Script::Thai),
        _ => None,
    }
}

/// What a folded word means. `None`: unknown.
pub(super) fn meaning(word: &str) -> Option<Word> {
    Some(match word {
        "t" => Word::Part,
        "am" | "오전" | "午前" | "上午" | "πμ" | "ص" | "fm" => Word::Afternoon(false),
        "pm" | "오후" | "午後" | "下午" | "μμ" | "م" | "em" => Word::Afternoon(true),
        // Words that could be taken for a month or a zone, that stand beside a month's number, or behind the time.
        "at" | "a" | "de" | "del" | "med" | "thang" | "thg" | "р" | "сар" | "сарын" | "оны" | "uhr" | "hrs" | "h"
        | "ч" | "น" | "في" | "年" | "月" | "日" | "号" | "년" | "월" | "일" => Word::Filler,
        _ => return month(word).map(Word::Month),
    })
}

/// What a folded word means as a zone. Names of RFC 822 and of the time and date services; summer time where the name says so.
pub(super) fn zone(word: &str) -> Option<Zone> {
    let hours = match word {
        "z" | "ut" | "utc" | "gmt" | "wet" | "uct" | "zulu" => 0,
        "bst" | "cet" | "met" | "mez" | "west" | "wat" => 1,
        "cest" | "mest" | "mesz" | "eet" | "cat" | "sast" => 2,
        "eest" | "msk" | "eat" | "trt" | "idt" => 3,
        "msd" | "gst" | "samt" | "azt" | "get" | "amt" => 4,
        "pkt" | "uzt" | "yekt" | "tmt" => 5,
        "bdt" | "omst" => 6,
        "ict" | "wib" | "krat" | "novt" => 7,
        "hkt" | "sgt" | "myt" | "awst" | "pht" | "wita" | "irkt" | "ulat" => 8,
        "jst" | "kst" | "wit" | "yakt" => 9,
        "aest" | "vlat" | "chst" => 10,
        "aedt" | "magt" => 11,
        "nzst" | "pett" | "fjt" => 12,
        "nzdt" => 13,
        "adt" | "art" | "brt" | "clst" | "uyt" | "pmst" => -3,
        "ast" | "edt" | "clt" | "bot" | "vet" | "pyt" | "at" => -4,
        "est" | "cdt" | "cot" | "pet" | "ect" => -5,
        "cst" | "mdt" | "galt" => -6,
        "mst" | "pdt" => -7,
        "pst" | "akdt" => -8,
        "akst" => -9,
        "hst" | "hast" => -10,
        "sst" => -11,
        _ => {
            return match word {
                "ist" => Some(Zone::Fixed(5 * 60 + 30)),
                "irst" => Some(Zone::Fixed(3 * 60 + 30)),
                "aft" => Some(Zone::Fixed(4 * 60 + 30)),
                "npt" => Some(Zone::Fixed(5 * 60 + 45)),
                "mmt" => Some(Zone::Fixed(6 * 60 + 30)),
                "acst" => Some(Zone::Fixed(9 * 60 + 30)),
                "acdt" => Some(Zone::Fixed(10 * 60 + 30)),
                "nst" => Some(Zone::Fixed(-(3 * 60 + 30))),
                "ndt" => Some(Zone::Fixed(-(2 * 60 + 30))),
                // American papers leave out whether it is summer.
                "et" => TimeZone::get("America/New_York").ok().map(Zone::Place),
                "ct" => TimeZone::get("America/Chicago").ok().map(Zone::Place),
                "mt" => TimeZone::get("America/Denver").ok().map(Zone::Place),
                "pt" => TimeZone::get("America/Los_Angeles").ok().map(Zone::Place),
                _ => None,
            };
        }
    };
    Some(Zone::Fixed(hours * 60))
}

/// The month whose longest stem the word begins with.
fn month(word: &str) -> Option<i8> {
    // Nearly all that occur are English.
    const ENGLISH: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    static STEMS: LazyLock<HashMap<char, Vec<(String, i8)>>> = LazyLock::new(|| {
        let mut stems: HashMap<char, Vec<(String, i8)>> = HashMap::new();
        for (of_month, month) in MONTHS.iter().zip(1..) {
            for stem in of_month.split_ascii_whitespace().map(normalize) {
                stems.entry(stem.chars().next().unwrap_or_default()).or_default().push((stem, month));
            }
        }
        stems
    });
    if let Some((_, month)) = ENGLISH.iter().zip(1..).find(|(name, _)| **name == word) {
        return Some(month);
    }
    // Hebrew writes "in" onto the month.
    let word = word.strip_prefix('ב').unwrap_or(word);
    let stems = STEMS.get(&word.chars().next()?)?;
    let fitting = stems.iter().filter(|(stem, _)| word.starts_with(stem.as_str()));
    fitting.max_by_key(|(stem, _)| stem.len()).map(|(_, month)| *month)
}
