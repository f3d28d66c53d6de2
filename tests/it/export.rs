//! `dateline export`: what is picked out, in which order, and that a file is there whole or not at all.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::filled::{Library, Told};
use crate::newsroom::{column, dateline, read_only};

fn filled() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("news.db");
    let mut library = Library::open(&database, &["post"]);
    let stories = [
        ("post.example", "Late", Some("2024-05-22T23:59:59Z"), "en"),
        ("post.example", "Early", Some("2024-05-20T00:00:00Z"), "en"),
        ("kurier.example", "Mitte", Some("2024-05-21T12:00:00Z"), "de"),
        ("post.example", "Undated", None, "en"),
    ];
    for (publisher, title, at, language) in stories {
        library.tell(&Told {
            publisher,
            feed: Some("post"),
            title,
            text: &format!("{title}, the story."),
            at,
            fetched_at: Some("2024-05-23T06:00:00Z"),
            language: Some(language),
            authors: &["Ada \"A.\" Lang, Skellwick"],
            ..Told::default()
        });
    }
    library.checkpoint();
    (folder, database)
}

fn export(database: &Path, more: &[&str]) -> Output {
    let mut command = dateline(&["export", "--database"]);
    command.arg(database).args(more).current_dir(database.parent().unwrap()).output().unwrap()
}

fn titles(database: &Path, more: &[&str]) -> Vec<String> {
    let ended = export(database, more);
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    let lines = String::from_utf8(ended.stdout).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["title"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_is_asked_for_comes_in_order_of_publication() {
    let (_folder, database) = filled();
    let check = |more: &[&str], expected: &[&str]| assert_eq!(titles(&database, more), expected, "{more:?}");
    check(&[], &["Undated", "Early", "Mitte", "Late"]);
    check(&["--since", "2024-05-21"], &["Undated", "Mitte", "Late"]);
    check(&["--since", "2024-05-20", "--until", "2024-05-22"], &["Early", "Mitte", "Late"]);
    check(&["--until", "2024-05-22T23:59:58Z"], &["Early", "Mitte"]);
    check(&["--publisher", "kurier.example"], &["Mitte"]);
    check(
        &["--publisher", "kurier.example", "--publisher", "post.example", "--until", "2024-05-21"],
        &["Early", "Mitte"],
    );
    check(&["--language", "DE", "--since", "2024-05-21"], &["Mitte"]);
    check(&["--event", "2", "--event", "1"], &["Early", "Late"]);
    check(&["--event", "99"], &[]);
    assert_eq!(export(&database, &["--since", "yesterday"]).status.code(), Some(2));
}

#[test]
fn csv_has_the_columns_of_the_view_and_json_lines_too() {
    let (_folder, database) = filled();
    let columns = column(&read_only(&database), "SELECT name FROM pragma_table_info('articles')");
    let csv = String::from_utf8(export(&database, &["--format", "csv"]).stdout).unwrap();
    assert_eq!(csv.split("\r\n").next().unwrap(), columns.join(","));
    assert!(csv.contains(r#","[""Ada \""A.\"" Lang, Skellwick""]","#), "{csv}");
    let lines = String::from_utf8(export(&database, &[]).stdout).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    for name in &columns {
        assert!(first.get(name).is_some(), "{name}");
    }
    assert_eq!(first.as_object().unwrap().len(), columns.len());
}

#[test]
fn a_file_appears_when_it_is_complete() {
    let (folder, database) = filled();
    let ended = export(&database, &["--output", "all.csv"]);
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("4 articles in all.csv"));
    assert!(std::fs::read_to_string(folder.path().join("all.csv")).unwrap().starts_with("id,seq,"));
    // A failure leaves what was there, and nothing of its own.
    let damaged = folder.path().join("damaged.db");
    std::fs::copy(&database, &damaged).unwrap();
    let writing = rusqlite::Connection::open(&damaged).unwrap();
    writing.execute_batch("DROP VIEW articles").unwrap();
    drop(writing);
    let before = std::fs::read(folder.path().join("all.csv")).unwrap();
    let failed = export(&damaged, &["--output", "all.csv"]);
    assert_eq!(failed.status.code(), Some(1));
    assert_eq!(std::fs::read(folder.path().join("all.csv")).unwrap(), before);
    let parts = std::fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".part"));
    assert_eq!(parts.count(), 0);
    assert_eq!(export(&database, &["--output", "all.xlsx"]).status.code(), Some(1));
}

#[test]
fn parquet_is_written_or_its_feature_named() {
    let (folder, database) = filled();
    let ended = export(&database, &["--output", "all.parquet"]);
    if cfg!(feature = "parquet") {
        assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
        assert!(std::fs::read(folder.path().join("all.parquet")).unwrap().starts_with(b"PAR1"));
    } else {
        assert_eq!(ended.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&ended.stderr).contains("--features parquet"));
        assert!(!folder.path().join("all.parquet").exists());
    }
}

#[test]
fn what_is_given_out_has_parquet() {
    for file in ["deploy/package", "deploy/Containerfile"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let builds: Vec<&str> = text.lines().filter(|line| line.contains("cargo build")).collect();
        assert!(
            !builds.is_empty() && builds.iter().all(|line| line.contains("--features parquet")),
            "{file}: {builds:?}"
        );
    }
}
