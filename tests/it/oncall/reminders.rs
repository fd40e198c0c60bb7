//! What comes round by a runbook's table (SL-15): asked for on its day, every week until somebody did it, and
//! then not before it comes round again.

use muster::core;
use muster::kit::time::Timestamp;
use muster::model::card::Show;
use muster::model::effect::{Board, Effect};
use muster::model::event::{Reason, Settlement};
use muster::model::ids::{ChannelId, MessageId, ReminderId};
use muster::model::reminder::ReminderCard;
use muster::render;
use muster::sandbox::world::seed::Person::{Onlooker, Responder};

use super::rig::Desk;

/// The card that an effect posts, and whether it changes one that is there.
fn cards(effects: &[Effect]) -> Vec<(bool, ReminderCard)> {
    let one = |e: &Effect| match (e, e.show()) {
        (Effect::PostBoard { .. }, Some(Show::Reminder(card))) => Some((false, (**card).clone())),
        (Effect::EditBoard { .. }, Some(Show::Reminder(card))) => Some((true, (**card).clone())),
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

/// The clock goes to a moment, and what came due by then is done.
fn at(desk: &mut Desk, time: &str) -> Vec<(bool, ReminderCard)> {
    desk.now = Timestamp(time.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis());
    let shown = cards(&desk.wake());
    let is_board = |e: &Effect| matches!(e, Effect::PostBoard { board: Board::Reminder(_), .. });
    desk.settle(is_board, |_| Settlement::Posted { channel: ChannelId(7), message: MessageId(8) });
    shown
}

fn whats(shown: &[(bool, ReminderCard)]) -> Vec<&str> {
    shown.iter().map(|(_, card)| card.what.as_str()).collect()
}

const READ: &str = "this runbook is read through";

#[test]
fn it_is_asked_for_on_its_day_and_every_week_until_somebody_did_it() {
    let mut desk = Desk::new();
    let (said, _) = desk.say(Onlooker, "oncall now", &[]);
    let round = said.split("**What comes round**").nth(1).unwrap();
    // The first of December in Berlin; the first of the next quarter and of the next year.
    assert!(
        round.contains(&format!("**REM-1** · soundlab · {READ} (every month): next <t:1796112000:D>")),
        "{said}"
    );
    assert!(round.contains("the rollback is tried (every quarter): next <t:1798790400:D>"), "{said}");
    assert!(round.contains("disaster recovery is tried (every year): next <t:1798790400:D>"), "{said}");

    assert_eq!(at(&mut desk, "2026-12-01T07:59:59Z"), []);
    assert_eq!(desk.start(), [], "a restart asks for nothing that is not due");
    let shown = at(&mut desk, "2026-12-01T08:00:00Z");
    assert_eq!(whats(&shown), [READ]);
    let face = render::face(&Show::Reminder(Box::new(shown[0].1.clone())), None, chrono_tz::Tz::UTC);
    assert_eq!(face.buttons.iter().map(|b| b.label.as_str()).collect::<Vec<_>>(), ["Done"]);
    assert!(face.pings.users.is_empty() && face.embeds[0].description.contains("due since <t:1796112000:D>"));
    assert_eq!(at(&mut desk, "2026-12-01T08:00:00Z"), [], "once");
    assert_eq!(desk.start(), [], "also after a restart");
    let (said, _) = desk.say(Responder, "oncall handoff", &[]);
    assert!(said.contains("**REM-1** of soundlab is due since"), "{said}");

    assert_eq!(at(&mut desk, "2026-12-08T07:59:00Z"), []);
    assert_eq!(whats(&at(&mut desk, "2026-12-08T08:00:00Z")), [READ], "a week later");
    // Muster was away for two weeks: that is one reminder, not two.
    assert_eq!(whats(&at(&mut desk, "2026-12-23T12:00:00Z")), [READ]);
    assert_eq!(at(&mut desk, "2026-12-28T12:00:00Z"), []);

    assert!(desk.done(Onlooker, 1).0.contains("is for"), "not everybody may say so");
    let (said, effects) = desk.done(Responder, 1);
    assert!(said.contains("**REM-1** is done") && said.contains("<t:1798790400:D>"), "{said}");
    let edited = cards(&effects);
    let [(true, card)] = edited.as_slice() else { panic!("{effects:?}") };
    let face = render::face(&Show::Reminder(Box::new(card.clone())), None, chrono_tz::Tz::UTC);
    assert!(face.buttons.is_empty() && face.embeds[0].description.contains("**responder** did it"));
    assert!(desk.done(Responder, 1).0.contains("responder did it <t:"), "a second click says who was first");
    assert_eq!(desk.state.reminders.all[&ReminderId(1)].done.as_ref().unwrap().by.name, "responder");

    // The new year: all three.
    assert_eq!(at(&mut desk, "2026-12-31T12:00:00Z"), []);
    assert_eq!(at(&mut desk, "2027-01-01T08:00:00Z").len(), 3);
    assert!(core::next_wakeup(&desk.state).is_some_and(|at| at > desk.now));
}

#[test]
fn another_rhythm_moves_it_and_a_row_that_is_gone_is_asked_for_no_more() {
    let mut desk = Desk::new();
    let book = desk.house.runbooks.get_mut("soundlab").unwrap();
    book.reminders[0].every = muster::model::reminder::Rhythm::Weeks(1);
    book.reminders.remove(2);
    desk.reread();
    assert_eq!(desk.state.reminders.all.len(), 2);
    assert_eq!(at(&mut desk, "2026-11-23T07:59:00Z"), []);
    assert_eq!(whats(&at(&mut desk, "2026-11-23T08:00:00Z")), [READ], "Monday");
    let again = desk.state.reminders.all[&ReminderId(1)].again;
    desk.reread();
    assert_eq!(desk.state.reminders.all[&ReminderId(1)].again, again, "what is asked for goes on");
    desk.house.runbooks.get_mut("soundlab").unwrap().reminders.clear();
    assert!(desk.done(Responder, 1).0.contains("in no runbook any more"));
    // The row went while Muster was down: nobody is asked for it.
    assert_eq!(at(&mut desk, "2026-12-08T08:00:00Z"), []);
    desk.start();
    assert!(desk.state.reminders.all.is_empty());
    // A number is not given twice.
    desk.house = Desk::new().house;
    desk.reread();
    assert_eq!(desk.state.reminders.all.keys().next(), Some(&ReminderId(4)));
}

#[test]
fn a_channel_that_is_closed_does_not_swallow_it() {
    let mut desk = Desk::new();
    desk.house.oncall.channel = Some(ChannelId(99));
    desk.now = Timestamp(1_796_112_000_000);
    assert_eq!(cards(&desk.wake()).len(), 1);
    let is_board = |e: &Effect| {
        matches!(e, Effect::PostBoard { place: muster::model::effect::Place::Channel(ChannelId(99)), .. })
    };
    let gone = Settlement::GaveUp { reason: Reason::Gone, said: "Unknown Channel".to_owned() };
    desk.settle(is_board, |_| gone.clone());
    let again = desk.state.unsettled.values().find_map(|o| match &o.effect {
        Effect::PostBoard { board: Board::Reminder(id), place, .. } => Some((*id, *place)),
        _ => None,
    });
    let incidents = desk.house.settings.channels.incidents;
    assert_eq!(again, Some((ReminderId(1), muster::model::effect::Place::Channel(incidents))));
}
