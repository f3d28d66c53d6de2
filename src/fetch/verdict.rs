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
    doubling + max_interval.saturating_mul(attempts.saturating_sub(22))
}
