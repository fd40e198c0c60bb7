//! What happened to alerts, taken in: the state keeps it so.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::group::key_of;
use super::state::{Alerts, Shown, Storming};
use super::{silence, storm};
use crate::kit::time::Timestamp;
use crate::model::alert::{
    Alert, AlertState, AlertsReceived, Ended, Group, GroupNews, GroupPhase, Held, News, Opened, Signal,
    Taken, Why,
};
use crate::model::event::Event;
use crate::model::ids::{GroupId, IncidentId, Seq};
use crate::model::incident::{Card, Stamp};
use crate::model::labels::Fingerprint;
use crate::model::person::Person;

/// How many alerts of a group that are over are kept.
const OVER: usize = 10;
/// How many alerts that were told and ended since are remembered.
const GONE: usize = 1024;
/// How many of its ends and returns are kept.
const TURNS: usize = 64;
/// How many requests are remembered against a source that sends one twice.
const RECEIPTS: usize = 1024;
/// How many storms are kept.
const STORMS: usize = 16;
/// How many first tellings are remembered: as many as a storm can ask for.
const FRESH: usize = 1024;

impl Alerts {
    /// Takes in what happened at `at`.
    pub fn take_in(&mut self, seq: Seq, at: Timestamp, event: &Event) {
        match event {
            Event::Started { .. } => self.began = at,
            Event::AlertsReceived(received) => self.received(seq, at, received),
            Event::Alerts { group, news } => {
                self.went_on(*group, at, news);
                self.about(*group, seq, at);
            }
            Event::StormBegan { storm, channel } => {
                self.last.storm = self.last.storm.max(*storm);
                let services = storm::told(self);
                let new = Storming {
                    id: *storm,
                    since: at,
                    over: None,
                    channel: *channel,
                    card: Card::Owed,
                    groups: vec![],
                    last: at,
                    services,
                    shown: Shown::fresh(at),
                };
                self.storms.insert(*storm, new);
                while self.storms.len() > STORMS {
                    self.storms.pop_first();
                }
            }
            Event::StormEnded { storm } => {
                if let Some(storm) = self.storms.get_mut(storm) {
                    storm.over = Some(at);
                    storm.shown.changed(at);
                }
            }
            event => silence::take_in(self, at, event),
        }
    }

    pub(super) fn receipt(&mut self, source: &str, receipt: Option<&str>) {
        if let Some(receipt) = receipt.filter(|r| !self.has_receipt(source, Some(r))) {
            self.receipts.push_back(format!("{source} {receipt}"));
            self.receipts.drain(..self.receipts.len().saturating_sub(RECEIPTS));
        }
    }

    fn received(&mut self, seq: Seq, at: Timestamp, received: &AlertsReceived) {
        let known = self.sources.iter().position(|s| *s == received.source);
        let source = known.unwrap_or_else(|| {
            self.sources.push(received.source.clone());
            self.sources.len() - 1
        });
        let source = u16::try_from(source).unwrap_or(u16::MAX);
        self.receipt(&received.source, received.receipt.as_deref());
        let mut last = None;
        for taken in &received.alerts {
            self.taken(at, source, taken);
            if last != Some(taken.group) {
                self.about(taken.group, seq, at);
                last = Some(taken.group);
            }
        }
    }

