//! The message that asks for what comes round, and then says who did it.

use super::incident::button;
use super::{Colour, Embed, Face, Style, name};
use crate::kit::text;
use crate::model::button::Button;
use crate::model::reminder::ReminderCard;

/// The message; it calls nobody.
pub fn card(card: &ReminderCard) -> Face {
    let what = text::escape_markdown(&card.what);
    let title = format!("{} · {}", card.id, text::escape_markdown(&card.service));
    let (description, colour) = match &card.done {
        Some((by, next)) => (
            format!(
                "✅ {what}: **{}** did it <t:{}:f>. It comes round again <t:{}:D>.",
                name(&by.by),
                by.at.seconds(),
                next.seconds()
            ),
            Colour::Green,
        ),
        None => (
            format!(
                "🔁 **{what}**: due since <t:{}:D>. Whoever did it presses *Done*; without that it is asked again <t:{}:D>.",
                card.due.seconds(),
                card.again.seconds()
            ),
            Colour::Blue,
        ),
    };
    let buttons = match card.done {
        Some(_) => vec![],
        None => vec![button("Done", Style::Success, Button::Reminder(card.id), true)],
    };
    Face {
        embeds: vec![Embed { title: Some(title), description, colour: Some(colour), ..Embed::default() }],
        buttons,
        ..Face::default()
    }
}
