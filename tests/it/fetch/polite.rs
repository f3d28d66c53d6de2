//! Politeness, read from the log of the press.

use std::time::{Duration, Instant};

use dateline::fetch::{Client, FailureKind, Options};
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};

use super::poll_at;
use crate::press::{Answer, Press, Visit, at};

/// The most visits under way at one moment.
fn most_at_once(visits: &[Visit]) -> usize {
    let under_way = |moment: Instant| {
        visits.iter().filter(|visit| visit.began <= moment && visit.ended.is_none_or(|end| moment < end)).count()
    };
    visits.iter().map(|visit| under_way(visit.began)).max().unwrap_or_default()
}

fn pages(press: &Press) -> Vec<Visit> {
    press.visits().into_iter().filter(|visit| visit.path.starts_with("/page")).collect()
}

#[tokio::test]
async fn pages_of_one_domain_are_asked_for_apart_whatever_their_host() {
    const DELAY: Duration = Duration::from_millis(200);
    let press = Press::open().await;
    for host in ["paper.example", "www.paper.example", "sport.paper.example"] {
        press.set(host, "*", Answer::page("x"));
        press.set(host, "/page/moved", Answer::redirect(301, "/page/here"));
    }
    let client = Client::new(Options { per_host_delay: DELAY, ..press.options() }).unwrap();
    let asked = [
        "http://paper.example/page/1",
        "http://www.paper.example/page/moved",
        "http://sport.paper.example/page/3",
        "http://paper.example/page/4",
    ];
    let asked = asked.map(|url| url::Url::parse(url).unwrap());
    let (pages_read, polls) = tokio::join!(
        join_all(asked.iter().map(|url| client.page(url, None))),
        join_all((0..4).map(|number| {
            let client = client.clone();
            async move { client.poll(&poll_at(&at("paper.example", &format!("/feed/{number}")))).await }
        })),
    );
    assert!(pages_read.iter().all(Result::is_ok) && polls.iter().all(Result::is_ok));
    let visits = pages(&press);
    assert_eq!(visits.len(), 5, "a redirect is a page request too");
    for pair in visits.windows(2) {
        let apart = pair[1].began - pair[0].began;
        assert!(apart >= DELAY, "{} then {}: {apart:?} apart", pair[0].path, pair[1].path);
    }
    assert!(most_at_once(&press.visits()) <= 2);
    let last_feed = press.visits().into_iter().rfind(|visit| visit.path.starts_with("/feed")).unwrap();
    assert!(last_feed.began < visits[2].began, "polls do not wait for the pause");
}

#[tokio::test]
async fn never_more_than_two_at_once_to_one_domain_nor_the_limit_to_all() {
    let press = Press::open().await;
    let slow = Answer::page("x").after(Duration::from_millis(20));
    for number in 0..24 {
        press.set(&format!("h{number}.paper{}.example", number % 6), "*", slow.clone());
    }
    let client = Client::new(Options { concurrency: 8, ..press.options() }).unwrap();
    let urls: Vec<_> = (0..240)
        .map(|number| at(&format!("h{}.paper{}.example", number % 24, number % 6), &format!("/page/{number}")))
        .collect();
    let read = stream::iter(&urls)
        .map(|url| {
            let client = client.clone();
            async move {
                if url.path().ends_with('0') {
                    client.poll(&poll_at(url)).await.map(drop)
                } else {
                    client.page(url, None).await.map(drop)
                }
            }
        })
        .buffer_unordered(200)
        .filter(|result| std::future::ready(result.is_ok()))
        .count()
        .await;
    assert_eq!(read, 240);
    let visits = press.visits();
    assert!(most_at_once(&visits) <= 8, "{} at once", most_at_once(&visits));
    for number in 0..6 {
        let of_domain: Vec<Visit> =
            visits.iter().filter(|visit| visit.host.ends_with(&format!("paper{number}.example"))).cloned().collect();
        assert!(most_at_once(&of_domain) <= 2, "{} at once to one domain", most_at_once(&of_domain));
        assert!(of_domain.len() >= 40);
    }
    let robots = visits.iter().filter(|visit| visit.path == "/robots.txt").count();
    assert_eq!(robots, 24, "one robots.txt a host, however many wait for it");
}

