//! The report of an incident, in NX-11's shape: a message, and the whole as Markdown, as a page
//! and as JSON.

mod html;
mod json;
mod markdown;
mod words;

pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub(super) use words::plain;

use std::time::Duration;

use chrono::Offset as _;
use chrono_tz::Tz;

use super::{Colour, Embed, Face, FaceButton, File, Style, name, picture, timeline};
pub(super) use crate::core::figures::happened;
use crate::core::figures::{Figures, figures};
use crate::core::history::History;
use crate::kit::text;
use crate::kit::time::{Timestamp, spoken};
use crate::model::button::Button;
use crate::model::card::{Entry, What};
use crate::model::incident::Phase;
use crate::model::report::{ActionItem, ActionState, AfterButton, Part};

/// Characters of a part in the message; the file has it whole.
const PART: usize = 700;
/// Lines of the timeline in the message.
const LINES: usize = 10;
/// Characters of each of them.
const LINE: usize = 90;
/// Action items in the message.
const ITEMS: usize = 8;
/// Characters of each of them.
const ITEM: usize = 110;
/// Characters of the title: an embed's takes 256, with what stands before it.
const TITLE: usize = 200;
/// What a report of an exercise says first.
pub(super) const DRILL: &str = "DRILL: this was an exercise. Nothing was wrong.";

/// The message in the reports channel; the whole report is attached.
pub fn face(h: &History, tz: Tz) -> Face {
    let content = if h.card.drill { format!("**{DRILL}**") } else { String::new() };
    Face { content, embeds: vec![embed(h, tz, "Report")], files: files(h, tz), ..Face::default() }
}

/// The report before it is published, for who asked: what it will be, and what it still needs.
pub fn draft(h: &History, version: u32, tz: Tz) -> Face {
    let (id, resolved) = (h.card.id, h.card.phase.end());
    let missing = h.review.missing(h.card.severity, resolved.and_then(|(_, how)| how));
    let same = h.review.published.as_ref().is_some_and(|p| p.version == version);
    let published = h.review.published.as_ref().map_or(0, |p| p.revision);
    let words: Vec<String> = missing.iter().map(|p| p.title().to_lowercase()).collect();
    let stands = match (resolved.is_some(), words.as_slice()) {
        (false, _) => "It is published once the incident is resolved.".to_owned(),
        (true, []) if same => format!("Revision {published} is published, and says the same."),
        (true, []) if published > 0 => format!("It has changed since revision {published}."),
        (true, []) => "It has all that it needs.".to_owned(),
        (true, words) => format!("**It still needs: {}.**", words.join(", ")),
    };
    let button = |label: &str, style, button, enabled| FaceButton {
        label: label.to_owned(),
        style,
        button: Button::After(id, button),
        enabled,
    };
    let ready = resolved.is_some() && missing.is_empty() && !same;
    Face {
        content: format!("A draft, seen by you alone. {stands}"),
        embeds: vec![embed(h, tz, "Draft")],
        buttons: vec![
            button("Publish", Style::Success, AfterButton::Publish(version), ready),
            button("Write it up", Style::Primary, AfterButton::Write, true),
            button("Action item", Style::Quiet, AfterButton::AddAction, true),
        ],
        files: files(h, tz),
        ..Face::default()
    }
}

fn files(h: &History, tz: Tz) -> Vec<File> {
    let stem = h.card.id.to_string().to_lowercase();
    let whole = File {
        name: format!("{stem}.md"),
        bytes: markdown(h, tz).into_bytes(),
        description: format!("The whole report of {} as Markdown", h.card.id),
    };
    let picture = picture::png(h, tz).map(|bytes| File {
        name: format!("{stem}.png"),
        bytes,
        description: picture::alt(h, tz),
    });
    // The picture first: where there is no room for all, the text is what is cut.
    [picture, Some(whole)].into_iter().flatten().collect()
}

fn embed(h: &History, tz: Tz, kind: &str) -> Embed {
    let c = &h.card;
    let drill = if c.drill { "DRILL · " } else { "" };
    let revision = match h.review.published.as_ref().map_or(1, |p| p.revision) {
        1 => String::new(),
        n => format!(" (revision {n})"),
    };
    let title = text::escape_markdown(&text::cut(&c.title, TITLE));
    let title = text::cut(&title, 230 - drill.len() - revision.len());
    let mut fields = vec![
        ("Severity".to_owned(), c.severity.in_words().to_owned(), true),
        ("Status".to_owned(), status(h).to_owned(), true),
        (
            "Service".to_owned(),
            c.service.as_deref().map_or("not named".to_owned(), text::escape_markdown),
            true,
        ),
        ("Began".to_owned(), format!("<t:{}:f>", c.declared.at.seconds()), true),
    ];
    if let Some((when, _)) = c.phase.end() {
        fields.push(("Ended".to_owned(), format!("<t:{}:f>", when.at.seconds()), true));
        fields.push(("Duration".to_owned(), spoken(when.at.since(c.declared.at)), true));
    }
    fields.push(("Figures".to_owned(), in_a_line(&figures(h)), false));
    fields.push((format!("Timeline ({tz})"), short_timeline(h, tz), false));
    for part in [Part::RootCause, Part::Resolution] {
        fields.extend(written(h, part).map(|t| (part.title().to_owned(), shown(t), false)));
    }
    if !h.actions.is_empty() {
        fields.push(("Action items".to_owned(), short_items(&h.actions), false));
    }
    let lessons = written(h, Part::Lessons).map(|t| (Part::Lessons.title().to_owned(), shown(t), false));
    fields.extend(lessons);
    let by = h.review.published.as_ref().map(|p| format!(" · published by {}", text::line(&p.when.by.name)));
    Embed {
        title: Some(format!("{drill}{kind} · {} · {title}{revision}", c.id)),
        description: written(h, Part::Summary).map(shown).unwrap_or_default(),
        colour: Some(if c.phase.is_open() { super::incident::colour(c.severity) } else { Colour::Green }),
        fields,
        footer: Some(format!("{}{} · whole in the attached file", c.id, by.unwrap_or_default())),
        ..Embed::default()
    }
}

