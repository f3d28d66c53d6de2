//! What follows the names in a byline: its day, and who took the pictures.

use super::super::name_words::{DAY_WORDS, EDITED, PICTURED, STAMPED, Words};
use super::super::opener::first_word;

/// Words for "by" after the word for a picture.
const BY: &[&str] = &["by", "von", "par", "de", "di", "por", "door", "av", "af"];

/// `Text by Ann Lee  Illustration by Bo Ek`: the line before the credit of the pictures.
pub(in crate::clean::metadata) fn without_pictures(line: &str) -> &str {
    until(line, &PICTURED, credits)
}

/// `Photograph by Bo Ek`, `Fotos: Bo Ek`: the credit of the pictures alone.
pub(super) fn is_picture_credit(line: &str) -> bool {
    let word = first_word(line);
    PICTURED.contains(word.to_lowercase().as_str())
        && line.get(word.len()..).is_some_and(|rest| credits(rest.trim_start()))
}

/// Whether what follows the word for a picture says whose it is.
fn credits(rest: &str) -> bool {
    rest.starts_with([':', '：']) || BY.contains(&first_word(rest).to_lowercase().as_str())
}

/// `王小明、李大海 编辑：赵一`: the line before the editor's name.
pub(super) fn without_editors(line: &str) -> &str {
    until(line, &EDITED, |rest| rest.starts_with([':', '：']))
}

/// `By Ann Lee Updated: May 3, 2024`: the line before the day.
pub(super) fn without_stamp(line: &str) -> &str {
    until(line, &STAMPED, |rest| rest.chars().take(40).any(char::is_numeric))
}

/// `line` up to the first of `words` that does not open it and goes on as `follows` tells.
fn until<'a>(line: &'a str, words: &Words, follows: impl Fn(&str) -> bool) -> &'a str {
    let (mut at, mut opens) = (0, true);
    for word in line.split_inclusive(|char: char| !char.is_alphabetic()) {
        let from = at;
        at += word.len();
        let word = word.trim_end_matches(|char: char| !char.is_alphabetic());
        if word.is_empty() {
            continue;
        }
        let rest = line.get(from + word.len()..).unwrap_or_default();
        if !opens && words.contains(word.to_lowercase().as_str()) && follows(rest.trim_start()) {
            return line.split_at(from).0;
        }
        opens = false;
    }
    line
}

/// `Ann Lee on May 3`, `Anna Müller am Montag`: the name before the day.
pub(super) fn without_day(line: &str) -> &str {
    let ends = DAY_WORDS.iter().flat_map(|word| line.match_indices(word).map(|(at, word)| (at, at + word.len())));
    let is_day = |&(_, end): &(usize, usize)| {
        let rest = line.get(end..).unwrap_or_default();
        let first = rest.split([' ', ',', '.']).next().unwrap_or_default();
        rest.chars().take(40).any(char::is_numeric)
            && (first.chars().all(char::is_numeric) || first.chars().count() > 2)
    };
    ends.filter(is_day).map(|(at, _)| at).min().and_then(|at| line.get(..at)).unwrap_or(line)
}
