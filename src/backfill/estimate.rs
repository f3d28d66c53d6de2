//! How long the queue takes: the domain with the most entries governs, for nobody is asked more often than politeness allows.

use std::time::Duration;

/// What is known of the queue.
#[derive(Debug, Clone, Copy)]
pub struct Estimate<'a> {
    /// Entries that wait, by the domain that is asked for their pages.
    pub domains: &'a [(String, i64)],
    /// Entries that wait for nobody: their pages are at hand.
    pub at_hand: i64,
    /// Between the starts of two page requests to one domain.
    pub delay: Duration,
    /// Entries worked off in a second, as far as was seen.
    pub rate: Option<f64>,
    /// Until the last entry that was put back is due.
    pub last_retry: Duration,
}

/// How long the queue takes at the least; no less than the busiest domain, the rate so far and the last retry say.
#[must_use]
pub fn estimate(known: &Estimate<'_>) -> Duration {
    let most = known.domains.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let all: i64 = known.at_hand + known.domains.iter().map(|(_, count)| *count).sum::<i64>();
    let polite = known.delay.saturating_mul(u32::try_from(most).unwrap_or(u32::MAX));
    let seen = known.rate.filter(|rate| *rate > 0.0).map_or(Duration::ZERO, |rate| {
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let seconds = all as f64 / rate;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    });
    polite.max(seen).max(known.last_retry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_domain_the_rate_or_the_last_retry_governs() {
        let domains = [("paper.example".to_owned(), 720), ("journal.example".to_owned(), 10)];
        let delay = Duration::from_secs(5);
        let known = Estimate { domains: &domains, at_hand: 0, delay, rate: None, last_retry: Duration::ZERO };
        assert_eq!(estimate(&known).as_secs(), 3_600);
        assert_eq!(estimate(&Estimate { rate: Some(0.1), ..known }).as_secs(), 7_300);
        // Nobody is asked for what is at hand: only the rate tells.
        let at_hand = Estimate { domains: &[], at_hand: 900, ..known };
        assert_eq!(estimate(&at_hand), Duration::ZERO);
        assert_eq!(estimate(&Estimate { rate: Some(300.0), ..at_hand }).as_secs(), 3);
        assert_eq!(estimate(&Estimate { last_retry: Duration::from_secs(9_000), ..known }).as_secs(), 9_000);
        assert_eq!(estimate(&Estimate { domains: &[], ..known }), Duration::ZERO);
    }
}
