//! A triage: how bad it is and why, by when somebody begins, what may help, and what was decided.

use std::fmt::Write as _;

use super::incident::{button, colour};
use super::{Colour, Embed, Face, Style, name};
use crate::core::triage::level;
use crate::kit::text::{capital, escape_markdown};
use crate::kit::time::Timestamp;
use crate::model::button::{Button, TriageButton};
use crate::model::ids::ChannelId;
use crate::model::incident::{Severity, Stamp};
use crate::model::triage::{Because, Decided, Playbook, Triage, Triaged};

/// The message in the channel where it was asked.
pub fn face(t: &Triage, decided: Option<&(Decided, Stamp)>, thread: Option<ChannelId>) -> Face {
    let mut fields = vec![
        ("Level".to_owned(), t.level.in_words().to_owned(), true),
        ("Service".to_owned(), t.service.as_deref().map_or("not named".to_owned(), escape_markdown), true),
        ("Respond".to_owned(), respond(t.level, t.respond_by), false),
        ("Why this level".to_owned(), level::in_words(t.answers, t.because), false),
        ("Playbooks that may help".to_owned(), playbooks(&t.playbooks), false),
    ];
    let (bar, buttons) = match decided {
        None => {
            let press = |label: &str, style, b| button(label, style, Button::Triage(t.id, b), true);
            let open = format!("Open incident as {}", t.level);
            let buttons = vec![
                press(&open, Style::Primary, TriageButton::Open),
                press("Another level", Style::Quiet, TriageButton::Other),
                press("No incident", Style::Quiet, TriageButton::NoIncident),
            ];
            (colour(t.level), buttons)
        }
        Some((how, when)) => {
            fields.insert(0, ("Decided".to_owned(), decision(how, when, thread), false));
            (Colour::Grey, vec![])
        }
    };
    let asked = format!("Said by {} <t:{}:R>", name(&t.asked.by), t.asked.at.seconds());
    Face {
        embeds: vec![Embed {
            title: Some(format!("{} · {}", t.id, t.level.in_words())),
            description: format!("{}\n{asked}", escape_markdown(&t.what)),
            colour: Some(bar),
            fields,
            ..Embed::default()
        }],
        buttons,
        ..Face::default()
    }
}

/// By when somebody begins, with Discord's own times.
pub fn respond(severity: Severity, by: Timestamp) -> String {
    match severity {
        Severity::P1 => severity.response().to_owned(),
        _ => format!("{}: by <t:{s}:f> (<t:{s}:R>)", severity.response(), s = by.seconds()),
    }
}

fn decision(how: &Decided, when: &Stamp, thread: Option<ChannelId>) -> String {
    let (who, at) = (name(&when.by), when.at.seconds());
    match how {
        Decided::NoIncident => format!("No incident, says {who} <t:{at}:R>"),
        Decided::Opened { incident, severity, overruled } => {
            let place = thread.map(|t| format!(" in <#{t}>")).unwrap_or_default();
            let why = match overruled {
                Some(why) => format!(", instead of what followed: {}", escape_markdown(why)),
                None => String::new(),
            };
            format!("**{incident}**{place} opened by {who} <t:{at}:R> as {}{why}", severity.in_words())
        }
    }
}

fn playbooks(all: &[Playbook]) -> String {
    if all.is_empty() {
        return "None has a word of it. `/runbook` proposes them all.".to_owned();
    }
    suggested(all)
}

/// Playbooks, each with how it is asked for and why it is named.
pub fn suggested(all: &[Playbook]) -> String {
    let mut out = String::new();
    for p in all {
        if p.words.is_empty() {
            let _ = writeln!(
                out,
                "{}: {} (its rule names it)",
                command(&p.service, &p.action),
                escape_markdown(&p.title)
            );
            continue;
        }
        let words = p.words.iter().map(|w| escape_markdown(w)).collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            out,
            "{}: {} (fits: {words})",
            command(&p.service, &p.action),
            escape_markdown(&p.title)
        );
    }
    out.push_str("Nothing of it runs before somebody asks for it.");
    out
}

/// How a playbook is asked for.
pub fn command(service: &str, action: &str) -> String {
    format!("`/runbook service:{service} action:{action}`")
}

/// What an incident's first entry says of the triage that it came from.
pub fn said(t: &Triaged, severity: Severity) -> String {
    let answers = match t.because {
        // Data decided alone: the other answers are not in the reason.
        Because::Data(_) => {
            let (users, feature) = (t.answers.users.says(), t.answers.feature.says());
            format!("{}, it is {feature}. ", capital(users))
        }
        Because::Reach { .. } => String::new(),
    };
    let reason = level::in_words(t.answers, t.because);
    let mut out = format!("\nTriage **{}**: {answers}{reason} So it is {}", t.triage, t.level.in_words());
    if let Some(why) = &t.overruled {
        let _ = write!(out, ", and was opened as {}: {}", severity.in_words(), escape_markdown(why));
    }
    out.push('.');
    if !t.playbooks.is_empty() {
        let all: Vec<String> = t.playbooks.iter().map(|p| command(&p.service, &p.action)).collect();
        let _ = write!(out, "\nMay help: {}", all.join(" · "));
    }
    out
}
