-- Tables are internal. The views at the end are the public contract.
-- Times are TEXT, RFC 3339, UTC, whole seconds, so that they sort as text.

CREATE TABLE feed (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  name            TEXT NOT NULL UNIQUE,
  configured_url  TEXT NOT NULL,            -- as configured: when it changes, `url` starts over
  url             TEXT NOT NULL,            -- where it is polled now
  title           TEXT,
  schedule        TEXT NOT NULL DEFAULT '{}', -- the scheduler's bookkeeping, JSON
  state           TEXT NOT NULL DEFAULT 'new',
  etag            TEXT,
  last_modified   TEXT,
  last_polled_at  TEXT,
  last_success_at TEXT,
  next_poll_at    TEXT,
  failures_in_row INTEGER NOT NULL DEFAULT 0,
  last_error      TEXT,
  articles        INTEGER NOT NULL DEFAULT 0, -- how many articles came from it, kept by triggers
  configured      INTEGER NOT NULL DEFAULT 1  -- 0: no longer in the configuration, kept for its articles
) STRICT;

-- The durable queue: an entry waits here until it is stored or rejected, and stays as the memory that it was seen.
CREATE TABLE entry (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  address         TEXT NOT NULL UNIQUE,     -- its key: the identity, the same for all spellings of one address
  url             TEXT NOT NULL,            -- as announced: what is fetched
  domain          TEXT NOT NULL,            -- registrable domain: what politeness counts by
  feed_id         INTEGER REFERENCES feed(id),
  announced       TEXT NOT NULL,            -- the announcement, JSON
  state           TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'stored', 'rejected')),
  attempts        INTEGER NOT NULL DEFAULT 0,
  next_attempt_at TEXT,                     -- present exactly while queued
  reason          TEXT,                     -- why it was rejected, or why the last attempt failed
  announced_at    TEXT NOT NULL,
  priority        INTEGER NOT NULL DEFAULT 0, -- 0 live, 1 backfill
  refetches       INTEGER NOT NULL DEFAULT 0, -- how often a changed announcement had the page fetched again
  done_at         TEXT,                     -- when it was last stored or rejected
  article_id      INTEGER REFERENCES article(id)
) STRICT;
CREATE INDEX entry_queued ON entry (domain, priority, next_attempt_at) WHERE state = 'queued';
CREATE INDEX entry_due ON entry (next_attempt_at) WHERE state = 'queued';
CREATE INDEX entry_feed ON entry (feed_id, announced_at);
CREATE INDEX entry_article ON entry (article_id);

