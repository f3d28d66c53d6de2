//! `dateline search` and `dateline events` as a person and as a program read them.

mod terminal;

use std::path::{Path, PathBuf};

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::filled::{Library, Told};
use crate::newsroom::dateline;

/// What one who is not at a terminal gets: as wide as a wide one.
const WIDTH: usize = 120;

/// Event 1: told by the Post, copied by the Herald, in other words by the Kurier, which changed its headline; days later in Arabic and Japanese.
/// Another event, whose number is given back: a story without a date and with an endless headline, which was edited.
fn filled() -> (tempfile::TempDir, PathBuf, i64) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("news.db");
    let mut library = Library::open(&database, &[]);
    let text = "The ferry left Skellwick on Monday.";
    let ferry = Told { title: "Ferry sails again", text, language: Some("en"), ..Told::default() };
    let at = Some("2024-05-20T06:00:00Z");
    let (first, event) = library.tell(&Told { publisher: "post.example", at, ..ferry.clone() });
    let ferry = Told { event: Some(event), ..ferry };
    let (at, credit) = (Some("2024-05-20T06:30:00Z"), Some("The Post"));
    library.tell(&Told { publisher: "herald.example", at, attribution: credit, copy_of: Some(first), ..ferry.clone() });
    let (at, language) = (Some("2024-05-20T08:05:00Z"), Some("de"));
    let (kurier, _) = library.tell(&Told { publisher: "kurier.example", at, language, ..ferry.clone() });
    let (at, language, arabic) = (Some("2024-05-22T07:00:00Z"), Some("ar"), "العبارة تبحر من جديد");
    library.tell(&Told { publisher: "bahr.example", at, language, title: arabic, text: arabic, ..ferry.clone() });
    let (at, language, japanese) = (Some("2024-05-22T23:59:59Z"), Some("ja"), "岸本の船が再び出航".repeat(20));
    library.tell(&Told {
        publisher: "minato.example",
        at,
        language,
        title: &japanese,
        text: &japanese,
        ..ferry.clone()
    });
    let (fetched_at, old) = (Some("2024-05-25T00:00:00Z"), format!("Old ferry {}", "older than the port ".repeat(20)));
    let undated = Told { publisher: "post.example", title: &old, at: None, fetched_at, event: None, ..ferry };
    let (sixth, other) = library.tell(&undated);
    library.edit(sixth, &old.replace("older", "not older"), text, "2024-05-25T01:00:00Z");
    library.edit(kurier, "Ferry finally sails", "The ferry left port at last.", "2024-05-20T09:00:00Z");
    library.checkpoint();
    (folder, database, other)
}

fn run(database: &Path, arguments: &[&str]) -> (String, Option<i32>) {
    let ended = dateline(arguments).arg("--database").arg(database).output().unwrap();
    (String::from_utf8(ended.stdout).unwrap(), ended.status.code())
}

fn json(database: &Path, arguments: &[&str]) -> Value {
    let (told, code) = run(database, &[arguments, &["--json"]].concat());
    assert_eq!(code, Some(0), "{arguments:?}");
    serde_json::from_str(&told).unwrap()
}

#[test]
fn a_search_is_narrowed_by_each_filter_and_by_all() {
    let (_folder, database, other) = filled();
    let other = other.to_string();
    let check = |query: &str, more: &[&str], expected: &[i64]| {
        let found = json(&database, &[&["search", query], more].concat());
        let mut ids: Vec<i64> = found.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
        ids.sort_unstable();
        assert_eq!(ids, expected, "{query} {more:?}");
    };
    check("ferry", &[], &[1, 2, 3, 6]);
    // An article without a date counts by when it was fetched.
    check("ferry", &["--since", "2024-05-21"], &[6]);
    check("ferry", &["--since", "2024-05-20T06:30:00Z", "--until", "2024-05-20"], &[2, 3]);
    check("ferry", &["--until", "2024-05-20T06:29:59Z"], &[1]);
    check("ferry", &["--publisher", "post.example"], &[1, 6]);
    check("ferry", &["--publisher", "POST.example", "--publisher", "kurier.example", "--event", "1"], &[1, 3]);
    check("ferry", &["--language", "DE"], &[3]);
    check("ferry", &["--event", &other], &[6]);
    check("ferry", &["--event", &other, "--language", "de"], &[]);
    check("العبارة", &["--since", "2024-05-22"], &[4]);
    check("العبارة", &["--until", "2024-05-21"], &[]);
    // Scripts without spaces are looked for in the texts themselves.
    check("出航", &["--since", "2024-05-22", "--language", "ja", "--event", "1"], &[5]);
    check("出航", &["--publisher", "post.example"], &[]);
    assert_eq!(run(&database, &["search", "ferry", "--since", "yesterday"]).1, Some(2));
    assert_eq!(run(&database, &["search", "submarine"]), ("nothing found for `submarine`\n".to_owned(), Some(0)));
}

