//! The one recorder: a thread that owns the writing connection and the grouping index.
//!
//! It takes messages from a bounded channel, as many as are there, and writes them in one transaction; grouping happens beside the insert, so memory
//! and disk cannot disagree. A failed commit is fatal: the thread ends with the error, the process with it, and the next start rebuilds the index
//! from the database.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot};

use super::clock::Clock;
use super::lasting::{self, Running};
use super::message::{Cleaned, Committed, KeptPage, Message, Poll, Sender};
use super::progress::Progress;
use super::story::Filing;
use super::{Assign, Ended, Fate, Options};
use crate::event::ArticleId;
use crate::group::Index;
use crate::metrics::METRICS;
use crate::schedule::Rechecks;
use crate::store::{Announced, Batch, EntryId, Error, Interrupt, Pages, PollRecord, Retention, Writer, size_text};
use crate::upkeep;

/// Messages in flight between the workers and the recorder: enough for a full batch while one is committed.
const CHANNEL: usize = 256;

/// Messages in one transaction: more does not make inserting faster (our measurement: batches of 100, 2026-11).
const BATCH: usize = 100;

/// Commits begin at least this far apart, so that messages that come one by one share them: a commit costs a flush of the disk and of the full-text index.
/// What comes after a pause is committed at once.
const BETWEEN_COMMITS: Duration = Duration::from_millis(100);

/// How often the WAL is written back and old pages are dropped.
const CARE: Duration = Duration::from_secs(60);

/// Between two looks at SQLite's query statistics.
const OPTIMIZE: Duration = Duration::from_secs(3_600);

/// Articles pruned at once: about a second in which nothing else is written.
const PRUNE: usize = 1_000;

/// Articles of a backfill grouped once more at once, in whole days: some seconds in which nothing else is written.
const SETTLE: i64 = 5_000;

/// Between two prunings.
const DAY: Duration = Duration::from_secs(86_400);

/// Free pages given back to the system at once: 8 MB.
const SHRINK_PAGES: u32 = 2_000;

/// How long what was handed over may take to be written when told to stop: with the grace of what is in flight, less than the 10 s that a stop may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// A WAL of this size is told as a warning: four times what it is cut to.
const LARGE_WAL: u64 = 256 << 20;

/// The recorder's thread.
#[derive(Debug)]
pub struct Recorder {
    thread: Running<Result<(), Error>>,
    interrupts: Vec<Interrupt>,
    progress: Arc<Progress>,
}

impl Recorder {
    /// Starts the thread. It ends when every [`Sender`] is dropped and everything sent is committed, or at the first failure.
    ///
    /// # Panics
    /// When the system cannot start a thread: then nothing of us works.
    #[must_use]
    pub fn start(
        writer: Writer,
        pages: Option<Pages>,
        options: &Options,
    ) -> (Self, Sender, mpsc::UnboundedReceiver<Ended>) {
        let (sender, messages) = mpsc::channel(CHANNEL);
        let (ended, ends) = mpsc::unbounded_channel();
        let progress = Arc::new(Progress::default());
        let mut interrupts = vec![writer.interrupt()];
        interrupts.extend(pages.as_ref().map(Pages::interrupt));
        let desk = Desk {
            writer,
            pages,
            index: Index::new(options.group),
            ended,
            progress: Arc::clone(&progress),
            keep_html: options.keep_html,
            rechecks: options.rechecks.clone(),
            assign: options.stages.assign,
            retention: options.retention,
            prune_at: thread_clock(),
            optimize_at: thread_clock(),
        };
        let thread = lasting::run("recorder", move || desk.run(messages));
        (Self { thread, interrupts, progress }, sender, ends)
    }

    /// The counters.
    #[must_use]
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Waits for the end of the thread.
    ///
    /// # Errors
    /// What ended it before its time.
    ///
    /// # Panics
    /// When the thread panicked.
    pub fn join(self) -> Result<(), Error> {
        self.thread.join()
    }

    /// Waits for the end of the thread, when it was told to stop: a statement that takes longer than that may is broken off. What it was to write is
    /// in the queue still.
    ///
    /// # Errors
    /// What ended it before its time.
    ///
    /// # Panics
    /// When the thread panicked.
    pub fn stop(self) -> Result<(), Error> {
        let Self { thread, interrupts, .. } = self;
        match thread.join_within(PATIENCE, || interrupts.iter().for_each(Interrupt::break_off)) {
            Err(error) if error.is_broken_off() => {
                tracing::warn!(error = %chain(&error), "a statement that took too long was broken off; what it was to write is done after the next start");
                Ok(())
            }
            ended => ended,
        }
    }
}

/// What the thread owns.
struct Desk {
    writer: Writer,
    pages: Option<Pages>,
    index: Index,
    ended: mpsc::UnboundedSender<Ended>,
    progress: Arc<Progress>,
    keep_html: Duration,
    rechecks: Rechecks,
    assign: Assign,
    retention: Retention,
    /// When old articles are looked for next.
    prune_at: Instant,
    /// When SQLite's query statistics are looked at next.
    optimize_at: Instant,
}

