"""Keeps a large database: brings its schema up to date, copies, regroups, cleans anew and prunes it, with what each costs.

    cargo build --release && python3 tests/bench/keep/keep.py [--articles 1000000] [--folder FOLDER]

Fills a database of an older schema first (ten minutes and 3 GB for a million; kept in FOLDER for the next time). Each work is killed (-9) on its way,
then told to stop (SIGTERM) on its way, then done; after each the database is checked: integrity, references, full text, counts of events, no gap in
`changes`. Columns: seconds from start to end; seconds of processor time; the most memory; the most that files took beside the database (WAL, copies,
temporary ones); how long another process that writes was kept waiting at most; and how long the end took after SIGTERM.
"""

import argparse
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/bench/read"))
import fill  # noqa: E402

OLD = 6
# Every so many articles have a raw page.
PAGED = 50


class Bench:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.db = folder / "news.db"
        self.config = folder / "keep.toml"
        self.config.write_text('[store]\npath = "news.db"\nkeep_html = "3650d"\nmin_free = "1"\n[recheck]\nafter = []\n')

    def open(self):
        return sqlite3.connect(self.db, isolation_level=None, timeout=120)

    def start(self, arguments):
        return subprocess.Popen([self.binary, *arguments, "--config", self.config], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def beside(self, child, before):
        """Bytes of files that the work has made, those without a name too."""
        named = sum(path.stat().st_size for path in self.folder.glob("*") if path not in before and path.exists())
        unnamed = 0
        try:
            for descriptor in Path(f"/proc/{child.pid}/fd").iterdir():
                if "(deleted)" in os.readlink(descriptor):
                    unnamed += descriptor.stat().st_size
        except OSError:
            pass
        wal = self.db.with_name("news.db-wal")
        return named + unnamed + (wal.stat().st_size if wal.exists() else 0)

    @staticmethod
    def resident(child):
        """Megabytes, at the most so far. What `wait4` tells begins with what this program held when it started the child."""
        try:
            status = Path(f"/proc/{child.pid}/status").read_text()
            return int(status.split("VmHWM:")[1].split()[0]) / 1024
        except (OSError, IndexError):
            return 0

    def run(self, name, arguments, kill_at=None, stop_at=None, rival=True):
        """Runs a command to its end, or to `kill_at` or `stop_at` seconds; gives back seconds, and what it printed."""
        before = {path for path in self.folder.glob("*")}
        began, most, resident, stopped, sent = time.monotonic(), 0, 0, None, None
        child = self.start(arguments)
        other = Rival(self.db) if rival else None
        output = []
        reader = threading.Thread(target=lambda: output.extend(child.communicate()))
        usage = None
        while usage is None:
            pid, status, rusage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                usage, child.returncode = rusage, os.waitstatus_to_exitcode(status)
                break
            most, resident = max(most, self.beside(child, before)), max(resident, self.resident(child))
            elapsed = time.monotonic() - began
            if sent is None and kill_at is not None and elapsed >= kill_at:
                child.kill()
                sent = time.monotonic()
            if sent is None and stop_at is not None and elapsed >= stop_at:
                child.send_signal(signal.SIGTERM)
                sent = time.monotonic()
            time.sleep(0.05)
        ended = time.monotonic()
        stopped = f"{ended - sent:.1f}" if sent and stop_at is not None else ""
        waited = other.stop() if other else None
        output = child.communicate()
        print(f"{name:<44} {ended - began:8.1f} {usage.ru_utime + usage.ru_stime:8.1f} {resident:7.0f} {most / 1e6:9.0f}"
              f" {'' if waited is None else f'{waited:.1f}':>7} {stopped:>7}", flush=True)
        if sent is None and child.returncode not in (0, 3):
            sys.exit(f"{name}: exit {child.returncode}\n{output[1]}")
        return ended - began, output[0]

    def work(self, name, arguments, rival=True, expected=None):
        """Killed at a third, stopped at two thirds of the time that it takes when left alone, then left alone."""
        if expected is None:
            raise ValueError(name)
        self.run(f"{name}, killed", arguments, kill_at=expected / 3, rival=rival)
        self.run(f"{name}, stopped", arguments, stop_at=expected * 2 / 3, rival=rival)
        return self.run(name, arguments, rival=rival)

    def check(self, gapless=True, copy=None):
        began = time.monotonic()
        db = sqlite3.connect(copy, isolation_level=None) if copy else self.open()
        wrong = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"] + db.execute("PRAGMA foreign_key_check").fetchall()
        for what, sql in CHECKS:
            found = db.execute(sql).fetchmany(5)
            wrong += [(what, found)] if found else []
        db.execute("BEGIN")
        db.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")
        db.execute("ROLLBACK")
        db.close()
        if wrong:
            sys.exit(f"the database is not sound: {wrong}")
        print(f"{'  sound':<44} {time.monotonic() - began:8.1f}", flush=True)


CHECKS = [
    ("events with other counts", """
        SELECT e.id FROM event e LEFT JOIN (SELECT event_id, count(*) AS articles, count(DISTINCT publisher) AS publishers FROM article GROUP BY 1) a ON a.event_id = e.id
        WHERE e.article_count <> coalesce(articles, 0) OR e.publisher_count <> coalesce(publishers, 0) OR (merged_into IS NULL) <> (articles IS NOT NULL)"""),
    ("copies of copies, or in another event", """
        SELECT a.id FROM article a JOIN article o ON o.id = a.duplicate_of WHERE o.duplicate_of IS NOT NULL OR o.event_id <> a.event_id"""),
    ("articles not added once", """
        SELECT a.id FROM article a LEFT JOIN (SELECT id, count(*) AS times FROM change WHERE kind = 'article' AND action = 'added' GROUP BY 1) c ON c.id = a.id
        WHERE times IS NOT 1"""),
    ("changes with gaps", "SELECT gap FROM (SELECT max(seq) - min(seq) + 1 - count(*) AS gap FROM change) WHERE gap <> 0"),
]


class Rival:
    """Another process's writer, as the daemon is: how long is it kept waiting?"""

    def __init__(self, path):
        self.path, self.longest, self.ends = path, 0.0, False
        self.thread = threading.Thread(target=self.write)
        self.thread.start()

    def write(self):
        db = sqlite3.connect(self.path, isolation_level=None, timeout=3_600)
        while not self.ends:
            began = time.monotonic()
            db.execute("BEGIN IMMEDIATE")
            db.execute("UPDATE feed SET failures_in_row = failures_in_row + 1 WHERE id = 1")
            db.execute("COMMIT")
            self.longest = max(self.longest, time.monotonic() - began)
            time.sleep(0.1)
        db.close()

    def stop(self):
        self.ends = True
        self.thread.join()
        return self.longest


def stored_frame(body):
    """What zstd would have made of the page, had it not compressed it (RFC 8878, 3.1.1: a single segment of raw blocks)."""
    blocks = [body[at:at + 100_000] for at in range(0, len(body), 100_000)]
    frame = (0xFD2FB528).to_bytes(4, "little") + bytes([0b1010_0000]) + len(body).to_bytes(4, "little")
    for n, block in enumerate(blocks):
        frame += (len(block) << 3 | (n == len(blocks) - 1)).to_bytes(3, "little") + block
    return frame


def keep_pages(bench):
    """A raw page of every so manieth article; in each second one the last sentence was left out of what is stored."""
    db = bench.open()
    pages = sqlite3.connect(bench.folder / "news.pages.db")
    pages.executescript("PRAGMA journal_mode = wal; CREATE TABLE IF NOT EXISTS page (article_id INTEGER PRIMARY KEY, url TEXT NOT NULL, content_type TEXT,"
                        " fetched_at TEXT NOT NULL, body BLOB NOT NULL) STRICT; CREATE INDEX IF NOT EXISTS page_fetched ON page (fetched_at);")
    count = 0
    for number, url, title, text, at in db.execute("SELECT id, url, title, text, fetched_at FROM article WHERE id % ? = 0", (PAGED,)):
        paragraphs = text.split("\n\n")
        if count % 2:
            paragraphs.append("The council had said so before, and said it again on the steps of the town hall that evening.")
        html = f"<html><title>{title}</title><h1>{title}</h1><article>{''.join(f'<p>{p}</p>' for p in paragraphs)}</article></html>"
        pages.execute("INSERT OR REPLACE INTO page VALUES (?, ?, 'text/html; charset=utf-8', ?, ?)", (number, url, at, stored_frame(html.encode())))
        count += 1
    pages.commit()
    pages.close()
    return count


def age_at(bench, share):
    """The age of the article before which this share of all were stored."""
    db = bench.open()
    at = db.execute("SELECT at FROM change WHERE kind = 'article' AND action = 'added' AND id >= (SELECT min(id) + (max(id) - min(id)) * ? FROM article) ORDER BY id LIMIT 1", (share,)).fetchone()[0]
    age = datetime.now(timezone.utc) - datetime.fromisoformat(at.replace("Z", "+00:00"))
    return f"{int(age.total_seconds())}s"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", type=Path, default=ROOT / "target/release/dateline")
    arguments.add_argument("--folder", type=Path, default=ROOT / "target/keep-bench")
    arguments.add_argument("--articles", type=int, default=1_000_000)
    arguments.add_argument("--works", default="migrate,backup,reclean,regroup,prune")
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(given.binary.resolve(), given.folder)
    old = given.folder / f"schema-{OLD}-{given.articles}.db"
    if not old.exists():
        print(f"filling {old}", file=sys.stderr)
        fill.fill(old.with_suffix(".partial"), given.articles, OLD, (1, 2))
        old.with_suffix(".partial").rename(old)
    works = given.works.split(",")
    if "migrate" in works:
        for name in ("news.db", "news.db-wal", "news.db-shm"):
            (given.folder / name).unlink(missing_ok=True)
        shutil.copyfile(old, bench.db)
    print(f"{given.articles} articles, {bench.db.stat().st_size / 1e6:.0f} MB; load {os.getloadavg()[0]:.1f}")
    print(f"{'':<44} {'s':>8} {'CPU s':>8} {'RSS MB':>7} {'files MB':>9} {'wait s':>7} {'stop s':>7}")
    per_million = given.articles / 1e6
    if "migrate" in works:
        once = ["run", "--once", "--log-level", "warn"]
        bench.work(f"schema {OLD} to today's", once, rival=False, expected=90 * per_million)
        (given.folder / f"news.db.schema-{OLD}.bak").unlink()
        bench.check()
    if "backup" in works:
        copy = given.folder / "copy.db"
        bench.work("backup", ["backup", copy, "--force"], expected=30 * per_million)
        bench.check(copy=copy)
        copy.unlink()
    if "reclean" in works:
        print(f"{keep_pages(bench)} raw pages")
        bench.run("reclean --dry-run", ["reclean", "--dry-run", "--samples", "0"])
        _, told = bench.work("reclean", ["reclean", "--samples", "0"], expected=120 * per_million)
        print(told.strip())
        bench.check()
    if "regroup" in works:
        bench.run("regroup --dry-run, signatures made", ["regroup", "--dry-run", "--samples", "0"])
        _, told = bench.work("regroup, signatures made", ["regroup", "--samples", "0"], expected=600 * per_million)
        print(told.strip())
        bench.check()
        _, told = bench.run("regroup once more", ["regroup", "--samples", "0"])
        print(told.strip())
    if "prune" in works:
        by_age = ["prune", "--older-than", age_at(bench, 0.1)]
        bench.work("prune a tenth by age", by_age, expected=120 * per_million)
        bench.check()
        db = bench.open()
        used = db.execute("SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size").fetchone()[0]
        db.close()
        bench.work("prune a tenth by size", ["prune", "--max-size", str(used * 9 // 10)], expected=120 * per_million)
        bench.check()


if __name__ == "__main__":
    main()
