//! A network that is not there.

use std::sync::atomic::Ordering;
use std::time::Duration;

use dateline::archive::Range;
use dateline::backfill::{Backfill, End, Options, Request, Source};
use dateline::daemon::Mode;
use rusqlite::Connection;
use tokio_util::sync::CancellationToken;

use super::stories;
use super::world::{PUBLISHED, World, wait};
use crate::press::{Answer, at};

const HOSTS: [&str; 5] = ["a.example", "b.example", "c.example", "d.example", "e.example"];

#[tokio::test(flavor = "multi_thread")]
async fn names_that_do_not_resolve_cost_their_feed_alone() {
    let world = World::new().await;
    world.publish("a.example", &stories(1, 2));
    let hosts = ["a.example", "dead-1.example", "dead-2.example"];
    let (lock, daemon) = world.daemon(&hosts, Duration::from_millis(100), Mode::Once);
    let summary = daemon.run(Mode::Once, CancellationToken::new()).await.unwrap();
    assert_eq!(summary.failed_feeds.len(), 2);
    assert_eq!(world.one("SELECT state FROM feeds ORDER BY name"), "active failing failing");
    assert_eq!(world.one("SELECT count(*) FROM articles"), "2");
    drop(lock);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_our_own_is_charged_to_no_feed_and_ends_at_once() {
    let world = World::new().await;
    for (place, host) in HOSTS.iter().enumerate() {
        world.publish(host, &stories(u8::try_from(place).unwrap(), 2));
    }
    let (lock, daemon) = world.daemon(&HOSTS, Duration::from_millis(200), Mode::Forever);
    let stop = CancellationToken::new();
    let running = tokio::spawn(daemon.run(Mode::Forever, stop.clone()));
    wait(&world, "SELECT count(*) FROM articles", "10").await;
    let polled = world.one("SELECT max(last_polled_at) FROM feeds");

    world.up.store(false, Ordering::SeqCst);
    world.press.hang_up();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let failures: u32 = world.one("SELECT max(failures_in_row) FROM feeds").parse().unwrap();
    assert!(failures <= 1, "{failures} failures in a row were charged during an outage of our own");
    for (place, host) in HOSTS.iter().enumerate() {
        world.publish(host, &stories(u8::try_from(place).unwrap(), 4));
    }
    world.up.store(true, Ordering::SeqCst);
    wait(&world, "SELECT count(*) FROM articles", "20").await;
    wait(&world, "SELECT group_concat(DISTINCT state || failures_in_row) FROM feeds", "active0").await;
    assert!(world.one("SELECT min(last_success_at) FROM feeds") > polled);
    stop.cancel();
    running.await.unwrap().unwrap();
    drop(lock);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_that_is_cut_off_waits_and_goes_on() {
    let world = World::new().await;
    let list = world.folder.path().join("addresses.txt");
    let mut addresses = String::new();
    for (place, host) in HOSTS.iter().enumerate() {
        let stories = stories(u8::try_from(place).unwrap(), 4);
        world.publish(host, &stories);
        addresses.extend(stories.iter().map(|story| format!("{}\n", at(host, &story.path()))));
    }
    std::fs::write(&list, addresses).unwrap();
    let now = PUBLISHED.parse().unwrap();
    let request = Request {
        range: Range::parse(Some("2024-08-01"), Some("2024-08-31"), now).unwrap(),
        given: (None, None),
        feeds: Vec::new(),
        sites: Vec::new(),
        sources: vec![Source::Urls],
        addresses: vec![list],
        warcs: Vec::new(),
        listing: None,
        wayback: None,
    };
    let pipeline = dateline::pipeline::Options { max_interval: Duration::from_secs(3_600), ..world.options() };
    let options = Options { pipeline, feeds: Vec::new(), limit: None, min_free: 0, max_time: None, max_bytes: None };
    world.up.store(false, Ordering::SeqCst);
    let backfill = Backfill::begin(&request, world.client(Duration::from_millis(500)), options).unwrap();
    let meanwhile = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let untouched = world.one("SELECT count(*) FROM entries WHERE state = 'queued' AND attempts = 0");
        assert!(
            untouched.parse::<u32>().unwrap() >= 5,
            "after the first that failed nothing was asked for: {untouched}"
        );
        world.up.store(true, Ordering::SeqCst);
        // What failed is put off for minutes; its time comes.
        wait(&world, "SELECT count(*) >= 5 FROM articles", "1").await;
        let db = Connection::open(world.folder.path().join("news.db")).unwrap();
        db.busy_timeout(Duration::from_secs(10)).unwrap();
        db.execute("UPDATE entry SET next_attempt_at = announced_at WHERE state = 'queued'", []).unwrap();
    };
    let (ended, ()) = tokio::join!(backfill.run(CancellationToken::new()), meanwhile);
    assert_eq!(ended.unwrap().end, End::Done);
    assert_eq!(world.one("SELECT count(*) FROM articles"), "20");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_run_does_not_wait_for_the_network_to_come_back() {
    let world = World::new().await;
    for (place, host) in HOSTS.iter().enumerate() {
        let stories = stories(u8::try_from(place).unwrap(), 8);
        world.publish(host, &stories);
        for story in &stories {
            world.press.set(host, &story.path(), Answer::status(503));
        }
    }
    let once = async || {
        let (_lock, daemon) = world.daemon(&HOSTS, Duration::from_millis(200), Mode::Once);
        daemon.run(Mode::Once, CancellationToken::new()).await.unwrap()
    };
    once().await;
    let db = Connection::open(world.folder.path().join("news.db")).unwrap();
    db.execute("UPDATE entry SET next_attempt_at = announced_at", []).unwrap();
    world.up.store(false, Ordering::SeqCst);
    world.press.hang_up();
    // Forty entries: one every ten seconds, as a daemon that is cut off tries them, would take minutes.
    let ended = tokio::time::timeout(Duration::from_secs(60), once()).await;
    assert_eq!(ended.expect("each is tried once, at once").failed_feeds.len(), HOSTS.len());
    assert_eq!(world.one("SELECT min(attempts) || max(attempts) FROM entries"), "22");
}
