//! Alerts that people see as one problem: what makes them one, and what people do with them.

use super::incident;
use super::route::Routed;
use super::tell::{Teller, View};
use crate::core::Outcome;
use crate::core::incidents::Opener;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::alert::{Group, GroupNews, Opened, Received};
use crate::model::house::House;
use crate::model::ids::{GroupId, IncidentId};
use crate::model::incident::Severity;
use crate::model::labels::{Fingerprint, Labels};
use crate::model::person::Person;

/// Longest title of a group, in characters.
const TITLE: usize = 200;
/// The labels that may name a service, in the order in which they are asked.
const SERVICE: [&str; 3] = ["service", "job", "app"];

/// What makes alerts one problem: their route, the labels that it groups by, and how bad they are, so
/// that what is critical never hides in the card of a warning.
pub fn key(path: &str, labels: &Labels, severity: Severity) -> Fingerprint {
    Fingerprint::named(path, &format!("{severity}{labels}"))
}

/// The key of a group.
pub fn key_of(opened: &Opened) -> Fingerprint {
    key(&opened.route, &opened.key, opened.severity)
}

/// The service that labels name, where it has a runbook.
pub fn service(house: &House, labels: &Labels) -> Option<String> {
    let named = SERVICE.iter().filter_map(|name| labels.get(name));
    named.into_iter().find(|s| house.runbook(s).is_some()).map(str::to_owned)
}

/// What a group comes to be by the first of its alerts.
pub(super) fn begun(
    house: &House,
    now: Timestamp,
    group: GroupId,
    routed: &Routed<'_>,
    key: Labels,
    severity: Severity,
    first: &Received,
) -> Opened {
    let said = first.annotations.get("summary").or_else(|| first.labels.get("alertname"));
    let title = text::line(&said.map_or_else(|| first.labels.to_string(), str::to_owned));
    Opened {
        group,
        at: now,
        route: routed.path.clone(),
        key,
        title: text::cut(&title, TITLE),
        severity,
        service: service(house, &first.labels),
        channel: routed.route.channel.unwrap_or(house.settings.channels.alerts),
    }
}

/// A person has taken it: nobody is reminded of it any more while it lasts.
pub fn acknowledge(state: &State, house: &House, now: Timestamp, group: &Group, by: Person) -> Outcome {
    let mut teller = Teller::new(state, house, now);
    teller.news(group.id, GroupNews::Acknowledged { by: Some(by) });
    teller.edit(group.id);
    teller.finish()
}

/// It belongs to this incident from now on.
pub fn link(
    state: &State,
    house: &House,
    now: Timestamp,
    group: &Group,
    incident: IncidentId,
    by: Option<Person>,
) -> Outcome {
    let mut teller = Teller::new(state, house, now);
    teller.news(group.id, GroupNews::Linked { incident, by });
    teller.edit(group.id);
    teller.finish()
}

/// A person opens an incident of it.
pub fn open_incident(
    state: &State,
    house: &House,
    now: Timestamp,
    group: &Group,
    opener: &Opener<'_>,
) -> Outcome {
    let mut teller = Teller::new(state, house, now);
    let reply = incident::open(&mut teller, &group.opened, opener);
    teller.edit(group.id);
    Outcome { reply, ..teller.finish() }
}

/// A person says that all of it is over. What is said of the same alerts again does not bring it back,
/// until they begin anew.
pub fn dismiss(state: &State, house: &House, now: Timestamp, group: &Group, by: Person) -> Outcome {
    let mut teller = Teller::new(state, house, now);
    teller.news(group.id, GroupNews::Dismissed { by });
    teller.over(&View::of(state, group));
    teller.edit(group.id);
    teller.finish()
}
