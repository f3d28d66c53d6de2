//! Old articles are grouped once more, in order of publication, whatever the order in which they came.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::Path;

use dateline::group::Options;
use dateline::store::Writer;
use dateline::upkeep::settle;
use rusqlite::Connection;
use serde_json::Value;

use super::{Newsroom, backfill, stderr};
use crate::newsroom::{column, dateline};
use crate::regroup::{demo, partition};
use crate::sound::assert_sound;

/// The demo's articles as pages of a web archive, the newest first.
fn archive(demo: &Connection, path: &Path) {
    let mut statement = demo
        .prepare("SELECT url, title, published_at, language, text FROM articles WHERE published_at IS NOT NULL ORDER BY published_at DESC, id DESC")
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok([0, 1, 2, 3, 4].map(|n| row.get::<_, Option<String>>(n).unwrap().unwrap_or_default())));
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let mut file = std::fs::File::create(path).unwrap();
    for [url, title, published, language, text] in rows.unwrap().map(Result::unwrap) {
        let paragraphs: String = text.split("\n\n").map(|text| format!("<p>{}</p>", escape(text))).collect();
        let html = format!(
            "<html lang=\"{language}\"><head><title>{0}</title><meta property=\"article:published_time\" content=\"{published}\"></head>\
             <body><article><h1>{0}</h1>{paragraphs}</article></body></html>",
            escape(&title)
        );
        let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}");
        write!(
            file,
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n\
             Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
            http.len()
        )
        .unwrap();
    }
}

