//! `dateline demo`: the real pipeline over a bundled press.

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Outcome, Settings, engine, json, run, story, table};
use crate::daemon::{Daemon, Mode, Options, Source, Summary};
use crate::demo::Press;
use crate::fetch::{self, Resolver};
use crate::filter::Filter;
use crate::pipeline::{self, FeedRules};
use crate::store::{self, Lock, Reader, Totals, Writer};
use crate::{clean, group, schedule};

/// No network, no configuration: serves a bundled fictional press on loopback, runs the real pipeline over it and prints the events found.
///
/// Writes `dateline-demo.db` here, or what --database names; the database of an earlier demo is replaced, any other is kept.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// JSON: a list of events
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let database = settings.database.clone().unwrap_or_else(|| PathBuf::from("dateline-demo.db"));
    clear(&database)?;
    let summary = engine::runtime()?.block_on(ingest(&database))?;
    let reader = Reader::open(&database)?;
    let events = reader.events(1_000)?;
    #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
    let now = jiff::Timestamp::now();
    let totals = reader.totals(now)?;
    let mut output = std::io::stdout().lock();
    if arguments.json {
        writeln!(output, "{}", json::pretty(&events)?)?;
    } else {
        for event in &events {
            writeln!(output, "{}", story::summary(event, 12, now, table::width()))?;
        }
        write!(output, "{}", closing(&database, &totals, &reader.rejected(20)?))?;
    }
    for (feed, error) in &summary.failed_feeds {
        eprintln!("{feed}: {error}");
    }
    Ok(if summary.failed_feeds.is_empty() && summary.done.put_back == 0 { Outcome::Done } else { Outcome::SomeFailed })
}

fn closing(database: &Path, totals: &Totals, rejected: &[(String, String)]) -> String {
    use std::fmt::Write;
    let database = database.display();
    let mut text =
        format!("{} articles, {} of them copies, in {} events\n", totals.articles, totals.duplicates, totals.events);
    for (url, reason) in rejected {
        let _ = writeln!(text, "rejected: {url}: {reason}");
    }
    let _ = write!(
        text,
        "\nThe database: {database}\n\nTry next:\n  \
         dateline events --database {database}\n  \
         dateline search --database {database} earthquake\n  \
         sqlite3 {database} \"SELECT publisher, title FROM articles WHERE event_id = (SELECT id FROM events ORDER BY publisher_count DESC LIMIT 1)\"\n  \
         then your own feeds: edit config/dateline.toml, `dateline check`, `dateline run --once`\n"
    );
    text
}

/// Makes room for a new database, but never in place of anything a demo did not write.
fn clear(database: &Path) -> anyhow::Result<()> {
    if !database.exists() {
        return Ok(());
    }
    let _lock = Lock::take(database)?;
    let reader = Reader::open(database)
        .with_context(|| format!("`{}` exists and is kept; name another file with --database", database.display()))?;
    if !reader.feeds()?.iter().all(|feed| {
        Url::parse(&feed.url).is_ok_and(|url| url.host_str().is_some_and(|host| host.ends_with(".example")))
    }) {
        bail!("`{}` holds feeds of your own and is kept; name another file with --database", database.display());
    }
    drop(reader);
    store::remove_database(database).with_context(|| format!("cannot replace `{}`", database.display()))
}

async fn ingest(database: &Path) -> anyhow::Result<Summary> {
    let press = Press::serve().await.context("cannot serve the press on loopback")?;
    let address = press.address();
    let hosts: HashSet<String> = press.hosts().iter().cloned().collect();
    let fetch = fetch::Options {
        per_host_delay: Duration::ZERO,
        allow_networks: vec!["127.0.0.1/32".parse().context("a network")?],
        resolver: Some(Resolver::new(move |host| hosts.contains(host).then(|| vec![address]))),
        ..fetch::Options::default()
    };
    let sources = press.feeds().iter().map(source).collect::<anyhow::Result<Vec<Source>>>()?;
    let options = Options {
        pipeline: pipeline::Options {
            db: database.to_owned(),
            keep_html: Duration::ZERO,
            group: group::Options::default(),
            clean: clean::Options::default(),
            max_interval: Duration::from_secs(86_400),
            rechecks: crate::schedule::Rechecks::default(),
            retention: crate::store::Retention::default(),
            stages: pipeline::Stages::default(),
        },
        schedule: schedule::Options::default(),
        min_free: 0,
    };
    eprintln!("serving {} feeds of a fictional press on {address}", sources.len());
    let _lock = Lock::take(database)?;
    let daemon = Daemon::new(Writer::open(database)?, sources, engine::client(fetch)?, options, Mode::Once)?;
    let stop = CancellationToken::new();
    let shown = tokio::spawn(run::show(daemon.watch(), stop.clone()));
    let mut signals = engine::Signals::new().context("cannot listen for signals")?;
    let interrupted = stop.clone();
    let interrupt = tokio::spawn(async move {
        signals.next().await;
        interrupted.cancel();
    });
    let summary = daemon.run(Mode::Once, stop.clone()).await?;
    interrupt.abort();
    stop.cancel();
    shown.await.ok();
    Ok(summary)
}

fn source(feed: &crate::demo::DemoFeed) -> anyhow::Result<Source> {
    let timezone = feed.timezone.as_deref().map(jiff::tz::TimeZone::get).transpose()?;
    Ok(Source {
        name: feed.name.clone(),
        url: Url::parse(&feed.url)?,
        interval: None,
        rules: FeedRules { timezone, ..FeedRules::default() },
        filter: Filter::default(),
    })
}
