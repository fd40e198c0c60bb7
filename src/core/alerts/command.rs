//! `/alerts`: what fires, one of them, and what a person does about it by typing.

use super::{card, press};
use crate::core::Outcome;
use crate::core::args::Args;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::alert::{AlertListed, Group, GroupPhase};
use crate::model::card::Show;
use crate::model::command::Action;
use crate::model::house::House;
use crate::model::ids::GroupId;
use crate::model::input::Interaction;
use crate::model::reply::{Refusal, Reply};

/// Lines of a list; the others are counted.
const LINES: usize = 25;

/// One of the commands about alerts.
pub fn command(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    action: Action,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    if action == Action::AlertList {
        let (lines, more) = list(state, args.text("service"), LINES);
        return Ok(Outcome::reply(Reply::Show { show: Show::AlertList { lines, more }, private: true }));
    }
    let id: GroupId = args
        .read("alert")?
        .ok_or_else(|| Refusal::new("Say which alert: `alert: ALR-7`. `/alerts list` shows what fires."))?;
    match action {
        Action::AlertAck => press::acknowledge(state, house, now, i, id),
        Action::AlertClose => press::close(state, house, now, i, id),
        Action::AlertShow => {
            let shown = card::card(state, house, press::known(state, id)?);
            Ok(Outcome::reply(Reply::Show { show: Show::Alerts(Box::new(shown)), private: true }))
        }
        _ => press::why(state, house, id, 0),
    }
}

/// What is not over, the worst and then the oldest first, and how many are not in the list.
pub fn list(state: &State, service: Option<&str>, most: usize) -> (Vec<AlertListed>, u32) {
    let mut all: Vec<&Group> = going(state).filter(|g| of(g, service)).collect();
    all.sort_by_key(|g| (g.opened.severity, g.opened.at, g.id));
    let more = u32::try_from(all.len().saturating_sub(most)).unwrap_or(u32::MAX);
    (all.into_iter().take(most).map(|g| card::listed(&state.alerts, g)).collect(), more)
}

fn of(group: &Group, service: Option<&str>) -> bool {
    service.is_none_or(|s| group.opened.service.as_deref() == Some(s))
}

/// The groups that are not over, the newest first.
pub fn going(state: &State) -> impl Iterator<Item = &Group> {
    let all = state.alerts.groups.values().rev();
    all.filter(|g| !matches!(g.phase, GroupPhase::Over { .. }))
}
