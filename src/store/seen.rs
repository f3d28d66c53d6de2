//! What is left of entries whose time is over: enough to know them again, so that neither a feed nor a backfill has them fetched once more.
//!
//! Entries go with the articles that are pruned: that of a pruned article at once, a rejected one when all that was stored before it was rejected has
//! gone. Of each stay 64 bits of a hash for its address, and for each feed that announced it 64 bits for its guid and words. With a thousand
//! million of them, one new address in 18 thousand million is taken for a known one.
//!
//! Invariants: of an entry that waits, or whose article is there, nothing is given up. What a backfill dropped for its date stays an entry: another
//! range may want it.

use rusqlite::{Params, params};
use sha2::{Digest, Sha256};

use super::error::Doing;
use super::{Batch, Cause, Error, FeedId};

const DOING: &str = "giving up old entries";

impl Batch<'_> {
    /// Gives up entries whose articles were pruned, and those that were rejected before the oldest article that stays was stored: at most `most`, how
    /// many in all.
    pub(super) fn give_up_entries(&self, most: i64) -> Result<i64, Error> {
        let pruned = self
            .give_up("SELECT id, address FROM entry WHERE state = 'stored' AND article_id IS NULL LIMIT ?1", [most])?;
        let rejected = self.give_up(
            // Numbers begin at 1 and are never given again: a higher one says that there were others before.
            "SELECT id, address FROM entry WHERE state = 'rejected' AND cause <> ?2 AND article_id IS NULL AND done_at <
               (SELECT at FROM change WHERE kind = 'article' AND action = 'added' AND id = (SELECT min(id) FROM article) AND id > 1)
             ORDER BY done_at LIMIT ?1",
            params![most - pruned, Cause::Range.as_str()],
        )?;
        Ok(pruned + rejected)
    }

    /// Whether an address, or an item under the guid and with the words that it had, is one that was given up.
    pub(super) fn was_given_up(&self, address: &str, item: Option<Item<'_>>) -> Result<bool, Error> {
        let item = item.map(hash_of_item);
        self.tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM seen WHERE hash IN (?1, ?2))")
            .and_then(|mut statement| statement.query_row(params![hash_of_address(address), item], |row| row.get(0)))
            .doing("looking up an address")
    }

    /// Gives up what the query finds: numbers and addresses.
    fn give_up(&self, sql: &str, parameters: impl Params) -> Result<i64, Error> {
        let entries: Vec<(i64, String)> = self
            .tx
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .doing(DOING)?;
        for (id, address) in &entries {
            self.see(hash_of_address(address))?;
            for item in self.items_of(*id)? {
                self.see(item)?;
            }
            for sql in ["DELETE FROM feed_item WHERE entry_id = ?1", "DELETE FROM entry WHERE id = ?1"] {
                self.tx.prepare_cached(sql).and_then(|mut statement| statement.execute([id])).doing(DOING)?;
            }
        }
        Ok(i64::try_from(entries.len()).unwrap_or(i64::MAX))
    }

    fn items_of(&self, entry: i64) -> Result<Vec<i64>, Error> {
        self.tx
            .prepare_cached("SELECT feed_id, guid, digest FROM feed_item WHERE entry_id = ?1 AND guid IS NOT NULL")
            .and_then(|mut statement| {
                let hashed = statement.query_map([entry], |row| {
                    let (guid, digest): (String, Vec<u8>) = (row.get(1)?, row.get(2)?);
                    Ok(hash_of_item(Item { feed: FeedId(row.get(0)?), guid: &guid, digest: &digest }))
                })?;
                hashed.collect()
            })
            .doing(DOING)
    }

    fn see(&self, hash: i64) -> Result<(), Error> {
        self.tx
            .prepare_cached("INSERT OR IGNORE INTO seen VALUES (?1)")
            .and_then(|mut statement| statement.execute([hash]))
            .doing(DOING)
            .map(drop)
    }
}

/// An entry as a feed tells of it, wherever it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) feed: FeedId,
    pub(super) guid: &'a str,
    /// Of title, summary and dates.
    pub(super) digest: &'a [u8],
}

/// `address`: the key of an entry.
pub(super) fn hash_of_address(address: &str) -> i64 {
    short(Sha256::new().chain_update(b"address\0").chain_update(address))
}

fn hash_of_item(item: Item<'_>) -> i64 {
    let hash = Sha256::new().chain_update(b"item\0").chain_update(item.feed.0.to_be_bytes());
    short(hash.chain_update(item.digest).chain_update(item.guid))
}

fn short(hash: Sha256) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.finalize()[..8]);
    i64::from_be_bytes(bytes)
}
