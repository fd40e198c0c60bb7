//! Private incidents: only those who were brought in see anything of them. Everything of one stays
//! in its private thread; to others it is as if it were not there.

use super::course::told;
use crate::core::state::State;
use crate::core::{Outcome, ticket};
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::card::{Show, Tone, What};
use crate::model::effect::{Effect, Place};
use crate::model::event::{Event, Settlement};
use crate::model::house::House;
use crate::model::ids::{ChannelId, IncidentId};
use crate::model::incident::{Incident, Thread};
use crate::model::input::Interaction;
use crate::model::person::Person;
use crate::model::reply::{Refusal, Reply};
use crate::model::run::Run;

/// Whether somebody may see an incident. An administrator may see every one: whoever keeps the
/// journal can read it. Whoever does something in its own thread was let in there by somebody.
pub fn sees(house: &House, incident: &Incident, by: &Person, channel: Option<ChannelId>) -> bool {
    let inside = channel.is_some_and(|c| incident.thread == Thread::At(c));
    !incident.private || inside || house.settings.administrators.contains(&by.id) || is_in(incident, by)
}

/// Whether somebody was brought in, or is in it by what they do.
fn is_in(incident: &Incident, person: &Person) -> bool {
    let mut people = incident.invited.iter().chain(incident.duties.values()).chain([&incident.declared.by]);
    people.any(|p| p.is(person))
}

/// Whether somebody may see a run: what belongs to a private incident is as private.
pub fn sees_run(state: &State, house: &House, run: &Run, by: &Person, channel: Option<ChannelId>) -> bool {
    let incident = run.incident.and_then(|id| state.incidents.get(&id));
    incident.is_none_or(|i| sees(house, i, by, channel))
}

/// Where what an incident has to say to everybody goes: a private one has nobody but its thread.
pub fn public_place(incident: &Incident, channel: ChannelId) -> Place {
    if incident.private { Place::Thread(incident.id) } else { Place::Channel(channel) }
}

/// What begins a private incident: its thread, to which its card is posted, and whoever declared it.
/// They learn whether that worked: nothing is posted where others could see it instead.
pub fn begin(incident: IncidentId, house: &House, now: Timestamp, i: &Interaction, name: String) -> Effect {
    let channel = house.settings.channels.incidents;
    Effect::OpenPrivate { incident, channel, name, to: ticket(now, i, true) }
}

/// What its opening, or that it could not be opened, means.
pub fn opened(
    state: &State,
    incident: IncidentId,
    to: &crate::model::effect::Ticket,
    outcome: &Settlement,
) -> Vec<Effect> {
    let show = |tone, text| vec![Effect::Answer { to: to.clone(), show: Show::Notice { tone, text } }];
    match outcome {
        Settlement::Opened { thread } => {
            let mut effects = show(
                Tone::Done,
                format!(
                    "**{incident}** is declared in private: <#{thread}>. `/incident invite` brings others in."
                ),
            );
            let declared = state.incidents.get(&incident).map(|i| i.declared.by.clone());
            effects.extend(declared.map(|person| Effect::Bring { incident, person }));
            effects
        }
        Settlement::GaveUp { said, .. } => show(
            Tone::Refused,
            format!(
                "**{incident}** is declared, but Discord lets Muster open no private thread for it: {said}. \
                 Nobody else sees it; `/incident note` and the rest work with `incident: {incident}`. Whoever rules this \
                 server can give the bot *Create Private Threads* in the incidents channel; then declare it anew."
            ),
        ),
        _ => vec![],
    }
}

/// `/incident invite`: brings somebody into a private incident.
pub fn invite(incident: &Incident, now: Timestamp, by: Person, person: Person) -> Result<Outcome, Refusal> {
    let id = incident.id;
    if !incident.private {
        return Err(Refusal::new(format!(
            "{id} is not private: whoever sees the incidents channel sees it."
        )));
    }
    let name = text::escape_markdown(&text::line(&person.name));
    if is_in(incident, &person) {
        return Err(Refusal::new(format!("{name} is in {id} already.")));
    }
    let event = Event::PersonInvited { incident: id, person: person.clone(), by: by.clone() };
    let what = What::Invited { person: person.clone() };
    let mut outcome = told(incident, now, by, event, what, format!("{name} is brought into **{id}**."));
    outcome.effects.push(Effect::Bring { incident: id, person });
    Ok(outcome)
}

/// The answer to whoever declared one: it takes a moment.
pub fn later() -> Reply {
    Reply::Later { private: true }
}
