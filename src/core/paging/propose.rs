//! What a rung proposes: a run that somebody has to approve (SC-16). Nothing begins by itself.

use super::hand::Hand;
use crate::core::runs;
use crate::kit::text::escape_markdown;
use crate::model::card::{Show, Tone};
use crate::model::effect::{Effect, Place};
use crate::model::ids::PageId;
use crate::model::input::RunAsk;

/// Why something is proposed at its time.
pub(super) const UNRESOLVED: &str = "it is not resolved in time";

/// Asks for a run of the service's runbook, which a person approves. Where its runbook asks nobody, it is
/// only named: what needs no approval would begin at once. `why` is said with it.
pub(super) fn propose(hand: &mut Hand<'_>, page: PageId, action: &str, why: &str) {
    let Some(begun) = hand.page(page).map(|p| p.begun.clone()) else { return };
    let Some(service) = begun.service else { return };
    let incident = begun.about.incident();
    let place = incident.map_or(Place::Channel(hand.house.settings.channels.incidents), Place::Thread);
    let ask = RunAsk { service: service.clone(), action: action.to_owned(), incident, ..RunAsk::default() };
    let asked = if hand.proposed {
        // Two runs of one decision would have the same number.
        Err("another is proposed at this moment".to_owned())
    } else {
        runs::propose(hand.state, hand.house, hand.now, &ask).map_err(|r| r.0)
    };
    let text = match asked {
        Ok(outcome) => {
            hand.proposed = true;
            hand.events.extend(outcome.events);
            hand.effects.extend(outcome.effects);
            format!(
                "**{page}**: {why}. Proposed: *{}* of **{}**, as `{action}`. Nothing begins before somebody approves it.",
                escape_markdown(action),
                escape_markdown(&service),
            )
        }
        Err(not) => format!(
            "**{page}**: {why}. Proposed: *{}*, `/runbook service:{service} action:{action}`. Somebody has to begin it: {}",
            escape_markdown(action),
            escape_markdown(&not),
        ),
    };
    hand.effects.push(Effect::Say { place, show: Show::Notice { tone: Tone::Info, text } });
}
