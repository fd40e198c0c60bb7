//! One life of the program: the real committer, outbox and delivery, put together as
//! `engine::thread` and `engine::driver` do, but step by step, so that it can end anywhere.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::FutureExt as _;

use super::answer::{answer, history_for};
use super::fault::Moment;
use super::invariants::{self, Broken, View};
use super::ledger::{Answered, Promise};
use super::run::Run;
use super::server::Discord;
use crate::core;
use crate::discord::{DiscordDelivery, commands};
use crate::engine::committer::Committer;
use crate::engine::outbox::{Due, Outbox, Task};
use crate::engine::{Deliver as _, Delivery, Job, prepare};
use crate::journal::memory::Fault as DiskFault;
use crate::journal::{Journal as _, MemoryJournal, Reader};
use crate::model::check::{Asked, Finding, Verdict};
use crate::model::effect::Effect;
use crate::model::event::Settlement;
use crate::model::ids::EffectId;
use crate::model::input::Input;
use crate::sandbox::world::seed;

/// What the committer's refusals begin with when the journal did not take a group.
const NOT_TAKEN: &str = "Nothing was done: ";

/// What a process has in memory, and loses when it ends.
pub struct Process {
    /// State and journal.
    pub committer: Committer<MemoryJournal>,
    /// Reads that journal.
    pub reader: Arc<dyn Reader>,
    /// What is owed.
    pub outbox: Outbox,
    delivery: DiscordDelivery<Discord>,
    journal_id: String,
    /// What waits to be decided.
    pub inbox: VecDeque<Input>,
    /// Effects whose try is over, or will be, and whose outcome is not handed in yet.
    pub under_way: Vec<UnderWay>,
}

/// A try of an effect.
pub struct UnderWay {
    id: EffectId,
    outcome: Delivery,
    /// When the outcome is there, by Discord's time.
    pub ready: i64,
}

impl Run {
    /// The program starts, on what is left on the disk.
    pub fn start(&mut self) -> Result<(), Broken> {
        let journal = self.disk.open();
        let (reader, journal_id) = (journal.reader(), journal.id().to_owned());
        let committer = Committer::open(journal, self.house.clone())
            .map_err(|down| Broken::new("every journal opens", "What was synced opens again.", down.0))?;
        let outbox = Outbox::recover(committer.state());
        let delivery = DiscordDelivery::new(Arc::new(self.discord.clone()), self.house.settings.timezone, self.clock.clone());
        let inbox = VecDeque::from([Input::Started { version: "0.0.0".to_owned() }]);
        self.story(format!("the program starts at commit {}, {} effects owed", committer.state().head, outbox.len()));
        self.process = Some(Process { committer, reader, outbox, delivery, journal_id, inbox, under_way: vec![] });
        self.summary.starts += 1;
        self.register();
        self.examine(invariants::ON_DISK)
    }

    /// Tells Discord which commands there are, as at every start and every reload.
    pub fn register(&mut self) {
        let body = commands::body(&self.house);
        {
            let mut server = self.discord.lock();
            let now = server.now;
            let _ = server.world.put_commands(now, seed::BOT, seed::APPLICATION, Some(seed::GUILD), &body);
        }
        let hash = format!("{} commands", self.house.commands.len());
        if let Some(p) = &mut self.process {
            p.committer.set_house(self.house.clone());
            if p.committer.state().commands.as_ref() != Some(&hash) {
                p.inbox.push_back(Input::CommandsRegistered { hash });
            }
        }
    }

    /// The process ends here; whatever it had in memory is gone.
    fn end(&mut self, why: Moment) {
        self.story(format!("CRASH {why:?}"));
        self.process = None;
        self.crash = None;
        self.summary.crashes += 1;
        let down = self.downtime();
        self.down_until = self.discord.lock().now + down;
        // What Discord had said to it, it will not say to the next.
        self.discord.lock().gateway.clear();
    }

    /// Whether the process ends at this moment; also counts how often each comes by.
    fn ends_at(&mut self, moment: Moment) -> bool {
        let ends = self.crash_is_due(moment);
        *self.passed.entry(moment).or_default() += 1;
        ends
    }

