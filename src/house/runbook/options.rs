//! Reads a step's `#|` lines: how it runs, what it gets, and what follows. The keys are closed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::step::Facts;
use super::time;
use crate::house::node::{Node, Table};
use crate::house::problem::Notes;
use crate::model::runbook::StepKind;
use crate::model::runbook::http::HttpStep;
use crate::model::runbook::step::{Condition, OnFail, Poll, Rerun, Retry, StepOptions};

/// Which keys have a meaning.
pub enum Family {
    /// A request.
    Http,
    /// A program.
    Shell,
    /// What is written as YAML.
    Other,
}

/// The options, and `argv`, which is what a step is and not how.
pub fn read(root: &Node, notes: &mut Notes) -> (StepOptions, Vec<String>) {
    let Some(mut table) = Table::of(root, "the `#|` lines", notes) else {
        return Default::default();
    };
    let options = StepOptions {
        env: names(&mut table, "env", notes),
        secrets: names(&mut table, "secrets", notes),
        timeout: time::of(&mut table, "timeout", notes),
        rerun: match table.text("rerun", notes) {
            None | Some("never") => Rerun::Never,
            Some("safe") => Rerun::Safe,
            Some(other) => {
                let line = table.get("rerun").map_or(table.line, |n| n.line);
                notes.add(line, format!("`rerun` is `{other}`"), "write rerun: never or rerun: safe");
                Rerun::Never
            }
        },
        verify: table.parse("verify", notes),
        precheck: table.text("precheck", notes).map(str::to_owned),
        retry: retry(&mut table, notes),
        poll: poll(&mut table, notes),
        times: table.integer("times", (1, 10_000), notes).and_then(|n| u32::try_from(n).ok()),
        tally: tally(&mut table, notes),
        on_fail: match table.text("on-fail", notes) {
            None | Some("stop") => OnFail::Stop,
            Some("continue") => OnFail::Continue,
            Some(_) => table.parse("on-fail", notes).map_or(OnFail::Stop, OnFail::Step),
        },
        undo: table.parse("undo", notes),
        condition: condition(&mut table, notes),
        needs: table
            .texts("needs", notes)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(name, line)| match name.parse() {
                Ok(name) => Some(name),
                Err(why) => {
                    notes.add(line, why, "write the step's name");
                    None
                }
            })
            .collect(),
        cwd: table.text("cwd", notes).map(str::to_owned),
        at: table.get("at").and_then(|node| {
            let minutes = node.text().and_then(time::relative);
            if minutes.is_none() {
                notes.add(
                    node.line,
                    "`at` is no moment",
                    "write it like T-30m, T+0 or T+1h, in whole minutes",
                );
            }
            minutes
        }),
        warn: table.boolean("warn", notes).unwrap_or(false),
    };
    let argv = table.texts("argv", notes).unwrap_or_default();
    table.done("a step", notes);
    (options, argv.into_iter().map(|(word, _)| word.to_owned()).collect())
}

