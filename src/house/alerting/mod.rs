//! Reads `[alerts]` and `[[heartbeats]]` of `muster.toml`: what a team wants done with its alerts.
//!
//! - `routes` is the tree that alerts go down.
//! - `rules` is what keeps them quiet by plan: inhibitions and windows.
//! - `heartbeats` are the jobs that are to say when they ran.
//! - `reach` finds the routes that no alert can take.

mod heartbeats;
pub(super) mod reach;
mod routes;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use super::node::{Node, Table, Value};
use super::problem::{Notes, nearest};
use super::runbook::time;
use crate::model::alerting::Alerting;
use crate::model::ids::RoleId;
use crate::model::incident::Severity;
use crate::model::labels::Matcher;

/// Longest name of a route, a rule or a window, in characters.
const NAME: usize = 60;

/// Lines that are wanted when other files are read.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Of each route, by its path.
    pub routes: BTreeMap<String, usize>,
    /// Of each heartbeat that names a service, by its name.
    pub heartbeats: BTreeMap<String, usize>,
}

/// What the reading of a part needs to know of the rest.
pub(super) struct Known<'a> {
    /// The roles that `muster.toml` names.
    pub roles: &'a BTreeMap<String, Vec<RoleId>>,
    /// Where the team's clock hangs.
    pub timezone: Tz,
}

/// What the file says; what is usual where it says nothing.
pub(super) fn read(top: &mut Table<'_>, known: &Known<'_>, notes: &mut Notes) -> (Alerting, Lines) {
    let (mut alerting, mut lines) = (Alerting::default(), Lines::default());
    if let Some(mut table) = top.table("alerts", notes) {
        routes::read(&mut alerting.root, &mut table, known, &mut lines, notes);
        alerting.inhibitions = rules::inhibitions(&mut table, notes);
        alerting.windows = rules::windows(&mut table, known.timezone, notes);
        if let Some(timeout) = time::of(&mut table, "resolve-timeout", notes) {
            alerting.resolve_timeout = timeout;
        }
        if let Some(words) = table.table("severities", notes) {
            severities(&mut alerting.severities, &words, notes);
        }
        if let Some(mut flapping) = table.table("flapping", notes) {
            if let Some(turns) = flapping.integer("turns", (2, 1_000), notes) {
                alerting.flapping.turns = u32::try_from(turns).unwrap_or(u32::MAX);
            }
            set(&mut alerting.flapping.within, time::of(&mut flapping, "within", notes));
            set(&mut alerting.flapping.quiet, time::of(&mut flapping, "quiet", notes));
            flapping.done("[alerts.flapping]", notes);
        }
        if let Some(mut storm) = table.table("storm", notes) {
            if let Some(groups) = storm.integer("groups", (2, 1_000_000), notes) {
                alerting.storm.groups = u32::try_from(groups).unwrap_or(u32::MAX);
            }
            set(&mut alerting.storm.within, time::of(&mut storm, "within", notes));
            storm.done("[alerts.storm]", notes);
        }
        table.done("[alerts]", notes);
    }
    alerting.heartbeats = heartbeats::read(top, &mut lines, notes);
    (alerting, lines)
}

fn set<T>(to: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *to = value;
    }
}

/// A word of the team's goes before the usual ones, which stay.
fn severities(all: &mut Vec<(String, Severity)>, words: &Table<'_>, notes: &mut Notes) {
    let mut own: Vec<(String, Severity)> = vec![];
    for entry in words.entries() {
        match entry.node.text().map(str::parse::<Severity>) {
            Some(Ok(severity)) => own.push((entry.key.clone(), severity)),
            _ => {
                let what = format!("`{}` is given no severity", entry.key);
                notes.add(entry.line, what, format!("write {} = \"P1\", P2, P3 or P4", entry.key));
            }
        }
        if own.iter().filter(|(word, _)| word.eq_ignore_ascii_case(&entry.key)).count() > 1 {
            let what = format!("`{}` is there twice: capitals make no difference", entry.key);
            notes.add(entry.line, what, "delete one");
        }
    }
    all.retain(|(word, _)| !own.iter().any(|(w, _)| w.eq_ignore_ascii_case(word)));
    own.append(all);
    *all = own;
}

