//! The wall clock against the steady one: what is due is due by the wall clock, which may be set.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// Clocks drift apart by less than this between two looks; corrections of this size need no care.
const DRIFT: SignedDuration = SignedDuration::from_secs(60);

/// Both clocks at the last look.
#[derive(Debug)]
pub struct Clock {
    wall: Timestamp,
    steady: Instant,
}

impl Clock {
    /// The clocks as they stand.
    #[must_use]
    pub fn new(wall: Timestamp, steady: Instant) -> Self {
        Self { wall, steady }
    }

    /// How far the wall clock was set back since the last look; `None` where it was not.
    ///
    /// Forward is no jump: what came due by it is due, and the machine may only have slept.
    pub fn set_back(&mut self, wall: Timestamp, steady: Instant) -> Option<Duration> {
        let expected = SignedDuration::try_from(steady.duration_since(self.steady)).unwrap_or(SignedDuration::MAX);
        let behind = expected.saturating_sub(wall.duration_since(self.wall));
        *self = Self::new(wall, steady);
        (behind > DRIFT).then(|| Duration::try_from(behind).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clock_that_was_set_back_counts() {
        let wall: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        #[expect(clippy::disallowed_methods, reason = "there is no other way to an instant")]
        let steady = Instant::now();
        for (wall_later, steady_later, expect) in [
            (60, 60, None),
            (30, 60, None),
            (3_660, 60, None),
            (-3_540, 60, Some(3_600)),
            (-400_000_000, 0, Some(400_000_000)),
        ] {
            let mut clock = Clock::new(wall, steady);
            let set_back = clock
                .set_back(wall + SignedDuration::from_secs(wall_later), steady + Duration::from_secs(steady_later));
            assert_eq!(set_back, expect.map(Duration::from_secs), "{wall_later}");
        }
    }
}