/// What is done once the transaction is durable.
#[derive(Default)]
struct After {
    ended: Vec<(EntryId, Fate)>,
    looked: Vec<ArticleId>,
    queued: bool,
    polls: Vec<(Committed, Vec<Announced>, PollRecord)>,
    pages: Vec<(ArticleId, KeptPage, Timestamp)>,
    pings: Vec<oneshot::Sender<()>>,
}

impl Desk {
    fn run(mut self, mut messages: mpsc::Receiver<Message>) -> Result<(), Error> {
        let learnt = {
            let batch = self.writer.batch()?;
            batch.statistics()?
        };
        self.index.restore_statistics(learnt);
        // Here too, for runs that end before the first minute.
        self.prune_or_tell();
        self.settle_or_tell(&messages);
        self.mend(None)?;
        let mut clock = Clock::new(now(), thread_clock());
        let mut care = thread_clock();
        let mut committed = care.checked_sub(BETWEEN_COMMITS).unwrap_or(care);
        while let Some(first) = messages.blocking_recv() {
            if messages.len() < BATCH {
                thread::sleep(BETWEEN_COMMITS.saturating_sub(committed.elapsed()));
            }
            committed = thread_clock();
            let mut batch = vec![first];
            while batch.len() < BATCH
                && let Ok(next) = messages.try_recv()
            {
                batch.push(next);
            }
            if let Some(set_back) = clock.set_back(now(), thread_clock()) {
                self.mend(Some(set_back))?;
            }
            let after = self.write(batch)?;
            self.follow_up(after);
            if thread_clock() - care >= CARE {
                self.take_care(&messages);
                care = thread_clock();
            }
        }
        self.writer.optimize()?;
        self.writer.checkpoint()?;
        Ok(())
    }

    fn write(&mut self, messages: Vec<Message>) -> Result<After, Error> {
        let mut after = After::default();
        if messages.iter().all(|message| matches!(message, Message::Ping(_))) {
            after.pings.extend(messages.into_iter().filter_map(into_ping));
            return Ok(after);
        }
        let batch = self.writer.batch()?;
        let (index, rechecks, assign) = (&mut self.index, &self.rechecks, self.assign);
        let mut filing = Filing { batch: &batch, index, rechecks, assign };
        for message in messages {
            match message {
                Message::Queued => after.queued = true,
                Message::Polled(poll) => announce(&batch, *poll, &self.progress, &mut after)?,
                Message::Cleaned(cleaned) => {
                    let Cleaned { queued, mut reading } = *cleaned;
                    let kept = reading.kept.take();
                    let (id, filed) = filing.record(&queued, &mut reading)?;
                    self.progress.count(filed);
                    after.ended.push((queued.id, Fate::Done));
                    after.pages.extend(id.zip(kept).map(|(id, kept)| (id, kept, reading.fetched_at)));
                }
                Message::Looked(looked) => {
                    let id = looked.recheck.article;
                    let (filed, page) = filing.look(*looked)?;
                    self.progress.looked.fetch_add(1, Ordering::Relaxed);
                    self.progress.count(filed);
                    after.looked.push(id);
                    after.pages.extend(page.map(|(kept, at)| (id, kept, at)));
                }
                Message::Rejected { entry, cause, reason } => {
                    batch.reject(entry, cause, &reason, now())?;
                    self.progress.rejected.fetch_add(1, Ordering::Relaxed);
                    after.ended.push((entry, Fate::Done));
                }
                Message::Retry { entry, reason, next_attempt_at } => {
                    batch.retry(entry, &reason, next_attempt_at)?;
                    self.progress.put_back.fetch_add(1, Ordering::Relaxed);
                    after.ended.push((entry, Fate::PutBack));
                }
                Message::Ping(answer) => after.pings.push(answer),
            }
        }
        batch.keep_statistics(&self.index.statistics_to_save())?;
        let passage = METRICS.commit.enter();
        batch.commit()?;
        drop(passage);
        Ok(after)
    }

    fn follow_up(&mut self, after: After) {
        let done = after.ended.iter().filter(|(_, fate)| *fate == Fate::Done).count();
        self.progress.ended.fetch_add(done as u64, Ordering::Relaxed);
        // Nobody listens any more when the run is being stopped: what was said is in the database.
        if !after.ended.is_empty() {
            self.ended.send(Ended::Entries(after.ended)).ok();
        }
        if !after.looked.is_empty() {
            self.ended.send(Ended::Looked(after.looked)).ok();
        }
        for (told, announced, record) in after.polls {
            told.send((announced, record)).ok();
        }
        for answer in after.pings {
            answer.send(()).ok();
        }
        if after.queued {
            self.ended.send(Ended::Queued).ok();
        }
        if let Some(pages) = &self.pages
            && let Err(error) = keep(pages, &after.pages)
        {
            tracing::warn!(error = %chain(&error), "raw pages cannot be kept; articles are stored all the same, pages are not kept until the next start");
            self.pages = None;
        }
    }

    /// What was put off while the clock stood wrong must not wait for years.
    fn mend(&mut self, set_back: Option<Duration>) -> Result<(), Error> {
        let moved = self.writer.bring_back(set_back, now())?;
        if moved > 0 {
            tracing::warn!(moved, "the clock stood wrong: what was put off until long after is due sooner");
        }
        Ok(())
    }

