//! Articles picked out, handed out one at a time in order of publication, from one snapshot.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{ToSql, params_from_iter};

use super::error::Doing;
use super::reader::ArticleRow;
use super::{Error, Reader, time_text};

/// Which articles are wanted; the default is all of them.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Published at or after; an article without a date counts as published when it was fetched.
    pub since: Option<Timestamp>,
    /// Published before.
    pub before: Option<Timestamp>,
    /// By one of these, or by anybody.
    pub publishers: Vec<String>,
    /// In one of these languages, or in any.
    pub languages: Vec<String>,
    /// Of one of these events, or those that they became part of; or of any.
    pub events: Vec<i64>,
}

impl Selection {
    /// SQL conditions on `article a`, and what their parameters hold.
    pub(super) fn conditions(&self) -> (Vec<String>, Vec<Value>) {
        let (mut conditions, mut parameters) = (Vec::new(), Vec::new());
        for (moment, comparison) in [(self.since, ">="), (self.before, "<")] {
            if let Some(moment) = moment {
                conditions.push(format!("coalesce(a.published_at, a.fetched_at) {comparison} ?"));
                parameters.push(Value::from(time_text(moment)));
            }
        }
        for (column, wanted) in [("publisher", &self.publishers), ("language", &self.languages)] {
            if !wanted.is_empty() {
                conditions.push(format!("a.{column} IN ({})", places(wanted.len())));
                parameters.extend(wanted.iter().map(|value| Value::from(value.to_lowercase())));
            }
        }
        if !self.events.is_empty() {
            conditions.push(format!(
                "a.event_id IN (SELECT coalesce(merged_into, id) FROM event WHERE id IN ({}))",
                places(self.events.len())
            ));
            parameters.extend(self.events.iter().map(|&event| Value::from(event)));
        }
        (conditions, parameters)
    }
}

impl Reader {
    /// Hands every selected article to `take`, earliest published first, those without a date before all others; returns how many.
    ///
    /// Only the numbers are sorted, where no index has them in order: memory does not grow with the size of the texts. All come from one snapshot,
    /// which lasts as long as `take` needs: meanwhile the WAL cannot be written back.
    ///
    /// # Errors
    /// What `take` returns, and when the database refuses.
    pub fn select<E: From<Error>>(
        &self,
        selection: &Selection,
        mut take: impl FnMut(&ArticleRow) -> Result<(), E>,
    ) -> Result<u64, E> {
        let doing = "reading articles";
        let snapshot = self.conn.unchecked_transaction().doing(doing)?;
        let (conditions, parameters) = selection.conditions();
        let (mut ranges, mut all) = (vec![conditions.join(" AND ")], parameters);
        if selection.since.is_some() || selection.before.is_some() {
            // The index on dates serves each half; that on the expression would cost every insert.
            let (dated, undated) = (conditions.clone(), conditions);
            let parameters = all.clone();
            all.extend(parameters);
            ranges = vec![
                dated.join(" AND ").replace("coalesce(a.published_at, a.fetched_at)", "a.published_at"),
                format!(
                    "a.published_at IS NULL AND {}",
                    undated.join(" AND ").replace("coalesce(a.published_at, a.fetched_at)", "a.fetched_at")
                ),
            ];
        }
        let halves: Vec<String> = ranges
            .iter()
            .map(|range| {
                let range = if range.is_empty() { "1" } else { range };
                format!("SELECT a.published_at, a.id FROM article a WHERE {range}")
            })
            .collect();
        let sql = format!("{} ORDER BY 1, 2", halves.join(" UNION ALL "));
        let mut numbers = self.conn.prepare(&sql).doing(doing)?;
        let mut rows = numbers.query(params_from_iter(all.iter().map(|value| value as &dyn ToSql))).doing(doing)?;
        let mut count = 0;
        while let Some(row) = rows.next().doing(doing)? {
            let id: i64 = row.get(1).doing(doing)?;
            if let Some(article) = self.article_row(id)? {
                take(&article)?;
                count += 1;
            }
        }
        drop(rows);
        drop(numbers);
        snapshot.finish().doing(doing)?;
        Ok(count)
    }
}

fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}
