//! The cleaner on pages of our own: the themes that reposting sites use, in the languages that they write.
//!
//! `tests/fixtures/pages/<case>/page.html` → `expected.json`: the fields that stand in it, exactly.

use std::fs;
use std::path::Path;

use dateline::clean::{Options, Page, clean, decode};
use serde_json::Value;
use url::Url;

#[test]
fn fixture_pages_are_cleaned() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pages");
    let mut wrong = Vec::new();
    for case in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let html = decode(&fs::read(case.join("page.html")).unwrap(), None);
        let expected: Value = serde_json::from_str(&fs::read_to_string(case.join("expected.json")).unwrap()).unwrap();
        let url = Url::parse("https://mirror.example/2026/03/northern-pier.html").unwrap();
        let page = Page { url: &url, html: &html, announced: None, timezone: None, fetched_at: None };
        let got = clean(&page, &Options::default()).map(|article| serde_json::to_value(article).unwrap());
        for (field, value) in expected.as_object().unwrap() {
            let reached = got.as_ref().map(|article| article[field].clone()).map_err(ToString::to_string);
            if reached.as_ref() != Ok(value) {
                wrong.push(format!(
                    "{}: `{field}` is\n{reached:?}\nnot\n{value:?}",
                    case.file_name().unwrap().display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A story, and the whole of it over and over again in one block each.
fn repeated_whole() -> String {
    let lines: Vec<String> =
        (0..400).map(|i| format!("The council voted for measure {i}, which the mayor had asked for.")).collect();
    format!("<p>{}{}", lines.join("<p>"), format!("<div>{}</div>", lines.join(" ")).repeat(60))
}

/// Shapes that make a parser or a careless walk quadratic, deep or large.
#[test]
fn hostile_pages_end_soon() {
    let story = "<p>The harbour council voted on Tuesday evening to rebuild the northern pier, which a storm had torn away.</p>";
    let shapes = [
        "<div>".repeat(100_000),
        "<ul><li>".repeat(32_000),
        (0..16_000).map(|i| format!("<font size={i}>")).collect(),
        format!("<div {}>", (0..100_000).map(|i| format!("a{i} ")).collect::<String>()),
        "<table><tr><td>".repeat(20_000),
        "<b><p>".repeat(20_000),
        "<a href=x>".repeat(50_000),
        "<span class='".to_owned() + &"share-".repeat(100_000) + "'>",
        "<p>".to_owned() + &"word ".repeat(400_000),
        "<p>x</p>".repeat(200_000),
        "<blockquote>The council voted for it, said the mayor.</blockquote>".repeat(30_000),
        (0..30_000).map(|i| format!("<blockquote>The council voted for measure {i}, she said.</blockquote>")).collect(),
        "<blockquote>The council voted ".repeat(30_000),
        (0..30_000).map(|i| format!("<p>The council voted for measure {i}, which the mayor had asked for.")).collect(),
        "<h2>Comments</h2>".repeat(30_000),
        (0..400)
            .map(|i| format!("<h2>The council voted for measure {i}, which the mayor had asked for</h2>"))
            .collect::<String>()
            + &"the council voted for measure ".repeat(100_000),
        repeated_whole(),
        "<br>".repeat(1_000_000),
        "<b>a <i>b <span>c ".repeat(20_000),
        "<select>".repeat(50_000),
        "<svg><foreignObject>".repeat(20_000),
        "&amp;".repeat(300_000),
        "<!--".repeat(200_000),
        "\u{0}".repeat(100_000),
    ];
    let url = Url::parse("https://mirror.example/x").unwrap();
    for shape in shapes {
        let html = format!("{story}{shape}{story}");
        let began = std::time::Instant::now();
        let _ = clean(
            &Page { url: &url, html: &html, announced: None, timezone: None, fetched_at: None },
            &Options::default(),
        );
        let took = began.elapsed();
        eprintln!("{:>6} ms  {}", took.as_millis(), shape.chars().take(30).collect::<String>());
        // A bound of order: a quadratic walk takes minutes here. What is promised is measured by the bench.
        assert!(took.as_secs() < 20, "{} took {took:?}", shape.chars().take(30).collect::<String>());
    }
}
