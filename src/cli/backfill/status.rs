//! `dateline backfill --status`: backfills, past and present.

use std::io::Write;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::show::grouped_later;
use crate::cli::table::{Table, minute};
use crate::cli::{Outcome, json};
use crate::store::{BackfillRow, Reader};

/// A backfill that nobody worked on for so long has stopped: whoever does says so every 30 s.
const SILENT: SignedDuration = SignedDuration::from_secs(90);

pub(super) fn run(database: &Path, json: bool) -> anyhow::Result<Outcome> {
    let reader = Reader::open(database)?;
    let (rows, owed_days) = (reader.backfills()?, reader.owed_days()?);
    #[expect(clippy::disallowed_methods, reason = "the shell asks for the time")]
    let now = Timestamp::now();
    let mut output = std::io::stdout().lock();
    if json {
        let shown: Vec<_> = rows.iter().map(|row| as_json(&reader, row, now)).collect::<anyhow::Result<_>>()?;
        writeln!(output, "{}", json::pretty(&shown)?)?;
        return Ok(Outcome::Done);
    }
    let mut table = Table::new(&[
        "ID",
        "STATE",
        "SINCE",
        "BEFORE",
        "OF",
        "ANNOUNCED",
        "KNOWN",
        "STORED",
        "REJECTED",
        "OUTSIDE",
        "TO GO",
        "STARTED",
    ]);
    for row in &rows {
        let announced: i64 = row.sources.iter().map(|source| source.counts.announced).sum();
        let known: i64 = row.sources.iter().map(|source| source.counts.known).sum();
        let outside: i64 = row.outside + row.sources.iter().map(|source| source.counts.outside).sum::<i64>();
        table.row(
            &[
                &row.id.to_string(),
                state(row, now),
                &minute(row.since.as_deref()),
                &minute(Some(&row.until)),
                &of(row),
                &announced.to_string(),
                &known.to_string(),
                &row.stored.to_string(),
                &row.rejected.to_string(),
                &outside.to_string(),
                &row.waiting.to_string(),
                &minute(Some(&row.started_at)),
            ],
            40,
        );
    }
    write!(output, "{table}")?;
    if owed_days > 0 {
        writeln!(output, "{}", grouped_later(owed_days))?;
    }
    Ok(Outcome::Done)
}

fn as_json(reader: &Reader, row: &BackfillRow, now: Timestamp) -> anyhow::Result<serde_json::Value> {
    let mut shown = serde_json::to_value(row)?;
    if let Some(object) = shown.as_object_mut() {
        object.insert("state".to_owned(), state(row, now).into());
        object.insert("days_to_group_again".to_owned(), reader.owed_days_of(row)?.into());
    }
    Ok(shown)
}

fn state(row: &BackfillRow, now: Timestamp) -> &'static str {
    let seen: Option<Timestamp> = row.seen_at.parse().ok();
    match (&row.ended_at, seen) {
        (Some(_), _) => "done",
        (None, Some(seen)) if now.duration_since(seen) < SILENT => "running",
        (None, _) => "stopped",
    }
}

/// Whose articles were asked for.
fn of(row: &BackfillRow) -> String {
    let list = |key: &str| row.request[key].as_array().cloned().unwrap_or_default();
    let named: Vec<String> = ["feeds", "sites", "urls", "warc"]
        .into_iter()
        .flat_map(list)
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect();
    named.join(", ")
}
