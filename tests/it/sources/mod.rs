//! Sources other than Alertmanager: what their payloads become, who is let in, and what follows.

mod beats;
mod door;
mod files;
mod marks;
mod samples;
mod terminal;

use std::collections::BTreeMap;
use std::path::PathBuf;

use muster::core::state::State;
use muster::core::{self, Outcome, alerts};
use muster::house;
use muster::intake::mapping::{self, Asked, Mapped, Told};
use muster::kit::time::Timestamp;
use muster::model::commit::{Commit, FORMAT};
use muster::model::event::Event;
use muster::model::house::House;
use muster::model::input::Input;

/// 2026-11-21T09:00:00Z, a minute or so after what the samples tell.
pub const NOW: Timestamp = Timestamp(1_795_251_600_000);

/// The practice team's files.
pub fn practice() -> House {
    house::sandbox("http://127.0.0.1:1").expect("the built-in files are right")
}

/// A sample's file.
pub fn sample_file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/sources/samples").join(name)
}

/// A sample.
pub fn sample(name: &str) -> Vec<u8> {
    std::fs::read(sample_file(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// What a mapping makes of a body.
pub fn mapped(house: &House, name: &str, body: &[u8], headers: &[(&str, &str)]) -> Result<Mapped, Vec<Told>> {
    let headers: BTreeMap<&str, &str> = headers.iter().copied().collect();
    let body = mapping::body("application/json", body, "").expect("JSON");
    let asked = Asked {
        mapping: &house.sources[name],
        source: name,
        services: &house.settings.intake.services,
        body: &body,
        header: &|name| headers.get(name).map(|v| (*v).to_owned()),
        now: NOW,
    };
    mapping::read(&asked)
}

/// A state and what changes it, each commit checked to fold into the same state again.
pub struct Rig {
    pub house: House,
    pub now: Timestamp,
    pub state: State,
    pub commits: Vec<Commit>,
}

impl Rig {
    /// The practice team at its beginning, with what `change` makes different.
    pub fn with(change: impl FnOnce(&mut House)) -> Rig {
        let mut house = practice();
        change(&mut house);
        let mut rig = Rig { house, now: NOW, state: State::default(), commits: vec![] };
        rig.step(&Input::Started { version: "1".to_owned() });
        rig
    }

    /// One decision.
    pub fn step(&mut self, input: &Input) -> Vec<Event> {
        let outcome = core::step(&self.state, &self.house, self.now, input).expect("it is decided");
        let Outcome { events, effects, reply } = outcome;
        if events.is_empty() && effects.is_empty() {
            alerts::remember(&mut self.state, &self.house, self.now, input, Some(&reply), None);
            return events;
        }
        let (seq, cause) = (self.state.head.next(), core::cause(input));
        let commit = Commit { v: FORMAT, seq, at: self.now, cause, events, effects };
        let line = serde_json::to_string(&commit).expect("a commit is JSON");
        assert_eq!(serde_json::from_str::<Commit>(&line).expect("it reads"), commit);
        self.state.apply(&commit);
        alerts::remember(&mut self.state, &self.house, self.now, input, Some(&reply), Some(&commit));
        let snapshot = serde_json::to_string(&self.state).expect("a state is JSON");
        assert_eq!(serde_json::from_str::<State>(&snapshot).expect("it reads"), self.state);
        self.commits.push(commit.clone());
        commit.events
    }

    /// Lets the time come that was asked for next, if it is by `by`, until nothing more is due.
    pub fn until(&mut self, by: Timestamp) -> Vec<Event> {
        let mut events = vec![];
        while let Some(due) = core::next_wakeup(&self.state).filter(|due| *due <= by) {
            self.now = self.now.max(due);
            events.extend(self.step(&Input::Wake));
        }
        self.now = by;
        events
    }
}
