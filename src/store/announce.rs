//! Announced entries: which are new, which are known, which are to be fetched again.
//!
//! Two keys decide here, the third (the content) when the page is there: the canonical address, and (feed, guid). The address decides first, so a
//! feed whose guids change with every poll, or are all the same, does no harm.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::error::Doing;
use super::{Batch, Error, FeedId, seen, time_text};
use crate::address;
use crate::entry::Entry;

/// A configured feed as the store sees it.
#[derive(Debug, Clone)]
pub struct FeedSettings {
    /// Its name, unique in the configuration.
    pub name: String,
    /// The configured address.
    pub url: String,
}

/// How urgent an entry is: live ones go before a backfill's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// Announced by a poll.
    Live,
    /// Announced by a backfill.
    Backfill,
}

/// What became of one announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announced {
    /// Never seen, or dropped by a backfill that was not asked for its day: queued.
    New,
    /// Never seen under this address, but its guid was: queued.
    GuidReused,
    /// Seen, and says the same.
    Known,
    /// Seen, and says the same under another guid.
    GuidChanged,
    /// Seen, and says something else now: queued to be fetched again.
    Changed,
}

impl Announced {
    /// Whether the entry waits in the queue now.
    #[must_use]
    pub fn is_queued(self) -> bool {
        matches!(self, Self::New | Self::GuidReused | Self::Changed)
    }
}

/// A changed announcement has its page fetched again at once this often; after that with doubling waits, because
/// some feeds change a date or a counter with every poll.
const IMMEDIATE_REFETCHES: i64 = 3;

