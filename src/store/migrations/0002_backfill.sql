-- Backfills: what was asked for, which documents announce it, which entries it waits for.

CREATE TABLE backfill (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  request    TEXT NOT NULL,                 -- what was asked for, JSON: the same request goes on with what is unfinished
  since      TEXT,                          -- first moment of the range; NULL: it has no beginning
  until      TEXT NOT NULL,                 -- first moment after it
  started_at TEXT NOT NULL,
  seen_at    TEXT NOT NULL,                 -- when a process last worked on it
  ended_at   TEXT,                          -- when its documents were read and its entries stored or rejected
  stored     INTEGER NOT NULL DEFAULT 0,    -- what became of its entries, kept by the trigger below
  rejected   INTEGER NOT NULL DEFAULT 0,
  outside    INTEGER NOT NULL DEFAULT 0     -- published outside the range, as their pages say
) STRICT;
CREATE UNIQUE INDEX backfill_open ON backfill (request) WHERE ended_at IS NULL;

-- What each source announced.
CREATE TABLE backfill_source (
  backfill_id INTEGER NOT NULL REFERENCES backfill(id),
  source      TEXT NOT NULL,
  documents   INTEGER NOT NULL DEFAULT 0,   -- read
  failed      INTEGER NOT NULL DEFAULT 0,   -- documents given up
  announced   INTEGER NOT NULL DEFAULT 0,   -- entries that may lie within the range, each once
  queued      INTEGER NOT NULL DEFAULT 0,   -- of these, put into the queue
  known       INTEGER NOT NULL DEFAULT 0,   -- of these, stored, rejected or queued before
  outside     INTEGER NOT NULL DEFAULT 0,   -- entries passed over: published outside the range, as the source says
  PRIMARY KEY (backfill_id, source)
) STRICT, WITHOUT ROWID;

-- Documents that announce entries and name further documents: how far a backfill got.
CREATE TABLE backfill_document (
  id              INTEGER PRIMARY KEY,
  backfill_id     INTEGER NOT NULL REFERENCES backfill(id),
  subject         TEXT NOT NULL,            -- the site or feed; documents of one are read one after the other
  source          TEXT NOT NULL,
  place           INTEGER NOT NULL,         -- sources are tried in this order
  rank            INTEGER NOT NULL,         -- then documents in this order, the largest first
  url             TEXT NOT NULL,            -- address, or path of a file
  step            TEXT NOT NULL,            -- what the source must know to read it, JSON
  state           TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'read', 'failed', 'absent')),
  attempts        INTEGER NOT NULL DEFAULT 0,
  next_attempt_at TEXT NOT NULL,
  problem         TEXT,
  UNIQUE (backfill_id, source, url)
) STRICT;
CREATE INDEX backfill_document_waiting ON backfill_document (backfill_id, subject, place, rank DESC, id) WHERE state = 'waiting';

CREATE TABLE backfill_entry (
  entry_id    INTEGER NOT NULL REFERENCES entry(id) ON DELETE CASCADE,
  backfill_id INTEGER NOT NULL REFERENCES backfill(id),
  waits       INTEGER NOT NULL,             -- 1 until the entry is stored or rejected
  PRIMARY KEY (entry_id, backfill_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX backfill_entry_waits ON backfill_entry (backfill_id) WHERE waits;

-- Entries dropped for their date: fetched once, taken again when a feed or another range wants them.
CREATE TABLE outside (
  entry_id     INTEGER PRIMARY KEY REFERENCES entry(id) ON DELETE CASCADE,
  published_at TEXT,                        -- as the page says; NULL: it does not
  last_at      TEXT                         -- the last moment that may be meant: where only the day is known, its end
) STRICT;

-- Pages that come from elsewhere than the address of their entry; a row goes with the end of the entry.
CREATE TABLE capture (
  entry_id     INTEGER PRIMARY KEY REFERENCES entry(id) ON DELETE CASCADE,
  captured_at  TEXT,                        -- when the page was like that
  url          TEXT,                        -- where it is to be fetched, when `body` is NULL
  content_type TEXT,
  body         BLOB                         -- the page itself, compressed
) STRICT;
CREATE INDEX capture_at_hand ON capture (entry_id) WHERE body IS NOT NULL;

CREATE TRIGGER entry_of_backfill_ends AFTER UPDATE OF state ON entry WHEN old.state = 'queued' AND new.state <> 'queued' BEGIN
  UPDATE backfill SET
    stored = stored + (new.state = 'stored'),
    rejected = rejected + (new.state = 'rejected' AND NOT EXISTS (SELECT 1 FROM outside WHERE entry_id = new.id)),
    outside = outside + (new.state = 'rejected' AND EXISTS (SELECT 1 FROM outside WHERE entry_id = new.id))
  WHERE id IN (SELECT backfill_id FROM backfill_entry WHERE entry_id = new.id AND waits);
  UPDATE backfill_entry SET waits = 0 WHERE entry_id = new.id AND waits;
  DELETE FROM capture WHERE entry_id = new.id;
END;
