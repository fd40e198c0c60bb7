//! So much at once that nobody could read it: one message counts it, and the first of each service has
//! its own card all the same.

use std::collections::BTreeSet;
use std::time::Duration;

use super::state::{Alerts, Storming};
use super::tell::{Teller, View};
use super::{card, incident, timers};
use crate::kit::time::Timestamp;
use crate::model::card::Show;
use crate::model::effect::{Board, Effect};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::StormId;
use crate::model::incident::Card;

/// What one decision knows of storms, which the state does not know yet.
#[derive(Default)]
pub struct Overlay {
    /// The storm that began.
    pub begun: Option<StormId>,
    /// The services that have a card.
    seen: BTreeSet<String>,
    /// Of how many groups people were told.
    fresh: u32,
}

/// The storm that is not over.
pub fn active(alerts: &Alerts) -> Option<&Storming> {
    alerts.storms.values().next_back().filter(|s| s.over.is_none())
}

/// Whether a storm counts a group of which people would be told now, and which does.
pub(super) fn counts(teller: &mut Teller<'_>, view: &View<'_>) -> Option<StormId> {
    let rules = teller.house.settings.alerting.storm;
    let alerts = &teller.state.alerts;
    let going = teller.storm.begun.or_else(|| active(alerts).map(|s| s.id));
    let service = view.opened.service.clone().unwrap_or_default();
    let id = match going {
        Some(id) => id,
        None if rules.groups == 0 || lately(teller, rules.within) < rules.groups => {
            teller.storm.fresh += 1;
            teller.storm.seen.insert(service);
            return None;
        }
        None => begin(teller),
    };
    let seen = |s: &String| {
        teller.storm.seen.contains(s) || active(alerts).is_some_and(|storm| storm.services.contains(s))
    };
    // The first of each service never waits, and what opens an incident has its card.
    let joins = incident::joins(teller, view.opened.service.as_deref()).is_some();
    if !seen(&service) || incident::opens(teller, view.opened) && !joins {
        teller.storm.seen.insert(service);
        return None;
    }
    Some(id)
}

/// Of how many groups people were told in so long.
fn lately(teller: &Teller<'_>, within: Duration) -> u32 {
    let recent = teller.state.alerts.fresh.iter().rev();
    let recent = recent.take_while(|at| teller.now.since(**at) <= within);
    u32::try_from(recent.count()).unwrap_or(u32::MAX) + teller.storm.fresh
}

fn begin(teller: &mut Teller<'_>) -> StormId {
    let storm = StormId(teller.state.alerts.last.storm.0 + 1);
    let channel = teller.house.settings.channels.alerts;
    teller.events.push(Event::StormBegan { storm, channel });
    teller.storm.begun = Some(storm);
    teller.storm.seen.extend(told(&teller.state.alerts));
    storm
}

/// The services of which something that fires has a card of its own.
pub(super) fn told(alerts: &Alerts) -> BTreeSet<String> {
    let groups = alerts.open.values().filter_map(|id| alerts.groups.get(id));
    let told = groups.filter(|g| g.told.is_some() && g.storm.is_none());
    told.map(|g| g.opened.service.clone().unwrap_or_default()).collect()
}

/// When nothing more began for so long that it is over.
fn calm(house: &House, storm: &Storming) -> Timestamp {
    storm.last.after(house.settings.alerting.storm.within * 2)
}

fn stale(storm: &Storming) -> Option<Timestamp> {
    storm.shown.due.filter(|_| storm.card != Card::Lost)
}

/// When something of a storm is due.
pub fn next(house: &House, storm: &Storming) -> Option<Timestamp> {
    let ends = storm.over.is_none().then(|| calm(house, storm));
    ends.into_iter().chain(stale(storm)).min()
}

/// What of storms is due by now.
pub(super) fn overdue(teller: &mut Teller<'_>) {
    let alerts = &teller.state.alerts;
    let ids: Vec<StormId> = match alerts.timers.by(teller.now) {
        Some(due) => {
            due.filter_map(|key| if let timers::Key::Storm(id) = key { Some(id) } else { None }).collect()
        }
        None => alerts.storms.keys().copied().collect(),
    };
    let ids: BTreeSet<StormId> = ids.into_iter().collect();
    for storm in ids.iter().filter_map(|id| alerts.storms.get(id)) {
        let mut now = storm.clone();
        if storm.over.is_none() && calm(teller.house, storm) <= teller.now {
            teller.events.push(Event::StormEnded { storm: storm.id });
            now.over = Some(teller.now);
        }
        let ended = now.over != storm.over && storm.card != Card::Lost;
        if ended || stale(storm).is_some_and(|at| at <= teller.now) {
            let show = Show::Storm(Box::new(card::storm(alerts, &now)));
            teller.effects.push(Effect::EditBoard { board: Board::Storm(storm.id), show });
        }
    }
}
