//! The buttons under an alert's card, and the commands that mean the same. Rights are asked for at
//! the click; each thing is done once, and whoever comes second learns who was first.

use std::fmt::Write as _;

use super::{card, group, hush, route_said};
use crate::core::Outcome;
use crate::core::access::may;
use crate::core::incidents::{Opener, private};
use crate::core::paging;
use crate::core::state::State;
use crate::kit::text::escape_markdown;
use crate::kit::time::Timestamp;
use crate::model::alert::{AlertCard, AlertWhy, Group, GroupPhase};
use crate::model::button::AlertButton;
use crate::model::card::{AlertTurn, Entry, Show, Tone, What};
use crate::model::command::Action;
use crate::model::effect::{Board, Effect, Place};
use crate::model::house::House;
use crate::model::ids::{ChannelId, GroupId, IncidentId};
use crate::model::incident::Incident;
use crate::model::input::Interaction;
use crate::model::person::Person;
use crate::model::reply::{Refusal, Reply};

/// A button under an alert's card.
pub fn press(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: GroupId,
    button: AlertButton,
) -> Result<Outcome, Refusal> {
    match button {
        AlertButton::Acknowledge => {
            may(house, i, Action::AlertAck)?;
            acknowledge(state, house, now, i, id)
        }
        AlertButton::Open => {
            may(house, i, Action::IncidentDeclare)?;
            open(state, house, now, i, id)
        }
        AlertButton::Silence => {
            may(house, i, Action::SilenceAdd)?;
            hush::form(known(state, id).and_then(going_on)?)
        }
        AlertButton::Playbook => {
            may(house, i, Action::Run)?;
            Ok(playbooks(state, house, known(state, id)?))
        }
        AlertButton::Why(page) => {
            may(house, i, Action::AlertWhy)?;
            why(state, house, id, page)
        }
    }
}

/// The group with this number, as far as it is at hand.
pub(super) fn known(state: &State, id: GroupId) -> Result<&Group, Refusal> {
    state.alerts.groups.get(&id).ok_or_else(|| {
        Refusal::new(match state.alerts.past.contains_key(&id) {
            true => format!("{id} is over for long. `/alerts why alert:{id}` still tells what became of it."),
            false => format!("There is no {id}. `/alerts list` shows what fires."),
        })
    })
}

/// What is over is not acted on any more.
pub(super) fn going_on(group: &Group) -> Result<&Group, Refusal> {
    match group.phase {
        GroupPhase::Firing | GroupPhase::Settling { .. } => Ok(group),
        GroupPhase::Over { at } => Err(Refusal::new(format!(
            "{} is over since <t:{}:R>: nothing is done. What comes back has a card again.",
            group.id,
            at.seconds()
        ))),
    }
}

fn edit(id: GroupId, card: AlertCard) -> Effect {
    Effect::EditBoard { board: Board::Alerts(id), show: Show::Alerts(Box::new(card)) }
}

/// What is said of it in the thread of its incident, where that is still open.
fn tell(state: &State, group: &Group, now: Timestamp, by: Option<Person>, turn: AlertTurn) -> Option<Effect> {
    let incident = state.incidents.get(&group.incident?).filter(|i| i.phase.is_open())?;
    Some(said(group, incident.id, now, by, turn))
}

fn said(group: &Group, incident: IncidentId, now: Timestamp, by: Option<Person>, turn: AlertTurn) -> Effect {
    let what = What::Alert { group: group.id, title: group.opened.title.clone(), turn };
    Effect::Say { place: Place::Thread(incident), show: Show::Entry(Entry { at: now, by, what }) }
}

/// Somebody has taken it.
pub(super) fn acknowledge(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: GroupId,
) -> Result<Outcome, Refusal> {
    let known = known(state, id).and_then(going_on)?;
    if let Some(first) = &known.acknowledged {
        return Err(Refusal::new(format!(
            "{id} is acknowledged already: {} did it <t:{}:R>.",
            first.by.in_markdown(),
            first.at.seconds()
        )));
    }
    let by = i.by.person.clone();
    let mut outcome = group::acknowledge(state, house, now, known, by.clone());
    outcome.effects.extend(tell(state, known, now, Some(by), AlertTurn::Acknowledged));
    outcome.reply = Reply::done(format!("**{id}** is yours."));
    Ok(outcome)
}

/// A person says that all of it is over.
pub(super) fn close(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: GroupId,
) -> Result<Outcome, Refusal> {
    let known = known(state, id).and_then(going_on)?;
    let by = i.by.person.clone();
    let mut outcome = group::dismiss(state, house, now, known, by.clone());
    outcome.effects.extend(tell(state, known, now, Some(by), AlertTurn::Dismissed));
    outcome.reply = Reply::done(format!(
        "**{id}** is over, because you say so. What its source says again does not bring it back before it begins anew."
    ));
    Ok(outcome)
}

