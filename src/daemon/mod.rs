//! The daemon: clock → due feeds → entries, until told to stop; or every feed once.
//!
//! Polls run beside the [`pipeline`], which works off what they announce. A poll commits its entries and the feed's validators in one
//! transaction, through the recorder. Knows nothing of the configuration file: it is handed [`Source`]s.

mod poll;

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use regex::Regex;
use tokio::sync::mpsc::WeakSender;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::address;
use crate::fetch::Client;
use crate::pipeline::{self, FeedRules, Message, Pipeline, Progress, Recorder, Sender, Snapshot, Until};
use crate::schedule::{self, Brakes, Queue};
use crate::store::{self, FeedSettings, Writer};
use poll::{Polled, Subject, Welcome};

/// A feed to poll.
#[derive(Debug, Clone)]
pub struct Source {
    /// Unique.
    pub name: String,
    /// A feed, or a site's home page that names one.
    pub url: Url,
    /// Fixed instead of adaptive.
    pub interval: Option<Duration>,
    /// What the pipeline must know to work off its entries.
    pub rules: FeedRules,
    /// An entry whose address or title matches none of these is passed over; empty lets all through.
    pub include: Vec<Regex>,
    /// An entry whose address or title matches one of these is passed over.
    pub exclude: Vec<Regex>,
}

impl Source {
    /// Whether `include` and `exclude` let an entry through.
    #[must_use]
    pub fn wants(&self, url: &Url, title: Option<&str>) -> bool {
        let matches =
            |pattern: &Regex| pattern.is_match(url.as_str()) || title.is_some_and(|title| pattern.is_match(title));
        (self.include.is_empty() || self.include.iter().any(matches)) && !self.exclude.iter().any(matches)
    }
}

/// How the daemon works.
#[derive(Debug, Clone)]
pub struct Options {
    /// How entries are worked off.
    pub pipeline: pipeline::Options,
    /// When feeds are polled.
    pub schedule: schedule::Options,
}

/// How long a run lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Every feed once, whatever its schedule, and each entry that is due once.
    Once,
    /// On schedule, until told to stop.
    Forever,
}

/// Polls under way at once: enough that dead servers, each of which takes its whole timeout, do not delay the others. The client bounds
/// what is really in flight.
const POLLS: usize = 256;

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Polls that failed: feed and reason, in the order of the configuration; of a run [`Mode::Once`] only.
    pub failed_feeds: Vec<(String, String)>,
    /// What was done.
    pub done: Snapshot,
}

/// The numbers of a run while it goes on.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Feeds to poll.
    pub feeds: usize,
    polls: Arc<AtomicUsize>,
    progress: Arc<Progress>,
    recorder: WeakSender<Message>,
}

impl Watch {
    /// Polls that ended so far.
    #[must_use]
    pub fn polls(&self) -> usize {
        self.polls.load(Ordering::Relaxed)
    }

    /// Waits until the recorder has committed all that it was handed; whether it is there to say so. Does not come back from one that is stuck.
    pub async fn ping(&self) -> bool {
        pipeline::ping(&self.recorder).await
    }

    /// What the pipeline did so far.
    #[must_use]
    pub fn done(&self) -> Snapshot {
        self.progress.snapshot()
    }
}

/// A run, ready to begin.
pub struct Daemon {
    subjects: Vec<Subject>,
    client: Client,
    options: Options,
    recorder: Recorder,
    sender: Sender,
    pipeline: Pipeline,
    watch: Watch,
}

impl Daemon {
    /// Makes the database agree with the sources and starts the recorder.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn new(
        mut writer: Writer,
        sources: Vec<Source>,
        client: Client,
        options: Options,
        mode: Mode,
    ) -> Result<Self, store::Error> {
        let settings: Vec<FeedSettings> = sources
            .iter()
            .map(|source| FeedSettings { name: source.name.clone(), url: source.url.to_string() })
            .collect();
        let states = writer.configure(&settings)?;
        let rules: HashMap<_, _> =
            states.iter().zip(&sources).map(|(state, source)| (state.id, source.rules.clone())).collect();
        let subjects: Vec<Subject> =
            states.into_iter().zip(sources).map(|(state, source)| Subject::new(state, source)).collect();
        let (recorder, sender, ended) = pipeline::start_recorder(writer, &options.pipeline)?;
        let until = match mode {
            Mode::Once => Until::WorkedOff,
            Mode::Forever => Until::Stopped,
        };
        let pipeline = Pipeline::new(client.clone(), options.pipeline.clone(), rules, sender.clone(), ended, until)
            .looking_again();
        let watch = Watch {
            feeds: subjects.len(),
            polls: Arc::default(),
            progress: recorder.progress(),
            recorder: sender.downgrade(),
        };
        Ok(Self { subjects, client, options, recorder, sender, pipeline, watch })
    }

    /// The numbers, for whoever shows them while the run goes on.
    #[must_use]
    pub fn watch(&self) -> Watch {
        self.watch.clone()
    }

    /// Polls and works off. Cancelling `stop` ends the run early: what is in flight may finish for some seconds, what was handed over is committed.
    ///
    /// # Errors
    /// When the database fails: nothing half-done is in it, and the next start goes on from there.
    pub async fn run(self, mode: Mode, stop: CancellationToken) -> Result<Summary, store::Error> {
        let Self { subjects, client, options, recorder, sender, pipeline, watch } = self;
        let sources_ended = CancellationToken::new();
        // A recorder that died takes the run down with it.
        let stop = stop.child_token();
        let working = tokio::spawn({
            let (sources_ended, stop) = (sources_ended.clone(), stop.clone());
            async move {
                let worked = pipeline.run(sources_ended, stop.clone()).await;
                stop.cancel();
                worked
            }
        });
        let poller =
            Poller { subjects, client, options, sender, polls: Arc::clone(&watch.polls), brakes: Brakes::default() };
        let failed_feeds = match mode {
            Mode::Once => poller.once(&stop).await,
            Mode::Forever => poller.forever(&stop).await,
        };
        sources_ended.cancel();
        let worked = working.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        let recorded = tokio::task::spawn_blocking(|| recorder.join()).await;
        recorded.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        worked?;
        Ok(Summary { failed_feeds, done: watch.done() })
    }
}

