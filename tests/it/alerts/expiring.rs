//! What nobody says any more is over; after a restart not before its source could say it again.

use muster::model::alert::{GroupNews, GroupPhase, Signal};

use super::rig::{BEGIN, MINUTE, Rig, said};

const DOWN: &str = "alertname=Down service=soundlab severity=warning";

fn fire(rig: &Rig) -> Vec<muster::model::alert::Received> {
    let until = Some(rig.now.after(MINUTE * 4));
    vec![said(DOWN, Signal::Firing { since: Some(BEGIN), until })]
}

#[test]
fn it_is_over_at_its_end_and_the_card_says_so() {
    let mut rig = Rig::new();
    let alerts = fire(&rig);
    rig.receive(alerts);
    rig.settle();
    rig.pass(MINUTE * 3);
    assert_eq!(rig.group(1).phase, GroupPhase::Firing);
    rig.pass(MINUTE);
    assert!(matches!(rig.group(1).phase, GroupPhase::Over { at } if at == BEGIN.after(MINUTE * 4)));
    assert!(rig.news(1).iter().any(|n| matches!(n, GroupNews::Expired(gone) if gone.len() == 1)));
    assert_eq!(rig.edits(), 1);
    // It comes back with the same beginning: it was not its source that said it was over.
    let alerts = fire(&rig);
    assert_eq!(rig.receive(alerts), 1);
    assert_eq!(rig.group(1).phase, GroupPhase::Firing);
}

#[test]
fn after_a_restart_its_source_has_the_time_to_say_it_again() {
    let mut rig = Rig::new();
    let alerts = fire(&rig);
    rig.receive(alerts);
    // It was renewed, which no journal knows; and Muster was away for an hour.
    rig.pass(MINUTE);
    let alerts = fire(&rig);
    rig.receive(alerts);
    rig.now = rig.now.after(MINUTE * 60);
    rig.restart();
    rig.pass(MINUTE * 4);
    assert_eq!(rig.group(1).phase, GroupPhase::Firing, "not at once");
    let alerts = fire(&rig);
    assert_eq!(rig.receive(alerts), 0, "it is renewed");
    rig.pass(MINUTE * 3);
    assert_eq!(rig.group(1).phase, GroupPhase::Firing);
    rig.pass(MINUTE);
    assert!(matches!(rig.group(1).phase, GroupPhase::Over { .. }));
    // And where nobody says it any more.
    let mut rig = Rig::new();
    let alerts = fire(&rig);
    rig.receive(alerts);
    rig.restart();
    rig.pass(MINUTE * 5);
    assert!(matches!(rig.group(1).phase, GroupPhase::Over { at } if at == BEGIN.after(MINUTE * 5)));
}

#[test]
fn without_an_end_it_fires_until_somebody_says_so() {
    let mut rig = Rig::new();
    rig.receive(vec![said(DOWN, Signal::Firing { since: None, until: None })]);
    rig.pass(MINUTE * 60 * 24);
    rig.restart();
    rig.pass(MINUTE * 60);
    assert_eq!(rig.group(1).phase, GroupPhase::Firing);
}

#[test]
fn what_is_renewed_seldom_does_not_end_at_a_restart() {
    let mut rig = Rig::new();
    // Prometheus' own rule: four times the interval of the group, which is ten minutes here.
    let fire = |rig: &Rig| {
        let until = Some(rig.now.after(MINUTE * 40));
        vec![said(DOWN, Signal::Firing { since: Some(BEGIN), until })]
    };
    for _ in 0..7 {
        let alerts = fire(&rig);
        rig.receive(alerts);
        rig.settle();
        rig.pass(MINUTE * 10);
    }
    rig.restart();
    rig.pass(MINUTE * 9);
    assert_eq!(rig.group(1).phase, GroupPhase::Firing);
    let received = rig.commits.iter().filter(|c| format!("{:?}", c.events).contains("AlertsReceived"));
    assert!(received.count() <= 4, "not every renewal is history");
    rig.pass(MINUTE * 40);
    assert!(matches!(rig.group(1).phase, GroupPhase::Over { .. }));
}
