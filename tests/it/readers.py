"""Reads a database as people downstream do, with each tool that is installed, and says so; anything wrong is an exception.

    python readers.py DATABASE [--known] [--exports FOLDER] [--count N]

`--known`: it is the cookbook's, whose answers are known. FOLDER holds all.jsonl, all.csv and perhaps all.parquet of the same database. N is how many
articles each tool must find; without it somebody may be writing.
"""

import argparse
import importlib.util
import json
import sqlite3
import sys
from datetime import datetime
from pathlib import Path

TIMES = {
    "articles": ["published_at", "modified_at", "fetched_at", "gone_at"],
    "events": ["first_published_at", "last_published_at"],
    "revisions": ["seen_at"],
    "changes": ["at"],
    "feeds": ["last_polled_at", "last_success_at", "next_poll_at"],
    "entries": ["next_attempt_at", "announced_at"],
}
LISTS = {"articles": ["authors", "categories"], "events": ["languages"]}
NUMBERS = {
    "articles": ["id", "seq", "event_id", "duplicate_of", "word_count", "revision"],
    "events": ["id", "seq", "article_count", "publisher_count", "lead_article_id", "merged_into"],
    "changes": ["seq", "id"],
}


def word(db):
    """One that a search must find."""
    return db.execute("SELECT title FROM articles ORDER BY id LIMIT 1").fetchone()[0].split()[0]


def agree(told, count):
    assert told > 0 and count in (None, told), (told, count)


def plain(path, given):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for view, columns in TIMES.items():
        for column in columns:
            for (text,) in db.execute(f"SELECT {column} FROM {view} WHERE {column} IS NOT NULL"):
                assert datetime.fromisoformat(text.replace("Z", "+00:00")).utcoffset().total_seconds() == 0, (column, text)
            wrong = db.execute(f"SELECT count(*) FROM {view} WHERE {column} IS NOT NULL AND datetime({column}) IS NULL").fetchone()
            assert wrong == (0,), (view, column)
    for view, columns in LISTS.items():
        for column in columns:
            for (text,) in db.execute(f"SELECT {column} FROM {view}"):
                assert isinstance(json.loads(text), list)
    for view, columns in NUMBERS.items():
        for column in columns:
            kinds = {kind for (kind,) in db.execute(f"SELECT DISTINCT typeof({column}) FROM {view}")}
            assert kinds <= {"integer", "null"}, (view, column, kinds)
    found = db.execute("SELECT count(*) FROM articles_fts JOIN articles ON articles.id = articles_fts.rowid WHERE articles_fts MATCH ?", (word(db),)).fetchone()
    assert found[0] > 0
    try:
        db.execute("DELETE FROM article")
    except sqlite3.OperationalError:
        pass
    else:
        raise AssertionError("a reader can write")
    agree(db.execute("SELECT count(*) FROM articles").fetchone()[0], given.count)
    db.close()


def pandas(path, given):
    import pandas

    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    frame = pandas.read_sql("SELECT * FROM articles ORDER BY id", db, parse_dates=TIMES["articles"], dtype={"duplicate_of": "Int64"})
    for column in TIMES["articles"]:
        if frame[column].isna().all():
            continue  # nothing says of which kind
        assert str(frame[column].dtype).startswith("datetime64") and "UTC" in str(frame[column].dtype), (column, frame[column].dtype)
    assert str(frame["id"].dtype) == "int64" and str(frame["word_count"].dtype) == "int64"
    agree(len(frame), given.count)
    assert frame["authors"].map(json.loads).map(type).eq(list).all()
    copies = frame["duplicate_of"].dropna()
    assert set(copies) <= set(frame["id"])
    if given.known:
        assert len(copies) > 0
        assert frame["subtitle"].isna().all(), "what is missing is missing"
        assert frame["authors"].map(json.loads).map(len).max() == 2
    if exports := given.exports:
        lines = pandas.read_json(exports / "all.jsonl", lines=True)
        table = pandas.read_csv(exports / "all.csv")
        assert list(lines.columns) == list(table.columns) == list(frame.columns)
        assert sorted(lines["id"]) == sorted(table["id"]) == sorted(frame["id"])
        texts = frame.set_index("id")["text"]
        assert (table.set_index("id")["text"].sort_index() == texts).all()
        assert (lines.set_index("id")["text"].sort_index() == texts).all()
    db.close()


