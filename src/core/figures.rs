//! The figures of an incident's report: how long it took, and how much it was.

use std::collections::BTreeSet;
use std::time::Duration;

use super::history::History;
use crate::kit::time::Timestamp;
use crate::model::card::{Entry, What};
use crate::model::ids::UserId;
use crate::model::incident::Status;

/// How long an incident took, and how much it was. Each time is counted from its declaration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Until a person first did something about it.
    pub respond: Option<Duration>,
    /// Until people knew what was wrong.
    pub identify: Option<Duration>,
    /// Until it was over.
    pub resolve: Option<Duration>,
    /// Runs of runbooks.
    pub runs: usize,
    /// Notes.
    pub notes: usize,
    /// People who did something in it.
    pub people: usize,
    /// How often it was over and went on.
    pub reopened: usize,
}

/// Counts.
pub fn figures(h: &History) -> Figures {
    let began = h.card.declared.at;
    let since = |at: Timestamp| at.since(began);
    let responds =
        |what: &What| !matches!(what, What::Declared { .. } | What::Undelivered { .. } | What::Quoted { .. });
    let first = h.entries.iter().find(|e| e.at >= began && e.by.is_some() && responds(&e.what));
    let known = |status: Option<Status>| status.is_some_and(|s| s >= Status::Identified);
    let people: BTreeSet<UserId> = h
        .entries
        .iter()
        .filter(|e| happened(e))
        .filter_map(|e| e.by.as_ref())
        .filter(|p| !p.is_muster())
        .map(|p| p.id)
        .collect();
    let count = |of: fn(&What) -> bool| h.entries.iter().filter(|e| of(&e.what)).count();
    Figures {
        respond: first.map(|e| since(e.at)),
        identify: h.course.iter().find(|t| known(t.status)).map(|t| since(t.at)),
        resolve: h.card.phase.end().map(|(when, _)| since(when.at)),
        runs: h.runs.len(),
        notes: count(|w| matches!(w, What::Noted { .. })),
        people: people.len(),
        reopened: count(|w| matches!(w, What::Reopened { .. })),
    }
}

/// Whether an entry is of the incident itself, and not of what people wrote of it afterwards.
pub fn happened(entry: &Entry) -> bool {
    let afterwards = matches!(
        entry.what,
        What::Wrote { .. }
            | What::ActionAdded { .. }
            | What::ActionEnded { .. }
            | What::Published { .. }
            | What::Closed
    );
    !afterwards
}
