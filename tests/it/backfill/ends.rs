//! How a run of a backfill ends, and what it tells meanwhile.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::site::{self, Site};
use super::{COUNT, SOON, assert_whole, backfill, stderr, stored};
use crate::newsroom::{Newsroom, host};
use crate::press::Answer;

/// Pages of a host are fetched so far apart.
fn slow_down(newsroom: &Newsroom, delay: &str) {
    let config = std::fs::read_to_string(newsroom.config()).unwrap();
    let slow = config.replace("per_host_delay = \"0s\"", &format!("per_host_delay = \"{delay}\""));
    std::fs::write(newsroom.config(), slow).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_and_a_time_are_kept_and_the_same_command_goes_on() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], SOON);
    let site = Site::open(&newsroom, 2, 20);
    site.sitemaps();
    let root = site.root();
    let all = ["--since", "2024-01-01", "--until", "2024-12-31", "--site", &root];
    for (run, expected) in [7, 14, 20].into_iter().enumerate() {
        let ended = backfill(&newsroom, &[&all[..], &["--limit", "7"]].concat()).await;
        assert_eq!(ended.status.code(), Some(0), "run {run}: {}", stderr(&ended));
        assert_eq!(stored(&newsroom).len(), expected, "run {run}");
    }
    assert!(site.requests().iter().all(|&requests| requests == 1));

    let slow = Site::open(&newsroom, 3, 4);
    slow.sitemaps();
    newsroom.press.set(&host(3), &site::path(1), Answer::status(503));
    let root = slow.root();
    let all = ["--since", "2024-01-01", "--until", "2024-12-31", "--site", &root];
    let began = Instant::now();
    let ended = backfill(&newsroom, &[&all[..], &["--max-time", "2s"]].concat()).await;
    assert!(began.elapsed() < Duration::from_secs(12));
    assert_eq!(ended.status.code(), Some(3), "{}", stderr(&ended));
    assert!(stderr(&ended).contains("the same command goes on"), "{}", stderr(&ended));
    newsroom.press.set(&host(3), &site::path(1), Answer::page(site::page(1)));
    let ended = backfill(&newsroom, &all).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert_eq!(stored(&newsroom).len(), 24);
    assert_eq!(slow.requests().iter().filter(|&&requests| requests == 1).count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_when_it_received_enough_and_the_same_command_goes_on() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], SOON);
    slow_down(&newsroom, "100ms");
    let site = Site::open(&newsroom, 2, COUNT);
    for number in 0..COUNT {
        let bulk = format!("{}<!--{}-->", site::page(number), "x".repeat(20_000));
        newsroom.press.set(&host(2), &site::path(number), Answer::page(bulk));
    }
    site.sitemaps();
    let root = site.root();
    let all = ["--since", "2024-01-01", "--until", "2024-12-31", "--site", &root, "--source", "sitemap"];
    let ended = backfill(&newsroom, &[&all[..], &["--max-bytes", "200kB", "--json"]].concat()).await;
    assert_eq!(ended.status.code(), Some(3), "{}", stderr(&ended));
    let told = String::from_utf8(ended.stdout).unwrap();
    assert!(told.lines().last().unwrap().contains("\"end\":\"max-bytes\""), "{told}");
    let first = stored(&newsroom).len();
    // 200 kB are ten pages; what was in flight may finish.
    assert!((8..=20).contains(&first), "{first}");
    let ended = backfill(&newsroom, &all).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert_whole(&newsroom, &site.within("2024-01-01", "2024-12-31"));
    assert!(site.requests().iter().all(|&requests| requests == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_comes_as_lines_and_ends_with_the_summary() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], SOON);
    slow_down(&newsroom, "200ms");
    let site = Site::open(&newsroom, 2, 20);
    let list = site.list().display().to_string();
    let ended = backfill(&newsroom, &["--json", &list]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    let lines: Vec<Value> =
        String::from_utf8(ended.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (summary, progress) = lines.split_last().unwrap();
    assert_eq!((&summary["kind"], &summary["backfill"]["stored"]), (&Value::from("summary"), &Value::from(20)));
    assert!(progress.len() >= 2, "four seconds of work: {progress:?}");
    assert!(progress.iter().all(|line| line["kind"] == "progress"));
    let number = |line: &Value, name: &str| line[name].as_u64().unwrap();
    assert!(progress.windows(2).all(|two| number(&two[0], "stored") <= number(&two[1], "stored")));
    // Five pages a second at the most: what is left is estimated by the pace.
    for line in progress.iter().filter(|line| number(line, "waiting") > 5) {
        let (eta, most) = (number(line, "eta_s"), number(line, "waiting"));
        assert!((most / 5 - 1..=most).contains(&eta), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_gone_is_told_by_exit_3() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], SOON);
    let site = Site::open(&newsroom, 2, 4);
    newsroom.press.set(&host(2), &site::path(1), Answer::status(410));
    let list = site.list().display().to_string();
    let ended = backfill(&newsroom, &[&list]).await;
    assert_eq!(ended.status.code(), Some(3), "{}", stderr(&ended));
    assert!(stderr(&ended).contains("1 rejected") && stderr(&ended).contains("410"), "{}", stderr(&ended));
    assert_eq!(stored(&newsroom).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_ends_with_2() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    for wrong in [
        &["--since", "soon", "--feed", "feed-2"][..],
        &["--since", "2024-03-02", "--until", "2024-03-01", "--feed", "feed-2"],
        &["--feed", "feed-2"],
        &["--since", "2024-03-01", "--source", "warc"],
        &["--since", "2024-03-01", "--site", "ftp://a.example/"],
        &["--since", "2024-03-01", "--site", "a.example", "--listing", "https://a.example/{day}"],
    ] {
        let ended = backfill(&newsroom, wrong).await;
        assert_eq!(ended.status.code(), Some(2), "{wrong:?}: {}", stderr(&ended));
    }
    let ended = backfill(&newsroom, &["--since", "2024-03-01", "--feed", "nobody"]).await;
    assert!(stderr(&ended).contains("no feed `nobody`"), "{}", stderr(&ended));
}
