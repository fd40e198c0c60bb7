//! A calendar of one person's shifts: its address, what it lists, and that another program reads it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};
use muster::core::oncall::calendar::{Entry, entries};
use muster::model::button::SwapButton;
use muster::model::calendar::CalendarKey;
use muster::model::input::Arg;
use muster::model::rota::{Every, Layer, Member, Rank, Rota, Turns};
use muster::render::calendar::{Kept, calendar};
use muster::sandbox::world::seed::Person::{self, Approver, Lead, Onlooker, Responder};
use serde_json::Value;

use super::rig::{Desk, person, text};

const KEY: &str = "a key that nobody knows";

/// A team whose calendars can be fetched.
fn desk() -> Desk {
    let mut desk = Desk::new();
    let intake = &mut desk.house.settings.intake;
    intake.public_url = Some("https://muster.example.org".to_owned());
    intake.calendars = Some(CalendarKey::new(KEY));
    desk
}

/// The address in an answer.
fn address(said: &str) -> String {
    let address = said.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    address.unwrap_or_else(|| panic!("no address in {said}")).0.to_owned()
}

/// What somebody's calendar lists of one rota, as `rank from until`, in UTC.
fn listed(desk: &Desk, who: Person, rota: &str) -> Vec<Entry> {
    let known = &desk.state.oncall;
    let all = entries(&desk.house.oncall, &known.overrides, &known.absences, person(who).id, desk.now);
    all.into_iter().filter(|e| e.rota == rota).collect()
}

fn spelled(all: &[Entry]) -> Vec<String> {
    let short = |at: muster::kit::time::Timestamp| at.utc().format("%m-%dT%H:%M").to_string();
    let away = |e: &Entry| if e.away { " away" } else { "" };
    all.iter().map(|e| format!("{} {} {}{}", e.rank, short(e.from), short(e.until), away(e))).collect()
}

