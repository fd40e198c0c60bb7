//! What must hold of triages and of what people are told.

use std::collections::BTreeMap;

use super::View;
use super::rest::Settled;
use crate::kit::text::escape_markdown;
use crate::model::card::Show;
use crate::model::effect::{Board, Effect};
use crate::model::event::{Event, Settlement};
use crate::model::ids::TriageId;
use crate::model::incident::{Card, Severity};
use crate::model::telling::PeopleTold;
use crate::model::telling::Told;
use crate::model::triage::{Decided, Triage};
use crate::sandbox::world::Id;

pub(super) fn decided_once(view: &View<'_>) -> Result<(), String> {
    let mut asked: BTreeMap<TriageId, &Triage> = BTreeMap::new();
    let mut decided: BTreeMap<TriageId, &Decided> = BTreeMap::new();
    for commit in view.commits() {
        for event in &commit.events {
            match event {
                Event::TriageAsked { triage } if asked.insert(triage.id, triage).is_some() => {
                    return Err(format!("{} was asked twice", triage.id));
                }
                Event::TriageDecided { triage: id, how, .. } => {
                    if let Some(before) = decided.insert(*id, how) {
                        return Err(format!("{id} was {before:?}, and then {how:?}"));
                    }
                    let triage = asked.get(id).ok_or(format!("{id} was decided and never asked"))?;
                    let Decided::Opened { incident, severity, overruled } = how else { continue };
                    let opened = commit.events.iter().any(|e| {
                        matches!(e, Event::IncidentDeclared { incident: i, severity: s, triage: Some(t), .. }
                            if i == incident && s == severity && t.triage == *id && t.overruled == *overruled)
                    });
                    if !opened {
                        return Err(format!("{id} opened {incident}, and commit {} does not", commit.seq));
                    }
                    if overruled.is_none() != (*severity == triage.level) {
                        return Err(format!("{id} is {severity} instead of {}: {overruled:?}", triage.level));
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

pub(super) fn boards_are_true(view: &View<'_>) -> Result<(), String> {
    let settled = Settled::of(view.commits());
    for t in view.state.triages.values() {
        let words = match &t.decided {
            None => "Playbooks that may help",
            Some((Decided::NoIncident, _)) => "Decided: No incident",
            Some((Decided::Opened { .. }, _)) => "opened by",
        };
        stands(view, &settled, Board::Triage(t.triage.id), t.card, words)?;
    }
    for i in view.state.incidents.values() {
        match i.tellings.board {
            Some(card) => {
                let words = format!("{} · {}", i.id, crate::model::telling::Stage::of(&i.phase).word());
                stands(view, &settled, Board::Tell(i.id), card, &words)?;
            }
            None if i.severity <= Severity::P2 && !i.private => {
                return Err(format!("{} is {} and has no drafts", i.id, i.severity));
            }
            None => {}
        }
    }
    Ok(())
}

/// A board stands and says these words, or the journal says why not.
pub(super) fn stands(
    view: &View<'_>,
    settled: &Settled,
    board: Board,
    card: Card,
    words: &str,
) -> Result<(), String> {
    let about = |e: &Effect| match e {
        Effect::PostBoard { board: b, .. } | Effect::EditBoard { board: b, .. } => *b == board,
        _ => false,
    };
    let tried = settled.showing(about);
    match card {
        Card::Owed => Err(format!("{board:?} has no message, and none is owed")),
        Card::Lost if tried.iter().any(|(_, how)| matches!(how, Some(Settlement::GaveUp { .. }))) => Ok(()),
        Card::Lost => Err(format!("{board:?} is lost, and nothing says why")),
        Card::At { message, .. } => {
            let id = Id(message.0);
            let seen = view.server.messages.get(&id).ok_or(format!("{board:?} never was"))?;
            // One that may not be edited is left, and the change told beside it.
            let refused = matches!(tried.last(), Some((_, Some(Settlement::GaveUp { .. }))));
            if view.server.stands(id) && !seen.says().contains(words) && !refused {
                return Err(format!("{board:?} should say `{words}` and says {:?}", seen.says()));
            }
            Ok(())
        }
    }
}

pub(super) fn told_once(view: &View<'_>) -> Result<(), String> {
    let settled = Settled::of(view.commits());
    for commit in view.commits() {
        for event in &commit.events {
            let Event::PeopleTold(PeopleTold { incident, text, place, .. }) = event else { continue };
            let announces = |e: &Effect| matches!(e, Effect::Say { show: Show::Announcement { incident: i, text: t }, .. } if i == incident && t == text);
            let owed = settled.showing(announces);
            if (*place == Told::Nowhere || *place == Told::Elsewhere) && !owed.is_empty() {
                return Err(format!("`{text}` was to be told nowhere, and is owed: {owed:?}"));
            }
            let Told::Channel(channel) = place else { continue };
            let given_up = owed.iter().any(|(_, how)| matches!(how, Some(Settlement::GaveUp { .. })));
            let there = view
                .server
                .public()
                .filter(|(_, m)| m.channel.0 == channel.0 && m.says() == escape_markdown(text))
                .count();
            if there > 1 || (there == 0 && !given_up) {
                return Err(format!("`{text}` of commit {} stands {there} times in its channel", commit.seq));
            }
        }
    }
    Ok(())
}
