//! Maintenance windows on clocks that jump.

use std::time::Duration;

use chrono::{Datelike as _, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Weekday};
use chrono_tz::Tz;
use muster::core::alerts::mute::{changes, muted};
use muster::core::alerts::state::Alerts;
use muster::core::alerts::window;
use muster::kit::time::Timestamp;
use muster::model::alert::Mute;
use muster::model::alerting::Window;

use super::{BEGIN, house, labels, matchers};

fn window(days: &[Weekday], at: &str, minutes: u64, timezone: Tz) -> Window {
    Window {
        name: "backup".to_owned(),
        matchers: matchers("service=soundlab"),
        days: days.to_vec(),
        at: NaiveTime::parse_from_str(at, "%H:%M").unwrap(),
        lasts: Duration::from_secs(60 * minutes),
        timezone,
    }
}

fn at(rfc: &str) -> Timestamp {
    Timestamp(chrono::DateTime::parse_from_rfc3339(rfc).unwrap().timestamp_millis())
}

#[test]
fn a_window_mutes_what_it_is_for_and_only_while_it_is_open() {
    let (alerts, mut house) = (Alerts::default(), house());
    house.settings.alerting.windows = vec![window(&[Weekday::Sat], "10:00", 60, Tz::Europe__Berlin)];
    let told = |labels_: &str, now: &str| {
        let labels = labels(labels_);
        muted(&alerts, &house, at(now), labels.fingerprint(), &labels)
    };
    let quiet = Some(Mute::Window("backup".to_owned()));
    // Ten o'clock in Berlin is nine in UTC.
    assert_eq!(told("service=soundlab", "2026-11-21T08:59:59.999Z"), None);
    assert_eq!(told("service=soundlab", "2026-11-21T09:00:00Z"), quiet);
    assert_eq!(told("service=soundlab", "2026-11-21T09:59:59.999Z"), quiet);
    assert_eq!(told("service=soundlab", "2026-11-21T10:00:00Z"), None);
    assert_eq!(told("service=nexus", "2026-11-21T09:30:00Z"), None);
    assert_eq!(told("service=soundlab", "2026-11-22T09:30:00Z"), None, "a Sunday is no Saturday");
    let next = |now: &str| changes(&alerts, &house, at(now)).unwrap();
    assert_eq!(next("2026-11-21T08:00:00Z"), at("2026-11-21T09:00:00Z"));
    assert_eq!(next("2026-11-21T09:00:00Z"), at("2026-11-21T10:00:00Z"));
    assert_eq!(next("2026-11-21T10:00:00Z"), at("2026-11-28T09:00:00Z"));
}

#[test]
fn a_window_may_reach_over_midnight_and_over_days() {
    let night = window(&[Weekday::Fri], "22:30", 180, Tz::UTC);
    assert!(window::open(&night, at("2026-11-21T01:29:59Z")));
    assert!(!window::open(&night, at("2026-11-21T01:30:00Z")));
    assert!(!window::open(&night, at("2026-11-22T00:00:00Z")), "Saturday night is another night");
    let weekend = window(&[Weekday::Sat], "00:00", 2 * 24 * 60, Tz::UTC);
    assert!(window::open(&weekend, at("2026-11-22T23:59:00Z")));
    assert!(!window::open(&weekend, at("2026-11-23T00:00:00Z")));
    let always = window(&[], "00:00", 24 * 60, Tz::Europe__Berlin);
    assert!((0..48).all(|h| window::open(&always, BEGIN.after(Duration::from_secs(3600 * h)))));
}

#[test]
fn a_time_that_the_clocks_leave_out_is_the_first_moment_after() {
    let sunday = NaiveDate::from_ymd_opt(2026, 3, 29).unwrap();
    let gap = window(&[], "02:30", 60, Tz::Europe__Berlin);
    assert_eq!(window::begins(&gap, sunday), Some(at("2026-03-29T03:00:00+02:00")));
    // Half an hour only, and at midnight; a whole day that one island never had.
    let lord_howe = window(&[], "02:10", 60, Tz::Australia__Lord_Howe);
    let day = NaiveDate::from_ymd_opt(2026, 10, 4).unwrap();
    assert_eq!(window::begins(&lord_howe, day), Some(at("2026-10-04T02:30:00+11:00")));
    let beirut = window(&[], "00:00", 60, Tz::Asia__Beirut);
    let day = NaiveDate::from_ymd_opt(2022, 3, 27).unwrap();
    assert_eq!(window::begins(&beirut, day), Some(at("2022-03-27T01:00:00+03:00")));
    let apia = window(&[Weekday::Fri], "22:00", 60, Tz::Pacific__Apia);
    let day = NaiveDate::from_ymd_opt(2011, 12, 30).unwrap();
    assert_eq!(window::begins(&apia, day), Some(at("2011-12-31T00:00:00+14:00")));
}

