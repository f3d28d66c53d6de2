//! Servers that answer as none should.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{SHORT, converge, converged, stories};
use crate::newsroom::{Newsroom, column, host, processor_time};
use crate::press::{Answer, Step};

fn head(length: usize) -> Step {
    Step::Send(format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n").into())
}

/// What a server does wrong before it does right.
fn broken_answers() -> Vec<(&'static str, Answer)> {
    let text = |text: &str| Step::Send(text.to_owned().into());
    let body = text("<html><body><p>The mayor of Tarn said");
    vec![
        ("a reset at once", Answer::script(vec![Step::Reset])),
        ("a reset in the head", Answer::script(vec![text("HTTP/1.1 200 O"), Step::Reset])),
        ("a reset in the body", Answer::script(vec![head(9_000), body.clone(), Step::Reset])),
        ("an end in the body", Answer::script(vec![head(9_000), body.clone()])),
        ("a length that is wrong", Answer::script(vec![head(900_000), body.clone()])),
        (
            "a cut chunk",
            Answer::script(vec![text("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n<html>")]),
        ),
        ("a length that is no number", Answer::script(vec![text("HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n")])),
        ("no HTTP", Answer::script(vec![text("220 mail.example ESMTP\r\n")])),
        ("a broken compression", Answer::coded("gzip", "this is not gzip")),
        ("500", Answer::status(500)),
        ("502", Answer::status(502)),
        ("503", Answer::status(503).with("retry-after", "1")),
        ("504", Answer::status(504)),
        ("408", Answer::status(408)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_answers_are_tried_again_until_the_server_is_well() {
    let newsroom = Newsroom::open().await;
    let (publishers, count): (Vec<u8>, usize) = ((2..=15).collect(), 3);
    newsroom.configure(&publishers, SHORT);
    for (&n, (_, broken)) in publishers.iter().zip(broken_answers()) {
        let stories = stories(n, count);
        newsroom.publish(n, &stories);
        // The feed fails first, then one of its pages; the others are well.
        let rss = newsroom.press.answer(&host(n), "/rss").unwrap();
        newsroom.press.set_each(&host(n), "/rss", vec![broken.clone(), rss]);
        let page = newsroom.press.answer(&host(n), &stories[1].path()).unwrap();
        newsroom.press.set_each(&host(n), &stories[1].path(), vec![broken, page]);
    }
    let codes = converge(&newsroom, &publishers, count).await;
    assert_eq!(codes.first(), Some(&Some(3)), "what failed is told: {codes:?}");
    assert_eq!(codes.last(), Some(&Some(0)), "{codes:?}");
    let feeds = column(&newsroom.read(), "SELECT DISTINCT state || failures_in_row FROM feeds");
    assert_eq!(feeds, ["active0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stalls_does_not_hold_up_the_others() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2, 3], SHORT);
    for n in [2, 3] {
        newsroom.publish(n, &stories(n, 3));
    }
    let config = std::fs::read_to_string(newsroom.config()).unwrap();
    std::fs::write(newsroom.config(), config.replace("[fetch]\n", "[fetch]\ntimeout = \"1s\"\n")).unwrap();
    let stalled = &stories(2, 3)[0];
    let page = newsroom.press.answer(&host(2), &stalled.path()).unwrap();
    for stall in [
        Answer::script(vec![Step::Hang]),
        Answer::script(vec![head(9_000), Step::Hang]),
        Answer::script(vec![head(9_000), Step::Drip(b"x".to_vec(), Duration::from_millis(20))]),
    ] {
        newsroom.press.set(&host(2), &stalled.path(), stall);
        let ended = newsroom.run(&["run", "--once"]).await;
        assert_eq!(ended.status.code(), Some(3), "{}", String::from_utf8_lossy(&ended.stderr));
        assert_eq!(column(&newsroom.read(), "SELECT count(*) FROM articles"), ["5"]);
        tokio::time::sleep(Duration::from_millis(1_100)).await;
    }
    newsroom.press.set(&host(2), &stalled.path(), page);
    assert_eq!(converge(&newsroom, &[2, 3], 3).await.last(), Some(&Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn guids_that_change_with_every_poll_make_nothing_new() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SHORT);
    let stories = stories(2, 4);
    newsroom.publish(2, &stories);
    for poll in 0..5 {
        let items: String = stories
            .iter()
            .enumerate()
            .map(|(place, story)| {
                let url = newsroom.url(2, &story.path());
                format!(
                    "<item><title>{}</title><link>{url}</link><guid isPermaLink=\"false\">{poll}-{place}</guid></item>",
                    story.title
                )
            })
            .collect();
        let rss = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
        newsroom.press.set(&host(2), "/rss", Answer::feed(rss));
        assert_eq!(newsroom.run(&["run", "--once"]).await.status.code(), Some(0));
    }
    converged(&newsroom, &[2], 4).unwrap();
    let pages = newsroom.press.paths(&host(2)).iter().filter(|path| path.contains("story")).count();
    assert_eq!(pages, 4, "no page was fetched twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_breaks_the_rules_of_a_page_costs_itself_alone() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SHORT);
    let stories = stories(2, 3);
    newsroom.publish(2, &stories);
    let deep = "<div>".repeat(300_000);
    newsroom.press.set(&host(2), &stories[1].path(), Answer::page(format!("<html><p>The mayor{deep}")));
    let ended = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    let states = column(&newsroom.read(), "SELECT state FROM entries ORDER BY url");
    assert_eq!(states, ["stored", "rejected", "stored"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_slow_servers_uses_no_processor() {
    let newsroom = Newsroom::open().await;
    // More than may be under way at once.
    let publishers: Vec<u8> = (2..=46).collect();
    newsroom.configure(&publishers, SHORT);
    for &n in &publishers {
        let stories = stories(n, 3);
        newsroom.publish(n, &stories);
        for story in stories {
            let page = newsroom.press.answer(&host(n), &story.path()).unwrap();
            newsroom.press.set(&host(n), &story.path(), page.after(Duration::from_millis(300)));
        }
    }
    let config = std::fs::read_to_string(newsroom.config()).unwrap();
    std::fs::write(newsroom.config(), config.replace("[fetch]\n", "[fetch]\nconcurrency = 8\n")).unwrap();
    let began = Instant::now();
    let mut run = newsroom.command(&["run", "--once"]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let mut worked = Duration::ZERO;
    while run.try_wait().unwrap().is_none() {
        worked = processor_time(run.id()).unwrap_or(worked);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let took = began.elapsed();
    assert!(took > Duration::from_secs(4), "nobody had to wait: {took:?}");
    assert!(worked * 2 < took, "{worked:?} of the processor in {took:?} of waiting");
}
