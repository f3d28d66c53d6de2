//! Retention: the oldest articles go, by age or by the size of the database.
//!
//! An article's age counts from when it was stored, so that what a backfill brings stays as long as news do. Articles go in order of their ids, with
//! their revisions, signature and words in the full text. An event keeps its row while it has an article, its counts and title follow; one without goes,
//! with the rows that were merged into it; no id is ever given again. Of the changes the head goes: those before the oldest article that stays was added;
//! what stays has later ones. Entries go too, but for what it takes to know them again: what was pruned is not fetched again.
//!
//! The full text only notes that an article is gone; what it held is given up when its parts are merged ([`Writer::merge_full_text`]). Left to itself
//! FTS5 merges what is new with what is new, and keeps the words of articles long gone (12 times what it held after a year of the soak, 2026-11-23).
//!
//! The file gets smaller only where it was made so (`auto_vacuum`, every database since schema 5) or after [`Writer::vacuum`].

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};
use serde::Serialize;

use super::error::Doing;
use super::record::EDITED;
use super::{Batch, Error, Reader, Writer, room, time_text};
use crate::event::{ArticleId, EventId};

/// How much is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Articles stored longer ago than this go; `None` keeps them for ever.
    pub age: Option<Duration>,
    /// The oldest articles go while the database uses more bytes than this; `None` sets no limit.
    pub size: Option<u64>,
}

/// What pruning took away, or would.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Articles.
    pub articles: u64,
    /// Events that had no other articles.
    pub events: u64,
    /// Whether more is to go.
    #[serde(skip)]
    pub unfinished: bool,
    /// The articles, for whoever keeps something of them elsewhere.
    #[serde(skip)]
    pub gone: Vec<ArticleId>,
}

const DOING: &str = "pruning";

/// Entries given up for each article that is pruned, at the most: some are rejected, several may be of one article.
const ENTRIES: i64 = 4;

/// Pages of the full text that one step of merging writes: some 8 MB.
const MERGE_PAGES: i64 = 2_000;

/// The full text is merged when the articles that were pruned since are a quarter of those that stay: then it is never much larger than what it
/// holds, and each article that goes costs that four others are written once more.
const MERGE_SHARE: i64 = 4;

/// Of the `task` that remembers how many articles were pruned since the full text was merged, and whether it is being merged.
const MERGING: &str = "full text";

impl Retention {
    /// Whether everything is kept for ever.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        self.age.is_none() && self.size.is_none()
    }

    /// Articles stored before this moment go.
    fn limit(&self, now: Timestamp) -> Option<String> {
        let age = SignedDuration::try_from(self.age?).ok()?;
        now.checked_sub(age).ok().map(time_text)
    }
}

impl Writer {
    /// Takes away the oldest articles beyond what is kept, at most `most`, in one transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn prune(&mut self, retention: &Retention, now: Timestamp, most: usize) -> Result<Pruned, Error> {
        let batch = self.batch()?;
        let pruned = batch.prune(retention, now, most)?;
        batch.commit()?;
        Ok(pruned)
    }

    /// Takes the next step of merging the full text, where enough was pruned; whether there may be more to do.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn merge_full_text(&mut self) -> Result<bool, Error> {
        let batch = self.batch()?;
        let more = batch.merge_full_text()?;
        batch.commit()?;
        Ok(more)
    }

    /// Gives up to `pages` free pages of the file back to the system; gives back how many are left.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn shrink(&self, pages: u32) -> Result<u64, Error> {
        shrink(&self.conn, pages)
    }

    /// Writes the whole file anew, without free pages and so that it can [`shrink`](Self::shrink) from now on. Nobody can write meanwhile.
    ///
    /// # Errors
    /// When there is no room for a second copy, or the database refuses.
    pub fn vacuum(&self) -> Result<(), Error> {
        let path = self.conn.path().map(std::path::PathBuf::from).unwrap_or_default();
        // The copy that SQLite makes, and the WAL that it is written back through.
        room::ensure(&path, 2 * used_bytes(&self.conn)?)?;
        self.conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM;").doing("writing the database anew")
    }
}

/// Frees pages at the end of a file, step by step: the pragma frees one page for each row that is asked for.
pub(super) fn shrink(conn: &rusqlite::Connection, pages: u32) -> Result<u64, Error> {
    let doing = "giving free pages back";
    let mut statement = conn.prepare(&format!("PRAGMA incremental_vacuum({pages})")).doing(doing)?;
    let mut rows = statement.query([]).doing(doing)?;
    while rows.next().doing(doing)?.is_some() {}
    drop(rows);
    let left: i64 = conn.pragma_query_value(None, "freelist_count", |row| row.get(0)).doing(doing)?;
    Ok(left.unsigned_abs())
}

/// Bytes of a database that hold something.
pub(super) fn used_bytes(conn: &rusqlite::Connection) -> Result<u64, Error> {
    let sql = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    conn.query_row(sql, [], |row| row.get::<_, i64>(0)).doing("measuring the database").map(i64::unsigned_abs)
}

