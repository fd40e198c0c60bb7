//! A state and what changes it: people who may and who may not, and every commit checked to fold
//! into the same state again.

use std::collections::BTreeMap;
use std::time::Duration;

use muster::core::history::{self, History};
use muster::core::state::State;
use muster::core::{self, Outcome};
use muster::house;
use muster::kit::time::Timestamp;
use muster::model::button::{Button, FormKind};
use muster::model::card::Show;
use muster::model::commit::{Commit, FORMAT};
use muster::model::effect::Effect;
use muster::model::event::Settlement;
use muster::model::house::House;
use muster::model::ids::{ChannelId, EffectId, IncidentId, InteractionId, RoleId, UserId};
use muster::model::incident::Incident;
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::person::{Actor, Person};
use muster::model::reply::{Refusal, Reply};
use muster::render::{self, Face};
use muster::sandbox::world::seed;

/// A Saturday morning, 2026-11-21T09:00:00Z.
pub const BEGIN: Timestamp = Timestamp(1_795_251_600_000);

/// Somebody of the practice team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Responder,
    Lead,
    /// Holds no role.
    Onlooker,
}

impl Who {
    fn actor(self) -> Actor {
        let (id, name, roles) = match self {
            Who::Responder => (1001, "responder", vec![seed::ROLE_RESPONDER]),
            Who::Lead => (1004, "lead", vec![seed::ROLE_LEAD]),
            Who::Onlooker => (1005, "onlooker", vec![]),
        };
        let roles = roles.into_iter().map(|r| RoleId(r.0)).collect();
        Actor { person: Person { id: UserId(id), name: name.to_owned() }, roles }
    }
}

pub struct Rig {
    pub house: House,
    pub now: Timestamp,
    pub state: State,
    pub commits: Vec<Commit>,
    clicks: u64,
}

impl Rig {
    /// The practice team at its beginning.
    pub fn new() -> Rig {
        let mut house = house::sandbox("http://127.0.0.1:1").expect("the built-in files are right");
        // Jobs that are waited for would be late in these stories, which are not about them.
        house.settings.alerting.heartbeats.clear();
        house.oncall.role = None;
        house.settings.administrators.clear();
        Rig { house, now: BEGIN, state: State::default(), commits: vec![], clicks: 0 }
    }

    /// One decision, and its commit where it leads to one.
    pub fn step(&mut self, input: &Input) -> Result<Reply, Refusal> {
        let Outcome { events, effects, reply } = core::step(&self.state, &self.house, self.now, input)?;
        if !events.is_empty() {
            let (seq, cause) = (self.state.head.next(), core::cause(input));
            let commit = Commit { v: FORMAT, seq, at: self.now, cause, events, effects };
            let line = serde_json::to_string(&commit).expect("a commit is JSON");
            assert_eq!(serde_json::from_str::<Commit>(&line).expect("it reads"), commit);
            self.state.apply(&commit);
            self.commits.push(commit);
            let mut again = State::default();
            self.commits.iter().for_each(|c| again.apply(c));
            assert_eq!(again, self.state, "replay equals live");
            let snapshot = serde_json::to_string(&self.state).expect("a state is JSON");
            assert_eq!(serde_json::from_str::<State>(&snapshot).expect("it reads"), self.state);
        } else {
            assert_eq!(effects, [], "what is owed stands in a commit");
        }
        Ok(reply)
    }

    pub fn act(&mut self, who: Who, act: Act) -> Result<Reply, Refusal> {
        self.clicks += 1;
        self.step(&Input::Interaction(Interaction {
            id: InteractionId(self.clicks),
            token: "token".to_owned(),
            guild: Some(self.house.settings.guild),
            channel: ChannelId(seed::ALERTS.0),
            by: who.actor(),
            act,
        }))
    }

    pub fn command(&mut self, who: Who, command: &str, args: &[(&str, &str)]) -> Result<Reply, Refusal> {
        let arg = |(k, v): &(&str, &str)| {
            let v = if ["drill", "private"].contains(k) {
                Arg::Boolean(*v == "true")
            } else {
                Arg::Text((*v).to_owned())
            };
            ((*k).to_owned(), v)
        };
        let args: BTreeMap<String, Arg> = args.iter().map(arg).collect();
        self.act(who, Act::Command(Invocation { command: command.to_owned(), args }))
    }

    pub fn press(&mut self, who: Who, button: Button) -> Result<Reply, Refusal> {
        self.act(who, Act::Press(Ok(button)))
    }

    pub fn submit(&mut self, who: Who, form: FormKind, fields: &[(&str, &str)]) -> Result<Reply, Refusal> {
        let fields = fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        self.act(who, Act::Submit { form: Ok(form), fields })
    }

    pub fn pass(&mut self, time: Duration) {
        self.now = self.now.after(time);
    }

    /// The first owed effect of this kind leaves the outbox.
    pub fn settle(&mut self, of: impl Fn(&Effect) -> bool, outcome: Settlement) {
        let owed = self.state.unsettled.iter().find(|(_, owed)| of(&owed.effect));
        let effect: EffectId = *owed.expect("it is owed").0;
        self.step(&Input::Settled { effect, outcome }).expect("a settlement is no person");
    }

    pub fn incident(&self, id: u32) -> &Incident {
        &self.state.incidents[&IncidentId(id)]
    }

    pub fn history(&self, id: u32) -> History {
        history::fold(IncidentId(id), &self.commits).expect("it was declared")
    }

    /// The effects of the newest commit.
    pub fn owed(&self) -> &[Effect] {
        &self.commits.last().expect("a commit").effects
    }

    /// What the newest commit shows, where `of` picks it.
    pub fn shown(&self, of: impl Fn(&Effect) -> bool) -> String {
        let effect = self.owed().iter().find(|e| of(e)).expect("it is owed");
        words(effect.show().expect("it shows something"))
    }
}

/// All that can be read in something that is shown, buttons included.
pub fn words(show: &Show) -> String {
    let Face { content, embeds, buttons, .. } = render::face(show, None, chrono_tz::Europe::Berlin);
    let mut out = content;
    for e in embeds {
        out.push_str(&format!("\n{}\n{}", e.title.unwrap_or_default(), e.description));
        for (name, value, _) in e.fields {
            out.push_str(&format!("\n{name}: {value}"));
        }
        out.push_str(&format!("\n{}", e.footer.unwrap_or_default()));
    }
    for b in buttons {
        out.push_str(&format!("\n[{}]", b.label));
    }
    out
}

/// What an answer says.
pub fn said(reply: Result<Reply, Refusal>) -> String {
    match reply {
        Ok(Reply::Show { show, .. }) => words(&show),
        Ok(other) => format!("{other:?}"),
        Err(refusal) => refusal.0,
    }
}
