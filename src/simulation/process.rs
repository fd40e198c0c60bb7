//! One life of the program: the real committer, outbox and delivery, put together as
//! `engine::thread` and `engine::driver` do, but step by step, so that it can end anywhere.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::answer::answer;
use super::coverage;
use super::fault::Moment;
use super::invariants::{self, Broken, Invariant, Ladders, View};
use super::ledger::{Answered, Promise};
use super::quiet;
use super::run::Run;
use super::runner::Memory;
use super::server::Discord;
use super::work::UnderWay;
use crate::core;
use crate::discord::{DiscordDelivery, commands};
use crate::engine::committer::Committer;
use crate::engine::driver::is_strike;
use crate::engine::outbox::Outbox;
use crate::journal::memory::Fault as DiskFault;
use crate::journal::{Head, Journal as _, MemoryJournal, Reader};
use crate::model::alert::{GroupNews, News, Why};
use crate::model::commit::{Cause, Commit};
use crate::model::event::{Event, Settlement};
use crate::model::ids::{EffectId, Seq};
use crate::model::input::Input;
use crate::model::run::{RunEnd, Stopping};
use crate::model::triage::Decided;
use crate::sandbox::world::seed;

/// What a process has in memory, and loses when it ends.
pub struct Process {
    /// State and journal.
    pub committer: Committer<MemoryJournal>,
    /// Reads that journal.
    pub reader: Arc<dyn Reader>,
    /// What is owed.
    pub outbox: Outbox,
    /// Does it.
    pub delivery: DiscordDelivery<Discord>,
    /// What it knows of steps.
    pub runner: Memory,
    /// The journal's random id.
    pub journal_id: String,
    /// What waits to be decided.
    pub inbox: VecDeque<Input>,
    /// Effects whose try is over, or will be, and whose outcome is not handed in yet.
    pub under_way: Vec<UnderWay>,
}

impl Run {
    /// The program starts, on what is left on the disk.
    pub fn start(&mut self) -> Result<(), Broken> {
        let journal = self.disk.open();
        let (reader, journal_id) = (journal.reader(), journal.id().to_owned());
        let committer = Committer::open(journal, self.house.clone())
            .map_err(|down| Broken::new("every journal opens", "What was synced opens again.", down.0))?;
        let outbox = Outbox::recover(committer.state());
        let delivery = DiscordDelivery::new(
            Arc::new(self.discord.clone()),
            self.house.settings.timezone,
            self.clock.clone(),
        );
        let inbox = VecDeque::from([Input::Started { version: "0.0.0".to_owned() }]);
        self.story(format!(
            "the program starts at commit {}, {} effects owed",
            committer.state().head,
            outbox.len()
        ));
        let (runner, under_way) = (Memory::default(), vec![]);
        self.process =
            Some(Process { committer, reader, outbox, delivery, runner, journal_id, inbox, under_way });
        self.summary.starts += 1;
        self.register();
        self.examine(invariants::ON_DISK)
    }