#[test]
fn a_time_that_comes_twice_is_the_first_and_lasts_as_long_as_ever() {
    let sunday = NaiveDate::from_ymd_opt(2026, 10, 25).unwrap();
    let twice = window(&[], "02:30", 60, Tz::Europe__Berlin);
    assert_eq!(window::begins(&twice, sunday), Some(at("2026-10-25T02:30:00+02:00")));
    assert!(window::open(&twice, at("2026-10-25T02:29:59+01:00")));
    assert!(!window::open(&twice, at("2026-10-25T02:30:00+01:00")), "not a second time");
}

/// Whatever the zone does: one window on each of its days, none lost and none twice, each as long
/// as it is said to be, and `next` names every bound.
#[test]
fn through_years_in_many_zones_each_day_has_its_window_once() {
    let zones = [
        Tz::UTC,
        Tz::Europe__Berlin,
        Tz::America__New_York,
        Tz::America__St_Johns,
        Tz::America__Santiago,
        Tz::America__Sao_Paulo,
        Tz::America__Havana,
        Tz::Asia__Tehran,
        Tz::Asia__Gaza,
        Tz::Asia__Kathmandu,
        Tz::Africa__Casablanca,
        Tz::Australia__Lord_Howe,
        Tz::Pacific__Apia,
        Tz::Pacific__Chatham,
        Tz::Antarctica__Troll,
    ];
    let days: [&[Weekday]; 3] = [&[], &[Weekday::Sun], &[Weekday::Mon, Weekday::Fri, Weekday::Sat]];
    let times = ["00:00", "00:30", "01:59", "02:00", "02:30", "03:00", "12:00", "23:45"];
    for (n, zone) in zones.into_iter().enumerate() {
        for (m, time) in times.into_iter().enumerate() {
            let mut w = window(days[(n + m) % 3], time, 45, zone);
            // Shorter than what any two of its days can be moved together, so that each closes.
            let first = 2009 + i32::try_from(n + m).unwrap() % 3;
            let last = first + 1;
            let (first, last) =
                (NaiveDate::from_ymd_opt(first, 1, 1).unwrap(), NaiveDate::from_ymd_opt(last, 1, 1).unwrap());
            let mut begins: Vec<Timestamp> = vec![];
            for day in first.iter_days().take_while(|d| *d < last) {
                let wanted = w.days.is_empty() || w.days.contains(&day.weekday());
                let begin = window::begins(&w, day);
                assert_eq!(begin.is_some(), wanted, "{zone} {day} {time}");
                let Some(begin) = begin else { continue };
                // On the wall it says the time, or one later where that time is left out.
                let wall = begin.utc().with_timezone(&zone).naive_local();
                let said = day.and_time(w.at);
                assert!(wall >= said, "{zone} {day} {time}: {wall}");
                if wall != said {
                    let there = zone.from_local_datetime(&said);
                    assert!(there.earliest().is_none(), "{zone} {day} {time} is on the clock");
                    let before = Timestamp(begin.0 - 1).utc().with_timezone(&zone).naive_local();
                    assert!(before < said, "{zone} {day} {time}: the first moment after");
                } else {
                    let earlier = (1..=4).map(|h| begin.utc() - TimeDelta::minutes(30 * h));
                    let again = earlier.map(|e| e.with_timezone(&zone).naive_local()).any(|e| e == said);
                    assert!(!again, "{zone} {day} {time}: the first of two");
                }
                begins.push(begin);
            }
            begins.dedup();
            assert!(begins.is_sorted(), "{zone} {time}");
            // From bound to bound, exactly these windows open and close.
            let mut now = Timestamp(begins[0].0 - 1);
            for begin in &begins {
                assert!(!window::open(&w, now), "{zone} {time} before {begin}");
                assert_eq!(window::next(&w, now), Some(*begin), "{zone} {time}");
                assert!(window::open(&w, *begin), "{zone} {time} at {begin}");
                let end = window::next(&w, *begin).unwrap();
                assert_eq!(end, begin.after(w.lasts), "{zone} {time} at {begin}");
                assert!(window::open(&w, Timestamp(end.0 - 1)) && !window::open(&w, end));
                now = end;
            }
            // Long windows: as many days back as it takes.
            w.lasts = Duration::from_secs(7 * 24 * 3600);
            let last = begins[begins.len() - 1];
            assert!(window::open(&w, Timestamp(last.after(w.lasts).0 - 1)), "{zone} {time}");
        }
    }
}
