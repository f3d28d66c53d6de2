//! `dateline backfill`: what publishers wrote in a range, once.

mod show;
mod status;

use std::collections::HashSet;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Outcome, Settings, engine};
use crate::archive::Range;
use crate::archive::listing::Pattern;
use crate::backfill::{self, Backfill, End, Feed, Ran, Request};
use crate::config::{self, Config};
use crate::store::{BackfillId, Begun, Reader};
use show::Summary;

/// Has old articles fetched, cleaned, grouped and stored: everything published in a range, from wherever it can be had.
///
/// Returns when its entries are stored or rejected. Stopped at any point (Ctrl-C, SIGTERM, kill -9), the same command goes on where it was and fetches no
/// stored page again. While the daemon runs it only announces and watches; without one it works the entries off itself.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// The first day (UTC, the whole of it), or the first moment: 2024-03-01, 2024-03-01T16:30:00Z
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// The last day or moment, itself included [default: now]
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Configured feeds, by name; may be repeated
    #[arg(long, value_name = "NAME", num_args = 1..)]
    feed: Vec<String>,
    /// A site that need not be configured, by its address; may be repeated
    #[arg(long, value_name = "URL")]
    site: Vec<String>,
    /// Where to look, in this order; may be repeated. auto: all but listing and wayback, which must be asked for
    #[arg(long, value_name = "SOURCE", value_delimiter = ',', default_value = "auto")]
    source: Vec<Source>,
    /// Lists of addresses, one a line (`-`: standard input), and WARC files (.warc, .warc.gz)
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Queue at most so many entries in this run; the same command goes on with the next
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// End after so long (90s, 15m, 24h, 7d); the same command goes on
    #[arg(long, value_name = "TIME", value_parser = config::duration)]
    max_time: Option<Duration>,
    /// End when so much was received (500MB, 2GiB); the same command goes on
    #[arg(long, value_name = "SIZE", value_parser = config::size)]
    max_bytes: Option<u64>,
    /// Ask a web archive too: the address below which it has `cdx/search/cdx` and `web/` [default: the Internet Archive, with --source wayback]
    #[arg(long, value_name = "URL")]
    wayback: Option<Url>,
    /// Read pages that list a day's articles too, such as <https://a.example/archive/{yyyy}/{mm}/{dd}>
    #[arg(long, value_name = "PATTERN")]
    listing: Option<Pattern>,
    /// Count what each source announces, estimate time and bytes, store nothing
    #[arg(long)]
    dry_run: bool,
    /// Progress and the summary as JSON lines
    #[arg(long)]
    json: bool,
    /// List backfills, past and present
    #[arg(long)]
    status: bool,
}

const AFTER_HELP: &str = "\
Examples:
  dateline backfill --since 2024-03-01 --until 2024-06-30 --feed rudaw
  dateline backfill --since 2024-03-01 --site https://www.example.org --dry-run
  dateline backfill --source urls < addresses.txt
  dateline backfill --since 2024-03-01 --source warc CC-NEWS-20240301.warc.gz
  dateline backfill --status

Exit codes: 0 done, 3 something failed or is left to do, and the summary says what.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Source {
    /// Files, then archive, wordpress, sitemap
    Auto,
    /// Archived and paged feeds (RFC 5005)
    Archive,
    /// The API of WordPress, else its paged feed
    Wordpress,
    /// Sitemaps, from robots.txt and the usual places
    Sitemap,
    /// Pages that list the articles of a day (with --listing)
    Listing,
    /// The index of a web archive
    Wayback,
    /// WARC files
    Warc,
    /// Lists of addresses
    Urls,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    if arguments.status {
        return status::run(&settings.database()?, arguments.json);
    }
    let mut config = Config::load_to_fetch(settings.config.as_deref())?;
    if let Some(database) = &settings.database {
        config.store.path.clone_from(database);
    }
    let request = request(arguments);
    let options = options(&config, arguments);
    let client = engine::client(config.fetch.clone())?;
    let runtime = engine::runtime()?;
    let outcome = runtime.block_on(async {
        let stop = CancellationToken::new();
        let signals = tokio::spawn(stop_on_signal(stop.clone()));
        let outcome = if arguments.dry_run {
            let pause = client.pause();
            let plan = backfill::plan(&request, client, options, stop).await?;
            show::plan(&plan, pause, arguments.json)
        } else {
            fill(&request, client, options, stop, arguments.json).await
        };
        signals.abort();
        outcome
    });
    // A thread that reads a pipe may never come back.
    runtime.shutdown_background();
    outcome
}

async fn fill(
    request: &Request,
    client: crate::fetch::Client,
    options: backfill::Options,
    stop: CancellationToken,
    json: bool,
) -> anyhow::Result<Outcome> {
    let db = options.pipeline.db.clone();
    let pause = client.pause();
    let backfill = Backfill::begin(request, client, options)?;
    let id = backfill.id();
    if backfill.begun() == Begun::Again {
        tracing::info!(backfill = id.0, "an unfinished backfill goes on");
    }
    let shown = CancellationToken::new();
    let showing = tokio::spawn(show::progress(Reader::open(&db)?, id, pause, json, shown.clone()));
    let ended = backfill.run(stop).await;
    shown.cancel();
    showing.await.ok();
    summary(&Reader::open(&db)?, id, ended?, json)
}

