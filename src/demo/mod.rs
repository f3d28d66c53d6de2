//! A bundled fictional press on loopback: publishers, feeds and stories to try the pipeline on without a network.
//!
//! Serves real HTTP, each publisher under host names of its own that end in `.example` (RFC 2606: they resolve
//! nowhere), so the fetcher needs the override that [`Press::hosts`] and [`Press::address`] give. Every person, place
//! and sentence is invented. Knows nothing of the pipeline: it is the world outside.

mod feeds;
mod library;
mod page;
mod server;
mod template;
mod texts;
mod truth;

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;

use hyper::body::Bytes;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use library::Library;
use server::{Resource, Server, Site};

pub use server::Answer;
pub use truth::{Told, Truth, truth};

/// The running press; dropping it closes the port.
#[derive(Debug)]
pub struct Press {
    server: Server,
    feeds: Vec<DemoFeed>,
    hosts: Vec<String>,
}

/// A feed to configure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoFeed {
    /// Unique among the feeds of the press.
    pub name: String,
    /// Under a host name of the press, without a port.
    pub url: String,
    /// Zone of the feed's dates where they name none.
    pub timezone: Option<String>,
}

impl Press {
    /// Binds a free port of 127.0.0.1 and serves every publisher there, told apart by the `Host` header.
    ///
    /// # Errors
    /// The port cannot be bound.
    pub async fn serve() -> io::Result<Self> {
        let library = library::load().map_err(io::Error::other)?;
        let site = site(&library).map_err(io::Error::other)?;
        let hosts: BTreeSet<String> = site.keys().map(|(host, _)| host.clone()).collect();
        let server = Server::start(site).await?;
        Ok(Self { server, feeds: configured(&library), hosts: hosts.into_iter().collect() })
    }

    /// Where every host name of the press has to lead.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// All feeds of all publishers.
    #[must_use]
    pub fn feeds(&self) -> &[DemoFeed] {
        &self.feeds
    }

    /// All host names of the press, sorted.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Every request answered so far, oldest first.
    #[must_use]
    pub fn answers(&self) -> Vec<Answer> {
        self.server.answers()
    }
}

fn configured(library: &Library) -> Vec<DemoFeed> {
    let mut out = Vec::new();
    for publisher in &library.publishers {
        for feed in &publisher.feeds {
            let name = match &feed.section {
                Some(section) => format!("{}-{section}", publisher.id),
                None => publisher.id.clone(),
            };
            let timezone = (feed.format == "rss-local").then(|| publisher.timezone.clone());
            out.push(DemoFeed { name, url: feeds::address(feed), timezone });
        }
    }
    out
}

fn site(library: &Library) -> Result<Site, String> {
    let mut site = Site::new();
    let mut put = |url: &str, media_type: &str, body: Vec<u8>, at: Timestamp| -> Result<(), String> {
        let url = url::Url::parse(url).map_err(|error| format!("`{url}`: {error}"))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let key = |path: &str| (host.clone(), path.to_owned());
        site.entry(key("/robots.txt")).or_insert_with(|| resource("text/plain; charset=utf-8", robots(), at));
        site.insert(key(url.path()), resource(media_type, body, at))
            .map_or(Ok(()), |_| Err(format!("two pages at `{url}`")))
    };
    for (index, story) in library.stories.iter().enumerate() {
        let encoding = library.publishers[story.publisher].encoding.as_deref();
        let (body, media_type) = encoded(&page::html(library, index), encoding);
        put(&story.url, media_type, body, story.published.timestamp())?;
    }
    for (index, (publisher, other)) in library.others.iter().enumerate() {
        let url = format!("http://{}{}", library.publishers[*publisher].host, other.path);
        put(&url, "text/html; charset=utf-8", page::other(library, index).into_bytes(), other.published)?;
    }
    for (index, publisher) in library.publishers.iter().enumerate() {
        let newest = library
            .stories
            .iter()
            .filter(|story| story.publisher == index)
            .map(|story| story.published.timestamp())
            .max();
        for feed in &publisher.feeds {
            let (body, media_type) = feeds::document(library, index, feed)?;
            put(&feeds::address(feed), media_type, body.into_bytes(), newest.unwrap_or_default())?;
        }
    }
    Ok(site)
}

