//! An incident's history, as a fold over the commits that are about it: timeline and report
//! have no second bookkeeping.

use std::collections::{BTreeMap, BTreeSet};

use super::incidents::{self, fold as incident_fold};
use super::runs;
use crate::model::card::{Entry, IncidentCard, Show, Tone, What};
use crate::model::commit::Commit;
use crate::model::effect::{Effect, Place};
use crate::model::event::{Event, Settlement};
use crate::model::ids::{IncidentId, RunId, Seq};
use crate::model::incident::Incident;
use crate::model::person::Person;
use crate::model::run::Plan;

/// What an incident was, up to some commit.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// As its card stood then.
    pub card: IncidentCard,
    /// What happened, oldest first; of those that turned out to be part of it too.
    pub entries: Vec<Entry>,
    /// For each entry the commit that it is from: its number, as people name it.
    pub numbers: Vec<Seq>,
}

/// Folds the commits about `incident`. They come oldest first and may hold more than is about
/// it. `None` when its declaration is not among them.
pub fn fold<'a>(incident: IncidentId, commits: impl IntoIterator<Item = &'a Commit>) -> Option<History> {
    let commits: Vec<&Commit> = commits.into_iter().collect();
    let parts = parts(incident, &commits);
    let mut folded: Option<Incident> = None;
    let mut entries = vec![];
    // Its runs: a commit of the clock's may be about others too.
    let mut plans: BTreeMap<RunId, &Plan> = BTreeMap::new();
    for commit in commits {
        for event in &commit.events {
            if incident_fold::declared(event) == Some(incident) {
                folded = incident_fold::begun(commit, event);
            } else if incident_fold::about(event) == Some(incident)
                && let Some(incident) = &mut folded
            {
                incident_fold::take_in(incident, commit.at, event);
            }
            if let Event::RunAsked { run, plan, incident: Some(i), .. } = event
                && parts.contains(i)
            {
                plans.insert(*run, plan);
            }
            let entry = match runs::fold::about(event) {
                Some(run) => plans.get(&run).and_then(|plan| {
                    let label = |at| plan.step(at).map(|s| s.label()).unwrap_or_default();
                    runs::told::entry(commit, event, label)
                }),
                None => self::entry(&parts, incident, commit, event),
            };
            entries.extend(entry.map(|entry| (entry, commit.seq)));
        }
    }
    // A message that was added stands where it was written. Stable, so that what happened at one
    // moment stays in the order in which it was decided.
    entries.sort_by_key(|(entry, _)| entry.at);
    let (entries, numbers) = entries.into_iter().unzip();
    folded.map(|i| History { card: incidents::card(&i), entries, numbers })
}

/// The incident, and those that turned out to be part of it, and of those.
fn parts(incident: IncidentId, commits: &[&Commit]) -> BTreeSet<IncidentId> {
    let mut parts = BTreeSet::from([incident]);
    let merges = commits.iter().rev().flat_map(|c| &c.events);
    for event in merges {
        if let Event::IncidentMerged { incident, into, .. } = event
            && parts.contains(into)
        {
            parts.insert(*incident);
        }
    }
    parts
}

/// The line that an event is; `None` for what is no line of this incident's.
fn entry(parts: &BTreeSet<IncidentId>, wanted: IncidentId, commit: &Commit, event: &Event) -> Option<Entry> {
    let line = |by: Option<&Person>, what| Some(Entry { at: commit.at, by: by.cloned(), what });
    let (incident, by, what) = match event {
        Event::IncidentDeclared { incident, title, severity, by, respond_by, triage, .. } => {
            let (title, triage) = (title.clone(), triage.clone());
            let what = What::Declared { title, severity: *severity, respond_by: *respond_by, triage };
            (incident, by, what)
        }
        Event::PeopleTold { incident, audience, stage, text, place, by } => {
            let what = What::Told { audience: *audience, stage: *stage, text: text.clone(), place: *place };
            (incident, by, what)
        }
        Event::NoteAdded { incident, text, by } => (incident, by, What::Noted { text: text.clone() }),
        Event::IncidentUpdated { incident, status, text, by } => {
            (incident, by, What::Updated { status: *status, text: text.clone() })
        }
        Event::SeverityChanged { incident, severity, was, why, by } => {
            (incident, by, What::SeverityChanged { was: *was, severity: *severity, why: why.clone() })
        }
        Event::DutyAssigned { incident, duty, to, by } => {
            (incident, by, What::Assigned { duty: *duty, to: to.clone() })
        }
        Event::LinkAdded { incident, link, by } => (incident, by, What::Linked { link: link.clone() }),
        Event::PersonInvited { incident, person, by } => {
            (incident, by, What::Invited { person: person.clone() })
        }
        Event::IncidentMerged { incident, into, by } => {
            (incident, by, What::Merged { incident: *incident, into: *into })
        }
        Event::IncidentReopened { incident, why, by } => (incident, by, What::Reopened { why: why.clone() }),
        Event::IncidentClosed { incident, by } => (incident, by, What::Closed),
        Event::IncidentResolved { incident, how, by } => (incident, by, What::Resolved { how: how.clone() }),
        Event::TextStruck { incident, others, count, why, by, .. } => {
            let told = parts.contains(incident) || others.iter().any(|id| parts.contains(id));
            let what = What::Struck { count: *count, why: why.clone() };
            return if told { line(Some(by), what) } else { None };
        }
        Event::MessageAdded { incident, message, by } => {
            let what = What::Quoted { message: message.clone() };
            let entry = Entry { at: message.at, by: Some(by.clone()), what };
            return parts.contains(incident).then_some(entry);
        }
        Event::Settled { outcome: Settlement::GaveUp { said, .. }, .. } => {
            // The commit is about this incident, or it would not be here; what was given up
            // is told by what is done instead.
            let what = replaced(wanted, commit).to_owned();
            return line(None, What::Undelivered { what, why: said.clone() });
        }
        _ => return None,
    };
    if parts.contains(incident) { line(Some(by), what) } else { None }
}

/// What could not be delivered, in words, and what was done instead.
fn replaced(incident: IncidentId, commit: &Commit) -> &'static str {
    let instead = commit.effects.iter().find_map(|e| match e {
        Effect::PostCard { incident: i, .. } if *i == incident => {
            Some("the card was gone, and is posted anew")
        }
        Effect::PostBoard { .. } => Some("the drafts of what people are told, posted elsewhere or anew"),
        Effect::Say { place: Place::Channel(_), show: Show::Notice { tone: Tone::Refused, .. } } => {
            Some("the public text, which nobody was told; the incidents channel has it")
        }
        Effect::Say { place: Place::Channel(_), show: Show::Report { .. } } => {
            Some("the report, posted in the incidents channel instead")
        }
        Effect::Say { place: Place::Channel(_), .. } => {
            Some("a message for the thread, said in the incidents channel instead")
        }
        Effect::Say { place: Place::Thread(_), .. } => {
            Some("a change of the card, told in the thread instead")
        }
        _ => None,
    });
    instead.unwrap_or("something for the incident's card, thread or channel")
}
