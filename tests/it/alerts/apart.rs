//! Of the alerts of one group some are muted, some replace others, some get worse: each is told for itself.

use muster::model::alert::{GroupNews, GroupPhase, Mute, News, Received, Signal, Why};
use muster::model::alerting::Inhibition;
use muster::model::event::Event;
use muster::model::ids::{IncidentId, SilenceId, UserId};
use muster::model::incident::{Severity, Stamp};
use muster::model::labels::{Fingerprint, Labels};
use muster::model::person::Person;
use muster::model::silence::Silence;

use super::rig::{MINUTE, Rig, fires, labels, over, said};

fn of(instance: &str) -> String {
    format!("alertname=Slow service=soundlab severity=warning instance={instance}")
}

/// Ten minutes of quiet for what this means.
pub fn silence(rig: &mut Rig, matcher: &str) {
    let by = Person { id: UserId(7), name: "responder".to_owned() };
    let silence = Silence {
        id: SilenceId(1),
        matchers: vec![matcher.parse().expect("a matcher")],
        from: rig.now,
        until: rig.now.after(MINUTE * 10),
        why: "a repair".to_owned(),
        asked: Stamp { at: rig.now, by },
    };
    rig.keep(vec![Event::SilenceAdded(Box::new(silence))]);
}

#[test]
fn nobody_is_told_of_a_silenced_one_until_the_silence_ends() {
    let mut rig = Rig::new();
    rig.receive(vec![fires(&of("a"))]);
    rig.settle();
    silence(&mut rig, "instance=b");
    rig.pass(MINUTE);
    rig.receive(vec![fires(&of("b"))]);
    rig.pass(MINUTE * 7);
    assert_eq!(rig.told(1), [(Why::First, 1)], "the other one fires, and is silenced");
    let hushed = |n: &&GroupNews| matches!(n, GroupNews::Hushed { by: Mute::Silence(SilenceId(1)), .. });
    assert_eq!(rig.news(1).into_iter().filter(|n| hushed(n)).count(), 1, "and that is on the record");
    // One that nobody muted is told, and counts for itself alone.
    rig.receive(vec![fires(&of("c"))]);
    assert_eq!(rig.told(1), [(Why::First, 1), (Why::NewInGroup, 3)]);
    rig.pass(MINUTE * 2 + MINUTE / 2);
    assert_eq!(rig.told(1).len(), 2);
    assert!(rig.group(1).hushed.is_empty(), "the silence is over");
    rig.pass(MINUTE * 5);
    assert_eq!(rig.told(1).last(), Some(&(Why::NewInGroup, 3)));
    assert_eq!(rig.told(1).len(), 3);
}

#[test]
fn one_that_began_silenced_beside_others_is_told_when_it_is_not() {
    let mut rig = Rig::new();
    silence(&mut rig, "instance=b");
    rig.receive(vec![fires(&of("a")), fires(&of("b"))]);
    rig.settle();
    assert_eq!(rig.told(1), [(Why::First, 2)]);
    assert_eq!((rig.group(1).hushed.len(), rig.group(1).untold.len()), (1, 0));
    rig.pass(MINUTE * 9);
    assert_eq!(rig.told(1).len(), 1);
    rig.pass(MINUTE * 2);
    assert_eq!(rig.told(1).last(), Some(&(Why::NewInGroup, 2)));
}

#[test]
fn one_that_takes_the_place_of_another_is_told_too() {
    let mut rig = Rig::new();
    rig.receive(vec![fires(&of("a"))]);
    rig.settle();
    rig.pass(MINUTE);
    rig.receive(vec![fires(&of("b"))]);
    rig.pass(MINUTE);
    rig.receive(vec![over(&of("a"))]);
    rig.pass(MINUTE * 4);
    assert_eq!(rig.told(1), [(Why::First, 1), (Why::NewInGroup, 1)], "nobody had heard of it");
    // One that goes and comes before anybody was told that it went is nothing new.
    rig.receive(vec![over(&of("b")), fires(&of("c"))]);
    rig.pass(MINUTE * 6);
    let told = rig.told(1).len();
    rig.receive(vec![fires(&of("d")), over(&of("d"))]);
    rig.receive(vec![over(&of("c")), fires(&of("e"))]);
    rig.pass(MINUTE * 6);
    assert_eq!(rig.told(1).len(), told + 1);
    rig.receive(vec![over(&of("e")), fires(&of("f"))]);
    rig.receive(vec![over(&of("f")), fires(&of("e"))]);
    rig.pass(MINUTE * 6);
    assert_eq!(rig.told(1).len(), told + 1, "it is the one that they know");
}

