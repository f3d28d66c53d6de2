//! Following what changes: the `changes` view with the records as they are now, and when to look again.
//!
//! A batch of changes and its records are read in one transaction, which ends before anything is handed out: a slow consumer never
//! holds a snapshot that would keep the WAL from being written back.

use std::path::Path;

use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use super::error::Doing;
use super::reader::{ArticleRow, EventRow};
use super::{Error, Reader};

/// A row of the `changes` view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the columns of the view, documented there")]
pub struct ChangeRow {
    pub seq: i64,
    pub at: String,
    pub kind: String,
    pub id: i64,
    pub action: String,
}

/// A change and the record that it is about; as JSON `{seq, at, kind, id, action, article}` or `{…, event}`.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// What happened.
    #[serde(flatten)]
    pub row: ChangeRow,
    /// The record as it is now, which may be later than the change.
    #[serde(flatten)]
    pub record: Record,
}

/// An article or an event; `None` where it was pruned meanwhile.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// A row of `articles`.
    Article(Option<Box<ArticleRow>>),
    /// A row of `events`.
    Event(Option<Box<EventRow>>),
}

/// Which changes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of articles and of events.
    Any,
    /// Of articles.
    Article,
    /// Of events.
    Event,
}

impl Kind {
    fn wants(self, kind: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Article => kind == "article",
            Self::Event => kind == "event",
        }
    }
}

/// Some changes in order.
#[derive(Debug, Clone)]
pub struct Changes {
    /// Those that were wanted.
    pub wanted: Vec<Change>,
    /// The number of the change that was looked at first, wanted or not; `None` when there was none.
    pub first: Option<i64>,
    /// The change that was looked at last, wanted or not; `None` when there was none.
    pub last: Option<ChangeRow>,
}

/// Which file a path leads to: device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileId(u64, u64);

impl FileId {
    pub(super) fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(path).ok().map(|file| Self(file.dev(), file.ino()))
    }
}

impl Reader {
    /// The next changes after `after`, of which up to `limit` are looked at.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn changes_after(&self, after: i64, kind: Kind, limit: usize) -> Result<Changes, Error> {
        let snapshot = self.conn.unchecked_transaction().doing("reading changes")?;
        let rows: Vec<ChangeRow> = self
            .conn
            .prepare_cached("SELECT seq, at, kind, id, action FROM changes WHERE seq > ?1 ORDER BY seq LIMIT ?2")
            .and_then(|mut statement| {
                statement.query_map((after, i64::try_from(limit).unwrap_or(i64::MAX)), change)?.collect()
            })
            .doing("reading changes")?;
        let (first, last) = (rows.first().map(|row| row.seq), rows.last().cloned());
        let mut wanted = Vec::new();
        for row in rows.into_iter().filter(|row| kind.wants(&row.kind)) {
            let record = match row.kind.as_str() {
                "article" => Record::Article(self.article_row(row.id)?.map(Box::new)),
                _ => Record::Event(self.event_row(row.id)?.map(Box::new)),
            };
            wanted.push(Change { row, record });
        }
        snapshot.finish().doing("reading changes")?;
        Ok(Changes { wanted, first, last })
    }

    /// The change of this number, if it was not pruned.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn change(&self, seq: i64) -> Result<Option<ChangeRow>, Error> {
        self.conn
            .prepare_cached("SELECT seq, at, kind, id, action FROM changes WHERE seq = ?1")
            .and_then(|mut statement| statement.query_row([seq], change).optional())
            .doing("reading a change")
    }

    /// The highest number that a change was ever given; 0 before the first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn highest_seq(&self) -> Result<i64, Error> {
        self.conn
            .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'change'")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
            .doing("reading the last change")
            .map(Option::unwrap_or_default)
    }

    /// A number that is another one after somebody else committed. Costs a look into shared memory, no disk.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn data_version(&self) -> Result<i64, Error> {
        self.conn.pragma_query_value(None, "data_version", |row| row.get(0)).doing("looking for commits")
    }

    /// Whether the path leads to another file than the one that was opened, or to none.
    #[must_use]
    pub fn is_replaced(&self) -> bool {
        FileId::of(&self.path) != self.file
    }
}

fn change(row: &Row<'_>) -> rusqlite::Result<ChangeRow> {
    Ok(ChangeRow { seq: row.get(0)?, at: row.get(1)?, kind: row.get(2)?, id: row.get(3)?, action: row.get(4)? })
}
