//! Times: kept over a restart, late ones at once, and a clock that jumps.

use std::time::Duration;

use muster::core;
use muster::engine::prepare;
use muster::kit::time::Timestamp;
use muster::model::button::PageButton;
use muster::model::card::Show;
use muster::model::effect::Effect;
use muster::model::input::Input;
use muster::model::page::{PageNews, Standing};
use muster::render;

use super::rig::{BEGIN, FIRST, MINUTE, Rig, SECOND};

fn until(rig: &Rig) -> Timestamp {
    match rig.standing() {
        Standing::Climbing { until, .. } => *until,
        other => panic!("nobody is called: {other:?}"),
    }
}

#[test]
fn a_restart_moves_no_time() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    let before = until(&rig);
    rig.now = rig.now.after(4 * MINUTE);
    rig.restart();
    assert_eq!(until(&rig), before);
    assert_eq!(core::next_wakeup(&rig.state).map(|at| at <= before), Some(true));
    rig.pass(MINUTE);
    assert_eq!(rig.paged().last().map(|p| (p.0 / 60, p.1.clone())), Some((5, vec![SECOND])));
}

#[test]
fn what_was_due_while_nobody_was_there_goes_out_at_once_and_says_how_late() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    rig.now = rig.now.after(42 * MINUTE);
    rig.restart();
    rig.deliver_all();
    let last = rig.paged().pop().expect("somebody is called");
    assert_eq!((last.0 / 60, last.1), (42, vec![SECOND]), "the next rung, not all that were missed");
    let late: Vec<_> = rig.cards().into_iter().filter_map(|(_, card)| card.due).collect();
    assert_eq!(late, vec![BEGIN.after(5 * MINUTE); 2], "both messages say it");
}

#[test]
fn a_call_that_could_not_go_out_in_time_says_how_late_it_is_by_every_way() {
    let mut rig = Rig::new();
    rig.declare("P1");
    let owed = rig.state.unsettled.values().find(|o| matches!(o.effect, Effect::Page(_)));
    let owed = owed.expect("somebody is called").clone();
    let sent = |after: u64| {
        let mut effect = owed.effect.clone();
        prepare::goes_out(&mut effect, owed.since, owed.since.after(Duration::from_secs(after)));
        let Some(Show::Page(card)) = effect.show().cloned() else { panic!("{effect:?}") };
        let (one, two) = (render::page::card(&card), render::page::several(&[*card.clone(), *card.clone()]));
        let words = |face: &render::Face| face.embeds[0].description.clone();
        (words(&one), words(&two), render::page::plain(&[*card]).1)
    };
    let (one, two, plain) = sent(60);
    assert!(![&one, &two, &plain].iter().any(|t| t.to_lowercase().contains("late")), "{one}\n{two}\n{plain}");
    let (one, two, plain) = sent(90);
    assert!(one.contains("**Late by 1 m 30 s**: it was due <t:1795251600:T>"), "{one}");
    assert_eq!(two.matches("late by 1 m 30 s").count(), 2, "{two}");
    assert!(plain.contains("Late by 1 m 30 s: it was due at 2026-11-21T09:00:00.000Z"), "{plain}");
}

#[test]
fn a_clock_that_is_put_back_holds_nobody_up_longer_than_the_rung_is_long() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    rig.now = Timestamp(BEGIN.0 - 120 * 60_000);
    assert!(core::is_due(&rig.state, rig.now), "it is noticed");
    rig.step(&Input::Wake);
    assert!(rig.news().iter().any(|n| matches!(n, PageNews::Retimed)));
    assert_eq!(until(&rig), rig.now.after(5 * MINUTE));
    assert!(!core::is_due(&rig.state, rig.now));
    rig.pass(5 * MINUTE);
    assert_eq!(rig.paged().last().map(|p| p.1.clone()), Some(vec![SECOND]));
}

#[test]
fn a_clock_that_is_put_right_by_a_moment_changes_nothing() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.now = Timestamp(BEGIN.0 - 900);
    assert!(!core::is_due(&rig.state, rig.now));
}

#[test]
fn every_standing_outlives_a_restart() {
    let mut rig = Rig::new();
    rig.declare("P1");
    rig.deliver_all();
    rig.press(FIRST, PageButton::Acknowledge).expect("they were called");
    rig.pass(30 * MINUTE);
    let asked = rig.standing().clone();
    assert!(matches!(asked, Standing::Acknowledged { asked: true, .. }));
    rig.restart();
    assert_eq!(*rig.standing(), asked);
    rig.pass(5 * MINUTE);
    rig.pass(30 * MINUTE);
    let exhausted = rig.standing().clone();
    assert!(matches!(exhausted, Standing::Exhausted { .. }), "{exhausted:?}");
    rig.restart();
    assert_eq!(*rig.standing(), exhausted);
}
