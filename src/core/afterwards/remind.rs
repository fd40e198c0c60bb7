//! The owner of an action item is reminded on its day, and every week until it is ticked or
//! dropped. After a long absence of Muster's that is one reminder and not several.

use super::due;
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::afterwards::ActionItemReminded;
use crate::model::card::Show;
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::IncidentId;
use crate::model::incident::Phase;

/// When the next reminder comes.
pub fn next(state: &State) -> Option<Timestamp> {
    state.actions.values().filter_map(|a| a.due.as_ref()).map(|d| d.remind).min()
}

/// The reminders whose time has come.
pub fn overdue(state: &State, house: &House, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::default();
    let tz = house.settings.timezone;
    for item in state.actions.values() {
        let Some(due) = item.due.as_ref().filter(|d| d.remind <= now) else { continue };
        let again = due::next_reminder(due.day, now, tz);
        outcome.events.push(Event::ActionItemReminded(ActionItemReminded {
            action: item.id,
            incident: item.incident,
            again,
        }));
        let drill = state.incidents.get(&item.incident).is_some_and(|i| i.drill);
        let stands = match due.day < due::today(now, tz) {
            true => format!("was due on {}", due.day),
            false => "is due today".to_owned(),
        };
        let whose = if item.owner.is_none() { " Nobody owns it yet." } else { "" };
        let text = format!(
            "**{}** of **{}** {stands}: {}.{whose} `/action done` ticks it, `/action drop` says why not.",
            item.id,
            item.incident,
            text::escape_markdown(&item.what)
        );
        // Nobody can be called at a terminal, and an exercise calls nobody.
        let owner = item.owner.as_ref().filter(|p| !p.at_a_terminal() && !drill);
        let show = Show::Call { roles: vec![], people: owner.map(|p| p.id).into_iter().collect(), text };
        let place = Place::Thread(followed_in(state, item.incident));
        outcome.effects.push(Effect::Say { place, show });
    }
    outcome
}

/// Where people work on it: one that turned out to be part of another is followed up there.
fn followed_in(state: &State, mut incident: IncidentId) -> IncidentId {
    // Each merge is into another one that was open then, so this comes to an end; but not on trust.
    for _ in 0..state.incidents.len() {
        match state.incidents.get(&incident).map(|i| &i.phase) {
            Some(Phase::Merged { into, .. }) => incident = *into,
            _ => break,
        }
    }
    incident
}
