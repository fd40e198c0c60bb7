//! What must hold when the faults have stopped and nothing is left to do.

use std::collections::BTreeMap;

use super::View;
use crate::kit::text::escape_markdown;
use crate::model::card::{Show, What};
use crate::model::commit::Commit;
use crate::model::effect::{Effect, Place};
use crate::model::event::{Event, Settlement};
use crate::model::ids::{EffectId, IncidentId};
use crate::model::incident::Card;
use crate::model::telling::PeopleTold;
use crate::sandbox::world::Id;

/// Every effect of the journal with what became of it.
pub(super) struct Settled {
    /// What was owed.
    pub(super) effects: BTreeMap<EffectId, Effect>,
    /// What became of it.
    pub(super) outcomes: BTreeMap<EffectId, Settlement>,
}

impl Settled {
    pub(super) fn of(commits: &[Commit]) -> Settled {
        let effects = commits.iter().flat_map(|c| c.owed().map(|(id, e)| (id, e.clone()))).collect();
        let outcomes = commits.iter().flat_map(|c| &c.events).filter_map(|e| match e {
            Event::Settled { effect, outcome } => Some((*effect, outcome.clone())),
            _ => None,
        });
        Settled { effects, outcomes: outcomes.collect() }
    }

    /// The message as which an effect is settled.
    pub(super) fn message(&self, effect: EffectId) -> Option<Id> {
        match self.outcomes.get(&effect) {
            Some(Settlement::Posted { message, .. }) => Some(Id(message.0)),
            _ => None,
        }
    }

    /// Those that show this, oldest first, with what became of each.
    pub(super) fn showing(&self, wanted: impl Fn(&Effect) -> bool) -> Vec<(&Effect, Option<&Settlement>)> {
        let those = self.effects.iter().filter(|(_, e)| wanted(e));
        those.map(|(id, e)| (e, self.outcomes.get(id))).collect()
    }
}

/// Whether the last of these was given up in the incidents channel, or for a private incident in its
/// thread. Behind those there is no other place: the journal says why, and that is all there is.
pub(super) fn given_up_everywhere(view: &View<'_>, tried: &[(&Effect, Option<&Settlement>)]) -> bool {
    let Some((effect, Some(Settlement::GaveUp { .. }))) = tried.last() else {
        return false;
    };
    let private = |id: &IncidentId| view.state.incidents.get(id).is_some_and(|i| i.private);
    match effect {
        Effect::Say { place: Place::Channel(c), .. } => *c == view.house.settings.channels.incidents,
        Effect::Say { place: Place::Thread(id), .. } => private(id),
        Effect::Say { place: Place::Run(run), .. } => {
            view.state.runs.get(run).and_then(|r| r.incident).is_some_and(|id| private(&id))
        }
        _ => false,
    }
}

pub(super) fn nothing_is_owed(view: &View<'_>) -> Result<(), String> {
    match view.state.unsettled.first_key_value() {
        None => Ok(()),
        Some((id, owed)) => Err(format!("effect {id} is still owed: {:?}", owed.effect)),
    }
}

pub(super) fn posted_means_there(view: &View<'_>) -> Result<(), String> {
    let settled = Settled::of(view.commits());
    for (id, outcome) in &settled.outcomes {
        let Settlement::Posted { channel, message } = outcome else {
            continue;
        };
        let seen = view.server.messages.get(&Id(message.0)).filter(|m| m.channel.0 == channel.0);
        let seen = seen.ok_or(format!("effect {id} is settled as message {message}, which never was"))?;
        // What an answer shows already, where only its arrival was in doubt, is not said again.
        // And a card that was taken for gone and is found after all is the run's one card.
        let card_of = |e: &EffectId| match settled.effects.get(e) {
            Some(Effect::PostRun { run, .. }) => Some(*run),
            _ => None,
        };
        // What was posted unseen, was then given up, and is found by what says it instead: it stands
        // there once, which is all that is wanted.
        let instead_of = |e: &EffectId| {
            let mut own = view.commits().iter().filter(|c| c.seq == id.seq).flat_map(|c| &c.events);
            own.any(|event| matches!(event, Event::Settled { effect, outcome: Settlement::GaveUp { .. } } if effect == e))
        };
        let same =
            |e: &EffectId| e == id || card_of(e).is_some_and(|run| card_of(id) == Some(run)) || instead_of(e);
        if seen.effect.is_some_and(|e| !same(&e)) {
            return Err(format!(
                "effect {id} is settled as message {message}, which was posted for {:?}",
                seen.effect
            ));
        }
    }
    Ok(())
}