    fn taken(&mut self, at: Timestamp, source: u16, taken: &Taken) {
        let Taken { alert, group, news } = taken;
        let id = alert.fingerprint;
        match (news, alert.signal) {
            (News::Renewed, Signal::Firing { until, .. }) => {
                if let Some(kept) = self.live.get_mut(&id) {
                    kept.state = AlertState::Firing { until };
                }
            }
            (News::New | News::Again | News::Joined, Signal::Firing { since, until }) => {
                let since = since.unwrap_or(at).min(at);
                if let Some(before) = self.live.get(&id).map(|a| a.group).filter(|g| g != group)
                    && let Some(before) = self.groups.get_mut(&before)
                {
                    before.over.remove(&id);
                }
                let mut kept = Alert {
                    labels: alert.labels.clone(),
                    annotations: alert.annotations.clone(),
                    link: alert.link.as_deref().map(Arc::from),
                    source,
                    group: *group,
                    since,
                    state: AlertState::Firing { until },
                    ended: None,
                };
                let beside = self.groups.get(group).and_then(|g| g.firing.first());
                if let Some(beside) = beside.and_then(|id| self.live.get(id)) {
                    kept.share(beside);
                }
                self.live.insert(id, Box::new(kept));
                self.back(*group, at);
                if let Some(group) = self.groups.get_mut(group) {
                    group.over.remove(&id);
                    group.firing.insert(id);
                    if !group.gone.remove(&id) {
                        group.untold.insert(id);
                    }
                    group.times += 1;
                }
            }
            (News::Changed, Signal::Firing { until, .. }) => {
                if let Some(kept) = self.live.get_mut(&id) {
                    kept.labels = alert.labels.clone();
                    kept.annotations = alert.annotations.clone();
                    kept.link = alert.link.as_deref().map(Arc::from);
                    kept.source = source;
                    kept.state = AlertState::Firing { until };
                }
            }
            (News::Over | News::Left, signal) => {
                let when = match signal {
                    Signal::Resolved { at: Some(when) } | Signal::Firing { until: Some(when), .. } => when,
                    _ => at,
                };
                self.alert_over(*group, id, (when.min(at), at), Ended::Said);
            }
            _ => {}
        }
    }

    /// It is over since the first of these times, which was heard at the second.
    fn alert_over(
        &mut self,
        group: GroupId,
        id: Fingerprint,
        (at, heard): (Timestamp, Timestamp),
        how: Ended,
    ) {
        if let Some(alert) = self.live.get_mut(&id) {
            (alert.state, alert.ended) = (AlertState::Over { at, heard }, Some(how));
        }
        let Some(group) = self.groups.get_mut(&group) else { return };
        group.firing.remove(&id);
        if !group.untold.remove(&id) & !group.hushed.remove(&id) {
            group.gone.insert(id);
            if group.gone.len() > GONE {
                group.gone.pop_first();
            }
        }
        group.over.insert(id);
        // Of what a person said is over all is kept: its source says every minute that it is not.
        if how != Ended::ByPerson && group.over.len() > OVER {
            let live = &self.live;
            let by_itself = |id: &&Fingerprint| live.get(id).is_none_or(|a| a.ended != Some(Ended::ByPerson));
            let oldest =
                group.over.iter().filter(by_itself).min_by_key(|id| match live.get(id).map(|a| a.state) {
                    Some(AlertState::Over { at, .. }) => at,
                    _ => Timestamp::default(),
                });
            if let Some(oldest) = oldest.copied() {
                group.over.remove(&oldest);
                self.live.remove(&oldest);
            }
        }
    }

    /// Something of a group fires that was quiet.
    fn back(&mut self, id: GroupId, at: Timestamp) {
        let Some(group) = self.groups.get_mut(&id).filter(|g| g.phase != GroupPhase::Firing) else { return };
        if let GroupPhase::Over { .. } = group.phase {
            let key = key_of(&group.opened);
            self.closed.remove(&key);
            self.open.insert(key, id);
            group.acknowledged = None;
            if let Some(incident) = group.incident {
                *self.linked.entry(incident).or_default() += 1;
            }
        }
        group.phase = GroupPhase::Firing;
        if let Some(Held::Flaps { .. }) = group.held {
            group.held = None;
        }
        turn(group, at);
    }

