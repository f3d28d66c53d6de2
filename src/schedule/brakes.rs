//! [`Brakes`]: servers that said "too many requests", and how slowly their feeds are polled since.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::{LONGEST_RETRY_AFTER, elapsed, later, seconds};

/// Slows all feeds of a registrable domain after a 429 from any of them.
///
/// Lives in memory only: a 429 after a restart builds it up again.
#[derive(Debug, Clone, Default)]
pub struct Brakes {
    domains: HashMap<String, Brake>,
}

#[derive(Debug, Clone, Copy)]
struct Brake {
    /// Nothing before this moment.
    until: Timestamp,
    /// Seconds between two polls of the domain.
    pause: f64,
}

/// The pause between polls of a domain after its first 429, and the longest that it doubles to.
const FIRST_PAUSE: f64 = 30.0;
const LONGEST_PAUSE: f64 = 3600.0;
/// A pause that successes have halved to less is dropped.
const SHORTEST_PAUSE: f64 = 5.0;
/// No more domains than this are remembered; those that are free soonest are forgotten first.
const DOMAINS: usize = 10_000;

impl Brakes {
    /// May a feed of this domain ([`crate::address::publisher`]) be polled at `now`? If so, the domain's pause begins.
    ///
    /// # Errors
    /// Not before the moment returned.
    pub fn admit(&mut self, domain: &str, now: Timestamp) -> Result<(), Timestamp> {
        match self.domains.get_mut(domain) {
            Some(brake) if brake.until > now => Err(brake.until),
            Some(brake) => {
                brake.until = later(now, brake.pause);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The server answered 429 (or 503 with Retry-After): the pause doubles, and nothing is asked before Retry-After is over.
    pub fn too_many(&mut self, domain: &str, retry_after: Option<Duration>, now: Timestamp) {
        if self.domains.len() >= DOMAINS && !self.domains.contains_key(domain) {
            let first = self.domains.iter().min_by_key(|(_, brake)| brake.until).map(|(domain, _)| domain.clone());
            first.map(|first| self.domains.remove(&first));
        }
        let brake = self.domains.entry(domain.to_owned()).or_insert(Brake { until: now, pause: FIRST_PAUSE / 2.0 });
        brake.pause = (brake.pause * 2.0).min(LONGEST_PAUSE);
        let asked = retry_after.map_or(0.0, |asked| seconds(asked.min(LONGEST_RETRY_AFTER)));
        brake.until = brake.until.max(later(now, brake.pause.max(asked)));
    }

    /// The server answered a poll as usual: the pause halves.
    pub fn answered(&mut self, domain: &str) {
        if let Some(brake) = self.domains.get_mut(domain) {
            brake.pause /= 2.0;
            if brake.pause < SHORTEST_PAUSE {
                self.domains.remove(domain);
            }
        }
    }

    /// How long the domain's feeds are to wait at `now`, in words for the log and for `status`.
    #[must_use]
    pub fn wait(&self, domain: &str, now: Timestamp) -> Option<Duration> {
        let brake = self.domains.get(domain)?;
        let wait = elapsed(now, brake.until);
        (wait > 0.0).then(|| Duration::from_secs_f64(wait))
    }
}
