//! Walks from document to document: archived and paged feeds (RFC 5005), JSON Feed's `next_url`, `?paged=N`.
//!
//! Knows nothing of how a document is read. Invariant: every walk ends, whatever the documents say: no address is asked twice, their
//! number is bounded, and a walk that brings nothing new stops.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::Range;
use crate::address;

/// Documents of one walk. An archive of ten a day fills 10,000 documents of ten in 27 years.
pub const MAX_DOCUMENTS: usize = 10_000;

/// Documents in a row of which every entry is older than the range before the walk ends: a story that was moved to the front, or one
/// that sticks there, does not make a document old, but a document of nothing else may follow.
const OLD_IN_A_ROW: usize = 2;

/// Documents in a row that announce only what was announced before.
const STALE_IN_A_ROW: usize = 2;

/// Dates of entries are of the publisher's zone, or of the last change.
const SLACK: SignedDuration = SignedDuration::from_hours(48);

/// A walk towards older documents.
#[derive(Debug, Clone)]
pub struct Walk {
    range: Range,
    max_documents: usize,
    asked: HashSet<String>,
    announced: HashSet<u64>,
    old: usize,
    stale: usize,
}

/// A document of a walk as it was read.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// Where its entries are and when they appeared, as far as announced.
    pub entries: Vec<(&'a Url, Option<Timestamp>)>,
    /// Where the next older one is said to be: `prev-archive` where there is one, else `next`.
    pub older: Option<&'a Url>,
}

/// What to do after a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask this address.
    Ask(Url),
    /// The walk is over.
    Stop(Stop),
}

/// Why a walk is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// No older document is named.
    NoMore,
    /// What follows is older than the range.
    BeforeRange,
    /// The documents lead back to one that was asked.
    Loop,
    /// The documents announce nothing new: the server ignores the number of the page.
    NothingNew,
    /// The walk has gone on for as long as it may.
    TooMany,
}

impl Walk {
    /// A walk that begins at `first`.
    #[must_use]
    pub fn new(first: &Url, range: Range) -> Self {
        Self::bounded(first, range, MAX_DOCUMENTS)
    }

    /// A walk of at most `max_documents`.
    #[must_use]
    pub fn bounded(first: &Url, range: Range, max_documents: usize) -> Self {
        Self {
            range,
            max_documents,
            asked: HashSet::from([address::key(first)]),
            announced: HashSet::new(),
            old: 0,
            stale: 0,
        }
    }

    /// Where to go after a document.
    pub fn after(&mut self, document: &Document<'_>) -> Step {
        let mut is_new = false;
        for (url, _) in &document.entries {
            is_new |= self.announced.insert(hash(&address::key(url)));
        }
        self.stale = if is_new { 0 } else { self.stale + 1 };
        let since = self.range.since().unwrap_or(Timestamp::MIN);
        let is_old = |at: &Timestamp| at.checked_add(SLACK).is_ok_and(|at| at < since);
        let mut dates = document.entries.iter().filter_map(|(_, at)| *at).peekable();
        let all_old = dates.peek().is_some() && dates.all(|at| is_old(&at));
        self.old = if all_old { self.old + 1 } else { 0 };
        let Some(older) = document.older else { return Step::Stop(Stop::NoMore) };
        if self.old >= OLD_IN_A_ROW {
            return Step::Stop(Stop::BeforeRange);
        }
        if self.stale >= STALE_IN_A_ROW {
            return Step::Stop(Stop::NothingNew);
        }
        if self.asked.len() >= self.max_documents {
            return Step::Stop(Stop::TooMany);
        }
        if !self.asked.insert(address::key(older)) {
            return Step::Stop(Stop::Loop);
        }
        Step::Ask(older.clone())
    }
}

/// Two addresses of one hash make a document stale only together with all others of it.
fn hash(key: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> Url {
        Url::parse("https://a.example/").unwrap().join(path).unwrap()
    }

    fn walk(max: usize) -> Walk {
        let range = Range::parse(Some("2024-03-01"), Some("2024-03-31"), Timestamp::UNIX_EPOCH).unwrap();
        Walk::bounded(&url("feed"), range, max)
    }

    /// Feeds a walk documents (their entries as address and day, the address of the next) and tells where each step led.
    fn check(walk: &mut Walk, documents: &[(&[(&str, &str)], &str)], want: &[&str]) {
        let mut got = Vec::new();
        for (entries, older) in documents {
            let entries: Vec<(Url, Option<Timestamp>)> =
                entries.iter().map(|(path, day)| (url(path), format!("{day}T00:00:00Z").parse().ok())).collect();
            let older = (!older.is_empty()).then(|| url(older));
            let entries = entries.iter().map(|(url, at)| (url, *at)).collect();
            match walk.after(&Document { entries, older: older.as_ref() }) {
                Step::Ask(url) => {
                    got.push(url.path().to_owned() + &url.query().map(|q| format!("?{q}")).unwrap_or_default());
                }
                Step::Stop(stop) => {
                    got.push(format!("{stop:?}"));
                    break;
                }
            }
        }
        assert_eq!(got, want);
    }

    #[test]
    fn a_walk_goes_on_until_the_range_is_left_behind() {
        let documents: &[(&[(&str, &str)], &str)] = &[
            (&[("9", "2024-05-01"), ("8", "2024-04-01")], "p2"),
            (&[("7", "2024-03-15"), ("6", "")], "p3"),
            // One that was moved to the front does not make the walk go on, one old document does not end it.
            (&[("5", "2024-02-01"), ("4", "2024-01-01")], "p4"),
            (&[("3", "2024-01-01")], "p5"),
            (&[("2", "2023-12-01")], "p6"),
        ];
        check(&mut walk(100), documents, &["/p2", "/p3", "/p4", "BeforeRange"]);
        check(&mut walk(100), &[(&[("1", "2024-03-02")], "")], &["NoMore"]);
        // Without dates nothing is old.
        check(
            &mut walk(100),
            &[(&[("1", "")], "p2"), (&[("2", "")], "p3"), (&[("3", "")], "p4")],
            &["/p2", "/p3", "/p4"],
        );
    }

    #[test]
    fn every_walk_ends() {
        check(&mut walk(100), &[(&[("1", "")], "p2"), (&[("2", "")], "feed?utm_source=x")], &["/p2", "Loop"]);
        check(&mut walk(2), &[(&[("1", "")], "p2"), (&[("2", "")], "p3")], &["/p2", "TooMany"]);
        let same: &[(&str, &str)] = &[("1", "2024-03-02"), ("2", "2024-03-03")];
        check(
            &mut walk(100),
            &[(same, "?paged=2"), (same, "?paged=3"), (same, "?paged=4")],
            &["/?paged=2", "/?paged=3", "NothingNew"],
        );
        check(&mut walk(100), &[(&[], "p2"), (&[], "p3")], &["/p2", "NothingNew"]);
    }
}
