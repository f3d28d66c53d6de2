//! The documents of a backfill: what it read, what it has still to read. Each is there once, so a walk from one to the next comes to an end.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::error::Doing;
use super::{BackfillId, Batch, Error, Reader, Writer, time_text};

/// The number of a document in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentId(pub i64);

/// A document to be read.
#[derive(Debug, Clone)]
pub struct NewDocument<'a> {
    /// The site or feed that it is about; documents of one are read one after the other.
    pub subject: &'a str,
    /// Which source it belongs to.
    pub source: &'a str,
    /// Sources are tried in this order.
    pub place: usize,
    /// Then documents in this order, the largest first.
    pub rank: i64,
    /// Address, or path of a file.
    pub url: &'a str,
    /// What the source must know to read it.
    pub step: &'a str,
}

/// A document that is due.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its number.
    pub id: DocumentId,
    /// Which source it belongs to.
    pub source: String,
    /// Address, or path of a file.
    pub url: String,
    /// What the source must know to read it.
    pub step: String,
    /// How often it was tried before.
    pub attempts: u32,
}

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentEnd<'a> {
    /// Read to its end.
    Read,
    /// Not there, and nobody said that it was.
    Absent,
    /// Given up.
    Failed(&'a str),
}

/// What comes next of a subject's documents.
#[derive(Debug, Clone)]
pub enum Next {
    /// This one is due.
    Due(Document),
    /// All that are left wait until then.
    NotBefore(Timestamp),
    /// None is left.
    Done,
}

impl Writer {
    /// What comes next of a subject's documents.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn next_document(&self, backfill: BackfillId, subject: &str, now: Timestamp) -> Result<Next, Error> {
        let due = self
            .conn
            .prepare_cached(
                "SELECT id, source, url, step, attempts FROM backfill_document
                 WHERE backfill_id = ?1 AND subject = ?2 AND state = 'waiting' AND next_attempt_at <= ?3 ORDER BY place, rank DESC, id LIMIT 1",
            )
            .and_then(|mut statement| {
                statement.query_row(params![backfill.0, subject, time_text(now)], document).optional()
            })
            .doing("looking for a document")?;
        if let Some(due) = due {
            return Ok(Next::Due(due));
        }
        let first: Option<String> = self
            .conn
            .prepare_cached(
                "SELECT min(next_attempt_at) FROM backfill_document WHERE backfill_id = ?1 AND subject = ?2 AND state = 'waiting'",
            )
            .and_then(|mut statement| statement.query_row(params![backfill.0, subject], |row| row.get(0)))
            .doing("looking for a document")?;
        Ok(first.and_then(|first| first.parse().ok()).map_or(Next::Done, Next::NotBefore))
    }
}

impl Batch<'_> {
    /// Adds a document to be read; says whether it is new to this backfill.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn add_document(
        &self,
        backfill: BackfillId,
        document: &NewDocument<'_>,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let NewDocument { subject, source, place, rank, url, step } = *document;
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        self.tx
            .prepare_cached(
                "INSERT OR IGNORE INTO backfill_document (backfill_id, subject, source, place, rank, url, step, next_attempt_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .and_then(|mut statement| {
                statement.execute(params![backfill.0, subject, source, place, rank, url, step, time_text(now)])
            })
            .doing("adding a document")
            .map(|added| added == 1)
    }

    /// Has the documents of a source read again from where they were: lists of addresses may have grown.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn reopen_documents(&self, backfill: BackfillId, source: &str) -> Result<(), Error> {
        self.tx
            .prepare_cached("UPDATE backfill_document SET state = 'waiting' WHERE backfill_id = ?1 AND source = ?2")
            .and_then(|mut statement| statement.execute(params![backfill.0, source]))
            .doing("reading documents again")
            .map(drop)
    }

    /// How many documents of a source a backfill has, read or not.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn documents_of(&self, backfill: BackfillId, source: &str) -> Result<i64, Error> {
        self.tx
            .prepare_cached("SELECT count(*) FROM backfill_document WHERE backfill_id = ?1 AND source = ?2")
            .and_then(|mut statement| statement.query_row(params![backfill.0, source], |row| row.get(0)))
            .doing("counting documents")
    }

    /// Ends a document.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn end_document(&self, document: DocumentId, end: DocumentEnd<'_>) -> Result<(), Error> {
        let (state, problem) = match end {
            DocumentEnd::Read => ("read", None),
            DocumentEnd::Absent => ("absent", None),
            DocumentEnd::Failed(problem) => ("failed", Some(problem)),
        };
        self.tx
            .prepare_cached(
                "UPDATE backfill_document SET state = ?2, problem = ?3, attempts = attempts + 1 WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute(params![document.0, state, problem]))
            .doing("ending a document")
            .map(drop)
    }

    /// Leaves a document for another attempt.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn retry_document(&self, document: DocumentId, problem: &str, next_attempt_at: Timestamp) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "UPDATE backfill_document SET attempts = attempts + 1, problem = ?2, next_attempt_at = ?3 WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute(params![document.0, problem, time_text(next_attempt_at)]))
            .doing("putting a document back")
            .map(drop)
    }

    /// Remembers how far a document was read.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn advance_document(&self, document: DocumentId, step: &str) -> Result<(), Error> {
        self.tx
            .prepare_cached("UPDATE backfill_document SET step = ?2 WHERE id = ?1")
            .and_then(|mut statement| statement.execute(params![document.0, step]))
            .doing("remembering how far a document was read")
            .map(drop)
    }
}

impl Reader {
    /// The documents of a backfill that were given up: source, address and why.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn failed_documents(&self, backfill: BackfillId) -> Result<Vec<(String, String, String)>, Error> {
        self.conn
            .prepare_cached(
                "SELECT source, url, coalesce(problem, '') FROM backfill_document WHERE backfill_id = ?1 AND state = 'failed' ORDER BY id",
            )
            .and_then(|mut statement| {
                statement.query_map([backfill.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
            })
            .doing("reading what documents failed")
    }
}

fn document(row: &Row<'_>) -> rusqlite::Result<Document> {
    Ok(Document {
        id: DocumentId(row.get(0)?),
        source: row.get(1)?,
        url: row.get(2)?,
        step: row.get(3)?,
        attempts: row.get(4)?,
    })
}
