//! The whole report as Markdown: a file that stands on its own. Times are those of the team's
//! zone, whose name it says.

use std::fmt::Write as _;

use chrono_tz::Tz;

use super::{DRILL, happened, local, named, offset, status, whose, written};
use crate::core::figures::figures;
use crate::core::history::History;
use crate::kit::text;
use crate::kit::time::spoken;
use crate::model::report::{ActionState, Part};
use crate::render::{name, timeline};

/// The whole report. Writing to a String cannot fail.
pub fn markdown(h: &History, tz: Tz) -> String {
    let c = &h.card;
    let mut out = String::with_capacity(4_096 + 120 * h.entries.len());
    let _ = writeln!(out, "# Incident report: {}\n", text::escape_markdown(&c.title));
    if c.drill {
        let _ = writeln!(out, "> **{DRILL}**\n");
    }
    if h.review.published.is_none() {
        let _ = writeln!(out, "> **Draft**: nobody has published this.\n");
    }
    head(&mut out, h, tz);
    section(&mut out, "Summary", written(h, Part::Summary));
    let _ = writeln!(out, "\n## Figures\n\n| figure | value |\n|---|---|");
    for (name, value) in named(&figures(h)) {
        let _ = writeln!(out, "| {name} | {value} |");
    }
    let _ = writeln!(out, "\n## Timeline\n\nTimes are those of {tz}.");
    lines(&mut out, h, tz);
    section(&mut out, "Root cause", written(h, Part::RootCause));
    section(&mut out, "Resolution", written(h, Part::Resolution));
    let _ = writeln!(out, "\n## Action items\n");
    if h.actions.is_empty() {
        let _ = writeln!(out, "None.");
    }
    for item in &h.actions {
        let mark = if item.state == ActionState::Open { " " } else { "x" };
        let what = text::escape_markdown(&item.what);
        let _ = writeln!(out, "- [{mark}] **{}**: {what}{}", item.id, whose(item));
    }
    section(&mut out, "Lessons learned", written(h, Part::Lessons));
    out
}

/// Title, date, severity, duration, status: what stands above all.
fn head(out: &mut String, h: &History, tz: Tz) {
    let c = &h.card;
    let began = c.declared.at;
    let _ = writeln!(out, "- **Incident:** {}", c.id);
    let _ = writeln!(out, "- **Date:** {}", local(began, tz, "%Y-%m-%d"));
    let _ = writeln!(out, "- **Severity:** {}", c.severity.in_words());
    if let Some(service) = &c.service {
        let _ = writeln!(out, "- **Service:** {}", text::escape_markdown(service));
    }
    match c.phase.end() {
        None => {
            let _ = writeln!(out, "- **Duration:** {} – (still going on)", local(began, tz, "%H:%M"));
        }
        Some((when, _)) => {
            // The day too, where it is another one.
            let same = local(began, tz, "%Y-%m-%d") == local(when.at, tz, "%Y-%m-%d");
            let format = if same { "%H:%M" } else { "%Y-%m-%d %H:%M" };
            let (from, to) = (local(began, tz, format), local(when.at, tz, format));
            let _ = writeln!(out, "- **Duration:** {from} – {to} (total {})", spoken(when.at.since(began)));
        }
    }
    let _ = writeln!(out, "- **Status:** {}", status(h));
    for (duty, who) in &c.duties {
        let _ = writeln!(out, "- **{}:** {}", text::capital(duty.word()), name(who));
    }
    for link in &c.links {
        let _ = writeln!(out, "- **Link:** [{}](<{}>)", text::escape_markdown(&link.label), link.url);
    }
    if let Some(p) = &h.review.published {
        let at = local(p.when.at, tz, "%Y-%m-%d %H:%M");
        let _ = writeln!(out, "- **Revision:** {}, published by {} on {at}", p.revision, name(&p.when.by));
    }
    let _ = writeln!(out, "- **Times in:** {tz} ({})", offset(began, tz));
}

fn section(out: &mut String, title: &str, words: Option<&str>) {
    let words = words.map_or_else(|| "Not written yet.".to_owned(), block);
    let _ = writeln!(out, "\n## {title}\n\n{words}");
}

/// People's text as it may stand in a file of Markdown: as they typed it, line by line, and no
/// line of it makes a heading or a rule.
fn block(words: &str) -> String {
    let line = |line: &str| {
        let rule = |c: char| matches!(c, '=' | '-' | ' ' | '\t');
        let escaped = text::escape_markdown(line);
        if !line.trim().is_empty() && line.chars().all(rule) {
            format!("\\{}", escaped.trim_start())
        } else {
            escaped
        }
    };
    words.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// `HH:MM - what`, under each day; and under the zone's new offset where clocks were changed
/// meanwhile, because then an hour is missing or comes twice.
fn lines(out: &mut String, h: &History, tz: Tz) {
    let mut under = (String::new(), String::new());
    for entry in h.entries.iter().filter(|e| happened(e)) {
        let now = (local(entry.at, tz, "%Y-%m-%d"), offset(entry.at, tz));
        if now != under {
            let _ = writeln!(out, "\n**{}** ({})\n", now.0, now.1);
            under = now;
        }
        let words = timeline::said(entry).replace('\n', "\n  ");
        let _ = writeln!(out, "- {} - {words}", local(entry.at, tz, "%H:%M"));
    }
}
