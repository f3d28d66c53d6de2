//! What a feed announces: bytes → [`Feed`], for RSS of every version, RDF, Atom, CDF, JSON Feed and sitemaps.
//!
//! Pure. Knows nothing of where the bytes came from, of the clock or of schedules; a date in the future is reported as announced.
//! Invariants: no input panics or recurses; time and memory are in proportion to the input; a broken document gives what was
//! read before and after the break, and says what was wrong in [`Feed::broken`].

pub mod date;
mod draft;
mod encoding;
mod entity;
mod field;
mod json;
mod names;
mod page;
mod reader;
mod scope;
mod text;
mod xml;

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use url::Url;

use crate::entry::Entry;

/// Bounds on what is read of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Items beyond this are not read. The sitemap protocol allows 50,000 addresses in a file.
    pub max_items: usize,
    /// Elements nested deeper than this are ignored.
    pub max_depth: usize,
    /// Longest field kept, in bytes; what is longer is cut.
    pub max_field_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_items: 50_000, max_depth: 100, max_field_bytes: 4 << 20 }
    }
}

/// A document and what is known about it before it is read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The document as it was received, decompressed.
    pub bytes: &'a [u8],
    /// The Content-Type header.
    pub content_type: Option<&'a str>,
    /// Where the document is; relative addresses start here.
    pub base: &'a Url,
    /// Of dates that name none; UTC where not known.
    pub timezone: Option<&'a TimeZone>,
}

/// The dialect of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// RSS 0.91 to 2.x, in whatever namespace.
    #[default]
    Rss,
    /// RSS 0.90, 1.0 and 1.1.
    Rdf,
    /// Atom 0.3 and 1.0.
    Atom,
    /// Microsoft's Channel Definition Format.
    Cdf,
    /// JSON Feed.
    Json,
    /// A sitemap, mostly a news sitemap; its items are articles.
    Sitemap,
    /// A sitemap of sitemaps; its items are sitemaps, never articles.
    SitemapIndex,
}

impl Format {
    /// The word that commands print.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Rdf => "rdf",
            Self::Atom => "atom",
            Self::Cdf => "cdf",
            Self::Json => "json",
            Self::Sitemap => "sitemap",
            Self::SitemapIndex => "sitemapindex",
        }
    }
}

/// A feed as announced.
///
/// Serializes to the object that `dateline feed` prints.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Feed {
    /// The dialect.
    pub format: Format,
    /// Plain text.
    pub title: Option<String>,
    /// The home page, whole.
    pub url: Option<String>,
    /// HTML as announced.
    pub description: Option<String>,
    /// A BCP 47 tag as announced.
    pub language: Option<String>,
    /// In document order.
    pub items: Vec<Item>,
    /// How long the publisher asks to wait between polls (`ttl`, `sy:updatePeriod`).
    pub update_interval: Option<Duration>,
    /// A `WebSub` hub that pushes news of this feed.
    pub hub: Option<Url>,
    /// Where the feed says that it is.
    pub self_url: Option<Url>,
    /// The following page of a paged feed (RFC 5005 §3, JSON Feed `next_url`).
    pub next: Option<Url>,
    /// The preceding document of an archived feed (RFC 5005 §4).
    pub prev_archive: Option<Url>,
    /// What was wrong with the document, where it matters: it was cut, or items were left out.
    pub broken: Option<String>,
}

/// One item as announced.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// The publisher's identifier as announced; a relative one that stands for an address is made whole.
    pub id: Option<String>,
    /// The address as announced, made whole: what is shown.
    pub link: Option<String>,
    /// The address of the article, where it is one; behind a feed proxy's link if the feed tells.
    pub url: Option<Url>,
    /// Plain text.
    pub title: Option<String>,
    /// HTML as announced, relative addresses made whole.
    pub summary: Option<String>,
    /// HTML as announced, relative addresses made whole; present when the feed carries the text.
    pub content: Option<String>,
    /// Names without mail addresses.
    pub authors: Vec<String>,
    /// In the order announced.
    pub categories: Vec<String>,
    /// When the article appeared.
    pub published_at: Option<Timestamp>,
    /// When the article last changed.
    pub updated_at: Option<Timestamp>,
    /// The date of publication as written.
    pub published_raw: Option<String>,
    /// The date of change as written.
    pub updated_raw: Option<String>,
    /// A BCP 47 tag, if the item has its own.
    pub language: Option<String>,
    /// Address of a picture.
    pub image: Option<Url>,
}

