//! What a feed's operator can rely on, poll by poll.

#![expect(clippy::float_cmp, reason = "the waits compared are whole minutes or seconds")]

use proptest::prelude::*;

use super::*;

const HOUR: f64 = 3600.0;

/// A feed that is polled as its schedule says.
struct Watch {
    now: Timestamp,
    state: State,
    hints: Hints,
    next: Option<Timestamp>,
    rewrite: Option<Url>,
}

impl Watch {
    fn new() -> Self {
        let now = at("2026-01-01T00:00:00Z");
        Self { now, state: State::default(), hints: Hints::default(), next: None, rewrite: None }
    }

    /// Polls now; returns the wait until the next poll in minutes.
    fn poll(&mut self, outcome: &Outcome, moved: Option<&str>) -> f64 {
        let moved = moved.map(|to| Url::parse(to).unwrap());
        let next = after(&self.state, outcome, moved.as_ref(), &self.hints, self.now, 0.0, &Options::default());
        (self.state, self.next, self.rewrite) = (next.state, next.next_poll_at, next.rewrite);
        self.next.map_or(f64::INFINITY, |next| (elapsed(self.now, next) / 60.0).round())
    }

    fn wait_hours(&mut self, hours: f64) {
        self.now = later(self.now, hours * HOUR);
    }

