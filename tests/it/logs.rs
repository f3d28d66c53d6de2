//! What a program that reads the log gets: `--log json`.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::newsroom::{Newsroom, Story, host};
use crate::press::Answer;

/// An object in which no key stands twice: JSON parsers differ on what that means.
struct Line(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Line;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Line, A::Error> {
                let mut line = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, Value>()? {
                    assert!(line.insert(key.clone(), value).is_none(), "{key} stands twice");
                }
                Ok(Line(line))
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

impl Line {
    fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

/// The lines of stderr, each checked to be what every line is.
fn lines(stderr: &[u8]) -> Vec<Line> {
    let text = std::str::from_utf8(stderr).unwrap();
    let read = |line: &str| serde_json::from_str::<Line>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let lines: Vec<Line> = text.lines().map(read).collect();
    for line in &lines {
        let at = line.text("timestamp");
        assert!(at.ends_with('Z') && at.parse::<jiff::Timestamp>().is_ok(), "{at}");
        assert!(["ERROR", "WARN", "INFO", "DEBUG", "TRACE"].contains(&line.text("level")));
        assert!(!line.text("message").is_empty());
    }
    lines
}

fn of<'a>(lines: &'a [Line], message: &str) -> Vec<&'a Line> {
    lines.iter().filter(|line| line.text("message") == message).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_logs_one_object_a_line_and_one_line_a_poll_that_brought_news() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2, 3], "[schedule]\nmin_interval = \"1s\"\nmax_interval = \"1s\"\n");
    newsroom.publish(2, &[Story::new(1), Story::new(2)]);
    newsroom.press.set(&host(3), "/rss", Answer::status(503));
    let child = newsroom.command(&["run", "--log", "json"]).spawn().unwrap();
    let polls = |n: u8| newsroom.press.paths(&host(n)).iter().filter(|path| *path == "/rss").count();
    for _ in 0..600 {
        if polls(2) >= 4 && polls(3) >= 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(polls(2) >= 4, "three polls brought nothing");
    std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert!(ended.stdout.is_empty());
    let lines = lines(&ended.stderr);
    for message in ["dateline runs", "stopping: what is in flight may finish for some seconds", "dateline ends"] {
        assert_eq!(of(&lines, message).len(), 1, "{message}");
    }
    let news = of(&lines, "a poll brought news");
    assert_eq!(news.len(), 1);
    assert_eq!(news[0].keys(), ["feed", "known", "level", "message", "new", "next_poll_at", "timestamp"]);
    assert_eq!((news[0].text("feed"), news[0].text("level")), ("feed-2", "INFO"));
    assert_eq!((&news[0].0["new"], &news[0].0["known"]), (&2.into(), &0.into()), "numbers are numbers");
    let failed = of(&lines, "a poll failed");
    assert!(failed.len() >= 2);
    assert_eq!(
        failed[0].keys(),
        ["error", "failures_in_row", "feed", "level", "message", "next_poll_at", "timestamp", "url"]
    );
    assert!(failed.iter().all(|line| line.text("feed") == "feed-3" && line.text("level") == "WARN"));
    let others: Vec<&str> =
        lines.iter().map(|line| line.text("message")).filter(|text| text.contains("poll")).collect();
    assert_eq!(others.len(), news.len() + failed.len(), "polls that brought nothing are not told: {others:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_command_is_an_object_too() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    newsroom.press.set(&host(2), "/rss", Answer::status(503));
    let some_failed = newsroom.run(&["run", "--once", "--log", "json"]).await;
    assert_eq!(some_failed.status.code(), Some(3));
    assert_eq!(of(&lines(&some_failed.stderr), "dateline ends").len(), 1);

    let failed = newsroom.run(&["status", "--feed", "nobody", "--log", "json"]).await;
    assert_eq!(failed.status.code(), Some(1));
    let told = lines(&failed.stderr);
    assert_eq!((told.len(), told[0].text("message"), told[0].text("level")), (1, "dateline failed", "ERROR"));
    assert!(told[0].text("error").contains("no feed `nobody`"));

    newsroom.configure(&[2], "[schedule]\nmin_interval = \"soon\"\n[metrics]\nport = 1\n");
    let faulty = newsroom.run(&["run", "--log", "json"]).await;
    assert_eq!(faulty.status.code(), Some(78));
    let told = lines(&faulty.stderr);
    assert_eq!(of(&told, "the configuration is faulty").len(), 2, "one a fault");
    assert!(told[0].text("fault").contains("schedule.min_interval"));
}
