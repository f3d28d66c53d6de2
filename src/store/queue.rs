//! Which entries are due.
//!
//! The queue is asked domain by domain, so that a publisher with a million queued entries does not hide the others.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::error::Doing;
use super::{Batch, Capture, Captured, Error, FeedId, Item, Reader, time_text};
use crate::entry::Entry;

/// The number of an entry in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub i64);

/// Why an entry was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Its page could not be had.
    Fetch,
    /// Its page is no article.
    Page,
    /// It was published outside the range of the backfill that announced it.
    Range,
}

impl Cause {
    /// As it stands in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Page => "page",
            Self::Range => "range",
        }
    }
}

/// An entry that is due.
#[derive(Debug, Clone)]
pub struct Queued {
    /// Its number.
    pub id: EntryId,
    /// What was announced.
    pub entry: Entry,
    /// The feed that announced it first, if one did.
    pub feed: Option<FeedId>,
    /// The registrable domain, by which politeness counts.
    pub domain: String,
    /// How often it was tried before.
    pub attempts: u32,
    /// Whether a feed announced it or a backfill.
    pub urgency: Item,
    /// Where its page is, when not at its own address.
    pub capture: Option<Capture>,
}

impl Reader {
    /// The domains that have an entry due at `now`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn due_domains(&self, now: Timestamp) -> Result<Vec<String>, Error> {
        // A loose index scan: one seek a domain, however many entries it has.
        self.conn
            .prepare_cached(
                "WITH RECURSIVE one(domain) AS (
                   SELECT min(domain) FROM entry WHERE state = 'queued'
                   UNION ALL
                   SELECT (SELECT min(domain) FROM entry WHERE state = 'queued' AND domain > one.domain) FROM one WHERE one.domain IS NOT NULL)
                 SELECT domain FROM one WHERE domain IS NOT NULL
                   AND EXISTS (SELECT 1 FROM entry e WHERE e.state = 'queued' AND e.domain = one.domain AND e.next_attempt_at <= ?1)",
            )
            .and_then(|mut statement| statement.query_map([time_text(now)], |row| row.get(0))?.collect())
            .doing("reading the queue")
    }

    /// Up to `limit` entries of one domain that are due at `now`, live ones first, then in the order they became due.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn due_entries(&self, domain: &str, now: Timestamp, limit: usize) -> Result<Vec<Queued>, Error> {
        self.conn
            .prepare_cached(
                "SELECT e.id, e.url, announced, feed_id, domain, attempts, priority, c.captured_at, c.url, NULL, NULL FROM entry e
                 LEFT JOIN capture c ON c.entry_id = e.id
                 WHERE state = 'queued' AND domain = ?1 AND next_attempt_at <= ?2 AND c.body IS NULL
                 ORDER BY priority, next_attempt_at, e.id LIMIT ?3",
            )
            .and_then(|mut statement| {
                let limit = i64::try_from(limit).unwrap_or(i64::MAX);
                statement.query_map(params![domain, time_text(now), limit], queued)?.collect()
            })
            .doing("reading the queue")
    }

    /// Whether a live entry of a domain is due at `now`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn has_live(&self, domain: &str, now: Timestamp) -> Result<bool, Error> {
        self.conn
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM entry WHERE state = 'queued' AND domain = ?1 AND priority = 0 AND next_attempt_at <= ?2)",
            )
            .and_then(|mut statement| statement.query_row(params![domain, time_text(now)], |row| row.get(0)))
            .doing("reading the queue")
    }

    /// Up to `limit` due entries whose pages are at hand, but none of `held`: nobody is asked for them.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn due_at_hand(&self, now: Timestamp, held: &HashSet<EntryId>, limit: usize) -> Result<Vec<Queued>, Error> {
        // Pages are large: those that are held are not read again.
        let mut ids: Vec<i64> = self
            .conn
            .prepare_cached("SELECT entry_id FROM capture WHERE body IS NOT NULL ORDER BY entry_id LIMIT ?1")
            .and_then(|mut statement| {
                let most = i64::try_from(limit + held.len()).unwrap_or(i64::MAX);
                statement.query_map([most], |row| row.get(0))?.collect()
            })
            .doing("reading the queue")?;
        ids.retain(|id| !held.contains(&EntryId(*id)));
        let (Some(first), Some(last)) = (ids.first(), ids.get(limit.saturating_sub(1)).or(ids.last())) else {
            return Ok(Vec::new());
        };
        self.conn
            .prepare_cached(
                "SELECT e.id, e.url, announced, feed_id, domain, attempts, priority, c.captured_at, NULL, c.content_type, c.body
                 FROM capture c CROSS JOIN entry e ON e.id = c.entry_id
                 WHERE c.entry_id BETWEEN ?2 AND ?3 AND c.body IS NOT NULL AND state = 'queued' AND next_attempt_at <= ?1 ORDER BY c.entry_id",
            )
            .and_then(|mut statement| statement.query_map(params![time_text(now), first, last], queued)?.collect())
            .doing("reading the queue")
    }

    /// When the next entry becomes due after `now`.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        self.conn
            .prepare_cached("SELECT min(next_attempt_at) FROM entry WHERE state = 'queued' AND next_attempt_at > ?1")
            .and_then(|mut statement| {
                statement.query_row([time_text(now)], |row| row.get::<_, Option<String>>(0)).optional()
            })
            .doing("reading the queue")
            .map(|text| text.flatten().and_then(|text| text.parse().ok()))
    }
}

fn queued(row: &Row<'_>) -> rusqlite::Result<Queued> {
    let announced: String = row.get(2)?;
    let url: String = row.get(1)?;
    let entry = serde_json::from_str(&announced).or_else(|_| {
        url::Url::parse(&url)
            .map(Entry::at)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, error.into()))
    })?;
    Ok(Queued {
        id: EntryId(row.get(0)?),
        entry,
        feed: row.get::<_, Option<i64>>(3)?.map(FeedId),
        domain: row.get(4)?,
        attempts: row.get(5)?,
        urgency: if row.get::<_, i64>(6)? == 0 { Item::Live } else { Item::Backfill },
        capture: capture(row)?,
    })
}

fn capture(row: &Row<'_>) -> rusqlite::Result<Option<Capture>> {
    let captured_at: Option<String> = row.get(7)?;
    let url: Option<String> = row.get(8)?;
    let page = match (url.and_then(|url| url::Url::parse(&url).ok()), row.get(10)?) {
        (_, Some(compressed)) => Captured::Page { content_type: row.get(9)?, compressed },
        (Some(url), None) => Captured::At(url),
        (None, None) => return Ok(None),
    };
    Ok(Some(Capture { captured_at: captured_at.and_then(|at| at.parse().ok()), page }))
}

impl Batch<'_> {
    /// Ends an entry without an article.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn reject(&self, entry: EntryId, cause: Cause, reason: &str, now: Timestamp) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "UPDATE entry SET state = 'rejected', cause = ?4, reason = ?2, attempts = attempts + 1, next_attempt_at = NULL, done_at = ?3
                 WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute(params![entry.0, reason, time_text(now), cause.as_str()]))
            .doing("rejecting an entry")
            .map(drop)
    }

    /// Leaves an entry queued for another attempt.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn retry(&self, entry: EntryId, reason: &str, next_attempt_at: Timestamp) -> Result<(), Error> {
        self.tx
            .prepare_cached("UPDATE entry SET attempts = attempts + 1, reason = ?2, next_attempt_at = ?3 WHERE id = ?1")
            .and_then(|mut statement| statement.execute(params![entry.0, reason, time_text(next_attempt_at)]))
            .doing("putting an entry back")
            .map(drop)
    }
}
