//! Too much at once: few messages, and the first of each service all the same.

use std::time::Duration;

use muster::model::alert::{Held, Received};
use muster::model::effect::{Board, Effect};
use muster::model::ids::{GroupId, StormId};

use super::rig::{MINUTE, Rig, fires, over};

fn many(n: std::ops::Range<usize>, text: impl Fn(usize) -> String) -> Vec<Received> {
    n.map(|n| fires(&text(n))).collect()
}

#[test]
fn ten_thousand_in_one_group_are_all_kept_and_three_messages_at_most() {
    let mut rig = Rig::new();
    rig.checked = false;
    let text = |n: usize| format!("alertname=Down service=soundlab severity=warning instance=i{n}");
    let mut commits = 0;
    for chunk in 0..100 {
        commits += rig.receive(many(chunk * 100..(chunk + 1) * 100, text));
    }
    assert_eq!((commits, rig.group(1).firing.len()), (100, 10_000));
    rig.settle();
    rig.pass(MINUTE * 10);
    assert!(rig.messages() <= 3, "{} messages", rig.messages());
    let ended: Vec<Received> = (0..10_000).map(|n| over(&text(n))).collect();
    rig.receive(ended);
    rig.pass(MINUTE);
    assert!(rig.group(1).firing.is_empty() && rig.messages() <= 3);
    assert!(rig.state.alerts.live.len() <= 10, "a few of what is over are kept");
    rig.check();
}

#[test]
fn many_groups_are_one_message_and_the_first_of_a_service_never_waits() {
    let mut rig = Rig::new();
    rig.checked = false;
    let text = |n: usize| format!("alertname=A{n} service=soundlab severity=warning");
    rig.receive(many(0..1_000, text));
    let alerts = &rig.state.alerts;
    let storm = &alerts.storms[&StormId(1)];
    assert_eq!((alerts.groups.len(), storm.groups.len()), (1_000, 990));
    assert_eq!(rig.messages(), 11, "ten cards, and one that counts the others");
    rig.settle();
    rig.receive(many(1_000..1_010, text));
    assert_eq!(rig.messages(), 11);
    rig.receive(vec![fires("alertname=Down service=nexus severity=warning")]);
    assert_eq!(rig.messages(), 12, "nobody had heard of that service");
    rig.receive(vec![fires("alertname=Else service=nexus severity=warning")]);
    assert_eq!(rig.messages(), 12);
    rig.pass(Duration::from_secs(2));
    let counted = |e: &&Effect| matches!(e, Effect::EditBoard { board: Board::Storm(_), .. });
    assert_eq!(rig.effects().filter(counted).count(), 1, "the count is brought up to date");
    rig.pass(MINUTE * 3);
    let storm = &rig.state.alerts.storms[&StormId(1)];
    assert!(storm.over.is_some(), "nothing more began");
    assert_eq!(rig.messages(), 13, "and somebody says how much of it fires");
    // What comes then has its card again.
    rig.receive(vec![fires("alertname=After service=soundlab severity=warning")]);
    assert_eq!(rig.messages(), 14);
    rig.check();
}

#[test]
fn what_opens_an_incident_is_told_in_a_storm_too() {
    let mut rig = Rig::new();
    rig.checked = false;
    rig.receive(many(0..50, |n| format!("alertname=A{n} service=soundlab severity=warning")));
    rig.receive(many(0..50, |n| format!("alertname=B{n} service=soundlab severity=critical")));
    assert_eq!(rig.state.incidents.len(), 1, "one of them opens it, the others join");
    let linked = rig.state.alerts.groups.values().filter(|g| g.incident.is_some()).count();
    assert_eq!(linked, 50);
    assert!(rig.group(51).storm.is_none() && rig.group(52).storm.is_some());
    assert!(rig.group(52).card == rig.state.alerts.groups[&GroupId(60)].card);
    rig.check();
}

#[test]
fn a_few_in_a_long_time_are_no_storm() {
    let mut rig = Rig::new();
    rig.checked = false;
    for n in 0..40 {
        rig.receive(vec![fires(&format!("alertname=A{n} service=soundlab severity=warning"))]);
        rig.pass(Duration::from_secs(7));
    }
    assert!(rig.state.alerts.storms.is_empty());
    assert_eq!(rig.messages(), 40);
}

#[test]
fn what_a_storm_left_has_its_card_and_before_that_somebody_says_how_much_it_is() {
    let mut rig = Rig::new();
    rig.checked = false;
    let text = |n: usize| format!("alertname=A{n} service=soundlab severity=warning");
    rig.receive(many(0..100, text));
    rig.settle();
    assert_eq!(rig.messages(), 11);
    rig.pass(MINUTE * 5);
    assert_eq!(rig.messages(), 12, "one that says that so many still fire");
    rig.receive((10..93).map(|n| over(&text(n))).collect());
    rig.pass(MINUTE * 10);
    let cards = rig.group(100).told.is_some() && rig.group(94).told.is_some();
    assert!(cards && rig.messages() == 12 + 7, "{} messages", rig.messages());
    assert_eq!(rig.state.alerts.storms.len(), 1, "that is no other storm");
    rig.check();
}

#[test]
fn what_names_no_service_joins_one_incident_while_a_storm_goes_on() {
    let mut rig = Rig::new();
    rig.checked = false;
    rig.receive(many(0..60, |n| format!("alertname=A{n} severity=critical")));
    assert!(rig.state.incidents.len() <= 11, "{} incidents", rig.state.incidents.len());
    assert!(rig.state.alerts.groups.values().all(|g| g.incident.is_some()));
    rig.check();
}

#[test]
fn what_a_storm_left_and_is_silenced_waits_for_the_end_of_the_silence() {
    let mut rig = Rig::new();
    rig.checked = false;
    let text = |n: usize| format!("alertname=A{n} service=soundlab severity=warning");
    rig.receive(many(0..14, text));
    rig.settle();
    super::apart::silence(&mut rig, "alertname=A12");
    rig.pass(MINUTE * 5);
    assert!(rig.group(12).told.is_some() && rig.group(13).told.is_none());
    assert!(matches!(rig.group(13).held, Some(Held::Muted(_))));
    rig.pass(MINUTE * 6);
    assert!(rig.group(13).told.is_some());
}
