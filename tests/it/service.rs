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
