//! A publisher with an archive: dated stories, and every way to announce them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use dateline::archive::Range;
use dateline::archive::wayback::{Capture, Query, Scope, Wayback};
use dateline::archive::wordpress::{Api, Fields};
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::newsroom::{Newsroom, Story, host};
use crate::press::Answer;

/// When the first story appeared.
const FIRST: &str = "2024-02-01T09:30:00Z";

/// A publisher of the newsroom with stories half a day apart.
pub(crate) struct Site<'a> {
    pub(super) newsroom: &'a Newsroom,
    pub(super) n: u8,
    pub(super) count: usize,
}

impl<'a> Site<'a> {
    /// Publisher `n` with `count` stories, their pages served.
    pub(crate) fn open(newsroom: &'a Newsroom, n: u8, count: usize) -> Self {
        let site = Self { newsroom, n, count };
        for number in 0..count {
            newsroom.press.set(&host(n), &path(number), Answer::page(page(number)));
        }
        site
    }

    /// The root of the site.
    pub(crate) fn root(&self) -> String {
        self.newsroom.url(self.n, "/")
    }

    pub(crate) fn url(&self, number: usize) -> String {
        self.newsroom.url(self.n, &path(number))
    }

    /// The addresses of the stories that appeared from `since` to `until`, days included, sorted.
    pub(crate) fn within(&self, since: &str, until: &str) -> Vec<String> {
        let range = range(since, until);
        let mut urls: Vec<String> = (0..self.count)
            .filter(|&number| range.holds(published(number), dateline::article::Precision::Time))
            .map(|number| self.url(number))
            .collect();
        urls.sort_unstable();
        urls
    }

    fn set(&self, path: &str, kind: &str, body: String) {
        self.newsroom.press.set(&host(self.n), path, Answer::page(body).with("content-type", kind));
    }

    /// An index of one sitemap a month, named by robots.txt; the time of change says nothing.
    pub(crate) fn sitemaps(&self) {
        let mut months: Vec<String> = Vec::new();
        let mut files: Vec<String> = Vec::new();
        for number in 0..self.count {
            let month = published(number).to_string()[..7].to_owned();
            if months.last() != Some(&month) {
                months.push(month);
                files.push(String::new());
            }
            let _ = write!(files.last_mut().unwrap(), "<url><loc>{}</loc></url>", self.url(number));
        }
        let mut index = String::new();
        for (month, file) in months.iter().zip(files) {
            let path = format!("/sitemap-{month}.xml");
            let _ = write!(index, "<sitemap><loc>{}</loc></sitemap>", self.newsroom.url(self.n, &path));
            self.set(&path, "application/xml", format!("<urlset>{file}</urlset>"));
        }
        self.set("/index.xml", "application/xml", format!("<sitemapindex>{index}</sitemapindex>"));
        let index = self.newsroom.url(self.n, "/index.xml");
        self.newsroom.press.set(&host(self.n), "/robots.txt", Answer::robots(&format!("Sitemap: {index}\n")));
    }

    /// The API of WordPress, ten posts an answer whatever is asked for.
    pub(crate) fn wordpress(&self, since: &str, until: &str) {
        const POSTS: usize = 10;
        let root = Url::parse(&self.newsroom.url(self.n, "/wp-json/")).unwrap();
        self.set(
            "/",
            "text/html",
            format!("<html><head><link rel=\"https://api.w.org/\" href=\"{root}\"></head><body>Home</body></html>"),
        );
        let numbers: Vec<usize> = (0..self.count).rev().collect();
        for (page, numbers) in (1..).zip(numbers.chunks(POSTS)) {
            let posts: Vec<serde_json::Value> = numbers.iter().map(|&number| self.post(number)).collect();
            let url = Api::at(root.clone()).posts(&range(since, until), page, Fields::Whole);
            self.set(&url[url::Position::BeforePath..], "application/json", serde_json::to_string(&posts).unwrap());
        }
    }

    /// A WordPress whose API is closed: its feed, ten stories a page (`/feed/?paged=2`).
    pub(crate) fn paged_feed(&self) {
        let root = self.root();
        let head = format!("<link rel=\"https://api.w.org/\" href=\"{root}wp-json/\">");
        self.set("/", "text/html", format!("<html><head>{head}</head><body>Home</body></html>"));
        let numbers: Vec<usize> = (0..self.count).rev().collect();
        for (page, numbers) in (1..).zip(numbers.chunks(10)) {
            let items: String = numbers
                .iter()
                .map(|&number| {
                    let date = published(number).strftime("%a, %d %b %Y %H:%M:%S +0000");
                    format!(
                        "<item><title>{}</title><link>{}</link><pubDate>{date}</pubDate></item>",
                        Story::new(number).title,
                        self.url(number)
                    )
                })
                .collect();
            let path = if page == 1 { "/feed/".to_owned() } else { format!("/feed/?paged={page}") };
            self.set(
                &path,
                "application/rss+xml",
                format!("<rss version=\"2.0\"><channel><title>Old</title>{items}</channel></rss>"),
            );
        }
    }

    fn post(&self, number: usize) -> serde_json::Value {
        let date = published(number).to_string();
        let date = date.trim_end_matches('Z');
        serde_json::json!({
            "id": number, "date": date, "date_gmt": date, "link": self.url(number),
            "guid": { "rendered": format!("p={number}") }, "title": { "rendered": Story::new(number).title },
        })
    }

