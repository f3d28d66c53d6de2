//! The commands from outside: what they print, and their exit codes.

use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::newsroom::{Newsroom, Story, column, dateline, host, json_lines, piped};
use crate::press::Answer;

fn run(arguments: &[&str], folder: &std::path::Path) -> Output {
    dateline(arguments).current_dir(folder).output().unwrap()
}

fn filter(arguments: &[&str], input: &str) -> Vec<Value> {
    let ended = piped(arguments, input);
    assert!(matches!(ended.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&ended.stderr));
    json_lines(&ended.stdout)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn wrong_usage_ends_with_2_and_bad_configuration_with_78() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&["runn"], folder.path()).status.code(), Some(2));
    assert_eq!(run(&["clean"], folder.path()).status.code(), Some(2));
    let missing = run(&["check"], folder.path());
    assert_eq!(missing.status.code(), Some(78));
    assert!(text(&missing.stderr).contains("config/dateline.toml"), "{}", text(&missing.stderr));
    std::fs::write(folder.path().join("bad.toml"), "[fetch]\nconcurency = 1\n[shedule]\n").unwrap();
    for command in ["check", "run", "status"] {
        let refused = run(&[command, "--config", "bad.toml"], folder.path());
        assert_eq!(refused.status.code(), Some(78), "{command}");
        let told = text(&refused.stderr);
        assert!(told.contains("line 2: `fetch.concurency` is not known; did you mean `concurrency`?"), "{told}");
        assert!(told.contains("line 3: `shedule` is not known; did you mean `schedule`?"), "{told}");
    }
}

#[test]
fn both_configurations_of_the_repository_are_good() {
    let folder = tempfile::tempdir().unwrap();
    for (file, feeds) in [("config/dateline.toml", 20), ("config/dateline.example.toml", 1)] {
        let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
        let checked = run(&["check", "--json", "--config", &path], folder.path());
        assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
        let shown: Value = serde_json::from_slice(&checked.stdout).unwrap();
        assert!(shown["feeds"].as_array().unwrap().len() >= feeds, "{file}");
    }
}

#[test]
fn every_command_explains_itself() {
    let folder = tempfile::tempdir().unwrap();
    for command in [
        "run", "backfill", "demo", "status", "check", "events", "search", "discover", "feeds", "feed", "clean", "group",
    ] {
        let help = run(&[command, "--help"], folder.path());
        assert_eq!(help.status.code(), Some(0), "{command}");
        assert!(text(&help.stdout).lines().count() > 5, "{command}");
    }
}

#[test]
fn the_demo_tells_its_events_and_where_the_database_lies() {
    let folder = tempfile::tempdir().unwrap();
    let demo = run(&["demo"], folder.path());
    assert_eq!(demo.status.code(), Some(0), "{}", text(&demo.stderr));
    let told = text(&demo.stdout);
    assert!(told.contains("dateline-demo.db") && told.contains("Try next"), "{told}");
    let events: Value = serde_json::from_slice(
        &run(&["events", "--json", "--limit", "100", "--database", "dateline-demo.db"], folder.path()).stdout,
    )
    .unwrap();
    assert!(events.as_array().unwrap().iter().any(|event| event["publisher_count"].as_i64() >= Some(5)));
    let first = events[0]["id"].to_string();
    let one: Value = serde_json::from_slice(
        &run(&["events", &first, "--json", "--database", "dateline-demo.db"], folder.path()).stdout,
    )
    .unwrap();
    assert_eq!(one["id"], events[0]["id"]);
    // A second demo replaces the first one's database; a database of somebody else is kept.
    assert_eq!(run(&["demo"], folder.path()).status.code(), Some(0));
    std::fs::write(folder.path().join("mine.db"), "not a database of ours").unwrap();
    assert_eq!(run(&["demo", "--database", "mine.db"], folder.path()).status.code(), Some(1));
    assert_eq!(std::fs::read(folder.path().join("mine.db")).unwrap(), b"not a database of ours");
}

