//! Which feed is polled when: each once, or each as it comes due, while there is a network and room for what it brings.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::now;
use super::poll::{self, Polled, Subject, Welcome};
use crate::address;
use crate::fetch::Client;
use crate::pipeline::{Clock, Halt, Halts, Sender};
use crate::schedule::{self, Brakes, Queue};

/// Polls under way at once: enough that dead servers, each of which takes its whole timeout, do not delay the others. The client bounds
/// what is really in flight.
const POLLS: usize = 256;

/// While we are cut off, one feed is tried so soon after another; the pause doubles up to the longest.
const FIRST_PROBE: Duration = Duration::from_secs(2);
const LONGEST_PROBE: Duration = Duration::from_secs(30);

/// Feeds that were out of reach so shortly before we knew that it was we who were cut off are asked again at once, too.
const SUSPECT: Duration = Duration::from_secs(120);

/// The feeds and what is known of them.
pub(super) struct Poller {
    subjects: Vec<Subject>,
    client: Client,
    options: schedule::Options,
    sender: Sender,
    polls: Arc<AtomicUsize>,
    brakes: Brakes,
    /// Feeds whose last poll reached nobody, and when that was.
    missed: HashMap<usize, Instant>,
}

/// Polls under way, each with the place of its feed.
type Polls = JoinSet<Option<(usize, Polled)>>;

/// What a poll left to do.
enum After {
    /// The feed is due again as its schedule says; why the poll failed, if it did.
    Scheduled { place: usize, error: Option<String> },
    /// It reached nobody while we were cut off: that says nothing of the feed.
    Unreached { place: usize },
}

impl Poller {
    pub(super) fn new(
        subjects: Vec<Subject>,
        client: Client,
        options: schedule::Options,
        sender: Sender,
        polls: Arc<AtomicUsize>,
    ) -> Self {
        Self { subjects, client, options, sender, polls, brakes: Brakes::default(), missed: HashMap::new() }
    }

    /// Polls every feed once; gives back those that failed and why.
    pub(super) async fn once(mut self, stop: &CancellationToken) -> Vec<(String, String)> {
        let mut polls = JoinSet::new();
        let mut failed = Vec::new();
        let mut next = 0;
        loop {
            while polls.len() < POLLS && next < self.subjects.len() && !stop.is_cancelled() {
                self.start(next, poll::Charge::Always, &mut polls);
                next += 1;
            }
            tokio::select! {
                () = stop.cancelled() => break,
                done = polls.join_next() => match done {
                    None => break,
                    Some(done) => if let Some(After::Scheduled { place, error: Some(error) }) = self.finish(done) {
                        failed.push((place, error));
                    }
                }
            }
        }
        polls.shutdown().await;
        failed.sort_unstable();
        failed.into_iter().map(|(place, error)| (self.subjects[place].source.name.clone(), error)).collect()
    }

