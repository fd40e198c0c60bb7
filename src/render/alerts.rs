//! What people see of alerts: the card of those that are one problem, the count of a storm, the
//! list of what fires.
//!
//! - [`why`](fn@why) is why people were told, or were not; [`plain`] is all of it for the terminal.

mod paged;
pub mod plain;
mod why;

pub use why::{facts, page as why};

use std::fmt::Write as _;

use super::incident::{button, colour};
use super::{Colour, Embed, Face, FaceButton, Style, name, triage};
use crate::kit::text::{self, cut, escape_markdown};
use crate::kit::time::spoken;
use crate::model::alert::{AlertCard, AlertLine, AlertListed, GroupPhase, Held, Mute, StormCard};
use crate::model::button::{AlertButton, Button};
use crate::model::card::AlertTurn;
use crate::model::ids::GroupId;
use crate::model::incident::Link;
use crate::model::labels::Labels;
use crate::model::mark::{Mark, Went};

/// Characters of a field that is made of lines: Discord takes 1024.
const FIELD: usize = 1_000;
/// Characters of an alert's labels in a line.
const LABELS: usize = 160;
/// Characters of a title, before it is escaped.
const TITLE: usize = 160;

/// The card of a group.
pub fn card(c: &AlertCard) -> Face {
    let opened = &c.opened;
    let over = matches!(c.phase, GroupPhase::Over { .. });
    let mut fields = vec![
        ("Status".to_owned(), status(c), true),
        ("Severity".to_owned(), opened.severity.in_words().to_owned(), true),
        (
            "Service".to_owned(),
            opened.service.as_deref().map_or("not named".to_owned(), |s| said(&cut(s, 100))),
            true,
        ),
    ];
    if let Some(held) = &c.held {
        fields.push(("Nobody is told now".to_owned(), held_by(c, held), false));
    }
    if c.flaps > 0 {
        let again = format!("It ended or came back {} times lately. This card counts it.", c.flaps);
        fields.push(("Comes and goes".to_owned(), again, false));
    }
    if let Some(lines) = alerts(c) {
        fields.push(("Alerts".to_owned(), lines, false));
    }
    if !c.changes.is_empty() {
        let all = c.changes.iter().map(change);
        fields.push(("What changed before".to_owned(), fitting(all, "\n", 0), false));
    }
    if !c.links.is_empty() {
        fields.push(("Links".to_owned(), fitting(c.links.iter().map(link), " · ", 0), true));
    }
    if let Some(section) = &c.section {
        let command = triage::command(&section.service, &section.anchor);
        fields.push(("Runbook".to_owned(), format!("{}: {command}", said(&section.title)), true));
    }
    if let Some(incident) = c.incident {
        let thread = c.thread.map(|t| format!(" in <#{t}>")).unwrap_or_default();
        fields.push(("Incident".to_owned(), format!("**{incident}**{thread}"), false));
    }
    if let Some(when) = &c.acknowledged {
        let taken = format!("{} <t:{}:R>", name(&when.by), when.at.seconds());
        fields.push(("Acknowledged".to_owned(), taken, true));
    }
    if !over && !c.playbooks.is_empty() {
        fields.push(("Playbooks that may help".to_owned(), triage::suggested(&c.playbooks), false));
    }
    let title = said(&cut(&opened.title, TITLE));
    // Each alert began once: only what came back began more often.
    let times = if c.times as usize > c.alerts.len().max(c.firing as usize).max(1) {
        format!(" · began {} times", c.times)
    } else {
        String::new()
    };
    Face {
        embeds: vec![Embed {
            title: Some(format!("{} · {} · {title}", opened.group, opened.severity)),
            description: description(c),
            colour: Some(match (over, &c.held) {
                (true, _) => Colour::Green,
                (false, Some(Held::Muted(_))) => Colour::Grey,
                (false, _) => colour(opened.severity),
            }),
            fields,
            footer: Some(format!("{}{times}", text::line(&cut(&opened.route, 200)))),
            ..Embed::default()
        }],
        buttons: buttons(c, over),
        ..Face::default()
    }
}

/// Text from outside: one line, and no mark of its own.
fn said(words: &str) -> String {
    escape_markdown(&text::line(words))
}

fn status(c: &AlertCard) -> String {
    match c.phase {
        GroupPhase::Firing => {
            let many =
                if c.firing == 1 { String::new() } else { format!("{} alerts, the oldest ", c.firing) };
            format!("**Firing**: {many}since <t:{}:R>", c.since.seconds())
        }
        GroupPhase::Settling { since } => {
            format!("**Quiet** since <t:{}:R>, and watched: it may come back", since.seconds())
        }
        GroupPhase::Over { at } => {
            format!("**Over** after {}, <t:{}:R>", spoken(at.since(c.since)), at.seconds())
        }
    }
}

