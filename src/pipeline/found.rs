//! Where an entry's page comes from: its own address, an archive on the network, an archive at hand, or nowhere.

use jiff::Timestamp;
use url::Url;

use super::{FeedRules, TextIn};
use crate::clean;
use crate::entry::Entry;
use crate::fetch::{self, Client, Failure, Validators};
use crate::metrics::METRICS;
use crate::store::{Capture, Captured, Pages, Queued};

/// Has the page of an entry. `None`: there is none to be had, the announcement is all.
pub(super) async fn found(queued: &mut Queued, rules: &FeedRules, client: &Client) -> Option<Result<Found, Failure>> {
    let (captured_at, url) = match (queued.capture.take(), rules.text) {
        (None, TextIn::Announcement) => return None,
        (None, TextIn::Page) => {
            let _passage = METRICS.fetch.enter();
            return Some(client.page(&queued.entry.url, rules.headers.as_ref()).await.map(Found::Fetched));
        }
        (Some(Capture { captured_at, page: Captured::Page { content_type, compressed } }), _) => {
            return Some(Ok(Found::AtHand { compressed, content_type, captured_at }));
        }
        (Some(Capture { captured_at, page: Captured::At(url) }), _) => (captured_at, url),
    };
    let _passage = METRICS.fetch.enter();
    Some(client.page(&url, None).await.map(|page| Found::Replayed { page, captured_at }))
}

/// A page, and what is known of where it comes from.
pub(super) enum Found {
    /// From its own address.
    Fetched(fetch::Page),
    /// From an archive on the network, as it was at its own address.
    Replayed { page: fetch::Page, captured_at: Option<Timestamp> },
    /// From an archive at hand, as it was at its own address.
    AtHand { compressed: Vec<u8>, content_type: Option<String>, captured_at: Option<Timestamp> },
}

impl Found {
    /// Where the page was found; one from an archive counts as found at the address of its entry.
    pub(super) fn url(&self, entry: &Entry) -> Url {
        match self {
            Self::Fetched(page) => page.final_url.clone(),
            Self::Replayed { .. } | Self::AtHand { .. } => entry.url.clone(),
        }
    }

    /// To look at the page again with; an archive's pages do not change.
    pub(super) fn validators(&self) -> Option<Validators> {
        match self {
            Self::Fetched(page) => Some(page.validators.clone()),
            Self::Replayed { .. } | Self::AtHand { .. } => None,
        }
    }

    pub(super) fn captured_at(&self) -> Option<Timestamp> {
        match self {
            Self::Fetched(_) => None,
            Self::Replayed { captured_at, .. } | Self::AtHand { captured_at, .. } => *captured_at,
        }
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        match self {
            Self::Fetched(page) | Self::Replayed { page, .. } => page.content_type.as_deref(),
            Self::AtHand { content_type, .. } => content_type.as_deref(),
        }
    }

    /// The markup. Nothing where what is at hand is damaged: that is no article.
    pub(super) fn html(&self) -> String {
        match self {
            Self::Fetched(page) | Self::Replayed { page, .. } => {
                clean::decode(&page.bytes, page.content_type.as_deref())
            }
            Self::AtHand { compressed, content_type, .. } => {
                let bytes = Pages::decompress(compressed).unwrap_or_default();
                clean::decode(&bytes, content_type.as_deref())
            }
        }
    }

    pub(super) fn into_compressed(self) -> Vec<u8> {
        match self {
            Self::Fetched(page) | Self::Replayed { page, .. } => Pages::compress(&page.bytes),
            Self::AtHand { compressed, .. } => compressed,
        }
    }
}