    /// Polls feeds as they come due.
    pub(super) async fn forever(mut self, mut halts: Halts, stop: &CancellationToken) {
        let mut polls = JoinSet::new();
        let mut under_way = HashSet::new();
        let mut clock = Clock::new(now(), Instant::now().into_std());
        let mut queue = self.first_polls();
        let mut probe = Probe::default();
        let mut before = Halt::No;
        loop {
            if let Some(set_back) = clock.set_back(now(), Instant::now().into_std()) {
                self.postpone_less(set_back, &under_way, &mut queue);
            }
            let halted = halts.now();
            match (before, halted) {
                (Halt::CutOff, Halt::CutOff) => {}
                (Halt::CutOff, _) => self.catch_up(&probe, &mut queue),
                (_, Halt::CutOff) => probe = Probe::new(),
                _ => {}
            }
            before = halted;
            while polls.len() < halted.polls()
                && (halted == Halt::No || probe.is_due())
                && let Some(place) = queue.pop(halted.due())
            {
                let Ok(place) = usize::try_from(place) else { continue };
                match self.brakes.admit(&address::publisher(&self.subjects[place].url), now()) {
                    Ok(()) => {
                        under_way.insert(place);
                        self.start(place, poll::Charge::IfReached(halts.clone()), &mut polls);
                    }
                    Err(until) => queue.set(number(place), until),
                }
            }
            let wake = if polls.len() < halted.polls() { queue.next_at() } else { None };
            let wake = if halted == Halt::CutOff { probe.wait() } else { sleep_for(wake) };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(wake) => {}
                () = halts.changed() => {}
                Some(done) = polls.join_next() => match self.finish(done) {
                    Some(After::Scheduled { place, .. }) => {
                        under_way.remove(&place);
                        if let Some(at) = self.subjects[place].next_poll_at {
                            queue.set(number(place), at);
                        }
                    }
                    Some(After::Unreached { place }) => {
                        under_way.remove(&place);
                        probe.failed();
                        // Behind all others: the next probe asks somebody else.
                        queue.set(number(place), now() + SignedDuration::from_hours(24));
                    }
                    None => {}
                }
            }
        }
        polls.shutdown().await;
    }

    fn first_polls(&self) -> Queue {
        let mut queue = Queue::default();
        for (place, subject) in self.subjects.iter().enumerate() {
            if !subject.schedule.is_retired() {
                queue.set(number(place), self.first_poll(subject.next_poll_at, self.subjects.len()));
            }
        }
        queue
    }

    fn first_poll(&self, stored: Option<Timestamp>, feeds: usize) -> Timestamp {
        schedule::start(stored, feeds, now(), chance().midpoint(1.0), &self.options)
    }

    /// The wall clock was set back: what was due in ten minutes is due in ten minutes still.
    fn postpone_less(&mut self, set_back: Duration, under_way: &HashSet<usize>, queue: &mut Queue) {
        tracing::warn!(seconds = set_back.as_secs(), "the clock was set back; polls keep their pauses");
        let set_back = SignedDuration::try_from(set_back).unwrap_or(SignedDuration::MAX);
        for (place, subject) in self.subjects.iter_mut().enumerate() {
            let earlier = subject.next_poll_at.map(|at| at.checked_sub(set_back).unwrap_or(Timestamp::MIN));
            subject.next_poll_at = earlier;
            if let Some(at) = earlier.filter(|_| !under_way.contains(&place) && !subject.schedule.is_retired()) {
                queue.set(number(place), at);
            }
        }
    }

    /// The network is back: whoever was out of reach meanwhile, or shortly before, is asked at once; the others when they are due.
    fn catch_up(&mut self, probe: &Probe, queue: &mut Queue) {
        let since = probe.since.checked_sub(SUSPECT).unwrap_or(probe.since);
        let missed: Vec<usize> =
            self.missed.drain().filter(|(_, missed_at)| *missed_at >= since).map(|(place, _)| place).collect();
        for &place in &missed {
            queue.set(number(place), self.first_poll(None, missed.len()));
        }
    }

    fn start(&mut self, place: usize, charge: poll::Charge, polls: &mut Polls) {
        let subject = self.subjects[place].clone();
        let (client, sender, options) = (self.client.clone(), self.sender.clone(), self.options);
        polls.spawn(async move {
            poll::poll(subject, client, sender, options, charge, chance()).await.map(|polled| (place, polled))
        });
    }

    /// Takes in what a poll came to.
    fn finish(&mut self, done: Result<Option<(usize, Polled)>, tokio::task::JoinError>) -> Option<After> {
        self.polls.fetch_add(1, Ordering::Relaxed);
        let (place, polled) = match done {
            Ok(Some(done)) => done,
            // The recorder is gone and says why by itself.
            Ok(None) => return None,
            Err(error) => {
                tracing::error!(%error, "a poll broke down; its feed rests until the next start; please report it");
                return None;
            }
        };
        let domain = address::publisher(&self.subjects[place].url);
        match polled.welcome {
            Welcome::TooMany { retry_after } => self.brakes.too_many(&domain, retry_after, now()),
            Welcome::Fine => self.brakes.answered(&domain),
            Welcome::Absent | Welcome::CutOff => drop(self.missed.insert(place, Instant::now())),
        }
        if matches!(polled.welcome, Welcome::CutOff) {
            return Some(After::Unreached { place });
        }
        if !matches!(polled.welcome, Welcome::Absent) {
            self.missed.remove(&place);
        }
        self.subjects[place] = polled.subject;
        Some(After::Scheduled { place, error: polled.error })
    }
}

impl Halt {
    /// Polls under way at once.
    fn polls(self) -> usize {
        match self {
            Self::No => POLLS,
            Self::CutOff => 1,
            Self::DiskLow => 0,
        }
    }

    /// Until when a feed must be due to be polled: a probe takes whichever is next.
    fn due(self) -> Timestamp {
        if self == Self::CutOff { Timestamp::MAX } else { now() }
    }
}

/// How the network is tried while we are cut off.
struct Probe {
    since: Instant,
    next: Instant,
    pause: Duration,
}

impl Default for Probe {
    fn default() -> Self {
        Self::new()
    }
}

impl Probe {
    fn new() -> Self {
        let now = Instant::now();
        Self { since: now, next: now + FIRST_PROBE, pause: FIRST_PROBE }
    }

    fn is_due(&self) -> bool {
        Instant::now() >= self.next
    }

    fn wait(&self) -> Duration {
        // Never no time at all: a probe under way ends by itself.
        self.next.saturating_duration_since(Instant::now()).max(Duration::from_millis(100))
    }

    fn failed(&mut self) {
        // Polls that were under way when the network went say no more than one.
        if self.is_due() {
            self.pause = (self.pause * 2).min(LONGEST_PROBE);
            self.next = Instant::now() + self.pause;
        }
    }
}

/// How long to sleep until `at`.
fn sleep_for(at: Option<Timestamp>) -> Duration {
    // The clock may be set while we sleep: look at it again every minute.
    const LONGEST: Duration = Duration::from_secs(60);
    at.map_or(LONGEST, |at| Duration::try_from(at.duration_since(now())).unwrap_or_default().min(LONGEST))
}

fn number(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

/// Chance from -1 to 1, so that a thousand feeds do not poll in step. The standard library's hasher is seeded at random.
#[expect(clippy::cast_precision_loss, reason = "chance needs no precision")]
fn chance() -> f64 {
    RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64 * 2.0 - 1.0
}
