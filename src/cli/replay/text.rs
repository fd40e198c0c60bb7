//! The difference in words: the counts first, then what makes them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::compare::{Compared, Side};
use crate::kit::text;

/// How many differences are listed; `--json` has them all.
const LISTED: usize = 100;

/// All of it. `settings` is what they are called.
pub fn of(c: &Compared, settings: &str) -> String {
    let mut out = format!(
        "{} alerts from {} to {}, as they were told and as {settings} would have them told.\n\n{:28}{:>8}{:>8}\n",
        c.alerts, c.since, c.until, "", "then", "now"
    );
    let mut row = |what: &str, then: u32, now: u32| {
        let mark = if then == now { "" } else { "  *" };
        let _ = writeln!(out, "{what:28}{then:>8}{now:>8}{mark}");
    };
    let (then, now) = (&c.then, &c.now);
    row("groups", then.groups, now.groups);
    row("told that it is so", then.told, now.told);
    row("  for the first time", then.first, now.first);
    row("told that it is over", then.over, now.over);
    row("never told", then.never, now.never);
    let held: BTreeSet<&str> = then.held.keys().chain(now.held.keys()).copied().collect();
    for held in held {
        let count = |side: &super::Counts| side.held.get(held).copied().unwrap_or_default();
        row(&format!("held: {held}"), count(then), count(now));
    }
    row("incidents opened", then.opened, now.opened);
    row("incidents joined", then.joined, now.joined);
    row("a role is mentioned", then.mentioned, now.mentioned);
    row("people are called", then.paged, now.paged);
    let _ = match (c.same, c.differences.len()) {
        (0, 0) => writeln!(out, "\nNo alert is recorded in that time."),
        (same, 0) => writeln!(out, "\nPeople would be told the same of all {same}."),
        (same, other) => {
            writeln!(out, "\nOf {same} people would be told the same, of {other} they would not:")
        }
    };
    for difference in c.differences.iter().take(LISTED) {
        let first = difference.then.iter().chain(&difference.now).next();
        let Some(first) = first else { continue };
        let title = text::cut(&text::line(&first.title), 80);
        let _ = writeln!(out, "\n{} · {title}", first.at.get(..16).unwrap_or(&first.at).replace('T', " "));
        lines(&mut out, "then", &difference.then);
        lines(&mut out, "now", &difference.now);
    }
    for left_out in &c.left_out {
        let _ = writeln!(out, "\nleft out: {}", text::line(left_out));
    }
    if c.differences.len() > LISTED {
        let _ = writeln!(out, "\nand {} more: --json has them all", c.differences.len() - LISTED);
    }
    out
}

fn lines(out: &mut String, when: &str, sides: &[Side]) {
    let label = format!("{when}:");
    if sides.is_empty() {
        let _ = writeln!(out, "  {label:6}nothing");
    }
    for side in sides {
        let said: Vec<String> = side.told.iter().map(|(why, n)| format!("{why} {n}×")).collect();
        let told = if said.is_empty() { "not told".to_owned() } else { format!("told: {}", said.join(", ")) };
        let held: Vec<&str> = side.held.iter().copied().collect();
        let held = if held.is_empty() { String::new() } else { format!("; held: {}", held.join(", ")) };
        let incident = side.incident.map(|i| format!("; {i} an incident")).unwrap_or_default();
        let mentioned: Vec<&str> = side.mentioned.iter().map(String::as_str).collect();
        let mentioned = match mentioned.is_empty() {
            true => String::new(),
            false => format!("; mentions: {}", mentioned.join(", ")),
        };
        let paged = side.paged.as_ref().map(|by| format!("; pages by {by}")).unwrap_or_default();
        let alerts = if side.alerts == 1 { "1 alert".to_owned() } else { format!("{} alerts", side.alerts) };
        let _ = writeln!(
            out,
            "  {label:6}{} · {} · channel {} · {alerts} · {told}{held}{incident}{mentioned}{paged}",
            side.severity,
            text::line(&side.route),
            side.channel
        );
    }
}
