//! An index of many sitemaps with many addresses: announced whole, in little memory. The quick form has ten thousand addresses; the full one 1,000
//! sitemaps and two million:
//!
//! ```sh
//! cargo test --release --test it backfill::scale -- --ignored --nocapture
//! ```

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Instant;

use dateline::store::Lock;
use serde_json::Value;

use crate::newsroom::{Newsroom, host};
use crate::press::Answer;

/// What the command may hold in memory, in KiB.
const MOST_KIB: u64 = 300 * 1024;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "two million addresses take minutes"]
async fn two_million_addresses_need_less_than_300_mb() {
    check(1_000, 2_000, MOST_KIB).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_addresses_need_little_memory() {
    // What a process that is not optimized takes without any, and some: sitemaps are read one after the other.
    check(20, 500, 100 * 1024).await;
}

/// Announces `files` sitemaps of `addresses` each; the command may hold `most_kib` in memory.
async fn check(files: usize, addresses: usize, most_kib: u64) {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], "");
    let mut index = String::new();
    for file in 0..files {
        let path = format!("/sitemap-{file}.xml");
        let _ = write!(index, "<sitemap><loc>{}</loc></sitemap>", newsroom.url(2, &path));
        let mut urls = String::new();
        for number in 0..addresses {
            let path = format!("/news/{file}/the-council-votes-on-the-plan-for-the-northern-pier-{number}.html");
            let url = newsroom.url(2, &path);
            let _ = write!(urls, "<url><loc>{url}</loc><lastmod>2024-03-05T12:00:00Z</lastmod></url>");
        }
        newsroom.press.set(&host(2), &path, Answer::page(format!("<urlset>{urls}</urlset>")));
    }
    newsroom.press.set(&host(2), "/sitemap.xml", Answer::page(format!("<sitemapindex>{index}</sitemapindex>")));
    let root = newsroom.url(2, "/");
    let arguments = [
        "backfill",
        "--since",
        "2024-03-01",
        "--until",
        "2024-03-31",
        "--site",
        &root,
        "--source",
        "sitemap",
        "--json",
    ];
    // Held here, so that the command announces and watches: two million pages are another matter.
    let lock = Lock::take(&newsroom.database()).unwrap();
    let began = Instant::now();
    let mut child = newsroom.command(&arguments).stderr(Stdio::inherit()).spawn().unwrap();
    let id = child.id();
    let output = child.stdout.take().unwrap();
    let waiting = tokio::task::spawn_blocking(move || {
        let mut last = Value::Null;
        for line in BufReader::new(output).lines() {
            let progress: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let done =
                progress["documents_unread"] == 0 && progress["waiting"].as_u64() == Some((files * addresses) as u64);
            last = progress;
            if done {
                break;
            }
        }
        last["waiting"].as_u64().unwrap()
    })
    .await
    .unwrap();
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches("kB").trim().parse().unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let ticks: u32 =
        stat.rsplit(") ").next().unwrap().split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u32>().unwrap()).sum();
    eprintln!(
        "{waiting} addresses announced in {:.0} s, {:.0} s of processor time; peak resident memory {} MB",
        began.elapsed().as_secs_f64(),
        f64::from(ticks) / 100.0,
        peak / 1024
    );
    child.kill().unwrap();
    child.wait().unwrap();
    drop(lock);
    assert_eq!(waiting, (files * addresses) as u64);
    assert!(peak < most_kib, "{peak} KiB");
}
