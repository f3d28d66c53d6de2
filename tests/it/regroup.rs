//! `dateline regroup`: today's grouper over what is stored; what stands is kept where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::filled::{Library, Told};
use crate::newsroom::{column, dateline, read_only};
use crate::sound::assert_sound;

/// The demo's database: some hundred articles of thirty events.
pub fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let ran = dateline(&["demo", "--database", "news.db"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    folder
}

fn regroup(folder: &Path, arguments: &[&str]) -> Output {
    let database: &[&str] = if arguments.contains(&"--database") { &[] } else { &["--database", "news.db"] };
    dateline(&["regroup"]).args(database).args(arguments).current_dir(folder).output().unwrap()
}

fn done(ended: &Output) -> serde_json::Value {
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    serde_json::from_slice(&ended.stdout).unwrap()
}

/// Which articles each event has.
pub fn partition(db: &Connection) -> BTreeMap<i64, BTreeSet<i64>> {
    let mut events: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    let mut statement = db.prepare("SELECT event_id, id FROM articles").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    for (event, article) in rows.map(Result::unwrap) {
        events.entry(event).or_default().insert(article);
    }
    events
}

#[test]
fn grouping_again_changes_nothing_and_what_was_disturbed_comes_back() {
    let folder = demo();
    let path = folder.path().join("news.db");
    done(&regroup(folder.path(), &["--json"]));
    let db = Connection::open(&path).unwrap();
    assert_sound(&db);
    let first = partition(&db);
    let seq = column(&db, "SELECT max(seq) FROM changes");
    let again = done(&regroup(folder.path(), &["--json"]));
    assert_eq!((&again["difference"]["moved"], &again["difference"]["recopied"]), (&0.into(), &0.into()));
    assert_eq!(column(&db, "SELECT max(seq) FROM changes"), seq, "nothing changed, and nothing is told");

    // Two events become one, an article goes astray into an event of its own, and an older grouper signed them all.
    let sizes: Vec<(i64, usize)> = first.iter().map(|(event, articles)| (*event, articles.len())).collect();
    let large: Vec<i64> = sizes.iter().filter(|(_, size)| *size >= 3).map(|(event, _)| *event).collect();
    let (kept, lost, split) = (large[0], large[1], large[2]);
    let stray = *first[&split].iter().next_back().unwrap();
    db.execute_batch(&format!(
        "UPDATE article SET event_id = {kept} WHERE event_id = {lost};
         UPDATE event SET merged_into = {kept}, article_count = 0, publisher_count = 0 WHERE id = {lost};
         UPDATE event SET merged_into = {kept} WHERE merged_into = {lost};
         INSERT INTO event (title) VALUES ('astray');
         UPDATE article SET event_id = (SELECT max(id) FROM event), duplicate_of = NULL WHERE id = {stray};
         UPDATE signature SET bytes = X'01';
         DELETE FROM statistics;"
    ))
    .unwrap();
    let disturbed = partition(&db);
    let dry = done(&regroup(folder.path(), &["--json", "--dry-run"]));
    assert_eq!(partition(&db), disturbed, "a dry run changes nothing");
    assert_eq!(column(&db, "SELECT max(seq) FROM changes"), seq);
    let ran = done(&regroup(folder.path(), &["--json"]));
    assert_eq!(ran["difference"], dry["difference"], "what would change is what did");
    assert_eq!(ran["moves"], dry["moves"]);
    assert_eq!(ran["difference"]["signed_anew"], ran["difference"]["articles"]);
    assert_eq!(
        ran["difference"]["events_new"], 1,
        "the event that had become part of another is a new one: numbers are not reused"
    );

    let after = partition(&db);
    let groups = |partition: &BTreeMap<i64, BTreeSet<i64>>| partition.values().cloned().collect::<BTreeSet<_>>();
    assert_eq!(groups(&after), groups(&first));
    let moved: BTreeSet<i64> = first[&lost].iter().chain([&stray]).copied().collect();
    for (event, articles) in &first {
        // Of the two that had become one, the larger keeps the number.
        if ![kept, lost].contains(event) && articles.is_disjoint(&moved) {
            assert_eq!(after.get(event), Some(articles), "event {event} keeps its number");
        }
    }
    let told = column(&db, &format!("SELECT id FROM changes WHERE action = 'moved' AND seq > {} ORDER BY id", seq[0]));
    assert_eq!(told.len(), usize::try_from(ran["difference"]["moved"].as_i64().unwrap()).unwrap());
    let merged = column(&db, &format!("SELECT count(*) FROM changes WHERE action = 'merged' AND seq > {}", seq[0]));
    assert_eq!(merged, ["1"], "the event of the astray article");
    db.execute_batch("UPDATE event SET seq = (SELECT max(seq) FROM change WHERE kind = 'event' AND id = event.id)")
        .unwrap();
    assert_sound(&db);
}

#[test]
fn a_running_daemon_is_named_and_only_a_dry_run_goes_on_beside_it() {
    let folder = demo();
    let _daemon = dateline::store::Lock::take(&folder.path().join("news.db")).unwrap();
    let refused = regroup(folder.path(), &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains(&format!("process {}", std::process::id())), "{}", text(&refused.stderr));
    let dry = regroup(folder.path(), &["--dry-run"]);
    assert_eq!(dry.status.code(), Some(0), "{}", text(&dry.stderr));
    assert!(text(&dry.stdout).contains("events before"));
    assert!(column(&read_only(&folder.path().join("news.db")), "SELECT id FROM articles").len() > 50);
}

#[test]
fn a_run_that_was_killed_goes_on_where_it_was_and_ends_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("news.db");
    fill(&path);
    let uncut = folder.path().join("uncut.db");
    std::fs::copy(&path, &uncut).unwrap();
    let whole = done(&regroup(folder.path(), &["--json", "--database", "uncut.db"]));
    assert!(
        whole["resumed_after"].is_null() && whole["difference"]["events_merged"].as_i64().unwrap() > 100,
        "{whole}"
    );

    killed_on_its_way(folder.path(), 500);
    assert_eq!(column(&read_only(&path), "SELECT count(*) FROM changes WHERE action = 'moved'"), ["0"]);
    killed_on_its_way(folder.path(), 1_000);
    let rest = done(&regroup(folder.path(), &["--json"]));
    assert!(rest["resumed_after"].as_i64() >= Some(1_000), "{rest}");
    assert_eq!(rest["difference"], whole["difference"]);
    let (cut, uncut) = (Connection::open(&path).unwrap(), Connection::open(&uncut).unwrap());
    for all in [
        "SELECT json_array(id, event_id, duplicate_of) FROM articles ORDER BY id",
        "SELECT json_array(key, hex(bytes)) FROM statistics ORDER BY key",
        "SELECT json_array(article_id, day, hex(bytes)) FROM signature ORDER BY article_id",
    ] {
        assert_eq!(column(&cut, all), column(&uncut, all), "{all}");
    }
    assert_sound(&cut);
    assert!(beside(folder.path()).is_empty(), "{:?}", beside(folder.path()));
}

