//! Alerts as Alertmanager's API v2 shows them, for the programs that ask there, and Muster's figures.

use regex::Regex;
use serde_json::{Value, json};

use crate::core::alerts::mute;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::alert::{Alert, AlertState, Mute};
use crate::model::house::House;
use crate::model::labels::{Fingerprint, Matcher};

/// Which alerts somebody wants to see.
#[derive(Debug)]
pub struct Query {
    /// Those that all of these match.
    pub filter: Vec<Matcher>,
    /// Those that people are told of.
    pub active: bool,
    /// Those that are silenced, or in a window.
    pub silenced: bool,
    /// Those that something worse keeps quiet.
    pub inhibited: bool,
    /// Those that nothing was decided of yet.
    pub unprocessed: bool,
    /// Those of routes that this matches.
    pub receiver: Option<Regex>,
}

impl Default for Query {
    fn default() -> Query {
        Query {
            filter: vec![],
            active: true,
            silenced: true,
            inhibited: true,
            unprocessed: true,
            receiver: None,
        }
    }
}

/// An alert that fires, and what is to be said of it.
#[derive(Debug)]
pub struct Shown {
    fingerprint: Fingerprint,
    alert: Alert,
    until: Option<Timestamp>,
    /// When its source said so last, as far as that is known: a restart forgets it.
    heard: Timestamp,
    route: String,
    mute: Option<Mute>,
}

/// The alerts that are asked for, by fingerprint.
pub fn chosen(state: &State, house: &House, now: Timestamp, query: &Query) -> Vec<Shown> {
    let alerts = &state.alerts;
    let mut found = vec![];
    for (fingerprint, alert) in &alerts.live {
        let AlertState::Firing { until } = alert.state else { continue };
        let renewed = alerts.renewed.0.get(fingerprint);
        let until = renewed.map(|r| r.until).or(until);
        let heard = renewed.map_or(alert.since, |r| r.heard);
        if until.is_some_and(|until| until < now) || !Matcher::all(&query.filter, &alert.labels) {
            continue;
        }
        let group = alerts.groups.get(&alert.group);
        let route = group.map(|g| g.opened.route.clone()).unwrap_or_default();
        if query.receiver.as_ref().is_some_and(|r| !r.is_match(&route)) {
            continue;
        }
        let mute = mute::muted(alerts, house, now, *fingerprint, &alert.labels);
        let wanted = match &mute {
            None => query.active,
            Some(Mute::Inhibited { .. }) => query.inhibited,
            Some(Mute::Silence(_) | Mute::Window(_)) => query.silenced,
        };
        if wanted {
            let (fingerprint, alert) = (*fingerprint, (**alert).clone());
            found.push(Shown { fingerprint, alert, until, heard, route, mute });
        }
    }
    found
}

/// As the API writes them. `updatedAt` is when the source said so last; after a restart, until it says
/// so again, and of what does not end by itself, it is when the alert began.
pub fn json(shown: &[Shown]) -> Value {
    let one = |s: &Shown| {
        let (mut silenced, mut inhibited) = (vec![], vec![]);
        match &s.mute {
            Some(Mute::Silence(id)) => silenced.push(id.to_string()),
            Some(Mute::Window(name)) => silenced.push(name.clone()),
            Some(Mute::Inhibited { by, .. }) => inhibited.push(by.to_string()),
            None => {}
        }
        let state = if s.mute.is_some() { "suppressed" } else { "active" };
        json!({
            "fingerprint": s.fingerprint,
            "labels": s.alert.labels,
            "annotations": s.alert.annotations,
            "startsAt": s.alert.since.rfc3339(),
            "endsAt": s.until.map(Timestamp::rfc3339).unwrap_or_else(|| "0001-01-01T00:00:00.000Z".to_owned()),
            "updatedAt": s.heard.rfc3339(),
            "generatorURL": s.alert.link.as_deref().unwrap_or_default(),
            "receivers": [{ "name": s.route }],
            "status": { "state": state, "silencedBy": silenced, "inhibitedBy": inhibited },
        })
    };
    shown.iter().map(one).collect()
}

/// How much there is of what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Alerts that fire.
    pub alerts: u64,
    /// Groups that fire.
    pub groups: u64,
    /// Storms that are not over.
    pub storms: u64,
    /// Incidents that are open.
    pub incidents: u64,
    /// Effects that are owed.
    pub owed: u64,
    /// Commits of the journal.
    pub commits: u64,
}

impl Figures {
    /// Counts.
    pub fn of(state: &State) -> Figures {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let alerts = &state.alerts;
        Figures {
            alerts: count(alerts.live.values().filter(|a| a.fires()).count()),
            groups: count(alerts.groups.values().filter(|g| !g.firing.is_empty()).count()),
            storms: count(alerts.storms.values().filter(|s| s.over.is_none()).count()),
            incidents: count(state.open().len()),
            owed: count(state.unsettled.len()),
            commits: state.head.0,
        }
    }
}
