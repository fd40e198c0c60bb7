//! State into what people see. A [`Face`] knows nothing of Discord's wire format; `discord`
//! turns it into one and keeps its limits.

pub mod alertmanager;
pub mod alerts;
pub mod calendar;
mod checklist;
mod face;
mod health;
mod incident;
mod oncall;
pub mod page;
pub mod picture;
mod reminder;
pub mod report;
mod run;
mod telling;
mod timeline;
mod triage;

pub use face::{Colour, Embed, Face, FaceButton, FaceList, File, Pings, Style};

use chrono_tz::Tz;

use crate::core::seen::{RunSeen, Seen};
use crate::kit::text;
use crate::model::card::{Show, Tone};
use crate::model::run::Tail;

/// The face of something. `seen` is what the journal says of what `show` names, for those that
/// are made from it; `tz` is in which files spell their times (Discord's own times follow
/// each reader).
pub fn face(show: &Show, seen: Option<&Seen>, tz: Tz) -> Face {
    let history = match seen {
        Some(Seen::Incident(history)) => Some(history),
        _ => None,
    };
    let run: Option<&RunSeen> = match seen {
        Some(Seen::Run(run)) => Some(run),
        _ => None,
    };
    match show {
        Show::Incident(card) => incident::card(card),
        Show::Entry(entry) => Face::text(timeline::line(entry)),
        Show::Stray { incident, entry } => Face::text(format!("**{incident}** {}", timeline::line(entry))),
        Show::Health(card) => health::card(card),
        Show::Timeline { page, .. } => match history {
            Some(h) => timeline::page(h, *page),
            None => missing(),
        },
        Show::Report { .. } => match history {
            Some(h) => report::face(h, tz),
            None => missing(),
        },
        Show::Draft { version, .. } => match history {
            Some(h) => report::draft(h, *version, tz),
            None => missing(),
        },
        Show::Checklist(card) => checklist::card(card),
        Show::ActionItems { incident, open } => checklist::items(*incident, open),
        Show::Run { .. } => run.map_or_else(missing, run::card),
        Show::Plan { .. } => run.map_or_else(missing, run::plan),
        Show::RunOutput { .. } => run.map_or_else(missing, run::output),
        Show::Runs(lines) => run::list(lines),
        Show::Call { roles, people, text } => run::call(roles, people, text),
        Show::Incidents { open, resolved } => incident::list(open, *resolved),
        Show::Triage { triage, decided, thread } => triage::face(triage, decided.as_ref(), *thread),
        Show::Alerts(card) => alerts::card(card),
        Show::Storm(card) => alerts::storm(card),
        Show::Page(card) => page::card(card),
        Show::Pages(cards) => page::several(cards),
        Show::AlertList { lines, more } => alerts::list(lines, *more),
        Show::Swap(swap) => oncall::swap(swap),
        Show::Reminder(card) => reminder::card(card),
        Show::AlertWhy(ask) => match seen {
            Some(Seen::Alert(chain)) => alerts::why(ask, chain, tz),
            _ => missing(),
        },
        Show::Tell(card) => telling::face(card, tz),
        Show::Announcement { text, .. } => Face::text(text::escape_markdown(text)),
        Show::Section { service, section, title, markdown } => Face {
            embeds: vec![Embed {
                title: Some(title.clone()),
                description: markdown.trim().to_owned(),
                footer: Some(format!("{service} · {section}")),
                ..Embed::default()
            }],
            ..Face::default()
        },
        Show::WhichIncident { held, among } => incident::which(*held, among),
        Show::Notice { tone, text } => Face::text(match tone {
            Tone::Info => text.clone(),
            Tone::Done => format!("✅ {text}"),
            Tone::Refused => format!("⛔ {text}"),
        }),
    }
}

/// What is seen of a run, with what its step printed last; `None` where that step is not under
/// way any more.
pub fn with_tail(seen: &Seen, tail: Tail) -> Option<Seen> {
    run::with_tail(seen, tail)
}

/// A sentence about something that is done.
pub fn done(text: &str) -> Face {
    Face::text(format!("✅ {text}"))
}

fn missing() -> Face {
    Face::text("⛔ This is not in the journal any more. `muster verify` says what happened to it.".to_owned())
}

/// A name as it may stand in Markdown.
fn name(person: &crate::model::person::Person) -> String {
    person.in_markdown()
}
