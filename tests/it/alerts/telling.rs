//! Who is told, when and why; what waits, what repeats, what is held back.

use std::time::Duration;

use muster::core::alerts::group;
use muster::model::alert::{GroupNews, GroupPhase, Held, Mute, Why};
use muster::model::card::Show;
use muster::model::effect::{Board, Effect, Place};
use muster::model::event::Event;
use muster::model::ids::{IncidentId, SilenceId, UserId};
use muster::model::incident::Stamp;
use muster::model::person::Person;
use muster::model::silence::Silence;

use super::rig::{BEGIN, MINUTE, Rig, fires, labels, over};

fn of(instance: &str) -> String {
    format!("alertname=Slow service=soundlab severity=warning instance={instance}")
}

#[test]
fn the_first_is_told_at_once_and_the_others_after_the_interval() {
    let mut rig = Rig::new();
    rig.receive(vec![fires(&of("a"))]);
    rig.settle();
    rig.pass(MINUTE);
    rig.receive(vec![fires(&of("b"))]);
    rig.receive(vec![fires(&of("c"))]);
    assert_eq!(rig.told(1), [(Why::First, 1)]);
    rig.pass(MINUTE * 3);
    assert_eq!((rig.told(1).len(), rig.messages()), (1, 1));
    assert_eq!(rig.edits(), 1, "its card says so at once");
    rig.pass(MINUTE);
    assert_eq!(rig.told(1), [(Why::First, 1), (Why::NewInGroup, 3)]);
    assert_eq!(rig.messages(), 2);
    // What joins long after that is told at once.
    rig.pass(MINUTE * 20);
    rig.receive(vec![fires(&of("d"))]);
    assert_eq!(rig.told(1).last(), Some(&(Why::NewInGroup, 4)));
}

#[test]
fn what_ended_and_is_back_is_said_to_fire_again() {
    let said = |rig: &Rig| {
        let texts = rig.effects().filter_map(|e| match e {
            Effect::Say { show: Show::Call { text, .. }, .. } => Some(text.clone()),
            _ => None,
        });
        texts.collect::<Vec<_>>()
    };
    let mut rig = Rig::new();
    rig.receive(vec![fires(&of("a"))]);
    rig.settle();
    rig.receive(vec![over(&of("a"))]);
    rig.pass(MINUTE);
    rig.receive(vec![fires(&of("a"))]);
    assert_eq!(said(&rig), Vec::<String>::new(), "within the interval its card alone says so");
    rig.pass(MINUTE * 5);
    assert!(matches!(&said(&rig)[..], [text] if text.contains("fires again")), "{:?}", said(&rig));
    rig.receive(vec![fires(&of("b"))]);
    rig.pass(MINUTE * 5);
    let last = said(&rig).pop().unwrap_or_default();
    assert!(last.contains("fires more than you were told of") && last.contains("(2 firing"), "{last}");
}

#[test]
fn what_still_fires_is_repeated_until_somebody_takes_it() {
    let mut rig = Rig::new();
    rig.receive(vec![fires(&of("a"))]);
    rig.settle();
    rig.pass(MINUTE * 60 * 9);
    let repeated = [(Why::First, 1), (Why::Repeat, 1), (Why::Repeat, 1)];
    assert_eq!(rig.told(1), repeated);
    let by = Person { id: UserId(7), name: "responder".to_owned() };
    let taken = group::acknowledge(&rig.state, &rig.house, rig.now, rig.group(1), by);
    assert!(matches!(&taken.effects[..], [Effect::EditBoard { board: Board::Alerts(_), .. }]));
    rig.receive(vec![super::rig::said(&of("a"), muster::model::alert::Signal::Acknowledged)]);
    rig.pass(MINUTE * 60 * 9);
    assert_eq!(rig.told(1), repeated, "whoever has taken it needs no reminder");
}

