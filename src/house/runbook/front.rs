//! Reads a runbook's front matter: what the whole file says about itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;

use super::time;
use crate::house::commands::good_name;
use crate::house::node::{Node, Table, Value};
use crate::house::problem::Notes;
use crate::model::runbook::{Action, Approve, Param, ParamKind, Undo};

/// What stands in the front matter, with the lines of what is checked against the rest.
#[derive(Debug, Default)]
pub struct Front {
    /// Whether it says `runbook: 1`, without which nothing runs.
    pub runs: bool,
    /// As in the model.
    pub timezone: Option<Tz>,
    /// As in the model.
    pub working_days: Vec<Weekday>,
    /// As in the model.
    pub params: BTreeMap<String, Param>,
    /// As in the model, each with the line of its section's name.
    pub actions: BTreeMap<String, (Action, usize)>,
    /// As in the model.
    pub vars: Vec<String>,
    /// As in the model, each with its line.
    pub tables: BTreeMap<String, (String, usize)>,
    /// As in the model.
    pub reviewed: Option<NaiveDate>,
    /// Every role that it names, with the line.
    pub roles: Vec<(String, usize)>,
    /// The line of `reviewed`.
    pub reviewed_at: usize,
    /// The same names as `vars`, for finding one among many.
    var_names: BTreeSet<String>,
}

impl Front {
    /// Whether the service sets a variable of this name.
    pub fn has_var(&self, name: &str) -> bool {
        self.var_names.contains(name)
    }

    /// The names of all variables and parameters.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.vars.iter().chain(self.params.keys()).map(String::as_str)
    }
}

/// A name that may stand in the environment and between `{{` and `}}`.
pub fn variable_name(name: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.len() <= 64
        && name.starts_with(first)
        && name.chars().all(|c| first(c) || c.is_ascii_digit() || c == '-')
}

/// The front matter of the runbook of `service`.
pub fn read(service: &str, root: &Node, notes: &mut Notes) -> Front {
    let mut front = Front::default();
    let Some(mut top) = Table::of(root, "the front matter", notes) else {
        return front;
    };
    match top.get("runbook") {
        // Front matter of something else: an ordinary file, in which nothing runs.
        None => {
            for key in ["actions", "params", "vars", "tables"] {
                if let Some(node) = top.get(key) {
                    let what = format!("`{key}` means nothing here");
                    notes.add(node.line, what, "add `runbook: 1` to the front matter, or delete it");
                }
            }
            return front;
        }
        Some(node) if node.integer() == Some(1) => front.runs = true,
        Some(node) => notes.add(
            node.line,
            "this is no version of the runbook format that is known here",
            "write `runbook: 1`, or use a Muster that is newer",
        ),
    }
    if let Some(named) = top.text("service", notes)
        && named != service
    {
        let line = top.get("service").map_or(1, |n| n.line);
        let what = format!("the service is `{named}`, but the file is called {service}.md");
        notes.add(line, what, "rename the file or correct the service: they are the same word");
    }
    if let Some(node) = top.get("timezone") {
        front.timezone = node.text().and_then(|t| t.parse().ok());
        if front.timezone.is_none() {
            notes.add(node.line, "`timezone` is no time zone", "write it like Europe/Berlin, or UTC");
        }
    }
    for (day, line) in top.texts("working-days", notes).unwrap_or_default() {
        match day.parse::<Weekday>() {
            Ok(day) => front.working_days.push(day),
            Err(_) => {
                notes.add(line, format!("`{day}` is no weekday"), "write mon, tue, wed, thu, fri, sat or sun")
            }
        }
    }
    if let Some(table) = top.table("params", notes) {
        for entry in table.entries() {
            named(&entry.key, entry.line, "a parameter", notes);
            if let Some(param) = param(&entry.node, notes) {
                front.params.insert(entry.key.clone(), param);
            }
        }
    }
    for (name, line) in top.texts("vars", notes).unwrap_or_default() {
        named(name, line, "a variable", notes);
        if !front.var_names.insert(name.to_owned()) || front.params.contains_key(name) {
            notes.add(line, format!("the name `{name}` is there twice"), "delete one");
        }
        front.vars.push(name.to_owned());
    }
    if let Some(table) = top.table("tables", notes) {
        for entry in table.entries() {
            if let Some(anchor) = entry.node.text() {
                front.tables.insert(entry.key.clone(), (anchor.to_owned(), entry.line));
            } else {
                notes.add(entry.line, format!("`{}` is no text", entry.key), "write a section's anchor");
            }
        }
    }
    if let Some(node) = top.get("reviewed") {
        front.reviewed_at = node.line;
        front.reviewed = node.scalar().and_then(|t| t.parse().ok());
        if front.reviewed.is_none() {
            notes.add(node.line, "`reviewed` is no date", "write it like 2026-05-31");
        }
    }
    if let Some(table) = top.table("actions", notes) {
        for entry in table.entries() {
            if !good_name(&entry.key) {
                let what = format!("`{}` is no name for an action", entry.key);
                notes.add(entry.line, what, "use 1 to 32 lower-case letters, digits, - and _");
            }
            if let Some(action) = action(&entry.key, &entry.node, &mut front.roles, notes) {
                front.actions.insert(entry.key.clone(), action);
            }
        }
    }
    top.done("the front matter", notes);
    front
}

