//! Backfills: what was asked for, which entries each one waits for, what became of them.
//!
//! A backfill and its entries are tied in `backfill_entry`, whoever works them off; the counts of what became of them are kept by a
//! trigger. The range is judged when an article is about to be stored ([`Batch::outside_range`]): what no backfill that waits for the entry wants is
//! dropped, remembered with its date, and taken again by a range that holds it or by a feed that announces it.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};
use serde::Serialize;

use super::announce::json;
use super::error::Doing;
use super::{Batch, EntryId, Error, FeedId, Item, Reader, Writer, time_text};
use crate::address;
use crate::article::{Article, Precision};
use crate::entry::Entry;

/// The number of a backfill in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BackfillId(pub i64);

/// Whether a backfill is a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Nobody asked for the same, or what was asked for is done.
    Anew,
    /// The same was asked for before and is unfinished.
    Again,
}

/// What became of the announcement of an old article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Old {
    /// Put into the queue.
    Queued,
    /// In the queue already, by a feed or another backfill: watched.
    Watched,
    /// Stored or rejected before.
    Known,
    /// Fetched before, and known to be published outside the range.
    Outside,
    /// This backfill knows it already.
    Repeated,
}

/// Where the page of an old article is, when not at its own address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// When the page was like that.
    pub captured_at: Option<Timestamp>,
    /// The page, or where it is to be had.
    pub page: Captured,
}

/// A page from an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Captured {
    /// At this address, to be fetched.
    At(url::Url),
    /// At hand: nothing is fetched.
    Page {
        /// As the server sent it.
        content_type: Option<String>,
        /// The body, [compressed](super::Pages::compress).
        compressed: Vec<u8>,
    },
}

/// What one source announced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents read.
    pub documents: i64,
    /// Documents given up.
    pub failed: i64,
    /// Entries that may lie within the range, each once.
    pub announced: i64,
    /// Of these, put into the queue.
    pub queued: i64,
    /// Of these, stored, rejected or queued before.
    pub known: i64,
    /// Entries passed over: published outside the range, as the source says.
    pub outside: i64,
}

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
#[expect(missing_docs, reason = "the columns of the table, documented there")]
pub struct SourceRow {
    pub source: String,
    pub documents: i64,
    pub failed: i64,
    pub announced: i64,
    pub queued: i64,
    pub known: i64,
    pub outside: i64,
}

impl Writer {
    /// The unfinished backfill of this request, or a new one. `until` is the first moment after the range.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn begin_backfill(
        &mut self,
        request: &str,
        since: Option<Timestamp>,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(BackfillId, Begun), Error> {
        let tx =
            self.conn.transaction_with_behavior(TransactionBehavior::Immediate).doing("beginning a transaction")?;
        let unfinished: Option<i64> = tx
            .query_row(
                "UPDATE backfill SET seen_at = ?2 WHERE request = ?1 AND ended_at IS NULL RETURNING id",
                params![request, time_text(now)],
                |row| row.get(0),
            )
            .optional()
            .doing("looking up a backfill")?;
        let begun = match unfinished {
            Some(id) => (BackfillId(id), Begun::Again),
            None => {
                tx.execute(
                    "INSERT INTO backfill (request, since, until, started_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?4)",
                    params![request, since.map(time_text), time_text(whole_second(until)), time_text(now)],
                )
                .doing("writing a backfill")?;
                (BackfillId(tx.last_insert_rowid()), Begun::Anew)
            }
        };
        tx.commit().doing("writing a backfill")?;
        Ok(begun)
    }