#[test]
fn what_an_older_run_left_is_gone_on_with_only_if_nothing_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("news.db");
    let mut library = fill(&path);
    killed_on_its_way(folder.path(), 500);
    let begun = beside(folder.path());
    assert!(begun.contains(&"news.db.regroup".to_owned()), "{begun:?}");
    let left = folder.path().join("left");
    std::fs::copy(folder.path().join("news.db.regroup"), &left).unwrap();

    let dry = done(&regroup(folder.path(), &["--json", "--dry-run"]));
    assert!(dry["resumed_after"].is_null(), "a dry run is one of its own");
    assert_eq!(beside(folder.path()), begun);
    library.edit(1, "The ferry sails again", "It sailed at noon.", "2024-04-02T10:00:00Z");
    let anew = done(&regroup(folder.path(), &["--json"]));
    assert!(anew["resumed_after"].is_null(), "{anew}");
    for damage in ["", "no database at all", &"SQLite format 3\0".repeat(300)] {
        std::fs::write(folder.path().join("news.db.regroup"), damage).unwrap();
        assert!(done(&regroup(folder.path(), &["--json"]))["resumed_after"].is_null());
    }
    std::fs::copy(&left, folder.path().join("news.db.regroup")).unwrap();
    assert!(done(&regroup(folder.path(), &["--json", "--restart"]))["resumed_after"].is_null());
    assert!(beside(folder.path()).is_empty());
    assert_sound(&Connection::open(&path).unwrap());
}

/// Some thousand reports of a month on some hundred happenings, each an event of its own so far and signed by nobody.
fn fill(path: &Path) -> Library {
    const PLACES: [&str; 5] = ["Kelm", "Ostrava Quay", "Brunn Heath", "Sarvik", "Tollmead"];
    const DEEDS: [&str; 5] =
        ["ferry ran aground", "bridge was closed", "mayor resigned", "mill burned down", "harvest failed"];
    let mut library = Library::open(path, &["kelm"]);
    for number in 0..1_700_usize {
        let (place, deed, day) = (PLACES[number * 7 % 5], DEEDS[number / 5 % 5], 1 + number / 61);
        library.tell(&Told {
            publisher: &format!("paper{}.example", number % 9),
            feed: Some("kelm"),
            title: &format!("{place}: {deed}"),
            text: &format!(
                "The {deed} near {place} on the {day}th, {} people said. Help came from {}.",
                number % 13,
                PLACES[number % 4]
            ),
            at: Some(&format!("2024-03-{day:02}T{:02}:{:02}:00Z", number % 24, number % 60)),
            language: Some("en"),
            ..Told::default()
        });
    }
    library.checkpoint();
    library
}

/// Starts and kills it once it has grouped at least so many.
fn killed_on_its_way(folder: &Path, grouped: i64) {
    let mut child = dateline(&["regroup", "--database", "news.db"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let collected = folder.join("news.db.regroup");
    let reached = || {
        let file = Connection::open_with_flags(&collected, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        file.query_row("SELECT place FROM reached", [], |row| row.get::<_, i64>(0)).ok()
    };
    while reached() < Some(grouped) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it had grouped {grouped}");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The names of the files that collecting leaves.
fn beside(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.contains(".regroup")).collect();
    names.sort();
    names
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
