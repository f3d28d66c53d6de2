//! Backfill: everything that a publisher wrote in a range, once, from wherever it can be had.
//!
//! A backfill is a set of *documents* in the database — sitemaps, pages of an archive, answers of an API, files — each of which announces entries and
//! names further documents. Reading one is fetch, parse, then transactions that queue its entries behind live ones and end it; so a backfill that was
//! killed goes on with the documents that are left, and no entry is queued twice. The entries are worked off by the [pipeline]: by
//! this process where it gets the database's lock, else by whoever holds it, and watched.
//!
//! | file | what |
//! | --- | --- |
//! | `request` | what is asked for, and which unfinished backfill is the same |
//! | `desk` | documents and entries → the database, or the scratch database of a dry run |
//! | `step` | which documents there are to begin with |
//! | `walk` | one document after the other: fetch, retry, end |
//! | `read` | a document → entries and further documents |
//! | `files` | addresses and WARC files |
//! | `work` | the entries are worked off, here or elsewhere |
//! | `estimate` | how long that takes |
//!
//! Old articles come in another order than they appeared in, and the order of arrival moves some to other events. So the days that a finished backfill
//! stirred up are grouped once more in order of publication: by this process where it has the lock, else by whoever has it, some days at a time.
//!
//! Invariants: an entry is fetched by one process only; what the sources say of dates only leaves out what cannot lie within the range, the page decides;
//! no walk is endless, whatever the documents say.

mod desk;
mod estimate;
mod files;
mod read;
mod request;
mod step;
mod walk;
mod work;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::archive::range::RangeError;
use crate::fetch::Client;
use crate::filter::Filter;
use crate::pipeline::{self, FeedRules, Halts};
use crate::store::{self, BackfillId, BackfillRow, Begun, Future, Lock, Reader, Writer};
use crate::upkeep::Settled;
use desk::Desk;

pub use estimate::{Estimate, estimate};
pub use request::{Request, Source};

/// A configured feed, as a backfill sees it.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Its name.
    pub name: String,
    /// Its address.
    pub url: Url,
    /// How its entries are worked off.
    pub rules: FeedRules,
    /// Which of its entries are wanted.
    pub filter: Filter,
}

/// How a backfill works.
#[derive(Debug, Clone)]
pub struct Options {
    /// How entries are worked off.
    pub pipeline: pipeline::Options,
    /// All configured feeds.
    pub feeds: Vec<Feed>,
    /// At most so many entries are queued by this run.
    pub limit: Option<u64>,
    /// With fewer free bytes than this on the database's disk nothing is fetched; 0 never minds.
    pub min_free: u64,
    /// This run ends after so long.
    pub max_time: Option<Duration>,
    /// This run ends when it received so many bytes.
    pub max_bytes: Option<u64>,
}

/// Why a backfill cannot be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refuses.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// No range.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// A file cannot be read.
    #[error("cannot read `{path}`; check that it exists and is readable")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A feed that is not configured.
    #[error("no feed `{0}`; `dateline status` lists them")]
    NoFeed(String),
    /// A feed that the process that runs on the database has not read yet.
    #[error(
        "process {holder} runs on this database and does not know the feed `{feed}` yet; let it read its configuration again (SIGHUP)"
    )]
    UnknownFeed {
        /// The feed.
        feed: String,
        /// The process id.
        holder: String,
    },
}

/// How a run of a backfill ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Everything that was announced is stored or rejected.
    Done,
    /// `limit` entries were queued, and they are stored or rejected.
    Limit,
    /// It was told to stop.
    Stopped,
    /// `max_time` is over.
    MaxTime,
    /// `max_bytes` were received.
    MaxBytes,
}

/// What a run of a backfill came to.
#[derive(Debug, Clone, Copy)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// What this process grouped once more, in order of publication; what it did not is [owed](Reader::owed_days).
    pub grouped: Settled,
}

/// What a dry run found.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What each source announces.
    pub row: BackfillRow,
    /// Pages to fetch, by the domain that is asked for them.
    pub domains: Vec<(String, i64)>,
    /// Pages of files, which nobody is asked for.
    pub at_hand: i64,
    /// Documents that could not be read: source, address, why.
    pub failed: Vec<(String, String, String)>,
    /// Whether it was read to its end.
    pub end: End,
}

/// A backfill, ready to run.
pub struct Backfill {
    desk: Arc<Desk>,
    subjects: Vec<String>,
    client: Client,
    options: Options,
    lock: Option<Lock>,
    begun: Begun,
}

