//! `dateline group`: the grouper alone, over JSON lines.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Outcome, lines};
use crate::event::{ArticleId, EventId};
use crate::group::{Index, Options, Signature, Story, explain};

/// Reads JSON lines on stdin, writes JSON lines on stdout.
///
/// Articles, in order of arrival: `{id, url, title, text, published_at, language}` in,
/// `{id, event_id, duplicate_of}` out, in the same order, after the last.
///
/// With --pairs: `{id, a: {…}, b: {…}}` in, `{id, same, score, why}` out, each pair for itself.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  dateline group --jsonl < articles.jsonl > events.jsonl")]
pub(super) struct Arguments {
    /// JSON lines in, JSON lines out
    #[arg(long, required = true)]
    jsonl: bool,
    /// Compare pairs instead of grouping a stream
    #[arg(long)]
    pairs: bool,
}

#[derive(Debug, Default, Deserialize)]
struct Line {
    #[serde(default)]
    id: Value,
    url: Option<String>,
    title: Option<String>,
    text: Option<String>,
    published_at: Option<String>,
    language: Option<String>,
    publisher: Option<String>,
    attribution: Option<String>,
    dateline: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Pair {
    #[serde(default)]
    id: Value,
    a: Line,
    b: Line,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    if arguments.pairs { pairs() } else { stream() }
}

fn pairs() -> anyhow::Result<Outcome> {
    let failed = std::sync::atomic::AtomicBool::new(false);
    lines::filter(io::stdin().lock(), BufWriter::new(io::stdout().lock()), |line| {
        let answer = match serde_json::from_str::<Pair>(line) {
            Ok(pair) => {
                let comparison = explain(&story(&pair.a), &story(&pair.b));
                json!({ "id": pair.id, "same": comparison.same, "score": comparison.score, "why": comparison.why })
            }
            Err(error) => {
                failed.store(true, std::sync::atomic::Ordering::Relaxed);
                json!({ "id": id_of(line), "same": null, "score": null, "why": null, "error": error.to_string() })
            }
        };
        answer.to_string()
    })
    .context("comparing pairs on stdin")?;
    Ok(if failed.into_inner() { Outcome::SomeFailed } else { Outcome::Done })
}

fn stream() -> anyhow::Result<Outcome> {
    let mut input = io::stdin().lock();
    let mut index = Index::new(Options::default());
    let mut articles: Vec<(Value, Result<Placed, String>)> = Vec::new();
    let mut merged: HashMap<EventId, EventId> = HashMap::new();
    let mut number: HashMap<ArticleId, usize> = HashMap::new();
    let mut fresh = 1;
    while let Some(line) = lines::next_line(&mut input).context("reading articles on stdin")? {
        if line.trim().is_empty() {
            continue;
        }
        let parsed = match serde_json::from_str::<Line>(&line) {
            Ok(parsed) => parsed,
            Err(error) => {
                articles.push((id_of(&line), Err(error.to_string())));
                continue;
            }
        };
        let signature = Signature::of(&story(&parsed));
        let article = ArticleId(i64::try_from(articles.len()).unwrap_or(i64::MAX) + 1);
        for day in index.days_needed(&signature) {
            if !index.is_loaded(day) {
                index.load(day, []);
            }
        }
        let assignment = index.assign(article, EventId(fresh), signature);
        fresh += i64::from(assignment.event == EventId(fresh));
        merged.extend(assignment.merged);
        number.insert(article, articles.len());
        articles.push((parsed.id, Ok(Placed { event: assignment.event, duplicate_of: assignment.duplicate_of })));
        for (before, original) in assignment.recopied {
            for (place, (_, placed)) in articles.iter_mut().enumerate() {
                if let Ok(placed) = placed
                    && number.get(&original) != Some(&place)
                    && (number.get(&before) == Some(&place) || placed.duplicate_of == Some(before))
                {
                    placed.duplicate_of = Some(original);
                }
            }
        }
    }
    let mut output = BufWriter::new(io::stdout().lock());
    let mut outcome = Outcome::Done;
    for (id, placed) in &articles {
        let answer = match placed {
            Ok(placed) => {
                let mut event = placed.event;
                while let Some(&into) = merged.get(&event) {
                    event = into;
                }
                let original =
                    placed.duplicate_of.and_then(|article| number.get(&article)).map(|&place| &articles[place].0);
                json!({ "id": id, "event_id": event, "duplicate_of": original })
            }
            Err(error) => {
                outcome = Outcome::SomeFailed;
                json!({ "id": id, "event_id": null, "duplicate_of": null, "error": error })
            }
        };
        writeln!(output, "{answer}")?;
    }
    output.flush()?;
    Ok(outcome)
}

struct Placed {
    event: EventId,
    duplicate_of: Option<ArticleId>,
}

fn story(line: &Line) -> Story<'_> {
    Story {
        url: line.url.as_deref().unwrap_or_default(),
        title: line.title.as_deref(),
        text: line.text.as_deref().unwrap_or_default(),
        published_at: line.published_at.as_deref().and_then(moment),
        seen_at: None,
        language: line.language.as_deref(),
        publisher: line.publisher.as_deref().unwrap_or_default(),
        attribution: line.attribution.as_deref(),
        dateline: line.dateline.as_deref(),
    }
}

/// RFC 3339, or a bare day.
fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let date: jiff::civil::Date = text.parse().ok()?;
        date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

/// The id of a line that is JSON but not of the expected shape.
fn id_of(line: &str) -> Value {
    serde_json::from_str::<Value>(line).ok().and_then(|value| value.get("id").cloned()).unwrap_or(Value::Null)
}
