//! `[[oncall.policies]]`: who is called, how long they have, and who is called next.

use std::time::Duration;

use super::{Known, Read, name, tables};
use crate::house::node::Table;
use crate::house::problem::{Notes, nearest};
use crate::house::runbook::time;
use crate::model::ids::{ChannelId, RoleId};
use crate::model::incident::Severity;
use crate::model::oncall::OnCall;
use crate::model::page::Way;
use crate::model::policy::{Fallback, Policy, Rung, Until, Whom};

/// How often all rungs are gone through where nothing is said.
pub const ROUNDS: u32 = 3;
/// How long an acknowledgement holds without a sign of work.
pub const HOLDS: Duration = Duration::from_secs(30 * 60);
/// How long whoever acknowledged has to answer that they are still on it.
pub const STILL: Duration = Duration::from_secs(5 * 60);
/// The shortest time that anybody is given to answer.
const SHORTEST: Duration = Duration::from_secs(10);
/// Most rungs of a policy.
const RUNGS: usize = 20;

/// All of them, in the order of the file: the first that fits counts.
pub fn read(table: &mut Table<'_>, read: &mut Read, known: &Known<'_>, notes: &mut Notes) {
    let mut seen: Vec<String> = vec![];
    for (mut table, line) in tables(table, "policies", "oncall.policies", notes) {
        let name = name(&mut table, "a policy", &seen, notes);
        seen.extend(name.clone());
        let mut services = vec![];
        for (service, line) in table.texts("services", notes).unwrap_or_default() {
            read.lines.services.push((service.to_owned(), line));
            services.push(service.to_owned());
        }
        let severities = severities(&mut table, notes);
        let rungs = rungs((&mut table, line), read, known, &services, notes);
        let rounds = table.integer("rounds", (1, 100), notes).and_then(|n| u32::try_from(n).ok());
        let holds = time::of(&mut table, "holds", notes);
        let still = time::of(&mut table, "still", notes);
        let until = until(&mut table, notes);
        let fallback = fallback(&mut table, read, known, notes);
        table.done("[[oncall.policies]]", notes);
        let (Some(name), Some(fallback)) = (name, fallback) else { continue };
        if rungs.is_empty() {
            continue;
        }
        read.oncall.policies.push(Policy {
            name,
            services,
            severities,
            rungs,
            rounds: rounds.unwrap_or(ROUNDS),
            fallback,
            holds: holds.unwrap_or(HOLDS),
            still: still.unwrap_or(STILL),
            until,
        });
    }
}

fn severities(table: &mut Table<'_>, notes: &mut Notes) -> Vec<Severity> {
    if table.get("severities").is_none() {
        return vec![Severity::P1, Severity::P2];
    }
    let mut all = vec![];
    for (text, line) in table.texts("severities", notes).unwrap_or_default() {
        match text.parse::<Severity>() {
            Ok(severity) if all.contains(&severity) => {
                notes.add(line, format!("`severities` has {severity} twice"), "delete one");
            }
            Ok(severity) => all.push(severity),
            Err(why) => {
                let cure = "write severities = [\"P1\", \"P2\"], or [] where only people name the policy";
                notes.add(line, format!("`severities`: {why}"), cure);
            }
        }
    }
    all
}

fn until(table: &mut Table<'_>, notes: &mut Notes) -> Until {
    let (Some(node), Some(word)) = (table.get("until"), table.text("until", notes)) else {
        return Until::default();
    };
    match word {
        "acknowledged" => Until::Acknowledged,
        "resolved" => Until::Resolved,
        _ => {
            let cure = nearest(word, &["acknowledged", "resolved"]);
            notes.add(node.line, format!("`until` cannot be `{word}`"), cure);
            Until::default()
        }
    }
}

