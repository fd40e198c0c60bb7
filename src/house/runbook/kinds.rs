//! Reads the kinds of steps that are written as YAML. Their keys are closed like all others, so
//! that nothing stands in a runbook that nobody will ever obey.

use super::step::Facts;
use super::{front, time, token, watch};
use crate::house::node::{Node, Table, Value};
use crate::house::problem::{Notes, nearest};
use crate::house::yaml_tree;
use crate::model::runbook::step::{Question, StepKind, StepName};
use crate::model::watch::Compare;

/// What `kind=` may be.
pub const ALL: [&str; 5] = ["gate", "alert", "wait", "approve", "notify"];

/// The step of this kind in `text`, whose first line is `facts.body`; `first` is its fence's.
pub fn read(
    kind: &str,
    name: &StepName,
    text: &str,
    first: usize,
    facts: &mut Facts,
    notes: &mut Notes,
) -> Option<StepKind> {
    if !ALL.contains(&kind) {
        notes.add(first, format!("there is no kind `{kind}`"), nearest(kind, &ALL));
        return None;
    }
    let before = notes.len();
    let Some(root) = yaml_tree::parse(text, facts.body, notes) else {
        if notes.len() == before {
            notes.add(first, "there is nothing in this step", "write what it does as YAML");
        }
        return None;
    };
    let what = format!("kind={kind}");
    let mut table = Table::of(&root, &what, notes)?;
    let found = match kind {
        "approve" => approve(&mut table, facts, notes).map(StepKind::Approve),
        "gate" => {
            gate(&mut table, facts, notes);
            Some(StepKind::Gate(text.to_owned()))
        }
        "alert" => {
            facts.watch = watch::alert(&mut table, name.clone(), facts, notes);
            Some(StepKind::Alert(text.to_owned()))
        }
        "wait" => {
            wait(&mut table, notes);
            Some(StepKind::Wait(text.to_owned()))
        }
        _ => {
            notify(&mut table, facts, notes);
            Some(StepKind::Notify(text.to_owned()))
        }
    };
    table.done(&what, notes);
    found
}

/// `question`, `count`, `role`, `by-other`, `within`
fn approve(table: &mut Table<'_>, facts: &mut Facts, notes: &mut Notes) -> Option<Question> {
    let text = table.text("question", notes).map(str::to_owned);
    let approve = front::agreement(table, "kind=approve", &mut facts.roles, notes)?;
    Some(Question { text, approve })
}

/// `steps: [STEP]`, `metrics: [{name, promql, is}]`, `questions: [TEXT]`
fn gate(table: &mut Table<'_>, facts: &mut Facts, notes: &mut Notes) {
    let steps = table.texts("steps", notes).unwrap_or_default();
    let metrics = list(table, "metrics", notes);
    let questions = table.texts("questions", notes).unwrap_or_default();
    let wrong = metrics.is_empty() && table.get("metrics").is_some();
    if steps.is_empty() && metrics.is_empty() && questions.is_empty() && !wrong {
        let cure = "add steps: [healthy], metrics: [{promql: …, is: \"< 5\"}] or questions: [\"…\"]";
        notes.add(table.line, "this gate decides from nothing", cure);
    }
    for (name, line) in steps {
        facts.steps.push(("steps", name.to_owned(), line));
    }
    for node in metrics {
        let Some(mut metric) = Table::of(node, "a metric", notes) else { continue };
        metric.text("name", notes);
        if metric.text("promql", notes).is_none() {
            notes.add(metric.line, "a metric has no `promql`", "add promql: \"sum(rate(…[5m]))\"");
        }
        match metric.text("is", notes) {
            Some(text) if limit(text).is_some() => {}
            Some(text) => {
                let line = metric.get("is").map_or(metric.line, |n| n.line);
                notes.add(line, format!("`is` is `{text}`, which sets no limit"), "write is: \"< 5\"");
            }
            None => notes.add(metric.line, "a metric has no `is`", "add its limit: is: \"< 5\""),
        }
        metric.done("a metric", notes);
    }
}

/// `for: 24h`, `watch: [ALERT]`
fn wait(table: &mut Table<'_>, notes: &mut Notes) {
    if time::of(table, "for", notes).is_none() && table.get("for").is_none() {
        notes.add(table.line, "this step says not how long it waits", "add for: 24h");
    }
    table.texts("watch", notes);
}

/// `to`, `place`, `title`, `text`
fn notify(table: &mut Table<'_>, facts: &mut Facts, notes: &mut Notes) {
    let to = table.texts("to", notes);
    if to.is_none() && table.get("place").is_none() {
        notes.add(table.line, "this step tells nobody", "add to: [lead] or place: incidents");
    }
    table.text("place", notes);
    for key in ["title", "text"] {
        let (Some(text), Some(node)) = (table.text(key, notes), table.get(key)) else { continue };
        match token::template(text) {
            Ok(template) => facts.values.extend(template.names().map(|n| (n.to_owned(), node.line))),
            Err(why) => notes.add(node.line, why, token::NAME_CURE),
        }
    }
    if table.get("text").is_none() {
        notes.add(table.line, "this step says nothing", "add text: \"…\"");
    }
}

/// The values behind a key; one alone counts as a list of one.
fn list<'a>(table: &mut Table<'a>, key: &'static str, notes: &mut Notes) -> &'a [Node] {
    match table.get(key) {
        Some(Node { value: Value::List(nodes), .. }) if !nodes.is_empty() => nodes,
        Some(node) => {
            let what = format!("`{key}` is no list with something in it");
            notes.add(node.line, what, "write [{…}, {…}]");
            &[]
        }
        None => &[],
    }
}

/// A comparison with a number: `< 5`, `>= 0.95`, `> 90 %`, whose sign for percent says nothing more.
pub fn limit(text: &str) -> Option<(Compare, f64)> {
    Compare::limit(text.trim().trim_end_matches('%').trim_end())
}
