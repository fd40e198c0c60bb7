//! Private incidents: to whoever was not brought in it is as if they were not there.

use muster::model::button::Button;
use muster::model::card::Show;
use muster::model::effect::{Effect, Place};
use muster::model::event::{Reason, Settlement};
use muster::model::ids::{ChannelId, IncidentId};
use muster::model::incident::{Card, Thread};
use muster::model::reply::{Refusal, Reply};
use muster::sandbox::world::seed;

use super::desk::{Desk, Who, words};

const SECRET: &str = "a password was found";
const ONE: IncidentId = IncidentId(1);

fn declare(desk: &mut Desk) -> Result<Reply, Refusal> {
    let args = [("title", SECRET), ("severity", "P2"), ("private", "true")];
    desk.command(Who::Responder, "incident declare", &args)
}

fn private() -> Desk {
    let mut desk = Desk::new();
    assert_eq!(declare(&mut desk), Ok(Reply::Later { private: true }));
    desk.deliver();
    desk
}

fn names_it(answer: &Result<Reply, Refusal>) -> bool {
    let said = format!("{answer:?}");
    said.contains(SECRET) || said.contains("IncidentCard")
}

#[test]
fn nothing_of_it_is_said_outside_its_thread() {
    let mut desk = private();
    let thread = desk.thread(ONE);
    assert!(matches!(desk.state().incidents[&ONE].card, Card::At { .. }));
    desk.command_in(Who::Responder, thread, "incident note", &[("text", "it is the old one")]).unwrap();
    desk.command_in(Who::Responder, thread, "incident resolve", &[("how", "it was changed")]).unwrap();
    desk.deliver();
    for commit in desk.commits() {
        for effect in &commit.effects {
            let outside =
                matches!(effect, Effect::Say { place: Place::Channel(_), .. } | Effect::OpenThread { .. });
            assert!(!outside, "{effect:?}");
        }
    }
    desk.replays();
}

#[test]
fn whoever_was_not_brought_in_is_told_that_there_is_none() {
    let mut desk = private();
    let id = [("incident", "INC-1")];
    for who in [Who::Approver, Who::Lead, Who::Onlooker] {
        for command in ["incident show", "timeline"] {
            let answer = desk.command(who, command, &id);
            assert!(words(&answer).contains("There is no INC-1"), "{who:?} {command}: {answer:?}");
        }
        let Ok(Reply::Show { show: Show::Incidents { open, .. }, .. }) =
            desk.command(who, "incident list", &[])
        else {
            panic!("no list");
        };
        assert!(open.is_empty(), "{who:?}");
        let answer = desk.press(who, Button::Timeline(ONE, 0));
        assert!(words(&answer).contains("There is no INC-1"), "{who:?}: {answer:?}");
    }
    let answer = desk.command(Who::Approver, "incident note", &[("text", "?")]);
    assert!(words(&answer).contains("No incident is open"), "nor by being the only one: {answer:?}");
    let answer = desk.command(Who::Responder, "incident show", &id);
    assert!(names_it(&answer), "whoever declared it sees it: {answer:?}");
}

#[test]
fn who_is_brought_in_sees_it_and_so_does_who_has_a_duty() {
    let mut desk = private();
    let id = ("incident", "INC-1");
    desk.command(Who::Responder, "incident invite", &[("person", "@onlooker"), id]).unwrap();
    assert!(names_it(&desk.command(Who::Onlooker, "incident show", &[id])));
    let brought = desk
        .owed()
        .iter()
        .any(|e| matches!(e, Effect::Bring { incident: ONE, person } if *person == Who::Onlooker.person()));
    assert!(brought, "{:?}", desk.owed());
    let again = desk.command(Who::Responder, "incident invite", &[("person", "@onlooker"), id]);
    assert!(words(&again).contains("in INC-1 already"), "{again:?}");
    let args = [("duty", "commander"), ("person", "@lead"), id];
    desk.command(Who::Responder, "incident assign", &args).unwrap();
    assert!(names_it(&desk.command(Who::Lead, "incident show", &[id])));
    desk.deliver();
    // Let in by hand, in Discord: there Discord decides.
    let thread = desk.thread(ONE);
    assert!(names_it(&desk.command_in(Who::Approver, thread, "incident show", &[])));
    desk.replays();
}

#[test]
fn without_a_private_thread_nothing_is_posted_anywhere_and_the_asker_learns_why() {
    let mut desk = Desk::new();
    declare(&mut desk).unwrap();
    let opening = desk.state().unsettled.iter().find(|(_, o)| matches!(o.effect, Effect::OpenPrivate { .. }));
    let id = *opening.expect("its thread is owed").0;
    let said = "Missing Permissions (50013)".to_owned();
    desk.settle(id, Settlement::GaveUp { reason: Reason::Forbidden, said });
    assert_eq!(desk.state().incidents[&ONE].thread, Thread::Lost);
    let told = desk.owed().into_iter().find_map(|e| match e {
        Effect::Answer { to, show: Show::Notice { text, .. } } => Some((to.private, text)),
        _ => None,
    });
    let (alone, text) = told.expect("an answer");
    assert!(alone && text.contains("Create Private Threads"), "{text}");
    let gone = || Settlement::GaveUp { reason: Reason::Gone, said: "gone".to_owned() };
    while let Some((id, _)) = desk.state().unsettled.iter().next() {
        let id = *id;
        desk.settle(id, gone());
        // That nobody could be called is said, without a word of what it is about.
        let public = |e: &Effect| matches!(e, Effect::Say { place: Place::Channel(_), .. });
        let tells = |e: &Effect| public(e) && format!("{e:?}").contains("a password was found");
        assert!(!desk.owed().iter().any(tells), "{:?}", desk.owed());
    }
    desk.replays();
}

#[test]
fn it_is_no_part_of_one_that_everybody_reads() {
    let mut desk = private();
    let public = desk.declared("the site is slow", "P3");
    let args = [("incident", "INC-1"), ("into", &*public.to_string())];
    let answer = desk.command(Who::Responder, "incident merge", &args);
    assert!(words(&answer).contains("everybody would read it"), "{answer:?}");
    let args = [("incident", &*public.to_string()), ("person", "@onlooker")];
    let answer = desk.command(Who::Responder, "incident invite", &args);
    assert!(words(&answer).contains("is not private"), "{answer:?}");
    assert_ne!(desk.thread(ONE), ChannelId(seed::INCIDENTS.0));
}
