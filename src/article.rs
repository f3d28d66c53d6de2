//! An [`Article`]: the normalized record, one story by one publisher.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

/// A story as the cleaner made it out. What is not known is `None`, never a guess.
///
/// Serializes to the article object that every command prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Where the page was found.
    pub url: Url,
    /// Where the publisher says the article lives, tracking parameters removed; else `url`, normalized.
    pub canonical_url: Url,
    /// The registrable domain of the page, or its host where it has none.
    pub publisher: String,
    /// The headline, without the name of the site.
    pub title: Option<String>,
    /// The standfirst, where the page sets one apart from the story.
    pub subtitle: Option<String>,
    /// People, without "By", titles or agencies.
    pub authors: Vec<String>,
    /// When the story appeared.
    pub published_at: Option<Timestamp>,
    /// How exactly `published_at` is known; present exactly when it is.
    pub published_precision: Option<Precision>,
    /// When the publisher last changed the story.
    pub modified_at: Option<Timestamp>,
    /// A BCP 47 tag, lower-case primary language (`en`, `zh`).
    pub language: Option<String>,
    /// The place that the story opens with (`ERBIL, Kurdistan Region`). It stays in the text too.
    pub dateline: Option<String>,
    /// Whom the publisher credits (`Reuters`); `None` where it credits itself or nobody.
    pub attribution: Option<String>,
    /// The publisher's own sections and tags.
    pub categories: Vec<String>,
    /// Address of the lead picture.
    pub image: Option<Url>,
    /// The story's own words, paragraphs parted by an empty line.
    pub text: String,
}

/// How exactly a moment is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Hour and minute are known.
    Time,
    /// Only the day is known; the moment given is its midnight, UTC.
    Day,
}

impl Precision {
    /// The word used in JSON and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Day => "day",
        }
    }
}
