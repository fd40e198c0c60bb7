//! Reads `[people]` and `[oncall]` of `muster.toml`, and what runbooks say of being on call: who is to
//! be reached, and how.
//!
//! - `people` is the team, and where each of them can be reached.
//! - `rotas` are the rotas that `muster.toml` has itself.
//! - `policies` says who is called next.
//! - `notify` is what Muster needs for that beside Discord, and what looks after Muster.
//! - `tables` makes rotas and policies of the tables in runbooks, and a policy for everything else.
//! - `reach` finds who is named and cannot be reached.

mod notify;
mod people;
mod policies;
pub(super) mod reach;
mod rotas;
mod tables;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveTime;
use chrono_tz::Tz;

pub(super) use self::tables::join;
use super::node::{Node, Table};
use super::problem::{Notes, nearest};
use super::runbook::time;
use crate::model::ids::{ChannelId, RoleId, UserId};
use crate::model::oncall::OnCall;
use crate::model::policy::Whom;
use crate::model::rota::Member;

/// When a day's shift begins where nothing is said.
const HANDOFF: (u32, u32) = (9, 0);
/// How long before a shift its person is tested at most.
const EARLIEST: Duration = Duration::from_secs(7 * 86_400);
/// Longest name of a rota, a rank or a policy, in characters.
const NAME: usize = 40;

/// What was read of `muster.toml` alone.
#[derive(Debug, Default)]
pub struct Read {
    /// Without what runbooks say.
    pub oncall: OnCall,
    /// When a shift of a runbook's table begins.
    pub handoff: NaiveTime,
    /// Lines, for what can only be judged once runbooks are read.
    pub lines: Lines,
}

/// Lines in `muster.toml`.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Of `[people]`; `None` where there is none.
    pub people: Option<usize>,
    /// Of the role that follows the rotas; `None` where there is none.
    pub role: Option<usize>,
    /// Of each rota, by its name.
    pub rotas: BTreeMap<String, usize>,
    /// Who is called by which policy, with the line that says so.
    pub whom: Vec<(Whom, usize)>,
    /// Services that policies are for.
    pub services: Vec<(String, usize)>,
    /// Of each person, by their key.
    pub each: BTreeMap<String, usize>,
    /// Which sections of `[oncall.notify]` are there, whole or not.
    pub carriers: Vec<&'static str>,
    /// Actions that policies propose, with the services that the policy is for.
    pub proposed: Vec<(String, Vec<String>, usize)>,
}

/// What the reading of it needs to know of the rest of `muster.toml`.
pub(super) struct Known<'a> {
    /// The roles that it names.
    pub roles: &'a BTreeMap<String, Vec<RoleId>>,
    /// Where the team's clock hangs.
    pub timezone: Tz,
    /// Who hears of what nobody answered where nothing is said.
    pub channel: Option<ChannelId>,
    /// Those who may do everything.
    pub administrators: &'a [UserId],
}

/// What the file says.
pub(super) fn read(top: &mut Table<'_>, known: &Known<'_>, notes: &mut Notes) -> Read {
    let mut read = Read { handoff: usual_handoff(), ..Read::default() };
    read.lines.people = top.get("people").map(|n| n.line);
    if let Some(table) = top.table("people", notes) {
        read.lines.each = table.entries().iter().map(|one| (one.key.clone(), one.line)).collect();
        read.oncall.people = people::read(&table, notes);
    }
    let Some(mut table) = top.table("oncall", notes) else { return read };
    read.oncall.channel = table.parse("channel", notes);
    read.lines.role = table.get("role").map(|n| n.line);
    read.oncall.role = table.parse("role", notes);
    read.oncall.test_before = time::of(&mut table, "test-before", notes);
    if let (Some(before), Some(node)) = (read.oncall.test_before, table.get("test-before"))
        && before > EARLIEST
    {
        let cure = "write 2h or 1d: what somebody answers long before says little of the shift";
        notes.add(node.line, "`test-before` is longer than a week", cure);
    }
    if let Some(handoff) = clock(&mut table, "handoff", notes) {
        read.handoff = handoff;
    }
    rotas::read(&mut table, &mut read, known, notes);
    policies::read(&mut table, &mut read, known, notes);
    if let Some(mut table) = table.table("notify", notes) {
        read.lines.carriers = ["smtp", "twilio"].into_iter().filter(|key| table.get(key).is_some()).collect();
        read.oncall.notify = notify::read(&mut table, notes);
        table.done("[oncall.notify]", notes);
    }
    if let Some(mut table) = table.table("audit", notes) {
        read.oncall.audit = notify::audit(&mut table, notes);
        table.done("[oncall.audit]", notes);
    }
    table.done("[oncall]", notes);
    read
}

