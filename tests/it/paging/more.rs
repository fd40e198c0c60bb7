//! Somebody is on it and asks for more: the next who can be called are, and what a rung proposes is proposed.

use muster::model::button::PageButton;
use muster::model::input::Arg;
use muster::model::page::{Because, Standing};
use muster::model::policy::{Rung, Until, Whom};

use super::rig::{FIRST, MINUTE, Rig, SECOND, THIRD, rung, said, whom};

fn text(text: &str) -> Arg {
    Arg::Text(text.to_owned())
}

/// The first is on it.
fn taken(rig: &mut Rig) {
    let args = [("title", text("Down")), ("severity", text("P1")), ("service", text("soundscape"))];
    rig.command(100, "incident declare", &args).expect("it is declared");
    rig.deliver_all();
    rig.press(FIRST, PageButton::Acknowledge).expect("they were called");
}

#[test]
fn a_rung_with_nobody_is_passed_over_and_where_nobody_is_left_that_is_said() {
    let mut rig = Rig::with(|on| on.policies[0].rungs[1].whom = vec![Whom::Unknown("the boss".to_owned())]);
    taken(&mut rig);
    rig.press(FIRST, PageButton::Escalate).expect("they were called");
    assert_eq!(rig.paged().last().map(|p| p.1.clone()), Some(vec![THIRD]));
    assert!(matches!(rig.standing(), Standing::Acknowledged { .. }));
    let why = said(rig.press(FIRST, PageButton::Escalate));
    assert!(why.contains("nobody is left"), "{why}");

    // Where nobody behind them can be called, nothing is done.
    let mut rig = Rig::with(|on| {
        on.policies[0].rungs.truncate(2);
        on.policies[0].rungs[1].whom = vec![Whom::Unknown("the boss".to_owned())];
    });
    taken(&mut rig);
    let commits = rig.commits.len();
    for _ in 0..2 {
        let why = said(rig.press(FIRST, PageButton::Escalate));
        assert!(why.contains("nobody is left"), "{why}");
    }
    assert_eq!(rig.commits.len(), commits);
}

#[test]
fn whoever_is_on_it_is_not_called_to_help_themselves() {
    let mut rig = Rig::with(|on| on.policies[0].rungs[1].whom = vec![whom(FIRST)]);
    taken(&mut rig);
    rig.press(FIRST, PageButton::Escalate).expect("they were called");
    assert_eq!(rig.paged().last().map(|p| p.1.clone()), Some(vec![THIRD]));
}

#[test]
fn where_the_next_cannot_be_reached_the_one_after_is_called_at_once() {
    let mut rig = Rig::new();
    taken(&mut rig);
    rig.press(FIRST, PageButton::Escalate).expect("they were called");
    rig.deliver(|c| c.to.person().is_none_or(|p| p.0 != SECOND));
    assert_eq!(rig.paged().pop(), Some((0, vec![THIRD], Because::Unreachable)));
    assert!(matches!(rig.standing(), Standing::Acknowledged { .. }));
    rig.deliver(|c| c.to.person().is_none_or(|p| p.0 != THIRD));
    assert_eq!(rig.paged().len(), 3, "nobody is left");
}

#[test]
fn what_a_rung_proposes_is_proposed_though_somebody_asks_for_the_next_before_its_time() {
    let mut rig = Rig::with(|on| {
        on.policies[0].until = Until::Resolved;
        on.policies[0].rungs[2] =
            Rung { propose: Some("rollback-configuration".to_owned()), ..rung("propose", vec![]) };
    });
    taken(&mut rig);
    rig.press(FIRST, PageButton::Escalate).expect("they were called");
    assert_eq!(rig.paged().last().map(|p| p.1.clone()), Some(vec![SECOND]));
    assert_eq!(rig.state.going().count(), 0);
    rig.press(FIRST, PageButton::Escalate).expect("they were called");
    let run = rig.state.going().next().expect("a rollback is asked for");
    assert_eq!(run.plan.action, "rollback-configuration");
    let why = said(rig.press(FIRST, PageButton::Escalate));
    assert!(why.contains("nobody is left"), "{why}");
    rig.pass(20 * MINUTE);
    assert_eq!(rig.state.runs.len(), 1, "it is proposed once");
}
