//! The cookbook's answers are right: every query of `docs/cookbook.md` on a database that is filled here, and none walks a table by accident.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::filled::{Library, Told};
use crate::newsroom::read_only;

/// What the cookbook's `'now'` is here: a Wednesday at noon.
const NOW: &str = "2026-03-18T12:00:00Z";

const ANSWERS: [&[&str]; 20] = [
    // 1. What happened in the last day?
    &[
        "7|Ferry sails again after a week|5|5|2026-03-18T06:00:00Z|2026-03-18T11:00:00Z",
        "8|Earthquake shakes Delta|4|4|2026-03-17T20:00:00Z|2026-03-17T23:00:00Z",
        "11|Election talks|1|1|2026-03-18T11:30:00Z|2026-03-18T11:30:00Z",
    ],
    // 2. Who told it first, and how long did the others take?
    &[
        "northern-wire.example|Ferry sails again after a week|2026-03-18T06:00:00Z|0||",
        "harbour-herald.example|Ferry sails again|2026-03-18T06:30:00Z|30|northern-wire.example|Northern Wire",
        "gulf-observer.example|Ferry leaves port|2026-03-18T07:00:00Z|60||",
        "paper-3.example|Skellwick ferry back|2026-03-18T10:00:00Z|240||",
        "paper-4.example|Ferry back at sea|2026-03-18T11:00:00Z|300||Northern Wire",
    ],
    // 3. Who breaks stories?
    &["gulf-observer.example|1", "northern-wire.example|1"],
    // 4. What changed in this article?
    &[
        "1|2026-03-18T06:00:00Z|Ferry sails again|The ferry left Skellwick on Monday.",
        "2|2026-03-18T08:00:00Z|Ferry sails again after a week|The ferry left Skellwick on Monday. Nobody was hurt.",
    ],
    // 5. Which headlines were rewritten this week?
    &["northern-wire.example|Ferry sails again|Ferry sails again after a week|2026-03-18T06:00:00Z"],
    // 6. Who reposts whom?
    &["harbour-herald.example|northern-wire.example|1", "paper-3.example|gulf-observer.example|1"],
    // 7. Which stories did at least five publishers in three countries tell this week?
    &["7|Ferry sails again after a week|5|3"],
    // 8. Which feeds went silent?
    &["quiet|https://quiet.example/rss|2026-01-06T08:00:00Z"],
    // 9. Which feeds are ill, and since when?
    &["ill|failing|5||HTTP 500"],
    // 10. What mentions the ferry, newest first?
    &[
        "2026-03-18T11:00:00Z|paper-4.example|Ferry back at sea|The [ferry] is back at sea.",
        "2026-03-18T10:00:00Z|paper-3.example|Skellwick ferry back|Skellwick has its [ferry] back.",
        "2026-03-18T07:00:00Z|gulf-observer.example|Ferry leaves port|A [ferry] left port.",
        "2026-03-18T06:30:00Z|harbour-herald.example|Ferry sails again|The [ferry] left Skellwick on Monday, we hear.",
        "2026-03-18T06:00:00Z|northern-wire.example|Ferry sails again after a week|The [ferry] left Skellwick on Monday. Nobody was hurt.",
    ],
    // 11. What did one publisher write about the ferry this month?
    &["2026-03-18T06:00:00Z|Ferry sails again after a week|https://www.northern-wire.example/news/7.html"],
    // 12. How did attention to a topic develop?
    &["2026-03-17|3|3"],
    // 13. What did one publisher put out today?
    &[
        "2026-03-18T06:00:00Z|Ferry sails again after a week|[\"Ada Lang\"]|9|https://www.northern-wire.example/news/7.html",
    ],
    // 14. Who publishes most, and how much of it is copied?
    &[
        "gulf-observer.example|3|0",
        "northern-wire.example|3|0",
        "paper-3.example|2|50",
        "paper-4.example|2|0",
        "harbour-herald.example|1|100",
    ],
    // 15. Which agencies feed whom?
    &["Northern Wire|harbour-herald.example|1", "Northern Wire|paper-4.example|1"],
    // 16. Who writes for a publisher?
    &["Ada Lang|2|12", "Ben Roe|1|3"],
    // 17. Which stories are growing right now?
    &["7|Ferry sails again after a week|2", "11|Election talks|1"],
    // 18. What did everybody tell but us?
    &["8|Earthquake shakes Delta|4|2026-03-17T20:00:00Z"],
    // 19. Why do pages come to nothing?
    &["harbour|a video|2|2026-03-17T11:00:00Z"],
    // 20. How soon do we have what is published?
    &["northern|2|60", "gulf|3|3", "|4|0", "harbour|1|0"],
];

