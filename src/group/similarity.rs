//! How alike two stories are, and why.
//!
//! Pure. Puts features and model together.

use super::explain::without_words;
use super::features::{Compared, Features, Weights, features};
use super::model::{Model, probability};
use super::signature::Signature;
use super::statistics::rarity;

/// Whether two stories tell of the same event.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Probability that they do, 0–1.
    pub score: f64,
    /// Whether that is enough.
    pub same: bool,
    /// What spoke for and against, in plain words.
    pub why: Vec<String>,
}

/// Compares two stories by themselves, with no statistics but those built in.
#[must_use]
pub fn compare(a: &Signature, b: &Signature) -> Comparison {
    compare_by(Model::bundled(), a, b)
}

/// [`compare`] with a model of one's own.
#[must_use]
pub fn compare_by(model: &Model, a: &Signature, b: &Signature) -> Comparison {
    let score = probability(model.log_odds(&features_of(a, b)));
    Comparison { score: f64::from(score), same: score >= model.same, why: without_words(a, b) }
}

/// The features of a pair, with no statistics but those built in: what a model is trained on.
#[must_use]
pub fn features_of(a: &Signature, b: &Signature) -> Features {
    let [of_a, of_b] = [a, b].map(|s| Weights::of(s, |term| rarity(s.language, None, term)));
    features(&Compared::new(a, &of_a), (b, &of_b))
}
