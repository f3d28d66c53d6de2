//! A collected partition in the place of the one that stands, within one transaction.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::DOING;
use crate::event::{ArticleId, EventId};
use crate::store::error::Doing;
use crate::store::record::{ADDED, EDITED};
use crate::store::{Batch, Error, time_text};

/// Where most articles of an event went. Asked of each that lost all of its own: without an index that was twenty minutes for a million articles
/// (2026-11-23).
const INTO: &str = "SELECT g.becomes FROM overlap o JOIN grouped g ON g.event = o.event WHERE o.before = ?1 ORDER BY o.shared DESC, g.becomes LIMIT 1";

/// Articles written between two looks at the temporary tables.
const STEP: usize = 1_000;

impl Batch<'_> {
    /// Puts the collected and [compared](super::Regrouping::compare) partition of all articles in the place of the one that stands, with the word statistics
    /// that it was made with.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn regroup_all(&self, now: Timestamp) -> Result<(), Error> {
        self.regroup_collected(now)?;
        self.tx
            .execute_batch(
                "DELETE FROM statistics; INSERT INTO statistics SELECT key, bytes FROM learnt; DELETE FROM owed;",
            )
            .doing(DOING)
    }

    /// Puts the collected and [compared](super::Regrouping::compare) partition in the place of the one that stands.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn regroup_collected(&self, now: Timestamp) -> Result<(), Error> {
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
        let touched: Vec<(i64, Option<i64>)> = self
            .tx
            .prepare(
                "SELECT t.event, g.lead FROM touched t LEFT JOIN grouped g ON g.becomes = t.event
                 WHERE t.event NOT IN (SELECT event FROM emptied) ORDER BY t.event",
            )
            .and_then(|mut statement| statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .doing(DOING)?;
        for (event, lead) in touched {
            let action = if fresh.is_some_and(|first| event >= first) { ADDED } else { EDITED };
            self.refresh_event(EventId(event), lead.map(ArticleId), action, &at)?;
        }
        self.tx
            .execute_batch(
                "INSERT INTO signature SELECT article, day, signature FROM placed WHERE signature IS NOT NULL
                   ON CONFLICT (article_id) DO UPDATE SET day = excluded.day, bytes = excluded.bytes;",
            )
            .doing(DOING)
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
            .prepare("SELECT event FROM emptied ORDER BY event")
            .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
            .doing(DOING)?;
        for event in emptied {
            let into: Option<i64> = self
                .tx
                .prepare_cached(INTO)
                .and_then(|mut statement| statement.query_row([event], |row| row.get(0)).optional())
                .doing(DOING)?;
            if let Some(into) = into {
                self.merge(EventId(event), EventId(into), at)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Writer;

    #[test]
    fn an_event_that_lost_everything_is_looked_up() {
        let mut writer = Writer::scratch().unwrap();
        let collecting = writer.regrouping("").unwrap();
        collecting.compare().unwrap();
        collecting.done().unwrap();
        let plan: Vec<String> = writer
            .conn
            .prepare(&format!("EXPLAIN QUERY PLAN {INTO}"))
            .and_then(|mut statement| statement.query_map([1], |row| row.get(3))?.collect())
            .unwrap();
        assert!(!plan.is_empty() && plan.iter().all(|step| !step.starts_with("SCAN")), "{plan:?}");
    }
}
