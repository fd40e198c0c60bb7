//! What happened to an incident, taken in: the state keeps it so, and so does its history.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::afterwards;
use crate::kit::time::Timestamp;
use crate::model::alert::GroupNews;
use crate::model::card::Show;
use crate::model::commit::Commit;
use crate::model::effect::{Board, Effect, Place};
use crate::model::event::Event;
use crate::model::ids::IncidentId;
use crate::model::incident::{Card, Incident, Phase, Stamp, Status, Thread};
use crate::model::quote::MessageAdded;
use crate::model::report::Review;
use crate::model::run::Reminded;
use crate::model::strike::TextStruck;
use crate::model::telling::PeopleTold;
use crate::model::telling::{Telling, Tellings};

/// The incident that an event changes.
pub fn about(event: &Event) -> Option<IncidentId> {
    match event {
        Event::IncidentResolved { incident, .. }
        | Event::IncidentUpdated { incident, .. }
        | Event::SeverityChanged { incident, .. }
        | Event::DutyAssigned { incident, .. }
        | Event::LinkAdded { incident, .. }
        | Event::IncidentMerged { incident, .. }
        | Event::PersonInvited { incident, .. }
        | Event::IncidentReopened { incident, .. }
        | Event::IncidentClosed { incident, .. }
        | Event::LeaderMissed { incident }
        | Event::NoteAdded { incident, .. }
        | Event::PeopleTold(PeopleTold { incident, .. })
        | Event::MessageAdded(MessageAdded { incident, .. })
        | Event::TextStruck(TextStruck { incident, .. })
        | Event::IncidentReminded { incident }
        | Event::Alerts { news: GroupNews::Linked { incident, .. }, .. } => Some(*incident),
        event => afterwards::fold::about(event),
    }
}

/// The incident that an event begins.
pub fn declared(event: &Event) -> Option<IncidentId> {
    match event {
        Event::IncidentDeclared { incident, .. } => Some(*incident),
        _ => None,
    }
}

/// The incident that an effect is about, where it names one itself.
pub fn of_effect(effect: &Effect) -> Option<IncidentId> {
    match effect {
        Effect::PostCard { incident, .. }
        | Effect::EditCard { incident, .. }
        | Effect::OpenThread { incident, .. }
        | Effect::OpenPrivate { incident, .. }
        | Effect::Bring { incident, .. }
        | Effect::Say { place: Place::Thread(incident), .. }
        | Effect::PostBoard { board: Board::Tell(incident) | Board::Checklist(incident), .. }
        | Effect::EditBoard { board: Board::Tell(incident) | Board::Checklist(incident), .. }
        | Effect::PostRun { place: Place::Thread(incident), .. } => Some(*incident),
        effect => match effect.show()? {
            Show::Timeline { incident, .. }
            | Show::Report { incident, .. }
            | Show::Announcement { incident, .. }
            | Show::Draft { incident, .. }
            | Show::Stray { incident, .. } => Some(*incident),
            Show::Incident(card) => Some(card.id),
            _ => None,
        },
    }
}

/// The incident that begins with this event.
pub fn begun(commit: &Commit, event: &Event) -> Option<Incident> {
    let Event::IncidentDeclared {
        incident, title, severity, service, by, drill, private, respond_by, ..
    } = event
    else {
        return None;
    };
    Some(Incident {
        id: *incident,
        title: title.clone(),
        severity: *severity,
        service: service.clone(),
        declared: Stamp { at: commit.at, by: by.clone() },
        phase: Phase::Open { status: Status::Investigating },
        duties: BTreeMap::new(),
        links: vec![],
        alerts: vec![],
        drill: *drill,
        private: *private,
        invited: vec![],
        updated: commit.at,
        reminded: Reminded::default(),
        review: Review::default(),
        leader_asked: false,
        respond_by: *respond_by,
        page: None,
        tellings: Tellings::default(),
        messages: BTreeSet::new(),
        card: Card::Owed,
        thread: Thread::Owed,
        commits: vec![commit.seq],
    })
}

/// Takes in what happened to it at `at`.
pub fn take_in(i: &mut Incident, at: Timestamp, event: &Event) {
    if afterwards::fold::take_in(&mut i.review, at, event) {
        return;
    }
    let when = |by: &crate::model::person::Person| Stamp { at, by: by.clone() };
    match event {
        Event::IncidentResolved { how, by, .. } => {
            i.phase = Phase::Resolved { when: when(by), how: how.clone() };
        }
        Event::IncidentUpdated { status, text, .. } => {
            i.phase = Phase::Open { status: *status };
            if let Some(text) = text {
                i.tellings.latest = Some(text.clone());
            }
        }
        Event::PeopleTold(PeopleTold { audience, stage, place, by, .. }) => {
            let times = i.tellings.told.get(audience).map_or(0, |t| t.times) + 1;
            let telling = Telling { at, by: by.clone(), stage: *stage, place: *place, times };
            i.tellings.told.insert(*audience, telling);
        }
        Event::SeverityChanged { severity, .. } => i.severity = *severity,
        Event::DutyAssigned { duty, to, .. } => {
            i.duties.insert(*duty, to.clone());
        }
        Event::LinkAdded { link, .. } => i.links.push(link.clone()),
        Event::IncidentMerged { into, by, .. } => i.phase = Phase::Merged { into: *into, when: when(by) },
        Event::IncidentReopened { .. } => i.phase = Phase::Open { status: Status::Investigating },
        Event::IncidentClosed { by, .. } => {
            if let Some((resolved, how)) = i.phase.end() {
                let (resolved, how) = (resolved.clone(), how.map(str::to_owned));
                i.phase = Phase::Closed { when: resolved, how, closed: when(by) };
            }
        }
        Event::PersonInvited { person, .. } => i.invited.push(person.clone()),
        // A word in the timeline is a word.
        Event::NoteAdded { .. } => {}
        Event::MessageAdded(MessageAdded { message, .. }) => {
            i.messages.insert(message.id);
        }
        Event::Alerts { group, news: GroupNews::Linked { .. } } => {
            if !i.alerts.contains(group) {
                i.alerts.push(*group);
            }
            return;
        }
        Event::TextStruck(_) => return,
        Event::LeaderMissed { .. } => {
            i.leader_asked = true;
            return;
        }
        Event::IncidentReminded { .. } => {
            i.reminded = Reminded { times: i.reminded.times + 1, last: Some(at) };
            return;
        }
        _ => return,
    }
    // Whatever a person does in it says that somebody has begun.
    i.respond_by = None;
    i.updated = at;
    i.reminded = Reminded::default();
}