/// What its source says, as far as the title does not.
fn description(c: &AlertCard) -> String {
    let plain = |words: &str| escape_markdown(text::plain(words).trim());
    let more = c.summary.iter().filter(|s| text::line(s) != text::line(&c.opened.title));
    let parts: Vec<String> = more.chain(&c.description).map(|w| plain(w)).collect();
    cut(&parts.join("\n"), 1_500)
}

fn held_by(c: &AlertCard, held: &Held) -> String {
    match held {
        Held::Waits { until } => {
            format!(
                "Its route waits for more to come until <t:{}:T>, and tells all at once.",
                until.seconds()
            )
        }
        Held::Flaps { until } => {
            format!("It comes and goes. Its end is told if it stays quiet until <t:{}:T>.", until.seconds())
        }
        Held::Storm(id) => format!("Too much began at once: the message of **{id}** counts it."),
        Held::Muted(Mute::Silence(id)) => match &c.silence {
            Some(s) => format!(
                "**{id}** by {} until <t:{}:f>: {}",
                name(&s.asked.by),
                s.until.seconds(),
                said(&cut(&s.why, 300))
            ),
            None => format!("**{id}** silences it."),
        },
        Held::Muted(Mute::Window(window)) => {
            format!("The maintenance window *{}* of muster.toml.", said(&cut(window, 100)))
        }
        Held::Muted(Mute::Inhibited { rule, .. }) => {
            let worse = c.worse.as_deref().map_or("something worse".to_owned(), |w| said(&cut(w, 160)));
            format!("{worse} fires, and the rule *{}* keeps this quiet meanwhile.", said(&cut(rule, 100)))
        }
    }
}

/// The alerts in lines; `None` where they say nothing that the card does not.
fn alerts(c: &AlertCard) -> Option<String> {
    if c.alerts.iter().all(|a| a.labels.is_empty()) {
        return None;
    }
    let firing = c.alerts.iter().filter(|a| a.over.is_none()).count();
    let shown = u32::try_from(firing).unwrap_or(u32::MAX);
    let more = usize::try_from(c.firing.saturating_sub(shown)).unwrap_or(usize::MAX);
    Some(fitting(c.alerts.iter().map(line), "\n", more))
}

fn line(a: &AlertLine) -> String {
    let labels = labels(&a.labels);
    match a.over {
        None => format!("• {labels} since <t:{}:R>", a.since.seconds()),
        Some(at) => format!("◦ {labels} over <t:{}:R> after {}", at.seconds(), spoken(at.since(a.since))),
    }
}

/// Labels as people read them: `host **a** · code **5**`.
fn labels(all: &Labels) -> String {
    if all.is_empty() {
        return "this alert".to_owned();
    }
    let (mut out, mut left) = (String::new(), 0);
    for (name, value) in all.iter() {
        let one = format!("{} **{}**", said(&cut(name, 40)), said(&cut(value, 60)));
        if out.is_empty() || out.chars().count() + one.chars().count() < LABELS {
            let between = if out.is_empty() { "" } else { " · " };
            let _ = write!(out, "{between}{one}");
        } else {
            left += 1;
        }
    }
    if left > 0 { format!("{out} and {left} more") } else { out }
}

/// What a line of an incident's timeline says of an alert that belongs to it.
pub fn entry(group: GroupId, title: &str, turn: &AlertTurn, who: &str) -> String {
    let what = |count: &u32, own: &Option<Labels>| match own {
        Some(own) if !own.is_empty() => format!(" ({})", labels(own)),
        _ if *count > 1 => format!(" ({count} alerts)"),
        _ => String::new(),
    };
    let turn = match turn {
        AlertTurn::Linked => "belongs to this incident".to_owned(),
        AlertTurn::Began { count, labels } => format!("fires{}", what(count, labels)),
        AlertTurn::Again { count, labels } => format!("is back{}", what(count, labels)),
        AlertTurn::Ended { count, labels } => format!("has ended in part{}", what(count, labels)),
        AlertTurn::Over => "is over".to_owned(),
        AlertTurn::Dismissed => format!("is over, says {who}"),
        AlertTurn::Acknowledged if who.is_empty() => "is acknowledged at its source".to_owned(),
        AlertTurn::Acknowledged => format!("is acknowledged by {who}"),
    };
    format!("🔔 **{group}** {turn}: {}", said(&cut(title, TITLE)))
}

/// What changed, in a line without its time.
pub fn changed(m: &Mark) -> String {
    let went = match m.went {
        Went::Began => " (under way)",
        Went::Failed => " (**failed**)",
        Went::Done | Went::Unsaid => "",
    };
    let by = m.by.as_deref().map(|by| format!(" by {}", said(&cut(by, 60)))).unwrap_or_default();
    let link = m.link.as_ref().map(|l| format!(" · {}", link(l))).unwrap_or_default();
    format!("{}{went}{by}{link}", said(&cut(&m.what, 140)))
}

fn change(m: &Mark) -> String {
    format!("<t:{}:R> {}", m.at.seconds(), changed(m))
}

