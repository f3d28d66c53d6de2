//! Events: made, joined, merged, counted.
//!
//! An event's own columns are what its articles say together; whatever changes an article's event brings them up to date in the same transaction.

use rusqlite::params;

use super::error::Doing;
use super::record::{ADDED, EDITED, Grouped};
use super::{Batch, Error};
use crate::event::{ArticleId, EventId};

impl Batch<'_> {
    /// A number for a new event.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn fresh_event(&self) -> Result<EventId, Error> {
        self.next_id("event").map(EventId)
    }

    /// Makes sure that the event's row exists; returns what happens to it: `added` or `edited`.
    pub(super) fn ensure_event(&self, event: EventId) -> Result<&'static str, Error> {
        self.tx
            .prepare_cached("INSERT INTO event (id) VALUES (?1) ON CONFLICT DO NOTHING")
            .and_then(|mut statement| statement.execute([event.0]))
            .doing("writing an event")
            .map(|inserted| if inserted == 1 { ADDED } else { EDITED })
    }

    /// What grouping one article did to the others.
    pub(super) fn settle(&self, id: ArticleId, grouped: &Grouped, at: &str) -> Result<(), Error> {
        for &(from, into) in &grouped.merged {
            self.merge(from, into, at)?;
        }
        for &(before, original) in &grouped.recopied {
            let changed: Vec<i64> = self
                .tx
                .prepare_cached("UPDATE article SET duplicate_of = ?2 WHERE (id = ?1 OR duplicate_of = ?1) AND id <> ?2 RETURNING id")
                .and_then(|mut statement| statement.query_map([before.0, original.0], |row| row.get(0))?.collect())
                .doing("writing what is a copy of what")?;
            for copy in changed {
                if copy != id.0 {
                    self.change_article(ArticleId(copy), EDITED, at)?;
                }
            }
        }
        Ok(())
    }

    /// Counts a new article in with its event, without a look at the others: an event can have thousands.
    pub(super) fn join_event(&self, id: ArticleId, grouped: &Grouped, action: &str, at: &str) -> Result<(), Error> {
        // What was merged just now came with articles that are not counted yet.
        if !grouped.merged.is_empty() {
            return self.refresh_event(grouped.event, Some(grouped.lead), action, at);
        }
        let seq = self.change(at, "event", grouped.event.0, action)?;
        self.tx
            .prepare_cached(
                "UPDATE event SET seq = ?4, article_count = article_count + 1, lead_article_id = ?3,
                   title = coalesce((SELECT title FROM article WHERE id = ?3), event.title),
                   first_published_at = min(coalesce(first_published_at, a.at), a.at), last_published_at = max(coalesce(last_published_at, a.at), a.at),
                   publisher_count = publisher_count
                     + NOT EXISTS (SELECT 1 FROM article WHERE event_id = ?1 AND publisher = a.publisher AND id <> ?2),
                   languages = iif(a.language IS NULL OR a.language IN (SELECT value FROM json_each(languages)), languages,
                     (SELECT json_group_array(value) FROM (SELECT value FROM json_each(event.languages) UNION SELECT a.language ORDER BY 1)))
                 FROM (SELECT coalesce(published_at, fetched_at) AS at, publisher, language FROM article WHERE id = ?2) AS a WHERE event.id = ?1",
            )
            .and_then(|mut statement| statement.execute(params![grouped.event.0, id.0, grouped.lead.0, seq]))
            .doing("writing an event")
            .map(drop)
    }

    pub(super) fn merge(&self, from: EventId, into: EventId, at: &str) -> Result<(), Error> {
        let moved: Vec<i64> = self
            .tx
            .prepare_cached("UPDATE article SET event_id = ?2 WHERE event_id = ?1 RETURNING id")
            .and_then(|mut statement| statement.query_map([from.0, into.0], |row| row.get(0))?.collect())
            .doing("merging events")?;
        for id in moved {
            self.change_article(ArticleId(id), "moved", at)?;
        }
        self.tx
            .prepare_cached("UPDATE event SET merged_into = ?2, article_count = 0, publisher_count = 0 WHERE id = ?1")
            .and_then(|mut statement| statement.execute([from.0, into.0]))
            .doing("merging events")?;
        // Whoever follows `merged_into` arrives in one step, however many merges there were.
        self.tx
            .prepare_cached("UPDATE event SET merged_into = ?2 WHERE merged_into = ?1")
            .and_then(|mut statement| statement.execute([from.0, into.0]))
            .doing("merging events")?;
        self.change_event(from, "merged", at)
    }

    /// Brings an event's own columns up to date with its articles.
    pub(super) fn refresh_event(
        &self,
        event: EventId,
        lead: Option<ArticleId>,
        action: &str,
        at: &str,
    ) -> Result<(), Error> {
        self.tx
            .prepare_cached(
                "UPDATE event SET (first_published_at, last_published_at, article_count, publisher_count) =
                   (SELECT min(coalesce(published_at, fetched_at)), max(coalesce(published_at, fetched_at)), count(*), count(DISTINCT publisher)
                      FROM article WHERE event_id = ?1),
                   languages = (SELECT json_group_array(language) FROM
                      (SELECT DISTINCT language FROM article WHERE event_id = ?1 AND language IS NOT NULL ORDER BY language)),
                   lead_article_id = coalesce(?2,
                      (SELECT id FROM article WHERE id = event.lead_article_id AND event_id = ?1),
                      (SELECT id FROM article WHERE event_id = ?1 ORDER BY duplicate_of IS NOT NULL, coalesce(published_at, fetched_at), id LIMIT 1),
                      lead_article_id)
                 WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute(params![event.0, lead.map(|id| id.0)]))
            .doing("writing an event")?;
        self.tx
            .prepare_cached("UPDATE event SET title = coalesce((SELECT title FROM article WHERE id = lead_article_id), title) WHERE id = ?1")
            .and_then(|mut statement| statement.execute([event.0]))
            .doing("writing an event")?;
        self.change_event(event, action, at)
    }

    pub(super) fn change_event(&self, event: EventId, action: &str, at: &str) -> Result<(), Error> {
        let seq = self.change(at, "event", event.0, action)?;
        self.tx
            .prepare_cached("UPDATE event SET seq = ?2 WHERE id = ?1")
            .and_then(|mut statement| statement.execute([event.0, seq]))
            .doing("writing a change")
            .map(drop)
    }
}