fn named(name: &str, line: usize, what: &str, notes: &mut Notes) {
    if !variable_name(name) {
        let wrong = format!("`{name}` is no name for {what}");
        notes.add(line, wrong, "use letters, digits, _ and -, with no digit in front");
    }
}

fn param(node: &Node, notes: &mut Notes) -> Option<Param> {
    let mut table = Table::of(node, "a parameter", notes)?;
    let kind = match table.text("type", notes) {
        Some("string") => ParamKind::Text,
        Some("integer") => ParamKind::Integer,
        other => {
            let line = table.get("type").map_or(table.line, |n| n.line);
            let what =
                other.map_or("a parameter has no `type`".to_owned(), |t| format!("there is no type `{t}`"));
            notes.add(line, what, "write type: string or type: integer");
            return None;
        }
    };
    let pattern = match (table.text("pattern", notes), kind) {
        (Some(pattern), _) => pattern.to_owned(),
        (None, ParamKind::Integer) => "-?[0-9]{1,18}".to_owned(),
        (None, ParamKind::Text) => {
            let cure =
                "add one that says what may be typed, such as \"[a-z0-9-]+\"; it is anchored at both ends";
            notes.add(table.line, "a parameter of type string has no `pattern`", cure);
            return None;
        }
    };
    // By itself: `a)|(b` would be one only between the anchors, and break out of them.
    if let Err(why) = super::pattern::check(&pattern) {
        let line = table.get("pattern").map_or(table.line, |n| n.line);
        notes.add(line, format!("the pattern is no regular expression: {why}"), "correct it");
    }
    let max = table.integer("max", (1, 1000), notes).unwrap_or(100);
    let leading_dash = table.boolean("leading-dash", notes).unwrap_or(false);
    table.done("a parameter", notes);
    Some(Param { kind, pattern, max: u16::try_from(max).unwrap_or(100), leading_dash })
}

fn action(
    name: &str,
    node: &Node,
    roles: &mut Vec<(String, usize)>,
    notes: &mut Notes,
) -> Option<(Action, usize)> {
    let mut table = Table::of(node, "an action", notes)?;
    let section = table.text("section", notes).map(str::to_owned);
    let line = table.get("section").map_or(table.line, |n| n.line);
    let title = table.text("title", notes).map(str::to_owned);
    let lock = table.text("lock", notes).map(str::to_owned);
    let deadline = time::of(&mut table, "deadline", notes);
    let approve = match table.get("approve") {
        None => None,
        Some(node) => approve(node, roles, notes),
    };
    let confirm = match table.text("confirm", notes) {
        None => false,
        Some("type-name") => true,
        Some(other) => {
            let line = table.get("confirm").map_or(table.line, |n| n.line);
            notes.add(
                line,
                format!("there is no way to confirm called `{other}`"),
                "write confirm: type-name",
            );
            false
        }
    };
    let undo = match table.text("undo", notes) {
        None | Some("offer") => Undo::Offer,
        Some("auto") => Undo::Auto,
        Some(other) => {
            let line = table.get("undo").map_or(table.line, |n| n.line);
            notes.add(line, format!("`undo` is `{other}`"), "write undo: offer or undo: auto");
            Undo::Offer
        }
    };
    let named = table.texts("roles", notes);
    let list = |texts: &[(&str, usize)]| texts.iter().map(|(r, _)| (*r).to_owned()).collect();
    let may = named.as_deref().map(list);
    roles.extend(named.unwrap_or_default().into_iter().map(|(r, line)| (r.to_owned(), line)));
    let danger = table.text("danger", notes).map(str::to_owned);
    let schedule = table.text("schedule", notes).map(str::to_owned);
    let severity = table.parse("severity", notes);
    table.done("an action", notes);
    let Some(section) = section else {
        if !matches!(&node.value, Value::Table(t) if t.iter().any(|e| e.key == "section")) {
            let what = format!("the action `{name}` has no `section`");
            notes.add(node.line, what, "add the anchor of the heading under which its steps stand");
        }
        return None;
    };
    let action = Action {
        section,
        title,
        lock,
        deadline,
        approve,
        confirm,
        undo,
        roles: may,
        danger,
        schedule,
        severity,
    };
    Some((action, line))
}

fn approve(node: &Node, roles: &mut Vec<(String, usize)>, notes: &mut Notes) -> Option<Approve> {
    let mut table = Table::of(node, "`approve`", notes)?;
    let found = agreement(&mut table, "`approve`", roles, notes);
    table.done("`approve`", notes);
    found
}

/// Who must agree: the keys `count`, `role`, `by-other` and `within` of a table. The role is
/// added to `roles`.
pub fn agreement(
    table: &mut Table<'_>,
    what: &str,
    roles: &mut Vec<(String, usize)>,
    notes: &mut Notes,
) -> Option<Approve> {
    let count = table.integer("count", (1, 9), notes).unwrap_or(1);
    let role = table.text("role", notes).map(str::to_owned);
    match (&role, table.get("role")) {
        (Some(role), Some(node)) => roles.push((role.clone(), node.line)),
        (None, None) => notes.add(table.line, format!("{what} has no `role`"), "add role: approver"),
        _ => {}
    }
    let by_other = table.boolean("by-other", notes).unwrap_or(true);
    let within = time::of(table, "within", notes).unwrap_or(time::APPROVAL);
    Some(Approve { count: u8::try_from(count).unwrap_or(1), role: role?, by_other, within })
}
