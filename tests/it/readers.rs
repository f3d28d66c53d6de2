//! The tools that people read the database with: the sqlite3 shell, Python's sqlite3, pandas, `DuckDB`, Datasette.
//!
//! Needs a Python with these: `$DATELINE_PYTHON`, else `target/readers/bin/python`, a venv with pandas, datasette, duckdb and duckdb-extension-sqlite-scanner of the same version; says so where it lacks one. Where the tests run
//! as root the tools run as another user, who may read the files and nothing more.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::cookbook;
use crate::filled::{Library, Told};
use crate::newsroom::{Newsroom, Story, column, dateline, read_only};

/// "nobody", as Debian numbers it.
const NOBODY: u32 = 65_534;

fn python() -> Option<PathBuf> {
    let named = std::env::var_os("DATELINE_PYTHON").map(PathBuf::from);
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/readers/bin/python");
    let python = named.unwrap_or(made);
    if !python.exists() {
        eprintln!("skipped: no `{}`; name another with DATELINE_PYTHON", python.display());
        return None;
    }
    Some(python)
}

/// A command run by somebody with read-only rights: another user of the file's group where that can be had.
fn as_reader(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let owner = std::fs::metadata(folder).unwrap();
    let as_another = || {
        let mut command = Command::new(program.as_ref());
        command.stdin(Stdio::null()).current_dir("/").uid(NOBODY).gid(owner.gid()).env("HOME", "/nonexistent");
        command
    };
    // A Python below /root is closed to everybody else.
    if owner.uid() == 0 && as_another().arg("--version").output().is_ok() {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        return as_another();
    }
    eprintln!("skipped: `{}` as another user; it runs as this one", program.as_ref().display());
    let mut command = Command::new(program.as_ref());
    command.stdin(Stdio::null()).current_dir("/");
    command
}

/// Reads the database with each of the tools; `more` are arguments of `readers.py`.
fn read(python: &Path, database: &Path, more: &[&str]) {
    // Script and metadata are handed over, since another user may not be able to look into this folder.
    let ended = as_reader(python, database.parent().unwrap())
        .args(["-c", &ours("tests/it/readers.py"), "--metadata", &ours("docs/datasette.json")])
        .args(more)
        .arg(database)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success(), "{told}{}", String::from_utf8_lossy(&ended.stderr));
    for line in told.lines().filter(|line| line.starts_with("skipped")) {
        eprintln!("{line}");
    }
}

fn ours(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn shell(database: &Path, sql: &str) -> Option<String> {
    let found = Command::new("sqlite3").arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: no sqlite3 shell");
        return None;
    }
    let ended = as_reader("sqlite3", database.parent().unwrap())
        .args(["-readonly".as_ref(), database.as_os_str(), sql.as_ref()])
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    Some(String::from_utf8_lossy(&ended.stdout).trim().to_owned())
}

#[test]
fn after_a_clean_stop_and_from_exports() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("news.db");
    cookbook::fill(&database);
    if let Some(counted) = shell(&database, "SELECT count(*), sum(published_at > '2026-03-18') FROM articles") {
        assert_eq!(counted, "18|6");
    }
    let Some(python) = python() else { return };
    let formats: &[&str] =
        if cfg!(feature = "parquet") { &["all.jsonl", "all.csv", "all.parquet"] } else { &["all.jsonl", "all.csv"] };
    for name in formats {
        let mut export = dateline(&["export", "--output", name, "--database"]);
        let ended = export.arg(&database).current_dir(folder.path()).output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    read(&python, &database, &["--known", "--count", "18", "--exports", folder.path().to_str().unwrap()]);
}

/// A daemon that collects what a publisher announces, more all the time.
struct Daemon {
    newsroom: Newsroom,
    child: Child,
    announced: Arc<AtomicUsize>,
}

impl Daemon {
    async fn start() -> Self {
        let newsroom = Newsroom::open().await;
        let often = "[schedule]\nmin_interval = \"1s\"\nmax_interval = \"1s\"\n";
        newsroom.configure(&[2], often);
        newsroom.publish(2, &[Story::new(0)]);
        let child = newsroom.command(&["run"]).stderr(Stdio::null()).spawn().unwrap();
        Self { newsroom, child, announced: Arc::new(AtomicUsize::new(1)) }
    }

