//! Which step comes next, until somebody or something has to be waited for.

use super::desk::Desk;
use crate::kit::text;
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::run::{RunEnd, RunPhase, StepAt, StepEnd, StepState, Stopping};
use crate::model::runbook::step::OnFail;
use crate::model::runbook::{StepKind, StepName, Undo};

/// Goes on as far as it can.
pub fn advance(desk: &mut Desk<'_>) {
    loop {
        let RunPhase::Going { stopping, undoing, .. } = &desk.run.phase else {
            return;
        };
        let (stopping, undoing) = (stopping.clone(), undoing.clone());
        if let Some(why) = stopping {
            if !let_go(desk) {
                return;
            }
            stopped(desk, why);
            continue;
        }
        if open(desk).is_some() {
            return;
        }
        match undoing {
            Some(why) => undo_next(desk, why),
            None => match desk.run.trouble.clone() {
                Some(why) => after_failure(desk, why),
                None => next(desk),
            },
        }
    }
}

/// The step that somebody or something is busy with.
fn open(desk: &Desk<'_>) -> Option<StepAt> {
    let open = |s: &StepState| !matches!(s, StepState::Waiting | StepState::Over(_));
    desk.run.steps.iter().position(open).and_then(|at| StepAt::try_from(at).ok())
}

/// Ends what only waits. `false` while a program is still being ended.
fn let_go(desk: &mut Desk<'_>) -> bool {
    let Some(at) = open(desk) else { return true };
    match &desk.run.steps[usize::from(at)] {
        StepState::Going { .. } | StepState::Unknown { asking: Some(_), .. } => false,
        StepState::Unknown { asking: None, .. } => {
            desk.end(at, StepEnd::Stopped, None, "cut short; nobody knows whether it worked");
            true
        }
        _ => {
            desk.end(at, StepEnd::Stopped, None, "the run was ended before");
            true
        }
    }
}

/// Everything has come to rest: the run is over.
fn stopped(desk: &mut Desk<'_>, why: Stopping) {
    let how = match why {
        Stopping::Cancelled { by, why } => RunEnd::Cancelled { by, why },
        Stopping::Late => {
            let allowed = desk.run.plan.deadline.map(crate::kit::time::spoken).unwrap_or_default();
            let why = format!("it was not through in {allowed}");
            return fail(desk, why);
        }
    };
    desk.finish(how);
}

/// The next step of the line, or the end.
fn next(desk: &mut Desk<'_>) {
    let line = desk.run.plan.steps.len();
    let waiting = desk.run.steps.iter().take(line).position(|s| *s == StepState::Waiting);
    let Some(at) = waiting.and_then(|at| StepAt::try_from(at).ok()) else {
        return desk.finish(RunEnd::Passed);
    };
    match held_back(desk, at) {
        Some(why) => desk.end(at, StepEnd::Skipped, None, why),
        None => begin(desk, at),
    }
}

/// Why a step is passed over: its condition is not met, or what it needs did not pass.
fn held_back(desk: &Desk<'_>, at: StepAt) -> Option<String> {
    let options = &desk.run.step(at)?.options;
    let passed = |name: &str| {
        let (at, _) = desk.run.named(name)?;
        match desk.run.ended(at)? {
            StepEnd::Passed | StepEnd::Would => Some(true),
            StepEnd::Failed | StepEnd::Warned => Some(false),
            _ => None,
        }
    };
    if let Some(condition) = &options.condition
        && passed(condition.step.as_str()) != Some(condition.passed)
    {
        let wanted = if condition.passed { "passed" } else { "failed" };
        return Some(format!("only if {} {wanted}", condition.step));
    }
    let missing = options.needs.iter().find(|n| passed(n.as_str()) != Some(true));
    missing.map(|n| format!("needs {n}, which did not pass"))
}

