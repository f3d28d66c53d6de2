//! Is all well? What `status` answers with its exit code, and `/healthz` with its own.
//!
//! Pure: [`Vitals`] in, [`Problem`]s out. A problem is something that a person should look at: single feeds fail and recover all day, and that is
//! none; what the daemon would mend by itself in a moment is none either.

use std::fmt;

use crate::store::Vitals;

/// What is wrong, in order of weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Nobody polls.
    Stale {
        /// How long the feed that waits longest has been due.
        lag_s: u64,
        /// Feeds that are due.
        overdue: u64,
    },
    /// Every feed fails.
    AllFailing {
        /// How many there are.
        feeds: u64,
    },
    /// Entries are due, and for an hour none was worked off.
    QueueStands {
        /// How many.
        due: u64,
    },
    /// The disk is nearly full.
    DiskLow {
        /// What is left.
        free_bytes: u64,
    },
    /// The WAL is not being written back.
    WalLarge {
        /// Its size.
        bytes: u64,
    },
}

/// Polls this late are nobody's jitter: every start spreads overdue feeds over minutes, and a loop looks at the clock once a minute.
const STALE_S: u64 = 15 * 60;

/// A start polls 20 overdue feeds a second (`schedule::start`): so much longer may it take with many.
const FEEDS_PER_SECOND: u64 = 20;

/// Less than a day of a thousand busy feeds (some 50,000 articles of 10 KB, index and pages included).
const DISK_LOW_BYTES: u64 = 1 << 29;

/// Eight times what the WAL is cut to after each checkpoint (`journal_size_limit`): some reader has held on for long.
const WAL_LARGE_BYTES: u64 = 512 << 20;

/// What is wrong.
#[must_use]
pub fn problems(vitals: &Vitals) -> Vec<Problem> {
    let feeds: u64 = vitals.feeds.iter().filter(|(state, _)| state != "retired").map(|(_, count)| count).sum();
    let failing: u64 = vitals.feeds.iter().filter(|(state, _)| state == "failing").map(|(_, count)| count).sum();
    let worked_off = vitals.last_hour.articles + vitals.last_hour.edited + vitals.last_hour.rejected;
    let mut problems = Vec::new();
    if vitals.lag_s > STALE_S + feeds / FEEDS_PER_SECOND {
        problems.push(Problem::Stale { lag_s: vitals.lag_s, overdue: vitals.overdue });
    }
    if feeds > 1 && failing == feeds {
        problems.push(Problem::AllFailing { feeds });
    }
    if vitals.due > 0 && vitals.queue_age_s > 3_600 && worked_off == 0 {
        problems.push(Problem::QueueStands { due: vitals.due });
    }
    if vitals.sizes.disk_bytes > 0 && vitals.sizes.disk_free_bytes < DISK_LOW_BYTES {
        problems.push(Problem::DiskLow { free_bytes: vitals.sizes.disk_free_bytes });
    }
    if vitals.sizes.wal_bytes > WAL_LARGE_BYTES {
        problems.push(Problem::WalLarge { bytes: vitals.sizes.wal_bytes });
    }
    problems
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stale { lag_s, overdue } => {
                write!(
                    f,
                    "stale: {overdue} feeds are due, the first since {} min; is `dateline run` running?",
                    lag_s / 60
                )
            }
            Self::AllFailing { feeds } => write!(f, "all {feeds} feeds fail; is there a network, and a name server?"),
            Self::QueueStands { due } => {
                write!(f, "{due} entries are due and none was worked off for an hour; see the log")
            }
            Self::DiskLow { free_bytes } => {
                write!(f, "{} MB are left on the disk; make room, or `dateline prune`", free_bytes / 1_000_000)
            }
            Self::WalLarge { bytes } => {
                write!(
                    f,
                    "the WAL has grown to {} MB; a program that reads the database never ends its transaction",
                    bytes / 1_000_000
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Intake, Sizes};

    fn well() -> Vitals {
        Vitals {
            feeds: vec![("active".to_owned(), 8), ("failing".to_owned(), 2)],
            lag_s: 20,
            queued: 10,
            due: 5,
            queue_age_s: 50_000,
            last_hour: Intake { articles: 3, ..Intake::default() },
            sizes: Sizes { disk_bytes: 1 << 40, disk_free_bytes: 1 << 35, ..Sizes::default() },
            ..Vitals::default()
        }
    }

    #[test]
    fn what_mends_itself_is_no_problem() {
        assert_eq!(problems(&well()), []);
        assert_eq!(problems(&Vitals::default()), [], "a database that is new");
        let many = Vitals { feeds: vec![("active".to_owned(), 100_000)], lag_s: 4_000, ..well() };
        assert_eq!(problems(&many), [], "a hundred thousand feeds after a long stop");
    }

    #[test]
    fn what_needs_somebody_is_told() {
        let told = |vitals: Vitals| problems(&vitals).iter().map(ToString::to_string).collect::<Vec<_>>().join("|");
        assert!(
            told(Vitals { lag_s: 4_000, overdue: 7, ..well() })
                .starts_with("stale: 7 feeds are due, the first since 66 min")
        );
        assert!(
            told(Vitals { feeds: vec![("failing".to_owned(), 3), ("retired".to_owned(), 1)], ..well() })
                .starts_with("all 3 feeds fail")
        );
        assert!(told(Vitals { last_hour: Intake::default(), ..well() }).starts_with("5 entries are due"));
        let sizes = Sizes { disk_bytes: 1 << 40, disk_free_bytes: 1 << 20, wal_bytes: 1 << 30, ..Sizes::default() };
        assert!(
            told(Vitals { sizes, ..well() })
                .contains("1 MB are left on the disk; make room, or `dateline prune`|the WAL has grown")
        );
    }
}
