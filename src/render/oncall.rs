//! The question for a swap of shifts: who is asked, and what they would take and give.

use super::incident::button;
use super::{Face, Pings, Style, name};
use crate::kit::text;
use crate::model::button::{Button, SwapButton};
use crate::model::duty::Swap;

/// Asks the other, and calls them: only they can answer.
pub fn swap(swap: &Swap) -> Face {
    let span = |(from, until): (crate::kit::time::Timestamp, crate::kit::time::Timestamp)| {
        format!("<t:{}:f> to <t:{}:f>", from.seconds(), until.seconds())
    };
    let back = match swap.back {
        Some(back) => format!(" {} takes yours in return: {}.", name(&swap.asked.by), span(back)),
        None => " You have no shift behind it that could be taken in return.".to_owned(),
    };
    let content = format!(
        "<@{}> **{}**: {} asks you to take their shift as {} of {}: {}.{back}",
        swap.with.id,
        swap.id,
        name(&swap.asked.by),
        text::escape_markdown(&swap.rank),
        text::escape_markdown(&swap.rota),
        span((swap.from, swap.until)),
    );
    let press = |label, style, what| button(label, style, Button::Swap(swap.id, what), true);
    Face {
        content,
        pings: Pings { users: vec![swap.with.id], ..Pings::default() },
        buttons: vec![
            press("I take it", Style::Success, SwapButton::Agree),
            press("No", Style::Quiet, SwapButton::Refuse),
        ],
        ..Face::default()
    }
}
