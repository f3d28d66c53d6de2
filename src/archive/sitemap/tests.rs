use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::archive::{Range, Verdict};

fn base() -> Url {
    Url::parse("https://a.example/maps/sitemap.xml").unwrap()
}

/// What was found, a line each: `page address lastmod published title language`, missing as `-`.
fn shown(found: &[Found]) -> Vec<String> {
    let span = |span: Option<Span>| span.map_or_else(|| "-".to_owned(), |span| span.from.to_string());
    found
        .iter()
        .map(|one| match one {
            Found::Page(page) => {
                let line = format!("page {} {}", page.url, span(page.lastmod));
                if page.published.is_none() && page.title.is_none() && page.language.is_none() {
                    return line;
                }
                let title = page.title.as_deref().unwrap_or("-");
                format!("{line} {} {title} {}", span(page.published), page.language.as_deref().unwrap_or("-"))
            }
            Found::Sitemap(sitemap) => format!("sitemap {} {}", sitemap.url, span(sitemap.lastmod)),
        })
        .collect()
}

fn read_by(bytes: &[u8], piece: usize, options: &Options) -> (Vec<Found>, Summary) {
    let mut found = Vec::new();
    let mut reader = Reader::new(&base(), None, options);
    for piece in bytes.chunks(piece.max(1)) {
        reader.push(piece, &mut |one| found.push(one));
    }
    let summary = reader.finish(&mut |one| found.push(one));
    (found, summary)
}