/// Reads a calendar with a program that is not Muster's.
fn read(text: &str) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/smtp/bin/python");
    assert!(python.exists(), "{} is not there; tests/run installs it", python.display());
    let mut child = Command::new(python)
        .arg("-B")
        .arg(root.join("tests/it/oncall/calendar_reader.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "it is not read: {text}");
    serde_json::from_slice(&out.stdout).unwrap()
}

#[test]
fn an_address_stays_until_another_is_asked_for_and_the_journal_does_not_give_it_away() {
    let mut desk = desk();
    let (said, effects) = desk.say(Responder, "oncall calendar", &[]);
    assert!(said.starts_with("Your shifts as a calendar") && effects.is_empty(), "{said}");
    let first = address(&said);
    let word = first.strip_prefix("https://muster.example.org/calendar/").unwrap();
    assert!(word.strip_suffix(".ics").unwrap().chars().all(|c| c.is_ascii_hexdigit()), "{word}");
    assert_eq!(word.len(), 44, "{word}");
    let before = desk.commits.len();
    assert_eq!(address(&desk.say(Responder, "oncall calendar", &[]).0), first);
    assert_eq!(desk.commits.len(), before, "the same address is no news");
    assert_ne!(address(&desk.say(Lead, "oncall calendar", &[]).0), first);

    let renew = [("new", Arg::Boolean(true))];
    let (said, _) = desk.say(Responder, "oncall calendar", &renew);
    assert!(said.starts_with("The address before is void."), "{said}");
    let second = address(&said);
    assert_ne!(second, first);
    assert_eq!(address(&desk.say(Responder, "oncall calendar", &[]).0), second);
    // Who never had one loses none.
    assert!(desk.say(Approver, "oncall calendar", &renew).0.starts_with("Your shifts"));

    let journal: String = desk.commits.iter().map(|c| serde_json::to_string(c).unwrap()).collect();
    for secret in [KEY, word, second.rsplit('/').next().unwrap()] {
        assert!(!journal.contains(secret), "{secret} is in the journal");
    }
    assert!(!format!("{:?}", desk.house).contains(KEY), "the key is shown");
}

#[test]
fn where_no_calendar_could_be_fetched_it_is_said_what_is_missing() {
    let mut desk = desk();
    let (said, _) = desk.say(Onlooker, "oncall calendar", &[]);
    assert!(said.contains("You are in no rota"), "{said}");
    let over = [
        ("rota", text("soundlab")),
        ("person", Arg::Person(person(Onlooker))),
        ("for", text("2h")),
        ("from", text("in 1h")),
    ];
    desk.say(Responder, "oncall override", &over);
    assert!(desk.say(Onlooker, "oncall calendar", &[]).0.starts_with("Your shifts"));
    desk.house.settings.intake.public_url = None;
    let (said, _) = desk.say(Responder, "oncall calendar", &[]);
    assert!(said.contains("muster.toml") && said.contains("public_url = \"https://"), "{said}");
    desk.house.settings.intake.public_url = Some("https://muster.example.org".to_owned());
    desk.house.settings.intake.listen = None;
    assert!(desk.say(Responder, "oncall calendar", &[]).0.contains("listen = "));
    let mut desk = self::desk();
    desk.house.settings.intake.calendars = None;
    assert!(desk.say(Responder, "oncall calendar", &[]).0.contains("its log says why"));
}

/// What somebody's calendar lists of soundlab's first rank this week.
fn week(desk: &Desk, who: Person) -> Vec<String> {
    let end = desk.now.after(Duration::from_secs(7 * 86_400));
    let all = listed(desk, who, "soundlab").into_iter();
    let these = all.filter(|e| e.rank == "primary" && e.until >= desk.now && e.from < end);
    spelled(&these.collect::<Vec<_>>())
}

#[test]
fn a_swap_is_in_both_calendars_once_it_is_agreed_to() {
    let mut desk = desk();
    let ask = [("rota", text("soundlab")), ("with", Arg::Person(person(Lead)))];
    let before = (week(&desk, Approver), week(&desk, Lead));
    desk.say(Approver, "oncall swap", &ask);
    assert_eq!((week(&desk, Approver), week(&desk, Lead)), before);
    desk.press(Lead, 1, SwapButton::Agree);
    assert_eq!(
        week(&desk, Approver),
        [
            "primary 11-19T08:00 11-21T09:00",
            "primary 11-22T08:00 11-23T08:00",
            "primary 11-26T08:00 11-29T08:00"
        ]
    );
    assert_eq!(week(&desk, Lead), ["primary 11-21T09:00 11-22T08:00"]);
}

#[test]
fn overrides_and_absences_are_in_it_also_those_that_are_over() {
    let mut desk = desk();
    // SL-13: Monday to Wednesday A, Thursday to Saturday B, Sunday C; the day begins at nine in Berlin.
    assert_eq!(week(&desk, Approver), ["primary 11-19T08:00 11-22T08:00", "primary 11-26T08:00 11-29T08:00"]);
    // Saturday, ten to noon, the lead stands in: the shift has a gap, and is the same one before it.
    let uid = |e: &Entry| e.begun;
    let begun = uid(&listed(&desk, Approver, "soundlab")[0]);
    let over = [("rota", text("soundlab")), ("person", Arg::Person(person(Lead))), ("for", text("2h"))];
    desk.say(Responder, "oncall override", &over);
    assert_eq!(
        week(&desk, Approver),
        [
            "primary 11-19T08:00 11-21T09:00",
            "primary 11-21T11:00 11-22T08:00",
            "primary 11-26T08:00 11-29T08:00"
        ]
    );
    assert_eq!(uid(&listed(&desk, Approver, "soundlab")[0]), begun);
    assert_eq!(week(&desk, Lead), ["primary 11-21T09:00 11-21T11:00", "primary 11-22T08:00 11-23T08:00"],);

    // A week later another override, and one that ends before its time: what was, stays so.
    desk.pass(7 * 24 * 60);
    desk.say(Responder, "oncall override", &over);
    desk.pass(30);
    desk.say(Responder, "oncall override-end", &[("override", text("OVR-2"))]);
    let past = spelled(&listed(&desk, Lead, "soundlab"));
    for was in ["primary 11-21T09:00 11-21T11:00", "primary 11-28T09:00 11-28T09:30"] {
        assert!(past.iter().any(|e| e == was), "{was} is not in {past:?}");
    }
    // But not for ever.
    desk.pass(30 * 24 * 60);
    desk.say(Responder, "oncall override", &over);
    assert_eq!(desk.state.oncall.overrides.len(), 1);

    let away = [("from", text("in 2 days")), ("for", text("2 days")), ("why", text("a flight"))];
    desk.say(Responder, "unavailable", &away);
    let of: Vec<Entry> =
        listed(&desk, Responder, "soundlab").into_iter().filter(|e| e.from >= desk.now).collect();
    let first: Vec<String> = spelled(&of).into_iter().take(2).collect();
    // What the override leaves of the shift, and the part of it in which they are away.
    assert_eq!(first, ["primary 12-28T11:30 12-30T09:30", "primary 12-30T09:30 12-31T08:00 away"]);
    let made = calendar(&desk.house, &Kept::of(&desk.state), person(Responder).id, desk.now);
    let read = read(&made.text);
    let away = read["events"].as_array().unwrap().iter().find(|e| {
        e["from"] == "2026-12-30T09:30:00+00:00" && e["summary"] == "Away, on call: primary of soundlab"
    });
    let away = away.expect("the part is there");
    assert!(away["description"].as_str().unwrap().contains("pages pass you by"), "{away}");
}

#[test]
fn a_shift_begins_at_nine_by_the_wall_on_both_sides_of_a_change_of_clocks() {
    let mut desk = desk();
    let member = |who| Member::Known { id: person(who).id, name: person(who).name };
    let turns = Turns::Rotation {
        members: vec![member(Responder), member(Lead)],
        from: NaiveDate::from_ymd_opt(2027, 3, 15).unwrap(),
        handoff: NaiveTime::from_hms_opt(9, 0, 0).unwrap(),
        every: Every::Weeks(1),
    };
    let layers = vec![Layer { name: "week".to_owned(), turns, hours: vec![] }];
    let ranks = vec![Rank { name: "primary".to_owned(), layers }];
    let rota = Rota { name: "night; shift, \"B\"".to_owned(), timezone: chrono_tz::Europe::Berlin, ranks };
    desk.house.oncall.rotas = [(rota.name.clone(), rota)].into();
    desk.pass(120 * 24 * 60);
    desk.say(Responder, "oncall calendar", &[]);
    // Clocks go forward on 2027-03-28: that week is an hour shorter.
    assert_eq!(
        spelled(&listed(&desk, Lead, "night; shift, \"B\""))[..2],
        ["primary 03-22T08:00 03-29T07:00", "primary 04-05T07:00 04-12T07:00"]
    );

    let kept = Kept::of(&desk.state);
    let made = calendar(&desk.house, &kept, person(Responder).id, desk.now);
    assert!(made.text.split_terminator("\r\n").all(|l| l.len() <= 75 && !l.contains('\n')), "{}", made.text);
    assert!(made.text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"), "{}", made.text);
    let read = read(&made.text);
    assert_eq!((&read["errors"], &read["others"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    assert_eq!((&read["name"], &read["method"]), (&"On call: responder".into(), &"PUBLISH".into()));
    assert_eq!(read["refresh"], 3600.0);
    let events = read["events"].as_array().unwrap();
    assert_eq!(
        (&events[0]["from"], &events[0]["until"], &events[0]["stamp"]),
        (
            &"2027-03-15T08:00:00+00:00".into(),
            &"2027-03-22T08:00:00+00:00".into(),
            &"2027-03-21T09:00:00+00:00".into()
        )
    );
    assert_eq!(events[1]["from"], "2027-03-29T07:00:00+00:00");
    assert_eq!(events[0]["summary"], "On call: primary of night; shift, \"B\"");
    assert!(
        events[0]["description"].as_str().unwrap().starts_with("You are primary of night; shift, \"B\". ")
    );
    // Half a year, every other week.
    assert_eq!(events.len(), 14);
    let ids: BTreeSet<&str> = events.iter().map(|e| e["uid"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), events.len());

    // An hour later nothing is new but the time at which it was made.
    desk.pass(60);
    let later = calendar(&desk.house, &kept, person(Responder).id, desk.now);
    assert_eq!(later.tag, made.tag);
    assert_ne!(later.text, made.text);
    // A fortnight later the first is gone, and the others have their ids.
    desk.pass(16 * 24 * 60);
    let later = self::read(&calendar(&desk.house, &kept, person(Responder).id, desk.now).text);
    let new: BTreeSet<&str> =
        later["events"].as_array().unwrap().iter().map(|e| e["uid"].as_str().unwrap()).collect();
    assert_eq!(ids.difference(&new).count(), 1);
    assert!(events[0]["uid"].as_str().is_some_and(|first| !new.contains(first)));
}

#[test]
fn who_is_always_on_call_has_one_entry_that_keeps_its_id() {
    let mut desk = desk();
    // AS-12's primary never changes.
    let all = listed(&desk, Responder, "astradio");
    assert_eq!(spelled(&all), ["primary 11-07T00:00 05-24T00:00"]);
    assert_eq!(all[0].begun, None);
    desk.pass(10 * 24 * 60);
    let later = listed(&desk, Responder, "astradio");
    assert_eq!((later.len(), later[0].begun), (1, None));
    let kept = Kept::of(&desk.state);
    let nobody = calendar(&desk.house, &kept, person(Onlooker).id, desk.now);
    assert!(!nobody.text.contains("VEVENT"), "{}", nobody.text);
}
