//! What the commands ask of the database, with read-only rights.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use serde::Serialize;

use super::error::Doing;
use super::follow::FileId;
use super::{Error, schema, time_text};

/// A reading connection; sees what was committed, waits for nobody.
#[derive(Debug)]
pub struct Reader {
    pub(super) conn: Connection,
    pub(super) path: PathBuf,
    pub(super) file: Option<FileId>,
}

/// A row of the `feeds` view.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the columns of the view, documented there")]
pub struct FeedRow {
    pub name: String,
    pub url: String,
    pub title: Option<String>,
    pub state: String,
    pub last_polled_at: Option<String>,
    pub last_success_at: Option<String>,
    pub next_poll_at: Option<String>,
    pub failures_in_row: i64,
    pub last_error: Option<String>,
    pub articles: i64,
}

/// A row of the `articles` view, lists parsed.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the columns of the view, documented there")]
pub struct ArticleRow {
    pub id: i64,
    pub seq: i64,
    pub event_id: i64,
    pub duplicate_of: Option<i64>,
    pub url: String,
    pub canonical_url: String,
    pub publisher: String,
    pub feed: Option<String>,
    pub title: Option<String>,
    pub subtitle: Option<String>,
    pub authors: Vec<String>,
    pub published_at: Option<String>,
    pub published_precision: Option<String>,
    pub modified_at: Option<String>,
    pub fetched_at: String,
    pub language: Option<String>,
    pub dateline: Option<String>,
    pub attribution: Option<String>,
    pub categories: Vec<String>,
    pub image: Option<String>,
    pub text: String,
    pub word_count: i64,
    pub revision: i64,
    pub gone_at: Option<String>,
}

/// A row of the `events` view, lists parsed.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "the columns of the view, documented there")]
pub struct EventRow {
    pub id: i64,
    pub seq: i64,
    pub title: Option<String>,
    pub first_published_at: Option<String>,
    pub last_published_at: Option<String>,
    pub article_count: i64,
    pub publisher_count: i64,
    pub languages: Vec<String>,
    pub lead_article_id: Option<i64>,
    pub merged_into: Option<i64>,
}

/// An event with what was told of it; as JSON, the event's own keys and `articles`.
#[derive(Debug, Clone, Serialize)]
pub struct EventPage {
    /// The event itself.
    #[serde(flatten)]
    pub event: EventRow,
    /// Its articles, earliest first.
    pub articles: Vec<ArticleRow>,
}

/// The database at one look.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Totals {
    /// Articles stored.
    pub articles: i64,
    /// Articles that are copies of others.
    pub duplicates: i64,
    /// Events that were not merged into others.
    pub events: i64,
    /// Entries that wait.
    pub queued: i64,
    /// Entries that wait and are due.
    pub due: i64,
    /// Entries that were rejected.
    pub rejected: i64,
    /// Articles added in the last hour.
    pub articles_last_hour: u64,
    /// Articles added in the last day.
    pub articles_last_day: u64,
    /// When the oldest waiting entry was announced.
    pub oldest_queued_at: Option<String>,
}

const ARTICLE: &str = "id, seq, event_id, duplicate_of, url, canonical_url, publisher, feed, title, subtitle, authors, published_at,
  published_precision, modified_at, fetched_at, language, dateline, attribution, categories, image, text, word_count, revision, gone_at";
const EVENT: &str = "id, seq, title, first_published_at, last_published_at, article_count, publisher_count, languages, lead_article_id, merged_into";

impl Reader {
    /// Opens the database for reading.
    ///
    /// # Errors
    /// When there is none, it is not dateline's, or is newer than this binary.
    pub fn open(path: &Path) -> Result<Self, Error> {
        // The file is looked at first: what replaces it in between is noticed as a replacement, not missed.
        let file = FileId::of(path);
        Ok(Self { conn: schema::open_reading(path)?, path: path.to_owned(), file })
    }

