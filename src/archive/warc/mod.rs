//! Files of web archives (WARC 0.17 to 1.1, <https://iipc.github.io/warc-specifications/>): `.warc` and `.warc.gz`, streamed.
//!
//! Bytes go in by pieces of any size, pages come out: [`Reader`]. Every page carries its [`Place`], from which reading can go on after a
//! stop. `WARC-Date` is when a page was captured, never when it was published.
//!
//! Forgiving: one gzip member a record, as the standard wants, or one for the whole file; payloads chunked and compressed, or already
//! neither though their headers say so, as in CC-NEWS; records that are cut, broken or too long are passed over and counted.

mod payload;
mod reader;
mod records;

use jiff::Timestamp;
use url::Url;

pub use reader::Reader;

/// Bounds on what is read of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Longest page in bytes, as stored and after decompression; longer ones are passed over.
    pub max_body: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_body: 15_000_000 }
    }
}

/// Where a record begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// Bytes of the file before it; of a compressed file, before the gzip member in which it begins.
    pub offset: u64,
    /// Decompressed bytes before it within that member; 0 in a file that is not compressed.
    pub inner: u64,
}

/// A captured page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where the record begins.
    pub place: Place,
    /// `WARC-Target-URI`.
    pub url: Url,
    /// `WARC-Date`.
    pub captured_at: Option<Timestamp>,
    /// Of the HTTP answer.
    pub content_type: Option<String>,
    /// Of the HTTP answer: 200 to 299; 200 where the record holds the bare page.
    pub status: u16,
    /// The markup: neither chunked nor compressed.
    pub body: Vec<u8>,
    /// The capture was cut (`WARC-Truncated`), or its payload does not decode to its end.
    pub is_cut: bool,
}

/// What was read of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Records with a sound header.
    pub records: u64,
    /// Pages handed on.
    pub pages: u64,
    /// Records that hold no page: requests, revisits, pictures, redirects, errors.
    pub others: u64,
    /// Records that are longer than allowed.
    pub too_large: u64,
    /// Places where the file was broken or ended inside a record.
    pub broken: u64,
}

#[cfg(test)]
mod tests;
