//! Incidents that are over and not at hand any more: which one an input is about, and what it was.
//!
//! Deciding takes no notice of any of it: before a decision whoever keeps the state looks up what
//! [`wanted`] names and puts it beside the others; what changes one begins with saying what it was
//! (`Event::IncidentRecalled`), so that the fold needs nothing but commits.

use std::collections::BTreeSet;

use super::Outcome;
use super::incidents::fold;
use super::state::State;
use crate::model::command::OptionKind;
use crate::model::commit::Commit;
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{ChannelId, IncidentId};
use crate::model::incident::Incident;
use crate::model::input::{Act, Arg, Input, Interaction, Invocation, TerminalAct};
use crate::model::strike::TextStruck;

/// The incidents that an input is about and that are not at hand.
pub fn wanted(state: &State, house: &House, input: &Input) -> BTreeSet<IncidentId> {
    if state.past_incidents.is_empty() {
        return BTreeSet::new();
    }
    let mut named = match input {
        Input::Interaction(i) => of_interaction(state, house, i),
        Input::Terminal { act: TerminalAct::Run(ask), .. } => ask.incident.into_iter().collect(),
        _ => BTreeSet::new(),
    };
    named.retain(|id| state.past_incidents.contains_key(id));
    named
}

fn of_interaction(state: &State, house: &House, i: &Interaction) -> BTreeSet<IncidentId> {
    let mut named = BTreeSet::new();
    match &i.act {
        Act::Command(typed) => {
            named.extend(typed_ids(house, typed));
            named.extend(of_thread(state, i.channel));
        }
        Act::Press(Ok(button)) => named.extend(button.incident()),
        Act::Submit { form: Ok(form), .. } => named.extend(form.incident()),
        Act::Choose { chosen, .. } => {
            named.extend(chosen.iter().filter_map(|c| c.parse::<IncidentId>().ok()))
        }
        _ => named.extend(of_thread(state, i.channel)),
    }
    named
}

fn of_thread(state: &State, channel: ChannelId) -> Option<IncidentId> {
    state.threads.get(&channel).copied()
}

/// The incidents that stand in a command's options.
fn typed_ids(house: &House, typed: &Invocation) -> Vec<IncidentId> {
    let Some(command) = house.command(&typed.command) else { return vec![] };
    let options = command.options.iter().filter(|o| o.kind == OptionKind::Incident);
    let ids = options.filter_map(|o| match typed.args.get(&o.name) {
        Some(Arg::Text(text)) => text.parse().ok(),
        _ => None,
    });
    ids.collect()
}

/// What an incident was, from the commits that are about it, oldest first.
pub fn recalled(id: IncidentId, commits: &[Commit]) -> Option<Incident> {
    let mut state = State::default();
    for commit in commits {
        state.skip_to(commit.seq);
        state.apply(commit);
    }
    state.incidents.remove(&id)
}

/// Says first what was recalled, of those that what is kept is about.
pub fn told(outcome: &mut Outcome, recalled: Vec<Incident>) {
    let named = |e: &Event| match e {
        Event::RunAsked { incident, .. } => *incident,
        Event::IncidentMerged { into, .. } => Some(*into),
        _ => None,
    };
    let of_events = outcome.events.iter().flat_map(|e| [fold::about(e), named(e)]);
    let of_effects = outcome.effects.iter().map(fold::of_effect);
    let others = outcome.events.iter().flat_map(|e| match e {
        Event::TextStruck(TextStruck { others, .. }) => others.as_slice(),
        _ => &[],
    });
    let about: BTreeSet<IncidentId> = of_events.chain(of_effects).flatten().chain(others.copied()).collect();
    let first = recalled.into_iter().filter(|i| about.contains(&i.id));
    let first = first.map(|i| Event::IncidentRecalled { incident: Box::new(i) });
    outcome.events.splice(0..0, first);
}
