//! How an event was told: who came first, how much later the others did, who copied whom, which words their headlines have of their own. Pure.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde::Serialize;

use super::wording::differing;
use crate::store::{ArticleRow, EventPage};

/// An event and how it was told; as JSON the event's own keys, `articles` and `timeline`.
#[derive(Debug, Serialize)]
pub(super) struct Timeline<'a> {
    #[serde(flatten)]
    pub(super) page: &'a EventPage,
    /// Of each article, in the same order: earliest first.
    #[serde(rename = "timeline")]
    pub(super) tellings: Vec<Telling<'a>>,
}

/// One publisher's telling of the event.
#[derive(Debug, Serialize)]
pub(super) struct Telling<'a> {
    pub(super) article_id: i64,
    pub(super) publisher: &'a str,
    /// When it was published; where nobody says, when it was fetched.
    pub(super) at: &'a str,
    /// After the first; null of the first.
    pub(super) minutes_later: Option<i64>,
    /// Whether the event has its headline.
    pub(super) leads: bool,
    /// The article that it is a copy of, and whose that is.
    pub(super) copy_of: Option<i64>,
    pub(super) copied_from: Option<&'a str>,
    pub(super) credits: Option<&'a str>,
    pub(super) headline: Option<&'a str>,
    /// Whether that is the event's, to the letter.
    pub(super) same_headline: bool,
    /// What its headline says in other words than the event's.
    pub(super) new_words: Vec<&'a str>,
    /// What its headline was before it was edited, the first one first.
    pub(super) earlier_headlines: Vec<&'a str>,
    #[serde(skip)]
    pub(super) url: &'a str,
    /// The headline in pieces, and whether each is other words than the event's has.
    #[serde(skip)]
    pub(super) pieces: Vec<(&'a str, bool)>,
}

impl<'a> Timeline<'a> {
    /// `earlier` are the headlines that the articles had before they were edited.
    pub(super) fn of(page: &'a EventPage, earlier: &'a HashMap<i64, Vec<String>>) -> Self {
        let begin = page.articles.first().and_then(|first| seconds(appeared(first)));
        let publishers: HashMap<i64, &str> =
            page.articles.iter().map(|article| (article.id, article.publisher.as_str())).collect();
        let title = page.event.title.as_deref().unwrap_or_default();
        let told = |(place, article): (usize, &'a ArticleRow)| {
            let pieces = differing(article.title.as_deref().unwrap_or("(no title)"), title);
            let mut seen = HashSet::new();
            Telling {
                article_id: article.id,
                publisher: &article.publisher,
                at: appeared(article),
                minutes_later: match (begin, seconds(appeared(article))) {
                    (Some(begin), Some(at)) if place > 0 => Some((at - begin) / 60),
                    _ => None,
                },
                leads: page.event.lead_article_id == Some(article.id),
                copy_of: article.duplicate_of,
                copied_from: article.duplicate_of.and_then(|original| publishers.get(&original).copied()),
                credits: article.attribution.as_deref(),
                headline: article.title.as_deref(),
                same_headline: article.title.is_some() && article.title == page.event.title,
                new_words: match article.title {
                    Some(_) => pieces.iter().filter(|piece| piece.1).map(|piece| piece.0.trim()).collect(),
                    None => Vec::new(),
                },
                earlier_headlines: earlier
                    .get(&article.id)
                    .into_iter()
                    .flatten()
                    .map(String::as_str)
                    .filter(|headline| seen.insert(*headline))
                    .collect(),
                url: &article.url,
                pieces,
            }
        };
        Self { page, tellings: page.articles.iter().enumerate().map(told).collect() }
    }
}

fn appeared(article: &ArticleRow) -> &str {
    article.published_at.as_deref().unwrap_or(&article.fetched_at)
}

fn seconds(time: &str) -> Option<i64> {
    time.parse::<Timestamp>().ok().map(Timestamp::as_second)
}