impl Batch<'_> {
    fn prune(&self, retention: &Retention, now: Timestamp, most: usize) -> Result<Pruned, Error> {
        let over = match retention.size {
            Some(size) => used_bytes(&self.tx)? > size,
            None => false,
        };
        let limit = retention.limit(now);
        let oldest = self.oldest(most)?;
        let going: Vec<ArticleId> = oldest
            .iter()
            .take_while(|(_, stored_at)| over || limit.as_ref().is_some_and(|limit| stored_at < limit))
            .map(|(id, _)| *id)
            .collect();
        let mut pruned = self.prune_articles(going, &time_text(now))?;
        let entries = ENTRIES.saturating_mul(i64::try_from(most).unwrap_or(i64::MAX));
        let given_up = self.give_up_entries(entries)?;
        pruned.unfinished = pruned.gone.len() == most || given_up == entries;
        Ok(pruned)
    }

    fn prune_articles(&self, going: Vec<ArticleId>, at: &str) -> Result<Pruned, Error> {
        let Some(&last) = going.last() else { return Ok(Pruned::default()) };
        let mut events = Vec::new();
        for &id in &going {
            events.push(self.forget_article(id, last, at)?);
        }
        events.sort_unstable();
        events.dedup();
        let mut emptied = 0;
        for event in events {
            emptied += u64::from(self.refresh_or_drop(event, at)?);
        }
        self.drop_old_changes()?;
        self.tx
            .prepare_cached(
                "INSERT INTO task VALUES (?1, json_object('pruned', ?2))
                 ON CONFLICT (name) DO UPDATE SET state = json_set(state, '$.pruned', coalesce(state ->> '$.pruned', 0) + ?2)",
            )
            .and_then(|mut statement| statement.execute(params![MERGING, i64::try_from(going.len()).unwrap_or(i64::MAX)]))
            .doing(DOING)?;
        Ok(Pruned { articles: going.len() as u64, events: emptied, unfinished: false, gone: going })
    }

    /// The articles with the lowest ids, and when they were stored.
    fn oldest(&self, most: usize) -> Result<Vec<(ArticleId, String)>, Error> {
        self.tx
            .prepare_cached(
                "SELECT a.id, coalesce((SELECT at FROM change WHERE kind = 'article' AND id = a.id AND action = 'added'), a.fetched_at)
                 FROM article a ORDER BY a.id LIMIT ?1",
            )
            .and_then(|mut statement| {
                let most = i64::try_from(most).unwrap_or(i64::MAX);
                statement.query_map([most], |row| Ok((ArticleId(row.get(0)?), row.get(1)?)))?.collect()
            })
            .doing(DOING)
    }

    /// Takes away an article, all up to `last` being about to go; gives back its event.
    fn forget_article(&self, id: ArticleId, last: ArticleId, at: &str) -> Result<EventId, Error> {
        let run = |sql: &str| {
            self.tx.prepare_cached(sql).and_then(|mut statement| statement.execute([id.0])).doing(DOING).map(drop)
        };
        let event: i64 = self
            .tx
            .prepare_cached("SELECT event_id FROM article WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id.0], |row| row.get(0)))
            .doing(DOING)?;
        self.hand_copies_on(id, last, at)?;
        run("UPDATE event SET lead_article_id = NULL WHERE lead_article_id = ?1")?;
        run(
            "UPDATE entry SET article_id = NULL, announced = iif(state = 'queued', announced, '{}') WHERE article_id = ?1",
        )?;
        run("DELETE FROM revision WHERE article_id = ?1")?;
        run("DELETE FROM signature WHERE article_id = ?1")?;
        run("DELETE FROM article WHERE id = ?1")?;
        Ok(EventId(event))
    }

    /// Copies of an article that goes become copies of the earliest of them that stays.
    fn hand_copies_on(&self, id: ArticleId, last: ArticleId, at: &str) -> Result<(), Error> {
        let heir: Option<i64> = self
            .tx
            .prepare_cached(
                "SELECT id FROM article WHERE duplicate_of = ?1 AND id > ?2 ORDER BY coalesce(published_at, fetched_at), id LIMIT 1",
            )
            .and_then(|mut statement| statement.query_row([id.0, last.0], |row| row.get(0)).optional())
            .doing(DOING)?;
        let orphaned: Vec<i64> = self
            .tx
            .prepare_cached("UPDATE article SET duplicate_of = nullif(?2, id) WHERE duplicate_of = ?1 RETURNING id")
            .and_then(|mut statement| statement.query_map(params![id.0, heir], |row| row.get(0))?.collect())
            .doing(DOING)?;
        for copy in orphaned.into_iter().filter(|copy| *copy > last.0) {
            self.change_article(ArticleId(copy), EDITED, at)?;
        }
        Ok(())
    }

    /// Brings the event of an article that went up to date; whether it went too.
    fn refresh_or_drop(&self, event: EventId, at: &str) -> Result<bool, Error> {
        let lives: bool = self
            .tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM article WHERE event_id = ?1)")
            .and_then(|mut statement| statement.query_row([event.0], |row| row.get(0)))
            .doing(DOING)?;
        if lives {
            self.refresh_event(event, None, EDITED, at)?;
            return Ok(false);
        }
        self.tx
            .prepare_cached("DELETE FROM event WHERE merged_into = ?1")
            .and_then(|mut statement| statement.execute([event.0]))
            .doing(DOING)?;
        self.tx
            .prepare_cached("DELETE FROM event WHERE id = ?1")
            .and_then(|mut statement| statement.execute([event.0]))
            .doing(DOING)
            .map(|gone| gone > 0)
    }

    fn merge_full_text(&self) -> Result<bool, Error> {
        let doing = "merging the full text";
        let state: Option<(i64, bool)> = self
            .tx
            .prepare_cached("SELECT coalesce(state ->> '$.pruned', 0), coalesce(state ->> '$.merging', 0) FROM task WHERE name = ?1")
            .and_then(|mut statement| statement.query_row([MERGING], |row| Ok((row.get(0)?, row.get(1)?))).optional())
            .doing(doing)?;
        let Some((pruned, merging)) = state else { return Ok(false) };
        // Near enough, and two looks into an index however many there are.
        let stay: i64 = self
            .tx
            .prepare_cached("SELECT coalesce((SELECT max(id) FROM article) - (SELECT min(id) FROM article) + 1, 0)")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .doing(doing)?;
        if !merging && pruned <= stay / MERGE_SHARE {
            return Ok(false);
        }
        // A negative number begins to merge everything into one part, positive ones go on with it (sqlite.org/fts5.html, "The 'merge' Command").
        let pages = if merging { MERGE_PAGES } else { -MERGE_PAGES };
        let before = self.tx.total_changes();
        self.tx
            .prepare_cached("INSERT INTO articles_fts (articles_fts, rank) VALUES ('merge', ?1)")
            .and_then(|mut statement| statement.execute([pages]))
            .doing(doing)?;
        // A step that wrote less than it might has come to the end of what is large; what comes in all the time is merged by FTS5 itself.
        let is_done = self.tx.total_changes() - before < MERGE_PAGES.unsigned_abs();
        let pruned = if merging { pruned } else { 0 };
        self.tx
            .prepare_cached("UPDATE task SET state = json_object('pruned', ?2, 'merging', ?3) WHERE name = ?1")
            .and_then(|mut statement| statement.execute(params![MERGING, pruned, i64::from(!is_done)]))
            .doing(doing)?;
        Ok(!is_done)
    }

    fn drop_old_changes(&self) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "DELETE FROM change WHERE seq <
                   (SELECT seq FROM change WHERE kind = 'article' AND action = 'added' AND id >= (SELECT min(id) FROM article) ORDER BY id LIMIT 1)",
            )
            .and_then(|mut statement| statement.execute([]))
            .doing(DOING)
            .map(drop)
    }
}