/// What is written of a part. What was said when the incident was resolved is its resolution
/// until somebody writes another.
fn written(h: &History, part: Part) -> Option<&str> {
    let how = h.card.phase.end().and_then(|(_, how)| how).filter(|_| part == Part::Resolution);
    h.review.text(part).or(how)
}

fn shown(words: &str) -> String {
    text::cut(&text::escape_markdown(&text::cut(words, PART)), PART + 100)
}

fn status(h: &History) -> &'static str {
    match h.card.phase {
        Phase::Open { .. } => "ongoing",
        Phase::Resolved { .. } | Phase::Closed { .. } => "resolved",
        Phase::Merged { .. } => "part of another incident",
    }
}

/// The figures that there are, each with its name.
fn named(f: &Figures) -> Vec<(&'static str, String)> {
    let time = |name, d: Option<Duration>| d.map(|d| (name, spoken(d)));
    let count = |name, n: usize| (n > 0).then(|| (name, n.to_string()));
    let all = [
        time("Time to respond", f.respond),
        time("Time to identify", f.identify),
        time("Time to resolve", f.resolve),
        count("Runs", f.runs),
        count("Notes", f.notes),
        count("People", f.people),
        count("Reopened", f.reopened),
    ];
    all.into_iter().flatten().collect()
}

fn in_a_line(f: &Figures) -> String {
    let all: Vec<String> = named(f).into_iter().map(|(name, value)| format!("{name}: **{value}**")).collect();
    if all.is_empty() { "none yet".to_owned() } else { all.join(" · ") }
}

/// How much an entry matters where there is room for few.
fn is_milestone(entry: &Entry) -> bool {
    matches!(
        entry.what,
        What::Declared { .. }
            | What::Updated { .. }
            | What::SeverityChanged { .. }
            | What::Resolved { .. }
            | What::Reopened { .. }
            | What::Merged { .. }
    )
}

/// The timeline in a few lines: milestones first, then as many of the others as there is room.
fn short_timeline(h: &History, tz: Tz) -> String {
    let all: Vec<&Entry> = h.entries.iter().filter(|e| happened(e)).collect();
    let mut chosen: Vec<usize> = (0..all.len()).filter(|at| is_milestone(all[*at])).collect();
    if chosen.len() > LINES {
        // The beginning and the end.
        chosen.drain(LINES / 2..chosen.len() - LINES / 2);
    }
    let more: Vec<usize> = (0..all.len()).filter(|at| !is_milestone(all[*at])).collect();
    chosen.extend(more.into_iter().take(LINES - chosen.len()));
    chosen.sort_unstable();
    let left = all.len() - chosen.len();
    let mut lines: Vec<String> = chosen
        .into_iter()
        .map(|at| {
            let words = text::cut(&timeline::said(all[at]).replace('\n', " "), LINE);
            format!("{} - {}", local(all[at].at, tz, "%H:%M"), closed(words))
        })
        .collect();
    if left > 0 {
        lines.push(format!("… and {left} more, whole in the attached file"));
    }
    lines.join("\n")
}

/// Markup that a cut left open is closed.
fn closed(mut words: String) -> String {
    if words.matches("**").count() % 2 == 1 {
        words.push_str("**");
    }
    words
}

fn short_items(items: &[ActionItem]) -> String {
    let mut lines: Vec<String> =
        items.iter().take(ITEMS).map(|item| text::cut(&item_line(item), ITEM)).collect();
    if items.len() > ITEMS {
        lines.push(format!("… and {} more, in the attached file", items.len() - ITEMS));
    }
    lines.join("\n")
}

/// An action item with a box that can be seen.
fn item_line(item: &ActionItem) -> String {
    let mark = match item.state {
        ActionState::Open => "☐",
        ActionState::Done { .. } => "☑",
        ActionState::Dropped { .. } => "☒",
    };
    format!("{mark} {}: {}{}", item.id, text::escape_markdown(&item.what), whose(item))
}

/// Behind an action item: who and until when, and what became of it.
fn whose(item: &ActionItem) -> String {
    let owner = item.owner.as_ref().map(name);
    let due = item.due.as_ref().map(|d| format!("due {}", d.day));
    let state = match &item.state {
        ActionState::Open => None,
        ActionState::Done { .. } => Some("done".to_owned()),
        ActionState::Dropped { why, .. } => Some(format!("dropped: {}", text::escape_markdown(why))),
    };
    let words: Vec<String> = [owner, due, state].into_iter().flatten().collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

fn local(at: Timestamp, tz: Tz, format: &str) -> String {
    at.utc().with_timezone(&tz).format(format).to_string()
}

/// How far the zone is from UTC then, as `UTC+01:00`.
pub(super) fn offset(at: Timestamp, tz: Tz) -> String {
    format!("UTC{}", at.utc().with_timezone(&tz).offset().fix())
}

#[cfg(test)]
mod tests;
