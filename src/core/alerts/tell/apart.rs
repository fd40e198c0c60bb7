//! Of the alerts of a group some may be muted: each of them is told when it is not.

use std::collections::{BTreeMap, BTreeSet};

use super::{Teller, View};
use crate::core::alerts::mute;
use crate::model::alert::{Group, GroupNews, Mute};
use crate::model::ids::GroupId;
use crate::model::labels::Fingerprint;

impl Teller<'_> {
    /// Whoever is told of a group is not told of what is muted in it: that is new once it is not.
    pub(super) fn hush(&mut self, view: &View<'_>) {
        let id = view.opened.group;
        let mut muted = view.hushed.to_vec();
        if let Some(group) = self.state.alerts.groups.get(&id) {
            muted.extend(self.muted(&group.untold));
            self.unhush(group);
        }
        self.hushed(id, muted);
    }

    /// Those of these alerts that are muted, and by what.
    pub(super) fn muted(&self, alerts: &BTreeSet<Fingerprint>) -> Vec<(Fingerprint, Mute)> {
        let by = |id: &Fingerprint| mute::of(self.state, self.house, self.now, *id).map(|by| (*id, by));
        alerts.iter().filter_map(by).collect()
    }

    pub(super) fn hushed(&mut self, group: GroupId, muted: Vec<(Fingerprint, Mute)>) {
        let mut all: BTreeMap<Mute, Vec<Fingerprint>> = BTreeMap::new();
        for (id, by) in muted {
            all.entry(by).or_default().push(id);
        }
        for (by, alerts) in all {
            self.news(group, GroupNews::Hushed { by, alerts });
        }
    }

    /// What of it was muted and is not any more.
    pub(super) fn unhush(&mut self, group: &Group) {
        let loud = |id: &&Fingerprint| mute::of(self.state, self.house, self.now, **id).is_none();
        let heard: Vec<_> = group.hushed.iter().filter(loud).copied().collect();
        if !heard.is_empty() {
            self.news(group.id, GroupNews::Unhushed(heard));
        }
    }
}
