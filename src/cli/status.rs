//! `dateline status`: is it running, is it keeping up, which feeds are ill and why, what came in, how full is the disk.

use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::table::{Table, ago, fit};
use super::{Outcome, Settings, json};
use crate::health::{self, Problem};
use crate::store::{FeedRow, Intake, Lock, PastPoll, Reader, Totals, Vitals, free_bytes, size_text};

/// Is it running, is it keeping up, which feeds are ill and why, what came in, how full is the disk.
///
/// For a monitor: exit 3 where somebody should look. All: feeds are overdue by 15 minutes and more (nothing polls), every feed fails, entries are due
/// and none was worked off for an hour, the disk is nearly full, the WAL grows. With --feed: that feed fails or is retired.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// JSON: `{database, running, pid, ok, problems, paused, totals, vitals, feeds}`; with --feed, `history` too
    #[arg(long)]
    json: bool,
    /// Only this feed, with its last polls
    #[arg(long, value_name = "NAME")]
    feed: Option<String>,
    /// Every feed, not the ill ones alone, where there are more than fifty
    #[arg(long)]
    all: bool,
}

/// More feeds than this are no longer seen at one look: then the ill ones are shown.
const AT_ONE_LOOK: usize = 50;

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<Outcome> {
    let path = settings.database()?;
    let reader = Reader::open(&path)?;
    #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
    let now = Timestamp::now();
    let feeds = reader.feeds()?;
    if let Some(name) = &arguments.feed {
        let feed = feeds.iter().find(|feed| feed.name == *name);
        let feed = feed.with_context(|| format!("no feed `{name}`; `dateline status --all` lists them"))?;
        return one_feed(feed, &reader.history(name)?, arguments, now);
    }
    let totals = reader.totals(now)?;
    let vitals = reader.vitals(&path, now)?;
    let problems = health::problems(&vitals);
    let pid = Lock::holder(&path);
    let free = free_bytes(&path).ok();
    let low = free.filter(|&free| free < settings.min_free());
    let mut output = std::io::stdout().lock();
    if arguments.json {
        let status = json!({
            "database": path, "running": pid.is_some(), "pid": pid, "ok": problems.is_empty(),
            "problems": problems.iter().map(ToString::to_string).collect::<Vec<_>>(), "paused": low.is_some(), "totals": totals, "vitals": vitals, "feeds": feeds,
        });
        writeln!(output, "{}", json::pretty(&status)?)?;
    } else {
        match &pid {
            Some(pid) => writeln!(output, "running (process {pid}) on {}", path.display())?,
            None => writeln!(output, "not running; database {}", path.display())?,
        }
        if let Some(free) = low {
            let (free, needed) = (size_text(free), size_text(settings.min_free()));
            writeln!(
                output,
                "PAUSED: {free} free on the disk, `store.min_free` is {needed}; fetching goes on by itself when there is room"
            )?;
        }
        write!(output, "{}", overview(&totals, &vitals, &problems))?;
        write!(output, "{}", feed_list(&feeds, arguments, now))?;
    }
    Ok(outcome(problems.is_empty()))
}

fn outcome(well: bool) -> Outcome {
    if well { Outcome::Done } else { Outcome::SomeFailed }
}

fn overview(totals: &Totals, vitals: &Vitals, problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        let _ = writeln!(text, "PROBLEM   {problem}");
    }
    let _ = writeln!(
        text,
        "articles  {} ({} copies) in {} events; {} rejected",
        totals.articles, totals.duplicates, totals.events, totals.rejected
    );
    for (when, intake) in [("hour", &vitals.last_hour), ("day", &vitals.last_day)] {
        let Intake { articles, edited, events, rejected } = intake;
        let _ = writeln!(
            text,
            "last {when:<4} {articles} articles, {events} new events, {edited} edited, {rejected} rejected"
        );
    }
    let waiting = if vitals.queued == 0 {
        String::new()
    } else {
        format!(", the oldest announced {} ago", duration(vitals.queue_age_s))
    };
    let _ = writeln!(text, "queue     {} entries, {} due{waiting}", vitals.queued, vitals.due);
    let behind = match vitals.overdue {
        0 => "on time".to_owned(),
        overdue => format!("{overdue} overdue, the first by {}", duration(vitals.lag_s)),
    };
    let _ = writeln!(text, "polls     {behind}");
    let sizes = &vitals.sizes;
    let _ = writeln!(
        text,
        "disk      database {}, WAL {}, pages {}; {} of {} free",
        size_text(sizes.database_bytes),
        size_text(sizes.wal_bytes),
        size_text(sizes.pages_bytes),
        size_text(sizes.disk_free_bytes),
        size_text(sizes.disk_bytes)
    );
    let states: Vec<String> = vitals.feeds.iter().map(|(state, count)| format!("{count} {state}")).collect();
    let _ = writeln!(text, "feeds     {}\n", if states.is_empty() { "none".to_owned() } else { states.join(", ") });
    text
}

fn feed_list(feeds: &[FeedRow], arguments: &Arguments, now: Timestamp) -> String {
    let is_ill = |feed: &&FeedRow| feed.state != "active" && feed.state != "new";
    if arguments.all || feeds.len() <= AT_ONE_LOOK {
        return table(feeds.iter(), now).to_string();
    }
    let ill = feeds.iter().filter(is_ill).count();
    if ill == 0 {
        return format!("all {} feeds are well; --all lists them\n", feeds.len());
    }
    format!(
        "{}… and {} feeds that are well; --all lists them\n",
        table(feeds.iter().filter(is_ill), now),
        feeds.len() - ill
    )
}

fn table<'a>(feeds: impl Iterator<Item = &'a FeedRow>, now: Timestamp) -> Table {
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

fn one_feed(feed: &FeedRow, history: &[PastPoll], arguments: &Arguments, now: Timestamp) -> anyhow::Result<Outcome> {
    let well = feed.failures_in_row == 0 && feed.state != "retired";
    let mut output = std::io::stdout().lock();
    if arguments.json {
        let status = json!({ "ok": well, "feeds": [feed], "history": history });
        writeln!(output, "{}", json::pretty(&status)?)?;
        return Ok(outcome(well));
    }
    writeln!(output, "{}  {}", fit(&feed.name, 200), fit(feed.title.as_deref().unwrap_or(""), 100))?;
    writeln!(output, "{}", fit(&feed.url, 300))?;
    writeln!(output, "{}; {} articles", feed.state, feed.articles)?;
    if let Some(error) = &feed.last_error {
        writeln!(output, "{}", fit(error, 300))?;
    }
    writeln!(
        output,
        "last success {}; next poll {}\n",
        ago(feed.last_success_at.as_deref(), now),
        feed.next_poll_at.as_deref().map_or_else(|| "never".to_owned(), |at| ago(Some(at), now))
    )?;
    let mut table = Table::new(&["POLL", "NEW", "KNOWN", ""]);
    for poll in history {
        let count = |number: u64| if poll.error.is_some() { "-".to_owned() } else { number.to_string() };
        let remark = match &poll.error {
            Some(error) => error,
            None if poll.new + poll.known == 0 => "unchanged",
            None => "",
        };
        table.row(&[&poll.at, &count(poll.new), &count(poll.known), remark], 120);
    }
    write!(output, "{table}")?;
    Ok(outcome(well))
}

/// `40 s`, `3 min`, `5 h`, `2 d`.
fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}
