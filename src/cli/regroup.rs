//! `dateline regroup`: today's grouper over what is stored.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::table::fit;
use super::{Outcome, Settings, bar, json};
use crate::config::Config;
use crate::group;
use crate::store::{Lock, Reader, Writer};
use crate::upkeep::{self, Regrouped};

/// Groups every stored article anew, in the order in which they were published, and puts the result in place at once.
///
/// An event keeps its number where most of its articles stay together; what becomes part of another keeps its row with `merged_into`. Stopped before its
/// end, nothing has happened to the events, and the same command goes on where it was. Needs the daemon stopped; a dry run does not.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Change nothing, say what would change; works beside a running daemon
    #[arg(long)]
    dry_run: bool,
    /// Begin with the first article, though an earlier run was stopped on its way
    #[arg(long)]
    restart: bool,
    /// How many moves to name
    #[arg(long, default_value_t = 10, value_name = "N")]
    samples: usize,
    /// JSON: `{applied, difference, moves, broken, resumed_after}`
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let (db, options) = match &settings.database {
        // A database by itself, without a configuration, is grouped as the defaults have it.
        Some(db) if settings.config.is_none() => (db.clone(), group::Options::default()),
        _ => (settings.database()?, Config::load(settings.config.as_deref())?.group),
    };
    let bar = bar::of_things("articles");
    let show = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let regrouped = if arguments.dry_run {
        let reader = Reader::open(&db)?;
        upkeep::regroup(&reader.regrouping()?, options, arguments.samples, show)?
    } else {
        // Looked for before the writer, which would make a database.
        drop(Reader::open(&db)?);
        let _lock = Lock::take(&db)?;
        let mut writer = Writer::open(&db)?;
        if arguments.restart {
            writer.forget_regrouping()?;
        }
        let collecting = writer.regrouping(&upkeep::made_by(options))?;
        let regrouped = upkeep::regroup(&collecting, options, arguments.samples, show)?;
        collecting.done()?;
        #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
        let now = jiff::Timestamp::now();
        upkeep::apply(&mut writer, now)?;
        writer.checkpoint()?;
        regrouped
    };
    bar.finish_and_clear();
    print(arguments, &regrouped)?;
    Ok(if regrouped.broken == 0 { Outcome::Done } else { Outcome::SomeFailed })
}

fn print(arguments: &Arguments, regrouped: &Regrouped) -> anyhow::Result<()> {
    let Regrouped { difference, moves, broken, resumed_after } = regrouped;
    let mut output = std::io::stdout().lock();
    if arguments.json {
        let report = json!({
            "applied": !arguments.dry_run, "difference": difference, "moves": moves, "broken": broken, "resumed_after": resumed_after
        });
        writeln!(output, "{}", json::pretty(&report)?)?;
        return Ok(());
    }
    if let Some(resumed_after) = resumed_after {
        writeln!(output, "went on after {resumed_after} articles, where an earlier run was stopped")?;
    }
    let (verb, tense) = if arguments.dry_run { ("would move", "would") } else { ("moved", "did") };
    writeln!(
        output,
        "{} articles: {} events before, {} after ({} new, {} merged into others); {} articles {verb}, {} {tense} change what they are a copy of; \
         {} signatures made anew",
        difference.articles,
        difference.events_before,
        difference.events_after,
        difference.events_new,
        difference.events_merged,
        difference.moved,
        difference.recopied,
        difference.signed_anew
    )?;
    if *broken > 0 {
        writeln!(output, "{broken} articles broke the grouper and are events of their own")?;
    }
    let title = |title: &Option<String>| fit(title.as_deref().unwrap_or("(no title)"), 80);
    for moved in moves {
        writeln!(output, "  article {} {}", moved.article, title(&moved.title))?;
        writeln!(output, "    from event {} {}", moved.from, title(&moved.from_title))?;
        match moved.to {
            Some(to) => writeln!(output, "    to event {to} {}", title(&moved.to_title))?,
            None => writeln!(output, "    to a new event {}", title(&moved.to_title))?,
        }
    }
    Ok(())
}