struct Poller {
    subjects: Vec<Subject>,
    client: Client,
    options: Options,
    sender: Sender,
    polls: Arc<AtomicUsize>,
    brakes: Brakes,
}

impl Poller {
    async fn once(mut self, stop: &CancellationToken) -> Vec<(String, String)> {
        let mut polls = JoinSet::new();
        let mut failed = Vec::new();
        let mut next = 0;
        loop {
            while polls.len() < POLLS && next < self.subjects.len() && !stop.is_cancelled() {
                self.start(next, &mut polls);
                next += 1;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                done = polls.join_next() => match done {
                    None => break,
                    Some(done) => if let Some((place, Some(error))) = self.finish(done) {
                        failed.push((place, error));
                    }
                }
            }
        }
        polls.shutdown().await;
        failed.sort_unstable();
        failed.into_iter().map(|(place, error)| (self.subjects[place].source.name.clone(), error)).collect()
    }

    async fn forever(mut self, stop: &CancellationToken) -> Vec<(String, String)> {
        let mut polls = JoinSet::new();
        let mut queue = Queue::default();
        for (place, subject) in self.subjects.iter().enumerate() {
            if !subject.schedule.is_retired() {
                let at = schedule::start(
                    subject.next_poll_at,
                    self.subjects.len(),
                    now(),
                    chance().midpoint(1.0),
                    &self.options.schedule,
                );
                queue.set(number(place), at);
            }
        }
        loop {
            while polls.len() < POLLS
                && let Some(place) = queue.pop(now())
            {
                let Ok(place) = usize::try_from(place) else { continue };
                match self.brakes.admit(&address::publisher(&self.subjects[place].url), now()) {
                    Ok(()) => self.start(place, &mut polls),
                    Err(until) => queue.set(number(place), until),
                }
            }
            let wake = if polls.len() < POLLS { queue.next_at() } else { None };
            tokio::select! {
                () = stop.cancelled() => break,
                () = sleep_until(wake) => {}
                Some(done) = polls.join_next() => if let Some((place, _)) = self.finish(done)
                    && let Some(at) = self.subjects[place].next_poll_at
                {
                    queue.set(number(place), at);
                }
            }
        }
        polls.shutdown().await;
        Vec::new()
    }

    fn start(&mut self, place: usize, polls: &mut JoinSet<Option<(usize, Polled)>>) {
        let subject = self.subjects[place].clone();
        let (client, sender, options) = (self.client.clone(), self.sender.clone(), self.options.schedule);
        polls.spawn(async move {
            poll::poll(subject, client, sender, options, chance()).await.map(|polled| (place, polled))
        });
    }

    /// Takes in what a poll came to; gives back its place and, if it failed, why.
    fn finish(
        &mut self,
        done: Result<Option<(usize, Polled)>, tokio::task::JoinError>,
    ) -> Option<(usize, Option<String>)> {
        self.polls.fetch_add(1, Ordering::Relaxed);
        let (place, polled) = match done {
            Ok(Some(done)) => done,
            // The recorder is gone and says why by itself.
            Ok(None) => return None,
            Err(error) => {
                tracing::error!(%error, "a poll broke down; its feed rests until the next start; please report it");
                return None;
            }
        };
        let domain = address::publisher(&self.subjects[place].url);
        match polled.welcome {
            Welcome::TooMany { retry_after } => self.brakes.too_many(&domain, retry_after, now()),
            Welcome::Fine => self.brakes.answered(&domain),
        }
        self.subjects[place] = polled.subject;
        Some((place, polled.error))
    }
}

async fn sleep_until(at: Option<Timestamp>) {
    match at {
        None => std::future::pending().await,
        Some(at) => {
            let wait = Duration::try_from(at.duration_since(now())).unwrap_or_default();
            // The clock may be set while we sleep: look at it again every minute.
            tokio::time::sleep_until(Instant::now() + wait.min(Duration::from_secs(60))).await;
        }
    }
}

fn number(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

/// Chance from -1 to 1, so that a thousand feeds do not poll in step. The standard library's hasher is seeded at random.
#[expect(clippy::cast_precision_loss, reason = "chance needs no precision")]
fn chance() -> f64 {
    RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64 * 2.0 - 1.0
}

#[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
fn now() -> Timestamp {
    Timestamp::now()
}
