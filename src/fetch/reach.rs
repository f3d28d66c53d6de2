//! Whether it is we who are cut off, or they who are down.
//!
//! One dead host is its own trouble. When several different ones cannot be reached within a short time and none can be meanwhile, the trouble is
//! nearer: a cable, a router, the name server. Whatever answers, were it with an error, ends it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// So many different domains out of reach, and none in it: two can be down at once by chance, when few are asked.
const DOMAINS: usize = 3;

/// What failed longer ago than this says nothing of now. Connecting takes ten seconds at most.
const WINDOW: Duration = Duration::from_secs(120);

/// What is known of the network.
#[derive(Debug)]
pub(super) struct Reach {
    /// The domains that could not be reached since one last could.
    missed: Mutex<HashMap<String, Instant>>,
    cut_off: watch::Sender<bool>,
}

impl Default for Reach {
    fn default() -> Self {
        Self { missed: Mutex::default(), cut_off: watch::Sender::new(false) }
    }
}

impl Reach {
    /// Something answered.
    pub(super) fn reached(&self) {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.set(false);
    }

    /// No name server knew the domain, or nothing took the connection.
    pub(super) fn missed(&self, domain: String) {
        let now = Instant::now();
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        missed.retain(|_, at| now.duration_since(*at) < WINDOW);
        missed.insert(domain, now);
        let cut_off = missed.len() >= DOMAINS;
        drop(missed);
        // Once cut off, only an answer ends it: while nobody is asked, nothing fails.
        if cut_off {
            self.set(true);
        }
    }

    /// Whether we are cut off; told of every change.
    pub(super) fn watch(&self) -> watch::Receiver<bool> {
        self.cut_off.subscribe()
    }

    fn set(&self, cut_off: bool) {
        self.cut_off.send_if_modified(|now| std::mem::replace(now, cut_off) != cut_off);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(events: &[(u64, Option<&str>)], expect: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let reach = Reach::default();
            let began = Instant::now();
            for (at, missed) in events {
                tokio::time::sleep_until(began + Duration::from_secs(*at)).await;
                missed.map_or_else(|| reach.reached(), |domain| reach.missed(domain.to_owned()));
            }
            assert_eq!(*reach.watch().borrow(), expect, "{events:?}");
        });
    }

    #[test]
    fn several_hosts_out_of_reach_and_none_in_it_is_our_own_trouble() {
        check(&[], false);
        check(&[(0, Some("a")), (1, Some("b"))], false);
        check(&[(0, Some("a")), (1, Some("b")), (2, Some("c"))], true);
        check(&[(0, Some("a")), (1, Some("a")), (2, Some("a")), (3, Some("b"))], false);
        check(&[(0, Some("a")), (1, Some("b")), (2, None), (3, Some("c"))], false);
        check(&[(0, Some("a")), (1, Some("b")), (2, Some("c")), (3, None)], false);
        // Hosts that are dead for themselves fail now and then, minutes apart.
        check(&[(0, Some("a")), (100, Some("b")), (200, Some("c")), (300, Some("a"))], false);
        check(&[(0, Some("a")), (1, Some("b")), (2, Some("c")), (900, Some("d"))], true);
    }
}
