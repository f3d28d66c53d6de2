//! What tells whether all is well: asked often, so every question is answered from an index or from the end of a table, however large the
//! database is.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::error::Doing;
use super::files::with_suffix;
use super::{Error, Pages, Reader, time_text};

/// The state of the database and its queue at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Vitals {
    /// Configured feeds by state, by name of the state.
    pub feeds: Vec<(String, u64)>,
    /// Feeds whose next poll should have been more than [`PUNCTUAL_S`] ago.
    pub overdue: u64,
    /// How long the feed that waits longest has been due, in seconds; 0 where none is due.
    pub lag_s: u64,
    /// Entries that wait.
    pub queued: u64,
    /// Entries that wait and are due.
    pub due: u64,
    /// How long ago the oldest waiting entry was announced, in seconds.
    pub queue_age_s: u64,
    /// What came in the last hour.
    pub last_hour: Intake,
    /// What came in the last day.
    pub last_day: Intake,
    /// Bytes on disk.
    pub sizes: Sizes,
}

/// What came in within some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Intake {
    /// New articles.
    pub articles: u64,
    /// Articles whose words changed.
    pub edited: u64,
    /// New events.
    pub events: u64,
    /// Entries that ended without an article.
    pub rejected: u64,
}

/// Bytes on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// The database.
    pub database_bytes: u64,
    /// What was written and is not in the database file yet.
    pub wal_bytes: u64,
    /// The kept raw pages, with their WAL.
    pub pages_bytes: u64,
    /// Left to us on the disk of the database.
    pub disk_free_bytes: u64,
    /// The whole disk.
    pub disk_bytes: u64,
}

/// A poll that is late by no more than this is on time: it is under way, or its turn comes within the next look at the clock.
pub const PUNCTUAL_S: i64 = 60;

/// A poll of the past, as `status --feed` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastPoll {
    /// When it began.
    pub at: String,
    /// Entries that were queued.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub new: u64,
    /// Entries that were known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub known: u64,
    /// Why it failed; `None` if it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Characters of history that are kept of a feed: some thirty polls.
pub(super) const HISTORY_CHARS: i64 = 2_000;

/// An error in the history is cut to this many characters: the newest stands in full in `last_error`.
const ERROR_CHARS: usize = 160;

