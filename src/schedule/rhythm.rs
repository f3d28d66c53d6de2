//! [`Rhythm`]: how fast a feed brings news at which hour of the day, how much it shows at a time, and hence how long it can be
//! left alone.
//!
//! Three densities, in polls a second, add up to the next poll, hour by hour; the poll is due when the integral of one
//! reaches 1:
//! - **wish**, the shortest delay that a given number of polls can buy: polls in proportion to the square root of the rate
//!   of news (Sia, Cho, Cho: Efficient Monitoring Algorithm for Fast News Alert, IEEE TKDE 19(7), 2007);
//! - **safe**, so that what the feed shows cannot be replaced unseen: not by chance or sudden news at the rate of the hour, and
//!   not in a burst like the densest seen (most of what is shown, replaced in the shortest time);
//! - **band**, the poll that is expected to find a tenth of the feed new (90 % known): up to there the feed's own wishes hold.

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize, Serializer};

use super::{Item, Seen, elapsed, within};

/// What is known of a feed's habits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Rhythm {
    /// The counts are as of this moment.
    at: Option<Timestamp>,
    /// Items that arrived in each hour of the day (UTC), old ones fading.
    #[serde(serialize_with = "short")]
    hours: Hours,
    /// Days watched, fading likewise; `hours / days` are items a day.
    days: f64,
    /// The shortest time in seconds in which three fifths of the feed were seen replaced, by hour of the day; 0 is unknown.
    #[serde(serialize_with = "short")]
    tight: Hours,
    /// Items a day at the last poll with news; fades within hours.
    burst: f64,
    /// How many items the feed shows at a time.
    capacity: u32,
    /// Has an item been seen to scroll off? Else the feed may still be growing.
    full: bool,
    /// Seconds watched so far, up to the week after which nothing more is made of it.
    watched: f64,
    /// Did the dates of the last reading tell the hour?
    dated: bool,
    shown: u32,
}

/// A number for each hour of the day.
type Hours = [f64; 24];

/// Seconds to the next poll, by three standards; never above the limit given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Due {
    /// When the wait for news has grown worth a poll.
    pub(super) wish: f64,
    /// When, at the latest, items might begin to scroll off unseen.
    pub(super) safe: f64,
    /// When a tenth of the feed will probably be new.
    pub(super) band: f64,
}

const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;

/// Nobody looks further ahead than this; the bound on the work, whatever `max_interval` says.
const LONGEST_WALK: f64 = 366.0 * DAY;

/// After a week every weekday has been seen.
const WATCHED_ENOUGH: f64 = 7.0 * DAY;

/// Counts fade by 1/e in so many days: a week of every weekday weighs in.
const MEMORY_DAYS: f64 = 7.0;

/// Polls a day of a feed with one item a day; `n` items a day earn √n times as many. Chosen in the simulation
/// (`tests/bench/schedule`).
const POLLS_AT_ONE_A_DAY: f64 = 2.5;

/// A feed that tells nothing of its past is taken for one of 12 items a day until a quarter of a day has shown better.
const UNKNOWN_ITEMS: f64 = 3.0;
const UNKNOWN_DAYS: f64 = 0.25;

/// Part of the rate that is spread evenly over the day: news break at night, too.
const EVEN: f64 = 0.2;

/// So many standard deviations of chance must fit into what the feed shows, beyond what is expected: arrivals come in twos
/// and threes, so that their spread is wider than a Poisson process's. The second is for a firehose, where twos and threes weigh little:
/// halfway between the two stands a feed of so many items a day.
const SIGMAS: (f64, f64) = (12.0, 8.0);
const SIGMAS_HALFWAY: f64 = 300.0;

/// What shows fewer items than this, shows one a day or a week, and replaces it.
const HANDFUL: f64 = 4.0;

/// And so many times the usual rate: a newsroom's pace when news break. A poll thus finds at most a sixth of the feed new.
const SURGE: f64 = 6.0;

