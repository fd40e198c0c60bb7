//! The card of a health check: each probe, how long it took, what was expected and what came.

use std::time::Duration;

use super::{Colour, Embed, Face};
use crate::kit::text;
use crate::kit::time::spoken;
use crate::model::card::HealthCard;
use crate::model::check::{Finding, Verdict};

/// Characters of what was expected, or came, on a card.
const WORDS: usize = 200;

/// The card. Of one service every check is shown whole; of several those that are well take a
/// line each, because at 3 a.m. only the others are read.
pub fn card(c: &HealthCard) -> Face {
    let services: Vec<&[Finding]> = c.findings.chunk_by(|a, b| a.probe.service == b.probe.service).collect();
    let (well, ill): (Vec<&[Finding]>, _) = services.iter().partition(|s| is_well(s));
    let mut embeds: Vec<Embed> = ill.into_iter().map(service).collect();
    match well.as_slice() {
        [] => {}
        [only] if services.len() == 1 => embeds.push(service(only)),
        well => embeds.push(Embed {
            description: well.iter().map(|s| in_a_line(s)).collect::<Vec<_>>().join("\n"),
            colour: Some(Colour::Green),
            ..Embed::default()
        }),
    }
    let failed = c.findings.iter().filter(|f| !f.verdict.passed()).count();
    let content = match (failed, services.len()) {
        (0, 1) => String::new(),
        (0, n) => format!("All {} checks of {n} services passed.", c.findings.len()),
        (n, _) => format!("**{n} of {} checks did not pass.**", c.findings.len()),
    };
    if let Some(last) = embeds.last_mut() {
        let sum = last.footer.take().map(|f| format!(" · {f}")).unwrap_or_default();
        last.footer = Some(format!("{}{sum}", c.check));
        last.at = Some(c.at);
    }
    Face { content, embeds, ..Face::default() }
}

fn is_well(findings: &[Finding]) -> bool {
    findings.iter().all(|f| f.verdict.passed())
}

fn name(findings: &[Finding]) -> &str {
    findings.first().map_or("", |f| f.probe.service.as_str())
}

fn in_all(findings: &[Finding]) -> String {
    let passed = findings.iter().filter(|f| f.verdict.passed()).count();
    let took = findings.iter().map(|f| f.millis).sum();
    format!("{passed} of {} passed in {}", findings.len(), spoken(Duration::from_millis(took)))
}

/// A service that is well: `✅ **soundlab: healthy** · 7 of 7 passed in 42 ms`, and its checks.
fn in_a_line(findings: &[Finding]) -> String {
    let checks: Vec<String> = findings
        .iter()
        .map(|f| {
            let took = spoken(Duration::from_millis(f.millis));
            format!("{} {took}", text::escape_markdown(&f.probe.step))
        })
        .collect();
    format!("✅ **{}: healthy** · {}\n-# {}", name(findings), in_all(findings), checks.join(" · "))
}

fn service(findings: &[Finding]) -> Embed {
    let well = is_well(findings);
    let (mark, words) = if well { ("✅", "healthy") } else { ("❌", "not healthy") };
    Embed {
        title: Some(format!("{mark} {}: {words}", name(findings))),
        description: findings.iter().map(line).collect::<Vec<_>>().join("\n"),
        colour: Some(if well { Colour::Green } else { Colour::Red }),
        footer: Some(in_all(findings)),
        ..Embed::default()
    }
}

fn line(f: &Finding) -> String {
    let took = spoken(Duration::from_millis(f.millis));
    let expected = shown(&f.expected);
    let (mark, got) = match &f.verdict {
        Verdict::Passed { got } => ("✅", format!("got {}", shown(got))),
        Verdict::Failed { got } => ("❌", format!("got **{}**", shown(got))),
        Verdict::Broke { why } => ("⚠️", format!("**{}**", shown(why))),
    };
    format!("{mark} **{}** · {took}\n-# expected {expected} · {got}", text::escape_markdown(&f.probe.step))
}

fn shown(got: &str) -> String {
    text::escape_markdown(&text::cut(&text::line(got), WORDS))
}
