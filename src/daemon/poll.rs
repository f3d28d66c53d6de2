//! One poll of one feed: ask, read, announce, conclude.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;
use url::Url;

use super::{Source, now};
use crate::address;
use crate::entry::Entry;
use crate::feed::{self, Feed, Format, NotAFeed};
use crate::fetch::{self, Client, Condition, Failure, PollRequest, Validators};
use crate::metrics::METRICS;
use crate::pipeline::{Conclude, Halts, Message, Poll, Sender};
use crate::schedule::{self, Hints, Item, Outcome, Request, Seen, State, fingerprint};
use crate::store::{Announced, FeedId, FeedState, PollRecord};

/// A feed with what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) id: FeedId,
    pub(super) source: Arc<Source>,
    /// Where it is polled now.
    pub(super) url: Url,
    pub(super) schedule: State,
    pub(super) next_poll_at: Option<Timestamp>,
    validators: Validators,
}

impl Subject {
    pub(super) fn new(stored: FeedState, source: Source) -> Self {
        Self {
            id: stored.id,
            url: Url::parse(&stored.url).unwrap_or_else(|_| source.url.clone()),
            schedule: State::from_json(&stored.schedule),
            next_poll_at: stored.next_poll_at,
            validators: Validators { etag: stored.etag, last_modified: stored.last_modified },
            source: Arc::new(source),
        }
    }
}

/// What a poll came to.
pub(super) struct Polled {
    /// The feed as it is known now.
    pub(super) subject: Subject,
    /// Why it failed, if it did.
    pub(super) error: Option<String>,
    /// What the server said of how often we ask.
    pub(super) welcome: Welcome,
}

/// What a server said of how often we ask.
pub(super) enum Welcome {
    /// Nothing.
    Fine,
    /// Too often; perhaps for how long to leave it alone.
    TooMany { retry_after: Option<Duration> },
    /// It was not there to say anything.
    Absent,
    /// Nor was anybody else: nothing was written down of this poll.
    CutOff,
}

/// Whether a poll that reaches nobody counts against its feed.
#[derive(Debug)]
pub(super) enum Charge {
    /// It does.
    Always,
    /// Not while nobody at all is in reach.
    IfReached(Halts),
}

impl Charge {
    fn is_waived(&self) -> bool {
        matches!(self, Self::IfReached(halts) if halts.is_cut_off())
    }
}

/// The sitemaps of an index that one poll reads, the newest first: news are in the newest.
const SITEMAPS: usize = 3;

/// What a server's answer came to, before the database was asked what of it is news.
struct Reading {
    outcome: Result<Read, Failed>,
    /// Where it was found, when that is not where it was asked for: a home page named its feed.
    found_at: Option<Url>,
    moved_to: Option<Url>,
    validators: Validators,
    floor: Option<Duration>,
}

enum Read {
    NotModified,
    SameBody,
    Feed { feed: Box<Feed>, body: u64 },
}

/// [`Read`] once the items of the feed are on their way.
enum Known {
    NotModified,
    SameBody,
    Read { body: u64 },
}

struct Failed {
    error: String,
    status: Option<u16>,
    retry_after: Option<Duration>,
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self { status: failure.status, retry_after: failure.retry_after, error: failure.to_string() }
    }
}

/// Polls a feed. `None` when the recorder is gone.
pub(super) async fn poll(
    subject: Subject,
    client: Client,
    sender: Sender,
    options: schedule::Options,
    charge: Charge,
    chance: f64,
) -> Option<Polled> {
    let at = now();
    let _passage = METRICS.poll.enter();
    let reading = read(&subject, &client, at).await;
    let welcome = match &reading.outcome {
        Err(failed) if failed.status == Some(429) || (failed.status == Some(503) && failed.retry_after.is_some()) => {
            Welcome::TooMany { retry_after: failed.retry_after }
        }
        Err(failed) if failed.status.is_none() => Welcome::Absent,
        _ => Welcome::Fine,
    };
    if matches!(welcome, Welcome::Absent) && charge.is_waived() {
        tracing::debug!(feed = subject.source.name, url = %subject.url, "a poll reached nobody, and no other does");
        return Some(Polled { subject, error: None, welcome: Welcome::CutOff });
    }
    let error = reading.outcome.as_ref().err().map(|failed| failed.error.clone());
    let (committed, told) = oneshot::channel();
    let (entries, conclude) = conclude(subject.clone(), reading, at, options, chance);
    let poll = Poll { feed: subject.id, entries, at, conclude, committed };
    sender.send(Message::Polled(Box::new(poll))).await.ok()?;
    let (announced, record) = told.await.ok()?;
    log(&subject, &announced, &record);
    let schedule = State::from_json(&record.schedule);
    let subject = Subject {
        url: Url::parse(&record.url).unwrap_or(subject.url),
        next_poll_at: record.next_poll_at,
        validators: Validators { etag: record.etag, last_modified: record.last_modified },
        schedule,
        ..subject
    };
    Some(Polled { subject, error, welcome })
}

