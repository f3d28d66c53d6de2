//! How backfills stand, for whoever shows them.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Row, params};
use serde::Serialize;

use super::{BackfillId, Counts};
use crate::address;
use crate::store::error::Doing;
use crate::store::{Cause, Error, Reader, seen};

/// A backfill as it stands.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the columns of the table, documented there")]
pub struct BackfillRow {
    pub id: i64,
    pub request: serde_json::Value,
    pub since: Option<String>,
    pub until: String,
    pub started_at: String,
    pub seen_at: String,
    pub ended_at: Option<String>,
    /// Entries neither stored nor rejected yet.
    pub waiting: i64,
    pub stored: i64,
    pub rejected: i64,
    pub outside: i64,
    /// Documents not read yet.
    pub unread: i64,
    pub sources: Vec<SourceRow>,
}

/// What one source of a backfill announced.
#[derive(Debug, Clone, Serialize)]
pub struct SourceRow {
    /// The word for it.
    pub source: String,
    /// How much.
    #[serde(flatten)]
    pub counts: Counts,
}

/// Entries of a backfill that were rejected for one reason.
#[derive(Debug, Clone, Serialize)]
pub struct Rejections {
    /// How many.
    pub count: i64,
    /// The reason of one of them.
    pub reason: String,
    /// The address of that one.
    pub example: String,
    /// Whether their pages could not be had; else they are no articles.
    pub failed: bool,
}

/// What waits in the queue.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// How many entries, by the domain that is asked for their pages.
    pub domains: Vec<(String, i64)>,
    /// How many whose pages are at hand.
    pub at_hand: i64,
    /// When the last of them is due.
    pub last_due_at: Option<Timestamp>,
}

