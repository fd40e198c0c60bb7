//! Reads a moment as people type it: by the wall of the team, or as a time from now.

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use crate::core::alerts::silence::duration;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::kit::wall;

/// The moment that is meant: `now`, `in 2h`, `18:00`, `tomorrow 9:00`, `fri 18:00`, `2026-03-02 18:00`.
/// A time alone is the next one; a day alone begins at midnight.
///
/// # Errors
/// What it is not, and how it is written.
pub fn moment(typed: &str, now: Timestamp, zone: Tz) -> Result<Timestamp, String> {
    let words = typed.trim().to_lowercase();
    if words == "now" {
        return Ok(now);
    }
    if let Some(lasts) = words.strip_prefix("in ") {
        return duration(lasts).map(|lasts| now.after(lasts));
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
    Ok(wall::instant(day, time, zone))
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
}
