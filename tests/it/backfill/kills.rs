//! Kills and stops at random: nothing lost, nothing twice, and no stored page is fetched again.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::site::Site;
use super::{SOON, assert_whole, stderr};
use crate::newsroom::{Newsroom, column, host};

/// Kills in the quick form; `BACKFILL_KILLS=20 cargo test --test it backfill::kills` is the full one.
const KILLS: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_random_lose_nothing_and_fetch_no_stored_page_again() {
    let kills = std::env::var("BACKFILL_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SOON);
    let site = Site::open(&newsroom, 2, 400);
    site.sitemaps();
    site.archive();
    let warc = Site::open(&newsroom, 3, 200);
    let file = warc.warc().display().to_string();
    let root = warc.root();
    let range = ["backfill", "--since", "2024-01-01", "--until", "2024-12-31"];
    let arguments = [&range[..], &["--feed", "feed-2", "--site", &root, "--source", "auto", &file]].concat();
    let mut state: u64 = 0x2545_f491_4f6c_dd1d;
    let mut fetched_twice = 0;
    for _ in 0..kills {
        let mut child = newsroom.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        tokio::time::sleep(Duration::from_millis(100 + state % 2_000)).await;
        child.kill().unwrap();
        tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
        // What was stored when it was killed is not asked for again.
        let stored = super::column_or_nothing(&newsroom, "SELECT url FROM articles");
        let before = site.requests();
        fetched_twice += (0..400).filter(|&number| before[number] > 1 && stored.contains(&site.url(number))).count();
    }
    let stored: Vec<usize> = {
        let urls = column(&newsroom.read(), "SELECT url FROM articles");
        (0..400).filter(|&number| urls.contains(&site.url(number))).collect()
    };
    let before = site.requests();
    let ended = newsroom.run(&arguments).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    let after = site.requests();
    assert!(stored.iter().all(|&number| before[number] == after[number]), "a stored page was fetched again");
    let mut expected = [site.within("2024-01-01", "2024-12-31"), warc.within("2024-01-01", "2024-12-31")].concat();
    expected.sort_unstable();
    assert_whole(&newsroom, &expected);
    assert!(warc.requests().iter().all(|&requests| requests == 0));
    eprintln!(
        "{kills} kills; {} of 400 pages were stored before the last run, {fetched_twice} sightings of a page that was in flight when killed",
        stored.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sigint_ends_it_while_it_still_reads_what_there_is() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], SOON);
    let site = Site::open(&newsroom, 2, 30);
    site.sitemaps();
    let root = site.root();
    let range = ["backfill", "--since", "2024-01-01", "--until", "2024-12-31"];
    let arguments = [&range[..], &["--source", "sitemap", "--site", &root]].concat();
    let sitemap = newsroom.press.answer(&host(2), "/sitemap-2024-02.xml").unwrap();
    newsroom.press.set(&host(2), "/sitemap-2024-02.xml", sitemap.clone().after(Duration::from_secs(40)));
    let reading = newsroom.command(&arguments).stdin(Stdio::piped()).spawn().unwrap();
    while !newsroom.press.paths(&host(2)).iter().any(|path| path == "/sitemap-2024-02.xml") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_interrupted(reading).await;
    newsroom.press.set(&host(2), "/sitemap-2024-02.xml", sitemap);
    let ended = newsroom.run(&arguments).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert_whole(&newsroom, &site.within("2024-01-01", "2024-12-31"));

    // A pipe that says nothing holds nobody.
    let waiting = newsroom.command(&["backfill", "--source", "urls", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    while super::column_or_nothing(&newsroom, "SELECT id FROM backfill").len() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_interrupted(waiting).await;
}

/// Tells a command to stop as a terminal does; it says how to go on.
async fn assert_interrupted(child: std::process::Child) {
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let began = Instant::now();
    // What it reads is kept open: it must not need its end.
    let mut child = child;
    let input = child.stdin.take();
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    drop(input);
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(ended.status.code(), Some(3), "{}", stderr(&ended));
    assert!(stderr(&ended).contains("the same command goes on"), "{}", stderr(&ended));
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_it_within_ten_seconds_and_it_goes_on() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], "");
    let config = std::fs::read_to_string(newsroom.config()).unwrap();
    std::fs::write(newsroom.config(), config.replace("per_host_delay = \"0s\"", "per_host_delay = \"100ms\"")).unwrap();
    let site = Site::open(&newsroom, 2, 30);
    site.sitemaps();
    let root = site.root();
    let arguments =
        ["backfill", "--since", "2024-01-01", "--until", "2024-12-31", "--site", &root, "--source", "sitemap"];
    let child = newsroom.command(&arguments).spawn().unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let sent = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let began = Instant::now();
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(ended.status.code(), Some(3), "{}", stderr(&ended));
    assert!(stderr(&ended).contains("the same command goes on"), "{}", stderr(&ended));
    let ended = newsroom.run(&arguments).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    assert_whole(&newsroom, &site.within("2024-01-01", "2024-12-31"));
    assert!(site.requests().iter().all(|&requests| requests == 1), "{:?}", site.requests());
}
