//! Whether anybody is to be told of an alert: a silence, a maintenance window or something worse
//! that fires may be why not.

use std::collections::{BTreeMap, BTreeSet};

use super::inhibit::{self, Index};
use super::state::Alerts;
use super::window;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::alert::Mute;
use crate::model::house::House;
use crate::model::labels::{Fingerprint, Labels, Matcher};

/// What comes with an alert in the same request and is not in the state yet. Made once for all
/// of them.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    firing: BTreeMap<Fingerprint, &'a Labels>,
    over: BTreeSet<Fingerprint>,
    index: Index,
}

impl<'a> Beside<'a> {
    /// These fire, and those are over.
    pub fn new(
        house: &House,
        firing: impl IntoIterator<Item = (Fingerprint, &'a Labels)>,
        over: impl IntoIterator<Item = Fingerprint>,
    ) -> Beside<'a> {
        let rules = &house.settings.alerting.inhibitions;
        let mut beside = Beside {
            firing: firing.into_iter().collect(),
            over: over.into_iter().collect(),
            index: Index::default(),
        };
        for (fp, labels) in &beside.firing {
            if !beside.over.contains(fp) {
                beside.index.add(rules, *fp, labels);
            }
        }
        beside
    }

    /// Whether what the state says of this one is out of date.
    pub(super) fn knows(&self, fp: &Fingerprint) -> bool {
        self.over.contains(fp) || self.firing.contains_key(fp)
    }

    pub(super) fn first(
        &self,
        n: usize,
        equal: &Labels,
        two_sided: bool,
        still: impl Fn(&Fingerprint, &Labels) -> bool,
    ) -> Option<Fingerprint> {
        self.index.first(n, equal, two_sided, |fp| self.firing.get(fp).is_some_and(|its| still(fp, its)))
    }
}

/// What mutes an alert that is kept, if anything does.
pub fn of(state: &State, house: &House, now: Timestamp, id: Fingerprint) -> Option<Mute> {
    let alert = state.alerts.live.get(&id)?;
    muted(&state.alerts, house, now, id, &alert.labels)
}

/// What mutes this alert now, if anything does. Where several do, the one that a person asked for
/// says so, then the plan, then what fires.
pub fn muted(
    alerts: &Alerts,
    house: &House,
    now: Timestamp,
    fp: Fingerprint,
    labels: &Labels,
) -> Option<Mute> {
    muted_beside(alerts, house, now, fp, labels, &Beside::default())
}

/// The same, where other alerts came with it.
pub fn muted_beside(
    alerts: &Alerts,
    house: &House,
    now: Timestamp,
    fp: Fingerprint,
    labels: &Labels,
    beside: &Beside<'_>,
) -> Option<Mute> {
    let silence = alerts.silences.values().find(|s| s.counts(now) && s.means(labels));
    if let Some(silence) = silence {
        return Some(Mute::Silence(silence.id));
    }
    let windows = &house.settings.alerting.windows;
    let window = windows.iter().find(|w| Matcher::all(&w.matchers, labels) && window::open(w, now));
    match window {
        Some(window) => Some(Mute::Window(window.name.clone())),
        None => inhibit::inhibited(alerts, house, fp, labels, beside),
    }
}

/// When it may change by time alone what is muted: a silence or a window begins or ends.
pub fn changes(alerts: &Alerts, house: &House, now: Timestamp) -> Option<Timestamp> {
    let silences = alerts.silences.values().flat_map(|s| [s.from, s.until]).filter(|at| *at > now);
    let windows = house.settings.alerting.windows.iter().filter_map(|w| window::next(w, now));
    silences.chain(windows).min()
}
