//! Decisions about incidents over a real committer and a journal in memory: every commit is read
//! back, and the state that a new start would fold is the one at hand.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use muster::core;
use muster::core::state::State;
use muster::engine::committer::{Committer, Group};
use muster::house;
use muster::journal::MemoryJournal;
use muster::kit::time::Timestamp;
use muster::model::button::{Button, FormKind};
use muster::model::card::Show;
use muster::model::commit::Commit;
use muster::model::effect::{Effect, Place};
use muster::model::event::Settlement;
use muster::model::ids::{ChannelId, EffectId, IncidentId, InteractionId, MessageId, RoleId, Seq, UserId};
use muster::model::incident::Thread;
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::person::{Actor, Person};
use muster::model::reply::{Refusal, Reply};
use muster::sandbox::world::seed;

/// A Saturday morning, 2026-11-21T09:00:00Z.
pub const BEGIN: Timestamp = Timestamp(1_795_251_600_000);

/// Somebody of the practice team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Responder,
    Approver,
    Lead,
    /// Holds no role.
    Onlooker,
}

impl Who {
    /// With the roles they hold.
    pub fn actor(self) -> Actor {
        let (id, name, roles) = match self {
            Who::Responder => (1001, "responder", vec![seed::ROLE_RESPONDER]),
            Who::Approver => (1002, "approver", vec![seed::ROLE_APPROVER]),
            Who::Lead => (1004, "lead", vec![seed::ROLE_LEAD]),
            Who::Onlooker => (1005, "onlooker", vec![]),
        };
        let roles = roles.into_iter().map(|r| RoleId(r.0)).collect();
        Actor { person: self.person_of(id, name), roles }
    }

    /// Without them.
    pub fn person(self) -> Person {
        self.actor().person
    }

    fn person_of(self, id: u64, name: &str) -> Person {
        Person { id: UserId(id), name: name.to_owned() }
    }
}

/// A committer and what moves it.
pub struct Desk {
    pub committer: Committer<MemoryJournal>,
    pub now: Timestamp,
    clicks: u64,
}

impl Desk {
    /// With the sandbox's house, where nobody is an administrator.
    pub fn new() -> Desk {
        let mut house = house::sandbox("http://127.0.0.1:1").expect("the built-in files are right");
        // Jobs that are waited for would be late in these stories, which are not about them.
        house.settings.alerting.heartbeats.clear();
        house.oncall.role = None;
        house.settings.administrators.clear();
        let committer = Committer::open(MemoryJournal::new(), Arc::new(house)).expect("an empty journal");
        Desk { committer, now: BEGIN, clicks: 0 }
    }

    pub fn state(&self) -> &State {
        self.committer.state()
    }

    /// One input, and what came of it.
    pub fn input(&mut self, input: Input) -> Group {
        self.committer.commit(self.now, &[input])
    }

    /// Somebody does something somewhere.
    pub fn act(&mut self, who: Who, channel: ChannelId, act: Act) -> Result<Reply, Refusal> {
        self.clicks += 1;
        let guild = Some(self.committer.house().settings.guild);
        let (id, token, by) = (InteractionId(self.clicks), "token".to_owned(), who.actor());
        let input = Input::Interaction(Interaction { id, token, guild, channel, by, act });
        self.input(input).answers.remove(0)
    }

    /// A command in the incidents channel; values are text.
    pub fn command(&mut self, who: Who, name: &str, args: &[(&str, &str)]) -> Result<Reply, Refusal> {
        self.command_in(who, ChannelId(seed::INCIDENTS.0), name, args)
    }

    /// A command somewhere.
    pub fn command_in(
        &mut self,
        who: Who,
        channel: ChannelId,
        name: &str,
        args: &[(&str, &str)],
    ) -> Result<Reply, Refusal> {
        let arg = |v: &str| match v {
            "true" => Arg::Boolean(true),
            text => match text.strip_prefix('@') {
                Some("responder") => Arg::Person(Who::Responder.person()),
                Some("approver") => Arg::Person(Who::Approver.person()),
                Some("lead") => Arg::Person(Who::Lead.person()),
                Some("onlooker") => Arg::Person(Who::Onlooker.person()),
                _ => Arg::Text(text.to_owned()),
            },
        };
        let args: BTreeMap<String, Arg> = args.iter().map(|(k, v)| ((*k).to_owned(), arg(v))).collect();
        self.act(who, channel, Act::Command(Invocation { command: name.to_owned(), args }))
    }

