//! The command line: one file a command, its arguments and what it prints.
//!
//! Results go to stdout, logs and progress to stderr. Knows every module below, is known by none.

mod clean;
mod group;
mod lines;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// News ingestion: configured feeds in, event-grouped articles in one SQLite file out.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, propagate_version = true, after_help = AFTER_HELP)]
struct Cli {
    /// The configuration [default: config/dateline.toml, then /etc/dateline/dateline.toml]
    #[arg(long, global = true, value_name = "FILE", env = "DATELINE_CONFIG")]
    config: Option<PathBuf>,
    /// What to log to stderr: error, warn, info, debug, trace, or a filter such as `info,dateline::fetch=debug`
    #[arg(
        long,
        global = true,
        value_name = "LEVEL",
        env = "DATELINE_LOG_LEVEL",
        default_value = "info",
        hide_default_value = true
    )]
    log_level: String,
    /// How to log
    #[arg(long, global = true, value_name = "FORMAT", env = "DATELINE_LOG", default_value = "text")]
    log: LogFormat,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Start with `dateline demo` (no network, no configuration), then list your feeds in config/dateline.toml,
`dateline check` it and `dateline run --once`.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 finished with some failures, 78 bad configuration.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    /// One readable line an event
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
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

/// Runs the command that the arguments name and reports its end.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(&cli.log_level, cli.log);
    let done = match cli.command {
        Command::Clean(arguments) => clean::run(&arguments),
        Command::Group(arguments) => group::run(&arguments),
    };
    match done {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(3),
        Err(error) => report(&error),
    }
}

fn report(error: &anyhow::Error) -> ExitCode {
    if let Some(broken) = error.downcast_ref::<io::Error>()
        && broken.kind() == io::ErrorKind::BrokenPipe
    {
        return ExitCode::SUCCESS;
    }
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    eprintln!("dateline: {}", chain.join(": "));
    ExitCode::FAILURE
}

fn start_logging(level: &str, format: LogFormat) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false);
    match format {
        LogFormat::Json => builder.json().flatten_event(true).init(),
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal()).init(),
    }
}
