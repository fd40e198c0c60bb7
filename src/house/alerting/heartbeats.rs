//! `[[heartbeats]]`: jobs that are to say when they ran.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Lines, tables};
use crate::house::node::Table;
use crate::house::problem::Notes;
use crate::house::runbook::time;
use crate::model::heartbeat::Heartbeat;
use crate::model::incident::Severity;

/// How much later a job may be where nothing is said, at most.
const GRACE: Duration = Duration::from_secs(3600);
/// Longest name, which is a part of an address.
const NAME: usize = 64;

/// All of them.
pub fn read(top: &mut Table<'_>, lines: &mut Lines, notes: &mut Notes) -> Vec<Heartbeat> {
    let (mut names, mut uuids) = (BTreeSet::new(), BTreeSet::new());
    let mut all = vec![];
    for (mut table, line) in tables(top, "heartbeats", "heartbeats", notes) {
        let name = slug(&mut table, line, &mut names, notes);
        let uuid = uuid(&mut table, &mut uuids, notes);
        if let (Some(node), Some(name)) = (table.get("service"), &name) {
            lines.heartbeats.insert(name.clone(), node.line);
        }
        let service = table.text("service", notes).map(str::to_owned);
        if table.get("every").is_none() {
            let what = "a heartbeat does not say how often its job is to say that it ran: `every`";
            notes.add(line, what, "add every = \"24h\"");
        }
        let every = time::of(&mut table, "every", notes);
        let grace = time::of(&mut table, "grace", notes);
        let severity = table.parse("severity", notes).unwrap_or(Severity::P3);
        table.done("[[heartbeats]]", notes);
        if let (Some(name), Some(every)) = (name, every) {
            let grace = grace.unwrap_or(GRACE.min(every));
            all.push(Heartbeat { name, uuid, service, every, grace, severity });
        }
    }
    all
}

fn slug(
    table: &mut Table<'_>,
    line: usize,
    seen: &mut BTreeSet<String>,
    notes: &mut Notes,
) -> Option<String> {
    let Some(node) = table.get("name") else {
        notes.add(
            line,
            "a heartbeat has no `name`",
            "add name = \"shop-backup\": it is a part of its address",
        );
        return None;
    };
    let name = table.text("name", notes)?;
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    // An address that could be read as the other spelling would be ambiguous.
    if !(1..=NAME).contains(&name.len()) || !name.chars().all(letter) || is_uuid(name) {
        let what = format!("`{name}` cannot be a heartbeat's name");
        notes.add(node.line, what, format!("use up to {NAME} of the letters a to z, digits, - and _"));
    }
    if !seen.insert(name.to_owned()) {
        notes.add(node.line, format!("the name `{name}` is there twice"), "rename one of them");
    }
    Some(name.to_owned())
}

fn uuid(table: &mut Table<'_>, seen: &mut BTreeSet<String>, notes: &mut Notes) -> Option<String> {
    let line = table.get("uuid")?.line;
    let uuid = table.text("uuid", notes)?.to_ascii_lowercase();
    if !is_uuid(&uuid) {
        let cure = "write it like 5f0e3f8b-9c1d-4a4e-8f63-1d9c2a7b6e54, or delete the line";
        notes.add(line, format!("`{uuid}` is no UUID"), cure);
    }
    if !seen.insert(uuid.clone()) {
        notes.add(line, "the `uuid` is there twice", "each heartbeat has its own");
    }
    Some(uuid)
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|p| p.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_hexdigit()))
}
