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

/// Lines of `tests/fixtures/furniture.txt` as paragraphs like the story's own, before, in and after it: furniture goes, and sentences that use its words stay.
#[test]
fn furniture_without_marks_goes_and_sentences_with_its_words_stay() {
    let lines = include_str!("../fixtures/furniture.txt").lines().filter(|line| !line.starts_with('#'));
    let (mut language, mut story, mut wrong, mut tried) = ("", Vec::new(), Vec::new(), 0);
    for line in lines {
        if let Some(next) = line.strip_prefix("= ") {
            (language, story) = (next, Vec::new());
            continue;
        }
        if let Some(sentence) = line.strip_prefix("+ ") {
            story.push(sentence);
            continue;
        }
        let (line, places) = line.strip_prefix("! ").map_or((line, &[0, 2, 3][..]), |kept| (kept, &[2]));
        for &place in places {
            let mut paragraphs = story.clone();
            paragraphs.insert(place, line);
            let html = format!("<title>Pier</title><h1>Pier</h1><div><p>{}</p></div>", paragraphs.join("</p><p>"));
            let expect = if places.len() == 1 { &paragraphs } else { &story };
            let url = Url::parse("https://harbour.example/pier").unwrap();
            let page = Page { url: &url, html: &html, announced: None, timezone: None, fetched_at: None };
            if clean(&page, &Options::default()).map(|article| article.text).ok() != Some(expect.join("\n\n")) {
                wrong.push(format!("{language}, place {place}: {line}"));
            }
            tried += 1;
        }
    }
    assert!(tried > 1_500 && wrong.is_empty(), "{tried} tried, wrong:\n{}", wrong.join("\n"));
}

/// What programs put before and after a story in a full-text feed.
#[test]
fn feeds_add_nothing_to_a_story() {
    const STORY: &str = "<p>The harbour council voted on Tuesday evening to rebuild the northern pier, which a storm had torn away.</p>\
                         <p>Work is to begin in the autumn and will take eleven months, said the engineer who drew up the plans.</p>";
    let url = Url::parse("https://harbour.example/pier").unwrap();
    let page = |html: &str| {
        let page = Page { url: &url, html, announced: None, timezone: None, fetched_at: None };
        dateline::clean::clean_fragment(&page, &Options::default()).unwrap()
    };
    let story = page(STORY).text;
    assert_eq!(story.split("\n\n").count(), 2);
    for tail in [
        "<p>The post <a href=/pier>Pier to be rebuilt</a> appeared first on <a href=/>Harbour Post</a>.</p>",
        "<p>Der Beitrag <a href=/pier>Neuer Pier</a> erschien zuerst auf <a href=/>Hafenpost</a>.</p>",
        "<p>L’article <a href=/pier>Une nouvelle jetée</a> est apparu en premier sur <a href=/>Le Port</a>.</p>",
        "<p>La entrada <a href=/pier>Un muelle nuevo</a> se publicó primero en <a href=/>El Puerto</a>.</p>",
        "<p>O post <a href=/pier>Um cais novo</a> apareceu primeiro em <a href=/>O Porto</a>.</p>",
        "<p>L'articolo <a href=/pier>Un nuovo molo</a> proviene da <a href=/>Il Porto</a>.</p>",
        "<p>Het bericht <a href=/pier>Een nieuwe pier</a> verscheen eerst op <a href=/>De Haven</a>.</p>",
        "<p>Сообщение <a href=/pier>Новый причал</a> появились сначала на <a href=/>Порт</a>.</p>",
        "<p><a href=/pier>Yeni iskele</a> yazısı ilk önce <a href=/>Liman</a> üzerinde ortaya çıktı.</p>",
        "<p>ظهرت المقالة <a href=/pier>رصيف جديد</a> أولاً على <a href=/>الميناء</a>.</p>",
        "<p>نوشته <a href=/pier>اسکله تازه</a> اولین بار در <a href=/>بندر</a>. پدیدار شد.</p>",
        "<p>投稿 <a href=/pier>新しい桟橋</a> は <a href=/>港新聞</a> に最初に表示されました。</p>",
        "<p><a href=/pier>新码头</a>最先出现在<a href=/>港口报</a>。</p>",
        "<p>This article was originally published on <a href=/>Elsewhere</a>. Read the <a href=/o>original article</a>.</p>",
        "<p><a href=/pier>Continue reading…</a></p>",
        "<a href=/pier>Continue reading Pier to be rebuilt at Harbour Post</a>",
        "<p><a href=/pier>Read the full story at Harbour Post.</a></p>",
        "<p><a href=/n>View this email in your browser</a></p>",
        "<p>You are receiving this email because you signed up on our site. <a href=/u>Unsubscribe</a> at any time.</p>",
        "<div class=feedflare><a href=/f1><img src=/a.gif></a> <a href=/f2><img src=/b.gif></a></div><img src=/p.gif width=1>",
        "<p>Share this: <a href=/t>Twitter</a> <a href=/f>Facebook</a> <a href=/m>Email</a></p>",
        "<p><a href=/t>Tweet</a> | <a href=/f>Share on Facebook</a> | <a href=/c>3 comments</a></p>",
        "<p>Filed under: <a href=/h>Harbour</a>, <a href=/s>Storms</a></p>",
        "<p><strong>Related:</strong> <a href=/2>Ferry runs aground off the eastern point</a></p>",
        "<h3>Related posts</h3><ul><li><a href=/2>Ferry runs aground</a></li><li><a href=/3>New crane</a></li></ul>",
        "<p>© 2026 Harbour Post. All rights reserved.</p>",
        "<p>Follow us on <a href=/t>Twitter</a> and <a href=/f>Facebook</a>.</p>",
        "<p>Thanks for reading Harbour Post! Subscribe for free to receive new posts.</p>",
        "<p>➡ <a href=/nl>All our stories by mail</a></p>",
        "<p>* * *</p>",
    ] {
        assert_eq!(page(&format!("{STORY}{tail}")).text, story, "{tail}");
    }
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
