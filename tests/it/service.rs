//! The daemon as a service: what systemd is told, signals, the unit.

use std::collections::VecDeque;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::newsroom::{Newsroom, Story, host};
use crate::press::Answer;

/// What systemd's socket was told, in order.
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
    told: VecDeque<String>,
}

impl Manager {
    fn open(folder: &Path) -> Self {
        let path = folder.join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        Self { socket, path, told: VecDeque::new() }
    }

    fn start(&self, newsroom: &Newsroom, watchdog: Duration) -> Child {
        let mut command = newsroom.command(&["run"]);
        command.env("NOTIFY_SOCKET", &self.path).env("WATCHDOG_USEC", watchdog.as_micros().to_string());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// The next assignment that begins so, within the time.
    fn next(&mut self, start: &str, within: Duration) -> Option<String> {
        let limit = Instant::now() + within;
        loop {
            while let Some(line) = self.told.pop_front() {
                if line.starts_with(start) {
                    return Some(line);
                }
            }
            let left = limit.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
            self.socket.set_read_timeout(Some(left)).unwrap();
            let mut buffer = [0; 4096];
            let length = self.socket.recv(&mut buffer).ok()?;
            self.told.extend(String::from_utf8_lossy(&buffer[..length]).lines().map(str::to_owned));
        }
    }

    fn expect(&mut self, start: &str) -> String {
        self.next(start, Duration::from_secs(60)).unwrap_or_else(|| panic!("{start} was not told"))
    }

    /// Forgets what was told so far.
    fn clear(&mut self) {
        while self.next("\0", Duration::from_millis(1)).is_some() {}
        self.told.clear();
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Runs what blocks away from the runtime that the press needs.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_is_told_of_start_reload_and_stop() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    newsroom.publish(2, &[Story::new(1)]);
    aside(move || {
        let mut manager = Manager::open(newsroom.folder.path());
        let mut child = manager.start(&newsroom, Duration::from_secs(2));
        manager.expect("READY=1");
        assert!(manager.expect("STATUS=").contains("1 feeds"));
        manager.expect("WATCHDOG=1");

        signal(&child, "-HUP");
        manager.expect("RELOADING=1");
        let at: i128 = manager.expect("MONOTONIC_USEC=").split_once('=').unwrap().1.parse().unwrap();
        assert!(at > 0);
        manager.expect("READY=1");
        manager.expect("WATCHDOG=1");

        std::fs::write(newsroom.config(), "[fetch]\nnonsense = 1\n").unwrap();
        signal(&child, "-HUP");
        manager.expect("RELOADING=1");
        manager.expect("READY=1");
        assert!(manager.expect("STATUS=").contains("the old one is in force"));
        manager.expect("WATCHDOG=1");

        signal(&child, "-TERM");
        manager.expect("STOPPING=1");
        assert_eq!(child.wait().unwrap().code(), Some(0));
    })
    .await;
}

/// The recorder waits for a database that somebody else has locked: no sign of life, though all else goes on; with the lock gone it recovers.
#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_recorder_gives_no_sign_of_life_and_a_slow_network_does() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2, 3], "[schedule]\nmin_interval = \"1s\"\nmax_interval = \"1s\"\n");
    newsroom.press.set(&host(2), "/rss", Answer::status(500).after(Duration::from_secs(3600)));
    newsroom.press.set(&host(3), "/rss", Answer::status(503));
    aside(move || {
        let watchdog = Duration::from_millis(1500);
        let mut manager = Manager::open(newsroom.folder.path());
        let mut child = manager.start(&newsroom, watchdog);
        manager.expect("READY=1");
        // One feed never answers and nothing comes in: that is no reason for a restart.
        for _ in 0..6 {
            assert!(manager.next("WATCHDOG=1", Duration::from_secs(20)).is_some());
        }
        let other = rusqlite::Connection::open(newsroom.database()).unwrap();
        other.busy_timeout(Duration::from_secs(20)).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        // The next poll to fail is written down within a second or so; from then on the recorder is stuck.
        std::thread::sleep(Duration::from_secs(3));
        manager.clear();
        assert_eq!(manager.next("WATCHDOG=1", 2 * watchdog), None, "a stuck recorder is not alive");
        other.execute_batch("COMMIT").unwrap();
        manager.expect("WATCHDOG=1");
        signal(&child, "-TERM");
        assert_eq!(child.wait().unwrap().code(), Some(0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_the_daemon_in_time_whatever_it_waits_for() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2, 3], "");
    newsroom.publish(2, &[Story::new(1), Story::new(2)]);
    let hanging = Answer::page("never").after(Duration::from_secs(3600));
    newsroom.press.set(&host(2), &Story::new(2).path(), hanging.clone());
    newsroom.press.set(&host(3), "/rss", hanging);
    aside(move || {
        let mut manager = Manager::open(newsroom.folder.path());
        let mut child = manager.start(&newsroom, Duration::from_secs(60));
        manager.expect("READY=1");
        let limit = Instant::now() + Duration::from_secs(30);
        while newsroom.press.paths(&host(2)).len() < 3 {
            assert!(Instant::now() < limit, "both pages were asked for");
            std::thread::sleep(Duration::from_millis(20));
        }
        // A reader that holds an old snapshot keeps the WAL from being written back; it must not keep the daemon from ending.
        let reader = newsroom.read();
        reader.execute_batch("BEGIN; SELECT count(*) FROM articles").unwrap();
        let began = Instant::now();
        // A stop in the middle of a reload is a stop.
        signal(&child, "-HUP");
        manager.expect("RELOADING=1");
        signal(&child, "-TERM");
        assert_eq!(child.wait().unwrap().code(), Some(0));
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    })
    .await;
}

/// A copy of the unit that names the binary under test, or `None`, visibly, where systemd's tool is missing.
fn unit(folder: &Path) -> Option<PathBuf> {
    if Command::new("systemd-analyze").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: there is no systemd-analyze here");
        return None;
    }
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/dateline.service")).unwrap();
    let path = folder.join("dateline.service");
    std::fs::write(&path, text.replace("/usr/bin/dateline", env!("CARGO_BIN_EXE_dateline"))).unwrap();
    Some(path)
}

#[test]
fn the_unit_is_understood_and_confined() {
    let folder = tempfile::tempdir().unwrap();
    let Some(unit) = unit(folder.path()) else { return };
    // It exits with 0 on unknown keys: only silence is good.
    let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&verified.stderr), "");
    // The threshold is in tenths.
    let judged = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=12"])
        .arg(&unit)
        .env("PAGER", "cat")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success() && told.contains("Overall exposure level"), "{told}");
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Status and body of an answer.
fn get(port: u16, path: &str) -> Option<(u16, String)> {
    use std::io::{Read, Write};
    let mut socket = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(socket, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_prometheus_text_and_survive_a_reload() {
    let newsroom = Newsroom::open().await;
    let port = free_port();
    let metrics = format!("[metrics]\nlisten = \"127.0.0.1:{port}\"\nper_feed = true\n");
    newsroom.configure(&[2, 3], &metrics);
    newsroom.publish(2, &[Story::new(1), Story::new(2)]);
    newsroom.press.set(&host(3), "/rss", Answer::status(503));
    aside(move || {
        let mut manager = Manager::open(newsroom.folder.path());
        let mut child = manager.start(&newsroom, Duration::from_secs(60));
        manager.expect("READY=1");
        let limit = Instant::now() + Duration::from_secs(30);
        let text = loop {
            let (status, text) = get(port, "/metrics").unwrap();
            assert_eq!(status, 200, "{text}");
            if text.contains("dateline_articles_stored_total 2\n")
                && text.contains("dateline_polls_total{outcome=\"failed\"} 1")
                && text.contains("dateline_queue_entries 0\n")
            {
                break text;
            }
            assert!(Instant::now() < limit, "{text}");
            std::thread::sleep(Duration::from_millis(50));
        };
        for line in [
            "dateline_polls_total{outcome=\"news\"} 1",
            "dateline_fetch_seconds_count 2",
            "dateline_clean_seconds_count 2",
            "dateline_group_seconds_count 2",
            "dateline_poll_seconds_count 2",
            "dateline_queue_entries 0",
            "dateline_feeds{state=\"active\"} 1",
            "dateline_feeds{state=\"failing\"} 1",
            "dateline_feed_articles{feed=\"feed-2\"} 2",
            "dateline_feed_failures_in_row{feed=\"feed-3\"} 1",
            "dateline_healthy 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert_eq!(get(port, "/healthz"), Some((200, "ok\n".to_owned())));
        assert_eq!(get(port, "/").unwrap().0, 404);
        promtool(&["check", "metrics"], text.as_bytes());
        for (file, name) in names_in_use() {
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
            assert!(text.contains(&format!("# TYPE {family} ")), "{file} asks for {name}, which is not exposed");
        }

        newsroom.configure(&[2, 3], &metrics.replace("true", "false"));
        signal(&child, "-HUP");
        manager.expect("RELOADING=1");
        manager.expect("READY=1");
        let (_, text) = get(port, "/metrics").unwrap();
        assert!(text.contains("dateline_articles_stored_total 2\n"), "{text}");
        assert!(!text.contains("feed-2"), "{text}");

        // Nobody has polled for an hour, as far as the database says.
        let db = rusqlite::Connection::open(newsroom.database()).unwrap();
        db.busy_timeout(Duration::from_secs(20)).unwrap();
        db.execute_batch("UPDATE feed SET next_poll_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-1 hour')").unwrap();
        let (status, told) = get(port, "/healthz").unwrap();
        assert!(status == 503 && told.starts_with("stale: 2 feeds are due"), "{status} {told}");
        assert!(get(port, "/metrics").unwrap().1.contains("dateline_healthy 0\n"));
        signal(&child, "-TERM");
        assert_eq!(child.wait().unwrap().code(), Some(0));
        assert_eq!(get(port, "/healthz"), None);
    })
    .await;
}

/// The metrics that the dashboard and the alert rules ask for.
fn names_in_use() -> Vec<(&'static str, String)> {
    let mut names = Vec::new();
    for file in ["deploy/prometheus/rules.yml", "deploy/prometheus/grafana.json"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let ours = words.filter(|word| word.starts_with("dateline_") || word.starts_with("process_"));
        names.extend(ours.map(|word| (file, word.to_owned())));
    }
    assert!(names.len() > 30);
    names
}

#[test]
fn the_alert_rules_and_the_dashboard_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/prometheus");
    promtool(&["check", "rules", folder.join("rules.yml").to_str().unwrap()], b"");
    promtool(&["test", "rules", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/service/alerts.yml")], b"");
    let dashboard: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("grafana.json")).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() > 10);
    // What the panels ask for, as rules: the same tool reads their language.
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let rules: Vec<serde_json::Value> = targets
        .map(|target| target["expr"].as_str().unwrap().replace("$__rate_interval", "5m").replace("$__range", "1d"))
        .map(|expr| serde_json::json!({ "record": "panel", "labels": { "panel": expr }, "expr": expr }))
        .collect();
    assert!(rules.len() >= panels.len() - 1, "{}", rules.len());
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("panels.yml");
    std::fs::write(&path, serde_json::json!({ "groups": [{ "name": "panels", "rules": rules }] }).to_string()).unwrap();
    promtool(&["check", "rules", path.to_str().unwrap()], b"");
}

/// Lets Prometheus' own tool judge, where it is installed; else says that it did not.
fn promtool(arguments: &[&str], input: &[u8]) {
    use std::io::Write;
    let started = Command::new("promtool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        eprintln!("skipped: there is no promtool here");
        return;
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let judged = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&judged.stderr).into_owned() + &String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success(), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn status_says_what_is_wrong_and_a_monitor_can_tell() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2, 3], "");
    newsroom.publish(2, &[Story::new(1)]);
    newsroom.press.set(&host(3), "/rss", Answer::status(503));
    assert_eq!(newsroom.run(&["run", "--once"]).await.status.code(), Some(3));
    let well = newsroom.run(&["status"]).await;
    let told = String::from_utf8(well.stdout).unwrap();
    assert_eq!(well.status.code(), Some(0), "one feed that failed is no alarm: {told}");
    for part in [
        "not running",
        "last hour 1 articles, 1 new events, 0 edited, 0 rejected",
        "1 active, 1 failing",
        "on time",
        "503",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }

    let ill = newsroom.run(&["status", "--feed", "feed-3"]).await;
    let told = String::from_utf8(ill.stdout).unwrap();
    assert_eq!(ill.status.code(), Some(3), "{told}");
    newsroom.run(&["run", "--once"]).await;
    let json = newsroom.run(&["status", "--feed", "feed-2", "--json"]).await;
    assert_eq!(json.status.code(), Some(0));
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let history = json["history"].as_array().unwrap();
    assert_eq!(history.len(), 2, "{json}");
    assert_eq!((&history[0]["new"], &history[1]["new"]), (&serde_json::Value::Null, &1.into()), "newest first");

    // An hour later nobody has polled.
    let later = rusqlite::Connection::open(newsroom.database()).unwrap();
    later.execute_batch("UPDATE feed SET next_poll_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-1 hour')").unwrap();
    let stale = newsroom.run(&["status"]).await;
    let told = String::from_utf8(stale.stdout).unwrap();
    assert_eq!(stale.status.code(), Some(3), "{told}");
    assert!(told.contains("PROBLEM   stale: 2 feeds are due, the first since 60 min"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_feed_is_bounded() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    newsroom.press.set(&host(2), "/rss", Answer::status(503));
    for _ in 0..3 {
        newsroom.run(&["run", "--once"]).await;
    }
    let db = rusqlite::Connection::open(newsroom.database()).unwrap();
    db.execute_batch("UPDATE feed SET history = history || replace(hex(zeroblob(20000)), '0', 'x')").unwrap();
    newsroom.run(&["run", "--once"]).await;
    let length: i64 = db.query_row("SELECT length(history) FROM feed", [], |row| row.get(0)).unwrap();
    assert!((2_000..2_400).contains(&length), "{length}");
    let json = newsroom.run(&["status", "--feed", "feed-2", "--json"]).await;
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["history"].as_array().unwrap().len(), 4, "a line that was cut is passed over");
}

/// Whatever is logged, printed or stored, a secret is not in it.
#[tokio::test(flavor = "multi_thread")]
async fn secrets_stay_secret() {
    let newsroom = Newsroom::open().await;
    let secrets = newsroom.folder.path().join("secrets");
    std::fs::create_dir(&secrets).unwrap();
    std::fs::write(secrets.join("dateline_token"), "hush-credential\n").unwrap();
    let url = newsroom.url(2, "/rss").replace("http://", "http://desk:hush-password@");
    newsroom.configure(
        &[3],
        &format!("[[feeds]]\nname = \"secret\"\nurl = \"{url}\"\nheaders = {{ \"X-Token\" = {{ credential = \"token\" }}, \"X-Key\" = \"hush-key\" }}\n"),
    );
    newsroom.publish(2, &[Story::new(1)]);
    newsroom.press.set(&host(3), "/rss", Answer::redirect(302, &url));
    let mut told = Vec::new();
    for arguments in [
        &["run", "--once", "--log-level", "trace"][..],
        &["check", "--online"],
        &["check", "--json"],
        &["status"],
        &["run", "--once", "--log", "json", "--log-level", "trace"],
    ] {
        let mut command = newsroom.command(arguments);
        command.env("CREDENTIALS_DIRECTORY", &secrets);
        let ended = aside(move || command.output().unwrap()).await;
        assert!(matches!(ended.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&ended.stderr));
        told.extend([ended.stdout, ended.stderr]);
    }
    told.extend(
        [newsroom.database(), newsroom.folder.path().join("news.db-wal")].map(|path| std::fs::read(path).unwrap()),
    );
    for text in told {
        let text = String::from_utf8_lossy(&text);
        let at = text.find("hush-");
        assert!(at.is_none(), "{}", at.map_or("", |at| text[at.saturating_sub(200)..].split_at(300).0));
    }
    let visits = newsroom.press.visits();
    let ours = visits.iter().find(|visit| visit.host == host(2) && visit.path == "/rss").unwrap();
    assert_eq!((ours.header("x-token"), ours.header("x-key")), (Some("hush-credential"), Some("hush-key")));
    // Without the folder of the secrets: who reads does not need them, who fetches is refused.
    assert_eq!(newsroom.run(&["status"]).await.status.code(), Some(0));
    let refused = newsroom.run(&["run", "--once"]).await;
    assert_eq!(refused.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("$CREDENTIALS_DIRECTORY is not set"));
}