/// The event of each address.
fn events(db: &Connection) -> BTreeMap<String, i64> {
    let mut statement = db.prepare("SELECT url, event_id FROM articles").unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// One minus the B-cubed F1 (Bagga and Baldwin 1998) of two partitions of the same things.
fn difference(one: &BTreeMap<String, i64>, other: &BTreeMap<String, i64>) -> f64 {
    let (mut in_one, mut in_other, mut in_both) = (HashMap::new(), HashMap::new(), HashMap::new());
    let pairs: Vec<(i64, i64)> = one.iter().map(|(url, event)| (*event, other[url])).collect();
    for (a, b) in &pairs {
        *in_one.entry(*a).or_insert(0.0) += 1.0;
        *in_other.entry(*b).or_insert(0.0) += 1.0;
        *in_both.entry((*a, *b)).or_insert(0.0) += 1.0;
    }
    let sum =
        |whole: &dyn Fn(i64, i64) -> f64| -> f64 { pairs.iter().map(|&(a, b)| in_both[&(a, b)] / whole(a, b)).sum() };
    let (precision, recall) = (sum(&|_, b| in_other[&b]), sum(&|a, _| in_one[&a]));
    1.0 - 2.0 * precision * recall / (precision + recall) / f64::from(u32::try_from(pairs.len()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_newest_first_ends_in_the_partition_of_what_came_in_order() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[], "");
    let demo = demo();
    let news = demo.path().join("news.db");
    let warc = demo.path().join("old.warc");
    archive(&crate::newsroom::read_only(&news), &warc);
    let warc = warc.display().to_string();
    let ended = backfill(&newsroom, &["--json", &warc]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    let summary = last_line(&ended.stdout);
    let stored = &summary["backfill"]["stored"];
    assert!(stored.as_i64().unwrap() > 50, "{summary}");
    assert_eq!((&summary["grouped_again"]["articles"], &summary["days_to_group_again"]), (stored, &Value::from(0)));
    assert_sound(&newsroom.read());

    let ended = dateline(&["regroup", "--database", "news.db"]).current_dir(demo.path()).output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
    let (mut live, backfilled) = (events(&crate::newsroom::read_only(&news)), events(&newsroom.read()));
    live.retain(|url, _| backfilled.contains_key(url));
    assert_eq!(live.len(), backfilled.len());
    let difference = difference(&live, &backfilled);
    assert!(difference <= 0.01, "{:.2} % of articles", 100.0 * difference);

    // Grouping them again changes nothing, and nothing is told.
    let seq = column(&newsroom.read(), "SELECT max(seq) FROM changes");
    let again = backfill(&newsroom, &["--json", &warc]).await;
    assert_eq!(last_line(&again.stdout)["grouped_again"]["moved"], 0);
    assert_eq!(column(&newsroom.read(), "SELECT max(seq) FROM changes"), seq);
}

fn last_line(output: &[u8]) -> Value {
    serde_json::from_slice(output.split(|&b| b == b'\n').rfind(|line| !line.is_empty()).unwrap()).unwrap()
}

/// A database in which two events became one and an article went astray, and whose days are owed.
struct Disturbed {
    folder: tempfile::TempDir,
    whole: BTreeSet<BTreeSet<i64>>,
    events: BTreeMap<i64, BTreeSet<i64>>,
}

impl Disturbed {
    fn open() -> Self {
        let folder = demo();
        let path = folder.path().join("news.db");
        std::fs::write(folder.path().join("dateline.toml"), "[store]\npath = \"news.db\"\nkeep_html = \"0d\"\n")
            .unwrap();
        std::fs::write(folder.path().join("none.txt"), "").unwrap();
        let db = Connection::open(&path).unwrap();
        let owe = "INSERT OR IGNORE INTO owed SELECT DISTINCT day FROM signature";
        db.execute_batch(owe).unwrap();
        pay(folder.path(), &["backfill", "none.txt"]);
        let events = partition(&db);
        let whole = events.values().cloned().collect();
        let large: Vec<i64> =
            events.iter().filter(|(_, articles)| articles.len() >= 3).map(|(event, _)| *event).collect();
        let (kept, lost, split) = (large[0], large[1], large[2]);
        let originals = column(&db, "SELECT DISTINCT duplicate_of FROM articles WHERE duplicate_of IS NOT NULL");
        let stray = events[&split].iter().rfind(|article| !originals.contains(&article.to_string())).unwrap();
        db.execute_batch(&format!(
            "UPDATE article SET event_id = {kept} WHERE event_id = {lost};
             UPDATE event SET merged_into = {kept}, article_count = 0, publisher_count = 0 WHERE id = {lost};
             UPDATE event SET merged_into = {kept} WHERE merged_into = {lost};
             INSERT INTO event (title) VALUES ('astray');
             UPDATE article SET event_id = (SELECT max(id) FROM event), duplicate_of = NULL WHERE id = {stray}; {owe};"
        ))
        .unwrap();
        assert_ne!(partition(&db), events);
        Self { folder, whole, events }
    }

    #[track_caller]
    fn assert_mended(&self) {
        let db = Connection::open(self.folder.path().join("news.db")).unwrap();
        let now = partition(&db);
        assert_eq!(now.values().cloned().collect::<BTreeSet<_>>(), self.whole);
        assert_eq!(column(&db, "SELECT count(*) FROM owed"), ["0"]);
        let same = self.events.iter().filter(|(event, articles)| now.get(event) == Some(articles)).count();
        // The two that had become one and the one that lost a report may need new numbers; all others keep theirs.
        assert!(same + 3 >= self.events.len(), "{same} of {}", self.events.len());
        db.execute_batch("UPDATE event SET seq = (SELECT max(seq) FROM change WHERE kind = 'event' AND id = event.id)")
            .unwrap();
        assert_sound(&db);
    }
}

fn pay(folder: &Path, arguments: &[&str]) {
    let ended = dateline(&["--config", "dateline.toml"]).args(arguments).current_dir(folder).output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", stderr(&ended));
}

#[test]
fn what_is_owed_is_told_and_a_large_day_can_be_broken_off() {
    let disturbed = Disturbed::open();
    let path = disturbed.folder.path().join("news.db");
    let before = partition(&Connection::open(&path).unwrap());
    let owed = column(&Connection::open(&path).unwrap(), "SELECT count(*) FROM owed").remove(0);
    let mut writer = Writer::open(&path).unwrap();
    let now = "2026-11-23T00:00:00Z".parse().unwrap();
    let settled = settle(&mut writer, Options::default(), i64::MAX, now, |_| ControlFlow::Break(())).unwrap();
    assert_eq!(settled, None);
    drop(writer);
    assert_eq!(partition(&Connection::open(&path).unwrap()), before);
    let status = |more: &[&str]| {
        let arguments = [&["--config", "dateline.toml", "backfill", "--status"], more].concat();
        dateline(&arguments).current_dir(disturbed.folder.path()).output().unwrap().stdout
    };
    let told = String::from_utf8(status(&[])).unwrap();
    assert!(told.contains(&format!("the articles of {owed} days are still to be grouped once more")), "{told}");
    let told: Value = serde_json::from_slice(&status(&["--json"])).unwrap();
    assert_eq!(told[0]["days_to_group_again"].to_string(), owed);
    pay(disturbed.folder.path(), &["backfill", "none.txt"]);
    disturbed.assert_mended();
    assert!(!String::from_utf8(status(&[])).unwrap().contains("grouped once more"));
}

#[test]
fn what_an_earlier_one_owes_is_paid_by_the_next() {
    let disturbed = Disturbed::open();
    pay(disturbed.folder.path(), &["backfill", "none.txt"]);
    disturbed.assert_mended();
}

#[test]
fn what_a_backfill_owes_is_paid_by_the_pipeline_that_runs() {
    let disturbed = Disturbed::open();
    pay(disturbed.folder.path(), &["run", "--once"]);
    disturbed.assert_mended();
}

#[test]
fn day_by_day_it_comes_to_the_same_and_copies_stay_with_their_originals() {
    let disturbed = Disturbed::open();
    let db = Connection::open(disturbed.folder.path().join("news.db")).unwrap();
    let days = column(&db, "SELECT DISTINCT day FROM signature ORDER BY day");
    for day in &days {
        db.execute_batch(&format!("DELETE FROM owed; INSERT INTO owed VALUES ({day});")).unwrap();
        pay(disturbed.folder.path(), &["backfill", "none.txt"]);
        let broken = "SELECT a.id FROM articles a JOIN articles o ON o.id = a.duplicate_of WHERE o.duplicate_of IS NOT NULL OR o.event_id <> a.event_id";
        assert!(column(&db, broken).is_empty(), "day {day}");
    }
    disturbed.assert_mended();
}
