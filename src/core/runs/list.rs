//! Looking at runs.

use super::who::Who;
use crate::core::Outcome;
use crate::core::state::State;
use crate::model::card::{RunLine, Show};
use crate::model::house::House;
use crate::model::reply::Reply;
use crate::model::run::{Run, RunEnd, RunPhase, StepState};

/// How many runs that are over are listed.
const OVER: usize = 5;
/// How many are listed at all.
const MOST: usize = 20;

/// The runs that are not over, oldest first, and the newest that are.
pub fn list(state: &State, house: &House, who: &Who) -> Outcome {
    let sees = |r: &&Run| who.sees(state, house, r);
    let over = state.runs.values().rev().filter(|r| r.is_over()).filter(sees).take(OVER);
    let lines = state.going().filter(sees).chain(over).take(MOST).map(line).collect();
    Outcome::reply(Reply::Show { show: Show::Runs(lines), private: true })
}

/// One run's card, for whoever asks.
pub fn show(state: &State, run: &Run) -> Outcome {
    Outcome::reply(Reply::Show { show: Show::Run { run: run.id, upto: state.head }, private: true })
}

/// What a run does, for whoever asks.
pub fn plan(state: &State, run: &Run) -> Outcome {
    Outcome::reply(Reply::Show { show: Show::Plan { run: run.id, upto: state.head }, private: true })
}

fn line(run: &Run) -> RunLine {
    RunLine {
        run: run.id,
        what: format!("{} {}", run.plan.service, run.plan.action),
        asked: run.asked.clone(),
        stands: stands(run),
        lock: run.holds().map(str::to_owned),
    }
}

/// Where a run stands, in a few words.
pub fn stands(run: &Run) -> String {
    let step = |s: &StepState| !matches!(s, StepState::Waiting | StepState::Over(_));
    let at = run.steps.iter().position(step);
    match &run.phase {
        RunPhase::Asked { .. } => "waits for somebody to agree".to_owned(),
        RunPhase::Going { stopping: Some(_), .. } => "is being ended".to_owned(),
        RunPhase::Going { undoing, .. } => {
            let doing = if undoing.is_some() { "takes back, " } else { "" };
            let label = at.and_then(|at| run.plan.all().nth(at)).map(|(_, s)| s.label()).unwrap_or_default();
            match at.and_then(|at| run.steps.get(at)) {
                Some(StepState::Asked { .. }) => format!("{doing}waits for a person: {label}"),
                Some(StepState::Approving { .. }) => format!("{doing}asks: {label}"),
                Some(StepState::Unknown { .. }) => format!("{doing}cut short at {label}"),
                _ => format!("{doing}{label}"),
            }
        }
        RunPhase::Over { how, .. } => match how {
            RunEnd::Passed => "passed".to_owned(),
            RunEnd::Failed { why } => format!("failed: {why}"),
            RunEnd::Cancelled { .. } => "cancelled".to_owned(),
            RunEnd::Refused { .. } => "refused".to_owned(),
            RunEnd::Voided { why } => format!("did not run: {why}"),
            RunEnd::Undone { why } => format!("taken back: {why}"),
        },
    }
}
