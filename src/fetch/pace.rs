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

/// Longest pause of a domain, asked for or configured; a longer `Retry-After` still counts for the entry that met it.
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
pub struct Place {
    turn: Option<Turn>,
    _permit: OwnedSemaphorePermit,
}

/// The right to send a domain's next page request.
#[derive(Debug)]
struct Turn {
    domain: Arc<Domain>,
    delay: Duration,
    /// Gives the turn to the next in the queue when dropped.
    first: Option<OwnedMutexGuard<()>>,
}

impl Pace {
    /// Page requests `delay` apart.
    #[must_use]
    pub fn new(delay: Duration) -> Self {
        Self {
            delay: delay.min(LONGEST_HOLD),
            domains: Mutex::new(Domains { by_name: HashMap::new(), sweep_at: SWEEP_AT }),
        }
    }

    /// The pause between page requests where robots.txt asks for no longer one.
    #[must_use]
    pub fn delay(&self) -> Duration {
        self.delay
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

    /// Leaves the whole domain of `url` alone for `time` from now.
    pub fn hold(&self, url: &Url, time: Duration) {
        let domain = self.domain(url);
        let mut clock = lock(&domain.clock);
        clock.held_until = clock.held_until.max(now() + time.min(LONGEST_HOLD));
    }

    /// A place for a page request to the domain of `url`: free, its turn come, the pause over. `crawl_delay` is what robots.txt
    /// asks for.
    ///
    /// # Errors
    /// How long the domain asked to be left alone, when that is longer than `patience`.
    pub async fn page(&self, url: &Url, crawl_delay: Duration, patience: Duration) -> Result<Place, Duration> {
        let domain = self.domain(url);
        lock(&domain.clock).waiting += 1;
        let mut turn = Turn { domain, delay: with_margin(self.delay.max(crawl_delay)), first: None };
        turn.domain.patient(patience)?;
        turn.first = Some(Arc::clone(&turn.domain.turn).lock_owned().await);
        let mut place = turn.domain.place(patience, |clock| clock.next_page.max(clock.held_until)).await?;
        place.turn = Some(turn);
        Ok(place)
    }

    /// A place for any other request: a poll or a robots.txt, which wait for no pause but for one that the domain asked for.
    ///
    /// # Errors
    /// How long the domain asked to be left alone, when that is longer than `patience`.
    pub async fn other(&self, url: &Url, patience: Duration) -> Result<Place, Duration> {
        self.domain(url).place(patience, |clock| clock.held_until).await
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

impl Place {
    /// Says that the request leaves now: the next page's pause begins, and its turn.
    pub fn start(&mut self) {
        if let Some(turn) = self.turn.take() {
            lock(&turn.domain.clock).next_page = now() + turn.delay;
        }
    }
}

impl Drop for Place {
    /// A request that could not be sent was an attempt all the same: a host that refuses connections has its pauses too.
    fn drop(&mut self) {
        self.start();
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

    /// Waits until `ready`, with one of the places in hand.
    async fn place(&self, patience: Duration, ready: fn(&Clock) -> Instant) -> Result<Place, Duration> {
        loop {
            self.patient(patience)?;
            let ready_at = ready(&lock(&self.clock));
            tokio::time::sleep_until(ready_at).await;
            let Ok(permit) = Arc::clone(&self.places).acquire_owned().await else { return Err(patience) };
            // What ran in the place before may have met a Retry-After.
            if ready(&lock(&self.clock)) <= now() {
                return Ok(Place { turn: None, _permit: permit });
            }
        }
    }

    fn patient(&self, patience: Duration) -> Result<(), Duration> {
        let held = lock(&self.clock).held_until.saturating_duration_since(now());
        if held > patience { Err(held) } else { Ok(()) }
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

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_secs(5);
    const PATIENCE: Duration = Duration::from_secs(60);

    fn at(host: &str) -> Url {
        Url::parse(&format!("http://{host}/x")).unwrap()
    }

    async fn send_page(pace: &Pace, host: &str) -> Instant {
        pace.page(&at(host), Duration::ZERO, PATIENCE).await.unwrap().start();
        Instant::now()
    }

    #[tokio::test(start_paused = true)]
    async fn pages_of_one_domain_start_apart_and_others_at_once() {
        let pace = Pace::new(DELAY);
        let began = Instant::now();
        let (first, second, third, other) = tokio::join!(
            send_page(&pace, "www.paper.example"),
            send_page(&pace, "sport.paper.example"),
            send_page(&pace, "paper.example"),
            send_page(&pace, "journal.example"),
        );
        assert_eq!(first - began, Duration::ZERO);
        assert!(second - first >= DELAY && second - first < DELAY * 11 / 10, "{:?}", second - first);
        assert!(third - second >= DELAY);
        assert_eq!(other - began, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_delay_nobody_waits() {
        let pace = Pace::new(Duration::ZERO);
        let began = Instant::now();
        for _ in 0..100 {
            send_page(&pace, "paper.example").await;
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_two_of_any_kind_run_at_once() {
        let pace = Pace::new(Duration::ZERO);
        let url = at("paper.example");
        let poll = pace.other(&url, PATIENCE).await.unwrap();
        let _page = pace.page(&url, Duration::ZERO, PATIENCE).await.unwrap();
        let third = pace.other(&url, PATIENCE);
        tokio::pin!(third);
        assert!(tokio::time::timeout(DELAY, &mut third).await.is_err());
        drop(poll);
        assert!(third.await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn polls_do_not_wait_for_the_pause_but_for_what_the_domain_asked_for() {
        let pace = Pace::new(DELAY);
        let url = at("paper.example");
        send_page(&pace, "paper.example").await;
        let began = Instant::now();
        pace.other(&url, PATIENCE).await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
        pace.hold(&url, Duration::from_secs(30));
        pace.other(&at("www.paper.example"), PATIENCE).await.unwrap();
        assert!(began.elapsed() >= Duration::from_secs(30));
        pace.hold(&url, Duration::from_secs(3_600));
        assert_eq!(pace.other(&url, PATIENCE).await.unwrap_err().as_secs(), 3_600);
        assert_eq!(pace.page(&url, Duration::ZERO, PATIENCE).await.unwrap_err().as_secs(), 3_600);
        assert_eq!(pace.ready_in(&url).as_secs(), 3_600);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_for_a_place_meets_a_hold_that_came_meanwhile() {
        let pace = Pace::new(Duration::ZERO);
        let url = at("paper.example");
        let first = pace.page(&url, Duration::ZERO, PATIENCE).await.unwrap();
        let second = pace.other(&url, PATIENCE).await.unwrap();
        let began = Instant::now();
        let waiting = async {
            pace.page(&url, Duration::ZERO, PATIENCE).await.unwrap();
            began.elapsed()
        };
        let ending = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            pace.hold(&url, Duration::from_secs(20));
            drop((first, second));
        };
        let (waited, ()) = tokio::join!(waiting, ending);
        assert!(waited >= Duration::from_secs(21), "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn crawl_delay_lengthens_the_pause() {
        let pace = Pace::new(DELAY);
        let began = Instant::now();
        for _ in 0..2 {
            pace.page(&at("slow.example"), Duration::from_secs(40), PATIENCE).await.unwrap().start();
        }
        assert!(began.elapsed() >= Duration::from_secs(40));
    }

    #[tokio::test(start_paused = true)]
    async fn ready_in_counts_those_who_wait() {
        let pace = Pace::new(DELAY);
        let url = at("paper.example");
        assert_eq!(pace.ready_in(&url), Duration::ZERO);
        send_page(&pace, "paper.example").await;
        assert!(pace.ready_in(&url) >= DELAY);
        let waiting = pace.page(&url, Duration::ZERO, PATIENCE);
        tokio::pin!(waiting);
        assert!(tokio::time::timeout(Duration::ZERO, &mut waiting).await.is_err());
        assert!(pace.ready_in(&url) >= DELAY * 2);
        drop(waiting.await);
        tokio::time::sleep(DELAY * 2).await;
        assert_eq!(pace.ready_in(&url), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn giving_up_a_turn_keeps_nobody_waiting() {
        let pace = Pace::new(DELAY);
        send_page(&pace, "paper.example").await;
        let url = at("paper.example");
        for _ in 0..10 {
            let waiting = pace.page(&url, Duration::ZERO, PATIENCE);
            assert!(tokio::time::timeout(Duration::from_millis(1), waiting).await.is_err());
        }
        assert!(pace.ready_in(&url) < DELAY * 2, "{:?}", pace.ready_in(&url));
    }

    #[tokio::test(start_paused = true)]
    async fn idle_domains_are_forgotten() {
        let pace = Pace::new(DELAY);
        for number in 0..3 * SWEEP_AT {
            send_page(&pace, &format!("paper{number}.example")).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(lock(&pace.domains).by_name.len() <= SWEEP_AT);
    }
}