impl Batch<'_> {
    /// Puts an entry that a feed announced into the queue, unless it is known.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn announce(&self, feed: Option<FeedId>, entry: &Entry, now: Timestamp) -> Result<Announced, Error> {
        let key = address::key(&entry.url);
        let digest = digest(entry);
        let known = match self.entry_at(&key)? {
            Some(id) => Some(id),
            None => self.entry_of(item(feed, entry, &digest))?,
        };
        let Some(id) = known else {
            if self.was_given_up(&key, item(feed, entry, &digest))? {
                return Ok(Announced::Known);
            }
            let reused = self.guid_is_known(feed, entry.guid.as_deref())?;
            let id = self.insert_entry(feed, entry, &key, &address::publisher(&entry.url), Item::Live, now)?;
            self.remember_item(feed, id, entry, &digest)?;
            return Ok(if reused { Announced::GuidReused } else { Announced::New });
        };
        let Some(feed_id) = feed else { return Ok(Announced::Known) };
        let before: Option<(Vec<u8>, Option<String>)> = self
            .tx
            .prepare_cached("SELECT digest, guid FROM feed_item WHERE feed_id = ?1 AND entry_id = ?2")
            .and_then(|mut statement| {
                statement.query_row(params![feed_id.0, id], |row| Ok((row.get(0)?, row.get(1)?))).optional()
            })
            .doing("looking up a feed item")?;
        // Another feed's words for the same page are not a change.
        let Some((before, guid)) = before else {
            self.remember_item(feed, id, entry, &digest)?;
            return Ok(if self.claim(id, feed_id, entry, now)? { Announced::New } else { Announced::Known });
        };
        let same_guid = guid == entry.guid;
        if before == digest {
            if !same_guid {
                self.remember_item(feed, id, entry, &digest)?;
            }
            return Ok(if same_guid { Announced::Known } else { Announced::GuidChanged });
        }
        self.remember_item(feed, id, entry, &digest)?;
        self.requeue(id, entry, now)
    }

    fn guid_is_known(&self, feed: Option<FeedId>, guid: Option<&str>) -> Result<bool, Error> {
        let (Some(feed), Some(guid)) = (feed, guid) else { return Ok(false) };
        self.tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM feed_item WHERE feed_id = ?1 AND guid = ?2)")
            .and_then(|mut statement| statement.query_row(params![feed.0, guid], |row| row.get(0)))
            .doing("looking up a guid")
    }

    fn entry_at(&self, key: &str) -> Result<Option<i64>, Error> {
        self.tx
            .prepare_cached("SELECT id FROM entry WHERE address = ?1")
            .and_then(|mut statement| statement.query_row([key], |row| row.get(0)).optional())
            .doing("looking up an address")
    }

    /// An item that kept its guid and its words but has another address now is the same item.
    fn entry_of(&self, item: Option<seen::Item<'_>>) -> Result<Option<i64>, Error> {
        let Some(seen::Item { feed, guid, digest }) = item else { return Ok(None) };
        self.tx
            .prepare_cached("SELECT entry_id FROM feed_item WHERE feed_id = ?1 AND guid = ?2 AND digest = ?3 LIMIT 1")
            .and_then(|mut statement| statement.query_row(params![feed.0, guid, digest], |row| row.get(0)).optional())
            .doing("looking up a guid")
    }

    /// `domain`: whom politeness counts the page to.
    pub(super) fn insert_entry(
        &self,
        feed: Option<FeedId>,
        entry: &Entry,
        key: &str,
        domain: &str,
        urgency: Item,
        now: Timestamp,
    ) -> Result<i64, Error> {
        let now = time_text(now);
        self.tx
            .prepare_cached(
                "INSERT INTO entry (address, url, domain, feed_id, announced, next_attempt_at, announced_at, priority)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)",
            )
            .and_then(|mut statement| {
                statement.insert(params![
                    key,
                    entry.url.as_str(),
                    domain,
                    feed.map(|feed| feed.0),
                    json(entry),
                    now,
                    i64::from(urgency == Item::Backfill),
                ])
            })
            .doing("queueing an entry")
    }

    fn remember_item(&self, feed: Option<FeedId>, entry_id: i64, entry: &Entry, digest: &[u8]) -> Result<(), Error> {
        let Some(feed) = feed else { return Ok(()) };
        self.tx
            .prepare_cached(
                "INSERT INTO feed_item (feed_id, entry_id, guid, digest) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (feed_id, entry_id) DO UPDATE SET guid = excluded.guid, digest = excluded.digest",
            )
            .and_then(|mut statement| statement.execute(params![feed.0, entry_id, entry.guid, digest]))
            .doing("remembering a feed item")
            .map(drop)
    }

    /// What was pruned is not fetched again, whatever its feed says of it.
    fn requeue(&self, id: i64, entry: &Entry, now: Timestamp) -> Result<Announced, Error> {
        let (refetches, done_at, pruned): (i64, Option<String>, bool) = self
            .tx
            .prepare_cached(
                "SELECT refetches, done_at, state = 'stored' AND article_id IS NULL FROM entry WHERE id = ?1",
            )
            .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))
            .doing("looking up an entry")?;
        if pruned {
            return Ok(Announced::Known);
        }
        let done_at: Option<Timestamp> = done_at.and_then(|text| text.parse().ok());
        let due = match done_at {
            Some(done_at) if refetches >= IMMEDIATE_REFETCHES => {
                let doublings = u32::try_from(refetches - IMMEDIATE_REFETCHES).unwrap_or(8).min(8);
                done_at.checked_add(SignedDuration::from_mins(10 << doublings)).map_or(now, |due| due.max(now))
            }
            _ => now,
        };
        self.tx
            .prepare_cached(
                "UPDATE entry SET state = 'queued', url = ?2, announced = ?3, next_attempt_at = ?4, attempts = 0, reason = NULL,
                   refetches = refetches + (state <> 'queued') WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute(params![id, entry.url.as_str(), json(entry), time_text(due)]))
            .doing("queueing an entry again")?;
        Ok(Announced::Changed)
    }
}

/// What an entry is known by besides its address. Without a date there is too little in the announcement to tell a moved item from another one.
fn item<'a>(feed: Option<FeedId>, entry: &'a Entry, digest: &'a [u8]) -> Option<seen::Item<'a>> {
    entry.published_at.or(entry.updated_at)?;
    Some(seen::Item { feed: feed?, guid: entry.guid.as_deref()?, digest })
}

/// What of an announcement makes a page worth fetching again: title, summary, dates, and the content where the feed carries it.
fn digest(entry: &Entry) -> [u8; 16] {
    let mut hash = Sha256::new();
    for field in [entry.title.as_deref(), entry.summary.as_deref(), entry.content.as_deref()] {
        hash.update(field.unwrap_or_default());
        hash.update([0]);
    }
    for date in [entry.published_at, entry.updated_at] {
        hash.update(date.map_or(0, Timestamp::as_second).to_be_bytes());
    }
    let mut short = [0; 16];
    short.copy_from_slice(&hash.finalize()[..16]);
    short
}

pub(super) fn json(entry: &Entry) -> String {
    serde_json::to_string(entry).unwrap_or_else(|_| "{}".to_owned())
}
