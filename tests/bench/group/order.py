#!/usr/bin/env python3
"""How many articles another order of arrival within a minute moves to other events.

    order.py --shared ../shared --binary target/release/dateline [--block 70] [--seeds 3] [SET...]

A day of 100,000 articles brings 70 a minute, so each block of 70 is shuffled and the whole stream grouped once more. The two partitions are matched group by
group, the largest overlaps first; what lies outside is moved. Needs nothing but Python.
"""
import argparse
import gzip
import json
import random
import subprocess
from collections import Counter
from pathlib import Path

SETS = ["ecbplus", "basil", "pac", "allsides", "allsides2021", "neus", "background"]


def articles(path):
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for row in map(json.loads, f):
            day = row.get("published")
            yield {"id": row["id"], "title": row.get("title"), "text": row.get("body") or row.get("text") or "", "language": row.get("lang"),
                   "published_at": day and f"{day[:10]}T12:00:00Z"}


def grouped(binary, rows):
    text = "".join(json.dumps(row) + "\n" for row in rows)
    done = subprocess.run([binary, "group", "--jsonl"], input=text, capture_output=True, text=True, check=True)
    return {row["id"]: row["event_id"] for row in map(json.loads, done.stdout.splitlines())}


def moved(before, after):
    overlaps = Counter((before[i], after[i]) for i in before)
    taken, kept = (set(), set()), 0
    for (a, b), count in sorted(overlaps.items(), key=lambda item: (-item[1], item[0])):
        if a not in taken[0] and b not in taken[1]:
            taken[0].add(a)
            taken[1].add(b)
            kept += count
    return 1 - kept / len(before)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--binary", required=True)
    parser.add_argument("--block", type=int, default=70)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("sets", nargs="*", default=SETS)
    a = parser.parse_args()
    for name in a.sets:
        rows = list(articles(a.shared / "corpora" / "events" / f"{name}.jsonl.gz"))
        before, shares = grouped(a.binary, rows), []
        for seed in range(a.seeds):
            draw, other = random.Random(seed), []
            for at in range(0, len(rows), a.block):
                other += draw.sample(rows[at:at + a.block], len(rows[at:at + a.block]))
            shares.append(moved(before, grouped(a.binary, other)))
        print(f"{name:<14} {len(rows):>6} articles, moved: " + " ".join(f"{100 * share:.2f} %" for share in shares), flush=True)


if __name__ == "__main__":
    main()
