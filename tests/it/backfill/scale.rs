//! An index of many sitemaps with many addresses, and a WARC file of any size: announced whole, in little memory. The quick forms have ten thousand
//! addresses and 64 MB; the full ones 1,000 sitemaps with two million addresses, and 4 GB:
//!
//! ```sh
//! cargo test --release --test it backfill::scale -- --ignored --nocapture
//! ```

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write as _};
use std::process::Stdio;
use std::time::Instant;

use dateline::store::Lock;
use serde_json::Value;

use super::site::warc_record;
use crate::newsroom::{Newsroom, host, processor_time};
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
    let peak = announce(&newsroom, &arguments, files * addresses).await;
    assert!(peak < most_kib, "{peak} KiB");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "4 GB take a minute"]
async fn a_file_of_4_gb_is_read_in_little_memory() {
    read_file(4_096, 100 * 1024).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_64_mb_is_read_in_little_memory() {
    read_file(64, 60 * 1024).await;
}

/// Reads a WARC file, one gzip member a record, of as many records of a megabyte, every fourth a page; the command may hold `most_kib` in memory.
async fn read_file(megabytes: usize, most_kib: u64) {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], "");
    let file = newsroom.folder.path().join("large.warc.gz");
    let mut out = BufWriter::new(File::create(&file).unwrap());
    let bulk = "x".repeat(1_000_000);
    for number in 0..megabytes {
        let (path, page) =
            (format!("/{number}.html"), format!("<html><body><!--{bulk}--><p>A page.</p></body></html>"));
        let record = warc_record(&newsroom.url(2, &path), &page);
        // What holds no page is passed over.
        let record = if number % 4 == 0 { record } else { warc_record("dns:a.example", &page) };
        out.write_all(&record).unwrap();
    }
    out.flush().unwrap();
    drop(out);
    let file = file.display().to_string();
    let peak = announce(&newsroom, &["backfill", "--json", &file], megabytes.div_ceil(4)).await;
    assert!(peak < most_kib, "{peak} KiB");
}

/// Runs a backfill until so many entries are announced; gives back the most that it held in memory, in KiB.
async fn announce(newsroom: &Newsroom, arguments: &[&str], count: usize) -> u64 {
    // Held here, so that the command announces and watches: two million pages are another matter.
    let lock = Lock::take(&newsroom.database()).unwrap();
    let began = Instant::now();
    let mut child = newsroom.command(arguments).stderr(Stdio::inherit()).spawn().unwrap();
    let id = child.id();
    let output = child.stdout.take().unwrap();
    let waiting = tokio::task::spawn_blocking(move || {
        let mut last = Value::Null;
        for line in BufReader::new(output).lines() {
            let progress: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let done = progress["documents_unread"] == 0 && progress["waiting"].as_u64() == Some(count as u64);
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
    let worked = processor_time(id).unwrap();
    eprintln!(
        "{waiting} addresses announced in {:.0} s, {:.0} s of processor time; peak resident memory {} MB",
        began.elapsed().as_secs_f64(),
        worked.as_secs_f64(),
        peak / 1024
    );
    child.kill().unwrap();
    child.wait().unwrap();
    drop(lock);
    assert_eq!(waiting, count as u64);
    peak
}
