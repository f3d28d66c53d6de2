//! Raw pages as fetched, compressed, in a file of their own beside the database, so that a cleaner improved later can run over them again.
//!
//! A convenience, not a record: losing this file loses no article.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::error::Doing;
use super::{Error, Interrupt, prune, time_text};
use crate::event::ArticleId;

/// zstd level: 174 KB of page become 34 KB at 3; higher levels cost more than cleaning does (our measurement, 2026-11).
const LEVEL: i32 = 3;

/// For pages that lie in the database for a moment: speed before size.
const QUICK: i32 = -1;

/// Free pages given back to the system at once, 40 MB: the next time goes on.
const SHRINK_PAGES: u32 = 10_000;

/// A page as fetched: its body and its content type.
pub type Kept = (Vec<u8>, Option<String>);

/// The file of raw pages.
#[derive(Debug)]
pub struct Pages {
    conn: Connection,
}

impl Pages {
    /// Where the raw pages of the database at `db` are kept: `news.db` → `news.pages.db`.
    #[must_use]
    pub fn path(db: &Path) -> PathBuf {
        db.with_extension("pages.db")
    }

    /// Opens or creates the file beside the database at `db`.
    ///
    /// # Errors
    /// When it cannot be opened or made.
    pub fn open(db: &Path) -> Result<Self, Error> {
        let path = Self::path(db);
        let open = |source| Error::Open { path: path.clone(), source };
        let conn = Connection::open(&path).map_err(open)?;
        conn.execute_batch(
            "PRAGMA journal_mode = wal; PRAGMA synchronous = NORMAL; PRAGMA auto_vacuum = INCREMENTAL;
             CREATE TABLE IF NOT EXISTS page (
               article_id INTEGER PRIMARY KEY, url TEXT NOT NULL, content_type TEXT, fetched_at TEXT NOT NULL, body BLOB NOT NULL
             ) STRICT;
             CREATE INDEX IF NOT EXISTS page_fetched ON page (fetched_at);",
        )
        .map_err(open)?;
        Ok(Self { conn })
    }

    /// Breaks off the statement that another thread has this connection run.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        Interrupt::of(&self.conn)
    }

    /// Opens the file beside the database at `db` for reading, if there is one.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open_reading(db: &Path) -> Result<Option<Self>, Error> {
        let path = Self::path(db);
        if !path.exists() {
            return Ok(None);
        }
        let conn = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(|source| Error::Open { path: path.clone(), source })?;
        conn.busy_timeout(std::time::Duration::from_secs(10)).doing("setting the busy timeout")?;
        Ok(Some(Self { conn }))
    }

    /// Where the kept page of an article was found; `None` where none is kept.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn url(&self, article: ArticleId) -> Result<Option<String>, Error> {
        self.conn
            .prepare_cached("SELECT url FROM page WHERE article_id = ?1")
            .and_then(|mut statement| statement.query_row([article.0], |row| row.get(0)).optional())
            .doing("reading a page")
    }

    /// Keeps the newest page of an article. `compressed` comes from [`compress`](Self::compress).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(
        &self,
        article: ArticleId,
        url: &str,
        content_type: Option<&str>,
        compressed: &[u8],
        now: Timestamp,
    ) -> Result<(), Error> {
        self.conn
            .prepare_cached("INSERT OR REPLACE INTO page VALUES (?1, ?2, ?3, ?4, ?5)")
            .and_then(|mut statement| {
                statement.execute(params![article.0, url, content_type, time_text(now), compressed])
            })
            .doing("keeping a page")
            .map(drop)
    }

    /// The kept page of an article: body and content type.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn get(&self, article: ArticleId) -> Result<Option<Kept>, Error> {
        let row: Option<Kept> = self
            .conn
            .prepare_cached("SELECT body, content_type FROM page WHERE article_id = ?1")
            .and_then(|mut statement| statement.query_row([article.0], |row| Ok((row.get(0)?, row.get(1)?))).optional())
            .doing("reading a page")?;
        let Some((compressed, content_type)) = row else { return Ok(None) };
        let damaged = || Error::Damaged { what: format!("the kept page of article {article}") };
        Ok(Some((Self::decompress(&compressed).ok_or_else(damaged)?, content_type)))
    }

    /// Drops pages fetched before `limit`; returns how many.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn prune(&self, limit: Timestamp) -> Result<usize, Error> {
        let dropped = self
            .conn
            .execute("DELETE FROM page WHERE fetched_at < ?1", [time_text(limit)])
            .doing("dropping old pages")?;
        prune::shrink(&self.conn, SHRINK_PAGES)?;
        Ok(dropped)
    }

    /// Drops the pages of these articles.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn forget(&self, articles: &[ArticleId]) -> Result<(), Error> {
        let tx = self.conn.unchecked_transaction().doing("dropping pages")?;
        for article in articles {
            tx.prepare_cached("DELETE FROM page WHERE article_id = ?1")
                .and_then(|mut statement| statement.execute([article.0]))
                .doing("dropping pages")?;
        }
        tx.commit().doing("dropping pages")
    }

    /// Begins a transaction: what is kept until [`commit`](Self::commit) becomes durable together.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin(&self) -> Result<(), Error> {
        self.conn.execute_batch("BEGIN").doing("keeping pages")
    }

    /// Ends the transaction.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn commit(&self) -> Result<(), Error> {
        self.conn.execute_batch("COMMIT").doing("keeping pages")
    }

    /// A page as it was before [`compress`](Self::compress). `None`: it is damaged.
    #[must_use]
    pub fn decompress(compressed: &[u8]) -> Option<Vec<u8>> {
        zstd::stream::decode_all(compressed).ok()
    }

    /// Compresses a page for [`keep`](Self::keep); for the thread that has it, not the recorder's.
    #[must_use]
    pub fn compress(body: &[u8]) -> Vec<u8> {
        Packer::new(Future::Kept).pack(body)
    }
}

/// What becomes of a page that is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Future {
    /// It is [kept](Pages::keep), as it was handed over.
    Kept,
    /// It is gone with its entry.
    Passing,
}

/// Compresses one page after the other.
pub struct Packer {
    inner: Option<zstd::bulk::Compressor<'static>>,
}

impl Packer {
    /// As small as kept pages are, or as quickly as can be.
    #[must_use]
    pub fn new(future: Future) -> Self {
        let level = match future {
            Future::Kept => LEVEL,
            Future::Passing => QUICK,
        };
        Self { inner: zstd::bulk::Compressor::new(level).ok() }
    }

    /// A page for [`Pages::decompress`]; nothing where there is no memory for it.
    pub fn pack(&mut self, body: &[u8]) -> Vec<u8> {
        self.inner.as_mut().and_then(|packer| packer.compress(body).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_comes_back_as_it_was_and_goes_when_it_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let pages = Pages::open(&folder.path().join("news.db")).unwrap();
        let at: Timestamp = "2024-08-05T16:20:00Z".parse().unwrap();
        pages.keep(ArticleId(7), "https://a.example/", Some("text/html"), &Pages::compress(b"<p>words"), at).unwrap();
        assert_eq!(pages.get(ArticleId(7)).unwrap(), Some((b"<p>words".to_vec(), Some("text/html".to_owned()))));
        assert_eq!(pages.prune("2024-08-05T16:20:01Z".parse().unwrap()).unwrap(), 1);
        assert_eq!(pages.get(ArticleId(7)).unwrap(), None);
    }
}
