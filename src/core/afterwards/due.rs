//! Days as people type them, and the moments that they mean: a day begins and ends with the
//! team's own clock, and so does its morning.

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use crate::kit::time::Timestamp;
use crate::kit::wall;

/// When on a day people are reminded, by the clock on the wall.
const MORNING: (u32, u32) = (9, 0);
/// Days between two reminders.
const EVERY: u64 = 7;
/// Further away is a slip of the finger.
const FAR: u64 = 10 * 366;

/// Which day it is there.
pub fn today(now: Timestamp, tz: Tz) -> NaiveDate {
    wall::day(now, tz)
}

/// The day that somebody typed.
///
/// # Errors
/// How to write one.
pub fn parse(typed: &str, today: NaiveDate) -> Result<NaiveDate, String> {
    let words = typed.trim().to_lowercase();
    let ahead = |days| today.checked_add_days(Days::new(days));
    let day = match words.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["today"] => Some(today),
        ["tomorrow"] => ahead(1),
        ["in", n, unit] => match (n.parse::<u32>(), *unit) {
            (Ok(n), "day" | "days") => ahead(n.into()),
            (Ok(n), "week" | "weeks") => ahead(u64::from(n) * 7),
            _ => None,
        },
        [word] => match word.parse::<Weekday>() {
            Ok(weekday) => {
                let days = weekday.days_since(today.weekday());
                // A weekday's name on that very day means the next one.
                ahead(if days == 0 { 7 } else { days.into() })
            }
            Err(_) => NaiveDate::parse_from_str(word, "%Y-%m-%d").ok(),
        },
        _ => None,
    };
    match day {
        Some(day) if day < today => Err(format!("{day} is over; today is {today}")),
        Some(day) if ahead(FAR).is_some_and(|far| day > far) => Err(format!("{day} is too far away")),
        Some(day) => Ok(day),
        None => {
            let shown = crate::kit::text::escape_markdown(&crate::kit::text::line(typed));
            Err(format!("“{shown}” is no day: write 2026-12-01, tomorrow, friday or in 3 days"))
        }
    }
}

/// The morning of a day. Where clocks skip it, the first moment after; where they show it twice,
/// the first time.
pub fn morning(day: NaiveDate, tz: Tz) -> Timestamp {
    let (hour, minute) = MORNING;
    wall::instant(day, NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default(), tz)
}

/// When the owner of what is due on `day` is reminded first: that morning, or where it is over,
/// the next one.
pub fn first_reminder(day: NaiveDate, now: Timestamp, tz: Tz) -> Timestamp {
    let at = morning(day, tz);
    if at > now { at } else { morning(day.checked_add_days(Days::new(1)).unwrap_or(day), tz) }
}

/// When again: a week after the day, or after so many weeks that it lies ahead. However long
/// nobody was there to remind, it is one reminder.
pub fn next_reminder(day: NaiveDate, now: Timestamp, tz: Tz) -> Timestamp {
    let late = (today(now, tz) - day).num_days().max(0).unsigned_abs();
    ((late / EVERY).max(1)..)
        .take(3)
        .filter_map(|weeks| day.checked_add_days(Days::new(weeks * EVERY)))
        .map(|day| morning(day, tz))
        .find(|at| *at > now)
        .unwrap_or(Timestamp(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: Tz = chrono_tz::Europe::Berlin;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_read_as_people_type_them() {
        // A Sunday.
        let today = day("2026-11-22");
        for (typed, meant) in [
            ("2026-11-22", "2026-11-22"),
            (" Tomorrow ", "2026-11-23"),
            ("today", "2026-11-22"),
            ("in 3 days", "2026-11-25"),
            ("in 1 day", "2026-11-23"),
            ("in 2 weeks", "2026-12-06"),
            ("Friday", "2026-11-27"),
            ("fri", "2026-11-27"),
            ("sunday", "2026-11-29"),
            ("2027-01-31", "2027-01-31"),
        ] {
            assert_eq!(parse(typed, today), Ok(day(meant)), "{typed}");
        }
        for wrong in [
            "2026-11-21",
            "2026-13-01",
            "31.12.2026",
            "in many days",
            "",
            "in 4000000000 weeks",
            "9999-01-01",
        ] {
            assert!(parse(wrong, today).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_morning_is_nine_by_the_clock_on_the_wall_whatever_the_clocks_did() {
        // Berlin: UTC+1 in winter, UTC+2 in summer; clocks go forward on 2026-03-29.
        for (date, utc) in [("2026-03-28", "08:00"), ("2026-03-29", "07:00"), ("2026-10-25", "08:00")] {
            let at = morning(day(date), BERLIN).utc().format("%Y-%m-%d %H:%M").to_string();
            assert_eq!(at, format!("{date} {utc}"));
        }
        // Apia left out the whole of 2011-12-30: there is no such morning, and none is invented
        // before it.
        let skipped = morning(day("2011-12-30"), chrono_tz::Pacific::Apia);
        assert!(skipped >= morning(day("2011-12-29"), chrono_tz::Pacific::Apia));
    }

    #[test]
    fn a_day_is_the_team_s_own() {
        let late = Timestamp(
            chrono::DateTime::parse_from_rfc3339("2026-11-22T23:30:00Z").unwrap().timestamp_millis(),
        );
        assert_eq!(today(late, BERLIN), day("2026-11-23"));
        assert_eq!(today(late, Tz::UTC), day("2026-11-22"));
    }

    #[test]
    fn however_long_nobody_was_there_the_next_reminder_lies_ahead_on_the_same_weekday() {
        let due = day("2026-03-20");
        let at =
            |text: &str| Timestamp(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis());
        for (now, next) in [
            ("2026-03-20T08:00:00Z", "2026-03-27"),
            ("2026-03-27T07:59:59Z", "2026-03-27"),
            ("2026-03-27T08:00:00Z", "2026-04-03"),
            ("2026-06-01T12:00:00Z", "2026-06-05"),
        ] {
            assert_eq!(next_reminder(due, at(now), BERLIN), morning(day(next), BERLIN), "{now}");
        }
        let first = first_reminder(due, at("2026-03-20T12:00:00Z"), BERLIN);
        assert_eq!(first, morning(day("2026-03-21"), BERLIN));
    }
}
