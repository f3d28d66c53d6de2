//! Dates on the command line: a day or a moment, and the range between two.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// `2024-05-20`, a whole day in UTC, or a moment in RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// From its first second to its last.
    Day(Date),
    /// To the second.
    Moment(Timestamp),
}

impl When {
    /// Its first second.
    pub(super) fn begin(self) -> Timestamp {
        match self {
            Self::Day(day) => midnight(day),
            Self::Moment(moment) => moment,
        }
    }

    /// The first second after it.
    pub(super) fn end(self) -> Timestamp {
        match self {
            Self::Day(day) => day.tomorrow().map_or(Timestamp::MAX, midnight),
            Self::Moment(moment) => {
                Timestamp::from_second(moment.as_second().saturating_add(1)).unwrap_or(Timestamp::MAX)
            }
        }
    }
}

impl std::str::FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(moment) = text.parse() {
            return Ok(Self::Moment(moment));
        }
        match text.parse() {
            // jiff also reads the day at the head of a time without a zone, which would pass over that time in silence.
            Ok(day) if text.len() <= "2024-05-20".len() => Ok(Self::Day(day)),
            _ => Err("neither a day as `2024-05-20` nor a time as `2024-05-20T15:00:00Z`".to_owned()),
        }
    }
}

fn midnight(day: Date) -> Timestamp {
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_whole_and_a_moment_a_second() {
        let check = |text: &str, begin: &str, end: &str| {
            let when: When = text.parse().unwrap();
            assert_eq!((when.begin().to_string(), when.end().to_string()), (begin.to_owned(), end.to_owned()));
        };
        check("2024-02-28", "2024-02-28T00:00:00Z", "2024-02-29T00:00:00Z");
        check("2024-05-20T15:00:00Z", "2024-05-20T15:00:00Z", "2024-05-20T15:00:01Z");
        check("2024-05-20T15:00:00+03:00", "2024-05-20T12:00:00Z", "2024-05-20T12:00:01Z");
        for wrong in ["yesterday", "2024-13-01", "2024-05-20T15:00", ""] {
            assert!(wrong.parse::<When>().is_err(), "{wrong}");
        }
    }
}
