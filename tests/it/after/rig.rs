//! Decisions about what follows an incident: a state, the built-in house, a time that the test
//! sets, and every commit checked to fold into the same state again.

use std::collections::BTreeMap;

use muster::core::history::{self, History};
use muster::core::state::State;
use muster::core::{self, Outcome, seen};
use muster::house;
use muster::kit::time::Timestamp;
use muster::model::button::{Button, FormKind};
use muster::model::card::Show;
use muster::model::commit::{Commit, FORMAT};
use muster::model::effect::Effect;
use muster::model::event::{Event, Settlement};
use muster::model::house::House;
use muster::model::ids::{ChannelId, IncidentId, InteractionId, MessageId, RoleId, Seq, UserId};
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::person::{Actor, Person};
use muster::model::reply::{Refusal, Reply};
use muster::model::report::{AfterButton, AfterForm, Review};
use muster::sandbox::world::seed;

/// A Saturday morning, 2026-11-21T09:00:00Z: ten o'clock in Berlin, which is the team's zone.
pub const BEGIN: Timestamp = Timestamp(1_795_251_600_000);
pub const MINUTE: i64 = 60_000;
pub const DAY: i64 = 24 * 60 * MINUTE;

/// Somebody of the practice team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Responder,
    Approver,
    Lead,
    Onlooker,
}

impl Who {
    pub fn person(self) -> Person {
        self.actor().person
    }

    fn actor(self) -> Actor {
        let (id, name, roles) = match self {
            Who::Responder => (1001, "responder", vec![seed::ROLE_RESPONDER]),
            Who::Approver => (1002, "approver", vec![seed::ROLE_APPROVER]),
            Who::Lead => (1003, "lead", vec![seed::ROLE_LEAD]),
            Who::Onlooker => (1004, "onlooker", vec![]),
        };
        let roles = roles.into_iter().map(|r| RoleId(r.0)).collect();
        Actor { person: Person { id: UserId(id), name: name.to_owned() }, roles }
    }
}

/// A state and what changes it.
pub struct Rig {
    pub house: House,
    pub now: Timestamp,
    pub state: State,
    pub commits: Vec<Commit>,
    clicks: u64,
}

impl Rig {
    pub fn new() -> Rig {
        let mut house = house::sandbox("http://127.0.0.1:1").expect("the built-in files are right");
        // Jobs that are waited for would be late in these stories, which are not about them.
        house.settings.alerting.heartbeats.clear();
        house.oncall.role = None;
        house.settings.administrators.clear();
        Rig { house, now: BEGIN, state: State::default(), commits: vec![], clicks: 0 }
    }

    /// With INC-1 of this severity, which was resolved.
    pub fn resolved(severity: &str) -> Rig {
        let mut rig = Rig::new();
        rig.command(Who::Responder, "incident declare", &[("title", "no sound"), ("severity", severity)])
            .unwrap();
        rig.now.0 += 10 * MINUTE;
        rig.command(Who::Responder, "incident resolve", &[("how", "restarted"), ("incident", "INC-1")])
            .unwrap();
        rig
    }

    /// One decision, and its commit where it leads to one.
    pub fn step(&mut self, input: &Input) -> Result<Reply, Refusal> {
        let Outcome { events, effects, reply } = core::step(&self.state, &self.house, self.now, input)?;
        if !events.is_empty() {
            let cause = core::cause(input);
            let commit =
                Commit { v: FORMAT, seq: self.state.head.next(), at: self.now, cause, events, effects };
            let line = serde_json::to_string(&commit).expect("a commit is JSON");
            let read: Commit = serde_json::from_str(&line).expect("and reads back");
            assert_eq!(read, commit, "a commit reads back as it was");
            self.state.apply(&commit);
            self.commits.push(commit);
            let mut again = State::default();
            self.commits.iter().for_each(|c| again.apply(c));
            assert_eq!(again, self.state, "replay equals live");
        }
        Ok(reply)
    }

    fn act(&mut self, who: Who, act: Act) -> Result<Reply, Refusal> {
        self.clicks += 1;
        self.step(&Input::Interaction(Interaction {
            id: InteractionId(self.clicks),
            token: "token".to_owned(),
            guild: Some(self.house.settings.guild),
            channel: ChannelId(seed::GENERAL.0),
            by: who.actor(),
            act,
        }))
    }