    fn crash_is_due(&self, moment: Moment) -> bool {
        let passed = self.passed.get(&moment).copied().unwrap_or(0);
        self.crash.is_some_and(|(m, nth)| m == moment && passed >= nth)
    }

    /// Decides on at most `most` of the inputs that wait, in one group; answers; owes.
    pub fn turn(&mut self, most: usize) -> Result<(), Broken> {
        let now = self.clock.now();
        let Some(p) = &mut self.process else { return Ok(()) };
        let waiting = most.min(p.inbox.len());
        let mut inputs: Vec<Input> = p.inbox.drain(..waiting).collect();
        if core::next_wakeup(p.committer.state()).is_some_and(|due| due <= now) {
            inputs.push(Input::Wake);
        }
        if inputs.is_empty() {
            return Ok(());
        }
        if self.crash_is_due(Moment::BeforeWrite) {
            self.end(Moment::BeforeWrite);
            return Ok(());
        }
        let cut = self.crash_is_due(Moment::BeforeSync);
        if cut {
            self.disk.next_write_meets(DiskFault::CutBeforeSync);
        }
        let Some(p) = &mut self.process else { return Ok(()) };
        let group = p.committer.commit(now, &inputs);
        let failed = group.answers.iter().any(|a| matches!(a, Err(r) if r.0.starts_with(NOT_TAKEN)));
        if failed && cut {
            self.end(Moment::BeforeSync);
            return Ok(());
        }
        if !group.commits.is_empty() {
            for moment in [Moment::BeforeWrite, Moment::BeforeSync] {
                *self.passed.entry(moment).or_default() += 1;
            }
            if self.ends_at(Moment::BeforeAnswers) {
                self.end(Moment::BeforeAnswers);
                return Ok(());
            }
        }
        let Some(p) = &mut self.process else { return Ok(()) };
        for commit in &group.commits {
            p.outbox.take_in(commit);
        }
        let mut told = vec![];
        for (input, decided) in inputs.iter().zip(group.answers) {
            match input {
                Input::Interaction(i) => {
                    let promise = Promise::of(&decided);
                    let reply = decided.unwrap_or_else(|refusal| refusal.reply());
                    let tz = self.house.settings.timezone;
                    let heard = answer(&self.discord, &*p.reader, p.committer.state(), tz, i, reply);
                    told.push(format!("interaction {} ({}) was told {promise:?}: {heard:?}", i.id, i.what()));
                    // Said twice by the gateway: the first answer is the one that counts.
                    self.ledger.answers.entry(i.id).or_insert(Answered { promise, told: heard });
                }
                Input::Settled { effect, .. } if decided.is_err() => p.outbox.later(*effect, now, None),
                _ => {}
            }
        }
        told.into_iter().for_each(|line| self.story(line));
        for commit in &group.commits {
            self.summary.commits += 1;
            self.story(format!("commit {} {:?}, owes {}", commit.seq, commit.events, commit.effects.len()));
        }
        self.examine_turn(&group.commits)?;
        if failed {
            // A failed sync: the journal takes nothing more, and whoever watches starts anew.
            self.end(Moment::AfterAnswers);
        } else if !group.commits.is_empty() && self.ends_at(Moment::AfterAnswers) {
            self.end(Moment::AfterAnswers);
        }
        Ok(())
    }

