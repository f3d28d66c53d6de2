//! `dateline status`: is it running, is it keeping up, which feeds are ill and why.

use std::io::Write;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::table::{Table, ago};
use super::{Outcome, Settings};
use crate::store::{FeedRow, Lock, Reader};

/// Health of each feed, the queue and the totals, at one look.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// JSON: `{database, running, pid, totals, feeds}`
    #[arg(long)]
    json: bool,
    /// Only this feed
    #[arg(long, value_name = "NAME")]
    feed: Option<String>,
}

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let path = settings.database()?;
    let reader = Reader::open(&path)?;
    #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
    let now = Timestamp::now();
    let totals = reader.totals(now)?;
    let mut feeds = reader.feeds()?;
    if let Some(name) = &arguments.feed {
        feeds.retain(|feed| feed.name == *name);
        anyhow::ensure!(!feeds.is_empty(), "no feed `{name}`; `dateline status` lists them");
    }
    let pid = Lock::holder(&path);
    let mut output = std::io::stdout().lock();
    if arguments.json {
        let status =
            json!({ "database": path, "running": pid.is_some(), "pid": pid, "totals": totals, "feeds": feeds });
        writeln!(output, "{}", serde_json::to_string_pretty(&status)?)?;
        return Ok(Outcome::Done);
    }
    match &pid {
        Some(pid) => writeln!(output, "running (process {pid}) on {}", path.display())?,
        None => writeln!(output, "not running; database {}", path.display())?,
    }
    writeln!(
        output,
        "articles {} ({} copies) in {} events; {} in the last hour, {} in the last day",
        totals.articles, totals.duplicates, totals.events, totals.articles_last_hour, totals.articles_last_day
    )?;
    let waiting = totals
        .oldest_queued_at
        .as_deref()
        .map(|at| format!(", the oldest announced {}", ago(Some(at), now)))
        .unwrap_or_default();
    writeln!(
        output,
        "queue: {} entries, {} due{waiting}; {} rejected so far\n",
        totals.queued, totals.due, totals.rejected
    )?;
    write!(output, "{}", table(&feeds, now))?;
    Ok(Outcome::Done)
}

fn table(feeds: &[FeedRow], now: Timestamp) -> Table {
    let mut table = Table::new(&["FEED", "STATE", "LAST SUCCESS", "NEXT POLL", "FAILED", "ARTICLES", "LAST ERROR"]);
    for feed in feeds {
        let cells = [
            feed.name.as_str(),
            &feed.state,
            &ago(feed.last_success_at.as_deref(), now),
            &feed.next_poll_at.as_deref().map_or_else(|| "-".to_owned(), |at| ago(Some(at), now)),
            &feed.failures_in_row.to_string(),
            &feed.articles.to_string(),
            feed.last_error.as_deref().unwrap_or(""),
        ];
        table.row(&cells, 90);
    }
    table
}
