//! The faults of the world: each is survived, or stops the run with a clear message and exit code; once it is healed, what is expected is in the
//! database, with no step by hand.

mod clock;
mod database;
mod disk;
mod network;
mod panics;
mod servers;
mod world;

use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;

use crate::newsroom::{Newsroom, Story, column};

/// Waits are short, so that what is put off is due in the next run.
const SHORT: &str = "[schedule]\nmin_interval = \"1s\"\nmax_interval = \"1s\"\n";

/// Stories of publisher `n`.
fn stories(n: u8, count: usize) -> Vec<Story> {
    (0..count).map(|story| Story::new(100 * usize::from(n) + story)).collect()
}

/// Every story of every publisher once, each entry stored, the database sound, and no change missing or twice.
fn converged(newsroom: &Newsroom, publishers: &[u8], count: usize) -> Result<(), String> {
    let db = newsroom.read();
    let expected: BTreeSet<String> = publishers
        .iter()
        .flat_map(|&n| stories(n, count).into_iter().map(move |story| newsroom.url(n, &story.path())))
        .collect();
    let check = |sql: &str, expect: Vec<String>| {
        let got = column(&db, sql);
        if got == expect { Ok(()) } else { Err(format!("{sql}: {got:?}, not {expect:?}")) }
    };
    check("SELECT url FROM articles ORDER BY url", expected.iter().cloned().collect())?;
    check("SELECT count(*) FROM entries WHERE state <> 'stored'", vec!["0".into()])?;
    check(
        "SELECT count(*) FROM changes WHERE action = 'added' AND kind = 'article'",
        vec![expected.len().to_string()],
    )?;
    check("SELECT max(seq) - count(*) FROM changes", vec!["0".into()])?;
    check("SELECT sum(article_count) FROM events WHERE merged_into IS NULL", vec![expected.len().to_string()])?;
    check("SELECT max(revision) FROM articles", vec!["1".into()])?;
    check("PRAGMA integrity_check", vec!["ok".into()])?;
    check("PRAGMA foreign_key_check", Vec::new())
}

/// Runs once and again until all is there; gives back the exit codes on the way.
async fn converge(newsroom: &Newsroom, publishers: &[u8], count: usize) -> Vec<Option<i32>> {
    let mut codes = Vec::new();
    for _ in 0..8 {
        let ended = newsroom.run(&["run", "--once"]).await;
        codes.push(ended.status.code());
        match converged(newsroom, publishers, count) {
            Ok(()) => return codes,
            Err(missing) if codes.len() == 8 => panic!("{missing}\n{}", String::from_utf8_lossy(&ended.stderr)),
            Err(_) => tokio::time::sleep(Duration::from_millis(1_100)).await,
        }
    }
    codes
}

/// The daemon on this newsroom, until [`end`].
fn daemon(newsroom: &Newsroom) -> Child {
    newsroom.command(&["run"]).stdout(Stdio::null()).spawn().unwrap()
}

/// Asks a daemon to stop; gives back its exit code and what it logged.
async fn end(child: Child) -> (Option<i32>, String) {
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    ended(child).await
}

async fn ended(child: Child) -> (Option<i32>, String) {
    let process = child.id().to_string();
    let mut waiting = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    let output = tokio::select! {
        output = &mut waiting => output,
        // One that should have ended and did not fails its test, by having no exit code, instead of holding up all.
        () = tokio::time::sleep(Duration::from_secs(120)) => {
            Command::new("kill").args(["-KILL", &process]).status().unwrap();
            waiting.await
        }
    };
    let output = output.unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..400 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}

fn articles(newsroom: &Newsroom) -> i64 {
    if !newsroom.database().exists() {
        return 0;
    }
    let Ok(db) = Connection::open_with_flags(newsroom.database(), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY) else {
        return 0;
    };
    db.query_row("SELECT count(*) FROM article", [], |row| row.get(0)).unwrap_or(0)
}
