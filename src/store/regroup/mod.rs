//! Another partition of the stored articles, beside the one that stands: collected, compared, and put in its place at once.
//!
//! It is collected in temporary tables of the connection, which need no right to write the database and no memory to speak of, or in a [file of its
//! own](beside), so that a run that was stopped can go on. The connection that has the right then applies it in one transaction. Until that commits
//! nothing has happened.
//!
//! Invariants: an event keeps its number where most of its articles stay together; numbers are never reused; an event that lost every article keeps its
//! row, merged into the one that most of them went to.

mod apply;
mod beside;
mod compare;

use std::ops::RangeInclusive;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

pub use self::compare::{Difference, Move};
use super::error::Doing;
use super::writer::keep_rows;
use super::{Error, Reader, Writer};
use crate::event::{ArticleId, EventId};

/// A partition that is being collected.
#[derive(Debug)]
pub struct Regrouping<'a> {
    tx: Transaction<'a>,
    /// The highest number that an event has.
    fresh: i64,
    /// The place of the last article that keeps its event.
    first: i64,
    /// How far an earlier run had come.
    reached: Reached,
    home: Home,
}

/// Where it is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    Temporary,
    Beside,
}

/// How far the collecting has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    /// The place of the last article that was put into an event.
    pub place: i64,
    /// Articles on which the grouper broke down.
    pub broken: u64,
}

/// An article in its turn.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Its place in the order; greater than that of the one before.
    pub place: i64,
    /// The article.
    pub article: ArticleId,
    /// Its signature as stored, if there is one.
    pub signature: Option<Vec<u8>>,
}

/// An article that has its event already: it appeared before those that have a turn, or had its own before the run was stopped.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Its place in the order.
    pub place: i64,
    /// Its event.
    pub event: EventId,
    /// The place of the article it is a copy of; of one that has no place, its number below zero.
    pub duplicate_of: Option<i64>,
    /// The day that its signature is filed under.
    pub day: i32,
    /// Its signature as stored.
    pub signature: Vec<u8>,
}

/// What a signature is made of.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "columns of the `articles` view, documented there")]
pub struct Stored {
    pub url: String,
    pub title: Option<String>,
    pub text: String,
    pub published_at: Option<Timestamp>,
    pub fetched_at: Option<Timestamp>,
    pub language: Option<String>,
    pub publisher: String,
    pub attribution: Option<String>,
    pub dateline: Option<String>,
}

/// Where an article is put, and what that does to others. Articles are told by their places, so that those that appeared first come first, whenever
/// they arrived; events by the numbers of those that stand, and by any above [`Regrouping::fresh`].
#[derive(Debug, Clone)]
pub struct Placed {
    /// The article.
    pub article: ArticleId,
    /// Its event.
    pub event: EventId,
    /// The article it is a copy of.
    pub duplicate_of: Option<ArticleId>,
    /// Events that turned out to be one: from, into.
    pub merged: Vec<(EventId, EventId)>,
    /// Earlier originals that turned up: the first and every copy of it are copies of the second now.
    pub recopied: Vec<(ArticleId, ArticleId)>,
    /// The article whose title stands for the event.
    pub lead: ArticleId,
    /// Day and signature, where it was made anew.
    pub signed: Option<(i32, Vec<u8>)>,
}

const DOING: &str = "regrouping";

impl Reader {
    /// Begins to collect a partition of the articles as they are at this moment.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn regrouping(&self) -> Result<Regrouping<'_>, Error> {
        Regrouping::of_all(&self.conn, Home::Temporary, None, "")
    }
}

impl Writer {
    /// Begins to collect a partition, to be applied by [`Batch::regroup_all`](super::Batch::regroup_all) on this connection once the collecting is
    /// [`done`](Regrouping::done); or goes on with one that was stopped, if `made_by` is the same and no article changed since.
    ///
    /// # Errors
    /// When the database or the file beside it refuses.
    pub fn regrouping(&mut self, made_by: &str) -> Result<Regrouping<'_>, Error> {
        let made_of = beside::made_of(&self.conn, made_by)?;
        let (home, left) = match &self.files {
            Some(files) => (Home::Beside, beside::attach(&self.conn, &beside::path(files.db()), &made_of)?),
            None => (Home::Temporary, None),
        };
        Regrouping::of_all(&self.conn, home, left, &made_of)
    }

    /// Forgets what was collected of all articles: it is in place, or not wanted.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn forget_regrouping(&mut self) -> Result<(), Error> {
        self.files.as_ref().map_or(Ok(()), |files| beside::remove(&self.conn, &beside::path(files.db())))
    }
}

