//! The daemon for virtual months: does anything grow?
//!
//! ```text
//! cargo bench --bench soak              six minutes, four virtual months
//! cargo bench --bench soak -- --hour    an hour, more than three virtual years
//! ```
//! A virtual day is three seconds: feeds are polled each second, stories are looked at again after a virtual hour, day and week, and kept for twenty
//! days. The configuration is read again every 66 seconds (SIGHUP): a recorder that starts anew prunes after a minute, and then daily. A seventh of the stories is edited, a fiftieth is taken
//! down, a third only says when it was updated. The table shows the process and its files as they go on; at the end, the highest of the last quarter is held against the highest of the second.
//! What is remembered of a story that was pruned are two hashes (`seen`): 31 bytes that the database grows by (2026-11-23).
//!
//! What the process holds (its live allocations, counted for an hour on 2026-11-23) follows the articles of the index, freed at each reading of the
//! configuration, and SQLite's page cache, which is as large as the database up to 32 MB. The database swings with
//! the words counted since the statistics' last save point, 1.3 KB an article: a quarter of all articles so far, at most 20,000 of a language.
//!
//! glibc gives each of many threads an arena, and what pages leave behind in them is not given back: the process seems to grow for a while. With
//! `MALLOC_ARENA_MAX=1` in the environment (the daemon inherits it) it does not: 60.0 to 60.7 MB from day 53 to 63, where it was 77.8 to 81.2 (2026-11-23).
#![expect(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a bench: it measures time, and rounds what it shows"
)]

mod press;
#[path = "../line/prose.rs"]
#[expect(dead_code, reason = "the made-up press of another bench")]
mod prose;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use rusqlite::{Connection, OpenFlags};

use press::Press;

/// Publishers.
const HOSTS: usize = 20;

/// Stories a second, over all publishers: some 24 a virtual day.
const RATE: f64 = 8.0;

/// A virtual day.
const DAY: Duration = Duration::from_secs(3);

/// How often the configuration is read again.
const RELOAD: Duration = Duration::from_secs(66);

/// Rows of the table.
const ROWS: u32 = 36;

fn main() -> anyhow::Result<()> {
    let hour = std::env::args().any(|arg| arg == "--hour");
    let length = Duration::from_secs(if hour { 3_600 } else { 360 });
    let folder = tempfile::tempdir()?;
    let press = Press::open(HOSTS, RATE)?;
    let config = folder.path().join("soak.toml");
    std::fs::write(&config, configuration(&press)?)?;
    let mut daemon = Daemon::start(&config)?;
    println!("load {}", std::fs::read_to_string("/proc/loadavg")?.trim());
    println!(
        "{:>6} {:>8} {:>8} {:>8} {:>8} {:>9} {:>8} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>6}",
        "day",
        "RSS MB",
        "db MB",
        "WAL MB",
        "pages MB",
        "articles",
        "added",
        "edits",
        "gone",
        "asked",
        "queued",
        "due",
        "looks",
        "lag s"
    );
    let began = Instant::now();
    let mut rows = Vec::new();
    let mut reloaded = began;
    for row in 1..=ROWS {
        std::thread::sleep((length / ROWS * row).saturating_sub(began.elapsed()));
        if reloaded.elapsed() >= RELOAD {
            daemon.signal("HUP")?;
            reloaded = Instant::now();
        }
        anyhow::ensure!(daemon.0.try_wait()?.is_none(), "the daemon ended before its time");
        let seen = Row::look(folder.path(), &daemon, &press)?;
        println!("{seen}", seen = seen.text(began.elapsed().as_secs_f64() / DAY.as_secs_f64()));
        rows.push(seen);
    }
    daemon.signal("TERM")?;
    let code = daemon.0.wait()?.code();
    println!("exit {code:?}; load {}", std::fs::read_to_string("/proc/loadavg")?.trim());
    let quarter = rows.len() / 4;
    for (name, of) in [
        ("RSS MB", (|row| row.rss_mb) as fn(&Row) -> f64),
        ("db MB", |row| row.db_mb),
        ("WAL MB", |row| row.wal_mb),
        ("pages MB", |row| row.pages_mb),
        ("articles", |row| row.articles),
        ("queued", |row| row.queued),
        ("lag s", |row| row.lag_s),
    ] {
        let highest = |rows: &[Row]| rows.iter().map(of).fold(0.0, f64::max);
        let (second, last) = (highest(&rows[quarter..2 * quarter]), highest(&rows[rows.len() - quarter..]));
        println!("{name:<9} second quarter {second:>9.2}, last {last:>9.2}, ratio {:.2}", last / second.max(0.01));
    }
    Ok(())
}