/// What brings its items like a clock needs less than half of that: a feed is a clock where its densest burst was hardly denser than the
/// mean, from the first of these parts of it (no clock) to the second.
const CLOCK: (f64, f64) = (0.5, 0.9);
const CLOCK_NEEDS: f64 = 0.4;

/// Where chance decides, a quiet hour is taken to be at least this part as busy as the busiest...
const QUIET_HOURS: f64 = 0.25;
/// ... on the first day, when nobody knows the hours yet, this part...
const STRANGER_HOURS: f64 = 0.6;
/// ... and a feed just met may be busier by this part of what it seems, which shrinks over a week: nobody has seen its Monday.
const STRANGER: f64 = 1.5;

/// Feeds whose dates do not tell when items appeared are taken to be so many times busier,
const UNDATED: f64 = 1.5;
/// and are polled at least so often in their first days: what they show says nothing of their bursts.
const UNDATED_SECONDS: f64 = 900.0;
const UNDATED_DAYS: f64 = 2.0;
/// if they bring so many items a day at all.
const UNDATED_ALIVE: f64 = 0.5;

/// Bursts at other hours of the day than the hour's own and its neighbours' are expected to be so many times milder.
const OTHER_HOURS: f64 = 5.0;

/// The memory of the densest burst of an hour relaxes by this factor a day: doubled in two weeks.
const RELAX_A_DAY: f64 = 1.05;

/// The rate seen at the last poll counts for half in so many seconds.
const BURST_HALF_LIFE: f64 = 7200.0;

/// While nothing has scrolled off, a feed is taken to have room for so many items (what WordPress shows by default).
const ROOM: u32 = 10;

impl Rhythm {
    /// Takes in a reading.
    pub(super) fn read(&mut self, items: &[Item], now: Timestamp) {
        let shown = bounded(items.len());
        let new = bounded(items.iter().filter(|item| item.seen == Seen::New).count());
        let first = self.at.is_none();
        let last = self.fade(now);
        if !first {
            self.full |= shown < self.shown.saturating_add(new);
        }
        // A feed that shows the items of a day shows few on a quiet one: the capacity falls slowly.
        self.capacity = shown.max(self.capacity - self.capacity.saturating_sub(shown).div_ceil(20));
        self.shown = shown;
        let dates = Dates::of(items, last, now);
        if first || new > 0 {
            let wrong = if first { ahead(items, now) } else { misdated(items, last, now) };
            self.dated = dates.hours_known && !dates.newest_first.is_empty() && wrong * 2 <= new;
        }
        if first {
            self.settle(&dates, now);
        } else {
            self.count(items, new, last, now);
        }
        self.tighten(&dates, new, last, now);
    }

    /// Takes in a poll that brought nothing.
    pub(super) fn nothing(&mut self, now: Timestamp) {
        if self.at.is_some() {
            self.fade(now);
        }
    }

    /// How many items the feed shows at a time.
    pub(super) fn capacity(&self) -> u32 {
        self.capacity.max(if self.full { 1 } else { ROOM })
    }

    /// For how long the feed has been watched, up to a week.
    pub(super) fn watched_days(&self) -> f64 {
        self.watched / DAY
    }

    /// Items that the habits make expect between two moments.
    pub(super) fn expected(&self, from: Timestamp, to: Timestamp) -> f64 {
        let mut sum = 0.0;
        walk(from, elapsed(from, to).min(7.0 * DAY), |hour, _, seconds| {
            sum += self.rate(hour) * seconds / DAY;
            true
        });
        sum
    }

    /// How long the feed can be left alone from `now`, at most `limit` seconds.
    pub(super) fn due(&self, now: Timestamp, limit: f64) -> Due {
        let limit = limit.min(LONGEST_WALK);
        let tenth = f64::from(self.capacity()) / 10.0;
        let busiest = (0..24).map(|hour| self.rate(hour)).fold(0.0, f64::max);
        let doubt = self.doubt();
        let mut wish = Budget::new(limit);
        let mut safe = Budget::new(limit);
        let mut band = Budget::new(limit);
        walk(now, limit, |hour, passed, seconds| {
            let burst = self.burst * 0.5f64.powf(passed / BURST_HALF_LIFE);
            let rate = self.rate(hour).max(burst);
            wish.spend(rate.sqrt() * POLLS_AT_ONE_A_DAY / DAY, passed, seconds);
            band.spend(rate / tenth / DAY, passed, seconds);
            safe.spend(
                (doubt * self.danger(rate, busiest)).max(self.tightness(hour).map_or(0.0, f64::recip)),
                passed,
                seconds,
            );
            !(wish.is_spent() && safe.is_spent() && band.is_spent())
        });
        Due { wish: wish.at, safe: safe.at, band: band.at }
    }

