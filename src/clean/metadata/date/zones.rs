//! From what a clock on the page shows to a moment: which offset a time without a zone was meant in.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use super::parse::{Stamp, Zone};
use crate::article::Precision;

/// The zones that are known on a page.
pub(super) struct Zones<'a> {
    /// Every date on it.
    pub(super) all: &'a [Stamp],
    /// The feed's setting.
    pub(super) timezone: Option<&'a TimeZone>,
    /// The offset at which a time without a zone is the moment that the feed announced.
    pub(super) local: Option<Offset>,
}

impl Zones<'_> {
    /// The moment that `first` stands for, made more exact by what else names the same day.
    pub(super) fn refine(
        &self,
        first: Stamp,
        others: &[Stamp],
        announced: Option<Timestamp>,
    ) -> (Timestamp, Precision) {
        let is_midnight = first.time.is_none_or(|time| time == Time::midnight());
        if is_midnight && first.zone == Zone::Unsaid {
            let exact = others
                .iter()
                .find(|other| other.date == first.date && other.time.is_some_and(|time| time != Time::midnight()));
            if let Some(exact) = exact {
                return self.resolve(*exact);
            }
            if let Some(at) = announced
                && is_day(first.date, at)
            {
                return (at, Precision::Time);
            }
            if first.time.is_some() {
                return self.resolve(Stamp { time: None, ..first });
            }
        }
        self.resolve(first)
    }

    pub(super) fn resolve(&self, stamp: Stamp) -> (Timestamp, Precision) {
        // Midnight sharp is how programs write a day.
        let Some(time) = stamp.time.filter(|time| *time != Time::midnight()) else {
            return (at(DateTime::from_parts(stamp.date, Time::midnight()), Offset::UTC), Precision::Day);
        };
        let local = DateTime::from_parts(stamp.date, time);
        let moment = match stamp.zone {
            Zone::Offset(offset) => at(local, offset),
            Zone::Utc => at(local, self.same_wall_clock(stamp).unwrap_or(Offset::UTC)),
            Zone::Unsaid => match (self.timezone, self.same_wall_clock(stamp)) {
                (_, Some(offset)) => at(local, offset),
                (Some(zone), None) => zone
                    .to_ambiguous_zoned(local)
                    .compatible()
                    .map_or_else(|_| at(local, Offset::UTC), |zoned| zoned.timestamp()),
                (None, None) => at(local, self.local.or_else(|| self.any_offset()).unwrap_or(Offset::UTC)),
            },
        };
        (moment, Precision::Time)
    }

    /// The offset of another date on the page that shows the same clock.
    fn same_wall_clock(&self, stamp: Stamp) -> Option<Offset> {
        let minute = |time: Time| (time.hour(), time.minute());
        self.all.iter().find_map(|other| match (other.zone, other.time, stamp.time) {
            (Zone::Offset(offset), Some(theirs), Some(ours))
                if other.date == stamp.date && minute(theirs) == minute(ours) =>
            {
                Some(offset)
            }
            _ => None,
        })
    }

    fn any_offset(&self) -> Option<Offset> {
        self.all.iter().find_map(|other| if let Zone::Offset(offset) = other.zone { Some(offset) } else { None })
    }
}

/// The offset that makes `stamp`, which names none, the announced moment. Offsets are whole or half hours, but for Nepal's 5:45.
pub(super) fn local_offset(stamp: Stamp, announced: Timestamp) -> Option<Offset> {
    const HALF_HOUR: i64 = 1_800;
    const NEPAL: i64 = 20_700;
    let local = DateTime::from_parts(stamp.date, stamp.time.filter(|_| stamp.zone == Zone::Unsaid)?);
    let ahead = at(local, Offset::UTC).as_second() - announced.as_second();
    let nearest = (ahead + HALF_HOUR / 2).div_euclid(HALF_HOUR) * HALF_HOUR;
    let offset = [nearest, NEPAL].into_iter().find(|offset| (ahead - offset).abs() < 60)?;
    let offset = i32::try_from(offset).ok().filter(|offset| (-12 * 3_600..=14 * 3_600).contains(offset))?;
    Offset::from_seconds(offset).ok()
}

/// Whether it was `date` somewhere on earth at that moment.
fn is_day(date: Date, moment: Timestamp) -> bool {
    [-12, 0, 14].iter().any(|&hours| jiff::tz::offset(hours).to_datetime(moment).date() == date)
}

fn at(local: DateTime, offset: Offset) -> Timestamp {
    offset.to_timestamp(local).unwrap_or(Timestamp::UNIX_EPOCH)
}
