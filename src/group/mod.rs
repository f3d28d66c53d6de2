//! Grouping: one event, one group, as the articles stream in.
//!
//! Pure. [`Signature::of`] reduces a story to what grouping needs, anywhere and in parallel; an [`Index`] holds the signatures of
//! the days around the article at hand and gives each article its event. The index is a cache: what it decides is a function of
//! the stored signatures of the days asked for ([`Index::days_needed`]) and of the word statistics in force, never of what else
//! happens to be loaded, so that a stream cut by restarts ends in the same partition as an uncut one.
//!
//! It must not know the database, the clock, or how a story was fetched.

mod dates;
mod explain;
pub mod features;
mod index;
#[cfg(test)]
mod laws;
mod lookup;
mod model;
mod shelf;
mod signature;
mod similarity;
mod statistics;
mod token;
mod words;

use std::time::Duration;

use jiff::Timestamp;

pub use explain::explain;
pub use index::{Assignment, Index, Member};
pub use model::{Model, ModelError};
pub use signature::Signature;
pub use similarity::{Comparison, compare, compare_by, features_of};
pub use statistics::SavedRow;

/// A day: days since 1970-01-01, UTC.
pub type Day = i32;

/// How articles are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How far apart two articles of one event may be published.
    pub window: Duration,
}

impl Options {
    /// The window in whole days.
    #[must_use]
    pub fn window_days(&self) -> Day {
        Day::try_from(self.window.as_secs().div_ceil(86_400)).unwrap_or(Day::MAX)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { window: Duration::from_hours(7 * 24) }
    }
}

/// One story, as grouping sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Story<'a> {
    /// Where it was found; empty where that is not known.
    pub url: &'a str,
    /// The headline.
    pub title: Option<&'a str>,
    /// The story's own words.
    pub text: &'a str,
    /// When it appeared.
    pub published_at: Option<Timestamp>,
    /// When it was fetched; stands in for a missing date, or one more than a day ahead of it.
    pub seen_at: Option<Timestamp>,
    /// A BCP 47 tag; recognized from the text where it is missing.
    pub language: Option<&'a str>,
    /// Registrable domain; empty where it is not known.
    pub publisher: &'a str,
    /// Whom the publisher credits.
    pub attribution: Option<&'a str>,
    /// The place that the story opens with.
    pub dateline: Option<&'a str>,
}

/// The words of a text as the grouper sees them: hashes, in order. What the word table is made from.
#[must_use]
pub fn hashed_words(text: &str) -> Vec<u32> {
    token::tokens(text, usize::MAX).into_iter().map(|token| token.hash).collect()
}