    /// Does what is due of what is owed; the outcomes are handed in later.
    pub fn work(&mut self) -> Result<(), Broken> {
        let now = self.clock.now();
        let Some(p) = &mut self.process else { return Ok(()) };
        for due in p.outbox.due(now) {
            match due {
                Due::Supersede(id) => self.hand_in(id, Delivery::Settled(Settlement::Superseded)),
                Due::Do(task) => {
                    if self.ends_at(Moment::BeforeEffect) {
                        self.end(Moment::BeforeEffect);
                        return Ok(());
                    }
                    let (id, effect) = (task.id, task.effect.in_words());
                    let tried = self.attempt(task)?;
                    self.story(format!("effect {id} ({effect}): {:?}", tried.outcome));
                    if let Some(p) = &mut self.process {
                        p.under_way.push(tried);
                    }
                    self.examine(invariants::IN_DISCORD)?;
                    if self.ends_at(Moment::AfterEffect) {
                        self.end(Moment::AfterEffect);
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// One try of one effect.
    fn attempt(&mut self, task: Task) -> Result<UnderWay, Broken> {
        let (now, there) = (self.clock.now(), self.discord.lock().now);
        let Task { id, effect, since, maybe_done } = task;
        let slow = self.chance.below(150_000);
        let Some(p) = &self.process else {
            return Ok(UnderWay { id, outcome: Delivery::Later { after: None, why: "down".to_owned() }, ready: there });
        };
        let address = match prepare::address(p.committer.state(), p.committer.house(), now, &effect) {
            Ok(address) => address,
            Err(settled) => return Ok(UnderWay { id, outcome: Delivery::Settled(settled), ready: there }),
        };
        if let Effect::Check(asked) = &effect {
            let ready = there + i64::try_from(slow).unwrap_or(0);
            return Ok(UnderWay { id, outcome: Delivery::Settled(checked(asked)), ready });
        }
        let history = match &effect {
            Effect::Say { show, .. } | Effect::Answer { show, .. } => history_for(&*p.reader, p.committer.state(), show),
            _ => None,
        };
        let journal_id = p.journal_id.clone();
        let history = history.map(Arc::new);
        let job = Job { id, effect, address, since, maybe_done, journal_id, history };
        // Nothing in the way waits for a clock or a socket, so it is done at once.
        let outcome = p.delivery.deliver(job).now_or_never().ok_or_else(|| {
            Broken::new("a delivery ends", "A delivery waits for Discord alone.", format!("effect {id} waits for something else"))
        })?;
        Ok(UnderWay { id, outcome, ready: there })
    }

    /// The outcome of a try that is over comes back to the engine.
    pub fn hand_in_one(&mut self, index: usize) {
        let Some(p) = &mut self.process else { return };
        if index < p.under_way.len() {
            let UnderWay { id, outcome, .. } = p.under_way.remove(index);
            self.hand_in(id, outcome);
        }
    }

    fn hand_in(&mut self, effect: EffectId, outcome: Delivery) {
        let now = self.clock.now();
        let Some(p) = &mut self.process else { return };
        match outcome {
            Delivery::Settled(outcome) => p.inbox.push_back(Input::Settled { effect, outcome }),
            Delivery::Later { after, .. } => p.outbox.later(effect, now, after),
        }
    }

    /// Looks whether these hold now.
    pub fn examine(&self, which: &[invariants::Invariant]) -> Result<(), Broken> {
        let Some(p) = &self.process else { return Ok(()) };
        let server = self.discord.lock();
        let view = View {
            state: p.committer.state(),
            journal: &*p.reader,
            server: &server,
            ledger: &self.ledger,
            house: &self.house,
            now: self.clock.now(),
            fresh: &[],
        };
        which.iter().try_for_each(|i| i.check(&view))
    }

    fn examine_turn(&self, fresh: &[crate::model::commit::Commit]) -> Result<(), Broken> {
        let Some(p) = &self.process else { return Ok(()) };
        let server = self.discord.lock();
        let view = View {
            state: p.committer.state(),
            journal: &*p.reader,
            server: &server,
            ledger: &self.ledger,
            house: &self.house,
            now: self.clock.now(),
            fresh,
        };
        invariants::EACH_TURN.iter().try_for_each(|i| i.check(&view))
    }
}

/// What a service answers: the first probe passes, and of the others every second one fails.
fn checked(asked: &Asked) -> Settlement {
    let finding = |(n, probe): (u64, &crate::model::check::Probe)| Finding {
        probe: probe.clone(),
        millis: 12 + n,
        expected: format!("GET /{} → HTTP 200", probe.step),
        verdict: match n % 2 {
            0 => Verdict::Passed { got: "200".to_owned() },
            _ => Verdict::Failed { got: "503".to_owned() },
        },
    };
    Settlement::Checked { findings: (0..).zip(&asked.probes).map(finding).collect() }
}
