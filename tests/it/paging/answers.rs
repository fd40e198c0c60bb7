//! Answers: one wins and the other learns who; what is queued is dropped; an acknowledgement wears off.

use muster::engine::prepare::{self, Address, Nowhere};
use muster::model::button::PageButton;
use muster::model::card::Show;
use muster::model::effect::Effect;
use muster::model::event::Settlement;
use muster::model::ids::{ChannelId, PageId, UserId};
use muster::model::incident::Thread;
use muster::model::input::Arg;
use muster::model::page::{Because, PageNews, Standing, Stands};

use super::rig::{FIRST, MINUTE, Rig, SECOND, said, whom};

#[test]
fn an_acknowledgement_stops_the_ladder_drops_what_is_queued_and_edits_what_is_there() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    rig.pass(5 * MINUTE);
    // The second is called by now, and what is owed to the third would come later.
    rig.press(SECOND, PageButton::Acknowledge).expect("they are on it");
    for n in 0..rig.page().calls.len() {
        assert!(!rig.page().wants(u32::try_from(n).expect("few")), "call {n} is not wanted any more");
    }
    let edits: Vec<_> = rig.cards().into_iter().filter(|(edit, _)| *edit).collect();
    assert_eq!(edits.len(), 4, "the messages of both");
    assert!(edits.iter().all(|(_, card)| matches!(card.stands, Stands::Acknowledged(_))));
    let before = rig.paged().len();
    rig.pass(25 * MINUTE);
    assert_eq!(rig.paged().len(), before);
}

#[test]
fn calls_that_are_owed_when_somebody_answers_are_not_wanted() {
    let mut rig = Rig::new();
    rig.declare("P1");
    // Nothing was delivered, and at the same moment somebody answers in the server.
    rig.press(100, PageButton::Acknowledge).expect("a responder may");
    assert!((0..2).all(|n| !rig.page().wants(n)), "{:?}", rig.page());
}

#[test]
fn what_is_owed_in_a_private_thread_is_dropped_too() {
    let mut rig = Rig::new();
    let text = |t: &str| Arg::Text(t.to_owned());
    let args = [("title", text("A key was lost")), ("severity", text("P1")), ("private", Arg::Boolean(true))];
    rig.command(100, "incident declare", &args).expect("a responder may");
    let mut calls = rig.commits.iter().flat_map(|c| &c.effects).filter(|e| matches!(e, Effect::Page(_)));
    let call = calls.next().expect("somebody is called").clone();
    let incident = rig.state.incidents.values_mut().next().expect("it is there");
    incident.thread = Thread::At(ChannelId(9));
    let goes = |rig: &Rig| prepare::address(&rig.state, &rig.house, rig.now, &call);
    assert_eq!(goes(&rig), Ok(Address::Channel(ChannelId(9))));
    rig.state.pages.all.get_mut(&PageId(1)).expect("it began").declined.push(UserId(FIRST));
    assert_eq!(goes(&rig), Err(Nowhere::Settled(Settlement::Superseded)));
}

#[test]
fn of_two_at_once_one_wins_and_the_other_learns_who() {
    let mut rig = Rig::with(|on| on.policies[0].rungs[0].whom.push(whom(SECOND)));
    rig.declare("P1");
    rig.deliver_all();
    rig.press(FIRST, PageButton::Acknowledge).expect("they are first");
    let why = said(rig.press(SECOND, PageButton::Acknowledge));
    assert!(why.contains("somebody 11 was faster"), "{why}");
    let why = said(rig.press(FIRST, PageButton::Acknowledge));
    assert!(why.contains("already"), "{why}");
}

#[test]
fn a_stale_button_does_nothing_and_says_so() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    rig.command(100, "incident resolve", &[]).expect("it is resolved");
    let commits = rig.commits.len();
    for button in [PageButton::Acknowledge, PageButton::Cannot, PageButton::Escalate, PageButton::Still] {
        let why = said(rig.press(FIRST, button));
        assert!(why.contains("is over"), "{button:?}: {why}");
    }
    assert_eq!(rig.commits.len(), commits);
}

