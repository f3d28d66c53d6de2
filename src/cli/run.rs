//! `dateline run`: the daemon, or every feed once.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::exporter::Exporter;
use super::logging::Readers;
use super::{Outcome, Settings, engine, service};
use crate::config::Config;
use crate::daemon::{Daemon, Mode, Summary, Watch};
use crate::fetch::Client;
use crate::store::{Lock, Writer, free_bytes, size_text};

/// Polls the configured feeds on schedule, fetches, cleans and groups what they announce, and stores it, until SIGTERM or SIGINT.
///
/// SIGHUP reads the configuration again; a faulty one is told and the old one stays in force.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  dateline run --once            every feed once, then exit (3 if something failed)\n  \
    dateline --config my.toml run  the daemon"
)]
pub(super) struct Arguments {
    /// Every feed once, whatever its schedule, and each entry that is due once; what fails stays queued, exit 3
    #[arg(long)]
    once: bool,
}

impl Arguments {
    /// Whether it runs until told to stop.
    pub(super) fn is_daemon(&self) -> bool {
        !self.once
    }
}

/// How one run of the daemon ended.
enum End {
    /// It was told to stop, or was done.
    Done(Summary),
    /// It was told to stop before the database was open.
    Stopped,
    /// The configuration was read again.
    Reload(Box<Config>),
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let config = Config::load_to_fetch(settings.config.as_deref())?;
    let _lock = Lock::take(&config.store.path)?;
    if config.fetch.user_agent == crate::fetch::PLACEHOLDER_USER_AGENT {
        tracing::warn!(
            "`fetch.user_agent` is still the placeholder; put an address there where publishers can reach you"
        );
    }
    if config.feeds.is_empty() {
        tracing::warn!(file = %config.file.display(), "no feeds are configured; add [[feeds]] blocks, `dateline discover URL` writes them");
    }
    let mode = if arguments.once { Mode::Once } else { Mode::Forever };
    if let (Mode::Once, Ok(free)) = (mode, free_bytes(&config.store.path)) {
        anyhow::ensure!(
            free >= config.store.min_free,
            "only {} free on the disk of `{}`, and `store.min_free` is {}; free some, or lower it",
            size_text(free),
            config.store.path.display(),
            size_text(config.store.min_free)
        );
    }
    let runtime = engine::runtime()?;
    let ended = runtime.block_on(run_until_done(config, mode, settings));
    // All that matters is committed; a look-up that still waits for a dead name server must not hold up the end.
    runtime.shutdown_background();
    ended
}

async fn run_until_done(mut config: Config, mode: Mode, settings: &Settings) -> anyhow::Result<Outcome> {
    // Once for all runs: a signal between two of them must not get lost.
    let mut signals = engine::Signals::new().context("cannot listen for signals")?;
    let mut client = engine::client(config.fetch.clone())?;
    let mut exporter = match mode {
        Mode::Once => None,
        Mode::Forever => Exporter::open(&config.metrics, &config.store.path).await?,
    };
    loop {
        match run_one(&config, mode, client.clone(), exporter.as_ref(), settings, &mut signals).await? {
            End::Reload(new) => {
                // The client remembers when which publisher may be asked again.
                if new.fetch != config.fetch {
                    client = engine::client(new.fetch.clone())?;
                }
                if new.metrics.listen != exporter.as_ref().map(Exporter::address) {
                    match Exporter::open(&new.metrics, &new.store.path).await {
                        Ok(opened) => exporter = opened,
                        Err(error) => {
                            tracing::error!(error = format!("{error:#}"), "metrics stay where they were");
                        }
                    }
                }
                config = *new;
            }
            End::Stopped => return Ok(Outcome::Done),
            End::Done(summary) => return Ok(report(&config, &summary, mode, settings.readers)),
        }
    }
}

async fn run_one(
    config: &Config,
    mode: Mode,
    client: Client,
    exporter: Option<&Exporter>,
    settings: &Settings,
    signals: &mut engine::Signals,
) -> anyhow::Result<End> {
    let Some((writer, reload_asked)) = open(&config.store.path, signals).await? else { return Ok(End::Stopped) };
    if reload_asked && let Some(new) = reload(settings.config.as_deref(), config) {
        return Ok(End::Reload(Box::new(new)));
    }
    let daemon = Daemon::new(writer, engine::sources(config), client, engine::options(config), mode)?;
    let stop = CancellationToken::new();
    let watch = daemon.watch();
    tracing::info!(feeds = watch.feeds, database = %config.store.path.display(), "dateline runs");
    if let Some(exporter) = exporter {
        exporter.follow(watch.clone(), &config.metrics);
    }
    service::ready(watch.feeds);
    let mut onlookers = JoinSet::new();
    match mode {
        Mode::Once => drop(onlookers.spawn(show(watch, stop.clone()))),
        Mode::Forever => {
            onlookers.spawn(service::tell(watch.clone(), stop.clone()));
            onlookers.spawn(service::live(watch, stop.clone()));
        }
    }
    let mut running = tokio::spawn(daemon.run(mode, stop.clone()));
    let mut reloaded = None;
    let mut stopping = false;
    let ended = loop {
        tokio::select! {
            ended = &mut running => break ended,
            signal = signals.next() => match signal {
                engine::Signal::Stop if stopping => {}
                engine::Signal::Stop => {
                    tracing::info!("stopping: what is in flight may finish for some seconds");
                    service::stopping();
                    stopping = true;
                    reloaded = None;
                    stop.cancel();
                }
                engine::Signal::Reload if stopping || mode == Mode::Once => {}
                engine::Signal::Reload => if let Some(new) = reload(settings.config.as_deref(), config) {
                    reloaded = Some(Box::new(new));
                    stop.cancel();
                },
            }
        }
    };
    stop.cancel();
    while onlookers.join_next().await.is_some() {}
    let summary = ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    Ok(reloaded.map_or(End::Done(summary), End::Reload))
}