/// Small for ever: one row a configured feed, an element of a list, a list written in the query, what a subquery found; and a full-text search, which
/// goes by its index.
const SMALL: [&str; 10] = [
    "SCAN feed",
    "SCAN f",
    "SCAN author VIRTUAL",
    "SCAN articles_fts VIRTUAL",
    "SCAN 6 CONSTANT ROWS",
    "SCAN (subquery",
    "SCAN h",
    "SCAN week",
    "SCAN day",
    "SCAN lately",
];

/// A small newsroom's database: 18 articles, two events of several, a copy of each, an edit, feeds in several states.
pub fn fill(path: &Path) {
    let mut library = Library::open(path, &["northern", "harbour", "gulf", "quiet", "ill"]);
    for number in 1..=6 {
        let (title, text) = (format!("Old story {number}"), format!("Nothing new, number {number}."));
        let at = format!("2026-01-0{number}T08:00:00Z");
        let (publisher, feed) = ("paper-5.example", Some("quiet"));
        library.tell(&Told { publisher, feed, title: &title, text: &text, at: Some(&at), ..Told::default() });
    }
    let northern = Told { publisher: "northern-wire.example", feed: Some("northern"), ..Told::default() };
    let harbour = Told { publisher: "harbour-herald.example", feed: Some("harbour"), ..Told::default() };
    let gulf = Told { publisher: "gulf-observer.example", feed: Some("gulf"), ..Told::default() };
    let third = Told { publisher: "paper-3.example", ..Told::default() };
    let fourth = Told { publisher: "paper-4.example", ..Told::default() };
    let mut tell = |from: &Told<'_>, at, title, text, event, copy_of| {
        library.tell(&Told { at: Some(at), title, text, event, copy_of, language: Some("en"), ..from.clone() })
    };
    let credited = |from: &Told<'static>| Told { attribution: Some("Northern Wire"), ..from.clone() };
    let ada = Told { authors: &["Ada Lang"], ..northern.clone() };
    let both = Told { authors: &["Ada Lang", "Ben Roe"], ..northern.clone() };
    let late = Told { fetched_at: Some("2026-03-18T11:40:00Z"), ..gulf.clone() };
    let ferry = "The ferry left Skellwick on Monday.";
    // Numbers 7 to 11 in event 7, 12 to 15 in event 8, then one in each.
    let (seven, event) = tell(&ada, "2026-03-18T06:00:00Z", "Ferry sails again", ferry, None, None);
    let hears = "The ferry left Skellwick on Monday, we hear.";
    tell(&credited(&harbour), "2026-03-18T06:30:00Z", "Ferry sails again", hears, Some(event), Some(seven));
    tell(&gulf, "2026-03-18T07:00:00Z", "Ferry leaves port", "A ferry left port.", Some(event), None);
    tell(&third, "2026-03-18T10:00:00Z", "Skellwick ferry back", "Skellwick has its ferry back.", Some(event), None);
    let back = "The ferry is back at sea.";
    tell(&credited(&fourth), "2026-03-18T11:00:00Z", "Ferry back at sea", back, Some(event), None);
    let shook = "An earthquake shook Delta.";
    let (first, quake) = tell(&gulf, "2026-03-17T20:00:00Z", "Earthquake shakes Delta", shook, None, None);
    tell(&northern, "2026-03-17T21:00:00Z", "Delta earthquake", "Delta was shaken.", Some(quake), None);
    tell(&third, "2026-03-17T22:00:00Z", "Earthquake shakes Delta", "An earthquake.", Some(quake), Some(first));
    tell(&fourth, "2026-03-17T23:00:00Z", "Shock in Delta", "Delta trembled.", Some(quake), None);
    tell(&both, "2026-03-16T09:00:00Z", "Election day", "The election began.", None, None);
    tell(&harbour, "2026-03-10T09:00:00Z", "Budget passed", "The budget was passed.", None, None);
    tell(&late, "2026-03-18T11:30:00Z", "Election talks", "They talk.", None, None);
    assert_eq!((seven, event, quake), (7, 7, 8));
    let says = "The ferry left Skellwick on Monday. Nobody was hurt.";
    library.edit(seven, "Ferry sails again after a week", says, "2026-03-18T08:00:00Z");
    for feed in ["northern", "harbour", "gulf", "quiet"] {
        library.poll(feed, NOW, Ok(()), 0);
    }
    library.poll("ill", NOW, Err("HTTP 500"), 5);
    for at in ["2026-02-01T10:00:00Z", "2026-03-17T10:00:00Z", "2026-03-17T11:00:00Z"] {
        library.announce("harbour", "harbour-herald.example", at, Some("a video"));
    }
    library.announce("harbour", "harbour-herald.example", NOW, None);
}

