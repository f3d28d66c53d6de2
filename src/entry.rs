//! An [`Entry`]: an article as announced, before its page was seen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

/// What a feed, sitemap, archive or list of addresses said about one article.
///
/// Everything but the address is hearsay: the cleaner weighs it against the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The publisher's own identifier, byte for byte as announced (`guid`, `atom:id`, JSON Feed `id`).
    pub guid: Option<String>,
    /// Where the page is. Absolute, `http` or `https`.
    pub url: Url,
    /// Plain text: entities decoded, markup dropped, white space folded.
    pub title: Option<String>,
    /// HTML as announced.
    pub summary: Option<String>,
    /// HTML as announced; present when the feed carries the whole text.
    pub content: Option<String>,
    /// Names without mail addresses.
    pub authors: Vec<String>,
    /// Categories, keywords or tags, in the order announced.
    pub categories: Vec<String>,
    /// When the article appeared, as announced.
    pub published_at: Option<Timestamp>,
    /// When the article last changed, as announced.
    pub updated_at: Option<Timestamp>,
    /// A BCP 47 tag, the entry's own or else the feed's.
    pub language: Option<String>,
    /// Address of a picture.
    pub image: Option<Url>,
}

impl Entry {
    /// An entry of which nothing but the address is known.
    #[must_use]
    pub fn at(url: Url) -> Self {
        Self {
            guid: None,
            url,
            title: None,
            summary: None,
            content: None,
            authors: Vec::new(),
            categories: Vec::new(),
            published_at: None,
            updated_at: None,
            language: None,
            image: None,
        }
    }
}
