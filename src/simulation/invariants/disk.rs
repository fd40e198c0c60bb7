//! What must hold of the journal and of the state that is a fold of it.

use std::collections::BTreeSet;

use super::View;
use crate::core;
use crate::core::state::State;
use crate::journal;
use crate::model::command::Action;
use crate::model::commit::{Cause, Commit};
use crate::model::event::Event;
use crate::model::ids::InteractionId;
use crate::simulation::ledger::Promise;

pub(super) fn wakes_ahead(view: &View<'_>) -> Result<(), String> {
    // A job that is late is a decision of its own: the rest is due at once again.
    let late = |c: &Commit| c.cause == Cause::Timer && c.events.iter().any(|e| matches!(e, Event::Beats(_)));
    if view.fresh.iter().any(late) {
        return Ok(());
    }
    match core::next_wakeup(view.state) {
        Some(due) if due <= view.now => Err(format!("it is {}, and {due} was due", view.now)),
        _ => Ok(()),
    }
}

pub(super) fn only_those_who_may(view: &View<'_>) -> Result<(), String> {
    for commit in view.fresh {
        for action in commit.events.iter().filter(|e| !by_policy(commit, e)).filter_map(action_of) {
            let Cause::Interaction { id, .. } = &commit.cause else {
                return Err(format!("commit {} changes an incident, and nobody asked for it", commit.seq));
            };
            let deed = view.ledger.deeds.get(id).ok_or(format!("nobody began interaction {id}"))?;
            let may = if action == Action::ReportPublish { deed.may_publish() } else { deed.may_change() };
            if !may {
                return Err(format!("commit {}: {} had no right to", commit.seq, deed.what));
            }
            let on = view.house.command_files().flat_map(|f| f.commands()).any(|c| c.action == action);
            if !on {
                return Err(format!("commit {}: {action} is switched off", commit.seq));
            }
        }
    }
    Ok(())
}

/// Whether it is what the team wrote that alerts do.
fn by_policy(commit: &Commit, event: &Event) -> bool {
    let told = matches!(commit.cause, Cause::Intake { .. } | Cause::Timer);
    told && matches!(event, Event::IncidentDeclared { by, .. } if by.is_muster())
}

/// What changes an incident, and which action that is.
fn action_of(event: &Event) -> Option<Action> {
    match event {
        Event::IncidentDeclared { .. } => Some(Action::IncidentDeclare),
        Event::NoteAdded { .. } => Some(Action::IncidentNote),
        Event::IncidentResolved { .. } => Some(Action::IncidentResolve),
        Event::ItemTicked(_) | Event::ReportWritten(_) => Some(Action::ReportWrite),
        Event::ActionItemAdded(_) => Some(Action::ItemAdd),
        Event::ActionItemEnded(e) if e.dropped.is_some() => Some(Action::ItemDrop),
        Event::ActionItemEnded(_) => Some(Action::ItemDone),
        Event::ReportPublished(_) => Some(Action::ReportPublish),
        Event::TriageAsked { .. } | Event::TriageDecided { .. } => Some(Action::Triage),
        Event::PeopleTold(_) => Some(Action::IncidentDrafts),
        Event::SilenceAdded(_) => Some(Action::SilenceAdd),
        Event::SilenceEnded { .. } => Some(Action::SilenceEnd),
        _ => None,
    }
}

pub(super) fn chain_holds(view: &View<'_>) -> Result<(), String> {
    let found = journal::verify(view.journal).map_err(|damage| damage.to_string())?;
    if found.head.seq != view.state.head {
        return Err(format!("the disk ends at {}, the state at {}", found.head.seq, view.state.head));
    }
    Ok(())
}

pub(super) fn replay_equals_live(view: &View<'_>) -> Result<(), String> {
    let mut replayed = State::default();
    for commit in view.commits() {
        replayed.apply(commit);
    }
    if replayed == *view.state {
        return Ok(());
    }
    Err(format!("replayed: {replayed:?}\nlive: {:?}", view.state))
}

/// The interactions of these commits, with what they led to.
fn interactions(commits: &[Commit]) -> impl Iterator<Item = (InteractionId, &Commit)> {
    commits.iter().filter_map(|c| match &c.cause {
        Cause::Interaction { id, .. } => Some((*id, c)),
        _ => None,
    })
}

pub(super) fn told_is_kept(view: &View<'_>) -> Result<(), String> {
    let commits = view.commits();
    let kept: BTreeSet<InteractionId> = interactions(commits).map(|(id, _)| id).collect();
    for (id, answer) in &view.ledger.answers {
        if answer.promise == Promise::Done && !kept.contains(id) {
            let what = view.ledger.deeds.get(id).map_or("somebody", |d| &d.what);
            return Err(format!(
                "interaction {id} ({what}) was told that it is done, and no commit knows of it"
            ));
        }
    }
    Ok(())
}

pub(super) fn refusals_change_nothing(view: &View<'_>) -> Result<(), String> {
    let commits = view.commits();
    for (id, commit) in interactions(commits) {
        let refused = view.ledger.answers.get(&id).is_some_and(|a| a.promise == Promise::Refused);
        if refused && commit.events.iter().any(|e| !matches!(e, Event::Refused { .. })) {
            return Err(format!(
                "interaction {id} was refused, and commit {} does it: {:?}",
                commit.seq, commit.events
            ));
        }
    }
    Ok(())
}

pub(super) fn one_commit_each(view: &View<'_>) -> Result<(), String> {
    let commits = view.commits();
    let mut known = BTreeSet::new();
    for (id, commit) in interactions(commits) {
        if !known.insert(id) {
            return Err(format!("commit {} is the second of interaction {id}", commit.seq));
        }
    }
    Ok(())
}
