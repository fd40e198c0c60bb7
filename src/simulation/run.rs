//! One world and all that a step can do in it: let time pass, let the gateway speak, let the
//! process work, bring everything to rest.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serenity::model::application::Interaction as FromDiscord;

use super::chance::Chance;
use super::fault::{Fault, Moment};
use super::invariants::{self, Broken};
use super::ledger::Ledger;
use super::monitors::Monitors;
use super::process::{Process, Read};
use super::server::Discord;
use super::{Failure, Summary, house};
use crate::core;
use crate::core::state::State;
use crate::discord::interaction;
use crate::journal::{Journal as _, MemoryDisk};
use crate::kit::clock::Clock;
use crate::kit::time::Timestamp;
use crate::model::house::House;
use crate::model::input::Input;
use crate::model::run::{self as model, RunPhase, StepState};
use crate::sandbox::world::seed;

/// 2026-03-02T09:00:00Z, when every run begins.
const BEGIN: i64 = 1_772_442_000_000;
/// How long everything may take to come to rest when nothing goes wrong any more. The longest
/// wait of the outbox is a minute, a service answers within two and a half, a step of a run within
/// three and a half, and eight of them with their retries follow each other.
const REST: i64 = 45 * 60_000;

/// A world, and the process that lives in it.
pub struct Run {
    /// Decides what is left to chance.
    pub chance: Chance,
    /// Discord.
    pub discord: Discord,
    /// The machine's clock, which may be wrong.
    pub clock: Clock,
    /// What survives a crash.
    pub disk: MemoryDisk,
    /// What the team wrote.
    pub house: Arc<House>,
    /// The process, while it runs.
    pub process: Option<Process>,
    /// While it does not: when it starts again, by Discord's time.
    pub down_until: i64,
    /// How long it stays down, where chance does not decide.
    pub fixed_downtime: Option<i64>,
    /// When the process ends: at this moment, when that has come by so often.
    pub crash: Option<(Moment, u64)>,
    /// How often each moment came by.
    pub passed: BTreeMap<Moment, u64>,
    /// What people did and were told.
    pub ledger: Ledger,
    /// The commands that are switched off.
    pub off: Vec<&'static str>,
    /// Whether these people are after runs more than after anything else.
    pub keen: bool,
    /// How often the team changed its runbook.
    pub changes: u32,
    /// The steps that fail, where chance does not decide which do and how long each takes.
    pub fails: Option<&'static [&'static str]>,
    /// What tells of alerts.
    pub monitors: Monitors,
    /// What was read from the disk.
    pub read: Read,
    /// With which house the commands were registered last.
    pub registered: Option<Arc<House>>,
    /// Whether what happens is written down.
    pub tells: bool,
    /// Texts given out so far: each is used once, so that it can be looked for.
    pub texts: u32,
    /// What happened.
    pub summary: Summary,
    seed: u64,
}

impl Run {
    /// A world at its beginning, with the program about to start.
    pub fn new(seed: u64) -> Run {
        let mut chance = Chance::new(seed);
        let shows_nonces = chance.percent(50);
        Run {
            discord: Discord::new(BEGIN, shows_nonces),
            clock: Clock::driven(Timestamp(BEGIN)),
            disk: MemoryDisk::new("simulation"),
            house: Arc::new(house::house(&[], 0)),
            process: None,
            down_until: 0,
            fixed_downtime: None,
            crash: None,
            passed: BTreeMap::new(),
            ledger: Ledger::default(),
            off: vec![],
            keen: seed % 2 == 1,
            changes: 0,
            fails: None,
            monitors: Monitors::default(),
            read: Read::default(),
            registered: None,
            tells: true,
            texts: 0,
            summary: Summary { seed, ..Summary::default() },
            seed,
            chance,
        }
    }

    /// Notes what happened.
    pub fn story(&mut self, line: impl AsRef<str>) {
        if !self.tells {
            return;
        }
        let at = self.discord.lock().now - BEGIN;
        let (s, ms) = (at / 1000, at % 1000);
        self.summary.story.push(format!("{:>5} {s:>6}.{ms:03} {}", self.summary.steps, line.as_ref()));
    }

    /// Counts a fault and tells of it.
    pub fn note(&mut self, fault: Fault) {
        *self.summary.faults.entry(fault.kind()).or_default() += 1;
        self.story(format!("FAULT {fault}"));
    }

    /// How long the process stays down after a crash, in ms: short, past what the outbox trusts
    /// a nonce for, or past what Discord remembers of it.
    pub fn downtime(&mut self) -> i64 {
        let all = [0, 2_000, 90_000, 400_000, 5_000_000];
        let drawn = *self.chance.one(if self.keen { &all[..4] } else { &all }).unwrap_or(&0);
        self.fixed_downtime.unwrap_or(drawn)
    }

    /// Lets time pass, in Discord and on the machine's clock.
    pub fn pass(&mut self, ms: i64) {
        self.discord.lock().pass(ms);
        self.clock.advance(Duration::from_millis(u64::try_from(ms).unwrap_or(0)));
    }

    /// Starts the process again, once it has been down for long enough.
    pub fn rise(&mut self) -> Result<(), Broken> {
        let due = self.discord.lock().now >= self.down_until;
        if self.process.is_none() && due { self.start() } else { Ok(()) }
    }

    /// The gateway says the `index`-th thing that it has to say.
    pub fn hear(&mut self, index: usize) -> Result<(), Broken> {
        let said = self.discord.lock().gateway.remove(index);
        let Some(event) = said else { return Ok(()) };
        if self.process.is_none() {
            return Ok(());
        }
        let input = read(event).map_err(|why| {
            Broken::new(
                "every interaction is read",
                "What Discord sends is read by serenity as it stands.",
                why,
            )
        })?;
        if let Some(p) = &mut self.process {
            p.inbox.push_back(input);
        }
        Ok(())
    }