#[test]
fn in_a_direct_message_only_whoever_was_called_may_answer() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    let why = said(rig.press_in(100, 1, PageButton::Acknowledge, false));
    assert!(why.contains("direct message"), "{why}");
    let why = said(rig.press_in(SECOND, 1, PageButton::Acknowledge, false));
    assert!(why.contains("direct message"), "not called yet: {why}");
    rig.press_in(FIRST, 1, PageButton::Acknowledge, false).expect("they were called");
    assert!(matches!(rig.standing(), Standing::Acknowledged { .. }));
}

#[test]
fn who_may_not_acknowledge_and_was_not_called_is_refused() {
    let mut rig = Rig::new();
    rig.declare("P1");
    let why = said(rig.press(99, PageButton::Acknowledge));
    assert!(why.contains("`/ack`"), "{why}");
}

#[test]
fn whoever_cannot_hands_on_at_once_and_is_not_called_again() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    rig.press(FIRST, PageButton::Cannot).expect("they were called");
    let last = rig.paged().pop().expect("the next is called");
    assert!(matches!(last, (0, ref who, Because::Declined(_)) if *who == [SECOND]), "{last:?}");
    rig.pass(29 * MINUTE);
    let first = rig.paged().iter().filter(|(_, who, _)| who.contains(&FIRST)).count();
    assert_eq!(first, 1, "in the second round they are passed over");
}

#[test]
fn of_two_on_a_rung_one_who_cannot_leaves_it_to_the_other() {
    let mut rig = Rig::with(|on| on.policies[0].rungs[0].whom.push(whom(SECOND)));
    rig.declare("P1");
    rig.deliver_all();
    rig.press(FIRST, PageButton::Cannot).expect("they were called");
    assert_eq!(rig.paged().len(), 1, "the other was called and may answer");
    rig.press(SECOND, PageButton::Cannot).expect("they were called");
    let last = rig.paged().pop().map(|p| p.1);
    assert_eq!(last, Some(vec![super::rig::THIRD]), "the second rung is who cannot, too");
}

#[test]
fn the_next_is_called_now_where_somebody_asks_for_it() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.pass(MINUTE);
    rig.command(100, "escalate", &[]).expect("a responder may");
    let last = rig.paged().pop().expect("the next is called");
    assert!(matches!(last, (60, ref who, Because::Escalated(_)) if *who == [SECOND]), "{last:?}");
    // Somebody is on it, and wants help: their acknowledgement stands.
    rig.deliver_all();
    rig.press(SECOND, PageButton::Acknowledge).expect("they were called");
    rig.command(SECOND, "escalate", &[]).expect_err("they hold no role");
    rig.press(SECOND, PageButton::Escalate).expect("they were called");
    assert!(matches!(rig.standing(), Standing::Acknowledged { .. }));
    assert_eq!(rig.paged().len(), 3);
}

#[test]
fn an_acknowledgement_wears_off_is_asked_about_and_is_void_without_an_answer() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    rig.press(FIRST, PageButton::Acknowledge).expect("they were called");
    rig.pass(30 * MINUTE);
    assert!(matches!(rig.standing(), Standing::Acknowledged { asked: true, .. }), "{:?}", rig.standing());
    let asks = rig.cards().into_iter().filter(|(_, c)| matches!(c.stands, Stands::Asked { .. })).count();
    assert_eq!(asks, 2, "where the work is, and directly");
    rig.pass(5 * MINUTE);
    let last = rig.paged().pop().expect("it begins anew");
    assert!(matches!(last, (_, ref who, Because::WoreOff(_)) if *who == [FIRST]), "{last:?}");
}

#[test]
fn whoever_says_that_they_still_are_on_it_is_left_alone_for_as_long_again() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    rig.press(FIRST, PageButton::Acknowledge).expect("they were called");
    rig.pass(31 * MINUTE);
    rig.press(FIRST, PageButton::Still).expect("they are on it");
    rig.pass(29 * MINUTE);
    assert!(matches!(rig.standing(), Standing::Acknowledged { asked: false, .. }));
    rig.pass(2 * MINUTE);
    assert!(matches!(rig.standing(), Standing::Acknowledged { asked: true, .. }));
    assert_eq!(rig.paged().len(), 1);
}

