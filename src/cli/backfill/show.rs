//! What a backfill shows while it goes on, and when it ends.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::backfill::{End, Estimate, Plan, estimate};
use crate::cli::Outcome;
use crate::cli::table::{Table, fit};
use crate::store::{BackfillId, BackfillRow, Counts, Error, Reader, Rejections, Waiting};
use crate::upkeep::Settled;

/// How often progress is shown; the database is asked for it.
const TICK: Duration = Duration::from_secs(1);

/// How often a queue that is not short is counted by domain.
const COUNT: Duration = Duration::from_secs(10);
const FEW: i64 = 10_000;

/// The rate is that of so many ticks.
const RATE_TICKS: usize = 60;

/// A page on its way, compressed: news pages have 174 KB on average, 34 KB compressed (measured 2026-11).
const PAGE_BYTES: u64 = 34_000;

/// Reasons and documents that the summary lists.
const LISTED: usize = 10;

/// Shows how a backfill goes until `stop`: a bar on a terminal, or JSON lines.
pub(super) async fn progress(reader: Reader, id: BackfillId, pause: Duration, json: bool, stop: CancellationToken) {
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} [{bar:10}] {wide_msg}") {
        bar.set_style(style);
    }
    let mut queue = Queue::default();
    let mut tick = tokio::time::interval(TICK);
    let mut last = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = tick.tick() => {}
        }
        let looked = tokio::task::block_in_place(|| queue.look(&reader, id, pause));
        // A database that cannot be read ends the run itself.
        let Ok((row, eta)) = looked else { continue };
        bar.set_length(u64::try_from(done(&row) + row.waiting).unwrap_or(0));
        bar.set_position(u64::try_from(done(&row)).unwrap_or(0));
        bar.set_message(progress_text(&row, eta));
        let numbers = progress_json(&row, eta);
        if json && last.as_ref() != Some(&numbers) {
            writeln!(std::io::stdout().lock(), "{numbers}").ok();
            last = Some(numbers);
        }
    }
    bar.finish_and_clear();
}

/// Entries that were worked off.
fn done(row: &BackfillRow) -> i64 {
    row.stored + row.rejected + row.outside
}

/// What stands beside the bar: what matters most comes first, for a narrow terminal cuts the rest off.
fn progress_text(row: &BackfillRow, eta: Duration) -> String {
    let BackfillRow { stored, rejected, outside, waiting, unread, .. } = row;
    let counts = format!("{stored} stored, {rejected} rejected, {outside} outside");
    match unread {
        0 if *waiting == 0 && done(row) > 0 => format!("grouping them in order of publication; {counts}"),
        0 => format!("{} to go; {counts}", words(eta)),
        1 => format!("at least {} to go, 1 document to read; {counts}", words(eta)),
        _ => format!("at least {} to go, {unread} documents to read; {counts}", words(eta)),
    }
}

fn progress_json(row: &BackfillRow, eta: Duration) -> serde_json::Value {
    json!({
        "kind": "progress", "stored": row.stored, "rejected": row.rejected, "outside": row.outside, "waiting": row.waiting,
        "documents_unread": row.unread, "eta_s": eta.as_secs(),
    })
}

/// What was seen of the queue.
#[derive(Default)]
struct Queue {
    /// What was done, tick by tick.
    done: VecDeque<(Instant, i64)>,
    /// What waits by domain, and until when: counting millions takes a moment, so it is not done with every tick.
    waiting: Option<(Instant, Waiting)>,
}

impl Queue {
    fn look(&mut self, reader: &Reader, id: BackfillId, pause: Duration) -> Result<(BackfillRow, Duration), Error> {
        let row = reader.backfill(id)?;
        if row.waiting == 0 {
            return Ok((row, Duration::ZERO));
        }
        let now = Instant::now();
        self.done.push_back((now, done(&row)));
        if self.done.len() > RATE_TICKS {
            self.done.pop_front();
        }
        let rate = self.done.front().zip(self.done.back()).and_then(|((began, before), (_, done))| {
            let seconds = now.duration_since(*began).as_secs_f64();
            #[expect(clippy::cast_precision_loss, reason = "an estimate")]
            (seconds >= 2.0).then(|| (done - before) as f64 / seconds)
        });
        let counted = match self.waiting.take() {
            Some((counted, waiting)) if counted.elapsed() < COUNT && row.waiting >= FEW => (counted, waiting),
            _ => (now, reader.queued_by_domain()?),
        };
        let (_, Waiting { domains, at_hand, last_due_at }) = self.waiting.insert(counted);
        #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
        let left = last_due_at.map(|last| last.duration_since(Timestamp::now()));
        let last_retry = left.and_then(|left| Duration::try_from(left).ok()).unwrap_or_default();
        Ok((row, estimate(&Estimate { domains, at_hand: *at_hand, delay: pause, rate, last_retry })))
    }
}

