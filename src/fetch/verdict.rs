//! What a failure means for the entry: again later, or never.
//!
//! Pure: the number of attempts and the longest wait are arguments, so that the answer can be stored with the entry.

use std::time::Duration;

use super::failure::{Failure, FailureKind};

/// What becomes of an entry whose page was not fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Try again, no earlier than this.
    Retry {
        /// How long to wait.
        after: Duration,
    },
    /// Never try again.
    Reject {
        /// Why, for a person.
        reason: String,
    },
}

/// The wait after the first failed attempt; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(60);

/// An entry is given up when this much waiting lies behind it: an outage over a weekend loses nothing.
const GIVE_UP: Duration = Duration::from_secs(3 * 24 * 3600);

/// Fewer failed attempts than this never give an entry up, however long the publisher made us wait.
const FEWEST_ATTEMPTS: u32 = 8;

/// What to do about `failure`, the `attempts`-th in a row (1 for the first), when no wait may exceed `max_interval`.
///
/// A `Retry-After` is a minimum even above `max_interval`.
#[must_use]
pub fn verdict(failure: &Failure, attempts: u32, max_interval: Duration) -> Verdict {
    if !may_pass(failure) {
        return Verdict::Reject { reason: failure.message.clone() };
    }
    if failure.kind != FailureKind::Held && attempts >= FEWEST_ATTEMPTS && waited(attempts, max_interval) >= GIVE_UP {
        return Verdict::Reject { reason: format!("given up after {attempts} attempts: {}", failure.message) };
    }
    let after = wait(attempts, max_interval).max(failure.retry_after.unwrap_or_default());
    Verdict::Retry { after }
}

/// Whether the same request could succeed later.
fn may_pass(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Address
        | FailureKind::Forbidden
        | FailureKind::Robots
        | FailureKind::TooLarge
        | FailureKind::Redirect
        | FailureKind::Wall => false,
        FailureKind::RobotsUnknown
        | FailureKind::Dns
        | FailureKind::Connect
        | FailureKind::Tls
        | FailureKind::Timeout
        | FailureKind::Protocol
        | FailureKind::Encoding
        | FailureKind::Held => true,
        // 408, 425 and 429 are about the moment (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4), as is what went wrong inside
        // the server, but for what it will never do (501, 505).
        FailureKind::Status => failure.status.is_some_and(|status| {
            matches!(status, 408 | 425 | 429) || (status >= 500 && status != 501 && status != 505)
        }),
    }
}

/// The wait after the `attempts`-th failure in a row.
fn wait(attempts: u32, max_interval: Duration) -> Duration {
    let doublings = attempts.saturating_sub(1).min(20);
    (FIRST_WAIT * (1 << doublings)).min(max_interval)
}

/// All waits before the `attempts`-th failure.
fn waited(attempts: u32, max_interval: Duration) -> Duration {
    let doubling: Duration = (1..attempts.min(22)).map(|attempt| wait(attempt, max_interval)).sum();
    doubling.saturating_add(max_interval.saturating_mul(attempts.saturating_sub(22)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn failed(kind: FailureKind) -> Failure {
        Failure::new(kind, "why")
    }

    fn answered(status: u16) -> Failure {
        Failure { status: Some(status), ..failed(FailureKind::Status) }
    }

    fn again_after(failure: &Failure, attempts: u32, max_interval: Duration) -> Option<Duration> {
        match verdict(failure, attempts, max_interval) {
            Verdict::Retry { after } => Some(after),
            Verdict::Reject { .. } => None,
        }
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        for status in [408, 425, 429, 500, 502, 503, 504, 507, 520, 522, 530] {
            assert_eq!(again_after(&answered(status), 1, DAY), Some(MINUTE), "{status}");
        }
        for kind in [
            FailureKind::Dns,
            FailureKind::Connect,
            FailureKind::Tls,
            FailureKind::Timeout,
            FailureKind::Protocol,
            FailureKind::RobotsUnknown,
        ] {
            assert_eq!(again_after(&failed(kind), 1, DAY), Some(MINUTE), "{kind}");
        }
    }

    #[test]
    fn what_cannot_pass_is_rejected_with_its_reason() {
        for status in [400, 404, 405, 406, 410, 414, 418, 501, 505] {
            assert_eq!(verdict(&answered(status), 1, DAY), Verdict::Reject { reason: "why".into() }, "{status}");
        }
        for kind in [
            FailureKind::Robots,
            FailureKind::Forbidden,
            FailureKind::Address,
            FailureKind::TooLarge,
            FailureKind::Redirect,
            FailureKind::Wall,
        ] {
            assert_eq!(verdict(&failed(kind), 1, DAY), Verdict::Reject { reason: "why".into() }, "{kind}");
        }
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<u64> = (1..=12)
            .map(|attempts| again_after(&failed(FailureKind::Dns), attempts, DAY).unwrap().as_secs() / 60)
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440]);
        assert_eq!(again_after(&failed(FailureKind::Dns), 5, 10 * MINUTE), Some(10 * MINUTE));
        assert_eq!(again_after(&failed(FailureKind::Dns), 1, Duration::from_secs(2)), Some(Duration::from_secs(2)));
    }

    #[test]
    fn retry_after_is_a_minimum_even_above_the_longest() {
        let asked = |seconds| Failure { retry_after: Some(Duration::from_secs(seconds)), ..answered(503) };
        assert_eq!(again_after(&asked(7_200), 1, 5 * MINUTE), Some(120 * MINUTE));
        assert_eq!(again_after(&asked(1), 3, DAY), Some(4 * MINUTE));
    }

    #[test]
    fn an_entry_is_given_up_after_three_days_of_trying() {
        let last = |max_interval| {
            (1..1_000)
                .find(|&attempts| again_after(&failed(FailureKind::Dns), attempts, max_interval).is_none())
                .unwrap()
        };
        assert_eq!(last(DAY), 14);
        assert!(waited(last(DAY), DAY) >= GIVE_UP);
        assert_eq!(last(Duration::MAX), 14);
        assert!(
            again_after(&failed(FailureKind::Dns), 10_000, Duration::from_secs(1)).is_some(),
            "three days of one second are not over"
        );
        assert!(again_after(&failed(FailureKind::Held), u32::MAX, DAY).is_some());
        let Verdict::Reject { reason } = verdict(&failed(FailureKind::Dns), 99, DAY) else { panic!("given up") };
        assert_eq!(reason, "given up after 99 attempts: why");
    }

    #[test]
    fn waits_never_shrink_and_never_overflow() {
        for max_interval in [Duration::ZERO, Duration::from_secs(7), DAY, Duration::MAX] {
            let mut before = Duration::ZERO;
            for attempts in (0..64).chain([u32::MAX - 1, u32::MAX]) {
                let now = wait(attempts, max_interval);
                assert!(before <= now && now <= max_interval.max(FIRST_WAIT));
                before = now;
                let _ = verdict(&failed(FailureKind::Timeout), attempts, max_interval);
            }
        }
    }
}
