//! What people could be told of an incident, and what they were told.

use chrono_tz::Tz;

use super::incident::button;
use super::{Colour, Embed, Face, Style, name};
use crate::core::incidents::telling::draft;
use crate::kit::text::{capital, escape_markdown};
use crate::model::button::Button;
use crate::model::telling::{Audience, TellCard, Told};

/// The message with the drafts.
pub fn face(c: &TellCard, tz: Tz) -> Face {
    let mut fields: Vec<(String, String, bool)> = Audience::ALL
        .into_iter()
        .map(|a| (format!("Draft: {}", a.word()), escape_markdown(&draft(c, a, tz)), false))
        .collect();
    if !c.goes_on {
        fields.clear();
    }
    let mut lines: Vec<String> = Audience::ALL.into_iter().map(|a| tick(c, a)).collect();
    lines.push(if c.linked {
        "☑ The tracker's record is linked".to_owned()
    } else {
        "☐ Link the tracker's record: `/incident link`".to_owned()
    });
    if c.drill {
        lines.insert(
            0,
            "**EXERCISE: nobody outside is told. What you send is recorded, and goes nowhere.**".to_owned(),
        );
    }
    let drill = if c.drill { "EXERCISE · " } else { "" };
    let press = |label, audience| button(label, Style::Quiet, Button::Tell(c.incident, audience), true);
    let buttons = if c.goes_on {
        vec![press("Public text", Audience::Public), press("Status page", Audience::StatusPage)]
    } else {
        vec![]
    };
    Face {
        embeds: vec![Embed {
            title: Some(format!("{drill}Tell people · {} · {}", c.incident, c.stage.word())),
            description: lines.join("\n"),
            colour: Some(Colour::Blue),
            fields,
            footer: c.goes_on.then(|| "Nothing is sent before you have read and changed it.".to_owned()),
            ..Embed::default()
        }],
        buttons,
        ..Face::default()
    }
}

/// Whether an audience knows how it stands.
fn tick(c: &TellCard, audience: Audience) -> String {
    let word = capital(audience.word());
    match c.told.get(&audience) {
        None => format!("☐ {word}: nobody was told yet"),
        Some(t) => {
            let (who, at, place) = (name(&t.by), t.at.seconds(), place(t.place));
            if t.stage == c.stage {
                format!("☑ {word}: {who} told it {place} <t:{at}:R>")
            } else {
                let (then, now) = (t.stage.word(), c.stage.word());
                format!("☐ {word}: it is {now} now; {who} told it {place} <t:{at}:R>, when it was {then}")
            }
        }
    }
}

/// Where something was told, in words.
pub fn place(told: Told) -> String {
    match told {
        Told::Channel(channel) => format!("in <#{channel}>"),
        Told::Elsewhere => "elsewhere".to_owned(),
        Told::Nowhere => "to nobody, because it is an exercise".to_owned(),
    }
}
