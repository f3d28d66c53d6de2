"""Times the cookbook's queries on a million articles and says what their query plans do.

    python3 tests/bench/read/read.py [--database FILE] [--articles 1000000] [--limit-ms 50]

Fills the database first where FILE is not there (a quarter of an hour and 7 GB for a million). Each query runs in a fresh read-only connection, as a
reader downstream has it, once to warm up and then five times: the table shows the median. `SCAN` means that the plan walks a table or an index from end to
end. Ends with 1 when a query scans, 3 when one is slower than the limit, which is for people to read: timings gate no test.
"""

import argparse
import re
import sqlite3
import statistics
import sys
import time
from pathlib import Path

import fill

ROOT = Path(__file__).resolve().parents[3]
# Small for ever: one row a configured feed, one an element of a list, a list written in the query, the inside of a subquery.
SMALL = re.compile(r"SCAN (f|feed|feeds|author|home|h|week|day|lately|\d+ CONSTANT ROWS?|\(subquery-\d+\)|\(join-\d+\)|json_each)\b|VIRTUAL TABLE INDEX")


def questions():
    text = (ROOT / "docs/cookbook.md").read_text()
    for title, body in re.findall(r"^## (\d+\. .*?)\n(.*?)(?=^## |\Z)", text, re.M | re.S):
        yield title, re.search(r"```sql\n(.*?)```", body, re.S).group(1)


def at_the_end(query):
    """The database ends on a day of the past, which stands for now."""
    return query.replace("'now'", f"'{fill.text_of(fill.END)}'")


def plan(db, query):
    return [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + query)]


def scans(steps):
    return [step for step in steps if step.startswith("SCAN") and not SMALL.search(step)]


def measure(path, query):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    steps = plan(db, query)
    rows = len(db.execute(query).fetchall())
    times = []
    for _ in range(5):
        began = time.process_time()
        db.execute(query).fetchall()
        times.append((time.process_time() - began) * 1000)
    db.close()
    return statistics.median(times), rows, steps


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--database", type=Path, default=ROOT / "target/read-bench.db")
    arguments.add_argument("--articles", type=int, default=1_000_000)
    arguments.add_argument("--limit-ms", type=float, default=50)
    arguments.add_argument("--plans", action="store_true", help="print every plan")
    given = arguments.parse_args()
    if not given.database.exists():
        print(f"filling {given.database} with {given.articles} articles", file=sys.stderr)
        fill.fill(given.database, given.articles)
    print(f"SQLite {sqlite3.sqlite_version}\n{'ms':>8}  {'rows':>5}  {'plan':<7} question")
    slow = scanned = 0
    for title, query in questions():
        ms, rows, steps = measure(given.database, at_the_end(query))
        found = scans(steps)
        slow += ms > given.limit_ms
        scanned += bool(found)
        print(f"{ms:8.1f}  {rows:5}  {'SCAN' if found else 'indexed':<7} {title}", flush=True)
        for step in steps if given.plans else found:
            print(f"{'':24}{step}")
    print(f"{slow} over {given.limit_ms:g} ms, {scanned} that scan")
    sys.exit(1 if scanned else 3 if slow else 0)


if __name__ == "__main__":
    main()
