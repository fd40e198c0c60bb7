//! What follows from who is on call, and from who will be, looked at whenever that may have changed: the
//! server's role, and the tests before shifts.

use super::state::{self, Duties};
use super::{ahead, role};
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::ahead::Looked;
use crate::model::duty::OnCallNews;
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::input::Input;

/// Adds to a decision what follows from it.
pub fn follow(state: &State, house: &House, now: Timestamp, input: &Input, outcome: &mut Outcome) {
    let changed = outcome.events.iter().any(|e| matches!(e, Event::OnCall(_)));
    let wanted = match input {
        Input::Started { .. } | Input::Reread => true,
        Input::Wake => changed || state.oncall.look.is_some_and(|at| at <= now),
        _ => changed,
    };
    let idle = house.oncall.role.is_none() && house.oncall.test_before.is_none();
    let nothing = state.oncall.roles.is_empty() && state.oncall.look.is_none();
    if !wanted || (idle && nothing) {
        return;
    }
    let mut duties = state.oncall.clone();
    for event in &outcome.events {
        if let Event::OnCall(news) = event {
            state::take_in(&mut duties, now, news);
        }
    }
    let (roles, effects) = role::changes(&duties, house, now);
    let (tested, next) = ahead::look(&duties, house, now);
    let next = next.into_iter().chain(edge(&duties, house, now)).min();
    if roles.is_empty() && tested.is_empty() && next == state.oncall.look {
        return;
    }
    let looked = Looked { roles, tested, next };
    outcome.events.push(Event::OnCall(Box::new(OnCallNews::Looked(Box::new(looked)))));
    outcome.effects.extend(effects);
}

/// When somebody goes away or comes back next, where that changes who holds the role.
fn edge(duties: &Duties, house: &House, now: Timestamp) -> Option<Timestamp> {
    house.oncall.role?;
    duties.absences.iter().flat_map(|a| [a.from, a.until]).filter(|at| *at > now).min()
}
