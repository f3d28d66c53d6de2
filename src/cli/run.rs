//! `dateline run`: the daemon, or every feed once.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use super::{Outcome, Settings, engine};
use crate::config::Config;
use crate::daemon::{Daemon, Mode, Summary, Watch};
use crate::store::{Lock, Writer};

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
    /// The configuration was read again.
    Reload(Box<Config>),
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let mut config = Config::load(settings.config.as_deref())?;
    let _lock = Lock::take(&config.store.path)?;
    if config.fetch.user_agent == crate::fetch::PLACEHOLDER_USER_AGENT {
        tracing::warn!(
            "`fetch.user_agent` is still the placeholder; put an address there where publishers can reach you"
        );
    }
    if config.feeds.is_empty() {
        tracing::warn!(file = %config.file.display(), "no feeds are configured; add [[feeds]] blocks, `dateline discover URL` writes them");
    }
    let runtime = engine::runtime()?;
    let mode = if arguments.once { Mode::Once } else { Mode::Forever };
    loop {
        match runtime.block_on(run_one(&config, mode, settings))? {
            End::Reload(new) => config = *new,
            End::Done(summary) => return Ok(report(&config, &summary, mode)),
        }
    }
}

async fn run_one(config: &Config, mode: Mode, settings: &Settings) -> anyhow::Result<End> {
    let writer = Writer::open(&config.store.path)?;
    let client = engine::client(config.fetch.clone())?;
    let daemon = Daemon::new(writer, engine::sources(config), client, engine::options(config), mode)?;
    let stop = CancellationToken::new();
    let watch = daemon.watch();
    tracing::info!(feeds = watch.feeds, database = %config.store.path.display(), "dateline runs");
    notify(&[sd_notify::NotifyState::Ready, sd_notify::NotifyState::Status(&format!("polling {} feeds", watch.feeds))]);
    let shown = tokio::spawn(show(watch, mode, stop.clone()));
    let mut running = tokio::spawn(daemon.run(mode, stop.clone()));
    let mut signals = engine::Signals::new().context("cannot listen for signals")?;
    let mut reloaded = None;
    let ended = loop {
        tokio::select! {
            ended = &mut running => break ended,
            signal = signals.next(), if !stop.is_cancelled() => match signal {
                engine::Signal::Stop => {
                    tracing::info!("stopping: what is in flight may finish for some seconds");
                    notify(&[sd_notify::NotifyState::Stopping]);
                    stop.cancel();
                }
                engine::Signal::Reload if mode == Mode::Forever => if let Some(new) = reload(settings.config.as_deref(), config) {
                    reloaded = Some(Box::new(new));
                    stop.cancel();
                },
                engine::Signal::Reload => {}
            }
        }
    };
    stop.cancel();
    shown.await.ok();
    let summary = ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    Ok(reloaded.map_or(End::Done(summary), End::Reload))
}

/// The new configuration, if it is one that can be put in force without a restart.
fn reload(file: Option<&Path>, old: &Config) -> Option<Config> {
    match sd_notify::NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[sd_notify::NotifyState::Reloading, now]),
        Err(_) => notify(&[sd_notify::NotifyState::Reloading]),
    }
    match Config::load(file) {
        Ok(new) if new.store.path == old.store.path => {
            tracing::info!(file = %new.file.display(), feeds = new.feeds.len(), "the configuration was read again");
            Some(new)
        }
        Ok(_) => {
            tracing::error!(
                "`store.path` changed; the old configuration stays in force, restart to move to another database"
            );
            notify(&[sd_notify::NotifyState::Ready]);
            None
        }
        Err(faults) => {
            for fault in &faults.faults {
                tracing::error!(file = %faults.file.display(), %fault, "the configuration is faulty");
            }
            tracing::error!("the old configuration stays in force");
            notify(&[
                sd_notify::NotifyState::Ready,
                sd_notify::NotifyState::Status("the new configuration is faulty; the old one is in force"),
            ]);
            None
        }
    }
}

/// Tells systemd, where there is one.
fn notify(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd could not be told");
    }
}

/// Progress on a terminal; to systemd, a status and the watchdog's sign of life.
pub(super) async fn show(watch: Watch, mode: Mode, stop: CancellationToken) {
    let bar = match mode {
        Mode::Once => progress_bar(watch.feeds),
        Mode::Forever => ProgressBar::hidden(),
    };
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    let mut ticks: u64 = 0;
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
        ticks += 1;
        if mode == Mode::Forever && ticks.is_multiple_of(40) {
            let status =
                format!("{} polls, {} articles stored, {queued} queued since the start", watch.polls(), done.stored);
            notify(&[sd_notify::NotifyState::Watchdog, sd_notify::NotifyState::Status(&status)]);
        }
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

fn report(config: &Config, summary: &Summary, mode: Mode) -> Outcome {
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
    let feeds = config.feeds.len();
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
    if summary.failed_feeds.is_empty() && done.put_back == 0 { Outcome::Done } else { Outcome::SomeFailed }
}