    /// The configured feeds, by name.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn feeds(&self) -> Result<Vec<FeedRow>, Error> {
        let sql = "SELECT name, url, title, state, last_polled_at, last_success_at, next_poll_at, failures_in_row, last_error, articles
                   FROM feeds ORDER BY name";
        let row = |row: &Row<'_>| {
            Ok(FeedRow {
                name: row.get(0)?,
                url: row.get(1)?,
                title: row.get(2)?,
                state: row.get(3)?,
                last_polled_at: row.get(4)?,
                last_success_at: row.get(5)?,
                next_poll_at: row.get(6)?,
                failures_in_row: row.get(7)?,
                last_error: row.get(8)?,
                articles: row.get(9)?,
            })
        };
        self.conn
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map([], row)?.collect())
            .doing("reading the feeds")
    }

    /// The totals as of `now`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn totals(&self, now: Timestamp) -> Result<Totals, Error> {
        let (last_hour, last_day) = self.intake(now)?;
        self.conn
            .query_row(
                "SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM article WHERE duplicate_of IS NOT NULL),
                   (SELECT count(*) FROM event WHERE merged_into IS NULL AND article_count > 0),
                   (SELECT count(*) FROM entry WHERE state = 'queued'),
                   (SELECT count(*) FROM entry WHERE state = 'queued' AND next_attempt_at <= ?1),
                   (SELECT count(*) FROM entry WHERE state = 'rejected'),
                   (SELECT announced_at FROM entry WHERE id = (SELECT min(id) FROM entry INDEXED BY entry_due WHERE state = 'queued'))",
                params![time_text(now)],
                |row| {
                    Ok(Totals {
                        articles: row.get(0)?,
                        duplicates: row.get(1)?,
                        events: row.get(2)?,
                        queued: row.get(3)?,
                        due: row.get(4)?,
                        rejected: row.get(5)?,
                        articles_last_hour: last_hour.articles,
                        articles_last_day: last_day.articles,
                        oldest_queued_at: row.get(6)?,
                    })
                },
            )
            .doing("counting")
    }

    /// Recent events, newest first, with their articles.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn events(&self, limit: usize) -> Result<Vec<EventPage>, Error> {
        let sql = format!(
            "SELECT {EVENT} FROM events WHERE merged_into IS NULL AND article_count > 0 ORDER BY last_published_at DESC, id DESC LIMIT ?1"
        );
        let events: Vec<EventRow> = self
            .conn
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], event)?.collect())
            .doing("reading events")?;
        events.into_iter().map(|event| self.page(event)).collect()
    }

    /// One event with its articles; of an event that was merged, the one it became part of.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn event(&self, id: i64) -> Result<Option<EventPage>, Error> {
        let Some(found) = self.event_row(id)? else { return Ok(None) };
        let event = match found.merged_into {
            Some(into) => self.event_row(into)?.unwrap_or(found),
            None => found,
        };
        self.page(event).map(Some)
    }

    /// One event as it stands, merged or not.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn event_row(&self, id: i64) -> Result<Option<EventRow>, Error> {
        self.conn
            .prepare_cached(&format!("SELECT {EVENT} FROM events WHERE id = ?1"))
            .and_then(|mut statement| statement.query_row([id], event).optional())
            .doing("reading an event")
    }

    /// One article as it stands.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn article_row(&self, id: i64) -> Result<Option<ArticleRow>, Error> {
        self.conn
            .prepare_cached(&format!("SELECT {ARTICLE} FROM articles WHERE id = ?1"))
            .and_then(|mut statement| statement.query_row([id], article).optional())
            .doing("reading an article")
    }

    fn page(&self, event: EventRow) -> Result<EventPage, Error> {
        let articles = self.articles_of(event.id)?;
        Ok(EventPage { event, articles })
    }

    /// Headlines that the articles of an event had before they were edited, by article, the first one first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn earlier_titles(&self, event: i64) -> Result<HashMap<i64, Vec<String>>, Error> {
        let rows: Vec<(i64, String)> = self
            .conn
            .prepare_cached(
                "SELECT DISTINCT r.article_id, r.title FROM articles a JOIN revisions r ON r.article_id = a.id
                 WHERE a.event_id = ?1 AND r.title <> a.title ORDER BY r.article_id, r.revision",
            )
            .and_then(|mut statement| statement.query_map([event], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .doing("reading revisions")?;
        let mut titles: HashMap<i64, Vec<String>> = HashMap::new();
        for (article, title) in rows {
            titles.entry(article).or_default().push(title);
        }
        Ok(titles)
    }

    /// The rejected entries, latest first: address and reason.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn rejected(&self, limit: usize) -> Result<Vec<(String, String)>, Error> {
        self.conn
            .prepare_cached(
                "SELECT url, coalesce(reason, '') FROM entry WHERE state = 'rejected' ORDER BY id DESC LIMIT ?1",
            )
            .and_then(|mut statement| {
                statement
                    .query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .doing("reading rejected entries")
    }

    fn articles_of(&self, event: i64) -> Result<Vec<ArticleRow>, Error> {
        let sql = format!(
            "SELECT {ARTICLE} FROM articles WHERE event_id = ?1 ORDER BY coalesce(published_at, fetched_at), id"
        );
        self.articles(&sql, vec![event.into()])
    }

    fn articles(&self, sql: &str, parameters: Vec<Value>) -> Result<Vec<ArticleRow>, Error> {
        self.conn
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(params_from_iter(parameters), article)?.collect())
            .doing("reading articles")
    }
}

fn list(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<String>> {
    let text: String = row.get(column)?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

fn event(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        id: row.get(0)?,
        seq: row.get(1)?,
        title: row.get(2)?,
        first_published_at: row.get(3)?,
        last_published_at: row.get(4)?,
        article_count: row.get(5)?,
        publisher_count: row.get(6)?,
        languages: list(row, 7)?,
        lead_article_id: row.get(8)?,
        merged_into: row.get(9)?,
    })
}

fn article(row: &Row<'_>) -> rusqlite::Result<ArticleRow> {
    Ok(ArticleRow {
        id: row.get(0)?,
        seq: row.get(1)?,
        event_id: row.get(2)?,
        duplicate_of: row.get(3)?,
        url: row.get(4)?,
        canonical_url: row.get(5)?,
        publisher: row.get(6)?,
        feed: row.get(7)?,
        title: row.get(8)?,
        subtitle: row.get(9)?,
        authors: list(row, 10)?,
        published_at: row.get(11)?,
        published_precision: row.get(12)?,
        modified_at: row.get(13)?,
        fetched_at: row.get(14)?,
        language: row.get(15)?,
        dateline: row.get(16)?,
        attribution: row.get(17)?,
        categories: list(row, 18)?,
        image: row.get(19)?,
        text: row.get(20)?,
        word_count: row.get(21)?,
        revision: row.get(22)?,
        gone_at: row.get(23)?,
    })
}
