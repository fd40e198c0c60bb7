//! The ladder itself: rung by rung, round by round, and what is said when nobody answers.

use muster::model::effect::Effect;
use muster::model::page::{Because, Delivery, Standing, Way};
use muster::model::policy::{Until, Whom};

use super::rig::{FIRST, MINUTE, Rig, SECOND, THIRD, rung, whom};

#[test]
fn each_is_called_in_turn_and_then_everybody_hears_that_nobody_answered() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.pass(31 * MINUTE);
    let minutes: Vec<(u64, Vec<u64>)> = rig.paged().into_iter().map(|(s, who, _)| (s / 60, who)).collect();
    let people = [FIRST, SECOND, THIRD];
    let expected: Vec<(u64, Vec<u64>)> = (0..6).map(|n| (n * 5, vec![people[n as usize % 3]])).collect();
    assert_eq!(minutes, expected);
    assert!(matches!(rig.standing(), Standing::Exhausted { .. }), "{:?}", rig.standing());
    assert_eq!(rig.said_loudly(), 1);
    // It does not end there: after a rest it begins anew.
    rig.pass(15 * MINUTE);
    assert!(matches!(rig.standing(), Standing::Climbing { round: 0, rung: 0, .. }), "{:?}", rig.standing());
    assert_eq!(rig.paged().last().map(|(_, who, _)| who.clone()), Some(vec![FIRST]));
}

#[test]
fn nobody_is_called_for_what_no_policy_is_for_nor_for_an_exercise() {
    let mut rig = Rig::new();
    rig.declare("P3");
    let drill = [
        ("title", muster::model::input::Arg::Text("Try it".to_owned())),
        ("severity", muster::model::input::Arg::Text("P1".to_owned())),
        ("drill", muster::model::input::Arg::Boolean(true)),
    ];
    rig.command(100, "incident declare", &drill).expect("it is declared");
    rig.pass(60 * MINUTE);
    assert!(rig.state.pages.all.is_empty());
}

#[test]
fn the_first_is_called_in_the_very_commit_that_declares() {
    let mut rig = Rig::new();
    rig.declare("P1");
    let commit = rig.commits.last().expect("it is declared");
    let called = commit.effects.iter().filter(|e| matches!(e, Effect::Page(_))).count();
    assert_eq!(called, 2, "a mention and a direct message");
}

#[test]
fn whoever_does_not_answer_is_called_again_on_the_same_rung() {
    let mut rig = Rig::with(|on| on.policies[0].rungs[0].every = Some(2 * MINUTE));
    rig.declare("P1");
    rig.pass(5 * MINUTE);
    let paged: Vec<(u64, Because)> = rig.paged().into_iter().map(|(s, _, why)| (s / 60, why)).collect();
    assert_eq!(
        paged,
        [(0, Because::First), (2, Because::Again), (4, Because::Again), (5, Because::NoAnswer)]
    );
}

#[test]
fn a_rung_that_cannot_be_reached_leads_to_the_next_at_once() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver(|c| c.to.person().is_none_or(|p| p.0 != FIRST));
    let paged = rig.paged();
    assert_eq!(paged.len(), 2, "{paged:?}");
    assert_eq!(paged[1], (0, vec![SECOND], Because::Unreachable));
    let failed = rig.page().calls.iter().filter(|c| matches!(c.delivery, Delivery::Failed { .. })).count();
    assert_eq!(failed, 2);
}

#[test]
fn somebody_who_is_reached_by_one_way_is_reached() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver(|c| c.way != Way::Direct);
    assert_eq!(rig.paged().len(), 1);
    assert!(matches!(rig.standing(), Standing::Climbing { rung: 0, .. }));
}

#[test]
fn where_nobody_at_all_can_be_reached_everybody_is_told_at_once() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver(|_| false);
    // Each of the three was tried in both rounds.
    assert!(matches!(rig.standing(), Standing::Exhausted { .. }), "{:?}", rig.standing());
    assert_eq!(rig.said_loudly(), 1);
    assert_eq!(rig.now, super::rig::BEGIN);
}

#[test]
fn a_rung_with_nobody_says_why_and_is_passed_over() {
    let unknown = || vec![Whom::Unknown("the night shift".to_owned())];
    let mut rig = Rig::with(|on| on.policies[0].rungs[0].whom = unknown());
    rig.declare("P1");
    let paged = rig.paged();
    assert_eq!(paged[0], (0, vec![], Because::First));
    assert_eq!(paged[1], (0, vec![SECOND], Because::Unreachable));

    // Where that is so of every rung, no second round is gone through.
    let mut rig = Rig::with(|on| on.policies[0].rungs.iter_mut().for_each(|r| r.whom = unknown()));
    rig.declare("P1");
    assert_eq!(rig.paged().len(), 3);
    assert!(matches!(rig.standing(), Standing::Exhausted { .. }));
    assert_eq!(rig.said_loudly(), 1);
}

#[test]
fn what_is_over_calls_nobody_any_more() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    rig.command(100, "incident resolve", &[]).expect("it is resolved");
    rig.pass(120 * MINUTE);
    assert_eq!(rig.paged().len(), 1);
    assert!(rig.page().is_over());
    // Both messages say so.
    assert_eq!(rig.cards().iter().filter(|(edit, _)| *edit).count(), 2);
}

