//! Does polling miss anything, how much does it ask for, and how late is it? 10,000 feeds over 30 days, on a virtual clock.
//!
//! `cargo bench --bench schedule [-- FEEDS DAYS SEED]` prints a table; SEED is the first feed's (0: the feeds that the constants were
//! chosen on; any other from FEEDS on: feeds that nothing was chosen on). With `EXPLAIN=1` each miss is told on stderr. An item counts as *catchable* when it was served for at
//! least `min_interval`, and the jitter of 10 %, while the server answered: polling at `min_interval` all the time would have caught it. An item
//! that was not caught though catchable is *missed*; *behind* is one that left while the feed was backing off after
//! an outage. The last part measures the bookkeeping for 100,000 feeds.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use dateline::schedule::{self, Hints, Item, Options, Outcome, Queue, Request, Seen, State};
use jiff::{SignedDuration, Timestamp};

use self::press::{Chance, DAY, Dates, Feed, Kind, MINUTE, Server};

mod press;

const MIN_INTERVAL: f64 = 5.0 * MINUTE;
/// With its jitter, polling at `min_interval` is sure to catch what is served for so long.
const SURE: f64 = 1.1 * MIN_INTERVAL;
const FIXED: f64 = 15.0 * MINUTE;

fn main() {
    let numbers: Vec<u32> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let feeds = numbers.first().copied().unwrap_or(10_000);
    let days = f64::from(numbers.get(1).copied().unwrap_or(30));
    let first = u64::from(numbers.get(2).copied().unwrap_or(0));
    let mut table: BTreeMap<String, Tally> = BTreeMap::new();
    for seed in first..first + u64::from(feeds) {
        let feed = Feed::draw(seed, days);
        let mut tally = Tally { feeds: 1, ..Tally::default() };
        watch(&feed, seed, days, &mut tally);
        fixed(&feed, days, &mut tally);
        table.entry(format!("{:?}", feed.kind)).or_default().add(&tally);
        table.entry("total".to_owned()).or_default().add(&tally);
    }
    println!("{feeds} feeds from seed {first}, {days} days; delays in minutes; `fixed` is polling every 15 minutes");
    println!(
        "{:12} {:>6} {:>9} {:>7} {:>6} {:>6} {:>10} {:>7} {:>7} {:>6} {:>6} | {:>12} {:>12}",
        "kind",
        "feeds",
        "catchable",
        "missed",
        "behind",
        "other",
        "polls/day",
        "of fixed",
        "median",
        "p90",
        "whole",
        "fixed missed",
        "fixed median"
    );
    for (kind, tally) in &mut table {
        tally.print(kind, days);
    }
    bookkeeping();
}

/// What came of watching some feeds.
#[derive(Default)]
struct Tally {
    feeds: u64,
    catchable: u64,
    missed: u64,
    behind: u64,
    /// Caught though polling at `min_interval` would not have been sure to.
    other: u64,
    polls: u64,
    whole: u64,
    delays: Vec<f32>,
    fixed_missed: u64,
    fixed_delays: Vec<f32>,
}

impl Tally {
    fn add(&mut self, more: &Self) {
        self.feeds += more.feeds;
        self.catchable += more.catchable;
        self.missed += more.missed;
        self.behind += more.behind;
        self.other += more.other;
        self.polls += more.polls;
        self.whole += more.whole;
        self.delays.extend(&more.delays);
        self.fixed_missed += more.fixed_missed;
        self.fixed_delays.extend(&more.fixed_delays);
    }

    #[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
    fn print(&mut self, kind: &str, days: f64) {
        let polls = self.polls as f64 / self.feeds as f64 / days;
        println!(
            "{kind:12} {:>6} {:>9} {:>7} {:>6} {:>6} {polls:>10.1} {:>6.1} % {:>7.1} {:>6.1} {:>4.0} % | {:>12} {:>12.1}",
            self.feeds,
            self.catchable,
            self.missed,
            self.behind,
            self.other,
            100.0 * polls / (DAY / FIXED),
            quantile(&mut self.delays, 0.5),
            quantile(&mut self.delays, 0.9),
            100.0 * self.whole as f64 / self.polls as f64,
            self.fixed_missed,
            quantile(&mut self.fixed_delays, 0.5),
        );
    }
}

