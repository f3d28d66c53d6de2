//! What this process counts and times, for whoever looks on: the status line that systemd shows, and Prometheus' text.
//!
//! One static, [`METRICS`], that outlives reloads. The shells that drive the stages measure around them; the stages themselves know nothing of it.
//!
//! Invariants: counters only grow; noting costs a few atomic additions and never waits; nothing here reads the database or the network.

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