    /// Polls a second that keep chance and sudden news from pushing items out unseen, at an hour of so many items a day.
    fn danger(&self, rate: f64, busiest: f64) -> f64 {
        let quiet = if self.watched < DAY { STRANGER_HOURS } else { QUIET_HOURS };
        let strange = 1.0 + STRANGER * (1.0 - self.watched / WATCHED_ENOUGH);
        let undated = if self.dated { 1.0 } else { UNDATED };
        let expected = rate.max(quiet * busiest) * strange * undated;
        // The rate itself is only known from a few days: two standard deviations on top.
        let unsure = 2.0 * (expected / self.days.max(UNKNOWN_DAYS)).sqrt();
        let unknown = !self.dated && self.watched < UNDATED_DAYS * DAY && busiest > UNDATED_ALIVE;
        let least = if unknown { UNDATED_SECONDS.recip() } else { 0.0 };
        ((expected + unsure) / allowance(f64::from(self.capacity()), expected) / DAY).max(least)
    }

    /// How much of the danger there is to a feed that may surge remains for this one: 1, unless it has kept time like a clock for a week.
    fn doubt(&self) -> f64 {
        let densest = self.tight.iter().copied().filter(|&tight| tight > 0.0).fold(f64::INFINITY, f64::min);
        if !self.dated || self.watched < WATCHED_ENOUGH || densest.is_infinite() || f64::from(self.capacity()) < HANDFUL
        {
            return 1.0;
        }
        let a_day: f64 = self.hours.iter().sum::<f64>() / self.days.max(UNKNOWN_DAYS);
        let mean = 0.6 * f64::from(self.capacity()) / a_day.max(0.01) * DAY;
        let clock = within((densest / mean - CLOCK.0) / (CLOCK.1 - CLOCK.0), 0.0, 1.0);
        1.0 - clock * (1.0 - CLOCK_NEEDS)
    }

    /// Lets the past fade up to `now`; returns the moment up to which it had faded.
    fn fade(&mut self, now: Timestamp) -> Timestamp {
        let last = self.at.unwrap_or(now).min(now);
        let days = elapsed(last, now) / DAY;
        let kept = (-days / MEMORY_DAYS).exp();
        for count in &mut self.hours {
            *count *= kept;
        }
        self.days = self.days * kept + MEMORY_DAYS * (1.0 - kept);
        self.burst *= 0.5f64.powf(days * DAY / BURST_HALF_LIFE);
        for tight in &mut self.tight {
            *tight = (*tight * RELAX_A_DAY.powf(days)).min(7.0 * DAY);
        }
        self.at = Some(now);
        self.watched = (self.watched + days * DAY).min(WATCHED_ENOUGH);
        last
    }

    /// The first reading: the dates of what is shown tell of the past.
    fn settle(&mut self, dates: &Dates, now: Timestamp) {
        // A pinned item would stretch the past: the oldest tenth, or the oldest one, is left out.
        let kept =
            dates.newest_first.len() - (dates.newest_first.len() / 10).max(usize::from(dates.newest_first.len() >= 5));
        let Some(&oldest) = dates.newest_first.get(..kept).and_then(<[_]>::last).filter(|_| kept >= 2) else {
            self.days = UNKNOWN_DAYS;
            self.hours = [UNKNOWN_ITEMS / 24.0; 24];
            return;
        };
        let span = elapsed(oldest, now).max(HOUR);
        self.days = MEMORY_DAYS * (1.0 - (-span / DAY / MEMORY_DAYS).exp());
        for &date in dates.newest_first.iter().take(kept) {
            let weight = (-elapsed(date, now) / DAY / MEMORY_DAYS).exp();
            if dates.hours_known {
                self.add(date, weight);
            } else {
                self.hours.iter_mut().for_each(|count| *count += weight / 24.0);
            }
        }
    }