    fn went_on(&mut self, id: GroupId, at: Timestamp, news: &GroupNews) {
        match news {
            GroupNews::Opened(opened) => return self.opened(opened),
            GroupNews::Expired(gone) => {
                gone.iter().for_each(|alert| self.alert_over(id, *alert, (at, at), Ended::Expired));
            }
            GroupNews::Dismissed { .. } => {
                let all = self.groups.get(&id).map(|g| g.firing.clone()).unwrap_or_default();
                all.into_iter().for_each(|alert| self.alert_over(id, alert, (at, at), Ended::ByPerson));
            }
            _ => {}
        }
        let Some(group) = self.groups.get_mut(&id) else { return };
        match news {
            GroupNews::Told { why, firing } => {
                let first = group.told.is_none();
                group.told = Some((at, *firing));
                group.untold.clear();
                group.gone.clear();
                if *why != Why::Over {
                    group.held = None;
                }
                if first {
                    group.storm = None;
                    self.fresh(at);
                    self.heard(id, at);
                }
            }
            GroupNews::Held(held) => group.held = Some(held.clone()),
            GroupNews::Hushed { alerts, .. } => {
                for id in alerts.iter().filter(|id| group.firing.contains(id)) {
                    group.untold.remove(id);
                    group.hushed.insert(*id);
                }
            }
            GroupNews::Unhushed(ids) => {
                for id in ids.iter().filter(|id| group.firing.contains(id)) {
                    group.hushed.remove(id);
                    group.untold.insert(*id);
                }
            }
            GroupNews::Settling => {
                group.phase = GroupPhase::Settling { since: at };
                turn(group, at);
            }
            GroupNews::Over => self.over(id, at),
            GroupNews::Acknowledged { by } => {
                let by = by.clone().unwrap_or_else(Person::muster);
                group.acknowledged = Some(Stamp { at, by });
            }
            GroupNews::Linked { incident, .. } => {
                let before = group.incident.replace(*incident);
                if !matches!(group.phase, GroupPhase::Over { .. }) {
                    before.into_iter().for_each(|before| self.unlink(before));
                    *self.linked.entry(*incident).or_default() += 1;
                }
            }
            GroupNews::InStorm(storm) => {
                let before = group.storm.replace(*storm);
                if let Some(storm) = self.storms.get_mut(storm) {
                    if before != Some(storm.id) {
                        storm.groups.push(id);
                    }
                    storm.last = at;
                }
                self.fresh(at);
            }
            GroupNews::Opened(_) | GroupNews::Expired(_) | GroupNews::Dismissed { .. } => {}
        }
    }

    fn opened(&mut self, opened: &Opened) {
        let id = opened.group;
        self.last.group = self.last.group.max(id);
        let key = key_of(opened);
        self.closed.remove(&key);
        self.open.insert(key, id);
        let group = Group {
            id,
            opened: opened.clone(),
            firing: BTreeSet::new(),
            over: BTreeSet::new(),
            times: 0,
            phase: GroupPhase::Firing,
            acknowledged: None,
            incident: None,
            card: Card::Owed,
            told: None,
            untold: BTreeSet::new(),
            hushed: BTreeSet::new(),
            gone: BTreeSet::new(),
            held: None,
            turns: vec![],
            storm: None,
            commits: vec![],
        };
        self.groups.insert(id, group);
    }

    fn over(&mut self, id: GroupId, at: Timestamp) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        if group.phase == GroupPhase::Firing {
            turn(group, at);
        }
        (group.phase, group.held) = (GroupPhase::Over { at }, None);
        let key = key_of(&group.opened);
        let incident = group.incident;
        self.open.remove(&key);
        self.closed.insert(key, id);
        self.ended.push_back((id, at));
        incident.into_iter().for_each(|incident| self.unlink(incident));
    }

    fn unlink(&mut self, incident: IncidentId) {
        if let Some(count) = self.linked.get_mut(&incident) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.linked.remove(&incident);
            }
        }
    }

    /// People were told of something for the first time.
    fn fresh(&mut self, at: Timestamp) {
        self.fresh.push_back(at);
        self.fresh.drain(..self.fresh.len().saturating_sub(FRESH));
    }

    /// A group has a card of its own: while a storm goes on it is the first of its service.
    fn heard(&mut self, id: GroupId, at: Timestamp) {
        let service = self.groups.get(&id).map(|g| g.opened.service.clone().unwrap_or_default());
        if let Some(storm) = self.storms.values_mut().next_back().filter(|s| s.over.is_none()) {
            storm.services.extend(service);
            storm.last = at;
        }
    }

    /// A commit is about a group: its card, and the roll-up that counts it, do not show that yet.
    fn about(&mut self, id: GroupId, seq: Seq, at: Timestamp) {
        let Some(group) = self.groups.get_mut(&id) else { return };
        if group.commits.last() != Some(&seq) {
            group.commits.push(seq);
        }
        if let Some(storm) = group.storm.and_then(|id| self.storms.get_mut(&id)) {
            storm.shown.changed(at);
        }
        if let Some(shown) = self.shown.get_mut(&id) {
            shown.changed(at);
        }
    }
}

fn turn(group: &mut Group, at: Timestamp) {
    group.turns.push(at);
    group.turns.drain(..group.turns.len().saturating_sub(TURNS));
}