#[test]
fn a_sign_of_work_renews_it_and_nobody_is_asked() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    rig.press(FIRST, PageButton::Acknowledge).expect("they were called");
    rig.pass(20 * MINUTE);
    let text = ("text", Arg::Text("The disk is full.".to_owned()));
    rig.command(100, "incident note", &[text]).expect("it is noted");
    rig.pass(20 * MINUTE);
    let asked = rig.news().into_iter().any(|n| matches!(n, PageNews::Asked { .. }));
    assert!(!asked, "somebody worked ten minutes ago");
    assert!(rig.news().into_iter().any(|n| matches!(n, PageNews::Still { by: None, .. })));
    rig.pass(11 * MINUTE);
    assert!(rig.news().into_iter().any(|n| matches!(n, PageNews::Asked { .. })), "30 minutes after that");
}

#[test]
fn whoever_takes_the_lead_has_answered() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    let args =
        [("duty", Arg::Text("commander".to_owned())), ("person", Arg::Person(super::rig::person(100)))];
    rig.command(100, "incident assign", &args).expect("they lead");
    assert!(matches!(rig.standing(), Standing::Acknowledged { .. }));
}

#[test]
fn somebody_is_called_by_hand_and_their_answer_ends_it() {
    let mut rig = Rig::new();
    let args = [
        ("person", Arg::Person(super::rig::person(SECOND))),
        ("text", Arg::Text("Look at the bill".to_owned())),
    ];
    rig.command(100, "page", &args).expect("a responder may");
    let direct = rig.commits.iter().flat_map(|c| &c.effects).filter(|e| matches!(e, Effect::Page(_))).count();
    assert_eq!(direct, 1, "directly, and nowhere else");
    rig.deliver_all();
    rig.press_in(SECOND, 1, PageButton::Acknowledge, false).expect("they were called");
    assert!(rig.page().is_over());
}

#[test]
fn a_test_page_says_when_it_reached_nobody() {
    let mut rig = Rig::new();
    rig.command(100, "pages test", &[("person", Arg::Person(super::rig::person(SECOND)))])
        .expect("a responder may");
    rig.deliver(|_| false);
    let told = |rig: &Rig| {
        let effects = rig.commits.iter().flat_map(|c| &c.effects);
        let said = effects.filter(|e| {
            matches!(e, Effect::Say { show: Show::Notice { text, .. }, .. }
                if text.contains("cannot be reached") && text.contains("muster oncall test 12"))
        });
        said.count()
    };
    assert_eq!((told(&rig), rig.said_loudly()), (1, 0));
    rig.pass(60 * MINUTE);
    assert_eq!((rig.paged().len(), told(&rig)), (1, 1), "a test does not begin anew");
    assert!(rig.page().is_over());
}

#[test]
fn what_was_owed_before_an_answer_is_not_sent_when_the_answer_is_void() {
    let mut rig = Rig::new();
    rig.declare("P1");
    // Nothing can be delivered at this moment; somebody answers, and then nothing is heard of them.
    rig.press(FIRST, PageButton::Acknowledge).expect("they were called");
    rig.now = rig.now.after(30 * MINUTE);
    rig.step(&muster::model::input::Input::Wake);
    rig.now = rig.now.after(5 * MINUTE);
    rig.step(&muster::model::input::Input::Wake);
    assert!(matches!(rig.standing(), Standing::Climbing { round: 0, rung: 0, .. }), "{:?}", rig.standing());
    let last = rig.page().calls.len() - 2;
    let wanted = |n: usize| rig.page().wants(u32::try_from(n).expect("few"));
    assert!((0..last).all(|n| !wanted(n)) && wanted(last), "only the newest calls are");
}

#[test]
fn whoever_was_asked_for_in_an_incident_is_left_alone_when_it_is_over() {
    let mut rig = Rig::new();
    rig.declare("P3");
    for who in [FIRST, SECOND] {
        let person = ("person", Arg::Person(super::rig::person(who)));
        let incident = ("incident", Arg::Text("INC-1".to_owned()));
        rig.command(100, "page", &[person, incident]).expect("a responder may");
    }
    rig.deliver_all();
    assert_eq!(rig.state.pages.open().count(), 2);
    rig.command(100, "incident resolve", &[]).expect("it is resolved");
    assert_eq!(rig.state.pages.open().count(), 0);
    rig.pass(120 * MINUTE);
    assert_eq!(rig.paged().len(), 2, "nobody is called any more");
}
