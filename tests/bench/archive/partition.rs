//! Labelled articles by backfill, newest first, against the same as they appeared.
//!
//! The grouper's own index takes them in the two orders, numbered as they come, as the recorder does. A percentage is one minus the B-cubed
//! F1 (Bagga and Baldwin 1998) of a partition against that of the live order, *labels* its F1 against the labels. *any order* is at random;
//! *regrouped* is newest first and then all again in order of publication, with the word statistics that were learnt; *warm* is
//! newest first against live where both begin with the statistics of a daemon that has read the unlabelled articles. *by the command* is
//! `dateline backfill` of a WARC file with a page for each article, newest first, which groups them once more by itself; its live order is that of the
//! signatures that it stored.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use dateline::event::{ArticleId, EventId};
use dateline::group::{Index, Options, Signature, Story};
use flate2::read::GzDecoder;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::cost;

/// The sets whose articles are dated.
const SETS: [&str; 4] = ["pac", "basil", "allsides", "allsides2021"];

struct Labelled {
    event: Option<String>,
    published: String,
    title: String,
    body: String,
    language: String,
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
    by_command("these together", &all);
    by_command("background", &background);
    println!();
}

/// Newest first through the real command, against the same in order of publication.
fn by_command(name: &str, rows: &[Labelled]) {
    let folder = tempfile::tempdir().unwrap();
    let (archive, config, database) =
        (folder.path().join("old.warc"), folder.path().join("dateline.toml"), folder.path().join("dateline.db"));
    std::fs::write(&config, format!("[store]\npath = '{}'\nkeep_html = \"0d\"\n", database.display())).unwrap();
    write(&archive, rows);
    let ended = cost::of(
        Command::new(env!("CARGO_BIN_EXE_dateline"))
            .arg("--config")
            .arg(&config)
            .args(["backfill", "--json"])
            .arg(&archive),
    );
    let summary: Value = serde_json::from_str(ended.printed.lines().last().unwrap()).unwrap();
    let db = rusqlite::Connection::open(&database).unwrap();
    let mut stored =
        db.prepare("SELECT a.url, a.event_id, s.bytes FROM article a JOIN signature s ON s.article_id = a.id").unwrap();
    let mut stored: Vec<(usize, EventId, Signature)> = stored
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .map(|(url, event, bytes)| {
            let place = url.rsplit('/').next().unwrap().parse().unwrap();
            (place, EventId(event), Signature::from_bytes(&bytes).unwrap())
        })
        .collect();
    stored.sort_by_key(|(place, ..)| *place);
    let (mut index, mut merged) = (Index::new(Options::default()), HashMap::new());
    let mut live: Vec<EventId> = (0..)
        .zip(&stored)
        .map(|(number, (_, _, signature))| {
            let done = index.assign(ArticleId(number), EventId(number), signature.clone());
            merged.extend(done.merged);
            done.event
        })
        .collect();
    resolve(&mut live, &merged);
    let backfilled: Vec<EventId> = stored.iter().map(|(_, event, _)| *event).collect();
    println!(
        "{name} by the command: {} of {} pages stored; {:.2} % differ; grouped once more: {}; {:.1} s on the processor",
        stored.len(),
        rows.len(),
        100.0 * (1.0 - bcubed(&live, &backfilled)),
        summary["grouped_again"],
        ended.cpu.as_secs_f64()
    );
}

/// The articles as pages of a web archive, the newest first, each a minute of its day after the one before.
fn write(path: &Path, rows: &[Labelled]) {
    let order = by_publication(rows);
    let (mut days, mut minutes): (HashMap<&str, u32>, Vec<u32>) = (HashMap::new(), Vec::new());
    for place in &order {
        let minute = days.entry(rows[*place].published.get(..10).unwrap_or_default()).or_default();
        minutes.push(*minute);
        *minute = (*minute + 1).min(1_439);
    }
    let mut file = std::io::BufWriter::new(File::create(path).unwrap());
    for (number, (place, minute)) in order.iter().zip(minutes).enumerate().rev() {
        let Labelled { published, title, body, language, .. } = &rows[*place];
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        let paragraphs = format!("<p>{}</p>", escape(body).replace('\n', "</p><p>"));
        let day = published.get(..10).unwrap_or_default();
        let html = format!(
            "<html lang=\"{language}\"><head><title>{0}</title><meta property=\"article:published_time\" content=\"{day}T{1:02}:{2:02}:00Z\"></head>\
             <body><article><h1>{0}</h1>{paragraphs}</article></body></html>",
            escape(title),
            minute / 60,
            minute % 60
        );
        let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}");
        write!(
            file,
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://press.example/{number}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n\
             Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
            http.len()
        )
        .unwrap();
    }
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
    resolve(&mut events, &merged);
    events
}

/// What an event was merged into stands for it.
fn resolve(events: &mut [EventId], merged: &HashMap<EventId, EventId>) {
    for event in events {
        while let Some(into) = merged.get(event) {
            *event = *into;
        }
    }
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
        let [published, title, body, language] =
            ["published", "title", "body", "lang"].map(|name| text(name).unwrap_or_default().to_owned());
        Labelled { event, published, title, body, language, signature }
    };
    lines.map(parse).collect()
}
