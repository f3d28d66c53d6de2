//! Old articles into the queue, and out of it again when they lie outside the range.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::{BackfillId, Capture, Captured, Counts, Old};
use crate::address;
use crate::article::{Article, Precision};
use crate::entry::Entry;
use crate::store::announce::json;
use crate::store::error::Doing;
use crate::store::{Batch, EntryId, Error, FeedId, Item, time_text};

impl Batch<'_> {
    /// Puts an old article into the queue behind live ones, unless it is known, and ties it to the backfill.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn announce_old(
        &self,
        backfill: BackfillId,
        feed: Option<FeedId>,
        entry: &Entry,
        capture: Option<&Capture>,
        now: Timestamp,
    ) -> Result<Old, Error> {
        let key = address::key(&entry.url);
        // Politeness counts by whom is asked for the page.
        let domain = match capture.map(|capture| &capture.page) {
            Some(Captured::At(url)) => address::publisher(url),
            Some(Captured::Page { .. }) | None => address::publisher(&entry.url),
        };
        let known: Option<(i64, String)> = self
            .tx
            .prepare_cached("SELECT id, state FROM entry WHERE address = ?1")
            .and_then(|mut statement| statement.query_row([&key], |row| Ok((row.get(0)?, row.get(1)?))).optional())
            .doing("looking up an address")?;
        let (id, old) = match known {
            None if self.was_given_up(&key, None)? => return Ok(Old::Known),
            None => (self.insert_entry(feed, entry, &key, &domain, Item::Backfill, now)?, Old::Queued),
            Some((id, state)) => {
                if !self.tie(backfill, id, i64::from(state == "queued"))? {
                    return Ok(Old::Repeated);
                }
                match state.as_str() {
                    "queued" => return Ok(Old::Watched),
                    "rejected" => match self.was_outside(backfill, id)? {
                        None => return Ok(Old::Known),
                        Some(Fits::No) => return Ok(Old::Outside),
                        Some(Fits::Yes) => {
                            self.queue_again(id, entry, &domain, 1, now)?;
                            (id, Old::Queued)
                        }
                    },
                    _ => return Ok(Old::Known),
                }
            }
        };
        self.tx
            .prepare_cached(
                "INSERT INTO backfill_entry VALUES (?2, ?1, 1) ON CONFLICT (entry_id, backfill_id) DO UPDATE SET waits = 1",
            )
            .and_then(|mut statement| statement.execute([backfill.0, id]))
            .doing("queueing an old entry")?;
        if let Some(capture) = capture {
            self.keep_capture(id, capture)?;
        }
        Ok(old)
    }

    /// Adds to what a source announced.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn count(&self, backfill: BackfillId, source: &str, counts: &Counts) -> Result<(), Error> {
        let Counts { documents, failed, announced, queued, known, outside } = *counts;
        self.tx
            .prepare_cached(
                "INSERT INTO backfill_source VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET
                   documents = documents + ?3, failed = failed + ?4, announced = announced + ?5, queued = queued + ?6, known = known + ?7,
                   outside = outside + ?8",
            )
            .and_then(|mut statement| {
                statement.execute(params![backfill.0, source, documents, failed, announced, queued, known, outside])
            })
            .doing("counting what a source announced")
            .map(drop)
    }

    /// Why a new article is not wanted: it was published outside the range of every backfill that waits for it, and no feed announced it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn outside_range(&self, entry: EntryId, article: &Article) -> Result<Option<String>, Error> {
        let (first, last) = bounds(article);
        let ranges: Vec<(Option<String>, String, bool)> = self
            .tx
            .prepare_cached(
                "SELECT b.since, b.until, coalesce((b.since IS NULL OR ?3 >= b.since) AND ?2 < b.until, b.since IS NULL)
                 FROM backfill_entry l JOIN backfill b ON b.id = l.backfill_id
                 WHERE l.entry_id = ?1 AND l.waits AND NOT EXISTS (SELECT 1 FROM feed_item WHERE entry_id = ?1)",
            )
            .and_then(|mut statement| {
                statement
                    .query_map(params![entry.0, first, last], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                    .collect()
            })
            .doing("looking up a range")?;
        if ranges.is_empty() || ranges.iter().any(|(_, _, fits)| *fits) {
            return Ok(None);
        }
        self.tx
            .prepare_cached("INSERT OR REPLACE INTO outside VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute(params![entry.0, first, last]))
            .doing("remembering a date outside the range")?;
        let range = ranges
            .iter()
            .map(|(since, until, _)| format!("{} to before {until}", since.as_deref().unwrap_or("the beginning")))
            .collect::<Vec<_>>()
            .join(" and ");
        let why = first.map_or_else(|| "no date of publication is known".to_owned(), |at| format!("published {at}"));
        Ok(Some(format!("outside the range {range}: {why}")))
    }

    /// A feed announces, for its first time, what a backfill queued or dropped: it is live now. Says whether it was queued again.
    pub(in crate::store) fn claim(&self, id: i64, feed: FeedId, entry: &Entry, now: Timestamp) -> Result<bool, Error> {
        self.tx
            .prepare_cached(
                "UPDATE entry SET priority = 0, feed_id = coalesce(feed_id, ?2) WHERE id = ?1 AND priority <> 0",
            )
            .and_then(|mut statement| statement.execute([id, feed.0]))
            .doing("looking up an entry")?;
        let dropped = self
            .tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM outside WHERE entry_id = ?1)")
            .and_then(|mut statement| statement.query_row([id], |row| row.get(0)))
            .doing("looking up an entry")?;
        if dropped {
            self.queue_again(id, entry, &address::publisher(&entry.url), 0, now)?;
        }
        Ok(dropped)
    }

    /// Ends a queued entry as if it were stored: a dry run counts it no more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn set_aside(&self, url: &url::Url) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "UPDATE entry SET state = 'stored', next_attempt_at = NULL WHERE address = ?1 AND state = 'queued'",
            )
            .and_then(|mut statement| statement.execute([address::key(url)]))
            .doing("setting an entry aside")
            .map(drop)
    }

    fn queue_again(&self, id: i64, entry: &Entry, domain: &str, priority: i64, now: Timestamp) -> Result<(), Error> {
        self.tx
            .prepare_cached("DELETE FROM outside WHERE entry_id = ?1")
            .and_then(|mut statement| statement.execute([id]))
            .doing("queueing an old entry")?;
        self.tx
            .prepare_cached(
                "UPDATE entry SET state = 'queued', url = ?2, domain = ?3, announced = ?4, next_attempt_at = ?5, attempts = 0, reason = NULL,
                   cause = NULL, priority = ?6 WHERE id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![id, entry.url.as_str(), domain, json(entry), time_text(now), priority])
            })
            .doing("queueing an old entry")
            .map(drop)
    }

    /// Ties an entry to a backfill; says whether it was not.
    fn tie(&self, backfill: BackfillId, entry: i64, waits: i64) -> Result<bool, Error> {
        self.tx
            .prepare_cached("INSERT OR IGNORE INTO backfill_entry VALUES (?2, ?1, ?3)")
            .and_then(|mut statement| statement.execute([backfill.0, entry, waits]))
            .doing("tying an entry to a backfill")
            .map(|tied| tied == 1)
    }

    /// Whether an entry that was dropped for its date fits the range of this backfill. `None`: it was not dropped for that.
    fn was_outside(&self, backfill: BackfillId, entry: i64) -> Result<Option<Fits>, Error> {
        self.tx
            .prepare_cached(
                "SELECT coalesce((b.since IS NULL OR o.last_at >= b.since) AND o.published_at < b.until, b.since IS NULL)
                 FROM outside o JOIN backfill b ON b.id = ?1 WHERE o.entry_id = ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_row([backfill.0, entry], |row| Ok(if row.get(0)? { Fits::Yes } else { Fits::No }))
                    .optional()
            })
            .doing("looking up a range")
    }

    fn keep_capture(&self, entry: i64, capture: &Capture) -> Result<(), Error> {
        let (url, content_type, body) = match &capture.page {
            Captured::At(url) => (Some(url.as_str()), None, None),
            Captured::Page { content_type, compressed } => (None, content_type.as_deref(), Some(compressed)),
        };
        self.tx
            .prepare_cached("INSERT OR REPLACE INTO capture VALUES (?1, ?2, ?3, ?4, ?5)")
            .and_then(|mut statement| {
                statement.execute(params![entry, capture.captured_at.map(time_text), url, content_type, body])
            })
            .doing("keeping a page from an archive")
            .map(drop)
    }
}

/// Whether a date lies within a range.
enum Fits {
    Yes,
    No,
}

/// The first and the last moment at which an article may have been published, as text.
fn bounds(article: &Article) -> (Option<String>, Option<String>) {
    let Some(first) = article.published_at else { return (None, None) };
    let last = match article.published_precision {
        Some(Precision::Day) => first.saturating_add(SignedDuration::from_secs(86_399)).unwrap_or(first),
        Some(Precision::Time) | None => first,
    };
    (Some(time_text(first)), Some(time_text(last)))
}