#[test]
fn clean_is_a_filter_that_keeps_order_and_says_why_not() {
    let page = |title: &str| {
        let paragraph =
            "The harbour master said that the ferry would sail again on Tuesday, once divers had looked at the hull.";
        format!(
            "<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{paragraph}</p><p>{paragraph} Twice.</p></article></body></html>"
        )
    };
    let lines = [
        serde_json::json!({ "id": "a", "url": "https://www.ferry.example/1", "html": page("Ferry to sail") })
            .to_string(),
        serde_json::json!({ "id": 7, "url": null, "html": "<p>nothing" }).to_string(),
        serde_json::json!({ "id": "c", "url": null, "path": "/no/such/file.html.gz" }).to_string(),
        "{broken".to_owned(),
    ];
    let answers = filter(&["clean", "--jsonl"], &lines.join("\n"));
    assert_eq!(answers.len(), 4);
    assert_eq!(
        (&answers[0]["id"], &answers[0]["error"], &answers[0]["title"]),
        (&"a".into(), &Value::Null, &"Ferry to sail".into())
    );
    assert_eq!(answers[0]["publisher"], "ferry.example");
    assert_eq!(answers[1]["id"], 7);
    for answer in &answers[1..] {
        assert!(answer["error"].is_string() && answer["text"].is_null() && answer["title"].is_null(), "{answer}");
    }
    let fields: Vec<&String> = answers[0].as_object().unwrap().keys().collect();
    let mut expected: Vec<&str> = "id error url canonical_url publisher title subtitle authors published_at published_precision modified_at language \
                                   dateline attribution categories image text"
        .split_whitespace()
        .collect();
    expected.sort_unstable();
    let mut fields: Vec<&str> = fields.into_iter().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, expected);
}

#[test]
fn group_is_a_filter_over_articles_and_over_pairs() {
    let story = "Divers found a crack in the hull of the ferry Morven on Monday, a day after it ran aground off Gull Point with 212 people \
                 aboard. The harbour master of Skellwick said that nobody was hurt and that the ship would be towed to the yard.";
    let other = "The council of Aldermere voted to close the old library in spring. Readers had gathered 4,000 names against it.";
    let line = |id: &str, title: &str, text: &str| serde_json::json!({ "id": id, "title": title, "text": text, "published_at": "2024-05-20T15:00:00Z" });
    let input = format!(
        "{}\n{}\n{}\n",
        line("a", "Crack found in ferry", story),
        line("b", "Library to close", other),
        line("c", "Crack found in ferry", story)
    );
    let answers = filter(&["group", "--jsonl"], &input);
    assert_eq!(answers[0]["event_id"], answers[2]["event_id"]);
    assert_ne!(answers[0]["event_id"], answers[1]["event_id"]);
    assert_eq!((&answers[0]["duplicate_of"], &answers[2]["duplicate_of"]), (&Value::Null, &"a".into()));
    let pair = serde_json::json!({ "id": 1, "a": line("a", "Crack found in ferry", story), "b": line("b", "Library to close", other) });
    let answers = filter(&["group", "--pairs", "--jsonl"], &pair.to_string());
    assert_eq!((&answers[0]["id"], &answers[0]["same"]), (&1.into(), &false.into()));
    assert!(
        answers[0]["score"].as_f64().is_some_and(|score| (0.0..=1.0).contains(&score)) && answers[0]["why"].is_array()
    );
}

#[test]
fn copies_that_arrive_latest_first_are_copies_of_the_earliest() {
    let text = "Divers found a crack in the hull of the ferry Morven on Monday, a day after it ran aground off Gull Point with 212 people \
                aboard. The harbour master of Skellwick said that nobody was hurt and that the ship would be towed to the yard.";
    let line = |day: u32| serde_json::json!({ "id": day, "title": "Crack found in ferry", "text": text, "published_at": format!("2024-05-{day}T15:00:00Z") });
    let input = format!("{}\n{}\nno article\n{}\n", line(22), line(21), line(20));
    let answers = filter(&["group", "--jsonl"], &input);
    let originals: Vec<&Value> = answers.iter().map(|answer| &answer["duplicate_of"]).collect();
    assert_eq!(originals, [&20.into(), &20.into(), &Value::Null, &Value::Null]);
}

