//! The times that are written under a picture: round ones of the clock on the wall.

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

use crate::kit::time::Timestamp;

/// Seconds between two ticks, from which the smallest is taken that leaves room for the words.
const STEPS: [i64; 25] = [
    1,
    2,
    5,
    10,
    30,
    60,
    2 * 60,
    5 * 60,
    10 * 60,
    15 * 60,
    30 * 60,
    3_600,
    2 * 3_600,
    3 * 3_600,
    6 * 3_600,
    12 * 3_600,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    91 * DAY,
    182 * DAY,
    365 * DAY,
    3_650 * DAY,
];
const DAY: i64 = 86_400;

/// A time that is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// When.
    pub at: Timestamp,
    /// What the clock shows; nothing where only days are written.
    pub clock: String,
    /// The day, where it is another one than at the tick before.
    pub day: Option<String>,
}

/// At most `most` ticks between two times.
pub fn ticks(from: Timestamp, to: Timestamp, tz: Tz, most: i64) -> Vec<Tick> {
    let length = (to.0 - from.0) / 1000;
    let step = STEPS.into_iter().find(|s| length / s < most).unwrap_or(STEPS[STEPS.len() - 1]);
    let wall = |at: Timestamp| at.utc().with_timezone(&tz).naive_local();
    let format = if step < 60 { "%H:%M:%S" } else { "%H:%M" };
    let mut ticks: Vec<Tick> = vec![];
    let mut day = None;
    let mut at = round(wall(from), step);
    // One more on each side: where clocks are changed the wall's hours are not those that pass.
    let end = wall(to) + TimeDelta::hours(2);
    while at <= end {
        // An hour that comes twice is written once; one that does not come is not written.
        let real: Option<DateTime<Tz>> = tz.from_local_datetime(&at).earliest();
        let real = real.map(|r| Timestamp(r.timestamp_millis())).filter(|t| from <= *t && *t <= to);
        if let Some(real) = real {
            let today = at.date();
            ticks.push(Tick {
                at: real,
                clock: if step < DAY { at.format(format).to_string() } else { String::new() },
                day: (day != Some(today)).then(|| today.format("%-d %b %Y").to_string()),
            });
            day = Some(today);
        }
        let Some(next) = at.checked_add_signed(TimeDelta::seconds(step)) else { break };
        at = next;
    }
    ticks
}

/// The last round time of the wall's clock that is not after this.
fn round(at: NaiveDateTime, step: i64) -> NaiveDateTime {
    let seconds = at.and_utc().timestamp();
    DateTime::from_timestamp(seconds - seconds.rem_euclid(step), 0).map_or(at, |d| d.naive_utc())
}
