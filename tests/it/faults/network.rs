//! A network that is not there.

use std::sync::atomic::Ordering;
use std::time::Duration;

use dateline::daemon::Mode;
use tokio_util::sync::CancellationToken;

use super::stories;
use super::world::{World, wait};

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