-- One row for each entry that a feed announced: the guid as a key of its own, and what the feed said when it was last seen.
CREATE TABLE feed_item (
  feed_id  INTEGER NOT NULL REFERENCES feed(id),
  entry_id INTEGER NOT NULL REFERENCES entry(id),
  guid     TEXT,
  digest   BLOB NOT NULL,                   -- of title, summary and dates: when it changes the page is fetched again
  PRIMARY KEY (feed_id, entry_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_item_guid ON feed_item (feed_id, guid);
CREATE INDEX feed_item_entry ON feed_item (entry_id);

CREATE TABLE event (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  seq                INTEGER NOT NULL DEFAULT 0,
  title              TEXT,
  first_published_at TEXT,
  last_published_at  TEXT,
  article_count      INTEGER NOT NULL DEFAULT 0,
  publisher_count    INTEGER NOT NULL DEFAULT 0,
  languages          TEXT NOT NULL DEFAULT '[]',
  lead_article_id    INTEGER REFERENCES article(id),
  merged_into        INTEGER REFERENCES event(id)
) STRICT;
CREATE INDEX event_last ON event (last_published_at);
CREATE INDEX event_seq ON event (seq);

CREATE TABLE article (
  id                  INTEGER PRIMARY KEY AUTOINCREMENT,
  seq                 INTEGER NOT NULL DEFAULT 0,
  event_id            INTEGER NOT NULL REFERENCES event(id),
  duplicate_of        INTEGER REFERENCES article(id),
  url                 TEXT NOT NULL,
  canonical_url       TEXT NOT NULL UNIQUE,
  publisher           TEXT NOT NULL,
  feed_id             INTEGER REFERENCES feed(id),
  title               TEXT,
  subtitle            TEXT,
  authors             TEXT NOT NULL,        -- JSON array
  published_at        TEXT,
  published_precision TEXT,
  modified_at         TEXT,
  fetched_at          TEXT NOT NULL,
  language            TEXT,
  dateline            TEXT,
  attribution         TEXT,
  categories          TEXT NOT NULL,        -- JSON array
  image               TEXT,
  text                TEXT NOT NULL,
  word_count          INTEGER NOT NULL,
  revision            INTEGER NOT NULL DEFAULT 1,
  content_hash        BLOB NOT NULL         -- of title, text and time of publication
) STRICT;
-- Not UNIQUE: two articles may be edited until they are alike. The one recorder looks before it inserts.
CREATE INDEX article_content ON article (publisher, content_hash);
CREATE INDEX article_event ON article (event_id);
CREATE INDEX article_published ON article (published_at);
CREATE INDEX article_publisher ON article (publisher, published_at);
CREATE INDEX article_language ON article (language, published_at);
CREATE INDEX article_feed ON article (feed_id);
CREATE INDEX article_seq ON article (seq);
CREATE INDEX article_duplicate ON article (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- What grouping needs of an article; the index in memory is loaded from here by day.
CREATE TABLE signature (
  article_id INTEGER PRIMARY KEY REFERENCES article(id),
  day        INTEGER NOT NULL,              -- of publication, since 1970-01-01
  bytes      BLOB NOT NULL
) STRICT;
CREATE INDEX signature_day ON signature (day);

-- Word statistics learnt from what was stored.
CREATE TABLE statistics (
  key   TEXT PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
  article_id INTEGER NOT NULL REFERENCES article(id),
  revision   INTEGER NOT NULL,
  seen_at    TEXT NOT NULL,
  title      TEXT,
  text       TEXT NOT NULL,
  PRIMARY KEY (article_id, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE change (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  at     TEXT NOT NULL,
  kind   TEXT NOT NULL CHECK (kind IN ('article', 'event')),
  id     INTEGER NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('added', 'edited', 'moved', 'merged'))
) STRICT;
CREATE UNIQUE INDEX change_added ON change (kind, id) WHERE action = 'added';

CREATE VIRTUAL TABLE articles_fts USING fts5 (
  title, subtitle, text, content = 'article', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER article_fts_insert AFTER INSERT ON article BEGIN
  INSERT INTO articles_fts (rowid, title, subtitle, text) VALUES (new.id, new.title, new.subtitle, new.text);
END;
CREATE TRIGGER article_fts_delete AFTER DELETE ON article BEGIN
  INSERT INTO articles_fts (articles_fts, rowid, title, subtitle, text) VALUES ('delete', old.id, old.title, old.subtitle, old.text);
END;
CREATE TRIGGER article_fts_update AFTER UPDATE OF title, subtitle, text ON article BEGIN
  INSERT INTO articles_fts (articles_fts, rowid, title, subtitle, text) VALUES ('delete', old.id, old.title, old.subtitle, old.text);
  INSERT INTO articles_fts (rowid, title, subtitle, text) VALUES (new.id, new.title, new.subtitle, new.text);
END;

CREATE TRIGGER article_of_feed_insert AFTER INSERT ON article WHEN new.feed_id IS NOT NULL BEGIN
  UPDATE feed SET articles = articles + 1 WHERE id = new.feed_id;
END;
CREATE TRIGGER article_of_feed_delete AFTER DELETE ON article WHEN old.feed_id IS NOT NULL BEGIN
  UPDATE feed SET articles = articles - 1 WHERE id = old.feed_id;
END;

-- The contract. Plain columns of strict tables: they carry their declared type through a view, which other engines
-- (DuckDB, pandas) ask for, and the indexes above serve conditions on them.
CREATE VIEW articles AS SELECT
  a.id, a.seq, a.event_id,
  a.duplicate_of, a.url, a.canonical_url,
  a.publisher, f.name AS feed, a.title,
  a.subtitle, a.authors, a.published_at,
  a.published_precision, a.modified_at,
  a.fetched_at, a.language, a.dateline,
  a.attribution, a.categories, a.image,
  a.text, a.word_count, a.revision
FROM article a LEFT JOIN feed f ON f.id = a.feed_id;

CREATE VIEW events AS SELECT
  id, seq, title,
  first_published_at, last_published_at,
  article_count, publisher_count,
  languages, lead_article_id,
  merged_into
FROM event;

CREATE VIEW revisions AS SELECT
  article_id, revision, seen_at,
  title, text
FROM revision;

CREATE VIEW feeds AS SELECT
  f.name, f.url, f.title, f.state,
  f.last_polled_at, f.last_success_at,
  f.next_poll_at, f.failures_in_row,
  f.last_error,
  f.articles
FROM feed f WHERE f.configured;

CREATE VIEW entries AS SELECT
  e.url, f.name AS feed, e.state, e.attempts,
  e.next_attempt_at, e.reason, e.announced_at
FROM entry e LEFT JOIN feed f ON f.id = e.feed_id;

CREATE VIEW changes AS SELECT
  seq, at, kind, id,
  action
FROM change;
