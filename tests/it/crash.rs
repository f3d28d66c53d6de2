//! `kill -9` in the middle of ingestion: nothing lost, nothing twice.

use std::time::Duration;

use crate::newsroom::{Newsroom, Story, column, host};
use crate::press::Answer;

/// Kills in one run of the test.
const KILLS: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn thirty_kills_lose_nothing_and_repeat_nothing() {
    let newsroom = Newsroom::open().await;
    let publishers = [2, 3, 4];
    newsroom.configure(&publishers, "[schedule]\nmin_interval = \"1s\"\n");
    let mut stories: Vec<Story> = (0..20).map(Story::new).collect();
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    for kill in 0..KILLS {
        stories.extend((0..4).map(|n| Story::new(1_000 * (kill + 1) + n)));
        for &n in &publishers {
            newsroom.publish(n, &stories);
        }
        let mut child = newsroom.command(&["run", "--once"]).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(chance.below(120))).await;
        child.kill().unwrap();
        tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    }
    let ended = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));

    let db = newsroom.read();
    let mut expected: Vec<String> = publishers
        .iter()
        .flat_map(|&n| stories.iter().map(move |story| (n, story.path())))
        .map(|(n, path)| newsroom.url(n, &path))
        .collect();
    expected.sort_unstable();
    assert_eq!(column(&db, "SELECT url FROM articles ORDER BY url"), expected);
    assert_eq!(column(&db, "SELECT DISTINCT state FROM entries"), ["stored"]);
    assert_eq!(column(&db, "SELECT count(*) FROM entries"), [expected.len().to_string()]);
    assert_eq!(column(&db, "PRAGMA integrity_check"), ["ok"]);
    assert!(column(&db, "PRAGMA foreign_key_check").is_empty());
    // Every article was added once, in one event, and no sequence number is missing or repeated.
    assert_eq!(
        column(&db, "SELECT count(*) FROM changes WHERE kind = 'article' AND action = 'added'"),
        [expected.len().to_string()]
    );
    assert_eq!(column(&db, "SELECT max(seq) - count(*) FROM changes"), ["0"]);
    assert_eq!(
        column(&db, "SELECT sum(article_count) FROM events WHERE merged_into IS NULL"),
        [expected.len().to_string()]
    );
    // Three publishers carry the same text: one event a story, two copies each.
    assert_eq!(
        column(&db, "SELECT count(*) FROM articles WHERE duplicate_of IS NOT NULL"),
        [(2 * stories.len()).to_string()]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_fails_stays_queued_and_is_told_by_exit_3() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let stories: Vec<Story> = (0..3).map(Story::new).collect();
    newsroom.publish(2, &stories);
    newsroom.press.set(&host(2), &stories[1].path(), Answer::status(503));
    let ended = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ended.status.code(), Some(3), "{}", String::from_utf8_lossy(&ended.stderr));
    let db = newsroom.read();
    assert_eq!(column(&db, "SELECT state || attempts FROM entries ORDER BY url"), ["stored1", "queued1", "stored1"]);
    assert_eq!(column(&db, "SELECT next_attempt_at > announced_at FROM entries WHERE state = 'queued'"), ["1"]);
}

/// A chance that is the same in every run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
