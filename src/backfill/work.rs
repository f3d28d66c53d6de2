//! The entries of a backfill are worked off: by this process where it holds the database's lock, else by whoever does, and watched.
//!
//! One process takes over from another only when the lock has been free for a while: a service that restarts must find it so.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::{Error, Feed, Options, now};
use crate::fetch::Client;
use crate::pipeline::{self, Halts, Pipeline, Recorder, Until};
use crate::store::{self, FeedSettings, Lock, Reader, Writer};
use crate::upkeep::{self, Settled};

/// How often it is looked whether all is done.
const LOOK: Duration = Duration::from_millis(250);

/// How often it is said that somebody works on it.
const TOUCH: Duration = Duration::from_secs(30);

/// Articles that are grouped once more in one transaction: some seconds, for whoever stops it waits that long.
const AT_ONCE: i64 = 10_000;

/// How long the lock must have been free before it is taken from another that worked: longer than a service takes to restart.
const FREE_FOR: Duration = Duration::from_secs(10);

/// Makes the feeds of the database agree with the configuration.
pub(super) fn configure(writer: &mut Writer, feeds: &[Feed]) -> Result<Vec<store::FeedState>, store::Error> {
    let settings: Vec<FeedSettings> =
        feeds.iter().map(|feed| FeedSettings { name: feed.name.clone(), url: feed.url.to_string() }).collect();
    writer.configure(&settings)
}

/// Waits until the readers have ended and what they announced is stored or rejected.
pub(super) async fn work(
    desk: &Desk,
    readers: JoinSet<Result<(), store::Error>>,
    client: &Client,
    options: &Options,
    lock: Option<Lock>,
    halts: &Halts,
    stop: &CancellationToken,
) -> Result<Settled, Error> {
    let mut progress = Progress { desk, readers, reader: Reader::open(&options.pipeline.db)?, touched: Instant::now() };
    if let Some(lock) = lock
        && let Some(grouped) = hold(&mut progress, client, options, lock, halts, stop).await?
    {
        return Ok(grouped);
    }
    let mut free_since: Option<Instant> = None;
    loop {
        if progress.is_over(stop).await? {
            return Ok(Settled::default());
        }
        if Lock::holder(&options.pipeline.db).is_some() {
            free_since = None;
        } else if free_since.get_or_insert_with(Instant::now).elapsed() >= FREE_FOR {
            match Lock::take(&options.pipeline.db) {
                Ok(lock) => {
                    tracing::info!("nobody works off the queue any more; this process does from now on");
                    if let Some(grouped) = hold(&mut progress, client, options, lock, halts, stop).await? {
                        return Ok(grouped);
                    }
                }
                Err(store::Error::Locked { .. }) => free_since = None,
                Err(other) => return Err(other.into()),
            }
        }
        progress.pause(stop).await;
    }
}

/// Runs the pipeline until all is done, then groups what it stirred up; `None`: it is not done.
async fn hold(
    progress: &mut Progress<'_>,
    client: &Client,
    options: &Options,
    _lock: Lock,
    halts: &Halts,
    stop: &CancellationToken,
) -> Result<Option<Settled>, Error> {
    let mut writer = Writer::open(&options.pipeline.db)?;
    let states = configure(&mut writer, &options.feeds)?;
    let rules: HashMap<_, _> =
        states.iter().zip(&options.feeds).map(|(state, feed)| (state.id, feed.rules.clone())).collect();
    let (recorder, sender, ended) = pipeline::start_recorder(writer, &options.pipeline)?;
    progress.desk.tell(Some(sender.clone()));
    let pipeline = Pipeline::new(client.clone(), options.pipeline.clone(), rules, sender, ended, Until::Stopped)
        .halted_by(halts.clone());
    let end = CancellationToken::new();
    let mut working = tokio::spawn(pipeline.run(end.clone(), end.clone()));
    let (watched, worked) = loop {
        match progress.is_over(stop).await {
            Ok(false) => {}
            over => {
                end.cancel();
                break (over, working.await);
            }
        }
        tokio::select! {
            // A recorder that died ends the pipeline; it says why below.
            worked = &mut working => break (Ok(false), worked),
            () = progress.pause(stop) => {}
        }
    };
    progress.desk.tell(None);
    let wait = if stop.is_cancelled() { Recorder::stop } else { Recorder::join };
    let committed = tokio::task::spawn_blocking(move || wait(recorder)).await;
    committed.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    worked.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    if !watched? {
        return Ok(None);
    }
    progress.desk.end(options.pipeline.group.window_days())?;
    tokio::task::block_in_place(|| group_once_more(options, stop)).map(Some)
}

/// Pays what this backfill and others owe, until it is told to stop: the rest stays owed.
fn group_once_more(options: &Options, stop: &CancellationToken) -> Result<Settled, Error> {
    let mut writer = Writer::open(&options.pipeline.db)?;
    let mut all = Settled::default();
    let go_on = |_| if stop.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    while !stop.is_cancelled()
        && let Some(settled) = upkeep::settle(&mut writer, options.pipeline.group, AT_ONCE, now(), go_on)?
    {
        all += settled;
    }
    Ok(all)
}

/// How far a backfill is.
struct Progress<'a> {
    desk: &'a Desk,
    readers: JoinSet<Result<(), store::Error>>,
    reader: Reader,
    touched: Instant,
}

impl Progress<'_> {
    /// Whether everything is read and worked off, or the run is to end.
    async fn is_over(&mut self, stop: &CancellationToken) -> Result<bool, Error> {
        if stop.is_cancelled() {
            while let Some(read) = self.readers.join_next().await {
                read.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
            }
            return Ok(true);
        }
        while let Some(read) = self.readers.try_join_next() {
            read.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        }
        if self.touched.elapsed() >= TOUCH {
            self.touched = Instant::now();
            self.desk.touch()?;
        }
        Ok(self.readers.is_empty() && !tokio::task::block_in_place(|| self.reader.backfill_waits(self.desk.id()))?)
    }

    async fn pause(&self, stop: &CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}