async fn read(subject: &Subject, client: &Client, at: Timestamp) -> Reading {
    let condition = match schedule::request(&subject.schedule, at) {
        Request::Conditional if !subject.validators.is_empty() => Condition::IfChanged(subject.validators.clone()),
        _ => Condition::Unconditional,
    };
    let request = PollRequest { url: subject.url.clone(), headers: subject.source.rules.headers.clone(), condition };
    let mut reading = ask(subject, client, &request).await;
    let found = match &reading {
        // A site's home page stands in the configuration: its feed is polled from now on. A feed that was one before and shows a page today is
        // ill, and its site's other feeds are no replacement.
        Err(NotRead::Page(found)) if subject.schedule.succeeded_at().is_none() => found.clone(),
        _ => return reading.unwrap_or_else(NotRead::into_reading),
    };
    tracing::info!(feed = subject.source.name, url = %subject.url, found = %found, "a web page stands in for a feed; polling the feed that it names");
    let request = PollRequest { url: found.clone(), condition: Condition::Unconditional, ..request };
    reading = ask(subject, client, &request).await.map(|reading| Reading { found_at: Some(found), ..reading });
    reading.unwrap_or_else(NotRead::into_reading)
}

/// Why an answer could not be read as a feed.
enum NotRead {
    /// It is a page, which names this feed.
    Page(Url),
    Failed(Failed),
}

impl NotRead {
    fn into_reading(self) -> Reading {
        let failed = match self {
            Self::Failed(failed) => failed,
            Self::Page(url) => Failed {
                error: format!("a web page, not a feed; it names `{url}` as its feed"),
                status: None,
                retry_after: None,
            },
        };
        Reading { outcome: Err(failed), found_at: None, moved_to: None, validators: Validators::default(), floor: None }
    }
}

async fn ask(subject: &Subject, client: &Client, request: &PollRequest) -> Result<Reading, NotRead> {
    let page = match client.poll(request).await.map_err(|failure| NotRead::Failed(failure.into()))? {
        fetch::Polled::NotModified(same) => {
            return Ok(Reading {
                outcome: Ok(Read::NotModified),
                found_at: None,
                moved_to: same.moved_to,
                validators: same.validators,
                floor: same.fresh_for,
            });
        }
        fetch::Polled::Body(page) => page,
    };
    let body = fingerprint(&page.bytes);
    let (moved_to, validators, fresh_for) = (page.moved_to.clone(), page.validators.clone(), page.fresh_for);
    if subject.schedule.same_body(body) {
        return Ok(Reading { outcome: Ok(Read::SameBody), found_at: None, moved_to, validators, floor: fresh_for });
    }
    let mut feed = parse(page, subject).await.map_err(|error| match error {
        NotAFeed::Page { ref feeds } if !feeds.is_empty() && feeds[0].url != request.url => {
            NotRead::Page(feeds[0].url.clone())
        }
        error => NotRead::Failed(Failed { error: error.to_string(), status: None, retry_after: None }),
    })?;
    if feed.format == Format::SitemapIndex {
        feed = sitemaps(feed, subject, client).await.map_err(NotRead::Failed)?;
    }
    let floor = [feed.update_interval, fresh_for].into_iter().flatten().max();
    // What a cut document left out is asked for again: the server must not answer that it has not changed, nor may its bytes be passed over.
    let (body, validators) = match &feed.broken {
        Some(_) => (fingerprint(now().to_string().as_bytes()), Validators::default()),
        None => (body, validators),
    };
    Ok(Reading { outcome: Ok(Read::Feed { feed: Box::new(feed), body }), found_at: None, moved_to, validators, floor })
}

