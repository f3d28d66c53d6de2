//! How fast feeds are read, beside feed-rs in the same run.
//!
//! `cargo run --release --manifest-path tests/bench/feed/Cargo.toml`
//!
//! Needs the real feeds (`rp_*`) of the labelled corpus in `$DATELINE_SHARED/corpora/feeds/feeds` (default `../shared` beside the
//! repository); says so and stops where there are none. Then documents made to be slow: the time must grow as their length does.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dateline::feed::{self, Options, Source};
use url::Url;

/// The best of so many runs: the others measure the machine.
const RUNS: usize = 15;

fn main() {
    let base = Url::parse("https://feed.example/feed").expect("a sound address");
    let ours = |bytes: &[u8]| {
        black_box(
            feed::parse(&Source { bytes, content_type: None, base: &base, timezone: None }, &Options::default())
                .is_ok(),
        );
    };
    let theirs = |bytes: &[u8]| {
        black_box(feed_rs::parser::parse(bytes).is_ok());
    };
    let feeds = real_feeds();
    if feeds.is_empty() {
        println!("skipped: no feeds in `{}`; set DATELINE_SHARED", folder().display());
    } else {
        let bytes = feeds.iter().map(|(_, feed)| feed.len()).sum::<usize>();
        println!("{} real feeds, {:.2} MB; MB/s, best of {RUNS} runs", feeds.len(), bytes as f64 / 1e6);
        let speed = |parse: &dyn Fn(&[u8])| {
            let best = best(|| feeds.iter().for_each(|(_, feed)| parse(feed)));
            bytes as f64 / best.as_secs_f64() / 1e6
        };
        println!("dateline {:8.1}\nfeed-rs  {:8.1}", speed(&ours), speed(&theirs));
    }
    println!("\nhostile documents: ms for 1, 2 and 4 MB");
    for (name, begin, unit) in HOSTILE {
        let times = [1, 2, 4].map(|megabytes| {
            let document = format!("{begin}{}", unit.repeat((megabytes << 20) / unit.len()));
            let began = Instant::now();
            ours(document.as_bytes());
            began.elapsed().as_secs_f64() * 1000.0
        });
        println!("{name:32} {:8.1} {:8.1} {:8.1}", times[0], times[1], times[2]);
    }
}

/// What a parser may be slow on: what a document begins with, and what is repeated.
const HOSTILE: &[(&str, &str, &str)] = &[
    ("nested elements", "<rss><channel><item>", "<media:group>"),
    ("nested markup", "<feed><entry><content type='xhtml'>", "<div>"),
    ("unclosed fields", "<rss><channel><item>", "<title>a"),
    ("unclosed comments", "<rss><channel><item>", "<!-- "),
    ("unclosed sections", "<rss><channel><item><title>", "<![CDATA["),
    ("unclosed instructions", "<rss><channel><item>", "<?a "),
    ("unclosed declarations", "<rss><channel><item>", "<!a ["),
    ("unclosed quotes", "<rss><channel><item>", "<a b=\""),
    ("end tags of nothing", "<rss><channel><item>", "</a>"),
    ("ampersands", "<rss><channel><title>", "&"),
    ("references to nothing", "<rss><channel><title>", "&abcdefghijklmnopqrstuvwxyz"),
    ("attributes", "<rss><channel><item><title ", "a=b "),
    ("namespaces", "<rss><channel>", "<a xmlns:b='urn:c'>"),
    ("bases", "<rss><channel>", "<item xml:base='a/'>"),
    ("declared entities", "<!DOCTYPE a [", "<!ENTITY a 'b'>"),
    ("empty items", "<rss><channel>", "<item/>"),
    ("categories", "<rss><channel><item>", "<category>a</category>"),
    ("relative links", "<rss><channel><item><description>", "&lt;a href=b>"),
    ("mangled text", "<rss><channel><item><description>", "Ã©"),
    ("web page", "<html>", "<a href='/rss'>"),
    ("JSON arrays", "{\"items\":", "["),
    ("JSON items", "{\"items\":[", "{\"id\":1},"),
];

fn best(run: impl Fn()) -> Duration {
    let times = (0..RUNS).map(|_| {
        let began = Instant::now();
        run();
        began.elapsed()
    });
    times.min().unwrap_or_default()
}

fn folder() -> PathBuf {
    let shared = std::env::var_os("DATELINE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared"), PathBuf::from);
    shared.join("corpora/feeds/feeds")
}

fn real_feeds() -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder()) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.path());
    let mut feeds: Vec<(String, Vec<u8>)> = names
        .filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), std::fs::read(&path).ok()?)))
        .filter(|(name, _)| name.starts_with("rp_"))
        .collect();
    feeds.sort();
    feeds
}
