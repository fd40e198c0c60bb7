//! What is bad enough opens its incident by itself, as the team wrote it; what else goes wrong with the
//! same service joins that one.

use std::collections::BTreeMap;

use super::tell::{Teller, View};
use super::{route, storm};
use crate::core::incidents::{self, Opener, Opening};
use crate::core::state::State;
use crate::core::triage;
use crate::kit::text;
use crate::model::alert::{Group, GroupNews, Opened};
use crate::model::card::{Show, Tone};
use crate::model::effect::{Effect, Place};
use crate::model::ids::IncidentId;
use crate::model::incident::Incident;
use crate::model::person::Person;
use crate::model::reply::Reply;

/// Longest title of an incident, in characters.
const TITLE: usize = 200;

/// What one decision did to incidents, which the state does not know yet.
#[derive(Default)]
pub struct Overlay {
    opened: Vec<(Option<String>, IncidentId)>,
    /// How many groups joined each, and how many of each are over.
    joined: BTreeMap<IncidentId, u32>,
    ended: BTreeMap<IncidentId, u32>,
}

/// Whether this group would open an incident, where none is there to join.
pub(super) fn opens(teller: &Teller<'_>, opened: &Opened) -> bool {
    let route = route::by_path(&teller.house.settings.alerting, &opened.route);
    route.opens.contains(&opened.severity)
}

/// The incident that a group belongs to, while that is not over.
pub fn open_one(state: &State, group: &Group) -> Option<IncidentId> {
    let open = |id: &IncidentId| state.incidents.get(id).is_some_and(|i| i.phase.is_open());
    group.incident.filter(open)
}

/// The incident that it joins: one that a policy opened for the same service, and that is not over. What
/// names no service has nothing to do with another that names none, unless too much begins at once.
pub(super) fn joins(teller: &Teller<'_>, service: Option<&str>) -> Option<IncidentId> {
    if service.is_none() && teller.storm.begun.is_none() && storm::active(&teller.state.alerts).is_none() {
        return None;
    }
    let here = teller.incidents.opened.iter().find(|(s, _)| s.as_deref() == service).map(|(_, id)| *id);
    let there = |i: &&&Incident| {
        i.service.as_deref() == service && i.declared.by.is_muster() && !i.drill && !i.private
    };
    here.or_else(|| teller.state.open().iter().find(there).map(|i| i.id))
}

/// What the policy says where people are told of a group for the first time.
pub(super) fn policy(teller: &mut Teller<'_>, view: &View<'_>) {
    let opened = view.opened;
    if view.incident.is_some() || !opens(teller, opened) {
        return;
    }
    match joins(teller, opened.service.as_deref()) {
        Some(incident) => {
            *teller.incidents.joined.entry(incident).or_default() += 1;
            teller.news(opened.group, GroupNews::Linked { incident, by: None });
            if let Some(i) = teller.state.incidents.get(&incident) {
                let mut card = incidents::card(i);
                card.alerts.push(opened.group);
                teller.effects.push(Effect::EditCard { incident, show: Show::Incident(card) });
            }
            let title = text::escape_markdown(&opened.title);
            let severity = opened.severity.in_words();
            say(teller, incident, format!("**{}** joins: {severity}, {title}.", opened.group));
        }
        None => {
            let opener = Opener { by: Person::muster(), asked: None };
            open(teller, opened, &opener);
        }
    }
}

/// Opens an incident of a group.
pub(super) fn open(teller: &mut Teller<'_>, opened: &Opened, opener: &Opener<'_>) -> Reply {
    let count = u32::try_from(teller.incidents.opened.len()).unwrap_or(0);
    let id = IncidentId(teller.state.next_incident().0 + count);
    let service = opened.service.clone();
    teller.incidents.opened.push((service.clone(), id));
    let severity = opened.severity;
    let opening = Opening {
        title: text::cut(&opened.title, TITLE),
        severity,
        respond_by: triage::by(teller.house, service.as_deref(), severity, teller.now),
        service,
        drill: false,
        private: false,
        triage: None,
        alerts: vec![opened.group],
    };
    let outcome = incidents::open(id, teller.house, teller.now, opener, opening);
    teller.events.extend(outcome.events);
    teller.effects.extend(outcome.effects);
    let by = opener.asked.map(|_| opener.by.clone());
    teller.news(opened.group, GroupNews::Linked { incident: id, by });
    outcome.reply
}

/// A group is over: where it was the last of its incident's, those who work on that are told. Whether
/// the incident is over is for people to say.
pub(super) fn over(teller: &mut Teller<'_>, view: &View<'_>) {
    let Some(incident) = view.incident else { return };
    let ended = teller.incidents.ended.entry(incident).or_default();
    *ended += 1;
    let ended = *ended;
    let joined = teller.incidents.joined.get(&incident).copied().unwrap_or_default();
    let last = teller.state.alerts.linked.get(&incident).is_some_and(|left| *left + joined <= ended);
    let open = teller.state.incidents.get(&incident).is_some_and(|i| i.phase.is_open());
    if last && open {
        // No two messages in one place are the same: one whose answer was lost is looked for there.
        let (group, at) = (view.opened.group, teller.now.seconds());
        let text = format!(
            "All its alerts are over, **{group}** was the last at <t:{at}:T>. If it is mended, `/incident resolve` says so."
        );
        say(teller, incident, text);
    }
}

fn say(teller: &mut Teller<'_>, incident: IncidentId, text: String) {
    let show = Show::Notice { tone: Tone::Info, text };
    teller.effects.push(Effect::Say { place: Place::Thread(incident), show });
}
