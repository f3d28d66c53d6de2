//! Stored articles to be read again from their raw pages: which, as what, and what that changes.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, named_params, params};
use serde::{Deserialize, Serialize};
use url::Url;

use super::error::Doing;
use super::record::{Columns, EDITED};
use super::{Batch, Error, FeedId, Reader, time_text};
use crate::article::{Article, Precision};
use crate::entry::Entry;
use crate::event::ArticleId;

/// Which articles are read again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Those of this feed.
    pub feed: Option<String>,
    /// Those published at this moment or later.
    pub since: Option<Timestamp>,
    /// Those published before this moment.
    pub until: Option<Timestamp>,
}

/// A stored article.
#[derive(Debug, Clone)]
pub struct StoredArticle {
    /// Its number.
    pub id: ArticleId,
    /// What it says.
    pub article: Article,
    /// When its page was fetched.
    pub fetched_at: Timestamp,
    /// Its announcement, as far as that is remembered.
    pub entry: Entry,
    /// The feed that announced it first, if one did.
    pub feed: Option<FeedId>,
}

/// What happens to what an article said before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// It is forgotten: the story says the same.
    Replaced,
    /// It becomes a revision.
    Revision,
}

const DOING: &str = "reading stored articles";

const IN_SCOPE: &str = "a.id > ?1 AND (?2 IS NULL OR f.name = ?2)
    AND (?3 IS NULL OR coalesce(a.published_at, a.fetched_at) >= ?3) AND (?4 IS NULL OR coalesce(a.published_at, a.fetched_at) < ?4)";

impl Reader {
    /// How many articles after a number are in scope.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn count_stored(&self, scope: &Scope, after: ArticleId) -> Result<u64, Error> {
        let sql = format!("SELECT count(*) FROM article a LEFT JOIN feed f ON f.id = a.feed_id WHERE {IN_SCOPE}");
        self.conn
            .query_row(
                &sql,
                params![after.0, scope.feed, scope.since.map(time_text), scope.until.map(time_text)],
                |row| row.get::<_, i64>(0),
            )
            .doing(DOING)
            .map(i64::unsigned_abs)
    }

    /// The next articles in scope after a number, by number. One whose address cannot be read is passed over.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn stored(&self, scope: &Scope, after: ArticleId, limit: usize) -> Result<Vec<StoredArticle>, Error> {
        let sql = format!(
            "SELECT a.id, a.url, a.canonical_url, a.publisher, a.title, a.subtitle, a.authors, a.published_at, a.published_precision, a.modified_at,
               a.fetched_at, a.language, a.dateline, a.attribution, a.categories, a.image, a.text, a.feed_id,
               (SELECT announced FROM entry e WHERE e.article_id = a.id ORDER BY e.id LIMIT 1)
             FROM article a LEFT JOIN feed f ON f.id = a.feed_id WHERE {IN_SCOPE} ORDER BY a.id LIMIT ?5"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.conn
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                let parameters =
                    params![after.0, scope.feed, scope.since.map(time_text), scope.until.map(time_text), limit];
                statement.query_map(parameters, stored)?.collect()
            })
            .doing(DOING)
    }

    /// The feeds by number.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn feed_names(&self) -> Result<Vec<(FeedId, String)>, Error> {
        self.conn
            .prepare_cached("SELECT id, name FROM feed")
            .and_then(|mut statement| statement.query_map([], |row| Ok((FeedId(row.get(0)?), row.get(1)?)))?.collect())
            .doing("reading the feeds")
    }

    /// How far a long work got, if it was begun and not ended.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn task(&self, name: &str) -> Result<Option<String>, Error> {
        self.conn
            .query_row("SELECT state FROM task WHERE name = ?1", [name], |row| row.get(0))
            .optional()
            .doing("reading how far a work got")
    }
}

impl Batch<'_> {
    /// Writes what a page says as today's cleaner reads it. The page is the same, so the time of fetching stays.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn amend(&self, id: ArticleId, article: &Article, before: Before, now: Timestamp) -> Result<(), Error> {
        if before == Before::Revision {
            self.keep_revision(id)?;
        }
        let columns = Columns::of(article);
        let (published_at, precision) =
            (article.published_at.map(time_text), article.published_precision.map(Precision::as_str));
        let sql = format!(
            "UPDATE article SET {}, published_at = :published_at, published_precision = :published_precision, revision = revision + :step WHERE id = :id",
            Columns::SET
        );
        let step = i64::from(before == Before::Revision);
        let mut parameters = columns.named();
        parameters.extend_from_slice(named_params! {
            ":published_at": published_at, ":published_precision": precision, ":step": step, ":id": id.0
        });
        self.tx
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.execute(&*parameters))
            .doing("writing an article that was read again")?;
        let at = time_text(now);
        self.change_article(id, EDITED, &at)?;
        self.refresh_event(self.event_of(id)?, None, EDITED, &at)
    }

    /// Files the signature of an article that stays where it is.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn sign(&self, id: ArticleId, day: i32, signature: &[u8]) -> Result<(), Error> {
        self.tx
            .prepare_cached("UPDATE signature SET day = ?2, bytes = ?3 WHERE article_id = ?1")
            .and_then(|mut statement| statement.execute(params![id.0, day, signature]))
            .doing("filing a signature")
            .map(drop)
    }

    /// Remembers how far a long work got; `None`: it is done.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn keep_task(&self, name: &str, state: Option<&str>) -> Result<(), Error> {
        match state {
            Some(state) => self.tx.execute(
                "INSERT INTO task VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET state = excluded.state",
                [name, state],
            ),
            None => self.tx.execute("DELETE FROM task WHERE name = ?1", [name]),
        }
        .doing("writing how far a work got")
        .map(drop)
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredArticle> {
    let url = |column: usize| -> rusqlite::Result<Url> {
        let text: String = row.get(column)?;
        Url::parse(&text).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
        })
    };
    let moment = |column: usize| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<String>>(column)?.and_then(|text| text.parse().ok()))
    };
    let list = |column: usize| -> rusqlite::Result<Vec<String>> {
        Ok(serde_json::from_str(&row.get::<_, String>(column)?).unwrap_or_default())
    };
    let precision: Option<String> = row.get(8)?;
    let announced: Option<String> = row.get(18)?;
    let entry = announced.and_then(|text| serde_json::from_str(&text).ok());
    let article = Article {
        url: url(1)?,
        canonical_url: url(2)?,
        publisher: row.get(3)?,
        title: row.get(4)?,
        subtitle: row.get(5)?,
        authors: list(6)?,
        published_at: moment(7)?,
        published_precision: precision.map(|word| if word == "day" { Precision::Day } else { Precision::Time }),
        modified_at: moment(9)?,
        language: row.get(11)?,
        dateline: row.get(12)?,
        attribution: row.get(13)?,
        categories: list(14)?,
        image: row.get::<_, Option<String>>(15)?.and_then(|text| Url::parse(&text).ok()),
        text: row.get(16)?,
    };
    Ok(StoredArticle {
        id: ArticleId(row.get(0)?),
        entry: entry.unwrap_or_else(|| Entry::at(article.url.clone())),
        fetched_at: moment(10)?.unwrap_or(Timestamp::UNIX_EPOCH),
        feed: row.get::<_, Option<i64>>(17)?.map(FeedId),
        article,
    })
}
