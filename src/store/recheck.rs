//! Stories that are looked at again: when each is due, what came of a look, which are gone.
//!
//! A row waits here until its look is committed: a restart loses none, and a crash repeats those that were under way.

use jiff::Timestamp;
use rusqlite::{Row, params};
use url::Url;

use super::error::Doing;
use super::{Batch, EntryId, Error, FeedId, Reader, time_text};
use crate::address;
use crate::entry::Entry;
use crate::event::ArticleId;

/// A stored story that is due for another look.
#[derive(Debug, Clone)]
pub struct Recheck {
    /// Which.
    pub article: ArticleId,
    /// Where its page is.
    pub url: Url,
    /// Its announcement.
    pub entry: Entry,
    /// The feed that announced it first, if one did.
    pub feed: Option<FeedId>,
    /// The registrable domain, by which politeness counts.
    pub domain: String,
    /// What its age counts from.
    pub since: Timestamp,
    /// Looks that failed in a row.
    pub attempts: u32,
    /// Validator of its page.
    pub etag: Option<String>,
    /// Validator of its page.
    pub last_modified: Option<String>,
}

/// The next look at a story.
#[derive(Debug, Clone)]
pub struct Look<'a> {
    /// When; `None` is never.
    pub due_at: Option<Timestamp>,
    /// Looks that failed in a row.
    pub attempts: u32,
    /// Validator to send.
    pub etag: Option<&'a str>,
    /// Validator to send.
    pub last_modified: Option<&'a str>,
}

impl Reader {
    /// The domains that have a story due for another look at `now`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn recheck_domains(&self, now: Timestamp) -> Result<Vec<String>, Error> {
        // A loose index scan: one seek a domain, however many stories it has.
        self.conn
            .prepare_cached(
                "WITH RECURSIVE one(domain) AS (
                   SELECT min(domain) FROM recheck
                   UNION ALL
                   SELECT (SELECT min(domain) FROM recheck WHERE domain > one.domain) FROM one WHERE one.domain IS NOT NULL)
                 SELECT domain FROM one WHERE domain IS NOT NULL
                   AND EXISTS (SELECT 1 FROM recheck r WHERE r.domain = one.domain AND r.due_at <= ?1)",
            )
            .and_then(|mut statement| statement.query_map([time_text(now)], |row| row.get(0))?.collect())
            .doing("reading which stories are looked at again")
    }

    /// Up to `limit` stories of one domain that are due for another look at `now`, in the order they became due.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn rechecks(&self, domain: &str, now: Timestamp, limit: usize) -> Result<Vec<Recheck>, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.conn
            .prepare_cached(
                "SELECT r.article_id, a.url, e.announced, coalesce(e.feed_id, a.feed_id), r.domain, r.since, r.attempts, r.etag, r.last_modified
                 FROM recheck r JOIN article a ON a.id = r.article_id JOIN entry e ON e.id = r.entry_id
                 WHERE r.domain = ?1 AND r.due_at <= ?2 ORDER BY r.due_at, r.article_id LIMIT ?3",
            )
            .and_then(|mut statement| statement.query_map(params![domain, time_text(now), limit], recheck)?.collect())
            .doing("reading which stories are looked at again")
    }
}

impl Batch<'_> {
    /// Plans the first look at a new story.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn plan(
        &self,
        id: ArticleId,
        entry: EntryId,
        url: &Url,
        since: Timestamp,
        look: &Look<'_>,
    ) -> Result<(), Error> {
        let Some(due_at) = look.due_at else { return Ok(()) };
        self.tx
            .prepare_cached(
                "INSERT OR IGNORE INTO recheck (article_id, entry_id, domain, since, due_at, attempts, etag, last_modified)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    id.0,
                    entry.0,
                    address::publisher(url),
                    time_text(since),
                    time_text(due_at),
                    look.attempts,
                    look.etag,
                    look.last_modified,
                ])
            })
            .doing("planning another look")
            .map(drop)
    }

    /// Plans the look that follows another, or none any more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn plan_next(&self, id: ArticleId, look: &Look<'_>) -> Result<(), Error> {
        let planned = match look.due_at {
            None => self
                .tx
                .prepare_cached("DELETE FROM recheck WHERE article_id = ?1")
                .and_then(|mut statement| statement.execute([id.0])),
            Some(due_at) => self
                .tx
                .prepare_cached(
                    "UPDATE recheck SET due_at = ?2, attempts = ?3, etag = ?4, last_modified = ?5 WHERE article_id = ?1",
                )
                .and_then(|mut statement| {
                    statement.execute(params![
                        id.0,
                        time_text(due_at),
                        look.attempts,
                        look.etag,
                        look.last_modified
                    ])
                }),
        };
        planned.doing("planning another look").map(drop)
    }

    /// Marks a story whose page holds it no more; it stays stored. Says whether it was there before.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn gone(&self, id: ArticleId, now: Timestamp) -> Result<bool, Error> {
        self.set_gone(id, Some(now), now)
    }

    /// Takes the mark off a story whose page holds it again. Says whether it had one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn found(&self, id: ArticleId, now: Timestamp) -> Result<bool, Error> {
        self.set_gone(id, None, now)
    }

    fn set_gone(&self, id: ArticleId, gone_at: Option<Timestamp>, now: Timestamp) -> Result<bool, Error> {
        let changed = self
            .tx
            .prepare_cached("UPDATE article SET gone_at = ?2 WHERE id = ?1 AND (gone_at IS NULL) <> (?2 IS NULL)")
            .and_then(|mut statement| statement.execute(params![id.0, gone_at.map(time_text)]))
            .doing("marking a story that is gone or back")?;
        if changed > 0 {
            self.edited(id, &time_text(now))?;
        }
        Ok(changed > 0)
    }
}

fn recheck(row: &Row<'_>) -> rusqlite::Result<Recheck> {
    let text: String = row.get(1)?;
    let url = Url::parse(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, error.into()))?;
    let announced: String = row.get(2)?;
    let since: String = row.get(5)?;
    Ok(Recheck {
        article: ArticleId(row.get(0)?),
        entry: serde_json::from_str(&announced).unwrap_or_else(|_| Entry::at(url.clone())),
        url,
        feed: row.get::<_, Option<i64>>(3)?.map(FeedId),
        domain: row.get(4)?,
        since: since.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        attempts: row.get(6)?,
        etag: row.get(7)?,
        last_modified: row.get(8)?,
    })
}
