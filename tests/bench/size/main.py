#!/usr/bin/env python3
"""What so many feeds take: processor, memory, disk. A press on loopback, `dateline run --once` over it, twice.

    python3 tests/bench/size/main.py target/release/dateline 10 1000 100000:0

N:M asks for M articles from each of N feeds (5 where nothing is said; with 0 all feeds announce the same five stories). Each feed has a
host of its own (127.a.b.c) and twenty items; the second round asks again, and a feed that says so has not changed. Processor time is the
daemon's own, user and system: the press runs in another process.
"""
import os, subprocess, sys, tempfile, time, random, socket, multiprocessing, asyncio

WORDS = [a + b + c for a in ("ka", "ter", "lo", "sun", "vel") for b in ("mi", "dor", "pa", "ril") for c in ("gos", "ne", "tu", "bel", "rem")]


def words(seed, count):
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) for _ in range(count))


def page(host, number):
    paragraphs = "".join(f"<p>The council of {words(f'{host}/{number}/{n}', 55)}.</p>\n" for n in range(8))
    links = "".join(f"<li><a href='/section/{n}'>{words(n, 3)}</a></li>\n" for n in range(120))
    head = f"Council votes on {words(f'{host}/{number}', 5)}"
    return f"<!doctype html><html lang=en><head><title>{head}</title></head><body><nav><ul>{links}</ul></nav><main><article><h1>{head}</h1>{paragraphs}</article></main></body></html>"


def feed(host, port):
    return FEED.replace("HOST", host).replace("PORT", port)


FEED = "<rss version='2.0'><channel><title>Feed of HOST</title>" + "".join(
    f"<item><title>Council votes on {words(n, 5)}</title><link>http://HOST:PORT/story/{n}</link><guid>HOST-{n}</guid>"
    f"<description>{words(n, 30)}</description></item>\n" for n in range(20)) + "</channel></rss>"


SAME = FEED.replace("HOST", "127.0.0.1").split("<item>")
SAME = "<item>".join(SAME[:6]) + "</channel></rss>"


async def answer(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ", 2)[1]
            host, port = next(line[5:].strip() for line in head.split("\r\n") if line.lower().startswith("host:")).split(":")
            extra = ""
            if path == "/same.rss":
                status, kind, extra, body = 200, "application/rss+xml", f'ETag: "{host}"\r\n', SAME.replace("PORT", port).encode()
                status, body = (304, b"") if "if-none-match" in head.lower() else (200, body)
            elif path == "/rss":
                status, kind, extra = 200, "application/rss+xml", f'ETag: "{host}"\r\n'
                body = b"" if "if-none-match" in head.lower() else feed(host, port).encode()
                status = 200 if body else 304
            elif path.startswith("/story/"):
                status, kind, body = 200, "text/html; charset=utf-8", page(host, path[7:]).encode()
            else:
                status, kind, body = 404, "text/plain", b"no"
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def press(listener):
    async def serve():
        server = await asyncio.start_server(answer, sock=listener)
        await server.serve_forever()
    asyncio.run(serve())


def measured(command, folder):
    """Runs it; seconds of processor, peak memory in MB, seconds of wall."""
    began = time.time()
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000, time.time() - began


def main():
    binary = os.path.abspath(sys.argv[1])
    listener = socket.create_server(("0.0.0.0", 0), backlog=4096)
    port = listener.getsockname()[1]
    multiprocessing.Process(target=press, args=(listener,), daemon=True).start()
    print(f"load {os.getloadavg()[0]:.1f}\nfeeds    articles  first: cpu s  wall s  peak MB | again: cpu s  wall s  peak MB | database MB  pages MB")
    for spec in sys.argv[2:] or ["10", "1000"]:
        feeds, _, articles = spec.partition(":")
        feeds, articles = int(feeds), int(articles or 5)
        with tempfile.TemporaryDirectory() as folder:
            path, wanted = ("/rss", f"include = [\"/story/[0-{articles - 1}]$\"]") if articles else ("/same.rss", "")
            with open(f"{folder}/dateline.toml", "w") as config:
                config.write('[store]\npath = "news.db"\n[fetch]\nuser_agent = "size/1 (+https://example.org/)"\nper_host_delay = "0s"\nallow_networks = ["127.0.0.0/8"]\n')
                for n in range(1, feeds + 1):
                    host = f"127.{1 + n // 62500}.{n // 250 % 250}.{1 + n % 250}"
                    config.write(f'[[feeds]]\nname = "feed-{n}"\nurl = "http://{host}:{port}{path}"\n{wanted}\n')
            command = [binary, "run", "--once", "--config", "dateline.toml", "--log-level", "error"]
            first = measured(command, folder)
            print(f"{feeds:<8} {feeds * articles:<8}  {first[0]:11.1f} {first[2]:7.1f} {first[1]:8.0f} | ", end="", flush=True)
            again = measured(command, folder)
            size = lambda name: os.path.getsize(f"{folder}/{name}") / 1e6 if os.path.exists(f"{folder}/{name}") else 0.0
            print(f"{again[0]:11.1f} {again[2]:7.1f} {again[1]:8.0f} | {size('news.db') + size('news.db-wal'):11.1f} {size('news.pages.db'):9.1f}", flush=True)


main()