/// What a run came to.
pub(super) struct Summary<'a> {
    pub(super) row: &'a BackfillRow,
    /// Documents that could not be read: source, address, why.
    pub(super) failed: &'a [(String, String, String)],
    pub(super) rejections: &'a [Rejections],
    pub(super) end: End,
    /// What was grouped once more.
    pub(super) grouped: Settled,
    /// Days that are still to be.
    pub(super) owed_days: i64,
}

pub(super) fn summary_json(summary: &Summary<'_>) -> serde_json::Value {
    let &Summary { row, failed, rejections, end, grouped, owed_days } = summary;
    let documents: Vec<_> =
        failed.iter().map(|(source, url, why)| json!({ "source": source, "url": url, "error": why })).collect();
    json!({
        "kind": "summary", "end": end_word(end), "backfill": row, "failed_documents": documents, "rejected": rejections,
        "grouped_again": grouped, "days_to_group_again": owed_days,
    })
}

pub(super) fn summary_text(summary: &Summary<'_>) -> String {
    let &Summary { row, failed, rejections, end, grouped, owed_days } = summary;
    let mut text = sources(row).to_string();
    let _ = writeln!(
        text,
        "{} stored, {} rejected, {} outside the range, {} left",
        row.stored, row.rejected, row.outside, row.waiting
    );
    for Rejections { count, reason, example, .. } in rejections.iter().take(LISTED) {
        let _ = writeln!(text, "  {count} rejected: {} ({})", fit(reason, 160), fit(example, 120));
    }
    for (source, url, why) in failed.iter().take(LISTED) {
        let _ = writeln!(text, "  {source} not read: {} ({})", fit(why, 160), fit(url, 120));
    }
    for (list, what) in [(rejections.len(), "reasons"), (failed.len(), "documents")] {
        if list > LISTED {
            let _ = writeln!(text, "  and {} more {what}", list - LISTED);
        }
    }
    if grouped.articles > 0 {
        let Settled { articles, moved, events_merged } = grouped;
        let _ = writeln!(
            text,
            "{articles} articles grouped once more, in order of publication: {moved} moved, {events_merged} events became part of others"
        );
    }
    if owed_days > 0 {
        let _ = writeln!(text, "{}", grouped_later(owed_days));
    }
    match end {
        End::Done => {}
        End::Limit => text.push_str("the limit is reached; the same command goes on with the next entries\n"),
        End::Stopped | End::MaxTime | End::MaxBytes => {
            let _ = writeln!(text, "stopped ({}); the same command goes on where this one was", end_word(end));
        }
    }
    text
}

/// What is owed.
pub(super) fn grouped_later(days: i64) -> String {
    format!(
        "the articles of {days} days are still to be grouped once more, in order of publication: the daemon does that"
    )
}

/// What a dry run found.
pub(super) fn plan(plan: &Plan, pause: Duration, json: bool) -> anyhow::Result<Outcome> {
    let pages: i64 = plan.domains.iter().map(|(_, count)| *count).sum();
    let Plan { domains, at_hand, .. } = plan;
    let known = Estimate { domains, at_hand: *at_hand, delay: pause, rate: None, last_retry: Duration::ZERO };
    let time = estimate(&known);
    let bytes = u64::try_from(pages).unwrap_or(0).saturating_mul(PAGE_BYTES);
    let mut output = std::io::stdout().lock();
    if json {
        let shown = json!({
            "kind": "plan", "end": end_word(plan.end), "sources": plan.row.sources, "pages": pages, "at_hand": at_hand, "estimated_s": time.as_secs(),
            "estimated_bytes": bytes,
            "failed_documents": plan.failed.iter().map(|(source, url, why)| json!({ "source": source, "url": url, "error": why })).collect::<Vec<_>>(),
        });
        writeln!(output, "{shown}")?;
    } else {
        write!(output, "{}", sources(&plan.row))?;
        let megabytes = bytes.div_ceil(1_000_000);
        writeln!(
            output,
            "{pages} pages to fetch: {} at the least, some {megabytes} MB; nothing was stored",
            words(time)
        )?;
        if *at_hand > 0 {
            writeln!(output, "{at_hand} pages are at hand: nobody is asked for them")?;
        }
        for (source, url, why) in &plan.failed {
            writeln!(output, "  {source} not read: {} ({})", fit(why, 160), fit(url, 120))?;
        }
    }
    let whole = matches!(plan.end, End::Done | End::Limit) && plan.failed.is_empty();
    Ok(if whole { Outcome::Done } else { Outcome::SomeFailed })
}