#[track_caller]
fn check(document: &str, want: &[&str]) -> Summary {
    let (found, summary) = read(document.as_bytes(), &base(), None, &Options::default());
    assert_eq!(shown(&found), want);
    assert_eq!(usize::try_from(summary.pages + summary.sitemaps).unwrap(), want.len());
    summary
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

const NEWS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand <url><loc>https://a.example/no</loc></url> -->
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
        xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
  <url>
    <loc> https://a.example/2024/03/05/harbour?a=1&amp;b=2 </loc>
    <lastmod>2024-03-06T08:00:00+02:00</lastmod>
    <image:image><image:loc>https://a.example/harbour.jpg</image:loc><image:title>A crane</image:title></image:image>
    <n:news>
      <n:publication><n:name>The A</n:name><n:language>en</n:language></n:publication>
      <n:publication_date>2024-03-05T10:15:00Z</n:publication_date>
      <n:title><![CDATA[Harbour & port]]> reopen &#8211; at&nbsp;last</n:title>
    </n:news>
    <changefreq>daily</changefreq>
  </url>
  <url><image:image><image:loc>/other.jpg</image:loc></image:image><loc>/2024/03/06/storm</loc></url>
</urlset>"#;

#[test]
fn news_sitemaps_are_read_whatever_their_prefix() {
    let summary = check(
        NEWS,
        &[
            "page https://a.example/2024/03/05/harbour?a=1&b=2 2024-03-06T06:00:00Z 2024-03-05T10:15:00Z \
             Harbour & port reopen – at last en",
            "page https://a.example/2024/03/06/storm -",
        ],
    );
    assert_eq!((summary.kind, summary.broken), (Kind::Xml, None));
}

#[test]
fn indexes_are_read() {
    check(
        "<sitemapindex><sitemap><loc>/a.xml.gz</loc><lastmod>2024-03</lastmod></sitemap>\
         <sm:sitemap><sm:loc>https://b.example/b</sm:loc></sm:sitemap></sitemapindex>",
        &["sitemap https://a.example/a.xml.gz 2024-02-29T10:00:00Z", "sitemap https://b.example/b -"],
    );
    // Listed as a page, but a sitemap by its name.
    check("<urlset><url><loc>/posts-2.XML</loc></url></urlset>", &["sitemap https://a.example/posts-2.XML -"]);
}

#[test]
fn broken_documents_give_what_they_hold() {
    let two = ["page https://a.example/1 -", "page https://a.example/2 -"];
    for document in [
        "<urlset><url><loc>/1</loc><url><loc>/2</loc></urlset>",
        "<url><loc>/1</loc></url><url><loc>/2</loc></url>",
        "<URLSET><URL><LOC>/1</LOC></URL><Url><Loc>/2</Loc></Url></URLSET>",
        "<urlset><url><loc>/1</loc></url> 3 < 4 & <url><loc>/2</loc></url></urlset>",
        "<urlset><url><loc>/1</loc></url><url a=\"x><loc>/2</loc></url></urlset>",
        "<urlset><url><loc/></url><url><loc>/1</loc></url><url><loc>ftp://a.example/</loc></url><url><loc>/2</loc></url>",
        "\u{feff}\n\n<?xml version='1.0'?><urlset><url><loc>/1</loc><loc>/9</loc></url><url><video><loc>/8</loc><url><loc>/2</loc></url>",
        "<urlset><url><loc><![CDATA[/1]]></loc></url><url><loc>\n/2\n</loc>",
    ] {
        check(document, &two);
    }
    let summary = check("<urlset><url><loc>/1</loc></url><url><loc>/2", &["page https://a.example/1 -"]);
    assert_eq!(summary.broken.as_deref(), Some("the document ends inside an entry"));
    let summary = check("<urlset><url><loc>/1</loc></url><url", &["page https://a.example/1 -"]);
    assert_eq!(summary.broken.as_deref(), Some("the document ends inside a tag"));
}

#[test]
fn text_sitemaps_are_lists_of_addresses() {
    let summary = check(
        "\u{feff}https://a.example/1\r\n\r\n  https://a.example/2  \n# a word\n/3\nhttps://a.example/4",
        &["page https://a.example/1 -", "page https://a.example/2 -", "page https://a.example/4 -"],
    );
    assert_eq!(summary.kind, Kind::Text);
    assert_eq!(check("not found\nreally", &[]).kind, Kind::Unknown);
    assert_eq!(check(&"nothing\n".repeat(1000), &[]).kind, Kind::Unknown);
}

#[test]
fn other_documents_are_told_apart() {
    for (document, kind) in [
        ("", Kind::Empty),
        (" \n", Kind::Empty),
        ("<?xml version='1.0'?><rss version='2.0'><channel><item><title>x</title>", Kind::Feed),
        ("<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>", Kind::Feed),
        ("<rdf:RDF><item/></rdf:RDF>", Kind::Feed),
        ("<!DOCTYPE html><title>404</title>", Kind::Html),
        ("<html><body><a href='/sitemap'>x</a>", Kind::Html),
        ("<error><code>403</code></error>", Kind::Unknown),
        ("<urlset></urlset>", Kind::Xml),
    ] {
        assert_eq!(check(document, &[]).kind, kind, "{document}");
    }
}

#[test]
fn encodings_are_seen_through() {
    let want = ["page https://a.example/s%C3%BCd -"];
    let document =
        |name: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?><urlset><url><loc>/süd</loc></url></urlset>");
    let latin = encoding_rs::WINDOWS_1252.encode(&document("iso-8859-1")).0.into_owned();
    let utf16: Vec<u8> =
        [0xfe, 0xff].into_iter().chain(document("utf-16").encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let markless: Vec<u8> = document("utf-16").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let undeclared = encoding_rs::WINDOWS_1252.encode("<urlset><url><loc>/süd</loc></url></urlset>").0.into_owned();
    let lying = document("utf-16").into_bytes();
    for bytes in [latin, utf16, markless, undeclared, lying, document("utf-8").into_bytes()] {
        assert_eq!(shown(&read(&bytes, &base(), None, &Options::default()).0), want);
    }
    let header = Some("application/xml; charset=\"ISO-8859-1\"");
    let bytes = encoding_rs::WINDOWS_1252.encode("<urlset><url><loc>/süd</loc></url></urlset>").0.into_owned();
    assert_eq!(shown(&read(&bytes, &base(), header, &Options::default()).0), want);
}

#[test]
fn gzip_is_known_by_its_first_bytes() {
    let plain = NEWS.as_bytes();
    let want = shown(&read(plain, &base(), None, &Options::default()).0);
    let (first, second) = plain.split_at(300);
    let members = [gzip(first), gzip(second)].concat();
    let padded = [gzip(plain), vec![0; 512]].concat();
    for bytes in [gzip(plain), gzip(&gzip(plain)), members, padded] {
        for piece in [1, 7, 1000, usize::MAX] {
            let (found, summary) = read_by(&bytes, piece, &Options::default());
            assert_eq!((shown(&found), summary.broken), (want.clone(), None), "by {piece}");
        }
    }
    let whole = gzip(plain);
    let (found, summary) = read_by(&whole[..whole.len() - 60], 100, &Options::default());
    assert!(found.len() <= want.len());
    assert_eq!(summary.broken.as_deref(), Some("the document ends inside its gzip data"));
}

#[test]
fn bounds_hold() {
    let address = |n: usize| format!("<url><loc>/{n}</loc></url>");
    let many: String = (0..100).map(address).collect();
    let (found, summary) = read_by(many.as_bytes(), 64, &Options { max_found: 10, ..Options::default() });
    assert_eq!((found.len(), summary.broken.as_deref()), (10, Some("more than 10 addresses; the rest was left out")));
    let (found, summary) = read_by(many.as_bytes(), 64, &Options { max_bytes: 250, ..Options::default() });
    assert_eq!((found.len(), summary.broken.as_deref()), (10, Some("longer than 250 bytes; the rest was left out")));
    // A gigabyte of nothing is not unpacked to its end.
    let bomb = gzip(&vec![b' '; 50_000_000]);
    let (_, summary) = read_by(&bomb, 4096, &Options { max_bytes: 1_000_000, ..Options::default() });
    assert_eq!(summary.decoded_bytes, 1_000_000);
    let long = format!("<url><loc>/{}</loc></url><url><loc>/2</loc></url>", "x".repeat(9000));
    assert_eq!(shown(&read_by(long.as_bytes(), 100, &Options::default()).0), ["page https://a.example/2 -"]);
    // A character that does not fit is not left out of the middle, and what is cut is no address.
    for document in ["https://a.example/1234567ü", "<url><loc>https://a.example/1234567ü</loc></url>"] {
        let options = Options { max_field_bytes: 25, ..Options::default() };
        assert_eq!(shown(&read_by(document.as_bytes(), 4, &options).0), Vec::<String>::new());
    }
    let endless = format!("<urlset><url {}", "a='b' ".repeat(100_000));
    assert_eq!(read_by(endless.as_bytes(), 1000, &Options::default()).0.len(), 0);
}

#[test]
fn robots_names_sitemaps() {
    let robots = b"\xef\xbb\xbfUser-agent: *\nDisallow: /\nSITEMAP: /a.xml # all\rSitemap:https://b.example/b.xml\nsitemap: ftp://c.example/\n\
                   Sitemap:\nSitemap: /a.xml\nHost: x";
    let found: Vec<String> =
        from_robots(robots, &Url::parse("https://a.example/robots.txt").unwrap()).iter().map(Url::to_string).collect();
    assert_eq!(found, ["https://a.example/a.xml", "https://b.example/b.xml"]);
    assert_eq!(
        from_habit(&Url::parse("https://a.example/en/?x=1").unwrap())[0].as_str(),
        "https://a.example/sitemap.xml"
    );
}

/// What may hold articles of a range, by address below the host.
#[track_caller]
fn check_pruned(sitemaps: &[(&str, &str)], since: &str, until: &str, want: &[&str]) {
    let list = sitemaps
        .iter()
        .map(|(address, lastmod)| Sitemap { url: base().join(address).unwrap(), lastmod: date::parse(lastmod) })
        .collect();
    let kept: Vec<String> = prune(list, &range(since, until))
        .into_iter()
        .filter(|(_, verdict)| *verdict != Verdict::Outside)
        .map(|(sitemap, _)| {
            sitemap.url.path().to_owned() + &sitemap.url.query().map(|q| format!("?{q}")).unwrap_or_default()
        })
        .collect();
    assert_eq!(kept, want);
}

fn range(since: &str, until: &str) -> Range {
    Range::parse(Some(since), Some(until), Timestamp::UNIX_EPOCH).unwrap()
}

#[test]
fn indexes_are_pruned_by_names_and_changes() {
    let months: Vec<(String, &str)> = (1..=12).map(|month| (format!("/sitemap-2024-{month:02}.xml"), "")).collect();
    let months: Vec<(&str, &str)> = months.iter().map(|(name, at)| (name.as_str(), *at)).collect();
    check_pruned(&months, "2024-05-10", "2024-06-20", &["/sitemap-2024-06.xml", "/sitemap-2024-05.xml"]);
    // The first day of a month where the publisher lives.
    check_pruned(&months, "2024-05-01", "2024-05-01", &["/sitemap-2024-05.xml", "/sitemap-2024-04.xml"]);
    // The newest may hold what is newer, the oldest what is older.
    check_pruned(&months, "2025-05-01", "2025-05-01", &["/sitemap-2024-12.xml"]);
    check_pruned(&months, "2020-05-01", "2020-05-01", &["/sitemap-2024-01.xml"]);
    check_pruned(
        &[("/a.xml", "2024-03-01"), ("/b.xml", "2024-06-01"), ("/c.xml", ""), ("/d.xml", "1970-01-01")],
        "2024-05-01",
        "2024-05-31",
        &["/c.xml", "/d.xml", "/b.xml"],
    );
}

#[test]
fn days_reach_to_their_neighbours() {
    let weeks = [
        ("/posts-2024-03-01.xml", ""),
        ("/posts-2024-03-08.xml", ""),
        ("/posts-2024-03-15.xml", ""),
        ("/posts-2024-03-22.xml", ""),
    ];
    // Whether the file of the 8th holds the week before or the week after it, is not known.
    check_pruned(&weeks, "2024-03-12", "2024-03-12", &["/posts-2024-03-15.xml", "/posts-2024-03-08.xml"]);
    let fields = [("/s?yyyy=2024&mm=03&dd=05", ""), ("/s?yyyy=2024&mm=03&dd=06", ""), ("/s?yyyy=2024&mm=03&dd=20", "")];
    check_pruned(&fields, "2024-03-05", "2024-03-05", &["/s?yyyy=2024&mm=03&dd=06", "/s?yyyy=2024&mm=03&dd=05"]);
}

#[test]
fn numbers_that_only_look_like_dates_prune_nothing() {
    // Written on one day: it says nothing about what they hold.
    let written = [("/sitemap-20240305-1.xml", ""), ("/sitemap-20240305-2.xml", "")];
    check_pruned(&written, "2010-01-01", "2010-01-31", &["/sitemap-20240305-1.xml", "/sitemap-20240305-2.xml"]);
    // Parts, of which some are years.
    let parts = [("/sitemap-1999.xml", ""), ("/sitemap-2000.xml", ""), ("/sitemap-1.xml", "")];
    check_pruned(&parts, "2024-01-01", "2024-01-31", &["/sitemap-1999.xml", "/sitemap-2000.xml", "/sitemap-1.xml"]);
    // Parts of months that look like days.
    let parts = [
        ("/s-2024-03-01.xml", ""),
        ("/s-2024-03-02.xml", ""),
        ("/s-2024-04-01.xml", ""),
        ("/s-2024-05-01.xml", ""),
        ("/s-2024-06-01.xml", ""),
    ];
    check_pruned(&parts, "2024-04-20", "2024-04-20", &["/s-2024-04-01.xml"]);
}

#[test]
fn pages_are_judged_by_what_is_said_of_them() {
    let may = range("2024-05-01", "2024-05-31");
    for (address, lastmod, published, want) in [
        ("/x", "", "", Verdict::MayHold),
        ("/x", "2024-04-20", "", Verdict::Outside),
        ("/x", "2024-04-30", "", Verdict::MayHold),
        ("/x", "2025-01-01", "", Verdict::MayHold),
        ("/2024/05/12/x", "", "", Verdict::Inside),
        ("/2024/05/31/x", "", "", Verdict::MayHold),
        ("/2024/06/02/x", "", "", Verdict::MayHold),
        ("/2024/06/12/x", "", "", Verdict::Outside),
        ("/2024/04/12/x", "2025-01-01", "", Verdict::Outside),
        // A year in the name of a story is what it tells of, and a number may be any.
        ("/news/the-war-of-1812", "", "", Verdict::MayHold),
        ("/news/world-cup-2026-qualifiers/", "", "", Verdict::MayHold),
        ("/news/1998/x", "", "", Verdict::MayHold),
        ("/news/preview-2024-06-20.html", "", "", Verdict::MayHold),
        ("/x", "2024-05-20", "2024-05-12T10:00:00Z", Verdict::Inside),
        ("/2024/05/12/x", "", "2024-06-12", Verdict::Outside),
    ] {
        let page = Page {
            url: base().join(address).unwrap(),
            lastmod: date::parse(lastmod),
            published: date::parse(published),
            title: None,
            language: None,
        };
        let verdict = page.verdict(&may);
        // What is inside by its address is so only as long as nothing else is said.
        let got = if want == Verdict::Inside { verdict.max(Verdict::MayHold) } else { verdict };
        assert!(
            got == want || (want == Verdict::Inside && got == Verdict::MayHold),
            "{address} {lastmod} {published}: {got:?}"
        );
    }
}

proptest! {
    #[test]
    fn pieces_change_nothing(
        document in "(</?(n:)?(urlset|url|loc|lastmod|sitemap|title|news|image)( a=['\"]?x>?['\"]?)?/?>|<!--|-->|<!\\[CDATA\\[|\\]\\]>|<\\?x|\\?>|<|>|&amp;|/a/b|https://b\\.example/ü|2024-03-05|\n| ){0,60}",
        piece in 1_usize..40,
    ) {
        let options = Options { max_field_bytes: 64, ..Options::default() };
        let whole = read_by(document.as_bytes(), usize::MAX, &options);
        prop_assert_eq!(&read_by(document.as_bytes(), piece, &options), &whole);
        prop_assert_eq!(&read_by(&gzip(document.as_bytes()), piece, &options).0, &whole.0);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400), piece in 1_usize..50) {
        let options = Options::default();
        prop_assert_eq!(read_by(&bytes, piece, &options), read_by(&bytes, usize::MAX, &options));
        let gzip = [&[0x1f, 0x8b, 8][..], &bytes].concat();
        prop_assert_eq!(read_by(&gzip, piece, &options).0, read_by(&gzip, usize::MAX, &options).0);
    }

    /// Whatever the names, the file that holds a story of the range is kept: files of whole days, weeks, months, named by their first day.
    #[test]
    fn pruning_loses_no_article(step in prop::sample::select(vec![1_i64, 2, 7, 10, 30, 91]), story in 0_i64..700, wide in 0_i64..40) {
        use jiff::ToSpan;
        let first = jiff::civil::Date::constant(2023, 1, 1);
        let starts: Vec<i64> = (0..700).step_by(usize::try_from(step).unwrap()).collect();
        let named = |day: i64| first.checked_add(day.days()).unwrap();
        let list = starts.iter().map(|&day| Sitemap { url: base().join(&format!("/s-{}.xml", named(day))).unwrap(), lastmod: None }).collect();
        let asked = range(&named(story).to_string(), &named(story + wide).to_string());
        let holder = starts.iter().rfind(|&&day| day <= story).copied().unwrap();
        let kept = prune(list, &asked);
        let (_, verdict) = kept.iter().find(|(sitemap, _)| sitemap.url.path().contains(&named(holder).to_string())).unwrap();
        prop_assert_ne!(*verdict, Verdict::Outside);
    }
}
