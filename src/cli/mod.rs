//! The command line: one file a command, its arguments and what it prints.
//!
//! Results go to stdout, logs and progress to stderr. Knows every module below, is known by none.

mod backfill;
mod backup;
mod bar;
mod check;
mod clean;
mod demo;
mod discover;
mod engine;
mod events;
mod export;
mod exporter;
mod feed;
mod feeds;
mod filters;
mod group;
mod json;
mod lines;
mod logging;
mod prune;
mod range;
mod reclean;
mod regroup;
mod run;
mod search;
mod service;
mod status;
mod story;
mod table;
mod tail;
mod timeline;
mod wording;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use url::Url;

use crate::config::{Config, Faults};
use crate::fetch;
use logging::Readers;

/// News ingestion: configured feeds in, event-grouped articles in one SQLite file out.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, propagate_version = true, after_help = AFTER_HELP)]
struct Cli {
    /// The configuration [default: config/dateline.toml, then /etc/dateline/dateline.toml]
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_name = "FILE",
        env = "DATELINE_CONFIG"
    )]
    config: Option<PathBuf>,
    /// What to log to stderr: error, warn, info, debug, trace, or a filter such as `info,dateline::fetch=debug`
    /// [default: warn where a progress bar shows how it goes, else info]
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_name = "LEVEL",
        env = "DATELINE_LOG_LEVEL"
    )]
    log_level: Option<String>,
    /// How to log
    #[arg(
        long,
        global = true,
        help_heading = "Options of every command",
        value_name = "FORMAT",
        env = "DATELINE_LOG",
        default_value = "auto"
    )]
    log: logging::Format,
    /// The database to read, instead of the one that the configuration names
    #[arg(long, global = true, help_heading = "Options of every command", value_name = "FILE")]
    database: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// What holds for every command.
#[derive(Debug)]
struct Settings {
    config: Option<PathBuf>,
    database: Option<PathBuf>,
    readers: Readers,
}

const AFTER_HELP: &str = "\
Start with `dateline demo` (no network, no configuration), then list your feeds in config/dateline.toml,
`dateline check` it and `dateline run --once`.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 finished with some failures, 78 bad configuration.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Poll, fetch, clean, group and store, until told to stop; or every feed once
    Run(run::Arguments),
    /// Old articles, once: everything published in a range, from archives, sitemaps, addresses
    Backfill(backfill::Arguments),
    /// Try it out: the real pipeline over a bundled fictional press, no network, no configuration
    Demo(demo::Arguments),
    /// Per feed: health, last success, next poll, errors in a row; the queue; the totals
    Status(status::Arguments),
    /// Read the configuration and print what is in force, or every fault at once
    Check(check::Arguments),
    /// Recent events with their articles, or one event with its timeline
    Events(events::Arguments),
    /// Full text search
    Search(search::Arguments),
    /// Clean the raw pages that are kept again with today's cleaner
    Reclean(reclean::Arguments),
    /// Take away the oldest articles, by age or by size
    Prune(prune::Arguments),
    /// Group what is stored anew with today's grouper
    Regroup(regroup::Arguments),
    /// A consistent copy of the database, while the daemon runs or not
    Backup(backup::Arguments),
    /// Follow what changes, as JSON lines
    Tail(tail::Arguments),
    /// Articles as JSON Lines, CSV or Parquet
    Export(export::Arguments),
    /// Find the feeds of a site, as ready `[[feeds]]` blocks
    Discover(discover::Arguments),
    /// Exchange lists of feeds as OPML: import, export
    Feeds(feeds::Arguments),
    /// Show what a feed announces, as one JSON object
    Feed(feed::Arguments),
    /// Clean one page, or many as JSON lines
    Clean(clean::Arguments),
    /// Group articles into events, or compare pairs, as JSON lines
    Group(group::Arguments),
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// All of it is done: exit 0.
    Done,
    /// Done, but for some that failed and were reported: exit 3.
    SomeFailed,
}

