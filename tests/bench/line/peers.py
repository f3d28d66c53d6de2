#!/usr/bin/env python3
"""Peers on the pages of the made-up press, one processor each, beside `dateline clean` in the same run.

    python3 -m venv peers && peers/bin/pip install trafilatura newspaper4k feedparser
    peers/bin/python tests/bench/line/peers.py target/release/dateline LINE      (LINE: the built bench `line`)

Times are of the processor and without start-up. A peer that is not installed is named as skipped.
"""
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

PAGES = 200


def spent(work):
    before = time.process_time()
    work()
    return time.process_time() - before


def children(command, stdin):
    def used():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = used()
    subprocess.run(command, input=stdin, capture_output=True, check=True)
    return used() - before


def trafilatura(pages):
    from trafilatura import bare_extraction

    return lambda: [bare_extraction(page, with_metadata=True) for page in pages]


def newspaper4k(pages):
    from newspaper import Article

    def run():
        for page in pages:
            article = Article("http://page.example/")
            article.download(input_html=page)
            article.parse()

    return run


def feedparser(feed):
    import feedparser as parser

    return lambda: parser.parse(feed)


def main():
    dateline, line = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([line, "pages", folder, str(PAGES)], check=True)
        paths = sorted(pathlib.Path(folder).glob("*.html"))
        pages = [path.read_text() for path in paths]
        lines = "".join(json.dumps({"id": path.name, "url": "http://page.example/", "path": str(path)}) + "\n" for path in paths)
        feed = (pathlib.Path(folder) / "feed.xml").read_text()
        # Start-up is taken off: an empty run.
        own = children([dateline, "clean", "--jsonl"], lines.encode()) - children([dateline, "clean", "--jsonl"], b"")
        print(f"{'a page of 170 KB':<28} {'ms':>9} {'dateline is':>14}")
        print(f"{'dateline clean':<28} {1e3 * own / PAGES:>9.2f}")
        for peer in (trafilatura, newspaper4k):
            try:
                work = peer(pages)
                each = spent(work)
                print(f"{peer.__name__:<28} {1e3 * each / PAGES:>9.2f} {each / own:>12.1f} × as fast")
            except ImportError as missing:
                print(f"{peer.__name__:<28}   skipped: {missing}")
        path = pathlib.Path(folder) / "feed.xml"
        empty = pathlib.Path(folder) / "empty.xml"
        empty.write_text("<rss version='2.0'><channel><title>x</title></channel></rss>")
        own = children([dateline, "feed", str(path)], b"") - children([dateline, "feed", str(empty)], b"")
        print(f"\n{'a feed of ' + str(len(feed) // 1000) + ' KB':<28} {'ms':>9} {'dateline is':>14}")
        print(f"{'dateline feed':<28} {1e3 * own:>9.2f}")
        try:
            each = spent(feedparser(feed))
            print(f"{'feedparser':<28} {1e3 * each:>9.2f} {each / max(own, 1e-3):>12.1f} × as fast")
        except ImportError as missing:
            print(f"feedparser   skipped: {missing}")


if __name__ == "__main__":
    main()
