//! The client against the press: what is fetched, from whom, how politely, and how every fault ends.

mod crowd;
mod guarded;
mod hostile;
mod polite;
mod secure;

use dateline::fetch::{Condition, FailureKind, FeedHeaders, PollRequest, Polled, Validators};

use url::Url;

use crate::press::{Answer, Press, at};

fn poll_at(url: &Url) -> PollRequest {
    PollRequest { url: url.clone(), headers: None, condition: Condition::Unconditional }
}

fn poll(host: &str, path: &str) -> PollRequest {
    poll_at(&at(host, path))
}

#[tokio::test]
async fn a_poll_gets_a_body_once_and_not_modified_after() {
    let press = Press::open().await;
    press.set(
        "alpha.example",
        "/feed",
        Answer::feed("<rss/>").with("etag", "\"1\"").with("cache-control", "max-age=600"),
    );
    let client = press.client();
    let Polled::Body(body) = client.poll(&poll("alpha.example", "/feed")).await.unwrap() else { panic!("a body") };
    assert_eq!(body.bytes, b"<rss/>");
    assert_eq!(body.content_type.as_deref(), Some("application/rss+xml"));
    assert_eq!(body.validators, Validators { etag: Some("\"1\"".into()), last_modified: None });
    assert_eq!(body.fresh_for.unwrap().as_secs(), 600);

    let again =
        PollRequest { condition: Condition::IfChanged(body.validators.clone()), ..poll("alpha.example", "/feed") };
    let Polled::NotModified(unchanged) = client.poll(&again).await.unwrap() else { panic!("not modified") };
    assert_eq!(unchanged.validators, body.validators);
    assert_eq!(press.connections(), 1, "the connection is used again");
}

#[tokio::test]
async fn robots_txt_is_asked_once_and_obeyed() {
    let press = Press::open().await;
    press.set("alpha.example", "/robots.txt", Answer::robots("User-agent: dateline\nDisallow: /private"));
    press.set("alpha.example", "*", Answer::page("<p>story</p>"));
    let client = press.client();
    assert_eq!(client.page(&at("alpha.example", "/1"), None).await.unwrap().bytes, b"<p>story</p>");
    assert!(client.page(&at("alpha.example", "/2"), None).await.is_ok());
    let failure = client.page(&at("alpha.example", "/private/3"), None).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Robots);
    assert!(failure.to_string().contains("robots"), "{failure}");
    assert_eq!(press.paths("alpha.example"), ["/robots.txt", "/1", "/2"]);
}

#[tokio::test]
async fn what_belongs_to_a_feed_stays_with_its_origin() {
    let press = Press::open().await;
    press.set("alpha.example", "/feed", Answer::redirect(302, "/moved"));
    press.set("alpha.example", "/moved", Answer::redirect(302, "http://beta.example/feed"));
    press.set("beta.example", "/feed", Answer::redirect(302, "http://alpha.example/back"));
    press.set("alpha.example", "/back", Answer::feed("<rss/>"));
    let url = Url::parse("http://user:secret@alpha.example/feed").unwrap();
    let headers = FeedHeaders::new(&url, [("X-API-Key", "key-of-alpha")]).unwrap();
    let request = PollRequest { url, headers: Some(headers), condition: Condition::Unconditional };
    press.client().poll(&request).await.unwrap();
    let seen: Vec<_> = press
        .visits()
        .iter()
        .map(|visit| (visit.path.clone(), visit.header("x-api-key").is_some(), visit.header("authorization").is_some()))
        .collect();
    let expect = [("/feed", true, true), ("/moved", true, true), ("/feed", false, false), ("/back", false, false)];
    assert_eq!(seen, expect.map(|(path, key, credentials)| (path.to_owned(), key, credentials)));
    assert!(press.visits().iter().all(|visit| visit.header("referer").is_none() && visit.header("cookie").is_none()));
}
