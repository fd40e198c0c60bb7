//! An incident's card, and the list of those that are open.

use std::fmt::Write as _;

use super::{Colour, Embed, Face, FaceButton, FaceList, Style, name, triage};
use crate::kit::text;
use crate::kit::time::spoken;
use crate::model::button::Button;
use crate::model::card::{IncidentCard, IncidentChoice};
use crate::model::ids::InteractionId;
use crate::model::incident::{Phase, Severity};
use crate::model::page::{Brief, PageBrief};
use crate::model::pick::Pick;

/// Alerts that an incident's card names; the others are counted.
const ALERTS: usize = 10;

/// How loud a severity looks, beside its words.
pub fn colour(severity: Severity) -> Colour {
    match severity {
        Severity::P1 => Colour::Red,
        Severity::P2 => Colour::Orange,
        Severity::P3 => Colour::Yellow,
        Severity::P4 => Colour::Blue,
    }
}

/// The card that is edited as the incident goes on.
pub fn card(c: &IncidentCard) -> Face {
    let declared = format!("<t:{}:R> by {}", c.declared.at.seconds(), name(&c.declared.by));
    let mut fields = vec![
        ("Severity".to_owned(), c.severity.in_words().to_owned(), true),
        (
            "Service".to_owned(),
            c.service.as_deref().map_or("not named".to_owned(), text::escape_markdown),
            true,
        ),
    ];
    let (status, bar) = match &c.phase {
        Phase::Open { status } => (format!("Open: {}", status.word()), colour(c.severity)),
        Phase::Merged { into, .. } => (format!("Part of {into}"), Colour::Grey),
        Phase::Resolved { when, how } | Phase::Closed { when, how, .. } => {
            fields.push(("Took".to_owned(), spoken(when.at.since(c.declared.at)), true));
            if let Some(how) = how {
                fields.push(("Resolution".to_owned(), text::escape_markdown(how), false));
            }
            let closed = if matches!(c.phase, Phase::Closed { .. }) { ", closed" } else { "" };
            (format!("Resolved <t:{}:R> by {}{closed}", when.at.seconds(), name(&when.by)), Colour::Green)
        }
    };
    if !c.duties.is_empty() {
        let all = c.duties.iter().map(|(duty, who)| format!("{}: {}", duty.word(), name(who)));
        fields.push(("People".to_owned(), all.collect::<Vec<_>>().join("\n"), true));
    }
    if !c.links.is_empty() {
        let all = c.links.iter().map(|l| format!("[{}](<{}>)", text::escape_markdown(&l.label), l.url));
        fields.push(("Links".to_owned(), all.collect::<Vec<_>>().join(" · "), false));
    }
    if !c.alerts.is_empty() {
        let (some, more) = c.alerts.split_at(c.alerts.len().min(ALERTS));
        let mut all: Vec<String> = some.iter().map(|id| format!("**{id}**")).collect();
        if !more.is_empty() {
            all.push(format!("and {} more", more.len()));
        }
        fields.push(("Alerts".to_owned(), format!("{} · `/alerts show`", all.join(" · ")), true));
    }
    fields.insert(0, ("Status".to_owned(), status, true));
    fields.push(("Declared".to_owned(), declared, true));
    fields.extend(c.page.as_deref().and_then(page).map(|words| ("On call".to_owned(), words, false)));
    let open = c.phase.is_open();
    let drill = match (c.drill, c.private) {
        (true, true) => "DRILL · PRIVATE · ",
        (true, false) => "DRILL · ",
        (false, true) => "PRIVATE · ",
        (false, false) => "",
    };
    if let Some(by) = c.respond_by.filter(|_| open) {
        fields.push(("Respond".to_owned(), triage::respond(c.severity, by), false));
    }
    Face {
        embeds: vec![Embed {
            title: Some(format!("{drill}{} · {} · {}", c.id, c.severity, text::escape_markdown(&c.title))),
            colour: Some(bar),
            fields,
            ..Embed::default()
        }],
        buttons: vec![
            button("Add note", Style::Primary, Button::Note(c.id), true),
            button("Timeline", Style::Quiet, Button::Timeline(c.id, u32::MAX), true),
            button(if open { "Resolve" } else { "Resolved" }, Style::Success, Button::Resolve(c.id), open),
        ],
        ..Face::default()
    }
}

/// What a card says of its page; nothing where that is over.
fn page(brief: &PageBrief) -> Option<String> {
    let id = brief.page;
    Some(match &brief.stands {
        Brief::Calling { rung, who, until } => {
            let rung = text::escape_markdown(rung);
            let who = match who.is_empty() {
                true => "nobody".to_owned(),
                false => text::escape_markdown(&who.join(", ")),
            };
            format!("📟 {id} calls {who} ({rung}), answer until <t:{}:T>", until.seconds())
        }
        Brief::Acknowledged(by) => {
            format!("✅ {} is on it since <t:{}:T> ({id})", name(&by.by), by.at.seconds())
        }
        Brief::Exhausted { since } => {
            format!(
                "🚨 **Nobody answered** since <t:{}:T> ({id}). Take it: `/ack page:{id}`",
                since.seconds()
            )
        }
        Brief::Over => return None,
    })
}

/// A button of a card.
pub fn button(label: &str, style: Style, button: Button, enabled: bool) -> FaceButton {
    FaceButton { label: label.to_owned(), style, button, enabled }
}

/// The open incidents.
pub fn list(open: &[IncidentCard], resolved: u32) -> Face {
    let mut lines = String::new();
    for c in open {
        let _ = writeln!(
            lines,
            "**{}** · {} · {} · <t:{}:R>",
            c.id,
            c.severity.in_words(),
            text::escape_markdown(&text::cut(&c.title, 120)),
            c.declared.at.seconds()
        );
    }
    let title = match open.len() {
        0 => "No incident is open".to_owned(),
        1 => "1 open incident".to_owned(),
        n => format!("{n} open incidents"),
    };
    Face {
        embeds: vec![Embed {
            title: Some(title),
            description: lines,
            colour: Some(open.first().map_or(Colour::Green, |c| colour(c.severity))),
            footer: Some(format!("{resolved} resolved before")),
            ..Embed::default()
        }],
        ..Face::default()
    }
}

/// Which of these a message belongs to.
pub fn which(held: InteractionId, among: &[IncidentChoice]) -> Face {
    let option = |c: &IncidentChoice| {
        let below = format!("{}, {}", c.severity.in_words(), if c.open { "open" } else { "over" });
        // No Markdown here: Discord shows these as they are.
        (c.id.to_string(), format!("{} · {}", c.id, text::line(&c.title)), below)
    };
    Face {
        list: Some(FaceList {
            pick: Pick::QuoteInto(held),
            placeholder: "Which incident?".to_owned(),
            options: among.iter().map(option).collect(),
        }),
        ..Face::text("To which incident does this message belong?".to_owned())
    }
}
