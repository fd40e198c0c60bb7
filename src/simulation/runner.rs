//! Does the steps of runs as `runner` does, in simulated time: what was really done is noted in
//! the ledger, which no crash forgets, and what a crash leaves behind goes on until the next life
//! of the program ends it.

use std::collections::BTreeMap;

use super::ledger::Execution;
use super::run::Run;
use super::work::UnderWay;
use crate::engine::Delivery;
use crate::engine::outbox::Task;
use crate::engine::prepare::StepJob;
use crate::model::effect::Effect;
use crate::model::event::Settlement;
use crate::model::ids::{EffectId, RunId};
use crate::model::input::Input;
use crate::model::run::{Output, Process, Ran, RanHow};
use crate::model::runbook::StepKind;

/// How long a step may take to end once it was asked to, in ms.
const GRACE: usize = 5_000;
/// How long each step takes where chance does not decide.
const FIXED: i64 = 2_000;

/// What the runner of one life remembers.
#[derive(Default)]
pub struct Memory {
    /// What came of attempts, until their run goes on.
    results: BTreeMap<EffectId, (RunId, Ran)>,
    /// Attempts of a run that are older than this are not begun any more.
    ended: BTreeMap<RunId, EffectId>,
}

fn ran(how: RanHow) -> Ran {
    Ran { how, millis: 0, captures: BTreeMap::new(), output: Output::default() }
}

fn settled(ran: Ran) -> Delivery {
    Delivery::Settled(Settlement::Ran(Box::new(ran)))
}

impl Run {
    /// One try of a step. `over` says that its run has ended.
    pub fn attempt_step(&mut self, task: &Task, job: StepJob, over: bool) -> UnderWay {
        let (now, there) = (self.clock.now(), self.discord.lock().now);
        let at_once = |ran| UnderWay::of_step(task.id, job.run, settled(ran), there);
        let Some(p) = &mut self.process else {
            return at_once(ran(RanHow::Interrupted));
        };
        if let Some((_, known)) = p.runner.results.get(&task.id) {
            return at_once(known.clone());
        }
        p.runner.results.retain(|_, (run, _)| *run != job.run);
        if task.maybe_done {
            self.end_what_is_left(&job, there);
            let interrupted = ran(RanHow::Interrupted);
            return self.known(task.id, job.run, interrupted, there);
        }
        if p.runner.ended.get(&job.run).is_some_and(|asked| task.id < *asked) {
            return self.known(task.id, job.run, ran(RanHow::Stopped), there);
        }
        let left = job.deadline.map(|d| d.0 - now.0);
        if left.is_some_and(|left| left <= 0) {
            return self.known(task.id, job.run, late(), there);
        }
        let shell = matches!(job.step.kind, StepKind::Shell(_));
        if job.dry && (shell || changes(&job)) {
            let would = RanHow::Would { what: "would do it".to_owned() };
            return self.known(task.id, job.run, ran(would), there);
        }
        let name = job.step.label();
        let (took, mut ran) = match self.fails {
            Some(fails) => (FIXED, outcome(if fails.contains(&name.as_str()) { 1 } else { 0 })),
            None => {
                let long = self.chance.weighted(&[70, 25, 5]);
                let most = [3_000, 20_000, 200_000];
                let took = self.chance.below(most.get(long).copied().unwrap_or(1_000));
                let how = self.chance.weighted(&[76, 14, 10]);
                (i64::try_from(took).unwrap_or(0), outcome(how))
            }
        };
        let mut until = there + took;
        if let Some(left) = left
            && left < took
        {
            (until, ran) = (there + left, late());
        }
        ran.millis = u64::try_from(until - there).unwrap_or(0);
        if let (StepKind::Http(http), RanHow::Passed { .. }) = (&job.step.kind, &ran.how) {
            let captured = http.captures.iter().map(|c| (c.name.clone(), format!("{}", task.id)));
            ran.captures = captured.collect();
        }
        if let (Some(p), true) = (&mut self.process, shell) {
            let started = u64::try_from(there).unwrap_or(0);
            let process = Process { pid: 4_000 + job.run.0, started, boot: "the only one".to_owned() };
            let (run, step, attempt) = (job.run, job.at, job.attempt);
            p.inbox.push_back(Input::Spawned { run, step, attempt, process });
        }
        self.ledger.executions.push(Execution {
            effect: task.id,
            run: job.run,
            at: job.at,
            attempt: job.attempt,
            step: job.step,
            values: job.values,
            dry: job.dry,
            from: there,
            until,
            too_late: over,
        });
        self.known(task.id, job.run, ran, until)
    }

    /// Ends the step of a run that is under way, and keeps older ones from beginning.
    pub fn end_step(&mut self, task: &Task) -> UnderWay {
        let there = self.discord.lock().now;
        let Effect::EndStep { run } = task.effect else {
            return UnderWay::of_step(task.id, RunId(0), Delivery::Settled(Settlement::Shown), there);
        };
        let grace = if self.fails.is_some() { 0 } else { self.chance.below(GRACE) };
        let end = there + i64::try_from(grace).unwrap_or(0);
        if let Some(p) = &mut self.process {
            let last = p.runner.ended.entry(run).or_insert(task.id);
            *last = (*last).max(task.id);
            for u in p.under_way.iter_mut().filter(|u| u.run == Some(run) && u.id < task.id && u.ready > end)
            {
                let stopped = ran(RanHow::Stopped);
                p.runner.results.insert(u.id, (run, stopped.clone()));
                (u.outcome, u.ready) = (settled(stopped), end);
                for e in self.ledger.executions.iter_mut().filter(|e| e.effect == u.id) {
                    e.until = e.until.min(end);
                }
            }
        }
        UnderWay::of_step(task.id, run, Delivery::Settled(Settlement::Shown), there)
    }

    /// What an earlier life left of this attempt is ended.
    fn end_what_is_left(&mut self, job: &StepJob, now: i64) {
        let mut left = None;
        let same = |e: &&mut Execution| (e.run, e.at, e.attempt) == (job.run, job.at, job.attempt);
        for e in self.ledger.executions.iter_mut().filter(same) {
            left =
                Some(if e.until > now { "cut short in the middle" } else { "cut short after it was done" });
            e.until = e.until.min(now);
        }
        self.count(left.unwrap_or("cut short before it was begun"));
    }

    /// What comes of it is remembered until the run goes on.
    fn known(&mut self, id: EffectId, run: RunId, ran: Ran, ready: i64) -> UnderWay {
        if let Some(p) = &mut self.process {
            p.runner.results.insert(id, (run, ran.clone()));
        }
        UnderWay::of_step(id, run, settled(ran), ready)
    }
}

fn late() -> Ran {
    ran(RanHow::Broke { why: "the run's time was over before this step's; it was ended".to_owned() })
}

fn changes(job: &StepJob) -> bool {
    matches!(&job.step.kind, StepKind::Http(http) if !http.reads())
}

fn outcome(which: usize) -> Ran {
    ran(match which {
        0 => RanHow::Passed { got: "exit 0".to_owned() },
        1 => RanHow::Failed { why: "exit 1".to_owned() },
        _ => RanHow::Broke { why: "no such program".to_owned() },
    })
}