    /// A feed with the ten newest, and documents of ten before it (RFC 5005).
    pub(crate) fn archive(&self) {
        let numbers: Vec<usize> = (0..self.count).rev().collect();
        let documents = numbers.chunks(10).count();
        for (place, numbers) in numbers.chunks(10).enumerate() {
            let path = if place == 0 { "/rss".to_owned() } else { format!("/archive-{place}.atom") };
            let mut entries = String::new();
            for &number in numbers {
                let (url, title, at) = (self.url(number), Story::new(number).title, published(number));
                let _ = write!(
                    entries,
                    "<entry><id>{url}</id><title>{title}</title><link href=\"{url}\"/><published>{at}</published><updated>{at}</updated></entry>"
                );
            }
            if place + 1 < documents {
                let older = self.newsroom.url(self.n, &format!("/archive-{}.atom", place + 1));
                // Archived and paged feeds (RFC 5005 sections 4 and 3).
                let rel = if place % 2 == 0 { "prev-archive" } else { "next" };
                let _ = write!(entries, "<link rel=\"{rel}\" href=\"{older}\"/>");
            }
            let feed = format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Old</title>{entries}</feed>");
            self.set(&path, "application/atom+xml", feed);
        }
    }

    /// Pages that list a day each: `/day/2024-03-05`.
    pub(crate) fn listing(&self, since: &str, until: &str) -> String {
        for day in range(since, until).days() {
            let links: String = (0..self.count)
                .filter(|&number| published(number).to_string().starts_with(&day.to_string()))
                .map(|number| format!("<a href=\"{}\">{}</a> ", path(number), Story::new(number).title))
                .collect();
            self.set(
                &format!("/day/{day}"),
                "text/html",
                format!("<html><body><a href=\"/\">Home</a>{links}</body></html>"),
            );
        }
        self.newsroom.url(self.n, "/day/{yyyy}-{mm}-{dd}")
    }

    /// Another publisher's web archive that captured every story a day after it appeared and tells of them in two answers; the address of the archive.
    pub(crate) fn wayback(&self, archive: u8, since: &str, until: &str) -> String {
        let endpoint = self.newsroom.url(archive, "/");
        let wayback = Wayback::at(Url::parse(&endpoint).unwrap());
        let root = Url::parse(&self.root()).unwrap();
        let scope = format!("{}:{}", root.host_str().unwrap(), root.port().unwrap());
        let query = Query { scope: Scope::Domain(scope), range: range(since, until) };
        let mut rows = vec![vec!["timestamp".to_owned(), "original".to_owned()]];
        for number in 0..self.count {
            let captured_at = published(number) + SignedDuration::from_hours(24);
            let timestamp = captured_at.strftime("%Y%m%d%H%M%S").to_string();
            let url = Url::parse(&self.url(number)).unwrap();
            rows.push(vec![timestamp.clone(), url.to_string()]);
            let capture = Capture { url, captured_at, timestamp, mimetype: None, status: None, digest: None };
            let original = wayback.original(&capture);
            self.newsroom.press.set(&host(archive), &original[url::Position::BeforePath..], Answer::page(page(number)));
        }
        let rest = rows.split_off(rows.len() / 2);
        rows.extend([Vec::new(), vec!["half+way".to_owned()]]);
        for (key, rows) in [
            (None, rows),
            (Some("half+way"), [vec![vec!["timestamp".to_owned(), "original".to_owned()]], rest].concat()),
        ] {
            let search = wayback.search(&query, key);
            let answer = Answer::page(serde_json::to_string(&rows).unwrap()).with("content-type", "application/json");
            self.newsroom.press.set(&host(archive), &search[url::Position::BeforePath..], answer);
        }
        endpoint
    }

    /// A WARC file of all stories, each record a gzip member of its own, captured years later.
    pub(crate) fn warc(&self) -> PathBuf {
        let file = self.newsroom.folder.path().join(format!("site-{}.warc.gz", self.n));
        let mut out = std::fs::File::create(&file).unwrap();
        for number in 0..self.count {
            out.write_all(&warc_record(&self.url(number), &page(number))).unwrap();
        }
        file
    }

    /// A list of all addresses.
    pub(crate) fn list(&self) -> PathBuf {
        let file = self.newsroom.folder.path().join(format!("site-{}.txt", self.n));
        let urls: Vec<String> = (0..self.count).map(|number| self.url(number)).collect();
        std::fs::write(&file, format!("# all\n{}\n", urls.join("\n"))).unwrap();
        file
    }

    /// How often each story's page was asked for.
    pub(crate) fn requests(&self) -> Vec<usize> {
        let paths = self.newsroom.press.paths(&host(self.n));
        (0..self.count).map(|number| paths.iter().filter(|asked| **asked == path(number)).count()).collect()
    }
}

/// A record of a page, captured in 2026.
pub(crate) fn warc_record(url: &str, page: &str) -> Vec<u8> {
    let http = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    );
    let record = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n\
         WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>\r\nContent-Type: application/http; msgtype=response\r\n\
         Content-Length: {}\r\n\r\n{http}\r\n\r\n",
        http.len()
    );
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(record.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn path(number: usize) -> String {
    format!("/news/council-votes-on-plan-{number}.html")
}

pub(crate) fn published(number: usize) -> Timestamp {
    let first: Timestamp = FIRST.parse().unwrap();
    first + SignedDuration::from_hours(12 * i64::try_from(number).unwrap())
}

/// The page of a story, which says when it appeared.
pub(crate) fn page(number: usize) -> String {
    let story = Story::new(number);
    let paragraphs = format!("<p>{}</p>", story.paragraphs.join("</p>\n<p>"));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\
         <meta property=\"article:published_time\" content=\"{1}\"></head><body>\
         <nav><a href=\"/\">Home</a></nav><main><article><h1>{0}</h1>\n{paragraphs}</article></main></body></html>",
        story.title,
        published(number)
    )
}

pub(crate) fn range(since: &str, until: &str) -> Range {
    Range::parse(Some(since), Some(until), Timestamp::UNIX_EPOCH).unwrap()
}
