//! What holds in every database, whatever was done to it.

use rusqlite::Connection;

use crate::newsroom::column;

/// References, counts, copies, full text and changes agree with the articles.
pub fn assert_sound(db: &Connection) {
    assert_eq!(column(db, "PRAGMA integrity_check"), ["ok"]);
    assert!(column(db, "PRAGMA foreign_key_check").is_empty());
    for (what, wrong) in [
        (
            "events",
            "SELECT e.id FROM events e WHERE article_count <> (SELECT count(*) FROM articles a WHERE a.event_id = e.id)
               OR publisher_count <> (SELECT count(DISTINCT publisher) FROM articles a WHERE a.event_id = e.id)
               OR (merged_into IS NULL) <> EXISTS (SELECT 1 FROM articles a WHERE a.event_id = e.id)
               OR (merged_into IS NULL AND lead_article_id NOT IN (SELECT id FROM articles a WHERE a.event_id = e.id))
               OR merged_into IN (SELECT id FROM events WHERE merged_into IS NOT NULL)
               OR seq <> coalesce((SELECT max(seq) FROM changes WHERE kind = 'event' AND id = e.id), seq)",
        ),
        (
            "copies",
            "SELECT a.id FROM articles a JOIN articles o ON o.id = a.duplicate_of
             WHERE o.duplicate_of IS NOT NULL OR o.event_id <> a.event_id OR o.id = a.id",
        ),
        (
            "articles not added once",
            "SELECT id FROM articles a WHERE 1 <> (SELECT count(*) FROM changes WHERE kind = 'article' AND action = 'added' AND id = a.id)",
        ),
        ("articles without a signature", "SELECT id FROM articles WHERE id NOT IN (SELECT article_id FROM signature)"),
        (
            "articles whose latest change is another",
            "SELECT id FROM articles a WHERE seq <> (SELECT max(seq) FROM changes WHERE kind = 'article' AND id = a.id)",
        ),
        (
            "articles whose revisions have gaps",
            "SELECT id FROM articles a WHERE revision - 1 <> (SELECT count(*) FROM revisions r WHERE r.article_id = a.id AND r.revision < a.revision)",
        ),
        (
            "changes with gaps",
            "SELECT gap FROM (SELECT max(seq) - min(seq) + 1 - count(*) AS gap FROM changes) WHERE gap <> 0",
        ),
    ] {
        let found = column(db, wrong);
        assert!(found.is_empty(), "{what}: {found:?}");
    }
    // Raises an error where the words of the full text are not those of the articles. Its own transaction, which is not kept.
    let check = "BEGIN; INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1); ROLLBACK;";
    if !db.is_readonly("main").unwrap() {
        db.execute_batch(check).unwrap();
    }
}
