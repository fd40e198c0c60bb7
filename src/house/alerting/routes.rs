//! The tree of routes: `[alerts]` is its root, `[[alerts.routes]]` what stands below, and each
//! has from the one above it what it does not say itself.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Known, Lines, label_names, matchers, name, role_names, set, tables};
use crate::house::node::Table;
use crate::house::problem::Notes;
use crate::house::runbook::time;
use crate::model::alerting::Route;
use crate::model::incident::Severity;

/// What stands between the names of a path.
pub const BELOW: &str = " › ";
/// How deep the tree may be.
const DEEP: usize = 8;

/// Reads the root and all that is below it.
pub fn read(
    root: &mut Route,
    table: &mut Table<'_>,
    known: &Known<'_>,
    lines: &mut Lines,
    notes: &mut Notes,
) {
    own(root, table, known, notes);
    let path = root.name.clone();
    root.routes = below((root, &path), table, "alerts.routes", known, lines, notes);
}

/// What a route says of itself.
fn own(route: &mut Route, table: &mut Table<'_>, known: &Known<'_>, notes: &mut Notes) {
    set(&mut route.group_by, label_names(table, "group-by", notes));
    set(&mut route.wait, wait(table, notes));
    set(&mut route.interval, time::of(table, "interval", notes));
    // Only where it is said: what is inherited was told of above.
    let said = table.get("repeat").or_else(|| table.get("interval")).map(|n| n.line);
    set(&mut route.repeat, time::of(table, "repeat", notes));
    if let Some(line) = said.filter(|_| route.repeat < route.interval) {
        notes.add(
            line,
            "`repeat` is shorter than `interval`",
            "make it longer: after it people are told again of what they know",
        );
    }
    if let Some(channel) = table.parse("channel", notes) {
        route.channel = Some(channel);
    }
    set(&mut route.mention, role_names(table, "mention", known.roles, notes));
    if let Some(severity) = table.parse("severity", notes) {
        route.severity = Some(severity);
    }
    set(&mut route.opens, opens(table, notes));
}

/// A time to wait may be none at all.
fn wait(table: &mut Table<'_>, notes: &mut Notes) -> Option<Duration> {
    let nothing = |text: &str| matches!(text, "0" | "0s" | "0m");
    if table.get("wait")?.scalar().is_some_and(nothing) {
        return Some(Duration::ZERO);
    }
    time::of(table, "wait", notes)
}

fn opens(table: &mut Table<'_>, notes: &mut Notes) -> Option<Vec<Severity>> {
    let mut all: Vec<Severity> = vec![];
    for (text, line) in table.texts("open", notes)? {
        match text.parse() {
            Ok(severity) if all.contains(&severity) => {
                notes.add(line, format!("`open` has {severity} twice"), "delete one");
            }
            Ok(severity) => all.push(severity),
            Err(why) => {
                let cure = "write open = [\"P1\", \"P2\"], or [] where nothing opens an incident by itself";
                notes.add(line, format!("`open`: {why}"), cure);
            }
        }
    }
    Some(all)
}

fn below(
    (parent, path): (&Route, &str),
    table: &mut Table<'_>,
    section: &str,
    known: &Known<'_>,
    lines: &mut Lines,
    notes: &mut Notes,
) -> Vec<Route> {
    let mut seen = BTreeSet::new();
    let mut routes = vec![];
    let found = tables(table, "routes", section, notes);
    if let Some((_, line)) = found.first().filter(|_| section.split('.').count() > DEEP + 1) {
        notes.add(
            *line,
            format!("routes stand more than {DEEP} deep"),
            "put some of their matchers together",
        );
        return routes;
    }
    for (mut table, line) in found {
        let name =
            name((&mut table, line), "a route", &mut seen, notes).unwrap_or_else(|| format!("line {line}"));
        let path = format!("{path}{BELOW}{name}");
        let mut route = Route { name, go_on: false, matchers: vec![], routes: vec![], ..parent.clone() };
        set(&mut route.matchers, matchers(&mut table, "match", notes));
        set(&mut route.go_on, table.boolean("continue", notes));
        own(&mut route, &mut table, known, notes);
        route.routes = below((&route, &path), &mut table, &format!("{section}.routes"), known, lines, notes);
        table.done(&format!("[[{section}]]"), notes);
        lines.routes.insert(path, line);
        routes.push(route);
    }
    routes
}