fn usual_handoff() -> NaiveTime {
    NaiveTime::from_hms_opt(HANDOFF.0, HANDOFF.1, 0).unwrap_or_default()
}

/// A time of the day behind `key`.
fn clock(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Option<NaiveTime> {
    let node = table.get(key)?;
    let time = node.scalar().and_then(time_of_day);
    if time.is_none() {
        let what = format!("`{key}` is no time of the day");
        notes.add(node.line, what, "write it like 09:00, between quotes");
    }
    time
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S"].iter().find_map(|format| NaiveTime::parse_from_str(text.trim(), format).ok())
}

/// Somebody of the team whom a text names; what is nobody's name is noted.
fn member(oncall: &OnCall, text: &str, line: usize, notes: &mut Notes) -> Option<Member> {
    let found = oncall.called(text);
    if found.is_none() {
        notes.add(line, format!("nobody under [people] is called `{text}`"), nobody(oncall, text));
    }
    found.map(|p| Member::Known { id: p.id, name: p.name().to_owned() })
}

/// What to do about a name that nobody has.
fn nobody(oncall: &OnCall, name: &str) -> String {
    if oncall.people.is_empty() {
        return "add [people.KEY] with discord = \"…\" and names = [\"…\"]".to_owned();
    }
    let names = oncall.people.iter().flat_map(|(key, p)| {
        std::iter::once(key.as_str()).chain(p.names.iter().map(String::as_str)).collect::<Vec<_>>()
    });
    let known: Vec<&str> = names.collect();
    format!("{}; or add it to the names of somebody under [people]", nearest(name, &known))
}

/// What something of a list is called, which is needed and there once.
fn name(table: &mut Table<'_>, what: &str, seen: &[String], notes: &mut Notes) -> Option<String> {
    let Some(node) = table.get("name") else {
        notes.add(table.line, format!("{what} has no `name`"), "add name = \"…\"");
        return None;
    };
    let name = table.text("name", notes)?.trim();
    if !(1..=NAME).contains(&name.chars().count()) || name.contains(char::is_control) {
        let wrong = format!("`{name}` cannot be the name of {what}");
        notes.add(node.line, wrong, format!("write 1 to {NAME} characters in one line"));
    }
    if seen.iter().any(|s| s.eq_ignore_ascii_case(name)) {
        notes.add(node.line, format!("the name `{name}` is there twice"), "rename one of them");
    }
    Some(name.to_owned())
}

/// The name of a variable of the environment behind `key`: never the secret itself.
fn variable(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Option<String> {
    let node = table.get(key)?;
    let name = table.text(key, notes)?;
    let letter = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || !name.chars().all(letter) {
        // The value is not repeated: it may be the secret itself.
        let cure = "set the secret in the environment, and write the variable's name: NAME_OF_SECRET";
        notes.add(node.line, format!("`{key}` is no name of an environment variable"), cure);
        return None;
    }
    Some(name.to_owned())
}

/// The tables of a list, each with its line; what is no list of tables is noted.
fn tables<'a>(
    table: &mut Table<'a>,
    key: &'static str,
    section: &str,
    notes: &mut Notes,
) -> Vec<(Table<'a>, usize)> {
    use super::node::Value;
    let Some(list) = table.get(key) else { return vec![] };
    let Value::List(nodes) = &list.value else {
        let what = format!("`{key}` is {}, not a list", list.kind());
        notes.add(list.line, what, format!("write each as [[{section}]]"));
        return vec![];
    };
    let one = |node: &'a Node, notes: &mut Notes| {
        Table::of(node, &format!("[[{section}]]"), notes).map(|table| (table, node.line))
    };
    nodes.iter().filter_map(|node| one(node, notes)).collect()
}
