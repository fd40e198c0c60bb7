//! The practice team on a Saturday morning, and every commit checked to fold into the same state again.

use std::collections::BTreeMap;
use std::time::Duration;

use muster::core::state::State;
use muster::core::{self, Outcome};
use muster::house;
use muster::kit::time::Timestamp;
use muster::model::button::{Button, PageButton, SwapButton};
use muster::model::card::Show;
use muster::model::commit::{Commit, FORMAT};
use muster::model::effect::Effect;
use muster::model::event::Settlement;
use muster::model::house::House;
use muster::model::ids::{ChannelId, InteractionId, PageId, ReminderId, RoleId, SwapId, UserId};
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::person::{Actor, Person};
use muster::model::reply::Reply;
use muster::sandbox::world::seed;

/// A Saturday morning, 2026-11-21T09:00:00Z: ten o'clock in Berlin.
pub const BEGIN: Timestamp = Timestamp(1_795_251_600_000);

/// One of the practice people, as they are there in Discord.
pub fn person(who: seed::Person) -> Person {
    Person { id: UserId(who.id().0), name: who.name().to_owned() }
}

pub struct Desk {
    pub house: House,
    pub state: State,
    pub now: Timestamp,
    pub commits: Vec<Commit>,
    clicks: u64,
}

impl Desk {
    pub fn new() -> Desk {
        let mut house = house::sandbox("http://127.0.0.1:1").expect("the built-in files are right");
        house.settings.alerting.heartbeats.clear();
        house.oncall.role = None;
        let mut desk = Desk { house, state: State::default(), now: BEGIN, commits: vec![], clicks: 0 };
        desk.start();
        desk
    }

    pub fn start(&mut self) -> Vec<Effect> {
        self.step(&Input::Started { version: "1".to_owned() }).expect("a start is not refused").1
    }

    pub fn wake(&mut self) -> Vec<Effect> {
        self.step(&Input::Wake).expect("a timer is not refused").1
    }

    /// The files were read anew.
    pub fn reread(&mut self) -> Vec<Effect> {
        self.step(&Input::Reread).expect("files are not refused").1
    }

    /// Does what is owed about this one kind, oldest first, and gives what it was.
    pub fn settle(
        &mut self,
        which: impl Fn(&Effect) -> bool,
        how: impl Fn(&Effect) -> Settlement,
    ) -> Vec<Effect> {
        let mut done = vec![];
        loop {
            let first = self.state.unsettled.iter().find(|(_, o)| which(&o.effect));
            let Some((effect, what)) = first.map(|(id, o)| (*id, o.effect.clone())) else { return done };
            let outcome = how(&what);
            done.push(what);
            self.step(&Input::Settled { effect, outcome }).expect("what is done is not refused");
        }
    }

    /// Presses a button under a page's message, where it was read: in a direct message.
    pub fn answer(&mut self, who: seed::Person, page: u32, button: PageButton) -> String {
        told(self.act(who, Act::Press(Ok(Button::Page(PageId(page), button))))).0
    }

    /// Presses *Done* under what comes round.
    pub fn done(&mut self, who: seed::Person, id: u32) -> (String, Vec<Effect>) {
        told(self.act(who, Act::Press(Ok(Button::Reminder(ReminderId(id))))))
    }

    fn step(&mut self, input: &Input) -> Result<(Reply, Vec<Effect>), String> {
        let outcome = core::step(&self.state, &self.house, self.now, input).map_err(|refusal| refusal.0)?;
        let Outcome { events, effects, reply } = outcome;
        if !events.is_empty() {
            let (seq, cause) = (self.state.head.next(), core::cause(input));
            let commit = Commit { v: FORMAT, seq, at: self.now, cause, events, effects: effects.clone() };
            let line = serde_json::to_string(&commit).expect("a commit is JSON");
            assert_eq!(serde_json::from_str::<Commit>(&line).expect("it reads"), commit);
            self.state.apply(&commit);
            self.commits.push(commit);
            let mut again = State::default();
            self.commits.iter().for_each(|c| again.apply(c));
            assert_eq!(again.oncall, self.state.oncall, "replay equals live");
            assert_eq!(again.reminders, self.state.reminders, "replay equals live");
            let kept = serde_json::to_string(&self.state).expect("a state is JSON");
            assert_eq!(serde_json::from_str::<State>(&kept).expect("it reads"), self.state);
        }
        Ok((reply, effects))
    }

    fn act(&mut self, who: seed::Person, act: Act) -> Result<(Reply, Vec<Effect>), String> {
        self.clicks += 1;
        let role = match who {
            seed::Person::Responder => vec![RoleId(seed::ROLE_RESPONDER.0)],
            seed::Person::Approver => vec![RoleId(seed::ROLE_APPROVER.0)],
            seed::Person::Lead => vec![RoleId(seed::ROLE_LEAD.0)],
            seed::Person::Onlooker => vec![],
        };
        self.step(&Input::Interaction(Interaction {
            id: InteractionId(self.clicks),
            token: "token".to_owned(),
            guild: Some(self.house.settings.guild),
            channel: ChannelId(seed::INCIDENTS.0),
            by: Actor { person: person(who), roles: role },
            act,
        }))
    }

    /// What somebody is told who typed this, and what is owed for it.
    pub fn say(&mut self, who: seed::Person, command: &str, args: &[(&str, Arg)]) -> (String, Vec<Effect>) {
        let args: BTreeMap<String, Arg> = args.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        told(self.act(who, Act::Command(Invocation { command: command.to_owned(), args })))
    }

    pub fn press(&mut self, who: seed::Person, swap: u32, button: SwapButton) -> String {
        told(self.act(who, Act::Press(Ok(Button::Swap(SwapId(swap), button))))).0
    }

    pub fn pass(&mut self, minutes: u64) {
        self.now = self.now.after(Duration::from_secs(60 * minutes));
    }

    /// Whoever is called first in this rota now.
    pub fn first(&self, rota: &str) -> Option<String> {
        let all = core::oncall::on_call_now(&self.state, &self.house, rota, self.now);
        all.first().map(|(_, who)| who.name().to_owned())
    }
}

fn told(answer: Result<(Reply, Vec<Effect>), String>) -> (String, Vec<Effect>) {
    match answer {
        Ok((Reply::Show { show: Show::Notice { text, .. }, .. }, effects)) => (text, effects),
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => (refusal, vec![]),
    }
}

pub fn text(text: &str) -> Arg {
    Arg::Text(text.to_owned())
}
