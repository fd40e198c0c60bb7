//! Alerts: what a source says becomes a problem that people see once.
//!
//! - [`state`] is what is known of them; [`live`] are the alerts themselves.
//! - [`mute`] says why nobody is told: [`silence`], [`window`] or [`inhibit`]; [`silencing`] is
//!   what people say of silences.
//! - [`beats`] waits for jobs, and [`marks`] keeps what changed.

pub mod beats;
pub mod inhibit;
pub mod live;
pub mod marks;
pub mod mute;
pub mod silence;
pub mod silencing;
pub mod state;
pub mod window;

use super::Outcome;
use super::state::State;
use crate::kit::time::Timestamp;
use crate::model::alert::{AlertCard, Batch, Group, StormCard};
use crate::model::heartbeat::Ping;
use crate::model::house::House;
use state::{Alerts, Storming};

/// A source told of alerts.
pub fn receive(state: &State, house: &House, _now: Timestamp, batch: &Batch) -> Outcome {
    marks::received(state, house, batch)
}

/// A job said when it ran.
pub fn pinged(state: &State, house: &House, now: Timestamp, ping: &Ping) -> Outcome {
    beats::pinged(state, house, now, ping)
}

/// What is due by now.
pub fn overdue(_state: &State, _house: &House, _now: Timestamp) -> Outcome {
    Outcome::default()
}

/// When something is due next.
pub fn next(state: &State) -> Option<Timestamp> {
    beats::next(&state.alerts)
}

/// What a group's card shows now.
pub fn card(_alerts: &Alerts, group: &Group) -> AlertCard {
    AlertCard {
        opened: group.opened.clone(),
        phase: group.phase,
        since: group.opened.at,
        firing: u32::try_from(group.firing.len()).unwrap_or(u32::MAX),
        times: group.times,
        summary: None,
        description: None,
        alerts: vec![],
        links: vec![],
        playbooks: vec![],
        acknowledged: group.acknowledged.clone(),
        incident: group.incident,
        held: group.held.clone(),
        flaps: 0,
    }
}

/// What a storm's message shows now.
pub fn storm_card(alerts: &Alerts, storm: &Storming) -> StormCard {
    let groups: Vec<&Group> = storm.groups.iter().filter_map(|id| alerts.groups.get(id)).collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    StormCard {
        id: storm.id,
        since: storm.since,
        over: storm.over,
        groups: (count(storm.groups.len()), count(groups.iter().filter(|g| !g.firing.is_empty()).count())),
        alerts: groups.iter().map(|g| count(g.firing.len())).sum(),
        services: vec![],
        some: vec![],
    }
}
