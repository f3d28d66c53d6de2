//! The tools that people read the database with: the sqlite3 shell, Python's sqlite3, pandas, `DuckDB`, Datasette.
//!
//! Needs a Python with these: `$DATELINE_PYTHON`, else `target/readers/bin/python`, a venv with pandas, datasette, duckdb and duckdb-extension-sqlite-scanner of the same version; says so where it lacks one. Where the tests run
//! as root the tools run as another user, who may read the files and nothing more.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cookbook;
use crate::filled::{Library, Told};
use crate::newsroom::{Newsroom, Story, dateline};

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

fn read(python: &Path, database: &Path, exports: Option<&Path>) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/readers.py");
    // The script is handed over, since another user may not be able to look into this folder.
    let script = std::fs::read_to_string(script).unwrap();
    let ended = as_reader(python, database.parent().unwrap())
        .arg("-c")
        .arg(script)
        .arg(database)
        .args(exports)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success(), "{told}{}", String::from_utf8_lossy(&ended.stderr));
    for line in told.lines().filter(|line| line.starts_with("skipped")) {
        eprintln!("{line}");
    }
    told
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
    read(&python, &database, Some(folder.path()));
}

#[test]
fn while_the_database_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("news.db");
    cookbook::fill(&database);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut library = Library::open(&database, &[]);
            let mut told = 0_usize;
            while !stop.load(Ordering::Relaxed) {
                let (title, text) = (format!("Ferry notice {told}"), format!("The ferry, notice {told}."));
                let at = Some("2026-03-01T10:00:00Z");
                library.tell(&Told { publisher: "paper-5.example", title: &title, text: &text, at, ..Told::default() });
                told += 1;
            }
            told
        });
        if let Some(counted) = shell(&database, "SELECT count(*) >= 18 FROM articles") {
            assert_eq!(counted, "1");
        }
        let read = python().map(|python| std::panic::catch_unwind(|| read(&python, &database, None)));
        stop.store(true, Ordering::Relaxed);
        assert!(writer.join().unwrap() > 0);
        assert!(read.is_none_or(|read| read.is_ok()), "a reader failed while the database was written");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let stories: Vec<Story> = (0..40).map(Story::new).collect();
    newsroom.publish(2, &stories);
    let mut child = newsroom.command(&["run"]).stderr(Stdio::null()).spawn().unwrap();
    let stored = || {
        let read = || crate::newsroom::column(&newsroom.read(), "SELECT count(*) FROM articles")[0].parse().ok();
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).ok().flatten().unwrap_or(0_usize)
    };
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while stored() < 5 && std::time::Instant::now() < limit {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = stored();
    assert!(before >= 5);
    let database = newsroom.database();
    if let Some(counted) = shell(&database, "SELECT count(*) FROM articles") {
        assert_eq!(counted, before.to_string());
    }
    let Some(python) = python() else { return };
    let count = "import sqlite3, sys; print(sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True).execute('SELECT count(*) FROM articles').fetchone()[0])";
    let ended = as_reader(&python, database.parent().unwrap()).args(["-c", count]).arg(&database).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&ended.stdout).trim(),
        before.to_string(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
}
