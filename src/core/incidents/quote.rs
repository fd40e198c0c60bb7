//! "Add to timeline": a message that people wrote becomes an entry, at the time when it was
//! written.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{known, may, private, seen};
use crate::core::state::State;
use crate::core::{Outcome, access};
use crate::kit::time::Timestamp;
use crate::model::card::{Entry, IncidentChoice, Show, What};
use crate::model::command::Action;
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{IncidentId, InteractionId};
use crate::model::incident::Incident;
use crate::model::input::Interaction;
use crate::model::person::Person;
use crate::model::quote::MessageAdded;
use crate::model::quote::MessageHeld;
use crate::model::quote::{Pointed, QuotedMessage};
use crate::model::reply::{Refusal, Reply};

/// How long a message is held for whoever is asked about it: Discord forgets the list that asks
/// after 15 minutes as well.
pub const HOLD: Duration = Duration::from_secs(15 * 60);

/// A message that somebody is asked about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// The message.
    pub message: QuotedMessage,
    /// Who is asked.
    pub by: Person,
    /// Since when.
    pub at: Timestamp,
}

impl Held {
    /// Held since then.
    pub fn new(message: &QuotedMessage, by: &Person, at: Timestamp) -> Held {
        Held { message: message.clone(), by: by.clone(), at }
    }
}

/// Holds one more, and lets those go that were held for long.
pub fn hold(all: &mut BTreeMap<InteractionId, Held>, id: InteractionId, held: Held) {
    all.retain(|_, earlier| held.at.since(earlier.at) < HOLD);
    all.insert(id, held);
}

/// Incidents to choose from: Discord takes no more in one list.
const CHOICES: usize = 25;

/// Somebody used the command on a message.
pub fn add(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    called: &str,
    pointed: &Pointed,
) -> Result<Outcome, Refusal> {
    let command = house.message_command(called).ok_or_else(|| {
        Refusal::new(format!(
            "“{called}” is not a command any more. Discord shows the new list after a moment."
        ))
    })?;
    access::permits(house, command, &i.by)?;
    if pointed.own {
        return Err(Refusal::new(
            "Muster wrote this message itself: what it tells is in the timeline already. `/incident note` adds your own words.",
        ));
    }
    if let Some(id) = state.threads.get(&i.channel) {
        return put(known(state, house, i, *id)?, now, i, &pointed.message);
    }
    match seen(state, house, i).as_slice() {
        [only] => put(only, now, i, &pointed.message),
        open => ask(state, house, i, open, &pointed.message),
    }
}

/// It is no slash command; whoever loads the files sees to it that none is.
pub fn not_typed() -> Refusal {
    Refusal::new("This is used on a message: open its menu, then Apps.")
}

/// Somebody said which incident the message belongs to.
pub fn choose(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    held: InteractionId,
    chosen: &[String],
) -> Result<Outcome, Refusal> {
    may(house, i, Action::IncidentQuote)?;
    let fresh = |h: &&Held| now.since(h.at) < HOLD && h.by.id == i.by.person.id;
    let held = state.held.get(&held).filter(fresh).ok_or_else(|| {
        Refusal::new("This list is too old, or another one's. Use “Add to timeline” on the message again.")
    })?;
    let [chosen] = chosen else {
        return Err(Refusal::new("Choose one incident."));
    };
    let id: IncidentId = chosen.parse().map_err(Refusal::new)?;
    put(known(state, house, i, id)?, now, i, &held.message)
}

fn put(
    incident: &Incident,
    now: Timestamp,
    i: &Interaction,
    message: &QuotedMessage,
) -> Result<Outcome, Refusal> {
    let id = incident.id;
    if incident.messages.contains(&message.id) {
        return Err(Refusal::new(format!("This message is in the timeline of **{id}** already.")));
    }
    // Discord's clock and this machine's may differ: nothing was written in the future.
    let message = Box::new(QuotedMessage { at: message.at.min(now), ..message.clone() });
    let by = i.by.person.clone();
    let what = What::Quoted { message: message.clone() };
    let entry = Entry { at: message.at, by: Some(by.clone()), what };
    Ok(Outcome {
        effects: vec![Effect::Say { place: Place::Thread(id), show: Show::Entry(entry) }],
        reply: Reply::done(format!(
            "Added to the timeline of **{id}**, at <t:{}:f>, when {} wrote it.",
            message.at.seconds(),
            message.author.in_markdown()
        )),
        events: vec![Event::MessageAdded(MessageAdded { incident: id, message, by })],
    })
}

/// Asks which incident is meant. Never a guess among several.
fn ask(
    state: &State,
    house: &House,
    i: &Interaction,
    open: &[&Incident],
    message: &QuotedMessage,
) -> Result<Outcome, Refusal> {
    let sees = |n: &&Incident| private::sees(house, n, &i.by.person, Some(i.channel));
    let over = state.incidents.values().rev().filter(|i| !i.phase.is_open()).filter(sees);
    // Open ones first, worst first; of the others the newest.
    let among: Vec<IncidentChoice> = open
        .iter()
        .copied()
        .chain(over)
        .take(CHOICES)
        .map(|i| IncidentChoice {
            id: i.id,
            title: i.title.clone(),
            severity: i.severity,
            open: i.phase.is_open(),
        })
        .collect();
    if among.is_empty() {
        return Err(Refusal::new("There is no incident yet. `/incident declare` begins one."));
    }
    let (held, by) = (i.id, i.by.person.clone());
    Ok(Outcome {
        events: vec![Event::MessageHeld(MessageHeld { held, message: Box::new(message.clone()), by })],
        effects: vec![],
        reply: Reply::Show { show: Show::WhichIncident { held, among }, private: true },
    })
}
