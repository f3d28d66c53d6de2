//! `dateline reclean`: today's cleaner over the raw pages that are kept.
//!
//! Yesterday's cleaner is played by hand: what is stored is made worse than the pages say.

use rusqlite::Connection;

use crate::newsroom::{Newsroom, Story, column};
use crate::sound::assert_sound;

const STORIES: usize = 6;

/// Six stored stories with their pages: two with furniture in the text, one with a wrong author, one without its page, two as they should be.
async fn yesterday() -> (Newsroom, Connection) {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let config = std::fs::read_to_string(newsroom.config()).unwrap();
    std::fs::write(newsroom.config(), config.replace("keep_html = \"0d\"", "keep_html = \"9d\"")).unwrap();
    newsroom.publish(2, &(0..STORIES).map(Story::new).collect::<Vec<_>>());
    let ended = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    let db = Connection::open(newsroom.database()).unwrap();
    db.execute_batch(
        "UPDATE article SET text = text || char(10, 10) || 'Sign up to our newsletter and never miss what the council decides again.' WHERE id IN (1, 2);
         UPDATE article SET authors = '[\"Share This\"]' WHERE id = 3;",
    )
    .unwrap();
    let pages = Connection::open(newsroom.folder.path().join("news.pages.db")).unwrap();
    pages.execute("DELETE FROM page WHERE article_id = 4", []).unwrap();
    (newsroom, db)
}

async fn reclean(newsroom: &Newsroom, arguments: &[&str]) -> serde_json::Value {
    let ended = newsroom.run(&[&["reclean", "--json"], arguments].concat()).await;
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    serde_json::from_slice(&ended.stdout).unwrap()
}

fn counts(report: &serde_json::Value) -> [i64; 5] {
    ["articles", "same", "revised", "amended", "without_page"].map(|name| report[name].as_i64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_out_differently_is_written_without_fetching() {
    let (newsroom, db) = yesterday().await;
    let visits = newsroom.press.visits().len();
    let before = column(&db, "SELECT json_array(seq, text, authors, revision, fetched_at) FROM articles ORDER BY id");
    let seq: i64 = column(&db, "SELECT max(seq) FROM changes")[0].parse().unwrap();

    let dry = reclean(&newsroom, &["--dry-run"]).await;
    assert_eq!(counts(&dry), [6, 2, 2, 1, 1]);
    assert_eq!(dry["fields"], serde_json::json!({ "authors": 1, "text": 2 }));
    assert!(dry["samples"][0]["edits"][0]["before"][0].as_str().unwrap().starts_with("Sign up"), "{dry}");
    assert_eq!(
        column(&db, "SELECT json_array(seq, text, authors, revision, fetched_at) FROM articles ORDER BY id"),
        before
    );

    let done = reclean(&newsroom, &[]).await;
    assert_eq!((counts(&done), &done["samples"]), (counts(&dry), &dry["samples"]));
    assert_eq!(newsroom.press.visits().len(), visits, "nothing is fetched");
    assert_eq!(column(&db, "SELECT revision FROM articles ORDER BY id"), ["2", "2", "1", "1", "1", "1"]);
    assert!(column(&db, "SELECT id FROM articles WHERE text LIKE '%newsletter%' OR authors LIKE '%Share%'").is_empty());
    assert_eq!(column(&db, "SELECT count(*) FROM revisions WHERE text LIKE '%newsletter%'"), ["2"]);
    let told = format!("SELECT id || action FROM changes WHERE kind = 'article' AND seq > {seq} ORDER BY seq");
    assert_eq!(column(&db, &told), ["1edited", "2edited", "3edited"]);
    assert_eq!(
        column(&db, "SELECT fetched_at FROM articles ORDER BY id"),
        before
            .iter()
            .map(|row| serde_json::from_str::<serde_json::Value>(row).unwrap()[4].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    );
    assert_sound(&db);
    assert_eq!(counts(&reclean(&newsroom, &[]).await), [6, 5, 0, 0, 1], "once is enough");
    assert_eq!(
        column(&db, "SELECT max(seq) FROM changes WHERE kind = 'article'")[0].parse::<i64>().unwrap(),
        column(&db, "SELECT max(seq) FROM articles")[0].parse::<i64>().unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_stopped_goes_on_where_it_was() {
    let (newsroom, db) = yesterday().await;
    let first = reclean(&newsroom, &["--limit", "1"]).await;
    assert_eq!(counts(&first), [1, 0, 1, 0, 0]);
    let rest = reclean(&newsroom, &[]).await;
    assert_eq!((counts(&rest), &rest["resumed_after"]), ([5, 2, 1, 1, 1], &1.into()));
    assert!(column(&db, "SELECT name FROM task").is_empty());
    // Another question begins at its own beginning.
    reclean(&newsroom, &["--limit", "2"]).await;
    let other = reclean(&newsroom, &["--feed", "feed-2", "--since", "2020-01-01"]).await;
    assert_eq!((counts(&other)[0], &other["resumed_after"]), (6, &serde_json::Value::Null));
    assert_eq!(reclean(&newsroom, &["--until", "2020-01-01"]).await["articles"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_daemon_is_named_and_a_page_of_another_article_is_not_believed() {
    let (newsroom, _) = yesterday().await;
    let lock = dateline::store::Lock::take(&newsroom.database()).unwrap();
    let refused = newsroom.run(&["reclean"]).await;
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains(&format!("process {}", std::process::id())), "{said}");
    // The number had another article before a backup was put in place.
    let pages = Connection::open(newsroom.folder.path().join("news.pages.db")).unwrap();
    pages.execute("UPDATE page SET url = 'https://other.example/' WHERE article_id = 1", []).unwrap();
    assert_eq!(counts(&reclean(&newsroom, &["--dry-run"]).await), [6, 2, 1, 1, 2]);
    drop(lock);
}
