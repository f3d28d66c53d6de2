//! Another partition of the stored articles, beside the one that stands: collected, compared, and put in its place at once.
//!
//! It is collected in temporary tables of the connection, which need no right to write the database and no memory to speak of; the connection that
//! has the right then applies it in one transaction. Until that commits nothing has happened.
//!
//! Invariants: an event keeps its number where most of its articles stay together; numbers are never reused; an event that lost every article keeps its
//! row, merged into the one that most of them went to.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::Serialize;

use super::error::Doing;
use super::record::{ADDED, EDITED};
use super::{Batch, Error, Reader, Writer, time_text};
use crate::event::{ArticleId, EventId};

/// A partition that is being collected.
#[derive(Debug)]
pub struct Regrouping<'a> {
    tx: Transaction<'a>,
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

/// Where an article is put, and what that does to others. Event numbers are provisional: any numbers, of which the caller makes up new ones.
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
        Regrouping::begin(&self.conn)
    }
}

impl Writer {
    /// Begins to collect a partition, to be applied by [`Batch::regroup_all`] on this connection once the collecting is [`done`](Regrouping::done).
    ///
    /// # Errors
    /// When the database refuses.
    pub fn regrouping(&self) -> Result<Regrouping<'_>, Error> {
        Regrouping::begin(&self.conn)
    }
}

impl<'a> Regrouping<'a> {
    fn begin(conn: &'a Connection) -> Result<Self, Error> {
        let tx = conn.unchecked_transaction().doing(DOING)?;
        // In order of the day that an article counts for, then of the moment, then of arrival.
        tx.execute_batch(
            "CREATE TEMP TABLE turn (place INTEGER PRIMARY KEY, article INTEGER NOT NULL);
             CREATE TEMP TABLE placed (article INTEGER PRIMARY KEY, event INTEGER NOT NULL, duplicate_of INTEGER, day INTEGER, signature BLOB);
             CREATE INDEX temp.placed_event ON placed (event);
             CREATE INDEX temp.placed_copy ON placed (duplicate_of) WHERE duplicate_of IS NOT NULL;
             CREATE TEMP TABLE grouped (event INTEGER PRIMARY KEY, lead INTEGER NOT NULL, becomes INTEGER UNIQUE);
             CREATE TEMP TABLE overlap (event INTEGER NOT NULL, before INTEGER NOT NULL, shared INTEGER NOT NULL);
             INSERT INTO turn (article) SELECT a.id FROM article a LEFT JOIN signature s ON s.article_id = a.id
               ORDER BY coalesce(s.day, unixepoch(coalesce(a.published_at, a.fetched_at)) / 86400), coalesce(a.published_at, a.fetched_at), a.id;",
        )
        .doing(DOING)?;
        Ok(Self { tx })
    }

