//! `dateline tail`: what changes, as JSON lines.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use clap::{Args, ValueEnum};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Outcome, Settings, json};
use crate::store::{ChangeRow, Error, Kind, Reader};

/// Changes as JSON lines, oldest first: `{seq, at, kind, id, action, article}` or `{…, event}`.
///
/// The record is what the database holds now, null where it was pruned. Keep the largest `seq` you have dealt with and give it to --after to go on
/// there: no change ever appears below it.
#[derive(Debug, Args)]
#[command(after_help = "Example: dateline tail --after 1200 --follow --kind article | jq -r .article.title")]
pub(super) struct Arguments {
    /// The last change already seen; 0 begins at the beginning
    #[arg(long, default_value_t = 0, value_name = "SEQ", value_parser = clap::value_parser!(i64).range(0..))]
    after: i64,
    /// Stay and print what changes from now on too
    #[arg(long)]
    follow: bool,
    /// Only changes of these
    #[arg(long, value_name = "KIND")]
    kind: Option<Records>,
    /// End after so many changes
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Records {
    /// Articles
    Article,
    /// Events
    Event,
}

/// How often a follower looks whether somebody committed. A look takes some 10 µs, so that five a second are no load, and a change is told
/// a tenth of a second after its commit on average.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Changes looked at in one transaction: an article is some kilobytes, so this is a megabyte.
const BATCH: usize = 200;

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let path = settings.database()?;
    let kind = match arguments.kind {
        None => Kind::Any,
        Some(Records::Article) => Kind::Article,
        Some(Records::Event) => Kind::Event,
    };
    let mut left = arguments.limit.unwrap_or(usize::MAX);
    let mut position = Position { after: arguments.after, seen: None };
    let Some(mut reader) = open(&path, |error| arguments.follow && matches!(error, Error::Missing { .. }))? else {
        return Ok(Outcome::Done);
    };
    position.check(&reader, &path)?;
    let mut output = io::stdout().lock();
    while left > 0 {
        let version = reader.data_version()?;
        let changes = reader.changes_after(position.after, kind, BATCH)?;
        // Numbers follow each other without gaps, but for the head that pruning takes away.
        if let Some(first) = changes.first.filter(|first| position.after > 0 && *first > position.after + 1) {
            tracing::warn!(
                after = position.after,
                next = first,
                "changes after the last one seen were pruned, with the articles that they were about; the next one follows"
            );
        }
        for change in changes.wanted.iter().take(left) {
            // A whole line in one write, end and all, which stdout hands on at once: who reads never waits for half of one.
            output.write_all(json::line(change)?.as_bytes())?;
        }
        left = left.saturating_sub(changes.wanted.len());
        if let Some(last) = changes.last {
            position = Position { after: last.seq, seen: Some(last) };
        } else if !arguments.follow {
            break;
        } else {
            match wait(&reader, version)? {
                Wake::Committed => {}
                Wake::ReaderGone => break,
                Wake::Replaced => {
                    // What is put in its place may be on its way still.
                    let Some(another) =
                        open(&path, |error| matches!(error, Error::Missing { .. } | Error::Open { .. }))?
                    else {
                        break;
                    };
                    reader = another;
                }
            }
            position.check(&reader, &path)?;
        }
    }
    output.flush()?;
    Ok(Outcome::Done)
}

/// How far this follower came.
struct Position {
    after: i64,
    /// The change itself, by which another database is told from a copy of the same one.
    seen: Option<ChangeRow>,
}

impl Position {
    /// Whether the database at `path` is the one that the position is in.
    fn check(&self, reader: &Reader, path: &Path) -> anyhow::Result<()> {
        let highest = reader.highest_seq()?;
        let differs = match (&self.seen, reader.change(self.after)?) {
            (Some(seen), Some(found)) => *seen != found,
            _ => false,
        };
        if highest < self.after || differs {
            bail!(
                "`{}` is another database, or an older copy: its last change is {highest}, and {} is not the one that was seen; \
                 start over with --after 0",
                path.display(),
                self.after
            );
        }
        Ok(())
    }
}

/// The database, as soon as there is one: what is wrong is waited out where `passes` says that it may pass. `None` when whoever reads has gone meanwhile.
fn open(path: &Path, passes: impl Fn(&Error) -> bool) -> anyhow::Result<Option<Reader>> {
    let mut told = false;
    loop {
        match Reader::open(path) {
            Err(error) if passes(&error) => {
                if !told {
                    tracing::warn!(database = %path.display(), %error, "there is no database yet; waiting for it");
                    told = true;
                }
                if sleep()? == Wake::ReaderGone {
                    return Ok(None);
                }
            }
            opened => return Ok(Some(opened?)),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wake {
    Committed,
    Replaced,
    ReaderGone,
}

/// Until somebody committed after `version`, the file is another one, or nobody reads what is printed.
fn wait(reader: &Reader, version: i64) -> anyhow::Result<Wake> {
    loop {
        if reader.data_version()? != version {
            return Ok(Wake::Committed);
        }
        if reader.is_replaced() {
            return Ok(Wake::Replaced);
        }
        if sleep()? == Wake::ReaderGone {
            return Ok(Wake::ReaderGone);
        }
    }
}

/// Sleeps between two looks; ends early, with [`Wake::ReaderGone`], when the other end of stdout is closed.
fn sleep() -> io::Result<Wake> {
    let output = io::stdout();
    let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(LOOK_EVERY.subsec_nanos()) };
    let mut watched = [PollFd::new(&output, PollFlags::empty())];
    match poll(&mut watched, Some(&timeout)) {
        Ok(_) if watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP) => Ok(Wake::ReaderGone),
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(Wake::Committed),
        Err(error) => Err(error.into()),
    }
}
