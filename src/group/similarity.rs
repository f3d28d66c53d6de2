//! How alike two stories are.
//!
//! Pure.

use super::signature::{COUNT, LEAD, Signature, TITLE};

/// Whether two stories tell of the same event.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// 0–1, at least [`SAME`] where they do.
    pub score: f64,
    /// Whether they tell of the same event.
    pub same: bool,
    /// What spoke for and against, in plain words.
    pub why: Vec<String>,
}

/// The score from which two stories are one event.
pub(crate) const SAME: f64 = 0.5;

/// Compares two stories by themselves, with no statistics but those built in.
#[must_use]
pub fn compare(a: &Signature, b: &Signature) -> Comparison {
    let score = score(a, b);
    Comparison { score, same: score >= SAME, why: Vec::new() }
}

/// The share of the shorter text that stands in the other, 0–1, as its shingles tell (Broder 1997).
pub(crate) fn shared_text(a: &Signature, b: &Signature) -> f64 {
    let (Some(&last_a), Some(&last_b)) = (a.shingles.last(), b.shingles.last()) else { return 0.0 };
    // Both samples are complete up to the smaller of the two ends.
    let end = last_a.min(last_b);
    let of = |s: &Signature| s.shingles.iter().take_while(|h| **h <= end).count();
    let common = a.shingles.iter().filter(|h| b.shingles.binary_search(h).is_ok()).count();
    ratio(common, of(a).min(of(b)))
}

/// Probability that two stories tell of the same event.
pub(crate) fn score(a: &Signature, b: &Signature) -> f64 {
    let (mut all, mut titles) = (0.0, 0.0);
    for (hash, mark_a, mark_b) in shared(a, b) {
        let _ = hash;
        all += weight(mark_a) * weight(mark_b);
        if mark_a & mark_b & TITLE != 0 {
            titles += 1.0;
        }
    }
    let norm = |s: &Signature| s.marks.iter().map(|m| weight(*m).powi(2)).sum::<f64>().sqrt();
    let cosine = all / (norm(a) * norm(b)).max(1e-9);
    let gap = match (a.published, b.published) {
        (Some(a), Some(b)) => f64::from(i32::try_from((a - b).abs() / 3600).unwrap_or(i32::MAX)) / 24.0,
        _ => 0.0,
    };
    let x = 9.0 * cosine + 0.35 * titles + 3.0 * shared_text(a, b) - 0.5 * gap - 3.3;
    1.0 / (1.0 + (-x).exp())
}

fn weight(mark: u8) -> f64 {
    let count = f64::from(mark & COUNT);
    (1.0 + count.ln())
        * if mark & TITLE != 0 {
            2.0
        } else if mark & LEAD != 0 {
            1.4
        } else {
            1.0
        }
}

/// The words both have, with the marks of either.
fn shared<'a>(a: &'a Signature, b: &'a Signature) -> impl Iterator<Item = (u32, u8, u8)> + 'a {
    let mut at = 0;
    a.terms.iter().zip(&a.marks).filter_map(move |(hash, mark)| {
        while b.terms.get(at).is_some_and(|other| other < hash) {
            at += 1;
        }
        (b.terms.get(at) == Some(hash)).then(|| (*hash, *mark, b.marks.get(at).copied().unwrap_or(1)))
    })
}

fn ratio(part: usize, whole: usize) -> f64 {
    let small = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { small(part) / small(whole) }
}
