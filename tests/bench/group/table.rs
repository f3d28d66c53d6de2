//! Accuracy, time and memory against the number of articles in the window.
//!
//! Times are of the processor. The crowd is made of background articles cut up and put together anew: as wide a choice of words as real news, no real events.
//! Labelled articles without dates are streamed through it.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use dateline::event::{ArticleId, EventId};
use dateline::group::{Day, Index, Member, Options, Signature, Story};
use flate2::read::GzDecoder;
use jiff::Timestamp;
use serde_json::Value;

const SIZES: [usize; 3] = [10_000, 100_000, 700_000];
/// 2024-08-05; the crowd fills the week before.
const TODAY: i64 = 1_722_859_200;
const DAY: i64 = 86_400;

pub(crate) fn print(shared: &Path) -> anyhow::Result<()> {
    let background = read(&shared.join("corpora/events/background.jsonl.gz"))?;
    let labelled: Vec<Vec<Value>> = ["ecbplus", "neus"]
        .iter()
        .map(|set| read(&shared.join(format!("corpora/events/{set}.jsonl.gz"))))
        .collect::<anyhow::Result<_>>()?;
    println!("articles in window  ecbplus B³  neus B³  signature ms  assign ms  memory MB");
    for size in SIZES {
        let mut index = crowd(&background, size)?;
        let memory = memory_mb()?;
        let (mut signing, mut assigning) = (Duration::ZERO, Duration::ZERO);
        let mut scores = Vec::new();
        let mut next = i64::try_from(size)?;
        for set in &labelled {
            let mut events: Vec<EventId> = Vec::new();
            let mut merged = HashMap::new();
            let at = worked()?;
            let signatures: Vec<Signature> = set
                .iter()
                .map(|row| signed(row["title"].as_str(), row["body"].as_str().unwrap_or_default(), None, TODAY))
                .collect::<anyhow::Result<_>>()?;
            signing += worked()?.saturating_sub(at);
            let at = worked()?;
            for signature in signatures {
                let done = index.assign(ArticleId(next), EventId(next), signature);
                next += 1;
                merged.extend(done.merged);
                events.push(done.event);
            }
            assigning += worked()?.saturating_sub(at);
            for event in &mut events {
                while let Some(into) = merged.get(event) {
                    *event = *into;
                }
            }
            let truth: Vec<&str> = set.iter().filter_map(|row| row["event"].as_str()).collect();
            scores.push(bcubed(&truth, &events));
        }
        let each = |total: Duration| total.as_secs_f64() * 1000.0 / small(labelled.iter().map(Vec::len).sum());
        println!(
            "{size:>18}  {:>10.3}  {:>7.3}  {:>12.2}  {:>9.2}  {memory:>9}",
            scores[0],
            scores[1],
            each(signing),
            each(assigning)
        );
    }
    Ok(())
}

fn crowd(background: &[Value], size: usize) -> anyhow::Result<Index> {
    let pieces: Vec<Vec<&str>> =
        background.iter().filter_map(|row| Some(row["body"].as_str()?.split(". ").collect())).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut pick = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap_or(0) % below.max(1)
    };
    let mut days: BTreeMap<Day, Vec<Member>> = BTreeMap::new();
    for number in 0..i64::try_from(size)? {
        let title = background[pick(background.len())]["title"].as_str();
        let mut text = String::new();
        for _ in 0..2 {
            let from = &pieces[pick(pieces.len())];
            let start = pick(from.len());
            text += &from[start..(start + 8).min(from.len())].join(". ");
        }
        let at = TODAY - number % 7 * DAY;
        let signature = signed(title, &text, Some(at), at)?;
        let (article, event) = (ArticleId(number), EventId(number));
        days.entry(signature.day()).or_default().push(Member { article, event, duplicate_of: None, signature });
    }
    let mut index = Index::new(Options::default());
    for (day, members) in days {
        // What was stored was learnt.
        for member in &members {
            index.learn(&member.signature);
        }
        index.load(day, members);
    }
    Ok(index)
}

fn signed(title: Option<&str>, text: &str, published: Option<i64>, seen: i64) -> anyhow::Result<Signature> {
    let published_at = published.map(Timestamp::from_second).transpose()?;
    let seen_at = Some(Timestamp::from_second(seen)?);
    Ok(Signature::of(&Story { title, text, published_at, seen_at, language: Some("en"), ..Story::default() }))
}

/// B-cubed F1 (Bagga and Baldwin 1998).
fn bcubed(truth: &[&str], guess: &[EventId]) -> f64 {
    let (mut gold, mut got, mut both) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (event, group) in truth.iter().zip(guess) {
        *gold.entry(event).or_insert(0.0) += 1.0;
        *got.entry(group).or_insert(0.0) += 1.0;
        *both.entry((event, group)).or_insert(0.0) += 1.0;
    }
    let sum = |over: &dyn Fn(&str, EventId) -> f64| {
        both.iter().map(|((e, g), n): (_, &f64)| n * n / over(e, **g)).sum::<f64>()
    };
    let n = small(truth.len());
    let (p, r) = (sum(&|_, group| got[&group]) / n, sum(&|event, _| gold[&event]) / n);
    2.0 * p * r / (p + r)
}

fn read(path: &Path) -> anyhow::Result<Vec<Value>> {
    BufReader::new(GzDecoder::new(File::open(path)?)).lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

/// Resident memory, as the kernel counts it.
fn memory_mb() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}

/// Time on a processor so far, which a busy machine does not change.
fn worked() -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/schedstat")?;
    Ok(Duration::from_nanos(stat.split(' ').next().unwrap_or_default().parse()?))
}

#[expect(clippy::cast_precision_loss, reason = "at most some thousands")]
fn small(count: usize) -> f64 {
    count as f64
}