/// The command line as a value, for who writes manual pages and completions from it.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command that the arguments name and reports its end.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // A progress bar and log lines would write over each other.
    let shows_progress =
        io::stderr().is_terminal() && !matches!(&cli.command, Command::Run(arguments) if arguments.is_daemon());
    let usual = if shows_progress { "warn" } else { "info" };
    let readers = logging::start(cli.log_level.as_deref().unwrap_or(usual), cli.log);
    let settings = Settings { config: cli.config, database: cli.database, readers };
    let done = match cli.command {
        Command::Run(arguments) => run::run(&arguments, &settings),
        Command::Backfill(arguments) => backfill::run(&arguments, &settings),
        Command::Demo(arguments) => demo::run(&arguments, &settings),
        Command::Status(arguments) => status::run(&arguments, &settings),
        Command::Check(arguments) => check::run(&arguments, &settings),
        Command::Events(arguments) => events::run(&arguments, &settings),
        Command::Search(arguments) => search::run(&arguments, &settings),
        Command::Reclean(arguments) => reclean::run(&arguments, &settings),
        Command::Prune(arguments) => prune::run(&arguments, &settings),
        Command::Regroup(arguments) => regroup::run(&arguments, &settings),
        Command::Backup(arguments) => backup::run(&arguments, &settings),
        Command::Tail(arguments) => tail::run(&arguments, &settings),
        Command::Export(arguments) => export::run(&arguments, &settings),
        Command::Discover(arguments) => discover::run(&arguments, &settings),
        Command::Feeds(arguments) => feeds::run(&arguments, &settings),
        Command::Feed(arguments) => feed::run(&arguments, &settings),
        Command::Clean(arguments) => clean::run(&arguments, &settings),
        Command::Group(arguments) => group::run(&arguments),
    };
    logging::tell_all_that_was_held_back();
    match done {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(3),
        Err(error) => report(&error, readers),
    }
}

/// `EX_CONFIG` of sysexits.h: systemd does not restart a service that ends so.
const BAD_CONFIGURATION: u8 = 78;

/// The argument as an address to fetch, if it is one.
fn web_address(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

impl Settings {
    /// `[fetch]` of the configuration; where there is none and none was named, the defaults.
    fn fetch_options(&self) -> anyhow::Result<fetch::Options> {
        match Config::load(self.config.as_deref()) {
            Ok(config) => Ok(config.fetch),
            Err(faults) if self.config.is_none() && faults.file.as_os_str().is_empty() => Ok(fetch::Options::default()),
            Err(faults) => Err(faults.into()),
        }
    }

    /// The database that was named, else the configuration's.
    fn database(&self) -> anyhow::Result<PathBuf> {
        match &self.database {
            Some(database) => Ok(database.clone()),
            None => Ok(Config::load(self.config.as_deref())?.store.path),
        }
    }

    /// With fewer free bytes than this the daemon fetches nothing, if it is the configured one.
    fn min_free(&self) -> u64 {
        Config::load(self.config.as_deref()).map_or(0, |config| config.store.min_free)
    }
}

fn log_faults(faults: &Faults) {
    for fault in &faults.faults {
        tracing::error!(file = %faults.file.display(), %fault, "the configuration is faulty");
    }
}

fn report(error: &anyhow::Error, readers: Readers) -> ExitCode {
    // Whoever read the output has had enough: also where a writer wrapped that.
    let broken = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(broken) {
        return ExitCode::SUCCESS;
    }
    let faults = error.downcast_ref::<Faults>();
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    let told = chain.join(": ");
    match (readers, faults) {
        (Readers::People, _) => eprintln!("dateline: {told}"),
        (Readers::Programs, None) => tracing::error!(error = told, "dateline failed"),
        (Readers::Programs, Some(faults)) => log_faults(faults),
    }
    if faults.is_some() { ExitCode::from(BAD_CONFIGURATION) } else { ExitCode::FAILURE }
}
