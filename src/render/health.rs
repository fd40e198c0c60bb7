//! The card of a health check: each probe, how long it took, what was expected and what came.

use std::time::Duration;

use super::{Colour, Embed, Face};
use crate::kit::text;
use crate::kit::time::spoken;
use crate::model::card::HealthCard;
use crate::model::check::{Finding, Verdict};

/// The card.
pub fn card(c: &HealthCard) -> Face {
    let mut embeds: Vec<Embed> = vec![];
    for of_one in c.findings.chunk_by(|a, b| a.probe.service == b.probe.service) {
        embeds.push(service(of_one));
    }
    let failed = c.findings.iter().filter(|f| !f.verdict.passed()).count();
    let services = embeds.len();
    // Those that are not well come first: with ten services nobody reads to the end.
    embeds.sort_by_key(|e| e.colour == Some(Colour::Green));
    let content = match (failed, services) {
        (0, 1) => String::new(),
        (0, n) => format!("All {} checks of {n} services passed.", c.findings.len()),
        (n, _) => format!("**{n} of {} checks did not pass.**", c.findings.len()),
    };
    if let Some(last) = embeds.last_mut() {
        last.footer = Some(format!("{} · {}", c.check, last.footer.take().unwrap_or_default()));
        last.at = Some(c.at);
    }
    Face { content, embeds, ..Face::default() }
}

fn service(findings: &[Finding]) -> Embed {
    let passed = findings.iter().filter(|f| f.verdict.passed()).count();
    let name = findings.first().map_or("", |f| f.probe.service.as_str());
    let well = passed == findings.len();
    let lines: Vec<String> = findings.iter().map(line).collect();
    let took: u64 = findings.iter().map(|f| f.millis).sum();
    Embed {
        title: Some(format!(
            "{} {name}: {}",
            if well { "✅" } else { "❌" },
            if well { "healthy" } else { "not healthy" }
        )),
        description: lines.join("\n"),
        colour: Some(if well { Colour::Green } else { Colour::Red }),
        footer: Some(format!(
            "{passed} of {} passed in {}",
            findings.len(),
            spoken(Duration::from_millis(took))
        )),
        ..Embed::default()
    }
}

fn line(f: &Finding) -> String {
    let took = spoken(Duration::from_millis(f.millis));
    let expected = text::escape_markdown(&text::line(&f.expected));
    let (mark, got) = match &f.verdict {
        Verdict::Passed { got } => ("✅", format!("got {}", shown(got))),
        Verdict::Failed { got } => ("❌", format!("got **{}**", shown(got))),
        Verdict::Broke { why } => ("⚠️", format!("**{}**", shown(why))),
    };
    format!("{mark} **{}** · {took}\n-# expected {expected} · {got}", text::escape_markdown(&f.probe.step))
}

fn shown(got: &str) -> String {
    text::escape_markdown(&text::cut(&text::line(got), 200))
}