/// The incident that a group belongs to and that is not over.
fn linked<'s>(state: &'s State, group: &Group) -> Option<&'s Incident> {
    state.incidents.get(&group.incident?).filter(|i| i.phase.is_open())
}

/// Opens an incident for it, as the person who pressed.
fn open(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: GroupId,
) -> Result<Outcome, Refusal> {
    let known = known(state, id).and_then(going_on)?;
    if let Some(incident) = linked(state, known) {
        return Err(Refusal::new(match private::sees(house, incident, &i.by.person, Some(i.channel)) {
            true => format!("{id} belongs to **{}** already: go on there.", incident.id),
            false => format!("{id} is dealt with already."),
        }));
    }
    let incident = state.next_incident();
    let mut outcome = group::open_incident(state, house, now, known, &Opener::from(i));
    outcome.effects.push(said(known, incident, now, None, AlertTurn::Linked));
    Ok(outcome)
}

/// An incident's thread is there: the cards of its alerts lead to it from now on.
pub fn thread_opened(state: &State, house: &House, opened: IncidentId, thread: ChannelId) -> Vec<Effect> {
    // What a storm counts has none.
    let has_card = |g: &&Group| state.alerts.shown.contains_key(&g.id);
    let own = state.alerts.groups.values().filter(|g| g.incident == Some(opened)).filter(has_card);
    own.map(|g| edit(g.id, AlertCard { thread: Some(thread), ..card::card(state, house, g) })).collect()
}

/// The playbooks that may help, and how to start each: suggested, never started.
fn playbooks(state: &State, house: &House, group: &Group) -> Outcome {
    let card = card::card(state, house, group);
    let id = group.id;
    if card.playbooks.is_empty() {
        let text = match &group.opened.service {
            Some(service) => format!(
                "No playbook of {} has a word of **{id}**. `/runbook service:{service}` proposes all that there are.",
                escape_markdown(service)
            ),
            None => format!(
                "**{id}** names no service that has a runbook, and no playbook has a word of it. `/runbook` proposes them all."
            ),
        };
        return Outcome::reply(Reply::Show { show: Show::Notice { tone: Tone::Info, text }, private: true });
    }
    let incident = linked(state, group).filter(|i| !i.private);
    let incident = incident.map(|i| format!(" incident:{}", i.id)).unwrap_or_default();
    let mut text = format!("May help with **{id}**. Nothing of it runs before somebody asks for it:\n");
    for p in &card.playbooks {
        let why = match p.words.is_empty() {
            true => "its own rule names it".to_owned(),
            false => {
                let words: Vec<String> = p.words.iter().map(|w| escape_markdown(w)).collect();
                format!("fits: {}", words.join(", "))
            }
        };
        let _ = writeln!(
            text,
            "• **{}** ({why})\n  `/runbook service:{} action:{}{incident}`",
            escape_markdown(&p.title),
            p.service,
            p.action
        );
    }
    Outcome::reply(Reply::Show { show: Show::Notice { tone: Tone::Info, text }, private: true })
}

/// Why people were told of it, or were not, for the one who asks.
pub(super) fn why(state: &State, house: &House, id: GroupId, page: u32) -> Result<Outcome, Refusal> {
    Ok(Outcome::reply(Reply::Show { show: asked(state, house, id, page)?, private: true }))
}

/// The same as a value, for whoever shows it elsewhere.
///
/// # Errors
/// When there is no such group.
pub fn asked(state: &State, house: &House, id: GroupId, page: u32) -> Result<Show, Refusal> {
    let alerts = &state.alerts;
    let group = alerts.groups.get(&id);
    if group.is_none() && !alerts.past.contains_key(&id) {
        known(state, id)?;
    }
    let labels = group.map(|g| {
        let any = g.firing.iter().chain(&g.over).find_map(|fp| alerts.live.get(fp));
        any.map_or_else(|| g.opened.key.clone(), |a| a.labels.clone())
    });
    let routes = group
        .zip(labels.as_ref())
        .map(|(g, labels)| route_said::path(&house.settings.alerting.root, &g.opened.route, labels));
    let silences = labels.map(|labels| {
        let means = alerts.silences.values().rev().filter(|s| s.means(&labels));
        means.take(10).cloned().collect()
    });
    Ok(Show::AlertWhy(Box::new(AlertWhy {
        group: id,
        upto: state.head,
        page,
        routes: routes.unwrap_or_default(),
        silences: silences.unwrap_or_default(),
        paged: paging::paged_for(state, id),
    })))
}
