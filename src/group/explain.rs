//! Why two stories were taken for one event or for two, in plain words.
//!
//! Pure. A signature holds no words, so this reads the stories again.

use std::collections::HashMap;

use super::dates::{self, Mention};
use super::features::copied;
use super::lookup::Lookup;
use super::signature::{LEAD, NAME, Signature, TITLE};
use super::statistics::rarity;
use super::{Comparison, Story, compare, token};

/// Words named in one line.
const NAMED: usize = 5;
/// Rarity, in nats, from which a word says anything.
const TELLING: f32 = 3.0;

/// [`compare`], with the names, days, words and the gap that spoke for and against.
#[must_use]
pub fn explain(a: &Story<'_>, b: &Story<'_>) -> Comparison {
    let (of_a, of_b) = (Signature::of(a), Signature::of(b));
    let mut comparison = compare(&of_a, &of_b);
    let mut written = HashMap::new();
    for text in [a.title, Some(a.text), b.title, Some(b.text)].into_iter().flatten() {
        token::scan(text, usize::MAX, &mut |token, word| {
            written.entry(token.hash).or_insert_with(|| word.to_owned());
        });
    }
    let name = |terms: Vec<u32>| -> String {
        let words: Vec<&str> =
            terms.iter().filter_map(|term| written.get(term).map(String::as_str)).take(NAMED).collect();
        words.join(", ")
    };
    let why = &mut comparison.why;
    let shared =
        |wanted: u8| telling(&of_a, |term, mark| mark & NAME == wanted && of_b.terms.binary_search(&term).is_ok());
    let only = |x: &Signature, y: &Signature| {
        telling(x, |term, mark| mark & NAME != 0 && mark & (TITLE | LEAD) != 0 && y.terms.binary_search(&term).is_err())
    };
    for (line, terms) in [
        ("for: both name", shared(NAME)),
        ("for: both have the words", shared(0)),
        ("against: only the first names", only(&of_a, &of_b)),
        ("against: only the second names", only(&of_b, &of_a)),
    ] {
        if !terms.is_empty() {
            why.push(format!("{line} {}", name(terms)));
        }
    }
    comparison
}

/// What can be said without the words themselves.
pub(crate) fn without_words(a: &Signature, b: &Signature) -> Vec<String> {
    let mut why = Vec::new();
    if let Some(share) = copied((a, &Lookup::of(&a.shingles)), b) {
        why.push(format!("for: {:.0} % of the shorter text is in the other", share * 100.0));
    }
    match ((a.day - b.day).abs(), a.published.and(b.published)) {
        (_, None) => why.push("neither way: the day of publication of one is not known".to_owned()),
        (0, _) => why.push("for: published on the same day".to_owned()),
        (1, _) => why.push("for: published a day apart".to_owned()),
        (gap, _) => why.push(format!("against: published {gap} days apart")),
    }
    let common: Vec<String> = a.days.iter().filter(|day| b.days.contains(day)).map(|day| spoken(*day)).collect();
    if !common.is_empty() {
        why.push(format!("for: both speak of {}", common.join(", ")));
    } else if let (Some(first), Some(second)) = (a.days.first(), b.days.first()) {
        why.push(format!("against: one speaks of {}, the other of {}", spoken(*first), spoken(*second)));
    }
    why
}

/// The words of a story that were asked for and say something, the rarest first.
fn telling(signature: &Signature, wanted: impl Fn(u32, u8) -> bool) -> Vec<u32> {
    let mut found: Vec<(f32, u32)> = signature
        .terms
        .iter()
        .zip(&signature.marks)
        .filter(|(term, mark)| wanted(**term, **mark))
        .map(|(term, _)| (rarity(signature.language, None, *term), *term))
        .filter(|(rarity, _)| *rarity >= TELLING)
        .collect();
    found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    found.into_iter().map(|(_, term)| term).collect()
}

fn spoken(code: i32) -> String {
    const WEEKDAYS: [&str; 7] =
        ["a Monday", "a Tuesday", "a Wednesday", "a Thursday", "a Friday", "a Saturday", "a Sunday"];
    match Mention::from_code(code) {
        Mention::Day(day) => dates::calendar(day).map_or_else(|| "a day".to_owned(), |date| date.to_string()),
        Mention::MonthDay(month, day) => format!("{month:02}-{day:02}"),
        Mention::Weekday(day) => WEEKDAYS.get(usize::from(day)).copied().unwrap_or("a day").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_days_and_gap_are_told() {
        let story = |title, text, at: &str| Story {
            title: Some(title),
            text,
            published_at: Some(at.parse().unwrap()),
            language: Some("en"),
            ..Story::default()
        };
        let a = story(
            "Premier phones Ostrava",
            "On Monday the premier, Hanna Kolb, spoke with Velimir Dusk about grain.",
            "2024-08-05T10:00:00Z",
        );
        let b = story(
            "Premier visits Ostrava",
            "On Sunday the premier, Hanna Kolb, met Oskar Brandl over grain.",
            "2023-11-06T10:00:00Z",
        );
        let told = explain(&a, &b);
        assert!(!told.same, "{told:?}");
        for line in ["against: published 273 days apart", "against: one speaks of 2024-08-05, the other of 2023-11-05"]
        {
            assert!(told.why.contains(&line.to_owned()), "{told:?}");
        }
        assert!(told.why.iter().any(|line| line.starts_with("for: both name") && line.contains("Kolb")), "{told:?}");
        assert!(
            told.why.iter().any(|line| line.starts_with("against: only the first names") && line.contains("Dusk")),
            "{told:?}"
        );
    }
}
