//! Alerts: what a source says becomes a problem that people see once.
//!
//! - [`receive`] takes a request in: what of it is new. [`route`] says which route takes an alert,
//!   [`group`] what makes alerts one problem, and what people do with it.
//! - [`tell`] decides whether people are told, and why: muted ([`mute`]: a [`silence`], a [`window`],
//!   or [`inhibit`]), part of a [`storm`], or held back because it flaps ([`flap`]); [`silencing`] is
//!   what people say of silences. [`incident`] opens incidents by policy.
//! - [`expire`] is what nobody says any more, [`timers`] when something is due.
//! - [`beats`] waits for jobs, and [`marks`] keeps what changed.
//! - [`state`] is what is known of them, [`live`] the alerts themselves, [`fold`] what happened to
//!   them, [`keep`] what stays at hand; `preview` shows a few groups as a decision leaves them.

pub mod beats;
pub mod expire;
pub mod flap;
pub mod fold;
pub mod group;
pub mod incident;
pub mod inhibit;
pub mod keep;
pub mod live;
pub mod marks;
pub mod mute;
mod preview;
pub mod receive;
pub mod route;
pub mod silence;
pub mod silencing;
pub mod state;
pub mod storm;
pub mod tell;
pub mod timers;
pub mod window;

pub use receive::receive;
pub use tell::overdue;
pub use timers::remember;

use super::Outcome;
use super::state::State;
use crate::kit::time::Timestamp;
use crate::model::alert::{AlertCard, Group, GroupNews, StormCard};
use crate::model::heartbeat::Ping;
use crate::model::house::House;
use state::{Alerts, Storming};

/// A job said when it ran.
pub fn pinged(state: &State, house: &House, now: Timestamp, ping: &Ping) -> Outcome {
    beats::pinged(state, house, now, ping)
}

/// When something is due next.
pub fn next(state: &State) -> Option<Timestamp> {
    timers::next(state).into_iter().chain(beats::next(&state.alerts)).min()
}

/// Whether alerts ended by this, of which nothing more is said in it.
fn ends_alerts(news: &GroupNews) -> bool {
    matches!(news, GroupNews::Expired(_) | GroupNews::Dismissed { .. })
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