#[test]
fn an_event_tells_who_was_first_who_copied_whom_and_in_which_words() {
    let (_folder, database, _) = filled();
    let (page, code) = run(&database, &["events", "1"]);
    assert_eq!(code, Some(0));
    let (summary, timeline) = page.split_once("\n\n").unwrap();
    assert!(
        summary
            .starts_with("#1 Ferry sails again\n5 articles by 5 publishers · 2024-05-20 06:00 to 2024-05-22 23:59 · ")
    );
    assert!(
        summary.ends_with(" d ago · languages: ar, de, en, ja\nfirst told by post.example, 2024-05-20 06:00"),
        "{summary}"
    );
    // In brackets the words that the event's headline has not, or that a headline lost. Right-to-left text is isolated, so that it turns nothing else.
    let japanese = "岸本の船が再び出航".repeat(20).chars().take(41).collect::<String>();
    let expected = format!(
        "\
2024-05-20 06:00   post.example    Ferry sails again  ← gives the event its title
                   https://www.post.example/news/1.html
         +30 min   herald.example  (the same headline)
                   a copy of what post.example published
                   credits The Post
                   https://www.herald.example/news/2.html
      +2 h 5 min   kurier.example  Ferry [finally] sails
                   https://www.kurier.example/news/3.html
                   headline was: Ferry sails [again]
        +2 d 1 h   bahr.example    \u{2068}[العبارة تبحر من جديد]\u{2069}
                   https://www.bahr.example/news/4.html
       +2 d 17 h   minato.example  [{japanese}…]
                   https://www.minato.example/news/5.html

post.example copied by herald.example
"
    );
    assert_eq!(timeline, expected);

    let page = json(&database, &["events", "1"]);
    assert_eq!((&page["lead_article_id"], &page["publisher_count"]), (&1.into(), &5.into()));
    let told: Vec<_> =
        page["articles"].as_array().unwrap().iter().map(|one| (&one["id"], &one["duplicate_of"])).collect();
    let ids = told.iter().map(|(id, _)| id.as_i64().unwrap());
    assert_eq!(ids.collect::<Vec<_>>(), [1, 2, 3, 4, 5], "earliest first");
    assert_eq!((told[0].1, told[1].1), (&Value::Null, &1.into()));
    let timeline: Vec<Value> = page["timeline"].as_array().unwrap().clone();
    let told = |place: usize, keys: &[&str]| keys.iter().map(|key| timeline[place][key].clone()).collect::<Vec<_>>();
    let first = told(0, &["article_id", "publisher", "at", "minutes_later", "leads", "copy_of", "headline"]);
    let expected =
        serde_json::json!([1, "post.example", "2024-05-20T06:00:00Z", null, true, null, "Ferry sails again"]);
    assert_eq!(Value::from(first), expected);
    let copy = told(1, &["article_id", "minutes_later", "leads", "copy_of", "copied_from", "credits", "same_headline"]);
    assert_eq!(Value::from(copy), serde_json::json!([2, 30, false, 1, "post.example", "The Post", true]));
    let edited = told(2, &["minutes_later", "headline", "same_headline", "new_words", "earlier_headlines"]);
    let expected = serde_json::json!([125, "Ferry finally sails", false, ["finally"], ["Ferry sails again"]]);
    assert_eq!(Value::from(edited), expected);
    assert_eq!(run(&database, &["events", "99"]).1, Some(1));
}

#[test]
fn an_event_is_explained_article_by_article() {
    let (_folder, database, _) = filled();
    let (told, code) = run(&database, &["events", "1", "--explain"]);
    assert_eq!(code, Some(0));
    let (page, reasons) =
        told.split_once("\nCompared with what post.example told, each article for itself:\n").unwrap();
    assert_eq!(page, run(&database, &["events", "1"]).0.as_str());
    let compared: Vec<&str> = reasons.lines().filter(|line| !line.starts_with(' ')).collect();
    let publishers: Vec<&str> = compared.iter().map(|line| line.split_once("  ").unwrap().1).collect();
    assert_eq!(publishers, ["herald.example", "kurier.example", "bahr.example", "minato.example"]);
    // What is word for word the same says so; what is in another language shares nothing.
    let score = |place: usize| compared[place].split_once("  ").unwrap().0.parse::<f64>().unwrap();
    assert!(score(0) > 0.9 && score(3) < 0.5 && (0.0..=1.0).contains(&score(1)), "{reasons}");
    let herald = reasons.split("kurier").next().unwrap();
    assert!(herald.contains("for: 100 % of the shorter text is in the other"), "{reasons}");
    assert_eq!(run(&database, &["events", "--explain"]).1, Some(2));
    assert_eq!(run(&database, &["events", "1", "--explain", "--json"]).1, Some(2));
}

#[test]
fn headlines_fit_the_line_in_every_script() {
    let (_folder, database, other) = filled();
    for arguments in
        [&["events"][..], &["events", "1"], &["events", &other.to_string()], &["search", "出航"], &["search", "ferry"]]
    {
        let (told, _) = run(&database, arguments);
        // The heading of one event's page is whole.
        for line in told.lines().skip(usize::from(arguments.len() == 2 && arguments[0] == "events")) {
            assert!(line.width() <= WIDTH, "{arguments:?}: {} columns: {line}", line.width());
        }
        assert!(told.lines().any(|line| line.width() > WIDTH - 4), "{arguments:?} shows too little: {told}");
    }
}
