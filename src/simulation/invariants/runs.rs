//! What must hold of runs: what was really done for them stands in the ledger, who agreed in the
//! journal, with what rights in the ledger again. Nothing here asks `core` what it thinks.

use std::collections::{BTreeMap, BTreeSet};

use super::View;
use crate::model::button::{Button, RunButton};
use crate::model::commit::{Cause, Commit};
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::ids::RunId;
use crate::model::run::{Plan, RunPhase, StepAt, StepEnd};
use crate::model::runbook::step::Rerun;
use crate::model::runbook::{Approve, Step, StepKind};
use crate::simulation::ledger::{Deed, Execution};

/// How long the asker waits before the glass may be broken, in ms.
const GLASS: i64 = 120_000;

pub(super) fn one_holder(view: &View<'_>) -> Result<(), String> {
    let mut held: BTreeMap<&str, RunId> = BTreeMap::new();
    for run in view.state.runs.values() {
        if let (RunPhase::Going { .. }, Some(lock), false) = (&run.phase, &run.plan.lock, run.plan.dry)
            && let Some(other) = held.insert(lock, run.id)
        {
            return Err(format!("{other} and {} both hold {lock}", run.id));
        }
    }
    Ok(())
}

pub(super) fn over_is_over(view: &View<'_>) -> Result<(), String> {
    for event in view.fresh.iter().flat_map(|c| &c.events) {
        let Event::RunEnded { run, .. } = event else { continue };
        let goes_on = |e: &&Execution| e.run == *run && e.until > view.server.now;
        if let Some(e) = view.ledger.executions.iter().find(goes_on) {
            return Err(format!("{run} is over, and {} goes on", said(e)));
        }
    }
    match view.ledger.executions.iter().find(|e| e.too_late) {
        Some(e) => Err(format!("{} began when its run was over", said(e))),
        None => Ok(()),
    }
}

pub(super) fn agreed_to_what_is_there(view: &View<'_>) -> Result<(), String> {
    for commit in view.fresh {
        for event in &commit.events {
            let (Event::RunAgreed { run, .. } | Event::GlassBroken { run, .. }) = event else { continue };
            let plan = view.state.runs.get(run).map(|r| &r.plan).ok_or(format!("there is no {run}"))?;
            let now = view.house.runbook(&plan.service).map(|r| r.hash.as_str());
            if now != Some(plan.runbook.as_str()) {
                return Err(format!(
                    "commit {}: {run} was agreed to, and its runbook has changed since",
                    commit.seq
                ));
            }
        }
    }
    Ok(())
}

fn said(e: &Execution) -> String {
    format!("{} of {} (step {}, attempt {}, effect {})", e.step.label(), e.run, e.at, e.attempt, e.effect)
}

/// What the journal says of runs.
struct Told<'a> {
    plans: BTreeMap<RunId, (&'a Plan, &'a Commit)>,
    commits: &'a [Commit],
}

