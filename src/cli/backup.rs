//! `dateline backup`: a consistent copy while the daemon runs.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{Outcome, Settings, bar};
use crate::store::{self, Existing, size_text};

/// Copies the database as it is at this moment into one file that is complete by itself, beside a running daemon or without one.
///
/// The copy is checked and appears under its name only when it is whole and on disk.
#[derive(Debug, Args)]
#[command(
    after_help = "To restore: stop the daemon, move the database and its -wal and -shm away, put the copy in its place.\n\
    Example: dateline backup /backup/news-$(date +%F).db"
)]
pub(super) struct Arguments {
    /// The copy
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
    /// Copy the raw pages too (`keep_html`), into FILE.pages.db; they only serve `dateline reclean` and are several times larger
    #[arg(long)]
    pages: bool,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let db = settings.database()?;
    let existing = if arguments.force { Existing::Replace } else { Existing::Refuse };
    let bar = bar::of_bytes();
    let show = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    // The pages first: so none is of an article that the copy of the database does not know, and whose id another would get.
    let pages = if arguments.pages { store::backup_pages(&db, &arguments.file, existing, show)? } else { None };
    let bytes = store::backup(&db, &arguments.file, existing, show)?;
    bar.finish_and_clear();
    let mut output = std::io::stdout().lock();
    writeln!(output, "{}: {}, checked", arguments.file.display(), size_text(bytes))?;
    if let Some((file, bytes)) = pages {
        writeln!(output, "{}: {}, checked", file.display(), size_text(bytes))?;
    }
    Ok(Outcome::Done)
}
