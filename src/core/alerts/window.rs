//! Maintenance windows: from when to when a window of the week lasts, on a clock that may jump.

use std::time::Duration;

use chrono::{Datelike as _, Days, NaiveDate};

use crate::kit::time::Timestamp;
use crate::kit::wall;
use crate::model::alerting::Window;

/// A window comes at least once in so many days.
const WEEK: u64 = 7;
/// No zone is further from another than this, in days, and none has ever left out more than one.
const SLACK: u64 = 2;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Whether it is open.
pub fn open(window: &Window, now: Timestamp) -> bool {
    let back = window.lasts.as_secs() / DAY.as_secs() + SLACK;
    around(window, now, back, SLACK).any(|from| from <= now && now < from.after(window.lasts))
}

/// When it opens or closes next. Where windows of several days overlap, that may be a moment at
/// which it stays as it is.
pub fn next(window: &Window, now: Timestamp) -> Option<Timestamp> {
    let back = window.lasts.as_secs() / DAY.as_secs() + SLACK;
    let bounds = around(window, now, back, WEEK + SLACK).flat_map(|from| [from, from.after(window.lasts)]);
    bounds.filter(|at| *at > now).min()
}

/// When it opens on the days around this moment, as they are counted there.
fn around(window: &Window, now: Timestamp, back: u64, ahead: u64) -> impl Iterator<Item = Timestamp> {
    let today = wall::day(now, window.timezone);
    let first = today.checked_sub_days(Days::new(back)).unwrap_or(today);
    let days = first.iter_days().take(usize::try_from(back + ahead + 1).unwrap_or(usize::MAX));
    days.filter_map(|day| begins(window, day))
}

/// When it opens on this day; `None` on a day that is not one of its own. A time that the clocks
/// leave out is the first moment after, and one that they show twice is the first of the two: so
/// each of its days has exactly one.
pub fn begins(window: &Window, day: NaiveDate) -> Option<Timestamp> {
    if !window.days.is_empty() && !window.days.contains(&day.weekday()) {
        return None;
    }
    Some(wall::instant(day, window.at, window.timezone))
}