fn rungs(
    (table, line): (&mut Table<'_>, usize),
    read: &mut Read,
    known: &Known<'_>,
    services: &[String],
    notes: &mut Notes,
) -> Vec<Rung> {
    let all = tables(table, "rungs", "oncall.policies.rungs", notes);
    if all.is_empty() {
        let cure = "add [[oncall.policies.rungs]] with whom = [\"primary\"] and within = \"5m\"";
        notes.add(line, "the policy has no rungs", cure);
    }
    if all.len() > RUNGS {
        notes.add(line, format!("the policy has {} rungs", all.len()), format!("keep to {RUNGS}"));
    }
    let mut rungs = vec![];
    for (n, (mut table, line)) in all.into_iter().enumerate() {
        let called = table.text("name", notes).map(str::to_owned);
        let mut whom = vec![];
        let named = table.texts("whom", notes);
        let nobody = named.as_ref().map_or(table.get("whom").is_none(), Vec::is_empty);
        for (text, line) in named.unwrap_or_default() {
            for one in self::whom(text, line, &read.oncall, known, notes) {
                read.lines.whom.push((one.clone(), line));
                whom.push(one);
            }
        }
        let propose = table.text("propose", notes).map(str::to_owned);
        if let (Some(action), Some(node)) = (&propose, table.get("propose")) {
            read.lines.proposed.push((action.clone(), services.to_vec(), node.line));
        }
        if nobody && propose.is_none() {
            let cure = "add whom = [\"primary\"], or propose = \"an action of the runbook\"";
            notes.add(line, "the rung calls nobody", cure);
        }
        if table.get("within").is_none() {
            let cure = "add within = \"15m\": how long they have to answer before the next rung";
            notes.add(line, "the rung does not say how long: `within`", cure);
        }
        let within = time::of(&mut table, "within", notes).unwrap_or(SHORTEST);
        let every = time::of(&mut table, "every", notes);
        for (key, time) in [("within", Some(within)), ("every", every)] {
            if let (Some(node), true) = (table.get(key), time.is_some_and(|t| t < SHORTEST)) {
                notes.add(node.line, format!("`{key}` is less than 10s"), "nobody can answer so fast");
            }
        }
        let ways = ways(&mut table, notes);
        table.done("[[oncall.policies.rungs]]", notes);
        let name = called.unwrap_or_else(|| format!("L{}", n + 1));
        rungs.push(Rung { name, whom, within, every, ways, propose });
    }
    rungs
}

fn ways(table: &mut Table<'_>, notes: &mut Notes) -> Vec<Way> {
    const WORDS: [&str; 7] = ["mention", "direct", "ntfy", "email", "sms", "call", "webhook"];
    let mut all = vec![];
    for (text, line) in table.texts("ways", notes).unwrap_or_default() {
        let word = |way: &&Way| way.word() == text;
        let way = WORDS.iter().position(|w| *w == text).map(|n| Way::ALL[n]);
        match way.or_else(|| Way::ALL.iter().find(word).copied()) {
            Some(way) if !all.contains(&way) => all.push(way),
            Some(way) => notes.add(line, format!("`ways` has {} twice", way.word()), "delete one"),
            None => notes.add(line, format!("`{text}` is no way to reach anybody"), nearest(text, &WORDS)),
        }
    }
    all
}

/// `primary`, `primary of soundlab`, `person ada`, `role lead`, `channel 1100…`. A role that is several
/// of the server's is each of them.
fn whom(text: &str, line: usize, oncall: &OnCall, known: &Known<'_>, notes: &mut Notes) -> Vec<Whom> {
    let text = text.trim();
    if let Some(name) = text.strip_prefix("person ") {
        let member = super::member(oncall, name, line, notes);
        let person = member.and_then(|m| Some(Whom::Person { id: m.id()?, name: m.name().to_owned() }));
        return person.into_iter().collect();
    }
    if let Some(name) = text.strip_prefix("role ") {
        let roles = role(name.trim(), line, known, notes);
        return roles.into_iter().map(|id| Whom::Role { id, name: name.trim().to_owned() }).collect();
    }
    if let Some(id) = text.strip_prefix("channel ") {
        return match id.trim().parse::<ChannelId>() {
            Ok(id) => vec![Whom::Channel(id)],
            Err(why) => {
                notes.add(line, format!("`whom`: {why}"), "write it like channel 1100000000000000030");
                vec![]
            }
        };
    }
    let (rank, rota) = match text.split_once(" of ") {
        Some((rank, rota)) => (rank.trim(), Some(rota.trim().to_owned())),
        None => (text, None),
    };
    if rank.is_empty() {
        let cure = "write primary, primary of ROTA, person NAME, role NAME or channel ID";
        notes.add(line, "`whom` has an empty text", cure);
        return vec![];
    }
    vec![Whom::OnCall { rota, rank: rank.to_lowercase() }]
}

/// The ids of a role that `muster.toml` names.
fn role(name: &str, line: usize, known: &Known<'_>, notes: &mut Notes) -> Vec<RoleId> {
    if let Some(ids) = known.roles.get(name) {
        if ids.is_empty() {
            let cure = format!("add a role's id to `{name}` under [roles]");
            notes.add(line, format!("nobody holds the role `{name}`"), cure);
        }
        return ids.clone();
    }
    let all: Vec<&str> = known.roles.keys().map(String::as_str).collect();
    let cure = format!("{}; or add it under [roles]", nearest(name, &all));
    notes.add(line, format!("muster.toml names no role `{name}`"), cure);
    vec![]
}

/// Who hears of it; whoever leads and the administrators where nothing is said.
fn fallback(table: &mut Table<'_>, read: &Read, known: &Known<'_>, notes: &mut Notes) -> Option<Fallback> {
    let mut usual = usual_fallback(known.channel?, known);
    let Some(mut table) = table.table("fallback", notes) else { return Some(usual) };
    if let Some(channel) = table.parse("channel", notes) {
        usual.channel = channel;
    }
    if let Some(texts) = table.texts("roles", notes) {
        let roles = texts.into_iter().flat_map(|(text, line)| role(text, line, known, notes));
        usual.roles = roles.collect();
    }
    if let Some(texts) = table.texts("people", notes) {
        let people = texts
            .into_iter()
            .filter_map(|(text, line)| super::member(&read.oncall, text, line, notes).and_then(|m| m.id()));
        usual.people = people.collect();
    }
    table.done("[oncall.policies.fallback]", notes);
    Some(usual)
}

/// The channel of incidents, whoever leads, and those who may do everything.
pub fn usual_fallback(channel: ChannelId, known: &Known<'_>) -> Fallback {
    let roles = known.roles.get("lead").cloned().unwrap_or_default();
    Fallback { channel, roles, people: known.administrators.to_vec() }
}
