//! Somebody is on it and asks for more: the next who can be called are, though they stay on it.

use super::hand::Hand;
use super::{calls, ladder, propose, who};
use crate::model::card::{Show, Tone};
use crate::model::effect::{Effect, Place};
use crate::model::ids::PageId;
use crate::model::page::{Because, Page, Paged, Skipped, Standing};

/// What came of asking for more.
pub(super) enum More {
    /// Somebody is called.
    Called,
    /// Nobody is on that rung, but it proposes something.
    Proposed,
    /// Nobody is left.
    Nobody,
}

/// Calls the first rung ahead that somebody can be called of, or that proposes something. What those rungs
/// propose that are passed over is not lost: none of them proposes anything.
pub(super) fn more(hand: &mut Hand<'_>, id: PageId, why: &Because) -> More {
    loop {
        let Some(page) = hand.page(id).cloned() else { return More::Nobody };
        let Standing::Acknowledged { ref by, ahead: rung, .. } = page.standing else { return More::Nobody };
        let Some(step) = page.begun.policy.rung(rung).cloned() else { return More::Nobody };
        let (mut targets, mut skipped) = who::who(hand.state, hand.house, hand.now, &page, &step.whom);
        if targets.iter().any(|to| to.person() == Some(by.by.id)) {
            targets.retain(|to| to.person() != Some(by.by.id));
            skipped.push(Skipped { who: by.by.name.clone(), why: "is on it".to_owned() });
        }
        let calls = calls::calls(hand, id, (0, rung), &targets, &step.ways);
        let called = !calls.is_empty();
        let proposes = step.propose.filter(|_| !proposed(&page));
        let until = if called || proposes.is_some() { hand.now.after(step.within) } else { hand.now };
        let why = why.clone();
        let paged = Paged {
            page: id,
            round: 0,
            rung,
            until,
            again: None,
            why,
            told: true,
            calls,
            skipped,
            due: None,
        };
        ladder::paged(hand, id, paged);
        if let Some(action) = &proposes {
            propose::propose(hand, id, action, "more is asked for");
        }
        match (called, proposes) {
            (true, _) => return More::Called,
            (false, Some(_)) => return More::Proposed,
            (false, None) => {}
        }
    }
}

/// Whether what the rungs propose was proposed already, or cannot be: all were gone through once, or no
/// service is named.
fn proposed(page: &Page) -> bool {
    page.begun.service.is_none() || page.calls.iter().any(|c| c.round > 0)
}

/// Nobody of those who were asked for can be reached: the next are called, and where nobody is left that is
/// said where the work is done.
pub(super) fn unreachable(hand: &mut Hand<'_>, id: PageId) {
    if !matches!(more(hand, id, &Because::Unreachable), More::Nobody) {
        return;
    }
    let Some(page) = hand.page(id) else { return };
    let incident = page.begun.about.incident();
    let place = incident.map_or(Place::Channel(hand.house.settings.channels.incidents), Place::Thread);
    let text = format!("**{id}**: of those who were asked for nobody can be reached, and {LEFT}.");
    hand.effects.push(Effect::Say { place, show: Show::Notice { tone: Tone::Refused, text } });
}

/// What is said where nobody is left.
pub(super) const LEFT: &str =
    "nobody is left whom its policy could call. `/page person:` calls somebody else";
