//! [`Rechecks`]: when a story is looked at again.
//!
//! 15 % of articles change their text within a day, 5 % their title (88 million addresses recrawled, 2026-11): hence an hour, a day and a week.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::article::Precision;

/// When stories are looked at again, and how much of our requests that may take.
#[derive(Debug, Clone, PartialEq)]
pub struct Rechecks {
    /// Ages of a story at which it is looked at again, ascending. Empty: never.
    pub after: Vec<Duration>,
    /// The share of a domain's pace and of the requests in flight that this may take, above 0 and up to 1.
    pub budget: f64,
}

impl Default for Rechecks {
    fn default() -> Self {
        Self { after: [1, 24, 7 * 24].map(|hours| Duration::from_secs(hours * 3600)).to_vec(), budget: 0.25 }
    }
}

impl Rechecks {
    /// The next look at a story whose age counts from `since`; `None` when it has outlived the last.
    #[must_use]
    pub fn next(&self, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
        self.after.iter().filter_map(|&age| later(since, age)).find(|&at| at > now)
    }

    /// The look that proves a story gone which was just found missing: publishers' systems slip.
    #[must_use]
    pub fn proof(&self, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let soon = later(now, *self.after.first()?)?;
        Some(self.next(since, now).map_or(soon, |next| next.min(soon)))
    }
}

/// What a story's age counts from: when it appeared, as far as that is known, and at the latest when it was fetched.
#[must_use]
pub fn since(published: Option<(Timestamp, Precision)>, fetched_at: Timestamp) -> Timestamp {
    let latest = match published {
        None => fetched_at,
        Some((at, Precision::Time)) => at,
        Some((midnight, Precision::Day)) => later(midnight, Duration::from_secs(86_400)).unwrap_or(midnight),
    };
    latest.min(fetched_at)
}

fn later(at: Timestamp, wait: Duration) -> Option<Timestamp> {
    at.checked_add(SignedDuration::try_from(wait).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_story_is_looked_at_after_an_hour_a_day_and_a_week() {
        let born = at("2026-03-01T10:00:00Z");
        for (now, next) in [
            ("2026-03-01T10:05:00Z", Some("2026-03-01T11:00:00Z")),
            ("2026-03-01T11:00:00Z", Some("2026-03-02T10:00:00Z")),
            // After a long stop there is one look, not three.
            ("2026-03-04T00:00:00Z", Some("2026-03-08T10:00:00Z")),
            ("2026-03-08T10:00:00Z", None),
            ("2031-01-01T00:00:00Z", None),
        ] {
            assert_eq!(Rechecks::default().next(born, at(now)), next.map(at), "{now}");
        }
        let never = Rechecks { after: Vec::new(), ..Rechecks::default() };
        assert_eq!(never.next(born, born), None);
        assert_eq!(never.proof(born, born), None);
    }

    #[test]
    fn a_story_found_missing_is_looked_at_once_more_soon() {
        let born = at("2026-03-01T10:00:00Z");
        for (now, next) in [
            ("2026-03-01T10:30:00Z", "2026-03-01T11:00:00Z"),
            ("2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"),
            ("2026-03-08T10:00:00Z", "2026-03-08T11:00:00Z"),
        ] {
            assert_eq!(Rechecks::default().proof(born, at(now)), Some(at(next)), "{now}");
        }
    }

    #[test]
    fn age_counts_from_publication_never_from_the_future() {
        let fetched = at("2026-03-01T10:00:00Z");
        for (published, expect) in [
            (None, "2026-03-01T10:00:00Z"),
            (Some(("2026-03-01T08:00:00Z", Precision::Time)), "2026-03-01T08:00:00Z"),
            (Some(("2026-03-01T18:00:00Z", Precision::Time)), "2026-03-01T10:00:00Z"),
            (Some(("2026-03-01T00:00:00Z", Precision::Day)), "2026-03-01T10:00:00Z"),
            (Some(("2026-02-20T00:00:00Z", Precision::Day)), "2026-02-21T00:00:00Z"),
        ] {
            assert_eq!(since(published.map(|(text, precision)| (at(text), precision)), fetched), at(expect));
        }
    }

    #[test]
    fn the_end_of_time_is_no_panic() {
        let last = Rechecks { after: vec![Duration::MAX], ..Rechecks::default() };
        assert_eq!(last.next(Timestamp::MAX, Timestamp::MIN), None);
        assert_eq!(last.proof(Timestamp::MAX, Timestamp::MAX), None);
    }
}
