//! `/oncall` and `/unavailable`: who is on call, and what people change of it for a while.

use muster::core::oncall::away;
use muster::model::button::SwapButton;
use muster::model::card::Show;
use muster::model::effect::Effect;
use muster::model::ids::{OverrideId, UserId};
use muster::model::input::Arg;
use muster::sandbox::world::seed::Person::{Approver, Lead, Onlooker, Responder};

use super::rig::{Desk, person, text};

/// What is posted: who is called, and the words.
fn called(effects: &[Effect]) -> Vec<(Vec<UserId>, String)> {
    let one = |e: &Effect| match e {
        Effect::Say { show: Show::Call { people, text, .. }, .. } => Some((people.clone(), text.clone())),
        Effect::Say { show: Show::Notice { text, .. }, .. } => Some((vec![], text.clone())),
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

#[test]
fn it_says_who_is_on_call_now_and_next_and_how_to_reach_them() {
    let mut desk = Desk::new();
    let (said, _) = desk.say(Onlooker, "oncall now", &[]);
    // SL-13: Thu-Sat is B's, Sunday C's.
    let soundlab = said.split("**soundlab**").nth(1).unwrap();
    let first = soundlab.lines().nth(1).unwrap();
    assert!(first.contains("primary: B (<@1100000000000000041>), until <t:1795334400:f>"), "{first}");
    assert!(first.contains("mention, direct message") && first.contains("then C"), "{first}");
    // AS-12's never change.
    let astradio = said.split("**astradio**").nth(1).unwrap();
    assert!(astradio.lines().nth(1).unwrap().contains("primary (<@1100000000000000040>), always"), "{said}");
    assert!(said.contains("nexus, soundfoundry, soundscape: the rota team"), "{said}");
    let days = [("rota", text("soundlab")), ("days", Arg::Integer(3))];
    let (said, _) = desk.say(Onlooker, "oncall schedule", &days);
    assert_eq!(said.lines().filter(|l| l.starts_with("- ")).count(), 6, "{said}");
    let (said, _) = desk.say(Onlooker, "oncall schedule", &[]);
    assert_eq!(said, "Say which rota: astradio, soundlab, team.");
}

#[test]
fn an_override_counts_exactly_as_long_as_it_was_asked_for() {
    let mut desk = Desk::new();
    let over = |until: &str| {
        [("rota", text("soundlab")), ("person", Arg::Person(person(Lead))), ("until", text(until))]
    };
    for (until, says) in
        [("2026-11-20 10:00", "is past"), ("in 100 days", "60 days"), ("whenever", "is no time")]
    {
        let (said, _) = desk.say(Responder, "oncall override", &over(until));
        assert!(said.contains(says), "{until}: {said}");
    }
    let (said, _) = desk.say(Onlooker, "oncall override", &over("12:00"));
    assert!(said.contains("is for responder, lead, approver"), "{said}");
    assert_eq!(desk.first("soundlab").as_deref(), Some("B"));
    let (said, _) = desk.say(Responder, "oncall override", &over("12:00"));
    assert!(
        said.contains("**OVR-1**: lead is primary of soundlab") && said.contains("instead of B"),
        "{said}"
    );
    assert_eq!(desk.first("soundlab").as_deref(), Some("lead"));
    desk.pass(119);
    assert_eq!(desk.first("soundlab").as_deref(), Some("lead"));
    desk.pass(1);
    assert_eq!(desk.first("soundlab").as_deref(), Some("B"), "not a moment longer");
    // The change of shift is told, once.
    let posted = called(&desk.wake());
    assert_eq!(posted.len(), 1);
    assert!(
        posted[0].1.contains("**soundlab**: B") && posted[0].1.contains("before that lead"),
        "{posted:?}"
    );
    assert_eq!(desk.wake(), []);

    // One that ends before its time.
    desk.say(Responder, "oncall override", &over("20:00"));
    assert_eq!(desk.first("soundlab").as_deref(), Some("lead"));
    let (said, _) = desk.say(Responder, "oncall override-end", &[("override", text("OVR-2"))]);
    assert!(said.contains("**OVR-2** is over"), "{said}");
    assert_eq!(desk.first("soundlab").as_deref(), Some("B"));
    let (said, _) = desk.say(Responder, "oncall override-end", &[("override", text("OVR-2"))]);
    assert!(said.contains("Now there is: none"), "{said}");
    assert_eq!(desk.state.oncall.next_override(), OverrideId(3));
}

#[test]
fn a_change_of_shift_is_told_once_with_what_is_open_also_after_a_restart() {
    let mut desk = Desk::new();
    desk.say(Responder, "oncall handoff", &[("note", text("the *disk* is nearly full"))]);
    let (said, _) = desk.say(Responder, "oncall handoff", &[]);
    assert!(said.contains("No incident is open") && said.contains("disk"), "{said}");
    // Sunday, nine o'clock: SL-13 hands over from B to C.
    desk.pass(23 * 60 - 1);
    assert_eq!(desk.wake(), [], "a minute before it is nobody's turn yet");
    assert_eq!(desk.start(), []);
    desk.pass(2);
    // Muster was down at that moment.
    assert_eq!(desk.start(), []);
    let posted = called(&desk.wake());
    let [(people, words)] = posted.as_slice() else { panic!("{posted:?}") };
    assert_eq!(people, &[person(Lead).id]);
    assert!(words.contains("**soundlab**: C") && words.contains("before that B"), "{words}");
    assert!(words.contains("the \\*disk\\* is nearly full (responder)"), "{words}");
    assert!(!words.contains("team"), "the team's rota has not changed: {words}");
    assert_eq!((desk.wake(), desk.start()), (vec![], vec![]));
    // What was noted is told.
    let (said, _) = desk.say(Responder, "oncall handoff", &[]);
    assert!(!said.contains("disk"), "{said}");
    // What is a day late is not news any more.
    desk.pass(2 * 24 * 60);
    assert_eq!(called(&desk.wake()), []);
    assert_eq!(desk.first("soundlab").as_deref(), Some("A"));
    assert!(muster::core::next_wakeup(&desk.state).is_some_and(|at| at > desk.now));
}

#[test]
fn a_swap_counts_once_the_other_agreed_and_only_they_can() {
    let mut desk = Desk::new();
    let ask = [("rota", text("soundlab")), ("with", Arg::Person(person(Lead)))];
    let (said, _) = desk.say(
        Responder,
        "oncall swap",
        &[("rota", text("soundlab")), ("with", Arg::Person(person(Responder)))],
    );
    assert!(said.contains("A swap needs another"), "{said}");
    let (said, effects) = desk.say(Approver, "oncall swap", &ask);
    assert!(said.contains("**SWP-1**") && said.contains("it is yours"), "{said}");
    let Some(Effect::Say { show, .. }) = effects.first() else { panic!("{effects:?}") };
    let face = muster::render::face(show, None, chrono_tz::Tz::UTC);
    assert_eq!((face.pings.users.as_slice(), face.buttons.len()), ([person(Lead).id].as_slice(), 2));
    assert_eq!(desk.first("soundlab").as_deref(), Some("B"));
    assert!(desk.press(Responder, 1, SwapButton::Agree).contains("Only lead can answer"));
    assert!(desk.press(Approver, 1, SwapButton::Agree).contains("Only lead can answer"));
    let said = desk.press(Lead, 1, SwapButton::Agree);
    assert!(said.contains("lead: <t:1795251600:f> to <t:1795334400:f>"), "{said}");
    assert!(said.contains("approver: <t:1795334400:f> to <t:1795420800:f>"), "{said}");
    assert_eq!(desk.first("soundlab").as_deref(), Some("lead"));
    assert!(desk.press(Lead, 1, SwapButton::Agree).contains("agreed to SWP-1 already"));
    desk.pass(23 * 60);
    assert_eq!(desk.first("soundlab").as_deref(), Some("approver"), "they took the Sunday for it");

    // Of a rota that changed meanwhile, and of one that they do not want.
    let ask = [("rota", text("soundlab")), ("with", Arg::Person(person(Lead))), ("when", text("in 5 days"))];
    let (said, _) = desk.say(Approver, "oncall swap", &ask);
    assert!(said.contains("SWP-2"), "{said}");
    let over = [("rota", text("soundlab")), ("from", text("in 3 days")), ("for", text("7 days"))];
    desk.say(Responder, "oncall override", &over);
    assert!(desk.press(Lead, 2, SwapButton::Agree).contains("The rota changed"));
    assert!(desk.press(Lead, 2, SwapButton::Refuse).contains("stays with approver"));
    assert!(desk.press(Lead, 2, SwapButton::Refuse).contains("did not agree to SWP-2 already"));
    assert!(desk.press(Lead, 9, SwapButton::Agree).contains("not at hand"));
}

#[test]
fn who_is_away_is_known_until_they_are_back_and_their_shifts_are_told() {
    let mut desk = Desk::new();
    let approver = person(Approver).id;
    let (said, effects) =
        desk.say(Approver, "unavailable", &[("for", text("4h")), ("why", text("a flight"))]);
    assert!(said.contains("primary of soundlab, <t:1795251600:f> to <t:1795266000:f>"), "{said}");
    let posted = called(&effects);
    assert!(posted.len() == 1 && posted[0].1.contains("approver is away"), "{posted:?}");
    assert!(away(&desk.state, approver, desk.now).is_some());
    let (said, _) = desk.say(Responder, "oncall now", &[]);
    assert!(said.contains("**away until <t:1795266000:f>**"), "{said}");
    desk.pass(239);
    assert!(away(&desk.state, approver, desk.now).is_some());
    desk.pass(1);
    assert_eq!(away(&desk.state, approver, desk.now), None);
    let back = [("back", Arg::Boolean(true))];
    assert!(desk.say(Approver, "unavailable", &back).0.contains("You are not away"));
    // Nobody is on call who is in no rota.
    let (said, effects) = desk.say(Onlooker, "unavailable", &[("until", text("fri 18:00"))]);
    assert!(!said.contains("on call in that time") && effects.is_empty(), "{said}");
    assert!(desk.say(Onlooker, "unavailable", &back).0.contains("You are back"));
    assert_eq!(away(&desk.state, person(Onlooker).id, desk.now), None);
    assert!(desk.say(Approver, "unavailable", &[]).0.contains("Say how long"));
}

#[test]
fn whoever_names_a_moment_at_the_end_of_time_is_told_so_and_nobody_waits_for_it() {
    let mut desk = Desk::new();
    for from in ["in 9223370250000000s", "in 9000 days", "+262142-12-31", "-262142-01-01 00:00"] {
        let args = [("from", text(from)), ("for", text("1h"))];
        let (said, _) = desk.say(Onlooker, "unavailable", &args);
        assert!(said.contains("more than two years away"), "{from}: {said}");
        let args = [("rota", text("soundlab")), ("with", Arg::Person(person(Lead))), ("when", text(from))];
        let (said, _) = desk.say(Approver, "oncall swap", &args);
        assert!(said.contains("more than two years away"), "{from}: {said}");
    }
    for lasts in ["18446744073709551615s", "9223370250000000s"] {
        let (said, _) = desk.say(Onlooker, "unavailable", &[("for", text(lasts))]);
        assert!(said.contains("a minute to 366 days"), "{lasts}: {said}");
    }
    assert_eq!(desk.state.oncall.absences, []);
}

/// The times at which somebody is away, in their order.
fn times(desk: &Desk, who: UserId) -> Vec<(i64, i64)> {
    let own = desk.state.oncall.absences.iter().filter(|a| a.who.id == who);
    let mut all: Vec<(i64, i64)> = own.map(|a| (a.from.seconds(), a.until.seconds())).collect();
    all.sort_unstable();
    all
}

#[test]
fn a_second_absence_leaves_the_first_and_back_ends_the_one_under_way_or_else_the_next() {
    let mut desk = Desk::new();
    let (approver, begin) = (person(Approver).id, desk.now.seconds());
    let back = [("back", Arg::Boolean(true))];
    let holiday = [("from", text("2027-08-02")), ("until", text("2027-08-16"))];
    desk.say(Approver, "unavailable", &holiday);
    let (august, end) = (1_817_157_600, 1_818_367_200);
    assert_eq!(times(&desk, approver), [(august, end)]);
    let (said, _) = desk.say(Approver, "unavailable", &[("for", text("2h"))]);
    assert!(said.contains(&format!("until <t:{}:f>", begin + 7_200)), "{said}");
    assert!(said.contains(&format!("away as well: <t:{august}:f> to <t:{end}:f>")), "{said}");
    assert_eq!(times(&desk, approver), [(begin, begin + 7_200), (august, end)]);

    // What overlaps is one time; what is another's stays.
    desk.say(Lead, "unavailable", &[("for", text("1h"))]);
    let longer = [("from", text("in 1h")), ("for", text("3h"))];
    let (said, _) = desk.say(Approver, "unavailable", &longer);
    assert!(said.contains(&format!("from <t:{begin}:f> until <t:{}:f>", begin + 14_400)), "{said}");
    assert_eq!(times(&desk, approver), [(begin, begin + 14_400), (august, end)]);

    let (said, _) = desk.say(Approver, "unavailable", &back);
    assert!(said.contains("You are back"), "{said}");
    assert!(said.contains(&format!("away as well: <t:{august}:f> to <t:{end}:f>")), "{said}");
    assert_eq!(away(&desk.state, approver, desk.now), None);
    assert_eq!(times(&desk, approver), [(august, end)]);
    assert_eq!(times(&desk, person(Lead).id).len(), 1);
    let (said, _) = desk.say(Approver, "unavailable", &back);
    assert!(said.contains(&format!("from <t:{august}:f> to <t:{end}:f> after all")), "{said}");
    assert_eq!(times(&desk, approver), []);
    assert!(desk.say(Approver, "unavailable", &back).0.contains("You are not away"));
}

#[test]
fn nobody_is_away_at_more_than_sixteen_times() {
    let mut desk = Desk::new();
    let mut day = |n: u32| {
        let from = format!("in {n} days");
        desk.say(Onlooker, "unavailable", &[("from", text(&from)), ("for", text("1h"))]).0
    };
    for n in 1..=16 {
        assert!(day(n).contains("You are away"), "{n}");
    }
    let said = day(17);
    assert!(said.contains("16 times") && said.contains("back: True"), "{said}");
    assert_eq!(times(&desk, person(Onlooker).id).len(), 16);
}

#[test]
fn no_note_is_lost_at_a_change_of_shift_however_much_there_is_to_tell() {
    let mut desk = Desk::new();
    let note = |n: usize| format!("note {n:02} {}.", "*".repeat(490));
    for n in 0..20 {
        let (said, _) = desk.say(Responder, "oncall handoff", &[("note", text(&note(n)))]);
        assert!(said.contains("told at the next change"), "{said}");
    }
    let (said, _) = desk.say(Responder, "oncall handoff", &[("note", text("one more"))]);
    assert!(said.contains("20 notes"), "what would push another out is refused: {said}");
    desk.pass(23 * 60 + 1);
    let posted = called(&desk.wake());
    assert_eq!(posted[0].0, [person(Lead).id]);
    assert!(posted[1..].iter().all(|(people, _)| people.is_empty()), "the telephone rings once");
    assert!(posted.iter().all(|(_, words)| words.chars().count() <= 1_950));
    let all: Vec<&str> = posted.iter().flat_map(|(_, words)| words.lines()).collect();
    let at = |what: &str| all.iter().position(|line| line.contains(what));
    for n in 0..20 {
        let line = at(&format!("note {n:02} ")).unwrap_or_else(|| panic!("note {n} is not told"));
        assert!(all[line].ends_with(". (responder)"), "{}", all[line]);
        assert!(Some(line) < at("No incident is open"), "notes come first");
    }
    assert_eq!(desk.state.oncall.notes, []);
}
