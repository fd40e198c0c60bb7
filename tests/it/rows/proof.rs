//! How a row is proved: as people would, from the slash command to the card that says how it ended.

use std::path::Path;
use std::time::Duration;

use muster::cli::practice;
use muster::model::house::House;
use muster::model::runbook::step::Poll;
use muster::sandbox::Person;
use muster::sandbox::client::text_of;
use muster::sandbox::world::{Message, seed};
use serde_json::Value;

use crate::support::app::App;
use crate::support::soon;

/// What proves a row.
#[derive(Clone, Copy)]
pub struct Proof {
    /// The service.
    pub service: &'static str,
    /// Its action, or the section.
    pub action: &'static str,
    /// What is typed behind `with`; nothing where it is empty.
    pub with: &'static str,
    /// The row's own fault.
    pub fault: &'static str,
    /// The step that fails then.
    pub at: &'static str,
}

/// How a run ended.
#[derive(Debug, PartialEq)]
pub enum Ended {
    /// It passed.
    Passed,
    /// It failed; its card.
    Failed(String),
}

impl Proof {
    /// A proof without anything typed.
    pub fn of(service: &'static str, action: &'static str, fault: &'static str, at: &'static str) -> Proof {
        Proof { service, action, with: "", fault, at }
    }

    /// The same, with values.
    pub fn with(self, with: &'static str) -> Proof {
        Proof { with, ..self }
    }

    /// Passes while all is well, fails under the fault.
    pub async fn holds(self) {
        let app = app(self.service).await;
        let fleet = app.sandbox.fleet();
        let well = self.run(&app, 1).await;
        assert_eq!(well, Ended::Passed, "{} of {} on the healthy service", self.action, self.service);
        fleet.reset(self.service).unwrap();
        fleet.break_it(self.service, self.fault).unwrap();
        match self.run(&app, 2).await {
            Ended::Failed(card) if card.contains(&format!("**Failed**: {}: ", self.at)) => {}
            other => panic!("{} of {} under {}: {other:?}", self.action, self.service, self.fault),
        }
        app.settled().await;
    }

    /// Asks for the run, which is the `n`th, does what a person is asked to do, and waits for its end.
    pub async fn run(&self, app: &App, n: u32) -> Ended {
        let (responder, approver) = (app.client(Person::Responder), app.client(Person::Approver));
        let mut options: Vec<(&str, Value)> = vec![
            ("service", self.service.into()),
            ("action", self.action.into()),
            ("confirm", self.service.into()),
        ];
        if !self.with.is_empty() {
            options.push(("with", self.with.into()));
        }
        let asked = responder.slash("runbook", &options).await.unwrap();
        let run = format!("RUN-{n}");
        assert!(asked.text().contains(&run), "{}", asked.text());
        let mut seen = String::new();
        loop {
            let card = changed(app, &run, &seen).await;
            seen = text_of(&card);
            if seen.contains("**Passed**") {
                return Ended::Passed;
            }
            if seen.contains("**Failed**") {
                return Ended::Failed(seen);
            }
            for (person, label) in [(&approver, "Approve"), (&responder, "Done")] {
                if seen.lines().any(|line| line == label) {
                    // The card may have moved on meanwhile: then the answer says so, and it is looked at again.
                    let _ = person.press(card.id, label).await;
                }
            }
            assert!(!seen.contains("A person must decide"), "{seen}");
        }
    }
}

/// The run's card, once it shows something new.
async fn changed(app: &App, run: &str, seen: &str) -> Message {
    let title = format!("{run} ");
    let found = app.sandbox.wait_for(|world| {
        let mut there = world.messages.range((seed::INCIDENTS, muster::sandbox::world::Id(0))..);
        there
            .find(|((channel, _), m)| {
                let text = text_of(m);
                *channel == seed::INCIDENTS && m.only_for.is_none() && text.contains(&title) && text != seen
            })
            .map(|(_, m)| m.clone())
    });
    soon(&format!("{run} to go on from: {seen}"), found).await
}

/// A sandbox in which nothing takes its time, and no step waits long for what will not come.
pub async fn app(service: &str) -> App {
    let app = App::in_real_time(quick).await;
    app.sandbox.fleet().hasten();
    if service == "nexus" {
        // Its rollback is a commit in a real repository.
        let muster = Path::new(env!("CARGO_BIN_EXE_muster"));
        practice::repository(&app.data().join("practice/nexus"), muster, &app.sandbox.api_url()).unwrap();
    }
    app
}

fn quick(house: &mut House) {
    for book in house.runbooks.values_mut() {
        for step in book.sections.iter_mut().flat_map(|s| &mut s.steps) {
            if step.options.poll.is_some() {
                let (every, for_) = (Duration::from_millis(100), Duration::from_secs(3));
                step.options.poll = Some(Poll { every, for_ });
            }
        }
    }
}
