//! Asking after the health of services.

use std::time::Duration;

use super::args::Args;
use super::state::{PendingCheck, State};
use super::{Outcome, ticket};
use crate::kit::time::Timestamp;
use crate::model::check::Asked;
use crate::model::effect::Effect;
use crate::model::event::{Event, Reason, Settlement};
use crate::model::house::House;
use crate::model::input::Interaction;
use crate::model::reply::{Refusal, Reply};

/// How long one step may take, at most, with what is around it.
const STEP: Duration = Duration::from_secs(12);
/// What a check may take besides its steps.
const REST: Duration = Duration::from_secs(30);

/// When a check has failed, whatever the runner is doing: the steps of one service come one
/// after the other, services run side by side.
fn deadline(check: &PendingCheck) -> Timestamp {
    let services = check.asked.probes.chunk_by(|a, b| a.service == b.service);
    let longest = services.map(<[_]>::len).max().unwrap_or(0);
    check.at.after(STEP.saturating_mul(u32::try_from(longest).unwrap_or(u32::MAX)) + REST)
}

/// `/health [service]`.
pub fn health(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let service = args.text("service");
    if let Some(name) = service
        && house.runbook(name).is_none()
    {
        return Err(no_such_service(house, name));
    }
    let probes = house.probes(service);
    if probes.is_empty() {
        return Err(Refusal::new(match service {
            Some(name) => format!(
                "runbooks/{name}.md names no health checks. Give its front matter an action `health` whose section has http steps; `muster check` shows an example."
            ),
            None => "No runbook names health checks yet. Give one an action `health` whose section has http steps; `muster check` shows an example.".to_owned(),
        }));
    }
    let asked = Asked { id: state.next_check(), probes };
    Ok(Outcome {
        events: vec![Event::CheckAsked { asked: asked.clone(), answer: ticket(now, i, false) }],
        effects: vec![Effect::Check(asked)],
        reply: Reply::Later { private: false },
    })
}

/// Says which services there are.
pub fn no_such_service(house: &House, name: &str) -> Refusal {
    let known: Vec<&str> = house.services().collect();
    Refusal::new(match known.as_slice() {
        [] => "There are no runbooks yet, so there is no service to name. Put one in the folder that muster.toml names.".to_owned(),
        known => format!("There is no service `{}`. There are: {}.", crate::kit::text::line(name), known.join(", ")),
    })
}

/// When the first check that is under way has failed.
pub fn next_deadline(state: &State) -> Option<Timestamp> {
    state.checks.values().map(deadline).min()
}

/// Gives up the checks whose time is over, so that the asker hears of it.
pub fn overdue(state: &State, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::default();
    for (id, check) in state.checks.iter().filter(|(_, c)| deadline(c) <= now) {
        let given_up = Settlement::GaveUp { reason: Reason::Expired, said: "no result in time".to_owned() };
        outcome.effects.extend(super::settle::check_came_back(check, &given_up));
        outcome.events.push(Event::Settled { effect: *id, outcome: given_up });
    }
    outcome
}
