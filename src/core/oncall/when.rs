//! Reads a moment as people type it: by the wall of the team, or as a time from now.

use std::time::Duration;

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use crate::core::alerts::silence::duration;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::kit::wall;

/// How far from now a moment may be, in days: about two years. What is further is a slip, and whoever
/// looks for shifts there looks past the end of the calendar.
const FAR: u64 = 2 * 366;

/// The moment that is meant: `now`, `in 2h`, `18:00`, `tomorrow 9:00`, `fri 18:00`, `2026-03-02 18:00`.
/// A time alone is the next one; a day alone begins at midnight.
///
/// # Errors
/// What it is not, and how it is written; or that it is more than about two years away.
pub fn moment(typed: &str, now: Timestamp, zone: Tz) -> Result<Timestamp, String> {
    let words = typed.trim().to_lowercase();
    if words == "now" {
        return Ok(now);
    }
    if let Some(lasts) = words.strip_prefix("in ") {
        let lasts = duration(lasts)?;
        return if lasts > Duration::from_secs(FAR * 86_400) {
            Err(far(typed))
        } else {
            Ok(now.after(lasts))
        };
    }
    let wrong = || {
        format!(
            "“{}” is no time: write 18:00, tomorrow 9:00, fri 18:00, 2026-03-02 18:00, or in 2h",
            text::cut(&text::line(typed), 40)
        )
    };
    let (day, time) = match words.split_once([' ', 't']).filter(|(day, _)| day.contains('-')) {
        Some((day, time)) => (day.to_owned(), Some(time.trim().to_owned())),
        None => match words.rsplit_once(' ') {
            Some((day, time)) => (day.trim().to_owned(), Some(time.to_owned())),
            None if words.contains(':') => (String::new(), Some(words.clone())),
            None => (words.clone(), None),
        },
    };
    let time = match &time {
        Some(text) => clock(text).ok_or_else(wrong)?,
        None => NaiveTime::MIN,
    };
    let today = wall::day(now, zone);
    if day.is_empty() && words.is_empty() {
        return Err(wrong());
    }
    if day.is_empty() {
        let at = wall::instant(today, time, zone);
        let tomorrow = today.succ_opt().unwrap_or(today);
        return Ok(if at > now { at } else { wall::instant(tomorrow, time, zone) });
    }
    let day = match day.as_str() {
        "today" => today,
        "tomorrow" => today.succ_opt().ok_or_else(wrong)?,
        word => match word.parse::<Weekday>() {
            Ok(weekday) => {
                next(today, weekday, |day| wall::instant(day, time, zone) > now).ok_or_else(wrong)?
            }
            Err(_) => NaiveDate::parse_from_str(word, "%Y-%m-%d").map_err(|_| wrong())?,
        },
    };
    if wall::days_between(today, day).unsigned_abs() > FAR {
        return Err(far(typed));
    }
    Ok(wall::instant(day, time, zone))
}

fn far(typed: &str) -> String {
    format!(
        "“{}” is more than two years away: say a moment that is nearer",
        text::cut(&text::line(typed), 40)
    )
}

/// The next such day of the week of which this holds.
fn next(today: NaiveDate, weekday: Weekday, holds: impl Fn(NaiveDate) -> bool) -> Option<NaiveDate> {
    (0..=7).filter_map(|n| today.checked_add_days(Days::new(n))).find(|d| d.weekday() == weekday && holds(*d))
}

fn clock(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_by_the_wall_of_the_team() {
        let berlin = Tz::Europe__Berlin;
        // Sunday, 2026-03-01, 12:00 in Berlin.
        let now = Timestamp(1_772_362_800_000);
        for (typed, is) in [
            ("now", "2026-03-01T11:00:00.000Z"),
            ("in 2h", "2026-03-01T13:00:00.000Z"),
            ("18:00", "2026-03-01T17:00:00.000Z"),
            ("9:00", "2026-03-02T08:00:00.000Z"),
            ("tomorrow 9:00", "2026-03-02T08:00:00.000Z"),
            ("Today 11:00", "2026-03-01T10:00:00.000Z"),
            ("fri 18:00", "2026-03-06T17:00:00.000Z"),
            ("sun 09:00", "2026-03-08T08:00:00.000Z"),
            ("2026-03-29 02:30", "2026-03-29T01:00:00.000Z"),
            ("2026-04-01", "2026-03-31T22:00:00.000Z"),
            ("2026-04-01T10:00", "2026-04-01T08:00:00.000Z"),
        ] {
            assert_eq!(moment(typed, now, berlin).map(|t| t.rfc3339()), Ok(is.to_owned()), "{typed}");
        }
        for wrong in ["", "soon", "25:00", "2026-02-30 10:00", "in", "in x", "18"] {
            assert!(moment(wrong, now, berlin).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_more_than_two_years_away_is_no_moment_that_anybody_means() {
        let now = Timestamp(1_772_362_800_000);
        for near in ["in 732 days", "2028-03-01 18:00", "2024-03-01"] {
            assert!(moment(near, now, Tz::Europe__Berlin).is_ok(), "{near}");
        }
        for far in [
            "in 733 days",
            "in 9223370250000000s",
            "in 18446744073709551615s",
            "2028-06-01",
            "9999-12-31 23:59",
            "+262142-12-31",
            "-262143-01-01 00:00",
            "2023-12-31 18:00",
        ] {
            let said = moment(far, now, Tz::Europe__Berlin).unwrap_err();
            assert!(said.contains("more than two years away"), "{far}: {said}");
        }
    }
}
