//! What is read of whole documents. The press here is invented.

use proptest::prelude::*;

use super::*;

fn read_at(document: &[u8], base: &str) -> Result<Feed, NotAFeed> {
    let base = Url::parse(base).unwrap();
    parse(&Source { bytes: document, content_type: None, base: &base, timezone: None }, &Options::default())
}

fn read(document: &str) -> Feed {
    read_at(document.as_bytes(), "https://post.example/feeds/all.xml").unwrap()
}

/// The fields of the first item that differ from an empty one, in a fixed order.
fn check_item(document: &str, want: &[(&str, &str)]) {
    let feed = read(document);
    let Some(item) = feed.items.first() else { panic!("no item in {document}") };
    let shown = serde_json::to_value(item).unwrap();
    let got: Vec<(String, String)> = shown
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .filter(|(_, value)| value != "null" && value != "[]")
        .collect();
    let mut want: Vec<(String, String)> =
        want.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    want.sort();
    assert_eq!(got, want, "{document}");
}

#[test]
fn rss_with_extensions() {
    check_item(
        r#"<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
           <title>Harbour Post</title><link>https://post.example/</link><item><title>Ferry &amp;amp; crew back</title><link> /news/ferry
           </link><guid isPermaLink="false">n-17</guid><description>&lt;p&gt;Safe.&lt;/p&gt;</description>
           <content:encoded><![CDATA[<p>Safe <a href="/map">here</a>.</p>]]></content:encoded><dc:creator>Ann Bo</dc:creator>
           <author>desk@post.example (Desk)</author><category>Sea</category><dc:subject>Sea</dc:subject><category>Rescue</category>
           <pubDate>Thu, 25 Sep 2025 11:14:55 +0200</pubDate></item></channel></rss>"#,
        &[
            ("id", "n-17"),
            ("url", "https://post.example/news/ferry"),
            ("title", "Ferry & crew back"),
            ("summary", "<p>Safe.</p>"),
            ("content", "<p>Safe <a href=\"https://post.example/map\">here</a>.</p>"),
            ("authors", r#"["Ann Bo"]"#),
            ("categories", r#"["Sea","Rescue"]"#),
            ("published_at", "2025-09-25T09:14:55Z"),
        ],
    );
}

#[test]
fn atom_of_both_versions() {
    check_item(
        r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://post.example/a/"><entry xml:base="b/"><id>urn:n:1</id>
           <title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Rain &amp; <b>wind</b></div></title>
           <link rel="enclosure" href="x.mp3"/><link type="application/json" href="x.json"/><link href="x.html"/>
           <author><name>Cy Do</name><email>cy@post.example</email><uri>https://cy.example/</uri></author><author><name>Di Ek</name></author>
           <category term="weather" label="Weather"/><published>2025-09-25T11:14:55Z</published><updated>2025-09-26T00:00:00Z</updated>
           <content type="html">&lt;img src="i.png"&gt;</content><summary>5 &lt; 6</summary></entry></feed>"#,
        &[
            ("id", "urn:n:1"),
            ("title", "Rain & wind"),
            ("url", "https://post.example/a/b/x.html"),
            ("authors", r#"["Cy Do","Di Ek"]"#),
            ("categories", r#"["Weather"]"#),
            ("published_at", "2025-09-25T11:14:55Z"),
            ("updated_at", "2025-09-26T00:00:00Z"),
            ("content", "<img src=\"https://post.example/a/b/i.png\">"),
            ("summary", "5 &lt; 6"),
        ],
    );
    check_item(
        r#"<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><id>tag:1</id><title mode="base64">UmFpbiA8Yj5zb29uPC9iPg==</title>
           <issued>2025-09-25T11:14Z</issued><modified>2025-09-26</modified></entry></feed>"#,
        &[
            ("id", "tag:1"),
            ("title", "Rain soon"),
            ("published_at", "2025-09-25T11:14:00Z"),
            ("updated_at", "2025-09-26T00:00:00Z"),
        ],
    );
}

#[test]
fn rdf_cdf_and_namespaces_of_every_kind() {
    check_item(
        r#"<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="http://purl.org/rss/1.0/" xmlns:x="urn:other">
           <s:channel r:about="c"><s:title>c</s:title></s:channel><s:item r:about="https://post.example/1"><x:title>wrong</x:title><s:title>right</s:title>
           </s:item></r:RDF>"#,
        &[("id", "https://post.example/1"), ("url", "https://post.example/1"), ("title", "right")],
    );
    check_item(
        r#"<CHANNEL HREF="/"><ITEM HREF="/n" LASTMOD="2025-09-25T11:14:55"><TITLE>Old</TITLE><ABSTRACT>news</ABSTRACT></ITEM></CHANNEL>"#,
        &[
            ("url", "https://post.example/n"),
            ("title", "Old"),
            ("summary", "news"),
            ("updated_at", "2025-09-25T11:14:55Z"),
        ],
    );
    check_item(r#"<rss xmlns="urn:own"><channel><item><title>own</title></item></channel></rss>"#, &[("title", "own")]);
    check_item("<RSS><Channel><ITEM><Title>loud</Title></ITEM></Channel></RSS>", &[("title", "loud")]);
    check_item("<rss><channel><item><dc:title>unbound</dc:title></item></channel></rss>", &[("title", "unbound")]);
}

#[test]
fn sitemaps() {
    check_item(
        r#"<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
             xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc>https://post.example/n</loc><lastmod>2025-09-26</lastmod>
           <news:news><news:publication><news:name>Harbour Post</news:name><news:language>en</news:language></news:publication>
           <news:publication_date>2025-09-25T11:14:55Z</news:publication_date><news:title>Ferry</news:title><news:keywords>sea, crew</news:keywords>
           </news:news><image:image><image:loc>https://post.example/i.jpg</image:loc></image:image></url></urlset>"#,
        &[
            ("url", "https://post.example/n"),
            ("title", "Ferry"),
            ("categories", r#"["sea","crew"]"#),
            ("published_at", "2025-09-25T11:14:55Z"),
            ("updated_at", "2025-09-26T00:00:00Z"),
        ],
    );
    let index = read("<sitemapindex><sitemap><loc>/s1.xml</loc><lastmod>2025-09-26</lastmod></sitemap></sitemapindex>");
    assert_eq!(
        index.sitemaps().map(|(url, at)| (url.as_str(), at.is_some())).collect::<Vec<_>>(),
        [("https://post.example/s1.xml", true)]
    );
    assert_eq!(index.into_entries(), []);
}

#[test]
fn what_is_inside_something_else_is_not_the_items() {
    check_item(
        r#"<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><item><image><title>logo</title><link>https://i.example/</link></image>
           <media:group><media:title>film</media:title><media:content url="/p.jpg" type="image/jpeg"/></media:group><title>story</title>
           <source url="https://s.example/"><title>other</title></source></item></channel></rss>"#,
        &[("title", "story")],
    );
    let feed = read(
        "<rss><channel><image><title>logo</title></image><textInput><link>/q</link></textInput><title>Post</title></channel></rss>",
    );
    assert_eq!((feed.title.as_deref(), feed.url), (Some("Post"), None));
}

#[test]
fn broken_documents_give_what_can_be_had() {
    // A PHP warning in front, a bare ampersand, an undeclared entity, a control character, end tags that are missing or wrong.
    let feed = read(
        "<br />\n<b>Warning</b>: x in <b>y.php</b>\n<?xml version=\"1.0\"?><rss><channel><title>A & B&nbsp;C\u{1}</title>\
         <item><title>one<link>https://post.example/1</link><description>d</item>\
         <item><title>two</title></b><pubDate>Thu, 25 Sep 2025</pubDate><item><title>three</title>",
    );
    assert_eq!(feed.title.as_deref(), Some("A & B C"));
    let titles: Vec<_> = feed.items.iter().map(|item| (item.title.as_deref().unwrap(), item.link.as_deref())).collect();
    assert_eq!(titles, [("one", Some("https://post.example/1")), ("two", None), ("three", None)]);
    assert_eq!(feed.broken.as_deref(), Some("the document ends inside an item"));
}

#[test]
fn an_item_begins_wherever_its_tag_stands() {
    // Whatever was left open before it, and with what it declares for itself.
    let clutter = "<br><p>".repeat(200);
    let feed = read(&format!(
        "{clutter}<rss><channel><item><title>one</title>{clutter}<a:b>{clutter}<item xml:base='https://b.example/'><link>/2</link></item>"
    ));
    let links: Vec<_> = feed.items.iter().map(|item| (item.title.as_deref(), item.link.as_deref())).collect();
    assert_eq!(links, [(Some("one"), None), (None, Some("https://b.example/2"))]);
}

#[test]
fn a_cut_address_or_date_is_none() {
    let feed = read("<rss><channel><item><title>a</title><link>https://post.example/ne");
    assert_eq!((feed.items[0].title.as_deref(), feed.items[0].link.as_deref()), (Some("a"), None));
    assert_eq!(feed.broken.as_deref(), Some("the document ends inside an item"));
}

#[test]
fn the_entry_has_the_address_behind_the_proxy() {
    let feed = read(
        r#"<rss xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><language>en</language><item><title>t</title>
           <link>http://proxy.example/~r/1</link><feedburner:origLink>https://post.example/1</feedburner:origLink></item>
           <item><title>mail only</title><link>mailto:a@b.example</link></item></channel></rss>"#,
    );
    assert_eq!(feed.items[0].link.as_deref(), Some("http://proxy.example/~r/1"));
    let entries = feed.into_entries();
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].url.as_str(), entries[0].language.as_deref()), ("https://post.example/1", Some("en")));
}

#[test]
fn the_head_tells_how_to_follow_the_feed() {
    let feed = read(
        r#"<rss xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>
           <atom:link rel="self" href="https://post.example/rss"/><atom:link rel="hub" href="https://hub.example/"/>
           <atom:link rel="next" href="?p=2"/><atom:link rel="prev-archive" href="/2024.xml"/><link>https://post.example/</link>
           <ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency></channel></rss>"#,
    );
    assert_eq!(feed.url.as_deref(), Some("https://post.example/"));
    let links = [feed.self_url, feed.hub, feed.next, feed.prev_archive].map(|url| url.unwrap().to_string());
    assert_eq!(
        links,
        [
            "https://post.example/rss",
            "https://hub.example/",
            "https://post.example/feeds/all.xml?p=2",
            "https://post.example/2024.xml"
        ]
    );
    assert_eq!(feed.update_interval, Some(Duration::from_mins(30)));
}

#[test]
fn bounds_hold() {
    let base = Url::parse("https://post.example/").unwrap();
    let document = format!("<rss><channel>{}", "<item><title>x</title></item>".repeat(5));
    let options = Options { max_items: 3, ..Options::default() };
    let feed = parse(&Source { bytes: document.as_bytes(), content_type: None, base: &base, timezone: None }, &options)
        .unwrap();
    assert_eq!((feed.items.len(), feed.broken.as_deref()), (3, Some("more than 3 items; the rest was left out")));
    // What aborts a parser that recurses.
    let nested = format!("<rss><channel><item>{}", "<media:group>".repeat(100_000));
    assert_eq!(read(&nested).items.len(), 1);
    let nested = format!("<feed><entry><content type='xhtml'>{}deep", "<div>".repeat(100_000));
    assert!(read(&nested).items[0].content.as_deref().unwrap().ends_with("deep"));
}

#[test]
fn what_is_no_feed_says_what_it_is() {
    assert_eq!(read_at(b" \n", "https://post.example/"), Err(NotAFeed::Empty));
    assert!(
        matches!(read_at(b"<html><body>Hello</body></html>", "https://post.example/"), Err(NotAFeed::Page { feeds }) if feeds.is_empty())
    );
    let page = b"<!DOCTYPE html><script>x('<rss>')</script><link rel=alternate type=application/atom+xml href=/a>";
    assert!(matches!(read_at(page, "https://post.example/"), Err(NotAFeed::Page { feeds }) if feeds.len() == 1));
    assert!(matches!(read_at(b"{\"error\": 404}", "https://post.example/"), Err(NotAFeed::Unknown { .. })));
}

const SOUND: &str = r#"<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Post &amp; co</title>
<item><title>One é</title><link>https://post.example/1</link><description><![CDATA[<p>a <a href="/b">b</a></p>]]></description></item>
<item><title>Two</title><guid>https://post.example/2</guid><dc:creator>Ann Bo</dc:creator><pubDate>Thu, 25 Sep 2025 11:14:55 GMT</pubDate></item>
</channel></rss>"#;

proptest! {
    #[test]
    fn nothing_panics_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), kind in ".{0,30}") {
        let base = Url::parse("https://post.example/").unwrap();
        let _ = parse(&Source { bytes: &bytes, content_type: Some(&kind), base: &base, timezone: None }, &Options::default());
    }

    #[test]
    fn nothing_panics_on_markup(parts in prop::collection::vec(prop::sample::select(vec![
        "<rss>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<channel>", "<item>", "</item>", "<entry>", "<title>", "</title>", "<title type='xhtml'>",
        "<div>", "</div>", "<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&#x80;", "&", "é", "<link href='", "'>", "<link>", "/x", "</link>", "<dc:creator>",
        "<author>", "<name>", "a@b.example", "<guid>", "<pubDate>", "25 Sep 2025", "<content mode='base64'>", "QUJD", "<x:y xmlns:x='urn:z'", ">", "/>", "<",
        "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "<urlset>", "<url>", "<loc>", "{\"items\":[{", "xml:base='//h/'", "<rdf:RDF>", "\u{92}", "Ã©",
    ]), 0..40)) {
        let _ = read_at(parts.concat().as_bytes(), "https://post.example/");
    }

    #[test]
    fn a_cut_feed_gives_the_items_before_the_cut(cut in 0..SOUND.len()) {
        let whole = read(SOUND);
        let Ok(part) = read_at(&SOUND.as_bytes()[..cut], "https://post.example/feeds/all.xml") else { return Ok(()) };
        let ended = SOUND.as_bytes()[..cut].windows(7).filter(|bytes| bytes == b"</item>").count();
        prop_assert_eq!(part.items.get(..ended), whole.items.get(..ended));
        prop_assert!(part.broken.is_some() || part.items == whole.items);
    }

    #[test]
    fn dates_never_panic(text in "[-0-9a-zé年:T+., /()]{0,40}") {
        let _ = date::parse(&text, None);
    }

    #[test]
    fn dates_survive_the_round_trip(second in 0_i64..4_102_444_800) {
        let at = Timestamp::from_second(second).unwrap();
        prop_assert_eq!(date::parse(&at.to_string(), None), Some(at));
        prop_assert_eq!(date::parse(&at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(), None), Some(at));
    }
}
