//! A run that a decision works on: each event is taken in at once, so that what comes next is
//! decided on what the run will be.

use super::fold;
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::card::Show;
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{RoleId, RunId, Seq, UserId};
use crate::model::person::Person;
use crate::model::reply::{Refusal, Reply};
use crate::model::run::{Run, RunEnd, StepAt, StepEnd};

/// A run on the desk.
pub struct Desk<'a> {
    /// What people wrote.
    pub house: &'a House,
    /// When.
    pub now: Timestamp,
    /// The run as it is after what was decided so far.
    pub run: Run,
    seq: Seq,
    events: Vec<Event>,
    effects: Vec<Effect>,
}

impl<'a> Desk<'a> {
    /// A run as it is.
    pub fn of(state: &State, house: &'a House, now: Timestamp, run: &Run) -> Desk<'a> {
        Desk { house, now, run: run.clone(), seq: state.head.next(), events: vec![], effects: vec![] }
    }

    /// Something happened to it.
    pub fn emit(&mut self, event: Event) {
        fold::take_in(&mut self.run, self.now, &event);
        self.events.push(event);
    }

    /// The event that began it is its own.
    pub fn began_with(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Something is owed for it.
    pub fn owe(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Its number.
    pub fn id(&self) -> RunId {
        self.run.id
    }

    /// A step is over.
    pub fn end(&mut self, step: StepAt, how: StepEnd, by: Option<Person>, words: impl AsRef<str>) {
        self.ended(step, how, by, 0, words, String::new());
    }

    /// A step is over, after so many milliseconds, and printed this last.
    pub fn ended(
        &mut self,
        step: StepAt,
        how: StepEnd,
        by: Option<Person>,
        millis: u64,
        words: impl AsRef<str>,
        tail: String,
    ) {
        let words = text::cut(&text::line(words.as_ref()), 300);
        self.emit(Event::StepEnded { run: self.id(), step, how, by, millis, words, tail });
    }

    /// The run is over.
    pub fn finish(&mut self, how: RunEnd) {
        self.emit(Event::RunEnded { run: self.id(), how });
        let show = Show::RunOutput { run: self.id(), upto: self.seq };
        self.owe(Effect::Say { place: Place::Run(self.id()), show });
    }

    /// What its card shows now.
    pub fn card(&self) -> Show {
        Show::Run { run: self.id(), upto: self.seq }
    }

    /// Calls people where the run is worked on.
    pub fn call(&mut self, roles: Vec<RoleId>, people: Vec<UserId>, text: String) {
        let show = Show::Call { roles, people, text };
        self.owe(Effect::Say { place: Place::Run(self.id()), show });
    }

    /// Calls whoever asked for it. Somebody at a terminal has no account: then those hear of it
    /// who may agree to it, or the lead.
    pub fn call_asker(&mut self, text: String) {
        let asker = &self.run.asked.by;
        if asker.at_a_terminal() {
            let role = self.run.plan.approve.as_ref().map_or("lead", |a| a.role.as_str()).to_owned();
            let roles = self.role(&role);
            self.call(roles, vec![], text);
        } else {
            let people = vec![asker.id];
            self.call(vec![], people, text);
        }
    }

    /// The ids of a role that muster.toml names.
    pub fn role(&self, name: &str) -> Vec<RoleId> {
        self.house.settings.roles.get(name).cloned().unwrap_or_default()
    }

    /// The outcome, with its card brought up to date.
    pub fn outcome(mut self, reply: Reply) -> Outcome {
        let posted = self.effects.iter().any(|e| matches!(e, Effect::PostRun { .. }));
        if !self.events.is_empty() && !posted {
            self.effects.push(Effect::EditRun { run: self.id(), show: self.card() });
        }
        Outcome { events: self.events, effects: self.effects, reply }
    }

    /// The outcome of something that a person did.
    pub fn done(self, text: impl Into<String>) -> Outcome {
        self.outcome(Reply::done(text))
    }

    /// The outcome of something that came too late: it is recorded, and the person hears why.
    pub fn refused(self, text: impl Into<String>) -> Outcome {
        self.outcome(Refusal::new(text).reply())
    }
}
