//! Marks: kept, told where people work on the service, and found again.

use std::collections::BTreeMap;

use muster::core::alerts::marks;
use muster::core::history;
use muster::kit::time::Timestamp;
use muster::model::alert::Batch;
use muster::model::card::{Show, What};
use muster::model::effect::{Effect, Place};
use muster::model::event::Event;
use muster::model::ids::{ChannelId, IncidentId, InteractionId, RoleId, UserId};
use muster::model::incident::Link;
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::mark::{Mark, Went};
use muster::model::person::{Actor, Person};
use muster::render;
use muster::sandbox::world::seed;

use super::{NOW, Rig};

fn mark(what: &str, service: &str, went: Went) -> Mark {
    let link = Some(Link { url: "https://builds.example.test/9".into(), label: "Log".into() });
    let (what, service, by) = (what.into(), Some(service.into()), Some("deployer".into()));
    Mark { what, service, at: NOW, went, by, link, post: false }
}

fn take(rig: &mut Rig, receipt: Option<&str>, marks: Vec<Mark>) -> (Vec<Event>, Vec<Effect>) {
    let batch = Batch { source: "github".into(), receipt: receipt.map(str::to_owned), alerts: vec![], marks };
    let before = rig.commits.len();
    let events = rig.step(&Input::Alerts(Box::new(batch)));
    let effects = rig.commits.get(before).map(|c| c.effects.clone()).unwrap_or_default();
    (events, effects)
}

fn declare(rig: &mut Rig, service: &str, drill: bool) -> IncidentId {
    let id = rig.state.next_incident();
    let args = [("title", "Streams stop"), ("severity", "P2"), ("service", service)];
    let mut args: BTreeMap<String, Arg> =
        args.iter().map(|(k, v)| ((*k).to_owned(), Arg::Text((*v).to_owned()))).collect();
    args.insert("drill".to_owned(), Arg::Boolean(drill));
    let person = Person { id: UserId(1001), name: "responder".to_owned() };
    rig.step(&Input::Interaction(Interaction {
        id: InteractionId(u64::from(id.0)),
        token: "token".to_owned(),
        guild: Some(rig.house.settings.guild),
        channel: ChannelId(seed::ALERTS.0),
        by: Actor { person, roles: vec![RoleId(seed::ROLE_RESPONDER.0)] },
        act: Act::Command(Invocation { command: "incident declare".to_owned(), args }),
    }));
    id
}

fn said(effects: &[Effect]) -> Vec<(Place, String)> {
    let say = |e: &Effect| match e {
        Effect::Say { place, show: show @ (Show::Notice { .. } | Show::Entry(_)) } => {
            Some((*place, render::face(show, None, chrono_tz::UTC).content))
        }
        _ => None,
    };
    effects.iter().filter_map(say).collect()
}

#[test]
fn a_deployment_is_told_in_the_thread_of_the_incident_of_its_service() {
    let mut rig = Rig::with(|_| {});
    let open = declare(&mut rig, "soundlab", false);
    declare(&mut rig, "nexus", false);
    declare(&mut rig, "soundlab", true);
    let (events, effects) =
        take(&mut rig, None, vec![mark("Deployment of main to production", "soundlab", Went::Failed)]);
    assert!(matches!(&events[0], Event::Marked(m) if m.mark.went == Went::Failed));
    let told = said(&effects);
    assert_eq!(told.len(), 1, "no other service's, and no exercise's: {told:?}");
    assert_eq!(told[0].0, Place::Thread(open));
    assert_eq!(
        told[0].1,
        "<t:1795251600:T> 🚀 **Changed**: Deployment of main to production (**failed**) by deployer · [Log](<https://builds.example.test/9>)"
    );
    let history = history::fold(open, &rig.commits).expect("there is one");
    let lines = history.entries.iter().filter(|e| matches!(e.what, What::Changed { .. })).count();
    assert_eq!(lines, 1, "it is a line of the timeline: {:?}", history.entries);
    let seq = rig.state.head;
    assert_eq!(rig.state.incidents[&open].commits.last(), Some(&seq), "and found in the journal");
    let (_, effects) = take(&mut rig, None, vec![mark("Deployment of main", "soundlab", Went::Began)]);
    assert_eq!(said(&effects), [], "that it begins is not told");
}

#[test]
fn a_delivery_that_comes_twice_counts_once_and_a_service_without_a_runbook_is_none() {
    let mut rig = Rig::with(|_| {});
    take(&mut rig, Some("d-1"), vec![mark("one", "somewhere", Went::Done)]);
    assert_eq!(take(&mut rig, Some("d-1"), vec![mark("one", "somewhere", Went::Done)]).0, []);
    take(&mut rig, Some("d-2"), vec![mark("two", "soundlab", Went::Done)]);
    let kept: Vec<(&str, Option<&str>)> =
        rig.state.alerts.marks.iter().map(|m| (m.what.as_str(), m.service.as_deref())).collect();
    assert_eq!(kept, [("one", None), ("two", Some("soundlab"))]);
}

#[test]
fn what_changed_is_found_by_service_and_time() {
    let mut rig = Rig::with(|_| {});
    let at = |n: i64, service: &str| Mark {
        at: Timestamp(NOW.0 + n),
        ..mark(&format!("m{n}"), service, Went::Done)
    };
    take(&mut rig, None, vec![at(30, "soundlab"), at(10, "soundlab"), at(20, "nexus"), at(40, "soundlab")]);
    let found = marks::of(&rig.state.alerts, "soundlab", Timestamp(NOW.0 + 10), Timestamp(NOW.0 + 30));
    assert_eq!(found.iter().map(|m| m.what.as_str()).collect::<Vec<_>>(), ["m10", "m30"]);
    for n in 0..300 {
        take(&mut rig, None, vec![at(n, "soundlab")]);
    }
    let kept = &rig.state.alerts.marks;
    assert!(kept.len() < 300 && kept.back().unwrap().what == "m299", "the newest are kept: {}", kept.len());
}

#[test]
fn information_is_posted_where_alerts_are_and_nothing_in_it_is_markup() {
    let mut rig = Rig::with(|_| {});
    let cover = Mark {
        what: "Cover *saved* by @everyone\nfor [a](b)".into(),
        link: Some(Link { url: "https://x.example.test/a>b".into(), label: "x".into() }),
        went: Went::Unsaid,
        post: true,
        ..mark("", "soundfoundry", Went::Unsaid)
    };
    let (_, effects) = take(&mut rig, None, vec![cover]);
    let told = said(&effects);
    assert_eq!(told[0].0, Place::Channel(rig.house.settings.channels.alerts));
    assert_eq!(
        told[0].1, "📌 <t:1795251600:T> Cover \\*saved\\* by \\@everyone for \\[a\\](b), by deployer",
        "an address that would end the link early is left out"
    );
}