#[tokio::test]
async fn a_crawl_delay_is_kept() {
    let press = Press::open().await;
    press.set("slow.example", "/robots.txt", Answer::robots("User-agent: *\nCrawl-delay: 0.3"));
    press.set("slow.example", "*", Answer::page("x"));
    let client = press.client();
    let (one, other) = (at("slow.example", "/page/1"), at("slow.example", "/page/2"));
    let (first, second) = tokio::join!(client.page(&one, None), client.page(&other, None));
    assert!(first.is_ok() && second.is_ok());
    let visits = pages(&press);
    assert!(visits[1].began - visits[0].began >= Duration::from_millis(300));
}

#[tokio::test]
async fn retry_after_slows_the_whole_domain() {
    let press = Press::open().await;
    press.set("www.busy.example", "*", Answer::status(503).with("retry-after", "1"));
    press.set("news.busy.example", "*", Answer::page("x"));
    press.set("other.example", "*", Answer::page("x"));
    let client = press.client();
    let failure = client.page(&at("www.busy.example", "/page/1"), None).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.status, failure.retry_after),
        (FailureKind::Status, Some(503), Some(Duration::from_secs(1)))
    );
    assert!(client.ready_in(&at("news.busy.example", "/")) > Duration::from_millis(500));
    assert_eq!(client.ready_in(&at("other.example", "/")), Duration::ZERO);
    assert!(client.page(&at("other.example", "/page/2"), None).await.is_ok());
    assert!(client.page(&at("news.busy.example", "/page/3"), None).await.is_ok());
    let visits = pages(&press);
    assert!(visits[2].began - visits[0].began >= Duration::from_secs(1));

    press.set("www.busy.example", "*", Answer::status(429).with("retry-after", "7200"));
    assert_eq!(client.page(&at("www.busy.example", "/page/4"), None).await.unwrap_err().status, Some(429));
    let before = press.visits().len();
    let held = client.page(&at("news.busy.example", "/page/5"), None).await.unwrap_err();
    assert_eq!(held.kind, FailureKind::Held);
    assert!(held.retry_after.unwrap() > Duration::from_secs(7_000));
    assert_eq!(press.visits().len(), before, "nothing was sent");
}

#[tokio::test]
async fn a_robots_txt_that_cannot_be_read_puts_the_page_off_and_one_that_is_not_there_does_not() {
    let press = Press::open().await;
    for (host, answer, expect) in [
        ("ill.example", Answer::status(500), Some(FailureKind::RobotsUnknown)),
        ("busy.example", Answer::status(429), Some(FailureKind::RobotsUnknown)),
        ("secret.example", Answer::status(403), None),
        ("none.example", Answer::status(404), None),
        ("gone.example", Answer::status(410), None),
        ("lost.example", Answer::redirect(302, "/robots.txt"), None),
        ("garbled.example", Answer::robots("\u{0}\u{1}<html>"), None),
    ] {
        press.set(host, "/robots.txt", answer);
        press.set(host, "*", Answer::page("x"));
        let result = press.client().page(&at(host, "/page"), None).await;
        assert_eq!(result.err().map(|failure| failure.kind), expect, "{host}");
    }
    assert_eq!(press.paths("ill.example"), ["/robots.txt"]);
}

#[tokio::test]
async fn a_robots_txt_of_any_length_is_read_as_far_as_it_goes() {
    let press = Press::open().await;
    let long = format!("User-agent: *\nDisallow: /no\n{}", "# nothing here\n".repeat(100_000));
    press.set("long.example", "/robots.txt", Answer::robots(&long));
    press.set("long.example", "*", Answer::page("x"));
    let client = press.client();
    assert!(client.page(&at("long.example", "/yes"), None).await.is_ok());
    assert_eq!(client.page(&at("long.example", "/no"), None).await.unwrap_err().kind, FailureKind::Robots);
}
