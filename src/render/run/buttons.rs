//! Which buttons a run's card has: what a person can do about it now. Whether they may is asked
//! at the click.

use super::current;
use crate::kit::text;
use crate::model::button::{Button, RunButton};
use crate::model::run::{Run, RunEnd, RunPhase, StepAt, StepState};
use crate::render::{FaceButton, Style};

/// The buttons.
pub fn buttons(run: &Run) -> Vec<FaceButton> {
    let make = |label: &str, style, button| FaceButton {
        label: label.to_owned(),
        style,
        button: Button::Run(run.id, run.tag(), button),
        enabled: true,
    };
    let mut buttons = match &run.phase {
        RunPhase::Asked { .. } if run.plan.approve.is_some() => question(&make, None),
        RunPhase::Asked { .. } => vec![],
        RunPhase::Going { stopping: Some(_), .. } => vec![],
        RunPhase::Going { .. } => match current(run) {
            Some((at, StepState::Asked { .. })) if run.wants_name(at) => {
                let label = format!("Type {} to go on", run.plan.service);
                vec![make(&label, Style::Danger, RunButton::Confirm)]
            }
            Some((at, StepState::Asked { .. })) => vec![
                make("Done", Style::Success, RunButton::Done(at)),
                make("Could not", Style::Danger, RunButton::Failed(at)),
                make("Does not apply", Style::Quiet, RunButton::NotApplicable(at)),
            ],
            Some((at, StepState::Approving { .. })) => question(&make, Some(at)),
            Some((at, StepState::Unknown { asking: None, .. })) => vec![
                make("It worked", Style::Success, RunButton::Worked(at)),
                make("Run again", Style::Primary, RunButton::Again(at)),
                make("Stop", Style::Danger, RunButton::Stop(at)),
            ],
            _ => vec![],
        },
        RunPhase::Over { how, .. } => {
            undo(run, how).map(|label| make(&label, Style::Danger, RunButton::Undo)).into_iter().collect()
        }
    };
    if !run.is_over() {
        let stopping = matches!(run.phase, RunPhase::Going { stopping: Some(_), .. });
        let cancel = make("Cancel run", Style::Quiet, RunButton::Cancel);
        buttons.push(FaceButton { enabled: !stopping, ..cancel });
    }
    buttons.push(make("What runs", Style::Quiet, RunButton::Plan));
    buttons
}

fn question(make: &dyn Fn(&str, Style, RunButton) -> FaceButton, at: Option<StepAt>) -> Vec<FaceButton> {
    vec![
        make("Approve", Style::Success, RunButton::Agree(at)),
        make("Refuse", Style::Danger, RunButton::Refuse(at)),
        make("Break glass", Style::Quiet, RunButton::Glass(at)),
    ]
}

/// `Undo: restore, retag`, where something was done that can be taken back and the run did not
/// end as it should.
fn undo(run: &Run, how: &RunEnd) -> Option<String> {
    let undone = matches!(how, RunEnd::Failed { .. } | RunEnd::Cancelled { .. }) && !run.plan.dry;
    let steps = if undone { run.undoable() } else { vec![] };
    let names: Vec<String> = steps.iter().filter_map(|at| Some(run.step(*at)?.label())).collect();
    (!names.is_empty()).then(|| text::cut(&format!("Undo: {}", text::line(&names.join(", "))), 80))
}