/// A link; what is no plain address stays words.
fn link(l: &Link) -> String {
    let web = l.url.starts_with("https://") || l.url.starts_with("http://");
    let plain = |c: char| c.is_ascii_graphic() && !"<>()`\\|*".contains(c);
    if !web || !l.url.chars().all(plain) {
        return said(&l.label);
    }
    format!("[{}](<{}>)", said(&l.label), l.url)
}

/// As many of these as a field takes, each whole, and how many there are more.
fn fitting(lines: impl Iterator<Item = String>, between: &str, more: usize) -> String {
    let (mut out, mut left) = (String::new(), more);
    for line in lines {
        if out.chars().count() + between.len() + line.chars().count() > FIELD {
            left += 1;
        } else {
            let between = if out.is_empty() { "" } else { between };
            let _ = write!(out, "{between}{line}");
        }
    }
    if left > 0 {
        let _ = write!(out, "{between}and {left} more");
    }
    out
}

fn buttons(c: &AlertCard, over: bool) -> Vec<FaceButton> {
    let press =
        |label: &str, style, b, enabled| button(label, style, Button::Alert(c.opened.group, b), enabled);
    let why = press("Why?", Style::Quiet, AlertButton::Why(0), true);
    if over {
        return vec![why];
    }
    let taken = c.acknowledged.is_some();
    let ack = if taken { "Acknowledged" } else { "Acknowledge" };
    let silenced = matches!(c.held, Some(Held::Muted(Mute::Silence(_))));
    vec![
        press(ack, Style::Primary, AlertButton::Acknowledge, !taken),
        press("Open incident", Style::Quiet, AlertButton::Open, c.incident.is_none()),
        press("Silence", Style::Quiet, AlertButton::Silence, !silenced),
        press("Run playbook", Style::Quiet, AlertButton::Playbook, true),
        why,
    ]
}

/// The count of a storm.
pub fn storm(c: &StormCard) -> Face {
    let (groups, firing) = c.groups;
    let status = match c.over {
        None => format!("**Going on** since <t:{}:R>", c.since.seconds()),
        Some(at) => format!("**Over** after {}, <t:{}:R>", spoken(at.since(c.since)), at.seconds()),
    };
    let mut fields = vec![
        ("Status".to_owned(), status, true),
        ("Still firing".to_owned(), format!("{firing} of {groups} problems, {} alerts", c.alerts), true),
    ];
    if !c.services.is_empty() {
        let all = c.services.iter().map(|(service, n)| format!("{}: {n}", said(service)));
        fields.push(("By service".to_owned(), fitting(all, "\n", 0), true));
    }
    if !c.some.is_empty() {
        let more = (groups as usize).saturating_sub(c.some.len());
        let all = c.some.iter().map(|(id, severity, title)| {
            format!("**{id}** · {} · {}", severity.in_words(), said(&cut(title, 100)))
        });
        fields.push(("The worst and oldest".to_owned(), fitting(all, "\n", more), false));
    }
    let worst = c.some.iter().map(|(_, severity, _)| *severity).min();
    Face {
        embeds: vec![Embed {
            title: Some(format!("{} · storm: {groups} problems at once", c.id)),
            description: "Too much began in a short time for a card each. The first of each service has its \
                          own; this message counts the rest. `/alerts list` shows everything that fires."
                .to_owned(),
            colour: Some(match (c.over, firing) {
                (Some(_), 0) => Colour::Green,
                _ => worst.map_or(Colour::Orange, colour),
            }),
            fields,
            ..Embed::default()
        }],
        ..Face::default()
    }
}

/// What fires, the worst first, and how much is not in it.
pub fn list(lines: &[AlertListed], more: u32) -> Face {
    let mut out = String::new();
    let mut left = more as usize;
    for l in lines {
        let mut line = format!("**{}** · {} · {}", l.group, l.severity.in_words(), said(&l.title));
        let count = if l.firing == 1 { String::new() } else { format!(" · {} alerts", l.firing) };
        let _ = write!(line, "{count} · <t:{}:R>", l.since.seconds());
        if let Some(incident) = l.incident {
            let _ = write!(line, " · {incident}");
        }
        if let Some(when) = &l.acknowledged {
            let _ = write!(line, " · taken by {}", name(&when.by));
        }
        if l.held {
            line.push_str(" · nobody is told now");
        }
        if out.chars().count() + line.chars().count() > 3_800 {
            left += 1;
        } else {
            let _ = writeln!(out, "{line}");
        }
    }
    if left > 0 {
        let _ = writeln!(out, "and {left} more: name a service, or use `muster alerts list`");
    }
    let title = match lines.len() + more as usize {
        0 => "Nothing fires".to_owned(),
        1 => "1 problem".to_owned(),
        n => format!("{n} problems"),
    };
    Face {
        embeds: vec![Embed {
            title: Some(title),
            description: out,
            colour: Some(lines.first().map_or(Colour::Green, |l| colour(l.severity))),
            ..Embed::default()
        }],
        ..Face::default()
    }
}

#[cfg(test)]
mod tests;
