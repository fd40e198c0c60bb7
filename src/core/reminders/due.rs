//! When something comes round: at nine in the morning of the first working day of its month, quarter, year
//! or week, by the clock of the team.

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use crate::kit::time::Timestamp;
use crate::kit::wall;
use crate::model::reminder::Rhythm;

/// At what time of the day.
const MORNING: (u32, u32) = (9, 0);

/// The first time after `now`.
pub fn next(every: Rhythm, now: Timestamp, zone: Tz, working: &[Weekday]) -> Timestamp {
    let today = wall::day(now, zone);
    // This period's may lie ahead still; the next one's does.
    let found = (0..3).filter_map(|n| begins(every, today, n)).map(|day| morning(day, zone, working));
    found.into_iter().find(|at| *at > now).unwrap_or(Timestamp(i64::MAX))
}

/// The first day of the period that a day lies in, or of the `n`th after that.
fn begins(every: Rhythm, day: NaiveDate, n: u32) -> Option<NaiveDate> {
    match every {
        Rhythm::Months(months) => {
            let months = i64::from(months.max(1));
            let all = i64::from(day.year()) * 12 + i64::from(day.month0());
            let first = (all.div_euclid(months) + i64::from(n)) * months;
            let year = i32::try_from(first.div_euclid(12)).ok()?;
            NaiveDate::from_ymd_opt(year, u32::try_from(first.rem_euclid(12)).ok()? + 1, 1)
        }
        Rhythm::Weeks(weeks) => {
            // Counted from a Monday, so that each begins with one.
            let length = 7 * i64::from(weeks.max(1));
            let monday = NaiveDate::from_ymd_opt(1970, 1, 5)?;
            let first = ((day - monday).num_days().div_euclid(length) + i64::from(n)) * length;
            monday.checked_add_signed(chrono::TimeDelta::try_days(first)?)
        }
    }
}

/// The morning of the first working day from this one on; each is one where none is named.
fn morning(day: NaiveDate, zone: Tz, working: &[Weekday]) -> Timestamp {
    let works = |day: &NaiveDate| working.is_empty() || working.contains(&day.weekday());
    let first = (0..7).filter_map(|n| day.checked_add_days(Days::new(n))).find(works).unwrap_or(day);
    let (hour, minute) = MORNING;
    wall::instant(first, NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default(), zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: Tz = Tz::Europe__Berlin;
    const WEEK: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis())
    }

    fn after(every: Rhythm, now: &str) -> String {
        next(every, at(now), BERLIN, &WEEK).rfc3339()
    }

    #[test]
    fn it_comes_round_on_the_first_working_day_at_nine_by_the_wall() {
        let (month, quarter, year) = (Rhythm::Months(1), Rhythm::Months(3), Rhythm::Months(12));
        for (every, now, then) in [
            (month, "2026-11-21T09:00:00Z", "2026-12-01T08:00:00.000Z"),
            // The first is a Saturday; nine o'clock of Monday lies ahead, or is over.
            (month, "2026-08-01T12:00:00Z", "2026-08-03T07:00:00.000Z"),
            (month, "2026-08-03T06:59:59Z", "2026-08-03T07:00:00.000Z"),
            (month, "2026-08-03T07:00:00Z", "2026-09-01T07:00:00.000Z"),
            // In Berlin it is the next month already.
            (month, "2026-11-30T23:30:00Z", "2026-12-01T08:00:00.000Z"),
            (quarter, "2026-11-21T09:00:00Z", "2027-01-01T08:00:00.000Z"),
            (quarter, "2027-01-01T08:00:00Z", "2027-04-01T07:00:00.000Z"),
            (year, "2026-11-21T09:00:00Z", "2027-01-01T08:00:00.000Z"),
            (year, "2027-12-31T09:00:00Z", "2028-01-03T08:00:00.000Z"),
            (Rhythm::Weeks(1), "2026-11-21T09:00:00Z", "2026-11-23T08:00:00.000Z"),
            (Rhythm::Months(6), "2026-11-21T09:00:00Z", "2027-01-01T08:00:00.000Z"),
        ] {
            assert_eq!(after(every, now), then, "{every} after {now}");
        }
        let daily = next(month, at("2026-08-01T00:00:00Z"), BERLIN, &[]);
        assert_eq!(daily.rfc3339(), "2026-08-01T07:00:00.000Z", "where every day is one");
    }

    #[test]
    fn in_every_zone_it_comes_once_in_each_period_and_never_at_the_same_time_again() {
        for zone in chrono_tz::TZ_VARIANTS {
            let mut now = at("2025-12-31T00:00:00Z");
            let mut months = vec![];
            while now < at("2028-01-01T00:00:00Z") {
                let then = next(Rhythm::Months(1), now, zone, &WEEK);
                assert!(then > now, "{zone} {now}");
                let day = wall::day(then, zone);
                months.push((day.year(), day.month()));
                now = then;
            }
            let mut once = months.clone();
            once.dedup();
            assert_eq!(once, months, "{zone}");
            assert!(months.len() >= 24, "{zone}: {months:?}");
        }
    }
}
