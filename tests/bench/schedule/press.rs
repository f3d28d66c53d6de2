//! A press to poll: feeds with rhythms, dates and servers as they are met in the wild, each drawn from a seed.
//!
//! The kinds follow the classes found on 200,000 real feeds by Urbansky, Reichert, Muthmann, Schuster, Schill: "An Optimized
//! Web Feed Aggregation Approach for Generic Feed Types", ICWSM 2011 (dead, spontaneous, sliced, chunked, constant, single),
//! and add what a news daemon meets: morning editions, firehoses, sitemaps of two days.

pub(crate) const MINUTE: f64 = 60.0;
pub(crate) const HOUR: f64 = 3600.0;
pub(crate) const DAY: f64 = 86_400.0;

/// Chance from a seed (`SplitMix64`).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0..1.
    pub(crate) fn unit(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / 4_294_967_296.0
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// As often below the middle of the orders of magnitude as above.
    fn log_between(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// One of several, by weight.
    fn pick<T: Copy>(&mut self, choices: &[(f64, T)]) -> T {
        let mut left = self.unit() * choices.iter().map(|(weight, _)| weight).sum::<f64>();
        for &(weight, choice) in choices {
            left -= weight;
            if left < 0.0 {
                return choice;
            }
        }
        choices[choices.len() - 1].1
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Dead,
    Spontaneous,
    Sliced,
    Chunked,
    Edition,
    Constant,
    Firehose,
    Single,
    Sitemap,
}

/// What the dates of a feed are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dates {
    True,
    None,
    /// Midnight of the day.
    Day,
    /// The time of the request, for every item.
    Request,
    /// In a zone that is not told: off by so many hours.
    Zone(i8),
    /// Written up to two hours before they appear.
    Draft,
}

/// How a server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    /// "Not modified" where nothing changed.
    Honest,
    /// No validators: the same body.
    Plain,
    /// No validators, and a body that differs each time.
    Restless,
    /// "Not modified", whatever happened, to everyone who asks.
    Stale,
    /// Behind a cache that renews after so many minutes.
    Cached(u8),
}

/// One feed.
pub(crate) struct Feed {
    pub(crate) kind: Kind,
    /// Items shown, the newest; or those of the last two days.
    pub(crate) shows: usize,
    pub(crate) by_age: bool,
    pub(crate) dates: Dates,
    pub(crate) server: Server,
    /// What the feed asks for, in seconds.
    pub(crate) floor: Option<f64>,
    /// When items appear, in seconds from the start of the watch, ascending; those before 0 fill the first window.
    pub(crate) items: Vec<f64>,
    /// When the server fails: from, to.
    pub(crate) outages: Vec<(f64, f64)>,
}

