//! The picture of an incident's timeline: phases and runs as bars, what people did as marks, on an
//! axis in the team's zone. Pure: the same history is the same picture, byte for byte.
//!
//! - [`scene`] lays it out as shapes and words, [`axis`] finds the times that are written;
//! - [`draw`] makes pixels of it with a font of Muster's own, so that every machine draws the same.

mod axis;
mod draw;
mod font;
mod lanes;
mod scene;

use chrono_tz::Tz;

use crate::core::alerts::lines::AlertSpan;
use crate::core::history::{History, RunSpan};
use crate::kit::text;
use crate::kit::time::{Timestamp, spoken};
use crate::model::card::{Entry, What};
use crate::model::incident::Status;
use crate::model::run::RunEnd;

/// Longest text beside a picture (Discord, "Attachment").
const ALT: usize = 1024;
/// Changes and runs that it names.
const NAMED: usize = 12;

/// The picture as PNG; `None` where there is no memory for it.
pub fn png(h: &History, tz: Tz) -> Option<Vec<u8>> {
    draw::png(&scene::scene(h, tz))
}

/// What it shows, for those who do not see it.
pub fn alt(h: &History, tz: Tz) -> String {
    let (from, to) = span(h);
    let day = |at: Timestamp| at.utc().with_timezone(&tz).format("%Y-%m-%d").to_string();
    let clock = |at: Timestamp| at.utc().with_timezone(&tz).format("%H:%M").to_string();
    let until = if day(from) == day(to) { clock(to) } else { format!("{} {}", day(to), clock(to)) };
    let turns: Vec<String> = h
        .course
        .iter()
        .take(NAMED)
        .map(|t| format!("{} ({}) from {}", standing(t.status), t.severity.in_words(), clock(t.at)))
        .collect();
    let runs: Vec<String> = h.runs.iter().take(NAMED).map(labelled).collect();
    let runs = if runs.is_empty() { "no runs".to_owned() } else { runs.join(", ") };
    let alerts: Vec<String> = h.alerts.iter().take(NAMED).map(fired).collect();
    let alerts = if alerts.is_empty() { String::new() } else { format!(" Alerts: {}.", alerts.join(", ")) };
    let marks: Vec<String> =
        lanes::of(h).iter().map(|l| format!("{} {}", l.marks.len(), l.name.to_lowercase())).collect();
    let words = format!(
        "Timeline of {} on {} from {} to {until} ({tz}). Phases: {}. Runs: {runs}.{alerts} Marks: {}.",
        h.card.id,
        day(from),
        clock(from),
        turns.join(", "),
        if marks.is_empty() { "none".to_owned() } else { marks.join(", ") }
    );
    text::cut(&words, ALT)
}

/// From when to when an incident is drawn: from the first that happened to its end, or to the
/// last that happened.
fn span(h: &History) -> (Timestamp, Timestamp) {
    let began = h.card.declared.at;
    // What changed before is no part of it: hours of nothing would stand before the incident.
    let changed = |e: &&Entry| matches!(e.what, What::Changed { .. });
    let own = || h.entries.iter().filter(|e| super::report::happened(e)).filter(move |e| !changed(e));
    let happened = || own().map(|e| e.at);
    let first = happened().min().unwrap_or(began).min(began);
    let runs = h.runs.iter().filter_map(|r| r.end.as_ref()).map(|(at, _)| *at).max();
    let last = happened().chain(runs).chain(h.course.iter().map(|t| t.at)).max().unwrap_or(began);
    let end = h.card.phase.end().map_or(last, |(when, _)| when.at.max(last));
    (first, end.max(Timestamp(first.0.saturating_add(10_000))))
}

/// How far people were, in words.
fn standing(status: Option<Status>) -> &'static str {
    status.map_or("resolved", Status::word)
}

/// A run with its result and how long it took.
fn labelled(run: &RunSpan) -> String {
    let how = match &run.end {
        None => "going on".to_owned(),
        Some((at, how)) => format!("{} in {}", result(how), spoken(at.since(run.from))),
    };
    format!("{} {}: {how}", run.run, text::line(&run.what))
}

/// An alert with how long it fired.
fn fired(alert: &AlertSpan) -> String {
    let how = match alert.over {
        None => "firing".to_owned(),
        Some(at) => format!("over after {}", spoken(at.since(alert.from))),
    };
    format!("{} {}: {how}", alert.group, text::line(&alert.title))
}

/// How a run ended, in a word.
fn result(how: &RunEnd) -> &'static str {
    match how {
        RunEnd::Passed => "passed",
        RunEnd::Failed { .. } => "failed",
        RunEnd::Cancelled { .. } => "cancelled",
        RunEnd::Refused { .. } => "refused",
        RunEnd::Voided { .. } => "did not run",
        RunEnd::Undone { .. } => "taken back",
    }
}

#[cfg(test)]
mod tests;
