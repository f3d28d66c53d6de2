//! Where a publisher's old articles are announced: bytes → entries, and which address to ask next.
//!
//! Pure: no files, no network, no clock. The backfill fetches and reads; each source here says what to ask, understands the answer
//! and knows when there is nothing more to ask.
//!
//! | module | source |
//! | --- | --- |
//! | [`range`] | what was asked for: since when, until when; what may lie within |
//! | [`sitemap`] | sitemaps and their indexes, streamed; which of them cannot hold what was asked for |
//! | [`wordpress`] | the REST API of WordPress, and its paged feeds |
//! | [`paged`] | walks from document to document (RFC 5005), with an end |
//! | [`listing`] | pages that list a day's articles, by a pattern of their addresses |
//! | [`wayback`] | indexes of web archives (CDX) |
//! | [`warc`] | files of web archives |
//!
//! Invariants: no input panics or recurses; memory is bounded by the options, not by the input; the size of the pieces in which bytes
//! arrive changes nothing in what is found; nothing that may lie within the range is left out for the sake of speed.

mod date;
mod gunzip;
mod html;
pub mod listing;
pub mod paged;
pub mod range;
pub mod sitemap;
pub mod warc;
pub mod wayback;
pub mod wordpress;

pub use date::{Span, of_address};
pub use range::{Range, Verdict};
