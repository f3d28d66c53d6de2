//! Another partition of the stored articles, beside the one that stands: collected, compared, and put in its place at once.
//!
//! It is collected in temporary tables of the connection, which need no right to write the database and no memory to speak of; the connection that
//! has the right then applies it in one transaction. Until that commits nothing has happened.
//!
//! Invariants: an event keeps its number where most of its articles stay together; numbers are never reused; an event that lost every article keeps its
//! row, merged into the one that most of them went to.

mod apply;

use std::ops::RangeInclusive;

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};
use serde::Serialize;

use super::error::Doing;
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

/// An article that keeps its event: it appeared before those that have a turn.
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

/// How the collected partition differs from the one that stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Articles looked at.
    pub articles: i64,
    /// Of these, those whose signature was made anew.
    pub signed_anew: i64,
    /// Events that have articles now.
    pub events_before: i64,
    /// Events that will have articles.
    pub events_after: i64,
    /// Events that are new.
    pub events_new: i64,
    /// Events that become part of others.
    pub events_merged: i64,
    /// Articles that change their event.
    pub moved: i64,
    /// Articles that stay, but become a copy, a copy of another, or an original.
    pub recopied: i64,
}

impl Difference {
    /// Whether the two partitions are the same.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.moved == 0 && self.recopied == 0
    }
}

/// One article that changes its event.
#[derive(Debug, Clone, Serialize)]
pub struct Move {
    /// The article.
    pub article: i64,
    /// Its headline.
    pub title: Option<String>,
    /// Its event now.
    pub from: i64,
    /// The title of that.
    pub from_title: Option<String>,
    /// The event it will belong to; `None` for a new one.
    pub to: Option<i64>,
    /// The title of that.
    pub to_title: Option<String>,
}

const DOING: &str = "regrouping";

impl Reader {
    /// Begins to collect a partition of the articles as they are at this moment.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn regrouping(&self) -> Result<Regrouping<'_>, Error> {
        Regrouping::of_all(&self.conn)
    }
}

impl Writer {
    /// Begins to collect a partition, to be applied by [`Batch::regroup_all`](super::Batch::regroup_all) on this connection once the collecting is [`done`](Regrouping::done).
    ///
    /// # Errors
    /// When the database refuses.
    pub fn regrouping(&self) -> Result<Regrouping<'_>, Error> {
        Regrouping::of_all(&self.conn)
    }
}

impl<'a> Regrouping<'a> {
    fn begin(conn: &'a Connection) -> Result<Self, Error> {
        let tx = conn.unchecked_transaction().doing(DOING)?;
        // In order of the day that an article counts for, then of the moment, then of arrival.
        tx.execute_batch(
            "DROP TABLE IF EXISTS temp.turn; DROP TABLE IF EXISTS temp.placed; DROP TABLE IF EXISTS temp.grouped;
             DROP TABLE IF EXISTS temp.overlap; DROP TABLE IF EXISTS temp.standing; DROP TABLE IF EXISTS temp.emptied;
             DROP TABLE IF EXISTS temp.touched;
             CREATE TEMP TABLE turn (place INTEGER PRIMARY KEY, article INTEGER NOT NULL UNIQUE);
             CREATE TEMP TABLE standing (event INTEGER PRIMARY KEY);
             CREATE TEMP TABLE placed (article INTEGER PRIMARY KEY, event INTEGER NOT NULL, duplicate_of INTEGER, day INTEGER, signature BLOB);
             CREATE INDEX temp.placed_event ON placed (event);
             CREATE INDEX temp.placed_copy ON placed (duplicate_of) WHERE duplicate_of IS NOT NULL;
             CREATE TEMP TABLE grouped (event INTEGER PRIMARY KEY, lead INTEGER, becomes INTEGER UNIQUE);
             CREATE TEMP TABLE overlap (event INTEGER NOT NULL, before INTEGER NOT NULL, shared INTEGER NOT NULL);",
        )
        .doing(DOING)?;
        let fresh = tx.query_row("SELECT coalesce(max(id), 0) FROM event", [], |row| row.get(0)).doing(DOING)?;
        Ok(Self { tx, fresh, first: 0 })
    }

    /// Every article has its turn.
    fn of_all(conn: &'a Connection) -> Result<Self, Error> {
        let regrouping = Self::begin(conn)?;
        regrouping
            .tx
            .execute(
                "INSERT INTO turn (article) SELECT a.id FROM article a LEFT JOIN signature s ON s.article_id = a.id
                 ORDER BY coalesce(s.day, unixepoch(coalesce(a.published_at, a.fetched_at)) / 86400), coalesce(a.published_at, a.fetched_at), a.id",
                [],
            )
            .doing(DOING)?;
        Ok(regrouping)
    }

    /// The articles of `days` have their turn, those of `before` days before them keep what they have.
    pub(super) fn of_days(conn: &'a Connection, days: &RangeInclusive<i32>, before: i32) -> Result<Self, Error> {
        let mut regrouping = Self::begin(conn)?;
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
        Ok(regrouping)
    }