async fn parse(page: fetch::Page, subject: &Subject) -> Result<Feed, NotAFeed> {
    let timezone = subject.source.rules.timezone.clone();
    let parsed = tokio::task::spawn_blocking(move || {
        let source = feed::Source {
            bytes: &page.bytes,
            content_type: page.content_type.as_deref(),
            base: &page.final_url,
            timezone: timezone.as_ref(),
        };
        feed::parse(&source, &feed::Options::default())
    });
    parsed.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

/// The items of the newest sitemaps of an index.
async fn sitemaps(mut index: Feed, subject: &Subject, client: &Client) -> Result<Feed, Failed> {
    let mut listed: Vec<(Url, Option<Timestamp>)> = index.sitemaps().map(|(url, at)| (url.clone(), at)).collect();
    listed.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
    index.items.clear();
    let mut last_failure = None;
    for (url, _) in listed.into_iter().take(SITEMAPS) {
        let request =
            PollRequest { url, headers: subject.source.rules.headers.clone(), condition: Condition::Unconditional };
        match client.poll(&request).await {
            Ok(fetch::Polled::Body(page)) => {
                if let Ok(sitemap) = parse(page, subject).await {
                    index.format = Format::Sitemap;
                    index.items.extend(sitemap.items);
                }
            }
            Ok(fetch::Polled::NotModified(_)) => {}
            Err(failure) => last_failure = Some(failure),
        }
    }
    match last_failure {
        Some(failure) if index.items.is_empty() => Err(failure.into()),
        _ => Ok(index),
    }
}

/// What is announced, and what the feed's row will say once the database knows what of it is news.
fn conclude(
    subject: Subject,
    reading: Reading,
    at: Timestamp,
    options: schedule::Options,
    chance: f64,
) -> (Vec<Entry>, Conclude) {
    let Reading { outcome, found_at, moved_to, validators, floor } = reading;
    let (mut title, mut broken, mut entries) = (None, None, Vec::new());
    let outcome = outcome.map(|read| match read {
        Read::NotModified => Known::NotModified,
        Read::SameBody => Known::SameBody,
        Read::Feed { mut feed, body } => {
            (title, broken) = (feed.title.take(), feed.broken.take());
            entries = entries_of(*feed, &subject);
            Known::Read { body }
        }
    });
    let dates: Vec<Option<Timestamp>> = entries.iter().map(|entry| entry.published_at.or(entry.updated_at)).collect();
    let conclude = move |announced: &[Announced]| {
        let keep_validators = !matches!(outcome, Ok(Known::Read { .. }));
        let (outcome, error) = match outcome {
            Ok(Known::NotModified) => (Outcome::NotModified, None),
            Ok(Known::SameBody) => (Outcome::SameBody, None),
            Ok(Known::Read { body }) => {
                let items = announced
                    .iter()
                    .zip(dates)
                    .map(|(&announced, published_at)| Item { seen: seen(announced), published_at })
                    .collect();
                (Outcome::Read { items, body }, None)
            }
            Err(Failed { error, status: Some(410), .. }) => (Outcome::Gone, Some(error)),
            Err(Failed { error, retry_after, .. }) => {
                (Outcome::Failed { error: error.clone(), retry_after }, Some(error))
            }
        };
        let new = announced.iter().filter(|announced| announced.is_queued()).count();
        let hints = Hints { floor, fixed: subject.source.interval };
        let next = schedule::after(&subject.schedule, &outcome, moved_to.as_ref(), &hints, at, chance, &options);
        let validators = if keep_validators && validators.is_empty() { subject.validators } else { validators };
        PollRecord {
            url: next.rewrite.or(found_at).unwrap_or(subject.url).to_string(),
            title,
            schedule: next.state.to_json(),
            state: next.state.word().to_owned(),
            etag: validators.etag,
            last_modified: validators.last_modified,
            polled_at: at,
            new,
            known: announced.len() - new,
            outcome: error.map_or(Ok(()), Err),
            remark: next.state.reason().or(broken),
            failures_in_row: next.state.failures(),
            next_poll_at: next.next_poll_at,
        }
    };
    (entries, Box::new(conclude))
}

/// What a feed announces that its source wants; of items with one address, the first. A guid that stands for several addresses, here or in this
/// feed's past, names nothing and is dropped.
fn entries_of(feed: Feed, subject: &Subject) -> Vec<Entry> {
    let source = &subject.source;
    let mut addresses = HashSet::new();
    let mut entries: Vec<Entry> = feed.into_entries();
    entries.retain(|entry| {
        source.filter.wants(&entry.url, entry.title.as_deref()) && addresses.insert(address::key(&entry.url))
    });
    let mut guids: HashMap<String, usize> = HashMap::new();
    for guid in entries.iter().filter_map(|entry| entry.guid.clone()) {
        *guids.entry(guid).or_default() += 1;
    }
    let demoted = subject.schedule.identity().is_demoted();
    for entry in &mut entries {
        entry.guid = entry.guid.take().filter(|guid| !demoted && guids.get(guid) == Some(&1));
    }
    entries
}

fn seen(announced: Announced) -> Seen {
    match announced {
        Announced::New => Seen::New,
        Announced::GuidReused => Seen::GuidReused,
        Announced::GuidChanged => Seen::GuidChanged,
        Announced::Known | Announced::Changed => Seen::Known,
    }
}

fn log(subject: &Subject, announced: &[Announced], record: &PollRecord) {
    let feed = subject.source.name.as_str();
    let new = announced.iter().filter(|announced| announced.is_queued()).count();
    let next_poll_at = record.next_poll_at.map(|at| at.to_string());
    if let Err(error) = &record.outcome {
        METRICS.polls_failed.add_one();
        let failures_in_row = record.failures_in_row;
        tracing::warn!(feed, url = %subject.url, error, failures_in_row, next_poll_at, "a poll failed");
    } else if new > 0 {
        METRICS.polls_with_news.add_one();
        tracing::info!(feed, new, known = announced.len() - new, next_poll_at, "a poll brought news");
    } else {
        METRICS.polls_without.add_one();
        tracing::debug!(feed, known = announced.len(), next_poll_at, "a poll brought nothing new");
    }
    if record.url != subject.url.as_str() {
        tracing::info!(feed, from = %subject.url, to = record.url, "a feed is polled at another address from now on");
    }
}
