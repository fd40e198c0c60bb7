//! Runs: what somebody asked to be done, from the plan to the last step. Who may ask and agree,
//! which step is next, what a failure or a crash means.
//!
//! - `plan` makes what runs out of what people wrote, `params` takes what they typed;
//! - `ask` begins a run, `agree` lets people agree to it, `steer` is everything they do then;
//! - `desk` is a run that a decision works on, `advance` which step comes next, `settled` what
//!   came of one, `timer` what happens when a time has come;
//! - [`fold`] is the run as the journal tells it.

mod advance;
mod agree;
mod ask;
mod desk;
pub mod fold;
mod list;
mod params;
mod plan;
mod settled;
mod steer;
mod timer;
pub mod told;
mod who;

pub use agree::GLASS;
pub use plan::choices;
pub use settled::step_settled;
pub use timer::{next, overdue};

use std::collections::BTreeMap;

use super::args::Args;
use super::state::State;
use super::{Outcome, access};
use crate::kit::time::Timestamp;
use crate::model::button::{FormKind, RunButton};
use crate::model::command::{Action, Command};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::RunId;
use crate::model::input::{Interaction, Press, RunAsk};
use crate::model::person::Person;
use crate::model::reply::Refusal;
use crate::model::run::{Process, Run, StepAt, StepState};
use desk::Desk;
use who::Who;

/// A slash command about runs.
pub fn command(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    command: &Command,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let who = Who::of(house, i);
    let run = || -> Result<&Run, Refusal> {
        let id: Option<RunId> = args.read("run")?;
        known(state, house, &who, id.ok_or_else(|| Refusal::new("Name the run: `run: RUN-1`."))?)
    };
    match command.action {
        Action::RunList => Ok(list::list(state, house, &who)),
        Action::RunShow => Ok(list::show(state, run()?)),
        Action::RunCancel => steer::cancel(Desk::of(state, house, now, run()?), &who, args.text("reason")),
        Action::RunUnlock => steer::unlock(Desk::of(state, house, now, run()?), &who, args.needed("reason")?),
        _ => ask::command(state, house, now, i, &who, args),
    }
}

/// A button under a run's card.
pub fn press(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    run: RunId,
    tag: u32,
    button: RunButton,
) -> Result<Outcome, Refusal> {
    let who = Who::of(house, i);
    let run = this(state, house, &who, run, tag)?;
    let desk = Desk::of(state, house, now, run);
    match button {
        RunButton::Plan => Ok(list::plan(state, run)),
        RunButton::Agree(at) => agree::agree(desk, state, &who, at),
        RunButton::Refuse(at) => agree::refuse(desk, &who, at),
        RunButton::Glass(at) => agree::glass_form(&desk, &who, at),
        RunButton::Confirm => ask::name_form(&desk, &who),
        RunButton::Cancel => steer::cancel(desk, &who, None),
        RunButton::Done(at) => steer::done(desk, &who, at),
        RunButton::Failed(at) => steer::reason_form(&desk, &who, FormKind::Failed(run.id, tag, at), at),
        RunButton::NotApplicable(at) => {
            steer::reason_form(&desk, &who, FormKind::NotApplicable(run.id, tag, at), at)
        }
        RunButton::Worked(at) => steer::worked(desk, &who, at),
        RunButton::Again(at) => steer::again(desk, &who, at),
        RunButton::Stop(at) => steer::stop(desk, &who, at),
        RunButton::Undo => steer::undo(desk, state, &who),
    }
}

/// A form about a run was sent. Rights and state may have changed since it was opened.
pub fn submit(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    form: &FormKind,
    fields: &BTreeMap<String, String>,
) -> Result<Outcome, Refusal> {
    let who = Who::of(house, i);
    let reason = || fields.get("reason").map_or("", String::as_str);
    let desk = |run: &RunId, tag: &u32| {
        Ok::<_, Refusal>(Desk::of(state, house, now, this(state, house, &who, *run, *tag)?))
    };
    match form {
        FormKind::Start(start) => ask::submitted(state, house, now, &who, start, fields),
        FormKind::Confirm(run, tag) => {
            ask::confirm(desk(run, tag)?, &who, fields.get("confirm").map_or("", String::as_str))
        }
        FormKind::Glass(run, tag, at) => agree::glass(desk(run, tag)?, state, &who, *at, reason()),
        FormKind::Failed(run, tag, at) => steer::failed(desk(run, tag)?, &who, *at, reason()),
        FormKind::NotApplicable(run, tag, at) => steer::not_applicable(desk(run, tag)?, &who, *at, reason()),
        FormKind::After(..)
        | FormKind::Note(_)
        | FormKind::Resolve(_)
        | FormKind::Strike(..)
        | FormKind::Level(_)
        | FormKind::Silence(_)
        | FormKind::Tell(..) => Err(Refusal::new("This form is an incident's. Open it again from its card.")),
    }
}