impl Feed {
    pub(crate) fn draw(seed: u64, days: f64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x5851_f42d_4c95_7f2d);
        let kind = chance.pick(&[
            (0.15, Kind::Dead),
            (0.20, Kind::Spontaneous),
            (0.37, Kind::Sliced),
            (0.09, Kind::Chunked),
            (0.04, Kind::Edition),
            (0.05, Kind::Constant),
            (0.05, Kind::Firehose),
            (0.02, Kind::Single),
            (0.03, Kind::Sitemap),
        ]);
        let usual = chance.pick(&[(0.35, 10), (0.1, 15), (0.2, 20), (0.1, 25), (0.1, 30), (0.1, 50), (0.05, 100)]);
        let shows = match kind {
            Kind::Single => 1,
            Kind::Edition => usual.max(30),
            Kind::Firehose => usual.max(20),
            Kind::Sitemap => 1000,
            _ => usual,
        };
        let dates = chance.pick(&[
            (0.78, Dates::True),
            (0.05, Dates::None),
            (0.03, Dates::Day),
            (0.03, Dates::Request),
            (0.03, Dates::Zone(-5)),
            (0.03, Dates::Zone(3)),
            (0.05, Dates::Draft),
        ]);
        let server = chance.pick(&[
            (0.55, Server::Honest),
            (0.15, Server::Plain),
            (0.10, Server::Restless),
            (0.05, Server::Stale),
            (0.10, Server::Cached(5)),
            (0.05, Server::Cached(30)),
        ]);
        let floor = chance.pick(&[
            (0.45, None),
            (0.30, Some(HOUR)),
            (0.10, Some(5.0 * MINUTE)),
            (0.08, Some(15.0 * MINUTE)),
            (0.05, Some(4.0 * HOUR)),
            (0.02, Some(DAY)),
        ]);
        // Publishers give readers that poll every hour or two a chance: all but firehoses show four hours of an average day.
        let a_day = match kind {
            Kind::Sliced | Kind::Sitemap => chance.log_between(2.0, 120.0),
            Kind::Constant => chance.log_between(12.0, 288.0),
            Kind::Firehose => chance.log_between(150.0, 1500.0),
            _ => chance.log_between(0.05, 2.0),
        };
        let mut shows = shows;
        while kind != Kind::Firehose && as_f64(shows) < a_day / 6.0 {
            shows += 5;
        }
        let items = arrivals(kind, shows, a_day, days * DAY, &mut chance);
        let mut outages = Vec::new();
        while chance.unit() < 0.25 && outages.len() < 3 {
            let from = chance.between(0.0, days * DAY);
            outages.push((from, from + chance.log_between(5.0 * MINUTE, 6.0 * HOUR)));
        }
        Self { kind, shows, by_age: kind == Kind::Sitemap, dates, server, floor, items, outages }
    }

    pub(crate) fn is_down(&self, at: f64) -> bool {
        self.outages.iter().any(|&(from, to)| from <= at && at < to)
    }

    /// The moment whose feed is served at `at`.
    pub(crate) fn served(&self, at: f64) -> f64 {
        match self.server {
            Server::Cached(minutes) => {
                let step = f64::from(minutes) * MINUTE;
                (at / step).floor() * step
            }
            _ => at,
        }
    }

    /// The items served at `at`, as a range of `items`.
    pub(crate) fn window(&self, at: f64) -> (usize, usize) {
        let at = self.served(at);
        let end = self.items.partition_point(|&item| item <= at);
        let start = if self.by_age { self.items.partition_point(|&item| item <= at - 2.0 * DAY) } else { 0 };
        (start.max(end.saturating_sub(self.shows)), end)
    }

    /// From when to when an item is served.
    pub(crate) fn in_view(&self, item: usize) -> (f64, f64) {
        let appears = self.items[item];
        let pushed = self.items.get(item + self.shows).copied().unwrap_or(f64::INFINITY);
        let leaves = if self.by_age { pushed.min(appears + 2.0 * DAY) } else { pushed };
        match self.server {
            Server::Cached(minutes) => {
                let step = f64::from(minutes) * MINUTE;
                ((appears / step).ceil() * step, (leaves / step).ceil() * step)
            }
            _ => (appears, leaves),
        }
    }

    /// What the feed says of when an item appeared.
    pub(crate) fn date(&self, item: usize, asked: f64) -> Option<f64> {
        let at = self.items[item];
        match self.dates {
            Dates::True => Some(at.floor()),
            Dates::None => None,
            Dates::Day => Some((at / DAY).floor() * DAY),
            Dates::Request => Some(asked),
            Dates::Zone(hours) => Some((at + f64::from(hours) * HOUR).floor()),
            // The same delay whenever the item is shown.
            Dates::Draft => Some((at - Chance(at.to_bits()).between(0.0, 2.0 * HOUR)).floor()),
        }
    }
}