/// A step's turn has come.
pub fn begin(desk: &mut Desk<'_>, at: StepAt) {
    let run = desk.id();
    let Some(step) = desk.run.step(at).cloned() else { return };
    let dry = desk.run.plan.dry;
    match &step.kind {
        StepKind::Http(_) | StepKind::Shell(_) if desk.run.wants_name(at) => {
            desk.emit(Event::StepAsked { run, step: at });
        }
        StepKind::Http(_) | StepKind::Shell(_) => attempt(desk, at),
        StepKind::Approve(q) if dry => {
            let text = format!("{} of role {} would be asked", q.approve.count, q.approve.role);
            desk.end(at, StepEnd::Would, None, text);
        }
        _ if dry => desk.end(at, StepEnd::Would, None, "a person would do this"),
        StepKind::Approve(q) => {
            desk.emit(Event::StepAsked { run, step: at });
            let question = q.text.clone().unwrap_or_else(|| step.label());
            let text = format!(
                "**{run}** asks before it goes on: {}",
                text::escape_markdown(&text::line(&question))
            );
            let roles = desk.role(&q.approve.role);
            desk.call(roles, vec![], text);
        }
        // What this version does not judge by itself, a person does.
        _ => desk.emit(Event::StepAsked { run, step: at }),
    }
}

/// A program does it, once more.
pub fn attempt(desk: &mut Desk<'_>, at: StepAt) {
    let run = desk.id();
    let attempt = desk.run.attempts.get(usize::from(at)).copied().unwrap_or(0) + 1;
    desk.emit(Event::StepBegan { run, step: at, attempt });
    desk.owe(Effect::RunStep { run, step: at, attempt });
}

/// A step failed, and its runbook says what follows: on in the line, past what lies between.
pub fn jump(desk: &mut Desk<'_>, from: StepAt) {
    let Some(OnFail::Step(name)) = desk.run.step(from).map(|s| s.options.on_fail.clone()) else {
        return;
    };
    let line = desk.run.plan.steps.len();
    let Some(to) = desk.run.plan.named(name.as_str()).filter(|to| usize::from(*to) < line) else {
        return;
    };
    for between in from + 1..to {
        if desk.run.steps.get(usize::from(between)) == Some(&StepState::Waiting) {
            desk.end(between, StepEnd::Skipped, None, format!("{name} comes after a failure"));
        }
    }
}

/// It will not end well: first the step that the runbook has for that, then the end.
fn after_failure(desk: &mut Desk<'_>, why: String) {
    let line = desk.run.plan.steps.len();
    let handler = desk.run.plan.all().find_map(|(at, step)| {
        let OnFail::Step(name) = &step.options.on_fail else { return None };
        let (handler, state) = desk.run.named(name.as_str())?;
        let failed = desk.run.ended(at) == Some(StepEnd::Failed);
        (failed && usize::from(handler) >= line && *state == StepState::Waiting).then_some(handler)
    });
    match handler {
        Some(at) => begin(desk, at),
        None => fail(desk, why),
    }
}

fn fail(desk: &mut Desk<'_>, why: String) {
    if desk.run.plan.undo == Undo::Auto && !desk.run.undoable().is_empty() {
        let run = desk.id();
        desk.emit(Event::UndoBegan { run, by: None, why });
    } else {
        desk.finish(RunEnd::Failed { why });
    }
}

/// The next deed that is taken back, or the end.
fn undo_next(desk: &mut Desk<'_>, why: String) {
    let plan = &desk.run.plan;
    let takes_back = |name: &StepName| plan.steps.iter().any(|s| s.options.undo.as_ref() == Some(name));
    let since = match desk.run.phase {
        RunPhase::Going { since, .. } => since,
        _ => desk.now,
    };
    // One that failed when it was taken back before is left; those behind it still can be.
    let fails = |at: StepAt| {
        let state = desk.run.steps.get(usize::from(at));
        matches!(state, Some(StepState::Over(o)) if o.how == StepEnd::Failed && o.at >= since)
    };
    let failed = plan.all().find(|(at, step)| fails(*at) && step.name.as_ref().is_some_and(takes_back));
    if let Some((at, _)) = failed {
        let label = desk.run.step(at).map(|s| s.label()).unwrap_or_default();
        return desk.finish(RunEnd::Failed { why: format!("{why}; taking it back failed too, at {label}") });
    }
    match desk.run.undoable().first() {
        Some(at) => begin(desk, *at),
        None => desk.finish(RunEnd::Undone { why }),
    }
}
