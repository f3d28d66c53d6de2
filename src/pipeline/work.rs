//! One entry on its way: fetch, clean, sign, hand over.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;
use url::Url;

use super::found::{Found, found};
use super::message::{Cleaned, Finding, KeptPage, Looked, Message, Reading, Sender};
use super::{FeedRules, Options, lane};
use crate::article::{Article, Precision};
use crate::clean::edit::Notice;
use crate::clean::{self, Page, Rejection};
use crate::entry::Entry;
use crate::fetch::{self, Client, Failure, FailureKind, Polled, Validators, Verdict};
use crate::group::{Signature, Story};
use crate::metrics::METRICS;
use crate::store::{Cause, Queued, Recheck};

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

/// Looks at a stored story again; gives back its domain.
pub(super) async fn look_again(
    recheck: Recheck,
    rules: FeedRules,
    client: Client,
    options: Arc<Options>,
    recorder: Sender,
) -> String {
    let domain = recheck.domain.clone();
    let validators = Validators { etag: recheck.etag.clone(), last_modified: recheck.last_modified.clone() };
    let finding = match client.recheck(&recheck.url, rules.headers.as_ref(), &validators).await {
        Ok(Polled::NotModified(same)) => Finding::Same(same.validators),
        Ok(Polled::Body(page)) => read_again(&recheck, page, rules, options).await,
        Err(failure) => missed(&recheck, &failure, &options),
    };
    tracing::debug!(url = %recheck.url, ?finding, "a story was looked at again");
    recorder.send(Message::Looked(Box::new(Looked { recheck, at: now(), finding }))).await.ok();
    domain
}

/// What a failed look says of the story: 404 and 410 that it is gone, everything else nothing.
fn missed(recheck: &Recheck, failure: &Failure, options: &Options) -> Finding {
    if failure.kind == FailureKind::Status && matches!(failure.status, Some(404 | 410)) {
        return Finding::Gone(failure.to_string());
    }
    match fetch::verdict(failure, recheck.attempts + 1, options.max_interval) {
        Verdict::Retry { after } => Finding::Failed { next_attempt_at: later(after) },
        Verdict::Reject { reason } => Finding::Unclear(reason),
    }
}

async fn read_again(recheck: &Recheck, page: fetch::Page, rules: FeedRules, options: Arc<Options>) -> Finding {
    let entry = recheck.entry.clone();
    let url = page.final_url.clone();
    let read = on_a_processor(move || {
        let (reading, notice) = read_page(&entry, Found::Fetched(page), &rules, &options, Time::Again);
        match reading {
            Ok(reading) => Finding::Read(Box::new(reading)),
            Err(rejection) if notice == Notice::None && rejection.says_gone() => Finding::Gone(rejection.to_string()),
            Err(rejection) => Finding::Unclear(rejection.to_string()),
        }
    });
    read.await.unwrap_or_else(|| Finding::Unclear(broken_down(&url)))
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
            Message::Retry { entry: queued.id, reason: failure.to_string(), next_attempt_at: later(after) }
        }
        Verdict::Reject { reason } => {
            tracing::debug!(url, reason, "an entry was rejected");
            Message::Rejected { entry: queued.id, cause: Cause::Fetch, reason }
        }
    }
}

fn later(wait: std::time::Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| now().checked_add(wait).ok()).unwrap_or(Timestamp::MAX)
}

async fn clean_page(queued: Queued, found: Found, rules: FeedRules, options: Arc<Options>) -> Message {
    let (id, url) = (queued.id, queued.entry.url.clone());
    let cleaned = on_a_processor(move || {
        let (reading, _) = read_page(&queued.entry, found, &rules, &options, Time::First);
        let reading = reading.or_else(|rejection| {
            // A page behind a wall is no loss where the feed carried the text.
            let has_text = queued.entry.content.as_deref().is_some_and(|content| content.len() >= FULL_TEXT_BYTES);
            if !has_text {
                return Err(rejection);
            }
            read_announcement(&queued.entry, &rules, &options).map_err(|_| rejection)
        });
        outcome(queued, reading)
    });
    cleaned.await.unwrap_or_else(|| Message::Rejected { entry: id, cause: Cause::Page, reason: broken_down(&url) })
}

/// An announced content of at least this many bytes of HTML can stand for a story that its page does not give.
const FULL_TEXT_BYTES: usize = 1_000;

async fn clean_announcement(queued: Queued, rules: FeedRules, options: Arc<Options>) -> Message {
    let (id, url) = (queued.id, queued.entry.url.clone());
    let cleaned = on_a_processor(move || {
        let reading = read_announcement(&queued.entry, &rules, &options);
        outcome(queued, reading)
    });
    cleaned.await.unwrap_or_else(|| Message::Rejected { entry: id, cause: Cause::Page, reason: broken_down(&url) })
}

/// Runs the work where it does not hold up the network. `None`: it panicked, which is told by whoever asked and harms nothing else.
async fn on_a_processor<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let permit = PROCESSORS.acquire().await;
    let done = tokio::task::spawn_blocking(move || {
        let _passage = METRICS.clean.enter();
        catch_unwind(AssertUnwindSafe(work))
    })
    .await;
    drop(permit);
    done.ok()?.ok()
}

