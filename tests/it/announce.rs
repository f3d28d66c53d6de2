//! Feeds as publishers serve them, through the daemon: what becomes an entry, and what a feed's row says of it.

use std::fmt::Write as _;

use serde_json::Value;

use crate::newsroom::{Newsroom, Story, column, host};
use crate::press::Answer;

/// A publisher whose feed stands in the configuration with settings of its own.
async fn newsroom(path: &str, settings: &str) -> Newsroom {
    let newsroom = Newsroom::open().await;
    let url = newsroom.url(2, path);
    newsroom.configure(&[], &format!("[[feeds]]\nname = \"post\"\nurl = \"{url}\"\n{settings}\n"));
    newsroom
}

/// Stories 1 to `count` of publisher 2, with their pages.
fn stories(newsroom: &Newsroom, count: usize) -> Vec<Story> {
    let stories: Vec<Story> = (1..=count).map(Story::new).collect();
    newsroom.publish(2, &stories);
    stories
}

fn rss(items: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>Skellwick Post</title>{items}</channel></rss>")
}

fn item(newsroom: &Newsroom, story: &Story, more: &str) -> String {
    let url = newsroom.url(2, &story.path());
    format!("<item><title>{}</title><link>{url}</link>{more}</item>", story.title)
}

/// Polls once; gives the exit code and what was logged.
async fn run(newsroom: &Newsroom) -> (Option<i32>, String) {
    let ended = newsroom.run(&["run", "--once"]).await;
    (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
}

fn one(newsroom: &Newsroom, sql: &str) -> String {
    column(&newsroom.read(), sql).join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_page_finds_its_feed_and_says_so() {
    let newsroom = newsroom("/", "").await;
    stories(&newsroom, 1);
    let home = "<html><head><title>Home</title><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/rss\"></head></html>";
    newsroom.press.set(&host(2), "/", Answer::page(home));
    let (code, told) = run(&newsroom).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("a web page stands in for a feed") && told.contains("/rss"), "{told}");
    assert_eq!(one(&newsroom, "SELECT url FROM feeds"), newsroom.url(2, "/rss"));
    assert_eq!(one(&newsroom, "SELECT count(*) FROM articles"), "1");
    run(&newsroom).await;
    let homes = newsroom.press.paths(&host(2)).iter().filter(|path| *path == "/").count();
    assert_eq!(homes, 1, "the feed itself is polled from then on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_gone_twice_is_retired_and_keeps_its_entries() {
    let newsroom = newsroom("/rss", "").await;
    stories(&newsroom, 1);
    run(&newsroom).await;
    newsroom.press.set(&host(2), "/rss", Answer::status(410));
    assert_eq!(run(&newsroom).await.0, Some(3));
    assert_eq!(one(&newsroom, "SELECT state FROM feeds"), "failing");
    run(&newsroom).await;
    assert_eq!(one(&newsroom, "SELECT state || ifnull(next_poll_at, '') FROM feeds"), "retired");
    let error = one(&newsroom, "SELECT last_error FROM feeds");
    assert!(error.contains("410"), "{error}");
    assert_eq!(one(&newsroom, "SELECT count(*) FROM articles"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_under_a_new_etag_are_no_news() {
    let newsroom = newsroom("/rss", "").await;
    let body = rss(&item(&newsroom, &stories(&newsroom, 1)[0], ""));
    newsroom.press.set_each(
        &host(2),
        "/rss",
        vec![Answer::feed(body.clone()).with("etag", "\"1\""), Answer::feed(body).with("etag", "\"2\"")],
    );
    run(&newsroom).await;
    let changes = one(&newsroom, "SELECT max(seq) FROM changes");
    let before = newsroom.press.paths(&host(2)).len();
    let (code, told) = run(&newsroom).await;
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(&newsroom.press.paths(&host(2))[before..], ["/rss"]);
    assert_eq!(one(&newsroom, "SELECT max(seq) FROM changes"), changes);
    assert_eq!(one(&newsroom, "SELECT state || failures_in_row FROM feeds"), "active0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_feed_keeps_its_entries_and_is_asked_for_whole_again() {
    let newsroom = newsroom("/rss", "").await;
    let stories = stories(&newsroom, 3);
    let items: Vec<String> = stories.iter().map(|story| item(&newsroom, story, "")).collect();
    let whole = rss(&items.concat());
    let cut = whole[..whole.find(&items[2]).unwrap() + 20].to_owned();
    // The server does not know that it was cut off: the validator is the same.
    let answers = [cut, whole].map(|body| Answer::feed(body).with("etag", "\"1\""));
    newsroom.press.set_each(&host(2), "/rss", answers.to_vec());
    run(&newsroom).await;
    assert_eq!(one(&newsroom, "SELECT count(*) FROM articles"), "2");
    run(&newsroom).await;
    assert_eq!(one(&newsroom, "SELECT count(*) FROM articles"), "3");
    let polls: Vec<_> = newsroom.press.visits().into_iter().filter(|visit| visit.path == "/rss").collect();
    assert!(polls.iter().all(|poll| poll.header("if-none-match").is_none()), "{polls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn news_sitemaps_and_indexes_of_sitemaps_are_feeds() {
    for path in ["/news.xml", "/index.xml"] {
        let newsroom = newsroom(path, "").await;
        let stories = stories(&newsroom, 2);
        let mut entries = String::new();
        for story in &stories {
            let url = newsroom.url(2, &story.path());
            let _ = write!(
                entries,
                "<url><loc>{url}</loc><n:news><n:publication><n:name>Post</n:name><n:language>en</n:language></n:publication>\
                 <n:publication_date>2024-08-05T16:20:00Z</n:publication_date><n:title>{}</n:title></n:news></url>",
                story.title
            );
        }
        let sitemap = format!(
            "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:n=\"http://www.google.com/schemas/sitemap-news/0.9\">{entries}</urlset>"
        );
        let index = format!(
            "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><sitemap><loc>{}</loc></sitemap></sitemapindex>",
            newsroom.url(2, "/news.xml")
        );
        newsroom.press.set(&host(2), "/news.xml", Answer::feed(sitemap));
        newsroom.press.set(&host(2), "/index.xml", Answer::feed(index));
        let (code, told) = run(&newsroom).await;
        assert_eq!(code, Some(0), "{path}: {told}");
        assert_eq!(
            one(&newsroom, "SELECT count(*) || ' ' || min(published_at) FROM articles"),
            "2 2024-08-05T16:20:00Z",
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn include_and_exclude_choose_by_address_and_title() {
    let newsroom =
        newsroom("/rss", "include = ['story-[123]\\.html', 'Special']\nexclude = ['story-2', '(?i)live blog']").await;
    let titles = ["Plain", "Plain", "A Live Blog", "Special report", "Plain"];
    let mut items = String::new();
    for (story, title) in stories(&newsroom, 5).iter().zip(titles) {
        let _ = write!(items, "<item><title>{title}</title><link>{}</link></item>", newsroom.url(2, &story.path()));
    }
    newsroom.press.set(&host(2), "/rss", Answer::feed(rss(&items)));
    run(&newsroom).await;
    let urls = column(&newsroom.read(), "SELECT url FROM entries ORDER BY url");
    assert_eq!(urls, [1, 4].map(|n| newsroom.url(2, &Story::new(n).path())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feeds_headers_reach_its_origin_only() {
    let newsroom = newsroom("/rss", "headers = { X-Api-Key = \"secret\" }").await;
    newsroom.publish(3, &[Story::new(1)]);
    let there = newsroom.url(3, &Story::new(1).path());
    let body = rss(&format!("<item><title>Story</title><link>{there}</link></item>"));
    newsroom.press.set(&host(2), "/rss", Answer::redirect(302, &newsroom.url(3, "/moved")));
    newsroom.press.set(&host(3), "/moved", Answer::feed(body));
    let (code, told) = run(&newsroom).await;
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(one(&newsroom, "SELECT count(*) FROM articles"), "1");
    let mut asked = 0;
    for visit in newsroom.press.visits() {
        match visit.header("x-api-key") {
            Some(key) => {
                assert_eq!((key, visit.host.as_str()), ("secret", host(2).as_str()), "{}", visit.path);
                asked += usize::from(visit.path == "/rss");
            }
            None => assert_ne!(visit.path, "/rss"),
        }
    }
    assert_eq!(asked, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_without_a_zone_are_in_the_feeds_timezone() {
    let newsroom = newsroom("/rss", "timezone = \"Asia/Baghdad\"").await;
    let stories = stories(&newsroom, 2);
    let items = item(&newsroom, &stories[0], "<pubDate>Mon, 05 Aug 2024 18:00:00</pubDate>")
        + &item(&newsroom, &stories[1], "<pubDate>Mon, 05 Aug 2024 18:00:00 +0100</pubDate>");
    newsroom.press.set(&host(2), "/rss", Answer::feed(rss(&items)));
    run(&newsroom).await;
    assert_eq!(
        one(&newsroom, "SELECT published_at FROM articles ORDER BY published_at"),
        "2024-08-05T15:00:00Z 2024-08-05T17:00:00Z"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn variants_of_one_address_are_one_entry() {
    let newsroom = newsroom("/rss", "content = \"feed\"").await;
    let poll = |urls: &[&str]| {
        let text = Story::new(1).paragraphs.join("</p><p>");
        let items: String = urls
            .iter()
            .map(|url| {
                let url = url.replace('&', "&amp;");
                format!("<item><title>Ferry back in service</title><link>{url}</link><description><![CDATA[<p>{text}</p>]]></description></item>")
            })
            .collect();
        newsroom.press.set(&host(2), "/rss", Answer::feed(rss(&items)));
    };
    poll(&[
        "https://www.post.example/news/ferry",
        "http://m.post.example/news/ferry/",
        "https://post.example/news/ferry?utm_source=rss",
    ]);
    let (code, told) = run(&newsroom).await;
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(one(&newsroom, "SELECT count(*) FROM entries"), "1");
    poll(&[
        "http://post.example/news/ferry/",
        "https://www.post.example/news/ferry/amp/",
        "https://www.post.example/news/other",
    ]);
    run(&newsroom).await;
    assert_eq!(one(&newsroom, "SELECT count(*) FROM entries"), "2", "and later polls know it again");
    assert_eq!(newsroom.press.paths(&host(2)), ["/rss", "/rss"], "the feed carries the text");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_online_tells_which_feeds_answer() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2, 3], "");
    newsroom.publish(2, &[Story::new(1), Story::new(2)]);
    newsroom.press.set(&host(3), "/rss", Answer::status(500));
    let checked = newsroom.run(&["check", "--online", "--json"]).await;
    assert_eq!(checked.status.code(), Some(3), "{}", String::from_utf8_lossy(&checked.stderr));
    let shown: Value = serde_json::from_slice(&checked.stdout).unwrap();
    let online = |n: usize| shown["feeds"][n]["online"].clone();
    assert_eq!((&online(0)["ok"], &online(0)["found"]), (&true.into(), &"rss with 2 entries".into()));
    assert_eq!(online(1)["ok"], false);
    assert!(online(1)["error"].as_str().unwrap().contains("500"), "{}", online(1));
    assert!(!newsroom.database().exists(), "nothing is stored");
    newsroom.publish(3, &[Story::new(3)]);
    assert_eq!(newsroom.run(&["check", "--online"]).await.status.code(), Some(0));
}
