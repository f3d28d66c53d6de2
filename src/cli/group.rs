//! `dateline group`: the grouper alone, over JSON lines.

use std::collections::HashMap;
use std::hash::Hash;
use std::io::{self, BufWriter, Write};
use std::sync::mpsc;
use std::thread;

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
    let (sender, signed) = mpsc::sync_channel(AHEAD);
    let grouped = thread::scope(|scope| {
        let reading = scope.spawn(move || read(&sender));
        let grouped = Grouped::of(signed);
        let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        read.context("reading articles on stdin").map(|()| grouped)
    })?;
    let mut output = BufWriter::new(io::stdout().lock());
    let mut outcome = Outcome::Done;
    for (place, (id, event)) in grouped.articles.iter().enumerate() {
        let answer = match event {
            Ok(_) => {
                json!({ "id": id, "event_id": grouped.event_of(place), "duplicate_of": grouped.original_of(place) })
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

/// Articles that are read and signed ahead of the one that is being grouped.
const AHEAD: usize = 64;

struct Signed {
    id: Value,
    signature: Result<Signature, String>,
}

fn read(sender: &mpsc::SyncSender<Signed>) -> io::Result<()> {
    let mut input = io::stdin().lock();
    while let Some(line) = lines::next_line(&mut input)? {
        if line.trim().is_empty() {
            continue;
        }
        let signed = match serde_json::from_str::<Line>(&line) {
            Ok(parsed) => Signed { signature: Ok(Signature::of(&story(&parsed))), id: parsed.id },
            Err(error) => Signed { id: id_of(&line), signature: Err(error.to_string()) },
        };
        // Whoever groups has gone only where it broke down, and says so.
        if sender.send(signed).is_err() {
            break;
        }
    }
    Ok(())
}

/// A stream of articles in their events.
#[derive(Default)]
struct Grouped {
    /// In order of arrival; the number of an article is its place and one.
    articles: Vec<(Value, Result<EventId, String>)>,
    /// Events that became part of others.
    merged: HashMap<EventId, EventId>,
    /// What each copy is a copy of: an original, or what has become a copy itself since.
    copies: HashMap<ArticleId, ArticleId>,
}

impl Grouped {
    fn of(stream: impl IntoIterator<Item = Signed>) -> Self {
        let mut index = Index::new(Options::default());
        let mut grouped = Self::default();
        let mut fresh = 1;
        for Signed { id, signature } in stream {
            let article = ArticleId(i64::try_from(grouped.articles.len()).unwrap_or(i64::MAX) + 1);
            let event = signature.map(|signature| {
                for day in index.days_needed(&signature) {
                    if !index.is_loaded(day) {
                        index.load(day, []);
                    }
                }
                let assignment = index.assign(article, EventId(fresh), signature);
                fresh += i64::from(assignment.event == EventId(fresh));
                grouped.merged.extend(assignment.merged);
                grouped.copies.extend(assignment.duplicate_of.map(|original| (article, original)));
                grouped.copies.extend(assignment.recopied);
                assignment.event
            });
            grouped.articles.push((id, event));
        }
        grouped
    }

    fn event_of(&self, place: usize) -> Option<EventId> {
        let (_, event) = self.articles.get(place)?;
        event.as_ref().ok().map(|event| last(&self.merged, *event))
    }

    /// The id of the original of a copy.
    fn original_of(&self, place: usize) -> Option<&Value> {
        let article = ArticleId(i64::try_from(place).ok()? + 1);
        let ArticleId(original) = last(&self.copies, article);
        if original == article.0 {
            return None;
        }
        self.articles.get(usize::try_from(original - 1).ok()?).map(|(id, _)| id)
    }
}

/// Where a walk ends that begins here.
fn last<T: Copy + Eq + Hash>(next: &HashMap<T, T>, from: T) -> T {
    std::iter::successors(Some(from), |at| next.get(at).copied()).last().unwrap_or(from)
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
