//! By when somebody begins (NX-1). Hours are hours that pass; a business day is one of the
//! calendar, in the zone of those who work.

use std::time::Duration;

use chrono::{Datelike as _, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use crate::kit::time::Timestamp;
use crate::kit::wall;
use crate::model::incident::Severity;

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: i64 = 60 * 1000;

/// By when somebody begins, where it was told at `at`: a P1 at once, a P2 within an hour, a P3
/// within four, a P4 before the end of the next day on which people work, counted in `zone`. The
/// day itself does not count. Without any working day each is one.
pub fn respond_by(severity: Severity, at: Timestamp, zone: Tz, working_days: &[Weekday]) -> Timestamp {
    match severity {
        Severity::P1 => at,
        Severity::P2 => at.after(HOUR),
        Severity::P3 => at.after(4 * HOUR),
        Severity::P4 => {
            let works = |day: &NaiveDate| working_days.is_empty() || working_days.contains(&day.weekday());
            let today = at.utc().with_timezone(&zone).date_naive();
            let mut coming = today.iter_days().skip(1).take(7);
            let Some(after) = coming.find(works).and_then(|day| day.succ_opt()) else {
                // The end of chrono's calendar.
                return at;
            };
            Timestamp(wall::instant(after, NaiveTime::MIN, zone).0 - MINUTE)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

    fn at(rfc: &str) -> Timestamp {
        Timestamp(chrono::DateTime::parse_from_rfc3339(rfc).unwrap().timestamp_millis())
    }

    /// The deadline as people there read it off their wall.
    fn wall(severity: Severity, from: &str, zone: Tz, days: &[Weekday]) -> String {
        let by = respond_by(severity, at(from), zone, days);
        by.utc().with_timezone(&zone).format("%a %Y-%m-%d %H:%M").to_string()
    }

    #[test]
    fn at_once_is_now() {
        let now = at("2026-11-21T09:00:00Z");
        assert_eq!(respond_by(Severity::P1, now, Tz::Europe__Berlin, &WEEK), now);
    }

    #[test]
    fn hours_are_hours_that_pass_whatever_the_clocks_do() {
        let berlin = Tz::Europe__Berlin;
        // Half an hour before clocks go forward, and half an hour before they go back.
        for (from, hour, four) in [
            ("2026-03-29T01:30:00+01:00", "Sun 2026-03-29 03:30", "Sun 2026-03-29 06:30"),
            ("2026-10-25T01:30:00+02:00", "Sun 2026-10-25 02:30", "Sun 2026-10-25 04:30"),
        ] {
            assert_eq!(wall(Severity::P2, from, berlin, &WEEK), hour);
            assert_eq!(wall(Severity::P3, from, berlin, &WEEK), four);
            let passed = respond_by(Severity::P3, at(from), berlin, &WEEK).since(at(from));
            assert_eq!(passed, 4 * HOUR);
        }
    }

    #[test]
    fn a_business_day_is_one_of_the_wall_and_ends_with_it() {
        let berlin = Tz::Europe__Berlin;
        for (from, by) in [
            ("2026-11-20T18:00:00+01:00", "Mon 2026-11-23 23:59"), // Friday evening
            ("2026-11-21T10:00:00+01:00", "Mon 2026-11-23 23:59"), // Saturday
            ("2026-11-23T00:00:00+01:00", "Tue 2026-11-24 23:59"), // the very beginning of Monday
            ("2026-11-23T22:30:00Z", "Tue 2026-11-24 23:59"),      // still Monday there
            ("2026-11-23T23:30:00Z", "Wed 2026-11-25 23:59"),      // Tuesday there already
            ("2026-03-27T18:00:00+01:00", "Mon 2026-03-30 23:59"), // clocks go forward in between
            ("2026-10-23T18:00:00+02:00", "Mon 2026-10-26 23:59"), // and back
            ("2026-12-31T12:00:00+01:00", "Fri 2027-01-01 23:59"),
        ] {
            assert_eq!(wall(Severity::P4, from, berlin, &WEEK), by, "{from}");
        }
        let sunday = [Weekday::Sun];
        assert_eq!(wall(Severity::P4, "2026-11-22T10:00:00Z", Tz::UTC, &sunday), "Sun 2026-11-29 23:59");
        assert_eq!(wall(Severity::P4, "2026-11-20T18:00:00Z", Tz::UTC, &[]), "Sat 2026-11-21 23:59");
    }

    #[test]
    fn a_day_without_its_midnight_begins_and_ends_all_the_same() {
        // Beirut's clocks go from 23:59 on Saturday to 01:00 on Sunday, Santiago's too.
        for (zone, saturday) in
            [(Tz::Asia__Beirut, "2026-03-28T10:00:00Z"), (Tz::America__Santiago, "2026-09-05T12:00:00Z")]
        {
            let day = at(saturday).utc().date_naive().succ_opt().unwrap();
            let begins = wall::shows(wall::instant(day, NaiveTime::MIN, zone), zone);
            assert_eq!(begins.format("%H:%M").to_string(), "01:00", "{zone} has this midnight");
            // Of the Friday before: the end of Saturday, which is the moment of the gap.
            let friday = Timestamp(at(saturday).0 - 24 * 3_600_000);
            let by = respond_by(Severity::P4, friday, zone, &[Weekday::Sat]).utc().with_timezone(&zone);
            assert_eq!(by.format("%a %H:%M").to_string(), "Sat 23:59");
        }
    }

    #[test]
    fn no_time_is_too_far_away() {
        for far in [i64::MIN, i64::MAX, 0, -1] {
            for severity in Severity::ALL {
                let _ = respond_by(severity, Timestamp(far), Tz::Pacific__Apia, &WEEK);
            }
        }
        // Apia left the 30th of December 2011 out.
        assert_eq!(
            wall(Severity::P4, "2011-12-29T12:00:00-10:00", Tz::Pacific__Apia, &[]),
            "Thu 2011-12-29 23:59"
        );
    }
}