impl PastPoll {
    /// As a line of the history.
    pub(super) fn to_line(&self) -> String {
        let mut poll = self.clone();
        poll.error = poll.error.map(|error| error.chars().take(ERROR_CHARS).collect());
        serde_json::to_string(&poll).unwrap_or_default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Sizes {
    /// The sizes of the database at `db` and what lies beside it; what is not there has none.
    #[must_use]
    pub fn of(db: &Path) -> Self {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        let wal = |path: &Path| size(&with_suffix(path, "-wal"));
        let pages = Pages::path(db);
        let disk = rustix::fs::statvfs(db).ok();
        Self {
            database_bytes: size(db),
            wal_bytes: wal(db),
            pages_bytes: size(&pages) + wal(&pages),
            disk_free_bytes: disk.as_ref().map_or(0, |disk| disk.f_bavail * disk.f_frsize),
            disk_bytes: disk.map_or(0, |disk| disk.f_blocks * disk.f_frsize),
        }
    }
}

impl Reader {
    /// How the database at `db`, which this reads, is doing.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn vitals(&self, db: &Path, now: Timestamp) -> Result<Vitals, Error> {
        let feeds = self.feeds_by_state()?;
        let (last_hour, last_day) = self.intake(now)?;
        let age = |at: Option<String>| {
            at.and_then(|at| at.parse::<Timestamp>().ok()).map_or(0, |at| seconds_between(at, now))
        };
        Ok(Vitals {
            feeds,
            overdue: self.overdue(&before(now, PUNCTUAL_S))?,
            lag_s: age(self.text("SELECT min(next_poll_at) FROM feed WHERE configured = 1 AND state <> 'retired'")?),
            queued: self.count("SELECT count(*) FROM entry WHERE state = 'queued'", &[])?,
            due: self.count("SELECT count(*) FROM entry WHERE state = 'queued' AND next_attempt_at <= ?1", &[&time_text(now)])?,
            queue_age_s: age(self.text(
                "SELECT announced_at FROM entry WHERE id = (SELECT min(id) FROM entry INDEXED BY entry_due WHERE state = 'queued')",
            )?),
            last_hour,
            last_day,
            sizes: Sizes::of(db),
        })
    }

    /// The last polls of a feed, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn history(&self, feed: &str) -> Result<Vec<PastPoll>, Error> {
        let lines: Option<String> = self
            .conn
            .prepare_cached("SELECT history FROM feed WHERE name = ?1")
            .and_then(|mut statement| statement.query_row([feed], |row| row.get(0)).optional())
            .doing("reading the history of a feed")?;
        Ok(lines.unwrap_or_default().lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    fn feeds_by_state(&self) -> Result<Vec<(String, u64)>, Error> {
        self.conn
            .prepare_cached("SELECT state, count(*) FROM feed WHERE configured = 1 GROUP BY state ORDER BY state")
            .and_then(|mut statement| {
                statement.query_map([], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?.collect()
            })
            .doing("reading the feeds")
    }

    fn overdue(&self, since: &str) -> Result<u64, Error> {
        self.count(
            "SELECT count(*) FROM feed WHERE configured = 1 AND state <> 'retired' AND next_poll_at < ?1",
            &[since],
        )
    }

    fn rejected_since(&self, since: &str) -> Result<u64, Error> {
        self.count("SELECT count(*) FROM entry WHERE state = 'rejected' AND done_at > ?1", &[since])
    }

    /// What came in the last hour and in the last day. Reads the changes from their end: they are in the order of their times, near enough.
    pub(super) fn intake(&self, now: Timestamp) -> Result<(Intake, Intake), Error> {
        let [hour, day] = [3_600, 86_400].map(|seconds| before(now, seconds));
        let (mut last_hour, mut last_day) = (Intake::default(), Intake::default());
        let mut statement = self
            .conn
            .prepare_cached("SELECT at, kind, action FROM change ORDER BY seq DESC")
            .doing("reading the changes")?;
        let mut rows = statement.query([]).doing("reading the changes")?;
        while let Some(row) = rows.next().doing("reading the changes")? {
            let (at, kind, action): (String, String, String) =
                (|| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))().doing("reading the changes")?;
            if at <= day {
                break;
            }
            for (intake, limit) in [(&mut last_hour, &hour), (&mut last_day, &day)] {
                let counted = match (kind.as_str(), action.as_str()) {
                    ("article", "added") => &mut intake.articles,
                    ("article", "edited") => &mut intake.edited,
                    ("event", "added") => &mut intake.events,
                    _ => continue,
                };
                *counted += u64::from(at > *limit);
            }
        }
        last_hour.rejected = self.rejected_since(&hour)?;
        last_day.rejected = self.rejected_since(&day)?;
        Ok((last_hour, last_day))
    }

    fn count(&self, sql: &str, parameters: &[&str]) -> Result<u64, Error> {
        self.conn
            .prepare_cached(sql)
            .and_then(|mut statement| {
                statement.query_row(rusqlite::params_from_iter(parameters), |row| row.get(0).map(unsigned))
            })
            .doing("counting")
    }

    fn text(&self, sql: &str) -> Result<Option<String>, Error> {
        self.conn
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(params![], |row| row.get(0)).optional())
            .doing("reading a time")
            .map(Option::flatten)
    }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn before(now: Timestamp, seconds: i64) -> String {
    Timestamp::from_second(now.as_second() - seconds).map_or_else(|_| String::new(), time_text)
}

fn seconds_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_second() - from.as_second()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_history_is_short_and_comes_back() {
        let poll = PastPoll { at: "2026-11-22T12:00:00Z".to_owned(), new: 3, known: 40, error: None };
        assert_eq!(poll.to_line(), r#"{"at":"2026-11-22T12:00:00Z","new":3,"known":40}"#);
        assert_eq!(serde_json::from_str::<PastPoll>(&poll.to_line()).unwrap(), poll);
        let failed = PastPoll { error: Some("é".repeat(1_000)), new: 0, known: 0, ..poll };
        assert!(failed.to_line().chars().count() < 220);
    }
}
