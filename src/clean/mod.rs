//! A page to an [`Article`]: the cleaner.
//!
//! Pure: no I/O, no state. Must not know where pages come from nor what becomes of articles.
//!
//! Bytes are decoded ([`decode`]), parsed within a budget (`parse`), read for what the page says of itself ([`metadata`]) and flattened into
//! elements and blocks of text (`outline`). Then the passes below decide block by block (`body` holds their order); the first that
//! drops a block is the one that [`explain()`] names. Structure comes first, phrases near the end.
//!
//! What a pass is worth: F1 on nine tenths of the labelled pages without it (2026-11; with all: zyte .977, fundus .969, segments .949)
//! and the share of zyte and fundus pages with furniture left (1.2 % each).
//!
//! | pass | drops | zyte | fundus | segments | furniture |
//! | --- | --- | --- | --- | --- | --- |
//! | `prune::echoed` | what stands three times on the page | .977 | .969 | .949 | |
//! | `prune::marked` | what calls itself furniture, as far as the story can do without | .962 | .943 | .928 | 2.3 / 5.8 % |
//! | `prune::commented` | what a heading of comments heads | .977 | .969 | .948 | |
//! | `prune::repeated` | lists of teasers | .969 | .966 | .948 | |
//! | `extract::before` | what precedes the headline | .977 | .969 | .948 | |
//! | `extract::outside` | what is not in the story's container, nor of its kind | .970 | .965 | .943 | 3.5 / 2.3 % |
//! | `boilerplate::headline` | the headline again | .977 | .968 | .949 | |
//! | `standfirst` | the standfirst, kept as the subtitle | .978 | .963 | .927 | |
//! | `boilerplate::credits` | source and agency lines, kept for the attribution | .977 | .969 | .949 | 1.2 / 2.3 % |
//! | `boilerplate::links` | what is links alone | .976 | .969 | .948 | |
//! | `boilerplate::phrases` | phrases of furniture | .979 | .966 | .941 | 7.0 / 18.6 % |
//! | `boilerplate::duplicates` | second copies | .977 | .969 | .949 | |
//! | `boilerplate::pulled` | pull quotes | .977 | .969 | .949 | |
//! | `boilerplate::head` | bylines and dates before the story | .978 | .969 | .949 | |
//! | `boilerplate::authors` | lines about the authors after it | .977 | .969 | .949 | |
//! | `boilerplate::tail` | what trails it without being prose | .977 | .970 | .948 | 1.2 / 2.3 % |
//! | `boilerplate::empty_headings` | headings that are left with nothing | .978 | .969 | .949 | |
//!
//! A page of which nothing is left is read once more, trusting fewer marks. Passes that change no figure here are held by the fixture
//! pages.

mod body;
mod boilerplate;
mod charset;
pub mod edit;
mod explain;
mod extract;
pub mod language;
mod lexicon;
mod marks;
pub mod metadata;
mod outline;
mod parse;
mod paywall;
mod phrases;
mod prune;
mod reject;
mod standfirst;
mod tag;
mod text;
mod verdict;
mod weigh;

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Url;

use crate::address;
use crate::article::Article;
use crate::entry::Entry;

pub use body::{Body, Kind, Passage};
pub use charset::decode;
pub use explain::explain;
pub use paywall::paywall;
pub use reject::Rejection;

/// A page as fetched, and what else is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Where it was found, after redirects.
    pub url: &'a Url,
    /// Its markup, [decoded](decode).
    pub html: &'a str,
    /// What the feed or archive said of it.
    pub announced: Option<&'a Entry>,
    /// The zone of dates that name none.
    pub timezone: Option<&'a TimeZone>,
    /// When it was fetched; dates well after that are not believed.
    pub fetched_at: Option<Timestamp>,
}

/// Bounds of the cleaner.
#[derive(Debug, Clone)]
pub struct Options {
    /// Characters of text below which there is no article.
    pub min_chars: usize,
    /// Time that parsing one page may take. A real page takes 2 ms (mean of 185, measured 2026-11).
    pub parse_budget: Duration,
    /// Nodes that a page may have. The largest of 650 real pages had some 20,000 tags (measured 2026-11).
    pub max_nodes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { min_chars: 60, parse_budget: Duration::from_millis(500), max_nodes: 250_000 }
    }
}

/// The article on a page.
///
/// # Errors
/// A [`Rejection`] says why there is none.
pub fn clean(page: &Page<'_>, options: &Options) -> Result<Article, Rejection> {
    let dom = parse::document(page.html, options.parse_budget, options.max_nodes)?;
    let meta = metadata::read(&dom, page);
    let body = Body::of(&dom, page, &meta);
    let text = body.text();
    let chars = text.chars().count();
    if chars < options.min_chars {
        return Err(Rejection::TooShort { chars, min: options.min_chars });
    }
    if let Some(rejection) = reject::judge(&dom, page, &meta, &body, &text) {
        return Err(rejection);
    }
    Ok(Article {
        url: page.url.clone(),
        publisher: address::publisher(page.url),
        language: language::detect(&text, meta.language.as_deref()),
        dateline: metadata::dateline(&text),
        attribution: metadata::attribution(&body.credits, &meta)
            .or_else(|| metadata::credited_in_dateline(&text, &meta)),
        canonical_url: meta.canonical_url.unwrap_or_else(|| address::canonical(page.url)),
        title: meta.title,
        subtitle: body.subtitle,
        authors: meta.authors,
        published_at: meta.published_at,
        published_precision: meta.published_precision,
        modified_at: meta.modified_at,
        categories: meta.categories,
        image: meta.image,
        text,
    })
}

/// The article in a full-text feed: `page.html` is the entry's own content, without a head or a page around it.
///
/// # Errors
/// A [`Rejection`] says why there is none.
pub fn clean_fragment(page: &Page<'_>, options: &Options) -> Result<Article, Rejection> {
    clean(page, options)
}