impl<'a> Regrouping<'a> {
    fn begin(conn: &'a Connection, home: Home) -> Result<Self, Error> {
        let tx = conn.unchecked_transaction().doing(DOING)?;
        // What an earlier collecting left, and what only the end of one needs.
        tx.execute_batch(
            "DROP TABLE IF EXISTS temp.turn; DROP TABLE IF EXISTS temp.placed; DROP TABLE IF EXISTS temp.grouped;
             DROP TABLE IF EXISTS temp.standing; DROP TABLE IF EXISTS temp.learnt; DROP TABLE IF EXISTS temp.reached;
             DROP TABLE IF EXISTS temp.overlap; DROP TABLE IF EXISTS temp.emptied; DROP TABLE IF EXISTS temp.touched;
             CREATE TEMP TABLE overlap (event INTEGER NOT NULL, before INTEGER NOT NULL, shared INTEGER NOT NULL);",
        )
        .doing(DOING)?;
        let fresh = tx.query_row("SELECT coalesce(max(id), 0) FROM event", [], |row| row.get(0)).doing(DOING)?;
        Ok(Self { tx, fresh, first: 0, reached: Reached::default(), home })
    }

    fn create_tables(&self) -> Result<(), Error> {
        let home = match self.home {
            Home::Temporary => "temp",
            Home::Beside => beside::NAME,
        };
        self.tx
            .execute_batch(&format!(
                "CREATE TABLE {home}.turn (place INTEGER PRIMARY KEY, article INTEGER NOT NULL UNIQUE);
                 CREATE TABLE {home}.standing (event INTEGER PRIMARY KEY);
                 CREATE TABLE {home}.placed (article INTEGER PRIMARY KEY, event INTEGER NOT NULL, duplicate_of INTEGER, day INTEGER, signature BLOB);
                 CREATE INDEX {home}.placed_event ON placed (event);
                 CREATE INDEX {home}.placed_copy ON placed (duplicate_of) WHERE duplicate_of IS NOT NULL;
                 CREATE TABLE {home}.grouped (event INTEGER PRIMARY KEY, lead INTEGER, becomes INTEGER UNIQUE);
                 CREATE TABLE {home}.learnt (key TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
                 CREATE TABLE {home}.reached (made_of TEXT NOT NULL, place INTEGER NOT NULL, broken INTEGER NOT NULL);"
            ))
            .doing(DOING)
    }

    /// Every article has its turn; those had it that an earlier run `left` behind it.
    fn of_all(conn: &'a Connection, home: Home, left: Option<Reached>, made_of: &str) -> Result<Self, Error> {
        let regrouping = Self::begin(conn, home)?;
        if let Some(reached) = left {
            return Ok(Self { reached, ..regrouping });
        }
        regrouping.create_tables()?;
        // In order of the day that an article counts for, then of the moment, then of arrival.
        regrouping
            .tx
            .execute(
                "INSERT INTO turn (article) SELECT a.id FROM article a LEFT JOIN signature s ON s.article_id = a.id
                 ORDER BY coalesce(s.day, unixepoch(coalesce(a.published_at, a.fetched_at)) / 86400), coalesce(a.published_at, a.fetched_at), a.id",
                [],
            )
            .doing(DOING)?;
        regrouping.tx.execute("INSERT INTO reached VALUES (?1, 0, 0)", [made_of]).doing(DOING)?;
        Ok(regrouping)
    }

    /// The articles of `days` have their turn, those of `before` days before them keep what they have.
    pub(super) fn of_days(conn: &'a Connection, days: &RangeInclusive<i32>, before: i32) -> Result<Self, Error> {
        let mut regrouping = Self::begin(conn, Home::Temporary)?;
        regrouping.create_tables()?;
        let fill = |from: i32, to: i32| {
            regrouping
                .tx
                .execute(
                    "INSERT INTO turn (article) SELECT a.id FROM signature s JOIN article a ON a.id = s.article_id WHERE s.day BETWEEN ?1 AND ?2
                     ORDER BY s.day, coalesce(a.published_at, a.fetched_at), a.id",
                    [from, to],
                )
                .doing(DOING)
        };
        let standing = fill(days.start().saturating_sub(before), days.start().saturating_sub(1))?;
        regrouping
            .tx
            .execute_batch(
                "INSERT INTO placed SELECT a.id, a.event_id, a.duplicate_of, NULL, NULL FROM turn t JOIN article a ON a.id = t.article;
                 INSERT INTO standing SELECT DISTINCT event FROM placed;",
            )
            .doing(DOING)?;
        fill(*days.start(), *days.end())?;
        // What does not join an event that began before must not bear its number, however long ago that was.
        regrouping
            .tx
            .execute(
                "INSERT OR IGNORE INTO standing SELECT DISTINCT a.event_id FROM turn t JOIN article a ON a.id = t.article
                 WHERE EXISTS (SELECT 1 FROM article b JOIN signature s ON s.article_id = b.id WHERE b.event_id = a.event_id AND s.day < ?1)",
                [days.start()],
            )
            .doing(DOING)?;
        regrouping.tx.execute("INSERT INTO grouped SELECT event, NULL, event FROM standing", []).doing(DOING)?;
        regrouping.first = i64::try_from(standing).unwrap_or(i64::MAX);
        regrouping.reached.place = regrouping.first;
        Ok(regrouping)
    }

    /// A number below those that new events are given until they have their own.
    #[must_use]
    pub fn fresh(&self) -> i64 {
        self.fresh
    }

    /// The articles that have their events already, of the `days` before the next turn, in the order in which they were published.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn standing(&self, days: i32) -> Result<Vec<Standing>, Error> {
        const PLACED: &str =
            "FROM turn t JOIN placed p ON p.article = t.article LEFT JOIN signature s ON s.article_id = t.article";
        let last: Option<i32> = self
            .tx
            .query_row(
                &format!("SELECT coalesce(p.day, s.day) {PLACED} WHERE t.place <= ?1 ORDER BY t.place DESC LIMIT 1"),
                [self.reached.place],
                |row| row.get(0),
            )
            .optional()
            .doing(DOING)?;
        let Some(last) = last else { return Ok(Vec::new()) };
        self.tx
            .prepare(&format!(
                "SELECT t.place, p.event, coalesce(o.place, -p.duplicate_of), coalesce(p.day, s.day), coalesce(p.signature, s.bytes)
                 {PLACED} LEFT JOIN turn o ON o.article = p.duplicate_of
                 WHERE t.place <= ?1 AND coalesce(p.day, s.day) >= ?2 ORDER BY t.place"
            ))
            .and_then(|mut statement| {
                let standing = |row: &rusqlite::Row<'_>| {
                    Ok(Standing {
                        place: row.get(0)?,
                        event: EventId(row.get(1)?),
                        duplicate_of: row.get(2)?,
                        day: row.get(3)?,
                        signature: row.get(4)?,
                    })
                };
                statement.query_map([self.reached.place, i64::from(last.saturating_sub(days))], standing)?.collect()
            })
            .doing(DOING)
    }

    /// How far an earlier run had come; of some days, the place before the first turn.
    #[must_use]
    pub fn reached(&self) -> Reached {
        self.reached
    }

    /// The words that an earlier run had learnt.
    ///
    /// # Errors
    /// When the file refuses.
    pub fn learnt(&self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        self.tx
            .prepare("SELECT key, bytes FROM learnt ORDER BY key")
            .and_then(|mut statement| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .doing(DOING)
    }

    /// Keeps the words that were learnt since the last call; with what was placed, if it is collected in a file: should the run be stopped, the next one
    /// goes on after `reached`.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(&self, reached: Reached, learnt: &[(String, Option<Vec<u8>>)]) -> Result<(), Error> {
        keep_rows(&self.tx, "learnt", learnt)?;
        let broken = i64::try_from(reached.broken).unwrap_or(i64::MAX);
        self.tx.execute("UPDATE reached SET place = ?1, broken = ?2", [reached.place, broken]).doing(DOING)?;
        match self.home {
            Home::Temporary => Ok(()),
            // The transaction goes on as another one.
            Home::Beside => self.tx.execute_batch("COMMIT; BEGIN").doing(DOING),
        }
    }

    /// How many articles have their turn.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn count(&self) -> Result<u64, Error> {
        self.tx
            .query_row("SELECT count(*) FROM turn WHERE place > ?1", [self.first], |row| row.get::<_, i64>(0))
            .doing(DOING)
            .map(i64::unsigned_abs)
    }

    /// The next articles after a place, in the order in which they were published.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn turns(&self, after: i64, limit: u32) -> Result<Vec<Turn>, Error> {
        self.tx
            .prepare_cached(
                "SELECT t.place, t.article, s.bytes FROM turn t LEFT JOIN signature s ON s.article_id = t.article
                 WHERE t.place > ?1 ORDER BY t.place LIMIT ?2",
            )
            .and_then(|mut statement| {
                let turn = |row: &rusqlite::Row<'_>| {
                    Ok(Turn { place: row.get(0)?, article: ArticleId(row.get(1)?), signature: row.get(2)? })
                };
                statement.query_map(params![after, limit], turn)?.collect()
            })
            .doing(DOING)
    }

    /// What the signature of an article is made of.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn stored(&self, article: ArticleId) -> Result<Stored, Error> {
        let moment = |text: Option<String>| text.and_then(|text| text.parse().ok());
        self.tx
            .prepare_cached(
                "SELECT url, title, text, published_at, fetched_at, language, publisher, attribution, dateline FROM article WHERE id = ?1",
            )
            .and_then(|mut statement| {
                statement.query_row([article.0], |row| {
                    Ok(Stored {
                        url: row.get(0)?,
                        title: row.get(1)?,
                        text: row.get(2)?,
                        published_at: moment(row.get(3)?),
                        fetched_at: moment(row.get(4)?),
                        language: row.get(5)?,
                        publisher: row.get(6)?,
                        attribution: row.get(7)?,
                        dateline: row.get(8)?,
                    })
                })
            })
            .doing(DOING)
    }

    /// Takes down where an article is put.
    ///
    /// # Errors
    /// When the disk of temporary files refuses.
    pub fn place(&self, placed: &Placed) -> Result<(), Error> {
        let (day, signature) = match &placed.signed {
            Some((day, bytes)) => (Some(*day), Some(bytes)),
            None => (None, None),
        };
        let run = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| {
            self.tx.prepare_cached(sql).and_then(|mut statement| statement.execute(parameters)).doing(DOING)
        };
        let (article, lead) = (self.article(placed.article)?, self.article(placed.lead)?);
        let duplicate_of = placed.duplicate_of.map(|place| self.article(place)).transpose()?;
        run(
            "INSERT INTO placed VALUES (?1, ?2, ?3, ?4, ?5)",
            params![article, placed.event.0, duplicate_of, day, signature],
        )?;
        for (from, into) in &placed.merged {
            run("UPDATE placed SET event = ?2 WHERE event = ?1", params![from.0, into.0])?;
            run("DELETE FROM grouped WHERE event = ?1", params![from.0])?;
        }
        for (before, original) in &placed.recopied {
            run(
                "UPDATE placed SET duplicate_of = ?2 WHERE (article = ?1 OR duplicate_of = ?1) AND article <> ?2",
                params![self.article(*before)?, self.article(*original)?],
            )?;
        }
        run(
            "INSERT INTO grouped (event, lead) VALUES (?1, ?2) ON CONFLICT (event) DO UPDATE SET lead = excluded.lead",
            params![placed.event.0, lead],
        )?;
        Ok(())
    }

    /// The number of the article that has a place.
    fn article(&self, place: ArticleId) -> Result<i64, Error> {
        if place.0 < 0 {
            return Ok(-place.0);
        }
        self.tx
            .prepare_cached("SELECT article FROM turn WHERE place = ?1")
            .and_then(|mut statement| statement.query_row([place.0], |row| row.get(0)))
            .doing(DOING)
    }

    /// Ends the collecting; what was collected stays with the connection.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn done(self) -> Result<(), Error> {
        self.tx.commit().doing(DOING)
    }
}