    /// How many articles have their turn.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn count(&self) -> Result<u64, Error> {
        self.tx
            .query_row("SELECT count(*) FROM turn", [], |row| row.get::<_, i64>(0))
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
        run(
            "INSERT INTO placed VALUES (?1, ?2, ?3, ?4, ?5)",
            params![placed.article.0, placed.event.0, placed.duplicate_of.map(|id| id.0), day, signature],
        )?;
        for (from, into) in &placed.merged {
            run("UPDATE placed SET event = ?2 WHERE event = ?1", params![from.0, into.0])?;
            run("DELETE FROM grouped WHERE event = ?1", params![from.0])?;
        }
        for (before, original) in &placed.recopied {
            run(
                "UPDATE placed SET duplicate_of = ?2 WHERE (article = ?1 OR duplicate_of = ?1) AND article <> ?2",
                params![before.0, original.0],
            )?;
        }
        run(
            "INSERT INTO grouped (event, lead) VALUES (?1, ?2) ON CONFLICT (event) DO UPDATE SET lead = excluded.lead",
            params![placed.event.0, placed.lead.0],
        )?;
        Ok(())
    }

    /// Gives the collected events the numbers of those that stand, the largest overlap first, and says what differs.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn compare(&self) -> Result<Difference, Error> {
        self.tx
            .execute_batch(
                "INSERT INTO overlap SELECT p.event, a.event_id, count(*) FROM placed p JOIN article a ON a.id = p.article GROUP BY 1, 2;",
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
        self.tx
            .query_row(
                "SELECT (SELECT count(*) FROM placed), (SELECT count(*) FROM placed WHERE signature IS NOT NULL),
                   (SELECT count(DISTINCT before) FROM overlap), (SELECT count(*) FROM grouped), (SELECT count(*) FROM grouped WHERE becomes IS NULL),
                   (SELECT count(DISTINCT before) FROM overlap WHERE before NOT IN (SELECT becomes FROM grouped WHERE becomes IS NOT NULL)),
                   (SELECT count(*) FROM placed p JOIN grouped g USING (event) JOIN article a ON a.id = p.article WHERE g.becomes IS NOT a.event_id),
                   (SELECT count(*) FROM placed p JOIN grouped g USING (event) JOIN article a ON a.id = p.article
                      WHERE g.becomes IS a.event_id AND p.duplicate_of IS NOT a.duplicate_of)",
                [],
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

/// Articles written between two looks at the temporary tables.
const STEP: usize = 1_000;

impl Batch<'_> {
    /// Puts the collected and [compared](Regrouping::compare) partition in the place of the one that stands, with the word statistics that it was made with.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn regroup_all(&self, statistics: &[(String, Option<Vec<u8>>)], now: Timestamp) -> Result<(), Error> {
        let at = time_text(now);
        let fresh = self.number_new_events()?;
        self.tx
            .execute_batch(
                "CREATE TEMP TABLE touched AS
                   SELECT before AS event FROM overlap o JOIN grouped g ON g.event = o.event WHERE g.becomes <> o.before
                   UNION SELECT g.becomes FROM overlap o JOIN grouped g ON g.event = o.event WHERE g.becomes <> o.before;",
            )
            .doing(DOING)?;
        self.move_articles(&at)?;
        self.merge_emptied(&at)?;
        let touched: Vec<(i64, i64)> = self
            .tx
            .prepare("SELECT t.event, g.lead FROM touched t JOIN grouped g ON g.becomes = t.event ORDER BY t.event")
            .and_then(|mut statement| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .doing(DOING)?;
        for (event, lead) in touched {
            let action = if fresh.is_some_and(|first| event >= first) { ADDED } else { EDITED };
            self.refresh_event(EventId(event), Some(ArticleId(lead)), action, &at)?;
        }
        self.tx
            .execute_batch(
                "INSERT INTO signature SELECT article, day, signature FROM placed WHERE signature IS NOT NULL
                   ON CONFLICT (article_id) DO UPDATE SET day = excluded.day, bytes = excluded.bytes;
                 DELETE FROM statistics;",
            )
            .doing(DOING)?;
        self.keep_statistics(statistics)
    }

    /// Numbers for the events that are new; gives back the first.
    fn number_new_events(&self) -> Result<Option<i64>, Error> {
        let events: Vec<i64> = self
            .tx
            .prepare("SELECT event FROM grouped WHERE becomes IS NULL ORDER BY event")
            .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
            .doing(DOING)?;
        let mut first = None;
        for event in events {
            let number = self
                .tx
                .prepare_cached("INSERT INTO event DEFAULT VALUES")
                .and_then(|mut statement| statement.insert([]))
                .doing(DOING)?;
            first = first.or(Some(number));
            self.tx
                .prepare_cached("UPDATE grouped SET becomes = ?2 WHERE event = ?1")
                .and_then(|mut statement| statement.execute([event, number]))
                .doing(DOING)?;
        }
        Ok(first)
    }

    fn move_articles(&self, at: &str) -> Result<(), Error> {
        let mut after = 0;
        loop {
            let changed: Vec<(i64, i64, Option<i64>, bool)> = self
                .tx
                .prepare_cached(
                    "SELECT p.article, g.becomes, p.duplicate_of, g.becomes <> a.event_id
                     FROM placed p JOIN grouped g USING (event) JOIN article a ON a.id = p.article
                     WHERE p.article > ?1 AND (g.becomes <> a.event_id OR p.duplicate_of IS NOT a.duplicate_of) ORDER BY p.article LIMIT ?2",
                )
                .and_then(|mut statement| {
                    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
                    statement.query_map(params![after, i64::try_from(STEP).unwrap_or(i64::MAX)], row)?.collect()
                })
                .doing(DOING)?;
            for &(article, event, duplicate_of, moves) in &changed {
                self.tx
                    .prepare_cached("UPDATE article SET event_id = ?2, duplicate_of = ?3 WHERE id = ?1")
                    .and_then(|mut statement| statement.execute(params![article, event, duplicate_of]))
                    .doing(DOING)?;
                self.change_article(ArticleId(article), if moves { "moved" } else { EDITED }, at)?;
            }
            match changed.last() {
                Some(last) if changed.len() == STEP => after = last.0,
                _ => return Ok(()),
            }
        }
    }

    /// Events that lost every article become part of the one that most of theirs went to.
    fn merge_emptied(&self, at: &str) -> Result<(), Error> {
        let emptied: Vec<i64> = self
            .tx
            .prepare(
                "SELECT DISTINCT before FROM overlap WHERE before NOT IN (SELECT becomes FROM grouped WHERE becomes IS NOT NULL) ORDER BY before",
            )
            .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
            .doing(DOING)?;
        for event in emptied {
            let into: Option<i64> = self
                .tx
                .prepare_cached(
                    "SELECT g.becomes FROM overlap o JOIN grouped g ON g.event = o.event WHERE o.before = ?1 ORDER BY o.shared DESC, g.becomes LIMIT 1",
                )
                .and_then(|mut statement| statement.query_row([event], |row| row.get(0)).optional())
                .doing(DOING)?;
            if let Some(into) = into {
                self.merge(EventId(event), EventId(into), at)?;
            }
        }
        Ok(())
    }
}
