//! So much at once that nobody could read it: one message counts it, and the first of each service has
//! its own card all the same.

use std::collections::BTreeSet;
use std::time::Duration;

use super::state::{Alerts, Storming};
use super::tell::{Teller, View};
use super::{card, incident, tell, timers};
use crate::kit::time::Timestamp;
use crate::model::alert::{Group, GroupPhase, Held, Why};
use crate::model::card::Show;
use crate::model::effect::{Board, Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{GroupId, StormId};
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

/// Whether people can be told of one more that a storm left: new ones need room, too.
pub(super) fn has_room(teller: &Teller<'_>) -> bool {
    let rules = teller.house.settings.alerting.storm;
    rules.groups == 0 || lately(teller, rules.within) < (rules.groups / 2).max(1)
}

/// What a storm counted and still fires.
fn left<'a>(alerts: &'a Alerts, storm: &'a Storming) -> impl Iterator<Item = &'a Group> {
    let groups = storm.groups.iter().filter_map(|id| alerts.groups.get(id));
    groups.filter(|g| g.phase == GroupPhase::Firing && g.held == Some(Held::Storm(storm.id)))
}

/// Whether a storm that is over left so few that each can have its card.
fn left_few(alerts: &Alerts, house: &House, storm: &Storming) -> bool {
    let most = house.settings.alerting.storm.groups.max(1) as usize;
    (1..=most).contains(&left(alerts, storm).take(most + 1).count())
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
pub fn next(alerts: &Alerts, house: &House, storm: &Storming) -> Option<Timestamp> {
    let ends = storm.over.is_none().then(|| calm(house, storm));
    let cards = storm.over.filter(|_| left_few(alerts, house, storm));
    ends.into_iter().chain(stale(storm)).chain(cards).min()
}

/// What of storms is due by now.
/// `done` is what was looked at already: the state does not know yet what came of that.
pub(super) fn overdue(teller: &mut Teller<'_>, done: &BTreeSet<GroupId>) {
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
            still(teller, storm, done);
        } else if storm.over.is_some() && left_few(alerts, teller.house, storm) {
            for group in left(alerts, storm) {
                if has_room(teller) && !done.contains(&group.id) {
                    // What is muted meanwhile is not told.
                    match tell::muted(teller.state, teller.house, teller.now, group) {
                        Some(by) => teller.held(group.id, Held::Muted(by)),
                        None => teller.first(&View::of(teller.state, group), Why::First),
                    }
                }
            }
        }
        let ended = now.over != storm.over && storm.card != Card::Lost;
        if ended || stale(storm).is_some_and(|at| at <= teller.now) {
            let show = Show::Storm(Box::new(card::storm(alerts, &now)));
            teller.effects.push(Effect::EditBoard { board: Board::Storm(storm.id), show });
        }
    }
}

/// It is over, and so much of it fires that its message goes on counting it: an edit calls nobody, so this
/// says so. Once there is little enough left, each has its card.
fn still(teller: &mut Teller<'_>, storm: &Storming, done: &BTreeSet<GroupId>) {
    let count = left(&teller.state.alerts, storm).filter(|g| !done.contains(&g.id)).count();
    if count == 0 || left_few(&teller.state.alerts, teller.house, storm) {
        return;
    }
    let link = match storm.card {
        Card::At { channel, message } => {
            let guild = teller.house.settings.guild;
            format!(": <https://discord.com/channels/{guild}/{channel}/{message}>")
        }
        Card::Owed | Card::Lost => String::new(),
    };
    let text = format!("**{}**: nothing more began, and {count} of it still fire{link}", storm.id);
    let show = Show::Call { roles: vec![], people: vec![], text };
    teller.effects.push(Effect::Say { place: Place::Channel(storm.channel), show });
}
