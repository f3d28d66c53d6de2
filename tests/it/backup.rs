//! `dateline backup`, beside a running daemon and without one; and the way back.

use std::time::{Duration, Instant};

use crate::newsroom::{Newsroom, Story, column, read_only};

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_made_beside_the_daemon_goes_on_where_it_was_made() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "[schedule]\nmin_interval = \"1s\"\nmax_interval = \"1s\"\n");
    let mut stories: Vec<Story> = (0..6).map(Story::new).collect();
    newsroom.publish(2, &stories);
    let mut daemon = newsroom.command(&["run"]).spawn().unwrap();
    let began = Instant::now();
    while !newsroom.database().exists() || count(&newsroom, "articles") < Some(6) {
        assert!(began.elapsed() < Duration::from_secs(60), "the daemon stores nothing");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let made = newsroom.run(&["backup", "copy.db"]).await;
    daemon.kill().unwrap();
    tokio::task::spawn_blocking(move || daemon.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(String::from_utf8_lossy(&made.stdout).contains("checked"));

    let copy = newsroom.folder.path().join("copy.db");
    assert_eq!(column(&read_only(&copy), "PRAGMA integrity_check"), ["ok"]);
    // Complete by itself: nothing beside it.
    for suffix in ["-wal", "-shm", "-journal", ".partial"] {
        assert!(!newsroom.folder.path().join(format!("copy.db{suffix}")).exists(), "{suffix}");
    }
    let refused = newsroom.run(&["backup", "copy.db"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--force"));
    assert_eq!(newsroom.run(&["backup", "copy.db", "--force"]).await.status.code(), Some(0));

    // The way back, as the README tells it; then on as if nothing had happened.
    for suffix in ["", "-wal", "-shm"] {
        let name = format!("news.db{suffix}");
        std::fs::rename(newsroom.folder.path().join(&name), newsroom.folder.path().join(name + ".damaged")).unwrap();
    }
    std::fs::copy(&copy, newsroom.database()).unwrap();
    stories.extend((10..13).map(Story::new));
    newsroom.publish(2, &stories);
    let ran = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(count(&newsroom, "articles"), Some(9));
    assert_eq!(count(&newsroom, "changes WHERE kind = 'article' AND action = 'added'"), Some(9));
    assert_eq!(column(&newsroom.read(), "PRAGMA journal_mode"), ["wal"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_raw_pages_are_copied_on_demand_and_never_over_those_in_use() {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    let config =
        std::fs::read_to_string(newsroom.config()).unwrap().replace("keep_html = \"0d\"", "keep_html = \"9d\"");
    std::fs::write(newsroom.config(), config).unwrap();
    newsroom.publish(2, &(0..3).map(Story::new).collect::<Vec<_>>());
    newsroom.run(&["run", "--once"]).await;
    let made = newsroom.run(&["backup", "copy.db", "--pages"]).await;
    assert_eq!(made.status.code(), Some(0), "{}", String::from_utf8_lossy(&made.stderr));
    let pages = read_only(&newsroom.folder.path().join("copy.pages.db"));
    assert_eq!(column(&pages, "SELECT count(*) FROM page"), ["3"]);
    // `news.bak` would have its pages in `news.pages.db`: those of the database itself.
    let refused = newsroom.run(&["backup", "news.bak", "--pages", "--force"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the original itself"));
}

fn count(newsroom: &Newsroom, of: &str) -> Option<i64> {
    let db =
        rusqlite::Connection::open_with_flags(newsroom.database(), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
    db.query_row(&format!("SELECT count(*) FROM {of}"), [], |row| row.get(0)).ok()
}