pub(super) fn cards_stand(view: &View<'_>) -> Result<(), String> {
    let settled = Settled::of(view.commits());
    for incident in view.state.incidents.values() {
        let about = |e: &Effect| match e {
            Effect::PostCard { incident: i, .. } | Effect::EditCard { incident: i, .. } => *i == incident.id,
            _ => false,
        };
        match incident.card {
            Card::Owed => return Err(format!("{} has no card, and none is owed", incident.id)),
            Card::Lost => {
                let tried = settled.showing(about);
                if !tried.iter().any(|(_, outcome)| matches!(outcome, Some(Settlement::GaveUp { .. }))) {
                    return Err(format!("{}'s card is lost, and nothing says why", incident.id));
                }
            }
            Card::At { message, .. } => {
                let id = Id(message.0);
                let seen =
                    view.server.messages.get(&id).ok_or(format!("{}'s card never was", incident.id))?;
                let wanted = if incident.phase.is_open() { "Status: Open" } else { "Status: Resolved" };
                // One that somebody deleted is noticed when the incident changes again.
                // One that might not be edited is left, and the change told as a message.
                let told = |e: &Effect| matches!(e, Effect::Say { show: Show::Incident(c), .. } if c.id == incident.id && c.phase == incident.phase);
                let told = !settled.showing(told).is_empty();
                if view.server.stands(id) && !seen.says().contains(wanted) && !told {
                    return Err(format!("{}'s card says {:?}", incident.id, seen.says()));
                }
            }
        }
    }
    Ok(())
}

pub(super) fn entries_are_read(view: &View<'_>) -> Result<(), String> {
    let commits = view.commits();
    let settled = Settled::of(commits);
    for commit in commits {
        for (what, text, mark) in commit.events.iter().filter_map(entry) {
            let tried = settled.showing(|e| says(e, &what));
            let shown = escape_markdown(&text);
            // A report tells of them too.
            let report = |words: &str| words.starts_with("Report · ");
            let messages = view
                .server
                .public()
                .filter(|(_, m)| m.says().contains(mark) && m.says().contains(&shown) && !report(m.says()));
            let messages: Vec<_> = messages.map(|(id, _)| id).collect();
            let excused = given_up_everywhere(view, &tried);
            if messages.is_empty() && !excused {
                return Err(format!(
                    "nobody can ever have read `{text}` of commit {}; tried: {tried:?}",
                    commit.seq
                ));
            }
            if messages.len() > tried.len().max(1) {
                return Err(format!("`{text}` stands in {messages:?}, owed were {}", tried.len()));
            }
        }
    }
    Ok(())
}

/// What an entry says of an event: as a value, its words, and the mark before them.
fn entry(event: &Event) -> Option<(What, String, &'static str)> {
    Some(match event {
        Event::IncidentDeclared { title, severity, respond_by, triage, .. } => {
            let (respond_by, triage) = (*respond_by, triage.clone());
            let what = What::Declared { title: title.clone(), severity: *severity, respond_by, triage };
            (what, title.clone(), "**Declared**")
        }
        Event::PeopleTold(PeopleTold { audience, stage, text, place, .. }) => {
            let (audience, stage, place) = (*audience, *stage, *place);
            (What::Told { audience, stage, text: text.clone(), place }, text.clone(), "**Told ")
        }
        Event::NoteAdded { text, .. } => (What::Noted { text: text.clone() }, text.clone(), "📝"),
        Event::IncidentResolved { how, .. } => {
            (What::Resolved { how: how.clone() }, how.clone().unwrap_or_default(), "**Resolved**")
        }
        _ => return None,
    })
}

fn says(effect: &Effect, wanted: &What) -> bool {
    let Effect::Say { show: Show::Entry(entry) | Show::Stray { entry, .. }, .. } = effect else {
        return false;
    };
    match (&entry.what, wanted) {
        // An alert that comes back long after is another incident of the same words.
        (What::Declared { title: said, triage: None, .. }, What::Declared { title, triage: None, .. }) => {
            said == title
        }
        (said, wanted) => said == wanted,
    }
}

pub(super) fn checks_are_answered(view: &View<'_>) -> Result<(), String> {
    let commits = view.commits();
    let settled = Settled::of(commits);
    for commit in commits {
        for event in &commit.events {
            let Event::CheckAsked { asked, answer } = event else {
                continue;
            };
            let head = format!("{} ", asked.id);
            let shown = view.server.public().any(|(_, m)| m.said.iter().any(|said| said.contains(&head)));
            // An answer in a thread that is gone meanwhile is an answer that nobody reads.
            let there = view.server.world.channels.contains_key(&Id(answer.channel.0));
            if shown || !there {
                continue;
            }
            let tried = settled.showing(|e| match e {
                Effect::Answer { to, .. } => to.interaction == answer.interaction,
                Effect::Say { show: Show::Health(card), .. } => card.check == asked.id,
                Effect::Say { show: Show::Notice { text, .. }, .. } => text.starts_with(&head),
                _ => false,
            });
            if !given_up_everywhere(view, &tried) {
                return Err(format!(
                    "{} was asked in commit {} and never answered; tried: {tried:?}",
                    asked.id, commit.seq
                ));
            }
        }
    }
    Ok(())
}