/// The tables of a list that is written as `[[section]]`, each time once more.
fn tables<'a>(
    table: &mut Table<'a>,
    key: &'static str,
    section: &str,
    notes: &mut Notes,
) -> Vec<(Table<'a>, usize)> {
    let Some(list) = table.get(key) else { return vec![] };
    let Value::List(nodes) = &list.value else {
        notes.add(
            list.line,
            format!("`{key}` is {}, not a list", list.kind()),
            format!("write each as [[{section}]]"),
        );
        return vec![];
    };
    let one = |node: &'a Node, notes: &mut Notes| {
        Table::of(node, &format!("[[{section}]]"), notes).map(|table| (table, node.line))
    };
    nodes.iter().filter_map(|node| one(node, notes)).collect()
}

/// What something of a list is called: there, short, and no other is called so.
fn name(
    (table, line): (&mut Table<'_>, usize),
    what: &str,
    seen: &mut BTreeSet<String>,
    notes: &mut Notes,
) -> Option<String> {
    let Some(node) = table.get("name") else {
        notes.add(line, format!("{what} has no `name`"), "add name = \"…\": people read it where it counts");
        return None;
    };
    let name = table.text("name", notes)?.trim();
    let length = name.chars().count();
    if !(1..=NAME).contains(&length) || name.contains('›') || name.contains(char::is_control) {
        let wrong = format!("`{name}` cannot be the name of {what}");
        notes.add(node.line, wrong, format!("write 1 to {NAME} characters in one line, without ›"));
    }
    if !seen.insert(name.to_owned()) {
        notes.add(node.line, format!("the name `{name}` is there twice"), "rename one of them");
    }
    Some(name.to_owned())
}

/// The matchers behind `key`; `None` where there is no such key.
fn matchers(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Option<Vec<Matcher>> {
    let mut all = vec![];
    for (text, line) in table.texts(key, notes)? {
        match text.parse() {
            Ok(matcher) => all.push(matcher),
            Err(why) => notes.add(line, format!("`{key}`: {why}"), format!("correct {key}")),
        }
    }
    Some(all)
}

/// The same where something has to be there: what matches everything is written so.
fn some_matchers(
    (table, line): (&mut Table<'_>, usize),
    key: &'static str,
    what: &str,
    notes: &mut Notes,
) -> Vec<Matcher> {
    let before = notes.len();
    let all = matchers(table, key, notes).unwrap_or_default();
    if all.is_empty() && notes.len() == before {
        let cure = format!("add {key} = ['service=\"…\"']; all of them are ['alertname=~\".*\"']");
        notes.add(line, format!("{what} does not say which alerts are meant: `{key}`"), cure);
    }
    all
}

/// The names of labels behind `key`.
fn label_names(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Option<Vec<String>> {
    let texts = table.texts(key, notes)?;
    let letter = |c: char| c.is_ascii_alphanumeric() || "_.-:/".contains(c);
    for (text, line) in &texts {
        if text.is_empty() || !text.chars().all(letter) || text.chars().all(|c| c == '.') {
            let what = format!("`{text}` is no label's name");
            notes.add(*line, what, format!("write {key} = [\"alertname\", \"service\"]: the names alone"));
        }
    }
    let mut names: Vec<String> = vec![];
    for (text, line) in texts {
        if names.iter().any(|n| n == text) {
            notes.add(line, format!("`{key}` has `{text}` twice"), "delete one");
        }
        names.push(text.to_owned());
    }
    Some(names)
}

/// The roles behind `key`, which exist.
fn role_names(
    table: &mut Table<'_>,
    key: &'static str,
    roles: &BTreeMap<String, Vec<RoleId>>,
    notes: &mut Notes,
) -> Option<Vec<String>> {
    let all: Vec<&str> = roles.keys().map(String::as_str).collect();
    let texts = table.texts(key, notes)?;
    for (role, line) in &texts {
        if !all.contains(role) {
            let cure = format!("{}; or add it under [roles]", nearest(role, &all));
            notes.add(*line, format!("muster.toml names no role `{role}`"), cure);
        }
    }
    Some(texts.into_iter().map(|(role, _)| role.to_owned()).collect())
}
