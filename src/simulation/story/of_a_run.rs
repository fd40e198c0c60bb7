//! The story of a run: people look at its card and do what it asks of them, until it is taken back.

use super::super::book::{SERVICE, SWAP};
use super::super::invariants::{self, Broken};
use super::super::run::Run;
use crate::model::run::{RunEnd, RunPhase, StepAt, StepState};
use crate::sandbox::world::seed::{self, Person};

/// More than it ever takes: each thing is done again only where a crash came between.
const TURNS: usize = 40;

/// What people do next.
enum Next {
    /// Ask for it.
    Ask,
    /// Press this.
    Press(Person, String),
    /// It is over.
    Nothing,
}

/// Tells it.
pub fn chapters(run: &mut Run) -> Result<(), Broken> {
    run.start()?;
    run.come_to_rest()?;
    for _ in 0..TURNS {
        match next(run) {
            Next::Ask => {
                let options = [("service", SERVICE), ("action", SWAP), ("with", "version=1.2.3")];
                let options = options.map(|(name, value)| (name, value.to_owned()));
                run.type_command(Person::Responder.id(), seed::GENERAL, "runbook", &options);
            }
            Next::Press(who, wanted) => {
                let button = run.buttons().into_iter().find(|(_, _, button)| *button == wanted);
                let (channel, message, button) = button.ok_or_else(|| {
                    Broken::new(
                        "a run can be answered",
                        "The card of a run that waits for a person has the button that it waits for.",
                        format!("there is no `{wanted}`"),
                    )
                })?;
                run.press(who.id(), channel, message, &button);
            }
            Next::Nothing => {
                run.examine(invariants::WHEN_ALL_IS_OVER)?;
                return run.examine_the_end();
            }
        }
        run.come_to_rest()?;
    }
    Err(Broken::new(
        "people get things done",
        "What fails because of a crash works when it is done again.",
        "the run never ends",
    ))
}

fn next(world: &Run) -> Next {
    let Some(run) = world.process.as_ref().and_then(|p| p.committer.state().runs.values().next_back()) else {
        return Next::Ask;
    };
    let press = |who, word: &str, at: Option<StepAt>| {
        let at = at.map_or(0, |at| at + 1);
        Next::Press(who, format!("m1 run-{word} {} {at} {}", run.id.0, run.tag()))
    };
    match &run.phase {
        RunPhase::Asked { .. } => return press(Person::Approver, "agree", None),
        RunPhase::Over { how: RunEnd::Failed { .. }, .. } if !run.undoable().is_empty() => {
            return press(Person::Responder, "undo", None);
        }
        RunPhase::Over { .. } => return Next::Nothing,
        RunPhase::Going { .. } => {}
    }
    let waits = (0..).zip(&run.steps).find_map(|(at, state)| match state {
        StepState::Asked { .. } => Some(press(Person::Responder, "done", Some(at))),
        StepState::Approving { .. } => Some(press(Person::Approver, "agree", Some(at))),
        StepState::Unknown { asking: None, .. } => Some(press(Person::Responder, "again", Some(at))),
        _ => None,
    });
    waits.unwrap_or(Next::Nothing)
}
