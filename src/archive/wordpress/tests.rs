use proptest::prelude::*;

use super::*;

fn base() -> Url {
    Url::parse("https://a.example/news/").unwrap()
}

fn range() -> Range {
    Range::parse(Some("2024-03-01"), Some("2024-03-31"), Timestamp::UNIX_EPOCH).unwrap()
}

const POSTS: &str = r#"[
    {"id":7,"date":"2024-03-05T12:15:00","date_gmt":"2024-03-05T10:15:00","modified_gmt":"2024-03-06T08:00:00",
     "guid":{"rendered":"https:\/\/a.example\/?p=7&#038;x=1"},"link":"https:\/\/a.example\/harbour\/",
     "title":{"rendered":"Harbour &#8211; <em>open<\/em> at last"},"excerpt":{"rendered":"<p>The crane moves.<\/p>"},
     "content":{"rendered":"<p>The crane moves again.<\/p>","protected":false},
     "_embedded":{"author":[{"id":1,"name":"Ann Lee"},{"code":"rest_user_invalid_id"}]}},
    {"id":8,"link":"/storm/","title":"Storm","date":"2024-03-05T12:15:00","date_gmt":null,"excerpt":false},
    {"id":9,"title":{"rendered":"nowhere"}},
    7
]"#;

#[test]
fn posts_become_entries() {
    let posts = parse(POSTS.as_bytes(), &base()).unwrap();
    let [first, second] = posts.as_slice() else { panic!("{posts:?}") };
    assert_eq!(first.entry.url.as_str(), "https://a.example/harbour/");
    assert_eq!(first.entry.guid.as_deref(), Some("https://a.example/?p=7&x=1"));
    assert_eq!(first.entry.title.as_deref(), Some("Harbour – open at last"));
    assert_eq!(first.entry.authors, ["Ann Lee"]);
    assert_eq!(first.entry.published_at.unwrap().to_string(), "2024-03-05T10:15:00Z");
    assert_eq!(first.entry.updated_at.unwrap().to_string(), "2024-03-06T08:00:00Z");
    assert!(first.entry.content.as_deref().unwrap().contains("moves again"));
    assert!(first.is_utc && !second.is_utc);
    assert_eq!((second.entry.url.as_str(), second.entry.summary.as_deref()), ("https://a.example/storm/", None));
}

#[test]
fn noise_around_the_answer_is_passed_over() {
    let warning = "<br />\n<b>Warning</b>: Undefined array key [0] in {file} on line <b>7</b><br />\n";
    for noisy in [format!("\u{feff}{POSTS}"), format!("{warning}{POSTS}"), format!("{POSTS}<!-- cached -->")] {
        assert_eq!(parse(noisy.as_bytes(), &base()).unwrap().len(), 2);
    }
    assert_eq!(parse(b"[]", &base()), Ok(Vec::new()));
}

#[test]
fn errors_are_told_apart() {
    let error = |text: &str| parse(text.as_bytes(), &base()).unwrap_err();
    assert_eq!(
        error(r#"{"code":"rest_post_invalid_page_number","message":"x","data":{"status":400}}"#),
        Error::BehindTheEnd
    );
    assert_eq!(
        error(r#"{"code":"rest_disabled","message":"<b>No<\/b> API","data":{}}"#).to_string(),
        "the API answers `rest_disabled`: No API"
    );
    assert_eq!(
        error("<!doctype html><title>x</title>").to_string(),
        "no JSON; the answer begins `<!doctype html><title>x</title>`"
    );
    assert!(matches!(error(""), Error::NotJson { .. }));
}

#[test]
fn posts_are_asked_by_date() {
    let shown = |root: &str| Api::at(Url::parse(root).unwrap()).posts(&range(), 2, Fields::Brief).to_string();
    let query = "after=2024-02-28T22%3A00%3A00Z&before=2024-04-02T02%3A00%3A00Z&per_page=100&page=2&orderby=date&order=desc\
                 &_fields=id%2Cguid%2Cdate%2Cdate_gmt%2Cmodified_gmt%2Clink%2Ctitle%2Cexcerpt%2C_links%2C_embedded&_embed=author";
    assert_eq!(shown("https://a.example/wp-json/"), format!("https://a.example/wp-json/wp/v2/posts?{query}"));
    assert_eq!(
        shown("https://a.example/?rest_route=/"),
        format!("https://a.example/?rest_route=%2Fwp%2Fv2%2Fposts&{query}")
    );
    let whole = Api::at(base()).posts(&Range::new(None, Timestamp::UNIX_EPOCH), 0, Fields::Whole);
    assert!(whole.as_str().contains("%2Ccontent&") && whole.as_str().contains("page=1&"));
    assert!(!whole.as_str().contains("after"));
}

#[test]
fn the_api_is_found() {
    let header = r#"<https://a.example/x>; rel="preload", </wp-json/>; rel="https://api.w.org/", <https://a.example/wp-json/wp/v2/posts/7>; rel="alternate""#;
    let root = |api: Option<Api>| api.map(|api| api.root().to_string());
    assert_eq!(root(Api::from_link_header(header, &base())).as_deref(), Some("https://a.example/wp-json/"));
    assert_eq!(root(Api::from_link_header("<https://a.example/>; rel=shortlink", &base())), None);
    let page = r#"<script>"<link rel='https://api.w.org/' href='/no/'>"</script><!-- <link rel='https://api.w.org/' href='/no/'> -->
        <LINK rel='https://api.w.org/' href="https://a.example/?rest_route=/&amp;lang=en" />"#;
    assert_eq!(root(Api::from_page(page, &base())).as_deref(), Some("https://a.example/?rest_route=/&lang=en"));
    let habit: Vec<String> = Api::from_habit(&base()).iter().map(|api| api.root().to_string()).collect();
    assert_eq!(
        habit,
        [
            "https://a.example/news/wp-json/",
            "https://a.example/news/?rest_route=/",
            "https://a.example/wp-json/",
            "https://a.example/?rest_route=/"
        ]
    );
}

#[test]
fn the_end_is_seen() {
    assert!(Totals::of(Some("230"), Some("3")).has_after(2, 100));
    assert!(!Totals::of(Some("230"), Some(" 3 ")).has_after(3, 30));
    assert!(Totals::of(None, None).has_after(1, 100));
    assert!(!Totals::of(None, Some("many")).has_after(1, 99));
}

#[test]
fn feeds_are_paged() {
    let feed = Url::parse("https://a.example/feed/?lang=en&paged=9").unwrap();
    assert_eq!(paged_feed(&feed, 1).as_str(), "https://a.example/feed/?lang=en");
    assert_eq!(paged_feed(&feed, 3).as_str(), "https://a.example/feed/?lang=en&paged=3");
    assert_eq!(paged_feed(&base(), 2).as_str(), "https://a.example/news/?paged=2");
}

proptest! {
    #[test]
    fn any_answer_is_read(text in "\\PC{0,200}", json in "[\\[\\]{}\":,a-z0-9_ ]{0,100}") {
        let _ = parse(format!("{text}{json}").as_bytes(), &base());
        let _ = Api::from_link_header(&text, &base());
        let _ = Api::from_page(&format!("<link {json}>{text}"), &base());
    }
}