impl<'a> Told<'a> {
    fn of(commits: &'a [Commit]) -> Told<'a> {
        let asked = commits.iter().flat_map(|c| c.events.iter().map(move |e| (c, e)));
        let plans = asked.filter_map(|(c, e)| match e {
            Event::RunAsked { run, plan, .. } => Some((*run, (&**plan, c))),
            _ => None,
        });
        Told { plans: plans.collect(), commits }
    }

    fn plan(&self, run: RunId) -> Result<(&'a Plan, &'a Commit), String> {
        self.plans.get(&run).copied().ok_or(format!("nobody asked for {run}"))
    }

    fn events(&self) -> impl Iterator<Item = (&'a Commit, &'a Event)> {
        self.commits.iter().flat_map(|c| c.events.iter().map(move |e| (c, e)))
    }
}

/// What somebody did who led to this commit.
fn deed<'a>(view: &'a View<'_>, commit: &Commit) -> Result<&'a Deed, String> {
    let Cause::Interaction { id, .. } = &commit.cause else {
        return Err(format!("commit {} was nobody's doing", commit.seq));
    };
    view.ledger.deeds.get(id).ok_or(format!("nobody began interaction {id}"))
}

pub(super) fn stored_before_done(view: &View<'_>) -> Result<(), String> {
    let commits = view.commits();
    for e in &view.ledger.executions {
        let owed = commits.iter().find(|c| c.seq == e.effect.seq);
        let owed = owed.and_then(|c| c.effects.get(usize::from(e.effect.index)));
        match owed {
            Some(Effect::RunStep { run, step, attempt })
                if (*run, *step, *attempt) == (e.run, e.at, e.attempt) => {}
            other => return Err(format!("{} was done, and owed was {other:?}", said(e))),
        }
    }
    Ok(())
}

pub(super) fn at_most_once(view: &View<'_>) -> Result<(), String> {
    let mut done: BTreeMap<(RunId, StepAt), u64> = BTreeMap::new();
    for e in view.ledger.executions.iter().filter(|e| e.changes() && !may_repeat(&e.step)) {
        *done.entry((e.run, e.at)).or_default() += 1;
    }
    for ((run, at), times) in done.into_iter().filter(|(_, times)| *times > 1) {
        let mut again = 0;
        for commit in view.commits() {
            let begins =
                |e: &Event| matches!(e, Event::StepBegan { run: r, step, .. } if (*r, *step) == (run, at));
            if commit.events.iter().any(begins) && deed(view, commit).is_ok_and(|d| matches!(d.pressed, Some(Button::Run(r, _, RunButton::Again(a))) if (r, a) == (run, at))) {
                again += 1;
            }
        }
        if times > 1 + again {
            return Err(format!(
                "step {at} of {run} was done {times} times; `Run again` was pressed {again} times"
            ));
        }
    }
    Ok(())
}

/// Whether the runbook says that a second time does no harm. Said here a second time and not
/// asked of `model`.
fn may_repeat(step: &Step) -> bool {
    step.options.rerun == Rerun::Safe
}

pub(super) fn approved_before(view: &View<'_>) -> Result<(), String> {
    let told = Told::of(view.commits());
    for e in view.ledger.executions.iter().filter(|e| !e.dry) {
        let (plan, asked) = told.plan(e.run)?;
        if let Some(rule) = &plan.approve {
            agreed(view, &told, e, None, rule, asked)?;
        }
        // Whatever stands behind a question comes after its answer.
        let line = plan.steps.iter().take(usize::from(e.at)).enumerate();
        for (at, step) in line.filter(|_| usize::from(e.at) < plan.steps.len()) {
            let (StepKind::Approve(question), Ok(at)) = (&step.kind, StepAt::try_from(at)) else { continue };
            let began = told.events().find(
                |(_, event)| matches!(event, Event::StepAsked { run, step } if (*run, *step) == (e.run, at)),
            );
            let (began, _) = began.ok_or(format!("{} was done, and question {at} never asked", said(e)))?;
            agreed(view, &told, e, Some(at), &question.approve, began)?;
        }
    }
    Ok(())
}

/// Whether enough people agreed before this was done, each with the right at that moment, in time,
/// and another than who asked; or who asked broke the glass, late enough and in time.
fn agreed(
    view: &View<'_>,
    told: &Told<'_>,
    e: &Execution,
    at: Option<StepAt>,
    rule: &Approve,
    since: &Commit,
) -> Result<(), String> {
    let asker = deed(view, told.plan(e.run)?.1)?.user;
    let until = since.at.after(rule.within);
    let mut people = BTreeSet::new();
    for (commit, event) in told.events().filter(|(c, _)| c.seq <= e.effect.seq) {
        match event {
            Event::RunAgreed { run, step, .. } if (*run, *step) == (e.run, at) => {
                let by = deed(view, commit)?;
                if !by.may_agree() || by.user == asker || commit.at >= until {
                    return Err(format!("commit {}: {} may not agree to {run}", commit.seq, by.what));
                }
                people.insert(by.user);
            }
            Event::GlassBroken { run, step, .. } if (*run, *step) == (e.run, at) => {
                let by = deed(view, commit)?;
                if by.user != asker || !by.may_run() || commit.at.0 < since.at.0 + GLASS || commit.at >= until
                {
                    return Err(format!("commit {}: {} may not break the glass", commit.seq, by.what));
                }
                return Ok(());
            }
            _ => {}
        }
    }
    if people.len() < usize::from(rule.count) {
        return Err(format!("{} was done, and {} people had agreed", said(e), people.len()));
    }
    Ok(())
}

pub(super) fn done_as_shown(view: &View<'_>) -> Result<(), String> {
    let told = Told::of(view.commits());
    for e in &view.ledger.executions {
        let (plan, _) = told.plan(e.run)?;
        if plan.step(e.at) != Some(&e.step) || plan.dry != e.dry {
            return Err(format!("{} is not what its plan says: {:?}", said(e), e.step));
        }
        if let Some((name, _)) = plan.values.iter().find(|(name, value)| e.values.get(*name) != Some(value)) {
            return Err(format!("{} was done with another {name}", said(e)));
        }
    }
    // The card that people agree under names the plan by its hash.
    for (run, (plan, _)) in &told.plans {
        let (head, hash): (String, String) = (format!("{run} · "), plan.hash().chars().take(12).collect());
        let cards =
            view.server.public().filter(|(_, m)| m.says().starts_with(&head) && m.says().contains("· plan "));
        for (id, card) in cards {
            if !card.said.iter().all(|said| said.contains(&hash)) {
                return Err(format!(
                    "the card {id} of {run} shows another plan than {hash}: {}",
                    card.says()
                ));
            }
        }
    }
    Ok(())
}

pub(super) fn locks_keep_apart(view: &View<'_>) -> Result<(), String> {
    let told = Told::of(view.commits());
    let mut spans: BTreeMap<&str, Vec<&Execution>> = BTreeMap::new();
    for e in view.ledger.executions.iter().filter(|e| !e.dry) {
        if let Some(lock) = &told.plan(e.run)?.0.lock {
            spans.entry(lock).or_default().push(e);
        }
    }
    for (lock, all) in spans {
        for (n, a) in all.iter().enumerate() {
            let clash = |b: &&&Execution| a.run != b.run && a.from < b.until && b.from < a.until;
            if let Some(b) = all[..n].iter().find(clash) {
                return Err(format!("{} and {} were done at once under {lock}", said(a), said(b)));
            }
        }
    }
    Ok(())
}

pub(super) fn only_those_who_may_run(view: &View<'_>) -> Result<(), String> {
    for (commit, event) in Told::of(view.commits()).events() {
        let (what, run) = match event {
            Event::RunAsked { run, .. } => ("ask for it", run),
            Event::LockBroken { run, .. } => ("take its lock", run),
            Event::UndoBegan { run, by: Some(_), .. } => ("take it back", run),
            Event::StepEnded { run, how: StepEnd::Passed | StepEnd::NotApplicable, by: Some(_), .. } => {
                ("answer for a step", run)
            }
            _ => continue,
        };
        let by = deed(view, commit)?;
        if !by.may_run() {
            return Err(format!("commit {}: {} may not {what}: {run}", commit.seq, by.what));
        }
    }
    Ok(())
}
