//! Incidents that are over and not at hand any more: found, shown, and taken up again.

use muster::core::history;
use muster::core::seen;
use muster::core::state::INCIDENTS;
use muster::model::card::{Show, What};
use muster::model::event::Event;
use muster::model::ids::IncidentId;
use muster::model::incident::Phase;
use muster::model::reply::Reply;

use super::desk::{Desk, Who, words};

/// So many incidents that the first is not at hand any more.
fn many() -> Desk {
    let mut desk = Desk::new();
    for n in 1..=INCIDENTS + 3 {
        let id = desk.declared(&format!("number {n}"), "P3");
        let args = [("how", "restarted"), ("incident", &*id.to_string())];
        desk.command(Who::Responder, "incident resolve", &args).expect("it is resolved");
        desk.deliver();
    }
    desk
}

const FIRST: (&str, &str) = ("incident", "INC-1");

#[test]
fn only_the_newest_that_are_over_are_at_hand() {
    let mut desk = many();
    assert_eq!(desk.state().incidents.len(), INCIDENTS);
    assert!(!desk.state().incidents.contains_key(&IncidentId(1)));
    assert_eq!(desk.state().over(), INCIDENTS + 3);
    assert_eq!(desk.state().next_incident(), IncidentId(INCIDENTS as u32 + 4), "no number is given twice");
    let open = desk.declared("one more", "P1");
    assert!(desk.state().incidents.contains_key(&open), "what is open stays");
    desk.replays();
}

#[test]
fn an_old_one_is_shown_and_nothing_is_kept_of_that() {
    let mut desk = many();
    let before = desk.state().clone();
    let Ok(Reply::Show { show: Show::Incident(card), .. }) =
        desk.command(Who::Onlooker, "incident show", &[FIRST])
    else {
        panic!("it is not shown");
    };
    assert_eq!((card.id, card.title.as_str()), (IncidentId(1), "number 1"));
    assert!(matches!(card.phase, Phase::Resolved { how: Some(how), .. } if how == "restarted"));
    let Ok(Reply::Show { show, .. }) = desk.command(Who::Onlooker, "timeline", &[FIRST]) else {
        panic!("no timeline");
    };
    let seqs = seen::commits(desk.state(), &show).expect("it is made from commits");
    let commits: Vec<_> = desk.commits().into_iter().filter(|c| seqs.contains(&c.seq)).collect();
    let history = history::fold(IncidentId(1), &commits).expect("a history");
    assert!(history.entries.iter().any(|e| matches!(&e.what, What::Resolved { .. })));
    assert_eq!(*desk.state(), before, "looking changes nothing");
}

#[test]
fn an_old_one_goes_on_as_it_was() {
    let mut desk = many();
    let args = [FIRST, ("why", "it came back")];
    let answer = desk.command(Who::Responder, "incident reopen", &args);
    assert!(words(&answer).contains("goes on"), "{answer:?}");
    let last = desk.commits().pop().expect("a commit");
    assert!(
        matches!(&last.events[0], Event::IncidentRecalled { incident } if incident.title == "number 1"),
        "{last:?}"
    );
    let first = &desk.state().incidents[&IncidentId(1)];
    assert!(first.phase.is_open());
    assert_eq!(first.commits.last(), Some(&last.seq));
    desk.thread(IncidentId(1));
    assert!(desk.state().open().iter().any(|i| i.id == IncidentId(1)));
    desk.replays();
    desk.deliver();
    desk.command(Who::Responder, "incident resolve", &[FIRST]).expect("and ends again");
    desk.deliver();
    desk.replays();
    assert_eq!(desk.state().over(), INCIDENTS + 3);
}

#[test]
fn what_it_was_is_written_as_it_always_was() {
    let mut desk = many();
    desk.command(Who::Responder, "incident reopen", &[FIRST]).expect("it goes on");
    let last = desk.commits().pop().expect("a commit");
    let written = serde_json::to_string_pretty(&last.events[0]).expect("JSON");
    if std::env::var("MUSTER_GOLDEN").as_deref() == Ok("write") {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/recalled.json");
        std::fs::write(file, format!("{written}\n")).expect("it is written");
    }
    let golden = include_str!("../../golden/recalled.json");
    assert_eq!(written, golden.trim_end());
    assert_eq!(serde_json::from_str::<Event>(golden).expect("it reads"), last.events[0]);
}

#[test]
fn an_old_one_knows_its_thread() {
    let mut desk = many();
    let thread = *desk.state().threads.iter().find(|(_, id)| **id == IncidentId(1)).expect("its thread").0;
    let answer = desk.command_in(Who::Responder, thread, "incident note", &[("text", "seen again")]);
    assert!(words(&answer).contains("INC-1"), "{answer:?}");
    desk.replays();
}

#[test]
fn one_that_never_was_is_refused_and_a_refusal_recalls_nothing() {
    let mut desk = many();
    let answer = desk.command(Who::Responder, "incident show", &[("incident", "INC-999")]);
    assert!(words(&answer).contains("There is no INC-999"), "{answer:?}");
    let answer = desk.command(Who::Responder, "incident resolve", &[FIRST]);
    assert!(words(&answer).contains("resolved already"), "{answer:?}");
    let last = desk.commits().pop().expect("a commit");
    assert!(matches!(&last.events[..], [Event::Refused { .. }]), "{last:?}");
    desk.replays();
}
