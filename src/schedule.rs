//! When is which feed polled? One function, [`after`]: what a feed was known to be, what the poll brought, what the
//! time is → what the feed is known to be now, and when to ask again.
//!
//! Pure: `now` and chance are arguments, nothing is read or written. Knows nothing of HTTP, of parsing or of the
//! database; the daemon tells it in [`Outcome`]'s words what happened and stores the [`State`] (JSON) with the feed, in the
//! transaction that commits the poll's entries.
//!
//! Invariants:
//! - the time to the next poll lies within [`Options`] (but for failures that have lasted for days, Retry-After and an
//!   interval of the feed's own);
//! - a feed is never left alone for so long that items are likely to scroll off unseen, whatever the feed asks for;
//! - back-off never shrinks while failures go on, once they have gone on for some hours;
//! - any `State`, of any version or made up, is accepted: scheduling never panics and never fails.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

pub use self::brakes::Brakes;
pub use self::identity::Identity;
pub use self::queue::Queue;
pub use self::recheck::{Rechecks, since};
pub use self::state::State;

mod brakes;
mod identity;
mod queue;
mod recheck;
mod rhythm;
mod state;

/// The bounds between which polling adapts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The busiest feed is polled this often. Default: 5 minutes.
    pub min_interval: Duration,
    /// The quietest feed is polled this often; failures are retried at least this often for a week. Default: 24 hours.
    pub max_interval: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { min_interval: Duration::from_secs(300), max_interval: DAY }
    }
}

/// How one feed wishes to be polled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// Not more often than this: the longest of RSS `ttl`, `sy:updatePeriod` ÷ `sy:updateFrequency` and the
    /// Cache-Control `max-age` that is left. It holds as long as little can be missed by it.
    pub floor: Option<Duration>,
    /// The feed's `interval` from the configuration: fixed instead of adaptive, whatever min and max say.
    pub fixed: Option<Duration>,
}

/// What a poll came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The feed was read.
    Read {
        /// Everything it shows, known or not, in any order.
        items: Vec<Item>,
        /// [`fingerprint`] of the body.
        body: u64,
    },
    /// 304: the server says that nothing changed.
    NotModified,
    /// The body was the same byte for byte ([`State::same_body`]), so nobody read it.
    SameBody,
    /// No feed came: refused, unreachable, too slow, not a feed, forbidden.
    Failed {
        /// In words, without a full stop: `HTTP 503`, `timed out after 60 s`. Shown as `last_error`.
        error: String,
        /// The Retry-After header.
        retry_after: Option<Duration>,
    },
    /// 410: the publisher says that the feed will not come back.
    Gone,
}

/// One item of a feed that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Was it known from this feed before?
    pub seen: Seen,
    /// When it appeared, as announced; `updated_at` where that is all there is.
    pub published_at: Option<Timestamp>,
}

/// What was known of an item when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Neither its guid nor its address was known from this feed.
    New,
    /// Its guid, if it has one, and its address were known from this feed, together.
    Known,
    /// Its address was known from this feed under another guid.
    GuidChanged,
    /// Its guid was known from this feed, or occurs in this very document, under another address.
    GuidReused,
}

/// What follows from a poll.
#[derive(Debug, Clone)]
pub struct Next {
    /// The feed as it is known now; to be stored with the poll's entries.
    pub state: State,
    /// When to poll again; `None` once the feed is retired.
    pub next_poll_at: Option<Timestamp>,
    /// The feed has moved for good: poll this address from now on, and store it.
    pub rewrite: Option<Url>,
}

/// How the next request is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// With `If-None-Match` and `If-Modified-Since`, where validators are known.
    Conditional,
    /// Without: once a day, and while the server's word is in doubt.
    Whole,
}

/// When to poll a feed for the first time after a start.
///
/// `stored` is the time that the last run had settled on. Feeds that are new or overdue are spread out, 20 a second
/// but over no longer than `max_interval`; `chance` is drawn from 0..1.
#[must_use]
pub fn start(stored: Option<Timestamp>, feeds: usize, now: Timestamp, chance: f64, options: &Options) -> Timestamp {
    if let Some(at) = stored.filter(|&at| at > now) {
        // No schedule waits longer than its own longest wait: a clock that once stood wrong must not silence a feed.
        return at.min(later(now, 7.0 * seconds(options.max_interval.max(DAY))));
    }
    let feeds = u32::try_from(feeds).unwrap_or(u32::MAX);
    let spread = (f64::from(feeds) / STARTS_PER_SECOND).min(seconds(options.max_interval));
    later(now, spread * within(chance, 0.0, 1.0))
}

/// May the next poll ask "has it changed?", or must it ask for the whole feed?
#[must_use]
pub fn request(state: &State, now: Timestamp) -> Request {
    if state.trusts_validators(now) { Request::Conditional } else { Request::Whole }
}

