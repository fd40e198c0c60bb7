//! Silences that people ask for: how the state keeps them.

use super::state::Alerts;
use crate::kit::time::Timestamp;
use crate::model::event::Event;

/// How many silences that are over are kept at hand, so that people may still see them.
const OVER: usize = 100;

/// Takes in what happened to a silence; anything else changes nothing.
pub fn take_in(alerts: &mut Alerts, at: Timestamp, event: &Event) {
    match event {
        Event::SilenceAdded(silence) => {
            alerts.last.silence = alerts.last.silence.max(silence.id);
            alerts.silences.insert(silence.id, (**silence).clone());
        }
        Event::SilenceEnded { silence, .. } => {
            if let Some(silence) = alerts.silences.get_mut(silence) {
                silence.until = silence.until.min(at);
            }
        }
        _ => return,
    }
    let mut over: Vec<_> =
        alerts.silences.values().filter(|s| s.until <= at).map(|s| (s.until, s.id)).collect();
    over.sort_unstable();
    for (_, id) in over.iter().take(over.len().saturating_sub(OVER)) {
        alerts.silences.remove(id);
    }
}
