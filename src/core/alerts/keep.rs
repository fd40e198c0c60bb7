//! What stays at hand of alerts, which commits are about them, and which cards are fresh.

use std::collections::BTreeSet;

use super::group::key_of;
use super::state::{Alerts, Shown};
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::alert::{GroupNews, GroupPhase};
use crate::model::commit::Commit;
use crate::model::commits::Commits;
use crate::model::effect::{Board, Effect};
use crate::model::event::Event;
use crate::model::ids::{GroupId, IncidentId, Seq};

/// How many groups that are over are kept at hand; older ones are found in the journal.
const GROUPS: usize = 128;
/// How many of those are put away together: what is owed is looked through only then.
const TOGETHER: usize = 32;
/// As long as no more of a group fires, its incident's history has each request about it.
const HISTORY: usize = 50;

impl Alerts {
    /// What is owed shows what is so now.
    fn showing(&mut self, at: Timestamp, effect: &Effect) {
        let fresh = Shown::fresh(at);
        match effect {
            Effect::PostBoard { board: Board::Alerts(id), .. }
            | Effect::EditBoard { board: Board::Alerts(id), .. } => {
                self.shown.insert(*id, fresh);
            }
            Effect::PostBoard { board: Board::Storm(id), .. }
            | Effect::EditBoard { board: Board::Storm(id), .. } => {
                if let Some(storm) = self.storms.get_mut(id) {
                    storm.shown = fresh;
                }
            }
            _ => {}
        }
    }

    /// Keeps the newest of the groups that are over at hand.
    fn put_away(&mut self, owed: &BTreeSet<GroupId>) {
        for (id, at) in self.ended.drain(..TOGETHER).collect::<Vec<_>>() {
            // It may have come back since.
            let Some(group) = self.groups.get(&id).filter(|g| g.phase == (GroupPhase::Over { at })) else {
                continue;
            };
            if owed.contains(&id) {
                self.ended.push_back((id, at));
                continue;
            }
            let key = key_of(&group.opened);
            group.over.iter().for_each(|alert| {
                self.live.remove(alert);
            });
            self.past.insert(id, Commits::of(&group.commits));
            self.groups.remove(&id);
            self.shown.remove(&id);
            if self.closed.get(&key) == Some(&id) {
                self.closed.remove(&key);
            }
        }
    }
}

impl State {
    /// Takes in what a commit says of alerts.
    pub(in crate::core) fn alerts_went_on(&mut self, commit: &Commit, event: &Event) {
        self.alerts.take_in(commit.seq, commit.at, event);
        let belongs = |group: &GroupId| self.alerts.groups.get(group);
        let incidents: BTreeSet<IncidentId> = match event {
            Event::Alerts { group, .. } => belongs(group).and_then(|g| g.incident).into_iter().collect(),
            Event::AlertsReceived(received) => {
                let groups: BTreeSet<GroupId> = received.alerts.iter().map(|t| t.group).collect();
                let few = groups.iter().filter_map(belongs).filter(|g| g.firing.len() <= HISTORY);
                few.filter_map(|g| g.incident).collect()
            }
            _ => return,
        };
        incidents.into_iter().for_each(|id| self.about(id, commit.seq, |_| {}));
        if let Event::Alerts { group, news: GroupNews::Linked { incident, .. } } = event {
            // How it began is part of the incident's history.
            let own = self.alerts.groups.get(group).map(|g| g.commits.clone()).unwrap_or_default();
            let own = own.into_iter().take(HISTORY);
            self.about(*incident, commit.seq, |i| {
                i.commits.extend(own);
                i.commits.sort_unstable();
                i.commits.dedup();
            });
        }
    }

    /// Takes in what a commit owes that shows alerts, and puts away what is over.
    pub(in crate::core) fn alerts_shown(&mut self, commit: &Commit) {
        commit.effects.iter().for_each(|effect| self.alerts.showing(commit.at, effect));
        if self.alerts.ended.len() >= GROUPS + TOGETHER {
            let owed = self.unsettled.values().filter_map(|o| match &o.effect {
                Effect::PostBoard { board: Board::Alerts(id), .. }
                | Effect::EditBoard { board: Board::Alerts(id), .. } => Some(*id),
                _ => None,
            });
            let owed = owed.collect();
            self.alerts.put_away(&owed);
        }
    }

    /// The commits that are about a group; `None` where there is no such group.
    pub fn commits_of_group(&self, group: GroupId) -> Option<Vec<Seq>> {
        let at_hand = self.alerts.groups.get(&group).map(|g| g.commits.clone());
        at_hand.or_else(|| self.alerts.past.get(&group).map(Commits::list))
    }
}
