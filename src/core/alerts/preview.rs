//! A few groups as they will be once a decision is taken in: cards show that, and copying all that is
//! known of alerts for it would cost too much.

use std::collections::BTreeSet;

use super::card;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::alert::{AlertsReceived, Group, GroupNews, Held, Mute};
use crate::model::card::Show;
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{ChannelId, GroupId, Seq, StormId};

/// How many alerts of a group are looked at: a card shows fewer.
const SOME: usize = 32;

/// A small state with these groups in it, and little else.
pub(super) struct Preview {
    state: State,
    groups: BTreeSet<GroupId>,
    storm: Option<StormId>,
}

impl Preview {
    /// These groups, and those of a storm that begins, as these events leave them.
    pub fn new(
        state: &State,
        now: Timestamp,
        groups: &BTreeSet<GroupId>,
        storm: Option<StormId>,
        events: &[Event],
    ) -> Preview {
        let mut seen = State::default();
        let (from, to) = (&state.alerts, &mut seen.alerts);
        (to.sources, to.last, to.began) = (from.sources.clone(), from.last, from.began);
        to.silences = from.silences.clone();
        let mut wanted = groups.clone();
        if storm.is_some() {
            wanted.extend(events.iter().filter_map(|e| match e {
                Event::Alerts { group, news: GroupNews::InStorm(_) } => Some(*group),
                _ => None,
            }));
        }
        for group in wanted.iter().filter_map(|id| from.groups.get(id)) {
            let some = group.firing.iter().take(SOME).chain(&group.over);
            for id in some {
                if let Some(alert) = from.live.get(id) {
                    to.live.insert(*id, alert.clone());
                }
            }
            to.groups.insert(group.id, Group { commits: vec![], ..group.clone() });
            let incident = group.incident.and_then(|id| state.incidents.get(&id));
            seen.incidents.extend(incident.map(|i| (i.id, i.clone())));
        }
        // What changed of their services is on their cards.
        let services: BTreeSet<&String> =
            to.groups.values().filter_map(|g| g.opened.service.as_ref()).collect();
        let services: BTreeSet<&String> =
            services.into_iter().chain(events.iter().filter_map(began)).collect();
        let marks = from.marks.iter().filter(|m| m.service.as_ref().is_some_and(|s| services.contains(s)));
        let marks = marks.cloned().collect();
        to.marks = marks;
        for event in events {
            match event {
                Event::AlertsReceived(all) => {
                    let of = all.alerts.iter().filter(|taken| wanted.contains(&taken.group)).cloned();
                    let part =
                        AlertsReceived { source: all.source.clone(), receipt: None, alerts: of.collect() };
                    to.take_in(Seq(0), now, &Event::AlertsReceived(Box::new(part)));
                }
                Event::Alerts { group, .. } if !wanted.contains(group) => {}
                event => to.take_in(Seq(0), now, event),
            }
        }
        // And what keeps them quiet.
        let worse = to.groups.values().filter_map(|g| match &g.held {
            Some(Held::Muted(Mute::Inhibited { by, .. })) => Some(*by),
            _ => None,
        });
        for by in worse.collect::<Vec<_>>() {
            if let Some(alert) = from.live.get(&by).filter(|_| !to.live.contains_key(&by)) {
                let group = from.groups.get(&alert.group).filter(|g| !to.groups.contains_key(&g.id));
                to.groups.extend(group.map(|g| (g.id, Group { commits: vec![], ..g.clone() })));
                to.live.insert(by, alert.clone());
            }
        }
        Preview { state: seen, groups: groups.clone(), storm }
    }

    /// What the card of each group shows, and in which channel.
    pub fn groups(&self, house: &House) -> impl Iterator<Item = (GroupId, ChannelId, Show)> {
        let groups = self.groups.iter().filter_map(|id| self.state.alerts.groups.get(id));
        groups.map(move |g| {
            let shown = card::card(&self.state, house, g);
            (g.id, g.opened.channel, Show::Alerts(Box::new(shown)))
        })
    }

    /// What the message of the storm that begins shows, and in which channel.
    pub fn storm(&self) -> Option<(ChannelId, Show)> {
        let storm = self.state.alerts.storms.get(&self.storm?)?;
        Some((storm.channel, Show::Storm(Box::new(card::storm(&self.state.alerts, storm)))))
    }
}

/// The service of a group that begins.
fn began(event: &Event) -> Option<&String> {
    match event {
        Event::Alerts { news: GroupNews::Opened(opened), .. } => opened.service.as_ref(),
        _ => None,
    }
}
