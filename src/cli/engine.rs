//! What the commands that run the pipeline have in common: the runtime, the configuration as the modules below want it, the signals.

use anyhow::Context;
use tokio::signal::unix::{Signal as Listener, SignalKind, signal};

use crate::config::{Config, Content, Feed};
use crate::daemon::{self, Source};
use crate::fetch::{self, Client};
use crate::pipeline::{self, FeedRules, TextIn};

pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")
}

pub(super) fn client(options: fetch::Options) -> anyhow::Result<Client> {
    Client::new(options).context("cannot fetch")
}

pub(super) fn sources(config: &Config) -> Vec<Source> {
    config.feeds.iter().map(source).collect()
}

fn source(feed: &Feed) -> Source {
    let text = match feed.content {
        Content::Page => TextIn::Page,
        Content::Feed => TextIn::Announcement,
    };
    Source {
        name: feed.name.clone(),
        url: feed.url.clone(),
        interval: feed.interval,
        rules: FeedRules {
            headers: feed.headers.clone(),
            timezone: feed.timezone.clone(),
            language: feed.language.clone(),
            text,
        },
        filter: feed.filter.clone(),
    }
}

pub(super) fn options(config: &Config) -> daemon::Options {
    daemon::Options {
        pipeline: pipeline::Options {
            db: config.store.path.clone(),
            keep_html: config.store.keep_html,
            group: config.group,
            clean: crate::clean::Options::default(),
            max_interval: config.schedule.max_interval,
            rechecks: config.rechecks.clone(),
            retention: config.store.retention,
            stages: pipeline::Stages::default(),
        },
        schedule: config.schedule,
        min_free: config.store.min_free,
    }
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// SIGTERM or SIGINT.
    Stop,
    /// SIGHUP.
    Reload,
}

/// The signals that a run listens for.
pub(super) struct Signals {
    terminate: Listener,
    interrupt: Listener,
    hangup: Listener,
}

impl Signals {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.interrupt.recv() => Signal::Stop,
            _ = self.hangup.recv() => Signal::Reload,
        }
    }
}
