//! What must hold of alerts and of the cards that show them.

use std::collections::BTreeMap;

use super::View;
use super::boards::stands;
use super::rest::Settled;
use crate::model::alert::{GroupNews, GroupPhase, Held, Mute, News};
use crate::model::effect::{Board, Effect};
use crate::model::event::{Event, Settlement};
use crate::model::ids::{EffectId, GroupId};
use crate::model::labels::Fingerprint;
use crate::sandbox::world::Id;

pub(super) fn begins_and_ends(view: &View<'_>) -> Result<(), String> {
    let mut fires: BTreeMap<Fingerprint, bool> = BTreeMap::new();
    for commit in view.commits() {
        for event in &commit.events {
            match event {
                Event::AlertsReceived(received) if received.alerts.is_empty() => {
                    return Err(format!("commit {} took nothing in", commit.seq));
                }
                Event::AlertsReceived(received) => {
                    for taken in &received.alerts {
                        let id = taken.alert.fingerprint;
                        let now = !taken.news.ends();
                        let before = fires.insert(id, now).unwrap_or(false);
                        if (before == now) != matches!(taken.news, News::Changed | News::Renewed) {
                            return Err(format!("commit {}: {id} is {} and was so", commit.seq, taken.news));
                        }
                    }
                }
                Event::Alerts { news: GroupNews::Expired(gone), .. } => {
                    for id in gone {
                        if fires.insert(*id, false) != Some(true) {
                            return Err(format!("commit {}: {id} expired and did not fire", commit.seq));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

pub(super) fn one_card(view: &View<'_>) -> Result<(), String> {
    let settled = Settled::of(view.commits());
    let group = |id: &EffectId| match settled.effects.get(id) {
        Some(Effect::PostBoard { board: Board::Alerts(group), .. }) => Some(*group),
        _ => None,
    };
    let gave_up = |group: GroupId| {
        let about = |e: &Effect| matches!(e, Effect::PostBoard { board: Board::Alerts(g), .. } | Effect::EditBoard { board: Board::Alerts(g), .. } if *g == group);
        settled.showing(about).iter().any(|(_, how)| matches!(how, Some(Settlement::GaveUp { .. })))
    };
    let mut cards: BTreeMap<GroupId, Id> = BTreeMap::new();
    for (id, seen) in view.server.public().filter(|(id, _)| view.server.stands(*id)) {
        let Some(group) = seen.effect.as_ref().and_then(group) else { continue };
        if let Some(first) = cards.insert(group, id)
            && !gave_up(group)
        {
            return Err(format!("{group} has cards {first} and {id}"));
        }
    }
    Ok(())
}

pub(super) fn cards_are_true(view: &View<'_>) -> Result<(), String> {
    let settled = Settled::of(view.commits());
    let alerts = &view.state.alerts;
    for group in alerts.groups.values() {
        let (id, shown) = (group.id, alerts.shown.get(&group.id));
        let firing = group.phase == GroupPhase::Firing;
        if firing == group.firing.is_empty() {
            return Err(format!("{id} is {:?}, and {} of it fire", group.phase, group.firing.len()));
        }
        match (shown, &group.held) {
            // What changed a moment ago, or before the clock was put back, is about to be shown.
            (Some(shown), _) if shown.due.is_some() => {}
            (Some(_), _) => {
                let words = match group.phase {
                    GroupPhase::Firing => "Firing",
                    GroupPhase::Settling { .. } => "Quiet",
                    GroupPhase::Over { .. } => "Over",
                };
                stands(view, &settled, Board::Alerts(id), group.card, words)?;
            }
            (None, Some(Held::Storm(storm))) => {
                let card = alerts.storms.get(storm).ok_or(format!("{id} is part of no storm"))?.card;
                stands(view, &settled, Board::Storm(*storm), card, &storm.to_string())?;
            }
            (None, Some(_)) => {}
            (None, None) if firing => return Err(format!("{id} fires, and nobody was told")),
            (None, None) => {}
        }
    }
    Ok(())
}

pub(super) fn truth_is_known(view: &View<'_>) -> Result<(), String> {
    for (id, fires) in &view.monitors.truth() {
        let known = view.state.alerts.live.get(id).is_some_and(|alert| alert.fires());
        if fires.is_some_and(|fires| fires != known) {
            return Err(format!(
                "{id} {}, as its source says",
                if known { "does not fire" } else { "fires" }
            ));
        }
    }
    Ok(())
}

pub(super) fn over_inhibits_nothing(view: &View<'_>) -> Result<(), String> {
    let over: Vec<Fingerprint> = {
        let truth = view.monitors.truth();
        truth.into_iter().filter(|(_, fires)| *fires == Some(false)).map(|(id, _)| id).collect()
    };
    for group in view.state.alerts.groups.values().filter(|g| g.phase == GroupPhase::Firing) {
        if let Some(Held::Muted(Mute::Inhibited { by, rule })) = &group.held
            && over.contains(by)
        {
            return Err(format!("{} is kept quiet by {by} under `{rule}`, which is over", group.id));
        }
    }
    Ok(())
}
