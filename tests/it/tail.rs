//! `dateline tail`: complete, resumable, quick, and quiet when nobody reads any more.

mod ends;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::filled::{Library, Told};
use crate::newsroom::{column, dateline, processor_time, read_only};

const ARTICLE_KEYS: &str = "attribution authors canonical_url categories dateline duplicate_of event_id feed fetched_at gone_at id image language \
                            modified_at published_at published_precision publisher revision seq subtitle text title url word_count";
const EVENT_KEYS: &str = "article_count first_published_at id languages last_published_at lead_article_id merged_into publisher_count seq title";

fn story(number: usize) -> (String, String) {
    (format!("Ferry {number} sails again"), format!("Ferry number {number} left Skellwick on Monday."))
}

fn tell(library: &mut Library, number: usize) -> (i64, i64) {
    tell_at(library, number, "2024-05-20T15:00:00Z")
}

fn tell_first(library: &mut Library, count: usize) {
    for number in 0..count {
        tell(library, number);
    }
}

fn tell_at(library: &mut Library, number: usize, at: &str) -> (i64, i64) {
    let (title, text) = story(number);
    library.tell(&Told { publisher: "post.example", title: &title, text: &text, at: Some(at), ..Told::default() })
}

fn tail(database: &Path, more: &[&str]) -> (Vec<Value>, Option<i32>, String) {
    let mut command = dateline(&["tail", "--database"]);
    let ended = command.arg(database).args(more).output().unwrap();
    let lines = String::from_utf8(ended.stdout).unwrap();
    let told = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (told, ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
}

fn seqs(changes: &[Value]) -> Vec<i64> {
    changes.iter().map(|change| change["seq"].as_i64().unwrap()).collect()
}

/// A follower whose lines arrive in a channel.
struct Follower {
    child: Child,
    lines: Receiver<Value>,
}

impl Follower {
    fn start(database: &Path, more: &[&str]) -> Self {
        let mut command = dateline(&["tail", "--follow", "--database"]);
        let mut child = command.arg(database).args(more).spawn().unwrap();
        let output = child.stdout.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // The last line of a killed follower may be cut short.
                let Ok(value) = serde_json::from_str(&line) else { break };
                if sender.send(value).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    fn next(&self) -> Value {
        self.lines.recv_timeout(Duration::from_secs(30)).unwrap()
    }

    fn end(mut self) -> (Option<i32>, String) {
        end(&mut self.child)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Waits for the end, half a minute at most: exit code and what it wrote to stderr.
fn end(child: &mut Child) -> (Option<i32>, String) {
    let limit = Instant::now() + Duration::from_secs(30);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > limit {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    (child.wait().unwrap().code(), told)
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("news.db");
    (folder, database)
}

fn keys(value: &Value) -> String {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys.join(" ")
}

#[test]
fn every_change_is_told_once_in_order_with_the_record_as_it_is_now() {
    let (_folder, database) = folder();
    let mut library = Library::open(&database, &[]);
    let (first, _) = tell(&mut library, 1);
    let (_, event) = tell(&mut library, 2);
    library.edit(first, "Ferry 1 stays in port", "The ferry did not sail after all.", "2024-05-20T16:00:00Z");
    let (all, code, _) = tail(&database, &[]);
    assert_eq!(code, Some(0));
    let db = read_only(&database);
    assert_eq!(
        seqs(&all).iter().map(i64::to_string).collect::<Vec<_>>(),
        column(&db, "SELECT seq FROM changes ORDER BY seq")
    );
    for change in &all {
        let (kind, expected) = match change["kind"].as_str().unwrap() {
            "article" => ("article", ARTICLE_KEYS),
            _ => ("event", EVENT_KEYS),
        };
        let mut own = ["action", "at", "id", "kind", "seq", kind];
        own.sort_unstable();
        assert_eq!(keys(change), own.join(" "));
        assert_eq!(keys(&change[kind]), expected);
        assert_eq!(change["id"], change[kind]["id"]);
    }
    // The first change of the edited article shows what the article is now.
    assert_eq!(all[0]["action"], "added");
    assert_eq!(
        (&all[0]["article"]["title"], &all[0]["article"]["revision"]),
        (&"Ferry 1 stays in port".into(), &2.into())
    );
    assert!(all[0]["article"]["authors"].is_array());

    let third = seqs(&all)[2];
    let (after, _, _) = tail(&database, &["--after", &third.to_string()]);
    assert_eq!(after, all[3..]);
    let (limited, _, _) = tail(&database, &["--limit", "2"]);
    assert_eq!(limited, all[..2]);
    let (events, _, _) = tail(&database, &["--kind", "event"]);
    assert!(events.iter().all(|change| change["event"].is_object()));
    let (articles, _, _) = tail(&database, &["--kind", "article"]);
    assert_eq!(events.len() + articles.len(), all.len());

    // What was deleted meanwhile is null; the change itself stays.
    let writing = rusqlite::Connection::open(&database).unwrap();
    writing.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    writing.execute("DELETE FROM event WHERE id = ?1", [event]).unwrap();
    let (pruned, code, _) = tail(&database, &["--kind", "event"]);
    assert_eq!((pruned.len(), code), (events.len(), Some(0)));
    assert!(pruned.iter().any(|change| change["id"] == event && change["event"].is_null()));
}

#[test]
fn a_position_beyond_the_end_is_refused_and_a_missing_database_named() {
    let (_folder, database) = folder();
    let (_, code, told) = tail(&database, &[]);
    assert_eq!(code, Some(1));
    assert!(told.contains("no database at"), "{told}");
    tell(&mut Library::open(&database, &[]), 1);
    for more in [&["--after", "99"][..], &["--after", "99", "--follow"]] {
        let (none, code, told) = tail(&database, more);
        assert_eq!((none.len(), code), (0, Some(1)));
        assert!(told.contains("start over with --after 0"), "{told}");
    }
}

#[test]
fn a_follower_waits_for_the_database_and_tells_a_change_within_a_second() {
    let (_folder, database) = folder();
    let follower = Follower::start(&database, &["--kind", "article"]);
    let mut library = Library::open(&database, &[]);
    tell(&mut library, 0);
    assert_eq!(follower.next()["article"]["title"], story(0).0);
    let mut quickest = Duration::MAX;
    for number in 1..6 {
        tell(&mut library, number);
        let began = Instant::now();
        assert_eq!(follower.next()["article"]["title"], story(number).0);
        quickest = quickest.min(began.elapsed());
    }
    // On a busy machine one may be late; that all are is a fault.
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_follower_that_waits_sleeps() {
    let (_folder, database) = folder();
    tell(&mut Library::open(&database, &[]), 1);
    let follower = Follower::start(&database, &["--kind", "article"]);
    follower.next();
    // It may still be on its way to bed.
    std::thread::sleep(Duration::from_millis(500));
    let (began, before) = (Instant::now(), work(&follower.child));
    std::thread::sleep(Duration::from_secs(2));
    let (slept, after) = (began.elapsed().as_secs_f64(), work(&follower.child));
    let (wakes, worked) = (after.0 - before.0, after.1.saturating_sub(before.1));
    // Five a second are meant, and some may be the kernel's own. A busy machine makes both fewer, never more. One that never woke would not be waiting.
    assert!(wakes > 0 && f64::from(wakes) < 20.0 * slept, "{wakes} wake-ups in {slept:.1} s");
    // A loop that never sleeps has no wake-ups, and works all the time.
    assert!(worked.as_secs_f64() < 0.1 * slept, "{worked:?} of the processor in {slept:.1} s");
}

/// How often a process went to sleep of its own accord (proc(5)), and its processor time.
#[cfg(target_os = "linux")]
fn work(child: &Child) -> (u32, Duration) {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let sleeps = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
    (sleeps.trim().parse().unwrap(), processor_time(child.id()).unwrap())
}

#[test]
fn a_follower_that_is_killed_goes_on_where_it_was() {
    let (_folder, database) = folder();
    let mut library = Library::open(&database, &[]);
    let mut seen: Vec<i64> = Vec::new();
    for round in 0..4 {
        let after = seen.last().copied().unwrap_or(0).to_string();
        let follower = Follower::start(&database, &["--after", &after]);
        for number in 0..3 {
            tell(&mut library, 10 * round + number);
        }
        // Killed with some of its lines read.
        seen.extend((0..=round).map(|_| follower.next()["seq"].as_i64().unwrap()));
    }
    let (rest, _, _) = tail(&database, &["--after", &seen.last().unwrap().to_string()]);
    seen.extend(seqs(&rest));
    let all = column(&read_only(&database), "SELECT seq FROM changes ORDER BY seq");
    assert_eq!(seen.iter().map(i64::to_string).collect::<Vec<_>>(), all);
}

#[test]
fn when_nobody_reads_any_more_it_ends_quietly_also_while_nothing_happens() {
    let (_folder, database) = folder();
    tell(&mut Library::open(&database, &[]), 1);
    let mut child =
        dateline(&["tail", "--follow", "--database"]).arg(&database).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut first).unwrap();
    drop(output);
    let (code, told) = end(&mut child);
    assert_eq!((code, told.as_str()), (Some(0), ""));
}

#[test]
fn a_database_put_in_place_of_another_is_told_apart_from_a_copy_of_the_same() {
    let (folder, database) = folder();
    let mut library = Library::open(&database, &[]);
    tell(&mut library, 1);
    drop(library);
    let follower = Follower::start(&database, &["--kind", "article"]);
    follower.next();
    // A copy with more in it, put in place by a rename, as a restore does.
    let copy = folder.path().join("copy.db");
    read_only(&database).execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    let mut library = Library::open(&copy, &[]);
    tell(&mut library, 2);
    library.checkpoint();
    drop(library);
    put(&copy, &database);
    assert_eq!(follower.next()["article"]["title"], story(2).0);
    // Another database altogether.
    let other = folder.path().join("other.db");
    let mut library = Library::open(&other, &[]);
    for number in 20..30 {
        tell_at(&mut library, number, "2025-01-07T09:00:00Z");
    }
    library.checkpoint();
    drop(library);
    put(&other, &database);
    let (code, told) = follower.end();
    assert_eq!(code, Some(1));
    assert!(told.contains("is another database, or an older copy"), "{told}");
}

/// Puts `from` in the place of `to`, with what lies beside it.
fn put(from: &Path, to: &Path) {
    for suffix in ["-wal", "-shm", ""] {
        let with = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        std::fs::rename(with(from), with(to)).unwrap();
    }
}