fn quantile(delays: &mut [f32], part: f64) -> f32 {
    delays.sort_by(f32::total_cmp);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index"
    )]
    let index = (delays.len() as f64 * part) as usize;
    delays.get(index).map_or(0.0, |seconds| seconds / 60.0)
}

/// Polls a feed as its schedule says.
fn watch(feed: &Feed, seed: u64, days: f64, tally: &mut Tally) {
    let options = Options::default();
    let hints = Hints { floor: feed.floor.map(Duration::from_secs_f64), fixed: None };
    let mut chance = Chance(seed ^ 0xabcd);
    let mut caught = vec![false; feed.items.len()];
    let mut backing_off: Vec<(f64, f64)> = Vec::new();
    let mut readings: Vec<f64> = Vec::new();
    let mut state = State::default();
    let mut now = seconds(schedule::start(None, 10_000, moment(0.0), chance.unit(), &options));
    let mut first = true;
    while now < days * DAY {
        tally.polls += 1;
        let request = schedule::request(&state, moment(now));
        tally.whole += u64::from(request == Request::Whole);
        let outcome = poll(feed, &mut caught, request, &state, now);
        if matches!(outcome, Outcome::Read { .. }) {
            let (start, end) = feed.window(now);
            for (caught, &appeared) in caught.iter_mut().zip(&feed.items).take(end).skip(start) {
                let late = !std::mem::replace(caught, true) && appeared > 0.0 && !first;
                if late {
                    #[expect(clippy::cast_possible_truncation, reason = "delays of days in seconds")]
                    tally.delays.push((now - appeared) as f32);
                }
            }
            first = false;
            readings.push(now);
        }
        if std::env::var_os("STATES").is_some() {
            eprintln!("DBG {:.4} {}", now / DAY, state.to_json());
        }
        let next = schedule::after(&state, &outcome, None, &hints, moment(now), chance.between(-1.0, 1.0), &options);
        state = next.state;
        let then = next.next_poll_at.map_or(f64::INFINITY, seconds);
        if state.failures() > 0 {
            backing_off.push((now, then));
        }
        now = then;
    }
    for (item, &caught) in caught.iter().enumerate() {
        if !counts(feed, item, days) {
            continue;
        }
        let catchable = is_catchable(feed, item);
        tally.catchable += u64::from(catchable);
        let (appears, leaves) = feed.in_view(item);
        let behind = backing_off.iter().any(|&(from, to)| from < leaves && appears < to + MIN_INTERVAL);
        match (caught, catchable) {
            (true, false) => tally.other += 1,
            (false, true) if behind => tally.behind += 1,
            (false, true) => {
                tally.missed += 1;
                if std::env::var_os("EXPLAIN").is_some() {
                    let next = readings.partition_point(|&at| at < appears);
                    let unread = readings.get(next).copied().unwrap_or(f64::INFINITY)
                        - next.checked_sub(1).and_then(|last| readings.get(last)).copied().unwrap_or(0.0);
                    eprintln!(
                        "missed: seed {seed} {:?} shows {} {:?} {:?} floor {:?} at day {:.3} in view {:.0} s, unread for {unread:.0} s",
                        feed.kind,
                        feed.shows,
                        feed.dates,
                        feed.server,
                        feed.floor,
                        appears / DAY,
                        leaves - appears
                    );
                }
            }
            _ => {}
        }
    }
}

fn poll(feed: &Feed, caught: &mut [bool], request: Request, state: &State, now: f64) -> Outcome {
    if feed.is_down(now) {
        return Outcome::Failed { error: "HTTP 503".to_owned(), retry_after: None };
    }
    let (start, end) = feed.window(now);
    let body = schedule::fingerprint(&end.to_le_bytes());
    match feed.server {
        Server::Restless => {}
        Server::Stale if request == Request::Conditional => return Outcome::NotModified,
        Server::Honest | Server::Cached(_) if request == Request::Conditional && state.same_body(body) => {
            return Outcome::NotModified;
        }
        _ if state.same_body(body) && feed.dates != Dates::Request => return Outcome::SameBody,
        _ => {}
    }
    let body = if feed.server == Server::Restless { schedule::fingerprint(&now.to_le_bytes()) } else { body };
    let items = (start..end).map(|item| Item {
        seen: if caught[item] { Seen::Known } else { Seen::New },
        published_at: feed.date(item, now).map(moment),
    });
    Outcome::Read { items: items.collect(), body }
}