    /// A number below those that new events are given until they have their own.
    #[must_use]
    pub fn fresh(&self) -> i64 {
        self.fresh
    }

    /// The articles that keep their events, in the order in which they were published.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn standing(&self) -> Result<Vec<Standing>, Error> {
        self.tx
            .prepare_cached(
                "SELECT t.place, a.event_id, coalesce(o.place, -a.duplicate_of), s.day, s.bytes FROM turn t
                   JOIN article a ON a.id = t.article JOIN signature s ON s.article_id = a.id LEFT JOIN turn o ON o.article = a.duplicate_of
                 WHERE t.place <= ?1 ORDER BY t.place",
            )
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
                statement.query_map([self.first], standing)?.collect()
            })
            .doing(DOING)
    }

    /// The place before the first turn.
    #[must_use]
    pub fn first(&self) -> i64 {
        self.first
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

    /// Gives the collected events the numbers of those that stand, the largest overlap first, and says what differs.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn compare(&self) -> Result<Difference, Error> {
        self.tx
            .execute_batch(
                // Copies that appeared long after have no turn: they go where their originals go.
                "INSERT INTO placed SELECT a.id, p.event, coalesce(p.duplicate_of, p.article), NULL, NULL FROM placed p
                   JOIN article a ON a.duplicate_of = p.article WHERE NOT EXISTS (SELECT 1 FROM placed q WHERE q.article = a.id);
                 INSERT INTO overlap SELECT p.event, a.event_id, count(*) FROM placed p JOIN article a ON a.id = p.article GROUP BY 1, 2;
                 CREATE INDEX temp.overlap_before ON overlap (before, shared);",
            )
            .doing(DOING)?;
        let mut claim = self
            .tx
            .prepare("UPDATE OR IGNORE grouped SET becomes = ?2 WHERE event = ?1 AND becomes IS NULL")
            .doing(DOING)?;
        let mut overlaps =
            self.tx.prepare("SELECT event, before FROM overlap ORDER BY shared DESC, before, event").doing(DOING)?;
        let mut rows = overlaps.query([]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            let pair: (i64, i64) = row.get(0).and_then(|event| Ok((event, row.get(1)?))).doing(DOING)?;
            claim.execute(params![pair.0, pair.1]).doing(DOING)?;
        }
        // What has articles that have no turn goes on, unless it stood before and was found to be part of another.
        self.tx
            .execute_batch(
                "CREATE TEMP TABLE emptied AS SELECT DISTINCT before AS event FROM overlap
                 WHERE before NOT IN (SELECT becomes FROM grouped WHERE becomes IS NOT NULL)
                   AND (before IN (SELECT event FROM standing)
                     OR NOT EXISTS (SELECT 1 FROM article a WHERE a.event_id = before AND a.id NOT IN (SELECT article FROM placed)));",
            )
            .doing(DOING)?;
        self.tx
            .query_row(
                "SELECT (SELECT count(*) FROM turn WHERE place > ?1), (SELECT count(*) FROM placed WHERE signature IS NOT NULL),
                   (SELECT count(DISTINCT before) FROM overlap), (SELECT count(*) FROM grouped), (SELECT count(*) FROM grouped WHERE becomes IS NULL),
                   (SELECT count(*) FROM emptied),
                   (SELECT count(*) FROM placed p JOIN grouped g USING (event) JOIN article a ON a.id = p.article WHERE g.becomes IS NOT a.event_id),
                   (SELECT count(*) FROM placed p JOIN grouped g USING (event) JOIN article a ON a.id = p.article
                      WHERE g.becomes IS a.event_id AND p.duplicate_of IS NOT a.duplicate_of)",
                [self.first],
                |row| {
                    Ok(Difference {
                        articles: row.get(0)?,
                        signed_anew: row.get(1)?,
                        events_before: row.get(2)?,
                        events_after: row.get(3)?,
                        events_new: row.get(4)?,
                        events_merged: row.get(5)?,
                        moved: row.get(6)?,
                        recopied: row.get(7)?,
                    })
                },
            )
            .doing(DOING)
    }

    /// Some of the articles that change their event, one for each two events that exchange any, the newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn moves(&self, limit: usize) -> Result<Vec<Move>, Error> {
        self.tx
            .prepare_cached(
                "SELECT max(a.id), a.title, a.event_id, b.title, g.becomes, coalesce(e.title, l.title)
                 FROM placed p JOIN grouped g USING (event) JOIN article a ON a.id = p.article JOIN event b ON b.id = a.event_id
                   LEFT JOIN event e ON e.id = g.becomes LEFT JOIN article l ON l.id = g.lead
                 WHERE g.becomes IS NOT a.event_id GROUP BY a.event_id, p.event ORDER BY 1 DESC LIMIT ?1",
            )
            .and_then(|mut statement| {
                let moved = |row: &rusqlite::Row<'_>| {
                    Ok(Move {
                        article: row.get(0)?,
                        title: row.get(1)?,
                        from: row.get(2)?,
                        from_title: row.get(3)?,
                        to: row.get(4)?,
                        to_title: row.get(5)?,
                    })
                };
                statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], moved)?.collect()
            })
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