/// A page that the cleaner panicked on gives no article, and nothing else.
fn broken_down(url: &Url) -> String {
    tracing::error!(%url, "the cleaner broke down on a page; please report it");
    "the cleaner broke down on this page".to_owned()
}

/// Whether a page was looked at before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    First,
    Again,
}

/// A wall leaves the beginning of a story. One of so many bytes, seen for the first time, is not searched for the wall's marks: that takes a
/// tenth of cleaning it (measured 2026-11), and matters only where the story turns out to be known from elsewhere, and longer.
const MOST_BEFORE_A_WALL: usize = 2_500;

/// The article on a page, and whether the page asks for money.
fn read_page(
    entry: &Entry,
    found: Found,
    rules: &FeedRules,
    options: &Options,
    time: Time,
) -> (Result<Reading, Rejection>, Notice) {
    let fetched_at = now();
    let seen = Seen { fetched_at, seen_at: found.captured_at().unwrap_or(fetched_at) };
    let (url, html) = (found.url(entry), found.html());
    let clean = |page: &Page<'_>| (options.stages.clean)(page, &options.clean);
    let (read, notice) = read_html(entry, &url, &html, rules, clean, seen, time);
    let read = read.map(|read| {
        let validators = found.validators();
        let kept = (!options.keep_html.is_zero()).then(|| KeptPage {
            url: url.to_string(),
            content_type: found.content_type().map(str::to_owned),
            compressed: found.into_compressed(),
        });
        Reading { kept, validators, ..read }
    });
    (read, notice)
}

/// The article in the markup of a page, and whether the page asks for money.
pub(super) fn read_html(
    entry: &Entry,
    url: &Url,
    html: &str,
    rules: &FeedRules,
    clean: impl FnOnce(&Page<'_>) -> Result<Article, Rejection>,
    seen: Seen,
    time: Time,
) -> (Result<Reading, Rejection>, Notice) {
    let announced = believable(entry, seen.fetched_at);
    let view = Page {
        url,
        html,
        announced: Some(&announced),
        timezone: rules.timezone.as_ref(),
        fetched_at: Some(seen.seen_at),
    };
    let read = clean(&view);
    let is_long = read.as_ref().is_ok_and(|article| article.text.len() >= MOST_BEFORE_A_WALL);
    let notice = if time == Time::First && is_long { Notice::None } else { clean::paywall(html) };
    (read.map(|article| Reading { notice, ..reading(article, entry, rules, seen) }), notice)
}

/// The article in an announcement.
fn read_announcement(entry: &Entry, rules: &FeedRules, options: &Options) -> Result<Reading, Rejection> {
    let fetched_at = now();
    let announced = believable(entry, fetched_at);
    let html = announced.content.as_deref().or(announced.summary.as_deref()).unwrap_or_default();
    let view = Page {
        url: &entry.url,
        html,
        announced: Some(&announced),
        timezone: rules.timezone.as_ref(),
        fetched_at: Some(fetched_at),
    };
    clean::clean_fragment(&view, &options.clean)
        .map(|article| reading(article, entry, rules, Seen { fetched_at, seen_at: fetched_at }))
}

/// The announcement without dates that cannot be true.
fn believable(entry: &Entry, now: Timestamp) -> Entry {
    let mut entry = entry.clone();
    let limit = now.saturating_add(FUTURE).unwrap_or(now);
    entry.published_at = entry.published_at.filter(|&at| at <= limit);
    entry.updated_at = entry.updated_at.filter(|&at| at <= limit);
    entry
}

fn outcome(queued: Queued, reading: Result<Reading, Rejection>) -> Message {
    match reading {
        Ok(reading) => Message::Cleaned(Box::new(Cleaned { queued, reading })),
        Err(rejection) => {
            tracing::debug!(url = queued.entry.url.as_str(), reason = %rejection, "an entry was rejected");
            Message::Rejected { entry: queued.id, cause: Cause::Page, reason: rejection.to_string() }
        }
    }
}

/// When a page was had, and when it was like that: archives remember.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) fetched_at: Timestamp,
    pub(super) seen_at: Timestamp,
}

/// A cleaned article with what its feed says of all of them, signed.
fn reading(mut article: Article, entry: &Entry, rules: &FeedRules, Seen { fetched_at, seen_at }: Seen) -> Reading {
    let limit = fetched_at.saturating_add(FUTURE).unwrap_or(fetched_at);
    let announced_ahead = entry.published_at.is_some_and(|at| at > limit);
    if article.published_at.is_some_and(|at| at > limit) || (article.published_at.is_none() && announced_ahead) {
        article.published_at = Some(fetched_at);
        article.published_precision = Some(Precision::Time);
    }
    if article.language.is_none() {
        article.language.clone_from(&rules.language);
    }
    let signature = sign(&article, seen_at);
    Reading { article, signature, fetched_at, seen_at, kept: None, notice: Notice::None, validators: None }
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
