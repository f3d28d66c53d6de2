"""Fills a database with invented articles, skewed as the news is, for read.py and ../keep/keep.py.

The schema is the migrations', run as they stand. What is skewed: publishers by Zipf, languages by publisher, sizes of events by a power law
(two thirds are told once), words by Zipf, hours of the day. All of it from one seed: two runs give the same database.
"""

import itertools
import json
import math
import random
import sqlite3
from datetime import datetime, timedelta, timezone
from pathlib import Path

END = datetime(2026, 3, 18, 12, 0, 0, tzinfo=timezone.utc)
DAYS = 180
PUBLISHERS = 2_000
LANGUAGES = ["en"] * 9 + ["es", "de", "fr", "ar", "pt", "ru", "it", "tr", "fa", "zh", "ja"]
AGENCIES = ["Northern Wire", "Meridian Agency", "Capital News Service", "Delta Press"]
MIGRATIONS = Path(__file__).resolve().parents[3] / "src/store/migrations"


def text_of(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def vocabulary(chance, size):
    syllables = ["ka", "lo", "mi", "ter", "sun", "ve", "dor", "pa", "ril", "ne", "gos", "tu", "bel", "an", "fi", "rem", "sta", "ou"]
    words = ["".join(chance.choices(syllables, k=2 + n % 3)) for n in range(size)]
    # Words that the cookbook asks for, as frequent as such words are in the news.
    for place, word in ((2_000, "earthquake"), (700, "ferry"), (60, "election")):
        words[place] = word
    return words


def publishers():
    names = ["northern-wire.example", "harbour-herald.example", "gulf-observer.example"]
    return names + [f"paper-{n}.example" for n in range(len(names), PUBLISHERS)]


def indexes(db):
    """What the schema keeps beside the tables: made at the end, when all rows are there."""
    found = db.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND (type = 'trigger' OR type = 'index' AND sql NOT LIKE '%UNIQUE%')")
    return [(kind, name, sql) for kind, name, sql in found.fetchall()]


def fill(path, articles, schema=None, paragraphs_each=(2, 9)):
    """With today's schema, or an older one from 1 on."""
    chance = random.Random(20260318)
    db = sqlite3.connect(path, isolation_level=None)
    # As dateline makes it: see src/store/schema.rs.
    db.executescript("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY;")
    migrations = sorted(MIGRATIONS.glob("*.sql"))[:schema]
    for migration in migrations:
        db.executescript(f"BEGIN; {migration.read_text()} COMMIT;")
    db.execute(f"PRAGMA application_id = {0x64746C6E}")
    db.execute(f"PRAGMA user_version = {len(migrations)}")
    beside = indexes(db)
    for kind, name, _ in beside:
        db.execute(f"DROP {kind} {name}")
    db.execute("BEGIN")
    names = publishers()
    language = {name: "en" if n < 3 else chance.choice(LANGUAGES) for n, name in enumerate(names)}
    share = list(itertools.accumulate(1 / (n + 3) for n in range(PUBLISHERS)))
    for n, name in enumerate(names):
        silent = n % 41 == 40
        url = f"https://www.{name}/rss"
        db.execute(
            "INSERT INTO feed (id, name, configured_url, url, title, state, last_polled_at, last_success_at, next_poll_at, failures_in_row, last_error)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (n + 1, name.removesuffix(".example"), url, url, name, "failing" if n % 53 == 52 else "ok", text_of(END), text_of(END - timedelta(days=9 if n % 53 == 52 else 0)),
             text_of(END + timedelta(hours=1)), 12 if n % 53 == 52 else 0, "HTTP 500" if n % 53 == 52 else None))
        if silent:
            share[n] = share[n - 1]
    words = vocabulary(chance, 200_000)
    frequency = list(itertools.accumulate(1 / (n + 3) for n in range(len(words))))
    paragraphs = [" ".join(chance.choices(words, cum_weights=frequency, k=chance.randint(25, 90))).capitalize() + "." for _ in range(60_000)]
    stories = story_plan(chance, articles)
    rows = article_rows(chance, stories, names, share, language, words, paragraphs, paragraphs_each)
    put(db, chance, rows)
    db.execute("COMMIT")
    for _, _, sql in beside:
        db.execute(sql)
    db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
    db.execute("UPDATE feed SET articles = (SELECT count(*) FROM article WHERE feed_id = feed.id)")
    db.execute("ANALYZE")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def story_plan(chance, articles):
    """(moment, event) in order of publication."""
    plan, event = [], 0
    while len(plan) < articles:
        event += 1
        size = 1 if chance.random() < 0.66 else min(250, int(2 / (1 - chance.random()) ** 0.8))
        if event == 7:
            size = 60
        begin = END - timedelta(minutes=chance.random() * DAYS * 1440)
        begin -= timedelta(hours=begin.hour * 0.4)
        for _ in range(size):
            moment = begin + timedelta(minutes=min(chance.expovariate(1 / 400), 4_000))
            if moment < END:
                plan.append((moment.replace(microsecond=0), event))
    plan = sorted(plan[:articles])
    # Events get their numbers in the order in which they began; the big one keeps its own.
    number = {7: 7}
    for _, event in plan:
        if event not in number:
            number[event] = len(number) + (0 if len(number) < 7 else 1)
    return [(moment, number[event]) for moment, event in plan]


