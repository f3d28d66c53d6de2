-- What readers ask, served by indexes; and what every column means, in the views themselves.
--
-- `articles` becomes a view of one table: as a join it could not stand on the right of a LEFT JOIN without being built whole (44 s on a million articles,
-- 2026-11-22), and nothing served a condition on `feed` and a time together. So an article keeps the name of its feed, which never changes.

DROP VIEW articles;
ALTER TABLE article ADD COLUMN feed TEXT;
UPDATE article SET feed = (SELECT name FROM feed WHERE feed.id = article.feed_id) WHERE feed_id IS NOT NULL;

-- Each serves what the one that it replaces served; the columns behind answer questions about many articles without a look at their rows.
DROP INDEX article_published;
CREATE INDEX article_published ON article (published_at, publisher, event_id, duplicate_of);
DROP INDEX article_publisher;
CREATE INDEX article_publisher ON article (publisher, published_at, duplicate_of);
DROP INDEX article_event_publisher;
CREATE INDEX article_event ON article (event_id, publisher, published_at);
CREATE INDEX article_feed_name ON article (feed, fetched_at);
CREATE INDEX article_fetched ON article (fetched_at);
CREATE INDEX article_credited ON article (published_at, attribution, publisher) WHERE attribution IS NOT NULL;
CREATE INDEX revision_seen ON revision (seen_at);
CREATE INDEX entry_rejected_announced ON entry (announced_at) WHERE state = 'rejected';

-- After each column: what it means | unit or form | example. docs/schema.md is made of this.
CREATE VIEW articles AS SELECT
  -- One row a story by one publisher.
  id,                  -- its number; never used again | | 4711
  seq,                 -- its latest change, as in `changes` | | 90210
  event_id,            -- the event that it tells of | `events.id` | 812
  duplicate_of,        -- the original that it is a copy of; NULL: it is none | `articles.id` | 4702
  url,                 -- where the page was found | address | https://www.rudaw.net/english/kurdistan/050820241?ref=home
  canonical_url,       -- where the publisher says it lives, without tracking; unique | address | https://www.rudaw.net/english/kurdistan/050820241
  publisher,           -- who published it: the registrable domain, or the host where there is none | domain | rudaw.net
  feed,                -- the feed that announced it first; NULL: none did | `feeds.name` | rudaw
  title,               -- the headline, without the site's name | | Ferry sails again
  subtitle,            -- the standfirst, where the page sets one apart | | After a week in port
  authors,             -- people, without "By" and titles | JSON array | ["Ada Lang"]
  published_at,        -- when it appeared; NULL: nobody says | time | 2024-08-05T16:20:00Z
  published_precision, -- how well that is known: `time`, or `day` (then it is midnight) | | time
  modified_at,         -- when the publisher says that it changed it last | time | 2024-08-05T17:02:00Z
  fetched_at,          -- when the version that stands here was fetched | time | 2024-08-05T16:31:12Z
  language,            -- what it is written in | BCP 47, primary | en
  dateline,            -- the place that it opens with; stays in the text too | | ERBIL, Kurdistan Region
  attribution,         -- whom the publisher credits; NULL: itself or nobody | | Reuters
  categories,          -- the publisher's own sections and tags | JSON array | ["World"]
  image,               -- the lead picture | address | https://www.rudaw.net/i/1.jpg
  text,                -- the story's own words, paragraphs parted by an empty line | | The ferry left on Monday.
  word_count,          -- of the text; characters where words are not parted by spaces | words | 412
  revision,            -- which version this is, 1 the first | | 2
  gone_at              -- when its page was first found without the story; NULL: it is there | time | 2024-09-01T08:00:00Z
FROM article;

DROP VIEW events;
CREATE VIEW events AS SELECT
  -- One row a happening; every article belongs to exactly one.
  id,                  -- its number; never used again | | 812
  seq,                 -- its latest change, as in `changes` | | 90213
  title,               -- the headline of the lead article | | Ferry sails again
  first_published_at,  -- the first report (an article without a date counts by when it was fetched) | time | 2024-08-05T16:20:00Z
  last_published_at,   -- the last report | time | 2024-08-06T09:00:00Z
  article_count,       -- how many articles tell of it; 0 after it was merged | articles | 11
  publisher_count,     -- by how many publishers | publishers | 9
  languages,           -- of its articles | JSON array | ["en"]
  lead_article_id,     -- the article whose headline it bears | `articles.id` | 4711
  merged_into          -- the event that it turned out to be part of; NULL: it stands for itself | `events.id` | 800
FROM event;

DROP VIEW revisions;
CREATE VIEW revisions AS SELECT
  -- What an article said before it was edited; what it says now is in `articles`.
  article_id,          -- the article | `articles.id` | 4711
  revision,            -- which version, 1 the first | | 1
  seen_at,             -- when it was fetched | time | 2024-08-05T16:31:12Z
  title,               -- its headline then | | Ferry to sail again
  text                 -- its text then | | The ferry will leave on Monday.
FROM revision;

DROP VIEW feeds;
CREATE VIEW feeds AS SELECT
  -- One row a configured feed, and how it is.
  name,                -- its name in the configuration | | rudaw
  url,                 -- where it is polled now: as configured, or where that moved for good | address | https://www.rudaw.net/english/rss
  title,               -- what it calls itself | | Rudaw English
  state,               -- in a word | | healthy
  last_polled_at,      -- when it was asked last | time | 2024-08-05T16:30:00Z
  last_success_at,     -- when it could be read last | time | 2024-08-05T16:30:00Z
  next_poll_at,        -- when it is asked next; NULL: never polled, or retired | time | 2024-08-05T16:45:00Z
  failures_in_row,     -- polls that failed since | polls | 0
  last_error,          -- why the last one failed, or what there is to say | | HTTP 500
  articles             -- how many it brought | articles | 1290
FROM feed WHERE configured;

DROP VIEW entries;
CREATE VIEW entries AS SELECT
  -- One row an address that was announced, and what became of it.
  e.url,               -- as announced | address | https://www.rudaw.net/english/kurdistan/050820241
  f.name AS feed,      -- the feed that announced it first; NULL: none did | `feeds.name` | rudaw
  e.state,             -- `queued`, `stored` or `rejected` | | stored
  e.attempts,          -- how often it was fetched | attempts | 1
  e.next_attempt_at,   -- when it is fetched next; NULL: it waits no more | time | 2024-08-05T16:40:00Z
  e.reason,            -- why it was rejected, or why the last attempt failed | | robots.txt forbids it
  e.announced_at       -- when it was first announced | time | 2024-08-05T16:30:00Z
FROM entry e LEFT JOIN feed f ON f.id = e.feed_id;

DROP VIEW changes;
CREATE VIEW changes AS SELECT
  -- What happened to articles and events; append-only. No row appears below a `seq` that a reader has seen.
  seq,                 -- the number of the change | | 90210
  at,                  -- when | time | 2024-08-05T16:31:12Z
  kind,                -- `article` or `event` | | article
  id,                  -- which one | `articles.id` or `events.id` | 4711
  action               -- `added`, `edited`, `moved` or `merged`; exactly one `added` an article | | added
FROM change;
