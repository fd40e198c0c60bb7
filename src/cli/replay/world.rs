//! A Muster in memory that recorded facts happen to: its own clock, its own journal, and hands that
//! say that everything is done and do nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::record::Fact;
use super::tally::Tally;
use crate::core;
use crate::engine::committer::Committer;
use crate::house;
use crate::journal::MemoryJournal;
use crate::kit::time::Timestamp;
use crate::model::alert::Batch;
use crate::model::effect::Effect;
use crate::model::event::Settlement;
use crate::model::house::House;
use crate::model::ids::{ChannelId, GuildId, IncidentId, InteractionId, MessageId, SilenceId, UserId};
use crate::model::input::{Act, Arg, Input, Interaction, Invocation};
use crate::model::person::{Actor, Person};
use crate::model::silence::Silence;

/// How often in a row a time may come in which nothing happens.
const IDLE: u32 = 1_000;
/// Whoever did what people did then. Discord gives out larger numbers.
const SOMEBODY: UserId = UserId(3);

/// The world.
pub struct World {
    committer: Committer<MemoryJournal>,
    now: Timestamp,
    numbers: u64,
    silences: BTreeMap<SilenceId, SilenceId>,
    guild: GuildId,
    /// What people would have been told.
    pub tally: Tally,
    /// What cannot happen here.
    pub left_out: Vec<String>,
}

impl World {
    /// An empty one with these settings at this time.
    pub fn new(mut house: House, now: Timestamp) -> Result<World, String> {
        // Whatever the team switched off: people did it then.
        let built_in = house::sandbox("http://127.0.0.1")
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        house.commands = built_in.commands;
        house.settings.administrators.push(SOMEBODY);
        // What they said is recorded as alerts already.
        house.settings.alerting.heartbeats.clear();
        let guild = house.settings.guild;
        let committer = Committer::open(MemoryJournal::new(), Arc::new(house)).map_err(|down| down.0)?;
        let (silences, tally) = (BTreeMap::new(), Tally::default());
        let mut world = World { committer, now, numbers: 0, silences, guild, tally, left_out: vec![] };
        world.input(&Input::Started { version: "replay".to_owned() });
        Ok(world)
    }

    /// What fired before: it is told, and that does not count.
    pub fn begin(&mut self, carried: &[Batch]) {
        self.tally.quiet = true;
        for batch in carried {
            self.input(&Input::Alerts(Box::new(batch.clone())));
        }
        self.tally.quiet = false;
    }

    /// Something happens at that time.
    pub fn goes_on(&mut self, at: Timestamp, fact: &Fact) {
        self.until(at);
        match fact {
            Fact::Came(batch) => self.input(&Input::Alerts(batch.clone())),
            Fact::Silenced(silence) => self.silence(silence),
            Fact::Unsilenced(silence) => {
                if let Some(own) = self.silences.get(silence).copied() {
                    self.say("silence end", &[("silence", &own.to_string())]);
                }
            }
            Fact::Resolved(service) => {
                let open = self.committer.state().open();
                let own = open.iter().filter(|i| i.service == *service).map(|i| i.id);
                for incident in own.collect::<Vec<IncidentId>>() {
                    self.say("incident resolve", &[("incident", &incident.to_string())]);
                }
            }
        }
    }

    /// The time passes until then.
    pub fn until(&mut self, at: Timestamp) {
        let mut idle = 0;
        while let Some(next) = core::next_wakeup(self.committer.state()).filter(|next| *next <= at) {
            self.now = self.now.max(next);
            let before = self.committer.state().head;
            self.input(&Input::Wake);
            idle = if self.committer.state().head == before { idle + 1 } else { 0 };
            let again = core::next_wakeup(self.committer.state());
            if idle > IDLE || idle > 0 && again == Some(next) {
                break;
            }
        }
        self.now = self.now.max(at);
    }

    fn silence(&mut self, silence: &Silence) {
        let left = silence.until.since(self.now).as_secs().max(60);
        let all: Vec<String> = silence.matchers.iter().map(ToString::to_string).collect();
        let lasts = format!("{left}s");
        let args = [("match", all.join(", ")), ("for", lasts), ("why", silence.why.clone())];
        let before = self.committer.state().alerts.last.silence;
        self.say("silence add", &args.each_ref().map(|(k, v)| (*k, v.as_str())));
        let own = self.committer.state().alerts.last.silence;
        if own == before {
            self.left_out.push(format!("{}, of {}", silence.id, all.join(", ")));
        } else {
            self.silences.insert(silence.id, own);
        }
    }

    fn say(&mut self, command: &str, args: &[(&str, &str)]) {
        self.numbers += 1;
        let args = args.iter().map(|(k, v)| ((*k).to_owned(), Arg::Text((*v).to_owned())));
        let person = Person { id: SOMEBODY, name: "somebody".to_owned() };
        let act = Act::Command(Invocation { command: command.to_owned(), args: args.collect() });
        self.input(&Input::Interaction(Interaction {
            id: InteractionId(self.numbers),
            token: String::new(),
            guild: Some(self.guild),
            channel: ChannelId(1),
            by: Actor { person, roles: vec![] },
            act,
        }));
    }

    /// One input, and whatever follows from what it owes being done at once.
    fn input(&mut self, input: &Input) {
        let mut inputs = vec![input.clone()];
        while !inputs.is_empty() {
            let commits = self.committer.commit(self.now, &inputs).commits;
            inputs.clear();
            for commit in &commits {
                self.tally.take(commit);
                for (effect, owed) in commit.owed() {
                    let outcome = self.done(owed);
                    inputs.push(Input::Settled { effect, outcome });
                }
            }
        }
    }

    fn done(&mut self, owed: &Effect) -> Settlement {
        self.numbers += 1;
        let number = self.numbers;
        match owed {
            Effect::Say { .. }
            | Effect::PostCard { .. }
            | Effect::PostRun { .. }
            | Effect::PostBoard { .. } => {
                Settlement::Posted { channel: ChannelId(1), message: MessageId(number) }
            }
            Effect::OpenThread { .. } | Effect::OpenPrivate { .. } | Effect::OpenRunThread { .. } => {
                Settlement::Opened { thread: ChannelId(number) }
            }
            Effect::Check(_) => Settlement::Checked { findings: vec![] },
            Effect::RunStep { .. } | Effect::EndStep { .. } => Settlement::Superseded,
            _ => Settlement::Shown,
        }
    }
}
