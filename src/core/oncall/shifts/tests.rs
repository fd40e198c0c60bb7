//! Shifts as people read them off their wall, and none lost or doubled in any zone.

use std::time::Duration;

use chrono::Weekday;

use super::*;
use crate::model::ids::UserId;
use crate::model::incident::Stamp;
use crate::model::person::Person;

const BERLIN: Tz = Tz::Europe__Berlin;

fn at(rfc: &str) -> Timestamp {
    Timestamp(chrono::DateTime::parse_from_rfc3339(rfc).unwrap().timestamp_millis())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn time(text: &str) -> NaiveTime {
    text.parse().unwrap()
}

fn member(name: &str) -> Member {
    Member::Known { id: UserId(u64::from(name.as_bytes()[0])), name: name.to_owned() }
}

fn layer(turns: Turns) -> Layer {
    Layer { name: "always".to_owned(), turns, hours: vec![] }
}

fn rota(timezone: Tz, layers: Vec<Layer>) -> Rota {
    let ranks = vec![Rank { name: "primary".to_owned(), layers }];
    Rota { name: "soundlab".to_owned(), timezone, ranks }
}

fn week(names: [&str; 7], handoff: &str) -> Turns {
    let days = names.map(|n| (n != "-").then(|| member(n)));
    Turns::Week { days, handoff: time(handoff) }
}

fn turns(names: &[&str], from: &str, handoff: &str, every: Every) -> Turns {
    let members = names.iter().map(|n| member(n)).collect();
    Turns::Rotation { members, from: day(from), handoff: time(handoff), every }
}

fn cover(from: &str, until: &str, who: &str) -> Override {
    let person = |name: &str| Person { id: UserId(u64::from(name.as_bytes()[0])), name: name.to_owned() };
    Override {
        id: OverrideId(1),
        rota: "soundlab".to_owned(),
        rank: "primary".to_owned(),
        from: at(from),
        until: at(until),
        who: person(who),
        asked: Stamp { at: at(from), by: person(who) },
    }
}

/// Who is on call, since when and until when, as the wall says it.
fn said(rota: &Rota, overrides: &[Override], moment: &str) -> String {
    let shift = shift(rota, &rota.ranks[0], overrides, at(moment));
    let wall = |t: Timestamp| wall::shows(t, rota.timezone).format("%a %d.%m. %H:%M").to_string();
    let who = shift.who.map_or("nobody".to_owned(), |w| w.to_string());
    format!("{who} from {} to {}", wall(shift.from), wall(shift.until))
}

#[test]
fn the_table_of_a_runbook_is_read_by_the_days_of_the_wall() {
    let rota = rota(BERLIN, vec![layer(week(["a", "a", "a", "b", "b", "b", "c"], "00:00:00"))]);
    // A Sunday at 23:30 in Berlin, and an hour later.
    assert_eq!(said(&rota, &[], "2026-11-22T22:30:00Z"), "c from Sun 22.11. 00:00 to Mon 23.11. 00:00");
    assert_eq!(said(&rota, &[], "2026-11-22T23:30:00Z"), "a from Mon 23.11. 00:00 to Thu 26.11. 00:00");
    let early = self::rota(BERLIN, vec![layer(week(["a", "a", "a", "b", "b", "b", "c"], "09:00:00"))]);
    assert_eq!(said(&early, &[], "2026-11-23T07:30:00Z"), "c from Sun 22.11. 09:00 to Mon 23.11. 09:00");
}

#[test]
fn a_rotation_hands_over_by_the_wall_whatever_the_clocks_do() {
    let rota = rota(BERLIN, vec![layer(turns(&["a", "b"], "2026-03-16", "09:00:00", Every::Weeks(1)))]);
    // Clocks go forward on the 29th: that week is an hour shorter, and the handoff is at nine.
    assert_eq!(said(&rota, &[], "2026-03-29T10:00:00Z"), "b from Mon 23.03. 09:00 to Mon 30.03. 09:00");
    assert_eq!(said(&rota, &[], "2026-03-30T07:00:00Z"), "a from Mon 30.03. 09:00 to Mon 06.04. 09:00");
    // Nobody before the first.
    assert!(said(&rota, &[], "2026-03-15T10:00:00Z").starts_with("nobody"));
}

#[test]
fn a_handoff_that_the_clocks_leave_out_is_the_first_instant_after_and_one_that_comes_twice_the_first() {
    let rota = rota(BERLIN, vec![layer(turns(&["a", "b"], "2026-03-01", "02:30:00", Every::Days(1)))]);
    let edges = |from: &str, to: &str| {
        let all = shifts(&rota, &rota.ranks[0], &[], at(from), at(to));
        all.iter().map(|s| s.until.rfc3339()[5..16].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        edges("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
        ["03-29T01:00", "03-30T00:30", "03-31T00:30"]
    );
    assert_eq!(
        edges("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"),
        ["10-25T00:30", "10-26T01:30", "10-27T01:30"]
    );
}

#[test]
fn the_last_layer_that_says_something_counts_within_its_hours() {
    let night = Layer {
        name: "nights".to_owned(),
        turns: turns(&["n"], "2026-01-01", "00:00:00", Every::Days(1)),
        hours: vec![Hours {
            days: vec![Weekday::Fri, Weekday::Sat],
            from: time("22:00:00"),
            until: time("06:00:00"),
        }],
    };
    let base = layer(turns(&["a"], "2026-01-01", "09:00:00", Every::Weeks(1)));
    let rota = rota(BERLIN, vec![base, night]);
    assert_eq!(said(&rota, &[], "2026-11-20T20:00:00Z"), "a from Sun 15.11. 06:00 to Fri 20.11. 22:00");
    assert_eq!(said(&rota, &[], "2026-11-21T02:00:00Z"), "n from Fri 20.11. 22:00 to Sat 21.11. 06:00");
    assert_eq!(said(&rota, &[], "2026-11-21T05:00:00Z"), "a from Sat 21.11. 06:00 to Sat 21.11. 22:00");
}

#[test]
fn an_override_counts_to_the_moment_at_which_it_ends() {
    let rota = rota(BERLIN, vec![layer(week(["a", "a", "a", "b", "b", "b", "c"], "00:00:00"))]);
    let covers = [cover("2026-11-24T09:00:00Z", "2026-11-24T17:00:00Z", "x")];
    let said = |moment: &str| said(&rota, &covers, moment);
    assert_eq!(said("2026-11-24T08:59:59Z"), "a from Mon 23.11. 00:00 to Tue 24.11. 10:00");
    assert_eq!(said("2026-11-24T16:59:59Z"), "x from Tue 24.11. 10:00 to Tue 24.11. 18:00");
    assert_eq!(said("2026-11-24T17:00:00Z"), "a from Tue 24.11. 18:00 to Thu 26.11. 00:00");
}

#[test]
fn who_holds_two_ranks_is_there_once_and_a_rank_that_nobody_holds_is_left_out() {
    let rank = |name: &str, who: &str| Rank {
        name: name.to_owned(),
        layers: vec![layer(week([who; 7], "00:00:00"))],
    };
    let rota = Rota {
        name: "soundlab".to_owned(),
        timezone: BERLIN,
        ranks: vec![rank("primary", "a"), rank("secondary", "a"), rank("third", "-"), rank("last", "b")],
    };
    let all = on_call(&rota, &[], at("2026-11-24T17:00:00Z"));
    assert_eq!(all, [("primary".to_owned(), member("a")), ("last".to_owned(), member("b"))]);
}

#[test]
fn at_the_end_of_time_whoever_looks_for_shifts_comes_to_an_end_too() {
    let layers = [
        week(["a", "a", "a", "b", "b", "b", "c"], "09:00:00"),
        turns(&["a", "b"], "2026-01-01", "09:00:00", Every::Hours(12)),
        turns(&["a", "b"], "2026-01-01", "09:00:00", Every::Weeks(1)),
    ];
    for turns in layers {
        let rota = rota(BERLIN, vec![layer(turns)]);
        for from in [i64::MAX - 400 * DAY, i64::MAX - DAY, i64::MAX - 1, i64::MIN, i64::MIN + DAY] {
            let to = Timestamp(from).after(Duration::from_secs(86_400));
            let all = shifts(&rota, &rota.ranks[0], &[], Timestamp(from), to);
            assert!((1..=3).contains(&all.len()), "{from}: {all:?}");
        }
    }
}

/// A small generator, so that a failure can be played again.
fn numbers(mut seed: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below.max(1)
    }
}

#[test]
fn over_twenty_years_and_all_zones_no_shift_is_lost_and_none_doubled() {
    let zones = chrono_tz::TZ_VARIANTS;
    for seed in 0..240u64 {
        let mut pick = numbers(seed);
        let zone = zones[usize::try_from(pick(zones.len() as u64)).unwrap()];
        let every = [Every::Days(1), Every::Weeks(1), Every::Hours(12), Every::Days(3)][pick(4) as usize];
        let handoff = NaiveTime::from_hms_opt(pick(24) as u32, [0, 30][pick(2) as usize], 0).unwrap();
        let start = day("2020-01-01") + Days::new(pick(7_300));
        let names = ["a", "b", "c"];
        let members: Vec<Member> = names.iter().map(|n| member(n)).collect();
        let turns = Turns::Rotation { members: members.clone(), from: start, handoff, every };
        let rota = rota(zone, vec![layer(turns)]);
        let from = wall::instant(start, handoff, zone);
        let to = from.after(Duration::from_secs(86_400 * 40));
        let all = shifts(&rota, &rota.ranks[0], &[], from, to);
        let mut expected = from;
        for (n, shift) in all.iter().enumerate() {
            let case = format!("seed {seed}: {zone} {start} {handoff} {every:?}, shift {n}: {shift:?}");
            assert_eq!(shift.from, expected, "{case}");
            assert!(shift.until > shift.from, "{case}");
            assert_eq!(shift.who.as_ref(), Some(&members[n % 3]), "{case}");
            // Whoever is asked in the middle says the same.
            let middle = Timestamp(shift.from.0.midpoint(shift.until.0));
            assert_eq!(super::shift(&rota, &rota.ranks[0], &[], middle), *shift, "{case}");
            expected = shift.until;
        }
    }
}
