//! The faults of the world: each is survived, or stops the run with a clear message and exit code; once it is healed, what is expected is in the
//! database, with no step by hand.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dateline::daemon::{self, Daemon, Mode, Source};
use dateline::fetch::{Client, Resolver};
use dateline::pipeline::{self, FeedRules};
use dateline::schedule::{self, Rechecks};
use dateline::store::{Lock, Writer};
use rusqlite::Connection;
use tokio_util::sync::CancellationToken;

use crate::newsroom::{Newsroom, Story, column, host, read_only};
use crate::press::{Answer, Press, Step, at};

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

fn head(length: usize) -> Step {
    Step::Send(format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n").into())
}

/// What a server does wrong before it does right.
fn broken_answers() -> Vec<(&'static str, Answer)> {
    let text = |text: &str| Step::Send(text.to_owned().into());
    let body = text("<html><body><p>The mayor of Tarn said");
    vec![
        ("a reset at once", Answer::script(vec![Step::Reset])),
        ("a reset in the head", Answer::script(vec![text("HTTP/1.1 200 O"), Step::Reset])),
        ("a reset in the body", Answer::script(vec![head(9_000), body.clone(), Step::Reset])),
        ("an end in the body", Answer::script(vec![head(9_000), body.clone()])),
        ("a length that is wrong", Answer::script(vec![head(900_000), body.clone()])),
        (
            "a cut chunk",
            Answer::script(vec![text("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n<html>")]),
        ),
        ("a length that is no number", Answer::script(vec![text("HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n")])),
        ("no HTTP", Answer::script(vec![text("220 mail.example ESMTP\r\n")])),
        ("a broken compression", Answer::coded("gzip", "this is not gzip")),
        ("500", Answer::status(500)),
        ("502", Answer::status(502)),
        ("503", Answer::status(503).with("retry-after", "1")),
        ("504", Answer::status(504)),
        ("408", Answer::status(408)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_answers_are_tried_again_until_the_server_is_well() {
    let newsroom = Newsroom::open().await;
    let (publishers, count): (Vec<u8>, usize) = ((2..=15).collect(), 3);
    newsroom.configure(&publishers, SHORT);
    for (&n, (_, broken)) in publishers.iter().zip(broken_answers()) {
        let stories = stories(n, count);
        newsroom.publish(n, &stories);
        // The feed fails first, then one of its pages; the others are well.
        let rss = newsroom.press.answer(&host(n), "/rss").unwrap();
        newsroom.press.set_each(&host(n), "/rss", vec![broken.clone(), rss]);
        let page = newsroom.press.answer(&host(n), &stories[1].path()).unwrap();
        newsroom.press.set_each(&host(n), &stories[1].path(), vec![broken, page]);
    }
    let codes = converge(&newsroom, &publishers, count).await;
    assert_eq!(codes.first(), Some(&Some(3)), "what failed is told: {codes:?}");
    assert_eq!(codes.last(), Some(&Some(0)), "{codes:?}");
    let feeds = column(&newsroom.read(), "SELECT DISTINCT state || failures_in_row FROM feeds");
    assert_eq!(feeds, ["active0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stalls_does_not_hold_up_the_others() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2, 3], SHORT);
    for n in [2, 3] {
        newsroom.publish(n, &stories(n, 3));
    }
    let config = std::fs::read_to_string(newsroom.config()).unwrap();
    std::fs::write(newsroom.config(), config.replace("[fetch]\n", "[fetch]\ntimeout = \"1s\"\n")).unwrap();
    let stalled = &stories(2, 3)[0];
    let page = newsroom.press.answer(&host(2), &stalled.path()).unwrap();
    for stall in [
        Answer::script(vec![Step::Hang]),
        Answer::script(vec![head(9_000), Step::Hang]),
        Answer::script(vec![head(9_000), Step::Drip(b"x".to_vec(), Duration::from_millis(20))]),
    ] {
        newsroom.press.set(&host(2), &stalled.path(), stall);
        let ended = newsroom.run(&["run", "--once"]).await;
        assert_eq!(ended.status.code(), Some(3), "{}", String::from_utf8_lossy(&ended.stderr));
        assert_eq!(column(&newsroom.read(), "SELECT count(*) FROM articles"), ["5"]);
        tokio::time::sleep(Duration::from_millis(1_100)).await;
    }
    newsroom.press.set(&host(2), &stalled.path(), page);
    assert_eq!(converge(&newsroom, &[2, 3], 3).await.last(), Some(&Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn guids_that_change_with_every_poll_make_nothing_new() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SHORT);
    let stories = stories(2, 4);
    newsroom.publish(2, &stories);
    for poll in 0..5 {
        let items: String = stories
            .iter()
            .enumerate()
            .map(|(place, story)| {
                let url = newsroom.url(2, &story.path());
                format!(
                    "<item><title>{}</title><link>{url}</link><guid isPermaLink=\"false\">{poll}-{place}</guid></item>",
                    story.title
                )
            })
            .collect();
        let rss = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
        newsroom.press.set(&host(2), "/rss", Answer::feed(rss));
        assert_eq!(newsroom.run(&["run", "--once"]).await.status.code(), Some(0));
    }
    converged(&newsroom, &[2], 4).unwrap();
    let pages = newsroom.press.paths(&host(2)).iter().filter(|path| path.contains("story")).count();
    assert_eq!(pages, 4, "no page was fetched twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_breaks_the_rules_of_a_page_costs_itself_alone() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], SHORT);
    let stories = stories(2, 3);
    newsroom.publish(2, &stories);
    let deep = "<div>".repeat(300_000);
    newsroom.press.set(&host(2), &stories[1].path(), Answer::page(format!("<html><p>The mayor{deep}")));
    let ended = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    let states = column(&newsroom.read(), "SELECT state FROM entries ORDER BY url");
    assert_eq!(states, ["stored", "rejected", "stored"]);
}

/// Where the database stands still, or its disk does.
mod database {
    use super::*;

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
        let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
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
        let Ok(db) = Connection::open_with_flags(newsroom.database(), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
        else {
            return 0;
        };
        db.query_row("SELECT count(*) FROM article", [], |row| row.get(0)).unwrap_or(0)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_reader_that_never_ends_does_not_stop_the_daemon() {
        let newsroom = Newsroom::open().await;
        newsroom.configure(&[2], SHORT);
        newsroom.publish(2, &stories(2, 2));
        let child = daemon(&newsroom);
        eventually("two articles", || articles(&newsroom) == 2).await;
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

    #[tokio::test(flavor = "multi_thread")]
    async fn a_database_that_another_process_locks_is_waited_for() {
        let newsroom = Newsroom::open().await;
        newsroom.configure(&[2], SHORT);
        newsroom.publish(2, &stories(2, 2));
        let child = daemon(&newsroom);
        eventually("two articles", || articles(&newsroom) == 2).await;
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
        let newsroom = Newsroom::open().await;
        newsroom.configure(&[2], SHORT);
        newsroom.publish(2, &stories(2, 5));
        let child = daemon(&newsroom);
        eventually("five articles", || articles(&newsroom) == 5).await;
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
        let newsroom = Newsroom::open().await;
        newsroom.configure(&[2], SHORT);
        newsroom.publish(2, &stories(2, 5));
        let mut child = daemon(&newsroom);
        eventually("five articles", || articles(&newsroom) == 5).await;
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

    /// A small disk of its own; `None` (and said so) where this user may not mount one.
    struct SmallDisk(tempfile::TempDir);

    impl SmallDisk {
        fn mount(size: &str) -> Option<Self> {
            let folder = tempfile::tempdir().unwrap();
            let mounted = Command::new("mount")
                .args(["-t", "tmpfs", "-o", &format!("size={size}"), "dateline-test"])
                .arg(folder.path())
                .stderr(Stdio::null())
                .status();
            if mounted.is_ok_and(|status| status.success()) {
                return Some(Self(folder));
            }
            eprintln!("SKIPPED: only root may mount a small disk");
            None
        }

        fn fill(&self, leave_bytes: u64) {
            let free = dateline::store::free_bytes(self.0.path()).unwrap();
            std::fs::write(self.ballast(), vec![1; usize::try_from(free.saturating_sub(leave_bytes)).unwrap()])
                .unwrap();
        }

        fn ballast(&self) -> std::path::PathBuf {
            self.0.path().join("ballast")
        }
    }

    impl Drop for SmallDisk {
        fn drop(&mut self) {
            Command::new("umount").arg("-l").arg(self.0.path()).status().ok();
        }
    }

    /// The newsroom's database lies on that disk, behind a link that its folder holds.
    fn move_to(newsroom: &Newsroom, disk: &Path, min_free: &str) {
        let config = std::fs::read_to_string(newsroom.config()).unwrap();
        let here = newsroom.database().display().to_string();
        let there = disk.join("news.db").display().to_string();
        std::fs::write(
            newsroom.config(),
            config.replace(&here, &there).replace("[store]\n", &format!("[store]\nmin_free = \"{min_free}\"\n")),
        )
        .unwrap();
    }

    fn count(db: &Path) -> i64 {
        let Ok(db) = Connection::open_with_flags(db, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY) else { return 0 };
        db.query_row("SELECT count(*) FROM article", [], |row| row.get(0)).unwrap_or(0)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn little_room_pauses_fetching_until_there_is_more() {
        let Some(disk) = SmallDisk::mount("40m") else { return };
        let newsroom = Newsroom::open().await;
        newsroom.configure(&[2], SHORT);
        move_to(&newsroom, disk.0.path(), "10MB");
        let db = disk.0.path().join("news.db");
        newsroom.publish(2, &stories(2, 3));
        let child = daemon(&newsroom);
        eventually("three articles", || count(&db) == 3).await;
        disk.fill(5_000_000);
        tokio::time::sleep(Duration::from_secs(3)).await;
        newsroom.publish(2, &stories(2, 6));
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(count(&db), 3, "nothing is fetched meanwhile");
        let status = newsroom.run(&["status"]).await;
        assert!(
            String::from_utf8_lossy(&status.stdout).contains("PAUSED"),
            "{}",
            String::from_utf8_lossy(&status.stdout)
        );
        std::fs::remove_file(disk.ballast()).unwrap();
        eventually("six articles", || count(&db) == 6).await;
        let (code, told) = end(child).await;
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains("nearly full") && told.contains("room on the disk again"), "{told}");

        disk.fill(5_000_000);
        let once = newsroom.run(&["run", "--once"]).await;
        assert_eq!(once.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&once.stderr).contains("`store.min_free`"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_disk_stops_the_run_and_the_next_goes_on() {
        let Some(disk) = SmallDisk::mount("8m") else { return };
        let newsroom = Newsroom::open().await;
        newsroom.configure(&[2], SHORT);
        move_to(&newsroom, disk.0.path(), "1");
        let db = disk.0.path().join("news.db");
        newsroom.publish(2, &stories(2, 2));
        assert_eq!(newsroom.run(&["run", "--once"]).await.status.code(), Some(0));
        newsroom.publish(2, &stories(2, 80));
        disk.fill(150_000);
        let full = newsroom.run(&["run", "--once"]).await;
        let told = String::from_utf8_lossy(&full.stderr).into_owned();
        assert_eq!(full.status.code(), Some(1), "{told}");
        assert!(told.contains("no room left on the disk"), "{told}");
        std::fs::remove_file(disk.ballast()).unwrap();
        assert_eq!(newsroom.run(&["run", "--once"]).await.status.code(), Some(0));
        assert_eq!(count(&db), 80);
        assert_eq!(column(&read_only(&db), "PRAGMA integrity_check"), ["ok"]);
    }
}

/// A clock that jumps.
mod clock {
    use super::*;

    /// The library that lies to a process about the time; `None` (and said so) where it is not installed.
    fn faketime() -> Option<String> {
        let found = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
            .map(|machine| format!("/usr/lib/{machine}/faketime/libfaketimeMT.so.1"))
            .into_iter()
            .find(|path| Path::new(path).exists());
        if found.is_none() {
            eprintln!("SKIPPED: libfaketime is not installed");
        }
        found
    }

    async fn run_at(newsroom: &Newsroom, library: &str, time: &str) -> Option<i32> {
        let mut command = newsroom.command(&["run", "--once"]);
        command.env("LD_PRELOAD", library).env("FAKETIME", time).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        let ended = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        eprintln!("{time}: {}", String::from_utf8_lossy(&ended.stderr));
        ended.status.code()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_hour_either_way_and_the_year_2038_lose_nothing() {
        let Some(library) = faketime() else { return };
        let newsroom = Newsroom::open().await;
        newsroom.configure(&[2], SHORT);
        let ill = stories(2, 10)[9].clone();
        for (run, time) in ["+0", "+1h", "-1h", "@2038-01-19 03:14:00", "@2060-01-01 00:00:00", "+0"].iter().enumerate()
        {
            newsroom.publish(2, &stories(2, 10)[..(2 + 2 * run).min(10)]);
            // What is put off while the clock stands wrong must not wait until it is right.
            newsroom.press.set(&host(2), &ill.path(), Answer::status(503));
            let code = run_at(&newsroom, &library, time).await;
            assert!(matches!(code, Some(0 | 3)), "{time}: {code:?}");
        }
        newsroom.publish(2, &stories(2, 10));
        converge(&newsroom, &[2], 10).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_daemon_whose_clock_is_set_back_polls_on() {
        let Some(library) = faketime() else { return };
        let newsroom = Newsroom::open().await;
        newsroom.configure(&[2], SHORT);
        newsroom.publish(2, &stories(2, 2));
        let time = newsroom.folder.path().join("time");
        std::fs::write(&time, "+12y").unwrap();
        let mut command = newsroom.command(&["run"]);
        command
            .env("LD_PRELOAD", &library)
            .env("FAKETIME_TIMESTAMP_FILE", &time)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .stdout(Stdio::null());
        let child = command.spawn().unwrap();
        let polls = |newsroom: &Newsroom| newsroom.press.paths(&host(2)).iter().filter(|path| *path == "/rss").count();
        for step in ["+12y", "+0", "-1h"] {
            std::fs::write(&time, step).unwrap();
            let before = polls(&newsroom);
            for _ in 0..300 {
                if polls(&newsroom) >= before + 3 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            assert!(polls(&newsroom) >= before + 3, "{step}: it polls on");
        }
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        converged(&newsroom, &[2], 2).unwrap();
    }
}

/// A network that is not there.
mod network {
    use super::*;

    /// A daemon of this process, over publishers by name, and the switch of its network.
    struct World {
        press: Press,
        folder: tempfile::TempDir,
        up: Arc<AtomicBool>,
    }

    impl World {
        async fn new() -> Self {
            Self {
                press: Press::open().await,
                folder: tempfile::tempdir().unwrap(),
                up: Arc::new(AtomicBool::new(true)),
            }
        }

        fn publish(&self, host: &str, stories: &[Story]) {
            let mut items = String::new();
            for story in stories {
                let url = at(host, &story.path());
                items.extend(["<item><title>", &story.title, "</title><link>", url.as_str(), "</link></item>"]);
                let text = story.paragraphs.join("</p><p>");
                let page =
                    format!("<html><title>{0}</title><h1>{0}</h1><article><p>{text}</p></article></html>", story.title);
                self.press.set(host, &story.path(), Answer::page(page));
            }
            self.press.set(
                host,
                "/rss",
                Answer::feed(format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>")),
            );
        }

        fn daemon(&self, hosts: &[&str], interval: Duration, mode: Mode) -> (Lock, Daemon) {
            let db = self.folder.path().join("news.db");
            let lock = Lock::take(&db).unwrap();
            let (up, address) = (Arc::clone(&self.up), self.press.address());
            let resolver = Resolver::new(move |host| {
                let known = up.load(Ordering::SeqCst) && !host.starts_with("dead");
                Some(if known { vec![address] } else { Vec::new() })
            });
            let client =
                Client::new(dateline::fetch::Options { resolver: Some(resolver), ..self.press.options() }).unwrap();
            let sources = hosts
                .iter()
                .map(|host| Source {
                    name: (*host).to_owned(),
                    url: at(host, "/rss"),
                    interval: Some(interval),
                    rules: FeedRules::default(),
                    include: Vec::new(),
                    exclude: Vec::new(),
                })
                .collect();
            let options = daemon::Options {
                pipeline: pipeline::Options {
                    db: db.clone(),
                    keep_html: Duration::ZERO,
                    group: dateline::group::Options::default(),
                    clean: dateline::clean::Options::default(),
                    max_interval: Duration::from_secs(1),
                    rechecks: Rechecks::default(),
                    retention: dateline::store::Retention::default(),
                },
                schedule: schedule::Options { min_interval: interval, max_interval: Duration::from_secs(3_600) },
                min_free: 0,
            };
            (lock, Daemon::new(Writer::open(&db).unwrap(), sources, client, options, mode).unwrap())
        }

        fn one(&self, sql: &str) -> String {
            column(&read_only(&self.folder.path().join("news.db")), sql).join(" ")
        }
    }

    const HOSTS: [&str; 5] = ["a.example", "b.example", "c.example", "d.example", "e.example"];

    #[tokio::test(flavor = "multi_thread")]
    async fn names_that_do_not_resolve_cost_their_feed_alone() {
        let world = World::new().await;
        world.publish("a.example", &stories(1, 2));
        let hosts = ["a.example", "dead-1.example", "dead-2.example"];
        let (lock, daemon) = world.daemon(&hosts, Duration::from_millis(100), Mode::Once);
        let summary = daemon.run(Mode::Once, CancellationToken::new()).await.unwrap();
        assert_eq!(summary.failed_feeds.len(), 2);
        assert_eq!(world.one("SELECT state FROM feeds ORDER BY name"), "active failing failing");
        assert_eq!(world.one("SELECT count(*) FROM articles"), "2");
        drop(lock);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_outage_of_our_own_is_charged_to_no_feed_and_ends_at_once() {
        let world = World::new().await;
        for (place, host) in HOSTS.iter().enumerate() {
            world.publish(host, &stories(u8::try_from(place).unwrap(), 2));
        }
        let (lock, daemon) = world.daemon(&HOSTS, Duration::from_millis(200), Mode::Forever);
        let stop = CancellationToken::new();
        let running = tokio::spawn(daemon.run(Mode::Forever, stop.clone()));
        wait(&world, "SELECT count(*) FROM articles", "10").await;
        let polled = world.one("SELECT max(last_polled_at) FROM feeds");

        world.up.store(false, Ordering::SeqCst);
        world.press.hang_up();
        tokio::time::sleep(Duration::from_secs(6)).await;
        let failures: u32 = world.one("SELECT max(failures_in_row) FROM feeds").parse().unwrap();
        assert!(failures <= 1, "{failures} failures in a row were charged during an outage of our own");
        for (place, host) in HOSTS.iter().enumerate() {
            world.publish(host, &stories(u8::try_from(place).unwrap(), 4));
        }
        world.up.store(true, Ordering::SeqCst);
        wait(&world, "SELECT count(*) FROM articles", "20").await;
        wait(&world, "SELECT group_concat(DISTINCT state || failures_in_row) FROM feeds", "active0").await;
        assert!(world.one("SELECT min(last_success_at) FROM feeds") > polled);
        stop.cancel();
        running.await.unwrap().unwrap();
        drop(lock);
    }

    async fn wait(world: &World, sql: &str, expect: &str) {
        let mut got = String::new();
        for _ in 0..400 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            got = world.one(sql);
            if got == expect {
                return;
            }
        }
        panic!("{sql}: {got}, not {expect}");
    }
}
