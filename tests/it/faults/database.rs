//! A database that stands still, or whose files fail.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dateline::entry::Entry;
use dateline::store::{Sizes, Writer, size_text};
use jiff::Timestamp;
use rusqlite::Connection;

use super::{SHORT, articles, converge, converged, daemon, end, ended, eventually, stories};
use crate::newsroom::{Newsroom, column, read_only};

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_never_ends_does_not_stop_the_daemon() {
    let (newsroom, child) = collecting(2).await;
    let reader = read_only(&newsroom.database());
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(column(&reader, "SELECT count(*) FROM articles"), ["2"]);
    newsroom.publish(2, &stories(2, 30));
    eventually("thirty articles", || articles(&newsroom) == 30).await;
    assert_eq!(column(&reader, "SELECT count(*) FROM articles"), ["2"], "its view stands still");
    let (code, told) = end(child).await;
    assert_eq!(code, Some(0), "{told}");
    drop(reader);
    converged(&newsroom, &[2], 30).unwrap();
}

/// 2,000 entries while a reader holds a snapshot; `WAL_ENTRIES=20000 cargo test --release --test it a_wal_that_a_reader -- --nocapture` is the full form.
#[test]
fn a_wal_that_a_reader_holds_grows_is_reported_and_shrinks_when_the_reader_goes() {
    let entries: u32 = std::env::var("WAL_ENTRIES").ok().and_then(|number| number.parse().ok()).unwrap_or(2_000);
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("news.db");
    let mut writer = Writer::open(&db).unwrap();
    let now: Timestamp = "2024-08-05T16:20:00Z".parse().unwrap();
    let write = |writer: &mut Writer, range: std::ops::Range<u32>| {
        for first in range.step_by(100) {
            let batch = writer.batch().unwrap();
            for number in first..first + 100 {
                let mut entry = Entry::at(format!("https://a.example/{number}").parse().unwrap());
                entry.content = Some("The mayor of Tarn said so. ".repeat(150));
                batch.announce(None, &entry, now).unwrap();
            }
            batch.commit().unwrap();
        }
    };
    write(&mut writer, 0..entries);
    assert!(writer.checkpoint().unwrap());
    assert_eq!(writer.wal_bytes(), 0);
    let mut most = 0;
    let reader = read_only(&db);
    reader.execute_batch("BEGIN; SELECT count(*) FROM entries;").unwrap();
    for part in 1..=4 {
        write(&mut writer, entries * part..entries * (part + 1));
        assert!(!writer.checkpoint().unwrap(), "it could not be written back");
        assert!(writer.wal_bytes() > most, "it grows with what is written");
        most = writer.wal_bytes();
    }
    assert_eq!(Sizes::of(&db).wal_bytes, most, "`status` and the metrics tell");
    reader.execute_batch("COMMIT").unwrap();
    assert!(writer.checkpoint().unwrap());
    assert_eq!(writer.wal_bytes(), 0);
    eprintln!("{} entries of 4 KB beside a reader: a WAL of {}", 4 * entries, size_text(most));
}

/// A daemon that has collected so many stories of publisher 2.
async fn collecting(count: u8) -> (Newsroom, Child) {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SHORT);
    newsroom.publish(2, &stories(2, count.into()));
    let child = daemon(&newsroom);
    eventually("the first articles", || articles(&newsroom) == i64::from(count)).await;
    (newsroom, child)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_another_process_locks_is_waited_for() {
    let (newsroom, child) = collecting(2).await;
    let other = Connection::open(newsroom.database()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    newsroom.publish(2, &stories(2, 12));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(articles(&newsroom), 2, "nothing is written meanwhile");
    other.execute_batch("ROLLBACK").unwrap();
    eventually("twelve articles", || articles(&newsroom) == 12).await;
    assert_eq!(end(child).await.0, Some(0));
    converged(&newsroom, &[2], 12).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wal_that_is_removed_under_the_daemon_stops_it_and_loses_nothing() {
    let (newsroom, child) = collecting(5).await;
    std::fs::remove_file(newsroom.folder.path().join("news.db-wal")).unwrap();
    newsroom.publish(2, &stories(2, 9));
    let (code, told) = ended(child).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("news.db-wal` was removed or replaced"), "{told}");
    assert_eq!(articles(&newsroom), 5, "what was committed is in the database file");
    converge(&newsroom, &[2], 9).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wal_that_is_removed_after_a_crash_costs_another_fetch() {
    let (newsroom, mut child) = collecting(5).await;
    child.kill().unwrap();
    ended(child).await;
    for suffix in ["-wal", "-shm"] {
        std::fs::remove_file(newsroom.folder.path().join(format!("news.db{suffix}"))).unwrap();
    }
    converge(&newsroom, &[2], 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_fail_stop_the_run_and_the_next_goes_on() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SHORT);
    newsroom.publish(2, &stories(2, 60));
    let mut stopped = 0;
    // Files may grow so far (in KiB) and no further: writing fails in the middle, each time a little later.
    for limit in [300, 500, 700, 900] {
        let inner = newsroom.command(&["run", "--once"]);
        let mut command = Command::new("bash");
        command
            .args(["-c", &format!("trap '' XFSZ; ulimit -f {limit}; exec \"$@\""), "bash"])
            .arg(inner.get_program())
            .args(inner.get_args())
            .current_dir(newsroom.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let (code, told) = ended(command.spawn().unwrap()).await;
        if code == Some(1) {
            stopped += 1;
            assert!(told.contains("the database refused") || told.contains("cannot open the database"), "{told}");
        }
    }
    assert!(stopped > 0, "no limit was met");
    converge(&newsroom, &[2], 60).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_does_not_end_is_broken_off_by_a_stop() {
    let (newsroom, child) = collecting(2).await;
    let other = Connection::open(newsroom.database()).unwrap();
    other.busy_timeout(Duration::from_secs(10)).unwrap();
    other
        .execute_batch(
            "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS last FROM n;
             CREATE TRIGGER endless AFTER INSERT ON article BEGIN UPDATE article SET word_count = (SELECT last FROM endless); END",
        )
        .unwrap();
    newsroom.publish(2, &stories(2, 12));
    // Whoever asks for the right to write is refused at once, time and again.
    other.busy_timeout(Duration::ZERO).unwrap();
    let mut refused = 0;
    for _ in 0..600 {
        refused = if other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_err() { refused + 1 } else { 0 };
        if refused == 20 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(refused, 20, "the statement goes on and on");
    let asked = std::time::Instant::now();
    let (code, told) = end(child).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("was broken off"), "{told}");
    eprintln!("the stop took {:.1} s", asked.elapsed().as_secs_f64());
    assert_eq!(articles(&newsroom), 2, "nothing half-done");
    other.busy_timeout(Duration::from_secs(10)).unwrap();
    other.execute_batch("DROP TRIGGER endless; DROP VIEW endless").unwrap();
    converge(&newsroom, &[2], 12).await;
}
