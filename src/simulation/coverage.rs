//! What has to happen in so many seeds: a simulation in which nothing happens proves nothing.

use std::collections::BTreeMap;

use super::Summary;
use super::fault::Fault;
use crate::model::commit::Commit;
use crate::model::duty::OnCallNews;
use crate::model::event::Event;
use crate::model::page::{Because, PageNews};

/// What has to happen to runs, triages, alerts and pages; `process` and others count it.
const HAPPENS: [&str; 60] = [
    "alert moved",
    "asked for",
    "agreed to",
    "a question agreed to",
    "glass broken",
    "spawned",
    "retried",
    "reminded",
    "late",
    "cut short before it was begun",
    "cut short in the middle",
    "cut short after it was done",
    "nobody knows",
    "verified",
    "run again",
    "undo begun",
    "lock broken",
    "passed",
    "failed",
    "cancelled",
    "refused",
    "expired",
    "void",
    "taken back",
    "dry",
    "triage asked",
    "triage opened",
    "triage overruled",
    "no incident",
    "people told",
    "alert new",
    "alert back",
    "alert over",
    "alert expired",
    "alert told",
    "alert's end told",
    "alert flaps",
    "alert's incident",
    "storm",
    "silenced",
    "silence ended",
    "alert muted",
    "alert told after all",
    "job late",
    "job failed",
    "job done",
    "called first",
    "called again",
    "called the next",
    "called the next at once",
    "called out of turn",
    "called anew",
    "told though answered",
    "answered",
    "answered at a terminal",
    "asked whether still on it",
    "cannot",
    "nobody answered",
    "sent as one",
    "overridden",
];

/// What happened in several runs together.
#[derive(Debug, Default)]
pub struct Coverage {
    faults: BTreeMap<&'static str, u64>,
    happened: BTreeMap<&'static str, u64>,
}

impl Coverage {
    /// Adds a run.
    pub fn add(&mut self, run: &Summary) {
        for (kind, times) in &run.faults {
            *self.faults.entry(kind).or_default() += times;
        }
        for (what, times) in &run.runs {
            *self.happened.entry(what).or_default() += times;
        }
    }

    /// What never happened, of faults and of the rest.
    pub fn missing(&self) -> Vec<&'static str> {
        let fault = Fault::KINDS.iter().filter(|kind| !self.faults.contains_key(*kind));
        let rest = HAPPENS.iter().filter(|what| !self.happened.contains_key(*what));
        fault.chain(rest).copied().collect()
    }
}

/// What is worth counting of who is called.
pub(super) fn of_pages(commit: &Commit, event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::Page { news: PageNews::Paged(paged), .. } => match paged.why {
            Because::First => "called first",
            Because::Again => "called again",
            Because::NoAnswer => "called the next",
            Because::Unreachable => "called the next at once",
            Because::Declined(_) | Because::Escalated(_) => "called out of turn",
            Because::WoreOff(_) | Because::NewRound => "called anew",
            Because::Unresolved => "told though answered",
        },
        Event::Page { news: PageNews::Acknowledged { by, .. }, .. } => match by.at_a_terminal() {
            true => "answered at a terminal",
            false => "answered",
        },
        Event::Page { news: PageNews::Asked { .. }, .. } => "asked whether still on it",
        Event::Page { news: PageNews::Declined(_), .. } => "cannot",
        Event::Page { news: PageNews::Exhausted { .. }, .. } => "nobody answered",
        Event::PagesSent(_) => "sent as one",
        Event::OnCall(news) => match &**news {
            OnCallNews::Overridden(over) if over.from >= commit.at => "overridden",
            OnCallNews::OverrideEnded { .. } => "override ended",
            OnCallNews::Absences { all, .. } if !all.is_empty() => "away",
            _ => return None,
        },
        _ => return None,
    })
}