    /// A later reading: what is new arrived since the last.
    fn count(&mut self, items: &[Item], new: u32, last: Timestamp, now: Timestamp) {
        let passed = elapsed(last, now);
        for item in items.iter().filter(|item| item.seen == Seen::New) {
            match item.published_at {
                Some(at) if last < at && at <= now => self.add(at, 1.0),
                _ if passed < HOUR => self.add(now, 1.0),
                _ => {
                    let mut hours = Vec::with_capacity(25);
                    walk(last, passed.min(DAY), |hour, _, seconds| {
                        hours.push((hour, seconds));
                        true
                    });
                    for (hour, seconds) in hours {
                        self.hours[hour] += seconds / passed.min(DAY);
                    }
                }
            }
        }
        if new > 0 {
            self.burst = self.burst.max(f64::from(new) * DAY / passed.max(60.0) * 0.5);
        }
    }

    fn add(&mut self, at: Timestamp, weight: f64) {
        self.hours[hour_of(at)] += weight;
    }

    /// Remembers the shortest times in which most of the feed (three fifths) was replaced.
    fn tighten(&mut self, dates: &Dates, new: u32, last: Timestamp, now: Timestamp) {
        let most = (self.capacity().saturating_mul(3).div_ceil(5)).max(1);
        let mut note = |hour: usize, seconds: f64| {
            // Less than a second between the dates of most of a feed is a batch; 0 stands for "unknown".
            let seconds = seconds.max(1.0);
            let tight = &mut self.tight[hour];
            *tight = if *tight == 0.0 { seconds } else { tight.min(seconds) };
        };
        if dates.hours_known {
            for (newer, older) in dates.newest_first.iter().zip(dates.newest_first.iter().skip(most as usize)) {
                note(hour_of(*newer), elapsed(*older, *newer));
            }
        }
        let passed = elapsed(last, now);
        if new >= most.max(2) && passed > 0.0 && passed < DAY {
            walk(last, passed, |hour, _, _| {
                note(hour, passed * f64::from(most) / f64::from(new));
                true
            });
        }
    }

    /// Items a day at an hour of the day.
    fn rate(&self, hour: usize) -> f64 {
        let [before, here, after] = around(hour).map(|hour| self.hours[hour]);
        let profile = 24.0 * (before + 2.0 * here + after) / 4.0;
        let even: f64 = self.hours.iter().sum();
        (profile * (1.0 - EVEN) + even * EVEN) / self.days.max(UNKNOWN_DAYS)
    }

    /// Seconds in which three fifths of the feed may be replaced at an hour of the day.
    fn tightness(&self, hour: usize) -> Option<f64> {
        let known = |tight: f64| (tight > 0.0).then_some(tight);
        let near = around(hour).into_iter().filter_map(|hour| known(self.tight[hour])).reduce(f64::min);
        let anywhere = self.tight.iter().copied().filter_map(known).reduce(f64::min).map(|tight| tight * OTHER_HOURS);
        match (near, anywhere) {
            (Some(near), Some(anywhere)) => Some(near.min(anywhere)),
            (near, anywhere) => near.or(anywhere),
        }
    }
}

/// The dates of a reading, as far as they say when items appeared.
struct Dates {
    newest_first: Vec<Timestamp>,
    /// Do the dates tell the hour? Not where all name the same time of day, or change with every reading.
    hours_known: bool,
}

