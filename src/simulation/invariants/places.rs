//! What must hold of the messages that stand in Discord, at every moment.

use std::collections::BTreeMap;

use super::View;
use crate::model::effect::{Effect, Place};
use crate::model::ids::EffectId;
use crate::sandbox::world::Id;
use crate::sandbox::world::guild::ChannelKind;
use crate::simulation::people::PRIVATE_TITLE;

pub(super) fn shown_once(view: &View<'_>) -> Result<(), String> {
    let mut standing: BTreeMap<EffectId, Id> = BTreeMap::new();
    for (id, seen) in view.server.public() {
        let Some(effect) = seen.effect.filter(|_| view.server.stands(id)) else {
            continue;
        };
        if let Some(first) = standing.insert(effect, id) {
            return Err(format!("messages {first} and {id} are both of effect {effect}: {}", seen.says()));
        }
    }
    Ok(())
}

pub(super) fn private_stays_private(view: &View<'_>) -> Result<(), String> {
    let inside = |channel: &Id| {
        let channel = view.server.world.channels.get(channel);
        channel.is_none_or(|c| c.kind == ChannelKind::PrivateThread)
    };
    let tells = |said: &String| said.contains(PRIVATE_TITLE);
    let outside = view.server.public().find(|(_, m)| m.said.iter().any(tells) && !inside(&m.channel));
    outside.map_or(Ok(()), |(id, m)| Err(format!("message {id} in {}: {}", m.channel, m.says())))
}

pub(super) fn threads_in_order(view: &View<'_>) -> Result<(), String> {
    // What is said there from another lane (an answer that came late) may stand anywhere. To
    // know which is which the journal is read, so first it is tried without.
    in_order(view, |_| true)
        .or_else(|_| in_order(view, |effect| is_entry(view, effect) && !is_given_up(view, effect)))
}

fn in_order(view: &View<'_>, counts: impl Fn(EffectId) -> bool) -> Result<(), String> {
    let mut last: BTreeMap<Id, EffectId> = BTreeMap::new();
    let thread = |channel: &Id| view.server.world.channels.get(channel).is_some_and(|c| c.thread.is_some());
    // Message ids only ever grow, so their order is that of posting.
    for (_, seen) in view.server.public().filter(|(_, seen)| thread(&seen.channel)) {
        let Some(effect) = seen.effect.filter(|e| counts(*e)) else {
            continue;
        };
        if let Some(before) = last.insert(seen.channel, effect)
            && before >= effect
        {
            return Err(format!("effect {effect} stands behind {before} in thread {}", seen.channel));
        }
    }
    Ok(())
}

/// Whether this effect says something in the thread of its own lane.
fn is_entry(view: &View<'_>, id: EffectId) -> bool {
    // Commits are numbered from 1.
    let commit = usize::try_from(id.seq.0).ok().and_then(|seq| view.commits().get(seq.checked_sub(1)?));
    let effect = commit.and_then(|c| c.effects.get(usize::from(id.index)));
    let own = |run| view.state.runs.get(&run).is_some_and(|r| r.incident.is_none());
    match effect {
        Some(Effect::Say { place: Place::Thread(_), .. }) => true,
        // What a run says in its incident's thread is in a lane of its own.
        Some(Effect::Say { place: Place::Run(run), .. }) => own(*run),
        _ => false,
    }
}

/// Whether this effect was given up. A request that lost its way may still arrive after that:
/// then it stands behind what was said meanwhile.
fn is_given_up(view: &View<'_>, id: EffectId) -> bool {
    view.given_up.contains(&id)
}
