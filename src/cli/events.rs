//! `dateline events`: what happened, and who told of it.

use std::io::Write as _;

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;

use super::story;
use super::table::{Style, width};
use super::timeline::Timeline;
use super::{Outcome, Settings, json};
use crate::store::Reader;

/// Recent events, newest first, with their articles; or one event: its timeline, who told it first, who copied whom, how the headlines differ.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The number of one event
    #[arg(value_name = "ID")]
    id: Option<i64>,
    /// With ID: say of each article why it is in the event, against the one that gives the title
    #[arg(long, requires = "id", conflicts_with = "json")]
    explain: bool,
    /// How many events
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// JSON: a list of events with their articles, or one event with its `timeline` too
    #[arg(long)]
    json: bool,
}

/// Articles of an event that the list shows.
const SHOWN: usize = 6;

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let reader = Reader::open(&settings.database()?)?;
    let mut output = std::io::stdout().lock();
    #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
    let now = Timestamp::now();
    let Some(id) = arguments.id else {
        let events = reader.events(arguments.limit)?;
        if arguments.json {
            writeln!(output, "{}", json::pretty(&events)?)?;
        } else if events.is_empty() {
            writeln!(output, "no events yet; `dateline run` collects them, `dateline status` says how it goes")?;
        } else {
            for event in &events {
                writeln!(output, "{}", story::summary(event, SHOWN, now, width()))?;
            }
        }
        return Ok(Outcome::Done);
    };
    let Some(page) = reader.event(id)? else { bail!("no event {id}; `dateline events` lists them") };
    let earlier = reader.earlier_titles(page.event.id)?;
    let timeline = Timeline::of(&page, &earlier);
    if arguments.json {
        writeln!(output, "{}", json::pretty(&timeline)?)?;
        return Ok(Outcome::Done);
    }
    write!(output, "{}", story::page(&timeline, id, now, width(), Style::of_stdout()))?;
    if arguments.explain {
        write!(output, "{}", story::reasons(&page))?;
    }
    Ok(Outcome::Done)
}
