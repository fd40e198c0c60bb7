//! `[people.KEY]`: the team, and where each of them can be reached.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::house::node::{Entry, Table};
use crate::house::problem::Notes;
use crate::house::runbook::time;
use crate::model::ids::UserId;
use crate::model::oncall::{Limit, Reach, Teammate};

/// How many messages a limit may allow at most: more is none.
const MOST: i64 = 1_000;
/// Digits of a telephone number (E.164).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// All of them. Two who are called the same are told: nobody would know which one is meant.
pub fn read(table: &Table<'_>, notes: &mut Notes) -> BTreeMap<String, Teammate> {
    let mut people: BTreeMap<String, Teammate> = BTreeMap::new();
    let mut names: Vec<(String, String)> = vec![];
    for entry in table.entries() {
        let Some((one, own)) = one(entry, notes) else { continue };
        for name in own {
            let key = name.to_lowercase();
            match names.iter().find(|(known, _)| *known == key) {
                Some((_, other)) if *other != entry.key => {
                    let what = format!("`{name}` is what `{other}` is called as well");
                    notes.add(entry.line, what, "give each a name of their own: rotas could mean either");
                }
                Some(_) => {}
                None => names.push((key, entry.key.clone())),
            }
        }
        if let Some((other, _)) = people.iter().find(|(_, p)| p.id == one.id) {
            let what = format!("`{}` has the account of `{other}`", entry.key);
            notes.add(entry.line, what, "make one of the two: a person may have several names");
        }
        people.insert(entry.key.clone(), one);
    }
    people
}

fn one(entry: &Entry, notes: &mut Notes) -> Option<(Teammate, Vec<String>)> {
    let key = &entry.key;
    let mut table = Table::of(&entry.node, &format!("[people.{key}]"), notes)?;
    if table.get("discord").is_none() {
        let cure =
            "add discord = \"…\" with their id (in Discord: developer mode, right-click, copy user id)";
        notes.add(entry.line, format!("`{key}` has no account: `discord`"), cure);
    }
    let id = table.parse::<UserId>("discord", notes);
    let mut names: Vec<String> = vec![];
    for (name, line) in table.texts("names", notes).unwrap_or_default() {
        if name.trim().is_empty() || name.contains('|') {
            notes.add(line, format!("`{name}` is no name"), "write what runbooks and rotas call them");
        }
        names.push(name.trim().to_owned());
    }
    let mut all = names.clone();
    all.push(key.clone());
    if names.is_empty() {
        names.push(key.clone());
    }
    let reach = reach(&mut table, notes);
    let limit = limit(&mut table, notes);
    table.done(&format!("[people.{key}]"), notes);
    Some((Teammate { id: id?, names, reach, limit }, all))
}

/// In the order in which it is tried: what is quiet first.
fn reach(table: &mut Table<'_>, notes: &mut Notes) -> Vec<Reach> {
    let mut all = vec![];
    let ntfy = web(table, "ntfy", notes);
    if let (Some(address), Some(node)) = (&ntfy, table.get("ntfy"))
        && address.trim_end_matches('/').matches('/').count() < 3
    {
        let cure = "write the topic's whole address: https://ntfy.sh/a-name-that-nobody-guesses";
        notes.add(node.line, "`ntfy` names no topic", cure);
    }
    all.extend(ntfy.map(Reach::Ntfy));
    all.extend(web(table, "webhook", notes).map(Reach::Webhook));
    all.extend(email(table, "email", notes).map(Reach::Email));
    all.extend(number(table, "sms", notes).map(Reach::Sms));
    all.extend(number(table, "call", notes).map(Reach::Call));
    all
}

fn web(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Option<String> {
    let node = table.get(key)?;
    let text = table.text(key, notes)?.trim();
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    if !host.is_some_and(|h| !h.is_empty() && !h.starts_with('/') && !h.contains([' ', '@', '#'])) {
        let what = format!("`{key}` is no http address");
        notes.add(node.line, what, "write it like https://example.org/path, without a password in it");
        return None;
    }
    Some(text.to_owned())
}

fn email(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Option<String> {
    let node = table.get(key)?;
    let text = table.text(key, notes)?.trim();
    if !is_email(text) {
        let what = format!("`{key}` is no e-mail address");
        notes.add(node.line, what, "write it like name@example.org");
        return None;
    }
    Some(text.to_owned())
}

/// Whether a text is an e-mail address, without a name beside it.
pub fn is_email(text: &str) -> bool {
    let strange = |c: char| c.is_whitespace() || c.is_control() || "<>(),;:\"\\[]".contains(c);
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(strange)
    })
}

fn number(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Option<String> {
    let node = table.get(key)?;
    let text: String = table.text(key, notes)?.chars().filter(|c| !" -()".contains(*c)).collect();
    if !is_number(&text) {
        let what = format!("`{key}` is no telephone number");
        notes.add(node.line, what, "write it with + and the country: +491711234567");
        return None;
    }
    Some(text)
}

/// Whether a text is a telephone number in E.164.
pub fn is_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        DIGITS.contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

fn limit(table: &mut Table<'_>, notes: &mut Notes) -> Limit {
    let mut limit = Limit::default();
    let Some(mut table) = table.table("limit", notes) else { return limit };
    if let Some(count) = table.integer("count", (1, MOST), notes) {
        limit.count = u32::try_from(count).unwrap_or(limit.count);
    }
    let within = time::of(&mut table, "within", notes);
    limit.within = within.filter(|w| *w >= Duration::from_secs(1)).unwrap_or(limit.within);
    table.done("limit", notes);
    limit
}