#[test]
fn a_route_may_wait_for_more_to_come() {
    let wait = Duration::from_secs(30);
    let mut rig = Rig::with(|house| house.settings.alerting.root.wait = wait);
    rig.receive(vec![fires(&of("a"))]);
    assert_eq!(rig.group(1).held, Some(Held::Waits { until: BEGIN.after(wait) }));
    rig.receive(vec![fires(&of("b")), fires("alertname=Blip")]);
    assert_eq!(rig.messages(), 0);
    rig.receive(vec![over("alertname=Blip")]);
    rig.pass(wait);
    assert_eq!((rig.told(1), rig.messages()), (vec![(Why::First, 2)], 1));
    assert!(rig.told(2).is_empty(), "over before its time came");
    rig.receive(vec![fires("alertname=Blip")]);
    assert!(matches!(rig.group(2).held, Some(Held::Waits { .. })), "it waits anew");
}

#[test]
fn a_card_is_edited_at_most_every_two_seconds() {
    let mut rig = Rig::new();
    rig.receive(vec![fires(&of("a"))]);
    for n in 0..100 {
        rig.receive(vec![fires(&of(&format!("i{n}")))]);
        rig.pass(Duration::from_millis(100));
    }
    assert!((4..=6).contains(&rig.edits()), "{} edits in ten seconds", rig.edits());
    rig.pass(MINUTE);
    assert_eq!((rig.messages(), rig.group(1).firing.len()), (1, 101));
}

#[test]
fn what_comes_and_goes_is_told_to_be_over_when_it_is_quiet() {
    let mut rig = Rig::new();
    for _ in 0..2 {
        rig.receive(vec![fires(&of("a"))]);
        rig.pass(MINUTE);
        rig.receive(vec![over(&of("a"))]);
        rig.pass(MINUTE);
    }
    // It ended, came back, and ended: the next return and end make it flap.
    rig.receive(vec![fires(&of("a"))]);
    rig.pass(MINUTE);
    rig.receive(vec![over(&of("a"))]);
    assert!(matches!(rig.group(1).phase, GroupPhase::Settling { .. }));
    let until = rig.now.after(MINUTE * 10);
    assert_eq!(rig.group(1).held, Some(Held::Flaps { until }));
    rig.pass(MINUTE * 5);
    rig.receive(vec![fires(&of("a"))]);
    assert_eq!((rig.group(1).phase, &rig.group(1).held), (GroupPhase::Firing, &None));
    rig.pass(MINUTE);
    rig.receive(vec![over(&of("a"))]);
    let overs = |rig: &Rig| rig.told(1).iter().filter(|(why, _)| *why == Why::Over).count();
    let before = overs(&rig);
    rig.pass(MINUTE * 9);
    assert_eq!(overs(&rig), before, "its end is held back");
    rig.pass(MINUTE);
    assert_eq!(overs(&rig), before + 1);
    assert!(matches!(rig.group(1).phase, GroupPhase::Over { .. }));
    assert_eq!(rig.state.alerts.groups.len(), 1, "counted on one card");
    assert_eq!(rig.group(1).times, 4);
}

/// A silence of this service's for ten minutes.
fn silence(rig: &mut Rig) {
    let by = Person { id: UserId(7), name: "responder".to_owned() };
    let silence = Silence {
        id: SilenceId(1),
        matchers: vec!["service=soundlab".parse().unwrap()],
        from: rig.now,
        until: rig.now.after(MINUTE * 10),
        why: "a repair".to_owned(),
        asked: Stamp { at: rig.now, by },
    };
    rig.keep(vec![Event::SilenceAdded(Box::new(silence))]);
}

#[test]
fn what_is_muted_is_told_when_it_is_not_and_still_fires() {
    let mut rig = Rig::new();
    silence(&mut rig);
    rig.receive(vec![fires(&of("a")), fires("alertname=Short service=soundlab severity=critical")]);
    assert_eq!(rig.group(1).held, Some(Held::Muted(Mute::Silence(SilenceId(1)))));
    rig.pass(MINUTE * 5);
    rig.receive(vec![over("alertname=Short service=soundlab severity=critical")]);
    assert_eq!((rig.messages(), rig.state.incidents.len()), (0, 0));
    rig.pass(MINUTE * 5 + Duration::from_secs(1));
    assert_eq!(rig.told(1), [(Why::NoLongerMuted, 1)]);
    assert!(rig.told(2).is_empty(), "over while it was muted");
    assert_eq!(rig.messages(), 1);
}