def article_rows(chance, stories, names, share, language, words, paragraphs, paragraphs_each):
    topic = {}
    for n, (moment, event) in enumerate(stories, 1):
        publisher = chance.choices(names, cum_weights=share)[0]
        told = topic.setdefault(event, {"words": [words[int(math.exp(chance.uniform(4, 12)))] for _ in range(6)], "articles": []})
        copy = told["articles"][0] if told["articles"] and chance.random() < 0.28 else None
        if copy:
            title, text = copy[2], copy[3]
        else:
            mix = told["words"][:]
            chance.shuffle(mix)
            title = " ".join(mix[:4] + chance.choices(words, cum_weights=frequency_head(words), k=4)).capitalize()
            text = "\n\n".join([" ".join(mix) + "."] + chance.sample(paragraphs, chance.randint(*paragraphs_each)))
        row = (n, event, copy[0] if copy else None, publisher, title, text, moment, language[publisher])
        if len(told["articles"]) < 1:
            told["articles"].append((n, publisher, title, text))
        yield row


_HEAD = []


def frequency_head(words):
    if not _HEAD:
        _HEAD.extend(itertools.accumulate(1 / (n + 3) for n in range(len(words))))
    return _HEAD


def put(db, chance, rows):
    events, seq = {}, 0
    feed_of = {name: number for name, number in db.execute("SELECT title, id FROM feed")}
    changes, articles, entries, revisions = [], [], [], []
    # Since schema 7 an article bears the name of its feed.
    named = "feed" in {column for _, column, *_ in db.execute("PRAGMA table_info(article)")}
    for n, event, copy, publisher, title, text, moment, language in rows:
        at = text_of(moment)
        dated = at if chance.random() > 0.01 else None
        fetched = text_of(moment + timedelta(minutes=2 + chance.expovariate(1 / 15)))
        seq += 1
        changes.append((seq, fetched, "article", n, "added"))
        revision = 1
        if chance.random() < 0.08:
            revision = 2
            revisions.append((n, 1, fetched, title + " (update)" if chance.random() < 0.3 else title, text))
            seq += 1
            changes.append((seq, fetched, "article", n, "edited"))
        credit = chance.choice(AGENCIES) if chance.random() < 0.2 else None
        authors = [f"Reporter {chance.randint(1, 40)} of {publisher}"] if chance.random() < 0.6 else []
        url = f"https://www.{publisher}/{at[:10]}/{n}.html"
        articles.append((n, seq, event, copy, url, url, publisher, feed_of[publisher], title, None, json.dumps(authors), dated, "time" if dated else None, None, fetched,
                         language, None, credit, json.dumps(["News", "World"]), None, text, text.count(" ") + 1, revision, n.to_bytes(16, "big"))
                        + ((publisher.removesuffix(".example"),) if named else ()))
        announced = json.dumps({"url": url, "title": title, "summary": text[:200], "published_at": at})
        entries.append((url, url, publisher, feed_of[publisher], announced, "stored", fetched, n))
        if chance.random() < 0.1:
            other = url + "?video"
            entries.append((other, other, publisher, feed_of[publisher], announced, "rejected", fetched, None))
        known = events.get(event)
        if known is None:
            events[event] = known = [title, dated or fetched, dated or fetched, 0, set(), set(), n, 0]
        known[2] = max(known[2], dated or fetched)
        known[3] += 1
        known[4].add(publisher)
        known[5].add(language)
        seq += 1
        known[7] = seq
        changes.append((seq, fetched, "event", event, "added" if known[3] == 1 else "edited"))
        if len(articles) == 5_000:
            flush(db, changes, articles, entries, revisions)
    db.executemany(
        "INSERT INTO event (id, seq, title, first_published_at, last_published_at, article_count, publisher_count, languages, lead_article_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((event, e[7], e[0], e[1], e[2], e[3], len(e[4]), json.dumps(sorted(e[5])), e[6]) for event, e in events.items()))
    flush(db, changes, articles, entries, revisions)


def flush(db, changes, articles, entries, revisions):
    if not articles:
        return
    columns = len(articles[0])
    db.executemany("INSERT INTO change VALUES (?, ?, ?, ?, ?)", changes)
    db.executemany(
        "INSERT INTO article (id, seq, event_id, duplicate_of, url, canonical_url, publisher, feed_id, title, subtitle, authors, published_at,"
        f" published_precision, modified_at, fetched_at, language, dateline, attribution, categories, image, text, word_count, revision, content_hash{', feed' * (columns - 24)})"
        f" VALUES ({', '.join('?' * columns)})", articles)
    db.executemany("INSERT INTO entry (address, url, domain, feed_id, announced, state, announced_at, article_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entries)
    db.executemany("INSERT INTO revision VALUES (?, ?, ?, ?, ?)", revisions)
    for rows in (changes, articles, entries, revisions):
        rows.clear()