/// Heading and query of each question.
fn questions() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cookbook.md")).unwrap();
    text.split("\n## ")
        .skip(1)
        .map(|part| {
            let query = part.split("```sql\n").nth(1).unwrap().split("```").next().unwrap();
            (part.lines().next().unwrap().to_owned(), query.replace("'now'", &format!("'{NOW}'")))
        })
        .collect()
}

fn rows(db: &Connection, query: &str) -> Vec<String> {
    let mut statement = db.prepare(query).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells = (0..columns).map(|column| {
            Ok(match row.get(column)? {
                Value::Null => String::new(),
                Value::Integer(number) => number.to_string(),
                Value::Real(number) => number.to_string(),
                Value::Text(text) => text,
                Value::Blob(_) => "BLOB".to_owned(),
            })
        });
        Ok(cells.collect::<rusqlite::Result<Vec<String>>>()?.join("|"))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn plan(db: &Connection, query: &str) -> Vec<String> {
    let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();

    statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn every_question_gets_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("news.db");
    fill(&path);
    let db = read_only(&path);
    let questions = questions();
    assert_eq!(questions.len(), ANSWERS.len());
    let mut wrong = Vec::new();
    for ((title, query), answer) in questions.iter().zip(ANSWERS) {
        let found = rows(&db, query);
        if found != answer {
            wrong.push(format!("{title}\n  found    {found:#?}\n  expected {answer:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_question_walks_a_table_by_accident() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("news.db");
    fill(&path);
    let db = read_only(&path);
    let mut walks = Vec::new();
    let asked = questions().into_iter().chain(COMMON.map(|(title, query)| (title.to_owned(), query.to_owned())));
    for (title, query) in asked {
        for step in plan(&db, &query) {
            let walk = step.starts_with("SCAN") || step.contains("AUTOMATIC") || step.contains("MATERIALIZE articles");
            if walk && !SMALL.iter().any(|small| step.starts_with(small)) {
                walks.push(format!("{title}: {step}"));
            }
        }
    }
    assert!(walks.is_empty(), "{walks:#?}");
}

/// What programs ask all day.
const COMMON: [(&str, &str); 10] = [
    ("latest published", "SELECT * FROM articles WHERE published_at >= '2026' ORDER BY published_at DESC LIMIT 20"),
    ("latest of a publisher", "SELECT * FROM articles WHERE publisher = 'a' ORDER BY published_at DESC LIMIT 20"),
    (
        "of a day and language",
        "SELECT * FROM articles WHERE language = 'en' AND published_at BETWEEN '2026-03-01' AND '2026-03-02'",
    ),
    ("of a feed", "SELECT * FROM articles WHERE feed = 'a' ORDER BY fetched_at DESC LIMIT 20"),
    ("of an event", "SELECT * FROM articles WHERE event_id = 7"),
    ("by address", "SELECT * FROM articles WHERE canonical_url = 'https://a.example/1'"),
    ("changed since", "SELECT * FROM articles WHERE seq > 100 ORDER BY seq LIMIT 100"),
    ("changes since", "SELECT * FROM changes WHERE seq > 100 ORDER BY seq LIMIT 100"),
    (
        "with their originals",
        "SELECT a.id, o.id FROM articles a LEFT JOIN articles o ON o.id = a.duplicate_of WHERE a.event_id = 7",
    ),
    ("copies of one", "SELECT * FROM articles WHERE duplicate_of = 7"),
];
