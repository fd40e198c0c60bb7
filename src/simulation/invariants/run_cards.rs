//! What must hold of runs, and of what people see of them, when nothing is left to do.

use super::View;
use super::rest::{Settled, given_up_everywhere};
use crate::model::card::Show;
use crate::model::effect::Effect;
use crate::model::event::{Event, Settlement};
use crate::model::ids::{EffectId, RunId};
use crate::model::incident::Card;
use crate::model::run::{Run, RunEnd, RunPhase, StepState};
use crate::sandbox::world::Id;

pub(super) fn ends_or_waits(view: &View<'_>) -> Result<(), String> {
    match view.state.runs.values().find(|r| !r.is_over() && waits(r).is_none()) {
        Some(run) => Err(format!("{} neither ends nor waits for a person: {:?}", run.id, run.steps)),
        None => Ok(()),
    }
}

pub(super) fn all_over(view: &View<'_>) -> Result<(), String> {
    match view.state.runs.values().find(|r| !r.is_over()) {
        Some(run) => Err(format!("{} was ended and is not over: {:?}", run.id, run.phase)),
        None => Ok(()),
    }
}

/// What a card says of a run that waits for a person; `None` where it does not.
fn waits(run: &Run) -> Option<&'static str> {
    let step = |s: &StepState| match s {
        StepState::Asked { .. } => Some("Waits for a person"),
        StepState::Approving { .. } => Some("Waits for approval"),
        StepState::Unknown { asking: None, .. } => Some("A person must decide"),
        _ => None,
    };
    match &run.phase {
        RunPhase::Asked { .. } => Some("Waits for approval"),
        RunPhase::Going { stopping: None, .. } => run.steps.iter().find_map(step),
        _ => None,
    }
}

/// What a card says of a run's end.
fn ended(run: &Run) -> Option<&'static str> {
    let RunPhase::Over { how, .. } = &run.phase else { return None };
    Some(match how {
        RunEnd::Passed => "assed**",
        RunEnd::Failed { .. } => "**Failed**",
        RunEnd::Cancelled { .. } => "**Cancelled**",
        RunEnd::Refused { .. } => "**Refused**",
        RunEnd::Voided { .. } => "**Void**",
        RunEnd::Undone { .. } => "**Taken back**",
    })
}

pub(super) fn one_card(view: &View<'_>) -> Result<(), String> {
    let settled = Settled::of(view.commits());
    for run in view.state.runs.values() {
        let id = run.id;
        let posts = |e: &Effect| matches!(e, Effect::PostRun { run, .. } if *run == id);
        let standing = view.server.public().filter(|(message, seen)| {
            let effect = seen.effect.and_then(|e| settled.effects.get(&e));
            effect.is_some_and(posts) && view.server.stands(*message) && !is_late_twin(view, seen.effect)
        });
        // A first try that arrives when its second was settled and then deleted by somebody: Discord
        // knows of no message with that nonce any more, and nobody can tell the two apart.
        let of_a_deleted_one = |message: Id| {
            let effect = view.server.messages.get(&message).and_then(|seen| seen.effect);
            effect.and_then(|e| settled.message(e)).is_some_and(|m| m != message && !view.server.stands(m))
        };
        let standing = standing.filter(|(message, _)| !of_a_deleted_one(*message));
        // One that was posted unseen, and could not be looked for where its channel is hidden, was given
        // up, and another took its place: the journal says so.
        let given_up = |e: EffectId| view.given_up.contains(&e);
        let standing = standing.filter(|(_, seen)| !seen.effect.is_some_and(given_up));
        let standing: Vec<Id> = standing.map(|(message, _)| message).collect();
        match &run.card {
            Card::Owed => return Err(format!("{id} has no card, and none is owed")),
            Card::Lost => {
                let tried = settled.showing(posts);
                if !tried.iter().any(|(_, outcome)| matches!(outcome, Some(Settlement::GaveUp { .. }))) {
                    return Err(format!("{id}'s card is lost, and nothing says why"));
                }
            }
            Card::At { message, .. } => {
                let known = Id(message.0);
                if !view.server.messages.contains_key(&known) {
                    return Err(format!("{id}'s card never was"));
                }
                if standing.iter().any(|s| *s != known) {
                    return Err(format!("{id} has the cards {standing:?}, and only {known} is its own"));
                }
            }
        }
    }
    Ok(())
}

/// Whether it is of an effect of which somebody deleted a message: an earlier try of it that was
/// still on its way then arrives after all, and from Muster's end nobody can know.
fn is_late_twin(view: &View<'_>, effect: Option<EffectId>) -> bool {
    effect.is_some()
        && view.server.public().any(|(id, seen)| seen.effect == effect && !view.server.stands(id))
}

pub(super) fn card_is_true(view: &View<'_>) -> Result<(), String> {
    let settled = Settled::of(view.commits());
    for run in view.state.runs.values() {
        let (Card::At { message, .. }, Some(words)) = (&run.card, ended(run).or(waits(run))) else {
            continue;
        };
        // One that may not be edited is left as it is.
        let edits = settled.showing(|e| matches!(e, Effect::EditRun { run: r, .. } if *r == run.id));
        let refused = matches!(edits.last(), Some((_, Some(Settlement::GaveUp { .. }))));
        let card = view.server.messages.get(&Id(message.0)).filter(|_| view.server.stands(Id(message.0)));
        if let Some(card) = card.filter(|c| !c.says().contains(words) && !refused) {
            return Err(format!("{} should say `{words}` and says {:?}", run.id, card.says()));
        }
    }
    Ok(())
}

pub(super) fn end_is_told(view: &View<'_>) -> Result<(), String> {
    let commits = view.commits();
    let settled = Settled::of(commits);
    let ends = |run: RunId| {
        let events = commits.iter().flat_map(|c| &c.events);
        events.filter(|e| matches!(e, Event::RunEnded { run: r, .. } if *r == run)).count()
    };
    for run in view.state.runs.values() {
        let tells = |e: &Effect| matches!(e, Effect::Say { show: Show::RunOutput { run: r, .. }, .. } if *r == run.id);
        let tried = settled.showing(tells);
        let there = view
            .server
            .public()
            .filter(|(_, seen)| seen.effect.and_then(|e| settled.effects.get(&e)).is_some_and(tells));
        let (there, wanted) = (there.count(), ends(run.id));
        let excused = given_up_everywhere(view, &tried);
        if there > tried.len() || (there < wanted && !excused) {
            return Err(format!(
                "{} ended {wanted} times and says so {there} times; tried: {tried:?}",
                run.id
            ));
        }
    }
    Ok(())
}
