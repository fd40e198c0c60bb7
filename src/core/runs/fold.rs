//! A run as a fold over what happened: the state keeps it so, and its card shows it so, however
//! long ago it was.

use std::sync::Arc;

use crate::kit::time::Timestamp;
use crate::model::commit::Commit;
use crate::model::effect::Effect;
use crate::model::event::{Event, Settlement};
use crate::model::ids::RunId;
use crate::model::incident::{Card, Stamp, Thread};
use crate::model::run::{Reminded, Run, RunEnd, RunPhase, StepEnd, StepOver, StepState};
use crate::model::runbook::step::OnFail;

/// The run that an event is about; a settled effect's is known from the effect.
pub fn about(event: &Event) -> Option<RunId> {
    match event {
        Event::RunAsked { run, .. }
        | Event::RunAgreed { run, .. }
        | Event::GlassBroken { run, .. }
        | Event::RunConfirmed { run, .. }
        | Event::RunBegan { run }
        | Event::StepBegan { run, .. }
        | Event::VerifyBegan { run, .. }
        | Event::StepSpawned { run, .. }
        | Event::StepAsked { run, .. }
        | Event::StepReminded { run, .. }
        | Event::StepRetried { run, .. }
        | Event::StepUnknown { run, .. }
        | Event::StepEnded { run, .. }
        | Event::RunStopping { run, .. }
        | Event::UndoBegan { run, .. }
        | Event::LockBroken { run, .. }
        | Event::RunEnded { run, .. } => Some(*run),
        _ => None,
    }
}

/// The run that an effect is about.
pub fn of_effect(effect: &Effect) -> Option<RunId> {
    match effect {
        Effect::PostRun { run, .. }
        | Effect::EditRun { run, .. }
        | Effect::OpenRunThread { run, .. }
        | Effect::RunStep { run, .. }
        | Effect::EndStep { run } => Some(*run),
        _ => None,
    }
}

/// The run in commits about it. They come oldest first and may hold more. `None` when its
/// beginning is not among them.
pub fn fold<'a>(wanted: RunId, commits: impl IntoIterator<Item = &'a Commit>) -> Option<Run> {
    let mut run: Option<Run> = None;
    for commit in commits {
        let mut mine = false;
        for event in commit.events.iter().filter(|e| about(e) == Some(wanted)) {
            mine = true;
            match &mut run {
                None => run = begun(commit.at, event),
                Some(run) => take_in(run, commit.at, event),
            }
        }
        // A commit settles one effect, so an attempt that it settles is this run's.
        for event in commit.events.iter().filter(|_| mine) {
            if let (Event::Settled { outcome, .. }, Some(run)) = (event, &mut run) {
                captured(run, outcome);
            }
        }
    }
    run
}

/// The run that begins with this event.
pub fn begun(at: Timestamp, event: &Event) -> Option<Run> {
    let Event::RunAsked { run, plan, by, incident, channel } = event else {
        return None;
    };
    let steps = plan.all().count();
    let until = plan.approve.as_ref().map_or(at, |a| at.after(a.within));
    Some(Run {
        id: *run,
        plan: Arc::new((**plan).clone()),
        hash: plan.hash(),
        asked: Stamp { at, by: by.clone() },
        incident: *incident,
        channel: *channel,
        phase: RunPhase::Asked { until },
        steps: vec![StepState::Waiting; steps],
        attempts: vec![0; steps],
        captures: Default::default(),
        agreed: vec![],
        confirmed: None,
        glass: None,
        trouble: None,
        card: Card::Owed,
        thread: Thread::Owed,
        commits: vec![],
    })
}