impl Backfill {
    /// Goes on with the unfinished backfill of this request, or begins a new one.
    ///
    /// # Errors
    /// When the database refuses, a file is not there, or a feed is not known.
    pub fn begin(request: &Request, client: Client, options: Options) -> Result<Self, Error> {
        let db = &options.pipeline.db;
        let (lock, holder) = match Lock::take(db) {
            Ok(lock) => (Some(lock), String::new()),
            Err(store::Error::Locked { holder, .. }) => (None, holder),
            Err(other) => return Err(other.into()),
        };
        let mut writer = open_when_up_to_date(db)?;
        if lock.is_some() {
            work::configure(&mut writer, &options.feeds)?;
        }
        let subjects = request.subjects(&options.feeds)?;
        for subject in &subjects {
            if let Some(feed) = &subject.feed
                && writer.feed(&feed.name)?.is_none()
            {
                return Err(Error::UnknownFeed { feed: feed.name.clone(), holder });
            }
        }
        let now = now();
        let (id, begun) = writer.begin_backfill(&request.key(), request.range.since(), request.range.end(), now)?;
        // What was asked for first decides: `--until` may be left out, and now is later now.
        let row = Reader::open(db)?.backfill(id)?;
        let request = request.with_range_of(&row);
        let future = if options.pipeline.keep_html.is_zero() { Future::Passing } else { Future::Kept };
        let (desk, names) = Desk::open(writer, id, &request, subjects, options.limit, desk::Kind::Real(future))?;
        Ok(Self { desk: Arc::new(desk), subjects: names, client, options, lock, begun })
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> BackfillId {
        self.desk.id()
    }

    /// Whether it is a new one.
    #[must_use]
    pub fn begun(&self) -> Begun {
        self.begun
    }

    /// Reads what there is to read and works off what it announces. Cancelling `stop` ends the run early; another run goes on where it was.
    ///
    /// # Errors
    /// When the database fails: nothing half-done is in it.
    pub async fn run(self, stop: CancellationToken) -> Result<Ran, Error> {
        let Self { desk, subjects, client, options, lock, .. } = self;
        let limits = Limits { max_time: options.max_time, max_bytes: options.max_bytes, client: client.clone() };
        let stop = stop.child_token();
        let guard = tokio::spawn(limits.watch(stop.clone()));
        let halts = Halts::watch(client.cut_off(), options.pipeline.db.clone(), options.min_free, stop.clone());
        let readers = read_all(&desk, subjects, &client, options.pipeline.max_interval, &halts, &stop);
        let worked = work::work(&desk, readers, &client, &options, lock, &halts, &stop).await;
        let was_stopped = stop.is_cancelled();
        stop.cancel();
        let limit = guard.await.ok().flatten();
        let grouped = worked?;
        let end = match limit {
            Some(end) if was_stopped => end,
            _ if was_stopped => End::Stopped,
            _ if desk.is_full() => End::Limit,
            _ => End::Done,
        };
        desk.end(options.pipeline.group.window_days())?;
        Ok(Ran { end, grouped })
    }
}

/// Reads all documents of a request and stores nothing: what is known is looked up in the database at `options.pipeline.db`, if there is one.
///
/// # Errors
/// When a file is not there, a feed is not known, or the database refuses.
pub async fn plan(request: &Request, client: Client, options: Options, stop: CancellationToken) -> Result<Plan, Error> {
    let known = if options.pipeline.db.exists() { Some(Reader::open(&options.pipeline.db)?) } else { None };
    let mut writer = Writer::scratch()?;
    let subjects = request.subjects(&options.feeds)?;
    work::configure(&mut writer, &options.feeds)?;
    let (id, _) = writer.begin_backfill(&request.key(), request.range.since(), request.range.end(), now())?;
    let (desk, names) = Desk::open(writer, id, request, subjects, options.limit, desk::Kind::Dry(known))?;
    let desk = Arc::new(desk);
    let limits = Limits { max_time: options.max_time, max_bytes: options.max_bytes, client: client.clone() };
    let stop = stop.child_token();
    let guard = tokio::spawn(limits.watch(stop.clone()));
    // Nothing that it reads is kept.
    let halts = Halts::never();
    let mut readers = read_all(&desk, names, &client, options.pipeline.max_interval, &halts, &stop);
    while let Some(read) = readers.join_next().await {
        read.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    }
    let was_stopped = stop.is_cancelled();
    stop.cancel();
    let end = match guard.await.ok().flatten() {
        Some(end) if was_stopped => end,
        _ if was_stopped => End::Stopped,
        _ if desk.is_full() => End::Limit,
        _ => End::Done,
    };
    desk.plan(end)
}

/// Opens the database; waits for a process that has just begun and brings its schema up to date.
fn open_when_up_to_date(db: &Path) -> Result<Writer, store::Error> {
    const WAITS: u32 = 50;
    const WAIT: Duration = Duration::from_millis(200);
    let mut waits = 0;
    loop {
        match Writer::open(db) {
            Err(store::Error::HeldBack { .. }) if waits < WAITS => std::thread::sleep(WAIT),
            opened => return opened,
        }
        waits += 1;
    }
}

/// One task for each subject: its documents are read one after the other.
fn read_all(
    desk: &Arc<Desk>,
    subjects: Vec<String>,
    client: &Client,
    max_interval: Duration,
    halts: &Halts,
    stop: &CancellationToken,
) -> JoinSet<Result<(), store::Error>> {
    let mut readers = JoinSet::new();
    for subject in subjects {
        readers.spawn(walk::walk(Arc::clone(desk), subject, client.clone(), max_interval, halts.clone(), stop.clone()));
    }
    readers
}

/// When a run has to end.
struct Limits {
    max_time: Option<Duration>,
    max_bytes: Option<u64>,
    client: Client,
}

impl Limits {
    /// Cancels `stop` when a limit is reached, and says which; nothing when the run ended before.
    async fn watch(self, stop: CancellationToken) -> Option<End> {
        let began = tokio::time::Instant::now();
        let before = self.client.received_bytes();
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        loop {
            tokio::select! {
                () = stop.cancelled() => return None,
                _ = tick.tick() => {}
            }
            let reached = if self.max_time.is_some_and(|most| began.elapsed() >= most) {
                End::MaxTime
            } else if self.max_bytes.is_some_and(|most| self.client.received_bytes() - before >= most) {
                End::MaxBytes
            } else {
                continue;
            };
            stop.cancel();
            return Some(reached);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
fn now() -> Timestamp {
    Timestamp::now()
}
