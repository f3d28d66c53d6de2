//! Sitemaps (<https://www.sitemaps.org/protocol.html>): XML and plain text, compressed or not, streamed.
//!
//! Bytes go in by pieces of any size, what is found comes out as it is found: [`Reader`]. Two million addresses need no more memory than
//! one. Which sitemaps of an index need not be asked at all is told by [`prune()`], where sitemaps are kept by [`from_robots`] and
//! [`from_habit`].
//!
//! Forgiving: any prefix of any namespace, missing end tags, stray `&`, wrong encodings, relative addresses, addresses of sitemaps
//! among those of pages. RSS and Atom are also allowed as sitemaps; the reader says so ([`Kind::Feed`]) and leaves them to `feed`.

mod places;
mod prune;
mod reader;
mod tokens;
mod walk;

use url::Url;

use super::date::{self, Span};
use crate::entry::Entry;

pub use places::{from_habit, from_robots};
pub use prune::prune;
pub use reader::Reader;

/// Bounds on what is read of one sitemap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Bytes after decompression; what lies beyond is not read. The protocol allows 52,428,800 in a file; publishers exceed it.
    pub max_bytes: u64,
    /// Addresses; what lies beyond is not read. The protocol allows 50,000 in a file; publishers exceed it.
    pub max_found: u64,
    /// Longest field kept, in bytes; a longer one is cut, a longer address dropped. The protocol allows 2,048 in an address.
    pub max_field_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_bytes: 512 << 20, max_found: 1_000_000, max_field_bytes: 8 << 10 }
    }
}

/// What a sitemap lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A page, perhaps an article.
    Page(Page),
    /// Another sitemap.
    Sitemap(Sitemap),
}

/// A page as a sitemap lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it is. Absolute, `http` or `https`.
    pub url: Url,
    /// When it last changed.
    pub lastmod: Option<Span>,
    /// When the article appeared (`news:publication_date`).
    pub published: Option<Span>,
    /// The headline (`news:title`), plain text.
    pub title: Option<String>,
    /// The language (`news:language`) as announced.
    pub language: Option<String>,
}

/// A sitemap as an index lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitemap {
    /// Where it is. Absolute, `http` or `https`.
    pub url: Url,
    /// When it last changed.
    pub lastmod: Option<Span>,
}

/// What a document turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing was read but white space.
    Empty,
    /// A sitemap or an index of sitemaps in XML; which, is told by what was found.
    Xml,
    /// One address a line.
    Text,
    /// RSS, Atom or RDF: read it with `feed`.
    Feed,
    /// A page for readers, as sites answer for what is not there.
    Html,
    /// None of them.
    Unknown,
}

/// What was read of a sitemap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// What the document turned out to be.
    pub kind: Kind,
    /// Pages found.
    pub pages: u64,
    /// Sitemaps found.
    pub sitemaps: u64,
    /// Bytes read, after decompression.
    pub decoded_bytes: u64,
    /// What was wrong with the document, where it matters: it was cut, or addresses were left out.
    pub broken: Option<String>,
}

impl Page {
    /// The page as an entry to be fetched.
    #[must_use]
    pub fn into_entry(self) -> Entry {
        Entry {
            title: self.title,
            published_at: self.published.and_then(Span::moment),
            updated_at: self.lastmod.and_then(Span::moment),
            language: self.language,
            ..Entry::at(self.url)
        }
    }

    /// When the address says that the article appeared.
    #[must_use]
    pub fn address_date(&self) -> Option<Span> {
        date::of_folders(&self.url)
    }
}

/// Reads a whole document that is at hand.
#[must_use]
pub fn read(bytes: &[u8], url: &Url, content_type: Option<&str>, options: &Options) -> (Vec<Found>, Summary) {
    let mut found = Vec::new();
    let mut reader = Reader::new(url, content_type, options);
    reader.push(bytes, &mut |one| found.push(one));
    let summary = reader.finish(&mut |one| found.push(one));
    (found, summary)
}

#[cfg(test)]
mod tests;