/// Asks for a run on Muster's own behalf: only for what a person has to agree to.
///
/// # Errors
/// Why it cannot be asked for, or that its runbook asks nobody.
pub fn propose(state: &State, house: &House, now: Timestamp, ask: &RunAsk) -> Result<Outcome, Refusal> {
    if plan::make(house, ask)?.approve.is_none() {
        return Err(Refusal::new("its runbook asks nobody before it begins."));
    }
    let who = Who { person: Person::muster(), roles: vec![], operator: true, channel: None };
    ask::ask(state, house, now, &who, ask)
}

/// Somebody in a terminal asked for a run.
pub fn asked_at_terminal(
    state: &State,
    house: &House,
    now: Timestamp,
    user: &str,
    ask: &RunAsk,
) -> Result<Outcome, Refusal> {
    ask::ask(state, house, now, &Who::at_terminal(user), ask)
}

/// Somebody in a terminal did what a button under a run's card would.
pub fn pressed_at_terminal(
    state: &State,
    house: &House,
    now: Timestamp,
    user: &str,
    (run, press): (RunId, &Press),
) -> Result<Outcome, Refusal> {
    let who = Who::at_terminal(user);
    let run = known(state, house, &who, run)?;
    let desk = Desk::of(state, house, now, run);
    match press {
        Press::Confirm(typed) => ask::confirm(desk, &who, typed),
        Press::Cancel => steer::cancel(desk, &who, None),
        Press::Glass { step, reason } => agree::glass(desk, state, &who, *step, reason),
        Press::Done(at) => steer::done(desk, &who, *at),
        Press::Failed { step, reason } => steer::failed(desk, &who, *step, reason),
        Press::NotApplicable { step, reason } => steer::not_applicable(desk, &who, *step, reason),
        Press::Worked(at) => steer::worked(desk, &who, *at),
        Press::Again(at) => steer::again(desk, &who, *at),
        Press::Stop(at) => steer::stop(desk, &who, *at),
        Press::Undo => steer::undo(desk, state, &who),
    }
}

/// A step's process is there. One that is over meanwhile needs no record.
pub fn spawned(state: &State, run: RunId, step: StepAt, attempt: u32, process: &Process) -> Outcome {
    let now = state.runs.get(&run).and_then(|r| r.steps.get(usize::from(step)));
    let asked = state.runs.get(&run).is_some_and(|r| {
        let last = r.attempts.get(usize::from(step)) == Some(&attempt);
        let asking = |s: &StepState| matches!(s, StepState::Unknown { asking: Some(by), process: None, .. } if *by == step);
        last && r.steps.iter().any(asking)
    });
    let going = matches!(now, Some(StepState::Going { attempt: a, process: None, .. }) if *a == attempt);
    if !going && !asked {
        return Outcome::default();
    }
    Outcome::event(Event::StepSpawned { run, step, attempt, process: process.clone() })
}

/// The run that a card of this number and tag shows.
fn this<'s>(state: &'s State, house: &House, who: &Who, id: RunId, tag: u32) -> Result<&'s Run, Refusal> {
    let run = known(state, house, who, id)?;
    if run.tag() != tag {
        return Err(Refusal::new(format!(
            "This card shows another run that was called {id} once. `/runs show` shows the one of today."
        )));
    }
    Ok(run)
}

/// A run that people can still do something with.
fn known<'s>(state: &'s State, house: &House, who: &Who, id: RunId) -> Result<&'s Run, Refusal> {
    state.runs.get(&id).filter(|r| who.sees(state, house, r)).ok_or_else(|| {
        Refusal::new(match state.past_runs.contains_key(&id) {
            true => format!("{id} is over, and too old to go on with. Its card and its output stand where they were posted."),
            false => format!("There is no {id}. `/runs list` shows those that are not over."),
        })
    })
}

/// Whether somebody may start this and steer it: the roles that its action names, else whoever
/// may use a command that runs it.
fn may_run(house: &House, who: &Who, plan: &crate::model::run::Plan) -> Result<(), Refusal> {
    if who.operator {
        return Ok(());
    }
    let roles = match &plan.roles {
        Some(roles) => roles,
        None => {
            let all = house.command_files().flat_map(|f| f.commands());
            let mut runs = all
                .filter(|c| c.action == Action::Run)
                .filter(|c| c.preset("action").is_none_or(|a| a == plan.action))
                .filter(|c| c.preset("service").is_none_or(|s| s == plan.service));
            return match runs.any(|c| access::permits_roles(house, c, &who.person, &who.roles).is_ok()) {
                true => Ok(()),
                false => Err(Refusal::new(format!(
                    "You may not run {} of {}. Ask somebody who may use `/runbook`.",
                    plan.action, plan.service
                ))),
            };
        }
    };
    match roles.iter().any(|r| house.settings.holds(r, &who.roles)) {
        true => Ok(()),
        false => Err(Refusal::new(match roles.as_slice() {
            [] => format!("Nobody may run {}: its runbook allows no role.", plan.action),
            roles => {
                format!("{} of {} is for {}. Ask one of them.", plan.action, plan.service, roles.join(", "))
            }
        })),
    }
}