impl Item {
    /// The item as an entry to be fetched. `None` without an `http` or `https` address.
    #[must_use]
    pub fn entry(self) -> Option<Entry> {
        let url = self.url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?;
        Some(Entry {
            guid: self.id,
            url,
            title: self.title,
            summary: self.summary,
            content: self.content,
            authors: self.authors,
            categories: self.categories,
            published_at: self.published_at,
            updated_at: self.updated_at,
            language: self.language,
            image: self.image,
        })
    }
}

impl Feed {
    /// The articles that the feed announces; none for an index of sitemaps. Items speak the feed's language unless they say otherwise.
    #[must_use]
    pub fn into_entries(self) -> Vec<Entry> {
        if self.format == Format::SitemapIndex {
            return Vec::new();
        }
        let language = self.language;
        let with_language = |mut entry: Entry| {
            entry.language = entry.language.or_else(|| language.clone());
            entry
        };
        self.items.into_iter().filter_map(Item::entry).map(with_language).collect()
    }

    /// The sitemaps that an index of sitemaps lists, each with the time of its last change.
    pub fn sitemaps(&self) -> impl Iterator<Item = (&Url, Option<Timestamp>)> {
        let items = if self.format == Format::SitemapIndex { self.items.as_slice() } else { &[] };
        items.iter().filter_map(|item| Some((item.url.as_ref()?, item.updated_at)))
    }
}

/// A link to a feed, found in a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedLink {
    /// Where the feed is.
    pub url: Url,
    /// What the page calls it.
    pub title: Option<String>,
}

/// Why a document is no feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAFeed {
    /// Nothing but white space.
    #[error("the document is empty")]
    Empty,
    /// A page for readers; it may know where the feed is.
    #[error("a web page, not a feed; {}", page::advice(.feeds))]
    Page {
        /// The feeds that the page links to, in document order, those it declares first.
        feeds: Vec<FeedLink>,
    },
    /// Neither a known dialect nor a page.
    #[error("no RSS, Atom, RDF, JSON Feed or sitemap; the document begins `{start}`")]
    Unknown {
        /// The first characters.
        start: String,
    },
}

/// Reads a document of any dialect, by what it is and not by what it is called.
///
/// # Errors
/// When the document is no feed at all. A broken feed is a feed: see [`Feed::broken`].
pub fn parse(source: &Source<'_>, options: &Options) -> Result<Feed, NotAFeed> {
    let text = encoding::decode(source.bytes, source.content_type);
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{FEFF}');
    if start.is_empty() {
        return Err(NotAFeed::Empty);
    }
    let feed = if start.starts_with(['{', '[']) {
        json::read(start, source, options)
    } else {
        reader::read(&text, source, options)
    };
    // Scripts in pages hold strings that look like the root of a feed.
    let feed = feed.filter(|feed| !feed.items.is_empty() || !page::is_page(start));
    feed.ok_or_else(|| page::not_a_feed(start, source.base))
}

impl Serialize for Feed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            format: Format,
            title: &'a Option<String>,
            url: &'a Option<String>,
            description: &'a Option<String>,
            language: &'a Option<String>,
            entries: &'a [Item],
        }
        let Self { format, title, url, description, language, items, .. } = self;
        Shown { format: *format, title, url, description, language, entries: items }.serialize(serializer)
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            id: &'a Option<String>,
            url: &'a Option<String>,
            title: &'a Option<String>,
            summary: &'a Option<String>,
            content: &'a Option<String>,
            authors: &'a [String],
            categories: &'a [String],
            published_at: Option<Timestamp>,
            updated_at: Option<Timestamp>,
        }
        let Self { id, link, title, summary, content, authors, categories, .. } = self;
        let (published_at, updated_at) = (self.published_at, self.updated_at);
        Shown { id, url: link, title, summary, content, authors, categories, published_at, updated_at }
            .serialize(serializer)
    }
}

#[cfg(test)]
mod tests;
