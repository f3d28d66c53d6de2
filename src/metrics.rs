//! What this process counts and times, for whoever looks on: the status line that systemd shows, and Prometheus' text.
//!
//! One static, [`METRICS`], that outlives reloads. The shells that drive the stages measure around them; the stages themselves know nothing of it.
//!
//! Invariants: counters only grow; noting costs a few atomic additions and never waits; nothing here reads the database or the network.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The stages of this process.
pub static METRICS: Metrics = Metrics {
    poll: Stage::new(),
    fetch: Stage::new(),
    clean: Stage::new(),
    group: Stage::new(),
    commit: Stage::new(),
    polls_with_news: Counter::new(),
    polls_without: Counter::new(),
    polls_failed: Counter::new(),
};

/// What is counted and timed.
#[derive(Debug)]
pub struct Metrics {
    /// A feed is asked, read, and what it announced is committed.
    pub poll: Stage,
    /// A page is asked for, redirects and the wait for its turn included.
    pub fetch: Stage,
    /// A page becomes an article, or the reason why not; its signature included.
    pub clean: Stage,
    /// An article finds its event, days of the index that must be loaded included.
    pub group: Stage,
    /// A transaction becomes durable.
    pub commit: Stage,
    /// Polls that brought entries to fetch.
    pub polls_with_news: Counter,
    /// Polls that were answered and brought none.
    pub polls_without: Counter,
    /// Polls that failed.
    pub polls_failed: Counter,
}

/// A number that only grows.
#[derive(Debug)]
pub struct Counter(AtomicU64);

impl Counter {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// One more.
    pub fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many so far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Upper bounds of the buckets, in microseconds: from a commit (some 5 ms) to a page's `timeout` (a minute), about three to a decade.
pub const BOUNDS_US: [u64; 15] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000,
    30_000_000, 60_000_000,
];

/// How often a stage was passed, how long it took, and how many are in it now.
#[derive(Debug)]
pub struct Stage {
    in_flight: AtomicU64,
    sum_us: AtomicU64,
    /// One for each of [`BOUNDS_US`], and one for what took longer.
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
}

impl Stage {
    const fn new() -> Self {
        Self {
            in_flight: AtomicU64::new(0),
            sum_us: AtomicU64::new(0),
            buckets: [const { AtomicU64::new(0) }; BOUNDS_US.len() + 1],
        }
    }

    /// Something enters the stage; it leaves when the guard is dropped.
    #[must_use]
    pub fn enter(&self) -> Passage<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        #[expect(clippy::disallowed_methods, reason = "the shells measure")]
        let began = Instant::now();
        Passage { stage: self, began }
    }

    /// How many are in it now.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    fn leave(&self, took: Duration) {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let place = BOUNDS_US.partition_point(|&bound| bound < took_us);
        self.buckets[place].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(took_us, Ordering::Relaxed);
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One passage through a stage.
#[derive(Debug)]
pub struct Passage<'a> {
    stage: &'a Stage,
    began: Instant,
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        self.stage.leave(self.began.elapsed());
    }
}

/// Prometheus' text format, written line by line (exposition format 0.0.4).
#[derive(Debug, Default)]
pub struct Exposition(String);

/// What a family of samples is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

impl Exposition {
    /// Begins a family; its samples follow.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    /// One sample.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl fmt::Display) {
        self.0.push_str(name);
        for (place, (label, text)) in labels.iter().enumerate() {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{label}=\"{escaped}\"", if place == 0 { '{' } else { ',' });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    /// A family of one sample.
    pub fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl fmt::Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// The text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

impl Metrics {
    /// Adds everything counted and timed here.
    pub fn expose(&self, text: &mut Exposition) {
        text.family("dateline_polls_total", Kind::Counter, "Polls of feeds that ended.");
        for (outcome, counter) in
            [("news", &self.polls_with_news), ("nothing", &self.polls_without), ("failed", &self.polls_failed)]
        {
            text.sample("dateline_polls_total", &[("outcome", outcome)], counter.get());
        }
        let stages = [
            ("poll", "Time to ask and read a feed and to commit what it announced.", &self.poll),
            ("fetch", "Time to fetch a page.", &self.fetch),
            ("clean", "Time to clean a page and to sign its article.", &self.clean),
            ("group", "Time to find the event of an article.", &self.group),
            ("commit", "Time for a transaction to become durable.", &self.commit),
        ];
        for (name, help, stage) in stages {
            stage.expose(&format!("dateline_{name}_seconds"), help, text);
        }
        text.family("dateline_in_flight", Kind::Gauge, "What is in a stage now.");
        for (name, _, stage) in stages {
            text.sample("dateline_in_flight", &[("stage", name)], stage.in_flight());
        }
    }
}

impl Stage {
    fn expose(&self, name: &str, help: &str, text: &mut Exposition) {
        text.family(name, Kind::Histogram, help);
        let (bucket, mut count) = (format!("{name}_bucket"), 0);
        for (bound, passages) in BOUNDS_US.iter().zip(&self.buckets) {
            count += passages.load(Ordering::Relaxed);
            text.sample(&bucket, &[("le", &seconds(*bound).to_string())], count);
        }
        count += self.buckets.last().map_or(0, |last| last.load(Ordering::Relaxed));
        text.sample(&bucket, &[("le", "+Inf")], count);
        text.sample(&format!("{name}_sum"), &[], seconds(self.sum_us.load(Ordering::Relaxed)));
        text.sample(&format!("{name}_count"), &[], count);
    }
}

fn seconds(microseconds: u64) -> f64 {
    Duration::from_micros(microseconds).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_is_counted_once_in_every_bucket_that_holds_it() {
        let stage = Stage::new();
        let passage = stage.enter();
        assert_eq!(stage.in_flight(), 1);
        drop(passage);
        assert_eq!(stage.in_flight(), 0);
        stage.in_flight.fetch_add(2, Ordering::Relaxed);
        stage.leave(Duration::from_millis(50));
        stage.leave(Duration::from_secs(3_600));
        let mut text = Exposition::default();
        stage.expose("x_seconds", "Help.", &mut text);
        let text = text.into_text();
        for line in [
            "x_seconds_bucket{le=\"0.025\"} 1",
            "x_seconds_bucket{le=\"0.05\"} 2",
            "x_seconds_bucket{le=\"60\"} 2",
            "x_seconds_bucket{le=\"+Inf\"} 3",
            "x_seconds_count 3",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn labels_from_outside_cannot_break_out() {
        let mut text = Exposition::default();
        text.sample("x", &[("feed", "a\"b\\c\nd"), ("state", "new")], 1);
        assert_eq!(text.into_text(), "x{feed=\"a\\\"b\\\\c\\nd\",state=\"new\"} 1\n");
    }
}
