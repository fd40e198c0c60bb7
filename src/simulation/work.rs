//! Doing what is owed, one try at a time: `engine::driver` without its tasks. A try that is over
//! is not yet handed in, so that the process can end between the two.

use std::sync::Arc;

use futures_util::FutureExt as _;

use super::answer::seen_for;
use super::fault::Moment;
use super::invariants::{self, Broken};
use super::run::Run;
use crate::engine::driver::NOT_YET;
use crate::engine::outbox::{Due, Task};
use crate::engine::prepare::{Address, Nowhere};
use crate::engine::{Deliver as _, Delivery, Job, prepare};
use crate::model::check::{Asked, Finding, Probe, Verdict};
use crate::model::effect::Effect;
use crate::model::event::Settlement;
use crate::model::ids::{EffectId, RunId};
use crate::model::input::Input;

/// A try of an effect.
pub struct UnderWay {
    /// Of which.
    pub id: EffectId,
    /// How it went.
    pub outcome: Delivery,
    /// When the outcome is there, by Discord's time.
    pub ready: i64,
    /// The run whose step it is.
    pub run: Option<RunId>,
}

impl UnderWay {
    /// A try of a step of a run.
    pub fn of_step(id: EffectId, run: RunId, outcome: Delivery, ready: i64) -> UnderWay {
        UnderWay { id, outcome, ready, run: Some(run) }
    }

    pub(super) fn of(id: EffectId, outcome: Delivery, ready: i64) -> UnderWay {
        UnderWay { id, outcome, ready, run: None }
    }
}

impl Run {
    /// Does what is due of what is owed; the outcomes are handed in later.
    pub fn work(&mut self) -> Result<(), Broken> {
        let now = self.clock.now();
        let Some(p) = &mut self.process else {
            return Ok(());
        };
        for due in p.outbox.due(now) {
            match due {
                Due::Supersede(id) => self.hand_in(id, Delivery::Settled(Settlement::Superseded)),
                Due::Do(task) => {
                    if self.ends_at(Moment::BeforeEffect) {
                        self.end(Moment::BeforeEffect);
                        return Ok(());
                    }
                    let (id, effect) = (task.id, task.effect.in_words());
                    let tried = self.attempt(*task)?;
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
        let slow = self.chance.below(150_000);
        let Some(p) = &self.process else {
            return Ok(UnderWay::of(task.id, Delivery::Later { after: None, why: "down".to_owned() }, there));
        };
        let state = p.committer.state();
        let address = match prepare::address(state, p.committer.house(), now, &task.effect) {
            Ok(address) => address,
            Err(Nowhere::Settled(settled)) => {
                return Ok(UnderWay::of(task.id, Delivery::Settled(settled), there));
            }
            Err(Nowhere::NotYet) => {
                let why = "its place is not there yet".to_owned();
                return Ok(UnderWay::of(task.id, Delivery::Later { after: Some(NOT_YET), why }, there));
            }
        };
        match &task.effect {
            Effect::Check(asked) => {
                let ready = there + i64::try_from(slow).unwrap_or(0);
                return Ok(UnderWay::of(task.id, Delivery::Settled(checked(asked)), ready));
            }
            Effect::RunStep { run, .. } => {
                let over = state.runs.get(run).is_none_or(|r| r.is_over());
                let job = prepare::step(state, p.committer.house(), &task.effect).ok_or_else(|| {
                    Broken::new(
                        "a step that is owed is known",
                        "Whatever attempt at a step is owed, its run is at hand.",
                        format!("effect {}: {:?}", task.id, task.effect),
                    )
                })?;
                return Ok(self.attempt_step(&task, job, over));
            }
            Effect::EndStep { .. } => return Ok(self.end_step(&task)),
            _ => {}
        }
        if let Effect::Page(calling) = &task.effect {
            let later = self.read.commits().iter().rev().take_while(|c| c.seq > task.id.seq);
            invariants::still_wanted(later, task.id, calling).map_err(|what| {
                Broken::new(
                    "answered is silent",
                    "Nobody is called for what somebody has answered, or what is over.",
                    what,
                )
            })?;
            if address == Address::Own {
                return Ok(self.notify(&task, there));
            }
        }
        let Task { id, effect, since, maybe_done } = task;
        let seen = effect.show().and_then(|show| seen_for(&*p.reader, p.committer.state(), show));
        let seen = seen.map(Arc::new);
        let journal_id = p.journal_id.clone();
        let reach = prepare::reach(p.committer.house(), &effect).cloned();
        let job = Job { id, effect, address, since, maybe_done, journal_id, seen, step: None, reach };
        // Nothing in the way waits for a clock or a socket, so it is done at once.
        let outcome = p.delivery.deliver(job).now_or_never().ok_or_else(|| {
            Broken::new(
                "a delivery ends",
                "A delivery waits for Discord alone.",
                format!("effect {id} waits for something else"),
            )
        })?;
        Ok(UnderWay::of(id, outcome, there))
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
}

/// What a service answers: the first probe passes, and of the others every second one fails.
fn checked(asked: &Asked) -> Settlement {
    let finding = |(n, probe): (u64, &Probe)| Finding {
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
