//! A publisher on the loopback press for tests that run the binary: a feed, pages, and a configuration that leads there.
//!
//! The binary takes no resolver override, so the publishers have addresses for names: 127.0.0.2, 127.0.0.3 …

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;

use crate::press::{Answer, Press};

/// A folder with a configuration and a database, and publishers that it leads to.
pub struct Newsroom {
    /// The world outside.
    pub press: Press,
    /// Where configuration and database lie.
    pub folder: tempfile::TempDir,
    port: u16,
}

impl Newsroom {
    /// Publishers that are asked without any delay, and no feeds yet.
    pub async fn open() -> Self {
        let press = Press::open_at((Ipv4Addr::UNSPECIFIED, 0).into()).await;
        let port = press.address().port();
        Self { press, folder: tempfile::tempdir().unwrap(), port }
    }

    /// The address of `path` at publisher `n`.
    pub fn url(&self, n: u8, path: &str) -> String {
        format!("http://{}:{}{path}", host(n), self.port)
    }

    /// Writes a configuration with one feed for each of the publishers, and `more` at its end.
    pub fn configure(&self, publishers: &[u8], more: &str) {
        let mut text = format!(
            "[store]\npath = \"{}\"\nkeep_html = \"0d\"\n[fetch]\nper_host_delay = \"0s\"\nallow_networks = [\"127.0.0.0/8\"]\n\
             user_agent = \"dateline-test/1 (+https://example.org/)\"\n",
            self.database().display()
        );
        for &n in publishers {
            let _ = write!(text, "[[feeds]]\nname = \"feed-{n}\"\nurl = \"{}\"\n", self.url(n, "/rss"));
        }
        std::fs::write(self.config(), text + more).unwrap();
    }

    /// Lets publisher `n` announce the stories and serve their pages.
    pub fn publish(&self, n: u8, stories: &[Story]) {
        let mut items = String::new();
        for story in stories {
            let url = self.url(n, &story.path());
            let _ = write!(items, "<item><title>{}</title><link>{url}</link><guid>{url}</guid></item>", story.title);
            self.press.set(&host(n), &story.path(), Answer::page(story.page()));
        }
        let rss = format!("<rss version=\"2.0\"><channel><title>Publisher {n}</title>{items}</channel></rss>");
        self.press.set(&host(n), "/rss", Answer::feed(rss));
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("dateline.toml")
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("news.db")
    }

    /// The command with this configuration, its output captured.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = dateline(arguments);
        command.arg("--config").arg(self.config()).current_dir(self.folder.path());
        command
    }

    /// Runs a command to its end, away from the runtime that the press needs.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// The database as a reader downstream sees it.
    pub fn read(&self) -> Connection {
        read_only(&self.database())
    }
}

/// Processor time of a process so far (proc(5): fields 14 and 15, in hundredths of a second); `None` once it is gone.
pub fn processor_time(process: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let ticks = after_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap());
    Some(Duration::from_millis(10 * ticks.sum::<u64>()))
}

/// Opens a database with read-only rights.
pub fn read_only(path: &Path) -> Connection {
    Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// One column of a query, as text.
pub fn column(db: &Connection, sql: &str) -> Vec<String> {
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    rows.map(|value| match value.unwrap() {
        rusqlite::types::Value::Null => "NULL".to_owned(),
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Real(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        rusqlite::types::Value::Blob(_) => "BLOB".to_owned(),
    })
    .collect()
}

/// What a command makes of its input.
pub fn piped(arguments: &[&str], input: &str) -> Output {
    let mut child = dateline(arguments).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// Lines of JSON.
pub fn json_lines(output: &[u8]) -> Vec<Value> {
    std::str::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The binary with nothing of the environment's configuration.
pub fn dateline(arguments: &[&str]) -> Command {
    undisturbed(Command::new(env!("CARGO_BIN_EXE_dateline")), arguments)
}

/// As [`dateline`], and signals end it: whoever runs the tests in the background of a script hands down a SIGINT that is ignored.
pub fn dateline_with_signals(arguments: &[&str]) -> Command {
    let mut command = Command::new("env");
    command.args(["--default-signal=INT,TERM", env!("CARGO_BIN_EXE_dateline")]);
    undisturbed(command, arguments)
}

fn undisturbed(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DATELINE_") {
            command.env_remove(name);
        }
    }
    command.env_remove("STATE_DIRECTORY").env_remove("NOTIFY_SOCKET");
    command
}

/// The loopback address of publisher `n`.
pub fn host(n: u8) -> String {
    format!("127.0.0.{n}")
}

/// A story that is unlike every other.
#[derive(Debug, Clone)]
pub struct Story {
    number: usize,
    /// The headline.
    pub title: String,
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
}

impl Story {
    /// The story of this number: its words are drawn from a vocabulary of its own.
    pub fn new(number: usize) -> Self {
        let mut seed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut word = || {
            const SYLLABLES: [&str; 16] =
                ["ka", "lo", "mi", "ter", "sun", "ve", "dor", "pa", "ril", "ne", "gos", "tu", "bel", "an", "fi", "rem"];
            let mut text = String::new();
            for _ in 0..3 {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                text.push_str(SYLLABLES[usize::try_from(seed % 16).unwrap()]);
            }
            text
        };
        let title = format!("Council of {} votes on {} and {}", capital(&word()), word(), word());
        let paragraphs = (0..6)
            .map(|_| {
                let (town, plan, quarter) = (capital(&word()), word(), word());
                let (court, season) = (capital(&word()), word());
                format!("The mayor of {town} said that the {plan} plan, which residents of the {quarter} quarter had long asked for, would be put before {court} before the {season} season ends.")
            })
            .collect();
        Self { number, title, paragraphs }
    }

    /// Its path at the publisher.
    pub fn path(&self) -> String {
        format!("/news/story-{}.html", self.number)
    }

    fn page(&self) -> String {
        let paragraphs = format!("<p>{}</p>", self.paragraphs.join("</p>\n<p>"));
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title></head><body>\
             <nav><a href=\"/\">Home</a> <a href=\"/city\">City</a></nav><main><article><h1>{0}</h1>\n{paragraphs}</article></main>\
             <footer>Copyright</footer></body></html>",
            self.title
        )
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
