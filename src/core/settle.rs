//! What it means that an effect was done, or never will be.

use super::Outcome;
use super::state::{PendingCheck, State};
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::card::{HealthCard, Show, Tone};
use crate::model::effect::{Effect, Place};
use crate::model::event::{Event, Reason, Settlement};
use crate::model::house::House;
use crate::model::ids::EffectId;

/// An effect left the outbox. One that is settled already says nothing new: a message may have
/// been found in the channel after its time-out was taken for a failure.
pub fn settled(state: &State, house: &House, now: Timestamp, id: EffectId, outcome: &Settlement) -> Outcome {
    let Some(owed) = state.unsettled.get(&id) else {
        return Outcome::default();
    };
    if let Effect::RunStep { .. } = &owed.effect {
        let mut after = super::runs::step_settled(state, house, now, &owed.effect, outcome);
        after.events.insert(0, Event::Settled { effect: id, outcome: outcome.clone() });
        return after;
    }
    if let Effect::Page(_) = &owed.effect {
        let mut after = super::paging::settled(state, house, now, &owed.effect, outcome);
        after.events.insert(0, Event::Settled { effect: id, outcome: outcome.clone() });
        return after;
    }
    let effects = match (&owed.effect, outcome) {
        (Effect::OpenThread { incident, .. }, Settlement::Opened { thread }) => {
            let triage = super::triage::thread_opened(state, *incident, *thread);
            triage
                .into_iter()
                .chain(super::alerts::press::thread_opened(state, house, *incident, *thread))
                .collect()
        }
        (Effect::Check(_), outcome) => {
            state.checks.get(&id).map(|c| check_came_back(c, outcome)).unwrap_or_default()
        }
        (Effect::OpenPrivate { incident, to, .. }, outcome) => {
            super::incidents::private::opened(state, *incident, to, outcome)
        }
        // It was on its way when its text was struck out.
        (
            Effect::Say { show, .. } | Effect::PostRun { show, .. },
            Settlement::Posted { channel, message },
        ) => {
            let amend = state.amend.get(&id).map(|incident| Effect::Amend {
                incident: *incident,
                channel: *channel,
                message: *message,
                show: show.clone(),
            });
            amend.into_iter().collect()
        }
        (Effect::PostCard { incident, .. }, Settlement::Posted { .. }) if state.amend.contains_key(&id) => {
            let now = state.incidents.get(incident).map(super::incidents::card);
            now.map(|c| Effect::EditCard { incident: *incident, show: Show::Incident(c) })
                .into_iter()
                .collect()
        }
        (Effect::PostBoard { board, .. }, Settlement::Posted { .. }) if state.amend.contains_key(&id) => {
            let show = state.board_shows(house, *board);
            show.map(|show| Effect::EditBoard { board: *board, show }).into_iter().collect()
        }
        (Effect::Amend { incident, channel, message, .. }, Settlement::GaveUp { reason, said })
            if *reason != Reason::Gone =>
        {
            let link = format!("https://discord.com/channels/{}/{channel}/{message}", house.settings.guild);
            let text = format!(
                "A message that shows what was struck out could not be changed ({}): delete it, <{link}>.",
                text::escape_markdown(said)
            );
            vec![Effect::Say {
                place: Place::Thread(*incident),
                show: Show::Notice { tone: Tone::Refused, text },
            }]
        }
        (Effect::Role { person, held, .. }, Settlement::GaveUp { reason, said }) => {
            super::oncall::role::refused(state, house, person, *held, *reason, said).into_iter().collect()
        }
        (effect, Settlement::GaveUp { .. }) if is_private(state, effect) => vec![],
        (effect, Settlement::GaveUp { reason, .. }) => instead(state, house, effect, *reason),
        _ => vec![],
    };
    Outcome {
        events: vec![Event::Settled { effect: id, outcome: outcome.clone() }],
        effects,
        ..Outcome::default()
    }
}

/// Whether it is about a private incident: what cannot be said there is said nowhere else.
fn is_private(state: &State, effect: &Effect) -> bool {
    let of_run = |run| state.runs.get(run).and_then(|r| r.incident);
    let incident = match effect {
        Effect::Say { place: Place::Run(run), .. } | Effect::PostRun { run, .. } => of_run(run),
        effect => effect.in_thread_of(),
    };
    incident.and_then(|id| state.incidents.get(&id)).is_some_and(|i| i.private)
}

/// The answer to whoever asked after the health of services.
pub fn check_came_back(check: &PendingCheck, outcome: &Settlement) -> Vec<Effect> {
    let show = match outcome {
        Settlement::Checked { findings } => {
            Show::Health(HealthCard { check: check.asked.id, at: check.at, findings: findings.clone() })
        }
        Settlement::GaveUp { said, .. } => Show::Notice {
            tone: Tone::Refused,
            text: format!(
                "{} did not come back: {said}. Ask again; if it happens again, look at Muster's own log.",
                check.asked.id
            ),
        },
        _ => return vec![],
    };
    vec![Effect::Answer { to: check.answer.clone(), show }]
}

/// What to do where something cannot be done: nothing that somebody should read is dropped.
fn instead(state: &State, house: &House, effect: &Effect, reason: Reason) -> Vec<Effect> {
    let incidents = house.settings.channels.incidents;
    match effect {
        Effect::PostBoard { .. }
        | Effect::EditBoard { .. }
        | Effect::Say { show: Show::Announcement { .. }, .. } => {
            super::boards::instead(state, house, effect, reason)
        }
        // A thread or channel that is gone: the incidents channel is where people look next.
        Effect::Say { place: Place::Thread(id), show } => {
            // There it must say itself which incident it is about.
            let show = match show {
                Show::Entry(entry) => Show::Stray { incident: *id, entry: entry.clone() },
                other => other.clone(),
            };
            vec![Effect::Say { place: Place::Channel(incidents), show }]
        }
        Effect::Say { place: Place::Channel(c), show } if *c != incidents => {
            vec![Effect::Say { place: Place::Channel(incidents), show: show.clone() }]
        }
        Effect::Say { place: Place::Run(_), show } => {
            vec![Effect::Say { place: Place::Channel(incidents), show: show.clone() }]
        }
        // Somebody deleted a run's card: it is posted anew.
        Effect::EditRun { run, show } if reason == Reason::Gone => {
            let incident = state.runs.get(run).and_then(|r| r.incident);
            let place = incident.map_or(Place::Channel(incidents), Place::Thread);
            vec![Effect::PostRun { run: *run, place, show: show.clone() }]
        }
        // Its place is closed: the incidents channel is where people look next.
        Effect::PostRun { run, place, show } if *place != Place::Channel(incidents) => {
            vec![Effect::PostRun { run: *run, place: Place::Channel(incidents), show: show.clone() }]
        }
        // Somebody deleted the card: it is posted anew, with what the incident is now.
        Effect::EditCard { incident, .. } if reason == Reason::Gone => state
            .incidents
            .get(incident)
            .map(|i| Effect::PostCard {
                incident: *incident,
                channel: incidents,
                show: Show::Incident(super::incidents::card(i)),
            })
            .into_iter()
            .collect(),
        // The card may not be edited now: the change is told where people work on it.
        Effect::EditCard { incident, show } => {
            vec![Effect::Say { place: Place::Thread(*incident), show: show.clone() }]
        }
        // Too late for the answer, or its place is closed: said aloud, unless it was for one
        // person's eyes.
        Effect::Answer { to, show } if !to.private => {
            vec![Effect::Say { place: Place::Channel(to.channel), show: show.clone() }]
        }
        _ => vec![],
    }
}
