//! Stories are looked at again: what is an edit, what is gone, and what it costs the publisher.

use std::collections::HashSet;
use std::time::Duration;

use rusqlite::Connection;

use crate::newsroom::{Newsroom, Story, column, host};
use crate::press::Answer;

/// One publisher with one story, stored, and due for another look.
async fn newsroom(more: &str) -> (Newsroom, Story) {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], more);
    let story = Story::new(1);
    newsroom.publish(2, std::slice::from_ref(&story));
    run(&newsroom).await;
    all_due(&newsroom);
    (newsroom, story)
}

/// An hour passes.
fn all_due(newsroom: &Newsroom) {
    let db = Connection::open(newsroom.database()).unwrap();
    db.execute("UPDATE recheck SET due_at = '2024-08-05T16:20:00Z'", []).unwrap();
}

async fn run(newsroom: &Newsroom) {
    let ended = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
}

fn one(newsroom: &Newsroom, sql: &str) -> String {
    column(&newsroom.read(), sql).join(" ")
}

fn page(title: &str, head: &str, paragraphs: &[String]) -> Answer {
    let text = paragraphs.join("</p><p>");
    Answer::page(format!(
        "<html lang=\"en\"><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
    ))
}

/// Looks again at the one story, whose address answers like this now.
async fn look(newsroom: &Newsroom, story: &Story, answer: Answer) {
    newsroom.press.set(&host(2), &story.path(), answer);
    all_due(newsroom);
    let before = newsroom.press.paths(&host(2)).len();
    run(newsroom).await;
    let asked = newsroom.press.paths(&host(2));
    assert!(asked[before..].contains(&story.path()), "it was looked at again: {:?}", &asked[before..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_story_becomes_a_revision_and_keeps_its_id() {
    let (newsroom, story) = newsroom("").await;
    let seq: i64 = one(&newsroom, "SELECT max(seq) FROM changes").parse().unwrap();
    let mut edited = story.clone();
    edited.paragraphs[2] =
        "Correction: the vote was on the ninth, said the mayor, and not on the eighth of the month.".into();
    look(&newsroom, &story, page(&edited.title, "", &edited.paragraphs)).await;
    assert_eq!(one(&newsroom, "SELECT id || '/' || revision FROM articles"), "1/2");
    assert!(one(&newsroom, "SELECT text FROM articles").contains("the vote was on the ninth"));
    assert_eq!(one(&newsroom, "SELECT revision FROM revisions"), "1");
    assert!(one(&newsroom, "SELECT text FROM revisions").contains(&story.paragraphs[2]));
    assert_eq!(one(&newsroom, &format!("SELECT action FROM changes WHERE kind = 'article' AND seq > {seq}")), "edited");
    assert_eq!(one(&newsroom, "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'ninth'"), "1");
    let next = "SELECT round(24 * (julianday(due_at) - julianday(since))) FROM recheck";
    assert_eq!(one(&newsroom, next), "1", "it is looked at when it is an hour old all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_looks_different_is_no_edit() {
    let (newsroom, story) = newsroom("").await;
    let changes = one(&newsroom, "SELECT max(seq) FROM changes");
    let mut paragraphs: Vec<String> = story.paragraphs.iter().map(|text| text.replace(' ', " \u{a0}")).collect();
    paragraphs.insert(0, "Updated 22.11.2026 14:32".into());
    paragraphs.push("1,234 views".into());
    let head = "<meta property=\"og:image\" content=\"https://pictures.example/other.jpg\">";
    look(&newsroom, &story, page(&story.title, head, &paragraphs)).await;
    assert_eq!(one(&newsroom, "SELECT revision || '/' || (gone_at IS NULL) FROM articles"), "1/1");
    assert_eq!(one(&newsroom, "SELECT max(seq) FROM changes"), changes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_the_same_is_asked_for_with_its_validator() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let story = Story::new(1);
    newsroom.publish(2, std::slice::from_ref(&story));
    let answer = page(&story.title, "", &story.paragraphs).with("etag", "\"7\"");
    newsroom.press.set(&host(2), &story.path(), answer);
    run(&newsroom).await;
    for _ in 0..2 {
        all_due(&newsroom);
        run(&newsroom).await;
    }
    let visits = newsroom.press.visits();
    let asked: Vec<_> =
        visits.iter().filter(|visit| visit.path == story.path()).map(|visit| visit.header("if-none-match")).collect();
    assert_eq!(asked, [None, Some("\"7\""), Some("\"7\"")]);
    assert_eq!(one(&newsroom, "SELECT revision FROM articles"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_that_is_gone_is_marked_and_may_come_back() {
    let (newsroom, story) = newsroom("").await;
    newsroom.press.set(&host(2), "/", page("Publisher 2", "", &Story::new(7).paragraphs));
    newsroom.press.set(&host(2), "/news/", page("News of the day", "", &Story::new(8).paragraphs));
    newsroom.press.set(&host(2), "/news/another.html", page(&Story::new(9).title, "", &Story::new(9).paragraphs));
    let soft =
        "We could not find what you asked for, which may have moved or never have been here at all, sorry.".to_owned();
    for gone in [
        Answer::status(404),
        Answer::status(410),
        Answer::redirect(302, "/"),
        Answer::redirect(301, "/news/"),
        Answer::redirect(301, "/news/another.html"),
        page("Page not found", "", &[soft]),
        Answer::page("<html><title>Removed</title><p>This story was removed.</p></html>"),
    ] {
        let told = format!("{gone:?}");
        look(&newsroom, &story, gone).await;
        assert_eq!(one(&newsroom, "SELECT gone_at IS NULL OR revision > 1 FROM articles"), "0", "{told}");
        let last = "SELECT action FROM changes WHERE kind = 'article' ORDER BY seq DESC LIMIT 1";
        assert_eq!(one(&newsroom, last), "edited", "{told}");
        assert_eq!(
            one(&newsroom, "SELECT count(*) FROM recheck WHERE due_at > since"),
            "1",
            "it is looked at once more"
        );
        look(&newsroom, &story, page(&story.title, "", &story.paragraphs)).await;
        assert_eq!(one(&newsroom, "SELECT gone_at IS NULL AND revision = 1 FROM articles"), "1", "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wall_or_an_ill_server_says_nothing_of_the_story() {
    let (newsroom, story) = newsroom("").await;
    newsroom.press.set(
        &host(2),
        "/login",
        page("Log in", "", &["Please log in to read this and all our stories.".into()]),
    );
    let changes = one(&newsroom, "SELECT max(seq) FROM changes");
    for answer in [
        Answer::status(403),
        Answer::status(429),
        Answer::status(500),
        Answer::status(503),
        Answer::redirect(302, "/login"),
        Answer::page("<html><title>Just a moment...</title><h1>Just a moment...</h1></html>")
            .with("cf-mitigated", "challenge"),
        Answer::page("<html><title>x</title><div class=\"paywall\">Subscribe to continue reading</div></html>"),
        Answer::page(
            "<html><title>Internal Server Error</title><h1>Internal Server Error</h1><p>The server could not answer, and it is very sorry about it indeed.</p></html>",
        ),
    ] {
        let told = format!("{answer:?}");
        newsroom.press.set(&host(2), &story.path(), answer);
        all_due(&newsroom);
        newsroom.run(&["run", "--once"]).await;
        assert_eq!(one(&newsroom, "SELECT gone_at IS NULL AND revision = 1 FROM articles"), "1", "{told}");
    }
    assert_eq!(one(&newsroom, "SELECT max(seq) FROM changes"), changes);
    look(&newsroom, &story, page(&story.title, "", &story.paragraphs)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paywall_put_up_later_does_not_take_the_text_away() {
    let (newsroom, story) = newsroom("").await;
    let whole = one(&newsroom, "SELECT text FROM articles");
    let head =
        "<script type=\"application/ld+json\">{\"@type\":\"NewsArticle\",\"isAccessibleForFree\":false}</script>";
    look(&newsroom, &story, page(&story.title, head, &story.paragraphs[..1])).await;
    assert_eq!(one(&newsroom, "SELECT text FROM articles"), whole);
    assert_eq!(one(&newsroom, "SELECT revision || (gone_at IS NULL) FROM articles"), "11");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_that_tells_something_else_now_changes_its_event() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2, 3], "");
    let (first, second) = (Story::new(1), Story::new(2));
    newsroom.publish(2, &[first.clone(), second.clone()]);
    newsroom.publish(3, std::slice::from_ref(&second));
    run(&newsroom).await;
    let event = "SELECT event_id FROM articles WHERE url LIKE '%127.0.0.2%story-1%'";
    let others = "SELECT DISTINCT event_id FROM articles WHERE url LIKE '%story-2%'";
    assert_ne!(one(&newsroom, event), one(&newsroom, others));
    newsroom.press.set(&host(2), &first.path(), page(&second.title, "", &second.paragraphs));
    all_due(&newsroom);
    run(&newsroom).await;
    assert_eq!(one(&newsroom, event), one(&newsroom, others));
    assert_eq!(one(&newsroom, "SELECT sum(article_count) FROM events WHERE merged_into IS NULL"), "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_story_that_keeps_its_event_is_found_by_its_new_words() {
    let (newsroom, story) = newsroom("").await;
    let signature = "SELECT hex(bytes) FROM signature";
    let (before, day) = (one(&newsroom, signature), one(&newsroom, "SELECT day FROM signature"));
    // Half of it is told anew; the event is the same.
    let other = Story::new(2);
    let mut edited = story.clone();
    edited.paragraphs.truncate(3);
    edited.paragraphs.extend_from_slice(&other.paragraphs[..3]);
    look(&newsroom, &story, page(&edited.title, "", &edited.paragraphs)).await;
    assert_eq!(one(&newsroom, "SELECT revision || '/' || event_id FROM articles"), "2/1");
    assert_ne!(one(&newsroom, signature), before);
    assert_eq!(one(&newsroom, "SELECT day FROM signature"), day);
    // A copy of the new version is recognised as one, though it has only some words in common with the old.
    newsroom.configure(&[2, 3], "");
    newsroom.publish(3, std::slice::from_ref(&edited));
    run(&newsroom).await;
    assert_eq!(one(&newsroom, "SELECT duplicate_of FROM articles WHERE publisher = '127.0.0.3'"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn old_stories_and_an_empty_list_plan_nothing() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let story = Story::new(1);
    newsroom.publish(2, std::slice::from_ref(&story));
    let head = "<meta property=\"article:published_time\" content=\"2024-08-05T16:20:00Z\">";
    newsroom.press.set(&host(2), &story.path(), page(&story.title, head, &story.paragraphs));
    run(&newsroom).await;
    assert_eq!(one(&newsroom, "SELECT (SELECT count(*) FROM article) || (SELECT count(*) FROM recheck)"), "10");

    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "[recheck]\nafter = []\n");
    newsroom.publish(2, std::slice::from_ref(&story));
    run(&newsroom).await;
    assert_eq!(one(&newsroom, "SELECT (SELECT count(*) FROM article) || (SELECT count(*) FROM recheck)"), "10");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_goes_before_what_is_looked_at_again() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let old: Vec<Story> = (0..6).map(Story::new).collect();
    newsroom.publish(2, &old);
    run(&newsroom).await;
    all_due(&newsroom);
    let all: Vec<Story> = (0..9).map(Story::new).collect();
    newsroom.publish(2, &all);
    newsroom.press.set(&host(2), "/rss", Answer::status(500));
    // The entries wait in the queue already when the run begins, as after a restart.
    let db = Connection::open(newsroom.database()).unwrap();
    for story in &all[6..] {
        let url = newsroom.url(2, &story.path());
        db.execute(
            "INSERT INTO entry (address, url, domain, feed_id, announced, next_attempt_at, announced_at) VALUES (?1, ?1, ?2, 1, '{}', ?3, ?3)",
            [&url, &host(2), "2024-08-05T16:20:00Z"],
        )
        .unwrap();
    }
    drop(db);
    let before = newsroom.press.paths(&host(2)).len();
    newsroom.run(&["run", "--once"]).await;
    let asked: Vec<String> =
        newsroom.press.paths(&host(2)).split_off(before).into_iter().filter(|path| path.contains("story")).collect();
    assert_eq!(asked.len(), 9, "{asked:?}");
    let new: HashSet<String> = all[6..].iter().map(Story::path).collect();
    assert_eq!(asked[..3].iter().cloned().collect::<HashSet<_>>(), new, "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn looks_keep_to_their_share_of_the_pace() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "[recheck]\nbudget = 0.5\n");
    let stories: Vec<Story> = (0..4).map(Story::new).collect();
    newsroom.publish(2, &stories);
    run(&newsroom).await;
    all_due(&newsroom);
    let config = std::fs::read_to_string(newsroom.config()).unwrap();
    std::fs::write(newsroom.config(), config.replace("per_host_delay = \"0s\"", "per_host_delay = \"150ms\"")).unwrap();
    let before = newsroom.press.visits().len();
    run(&newsroom).await;
    let visits = newsroom.press.visits().split_off(before);
    let looks: Vec<_> = visits.iter().filter(|visit| visit.path.contains("story")).collect();
    assert_eq!(looks.len(), 4);
    for two in looks.windows(2) {
        let apart = two[1].began - two[0].began;
        assert!(
            apart >= Duration::from_millis(225),
            "{apart:?}: half of the pace is a pause of 300 ms, less what a request takes to leave"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_between_looks_lose_none_and_repeat_only_what_was_under_way() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let stories: Vec<Story> = (0..30).map(Story::new).collect();
    newsroom.publish(2, &stories);
    run(&newsroom).await;
    all_due(&newsroom);
    let before = newsroom.press.visits().len();
    let kills = 6;
    for _ in 0..kills {
        let seen = newsroom.press.visits().len();
        let mut child = newsroom.command(&["run", "--once"]).spawn().unwrap();
        // In the middle: as soon as some stories were asked for.
        for _ in 0..200 {
            let asked = newsroom.press.visits();
            if asked[seen..].iter().filter(|visit| visit.path.contains("story")).count() >= 3 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        child.kill().unwrap();
        tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    }
    run(&newsroom).await;
    let looks = newsroom.press.visits().split_off(before);
    for story in &stories {
        assert!(looks.iter().any(|visit| visit.path == story.path()), "{} was forgotten", story.path());
    }
    assert_eq!(one(&newsroom, "SELECT count(*) FROM recheck WHERE due_at < since"), "0");
    assert_eq!(one(&newsroom, "SELECT count(*) || '/' || max(revision) FROM articles"), "30/1");
}