#[test]
fn what_becomes_worse_begins_the_ladder_for_that_and_what_is_less_bad_ends_it() {
    let text = |t: &str| muster::model::input::Arg::Text(t.to_owned());
    let mut rig = Rig::with(|on| {
        let mut slow = on.policies[0].clone();
        (slow.name, slow.severities) = ("slow".to_owned(), vec![muster::model::incident::Severity::P2]);
        slow.rungs = vec![rung("slow", vec![whom(THIRD)])];
        on.policies[0].severities = vec![muster::model::incident::Severity::P1];
        on.policies.push(slow);
    });
    rig.declare("P2");
    assert_eq!(rig.paged().last().map(|p| p.1.clone()), Some(vec![THIRD]));
    rig.command(100, "incident severity", &[("severity", text("P1"))]).expect("it is worse");
    assert_eq!(rig.paged().last().map(|p| p.1.clone()), Some(vec![FIRST]));
    assert!(rig.page().is_over(), "the first page is over");
    assert_eq!(rig.state.pages.open().count(), 1);
    rig.command(100, "incident severity", &[("severity", text("P3")), ("why", text("one user"))])
        .expect("better");
    assert_eq!(rig.state.pages.open().count(), 0);
}

#[test]
fn what_is_not_resolved_is_told_to_later_rungs_though_somebody_is_on_it() {
    let mut rig = Rig::with(|on| {
        on.policies[0].until = Until::Resolved;
        on.policies[0].rungs[0].within = 15 * MINUTE;
        on.policies[0].rungs[1].within = 15 * MINUTE;
    });
    rig.declare("P1");
    rig.pass(MINUTE);
    rig.press(FIRST, muster::model::button::PageButton::Acknowledge).expect("they are on it");
    rig.pass(31 * MINUTE);
    let paged: Vec<(u64, Vec<u64>, Because)> =
        rig.paged().into_iter().map(|(s, who, why)| (s / 60, who, why)).collect();
    assert_eq!(
        paged,
        [
            (0, vec![FIRST], Because::First),
            (15, vec![SECOND], Because::Unresolved),
            (30, vec![THIRD], Because::Unresolved)
        ]
    );
}

#[test]
fn what_a_rung_proposes_waits_for_somebody_to_approve_it() {
    let mut rig = Rig::with(|on| {
        on.policies[0].rungs[1] = muster::model::policy::Rung {
            propose: Some("rollback-configuration".to_owned()),
            ..rung("propose", vec![])
        };
    });
    let text = |t: &str| muster::model::input::Arg::Text(t.to_owned());
    let args = [("title", text("Down")), ("severity", text("P1")), ("service", text("soundscape"))];
    rig.command(100, "incident declare", &args).expect("it is declared");
    rig.pass(6 * MINUTE);
    let said: Vec<_> = rig.commits.iter().flat_map(|c| &c.effects).filter_map(Effect::show).collect();
    let run = rig.state.going().next().unwrap_or_else(|| panic!("a rollback is asked for: {said:#?}"));
    assert_eq!(
        (run.plan.service.as_str(), run.plan.action.as_str()),
        ("soundscape", "rollback-configuration")
    );
    assert!(run.asked.by.is_muster(), "and whoever approves it is somebody else");
    assert!(matches!(run.phase, muster::model::run::RunPhase::Asked { .. }), "nothing begins by itself");
    rig.pass(5 * MINUTE);
    assert_eq!(rig.paged().last().map(|p| p.1.clone()), Some(vec![THIRD]), "the ladder goes on");
}

/// Two of whom either may answer, then another.
fn two_and_then_one() -> Rig {
    Rig::with(|on| {
        on.policies[0].rungs =
            vec![rung("L1", vec![whom(FIRST), whom(SECOND)]), rung("L2", vec![whom(THIRD)])]
    })
}

#[test]
fn where_one_cannot_be_reached_and_the_other_cannot_the_next_is_called_at_once() {
    let but_the_second = |c: &muster::model::effect::Calling| c.to.person().is_none_or(|p| p.0 != SECOND);
    let cannot = muster::model::button::PageButton::Cannot;
    let mut rig = two_and_then_one();
    rig.declare("P1");
    rig.deliver(but_the_second);
    assert_eq!(rig.paged().len(), 1, "the first was reached");
    rig.press(FIRST, cannot).expect("they were called");
    let last = rig.paged().pop().expect("the next is called");
    assert!(matches!(last, (0, ref who, Because::Declined(_)) if *who == [THIRD]), "{last:?}");

    // The same, the other way round.
    let mut rig = two_and_then_one();
    rig.declare("P1");
    rig.press(FIRST, cannot).expect("they were called");
    assert_eq!(rig.paged().len(), 1, "the other may still be reached");
    rig.deliver(but_the_second);
    assert_eq!(rig.paged().pop(), Some((0, vec![THIRD], Because::Unreachable)));
}

#[test]
fn whoever_was_reached_before_it_began_anew_holds_nobody_up() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    rig.press(FIRST, muster::model::button::PageButton::Acknowledge).expect("they were called");
    rig.pass(34 * MINUTE);
    rig.now = rig.now.after(MINUTE);
    rig.step(&muster::model::input::Input::Wake);
    assert!(matches!(rig.paged().last(), Some((_, _, Because::WoreOff(_)))), "{:?}", rig.paged());
    rig.deliver(|c| c.to.person().is_none_or(|p| p.0 != FIRST));
    assert_eq!(rig.paged().pop(), Some((35 * 60, vec![SECOND], Because::Unreachable)));
}

#[test]
fn whoever_cannot_while_something_is_only_proposed_leads_to_the_next_at_once() {
    let mut rig = Rig::with(|on| {
        on.policies[0].rungs[1].propose = Some("rollback-configuration".to_owned());
        on.policies[0].rungs[1].whom.clear();
    });
    rig.declare("P1");
    rig.pass(6 * MINUTE);
    assert_eq!(rig.paged().last().map(|p| p.1.clone()), Some(vec![]), "nobody is called");
    rig.press(FIRST, muster::model::button::PageButton::Cannot).expect("they were called");
    assert_eq!(rig.paged().pop().map(|p| (p.0, p.1)), Some((360, vec![THIRD])));
}
