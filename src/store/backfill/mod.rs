//! Backfills: what was asked for, which entries each one waits for, what became of them.
//!
//! A backfill and its entries are tied in `backfill_entry`, whoever works them off; the counts of what became of them are kept by a
//! trigger. The range is judged when an article is about to be stored ([`Batch::outside_range`](super::Batch::outside_range)): what no backfill that
//! waits for the entry wants is dropped, remembered with its date, and taken again by a range that holds it or by a feed that announces it.

mod announce;
mod status;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior, params};
use serde::Serialize;

use super::error::Doing;
use super::{Error, Writer, time_text};

pub use status::{BackfillRow, Rejections, SourceRow, Waiting};

/// The number of a backfill in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BackfillId(pub i64);

/// Whether a backfill is a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Nobody asked for the same, or what was asked for is done.
    Anew,
    /// The same was asked for before and is unfinished.
    Again,
}

/// What became of the announcement of an old article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Old {
    /// Put into the queue.
    Queued,
    /// In the queue already, by a feed or another backfill: watched.
    Watched,
    /// Stored or rejected before.
    Known,
    /// Fetched before, and known to be published outside the range.
    Outside,
    /// This backfill knows it already.
    Repeated,
}

/// Where the page of an old article is, when not at its own address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// When the page was like that.
    pub captured_at: Option<Timestamp>,
    /// The page, or where it is to be had.
    pub page: Captured,
}

/// A page from an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Captured {
    /// At this address, to be fetched.
    At(url::Url),
    /// At hand: nothing is fetched.
    Page {
        /// As the server sent it.
        content_type: Option<String>,
        /// The body, [compressed](super::Pages::compress).
        compressed: Vec<u8>,
    },
}

/// What one source announced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Documents read.
    pub documents: i64,
    /// Documents given up.
    pub failed: i64,
    /// Entries that may lie within the range, each once.
    pub announced: i64,
    /// Of these, put into the queue.
    pub queued: i64,
    /// Of these, stored, rejected or queued before.
    pub known: i64,
    /// Entries passed over: published outside the range, as the source says.
    pub outside: i64,
}

impl Writer {
    /// The unfinished backfill of this request, or a new one. `until` is the first moment after the range.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn begin_backfill(
        &mut self,
        request: &str,
        since: Option<Timestamp>,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(BackfillId, Begun), Error> {
        let tx =
            self.conn.transaction_with_behavior(TransactionBehavior::Immediate).doing("beginning a transaction")?;
        let unfinished: Option<i64> = tx
            .query_row(
                "UPDATE backfill SET seen_at = ?2 WHERE request = ?1 AND ended_at IS NULL RETURNING id",
                params![request, time_text(now)],
                |row| row.get(0),
            )
            .optional()
            .doing("looking up a backfill")?;
        let begun = if let Some(id) = unfinished {
            (BackfillId(id), Begun::Again)
        } else {
            tx.execute(
                "INSERT INTO backfill (request, since, until, started_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?4)",
                params![request, since.map(time_text), time_text(whole_second(until)), time_text(now)],
            )
            .doing("writing a backfill")?;
            (BackfillId(tx.last_insert_rowid()), Begun::Anew)
        };
        tx.commit().doing("writing a backfill")?;
        Ok(begun)
    }

    /// Pages at hand that wait to be cleaned.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn pages_at_hand(&self) -> Result<i64, Error> {
        self.conn
            .prepare_cached("SELECT count(*) FROM capture WHERE body IS NOT NULL")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .doing("counting pages at hand")
    }

    /// Says that a process still works on a backfill.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn touch_backfill(&self, backfill: BackfillId, now: Timestamp) -> Result<(), Error> {
        self.conn
            .execute("UPDATE backfill SET seen_at = ?2 WHERE id = ?1", params![backfill.0, time_text(now)])
            .doing("writing a backfill")
            .map(drop)
    }

    /// Ends a backfill, if its documents are read and its entries stored or rejected; says whether it did. Of its documents, those that could
    /// not be read are kept; the days on which it stored articles, and `window` days after each, are to be grouped once more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn end_backfill(&mut self, backfill: BackfillId, window: i32, now: Timestamp) -> Result<bool, Error> {
        let batch = self.batch()?;
        let ended = batch
            .tx
            .execute(
                "UPDATE backfill SET ended_at = ?2, seen_at = ?2 WHERE id = ?1 AND ended_at IS NULL
                   AND NOT EXISTS (SELECT 1 FROM backfill_entry WHERE backfill_id = ?1 AND waits)
                   AND NOT EXISTS (SELECT 1 FROM backfill_document WHERE backfill_id = ?1 AND state = 'waiting')",
                params![backfill.0, time_text(now)],
            )
            .doing("ending a backfill")?;
        if ended == 1 {
            batch
                .tx
                .execute("DELETE FROM backfill_document WHERE backfill_id = ?1 AND state <> 'failed'", [backfill.0])
                .doing("ending a backfill")?;
            batch.owe(backfill, window)?;
        }
        batch.commit()?;
        Ok(ended == 1)
    }
}
/// The database knows whole seconds: an end within one is moved to its end, so that what is just before it stays inside.
fn whole_second(end: Timestamp) -> Timestamp {
    if end.subsec_nanosecond() == 0 { end } else { Timestamp::from_second(end.as_second() + 1).unwrap_or(end) }
}
