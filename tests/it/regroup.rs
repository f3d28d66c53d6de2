//! `dateline regroup`: today's grouper over what is stored; what stands is kept where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Output;

use rusqlite::Connection;

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
    dateline(&["regroup", "--database", "news.db"]).args(arguments).current_dir(folder).output().unwrap()
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

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