fn sources(row: &BackfillRow) -> Table {
    let mut table = Table::new(&["SOURCE", "DOCUMENTS", "FAILED", "ANNOUNCED", "NEW", "KNOWN", "OUTSIDE"]);
    for source in &row.sources {
        let Counts { documents, failed, announced, queued, known, outside } = source.counts;
        let numbers = [documents, failed, announced, queued, known, outside].map(|number| number.to_string());
        let mut cells = vec![source.source.as_str()];
        cells.extend(numbers.iter().map(String::as_str));
        table.row(&cells, 40);
    }
    table
}

fn end_word(end: End) -> &'static str {
    match end {
        End::Done => "done",
        End::Limit => "limit",
        End::Stopped => "stopped",
        End::MaxTime => "max-time",
        End::MaxBytes => "max-bytes",
    }
}

/// A time in the two largest units.
fn words(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds.div_ceil(60)),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SourceRow;

    fn row() -> BackfillRow {
        let counts = Counts { documents: 3, failed: 1, announced: 12, queued: 10, known: 2, outside: 4 };
        BackfillRow {
            id: 1,
            request: serde_json::Value::Null,
            since: None,
            until: "2024-03-02T00:00:00Z".to_owned(),
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            seen_at: "2026-01-01T00:00:00Z".to_owned(),
            ended_at: None,
            waiting: 3,
            stored: 5,
            rejected: 1,
            outside: 1,
            unread: 0,
            sources: vec![SourceRow { source: "sitemap".to_owned(), counts }],
        }
    }

    #[test]
    fn the_bar_says_what_was_done_and_how_long_the_rest_takes() {
        let check = |row: BackfillRow, eta: u64, expect: &str| {
            assert_eq!(progress_text(&row, Duration::from_secs(eta)), expect);
        };
        check(row(), 15, "15 s to go; 5 stored, 1 rejected, 1 outside");
        let reading = BackfillRow { unread: 2, ..row() };
        check(reading, 3_700, "at least 1 h 1 min to go, 2 documents to read; 5 stored, 1 rejected, 1 outside");
        let one = BackfillRow { unread: 1, ..row() };
        check(one, 0, "at least 0 s to go, 1 document to read; 5 stored, 1 rejected, 1 outside");
        let worked_off = BackfillRow { waiting: 0, ..row() };
        check(worked_off, 0, "grouping them in order of publication; 5 stored, 1 rejected, 1 outside");
        let nothing_yet = BackfillRow { waiting: 0, stored: 0, rejected: 0, outside: 0, ..row() };
        check(nothing_yet, 0, "0 s to go; 0 stored, 0 rejected, 0 outside");
        assert_eq!(progress_json(&row(), Duration::from_secs(15))["eta_s"], 15);
    }

    #[test]
    fn the_summary_says_what_failed_what_was_grouped_again_and_what_is_left() {
        let row = row();
        let failed = [("sitemap".to_owned(), "https://a.example/s.xml".to_owned(), "HTTP 500".to_owned())];
        let rejections = [Rejections {
            count: 1,
            reason: "HTTP 410".to_owned(),
            example: "https://a.example/1".to_owned(),
            failed: true,
        }];
        let grouped = Settled { articles: 40, moved: 2, events_merged: 1 };
        let summary =
            Summary { row: &row, failed: &failed, rejections: &rejections, end: End::MaxTime, grouped, owed_days: 9 };
        insta::assert_snapshot!(summary_text(&summary), @r"
        SOURCE   DOCUMENTS  FAILED  ANNOUNCED  NEW  KNOWN  OUTSIDE
        sitemap  3          1       12         10   2      4
        5 stored, 1 rejected, 1 outside the range, 3 left
          1 rejected: HTTP 410 (https://a.example/1)
          sitemap not read: HTTP 500 (https://a.example/s.xml)
        40 articles grouped once more, in order of publication: 2 moved, 1 events became part of others
        the articles of 9 days are still to be grouped once more, in order of publication: the daemon does that
        stopped (max-time); the same command goes on where this one was
        ");
        let shown = summary_json(&summary);
        assert_eq!((&shown["end"], &shown["rejected"][0]["failed"]), (&"max-time".into(), &true.into()));
        assert_eq!((&shown["backfill"]["sources"][0]["known"], &shown["days_to_group_again"]), (&2.into(), &9.into()));
    }
}
