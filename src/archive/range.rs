//! What a backfill was asked for: since when, until when.
//!
//! Invariant: the range is judged by the moment of publication; what is known of that may be no more than a day or a bound, so a
//! verdict has three values.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::date::{Span, later};
use crate::article::Precision;

/// Before this day there was no web (<https://info.cern.ch>, 1991); only a range without a beginning ends here.
const FIRST_DAY: Date = Date::constant(1991, 1, 1);

/// A range of moments: not before `since` and before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    since: Option<Timestamp>,
    end: Timestamp,
}

/// What is known of whether something was published in a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Certainly not.
    Outside,
    /// It has to be looked at.
    MayHold,
    /// As far as the source can be believed, wholly.
    Inside,
}

/// Why two strings are no range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// Neither a day nor a moment.
    #[error("no date: `{0}`; write a day (`2024-03-01`) or a moment (`2024-03-01T16:30:00Z`)")]
    NotADate(String),
    /// It ends before it begins.
    #[error("`{until}` lies before `{since}`; exchange them")]
    Backwards {
        /// As given.
        since: String,
        /// As given.
        until: String,
    },
}

impl Range {
    /// Moments from `since` on (from the beginning, if not given) and before `end`.
    #[must_use]
    pub fn new(since: Option<Timestamp>, end: Timestamp) -> Self {
        Self { since, end }
    }

    /// Reads what `--since` and `--until` say: a day (the whole of it, UTC) or a moment, itself included. Without a zone it is in UTC.
    /// Without `until` the range ends tomorrow, for dates run ahead of the clock.
    ///
    /// # Errors
    /// [`RangeError`] for what is no date, and for a range that ends before it begins.
    pub fn parse(since: Option<&str>, until: Option<&str>, now: Timestamp) -> Result<Self, RangeError> {
        let read = |text: &str| bounds(text.trim()).ok_or_else(|| RangeError::NotADate(text.to_owned()));
        let from = since.map(read).transpose()?.map(|(first, _)| first);
        let end = match until {
            Some(until) => read(until)?.1,
            None => later(now, SignedDuration::from_hours(24)),
        };
        if from.is_some_and(|from| from >= end) {
            let (since, until) = (since.unwrap_or_default().to_owned(), until.unwrap_or("now").to_owned());
            return Err(RangeError::Backwards { since, until });
        }
        Ok(Self { since: from, end })
    }

    /// The first moment of the range; `None`: it has no beginning.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// The first moment after the range.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// Whether an article was published in the range, as far as its date tells: a day counts if any moment of it does.
    #[must_use]
    pub fn holds(&self, published_at: Timestamp, precision: Precision) -> bool {
        let to = match precision {
            Precision::Time => published_at,
            Precision::Day => later(published_at, SignedDuration::from_secs(86_399)),
        };
        self.since.is_none_or(|since| to >= since) && published_at < self.end
    }

    /// What a span of time says about the range.
    #[must_use]
    pub fn judge(&self, span: Span) -> Verdict {
        if span.to <= self.since.unwrap_or(Timestamp::MIN) || span.from >= self.end {
            Verdict::Outside
        } else if self.since.is_none_or(|since| span.from >= since) && span.to <= self.end {
            Verdict::Inside
        } else {
            Verdict::MayHold
        }
    }

    /// Whether everything up to `latest` lies before the range.
    #[must_use]
    pub fn begins_after(&self, latest: Timestamp) -> bool {
        self.since.is_some_and(|since| latest < since)
    }

    /// The days (UTC) that the range touches, newest first.
    pub fn days(&self) -> impl Iterator<Item = Date> + use<> {
        let day = |at: Timestamp| TimeZone::UTC.to_datetime(at).date();
        let last = day(self.end.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(self.end));
        let first = self.since.map_or(FIRST_DAY, day);
        std::iter::successors(Some(last), |day| day.yesterday().ok()).take_while(move |day| *day >= first)
    }
}

