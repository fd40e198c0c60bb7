//! What people do with a run that is under way: cancel it, tick its steps, decide about one that
//! was cut short, take back what it did.

use std::time::Duration;

use super::advance::{advance, attempt, jump};
use super::ask::free;
use super::desk::Desk;
use super::may_run;
use super::who::Who;
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::spoken;
use crate::model::button::FormKind;
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::reply::{Field, Form, Refusal, Reply};
use crate::model::run::{RunEnd, RunPhase, StepAt, StepEnd, StepState, Stopping};
use crate::model::runbook::StepKind;

/// How long after its end a run may be taken back with one press.
const UNDO_WITHIN: Duration = Duration::from_secs(30 * 60);

/// Ends a run: whoever may start it, whoever may agree to it, and who asked for it.
pub fn cancel(mut desk: Desk<'_>, who: &Who, why: Option<&str>) -> Result<Outcome, Refusal> {
    let plan = &desk.run.plan;
    let approver = plan.approve.as_ref().is_some_and(|a| desk.house.settings.holds(&a.role, &who.roles));
    if !approver && !desk.run.asked.by.is(&who.person) {
        may_run(desk.house, who, plan)?;
    }
    let run = desk.id();
    let (by, why) = (who.person.clone(), why.map(text::line).filter(|w| !w.is_empty()));
    match &desk.run.phase {
        RunPhase::Over { .. } => return Err(Refusal::new(format!("**{run}** is over already."))),
        RunPhase::Asked { .. } => desk.finish(RunEnd::Cancelled { by, why }),
        RunPhase::Going { stopping: Some(_), .. } => {
            return Err(Refusal::new(format!("**{run}** is being ended already.")));
        }
        RunPhase::Going { .. } => end(&mut desk, Stopping::Cancelled { by, why }),
    }
    Ok(desk.done(format!("**{run}** is being ended.")))
}

/// Ends what is under way, and then the run.
pub fn end(desk: &mut Desk<'_>, why: Stopping) {
    let run = desk.id();
    let program = desk
        .run
        .steps
        .iter()
        .any(|s| matches!(s, StepState::Going { .. } | StepState::Unknown { asking: Some(_), .. }));
    desk.emit(Event::RunStopping { run, why });
    if program {
        desk.owe(Effect::EndStep { run });
    }
    advance(desk);
}

/// Takes the lock from a run, and ends that run: two never hold it.
pub fn unlock(mut desk: Desk<'_>, who: &Who, reason: &str) -> Result<Outcome, Refusal> {
    let run = desk.id();
    let reason = text::cut(&text::line(reason), 500);
    if reason.is_empty() {
        return Err(Refusal::new("Write why: it stands in the record."));
    }
    let Some(lock) = desk.run.holds().map(str::to_owned) else {
        return Err(Refusal::new(format!("**{run}** holds no lock.")));
    };
    let by = who.person.clone();
    desk.emit(Event::LockBroken { run, lock: lock.clone(), by: by.clone(), reason: reason.clone() });
    let text = format!(
        "🔓 {} takes the lock `{lock}` from **{run}**, which ends: {}",
        by.in_markdown(),
        text::escape_markdown(&reason)
    );
    desk.call_asker(text);
    if matches!(desk.run.phase, RunPhase::Going { stopping: None, .. }) {
        end(&mut desk, Stopping::Cancelled { by, why: Some(reason) });
    }
    Ok(desk.done(format!("**{run}** is being ended; then `{lock}` is free.")))
}

/// The step that waits for a person at this place.
fn waits(desk: &Desk<'_>, who: &Who, at: StepAt) -> Result<(), Refusal> {
    may_run(desk.house, who, &desk.run.plan)?;
    match desk.run.steps.get(usize::from(at)) {
        Some(StepState::Asked { .. }) if desk.run.wants_name(at) => Err(Refusal::new(format!(
            "Type the service's name first, `{}`: this step changes something.",
            desk.run.plan.service
        ))),
        Some(StepState::Asked { .. }) => Ok(()),
        Some(StepState::Over(over)) => Err(Refusal::new(format!(
            "That step is over already{}. The card shows where **{}** stands.",
            over.by.as_ref().map(|p| format!(": {} ticked it", p.in_markdown())).unwrap_or_default(),
            desk.id()
        ))),
        _ => Err(Refusal::new(format!(
            "**{}** does not wait for that step now. Its card shows which one it is.",
            desk.id()
        ))),
    }
}

/// A person did the step.
pub fn done(mut desk: Desk<'_>, who: &Who, at: StepAt) -> Result<Outcome, Refusal> {
    waits(&desk, who, at)?;
    let words = match desk.run.step(at).map(|s| &s.kind) {
        Some(StepKind::Manual(_)) | None => "done",
        Some(_) => "looked at by a person",
    };
    ticked(&mut desk, at, StepEnd::Passed, who, words);
    Ok(desk.outcome(Reply::None))
}

fn ticked(desk: &mut Desk<'_>, at: StepAt, how: StepEnd, who: &Who, words: &str) {
    let since = match desk.run.steps.get(usize::from(at)) {
        Some(StepState::Asked { since, .. } | StepState::Unknown { since, .. }) => *since,
        _ => desk.now,
    };
    let took = u64::try_from(desk.now.since(since).as_millis()).unwrap_or(u64::MAX);
    desk.ended(at, how, Some(who.person.clone()), took, words, String::new());
    if how == StepEnd::Failed {
        jump(desk, at);
    }
    advance(desk);
}