fn keyed(severity: &str, since: muster::kit::time::Timestamp) -> Received {
    let labels = labels(&format!("alertname=Errors service=soundlab severity={severity}"));
    let signal = Signal::Firing { since: Some(since), until: None };
    Received { fingerprint: Fingerprint(42), labels, annotations: Labels::default(), link: None, signal }
}

#[test]
fn what_gets_worse_is_told_as_what_it_is_and_does_not_hide_in_the_card_of_a_warning() {
    let mut rig = Rig::new();
    let since = rig.now;
    rig.receive(vec![keyed("warning", since)]);
    rig.settle();
    rig.pass(MINUTE);
    assert!(rig.state.incidents.is_empty());
    rig.receive(vec![keyed("critical", since)]);
    assert_eq!(rig.taken(), [News::New, News::Left, News::Joined]);
    assert!(matches!(rig.group(1).phase, GroupPhase::Over { .. }), "the warning's card says that it is over");
    assert_eq!((rig.group(2).opened.severity, rig.told(2)), (Severity::P1, vec![(Why::First, 1)]));
    assert_eq!(rig.group(2).incident, Some(IncidentId(1)));
    assert_eq!(rig.state.alerts.live[&Fingerprint(42)].since, since, "it fires since then all the same");
    assert_eq!(rig.receive(vec![keyed("critical", since)]), 0);
    // It gets better, and ends where it is.
    rig.receive(vec![keyed("warning", since)]);
    assert_eq!(rig.group(1).phase, GroupPhase::Firing);
    assert!(matches!(rig.group(2).phase, GroupPhase::Over { .. }));
    let ended =
        Received { labels: Labels::default(), signal: Signal::Resolved { at: None }, ..keyed("", since) };
    rig.receive(vec![ended]);
    rig.pass(MINUTE * 40);
    assert!(matches!(rig.group(1).phase, GroupPhase::Over { .. }));
}

#[test]
fn what_ended_without_a_word_of_itself_keeps_nothing_quiet() {
    let rule = Inhibition {
        name: "worse".to_owned(),
        source: vec!["severity=critical".parse().expect("a matcher")],
        target: vec!["severity=warning".parse().expect("a matcher")],
        equal: vec!["service".to_owned()],
    };
    let mut rig = Rig::with(|house| house.settings.alerting.inhibitions = vec![rule]);
    let since = rig.now;
    rig.receive(vec![keyed("critical", since)]);
    rig.settle();
    rig.receive(vec![fires(&of("a"))]);
    assert!(rig.told(2).is_empty(), "something worse fires");
    rig.pass(MINUTE);
    let ended =
        Received { labels: Labels::default(), signal: Signal::Resolved { at: None }, ..keyed("", since) };
    rig.receive(vec![ended]);
    rig.pass(MINUTE);
    assert_eq!(rig.told(2), [(Why::NoLongerMuted, 1)]);
}

#[test]
fn what_comes_back_after_its_incident_was_resolved_has_another_one() {
    let mut rig = Rig::new();
    let down = "alertname=Down service=soundlab severity=critical";
    rig.receive(vec![fires(down)]);
    rig.settle();
    rig.pass(MINUTE);
    rig.receive(vec![over(down)]);
    let by = Person { id: UserId(7), name: "responder".to_owned() };
    rig.keep(vec![Event::IncidentResolved { incident: IncidentId(1), how: None, by }]);
    rig.pass(MINUTE * 6);
    rig.receive(vec![said(down, Signal::Firing { since: None, until: None })]);
    assert_eq!(rig.state.incidents.values().filter(|i| i.phase.is_open()).count(), 1);
    assert_eq!(rig.group(1).incident, Some(IncidentId(2)));
    rig.check();
}
