//! `dateline prune`: retention by hand.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Outcome, Settings, bar, json};
use crate::config::{self, Config};
use crate::store::{Lock, Pages, Pruned, Reader, Retention, Writer, size_text};

/// Takes away the oldest articles: those stored longer ago than an age, and as many as it takes to bring the database down to a size.
///
/// Without options, what `[store] keep_articles` and `max_size` say; the daemon does that once a day by itself. What was pruned is not fetched again.
/// Events without articles go with them. Old raw pages go as `keep_html` says. Needs the daemon stopped; a dry run does not.
#[derive(Debug, Args)]
#[command(after_help = "Example: dateline prune --older-than 180d --max-size 10GB --dry-run")]
pub(super) struct Arguments {
    /// Articles stored longer ago than this go, e.g. 180d
    #[arg(long, value_name = "AGE", value_parser = config::duration)]
    older_than: Option<Duration>,
    /// The oldest articles go while the database uses more than this, e.g. 10GB
    #[arg(long, value_name = "SIZE", value_parser = config::size)]
    max_size: Option<u64>,
    /// Take away nothing, say how much would go (by size, an estimate); works beside a running daemon
    #[arg(long)]
    dry_run: bool,
    /// Write the whole file anew afterwards: for databases of schema 4 and before, which cannot get smaller otherwise; needs twice their size on disk
    #[arg(long)]
    vacuum: bool,
    /// JSON: `{applied, articles, events, bytes_before, bytes_after}`
    #[arg(long)]
    json: bool,
}

/// Articles taken away in one transaction.
const STEP: usize = 200;

/// Pages given back to the system at once.
const SHRINK: u32 = 2_000;

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let db = settings.database()?;
    let configured = match &settings.database {
        Some(_) if settings.config.is_none() => None,
        _ => Some(Config::load(settings.config.as_deref())?.store),
    };
    let retention = if arguments.older_than.is_some() || arguments.max_size.is_some() {
        Retention { age: arguments.older_than, size: arguments.max_size }
    } else {
        configured.as_ref().map(|store| store.retention).unwrap_or_default()
    };
    let nothing = configured.is_none() && retention.is_unlimited() && !arguments.vacuum;
    anyhow::ensure!(!nothing, "nothing says what is to go; give --older-than or --max-size");
    #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
    let now = Timestamp::now();
    let reader = Reader::open(&db)?;
    let bytes_before = std::fs::metadata(&db)?.len();
    let expected = reader.prunable(&retention, now)?;
    if arguments.dry_run {
        print(arguments, &expected, bytes_before, bytes_before)?;
        return Ok(Outcome::Done);
    }
    drop(reader);
    let _lock = Lock::take(&db)?;
    let mut writer = Writer::open(&db)?;
    let pages = if Pages::path(&db).exists() { Some(Pages::open(&db)?) } else { None };
    let bar = bar::of_things("articles");
    bar.set_length(expected.articles);
    let mut done = Pruned::default();
    loop {
        let step = writer.prune(&retention, now, STEP)?;
        // What it frees counts for the size that is wanted.
        while writer.merge_full_text()? {}
        if let Some(pages) = &pages {
            pages.forget(&step.gone)?;
        }
        done.articles += step.articles;
        done.events += step.events;
        bar.set_position(done.articles);
        if !step.unfinished {
            break;
        }
    }
    if let (Some(pages), Some(store)) = (&pages, &configured)
        && let Some(limit) = SignedDuration::try_from(store.keep_html).ok().and_then(|keep| now.checked_sub(keep).ok())
    {
        pages.prune(limit)?;
    }
    if arguments.vacuum {
        writer.vacuum()?;
    }
    let mut free = writer.shrink(SHRINK)?;
    loop {
        let left = writer.shrink(SHRINK)?;
        if left >= free {
            break;
        }
        free = left;
    }
    writer.checkpoint()?;
    bar.finish_and_clear();
    print(arguments, &done, bytes_before, std::fs::metadata(&db)?.len())?;
    Ok(Outcome::Done)
}

fn print(arguments: &Arguments, pruned: &Pruned, before: u64, after: u64) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    if arguments.json {
        let report = json!({
            "applied": !arguments.dry_run, "articles": pruned.articles, "events": pruned.events,
            "bytes_before": before, "bytes_after": after,
        });
        writeln!(output, "{}", json::pretty(&report)?)?;
    } else if arguments.dry_run {
        writeln!(
            output,
            "{} articles and {} events would go; the database has {}",
            pruned.articles,
            pruned.events,
            size_text(before)
        )?;
    } else {
        writeln!(
            output,
            "{} articles and {} events went; the database had {}, has {}",
            pruned.articles,
            pruned.events,
            size_text(before),
            size_text(after)
        )?;
    }
    Ok(())
}