    pub fn press(&mut self, who: Who, button: Button) -> Result<Reply, Refusal> {
        self.act(who, ChannelId(seed::INCIDENTS.0), Act::Press(Ok(button)))
    }

    pub fn submit(&mut self, who: Who, form: FormKind, fields: &[(&str, &str)]) -> Result<Reply, Refusal> {
        let fields = fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        self.act(who, ChannelId(seed::INCIDENTS.0), Act::Submit { form: Ok(form), fields })
    }

    /// A new incident of the responder's, which must work.
    pub fn declared(&mut self, title: &str, severity: &str) -> IncidentId {
        self.command(Who::Responder, "incident declare", &[("title", title), ("severity", severity)])
            .expect("it is declared");
        let id = self.state().next_incident();
        self.deliver();
        IncidentId(id.0 - 1)
    }

    /// Everything that is owed is done, and what that leads to as well.
    pub fn deliver(&mut self) {
        while let Some((id, owed)) = self.state().unsettled.iter().next() {
            let (id, effect) = (*id, owed.effect.clone());
            let outcome = done(id, &effect);
            self.input(Input::Settled { effect: id, outcome });
        }
    }

    /// An effect is settled like this.
    pub fn settle(&mut self, effect: EffectId, outcome: Settlement) {
        self.input(Input::Settled { effect, outcome });
    }

    /// Time passes, and whatever is due then is decided.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now.after(time);
        while let Some(due) = core::next_wakeup(self.state()).filter(|due| *due <= end) {
            self.now = self.now.max(due);
            let group = self.input(Input::Wake);
            assert!(!group.commits.is_empty(), "a time that came changed nothing, and comes again");
            self.deliver();
        }
        self.now = end;
    }

    /// All that was committed.
    pub fn commits(&self) -> Vec<Commit> {
        self.committer.reader().from(Seq(1)).map(|c| c.expect("it reads")).collect()
    }

    /// The effects that nobody did yet.
    pub fn owed(&self) -> Vec<Effect> {
        self.state().unsettled.values().map(|o| o.effect.clone()).collect()
    }

    /// The thread of an incident.
    pub fn thread(&self, id: IncidentId) -> ChannelId {
        match self.state().incidents.get(&id).map(|i| i.thread) {
            Some(Thread::At(thread)) => thread,
            other => panic!("{id} has no thread at hand: {other:?}"),
        }
    }

    /// Holds the state at hand against the one that a new start would fold.
    pub fn replays(&self) {
        let mut again = State::default();
        for commit in self.commits() {
            let line = serde_json::to_string(&commit).expect("a commit is JSON");
            assert_eq!(serde_json::from_str::<Commit>(&line).expect("and reads back"), commit);
            again.apply(&commit);
        }
        assert_eq!(again, *self.state(), "replay equals live");
        let kept = serde_json::to_string(self.state()).expect("a snapshot");
        assert_eq!(
            serde_json::from_str::<State>(&kept).expect("it reads"),
            again,
            "a snapshot says the same"
        );
    }
}

/// What Discord would say: each post its own message, each thread its own channel.
fn done(id: EffectId, effect: &Effect) -> Settlement {
    let number = 1_500_000_000_000_000_000 + id.seq.0 * 100 + u64::from(id.index);
    let posted = |channel| Settlement::Posted { channel, message: MessageId(number) };
    match effect {
        Effect::OpenThread { .. } | Effect::OpenRunThread { .. } | Effect::OpenPrivate { .. } => {
            Settlement::Opened { thread: ChannelId(number) }
        }
        Effect::Say { place: Place::Channel(c), .. } | Effect::PostCard { channel: c, .. } => posted(*c),
        Effect::Say { .. } | Effect::PostRun { .. } | Effect::PostBoard { .. } => {
            posted(ChannelId(seed::INCIDENTS.0))
        }
        _ => Settlement::Shown,
    }
}

/// The sentence of an answer or a refusal.
pub fn words(answer: &Result<Reply, Refusal>) -> String {
    match answer {
        Ok(Reply::Show { show: Show::Notice { text, .. }, .. }) => text.clone(),
        Err(Refusal(text)) => text.clone(),
        other => panic!("no sentence: {other:?}"),
    }
}
