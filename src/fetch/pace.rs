//! When a domain may be asked: the pauses between page requests, and never more than two requests at once.
//!
//! A *domain* is what [`address::publisher`] says: a registrable domain, or the host where there is none. Two hosts of one domain
//! share its pace. Invariants: page requests to a domain leave in the order in which they came, `delay` apart; of any kind no more
//! than [`AT_ONCE`] run at a time; what a domain asked for with `Retry-After` binds all of it. Memory is bounded: a domain is
//! forgotten once it could be asked at once and nobody waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Queue, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use url::Url;

use crate::address;

/// Requests to one domain at once, of any kind.
pub const AT_ONCE: usize = 2;

/// Longest time a domain can make us wait; a longer `Retry-After` still counts for the entry that met it.
const LONGEST_HOLD: Duration = Duration::from_secs(24 * 3600);

/// Domains in memory before the idle ones are looked for and forgotten.
const SWEEP_AT: usize = 4_096;

/// What left `delay` apart can arrive a little closer; the pause is longer by a twentieth, at most by this.
const LONGEST_MARGIN: Duration = Duration::from_millis(50);

/// The pauses of all domains. Cheap to share by reference.
#[derive(Debug)]
pub struct Pace {
    delay: Duration,
    domains: Mutex<Domains>,
}

#[derive(Debug, Default)]
struct Domains {
    by_name: HashMap<String, Arc<Domain>>,
    sweep_at: usize,
}

#[derive(Debug)]
struct Domain {
    places: Arc<Semaphore>,
    /// Whoever holds it sends the domain's next page request; the others queue in order.
    turn: Arc<Queue<()>>,
    clock: Mutex<Clock>,
}

#[derive(Debug)]
struct Clock {
    /// When the next page request may start.
    next_page: Instant,
    /// Until when the domain asked to be left alone.
    held_until: Instant,
    /// Page requests that wait for their turn or have it.
    waiting: u32,
}

/// One of a domain's places; a request runs while it is held.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

/// The right to send a domain's next page request.
#[derive(Debug)]
pub struct Turn {
    domain: Arc<Domain>,
    delay: Duration,
    _first: Option<OwnedMutexGuard<()>>,
}

impl Pace {
    /// Page requests `delay` apart.
    #[must_use]
    pub fn new(delay: Duration) -> Self {
        Self { delay, domains: Mutex::new(Domains { by_name: HashMap::new(), sweep_at: SWEEP_AT }) }
    }

    /// How long until a page request to the domain of `url` could start, given those that already wait; zero when it could now.
    #[must_use]
    pub fn ready_in(&self, url: &Url) -> Duration {
        let known = lock(&self.domains).by_name.get(&address::publisher(url)).cloned();
        known.map_or(Duration::ZERO, |domain| {
            let clock = lock(&domain.clock);
            let first = clock.next_page.max(clock.held_until).saturating_duration_since(now());
            first + self.delay.saturating_mul(clock.waiting)
        })
    }

    /// How long the domain of `url` still asks to be left alone.
    #[must_use]
    pub fn held_for(&self, url: &Url) -> Duration {
        let known = lock(&self.domains).by_name.get(&address::publisher(url)).cloned();
        known.map_or(Duration::ZERO, |domain| lock(&domain.clock).held_until.saturating_duration_since(now()))
    }

    /// Leaves the whole domain of `url` alone for `time` from now.
    pub fn hold(&self, url: &Url, time: Duration) {
        let domain = self.domain(url);
        let mut clock = lock(&domain.clock);
        clock.held_until = clock.held_until.max(now() + time.min(LONGEST_HOLD));
    }

    /// Waits for one of the domain's places.
    pub async fn place(&self, url: &Url) -> Option<Place> {
        let places = Arc::clone(&self.domain(url).places);
        places.acquire_owned().await.ok().map(Place)
    }

    /// Waits until a page request to the domain of `url` may start. `crawl_delay` is what its robots.txt asks for.
    pub async fn turn(&self, url: &Url, crawl_delay: Duration) -> Turn {
        let domain = self.domain(url);
        lock(&domain.clock).waiting += 1;
        let mut turn = Turn { domain, delay: with_margin(self.delay.max(crawl_delay)), _first: None };
        turn._first = Some(Arc::clone(&turn.domain.turn).lock_owned().await);
        loop {
            let ready = {
                let clock = lock(&turn.domain.clock);
                clock.next_page.max(clock.held_until)
            };
            if ready <= now() {
                return turn;
            }
            tokio::time::sleep_until(ready).await;
        }
    }

    fn domain(&self, url: &Url) -> Arc<Domain> {
        let mut domains = lock(&self.domains);
        if domains.by_name.len() >= domains.sweep_at {
            let now = now();
            domains.by_name.retain(|_, domain| Arc::strong_count(domain) > 1 || !domain.is_idle(now));
            domains.sweep_at = SWEEP_AT.max(domains.by_name.len() * 2);
        }
        Arc::clone(domains.by_name.entry(address::publisher(url)).or_insert_with(|| Arc::new(Domain::new(now()))))
    }
}

impl Turn {
    /// Says that the request leaves now: the next one's pause begins.
    pub fn start(self) {
        let mut clock = lock(&self.domain.clock);
        clock.next_page = now() + self.delay;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut clock = lock(&self.domain.clock);
        clock.waiting = clock.waiting.saturating_sub(1);
    }
}

impl Domain {
    fn new(now: Instant) -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            turn: Arc::new(Queue::new(())),
            clock: Mutex::new(Clock { next_page: now, held_until: now, waiting: 0 }),
        }
    }

    fn is_idle(&self, now: Instant) -> bool {
        let clock = lock(&self.clock);
        clock.next_page <= now
            && clock.held_until <= now
            && clock.waiting == 0
            && self.places.available_permits() == AT_ONCE
    }
}

fn with_margin(delay: Duration) -> Duration {
    delay + (delay / 20).min(LONGEST_MARGIN)
}

/// The runtime's clock, which tests can pause.
fn now() -> Instant {
    Instant::now()
}

/// A poisoned lock guards plain values that are never half written.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