    /// A reading of `shown` items an hour apart, the newest `new` of them new.
    fn reading(&self, shown: u32, new: u32) -> Outcome {
        let items = (0..shown).map(|n| Item {
            seen: if n < new { Seen::New } else { Seen::Known },
            published_at: Some(later(self.now, -HOUR * f64::from(n))),
        });
        Outcome::Read { items: items.collect(), body: fingerprint(self.now.to_string().as_bytes()) }
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn failed(retry_after_s: Option<u64>) -> Outcome {
    Outcome::Failed { error: "HTTP 503".to_owned(), retry_after: retry_after_s.map(Duration::from_secs) }
}

#[test]
fn failures_double_to_a_day_and_then_a_week() {
    let mut watch = Watch::new();
    let mut minutes = Vec::new();
    for _ in 0..18 {
        minutes.push(watch.poll(&failed(None), None));
        watch.now = watch.next.unwrap();
    }
    let day = 1440.0;
    assert_eq!(minutes[..10], [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0, day]);
    assert_eq!(minutes[15..], [day, 7.0 * day, 7.0 * day]);
    assert_eq!(watch.state.word(), "failing");
    assert_eq!(watch.state.reason().unwrap(), "HTTP 503, 18 times in a row");
    watch.poll(&watch.reading(10, 10), None);
    assert_eq!((watch.state.word(), watch.state.failures(), watch.state.reason()), ("active", 0, None));
}

#[test]
fn a_young_outage_of_a_busy_feed_is_watched_closely_and_an_old_one_less_and_less() {
    let mut watch = Watch::new();
    let busy = (0..20).map(|n| Item { seen: Seen::New, published_at: Some(later(watch.now, -60.0 * f64::from(n))) });
    watch.poll(&Outcome::Read { items: busy.collect(), body: 1 }, None);
    let mut minutes = Vec::new();
    let began = watch.now;
    while elapsed(began, watch.now) < 30.0 * HOUR {
        minutes.push((elapsed(began, watch.now) / HOUR, watch.poll(&failed(None), None)));
        watch.now = watch.next.unwrap();
    }
    assert!(minutes.iter().all(|&(age, wait)| age > 8.0 || wait == 5.0), "{minutes:?}");
    let later: Vec<f64> = minutes.iter().filter(|(age, _)| *age > 8.0).map(|&(_, wait)| wait).collect();
    assert_eq!(later, [10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0]);
}

#[test]
fn retry_after_is_a_minimum_up_to_a_day() {
    for (asked, minutes) in [(None, 5.0), (Some(60), 5.0), (Some(7200), 120.0), (Some(900_000), 1440.0)] {
        assert_eq!(Watch::new().poll(&failed(asked), None), minutes, "{asked:?}");
    }
}

#[test]
fn a_fixed_interval_is_kept_whatever_the_bounds_say() {
    let mut watch = Watch::new();
    watch.hints = Hints { fixed: Some(Duration::from_secs(60)), floor: Some(Duration::from_secs(7200)) };
    assert_eq!(watch.poll(&watch.reading(10, 10), None), 1.0);
    watch.hints.fixed = Some(Duration::from_secs(86_400 * 3));
    assert_eq!(watch.poll(&Outcome::NotModified, None), 3.0 * 1440.0);
    assert_eq!(watch.poll(&failed(None), None), 3.0 * 1440.0);
}

#[test]
fn a_feed_that_asks_for_patience_gets_it_while_nothing_can_be_lost() {
    let polls = |shown: u32, floor: Option<u64>| {
        let mut watch = Watch::new();
        watch.hints.floor = floor.map(Duration::from_secs);
        watch.poll(&watch.reading(shown, shown), None)
    };
    // An item an hour: of ten shown, one is new after an hour, of a hundred ten are new after ten.
    assert!(polls(100, None) < 120.0);
    assert_eq!(polls(100, Some(7200)), 120.0);
    assert!(polls(10, Some(86_400)) <= 90.0);
}

#[test]
fn a_feed_whose_dates_cannot_be_true_is_watched_more_closely() {
    // Thirty items an hour apart, two of them new, and the dates off by so many hours.
    let wait = |off: f64| {
        let mut watch = Watch::new();
        let reading = |watch: &Watch, new: u32| {
            let Outcome::Read { mut items, body } = watch.reading(30, new) else { unreachable!("a reading") };
            for item in &mut items {
                item.published_at = item.published_at.map(|at| later(at, off * HOUR));
            }
            Outcome::Read { items, body }
        };
        watch.poll(&reading(&watch, 30), None);
        let polls = (0..40).map(|_| {
            watch.wait_hours(2.0);
            watch.poll(&reading(&watch, 2), None)
        });
        polls.last().unwrap()
    };
    assert!(wait(3.0) < wait(0.0), "a zone ahead");
    assert!(wait(-5.0) < wait(0.0), "a zone behind");
}

#[test]
fn a_dead_feed_is_asked_once_a_day() {
    let mut watch = Watch::new();
    let items = (0..10)
        .map(|n| Item { seen: Seen::New, published_at: Some(later(watch.now, -f64::from(700 + n) * 24.0 * HOUR)) });
    let outcome = Outcome::Read { items: items.collect(), body: 1 };
    assert!(watch.poll(&outcome, None) > 600.0);
    for _ in 0..20 {
        watch.now = watch.next.unwrap();
        watch.poll(&Outcome::NotModified, None);
    }
    assert_eq!((elapsed(watch.now, watch.next.unwrap()) / HOUR).round(), 24.0);
}

#[test]
fn a_poll_that_knows_nothing_raises_gap_suspected_until_polls_overlap_again() {
    let mut watch = Watch::new();
    watch.poll(&watch.reading(20, 20), None);
    assert_eq!(watch.state.word(), "active");
    watch.wait_hours(1.0);
    assert_eq!(watch.poll(&watch.reading(20, 20), None), 5.0);
    assert_eq!(watch.state.word(), "gap_suspected");
    assert!(watch.state.reason().unwrap().starts_with("every item was new at 2026-01-01 01:00 UTC"));
    watch.wait_hours(0.1);
    watch.poll(&Outcome::NotModified, None);
    assert!(!watch.state.gap_suspected(), "what is shown was shown before");
    assert_eq!(watch.state.word(), "gap_suspected", "it stays to be seen for a day");
    for _ in 0..2 {
        watch.wait_hours(13.0);
        watch.poll(&watch.reading(20, 13), None);
    }
    assert_eq!(watch.state.word(), "active");
}

#[test]
fn an_address_moves_after_three_sightings_over_a_day() {
    let mut watch = Watch::new();
    let (to, other) = (Some("https://new.example/rss"), Some("https://other.example/rss"));
    let steps =
        [(to, 0.0), (to, 12.0), (None, 1.0), (to, 1.0), (other, 1.0), (to, 1.0), (to, 1.0), (to, 1.0), (to, 21.0)];
    for (moved, hours) in steps {
        watch.wait_hours(hours);
        watch.poll(&Outcome::NotModified, moved);
        assert_eq!(watch.rewrite, None);
    }
    assert_eq!(watch.state.reason().unwrap(), "redirects for good to https://new.example/rss (seen 4 times)");
    watch.wait_hours(1.0);
    watch.poll(&failed(None), to);
    assert_eq!(watch.rewrite, None, "what fails is no new home");
    watch.poll(&Outcome::NotModified, to);
    assert_eq!(watch.rewrite.as_ref().map(Url::as_str), to);
    assert_eq!(watch.state.reason(), None);
}

#[test]
fn gone_twice_in_a_row_retires() {
    let mut watch = Watch::new();
    for outcome in [Outcome::Gone, failed(None), Outcome::Gone] {
        watch.poll(&outcome, None);
        assert_eq!(watch.state.word(), "failing");
    }
    watch.poll(&Outcome::Gone, None);
    assert_eq!((watch.state.word(), watch.next), ("retired", None));
    assert_eq!(watch.state.reason().unwrap(), "answered 410 Gone 2 times; it is not polled any more");
    watch.poll(&watch.reading(3, 3), None);
    assert_eq!(watch.state.word(), "active", "one that is asked by hand and answers is back");
}

#[test]
fn the_whole_is_asked_for_once_a_day() {
    let mut watch = Watch::new();
    assert_eq!(request(&watch.state, watch.now), Request::Whole);
    let slow = |watch: &Watch, new: u32| {
        let items = (0..30).map(|n| Item {
            seen: if n < new { Seen::New } else { Seen::Known },
            published_at: Some(later(watch.now, -f64::from(n) * 72.0 * HOUR)),
        });
        Outcome::Read { items: items.collect(), body: fingerprint(watch.now.to_string().as_bytes()) }
    };
    watch.poll(&slow(&watch, 30), None);
    watch.wait_hours(25.0);
    assert_eq!(request(&watch.state, watch.now), Request::Whole);
    watch.poll(&slow(&watch, 1), None);
    watch.wait_hours(1.0);
    assert_eq!(request(&watch.state, watch.now), Request::Conditional);
    watch.poll(&slow(&watch, 1), None);
    watch.wait_hours(20.0);
    assert_eq!(request(&watch.state, watch.now), Request::Conditional, "the server told of news");
    watch.wait_hours(1.1);
    assert_eq!(request(&watch.state, watch.now), Request::Whole);
}

#[test]
fn a_server_that_denies_news_is_not_asked_conditionally() {
    let mut watch = Watch::new();
    watch.poll(&watch.reading(40, 40), None);
    for _ in 0..12 {
        watch.wait_hours(13.0);
        watch.poll(&Outcome::NotModified, None);
        watch.wait_hours(13.0);
        watch.poll(&watch.reading(40, 26), None);
    }
    watch.wait_hours(0.1);
    assert_eq!(request(&watch.state, watch.now), Request::Whole);
    assert!(watch.state.reason().unwrap().contains("claims `not modified` when there is news"));
}

#[test]
fn a_new_feed_is_asked_conditionally_at_once_and_its_word_is_proven_by_the_next_request() {
    let mut watch = Watch::new();
    let known = Item { seen: Seen::Known, published_at: None };
    watch.poll(&Outcome::Read { items: vec![known; 20], body: 1 }, None);
    watch.wait_hours(0.1);
    assert_eq!(request(&watch.state, watch.now), Request::Conditional);
    watch.poll(&Outcome::NotModified, None);
    watch.wait_hours(0.1);
    assert_eq!(request(&watch.state, watch.now), Request::Whole);
}

#[test]
fn the_same_body_is_known_again() {
    let mut watch = Watch::new();
    let outcome = Outcome::Read { items: Vec::new(), body: fingerprint(b"<rss/>") };
    watch.poll(&outcome, None);
    let stored = State::from_json(&watch.state.to_json());
    assert!(stored.same_body(fingerprint(b"<rss/>")));
    assert!(!stored.same_body(fingerprint(b"<rss />")));
}

#[test]
fn guids_that_break_their_promise_are_given_up() {
    let reading = |seen: &[Seen]| Outcome::Read {
        items: seen.iter().map(|&seen| Item { seen, published_at: None }).collect(),
        body: 0,
    };
    let mut watch = Watch::new();
    let edited = reading(&[Seen::GuidReused, Seen::Known, Seen::Known, Seen::Known]);
    for _ in 0..20 {
        watch.poll(&edited, None);
    }
    assert!(!watch.state.identity().is_demoted(), "edited addresses are what guids are for");
    let places = reading(&[Seen::GuidReused, Seen::GuidReused, Seen::New, Seen::Known]);
    watch.poll(&places, None);
    watch.poll(&places, None);
    assert!(watch.state.identity().is_demoted());
    assert_eq!(watch.state.reason().unwrap(), "its guids are shared by several items; items are told apart by address");

    let mut watch = Watch::new();
    let random = reading(&[Seen::GuidChanged, Seen::GuidChanged, Seen::GuidChanged]);
    watch.poll(&random, None);
    watch.poll(&random, None);
    assert!(watch.state.identity().is_demoted());
    assert!(!State::default().identity().is_demoted());
}

#[test]
fn starts_are_spread_and_known_times_kept() {
    let now = at("2026-01-01T00:00:00Z");
    let options = Options::default();
    let first = |stored, feeds, chance| elapsed(now, start(stored, feeds, now, chance, &options));
    assert_eq!(first(None, 5, 0.9), 0.225, "a handful starts at once");
    assert_eq!(first(None, 100_000, 0.5), 2500.0);
    assert_eq!(first(Some(later(now, -50.0)), 5, 0.0), 0.0);
    assert_eq!(first(Some(later(now, 500.0)), 5, 0.5), 500.0);
    assert_eq!(first(Some(at("2999-01-01T00:00:00Z")), 5, 0.5), 7.0 * 86_400.0, "the clock was wrong once");
}

#[test]
fn a_state_of_any_version_is_read_and_stays_small() {
    for text in ["", "null", "[]", "{}", "{\"failures\":\"x\"}", "{\"from\":\"the future\"}"] {
        assert_eq!(State::from_json(text), State::default(), "{text}");
    }
    let mut watch = Watch::new();
    for _ in 0..50 {
        watch.poll(&watch.reading(100, 7), Some("https://new.example/rss"));
        watch.wait_hours(7.3);
    }
    let json = watch.state.to_json();
    assert_eq!(State::from_json(&json).word(), watch.state.word());
    assert!(json.len() < 1500, "{} bytes: {json}", json.len());
}

#[test]
fn a_429_slows_the_whole_domain() {
    let mut brakes = Brakes::default();
    let now = at("2026-01-01T00:00:00Z");
    let after = |seconds: f64| later(now, seconds);
    assert_eq!(brakes.admit("a.example", now), Ok(()));
    brakes.too_many("a.example", None, now);
    assert_eq!(brakes.admit("a.example", after(1.0)), Err(after(30.0)));
    assert_eq!(brakes.admit("b.example", after(1.0)), Ok(()));
    assert_eq!(brakes.admit("a.example", after(30.0)), Ok(()));
    assert_eq!(brakes.admit("a.example", after(31.0)), Err(after(60.0)), "one feed of the domain at a time");
    brakes.too_many("a.example", Some(Duration::from_secs(1_000_000)), after(60.0));
    assert_eq!(brakes.wait("a.example", after(60.0)), Some(Duration::from_secs(86_400)));
    for _ in 0..4 {
        brakes.answered("a.example");
    }
    assert_eq!(brakes.wait("a.example", after(61.0)), None, "answers release it");
}

#[test]
fn the_queue_gives_feeds_in_order_and_forgets_old_times() {
    let now = at("2026-01-01T00:00:00Z");
    let mut queue = Queue::default();
    for round in 0..100 {
        queue.set(1, later(now, 100.0 + f64::from(round)));
    }
    queue.set(2, later(now, 20.0));
    queue.set(3, later(now, 10.0));
    queue.set(3, later(now, 30.0));
    queue.set(4, later(now, 5.0));
    queue.remove(4);
    assert_eq!((queue.len(), queue.next_at()), (3, Some(later(now, 20.0))));
    assert_eq!(queue.pop(now), None);
    let order: Vec<i64> = std::iter::from_fn(|| queue.pop(later(now, 1000.0))).collect();
    assert_eq!(order, [2, 3, 1]);
    assert!(queue.is_empty());
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    let seen = prop_oneof![Just(Seen::New), Just(Seen::Known), Just(Seen::GuidChanged), Just(Seen::GuidReused)];
    let date = proptest::option::of(prop_oneof![1_766_000_000i64..1_800_000_000, -377_705_023_201i64..253_402_207_200]);
    let item = (seen, date)
        .prop_map(|(seen, date)| Item { seen, published_at: date.map(|s| Timestamp::from_second(s).unwrap()) });
    prop_oneof![
        (proptest::collection::vec(item, 0..40), any::<u64>()).prop_map(|(items, body)| Outcome::Read { items, body }),
        Just(Outcome::NotModified),
        Just(Outcome::SameBody),
        Just(Outcome::Gone),
        proptest::option::of(any::<u64>()).prop_map(failed),
    ]
}

proptest! {
    #[test]
    fn backoff_is_monotone_and_capped(chance in -1.0..1.0f64, min in 1u64..100_000, max in 1u64..1_000_000) {
        let options = Options { min_interval: Duration::from_secs(min), max_interval: Duration::from_secs(max) };
        let mut state = State::default();
        let mut now = at("2026-01-01T00:00:00Z");
        let waits: Vec<f64> = (1..80)
            .map(|_| {
                let next = after(&state, &failed(None), None, &Hints::default(), now, chance, &options);
                let wait = next.next_poll_at.map_or(f64::NAN, |next| elapsed(now, next));
                (state, now) = (next.state, next.next_poll_at.unwrap_or(now));
                wait
            })
            .collect();
        prop_assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
        prop_assert!(waits.iter().all(|&wait| wait <= 7.0 * seconds(options.max_interval.max(options.min_interval))));
    }

    #[test]
    fn the_interval_is_within_bounds_whatever_happens(
        polls in proptest::collection::vec((outcomes(), -1000i64..400_000, -2.0..2.0f64), 1..20),
        floor in proptest::option::of(any::<u64>()),
        min in 0u64..100_000,
        max in 0u64..4_000_000,
    ) {
        let options = Options { min_interval: Duration::from_secs(min), max_interval: Duration::from_secs(max) };
        let hints = Hints { floor: floor.map(Duration::from_secs), fixed: None };
        let (low, high) = bounds(&options);
        let mut now = at("2026-01-01T00:00:00Z");
        let mut state = State::default();
        for (outcome, passed, chance) in polls {
            now = now.checked_add(SignedDuration::from_secs(passed)).unwrap();
            let _ = request(&state, now);
            let next = after(&state, &outcome, None, &hints, now, chance, &options);
            state = State::from_json(&next.state.to_json());
            prop_assert_ne!(&state, &State::default(), "the state is readable");
            prop_assert_eq!(next.next_poll_at.is_none(), state.is_retired());
            let Some(at) = next.next_poll_at.filter(|_| state.failures() == 0) else { continue };
            let wait = elapsed(now, at);
            prop_assert!(low - 0.001 <= wait && wait <= high + 0.001, "{wait} not in {low}..{high}");
        }
    }

    #[test]
    fn a_made_up_state_is_scheduled_all_the_same(
        numbers in proptest::collection::vec(any::<f64>(), 26),
        capacity in any::<u32>(),
        outcome in outcomes(),
    ) {
        let hours: Vec<f64> = numbers[..24].to_vec();
        let made_up = serde_json::json!({
            "polled_at": "9999-01-01T00:00:00Z", "failures": 0, "shown": capacity, "body": 1,
            "rhythm": {"at": "2026-01-01T00:00:00Z", "hours": hours, "tight": hours, "days": numbers[24], "burst": numbers[25], "capacity": capacity},
        });
        let state = State::from_json(&made_up.to_string());
        let now = at("2026-06-01T00:00:00Z");
        let _ = request(&state, now);
        let next = after(&state, &outcome, None, &Hints::default(), now, 0.3, &Options::default());
        prop_assert!(next.next_poll_at.is_none_or(|at| at > now && elapsed(now, at) <= 7.0 * 86_400.0));
    }
}
