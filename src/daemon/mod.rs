//! The daemon: clock → due feeds → entries, until told to stop; or every feed once.
//!
//! Polls run beside the [`pipeline`], which works off what they announce. A poll commits its entries and the feed's validators in one
//! transaction, through the recorder. Knows nothing of the configuration file: it is handed [`Source`]s.

mod poll;
mod poller;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::WeakSender;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::fetch::Client;
use crate::filter::Filter;
use crate::pipeline::{self, FeedRules, Halts, Message, Pipeline, Progress, Recorder, Sender, Snapshot, Until};
use crate::schedule;
use crate::store::{self, FeedSettings, Writer};
use poll::Subject;
use poller::Poller;

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
    /// Which of its entries are wanted.
    pub filter: Filter,
}

/// How the daemon works.
#[derive(Debug, Clone)]
pub struct Options {
    /// How entries are worked off.
    pub pipeline: pipeline::Options,
    /// When feeds are polled.
    pub schedule: schedule::Options,
    /// With fewer free bytes than this on the database's disk nothing is fetched; 0 never minds.
    pub min_free: u64,
}

/// How long a run lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Every feed once, whatever its schedule, and each entry that is due once.
    Once,
    /// On schedule, until told to stop.
    Forever,
}

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

    /// Grows while the recorder works at what keeps it from answering for minutes: a day of very many old articles is grouped once more.
    #[must_use]
    pub fn strides(&self) -> u64 {
        self.progress.strides()
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
        let (told, stop) = (stop.clone(), stop.child_token());
        // A run that ends by itself does not wait for better times: what fails stays queued.
        let halts = Halts::watch(client.cut_off(), options.pipeline.db.clone(), options.min_free, stop.clone());
        let pipeline = if mode == Mode::Forever { pipeline.halted_by(halts.clone()) } else { pipeline };
        let working = tokio::spawn({
            let (sources_ended, stop) = (sources_ended.clone(), stop.clone());
            async move {
                let worked = pipeline.run(sources_ended, stop.clone()).await;
                stop.cancel();
                worked
            }
        });
        let poller = Poller::new(subjects, client, options.schedule, sender, Arc::clone(&watch.polls));
        let failed_feeds = match mode {
            Mode::Once => poller.once(&stop).await,
            Mode::Forever => {
                poller.forever(halts, &stop).await;
                Vec::new()
            }
        };
        sources_ended.cancel();
        let worked = working.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        let end = if told.is_cancelled() { Recorder::stop } else { Recorder::join };
        let recorded = tokio::task::spawn_blocking(move || end(recorder)).await;
        recorded.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        worked?;
        Ok(Summary { failed_feeds, done: watch.done() })
    }
}

#[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
fn now() -> Timestamp {
    Timestamp::now()
}
