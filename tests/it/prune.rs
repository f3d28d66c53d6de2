//! `dateline prune`: the oldest articles go, by age or by size; what stays is whole.

use std::path::Path;
use std::process::Output;

use dateline::store::Announced;
use rusqlite::Connection;

use crate::newsroom::{Newsroom, Story, column, dateline, host};
use crate::press::Answer;
use crate::sound::assert_sound;

fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let ran = dateline(&["demo", "--database", "news.db"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    folder
}

fn prune(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let ended =
        dateline(&["prune", "--database", "news.db", "--json"]).args(arguments).current_dir(folder).output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    serde_json::from_slice(&ended.stdout).unwrap()
}

/// Makes the first articles as old as if they had been stored in 2020.
fn age(db: &Connection, up_to: i64) {
    db.execute("UPDATE change SET at = '2020-01-01T00:00:00Z' WHERE kind = 'article' AND id <= ?1", [up_to]).unwrap();
}

#[test]
fn old_articles_go_and_what_stays_is_whole() {
    let folder = demo();
    let db = Connection::open(folder.path().join("news.db")).unwrap();
    assert_sound(&db);
    let last = column(&db, "SELECT max(id) / 2 FROM articles")[0].parse::<i64>().unwrap();
    age(&db, last);
    let stays = "SELECT json_array(id, url, title, text, revision) FROM articles WHERE id > ";
    let before = column(&db, &format!("{stays}{last}"));
    let addresses: Vec<url::Url> = column(&db, &format!("SELECT url FROM entry WHERE article_id <= {last}"))
        .iter()
        .map(|url| url.parse().unwrap())
        .collect();
    let sequences = column(&db, "SELECT name || seq FROM sqlite_sequence WHERE name IN ('article', 'event')");

    let dry = prune(folder.path(), &["--older-than", "30d", "--dry-run"]);
    assert_eq!(
        column(&db, &format!("SELECT count(*) FROM articles WHERE id <= {last}")),
        [dry["articles"].to_string()]
    );
    let done = prune(folder.path(), &["--older-than", "30d"]);
    assert_eq!((&done["articles"], &done["events"]), (&dry["articles"], &dry["events"]));
    assert!(done["events"].as_i64() > Some(0), "{done}");

    assert_eq!(column(&db, &format!("{stays}0")), before);
    assert_eq!(column(&db, "SELECT count(*) FROM entry WHERE state = 'stored' AND article_id IS NULL"), ["0"]);
    assert_eq!(column(&db, "SELECT count(*) FROM feed_item WHERE entry_id NOT IN (SELECT id FROM entry)"), ["0"]);
    let reader = dateline::store::Reader::open(&folder.path().join("news.db")).unwrap();
    assert!(addresses.len() >= usize::try_from(last).unwrap());
    assert!(addresses.iter().all(|url| reader.knows(url).unwrap()), "what was seen is remembered");
    assert_eq!(column(&db, "SELECT name || seq FROM sqlite_sequence WHERE name IN ('article', 'event')"), sequences);
    assert!(column(&db, "SELECT id FROM events WHERE article_count = 0 AND merged_into IS NULL").is_empty());
    let added = format!("SELECT count(*) FROM changes WHERE kind = 'article' AND action = 'added' AND id <= {last}");
    assert_eq!(column(&db, &added), ["0"], "the head of the changes went with them");
    assert_sound(&db);
    assert!(done["bytes_after"].as_i64() < done["bytes_before"].as_i64(), "{done}");
    assert_eq!(prune(folder.path(), &["--older-than", "30d"])["articles"], 0, "once is enough");
    // The grouper goes on over what is left.
    let grouped = dateline(&["regroup", "--database", "news.db"]).current_dir(folder.path()).output().unwrap();
    assert_eq!(grouped.status.code(), Some(0), "{}", text(&grouped.stderr));
    assert_sound(&db);
}

#[test]
fn the_full_text_gives_up_the_words_of_what_went() {
    let folder = demo();
    let db = Connection::open(folder.path().join("news.db")).unwrap();
    age(&db, column(&db, "SELECT max(id) / 2 FROM articles")[0].parse().unwrap());
    prune(folder.path(), &["--older-than", "30d"]);
    let bytes = || column(&db, "SELECT sum(length(block)) FROM articles_fts_data")[0].parse::<u64>().unwrap();
    let pruned = bytes();
    db.execute_batch("INSERT INTO articles_fts (articles_fts) VALUES ('optimize')").unwrap();
    assert!(pruned <= bytes() + bytes() / 20, "{pruned} bytes, written anew {}", bytes());
    assert_eq!(column(&db, "SELECT state FROM task"), ["{\"pruned\":0,\"merging\":0}"], "nothing is left to do");
}

#[test]
fn the_database_is_brought_down_to_a_size() {
    let folder = demo();
    let path = folder.path().join("news.db");
    let used = || {
        let db = Connection::open(&path).unwrap();
        column(&db, "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size")[0]
            .parse::<u64>()
            .unwrap()
    };
    let size = used() - used() / 20;
    let done = prune(folder.path(), &["--max-size", &size.to_string()]);
    assert!(used() <= size, "{} > {size}: {done}", used());
    let db = Connection::open(&path).unwrap();
    assert_eq!(column(&db, "PRAGMA freelist_count"), ["0"], "free pages were given back");
    assert_sound(&db);
}

#[test]
fn an_older_file_gets_smaller_once_it_was_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/databases/1.db");
    std::fs::copy(fixture, folder.path().join("news.db")).unwrap();
    drop(dateline::store::Writer::open(&folder.path().join("news.db")).unwrap());
    let open = || Connection::open(folder.path().join("news.db")).unwrap();
    assert_eq!(column(&open(), "PRAGMA auto_vacuum"), ["0"]);
    prune(folder.path(), &["--vacuum"]);
    let db = open();
    assert_eq!(column(&db, "PRAGMA auto_vacuum"), ["2"]);
    assert_sound(&db);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pruned_is_not_fetched_again() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let config = std::fs::read_to_string(newsroom.config()).unwrap();
    std::fs::write(
        newsroom.config(),
        config.replace("keep_html = \"0d\"", "keep_html = \"9d\"\nkeep_articles = \"30d\""),
    )
    .unwrap();
    let mut stories: Vec<Story> = (0..4).map(Story::new).collect();
    newsroom.publish(2, &stories);
    assert_done(&newsroom.run(&["run", "--once"]).await);
    age(&Connection::open(newsroom.database()).unwrap(), 3);
    assert_done(&newsroom.run(&["prune"]).await);
    assert_eq!(column(&newsroom.read(), "SELECT count(*) FROM articles"), ["1"]);
    assert_eq!(column(&newsroom.read(), "SELECT count(*) FROM entries"), ["1"], "entries go with their articles");
    let pages = Connection::open(newsroom.folder.path().join("news.pages.db")).unwrap();
    assert_eq!(column(&pages, "SELECT count(*) FROM page"), ["1"]);

    // Its feed still announces it, even with another title; a new story comes in as ever.
    stories[0].title.push_str(" again");
    stories.push(Story::new(10));
    newsroom.publish(2, &stories);
    let visits = newsroom.press.visits().len();
    assert_done(&newsroom.run(&["run", "--once"]).await);
    let asked: Vec<String> = newsroom.press.visits().into_iter().skip(visits).map(|visit| visit.path).collect();
    assert!(asked.contains(&stories[4].path()) && !asked.contains(&stories[0].path()), "{asked:?}");
    assert_eq!(column(&newsroom.read(), "SELECT count(*) FROM articles"), ["2"]);
    assert_eq!(column(&newsroom.read(), "SELECT max(id) FROM articles"), ["5"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pruned_is_known_by_its_guid_and_to_a_backfill() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let stories: Vec<Story> = (0..3).map(Story::new).collect();
    newsroom.publish(2, &stories);
    let items: String = stories
        .iter()
        .map(|story| {
            let url = newsroom.url(2, &story.path());
            format!("<item><title>{}</title><link>{url}</link><guid>{url}</guid><pubDate>Mon, 05 Aug 2024 16:20:00 GMT</pubDate></item>", story.title)
        })
        .collect();
    newsroom.press.set(
        &host(2),
        "/rss",
        Answer::feed(format!("<rss version=\"2.0\"><channel>{items}</channel></rss>")),
    );
    // The first is no article: it is rejected.
    newsroom.press.set(&host(2), &stories[0].path(), Answer::page("<title>Gone</title><p>Nothing here."));
    assert_done(&newsroom.run(&["run", "--once"]).await);
    let db = Connection::open(newsroom.database()).unwrap();
    assert_eq!(column(&db, "SELECT state FROM entries ORDER BY url"), ["rejected", "stored", "stored"]);
    let urls = column(&db, "SELECT url FROM entries ORDER BY url");
    let item = "SELECT f.guid, e.announced FROM feed_item f JOIN entry e ON e.id = f.entry_id JOIN article a ON a.id = e.article_id ORDER BY a.id";
    let (guid, announced): (Option<String>, String) =
        db.query_row(item, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let mut moved: dateline::entry::Entry = serde_json::from_str(&announced).unwrap();
    assert!(guid.is_some() && moved.guid == guid && moved.published_at.is_some());
    age(&db, 1);
    db.execute("UPDATE entry SET done_at = '2019-12-31T00:00:00Z' WHERE state = 'rejected'", []).unwrap();
    assert_done(&newsroom.run(&["prune", "--older-than", "30d"]).await);
    assert_eq!(column(&db, "SELECT count(*) FROM entries"), ["1"], "the rejected one went too");
    assert_eq!(column(&db, "SELECT count(*) FROM feed_item"), ["1"]);
    assert_sound(&db);

    // The same item at another address, in its feed and in another.
    let mut writer = dateline::store::Writer::open(&newsroom.database()).unwrap();
    let feed = writer.feed("feed-2").unwrap().unwrap();
    moved.url = moved.url.join("/elsewhere").unwrap();
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let batch = writer.batch().unwrap();
    assert_eq!(batch.announce(Some(feed), &moved, now).unwrap(), Announced::Known);
    assert_eq!(batch.announce(None, &moved, now).unwrap(), Announced::New);
    drop(batch);

    let list = newsroom.folder.path().join("list.txt");
    std::fs::write(&list, urls.join("\n")).unwrap();
    let visits = newsroom.press.visits().len();
    let range =
        ["backfill", "--since", "2020-01-01", "--until", "2030-01-01", "--source", "urls", list.to_str().unwrap()];
    assert_done(&newsroom.run(&range).await);
    let asked: Vec<String> = newsroom.press.visits().into_iter().skip(visits).map(|visit| visit.path).collect();
    assert!(!stories.iter().any(|story| asked.contains(&story.path())), "{asked:?}");
    assert_eq!(column(&db, "SELECT count(*) FROM entries"), ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_prunes_by_itself_and_groups_on_with_what_is_left() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2, 3], "");
    let config = std::fs::read_to_string(newsroom.config()).unwrap();
    std::fs::write(
        newsroom.config(),
        config.replace("keep_html = \"0d\"", "keep_html = \"0d\"\nkeep_articles = \"30d\""),
    )
    .unwrap();
    let mut stories: Vec<Story> = (0..4).map(Story::new).collect();
    newsroom.publish(2, &stories);
    newsroom.publish(3, &[]);
    assert_done(&newsroom.run(&["run", "--once"]).await);
    age(&Connection::open(newsroom.database()).unwrap(), 2);
    // The other publisher repeats all four: two copies of what stays, two of what went.
    newsroom.publish(3, &stories);
    stories.push(Story::new(10));
    newsroom.publish(2, &stories);
    assert_done(&newsroom.run(&["run", "--once"]).await);
    let db = Connection::open(newsroom.database()).unwrap();
    assert_eq!(column(&db, "SELECT count(*) FROM articles"), ["7"]);
    assert_eq!(column(&db, "SELECT count(*) FROM articles WHERE id <= 2"), ["0"]);
    assert_eq!(column(&db, "SELECT count(*) FROM articles WHERE duplicate_of IS NOT NULL"), ["2"]);
    assert_eq!(column(&db, "SELECT count(*) FROM events"), ["5"]);
    assert_sound(&db);
}

fn assert_done(ended: &Output) {
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