#[test]
fn a_silence_from_before_a_restart_ends_for_what_came_after_it_too() {
    let mut rig = Rig::new();
    silence(&mut rig);
    rig.restart();
    rig.pass(MINUTE);
    rig.receive(vec![fires(&of("a"))]);
    rig.pass(MINUTE * 9 + Duration::from_secs(1));
    assert_eq!(rig.told(1), [(Why::NoLongerMuted, 1)]);
}

#[test]
fn what_is_muted_later_keeps_its_card_and_one_that_is_not_muted_is_told() {
    let mut rig = Rig::new();
    rig.receive(vec![fires(&of("a"))]);
    rig.settle();
    rig.pass(MINUTE);
    silence(&mut rig);
    rig.pass(MINUTE);
    assert!(matches!(rig.group(1).held, Some(Held::Muted(_))));
    assert_eq!((rig.messages(), rig.edits()), (1, 1));
    // Its group has one that nobody muted.
    let free = "alertname=Slow service=soundlab severity=warning instance=b";
    assert_eq!(labels(free).get("instance"), Some("b"));
    rig.pass(MINUTE * 10);
    assert_eq!(rig.told(1).last(), Some(&(Why::NoLongerMuted, 1)));
}

#[test]
fn what_is_critical_opens_its_incident_once_and_the_others_join_it() {
    let mut rig = Rig::new();
    let critical = |name: &str| format!("alertname={name} service=soundlab severity=critical");
    rig.receive(vec![fires(&critical("Down"))]);
    let incident = &rig.state.incidents[&IncidentId(1)];
    assert!(incident.declared.by.is_muster() && incident.service.as_deref() == Some("soundlab"));
    assert_eq!(rig.group(1).incident, Some(IncidentId(1)));
    rig.settle();
    rig.receive(vec![fires(&critical("Errors")), fires(&critical("Slow"))]);
    assert_eq!((rig.state.incidents.len(), rig.group(3).incident), (1, Some(IncidentId(1))));
    rig.receive(vec![fires("alertname=Down service=nexus severity=critical")]);
    assert_eq!(rig.group(4).incident, Some(IncidentId(2)), "another service's is another one");
    let says = |rig: &Rig| {
        let here = |e: &&Effect| matches!(e, Effect::Say { place: Place::Thread(IncidentId(1)), show } if format!("{show:?}").contains("All its alerts"));
        rig.effects().filter(here).count()
    };
    rig.receive(vec![over(&critical("Down")), over(&critical("Errors"))]);
    assert_eq!(says(&rig), 0, "one still fires");
    rig.pass(MINUTE);
    rig.receive(vec![over(&critical("Slow"))]);
    assert_eq!(says(&rig), 1);
    assert!(rig.state.incidents[&IncidentId(1)].phase.is_open(), "people say when it is over");
    assert!(rig.state.commits_about(IncidentId(1)).expect("it is known").len() >= 4);
}

#[test]
fn a_person_may_say_that_it_is_over() {
    let mut rig = Rig::new();
    let since = Some(rig.now);
    let fire = || super::rig::said(&of("a"), muster::model::alert::Signal::Firing { since, until: None });
    rig.receive(vec![fire()]);
    let by = Person { id: UserId(7), name: "responder".to_owned() };
    let outcome = group::dismiss(&rig.state, &rig.house, rig.now, rig.group(1), by);
    rig.keep(outcome.events);
    assert!(matches!(rig.group(1).phase, GroupPhase::Over { .. }));
    assert_eq!(rig.receive(vec![fire()]), 0, "the same is said again: it stays over");
    assert!(rig.news(1).iter().any(|n| matches!(n, GroupNews::Dismissed { .. })));
}
