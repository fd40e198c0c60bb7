//! An incident's history, as a fold over the commits that are about it: timeline and report
//! have no second bookkeeping.

use std::collections::BTreeMap;

use super::runs;
use crate::model::card::{Entry, IncidentCard, Show, What};
use crate::model::commit::Commit;
use crate::model::effect::{Effect, Place};
use crate::model::event::{Event, Settlement};
use crate::model::ids::{IncidentId, RunId};
use crate::model::incident::{Phase, Stamp};
use crate::model::run::Plan;

/// What an incident was, up to some commit.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// As its card stood then.
    pub card: IncidentCard,
    /// What happened, oldest first.
    pub entries: Vec<Entry>,
}

/// Folds the commits about `incident`. They come oldest first and may hold more than is about
/// it. `None` when its declaration is not among them.
pub fn fold<'a>(incident: IncidentId, commits: impl IntoIterator<Item = &'a Commit>) -> Option<History> {
    let mut history: Option<History> = None;
    // Its runs: a commit of the clock's may be about others too.
    let mut mine: BTreeMap<RunId, &Plan> = BTreeMap::new();
    for commit in commits {
        for event in &commit.events {
            if let Event::RunAsked { run, plan, incident: Some(i), .. } = event
                && *i == incident
            {
                mine.insert(*run, plan);
            }
            match runs::fold::about(event) {
                None => take_in(&mut history, incident, commit, event),
                Some(run) => {
                    let label = |plan: &&Plan, at| plan.step(at).map(|s| s.label()).unwrap_or_default();
                    let entry =
                        mine.get(&run).and_then(|p| runs::told::entry(commit, event, |at| label(p, at)));
                    if let (Some(h), Some(entry)) = (&mut history, entry) {
                        h.entries.push(entry);
                    }
                }
            }
        }
    }
    history
}

fn take_in(history: &mut Option<History>, wanted: IncidentId, commit: &Commit, event: &Event) {
    let at = commit.at;
    match event {
        Event::IncidentDeclared { incident, title, severity, service, by } if *incident == wanted => {
            *history = Some(History {
                card: IncidentCard {
                    id: wanted,
                    title: title.clone(),
                    severity: *severity,
                    service: service.clone(),
                    declared: Stamp { at, by: by.clone() },
                    phase: Phase::Open,
                },
                entries: vec![Entry {
                    at,
                    by: Some(by.clone()),
                    what: What::Declared { title: title.clone(), severity: *severity },
                }],
            });
        }
        Event::NoteAdded { incident, text, by } if *incident == wanted => {
            if let Some(h) = history {
                let what = What::Noted { text: text.clone() };
                h.entries.push(Entry { at, by: Some(by.clone()), what });
            }
        }
        Event::IncidentResolved { incident, how, by } if *incident == wanted => {
            if let Some(h) = history {
                h.card.phase = Phase::Resolved { when: Stamp { at, by: by.clone() }, how: how.clone() };
                h.entries.push(Entry { at, by: Some(by.clone()), what: What::Resolved { how: how.clone() } });
            }
        }
        Event::Settled { outcome: Settlement::GaveUp { said, .. }, .. } => {
            // The commit is about this incident, or it would not be here; what was given up
            // is told by what is done instead.
            if let Some(h) = history {
                let what = What::Undelivered { what: replaced(wanted, commit).to_owned(), why: said.clone() };
                h.entries.push(Entry { at, by: None, what });
            }
        }
        _ => {}
    }
}

/// What could not be delivered, in words, and what was done instead.
fn replaced(incident: IncidentId, commit: &Commit) -> &'static str {
    let instead = commit.effects.iter().find_map(|e| match e {
        Effect::PostCard { incident: i, .. } if *i == incident => {
            Some("the card was gone, and is posted anew")
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
