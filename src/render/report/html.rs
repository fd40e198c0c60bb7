//! The whole report as one page that stands on its own: no script, nothing from elsewhere, the
//! picture in it; and it prints well. Everything that people wrote is escaped.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono_tz::Tz;

use super::words::{Piece, pieces, plain};
use super::{DRILL, happened, local, named, offset, status, whose, written};
use crate::core::figures::figures;
use crate::core::history::History;
use crate::kit::text;
use crate::kit::time::spoken;
use crate::model::report::{ActionState, Part};
use crate::render::{picture, timeline};

/// Nothing may be loaded, nothing may run.
const POLICY: &str =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE: &str = "
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1f2430; background: #fff; max-width: 62rem; margin: 2rem auto; padding: 0 1.25rem; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid #e4e7ec; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; color: #5b6472; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; margin: 0; }
dt { color: #5b6472; } dd { margin: 0; }
img { width: 100%; height: auto; margin: 1.5rem 0 0; border: 1px solid #e4e7ec; border-radius: 8px; }
.words { white-space: pre-wrap; }
.none { color: #5b6472; font-style: italic; }
.loud { background: #7a4fb0; color: #fff; font-weight: bold; padding: .6rem 1rem; border-radius: 6px; }
.draft { background: #f8da95; padding: .6rem 1rem; border-radius: 6px; }
ul { list-style: none; padding: 0; margin: 0; }
li { display: grid; grid-template-columns: 4rem 1fr; padding: .15rem 0; break-inside: avoid; white-space: pre-wrap; }
.items li { grid-template-columns: 1.75rem 1fr; }
time, .box { color: #5b6472; font-variant-numeric: tabular-nums; }
@media print { body { max-width: none; margin: 0; font-size: 11pt; } h2, h3 { break-after: avoid; } img { break-inside: avoid; } a { color: inherit; } }
";

/// The whole report. Writing to a String cannot fail.
pub fn html(h: &History, tz: Tz) -> String {
    let c = &h.card;
    let title = escaped(&text::line(&c.title));
    let mut out = String::with_capacity(16_384 + 160 * h.entries.len());
    let _ = writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<title>{} · {title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
        c.id
    );
    let _ = writeln!(out, "<h1>Incident report: {title}</h1>");
    if c.drill {
        let _ = writeln!(out, "<p class=\"loud\">{DRILL}</p>");
    }
    if h.review.published.is_none() {
        let _ = writeln!(out, "<p class=\"draft\">Draft: nobody has published this.</p>");
    }
    head(&mut out, h, tz);
    if let Some(png) = picture::png(h, tz) {
        let (data, alt) = (STANDARD.encode(png), escaped(&picture::alt(h, tz)));
        let _ = writeln!(out, "<img alt=\"{alt}\" src=\"data:image/png;base64,{data}\">");
    }
    section(&mut out, h, Part::Summary);
    let _ = writeln!(out, "<h2>Figures</h2>\n<dl>");
    for (name, value) in named(&figures(h)) {
        row(&mut out, name, &value);
    }
    let _ = writeln!(out, "</dl>\n<h2>Timeline</h2>");
    lines(&mut out, h, tz);
    section(&mut out, h, Part::RootCause);
    section(&mut out, h, Part::Resolution);
    items(&mut out, h);
    section(&mut out, h, Part::Lessons);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// What people wrote as it may stand in a page, also between the quotes of an attribute.
fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 16);
    for c in text::plain(words).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn row(out: &mut String, name: &str, value: &str) {
    let _ = writeln!(out, "<dt>{name}</dt><dd>{}</dd>", escaped(value));
}

fn head(out: &mut String, h: &History, tz: Tz) {
    let c = &h.card;
    let began = c.declared.at;
    out.push_str("<dl>\n");
    row(out, "Incident", &c.id.to_string());
    row(out, "Date", &local(began, tz, "%Y-%m-%d"));
    row(out, "Severity", c.severity.in_words());
    if let Some(service) = &c.service {
        row(out, "Service", service);
    }
    let from = local(began, tz, "%Y-%m-%d %H:%M");
    let duration = c.phase.end().map_or_else(
        || format!("{from} – (still going on)"),
        |(when, _)| {
            let to = local(when.at, tz, "%Y-%m-%d %H:%M");
            format!("{from} – {to} (total {})", spoken(when.at.since(began)))
        },
    );
    row(out, "Duration", &duration);
    row(out, "Status", status(h));
    for (duty, who) in &c.duties {
        row(out, &text::capital(duty.word()), &text::line(&who.name));
    }
    for link in &c.links {
        let link = anchor(&link.label, &link.url);
        let _ = writeln!(out, "<dt>Link</dt><dd>{link}</dd>");
    }
    if let Some(p) = &h.review.published {
        let at = local(p.when.at, tz, "%Y-%m-%d %H:%M");
        row(
            out,
            "Revision",
            &format!("{}, published by {} on {at}", p.revision, text::line(&p.when.by.name)),
        );
    }
    row(out, "Times in", &format!("{tz} ({})", offset(began, tz)));
    out.push_str("</dl>\n");
}

/// A link, where it leads to a page; else its words.
fn anchor(label: &str, url: &str) -> String {
    let web = url.starts_with("https://") || url.starts_with("http://");
    match web {
        true => format!("<a rel=\"noreferrer\" href=\"{}\">{}</a>", escaped(url), escaped(label)),
        false => escaped(label),
    }
}

fn section(out: &mut String, h: &History, part: Part) {
    let words = written(h, part).map_or_else(
        || "<p class=\"none\">Not written yet.</p>".to_owned(),
        |words| format!("<p class=\"words\">{}</p>", escaped(words)),
    );
    let _ = writeln!(out, "<h2>{}</h2>\n{words}", part.title());
}

fn lines(out: &mut String, h: &History, tz: Tz) {
    let mut under = String::new();
    for entry in h.entries.iter().filter(|e| happened(e)) {
        let day = format!("{} ({})", local(entry.at, tz, "%Y-%m-%d"), offset(entry.at, tz));
        if day != under {
            let end = if under.is_empty() { "" } else { "</ul>\n" };
            let _ = writeln!(out, "{end}<h3>{day}</h3>\n<ul>");
            under = day;
        }
        let said: String = pieces(&timeline::said(entry))
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => escaped(&text),
                Piece::Strong(text) => format!("<strong>{}</strong>", escaped(&text)),
                Piece::Link { label, url } => anchor(&label, &url),
            })
            .collect();
        let _ = writeln!(out, "<li><time>{}</time><span>{said}</span></li>", local(entry.at, tz, "%H:%M"));
    }
    if !under.is_empty() {
        out.push_str("</ul>\n");
    }
}

fn items(out: &mut String, h: &History) {
    out.push_str("<h2>Action items</h2>\n");
    if h.actions.is_empty() {
        out.push_str("<p class=\"none\">None.</p>\n");
        return;
    }
    out.push_str("<ul class=\"items\">\n");
    for item in &h.actions {
        let mark = if item.state == ActionState::Open { "☐" } else { "☑" };
        let words = format!("{}{}", escaped(&item.what), escaped(&plain(&whose(item))));
        let _ = writeln!(
            out,
            "<li><span class=\"box\">{mark}</span><span><strong>{}</strong>: {words}</span></li>",
            item.id
        );
    }
    out.push_str("</ul>\n");
}
