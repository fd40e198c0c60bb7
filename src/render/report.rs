//! The report of an incident, in NX-11's shape: a message, and the whole as Markdown.

use std::fmt::Write as _;

use chrono_tz::Tz;

use super::{Colour, Embed, Face, File, timeline};
use crate::core::history::History;
use crate::kit::text;
use crate::kit::time::{Timestamp, spoken};

/// The message in the reports channel; the whole report is attached.
pub fn face(h: &History, tz: Tz) -> Face {
    let c = &h.card;
    let mut fields = vec![
        ("Severity".to_owned(), c.severity.in_words().to_owned(), true),
        (
            "Service".to_owned(),
            c.service.as_deref().map_or("not named".to_owned(), text::escape_markdown),
            true,
        ),
        ("Began".to_owned(), format!("<t:{}:f>", c.declared.at.seconds()), true),
    ];
    match c.phase.end() {
        None => fields.push(("Status".to_owned(), "ongoing".to_owned(), true)),
        Some((when, how)) => {
            fields.push(("Ended".to_owned(), format!("<t:{}:f>", when.at.seconds()), true));
            fields.push(("Duration".to_owned(), spoken(when.at.since(c.declared.at)), true));
            if let Some(how) = how {
                fields.push(("Resolution".to_owned(), text::escape_markdown(how), false));
            }
        }
    }
    fields.push((
        "Timeline".to_owned(),
        format!("{} entries, whole in the attached file", h.entries.len()),
        false,
    ));
    Face {
        embeds: vec![Embed {
            title: Some(format!("Report · {} · {}", c.id, text::escape_markdown(&c.title))),
            colour: Some(Colour::Green),
            fields,
            ..Embed::default()
        }],
        files: vec![File {
            name: format!("{}.md", c.id.to_string().to_lowercase()),
            bytes: markdown(h, tz).into_bytes(),
            description: format!("The whole report of {} as Markdown", c.id),
        }],
        ..Face::default()
    }
}

/// The whole report. Times are those of the team's zone, whose name it says.
pub fn markdown(h: &History, tz: Tz) -> String {
    let c = &h.card;
    let began = c.declared.at;
    let mut out = String::new();
    let _ = writeln!(out, "# Incident report: {}\n", text::escape_markdown(&c.title));
    let _ = writeln!(out, "- **Incident:** {}", c.id);
    let _ = writeln!(out, "- **Date:** {}", local(began, tz, "%Y-%m-%d"));
    let _ = writeln!(out, "- **Severity:** {}", c.severity.in_words());
    if let Some(service) = &c.service {
        let _ = writeln!(out, "- **Service:** {}", text::escape_markdown(service));
    }
    match c.phase.end() {
        None => {
            let _ = writeln!(out, "- **Duration:** {} – (still going on)", local(began, tz, "%H:%M"));
            let _ = writeln!(out, "- **Status:** ongoing");
        }
        Some((when, _)) => {
            let (from, to) = (local(began, tz, "%H:%M"), local(when.at, tz, "%H:%M"));
            let _ = writeln!(out, "- **Duration:** {from} – {to} (total {})", spoken(when.at.since(began)));
            let _ = writeln!(out, "- **Status:** resolved");
        }
    }
    let _ = writeln!(out, "- **Times in:** {tz}\n\n## Timeline\n");
    let mut day = String::new();
    for entry in &h.entries {
        let today = local(entry.at, tz, "%Y-%m-%d");
        if today != day {
            let _ = writeln!(out, "**{today}**\n");
            day = today;
        }
        let words = timeline::said(entry).replace('\n', "\n  ");
        let _ = writeln!(out, "- {} - {words}", local(entry.at, tz, "%H:%M"));
    }
    if let Some((_, Some(how))) = c.phase.end() {
        let _ = writeln!(out, "\n## Resolution\n\n{}", text::escape_markdown(how));
    }
    out
}

fn local(at: Timestamp, tz: Tz, format: &str) -> String {
    at.utc().with_timezone(&tz).format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::card::{Entry, IncidentCard, What};
    use crate::model::ids::{IncidentId, Seq, UserId};
    use crate::model::incident::{Phase, Severity, Stamp};
    use crate::model::person::Person;

    fn history(entries: Vec<Entry>) -> History {
        let by = Person { id: UserId(1), name: "responder".into() };
        // 2026-03-29 00:30 UTC: half an hour before Berlin's clocks go forward.
        let at = Timestamp(1_774_744_200_000);
        let when = Stamp { at: Timestamp(at.0 + 3_600_000), by: by.clone() };
        History {
            card: IncidentCard {
                id: IncidentId(4),
                title: "# not a heading".into(),
                severity: Severity::P2,
                service: Some("soundlab".into()),
                declared: Stamp { at, by },
                phase: Phase::Resolved { when, how: Some("restarted".into()) },
                duties: Default::default(),
                links: vec![],
                drill: false,
                private: false,
                respond_by: None,
            },
            numbers: vec![Seq(1); entries.len()],
            entries,
        }
    }

    #[test]
    fn times_are_the_zones_and_the_total_is_what_really_passed() {
        let md = markdown(&history(vec![]), chrono_tz::Europe::Berlin);
        assert!(md.contains("01:30 – 03:30 (total 1 h 00 m)"), "{md}");
        assert!(md.contains("- **Date:** 2026-03-29"), "{md}");
        assert!(md.contains("\\# not a heading"), "{md}");
    }

    #[test]
    fn every_entry_is_in_the_file_whole() {
        let text = "x".repeat(5_000);
        let entry = Entry { at: Timestamp(0), by: None, what: What::Noted { text: text.clone() } };
        let md = markdown(&history(vec![entry]), chrono_tz::UTC);
        assert!(md.contains(&text));
    }
}
