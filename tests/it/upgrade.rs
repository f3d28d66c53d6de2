//! Databases of every released schema open with today's binary, and nothing in them is lost.
//!
//! The schema's text is a snapshot, and `tests/fixtures/databases/<schema>.db` holds a database as each released binary wrote it: real runs over
//! made-up articles. Whoever adds a migration runs, in this order,
//!
//! ```sh
//! cargo test --test it upgrade::write_the_fixture -- --ignored       # tests/fixtures/databases/<schema>.db; refuses to replace one
//! INSTA_UPDATE=always cargo test --test it upgrade::                 # accepts the new schema's text; read the difference
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use dateline::store::SCHEMA_VERSION;
use rusqlite::Connection;

use crate::newsroom::{Newsroom, Story, column, dateline, host, read_only};
use crate::press::Answer;

fn fixture(schema: i64) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/databases/{schema}.db"))
}

#[test]
fn the_schema_is_as_released() {
    insta::assert_snapshot!(new_schema_text());
}

#[test]
fn every_released_schema_has_its_fixture() {
    for schema in 1..=SCHEMA_VERSION {
        assert!(fixture(schema).exists(), "no database of schema {schema}: the head of this file says how to write it");
    }
}

#[test]
fn a_database_of_every_schema_opens_and_keeps_everything() {
    for schema in 1..=SCHEMA_VERSION {
        let old = Old::of(schema);
        let before = contents(&read_only(&old.database()));
        assert!(
            before["articles"].len() >= 6 && !before["revisions"].is_empty(),
            "schema {schema}: too little in the fixture"
        );

        let status = old.run(&["status"]);
        if schema < SCHEMA_VERSION {
            assert_eq!(status.status.code(), Some(1));
            let said = text(&status.stderr);
            assert!(said.contains(&format!("has schema {schema}")) && said.contains("dateline run"), "{said}");
            assert_eq!(read_only(&old.database()).pragma_query_value(None, "user_version", number).unwrap(), schema);
        }
        let ran = old.run(&["run", "--once"]);
        assert_eq!(ran.status.code(), Some(0), "schema {schema}: {}", text(&ran.stderr));

        let db = read_only(&old.database());
        assert_eq!(contents_as(&db, &before), before, "schema {schema}: something was lost");
        assert_eq!(column(&db, "PRAGMA integrity_check"), ["ok"]);
        assert!(column(&db, "PRAGMA foreign_key_check").is_empty());
        assert_eq!(db.pragma_query_value(None, "user_version", number).unwrap(), SCHEMA_VERSION);
        assert_eq!(schema_text(&db), new_schema_text(), "schema {schema}: not what a new database has");

        let copy = old.folder.path().join(format!("news.db.schema-{schema}.bak"));
        assert_eq!(copy.exists(), schema < SCHEMA_VERSION, "schema {schema}");
        if copy.exists() {
            assert!(text(&ran.stderr).contains("schema-"), "the copy is told: {}", text(&ran.stderr));
            let copy = Connection::open(&copy).unwrap();
            assert_eq!(copy.pragma_query_value(None, "user_version", number).unwrap(), schema);
            assert_eq!(contents(&copy), before, "schema {schema}: the copy is not the original");
        }
        for command in [&["status"][..], &["events"], &["search", "council"]] {
            let ended = old.run(command);
            assert_eq!(ended.status.code(), Some(0), "schema {schema}, {command:?}: {}", text(&ended.stderr));
            assert!(!ended.stdout.is_empty());
        }
    }
}

#[test]
fn an_older_database_is_left_alone_while_another_process_runs_on_it() {
    let old = Old::of(1);
    if SCHEMA_VERSION == 1 {
        return;
    }
    let lock = std::fs::File::create(old.folder.path().join("news.db.lock")).unwrap();
    lock.lock().unwrap();
    std::fs::write(old.folder.path().join("news.db.lock"), "4711\n").unwrap();
    let refused = dateline::store::Writer::open(&old.database()).unwrap_err().to_string();
    assert!(refused.contains("process 4711") && refused.contains("schema 1"), "{refused}");
}