/// The first moment that is meant and the first after it.
fn bounds(text: &str) -> Option<(Timestamp, Timestamp)> {
    let utc = |at: DateTime| TimeZone::UTC.to_timestamp(at).ok();
    if text.len() <= 10 {
        let day: Date = text.parse().ok()?;
        return Some((utc(day.into())?, utc(day.checked_add(1.day()).ok()?.into())?));
    }
    let at = text.parse::<Timestamp>().ok().or_else(|| utc(text.parse().ok()?))?;
    Some((at, later(at, SignedDuration::from_nanos(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn range(since: &str, until: &str) -> Range {
        Range::parse(Some(since), Some(until), at("2026-01-01T00:00:00Z")).unwrap()
    }

    #[test]
    fn a_day_is_the_whole_of_it() {
        let march = range("2024-03-01", "2024-03-31");
        for (moment, holds) in [
            ("2024-02-29T23:59:59Z", false),
            ("2024-03-01T00:00:00Z", true),
            ("2024-03-31T23:59:59Z", true),
            ("2024-04-01T00:00:00Z", false),
        ] {
            assert_eq!(march.holds(at(moment), Precision::Time), holds, "{moment}");
        }
        assert!(!march.holds(at("2024-02-29T00:00:00Z"), Precision::Day));
        assert!(march.holds(at("2024-03-31T00:00:00Z"), Precision::Day));
        assert_eq!(range("2024-03-05", "2024-03-05").days().count(), 1);
    }

    #[test]
    fn a_moment_is_itself() {
        let hour = range("2024-03-05T10:00:00Z", "2024-03-05T13:00:00+02:00");
        assert!(hour.holds(at("2024-03-05T11:00:00Z"), Precision::Time));
        assert!(!hour.holds(at("2024-03-05T11:00:01Z"), Precision::Time));
        assert!(!hour.holds(at("2024-03-05T09:59:59Z"), Precision::Time));
        // The story of that day may be of that hour.
        assert!(hour.holds(at("2024-03-05T00:00:00Z"), Precision::Day));
        assert_eq!(range("2024-03-05 10:00", "2024-03-06").since(), Some(at("2024-03-05T10:00:00Z")));
    }

    #[test]
    fn what_is_not_given_is_open() {
        let now = at("2024-03-05T10:00:00Z");
        let all = Range::parse(None, None, now).unwrap();
        assert!(all.holds(at("1995-01-01T00:00:00Z"), Precision::Time));
        assert!(all.holds(at("2024-03-06T09:00:00Z"), Precision::Time));
        assert_eq!(all.days().next().unwrap().to_string(), "2024-03-06");
        assert_eq!(all.days().last().unwrap(), FIRST_DAY);
    }

    #[test]
    fn errors_read_well() {
        let error = |since, until| Range::parse(since, until, at("2024-03-05T10:00:00Z")).unwrap_err().to_string();
        assert_eq!(
            error(Some("march"), None),
            "no date: `march`; write a day (`2024-03-01`) or a moment (`2024-03-01T16:30:00Z`)"
        );
        assert_eq!(
            error(Some("2024-03-02"), Some("2024-03-01")),
            "`2024-03-01` lies before `2024-03-02`; exchange them"
        );
        assert_eq!(error(Some("2025-01-01"), None), "`now` lies before `2025-01-01`; exchange them");
    }

    #[test]
    fn a_span_is_judged_by_its_ends() {
        let march = range("2024-03-01", "2024-03-31");
        let span = |from: &str, to: &str| Span { from: at(from), to: at(to) };
        for (from, to, want) in [
            ("2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z", Verdict::Outside),
            ("2024-02-01T00:00:00Z", "2024-03-01T00:00:01Z", Verdict::MayHold),
            ("2024-03-01T00:00:00Z", "2024-04-01T00:00:00Z", Verdict::Inside),
            ("2024-03-31T23:59:59Z", "2024-04-02T00:00:00Z", Verdict::MayHold),
            ("2024-04-01T00:00:00Z", "2024-04-02T00:00:00Z", Verdict::Outside),
        ] {
            assert_eq!(march.judge(span(from, to)), want, "{from} {to}");
        }
    }
}