/// Takes in what happened to it at `at`.
pub fn take_in(run: &mut Run, at: Timestamp, event: &Event) {
    match event {
        Event::RunAgreed { by, .. } => run.agreed.push(Stamp { at, by: by.clone() }),
        Event::GlassBroken { reason, .. } => run.glass = Some(reason.clone()),
        Event::RunConfirmed { by, .. } => run.confirmed = Some(Stamp { at, by: by.clone() }),
        Event::RunBegan { .. } => {
            let deadline = run.plan.deadline.filter(|_| !run.plan.dry).map(|d| at.after(d));
            run.phase = RunPhase::Going { since: at, deadline, stopping: None, undoing: None };
        }
        Event::StepBegan { step, attempt, .. } => {
            set(run, *step, StepState::Going { attempt: *attempt, since: at, process: None });
            tried(run, *step, *attempt);
        }
        Event::VerifyBegan { step, by, attempt, .. } => {
            let since = match run.steps.get(usize::from(*step)) {
                Some(StepState::Unknown { since, .. }) => *since,
                _ => at,
            };
            let (process, reminded) = (None, Reminded::default());
            set(run, *step, StepState::Unknown { since, asking: Some(*by), process, reminded });
            tried(run, *by, *attempt);
        }
        Event::StepSpawned { step, attempt, process, .. } => {
            if let Some(StepState::Going { attempt: now, process: known, .. }) =
                run.steps.get_mut(usize::from(*step))
                && now == attempt
            {
                *known = Some(process.clone());
            }
            // Or it is the one that is asked about another.
            for state in &mut run.steps {
                if let StepState::Unknown { asking: Some(by), process: known, .. } = state
                    && by == step
                {
                    *known = Some(process.clone());
                }
            }
        }
        Event::StepAsked { step, .. } => {
            let question = run.step(*step).and_then(|s| match &s.kind {
                crate::model::runbook::StepKind::Approve(q) => Some(q.approve.within),
                _ => None,
            });
            let state = match question {
                Some(within) => StepState::Approving { since: at, until: at.after(within) },
                None => StepState::Asked { since: at, reminded: Reminded::default() },
            };
            // Who agreed to begin has not agreed to this.
            run.agreed.clear();
            set(run, *step, state);
        }
        Event::StepReminded { step, .. } => {
            if let Some(StepState::Asked { reminded, .. } | StepState::Unknown { reminded, .. }) =
                run.steps.get_mut(usize::from(*step))
            {
                *reminded = Reminded { times: reminded.times + 1, last: Some(at) };
            }
        }
        Event::StepRetried { step, at: again, why, .. } => {
            set(run, *step, StepState::Again { at: *again, why: why.clone() });
        }
        Event::StepUnknown { step, .. } => {
            let (process, reminded) = (None, Reminded::default());
            set(run, *step, StepState::Unknown { since: at, asking: None, process, reminded });
        }
        Event::StepEnded { step, how, by, millis, words, tail, .. } => {
            let over = StepOver {
                how: *how,
                at,
                millis: *millis,
                by: by.clone(),
                words: words.clone(),
                tail: tail.clone(),
            };
            set(run, *step, StepState::Over(over));
            if *how == StepEnd::Failed && run.trouble.is_none() {
                run.trouble = trouble(run, *step).map(|label| format!("{label}: {words}"));
            }
        }
        Event::RunStopping { why, .. } => {
            if let RunPhase::Going { stopping, .. } = &mut run.phase {
                *stopping = Some(why.clone());
            }
        }
        Event::UndoBegan { why, .. } => {
            run.phase =
                RunPhase::Going { since: at, deadline: None, stopping: None, undoing: Some(why.clone()) };
        }
        Event::RunEnded { how, .. } => end(run, at, how),
        _ => {}
    }
}

/// What a failed step is called, where its failure is not to be passed over: its runbook neither
/// goes on nor has another step of the line for it.
fn trouble(run: &Run, at: u16) -> Option<String> {
    let step = run.step(at)?;
    let over = match &step.options.on_fail {
        OnFail::Continue => false,
        OnFail::Stop => true,
        OnFail::Step(name) => {
            run.plan.named(name.as_str()).is_none_or(|to| usize::from(to) >= run.plan.steps.len())
        }
    };
    over.then(|| step.label())
}

fn end(run: &mut Run, at: Timestamp, how: &RunEnd) {
    let began = match run.phase {
        RunPhase::Going { since, .. } => Some(since),
        RunPhase::Asked { .. } => None,
        RunPhase::Over { began, .. } => began,
    };
    run.phase = RunPhase::Over { began, at, how: how.clone() };
}

/// Takes in what a step captured. It stands in the settlement, beside the step's end.
pub fn captured(run: &mut Run, outcome: &Settlement) {
    if let Settlement::Ran(ran) = outcome {
        run.captures.extend(ran.captures.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

fn set(run: &mut Run, step: u16, state: StepState) {
    if let Some(slot) = run.steps.get_mut(usize::from(step)) {
        *slot = state;
    }
}

fn tried(run: &mut Run, step: u16, attempt: u32) {
    if let Some(last) = run.attempts.get_mut(usize::from(step)) {
        *last = attempt;
    }
}