fn summary(reader: &Reader, id: BackfillId, ran: Ran, json: bool) -> anyhow::Result<Outcome> {
    let Ran { end, grouped } = ran;
    let row = reader.backfill(id)?;
    let failed = reader.failed_documents(id)?;
    let owed_days = reader.owed_days()?;
    // Whoever stops it waits for its end: reasons of millions of entries can be had from `entries`.
    let rejections =
        if row.rejected == 0 || end == End::Stopped { Vec::new() } else { reader.backfill_rejections(id)? };
    let summary = Summary { row: &row, failed: &failed, rejections: &rejections, end, grouped, owed_days };
    if json {
        writeln!(std::io::stdout().lock(), "{}", show::summary_json(&summary))?;
    } else {
        write!(std::io::stderr().lock(), "{}", show::summary_text(&summary))?;
    }
    let nothing_failed = failed.is_empty() && rejections.iter().all(|kind| !kind.failed);
    let is_done = matches!(end, End::Done | End::Limit) && row.waiting == 0;
    Ok(if is_done && nothing_failed { Outcome::Done } else { Outcome::SomeFailed })
}

async fn stop_on_signal(stop: CancellationToken) {
    let Ok(mut signals) = engine::Signals::new() else { return };
    while signals.next().await != engine::Signal::Stop {}
    tracing::info!(
        "stopping: what is in flight may finish for some seconds; the same command goes on where this one was"
    );
    stop.cancel();
}

fn request(arguments: &Arguments) -> Request {
    let sources = &arguments.source;
    let is_named = |source| sources.contains(&source);
    let (mut addresses, mut warcs) = (Vec::new(), Vec::new());
    for file in &arguments.files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let is_warc = is_named(Source::Warc)
            || name.trim_end_matches(".gz").rsplit_once('.').is_some_and(|(_, kind)| kind == "warc");
        if is_warc && !is_named(Source::Urls) { warcs.push(file.clone()) } else { addresses.push(file.clone()) }
    }
    let nobody = arguments.feed.is_empty() && arguments.site.is_empty();
    if is_named(Source::Warc) && warcs.is_empty() {
        wrong_usage("`--source warc` reads files; name some");
    }
    if addresses.is_empty() && (is_named(Source::Urls) || (nobody && warcs.is_empty())) {
        if !is_named(Source::Urls) && std::io::stdin().is_terminal() {
            wrong_usage("whose articles? name a feed (--feed), a site (--site), or give addresses, one a line");
        }
        addresses.push(PathBuf::from("-"));
    }
    if arguments.since.is_none() && !nobody {
        wrong_usage("since when? `--since DATE`; all that a site ever published would be fetched without");
    }
    let mut sites = Vec::new();
    for site in &arguments.site {
        let text = if site.contains("://") { site.clone() } else { format!("https://{site}") };
        match super::web_address(&text).and_then(|url| url.join("/").ok()) {
            Some(url) => sites.push(url),
            None => wrong_usage(&format!("`{site}` is not an http or https address")),
        }
    }
    #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
    let now = Timestamp::now();
    Request {
        range: Range::parse(arguments.since.as_deref(), arguments.until.as_deref(), now)
            .unwrap_or_else(|error| wrong_usage(&error.to_string())),
        given: (arguments.since.clone(), arguments.until.clone()),
        feeds: arguments.feed.clone(),
        sites,
        sources: wanted(arguments),
        addresses,
        warcs,
        listing: arguments.listing.clone(),
        wayback: arguments.wayback.clone(),
    }
}

/// Ends with exit code 2, as other wrong usage does.
fn wrong_usage(message: &str) -> ! {
    clap::Error::raw(ErrorKind::ValueValidation, format!("{message}\n")).exit()
}

/// The sources that are asked, in the order in which they were named.
fn wanted(arguments: &Arguments) -> Vec<backfill::Source> {
    use backfill::Source as Wanted;
    let mut wanted = Vec::new();
    for source in &arguments.source {
        match source {
            Source::Auto => wanted.extend([Wanted::Archive, Wanted::Wordpress, Wanted::Sitemap]),
            Source::Archive => wanted.push(Wanted::Archive),
            Source::Wordpress => wanted.push(Wanted::Wordpress),
            Source::Sitemap => wanted.push(Wanted::Sitemap),
            Source::Listing => wanted.push(Wanted::Listing),
            Source::Wayback => wanted.push(Wanted::Wayback),
            Source::Warc | Source::Urls => {}
        }
    }
    if arguments.listing.is_some() {
        wanted.push(Wanted::Listing);
    }
    if arguments.wayback.is_some() {
        wanted.push(Wanted::Wayback);
    }
    let mut seen = HashSet::new();
    wanted.retain(|source| seen.insert(*source));
    wanted
}

fn options(config: &Config, arguments: &Arguments) -> backfill::Options {
    let feeds = engine::sources(config)
        .into_iter()
        .map(|source| Feed { name: source.name, url: source.url, rules: source.rules, filter: source.filter })
        .collect();
    backfill::Options {
        pipeline: engine::options(config).pipeline,
        feeds,
        limit: arguments.limit,
        min_free: config.store.min_free,
        max_time: arguments.max_time,
        max_bytes: arguments.max_bytes,
    }
}
