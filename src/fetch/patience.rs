//! How long a server may keep its slot without a word: some times as long as servers have lately taken to answer.
//!
//! Who takes longer is still waited for, but no longer in the way of others.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Patience in mean times to an answer.
const MEANS: u64 = 2;

/// The bounds of patience. Below the first, a short pause of our own machine would look like silence.
const SHORTEST: Duration = Duration::from_millis(300);
const LONGEST: Duration = Duration::from_secs(3);

/// The share of the newest time in the mean: one in this many.
const WEIGHT: u64 = 32;

/// A moving mean of the times that servers took to begin their answers, in microseconds.
#[derive(Debug)]
pub(super) struct Patience(AtomicU64);

impl Default for Patience {
    fn default() -> Self {
        Self(AtomicU64::new(micros(LONGEST) / MEANS))
    }
}

impl Patience {
    pub(super) fn get(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed).saturating_mul(MEANS)).clamp(SHORTEST, LONGEST)
    }

    /// Takes the time of one more answer into the mean. Two at once may count as one.
    pub(super) fn learn(&self, took: Duration) {
        let mean = self.0.load(Ordering::Relaxed);
        self.0.store((mean * (WEIGHT - 1) + micros(took.min(LONGEST))) / WEIGHT, Ordering::Relaxed);
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_follows_the_servers_within_bounds() {
        let patience = Patience::default();
        assert_eq!(patience.get(), LONGEST);
        for (took, expect) in [(1, SHORTEST), (300, Duration::from_millis(600)), (60_000, LONGEST)] {
            for _ in 0..500 {
                patience.learn(Duration::from_millis(took));
            }
            assert!(patience.get().abs_diff(expect) < Duration::from_millis(5), "{took} ms: {:?}", patience.get());
        }
    }
}