impl Reader {
    /// All backfills, the newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn backfills(&self) -> Result<Vec<BackfillRow>, Error> {
        let sql = format!("{BACKFILL} ORDER BY id DESC");
        let mut found: Vec<BackfillRow> = self
            .conn
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_map([], backfill)?.collect())
            .doing("reading backfills")?;
        for backfill in &mut found {
            backfill.sources = self.sources_of(backfill.id)?;
        }
        Ok(found)
    }

    /// One backfill as it stands.
    ///
    /// # Errors
    /// When the database refuses, or there is no such backfill.
    pub fn backfill(&self, id: BackfillId) -> Result<BackfillRow, Error> {
        let sql = format!("{BACKFILL} WHERE id = ?1");
        let mut found = self
            .conn
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row([id.0], backfill))
            .doing("reading a backfill")?;
        found.sources = self.sources_of(id.0)?;
        Ok(found)
    }

    /// Whether a page is known: stored (though it was pruned since), queued, or rejected for other reasons than its date.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn knows(&self, url: &url::Url) -> Result<bool, Error> {
        self.conn
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM entry WHERE address = ?1 AND id NOT IN (SELECT entry_id FROM outside))
                   OR EXISTS (SELECT 1 FROM seen WHERE hash = ?2)",
            )
            .and_then(|mut statement| {
                let key = address::key(url);
                statement.query_row(params![key, seen::hash_of_address(&key)], |row| row.get(0))
            })
            .doing("looking up an address")
    }

    /// Whether a backfill still waits for entries.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn backfill_waits(&self, id: BackfillId) -> Result<bool, Error> {
        self.conn
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM backfill_entry WHERE backfill_id = ?1 AND waits)")
            .and_then(|mut statement| statement.query_row([id.0], |row| row.get(0)))
            .doing("reading a backfill")
    }

    /// Why entries of a backfill were rejected, the commonest reason first. Reasons that differ in names and numbers alone are one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn backfill_rejections(&self, id: BackfillId) -> Result<Vec<Rejections>, Error> {
        const DOING: &str = "reading what was rejected";
        let mut statement = self
            .conn
            .prepare(
                "SELECT coalesce(e.reason, ''), e.url, e.cause = ?2 FROM backfill_entry l JOIN entry e ON e.id = l.entry_id
                 WHERE l.backfill_id = ?1 AND e.state = 'rejected' AND e.cause <> ?3",
            )
            .doing(DOING)?;
        let mut kinds: HashMap<(String, bool), Rejections> = HashMap::new();
        let mut rows = statement.query(params![id.0, Cause::Fetch.as_str(), Cause::Range.as_str()]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            let one = rejection(row).doing(DOING)?;
            kinds.entry((without_names(&one.reason), one.failed)).or_insert(one).count += 1;
        }
        let mut kinds: Vec<_> = kinds.into_values().collect();
        kinds.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
        Ok(kinds)
    }

    /// How many entries wait for each domain that a backfill's entries are fetched from, how many for nobody, and when the last one put back is due.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn queued_by_domain(&self) -> Result<Waiting, Error> {
        let domains = self
            .conn
            .prepare_cached(
                "SELECT domain, count(*) FROM entry WHERE state = 'queued' AND id NOT IN (SELECT entry_id FROM capture WHERE body IS NOT NULL)
                 GROUP BY domain HAVING max(priority) > 0",
            )
            .and_then(|mut statement| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .doing("counting the queue")?;
        let last: Option<String> = self
            .conn
            .prepare_cached("SELECT max(next_attempt_at) FROM entry WHERE state = 'queued'")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .doing("counting the queue")?;
        let at_hand = self
            .conn
            .prepare_cached("SELECT count(*) FROM capture WHERE body IS NOT NULL")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .doing("counting the queue")?;
        Ok(Waiting { domains, at_hand, last_due_at: last.and_then(|last| last.parse().ok()) })
    }

    fn sources_of(&self, id: i64) -> Result<Vec<SourceRow>, Error> {
        self.conn
            .prepare_cached(
                "SELECT source, documents, failed, announced, queued, known, outside FROM backfill_source WHERE backfill_id = ?1 ORDER BY source",
            )
            .and_then(|mut statement| {
                statement
                    .query_map([id], |row| {
                        let counts = Counts {
                            documents: row.get(1)?,
                            failed: row.get(2)?,
                            announced: row.get(3)?,
                            queued: row.get(4)?,
                            known: row.get(5)?,
                            outside: row.get(6)?,
                        };
                        Ok(SourceRow { source: row.get(0)?, counts })
                    })?
                    .collect()
            })
            .doing("reading what sources announced")
    }
}

const BACKFILL: &str = "SELECT id, request, since, until, started_at, seen_at, ended_at,
  (SELECT count(*) FROM backfill_entry WHERE backfill_id = backfill.id AND waits), stored, rejected, outside,
  (SELECT count(*) FROM backfill_document WHERE backfill_id = backfill.id AND state = 'waiting') FROM backfill";

fn backfill(row: &Row<'_>) -> rusqlite::Result<BackfillRow> {
    let request: String = row.get(1)?;
    Ok(BackfillRow {
        id: row.get(0)?,
        request: serde_json::from_str(&request).unwrap_or_default(),
        since: row.get(2)?,
        until: row.get(3)?,
        started_at: row.get(4)?,
        seen_at: row.get(5)?,
        ended_at: row.get(6)?,
        waiting: row.get(7)?,
        stored: row.get(8)?,
        rejected: row.get(9)?,
        outside: row.get(10)?,
        unread: row.get(11)?,
        sources: Vec::new(),
    })
}

fn rejection(row: &Row<'_>) -> rusqlite::Result<Rejections> {
    Ok(Rejections { count: 0, reason: row.get(0)?, example: row.get(1)?, failed: row.get(2)? })
}

/// A reason without what stands in backquotes and without digits.
fn without_names(reason: &str) -> String {
    let mut kind = String::new();
    let mut quoted = false;
    for c in reason.chars() {
        quoted ^= c == '`';
        if !quoted && !c.is_ascii_digit() {
            kind.push(c);
        }
    }
    kind
}