fn names(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Vec<String> {
    let mut names = Vec::new();
    for (name, line) in table.texts(key, notes).unwrap_or_default() {
        if !super::front::variable_name(name) || name.contains('-') {
            let what = format!("`{name}` is no name of a variable");
            notes.add(line, what, "use letters, digits and _, with no digit in front");
        }
        names.push(name.to_owned());
    }
    names
}

fn retry(table: &mut Table<'_>, notes: &mut Notes) -> Option<Retry> {
    let mut table = table.table("retry", notes)?;
    let times = table.integer("times", (1, 100), notes);
    let every = time::of(&mut table, "every", notes);
    if times.is_none() || every.is_none() {
        notes.add(table.line, "`retry` wants times and every", "write {times: 3, every: 5s}");
    }
    table.done("`retry`", notes);
    Some(Retry { times: u32::try_from(times?).ok()?, every: every? })
}

fn poll(table: &mut Table<'_>, notes: &mut Notes) -> Option<Poll> {
    let mut table = table.table("poll", notes)?;
    let every = time::of(&mut table, "every", notes);
    let for_ = time::of(&mut table, "for", notes);
    if every.is_none() || for_.is_none() || every < Some(Duration::from_millis(100)) {
        let what = "`poll` wants every (at least 100ms) and for";
        notes.add(table.line, what, "write {every: 2s, for: 45s}");
    }
    table.done("`poll`", notes);
    Some(Poll { every: every?, for_: for_? })
}

fn tally(table: &mut Table<'_>, notes: &mut Notes) -> BTreeMap<String, u32> {
    let mut tally = BTreeMap::new();
    if let Some(table) = table.table("tally", notes) {
        for entry in table.entries() {
            let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
            let status = entry.key.as_str();
            let good = status.len() == 3
                && status.starts_with(|c| ('1'..='5').contains(&c))
                && (digits(status) || &status[1..] == "xx");
            let count = entry.node.integer().and_then(|n| u32::try_from(n).ok());
            match count {
                Some(count) if good => {
                    tally.insert(status.to_owned(), count);
                }
                _ => {
                    let what = format!("`{status}` in `tally` is no status with a count");
                    notes.add(entry.line, what, "write {2xx: 30, 429: 5}");
                }
            }
        }
    }
    tally
}

fn condition(table: &mut Table<'_>, notes: &mut Notes) -> Option<Condition> {
    let node = table.get("if")?;
    let read = || {
        let (step, how) = node.text()?.split_once(' ')?;
        let passed = match how.trim() {
            "passed" => true,
            "failed" => false,
            _ => return None,
        };
        Some(Condition { step: step.parse().ok()?, passed })
    };
    let found = read();
    if found.is_none() {
        notes.add(node.line, "`if` is no condition", "write `if: STEP passed` or `if: STEP failed`");
    }
    found
}

/// Keys that this kind of step cannot mean.
pub fn check(
    family: &Family,
    kind: &StepKind,
    o: &StepOptions,
    argv: bool,
    facts: &Facts,
    first: usize,
    notes: &mut Notes,
) {
    let mut only = |key: &str, is_set: bool, fits: bool, of: &str| {
        if is_set && !fits {
            notes.add(
                facts.line(key).unwrap_or(first),
                format!("`{key}` means nothing to this step"),
                format!("delete it: only {of} has it"),
            );
        }
    };
    let (http, shell) = (matches!(family, Family::Http), matches!(family, Family::Shell));
    only("env", !o.env.is_empty(), shell, "a shell step");
    only("argv", argv, shell, "a shell step");
    only("cwd", o.cwd.is_some(), shell, "a shell step");
    only("precheck", o.precheck.is_some(), shell, "a shell step");
    only("secrets", !o.secrets.is_empty(), http || shell, "a shell or http step");
    only("times", o.times.is_some(), http, "an http step");
    only("tally", !o.tally.is_empty(), http, "an http step");
    let reads =
        matches!(kind, StepKind::Http(HttpStep { method, .. }) if method == "GET" || method == "HEAD");
    only("poll", o.poll.is_some(), reads || !(http || shell), "an http step with GET or HEAD");
    let again = reads || o.rerun == Rerun::Safe || !(http || shell);
    only("retry", o.retry.is_some(), again, "a step with `rerun: safe`, or GET and HEAD,");
    // A question that nobody has to answer with yes is none.
    if matches!(kind, StepKind::Approve(_)) && (o.on_fail == OnFail::Continue || o.warn) {
        let key = if o.warn { "warn" } else { "on-fail" };
        let what = format!("`{key}` would let the run go on after a refusal");
        notes.add(
            facts.line(key).unwrap_or(first),
            what,
            "delete it: a refusal ends the run, or leads to a step",
        );
    }
    if o.times.is_some() == o.tally.is_empty() {
        let line = facts.line("times").or(facts.line("tally")).unwrap_or(first);
        notes.add(line, "`times` and `tally` belong together", "add the other one, or delete both");
    }
}