/// Large databases take minutes; here another program's transaction holds the upgrade up.
#[test]
fn an_upgrade_that_takes_long_ends_when_it_is_told_to_and_the_next_goes_on() {
    let old = Old::of(1);
    let before = contents(&read_only(&old.database()));
    let other = Connection::open(old.database()).unwrap();
    other.execute_batch("PRAGMA journal_mode = wal; BEGIN IMMEDIATE").unwrap();
    let mut command = dateline(&["run", "--config", "dateline.toml"]);
    let child = command.current_dir(old.folder.path()).spawn().unwrap();
    let copy = old.folder.path().join("news.db.schema-1.bak");
    for _ in 0..400 {
        if copy.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(copy.exists(), "the database is copied first");
    std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    // Without an answer to the signal it would wait for half a minute, and fail.
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    assert_eq!(read_only(&old.database()).pragma_query_value(None, "user_version", number).unwrap(), 1);
    assert_eq!(old.run(&["run", "--once"]).status.code(), Some(0));
    let db = read_only(&old.database());
    assert_eq!(db.pragma_query_value(None, "user_version", number).unwrap(), SCHEMA_VERSION);
    assert_eq!(contents_as(&db, &before), before);
}

#[test]
fn a_newer_database_is_refused_with_a_clear_message() {
    let old = Old::of(SCHEMA_VERSION);
    let db = Connection::open(old.database()).unwrap();
    db.pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    drop(db);
    for command in [&["run", "--once"][..], &["status"], &["backup", "copy.db"]] {
        let refused = old.run(command);
        assert_eq!(refused.status.code(), Some(1), "{command:?}");
        let said = text(&refused.stderr);
        assert!(said.contains(&format!("schema {}", SCHEMA_VERSION + 1)), "{said}");
        assert!(said.contains("install the newer dateline"), "{said}");
    }
}

/// Writes `tests/fixtures/databases/<schema>.db`: new articles, copies, an event of several, an edit, a page that fails, one that is no article.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes a fixture, when the schema changes"]
async fn write_the_fixture() {
    let path = fixture(SCHEMA_VERSION);
    assert!(!path.exists(), "`{}` exists; what was released stays as it is", path.display());
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2, 3], "");
    let mut stories: Vec<Story> = (0..4).map(Story::new).collect();
    newsroom.publish(2, &stories);
    newsroom.publish(3, &stories[..2]);
    newsroom.press.set(&host(2), &stories[3].path(), Answer::status(503));
    newsroom.press.set(&host(3), &stories[1].path(), Answer::page("<title>Gone</title><p>Nothing here."));
    newsroom.run(&["run", "--once"]).await;
    stories[0].title.push_str(" after all");
    stories[0].paragraphs[0] =
        "The council met again on Thursday and put the vote off until the new year begins.".to_owned();
    stories.extend((10..13).map(Story::new));
    newsroom.publish(2, &stories);
    newsroom.press.set(&host(2), &stories[3].path(), Answer::status(503));
    newsroom.run(&["run", "--once"]).await;
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let written = newsroom.run(&["backup", path.to_str().unwrap()]).await;
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    assert!(std::fs::metadata(&path).unwrap().len() < 400_000, "a fixture is small");
}

/// A fixture under the name of a configured database.
struct Old {
    folder: tempfile::TempDir,
}

impl Old {
    fn of(schema: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(fixture(schema), folder.path().join("news.db")).unwrap();
        std::fs::write(
            folder.path().join("dateline.toml"),
            "[store]\npath = \"news.db\"\nkeep_html = \"0d\"\n[recheck]\nafter = []\n",
        )
        .unwrap();
        // Its queue leads to publishers that are gone: nothing is due for days.
        Connection::open(folder.path().join("news.db"))
            .unwrap()
            .execute("UPDATE entry SET next_attempt_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+10 days') WHERE state = 'queued'", [])
            .unwrap();
        Self { folder }
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("news.db")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        dateline(arguments).args(["--config", "dateline.toml"]).current_dir(self.folder.path()).output().unwrap()
    }
}

const VIEWS: [&str; 5] = ["articles", "events", "revisions", "entries", "changes"];

type Contents = BTreeMap<String, Vec<String>>;

/// Every row of every view, each column by name.
fn contents(db: &Connection) -> Contents {
    VIEWS
        .iter()
        .map(|view| {
            let columns = column(db, &format!("SELECT name FROM pragma_table_info('{view}')"));
            ((*view).to_owned(), rows(db, view, &columns))
        })
        .collect()
}

/// The same of a database whose views may have more columns: those that `like` has.
fn contents_as(db: &Connection, like: &Contents) -> Contents {
    let names = |row: &String| -> Vec<String> {
        let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(row).unwrap();
        row.into_iter().map(|(name, _)| name).collect()
    };
    like.iter()
        .map(|(view, rows_before)| {
            (view.clone(), rows_before.first().map(|row| rows(db, view, &names(row))).unwrap_or_default())
        })
        .collect()
}

fn rows(db: &Connection, view: &str, columns: &[String]) -> Vec<String> {
    let mut columns = columns.to_vec();
    columns.sort();
    let pairs: Vec<String> = columns.iter().map(|name| format!("'{name}', \"{name}\"")).collect();
    let mut rows = column(db, &format!("SELECT json_object({}) FROM {view}", pairs.join(", ")));
    rows.sort();
    rows
}

/// What defines the database, in order of name. Query statistics come and go.
fn schema_text(db: &Connection) -> String {
    let sql =
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_stat%' ORDER BY type, name";
    column(db, sql).join(";\n\n")
}

fn new_schema_text() -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("news.db");
    drop(dateline::store::Writer::open(&path).unwrap());
    schema_text(&read_only(&path))
}

fn number(row: &rusqlite::Row<'_>) -> rusqlite::Result<i64> {
    row.get(0)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
