//! Labelled articles by backfill, newest first, against the same as they appeared.
//!
//! The grouper's own index takes them in the two orders, numbered as they come, as the recorder does. A percentage is one minus the B-cubed
//! F1 (Bagga and Baldwin 1998) of a partition against that of the live order, *labels* its F1 against the labels. *any order* is at random;
//! *regrouped* is newest first and then all again in order of publication, with the word statistics that were learnt; *warm* is
//! newest first against live where both begin with the statistics of a daemon that has read the unlabelled articles.

use std::collections::{BTreeMap, HashMap};
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

/// The sets whose articles are dated.
const SETS: [&str; 4] = ["pac", "basil", "allsides", "allsides2021"];

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
        "{:<14} {:>8} {:>8} | {:>13} {:>8} | {:>13} {:>8} | {:>13} {:>8} | {:>13} {:>8}",
        "set",
        "articles",
        "live F1",
        "newest first",
        "labels",
        "any order",
        "labels",
        "regrouped",
        "labels",
        "warm",
        "labels"
    );
    let read = |set: &str| read(&folder.join(format!("{set}.jsonl.gz")), set);
    let background = read("background");
    let mut daemon = Index::new(Options::default());
    group(&background, &by_publication(&background), &mut daemon);
    let learnt = learnt(&mut daemon);
    let mut all = Vec::new();
    for set in SETS {
        let rows = read(set);
        row(set, &rows, &learnt);
        all.extend(rows);
    }
    row("these together", &all, &learnt);
    row("background", &background, &learnt);
    println!();
}

fn row(name: &str, rows: &[Labelled], learnt: &[(String, Vec<u8>)]) {
    let live = by_publication(rows);
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
    let cold = || Index::new(Options::default());
    let warm = |learnt: &[(String, Vec<u8>)]| {
        let mut index = cold();
        index.restore_statistics(learnt.iter().cloned());
        index
    };
    let as_live = group(rows, &live, &mut cold());
    let mut backfilled = cold();
    let as_newest = group(rows, &newest_first, &mut backfilled);
    let as_any = group(rows, &any, &mut cold());
    let regrouped = group(rows, &live, &mut warm(&self::learnt(&mut backfilled)));
    let warm_live = group(rows, &live, &mut warm(learnt));
    let warm_newest = group(rows, &newest_first, &mut warm(learnt));
    print!("{name:<14} {:>8} {:>8}", rows.len(), labels(&as_live));
    for (one, other) in
        [(&as_live, &as_newest), (&as_live, &as_any), (&as_live, &regrouped), (&warm_live, &warm_newest)]
    {
        print!(" | {:>11.2} % {:>8}", 100.0 * (1.0 - bcubed(one, other)), labels(other));
    }
    println!();
}

fn by_publication(rows: &[Labelled]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|a, b| rows[*a].published.cmp(&rows[*b].published));
    order
}

/// The word statistics of an index, as a database would have them.
fn learnt(index: &mut Index) -> Vec<(String, Vec<u8>)> {
    let mut rows = BTreeMap::new();
    for (key, value) in index.statistics_to_save() {
        match value {
            Some(value) => rows.insert(key, value),
            None => rows.remove(&key),
        };
    }
    rows.into_iter().collect()
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