/// What follows from a poll that ended at `now`; `chance` is drawn from -1..1.
///
/// `moved` is where a chain of permanent redirects (301, 308) led, if every hop of it was permanent.
#[must_use]
pub fn after(
    state: &State,
    outcome: &Outcome,
    moved: Option<&Url>,
    hints: &Hints,
    now: Timestamp,
    chance: f64,
    options: &Options,
) -> Next {
    let mut state = state.clone();
    let rewrite = state.note(outcome, moved, now);
    let wait = if state.is_retired() {
        None
    } else if state.failures() > 0 {
        let retry_after = match outcome {
            Outcome::Failed { retry_after, .. } => *retry_after,
            _ => None,
        };
        Some(retry(&mut state, retry_after, hints, now, chance, options))
    } else {
        Some(interval(&state, hints, now, chance, options))
    };
    Next { state, next_poll_at: wait.map(|wait| later(now, wait)), rewrite }
}

/// A number for a body, the same for the same bytes on every machine and in every version (FNV-1a, 64 bits).
#[must_use]
pub fn fingerprint(body: &[u8]) -> u64 {
    body.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

const DAY: Duration = Duration::from_secs(86_400);

/// Polls of new or overdue feeds a second after a start: a poll costs some 10 ms of a core, so this is a fifth of one.
const STARTS_PER_SECOND: f64 = 20.0;

/// Polls of many feeds drift apart by this part of the interval.
const JITTER: f64 = 0.1;

/// After so many polls at `max_interval` the feed is tried only every seventh time: a day's interval, for a week, then weekly.
const PATIENT_FAILURES: u32 = 7;

/// A Retry-After beyond this is a mistake or a trap.
const LONGEST_RETRY_AFTER: Duration = DAY;

/// Seconds to the next try of a feed that failed. While an outage is young, a feed that was well is asked as often as its items
/// would otherwise be lost: most outages end within hours, and what has scrolled off by then cannot be had any more.
fn retry(
    state: &mut State,
    retry_after: Option<Duration>,
    hints: &Hints,
    now: Timestamp,
    chance: f64,
    options: &Options,
) -> f64 {
    let (first, last) = backoff_bounds(hints, options);
    let doubled = backoff(state.doublings(), first, last);
    let safe = if state.fails_since_hours(now) { f64::INFINITY } else { state.rhythm().due(now, last).safe.max(first) };
    let wait = if safe < doubled {
        safe
    } else {
        state.double();
        doubled
    };
    // Jitter only shortens: it must not turn a longer wait into a shorter one.
    let wait = wait * (1.0 - JITTER * within(chance, -1.0, 1.0).abs());
    wait.max(retry_after.map_or(0.0, |asked| seconds(asked.min(LONGEST_RETRY_AFTER))))
}

/// The first and the longest wait between failures.
fn backoff_bounds(hints: &Hints, options: &Options) -> (f64, f64) {
    let (first, last) = match hints.fixed {
        Some(fixed) => (seconds(fixed), seconds(fixed.max(options.max_interval))),
        None => bounds(options),
    };
    let first = first.max(SHORTEST);
    (first, last.max(first))
}

/// The wait that follows so many doublings.
fn backoff(doublings: u32, first: f64, last: f64) -> f64 {
    let doublings_to_last = (last / first).log2().ceil();
    if f64::from(doublings) >= doublings_to_last + f64::from(PATIENT_FAILURES) {
        7.0 * last
    } else {
        (first * 2f64.powi(i32::try_from(doublings.min(64)).unwrap_or(64))).min(last)
    }
}

/// Seconds to the next poll of a feed in good health.
fn interval(state: &State, hints: &Hints, now: Timestamp, chance: f64, options: &Options) -> f64 {
    let jitter = 1.0 + JITTER * within(chance, -1.0, 1.0);
    if let Some(fixed) = hints.fixed {
        return seconds(fixed) * jitter;
    }
    let (min, max) = bounds(options);
    if state.gap_suspected() {
        return min;
    }
    let mut due = state.rhythm().due(now, max);
    if let Some(read_at) = state.doubted_since() {
        let left = state.rhythm().due(read_at, max).safe - elapsed(read_at, now);
        due.safe = within(left, due.safe / 2.0, due.safe);
    }
    let floor = hints.floor.map_or(0.0, seconds).min(due.band);
    // The jitter may not carry a poll beyond what is safe.
    let wait = (due.wish.max(floor) * jitter).min(due.safe * jitter.min(1.0));
    within(wait, min, max)
}

/// The shortest wait there is, whatever is configured: a loop without any would only burn the machine.
const SHORTEST: f64 = 0.05;

fn bounds(options: &Options) -> (f64, f64) {
    let min = seconds(options.min_interval).max(SHORTEST);
    (min, seconds(options.max_interval).max(min))
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

/// `value` within bounds; the lower one where it is no number.
fn within(value: f64, low: f64, high: f64) -> f64 {
    if value.is_nan() { low } else { value.clamp(low, high) }
}

fn later(now: Timestamp, wait: f64) -> Timestamp {
    let wait = SignedDuration::try_from_secs_f64(wait).unwrap_or(SignedDuration::MAX);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Seconds from `from` to `to`; none where the clock went back.
fn elapsed(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0)
}

#[cfg(test)]
mod tests;