/// Asks why.
pub fn reason_form(desk: &Desk<'_>, who: &Who, kind: FormKind, at: StepAt) -> Result<Outcome, Refusal> {
    waits(desk, who, at)?;
    let (title, label) = match kind {
        FormKind::NotApplicable(..) => ("Does not apply", "Why does it not apply here?"),
        _ => ("Could not be done", "What went wrong?"),
    };
    let title = format!("{} · {title}", desk.id());
    let field =
        Field { name: "reason".to_owned(), label: label.to_owned(), max: 500, required: true, value: None };
    Ok(Outcome::reply(Reply::Form(Form { kind, title, fields: vec![field] })))
}

/// A person could not do the step.
pub fn failed(mut desk: Desk<'_>, who: &Who, at: StepAt, reason: &str) -> Result<Outcome, Refusal> {
    waits(&desk, who, at)?;
    let reason = given(reason)?;
    let warns = desk.run.step(at).is_some_and(|s| s.options.warn);
    ticked(&mut desk, at, if warns { StepEnd::Warned } else { StepEnd::Failed }, who, &reason);
    let run = desk.id();
    Ok(desk.done(format!("It stands in **{run}** that this could not be done.")))
}

/// A step does not apply.
pub fn not_applicable(mut desk: Desk<'_>, who: &Who, at: StepAt, reason: &str) -> Result<Outcome, Refusal> {
    waits(&desk, who, at)?;
    let reason = given(reason)?;
    ticked(&mut desk, at, StepEnd::NotApplicable, who, &reason);
    let run = desk.id();
    Ok(desk.done(format!("It stands in **{run}** that this does not apply.")))
}

fn given(reason: &str) -> Result<String, Refusal> {
    let reason = text::line(reason);
    if reason.is_empty() {
        return Err(Refusal::new("Write why: whoever reads the report wants to know."));
    }
    Ok(reason)
}

/// The step that nobody knows about at this place.
fn unknown(desk: &Desk<'_>, who: &Who, at: StepAt) -> Result<(), Refusal> {
    may_run(desk.house, who, &desk.run.plan)?;
    match desk.run.steps.get(usize::from(at)) {
        Some(StepState::Unknown { asking: None, .. }) => Ok(()),
        Some(StepState::Unknown { asking: Some(_), .. }) => {
            Err(Refusal::new("Its runbook names a step that finds out; that one runs just now."))
        }
        _ => Err(Refusal::new(format!("**{}** does not ask this any more.", desk.id()))),
    }
}

/// A step that was cut short worked.
pub fn worked(mut desk: Desk<'_>, who: &Who, at: StepAt) -> Result<Outcome, Refusal> {
    unknown(&desk, who, at)?;
    ticked(&mut desk, at, StepEnd::Passed, who, "cut short; a person saw that it worked");
    Ok(desk.outcome(Reply::None))
}

/// A step that was cut short runs again.
pub fn again(mut desk: Desk<'_>, who: &Who, at: StepAt) -> Result<Outcome, Refusal> {
    unknown(&desk, who, at)?;
    attempt(&mut desk, at);
    Ok(desk.outcome(Reply::None))
}

/// A step that was cut short is taken as failed.
pub fn stop(mut desk: Desk<'_>, who: &Who, at: StepAt) -> Result<Outcome, Refusal> {
    unknown(&desk, who, at)?;
    ticked(&mut desk, at, StepEnd::Failed, who, "cut short, and not taken up again");
    Ok(desk.outcome(Reply::None))
}

/// Takes back what was done.
pub fn undo(mut desk: Desk<'_>, state: &State, who: &Who) -> Result<Outcome, Refusal> {
    let run = desk.id();
    may_run(desk.house, who, &desk.run.plan)?;
    let (why, ended) = match &desk.run.phase {
        RunPhase::Over { how: RunEnd::Failed { why }, at, .. } => (why.clone(), *at),
        RunPhase::Over { how: RunEnd::Cancelled { .. }, at, .. } => ("it was cancelled".to_owned(), *at),
        _ => {
            return Err(Refusal::new(format!(
                "**{run}** neither failed nor was cancelled, so nothing of it is taken back."
            )));
        }
    };
    if desk.run.plan.dry || desk.run.undoable().is_empty() {
        return Err(Refusal::new(format!("Everything that **{run}** did and that can be taken back is.")));
    }
    free(state, desk.run.plan.lock.as_deref())?;
    // What was agreed to was the run of that hour, on what it had found.
    let stale = desk.now.since(ended) > UNDO_WITHIN;
    let later = state.runs.values().find(|r| {
        let began = match r.phase {
            RunPhase::Over { began, .. } => began,
            RunPhase::Going { since, .. } => Some(since),
            RunPhase::Asked { .. } => None,
        };
        let same = r.plan.lock == desk.run.plan.lock && r.plan.service == desk.run.plan.service;
        r.id != run && same && !r.plan.dry && began.is_some_and(|b| b > ended)
    });
    let why_not = match (later, stale) {
        (Some(later), _) => Some(format!("**{}** ran since", later.id)),
        (None, true) => Some(format!("it is over for more than {}", spoken(UNDO_WITHIN))),
        (None, false) => super::plan::unchanged(desk.house, &desk.run.plan).err(),
    };
    if let Some(why_not) = why_not {
        return Err(Refusal::new(format!(
            "**{run}** is not taken back any more: {why_not}. Look how things are, and run what brings them right."
        )));
    }
    desk.emit(Event::UndoBegan { run, by: Some(who.person.clone()), why });
    advance(&mut desk);
    Ok(desk.done(format!("What **{run}** did is being taken back.")))
}