impl Dates {
    fn of(items: &[Item], last: Timestamp, now: Timestamp) -> Self {
        let mut newest_first: Vec<Timestamp> =
            items.iter().filter_map(|item| item.published_at).filter(|&at| at <= now).collect();
        newest_first.sort_unstable_by(|a, b| b.cmp(a));
        let time_of_day = |at: &Timestamp| at.as_second().rem_euclid(86_400);
        let first = newest_first.first().map(time_of_day);
        let same_time = newest_first.len() > 2 && newest_first.iter().all(|at| Some(time_of_day(at)) == first);
        // An item that was known before the last poll cannot have appeared after it.
        let known = items.iter().filter(|item| item.seen != Seen::New);
        let (all, wrong) = known.fold((0, 0), |(all, wrong), item| {
            (all + 1, wrong + usize::from(item.published_at.is_some_and(|at| at > last)))
        });
        if wrong * 3 > all {
            return Self { newest_first: Vec::new(), hours_known: false };
        }
        Self { newest_first, hours_known: !same_time }
    }
}

/// A density that is integrated until it has used up 1.
struct Budget {
    left: f64,
    at: f64,
}

impl Budget {
    fn new(limit: f64) -> Self {
        Self { left: 1.0, at: limit }
    }

    /// Spends `density` for `seconds`, from `passed` on.
    fn spend(&mut self, density: f64, passed: f64, seconds: f64) {
        if self.is_spent() {
            return;
        }
        let cost = density * seconds;
        if cost >= self.left {
            self.at = self.at.min(passed + seconds * within(self.left / cost, 0.0, 1.0));
            self.left = 0.0;
        } else {
            self.left -= cost;
        }
    }

    fn is_spent(&self) -> bool {
        self.left <= 0.0
    }
}

/// How many items may be expected to arrive in a feed of so many, `a_day` at this hour, so that chance does not push any out: the `m`
/// with m + σ √m = capacity, between a tenth and a sixth.
fn allowance(capacity: f64, a_day: f64) -> f64 {
    let sigmas = SIGMAS.1 + (SIGMAS.0 - SIGMAS.1) / (1.0 + a_day / SIGMAS_HALFWAY);
    let root = (sigmas.mul_add(sigmas, 4.0 * capacity).sqrt() - sigmas) / 2.0;
    // Of a handful of items chance leaves nothing to spare; there the densest burst seen has to do.
    let least = if capacity < HANDFUL { 2.5 } else { 10.0 };
    (root * root).clamp(capacity / least, capacity / SURGE.min(least))
}

/// Calls `visit` with (hour of the day, seconds passed, seconds of that hour) until it says false or `limit` is reached.
fn walk(from: Timestamp, limit: f64, mut visit: impl FnMut(usize, f64, f64) -> bool) {
    let into_hour = u16::try_from(from.as_second().rem_euclid(3600)).map_or(0.0, f64::from);
    let mut hour = hour_of(from);
    let mut passed = 0.0;
    let mut piece = HOUR - into_hour;
    while passed < limit {
        let seconds = piece.min(limit - passed);
        if !visit(hour, passed, seconds) {
            return;
        }
        passed += seconds;
        hour = (hour + 1) % 24;
        piece = HOUR;
    }
}

/// New items dated before the last poll, which did not see them, or after this one: drafts, embargoes, wrong zones.
fn misdated(items: &[Item], last: Timestamp, now: Timestamp) -> u32 {
    count_new(items, |at| at < last || at > now)
}

/// New items that are not due yet.
fn ahead(items: &[Item], now: Timestamp) -> u32 {
    count_new(items, |at| at > now)
}

fn count_new(items: &[Item], dated: impl Fn(Timestamp) -> bool) -> u32 {
    bounded(items.iter().filter(|item| item.seen == Seen::New && item.published_at.is_some_and(&dated)).count())
}

fn hour_of(at: Timestamp) -> usize {
    usize::try_from(Offset::UTC.to_datetime(at).hour()).unwrap_or(0) % 24
}

fn around(hour: usize) -> [usize; 3] {
    [(hour + 23) % 24, hour, (hour + 1) % 24]
}

/// Three decimals are plenty, and keep the state small.
fn short<S: Serializer>(hours: &Hours, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(hours.iter().map(|value| (value * 1000.0).round() / 1000.0))
}

fn bounded(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