/// Opens the database, which takes minutes where a large one is brought up to date; and whether a reload was asked for meanwhile. `None`: a stop
/// was. Then the thread that opens it is left to the end of the process: each step of it happens whole or not at all.
async fn open(path: &Path, signals: &mut engine::Signals) -> anyhow::Result<Option<(Writer, bool)>> {
    let path = path.to_owned();
    let mut opening = tokio::task::spawn_blocking(move || Writer::open(&path));
    let mut reload_asked = false;
    loop {
        tokio::select! {
            opened = &mut opening => {
                let writer = opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
                return Ok(Some((writer, reload_asked)));
            }
            signal = signals.next() => match signal {
                engine::Signal::Stop => {
                    tracing::info!("stopping before the database is open; the next start goes on with it");
                    service::stopping();
                    return Ok(None);
                }
                engine::Signal::Reload => reload_asked = true,
            }
        }
    }
}

/// The new configuration, if there is nothing wrong with it; what cannot change without a restart stays as it was.
fn reload(file: Option<&Path>, old: &Config) -> Option<Config> {
    service::reloading();
    match Config::load_to_fetch(file) {
        Ok(mut new) => {
            if new.store.path != old.store.path {
                tracing::warn!(
                    in_force = %old.store.path.display(),
                    configured = %new.store.path.display(),
                    "`store.path` changes only with a restart; the rest of the new configuration is in force"
                );
                new.store.path.clone_from(&old.store.path);
            }
            let known: HashSet<&str> = old.feeds.iter().map(|feed| feed.name.as_str()).collect();
            let added = new.feeds.iter().filter(|feed| !known.contains(feed.name.as_str())).count();
            let removed = known.len() + added - new.feeds.len();
            tracing::info!(file = %new.file.display(), feeds = new.feeds.len(), added, removed, "the configuration was read again");
            Some(new)
        }
        Err(faults) => {
            super::log_faults(&faults);
            tracing::error!("the old configuration stays in force");
            service::reload_refused();
            None
        }
    }
}

/// Progress on a terminal.
pub(super) async fn show(watch: Watch, stop: CancellationToken) {
    let bar = progress_bar(watch.feeds);
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = tick.tick() => {}
        }
        let done = watch.done();
        bar.set_position(watch.polls() as u64);
        let queued = done.announced.saturating_sub(done.ended + done.put_back);
        bar.set_message(format!(
            "{} stored, {} rejected, {} failed, {queued} to go",
            done.stored, done.rejected, done.put_back
        ));
    }
    bar.finish_and_clear();
}

/// A bar over the feeds to poll; nothing where stderr is no terminal.
pub(super) fn progress_bar(feeds: usize) -> ProgressBar {
    let bar = ProgressBar::new(feeds as u64);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} feeds [{bar:24}] {msg}") {
        bar.set_style(style);
    }
    bar
}

fn report(config: &Config, summary: &Summary, mode: Mode, readers: Readers) -> Outcome {
    let done = summary.done;
    tracing::info!(
        stored = done.stored,
        edited = done.edited,
        rejected = done.rejected,
        put_back = done.put_back,
        database = %config.store.path.display(),
        "dateline ends"
    );
    if mode == Mode::Forever {
        return Outcome::Done;
    }
    // Programs were told: of each failed poll, and of the end.
    if readers == Readers::People {
        tell(config, summary);
    }
    if summary.failed_feeds.is_empty() && done.put_back == 0 { Outcome::Done } else { Outcome::SomeFailed }
}

fn tell(config: &Config, summary: &Summary) {
    let (feeds, done) = (config.feeds.len(), summary.done);
    eprintln!(
        "{} of {feeds} feeds polled; {} articles stored, {} edited, {} entries rejected, {} left for another try; database: {}",
        feeds - summary.failed_feeds.len(),
        done.stored,
        done.edited,
        done.rejected,
        done.put_back,
        config.store.path.display()
    );
    for (feed, error) in &summary.failed_feeds {
        eprintln!("  {feed}: {error}");
    }
    if feeds > 1 && summary.failed_feeds.len() == feeds {
        eprintln!("every feed failed: is there a network, and a resolver?");
    }
}