    /// Pages at hand that wait to be cleaned.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn pages_at_hand(&self) -> Result<i64, Error> {
        self.conn
            .prepare_cached("SELECT count(*) FROM capture WHERE body IS NOT NULL")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .doing("counting pages at hand")
    }

    /// Says that a process still works on a backfill.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn touch_backfill(&self, backfill: BackfillId, now: Timestamp) -> Result<(), Error> {
        self.conn
            .execute("UPDATE backfill SET seen_at = ?2 WHERE id = ?1", params![backfill.0, time_text(now)])
            .doing("writing a backfill")
            .map(drop)
    }

    /// Ends a backfill, if its documents are read and its entries stored or rejected; says whether it did. Of its documents, those that could
    /// not be read are kept.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn end_backfill(&mut self, backfill: BackfillId, now: Timestamp) -> Result<bool, Error> {
        let batch = self.batch()?;
        let ended = batch
            .tx
            .execute(
                "UPDATE backfill SET ended_at = ?2, seen_at = ?2 WHERE id = ?1 AND ended_at IS NULL
                   AND NOT EXISTS (SELECT 1 FROM backfill_entry WHERE backfill_id = ?1 AND waits)
                   AND NOT EXISTS (SELECT 1 FROM backfill_document WHERE backfill_id = ?1 AND state = 'waiting')",
                params![backfill.0, time_text(now)],
            )
            .doing("ending a backfill")?;
        if ended == 1 {
            batch
                .tx
                .execute("DELETE FROM backfill_document WHERE backfill_id = ?1 AND state <> 'failed'", [backfill.0])
                .doing("ending a backfill")?;
        }
        batch.commit()?;
        Ok(ended == 1)
    }
}

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
    pub(super) fn claim(&self, id: i64, feed: FeedId, entry: &Entry, now: Timestamp) -> Result<bool, Error> {
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
                   priority = ?6 WHERE id = ?1",
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

    /// Whether a page is known: stored, queued, or rejected for other reasons than its date.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn knows(&self, url: &url::Url) -> Result<bool, Error> {
        self.conn
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM entry WHERE address = ?1 AND id NOT IN (SELECT entry_id FROM outside))",
            )
            .and_then(|mut statement| statement.query_row([address::key(url)], |row| row.get(0)))
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

    /// Why entries of a backfill were rejected, the commonest reason first: how often, the reason, and one such address. Reasons that differ
    /// in names and numbers alone are one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn backfill_rejections(&self, id: BackfillId) -> Result<Vec<(i64, String, String)>, Error> {
        let mut statement = self
            .conn
            .prepare(
                "SELECT coalesce(e.reason, ''), e.url FROM backfill_entry l JOIN entry e ON e.id = l.entry_id
                 WHERE l.backfill_id = ?1 AND e.state = 'rejected' AND e.id NOT IN (SELECT entry_id FROM outside)",
            )
            .doing("reading what was rejected")?;
        let mut kinds: std::collections::HashMap<String, (i64, String, String)> = std::collections::HashMap::new();
        let mut rows = statement.query([id.0]).doing("reading what was rejected")?;
        while let Some(row) = rows.next().doing("reading what was rejected")? {
            let (reason, url): (String, String) =
                (row.get(0).doing("reading what was rejected")?, row.get(1).doing("reading what was rejected")?);
            kinds.entry(without_names(&reason)).or_insert((0, reason, url)).0 += 1;
        }
        let mut kinds: Vec<_> = kinds.into_values().collect();
        kinds.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        Ok(kinds)
    }

    /// How many entries wait for each domain that a backfill's entries are fetched from, and when the last one put back is due.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn queued_by_domain(&self) -> Result<(Vec<(String, i64)>, Option<Timestamp>), Error> {
        let domains = self
            .conn
            .prepare_cached(
                "SELECT domain, count(*) FROM entry WHERE state = 'queued' GROUP BY domain HAVING max(priority) > 0",
            )
            .and_then(|mut statement| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .doing("counting the queue")?;
        let last: Option<String> = self
            .conn
            .prepare_cached("SELECT max(next_attempt_at) FROM entry WHERE state = 'queued'")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .doing("counting the queue")?;
        Ok((domains, last.and_then(|last| last.parse().ok())))
    }

    fn sources_of(&self, id: i64) -> Result<Vec<SourceRow>, Error> {
        self.conn
            .prepare_cached(
                "SELECT source, documents, failed, announced, queued, known, outside FROM backfill_source WHERE backfill_id = ?1 ORDER BY source",
            )
            .and_then(|mut statement| {
                statement
                    .query_map([id], |row| {
                        Ok(SourceRow {
                            source: row.get(0)?,
                            documents: row.get(1)?,
                            failed: row.get(2)?,
                            announced: row.get(3)?,
                            queued: row.get(4)?,
                            known: row.get(5)?,
                            outside: row.get(6)?,
                        })
                    })?
                    .collect()
            })
            .doing("reading what sources announced")
    }
}

/// Whether a date lies within a range.
enum Fits {
    Yes,
    No,
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

/// The first and the last moment at which an article may have been published, as text.
fn bounds(article: &Article) -> (Option<String>, Option<String>) {
    let Some(first) = article.published_at else { return (None, None) };
    let last = match article.published_precision {
        Some(Precision::Day) => first.saturating_add(SignedDuration::from_secs(86_399)).unwrap_or(first),
        Some(Precision::Time) | None => first,
    };
    (Some(time_text(first)), Some(time_text(last)))
}

/// The database knows whole seconds: an end within one is moved to its end, so that what is just before it stays inside.
fn whole_second(end: Timestamp) -> Timestamp {
    if end.subsec_nanosecond() == 0 { end } else { Timestamp::from_second(end.as_second() + 1).unwrap_or(end) }
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