#[test]
fn feed_prints_one_object_or_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let rss = "<rss version=\"2.0\"><channel><title>Skellwick Post</title><item><title>Ferry &amp; crew safe</title><link>/1</link>\
               <pubDate>Mon, 20 May 2024 15:00:00 +0100</pubDate></item></channel></rss>";
    std::fs::write(folder.path().join("feed.xml"), rss).unwrap();
    let shown = run(&["feed", "feed.xml", "--base", "https://post.example/rss"], folder.path());
    let feed: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!((&feed["format"], &feed["title"]), (&"rss".into(), &"Skellwick Post".into()));
    assert_eq!(feed["entries"][0]["title"], "Ferry & crew safe");
    assert_eq!(feed["entries"][0]["url"], "https://post.example/1");
    assert_eq!(feed["entries"][0]["published_at"], "2024-05-20T14:00:00Z");
    std::fs::write(folder.path().join("page.html"), "<html><body>Hello</body></html>").unwrap();
    assert_eq!(run(&["feed", "page.html"], folder.path()).status.code(), Some(1));
}

#[test]
fn feeds_go_out_as_opml_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let feed =
        |name: &str| format!("[[feeds]]\nname = \"{name}\"\nurl = \"https://{name}.example/rss\"\ngroup = \"World\"\n");
    std::fs::write(folder.path().join("a.toml"), feed("alpha") + &feed("beta")).unwrap();
    std::fs::write(folder.path().join("b.toml"), feed("beta")).unwrap();
    assert_eq!(run(&["feeds", "export", "list.opml", "--config", "a.toml"], folder.path()).status.code(), Some(0));
    let imported = run(&["feeds", "import", "list.opml", "--config", "b.toml"], folder.path());
    assert_eq!(imported.status.code(), Some(0), "{}", text(&imported.stderr));
    assert!(
        text(&imported.stdout).starts_with("1 feeds added to b.toml, 1 were there already"),
        "{}",
        text(&imported.stdout)
    );
    let checked = run(&["check", "--json", "--config", "b.toml"], folder.path());
    let shown: Value = serde_json::from_slice(&checked.stdout).unwrap();
    let names: Vec<&str> = shown["feeds"].as_array().unwrap().iter().filter_map(|feed| feed["name"].as_str()).collect();
    assert_eq!(names, ["beta", "alpha"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn discover_prints_blocks_that_can_be_configured() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], "");
    newsroom.publish(2, &[Story::new(1)]);
    let home = "<html><head><title>Home</title><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/rss\" title=\"Post\"></head></html>";
    newsroom.press.set(&host(2), "/", Answer::page(home));
    let found = newsroom.run(&["discover", &newsroom.url(2, "/")]).await;
    assert_eq!(found.status.code(), Some(0), "{}", text(&found.stderr));
    assert!(text(&found.stdout).contains(&format!("url = \"{}\"", newsroom.url(2, "/rss"))), "{}", text(&found.stdout));
    newsroom.configure(&[], &text(&found.stdout));
    let ended = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert_eq!(column(&newsroom.read(), "SELECT count(*) FROM articles"), ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_feed_does_not_stop_the_others() {
    let newsroom = Newsroom::open().await;
    let forbidden = "[[feeds]]\nname = \"inside\"\nurl = \"http://10.1.2.3/rss\"\n[[feeds]]\nname = \"page\"\nurl = \"";
    newsroom.configure(&[2, 3], &format!("{forbidden}{}\"\n", newsroom.url(4, "/")));
    newsroom.publish(2, &[Story::new(1)]);
    newsroom.press.set(&host(3), "/rss", Answer::status(500));
    newsroom.press.set(
        &host(4),
        "/",
        Answer::page("<html><head><title>Home</title></head><body><p>Welcome</p></body></html>"),
    );
    let ended = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ended.status.code(), Some(3));
    let status = newsroom.run(&["status", "--json"]).await;
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    let error = |name: &str| {
        let feeds = status["feeds"].as_array().unwrap();
        feeds.iter().find(|feed| feed["name"] == name).unwrap()["last_error"].as_str().unwrap_or("none").to_owned()
    };
    assert_eq!(error("feed-2"), "none");
    assert!(error("feed-3").contains("500"), "{}", error("feed-3"));
    assert!(error("inside").contains("public"), "{}", error("inside"));
    assert!(error("page").contains("a web page"), "{}", error("page"));
    assert_eq!(status["totals"]["articles"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_announcement_brings_a_new_revision_and_a_changed_guid_nothing() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let mut story = Story::new(1);
    newsroom.publish(2, std::slice::from_ref(&story));
    newsroom.run(&["run", "--once"]).await;
    story.title = format!("{} again", story.title);
    story.paragraphs[2] =
        "A last sentence was put in place of another one, and says that the vote was counted twice.".to_owned();
    newsroom.publish(2, std::slice::from_ref(&story));
    newsroom.run(&["run", "--once"]).await;
    let db = newsroom.read();
    assert_eq!(column(&db, "SELECT id || '/' || revision FROM articles"), ["1/2"]);
    assert_eq!(column(&db, "SELECT title FROM articles"), [story.title.clone()]);
    assert_eq!(
        column(&db, "SELECT article_id || '/' || revision || '/' || title FROM revisions"),
        [format!("1/1/{}", Story::new(1).title)]
    );
    assert_eq!(column(&db, "SELECT action FROM changes WHERE kind = 'article' ORDER BY seq"), ["added", "edited"]);
    let url = newsroom.url(2, &story.path());
    let item =
        format!("<item><title>{}</title><link>{url}?utm_source=rss</link><guid>other</guid></item>", story.title);
    newsroom.press.set(
        &host(2),
        "/rss",
        Answer::feed(format!("<rss version=\"2.0\"><channel><title>x</title>{item}</channel></rss>")),
    );
    let before = newsroom.press.paths(&host(2)).len();
    newsroom.run(&["run", "--once"]).await;
    assert_eq!(&newsroom.press.paths(&host(2))[before..], ["/rss"]);
    assert_eq!(column(&newsroom.read(), "SELECT count(*) FROM entries"), ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_stops_on_sigterm_and_reloads_on_sighup() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    newsroom.publish(2, &[Story::new(1)]);
    newsroom.publish(3, &[Story::new(2)]);
    let mut child = newsroom.command(&["run"]).stderr(Stdio::null()).spawn().unwrap();
    let signal = |name: &str| {
        let sent = std::process::Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    };
    wait_for(&newsroom, "SELECT count(*) FROM articles", "1").await;
    let second = newsroom.run(&["run", "--once"]).await;
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains(&format!("process {}", child.id())), "{}", text(&second.stderr));
    std::fs::write(newsroom.config(), "[fetch]\nnonsense = 1\n").unwrap();
    signal("-HUP");
    newsroom.configure(&[2, 3], "");
    signal("-HUP");
    wait_for(&newsroom, "SELECT count(*) FROM articles", "2").await;
    let began = Instant::now();
    signal("-TERM");
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    assert_eq!(ended.code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(10));
}

/// Waits until a query on the database gives the value.
async fn wait_for(newsroom: &Newsroom, sql: &str, value: &str) {
    let limit = Instant::now() + Duration::from_secs(30);
    loop {
        if newsroom.database().exists() {
            let found = std::panic::catch_unwind(|| column(&newsroom.read(), sql));
            if found.is_ok_and(|found| found == [value]) {
                return;
            }
        }
        assert!(Instant::now() < limit, "`{sql}` did not become {value}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
