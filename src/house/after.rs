//! Reads `[after]` and `[report]` of `muster.toml`: how a team wants it after an incident.

use std::collections::BTreeMap;

use super::node::Table;
use super::problem::{Notes, nearest};
use crate::model::ids::RoleId;
use crate::model::report::After;

/// Most items of a checklist: with three buttons beside them they fit under one message.
const ITEMS: usize = 15;
/// Longest item, in characters: a button has 80, and says it too.
const ITEM: usize = 70;

/// What the file says; NX-10's checklist and the usual reviewers where it says nothing.
pub fn read(top: &mut Table<'_>, roles: &BTreeMap<String, Vec<RoleId>>, notes: &mut Notes) -> After {
    let mut after = After::default();
    if let Some(mut table) = top.table("after", notes) {
        if let Some(items) = table.texts("checklist", notes) {
            after.checklist = checklist(items, notes);
        }
        table.done("[after]", notes);
    }
    let Some(mut table) = top.table("report", notes) else { return after };
    if let Some(node) = table.get("reviewers") {
        // One role may stand without a list around it.
        let texts = match node.text() {
            Some(one) => vec![(one, node.line)],
            None => node.texts("reviewers", notes),
        };
        let known: Vec<&str> = roles.keys().map(String::as_str).collect();
        for (role, line) in &texts {
            if !known.contains(role) {
                let cure = format!("{}; or add it under [roles]", nearest(role, &known));
                notes.add(*line, format!("muster.toml names no role `{role}`"), cure);
            }
        }
        if texts.is_empty() {
            notes.add(node.line, "`reviewers` names nobody", "name a role of [roles], or delete the line");
        }
        after.reviewers = texts.into_iter().map(|(role, _)| role.to_owned()).collect();
    }
    if let Some(by_other) = table.boolean("by-other", notes) {
        after.by_other = by_other;
    }
    table.done("[report]", notes);
    after
}

fn checklist(items: Vec<(&str, usize)>, notes: &mut Notes) -> Vec<String> {
    if let Some((_, line)) = items.get(ITEMS) {
        notes.add(*line, format!("the checklist has {} items", items.len()), format!("keep to {ITEMS}"));
    }
    let mut seen: Vec<String> = vec![];
    for (text, line) in items {
        let text = text.trim();
        let length = text.chars().count();
        if !(1..=ITEM).contains(&length) {
            notes.add(
                line,
                format!("an item of the checklist has {length} characters"),
                format!("write 1 to {ITEM}"),
            );
        }
        if seen.iter().any(|s| s == text) {
            notes.add(line, format!("`{text}` is on the checklist twice"), "delete one");
        }
        seen.push(text.to_owned());
    }
    seen
}
