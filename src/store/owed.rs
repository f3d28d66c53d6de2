//! Days whose articles are to be grouped once more: a backfill stored articles on or soon before them, in another order than they appeared in.
//!
//! The debt is taken down with the end of the backfill and paid some days at a time, by whoever holds the database's lock; days are
//! crossed out in the transaction that applies their partition, so it can be stopped at any moment.

use std::ops::RangeInclusive;

use rusqlite::params;

use super::backfill::{BackfillId, BackfillRow};
use super::error::Doing;
use super::{Batch, Error, Reader, Regrouping, Writer};

const DOING: &str = "reading which days are to be grouped once more";

impl Writer {
    /// The next days that are owed, one after the other: as many as have some `most` articles, one at the least.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn owed(&self, most: i64) -> Result<Option<RangeInclusive<i32>>, Error> {
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT day, (SELECT count(*) FROM signature s WHERE s.day = owed.day) FROM owed ORDER BY day",
            )
            .doing(DOING)?;
        let mut rows = statement.query([]).doing(DOING)?;
        let mut found: Option<RangeInclusive<i32>> = None;
        let mut articles = 0;
        while let Some(row) = rows.next().doing(DOING)? {
            let (day, count): (i32, i64) = row.get(0).and_then(|day| Ok((day, row.get(1)?))).doing(DOING)?;
            articles += count;
            found = match found {
                None => Some(day..=day),
                Some(days) if day == days.end() + 1 && articles <= most => Some(*days.start()..=day),
                Some(days) => return Ok(Some(days)),
            };
        }
        Ok(found)
    }

    /// Begins to collect a partition of the articles of some days, to be applied by [`Batch::regroup_collected`]; those of `before` days before them
    /// keep what they have.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn regrouping_of(&self, days: &RangeInclusive<i32>, before: i32) -> Result<Regrouping<'_>, Error> {
        Regrouping::of_days(&self.conn, days, before)
    }

    /// Tells `each` the signature of every article of the days before one, in their order; says whether there are no more than `most`, and so it did.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn signatures_before(&self, day: i32, most: i64, mut each: impl FnMut(&[u8])) -> Result<bool, Error> {
        const DOING: &str = "reading earlier signatures";
        let count: i64 = self
            .conn
            .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM signature WHERE day < ?1 LIMIT ?2 + 1)")
            .and_then(|mut statement| statement.query_row([i64::from(day), most], |row| row.get(0)))
            .doing(DOING)?;
        if count > most {
            return Ok(false);
        }
        let mut statement = self
            .conn
            .prepare_cached("SELECT bytes FROM signature WHERE day < ?1 ORDER BY day, article_id")
            .doing(DOING)?;
        let mut rows = statement.query([day]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            if let Ok(bytes) = row.get_ref(0).doing(DOING)?.as_blob() {
                each(bytes);
            }
        }
        Ok(true)
    }
}

impl Reader {
    /// How many days are to be grouped once more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn owed_days(&self) -> Result<i64, Error> {
        self.conn
            .prepare_cached("SELECT count(*) FROM owed")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .doing(DOING)
    }

    /// How many days of a backfill's range are to be grouped once more.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn owed_days_of(&self, row: &BackfillRow) -> Result<i64, Error> {
        self.conn
            .prepare_cached(
                "SELECT count(*) FROM owed WHERE (?1 IS NULL OR day >= unixepoch(?1) / 86400) AND day * 86400 < unixepoch(?2)",
            )
            .and_then(|mut statement| statement.query_row(params![row.since, row.until], |row| row.get(0)))
            .doing(DOING)
    }
}

impl Batch<'_> {
    /// Takes down the days on which a backfill stored articles, and so many days after each: articles of those would have known them.
    pub(super) fn owe(&self, backfill: BackfillId, after: i32) -> Result<(), Error> {
        self.tx
            .execute(
                "INSERT OR IGNORE INTO owed
                 WITH RECURSIVE distance (days) AS (SELECT 0 UNION ALL SELECT days + 1 FROM distance WHERE days < ?2)
                 SELECT DISTINCT s.day + d.days FROM backfill b JOIN backfill_entry l ON l.backfill_id = b.id JOIN entry e ON e.id = l.entry_id
                   JOIN signature s ON s.article_id = e.article_id, distance d
                 WHERE b.id = ?1 AND e.state = 'stored' AND e.done_at >= b.started_at",
                params![backfill.0, after],
            )
            .doing("taking down which days are to be grouped once more")
            .map(drop)
    }

    /// Crosses days out.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn pay(&self, days: &RangeInclusive<i32>) -> Result<(), Error> {
        self.tx
            .execute("DELETE FROM owed WHERE day BETWEEN ?1 AND ?2", [days.start(), days.end()])
            .doing("crossing out days that were grouped once more")
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_before_a_day_come_day_by_day_unless_they_are_many() {
        let writer = Writer::scratch().unwrap();
        writer
            .conn
            .execute_batch(
                "PRAGMA foreign_keys = off;
                 INSERT INTO signature VALUES (1, 12, x'0c'), (2, 10, x'0a'), (3, 13, x'0d'), (4, 10, x'0b')",
            )
            .unwrap();
        let check = |day: i32, most: i64, expect: Option<&[u8]>| {
            let mut told = Vec::new();
            let all = writer.signatures_before(day, most, |bytes| told.extend(bytes)).unwrap();
            assert_eq!((all, told.as_slice()), (expect.is_some(), expect.unwrap_or_default()), "before {day}");
        };
        check(13, 3, Some(&[10, 11, 12]));
        check(13, 2, None);
        check(10, 0, Some(&[]));
    }
}