impl Reader {
    /// What [`Writer::prune`] would take away, step by step until nothing is left to do; by size, an estimate from the size of an average article.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn prunable(&self, retention: &Retention, now: Timestamp) -> Result<Pruned, Error> {
        let by_age: i64 = match retention.limit(now) {
            Some(limit) => self
                .conn
                .query_row(
                    "SELECT coalesce(max(id), 0) FROM change WHERE kind = 'article' AND action = 'added' AND at < ?1",
                    [limit],
                    |row| row.get(0),
                )
                .doing(DOING)?,
            None => 0,
        };
        let by_size: i64 = match retention.size {
            Some(size) => {
                let used = used_bytes(&self.conn)?;
                let articles: i64 =
                    self.conn.query_row("SELECT count(*) FROM article", [], |row| row.get(0)).doing(DOING)?;
                let over = u128::from(used.saturating_sub(size)) * u128::from(articles.unsigned_abs());
                let over = i64::try_from(over.div_ceil(u128::from(used.max(1)))).unwrap_or(i64::MAX);
                self.conn
                    .query_row(
                        "SELECT coalesce(max(id), 0) FROM (SELECT id FROM article ORDER BY id LIMIT ?1)",
                        [over],
                        |row| row.get(0),
                    )
                    .doing(DOING)?
            }
            None => 0,
        };
        self.conn
            .query_row(
                "SELECT (SELECT count(*) FROM article WHERE id <= ?1),
                   (SELECT count(*) FROM (SELECT 1 FROM article GROUP BY event_id HAVING max(id) <= ?1))",
                [by_age.max(by_size)],
                |row| {
                    let [articles, events] = [row.get::<_, i64>(0)?, row.get::<_, i64>(1)?].map(i64::unsigned_abs);
                    Ok(Pruned { articles, events, ..Pruned::default() })
                },
            )
            .doing(DOING)
    }
}
