//! Reads a step of the kind `alert` into the rule that Muster watches.

use regex::Regex;

use super::kinds::limit;
use super::step::Facts;
use super::time;
use crate::house::node::{Node, Table, Value};
use crate::house::problem::Notes;
use crate::model::incident::Severity;
use crate::model::runbook::StepName;
use crate::model::watch::{Compare, Condition, Fires, Query, Rate, Source, Watch};

/// What is taken for a rate where a counter has none: that it grows at all.
const GROWS: Rate = Rate { compare: Compare::Above, limit: 0.0, per: std::time::Duration::from_secs(60) };

/// One of `probe: STEP`, `promql: TEXT`, `count: TEXT`; `consecutive` and `within`, or `rate`
/// and `for`; `while`, `clear`, `then: {open, suggest}`
pub fn alert(table: &mut Table<'_>, name: StepName, facts: &mut Facts, notes: &mut Notes) -> Option<Watch> {
    let before = notes.len();
    let rate = rate(table, notes);
    let source = source(table, rate.is_some(), facts, notes);
    let consecutive = table.integer("consecutive", (1, 1000), notes);
    let within = time::of(table, "within", notes);
    if within.is_some() && consecutive.is_none() {
        let line = table.get("within").map_or(table.line, |n| n.line);
        notes.add(line, "`within` says nothing without `consecutive`", "add consecutive: 2");
    }
    if let (Some(_), Some(node)) = (consecutive, table.get("rate")) {
        notes.add(node.line, "both `consecutive` and `rate` say when it fires", "delete one");
    }
    let holds = time::of(table, "for", notes);
    let only = condition(table, "while", facts, notes);
    let clear = condition(table, "clear", facts, notes);
    let (mut open, mut suggest) = (None, None);
    if let Some(mut then) = table.table("then", notes) {
        open = then.parse::<Severity>("open", notes);
        if let (Some(action), Some(node)) = (then.text("suggest", notes), then.get("suggest")) {
            facts.actions.push((action.to_owned(), node.line));
            suggest = Some(action.to_owned());
        }
        then.done("`then`", notes);
    }
    let source = source?;
    let counted = matches!(source, Source::Counter(_) | Source::Lines { .. });
    let fires = match (rate, consecutive) {
        (Some(rate), _) => Fires::Rate(rate),
        (None, None) if counted => Fires::Rate(GROWS),
        (None, times) => {
            Fires::Consecutive { times: times.and_then(|t| u32::try_from(t).ok()).unwrap_or(1), within }
        }
    };
    let (section, about) = (String::new(), String::new());
    let rule = Watch { name, section, about, source, fires, holds, only, clear, open, suggest };
    (notes.len() == before).then_some(rule)
}

/// What is looked at.
fn source(table: &mut Table<'_>, rated: bool, facts: &mut Facts, notes: &mut Notes) -> Option<Source> {
    let probe = probe(table, "probe", facts, notes);
    let asked = query(table, "promql", notes);
    let counted = match table.get("count") {
        Some(node @ Node { value: Value::Table(_), .. }) => lines(node, facts, notes),
        _ => query(table, "count", notes).map(Source::Counter),
    };
    let there = ["probe", "promql", "count"].into_iter().filter(|key| table.get(key).is_some()).count();
    if there != 1 {
        let what = if there == 0 { "this alert watches nothing" } else { "this alert watches two things" };
        notes.add(table.line, what, "write one of probe: STEP, promql: \"…\" and count: \"…\"");
        return None;
    }
    if let (Some(_), true, Some(node)) = (&probe, rated, table.get("rate")) {
        notes.add(node.line, "a probe has no rate", "write consecutive: 2 and within: 1m");
    }
    let asked = asked.map(|query| match (rated, query.limit) {
        (true, _) => Source::Counter(query),
        (false, _) => Source::State(Condition::Query(query)),
    });
    let found = probe.map(|name| Source::State(Condition::Probe(name))).or(asked).or(counted);
    if let Some(Source::Counter(query)) = &found
        && let (Some(_), Some(node)) = (query.limit, table.get("count").or(table.get("promql")))
    {
        let cure = "write the counter alone, and the limit behind rate: \"> 5/min\"";
        notes.add(node.line, format!("`{query}` compares, and is counted"), cure);
    }
    found
}

/// A step that only reads.
fn probe(table: &mut Table<'_>, key: &'static str, facts: &mut Facts, notes: &mut Notes) -> Option<StepName> {
    let name = table.parse::<StepName>(key, notes)?;
    let line = table.get(key).map_or(table.line, |n| n.line);
    facts.steps.push(("probe", name.to_string(), line));
    Some(name)
}

/// PromQL.
pub fn query(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Option<Query> {
    let text = table.text(key, notes)?;
    match Query::new(text) {
        Ok(query) => Some(query),
        Err(why) => {
            let line = table.get(key).map_or(table.line, |n| n.line);
            notes.add(line, format!("`{key}`: {why}"), "write it as you would ask Prometheus");
            None
        }
    }
}

/// `{step: STEP, pattern: TEXT}`
fn lines(node: &Node, facts: &mut Facts, notes: &mut Notes) -> Option<Source> {
    let before = notes.len();
    let mut table = Table::of(node, "`count`", notes)?;
    let step = table.parse::<StepName>("step", notes);
    let pattern = table.text("pattern", notes);
    if let (Some(text), Some(node)) = (pattern, table.get("pattern"))
        && let Err(why) = Regex::new(text)
    {
        let why = why.to_string();
        let why = why.lines().last().unwrap_or_default().to_owned();
        notes.add(node.line, format!("`{text}` is no pattern: {why}"), "write a regular expression");
    }
    if step.is_none() || pattern.is_none() {
        let cure =
            "write {step: log, pattern: \"RATE_LIMITED\"}: a shell step that prints it, and what is counted";
        notes.add(table.line, "`count` says not what it counts", cure);
    }
    if let (Some(name), Some(node)) = (&step, table.get("step"))
        && notes.len() == before
    {
        facts.steps.push(("count", name.to_string(), node.line));
    }
    table.done("`count`", notes);
    Some(Source::Lines { step: step?, pattern: pattern?.to_owned() })
}

/// PromQL, or `{probe: STEP}`.
fn condition(
    table: &mut Table<'_>,
    key: &'static str,
    facts: &mut Facts,
    notes: &mut Notes,
) -> Option<Condition> {
    if let Some(Node { value: Value::Table(_), .. }) = table.get(key) {
        let mut inner = table.table(key, notes)?;
        let found = probe(&mut inner, "probe", facts, notes);
        if inner.get("probe").is_none() {
            notes.add(inner.line, format!("`{key}` asks nothing"), "write PromQL, or {probe: STEP}");
        }
        inner.done(&format!("`{key}`"), notes);
        return found.map(Condition::Probe);
    }
    query(table, key, notes).map(Condition::Query)
}

/// `> 5/min`
fn rate(table: &mut Table<'_>, notes: &mut Notes) -> Option<Rate> {
    let text = table.text("rate", notes)?;
    let read = |text: &str| {
        let (compared, unit) = text.rsplit_once('/')?;
        let (compare, limit) = limit(compared)?;
        let seconds = match unit.trim() {
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            _ => return None,
        };
        Some(Rate { compare, limit, per: std::time::Duration::from_secs(seconds) })
    };
    let found = read(text);
    if found.is_none() {
        let line = table.get("rate").map_or(table.line, |n| n.line);
        let what = format!("`rate` is `{text}`, which is no rate");
        notes.add(line, what, "write it like \"> 5/min\", with /s, /min or /h");
    }
    found
}