    /// Works until nothing is left to do, as fast as the waits allow.
    ///
    /// # Errors
    /// When that takes too long, or an invariant breaks on the way.
    pub fn come_to_rest(&mut self) -> Result<(), Broken> {
        const NAME: &str = "the outbox drains";
        const SENTENCE: &str =
            "When the faults stop, everything owed is done within three quarters of an hour.";
        let mut last = self.discord.lock().now.max(self.down_until) + REST;
        loop {
            self.summary.steps += 1;
            self.rise()?;
            while !self.discord.lock().gateway.is_empty() {
                self.hear(0)?;
            }
            self.turn(usize::MAX)?;
            self.work()?;
            let now = self.discord.lock().now;
            let ready = |p: &Process| p.under_way.iter().position(|u| u.ready <= now);
            while let Some(index) = self.process.as_ref().and_then(ready) {
                self.hand_in_one(index);
            }
            let Some(p) = &self.process else {
                // It ended on the way, and has its time anew once it is back.
                let wait = self.down_until - now;
                last = last.max(self.down_until + REST);
                self.pass(wait.max(1));
                continue;
            };
            if !p.inbox.is_empty() {
                continue;
            }
            if p.under_way.is_empty() && p.outbox.is_empty() && waits_for_people(p.committer.state()) {
                return Ok(());
            }
            let machine = self.clock.now().0;
            let waits = p.under_way.iter().map(|u| u.ready - now);
            let waits = waits.chain(p.outbox.next_due().map(|due| due.0 - machine));
            let waits = waits.chain(core::next_wakeup(p.committer.state()).map(|due| due.0 - machine));
            let owed = p.outbox.len();
            let Some(wait) = waits.min() else {
                return Err(Broken::new(NAME, SENTENCE, format!("{owed} effects wait for nothing")));
            };
            if now + wait > last {
                return Err(Broken::new(NAME, SENTENCE, format!("{owed} effects wait {wait} ms more")));
            }
            self.pass(wait.max(1));
        }
    }

    /// Lets so much time pass, with all that happens by itself meanwhile: questions expire,
    /// reminders come, deadlines end runs.
    pub fn let_be(&mut self, ms: i64) -> Result<(), Broken> {
        let until = self.discord.lock().now + ms;
        while self.discord.lock().now < until {
            let left = until - self.discord.lock().now;
            let machine = self.clock.now().0;
            let due = self.process.as_ref().and_then(|p| core::next_wakeup(p.committer.state()));
            self.pass(due.map_or(left, |due| (due.0 - machine).clamp(1, left)));
            self.come_to_rest()?;
        }
        Ok(())
    }

    /// Somebody who may ends every run that waits for people.
    pub fn end_runs(&mut self) -> Result<(), Broken> {
        let going: Vec<String> =
            self.process.iter().flat_map(|p| p.committer.state().going()).map(|r| r.id.to_string()).collect();
        for run in going {
            let reason = self.text("enough");
            let options = [("run", run), ("reason", reason)];
            self.type_command(seed::Person::Lead.id(), seed::GENERAL, "runs cancel", &options);
            self.come_to_rest()?;
        }
        Ok(())
    }

    /// Everything that must hold at the end, before and after one more start.
    pub fn examine_the_end(&mut self) -> Result<(), Broken> {
        // For once from the first line on.
        self.read = Read::default();
        self.examine(invariants::IN_DISCORD)?;
        self.examine(invariants::AT_REST)?;
        self.examine(invariants::ON_DISK)?;
        self.process = None;
        self.start()?;
        self.come_to_rest()?;
        self.examine(invariants::IN_DISCORD)?;
        self.examine(invariants::AT_REST)
    }

    /// What happened, or what did not hold.
    pub fn finish(mut self, ended: Result<(), Broken>) -> Result<Summary, Failure> {
        match ended {
            Ok(()) => {
                let server = self.discord.lock();
                self.summary.requests = server.requests;
                self.summary.posts = server.messages.values().filter(|m| m.effect.is_some()).count() as u64;
                drop(server);
                self.summary.acts = self.ledger.deeds.len() as u64;
                self.summary.moments = self.passed;
                self.summary.head = self.disk.open().head().hash.to_string();
                Ok(self.summary)
            }
            Err(Broken { invariant, sentence, what }) => Err(Failure {
                seed: self.seed,
                step: self.summary.steps,
                invariant,
                sentence,
                what,
                story: self.summary.story,
            }),
        }
    }
}

/// Whether nothing happens any more until people do something, or give up: questions expire and
/// reminders come whenever they do.
fn waits_for_people(state: &State) -> bool {
    let waits = |s: &StepState| match s {
        StepState::Asked { .. } | StepState::Approving { .. } | StepState::Unknown { asking: None, .. } => {
            true
        }
        StepState::Waiting | StepState::Over(_) | StepState::Again { .. } => false,
        StepState::Going { .. } | StepState::Unknown { .. } => false,
    };
    let asks = |r: &model::Run| match r.phase {
        RunPhase::Asked { .. } => true,
        RunPhase::Going { stopping: None, .. } => r.steps.iter().any(waits),
        RunPhase::Going { .. } | RunPhase::Over { .. } => false,
    };
    state.checks.is_empty() && (core::next_wakeup(state).is_none() || state.going().all(asks))
}

/// What the gateway said, as the bot reads it.
fn read(event: Value) -> Result<Input, String> {
    let read: FromDiscord = serde_json::from_value(event).map_err(|e| e.to_string())?;
    interaction::of(read).map(Input::Interaction).ok_or_else(|| "it is a ping".to_owned())
}
