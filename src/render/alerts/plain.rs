//! Alerts for the terminal: plain lines for people, JSON for programs. The JSON's names are stable;
//! its `format` is 1, and its times are RFC 3339 in UTC.

use std::fmt::Write as _;

use chrono_tz::Tz;
use serde_json::{Value, json};

use super::why::in_words;
use crate::core::alerts::why::Chain;
use crate::kit::text::{cut, line};
use crate::kit::time::{Timestamp, spoken};
use crate::model::alert::{AlertCard, AlertListed, AlertWhy, GroupPhase};
use crate::model::labels::Labels;

fn local(at: Timestamp, tz: Tz) -> String {
    at.utc().with_timezone(&tz).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn pairs(labels: &Labels) -> String {
    let all: Vec<String> = labels.iter().map(|(n, v)| format!("{}={}", line(n), line(v))).collect();
    all.join(" ")
}

/// What fires, a line each.
pub fn list(lines: &[AlertListed], more: u32, tz: Tz) -> String {
    if lines.is_empty() {
        return "Nothing fires.".to_owned();
    }
    let mut out = String::new();
    for l in lines {
        let _ = write!(
            out,
            "{:<8} {}  since {}  {} firing  {}",
            l.group.to_string(),
            l.severity,
            local(l.since, tz),
            l.firing,
            line(&l.title)
        );
        let service = l.service.as_deref().map(line);
        let incident = l.incident.map(|i| i.to_string());
        let taken = l.acknowledged.as_ref().map(|s| format!("taken by {}", line(&s.by.name)));
        let held = l.held.then(|| "nobody is told now".to_owned());
        let words: Vec<String> = [service, incident, taken, held].into_iter().flatten().collect();
        let _ = if words.is_empty() { writeln!(out) } else { writeln!(out, "  ({})", words.join(", ")) };
    }
    if more > 0 {
        let _ = writeln!(out, "and {more} more");
    }
    let _ = write!(out, "Times in {tz}.");
    out
}

/// The same for programs.
pub fn list_json(lines: &[AlertListed]) -> String {
    let one = |l: &AlertListed| {
        json!({
            "alert": l.group.to_string(),
            "severity": l.severity.to_string(),
            "title": l.title,
            "service": l.service,
            "since": l.since.rfc3339(),
            "firing": l.firing,
            "told": !l.held,
            "acknowledged_by": l.acknowledged.as_ref().map(|s| s.by.name.clone()),
            "incident": l.incident.map(|i| i.to_string()),
        })
    };
    indented(&json!({"format": 1, "alerts": lines.iter().map(one).collect::<Vec<_>>()}))
}

fn stands(c: &AlertCard, tz: Tz) -> String {
    match c.phase {
        GroupPhase::Firing => format!("firing since {}: {} alerts", local(c.since, tz), c.firing),
        GroupPhase::Settling { since } => format!("quiet since {}, and watched", local(since, tz)),
        GroupPhase::Over { at } => {
            format!("over since {}, after {}", local(at, tz), spoken(at.since(c.since)))
        }
    }
}

/// One card.
pub fn card(c: &AlertCard, tz: Tz) -> String {
    let o = &c.opened;
    let mut out = format!("{} · {} · {}\n", o.group, o.severity.in_words(), line(&o.title));
    let mut field = |name: &str, value: &str| {
        let _ = writeln!(out, "{name:<13} {value}");
    };
    field("status", &stands(c, tz));
    field("service", &o.service.as_deref().map_or("not named".to_owned(), line));
    field("route", &line(&o.route));
    for said in c.summary.iter().chain(&c.description) {
        field("says", &line(&cut(said, 600)));
    }
    if let Some(when) = &c.acknowledged {
        field("taken", &format!("by {} at {}", line(&when.by.name), local(when.at, tz)));
    }
    if let Some(incident) = c.incident {
        field("incident", &incident.to_string());
    }
    if c.held.is_some() {
        field("told", &format!("nobody now: `muster alerts why {}` says why", o.group));
    }
    for a in c.alerts.iter().filter(|a| !a.labels.is_empty()) {
        let over = a.over.map(|at| format!(", over {}", local(at, tz))).unwrap_or_default();
        field("alert", &format!("{} since {}{over}", pairs(&a.labels), local(a.since, tz)));
    }
    for m in &c.changes {
        field("changed", &format!("{} {}", local(m.at, tz), line(&m.what)));
    }
    for l in &c.links {
        field(&line(&l.label).to_lowercase(), &l.url);
    }
    for p in &c.playbooks {
        field("may help", &format!("muster run {} {}: {}", p.service, p.action, line(&p.title)));
    }
    let _ = write!(out, "Times in {tz}.");
    out
}

/// The same for programs.
pub fn card_json(c: &AlertCard) -> String {
    let o = &c.opened;
    let (status, over) = match c.phase {
        GroupPhase::Firing => ("firing", None),
        GroupPhase::Settling { .. } => ("settling", None),
        GroupPhase::Over { at } => ("over", Some(at.rfc3339())),
    };
    let alerts: Vec<Value> = c
        .alerts
        .iter()
        .map(|a| {
            json!({"labels": a.labels, "since": a.since.rfc3339(), "over": a.over.map(Timestamp::rfc3339)})
        })
        .collect();
    let changes: Vec<Value> =
        c.changes.iter().map(|m| json!({"at": m.at.rfc3339(), "what": m.what})).collect();
    let playbooks: Vec<Value> = c
        .playbooks
        .iter()
        .map(|p| json!({"service": p.service, "action": p.action, "title": p.title}))
        .collect();
    indented(&json!({
        "format": 1,
        "alert": o.group.to_string(),
        "severity": o.severity.to_string(),
        "title": o.title,
        "service": o.service,
        "route": o.route,
        "key": o.key,
        "status": status,
        "since": c.since.rfc3339(),
        "over": over,
        "firing": c.firing,
        "times": c.times,
        "summary": c.summary,
        "description": c.description,
        "alerts": alerts,
        "links": c.links,
        "changes": changes,
        "playbooks": playbooks,
        "told": c.held.is_none(),
        "acknowledged_by": c.acknowledged.as_ref().map(|s| s.by.name.clone()),
        "incident": c.incident.map(|i| i.to_string()),
    }))
}

/// Why people were told, or were not, for programs.
pub fn why_json(ask: &AlertWhy, chain: &Chain) -> String {
    let o = &chain.opened;
    let steps: Vec<Value> = chain
        .facts
        .iter()
        .map(|f| json!({"at": f.at.rfc3339(), "commit": f.commit, "text": in_words(f, ask), "what": f.what}))
        .collect();
    indented(&json!({
        "format": 1,
        "alert": o.group.to_string(),
        "title": o.title,
        "route": o.route,
        "key": o.key,
        "routes": ask.routes,
        "paged": ask.paged,
        "steps": steps,
    }))
}

fn indented(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
