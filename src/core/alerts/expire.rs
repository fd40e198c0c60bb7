//! What nobody says any more: an alert is over at its end, unless its source said it again.

use std::collections::BTreeMap;

use super::timers::Key;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::alert::AlertState;
use crate::model::house::House;
use crate::model::ids::GroupId;
use crate::model::labels::Fingerprint;

/// When an alert is over by itself; `None` where somebody has to say so, and where it does not fire.
///
/// What was renewed before a restart is not known after it. So whatever was not heard since then has
/// the time that a source has to say it again.
pub fn ends(state: &State, house: &House, id: Fingerprint) -> Option<Timestamp> {
    let alerts = &state.alerts;
    let AlertState::Firing { until: Some(until) } = alerts.live.get(&id)?.state else { return None };
    let grace = alerts.began.after(house.settings.alerting.resolve_timeout);
    Some(alerts.renewed.0.get(&id).map_or(until.max(grace), |renewed| renewed.until))
}

/// The alerts that are over by now, by group.
pub fn over(state: &State, house: &House, now: Timestamp) -> BTreeMap<GroupId, Vec<Fingerprint>> {
    let mut over: BTreeMap<GroupId, Vec<Fingerprint>> = BTreeMap::new();
    let mut look = |id: Fingerprint| {
        if let Some(alert) = state.alerts.live.get(&id)
            && ends(state, house, id).is_some_and(|at| at <= now)
        {
            over.entry(alert.group).or_default().push(id);
        }
    };
    match state.alerts.timers.by(now) {
        Some(due) => due.for_each(|key| {
            if let Key::Alert(id) = key {
                look(id);
            }
        }),
        None => state.alerts.live.keys().copied().for_each(look),
    }
    // The same one may have been put down twice.
    over.values_mut().for_each(|ids| {
        ids.sort_unstable();
        ids.dedup();
    });
    over
}
