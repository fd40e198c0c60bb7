//! What the auditor judges: taken from what the engine knows, with nothing of what decides.

use std::collections::{BTreeMap, BTreeSet};

use super::alert::SOURCE;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::alert::Group;
use crate::model::effect::Lane;
use crate::model::house::House;
use crate::model::ids::{EffectId, GroupId, IncidentId, PageId};
use crate::model::incident::Severity;
use crate::model::page::{About, Page, Standing};

/// What there is to judge at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Of each page that is not over, when it is to move on.
    pub pages: Vec<(PageId, Timestamp)>,
    /// The incidents that somebody should be called for.
    pub incidents: Vec<Urgent>,
    /// Of each lane with something owed: what is next, and since when just that is.
    pub lanes: BTreeMap<Lane, (EffectId, Timestamp)>,
    /// Since when no commands arrive.
    pub gateway: Option<Timestamp>,
    /// How much room the disk has, and how much it should have, in bytes.
    pub disk: Option<(u64, u64)>,
}

/// An incident that is bad enough for somebody to be called, by the policies of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urgent {
    /// Which.
    pub id: IncidentId,
    /// How bad.
    pub severity: Severity,
    /// Since when it is known.
    pub since: Timestamp,
    /// Whether somebody was called, or did something in it, or everybody heard that nobody answered.
    pub called: bool,
}

/// What the engine knows of it; lanes, gateway and disk are for whoever remembers and asks.
pub fn of(state: &State, house: &House) -> Seen {
    let own = Own::of(state);
    let pages = state.pages.all.values().filter(|page| !own.has(page.begun.about));
    let pages = pages.filter_map(|page| Some((page.id(), due(page)?))).collect();
    let urgent = |id: &IncidentId| !own.incidents.contains(id);
    let incidents = state.open().into_iter().filter(|i| i.severity <= Severity::P2 && !i.drill);
    let incidents = incidents.filter(|i| urgent(&i.id));
    // Where no policy is for it, nobody wants anybody to be called.
    let incidents = incidents.filter(|i| house.oncall.policy(i.service.as_deref(), i.severity).is_some());
    let incidents = incidents.map(|i| {
        let about = state.pages.all.values().rev().find(|p| p.begun.about == About::Incident(i.id));
        let by_hand = || state.pages.all.values().any(|page| asked_for(page, i.id));
        let called = i.respond_by.is_none() || about.is_some_and(reached) || by_hand();
        Urgent { id: i.id, severity: i.severity, since: i.declared.at, called }
    });
    Seen { pages, incidents: incidents.collect(), ..Seen::default() }
}

/// What is next in each lane that must not stand still.
pub fn next_in_lanes(state: &State) -> BTreeMap<Lane, EffectId> {
    let own = Own::of(state);
    let mut next = BTreeMap::new();
    for (id, owed) in &state.unsettled {
        let lane = owed.effect.lane();
        let waits = match lane {
            // A step takes as long as its runbook lets it; what people wait for has its own end.
            Lane::Step(_) | Lane::End(_) => true,
            Lane::Alerts(group) => own.groups.contains(&group),
            Lane::Incident(incident) => own.incidents.contains(&incident),
            _ => false,
        };
        if !waits {
            next.entry(lane).or_insert(*id);
        }
    }
    next
}

/// When a page is to move on: said here a second time and not asked of what decides.
fn due(page: &Page) -> Option<Timestamp> {
    match &page.standing {
        Standing::Climbing { until, again, .. } => Some(again.map_or(*until, |again| again.min(*until))),
        Standing::Acknowledged { wears_off, next, .. } => {
            Some(next.map_or(*wears_off, |(_, at)| at.min(*wears_off)))
        }
        Standing::Exhausted { again, .. } => Some(*again),
        Standing::Over { .. } => None,
    }
}

/// Whether somebody was called for a page, or it says that nobody is left.
fn reached(page: &Page) -> bool {
    !page.calls.is_empty() || !matches!(page.standing, Standing::Climbing { .. })
}

/// Whether somebody called people by hand for an incident, and that is not over.
fn asked_for(page: &Page, incident: IncidentId) -> bool {
    let asked = page.begun.about == About::Asked { incident: Some(incident) };
    asked && !page.calls.is_empty() && !matches!(page.standing, Standing::Over { .. })
}

/// What the auditor's own alerts led to: it never judges that, or it would go on for ever.
struct Own {
    groups: BTreeSet<GroupId>,
    incidents: BTreeSet<IncidentId>,
}

impl Own {
    fn of(state: &State) -> Own {
        let alerts = &state.alerts;
        let source = alerts.sources.iter().position(|s| s == SOURCE).and_then(|n| u16::try_from(n).ok());
        let is_own = |group: &Group| {
            let mut all = group.firing.iter().chain(&group.over);
            all.any(|id| alerts.live.get(id).is_some_and(|alert| Some(alert.source) == source))
        };
        let own = || alerts.groups.values().filter(|group| source.is_some() && is_own(group));
        Own {
            groups: own().map(|group| group.id).collect(),
            incidents: own().filter_map(|group| group.incident).collect(),
        }
    }

    fn has(&self, about: About) -> bool {
        match about {
            About::Alerts(group) => self.groups.contains(&group),
            About::Incident(id) => self.incidents.contains(&id),
            About::Asked { .. } | About::Test | About::Shift { .. } => false,
        }
    }
}