def duckdb(path, given):
    import duckdb

    connection = duckdb.connect()
    where = importlib.util.find_spec("duckdb_extension_sqlite_scanner")
    if where is None:
        print("skipped: DuckDB's sqlite scanner is not installed")
    else:
        extension = Path(where.origin).parent / f"extensions/v{duckdb.__version__}/sqlite_scanner.duckdb_extension"
        connection.execute(f"LOAD '{extension}'")
        connection.execute(f"ATTACH '{path}' AS news (TYPE sqlite, READ_ONLY)")
        kinds = dict(connection.execute("SELECT column_name, column_type FROM (DESCRIBE news.articles)").fetchall())
        for column in NUMBERS["articles"]:
            assert kinds[column] == "BIGINT", (column, kinds[column])
        for column in ["title", "text", "feed", "published_at", "authors"]:
            assert kinds[column] == "VARCHAR", (column, kinds[column])
        told = connection.execute("SELECT count(*), min(published_at::TIMESTAMPTZ)::VARCHAR, sum(len(json_extract_string(authors, '$[*]'))) FROM news.articles").fetchone()
        agree(told[0], given.count)
    if where is not None and given.known:
        told = connection.execute(
            "SELECT e.title, count(*), count(DISTINCT a.publisher), max(a.published_at::TIMESTAMPTZ) - min(a.published_at::TIMESTAMPTZ)"
            " FROM news.articles a JOIN news.events e ON e.id = a.event_id GROUP BY 1 ORDER BY 2 DESC LIMIT 1").fetchone()
        assert told[1] == 5 and told[3].total_seconds() == 5 * 3600, told
        authors = connection.execute("SELECT DISTINCT unnest(json_extract_string(authors, '$[*]')) AS author FROM news.articles ORDER BY 1").fetchall()
        assert [name for (name,) in authors] == ["Ada Lang", "Ben Roe"], authors
        missing = connection.execute("SELECT count(*) FROM news.articles WHERE duplicate_of IS NULL").fetchone()[0]
        assert 0 < missing < connection.execute("SELECT count(*) FROM news.articles").fetchone()[0]
    if exports := given.exports:
        for name in ["all.jsonl", "all.csv", "all.parquet"]:
            file = exports / name
            if file.exists():
                kinds = dict(connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{file}')").fetchall())
                assert kinds["id"] == "BIGINT" and kinds["published_at"].startswith("TIMESTAMP"), (name, kinds)
                if name != "all.csv":
                    assert kinds["authors"] == "VARCHAR[]", (name, kinds)
        if (exports / "all.parquet").exists():
            kinds = dict(connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{exports / 'all.parquet'}')").fetchall())
            assert kinds["published_at"] == "TIMESTAMP WITH TIME ZONE" and kinds["gone_at"] == "TIMESTAMP WITH TIME ZONE", kinds
            rows = connection.execute(f"SELECT id, title, authors FROM '{exports / 'all.parquet'}' WHERE id = 16").fetchall()
            assert rows == [(16, "Election day", ["Ada Lang", "Ben Roe"])], rows


def datasette(path, given):
    import asyncio

    from datasette.app import Datasette

    async def pages():
        name = Path(path).stem
        offered = json.loads(given.metadata)
        server = Datasette([str(path)], metadata={"databases": {name: offered["databases"]["dateline"]}})
        await server.invoke_startup()
        for page in ["/", f"/{name}"] + [f"/{name}/{view}" for view in TIMES]:
            answer = await server.client.get(page)
            assert answer.status_code == 200, (page, answer.status_code)

        async def rows(query):
            answer = await server.client.get(f"/{name}/articles.json?{query}&_shape=objects")
            assert answer.status_code == 200, (query, answer.text[:500])
            return answer.json()

        facets = (await rows("_facet=publisher&_facet=language&_facet_array=authors&_facet_date=published_at"))["facet_results"]
        facets = facets.get("results", facets)
        publishers = facets["publisher"]["results"]
        assert publishers and facets["language"]["results"], facets
        agree(sum(facet["count"] for facet in publishers), given.count)
        if given.known:
            assert {facet["value"] for facet in facets["authors"]["results"]} == {"Ada Lang", "Ben Roe"}, facets["authors"]
            assert len(publishers) >= 5 and facets["published_at"]["results"]
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        sought = word(db)
        db.close()
        found = (await rows(f"_search={sought}"))["rows"]
        assert found and all(sought.lower() in (row["title"] + row["text"]).lower() for row in found)
        page = await server.client.get(f"/{name}/articles?_search={sought}&_facet=publisher")
        assert page.status_code == 200 and publishers[0]["value"] in page.text

    asyncio.run(pages())


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("database")
    arguments.add_argument("--known", action="store_true")
    arguments.add_argument("--exports", type=Path)
    arguments.add_argument("--count", type=int)
    arguments.add_argument("--metadata", default="{}", help="docs/datasette.json itself")
    given = arguments.parse_args()
    plain(given.database, given)
    print(f"ok: sqlite3 {sqlite3.sqlite_version}")
    for name, read in [("pandas", pandas), ("duckdb", duckdb), ("datasette", datasette)]:
        if importlib.util.find_spec(name) is None:
            print(f"skipped: {name} is not installed")
            continue
        read(given.database, given)
        print(f"ok: {name}")


if __name__ == "__main__":
    main()