/// Polls a feed every 15 minutes, and looks whether that would have caught its items.
fn fixed(feed: &Feed, days: f64, tally: &mut Tally) {
    for item in 0..feed.items.len() {
        if !counts(feed, item, days) {
            continue;
        }
        let (appears, leaves) = feed.in_view(item);
        let mut at = (appears / FIXED).ceil() * FIXED;
        while at < leaves && feed.is_down(at) {
            at += FIXED;
        }
        if at < leaves {
            #[expect(clippy::cast_possible_truncation, reason = "delays of days in seconds")]
            tally.fixed_delays.push((at - feed.items[item]) as f32);
        } else if is_catchable(feed, item) {
            tally.fixed_missed += 1;
        }
    }
}

/// Items of the first hours are old news to the first poll, those of the last day may still be found.
fn counts(feed: &Feed, item: usize, days: f64) -> bool {
    let at = feed.items[item];
    at > 0.1 * DAY && at < (days - 1.0) * DAY && feed.kind != Kind::Dead
}

fn is_catchable(feed: &Feed, item: usize) -> bool {
    let (mut from, to) = feed.in_view(item);
    let mut outages = feed.outages.clone();
    outages.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (down, up) in outages {
        if down - from >= SURE {
            break;
        }
        if down < to && up > from {
            from = up;
        }
    }
    to - from >= SURE
}

/// What a daemon does for 100,000 feeds besides fetching and reading: the queue, the state in and out of JSON, the schedule.
#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn bookkeeping() {
    const FEEDS: u32 = 100_000;
    let options = Options::default();
    let now = moment(0.0);
    let feed = Feed::draw(7, 30.0);
    let mut caught = vec![false; feed.items.len()];
    let outcome = poll(&feed, &mut caught, Request::Whole, &State::default(), 0.0);
    let state =
        schedule::after(&State::default(), &outcome, None, &Hints::default(), now, 0.0, &options).state.to_json();
    let mut queue = Queue::default();
    for id in 0..FEEDS {
        queue.set(i64::from(id), now);
    }
    let (before, cpu) = (Instant::now(), cpu_seconds());
    let mut polls = 0u32;
    while let Some(id) = queue.pop(now) {
        let known = State::from_json(&state);
        let outcome = if polls.is_multiple_of(4) { &outcome } else { &Outcome::NotModified };
        let next = schedule::after(&known, outcome, None, &Hints::default(), now, 0.5, &options);
        std::hint::black_box(next.state.to_json());
        if let Some(at) = next.next_poll_at {
            queue.set(id, at);
        }
        polls += 1;
    }
    let micros = before.elapsed().as_secs_f64() * 1e6 / f64::from(polls);
    let cpu_micros = (cpu_seconds() - cpu) * 1e6 / f64::from(polls);
    println!(
        "\nbookkeeping of {FEEDS} feeds: {micros:.1} µs a poll ({cpu_micros:.1} µs of CPU), state of {} bytes; at 32 polls a day each {:.2} % of a core",
        state.len(),
        f64::from(FEEDS) * 32.0 / DAY * cpu_micros / 1e4
    );
}

/// Seconds of CPU that this process has used; 0 where the system does not tell.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // utime and stime are the 14th and 15th field; the state, a letter, is left out, and so are the first two.
    fields.get(10..12).map_or(0.0, |ticks| ticks.iter().sum::<f64>() / 100.0)
}

fn moment(seconds: f64) -> Timestamp {
    let start: Timestamp = Timestamp::from_second(1_767_225_600).unwrap_or_default();
    start.checked_add(SignedDuration::from_secs_f64(seconds)).unwrap_or(start)
}

fn seconds(at: Timestamp) -> f64 {
    at.duration_since(moment(0.0)).as_secs_f64()
}
