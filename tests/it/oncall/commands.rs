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
