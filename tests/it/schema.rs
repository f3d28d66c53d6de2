//! The database as the contract says: views, columns, identity; readable without write permission, also after the daemon stopped.

use crate::newsroom::{Newsroom, Story, column};

const VIEWS: [(&str, &str); 6] = [
    (
        "articles",
        "id seq event_id duplicate_of url canonical_url publisher feed title subtitle authors published_at published_precision modified_at \
         fetched_at language dateline attribution categories image text word_count revision gone_at",
    ),
    (
        "events",
        "id seq title first_published_at last_published_at article_count publisher_count languages lead_article_id merged_into",
    ),
    ("revisions", "article_id revision seen_at title text"),
    ("feeds", "name url title state last_polled_at last_success_at next_poll_at failures_in_row last_error articles"),
    ("entries", "url feed state attempts next_attempt_at reason announced_at"),
    ("changes", "seq at kind id action"),
];

async fn filled() -> Newsroom {
    let newsroom = Newsroom::open().await;
    newsroom.configure(&[2], "");
    newsroom.publish(2, &[Story::new(1), Story::new(2)]);
    let ended = newsroom.run(&["run", "--once"]).await;
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    newsroom
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_has_its_columns_and_their_types() {
    let newsroom = filled().await;
    let db = newsroom.read();
    for (view, columns) in VIEWS {
        let found = column(&db, &format!("SELECT name FROM pragma_table_info('{view}')"));
        assert_eq!(found, columns.split_whitespace().collect::<Vec<_>>(), "{view}");
        // Other engines ask for the declared type of a view's column.
        let untyped =
            column(&db, &format!("SELECT name FROM pragma_table_info('{view}') WHERE type NOT IN ('INTEGER', 'TEXT')"));
        assert!(untyped.is_empty(), "{view}: {untyped:?}");
    }
    assert_eq!(column(&db, "PRAGMA application_id"), ["1685351534"]);
    assert_eq!(column(&db, "PRAGMA user_version"), [dateline::store::SCHEMA_VERSION.to_string()]);
    assert_eq!(column(&db, "PRAGMA journal_mode"), ["wal"]);
    assert_eq!(
        column(
            &db,
            "SELECT count(*) FROM articles_fts JOIN articles ON articles.id = articles_fts.rowid WHERE articles_fts MATCH 'council'"
        ),
        ["2"]
    );
    for time in [
        "SELECT fetched_at FROM articles",
        "SELECT at FROM changes",
        "SELECT announced_at FROM entries",
        "SELECT next_poll_at FROM feeds",
    ] {
        for text in column(&db, time) {
            assert!(
                text.len() == 20 && text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(),
                "{time}: {text}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wal_files_stay_and_the_group_may_read_them() {
    use std::os::unix::fs::PermissionsExt;
    let newsroom = filled().await;
    for suffix in ["", "-wal", "-shm"] {
        let path = newsroom.folder.path().join(format!("news.db{suffix}"));
        let mode =
            std::fs::metadata(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode();
        assert_eq!(mode & 0o040, 0o040, "{suffix}: {mode:o}");
    }
}