/// The page's bytes and media type. Where the encoding is an old one the page alone says so, as such sites do.
fn encoded(html: &str, label: Option<&str>) -> (Vec<u8>, &'static str) {
    match label.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes())) {
        Some(encoding) => (encoding.encode(html).0.into_owned(), "text/html"),
        None => (html.as_bytes().to_vec(), "text/html; charset=utf-8"),
    }
}

fn resource(media_type: &str, body: Vec<u8>, at: Timestamp) -> Resource {
    let hash = Sha256::digest(&body).iter().take(8).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
    Resource {
        media_type: media_type.to_owned(),
        body: Bytes::from(body),
        etag: format!("\"{hash:016x}\""),
        last_modified: at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
    }
}

fn robots() -> Vec<u8> {
    b"User-agent: *\nDisallow: /search\nDisallow: /account/\n".to_vec()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use url::Url;

    use super::*;
    use crate::{address, feed};

    #[test]
    fn every_page_is_filled_in_and_shows_its_story() {
        let library = library::load().unwrap();
        for (index, story) in library.stories.iter().enumerate() {
            let html = page::html(&library, index);
            assert!(!html.contains("{{"), "{} has an open place", story.url);
            assert!(html.contains(&template::escape(&story.spec.title)), "{} lacks its title", story.url);
            let layout = texts::page(&library.publishers[story.publisher].id);
            for (name, used) in [
                ("subtitle", story.spec.subtitle.is_some()),
                ("credit", story.spec.credit.is_some()),
                ("caption", story.spec.caption.is_some()),
            ] {
                assert!(!used || layout.contains(&format!("{{{{{name}}}}}")), "{} cannot show its {name}", story.url);
            }
            let people = layout.contains("{{#authors}}") || layout.contains("{{byline}}");
            assert!(people || story.spec.authors.is_empty(), "{} cannot show its authors", story.url);
        }
        for index in 0..library.others.len() {
            assert!(!page::other(&library, index).contains("{{"));
        }
    }

    #[test]
    fn feeds_parse_and_announce_every_story_and_page() {
        let library = library::load().unwrap();
        let mut formats = BTreeSet::new();
        let mut announced = HashMap::new();
        for (index, publisher) in library.publishers.iter().enumerate() {
            let timezone = jiff::tz::TimeZone::get(&publisher.timezone).unwrap();
            for spec in &publisher.feeds {
                let base = Url::parse(&feeds::address(spec)).unwrap();
                let (document, media_type) = feeds::document(&library, index, spec).unwrap();
                assert!(!document.contains("{{"), "{base} has an open place");
                let source = feed::Source {
                    bytes: document.as_bytes(),
                    content_type: Some(media_type),
                    base: &base,
                    timezone: Some(&timezone),
                };
                let read = feed::parse(&source, &feed::Options::default()).unwrap();
                assert_eq!(read.broken, None, "{base}");
                formats.insert(read.format.as_str());
                announced
                    .extend(read.items.into_iter().map(|item| (address::canonical(item.url.as_ref().unwrap()), item)));
            }
        }
        assert_eq!(formats, BTreeSet::from(["atom", "json", "rdf", "rss", "sitemap"]));
        assert_eq!(announced.len(), library.stories.len() + library.others.len());
        for story in &library.stories {
            let item = &announced[&Url::parse(&story.url).unwrap()];
            assert_eq!(item.published_at, Some(story.published.timestamp()), "{}", story.url);
        }
    }

    #[tokio::test]
    async fn serves_by_host_name_and_answers_304() {
        let press = Press::serve().await.unwrap();
        let feed = Url::parse(&press.feeds()[0].url).unwrap();
        let first = get(&press, feed.host_str().unwrap(), feed.path(), "").await;
        assert!(first.starts_with("HTTP/1.1 200"), "{first}");
        let etag = first.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
        let again = get(&press, feed.host_str().unwrap(), feed.path(), &format!("If-None-Match: {etag}\r\n")).await;
        assert!(again.starts_with("HTTP/1.1 304"), "{again}");
        for host in press.hosts() {
            assert!(get(&press, host, "/robots.txt", "").await.starts_with("HTTP/1.1 200"), "{host}");
            assert!(get(&press, host, "/nothing", "").await.starts_with("HTTP/1.1 404"), "{host}");
        }
        assert_eq!(press.answers().iter().map(|answer| answer.status).take(3).collect::<Vec<_>>(), [200, 304, 200]);
    }

    async fn get(press: &Press, host: &str, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(press.address()).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
