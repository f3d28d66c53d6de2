//! One entry on its way: fetch, clean, sign, hand over.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;
use url::Url;

use super::found::{Found, found};
use super::recorder::{Cleaned, KeptPage, Message, Sender};
use super::{FeedRules, Options, lane};
use crate::article::{Article, Precision};
use crate::clean::{self, Page, Rejection};
use crate::entry::Entry;
use crate::fetch::{self, Client, Failure, Verdict};
use crate::group::{Signature, Story};
use crate::metrics::METRICS;
use crate::store::Queued;

/// INTERFACE: an announced date further ahead than this is not believed.
const FUTURE: SignedDuration = SignedDuration::from_hours(24);

/// Cleaning is work for processors: more of it at once than there are only takes memory.
static PROCESSORS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, NonZero::get)));

/// Works off one entry; gives back its lane.
pub(super) async fn work_off(
    mut queued: Queued,
    rules: FeedRules,
    client: Client,
    options: Arc<Options>,
    recorder: Sender,
) -> String {
    let lane = lane(&queued).to_owned();
    let message = match found(&mut queued, &rules, &client).await {
        None => clean_announcement(queued, rules, options).await,
        Some(Ok(found)) => clean_page(queued, found, rules, options).await,
        Some(Err(failure)) => failed(&queued, &failure, &options),
    };
    // A recorder that is gone has said why; the entry is in the queue still.
    recorder.send(message).await.ok();
    lane
}

#[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn failed(queued: &Queued, failure: &Failure, options: &Options) -> Message {
    let url = queued.entry.url.as_str();
    match fetch::verdict(failure, queued.attempts + 1, options.max_interval) {
        Verdict::Retry { after } => {
            tracing::debug!(url, attempt = queued.attempts + 1, error = %failure, retry_in_s = after.as_secs(), "a page could not be fetched");
            let next_attempt_at = SignedDuration::try_from(after)
                .ok()
                .and_then(|after| now().checked_add(after).ok())
                .unwrap_or(Timestamp::MAX);
            Message::Retry { entry: queued.id, reason: failure.to_string(), next_attempt_at }
        }
        Verdict::Reject { reason } => {
            tracing::debug!(url, reason, "an entry was rejected");
            Message::Rejected { entry: queued.id, reason }
        }
    }
}

async fn clean_page(queued: Queued, found: Found, rules: FeedRules, options: Arc<Options>) -> Message {
    on_a_processor(queued, move |queued| {
        let fetched_at = now();
        let (url, html) = (found.url(&queued), found.html());
        let announced = believable(&queued.entry, fetched_at);
        let view = Page {
            url: &url,
            html: &html,
            announced: Some(&announced),
            timezone: rules.timezone.as_ref(),
            fetched_at: Some(found.captured_at().unwrap_or(fetched_at)),
        };
        let article = clean::clean(&view, &options.clean).or_else(|rejection| {
            // A page behind a wall is no loss where the feed carried the text.
            let content = announced
                .content
                .as_deref()
                .filter(|content| content.len() >= FULL_TEXT_BYTES)
                .ok_or(rejection.clone())?;
            clean::clean_fragment(&Page { html: content, ..view }, &options.clean).map_err(|_| rejection)
        });
        let seen_at = found.captured_at().unwrap_or(fetched_at);
        let kept = (!options.keep_html.is_zero()).then(|| KeptPage {
            url: url.to_string(),
            content_type: found.content_type().map(str::to_owned),
            compressed: found.into_compressed(),
        });
        outcome(queued, article, &rules, Seen { fetched_at, seen_at }, kept)
    })
    .await
}

/// An announced content of at least this many bytes of HTML can stand for a story that its page does not give.
const FULL_TEXT_BYTES: usize = 1_000;

async fn clean_announcement(queued: Queued, rules: FeedRules, options: Arc<Options>) -> Message {
    on_a_processor(queued, move |queued| {
        let fetched_at = now();
        let announced = believable(&queued.entry, fetched_at);
        let url: &Url = &queued.entry.url;
        let html = announced.content.as_deref().or(announced.summary.as_deref()).unwrap_or_default();
        let view = Page {
            url,
            html,
            announced: Some(&announced),
            timezone: rules.timezone.as_ref(),
            fetched_at: Some(fetched_at),
        };
        let article = clean::clean_fragment(&view, &options.clean);
        outcome(queued, article, &rules, Seen { fetched_at, seen_at: fetched_at }, None)
    })
    .await
}

/// Runs the work where it does not hold up the network; a panic in it rejects this entry alone.
async fn on_a_processor(queued: Queued, work: impl FnOnce(Queued) -> Message + Send + 'static) -> Message {
    let entry = queued.id;
    let url = queued.entry.url.clone();
    let permit = PROCESSORS.acquire().await;
    let done = tokio::task::spawn_blocking(move || {
        let _passage = METRICS.clean.enter();
        catch_unwind(AssertUnwindSafe(|| work(queued)))
    })
    .await;
    drop(permit);
    if let Ok(Ok(message)) = done {
        return message;
    }
    tracing::error!(%url, "the cleaner broke down on a page; please report it");
    Message::Rejected { entry, reason: "the cleaner broke down on this page".to_owned() }
}

/// The announcement without dates that cannot be true.
fn believable(entry: &Entry, now: Timestamp) -> Entry {
    let mut entry = entry.clone();
    let limit = now.saturating_add(FUTURE).unwrap_or(now);
    entry.published_at = entry.published_at.filter(|&at| at <= limit);
    entry.updated_at = entry.updated_at.filter(|&at| at <= limit);
    entry
}

/// When a page was had, and when it was like that: archives remember.
struct Seen {
    fetched_at: Timestamp,
    seen_at: Timestamp,
}

fn outcome(
    queued: Queued,
    article: Result<Article, Rejection>,
    rules: &FeedRules,
    Seen { fetched_at, seen_at }: Seen,
    kept: Option<KeptPage>,
) -> Message {
    let mut article = match article {
        Ok(article) => article,
        Err(rejection) => {
            tracing::debug!(url = queued.entry.url.as_str(), reason = %rejection, "an entry was rejected");
            return Message::Rejected { entry: queued.id, reason: rejection.to_string() };
        }
    };
    let limit = fetched_at.saturating_add(FUTURE).unwrap_or(fetched_at);
    let announced_ahead = queued.entry.published_at.is_some_and(|at| at > limit);
    if article.published_at.is_some_and(|at| at > limit) || (article.published_at.is_none() && announced_ahead) {
        article.published_at = Some(fetched_at);
        article.published_precision = Some(Precision::Time);
    }
    if article.language.is_none() {
        article.language.clone_from(&rules.language);
    }
    let signature = sign(&article, seen_at);
    Message::Cleaned(Box::new(Cleaned { queued, article, signature, fetched_at, kept }))
}

fn sign(article: &Article, fetched_at: Timestamp) -> Signature {
    Signature::of(&Story {
        url: article.url.as_str(),
        title: article.title.as_deref(),
        text: &article.text,
        published_at: article.published_at,
        seen_at: Some(fetched_at),
        language: article.language.as_deref(),
        publisher: &article.publisher,
        attribution: article.attribution.as_deref(),
        dateline: article.dateline.as_deref(),
    })
}
