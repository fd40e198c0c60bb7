//! What must hold of reports and checklists.

use std::collections::{BTreeMap, BTreeSet};

use super::View;
use super::rest::{Settled, given_up_everywhere};
use crate::kit::text::escape_markdown;
use crate::model::afterwards::{ReportPublished, ReportWritten};
use crate::model::card::Show;
use crate::model::effect::{Board, Effect};
use crate::model::event::{Event, Settlement};
use crate::model::ids::{IncidentId, Seq, UserId};
use crate::model::incident::{Card, Phase};
use crate::model::report::Part;
use crate::sandbox::world::Id;

/// The incident and the commit whose report an effect shows.
fn report(effect: &Effect) -> Option<(IncidentId, Seq)> {
    match effect {
        Effect::Say { show: Show::Report { incident, upto }, .. } => Some((*incident, *upto)),
        _ => None,
    }
}

pub(super) fn one_report_each(view: &View<'_>) -> Result<(), String> {
    let settled = Settled::of(view.commits());
    let mut published: BTreeMap<IncidentId, Vec<Seq>> = BTreeMap::new();
    for commit in view.commits() {
        for event in &commit.events {
            let Event::ReportPublished(ReportPublished { incident, revision, .. }) = event else { continue };
            let all = published.entry(*incident).or_default();
            all.push(commit.seq);
            if u32::try_from(all.len()) != Ok(*revision) {
                return Err(format!("revision {revision} of {incident} is its report number {}", all.len()));
            }
        }
    }
    for effect in settled.effects.values() {
        if let Some((incident, upto)) = report(effect)
            && !published.get(&incident).is_some_and(|all| all.contains(&upto))
        {
            return Err(format!("a report of {incident} up to {upto} is owed, and nobody published it"));
        }
    }
    for (incident, all) in published {
        for seq in all {
            let tried = settled.showing(|e| report(e) == Some((incident, seq)));
            let of = |m: &&super::super::server::Seen| {
                m.effect.and_then(|e| settled.effects.get(&e)).and_then(report) == Some((incident, seq))
            };
            let head = format!("Report · {incident} · ");
            let messages = view.server.public().map(|(_, m)| m).filter(of);
            let messages = messages.filter(|m| m.says().starts_with(&head)).count();
            if messages == 0 && !given_up_everywhere(view, &tried) {
                return Err(format!(
                    "{incident} was published in commit {seq}, and has no report; tried: {tried:?}"
                ));
            }
            if messages > tried.len() {
                return Err(format!(
                    "{incident} was published in commit {seq} and has {messages} reports, owed were {}",
                    tried.len()
                ));
            }
        }
    }
    Ok(())
}

pub(super) fn read_by_another(view: &View<'_>) -> Result<(), String> {
    let mut writers: BTreeMap<IncidentId, UserId> = BTreeMap::new();
    let mut over: BTreeSet<IncidentId> = BTreeSet::new();
    for commit in view.commits() {
        for event in &commit.events {
            match event {
                Event::IncidentResolved { incident, .. } => drop(over.insert(*incident)),
                Event::IncidentReopened { incident, .. } | Event::IncidentMerged { incident, .. } => {
                    over.remove(incident);
                }
                Event::ReportWritten(ReportWritten { incident, parts, by }) => {
                    match parts.get(&Part::RootCause) {
                        Some(text) if text.is_empty() => drop(writers.remove(incident)),
                        Some(_) => drop(writers.insert(*incident, by.id)),
                        None => {}
                    }
                }
                Event::ReportPublished(ReportPublished { incident, by, .. }) => match writers.get(incident) {
                    _ if !over.contains(incident) => {
                        return Err(format!(
                            "{incident} was not over when commit {} published it",
                            commit.seq
                        ));
                    }
                    None => return Err(format!("commit {} published no root cause", commit.seq)),
                    Some(writer) if *writer == by.id => {
                        return Err(format!("commit {} published what its writer wrote", commit.seq));
                    }
                    Some(_) => {}
                },
                _ => {}
            }
        }
    }
    Ok(())
}

pub(super) fn checklists_stand(view: &View<'_>) -> Result<(), String> {
    let settled = Settled::of(view.commits());
    for incident in view.state.incidents.values() {
        let over = matches!(incident.phase, Phase::Resolved { .. } | Phase::Closed { .. });
        let about = |e: &Effect| match e {
            Effect::PostBoard { board, .. } | Effect::EditBoard { board, .. } => {
                *board == Board::Checklist(incident.id)
            }
            _ => false,
        };
        match incident.review.list {
            None if over => return Err(format!("{} is over and has no checklist", incident.id)),
            None => {}
            Some(Card::Owed) => return Err(format!("{} has no checklist, and none is owed", incident.id)),
            Some(Card::Lost) => {
                let tried = settled.showing(about);
                if !tried.iter().any(|(_, outcome)| matches!(outcome, Some(Settlement::GaveUp { .. }))) {
                    return Err(format!("{}'s checklist is lost, and nothing says why", incident.id));
                }
            }
            Some(Card::At { message, .. }) => {
                let id = Id(message.0);
                let seen =
                    view.server.messages.get(&id).ok_or(format!("{}'s checklist never was", incident.id))?;
                for item in incident.review.items.iter().filter(|_| view.server.stands(id)) {
                    let mark = if incident.review.done(item).is_some() { "✅" } else { "⬜" };
                    let wanted = format!("{mark} {}", escape_markdown(&item.text));
                    if !seen.says().contains(&wanted) {
                        return Err(format!(
                            "{}'s checklist says {:?}, and not {wanted}",
                            incident.id,
                            seen.says()
                        ));
                    }
                }
            }
        }
    }
    Ok(())
}
