-- What is left of an entry that goes with pruned articles, so that it is not fetched again.

CREATE TABLE seen (hash INTEGER PRIMARY KEY) STRICT; -- 64 bits of SHA-256: of an address, or of an item of a feed

-- Which entries may go. `cause` stands in the index so that what backfills dropped for its date is passed over without a look at its row.
CREATE INDEX entry_pruned ON entry (id) WHERE state = 'stored' AND article_id IS NULL;
DROP INDEX entry_rejected;
CREATE INDEX entry_rejected ON entry (done_at, cause) WHERE state = 'rejected';

-- Served nothing: articles are asked for by the name of their feed (`article_feed_name`), and feeds are never deleted.
DROP INDEX article_feed;