    pub fn command(&mut self, who: Who, path: &str, args: &[(&str, &str)]) -> Result<Reply, Refusal> {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), Arg::Text((*value).to_owned())));
        self.act(who, Act::Command(Invocation { command: path.to_owned(), args: args.collect() }))
    }

    /// `/action add` with an owner.
    pub fn add(&mut self, what: &str, owner: Option<Who>, due: &str) -> Result<Reply, Refusal> {
        let mut args = BTreeMap::from([
            ("what".to_owned(), Arg::Text(what.to_owned())),
            ("due".to_owned(), Arg::Text(due.to_owned())),
            ("incident".to_owned(), Arg::Text("INC-1".to_owned())),
        ]);
        args.extend(owner.map(|who| ("owner".to_owned(), Arg::Person(who.person()))));
        self.act(Who::Responder, Act::Command(Invocation { command: "action add".to_owned(), args }))
    }

    pub fn press(&mut self, who: Who, button: AfterButton) -> Result<Reply, Refusal> {
        self.act(who, Act::Press(Ok(Button::After(IncidentId(1), button))))
    }

    pub fn submit(&mut self, who: Who, form: AfterForm, fields: &[(&str, &str)]) -> Result<Reply, Refusal> {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let form = Ok(FormKind::After(IncidentId(1), form));
        self.act(who, Act::Submit { form, fields })
    }

    /// Root cause, resolution and lessons, by somebody.
    pub fn write_up(&mut self, who: Who) {
        let parts =
            [("root-cause", "a full disk"), ("resolution", "a larger disk"), ("lessons", "watch disks")];
        let parts = [&parts[..], &[("incident", "INC-1")]].concat();
        self.command(who, "report write", &parts).unwrap();
    }

    pub fn publish(&mut self, who: Who) -> Result<Reply, Refusal> {
        self.command(who, "report publish", &[("incident", "INC-1")])
    }

    /// The time comes.
    pub fn wake(&mut self) {
        self.step(&Input::Wake).unwrap();
    }

    /// Everything that is owed is done: posts are there, threads are open.
    pub fn settle(&mut self) {
        while let Some((id, owed)) = self.state.unsettled.first_key_value() {
            let (effect, n) = (*id, id.seq.0 * 100 + u64::from(id.index));
            let outcome = match &owed.effect {
                Effect::OpenThread { .. } => Settlement::Opened { thread: ChannelId(n) },
                Effect::EditCard { .. } | Effect::EditBoard { .. } => Settlement::Shown,
                _ => Settlement::Posted { channel: ChannelId(1), message: MessageId(n) },
            };
            self.step(&Input::Settled { effect, outcome }).unwrap();
        }
    }

    pub fn review(&self) -> &Review {
        &self.state.incidents[&IncidentId(1)].review
    }

    /// Every event so far.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.commits.iter().flat_map(|c| &c.events)
    }

    /// Every effect that was ever owed.
    pub fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.commits.iter().flat_map(|c| &c.effects)
    }

    /// How many reports were ever owed.
    pub fn reports(&self) -> usize {
        self.effects().filter(|e| matches!(e.show(), Some(Show::Report { .. }))).count()
    }

    /// What the journal says of INC-1.
    pub fn history(&self) -> History {
        let show = Show::Report { incident: IncidentId(1), upto: Seq(u64::MAX) };
        let wanted = seen::commits(&self.state, &show).unwrap();
        history::fold(IncidentId(1), self.commits.iter().filter(|c| wanted.contains(&c.seq))).unwrap()
    }
}

/// The sentence of an answer.
pub fn said(reply: Result<Reply, Refusal>) -> String {
    match reply {
        Ok(Reply::Show { show: Show::Notice { text, .. }, .. }) => text,
        other => panic!("this was no sentence: {other:?}"),
    }
}

/// The sentence of a refusal.
pub fn refused(reply: Result<Reply, Refusal>) -> String {
    reply.expect_err("this was not refused").0
}