    /// Reads with every tool while the daemon writes.
    async fn read_meanwhile(&self, python: Option<PathBuf>) {
        let before = self.holds(1).await;
        let stop = AtomicBool::new(false);
        let database = self.newsroom.database();
        let reading = tokio::task::spawn_blocking(move || {
            if let Some(counted) = shell(&database, "SELECT count(*) > 0 FROM articles") {
                assert_eq!(counted, "1");
            }
            python.inspect(|python| read(python, &database, &[]));
        });
        let publishing = async {
            // Fifty at most in the feed, as feeds are.
            while !stop.load(Ordering::Relaxed) {
                let end = self.announced.fetch_add(3, Ordering::Relaxed) + 3;
                let stories: Vec<Story> = (end.saturating_sub(50)..end).map(Story::new).collect();
                self.newsroom.publish(2, &stories);
                tokio::time::sleep(Duration::from_millis(400)).await;
            }
        };
        let until_read = async {
            let read = reading.await;
            stop.store(true, Ordering::Relaxed);
            read
        };
        let ((), read) = futures_util::join!(publishing, until_read);
        read.expect("a reader failed while the daemon wrote");
        self.holds(before + 1).await;
    }

    /// Waits until at least so many articles are stored; how many there are.
    async fn holds(&self, least: usize) -> usize {
        let limit = Instant::now() + Duration::from_secs(60);
        loop {
            let stored = stored(&self.newsroom.database());
            if stored >= least {
                return stored;
            }
            assert!(Instant::now() < limit, "{stored} of {least} articles after a minute");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Every tool finds as many articles as there are.
    async fn read_at_rest(&self, python: Option<PathBuf>) {
        let database = self.newsroom.database();
        let count = stored(&database).to_string();
        let reading = move || {
            if let Some(counted) = shell(&database, "SELECT count(*) FROM articles") {
                assert_eq!(counted, count);
            }
            python.inspect(|python| read(python, &database, &["--count", &count]));
        };
        tokio::task::spawn_blocking(reading).await.unwrap();
    }

    fn restart(&mut self) {
        self.child = self.newsroom.command(&["run"]).stderr(Stdio::null()).spawn().unwrap();
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Articles in the database; none where there is no database yet.
fn stored(database: &Path) -> usize {
    rusqlite::Connection::open_with_flags(database, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|db| db.query_row("SELECT count(*) FROM articles", [], |row| row.get::<_, u32>(0)))
        .map_or(0, |count| count as usize)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_daemon_writes_after_it_stopped_and_after_it_was_killed() {
    let mut daemon = Daemon::start().await;
    daemon.holds(1).await;
    let database = daemon.newsroom.database();
    // Somebody without the right to write follows all along.
    let mut follower = as_reader(env!("CARGO_BIN_EXE_dateline"), daemon.newsroom.folder.path())
        .args(["tail", "--follow", "--kind", "article", "--database"])
        .arg(&database)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    let told: Arc<std::sync::Mutex<Vec<(i64, String)>>> = Arc::default();
    let telling = Arc::clone(&told);
    let listening = std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let change: serde_json::Value = serde_json::from_str(&line).unwrap();
            let (seq, action) = (change["seq"].as_i64().unwrap(), change["action"].as_str().unwrap().to_owned());
            telling.lock().unwrap().push((seq, format!("{action} {}", change["id"])));
        }
    });

    daemon.read_meanwhile(python()).await;
    let stop = Command::new("kill").args(["-TERM", &daemon.child.id().to_string()]).status().unwrap();
    assert!(stop.success() && daemon.child.wait().unwrap().success());
    daemon.read_at_rest(python()).await;

    daemon.restart();
    daemon.read_meanwhile(python()).await;
    daemon.kill();
    daemon.read_at_rest(python()).await;

    daemon.restart();
    let all = daemon.announced.load(Ordering::Relaxed).min(50);
    daemon.holds(all).await;
    daemon.kill();
    let expected: Vec<(i64, String)> = column(
        &read_only(&database),
        "SELECT seq || ' ' || action || ' ' || id FROM changes WHERE kind = 'article' ORDER BY seq",
    )
    .iter()
    .map(|row| row.split_once(' ').map(|(seq, what)| (seq.parse().unwrap(), what.to_owned())).unwrap())
    .collect();
    let limit = Instant::now() + Duration::from_secs(30);
    while told.lock().unwrap().len() < expected.len() && Instant::now() < limit {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    follower.kill().unwrap();
    follower.wait().unwrap();
    listening.join().unwrap();
    assert_eq!(*told.lock().unwrap(), expected, "a follower across stops, kills and restarts");
}

/// A folder with the demo's database, as `docs/reading.md` says.
fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let demo = dateline(&["demo", "--database", "dateline.db"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(demo.status.code(), Some(0), "{}", String::from_utf8_lossy(&demo.stderr));
    folder
}

/// The blocks of `docs/reading.md` in this language.
fn blocks(language: &str) -> Vec<String> {
    let text = ours("docs/reading.md");
    text.split(&format!("```{language}\n")).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn what_reading_shows_works() {
    let Some(python) = python() else { return };
    let folder = demo();
    let (mut run, mut without) = (BTreeSet::new(), String::new());
    let formats = if cfg!(feature = "parquet") { "all.parquet" } else { "all.jsonl" };
    let ended =
        dateline(&["export", "--output", formats, "--database", "dateline.db"]).current_dir(folder.path()).output();
    assert_eq!(ended.unwrap().status.code(), Some(0));
    for block in blocks("python").iter().filter(|block| !block.contains("while True")) {
        let mut block = block.clone();
        if !cfg!(feature = "parquet") && block.contains("all.parquet") {
            block = block.replace("all.parquet", "all.jsonl");
        }
        if block.contains("LOAD sqlite;") {
            // There is no network here: the extension comes as a package.
            let path = "import duckdb, duckdb_extension_sqlite_scanner as s, pathlib\nat = next(pathlib.Path(s.__file__).parent.rglob('*.duckdb_extension'))\n";
            block = path.to_owned() + &block.replace("\"LOAD sqlite;", "f\"LOAD '{at}';");
        }
        let ended = Command::new(&python).args(["-c", &block]).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        if said.contains("ModuleNotFoundError") {
            without.push_str(said.lines().last().unwrap_or_default());
            continue;
        }
        assert!(ended.status.success() && !ended.stdout.is_empty(), "{block}\n{said}");
        run.insert(block);
    }
    if !without.is_empty() {
        eprintln!("skipped: {without}");
    }
    assert!(run.len() + without.matches("ModuleNotFoundError").count() >= 4);
    let shown = blocks("sh").into_iter().find(|block| block.starts_with("sqlite3 ")).unwrap();
    if Command::new("sqlite3").arg("--version").output().is_ok() {
        let ended = Command::new("sh").args(["-c", &shown]).current_dir(folder.path()).output().unwrap();
        assert!(ended.status.success() && !ended.stdout.is_empty(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
}

#[test]
fn the_recipe_for_following_tells_every_change_soon() {
    let script = blocks("python").into_iter().find(|block| block.contains("while True")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut library = Library::open(&folder.path().join("dateline.db"), &[]);
    let mut tell = |number: usize| {
        let (title, text) = (format!("Ferry {number} sails"), format!("Ferry number {number} left."));
        let at = Some("2024-05-20T15:00:00Z");
        library.tell(&Told { publisher: "post.example", title: &title, text: &text, at, ..Told::default() });
    };
    tell(0);
    let Ok(mut child) =
        Command::new("python3").args(["-c", &script]).current_dir(folder.path()).stdout(Stdio::piped()).spawn()
    else {
        eprintln!("skipped: no python3");
        return;
    };
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert_eq!(next(), "1 added ('post.example', 'Ferry 0 sails')");
    let mut quickest = Duration::MAX;
    for number in 1..6 {
        tell(number);
        let began = Instant::now();
        assert_eq!(next(), format!("{} added ('post.example', 'Ferry {number} sails')", 2 * number + 1));
        quickest = quickest.min(began.elapsed());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
}
