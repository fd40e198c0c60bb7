//! What happens to runs when a time has come, and when the next one comes.

use std::time::Duration;

use super::advance::attempt;
use super::agree::no_answer;
use super::desk::Desk;
use super::steer::end;
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::reply::Reply;
use crate::model::run::{Reminded, Run, RunPhase, StepAt, StepState, Stopping};

/// After how long a step that waits for a person reminds the first time; then after twice as
/// long each time.
const REMIND: Duration = Duration::from_secs(15 * 60);
/// How often it does.
const REMINDERS: u32 = 6;
/// From which reminder on it is not only the asker who hears of it.
const LOUDER: u32 = 2;

/// When the next time comes at which something happens to a run by itself.
pub fn next(state: &State) -> Option<Timestamp> {
    state.going().flat_map(times).min()
}

/// The times that a run waits for.
fn times(run: &Run) -> impl Iterator<Item = Timestamp> {
    let phase = match &run.phase {
        RunPhase::Asked { until } => Some(*until),
        RunPhase::Going { deadline, stopping: None, .. } => *deadline,
        _ => None,
    };
    let steps = run.steps.iter().filter_map(|s| match s {
        StepState::Again { at, .. } => Some(*at),
        StepState::Approving { until, .. } => Some(*until),
        StepState::Asked { since, reminded } | StepState::Unknown { since, asking: None, reminded, .. } => {
            remind(*since, *reminded)
        }
        _ => None,
    });
    phase.into_iter().chain(steps)
}

/// Counted from the last one, so that whoever was away hears of it once and not several times.
fn remind(since: Timestamp, reminded: Reminded) -> Option<Timestamp> {
    let from = reminded.last.unwrap_or(since);
    (reminded.times < REMINDERS).then(|| from.after(REMIND * 2u32.pow(reminded.times)))
}

/// Everything whose time has come.
pub fn overdue(state: &State, house: &House, now: Timestamp) -> Outcome {
    let mut all = Outcome::default();
    for run in state.going() {
        let mut desk = Desk::of(state, house, now, run);
        due(&mut desk);
        let Outcome { events, effects, .. } = desk.outcome(Reply::None);
        all.events.extend(events);
        all.effects.extend(effects);
    }
    all
}

fn due(desk: &mut Desk<'_>) {
    let now = desk.now;
    match &desk.run.phase {
        RunPhase::Asked { until } if *until <= now => return no_answer(desk, None),
        RunPhase::Going { deadline: Some(deadline), stopping: None, .. } if *deadline <= now => {
            return end(desk, Stopping::Late);
        }
        _ => {}
    }
    let steps: Vec<(StepAt, StepState)> = (0..).zip(desk.run.steps.iter().cloned()).collect();
    for (at, step) in steps {
        match step {
            StepState::Again { at: when, .. } if when <= now => attempt(desk, at),
            StepState::Approving { until, .. } if until <= now => no_answer(desk, Some(at)),
            StepState::Asked { since, reminded }
            | StepState::Unknown { since, asking: None, reminded, .. }
                if remind(since, reminded).is_some_and(|t| t <= now) =>
            {
                reminder(desk, at, since, reminded.times);
            }
            _ => {}
        }
    }
}

fn reminder(desk: &mut Desk<'_>, at: StepAt, since: Timestamp, reminded: u32) {
    let run = desk.id();
    desk.emit(Event::StepReminded { run, step: at });
    let label = desk.run.step(at).map(|s| s.label()).unwrap_or_default();
    // Each says which it is: a post that may have arrived is known again by its words.
    let text = format!(
        "**{run}** has waited since <t:{}:R> for a person (reminder {} of {REMINDERS}): {}",
        since.seconds(),
        reminded + 1,
        text::escape_markdown(&label)
    );
    if reminded + 1 >= LOUDER {
        let approver = desk.run.plan.approve.as_ref().map_or("lead", |a| a.role.as_str()).to_owned();
        let roles = desk.role(&approver);
        let asker = &desk.run.asked.by;
        let people = if asker.at_a_terminal() { vec![] } else { vec![asker.id] };
        desk.call(roles, people, text);
    } else {
        desk.call_asker(text);
    }
}