/// When a feed's items appear, from as long before the start as fills its window, to the end.
fn arrivals(kind: Kind, shows: usize, a_day: f64, end: f64, chance: &mut Chance) -> Vec<f64> {
    let zone = chance.between(0.0, DAY);
    let mut items = match kind {
        Kind::Dead => {
            let stopped = -chance.log_between(40.0 * DAY, 3000.0 * DAY);
            (0..shows).map(|_| stopped - chance.exponential(3.0 * DAY)).collect()
        }
        Kind::Spontaneous => poisson(-history(shows, a_day), end, a_day, chance, &|at| daylight(at + zone, 0.5)),
        Kind::Sliced | Kind::Sitemap => {
            let news = bursts(end, chance);
            let mut items =
                poisson(-history(shows, a_day), end, a_day, chance, &|at| daylight(at + zone, 0.3) * burst(&news, at));
            // Editors publish what is ready: now and then two or three at once.
            let together: Vec<f64> = items.iter().filter(|_| chance.unit() < 0.1).copied().collect();
            for at in together {
                for _ in 0..=usize::from(chance.unit() < 0.3) {
                    items.push(at + chance.between(0.0, 3.0 * MINUTE));
                }
            }
            items
        }
        Kind::Chunked => {
            let times: Vec<f64> =
                (0..=2 * usize::from(chance.unit() < 0.5)).map(|_| chance.between(0.0, DAY)).collect();
            let most = chance.between(2.0, (as_f64(shows) * 0.6).max(3.0));
            daily(end, 60, chance, &|chance, day, items| {
                for &time in &times {
                    if chance.unit() < 0.8 {
                        let start = day + time + chance.between(0.0, 20.0 * MINUTE);
                        let count = chance.between(1.0, most + 1.0);
                        let mut n = 0.0;
                        while n < count {
                            items.push(start + chance.between(0.0, 5.0 * MINUTE));
                            n += 1.0;
                        }
                    }
                }
            })
        }
        Kind::Edition => {
            let (count, spread) = (chance.between(15.0, 60.0), chance.between(40.0 * MINUTE, 3.0 * HOUR));
            daily(end, 10, chance, &|chance, day, items| {
                let start = day + zone + chance.between(0.0, 20.0 * MINUTE);
                let mut n = 0.0;
                while n < count {
                    items.push(start + chance.between(0.0, spread));
                    n += 1.0;
                }
                for _ in 0..6 {
                    items.push(day + chance.between(0.0, DAY));
                }
            })
        }
        Kind::Constant => {
            let step = DAY / a_day;
            let mut at = -step * (as_f64(shows) + 2.0);
            std::iter::from_fn(|| {
                at += step * chance.between(0.9, 1.1);
                (at < end).then_some(at)
            })
            .collect()
        }
        Kind::Firehose => {
            let news = bursts(end, chance);
            poisson(-history(shows, a_day), end, a_day, chance, &|at| {
                daylight(at + zone, 0.6) * burst(&news, at).min(3.0)
            })
        }
        Kind::Single => {
            let time = chance.between(0.0, DAY);
            daily(end, 10, chance, &|chance, day, items| items.push(day + time + chance.between(0.0, HOUR)))
        }
    };
    items.retain(|&at| at < end);
    items.sort_by(f64::total_cmp);
    items
}

/// Seconds in which a window fills, with something to spare.
fn history(shows: usize, a_day: f64) -> f64 {
    (as_f64(shows.min(400)) * 2.0 / a_day * DAY).clamp(3.0 * DAY, 1000.0 * DAY)
}

/// A day in the life of a newsroom: nights are quiet, mornings busy, weekends slow. About 1 on average.
fn daylight(local: f64, weekend: f64) -> f64 {
    let hour = local.rem_euclid(DAY) / HOUR;
    let day = (local / DAY).floor().rem_euclid(7.0);
    let by_hour = match hour {
        h if h < 5.0 => 0.15,
        h if h < 7.0 => 0.8,
        h if h < 10.0 => 1.9,
        h if h < 18.0 => 1.5,
        h if h < 22.0 => 0.9,
        _ => 0.4,
    };
    by_hour * if day >= 5.0 { weekend } else { 1.25 }
}

/// Breaking news: when, how much more (a newsroom at work can double or quadruple its pace, not more), how long.
fn bursts(end: f64, chance: &mut Chance) -> Vec<(f64, f64, f64)> {
    let mut news = Vec::new();
    let mut at = -30.0 * DAY;
    loop {
        at += chance.exponential(12.0 * DAY);
        if at > end {
            return news;
        }
        news.push((at, chance.between(1.0, 3.0), chance.between(0.5, 4.0) * HOUR));
    }
}

/// It starts at once and ebbs away.
fn burst(news: &[(f64, f64, f64)], at: f64) -> f64 {
    let more =
        news.iter().filter(|(start, ..)| *start <= at).map(|(start, more, last)| more * (-(at - start) / last).exp());
    1.0 + more.fold(0.0, f64::max)
}

/// A Poisson process of so many items a day, made faster and slower by `factor` (at most 25).
fn poisson(start: f64, end: f64, a_day: f64, chance: &mut Chance, factor: &dyn Fn(f64) -> f64) -> Vec<f64> {
    let mut items = Vec::new();
    let mut at = start;
    while at < end {
        let peak = 25.0;
        at += chance.exponential(DAY / (a_day * peak));
        if chance.unit() * peak < factor(at) {
            items.push(at);
        }
    }
    items
}

fn daily(end: f64, before: u16, chance: &mut Chance, day_of: &dyn Fn(&mut Chance, f64, &mut Vec<f64>)) -> Vec<f64> {
    let mut items = Vec::new();
    let mut day = -f64::from(before) * DAY;
    while day < end {
        day_of(chance, day, &mut items);
        day += DAY;
    }
    items
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
