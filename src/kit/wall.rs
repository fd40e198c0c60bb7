//! What the clock on the wall says, and when that is. Shifts, windows and due days are written by
//! the wall; deadlines are counted in hours that pass.

use chrono::{Datelike as _, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _};
use chrono_tz::{GapInfo, Tz};

use super::time::Timestamp;

/// When the wall shows this. A time that does not exist is the first instant after it; one that
/// exists twice is the first.
pub fn instant(day: NaiveDate, time: NaiveTime, zone: Tz) -> Timestamp {
    let shown = day.and_time(time);
    match zone.from_local_datetime(&shown) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Timestamp(at.timestamp_millis()),
        LocalResult::None => {
            let end = GapInfo::new(&shown, &zone).and_then(|gap| gap.end);
            Timestamp(end.map_or(shown.and_utc().timestamp_millis(), |end| end.timestamp_millis()))
        }
    }
}

/// What the wall shows then.
pub fn shows(at: Timestamp, zone: Tz) -> NaiveDateTime {
    at.utc().with_timezone(&zone).naive_local()
}

/// The day that the wall shows then.
pub fn day(at: Timestamp, zone: Tz) -> NaiveDate {
    shows(at, zone).date()
}

/// The days from one to another, which is negative where the other comes before.
pub fn days_between(from: NaiveDate, to: NaiveDate) -> i64 {
    i64::from(to.num_days_from_ce()) - i64::from(from.num_days_from_ce())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str, time: &str, zone: Tz) -> String {
        let instant = instant(day.parse().unwrap(), time.parse().unwrap(), zone);
        instant.rfc3339()
    }

    #[test]
    fn a_time_that_does_not_exist_is_the_first_instant_after_and_one_that_exists_twice_the_first() {
        let berlin = Tz::Europe__Berlin;
        assert_eq!(at("2026-03-29", "02:30:00", berlin), "2026-03-29T01:00:00.000Z");
        assert_eq!(at("2026-10-25", "02:30:00", berlin), "2026-10-25T00:30:00.000Z");
        // Half an hour, at midnight, and a whole day that was left out.
        assert_eq!(at("2026-10-04", "02:10:00", Tz::Australia__Lord_Howe), "2026-10-03T15:30:00.000Z");
        assert_eq!(at("2026-09-06", "00:00:00", Tz::America__Santiago), "2026-09-06T04:00:00.000Z");
        // Havana's clocks go back to midnight, which it then has twice.
        assert_eq!(at("2026-11-01", "00:00:00", Tz::America__Havana), "2026-11-01T04:00:00.000Z");
        assert_eq!(at("2011-12-30", "09:00:00", Tz::Pacific__Apia), "2011-12-30T10:00:00.000Z");
    }

    #[test]
    fn in_every_zone_the_wall_shows_it_then_or_nothing_between_was_ever_shown() {
        for zone in chrono_tz::TZ_VARIANTS {
            for year in 2025..2028 {
                let days = (1..=366).filter_map(|n| NaiveDate::from_yo_opt(year, n));
                for day in days {
                    for hour in [0, 2] {
                        let time = NaiveTime::from_hms_opt(hour, 30, 0).unwrap();
                        let found = instant(day, time, zone);
                        let shown = shows(found, zone);
                        assert!(shown >= day.and_time(time), "{zone} {day} {time}: {shown}");
                        let before = shows(Timestamp(found.0 - 1), zone);
                        assert!(before < day.and_time(time), "{zone} {day} {time}: {before} came before");
                    }
                }
            }
        }
    }
}