    /// Tells Discord which commands there are, at a start and a reload, where it does not have just these.
    pub fn register(&mut self) {
        if !self.registered.as_ref().is_some_and(|with| Arc::ptr_eq(with, &self.house)) {
            let body = commands::body(&self.house);
            let mut server = self.discord.lock();
            let now = server.now;
            let _ = server.world.put_commands(now, seed::BOT, seed::APPLICATION, Some(seed::GUILD), &body);
            drop(server);
            self.registered = Some(self.house.clone());
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
    pub fn end(&mut self, why: Moment) {
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
    pub fn ends_at(&mut self, moment: Moment) -> bool {
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
        let Some(p) = &mut self.process else {
            return Ok(());
        };
        let waiting = most.min(p.inbox.len());
        let mut inputs: Vec<Input> = p.inbox.drain(..waiting).collect();
        if core::is_due(p.committer.state(), now) {
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
        let Some(p) = &mut self.process else {
            return Ok(());
        };
        let group = p.committer.commit(now, &inputs);
        let failed = p.committer.down().is_some();
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
        let Some(p) = &mut self.process else {
            return Ok(());
        };
        for commit in &group.commits {
            p.outbox.take_in(commit);
        }
        if group.commits.iter().any(is_strike) {
            p.outbox.refresh(&p.committer.state().unsettled);
        }
        let mut told = vec![];
        for (input, decided) in inputs.iter().zip(group.answers) {
            match input {
                Input::Interaction(i) => {
                    let promise = Promise::of(&decided);
                    let reply = decided.unwrap_or_else(|refusal| refusal.reply());
                    let tz = self.house.settings.timezone;
                    let heard = answer(&self.discord, &*p.reader, p.committer.state(), tz, i, reply);
                    if self.tells {
                        let line =
                            format!("interaction {} ({}) was told {promise:?}: {heard:?}", i.id, i.what());
                        told.push(line);
                    }
                    // Said twice by the gateway: the first answer is the one that counts.
                    self.ledger.answers.entry(i.id).or_insert(Answered { promise, told: heard });
                }
                Input::Alerts(batch) if decided.is_ok() => self.monitors.answered(batch),
                Input::Settled { effect, .. } if decided.is_err() => p.outbox.later(*effect, now, None),
                _ => {}
            }
        }
        told.into_iter().for_each(|line| self.story(line));
        for commit in &group.commits {
            self.summary.commits += 1;
            commit.events.iter().filter_map(|e| milestone(commit, e)).for_each(|what| self.count(what));
            if self.tells {
                let owes = commit.effects.len();
                self.story(format!("commit {} {:?}, owes {owes}", commit.seq, commit.events));
            }
        }
        // A state that is ahead of the disk is decided on no more: what was due in it stays due.
        if !failed {
            self.examine_with(invariants::EACH_TURN, &group.commits)?;
        }
        if failed {
            // A failed sync: the journal takes nothing more, and whoever watches starts anew.
            self.end(Moment::AfterAnswers);
        } else if !group.commits.is_empty() && self.ends_at(Moment::AfterAnswers) {
            self.end(Moment::AfterAnswers);
        }
        Ok(())
    }

    /// Counts something that happened to a run or a triage.
    pub fn count(&mut self, what: &'static str) {
        *self.summary.runs.entry(what).or_default() += 1;
    }

    /// Looks whether these hold now.
    pub fn examine(&mut self, which: &[Invariant]) -> Result<(), Broken> {
        self.examine_with(which, &[])
    }

    fn examine_with(&mut self, which: &[Invariant], fresh: &[Commit]) -> Result<(), Broken> {
        let Some(p) = &self.process else {
            return Ok(());
        };
        self.read.on(&*p.reader, fresh.iter().any(is_strike));
        let server = self.discord.lock();
        let view = View {
            state: p.committer.state(),
            journal: &*p.reader,
            server: &server,
            ledger: &self.ledger,
            monitors: &self.monitors,
            house: &self.house,
            now: self.clock.now(),
            fresh,
            commits: self.read.commits(),
            ladders: &self.read.ladders,
            given_up: &self.read.given_up,
        };
        which.iter().try_for_each(|i| i.check(&view))
    }
}

/// What was read from the disk. Each line is read once: the hash of the last one stands for all before
/// it, and where the disk has another there, everything is read anew.
#[derive(Default)]
pub struct Read {
    commits: Vec<Commit>,
    ladders: Ladders,
    given_up: BTreeSet<EffectId>,
    head: Option<Head>,
}

impl Read {
    /// Everything on the disk, in order.
    pub fn commits(&self) -> &[Commit] {
        &self.commits
    }

    /// Reads on; from the beginning where lines may have `changed`.
    fn on(&mut self, reader: &dyn Reader, changed: bool) {
        let head = Some(reader.head());
        if self.head == head && !changed {
            return;
        }
        let same = |h: &Head| !changed && reader.hash_at(h.seq).is_ok_and(|there| there == *h);
        let next = match self.head.filter(same) {
            Some(known) => known.seq.next(),
            None => {
                self.commits.clear();
                self.ladders = Ladders::default();
                self.given_up.clear();
                Seq(1)
            }
        };
        for commit in reader.from(next).map_while(Result::ok) {
            self.ladders.take(&commit);
            self.given_up.extend(commit.events.iter().filter_map(|e| match e {
                Event::Settled { effect, outcome: Settlement::GaveUp { .. } } => Some(*effect),
                _ => None,
            }));
            self.commits.push(commit);
        }
        self.head = head;
    }
}

/// Whether somebody pressed *Run again*.
fn again(cause: &Cause) -> bool {
    matches!(cause, Cause::Interaction { what, .. } if what.starts_with("button m1 run-again"))
}

/// What is worth counting of what happens to runs and triages.
fn milestone(commit: &Commit, event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::RunAsked { plan, .. } if plan.dry => "dry",
        Event::RunAsked { .. } => "asked for",
        Event::StepBegan { .. } if again(&commit.cause) => "run again",
        Event::RunAgreed { step: None, .. } => "agreed to",
        Event::RunAgreed { step: Some(_), .. } => "a question agreed to",
        Event::GlassBroken { .. } => "glass broken",
        Event::StepUnknown { .. } => "nobody knows",
        Event::VerifyBegan { .. } => "verified",
        Event::StepRetried { .. } => "retried",
        Event::StepReminded { .. } => "reminded",
        Event::StepSpawned { .. } => "spawned",
        Event::RunStopping { why: Stopping::Late, .. } => "late",
        Event::UndoBegan { .. } => "undo begun",
        Event::LockBroken { .. } => "lock broken",
        Event::RunEnded { how, .. } => match how {
            RunEnd::Passed => "passed",
            RunEnd::Failed { .. } => "failed",
            RunEnd::Cancelled { .. } => "cancelled",
            RunEnd::Refused { by: Some(_) } => "refused",
            RunEnd::Refused { by: None } => "expired",
            RunEnd::Voided { .. } => "void",
            RunEnd::Undone { .. } => "taken back",
        },
        Event::TriageAsked { .. } => "triage asked",
        Event::TriageDecided { how: Decided::NoIncident, .. } => "no incident",
        Event::TriageDecided { how: Decided::Opened { overruled: None, .. }, .. } => "triage opened",
        Event::TriageDecided { how: Decided::Opened { .. }, .. } => "triage overruled",
        Event::PeopleTold(_) => "people told",
        Event::AlertsReceived(received) => match received.alerts.first()?.news {
            News::New => "alert new",
            News::Again => "alert back",
            News::Changed => "alert changed",
            News::Renewed => "alert renewed for long",
            News::Left | News::Joined => "alert moved",
            News::Over => "alert over",
        },
        Event::Alerts { news: GroupNews::Told { why, .. }, .. } => match why {
            Why::First => "alert told",
            Why::Repeat => "alert repeated",
            Why::Over => "alert's end told",
            _ => return quiet::milestone(event),
        },
        Event::Alerts { news: GroupNews::Expired(_), .. } => "alert expired",
        Event::Alerts { news: GroupNews::Settling, .. } => "alert flaps",
        Event::Alerts { news: GroupNews::Linked { .. }, .. } => "alert's incident",
        Event::StormBegan { .. } => "storm",
        Event::StormEnded { .. } => "storm over",
        event => return quiet::milestone(event).or_else(|| coverage::of_pages(commit, event)),
    })
}
