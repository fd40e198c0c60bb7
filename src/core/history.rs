//! An incident's history, as a fold over the commits that are about it: timeline and report
//! have no second bookkeeping.

use std::collections::{BTreeMap, BTreeSet};

use super::afterwards::fold as after_fold;
use super::alerts::lines::{self, AlertSpan};
use super::incidents::{self, fold as incident_fold};
use super::{paging, runs};
use crate::kit::time::Timestamp;
use crate::model::card::{Entry, IncidentCard, Show, Tone, What};
use crate::model::commit::Commit;
use crate::model::effect::{Board, Effect, Place};
use crate::model::event::{Event, Settlement};
use crate::model::ids::{IncidentId, PageId, RunId, Seq};
use crate::model::incident::{Incident, Phase, Severity, Status};
use crate::model::page::PageNews;
use crate::model::person::Person;
use crate::model::quote::MessageAdded;
use crate::model::report::{ActionItem, Review};
use crate::model::run::{Plan, RunEnd};
use crate::model::strike::TextStruck;
use crate::model::telling::PeopleTold;

/// What an incident was, up to some commit.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// As its card stood then.
    pub card: IncidentCard,
    /// What happened, oldest first; of those that turned out to be part of it too.
    pub entries: Vec<Entry>,
    /// For each entry the commit that it is from: its number, as people name it.
    pub numbers: Vec<Seq>,
    /// What follows it.
    pub review: Review,
    /// What is or was to be done after it, by number; of those that are part of it too.
    pub actions: Vec<ActionItem>,
    /// Its runs, in the order in which they were asked for.
    pub runs: Vec<RunSpan>,
    /// The alerts that belong to it, for as long as each fired.
    pub alerts: Vec<AlertSpan>,
    /// How it stood, from its declaration on, at each change.
    pub course: Vec<Turn>,
}

/// A run, as far as an incident's picture shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSpan {
    /// Its number.
    pub run: RunId,
    /// Its service and action: `soundlab rollback`.
    pub what: String,
    /// When it began; of one that never did, when it was asked for.
    pub from: Timestamp,
    /// When it ended, and how; `None` while it goes on.
    pub end: Option<(Timestamp, RunEnd)>,
}

/// From when on an incident stood so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// From when on.
    pub at: Timestamp,
    /// How far people were; `None` where it was over.
    pub status: Option<Status>,
    /// How bad it was.
    pub severity: Severity,
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
    let mut runs: BTreeMap<RunId, RunSpan> = BTreeMap::new();
    let mut actions = BTreeMap::new();
    let mut pages: BTreeSet<PageId> = BTreeSet::new();
    let mut course: Vec<Turn> = vec![];
    let mut alerts = lines::Reader::new(&parts, &commits);
    for commit in commits {
        for event in &commit.events {
            let own = incident_fold::declared(event) == Some(incident);
            if own {
                folded = incident_fold::begun(commit, event);
            } else if incident_fold::about(event) == Some(incident)
                && let Some(incident) = &mut folded
            {
                incident_fold::take_in(incident, commit.at, event);
            }
            if after_fold::about(event).is_some_and(|i| parts.contains(&i)) {
                after_fold::all_items(&mut actions, commit.at, event);
            }
            if let Event::RunAsked { run, plan, incident: Some(i), .. } = event
                && parts.contains(i)
            {
                plans.insert(*run, plan);
                let what = format!("{} {}", plan.service, plan.action);
                runs.insert(*run, RunSpan { run: *run, what, from: commit.at, end: None });
            }
            // Waiting for somebody to agree is no part of what it took.
            if let Event::RunBegan { run } = event
                && let Some(span) = runs.get_mut(run)
            {
                span.from = commit.at;
            }
            if let Event::RunEnded { run, how } = event
                && let Some(span) = runs.get_mut(run)
            {
                span.end = Some((commit.at, how.clone()));
            }
            if let Event::Page { page, news: PageNews::Began(begun) } = event
                && begun.about.incident().is_some_and(|i| parts.contains(&i))
            {
                pages.insert(*page);
            }
            if let Event::Page { page, .. } = event
                && pages.contains(page)
            {
                entries.extend(paging::told::entry(commit.at, event).map(|entry| (entry, commit.seq)));
            }
            let entry = match runs::fold::about(event) {
                Some(run) => plans.get(&run).and_then(|plan| {
                    let label = |at| plan.step(at).map(|s| s.label()).unwrap_or_default();
                    runs::told::entry(commit, event, label)
                }),
                None if after_fold::about(event).is_some_and(|i| parts.contains(&i)) => {
                    after_fold::entry(&actions, commit.at, event)
                }
                None => self::entry(&parts, incident, commit, event),
            };
            if own || incident_fold::about(event) == Some(incident) {
                course.extend(folded.as_ref().map(|i| turn(i, commit.at)));
            }
            entries.extend(entry.map(|entry| (entry, commit.seq)));
            let told = alerts.entries(&parts, commit, event);
            entries.extend(told.into_iter().map(|entry| (entry, commit.seq)));
        }
    }
    // A message that was added stands where it was written. Stable, so that what happened at one
    // moment stays in the order in which it was decided.
    entries.sort_by_key(|(entry, _)| entry.at);
    let (entries, numbers) = entries.into_iter().unzip();
    course.sort_by_key(|t| t.at);
    course.dedup_by_key(|t| (t.status, t.severity));
    folded.map(|i| History {
        card: incidents::card(&i),
        entries,
        numbers,
        review: i.review,
        actions: actions.into_values().collect(),
        runs: runs.into_values().collect(),
        alerts: alerts.spans,
        course,
    })
}

/// How an incident stands from now on.
fn turn(i: &Incident, at: Timestamp) -> Turn {
    let status = match &i.phase {
        Phase::Open { status } => Some(*status),
        _ => None,
    };
    Turn { at, status, severity: i.severity }
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
        Event::PeopleTold(PeopleTold { incident, audience, stage, text, place, by }) => {
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
        Event::TextStruck(TextStruck { incident, others, count, why, by, .. }) => {
            let told = parts.contains(incident) || others.iter().any(|id| parts.contains(id));
            let what = What::Struck { count: *count, why: why.clone() };
            return if told { line(Some(by), what) } else { None };
        }
        Event::MessageAdded(MessageAdded { incident, message, by }) => {
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
        Effect::PostBoard { board: Board::Checklist(_), .. } => {
            Some("the checklist, posted elsewhere or anew")
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
