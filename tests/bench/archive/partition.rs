//! Labelled articles by backfill, newest first, against the same as they appeared.
//!
//! The grouper's own index takes them in the two orders, numbered as they come, as the recorder does. *differs* is one minus the B-cubed
//! F1 (Bagga and Baldwin 1998) of the partition against that of the live order; *labels* is its F1 against the labels.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use dateline::event::{ArticleId, EventId};
use dateline::group::{Index, Options, Signature, Story};
use flate2::read::GzDecoder;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The sets whose articles are dated, and as many again without labels.
const SETS: [&str; 5] = ["pac", "basil", "allsides", "allsides2021", "background"];

struct Labelled {
    event: Option<String>,
    published: String,
    signature: Signature,
}

pub(super) fn table() {
    let shared = std::env::var_os("DATELINE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let folder = shared.join("corpora/events");
    if !folder.exists() {
        println!("SKIPPED: no labelled articles at `{}`; set DATELINE_SHARED", folder.display());
        return;
    }
    println!(
        "{:<14} {:>8} {:>8} | {:>13} {:>8} | {:>13} {:>8} | {:>13} {:>8}",
        "set", "articles", "live F1", "newest first", "labels", "any order", "labels", "regrouped", "labels"
    );
    let mut all = Vec::new();
    for set in SETS {
        let rows = read(&folder.join(format!("{set}.jsonl.gz")), set);
        row(set, &rows);
        all.extend(rows);
    }
    row("all together", &all);
    println!();
}

fn row(name: &str, rows: &[Labelled]) {
    let mut live: Vec<usize> = (0..rows.len()).collect();
    live.sort_by(|a, b| rows[*a].published.cmp(&rows[*b].published));
    let newest_first: Vec<usize> = live.iter().rev().copied().collect();
    let mut any = live.clone();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for at in (1..any.len()).rev() {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        any.swap(at, usize::try_from(random >> 33).unwrap() % (at + 1));
    }
    let truth: Option<Vec<&str>> = rows.iter().map(|row| row.event.as_deref()).collect();
    let labels =
        |events: &[EventId]| truth.as_ref().map_or("-".to_owned(), |truth| format!("{:.3}", bcubed(truth, events)));
    let as_live = group(rows, &live, &mut Index::new(Options::default()));
    let mut backfilled = Index::new(Options::default());
    let as_newest = group(rows, &newest_first, &mut backfilled);
    let as_any = group(rows, &any, &mut Index::new(Options::default()));
    // What was learnt of words stays.
    let mut again = Index::new(Options::default());
    again
        .restore_statistics(backfilled.statistics_to_save().into_iter().filter_map(|(key, value)| Some((key, value?))));
    let regrouped = group(rows, &live, &mut again);
    print!("{name:<14} {:>8} {:>8}", rows.len(), labels(&as_live));
    for other in [&as_newest, &as_any, &regrouped] {
        print!(" | {:>11.2} % {:>8}", 100.0 * (1.0 - bcubed(&as_live, other)), labels(other));
    }
    println!();
}

/// A moment, or the midnight of a day.
fn published_at(text: &str) -> Option<Timestamp> {
    let day = || TimeZone::UTC.to_timestamp(text.parse::<Date>().ok()?.at(0, 0, 0, 0)).ok();
    text.parse().ok().or_else(day)
}

/// The event of each article, taken in the order given.
fn group(rows: &[Labelled], order: &[usize], index: &mut Index) -> Vec<EventId> {
    let mut events = vec![EventId(0); rows.len()];
    let mut merged: HashMap<EventId, EventId> = HashMap::new();
    for (number, place) in (0..).zip(order) {
        let done = index.assign(ArticleId(number), EventId(number), rows[*place].signature.clone());
        merged.extend(done.merged);
        events[*place] = done.event;
    }
    for event in &mut events {
        while let Some(into) = merged.get(event) {
            *event = *into;
        }
    }
    events
}

fn bcubed<A: Eq + std::hash::Hash, B: Eq + std::hash::Hash>(truth: &[A], guess: &[B]) -> f64 {
    let (mut gold, mut got, mut both) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (a, b) in truth.iter().zip(guess) {
        *gold.entry(a).or_insert(0.0) += 1.0;
        *got.entry(b).or_insert(0.0) += 1.0;
        *both.entry((a, b)).or_insert(0.0) += 1.0;
    }
    let n: f64 = gold.values().sum();
    let precision: f64 = both.iter().map(|((_, b), count): (_, &f64)| count * count / got[*b]).sum::<f64>() / n;
    let recall: f64 = both.iter().map(|((a, _), count): (_, &f64)| count * count / gold[*a]).sum::<f64>() / n;
    2.0 * precision * recall / (precision + recall)
}

fn read(path: &Path, set: &str) -> Vec<Labelled> {
    let lines = BufReader::new(GzDecoder::new(File::open(path).unwrap())).lines();
    let parse = |line: std::io::Result<String>| {
        let value: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = |name: &str| value[name].as_str();
        let signature = Signature::of(&Story {
            title: text("title"),
            text: text("body").unwrap_or_default(),
            published_at: text("published").and_then(published_at),
            language: text("lang"),
            ..Story::default()
        });
        // Sets number their events each for itself.
        let event = text("event").map(|event| format!("{set} {event}"));
        Labelled { event, published: text("published").unwrap_or_default().to_owned(), signature }
    };
    lines.map(parse).collect()
}