    fn take_care(&mut self, messages: &mpsc::Receiver<Message>) {
        if thread_clock() >= self.optimize_at {
            self.optimize_at = thread_clock() + OPTIMIZE;
            if let Err(error) = self.writer.optimize() {
                tracing::warn!(error = %chain(&error), "the query statistics could not be refreshed; it is tried again");
            }
        }
        match self.writer.checkpoint() {
            Ok(true) => {}
            Ok(false) => {
                let wal = self.writer.wal_bytes();
                if wal >= LARGE_WAL {
                    tracing::warn!(
                        wal = size_text(wal),
                        "a program that reads the database holds an old snapshot of it: the WAL grows until that ends its read"
                    );
                } else {
                    tracing::debug!(
                        wal = size_text(wal),
                        "the WAL could not be written back in full: a reader holds an old snapshot of the database"
                    );
                }
            }
            Err(error) => {
                tracing::warn!(error = %chain(&error), "the WAL could not be written back; it is tried again");
            }
        }
        let limit = SignedDuration::try_from(self.keep_html).ok().and_then(|keep| now().checked_sub(keep).ok());
        if let (Some(pages), Some(limit)) = (&self.pages, limit)
            && let Err(error) = pages.prune(limit)
        {
            tracing::warn!(error = %chain(&error), "old raw pages could not be dropped; it is tried again");
        }
        self.prune_or_tell();
        self.settle_or_tell(messages);
    }

    /// Groups some of what backfills stirred up once more, in order of publication. A day that has more than some is left off
    /// when nobody is there to send messages any more.
    fn settle_or_tell(&mut self, messages: &mpsc::Receiver<Message>) {
        let progress = Arc::clone(&self.progress);
        let go_on = |done: u64| {
            progress.strides.fetch_add(1, Ordering::Relaxed);
            let is_some = done <= SETTLE.unsigned_abs();
            if is_some || !messages.is_closed() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let mut left = SETTLE;
        while left > 0 {
            match upkeep::settle(&mut self.writer, self.index.options(), left, now(), go_on) {
                Ok(None) => return,
                Ok(Some(settled)) => left -= settled.articles.max(1),
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "old articles could not be grouped once more; it is tried again");
                    return;
                }
            }
            // The index is a cache of the database: it is loaded again as articles come.
            #[expect(clippy::reversed_empty_ranges, reason = "no day is kept")]
            self.index.evict(&(1..=0), 0);
        }
    }

    fn prune_or_tell(&mut self) {
        if let Err(error) = self.prune() {
            tracing::warn!(error = %chain(&error), "old articles could not be pruned; it is tried again");
        }
    }

    /// Takes away some of what is older than is kept; once a day, then minute by minute until it is done, so that nothing waits for it.
    fn prune(&mut self) -> Result<(), Error> {
        if !self.retention.is_unlimited() && thread_clock() >= self.prune_at {
            let pruned = self.writer.prune(&self.retention, now(), PRUNE)?;
            if pruned.articles > 0 {
                tracing::info!(articles = pruned.articles, events = pruned.events, "old articles were pruned");
                // The index is a cache of the database: it is loaded again as articles come.
                #[expect(clippy::reversed_empty_ranges, reason = "no day is kept")]
                self.index.evict(&(1..=0), 0);
            }
            if let Some(pages) = &self.pages {
                pages.forget(&pruned.gone)?;
            }
            if !pruned.unfinished {
                self.prune_at = thread_clock() + DAY;
            }
        }
        if !self.retention.is_unlimited() {
            self.writer.merge_full_text()?;
        }
        self.writer.shrink(SHRINK_PAGES).map(drop)
    }
}

fn into_ping(message: Message) -> Option<oneshot::Sender<()>> {
    if let Message::Ping(answer) = message { Some(answer) } else { None }
}

fn announce(batch: &Batch<'_>, poll: Poll, progress: &Progress, after: &mut After) -> Result<(), Error> {
    let mut announced = Vec::with_capacity(poll.entries.len());
    for entry in &poll.entries {
        announced.push(batch.announce(Some(poll.feed), entry, poll.at)?);
    }
    let record = (poll.conclude)(&announced);
    batch.poll(poll.feed, &record)?;
    let queued = announced.iter().filter(|announced| announced.is_queued()).count();
    progress.announced.fetch_add(queued as u64, Ordering::Relaxed);
    after.queued |= queued > 0;
    after.polls.push((poll.committed, announced, record));
    Ok(())
}

fn keep(pages: &Pages, kept: &[(ArticleId, KeptPage, Timestamp)]) -> Result<(), Error> {
    if kept.is_empty() {
        return Ok(());
    }
    pages.begin()?;
    for (id, page, at) in kept {
        pages.keep(*id, &page.url, page.content_type.as_deref(), &page.compressed, *at)?;
    }
    pages.commit()
}

/// An error and its causes on one line.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
fn now() -> Timestamp {
    Timestamp::now()
}

#[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
fn thread_clock() -> std::time::Instant {
    std::time::Instant::now()
}
