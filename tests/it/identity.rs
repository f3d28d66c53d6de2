//! Which announcements are one article: by address, by guid, by content.

use std::fmt::Write as _;

use crate::newsroom::{Newsroom, Story, column, host};
use crate::press::Answer;

/// Announces addresses of publisher 2, each with its page.
fn announce(newsroom: &Newsroom, pages: &[(&str, &str, String)]) {
    let mut items = String::new();
    for (path, guid, html) in pages {
        let url = newsroom.url(2, path).replace('&', "&amp;");
        let _ = write!(
            items,
            "<item><title>Item {guid}</title><link>{url}</link><guid isPermaLink=\"false\">{guid}</guid></item>"
        );
        newsroom.press.set(&host(2), path, Answer::page(html.clone()));
    }
    newsroom.press.set(
        &host(2),
        "/rss",
        Answer::feed(format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>")),
    );
}

fn page(story: &Story, head: &str) -> String {
    let text = story.paragraphs.join("</p><p>");
    format!(
        "<html><head><title>{0}</title>{head}</head><body><article><h1>{0}</h1><p>{text}</p></article></body></html>",
        story.title
    )
}

async fn run(newsroom: &Newsroom) {
    let ended = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canonical_address_that_every_page_claims_is_not_believed() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let head = format!("<link rel=\"canonical\" href=\"{}\">", newsroom.url(2, "/news/latest-story-of-all"));
    let pages: Vec<(String, Story)> = (0..4).map(|n| (format!("/news/{n}/story.html"), Story::new(n))).collect();
    let announced: Vec<(&str, &str, String)> =
        pages.iter().map(|(path, story)| (path.as_str(), path.as_str(), page(story, &head))).collect();
    announce(&newsroom, &announced);
    run(&newsroom).await;
    let db = newsroom.read();
    assert_eq!(column(&db, "SELECT count(*) || '/' || max(revision) FROM articles"), ["4/1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_story_at_two_addresses_of_a_publisher_is_one_article() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let html = page(&Story::new(1), "<meta property=\"article:published_time\" content=\"2024-08-05T10:00:00Z\">");
    announce(&newsroom, &[("/news/1.html", "a", html.clone()), ("/print/1.html", "b", html)]);
    run(&newsroom).await;
    let db = newsroom.read();
    assert_eq!(column(&db, "SELECT count(*) FROM articles"), ["1"]);
    assert_eq!(column(&db, "SELECT count(*) FROM entries WHERE state = 'stored'"), ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_whose_guids_are_all_the_same_or_new_each_time_loses_and_repeats_nothing() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let story = |n: usize| page(&Story::new(n), "");
    announce(&newsroom, &[("/a.html", "same", story(1)), ("/b.html", "same", story(2)), ("/c.html", "same", story(3))]);
    run(&newsroom).await;
    assert_eq!(column(&newsroom.read(), "SELECT count(*) FROM articles"), ["3"]);
    let item = |path: &str, guid: &str| {
        format!("<item><title>Item same</title><link>{}</link><guid>{guid}</guid></item>", newsroom.url(2, path))
    };
    let items = item("/a.html", "x1") + &item("/b.html", "x2") + &item("/c.html", "x3");
    newsroom.press.set(
        &host(2),
        "/rss",
        Answer::feed(format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>")),
    );
    let before = newsroom.press.paths(&host(2)).len();
    run(&newsroom).await;
    assert_eq!(&newsroom.press.paths(&host(2))[before..], ["/rss"]);
    assert_eq!(column(&newsroom.read(), "SELECT count(*) FROM articles"), ["3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn guids_that_number_a_list_are_no_longer_believed_after_a_few_readings() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    // The newest is first and pushes the others down; all have one title, as a column has, and the date of the day.
    let list = |newest: usize| -> Vec<usize> { (newest.saturating_sub(3)..=newest).rev().collect() };
    let read = async |newest: usize| {
        let items: String = (list(newest).iter().zip(1..))
            .map(|(story, place)| {
                let url = newsroom.url(2, &format!("/{story}.html"));
                newsroom.press.set(&host(2), &format!("/{story}.html"), Answer::page(page(&Story::new(*story), "")));
                format!(
                    "<item><title>The weather</title><link>{url}</link><guid isPermaLink=\"false\">{place}</guid>\
                     <pubDate>Mon, 05 Aug 2024 00:00:00 GMT</pubDate></item>"
                )
            })
            .collect();
        let rss = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
        newsroom.press.set(&host(2), "/rss", Answer::feed(rss));
        run(&newsroom).await;
        column(&newsroom.read(), "SELECT count(*) FROM articles").remove(0)
    };
    for newest in 3..=7 {
        read(newest).await;
    }
    assert_eq!(read(8).await, "9", "each report is one of its own, those that were taken for others before, too");
    let pages = newsroom.press.paths(&host(2)).iter().filter(|path| path.as_str() == "/8.html").count();
    assert_eq!(pages, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_article_through_two_feeds_and_with_tracking_parameters_is_one() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], &format!("[[feeds]]\nname = \"second\"\nurl = \"{}\"\n", newsroom.url(2, "/rss2")));
    announce(&newsroom, &[("/a.html", "a", page(&Story::new(1), ""))]);
    let item = format!(
        "<item><title>Other words for it</title><link>{}?utm_source=x&amp;fbclid=1#top</link></item>",
        newsroom.url(2, "/a.html")
    );
    newsroom.press.set(
        &host(2),
        "/rss2",
        Answer::feed(format!("<rss version=\"2.0\"><channel><title>t</title>{item}</channel></rss>")),
    );
    newsroom.press.set(&host(2), "/a.html?utm_source=x&fbclid=1", Answer::page(page(&Story::new(1), "")));
    for _ in 0..3 {
        run(&newsroom).await;
    }
    let db = newsroom.read();
    assert_eq!(column(&db, "SELECT count(*) FROM entries"), ["1"]);
    assert_eq!(column(&db, "SELECT count(*) || '/' || max(revision) FROM articles"), ["1/1"]);
    let pages = newsroom.press.paths(&host(2)).iter().filter(|path| path.starts_with("/a.html")).count();
    assert_eq!(pages, 1, "two feeds' words for one page are no reason to fetch it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_in_the_future_gives_way_to_the_time_of_fetching() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    newsroom.press.set(&host(2), "/a.html", Answer::page(page(&Story::new(1), "")));
    let item = format!(
        "<item><title>Story</title><link>{}</link><pubDate>Tue, 05 Aug 2098 10:00:00 GMT</pubDate></item>",
        newsroom.url(2, "/a.html")
    );
    newsroom.press.set(
        &host(2),
        "/rss",
        Answer::feed(format!("<rss version=\"2.0\"><channel><title>t</title>{item}</channel></rss>")),
    );
    run(&newsroom).await;
    let db = newsroom.read();
    assert_eq!(column(&db, "SELECT published_at = fetched_at FROM articles"), ["1"]);
}
