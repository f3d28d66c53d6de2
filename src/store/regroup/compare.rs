//! What a collected partition changes of the one that stands.

use rusqlite::params;
use serde::Serialize;

use super::{DOING, Regrouping};
use crate::store::Error;
use crate::store::error::Doing;

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

impl Regrouping<'_> {
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
}
