-- Stories are looked at again: which, when next, and what their page was recognised by.

CREATE TABLE recheck (
  article_id    INTEGER PRIMARY KEY REFERENCES article(id) ON DELETE CASCADE,
  entry_id      INTEGER NOT NULL REFERENCES entry(id) ON DELETE CASCADE, -- whose announcement the page is read with
  domain        TEXT NOT NULL,              -- registrable domain: what politeness counts by
  since         TEXT NOT NULL,              -- what the story's age is counted from
  due_at        TEXT NOT NULL,
  attempts      INTEGER NOT NULL DEFAULT 0, -- failed looks in a row
  etag          TEXT,
  last_modified TEXT
) STRICT;
CREATE INDEX recheck_due ON recheck (domain, due_at);
CREATE INDEX recheck_entry ON recheck (entry_id);

ALTER TABLE article ADD COLUMN gone_at TEXT;  -- when its page was first found to hold the story no more

DROP VIEW articles;
CREATE VIEW articles AS SELECT
  a.id, a.seq, a.event_id,
  a.duplicate_of, a.url, a.canonical_url,
  a.publisher, f.name AS feed, a.title,
  a.subtitle, a.authors, a.published_at,
  a.published_precision, a.modified_at,
  a.fetched_at, a.language, a.dateline,
  a.attribution, a.categories, a.image,
  a.text, a.word_count, a.revision,
  a.gone_at
FROM article a LEFT JOIN feed f ON f.id = a.feed_id;