fn configuration(press: &Press) -> anyhow::Result<String> {
    let day = DAY.as_millis();
    let mut text = format!(
        "[store]\npath = \"soak.db\"\nkeep_html = \"{}ms\"\nkeep_articles = \"{}ms\"\nmin_free = \"1\"\n[fetch]\nper_host_delay = \"0s\"\n\
         allow_networks = [\"127.0.0.0/8\"]\nuser_agent = \"dateline-soak/1 (+https://example.org/)\"\n[schedule]\nmin_interval = \"1s\"\nmax_interval = \"5s\"\n\
         [recheck]\nafter = [\"{}ms\", \"{day}ms\", \"{}ms\"]\n",
        7 * day,
        20 * day,
        day / 24,
        7 * day,
    );
    for host in 0..HOSTS {
        write!(text, "[[feeds]]\nname = \"paper-{host}\"\nurl = \"{}\"\ninterval = \"1s\"\n", press.url(host, "/rss"))?;
    }
    Ok(text)
}

struct Daemon(Child);

impl Daemon {
    fn start(config: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
        command.arg("--config").arg(config).args(["--log-level", "error", "run"]);
        command.current_dir(config.parent().context("a folder")?).stdout(Stdio::null());
        Ok(Self(command.spawn().context("starting the daemon")?))
    }

    fn signal(&self, name: &str) -> anyhow::Result<()> {
        Command::new("kill").arg(format!("-{name}")).arg(self.0.id().to_string()).status()?;
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The process and its files at one moment.
#[derive(Default)]
struct Row {
    rss_mb: f64,
    db_mb: f64,
    wal_mb: f64,
    pages_mb: f64,
    articles: f64,
    added: f64,
    edits: f64,
    gone: f64,
    asked: f64,
    queued: f64,
    due: f64,
    looks: f64,
    lag_s: f64,
}

impl Row {
    fn look(folder: &Path, daemon: &Daemon, press: &Press) -> anyhow::Result<Self> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.0.id()))?;
        let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let rss_kb: f64 = rss.trim().trim_end_matches("kB").trim().parse().unwrap_or(0.0);
        let size_mb = |name: &str| std::fs::metadata(folder.join(name)).map_or(0.0, |file| file.len() as f64 / 1e6);
        let mut row = Self {
            rss_mb: rss_kb / 1024.0,
            db_mb: size_mb("soak.db"),
            wal_mb: size_mb("soak.db-wal"),
            pages_mb: size_mb("soak.pages.db"),
            asked: press.asked() as f64,
            ..Self::default()
        };
        let db = Connection::open_with_flags(folder.join("soak.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let now = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')";
        for (field, sql) in [
            (&mut row.articles, "SELECT count(*) FROM article".to_owned()),
            (&mut row.added, "SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'article'".to_owned()),
            (&mut row.edits, "SELECT count(*) FROM revision".to_owned()),
            (&mut row.gone, "SELECT count(*) FROM article WHERE gone_at IS NOT NULL".to_owned()),
            (&mut row.queued, "SELECT count(*) FROM entry WHERE state = 'queued'".to_owned()),
            (&mut row.due, format!("SELECT count(*) FROM recheck WHERE due_at <= {now}")),
            (&mut row.looks, "SELECT count(*) FROM recheck".to_owned()),
            (
                &mut row.lag_s,
                "SELECT max(0, ifnull(86400 * (julianday('now') - julianday(min(next_poll_at))), 0)) FROM feed"
                    .to_owned(),
            ),
        ] {
            *field = db.query_row(&sql, [], |row| row.get::<_, f64>(0))?;
        }
        Ok(row)
    }

    fn text(&self, day: f64) -> String {
        format!(
            "{day:>6.1} {:>8.1} {:>8.2} {:>8.2} {:>8.2} {:>9} {:>8} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>6.1}",
            self.rss_mb,
            self.db_mb,
            self.wal_mb,
            self.pages_mb,
            self.articles,
            self.added,
            self.edits,
            self.gone,
            self.asked,
            self.queued,
            self.due,
            self.looks,
            self.lag_s
        )
    }
}
