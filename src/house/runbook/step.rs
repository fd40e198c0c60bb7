//! Reads what makes a fence a step: its info string, its `#|` lines, and the text below them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{http, time};
use crate::house::node::{Node, Table};
use crate::house::problem::{Notes, nearest};
use crate::house::yaml_tree;
use crate::model::runbook::http::HttpStep;
use crate::model::runbook::step::{
    Condition, OnFail, Poll, Rerun, Retry, Shell, Step, StepKind, StepName, StepOptions,
};

/// The kinds that are written as YAML.
const KINDS: [&str; 5] = ["gate", "alert", "wait", "approve", "notify"];

/// A fence's info string, taken apart.
#[derive(Debug, PartialEq)]
pub enum Info {
    /// No braces: a person reads it. The language.
    Plain(String),
    /// A step: its language, its name, its kind if it is written.
    Named(String, StepName, Option<String>),
}

/// Takes an info string apart. It is `LANG`, `LANG {name=ID}` or `LANG {name=ID kind=KIND}`.
///
/// # Errors
/// What is wrong with anything else between braces: a silent default could run the wrong thing.
pub fn info(text: &str) -> Result<Info, String> {
    let Some((language, rest)) = text.split_once('{') else {
        return Ok(Info::Plain(text.trim().to_owned()));
    };
    let Some(inner) = rest.trim_end().strip_suffix('}') else {
        return Err("the braces behind the language are not closed at the end of the line".into());
    };
    let (mut name, mut kind) = (None, None);
    for word in inner.split_whitespace() {
        let slot = match word.split_once('=') {
            Some(("name", value)) => (&mut name, value),
            Some(("kind", value)) => (&mut kind, value),
            _ => return Err(format!("`{word}` means nothing between the braces")),
        };
        if slot.0.replace(slot.1).is_some() {
            return Err(format!("`{word}` is there twice"));
        }
    }
    let name: StepName = name.ok_or("the braces hold no name")?.parse()?;
    Ok(Info::Named(language.trim().to_owned(), name, kind.map(str::to_owned)))
}

/// A fence as a step. `first` is the line of its opening backticks.
pub fn read(
    language: &str,
    name: StepName,
    kind: Option<&str>,
    code: &str,
    first: usize,
    notes: &mut Notes,
) -> Option<Step> {
    let lines: Vec<(usize, &str)> = (first + 1..).zip(code.lines()).collect();
    let head = lines.iter().take_while(|(_, l)| l.trim_start().starts_with("#|")).count();
    let (head, body) = lines.split_at(head);
    let yaml: Vec<&str> = head
        .iter()
        .map(|(_, l)| {
            let l = l.trim_start().trim_start_matches("#|");
            l.strip_prefix(' ').unwrap_or(l)
        })
        .collect();
    let options = yaml_tree::parse(&yaml.join("\n"), first + 1, notes);
    if let Some((line, _)) = body.iter().find(|(_, l)| l.trim_start().starts_with("#|")) {
        notes.add(*line, "`#|` stands behind the first line of the step", "move it to the top of the fence");
    }

    let body_text = || {
        let text: Vec<&str> = body.iter().map(|(_, l)| *l).collect();
        text.join("\n").trim_matches('\n').to_owned()
    };
    let (family, kind) = match (language, kind) {
        ("http", None) => (Family::Http, StepKind::Http(http::read(body, first, notes)?)),
        ("sh" | "bash", None) => (Family::Shell, StepKind::Shell(Shell::Script(body_text()))),
        ("yaml" | "yml", Some(kind)) => {
            let start = body.first().map_or(first + 1, |(line, _)| *line);
            if yaml_tree::parse(&body_text(), start, notes).is_none() && body_text().trim().is_empty() {
                notes.add(first, "there is nothing in this step", "write what it does as YAML");
            }
            let text = body_text();
            let kind = match kind {
                "gate" => StepKind::Gate(text),
                "alert" => StepKind::Alert(text),
                "wait" => StepKind::Wait(text),
                "approve" => StepKind::Approve(question(&text)?),
                "notify" => StepKind::Notify(text),
                _ => {
                    let what = format!("there is no kind `{kind}`");
                    notes.add(first, what, nearest(kind, &KINDS));
                    return None;
                }
            };
            (Family::Other, kind)
        }
        ("yaml" | "yml", None) => {
            let cure = format!("add kind=…; there are {}", KINDS.join(", "));
            notes.add(first, "a YAML step says no kind", cure);
            return None;
        }
        (_, Some(kind)) => {
            let what = format!("`kind={kind}` behind `{language}`");
            notes.add(first, what, "only yaml has kinds; http, sh and bash are kinds by themselves");
            return None;
        }
        (_, None) => {
            let what = format!("`{language}` has a name, but Muster does not run it");
            notes.add(
                first,
                what,
                "named are http, sh, bash and yaml; without a name it is shown for copying",
            );
            return None;
        }
    };
    let (options, argv) = options.map_or_else(Default::default, |node| read_options(&node, notes));
    check(&family, &kind, &options, !argv.is_empty(), first, notes);
    let kind = match kind {
        StepKind::Shell(Shell::Script(text)) if !argv.is_empty() => {
            if !text.trim().is_empty() {
                let what = "the step has both `argv` and a script";
                notes.add(first, what, "delete one: with argv there is no shell");
            }
            StepKind::Shell(Shell::Argv(argv))
        }
        StepKind::Shell(Shell::Script(text)) if text.trim().is_empty() => {
            notes.add(first, "there is nothing to run in this step", "write the script, or argv");
            return None;
        }
        other => other,
    };
    let source = body_text();
    Some(Step { name: Some(name), kind, line: first, options, source, beside: String::new() })
}

/// Which keys have a meaning.
enum Family {
    Http,
    Shell,
    Other,
}

/// The options, and `argv`, which is what a step is and not how.
fn read_options(root: &Node, notes: &mut Notes) -> (StepOptions, Vec<String>) {
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

/// The body of an `approve` step.
fn question(_text: &str) -> Option<crate::model::runbook::step::Question> {
    None
}

/// Keys that this kind of step cannot mean.
fn check(family: &Family, kind: &StepKind, o: &StepOptions, argv: bool, line: usize, notes: &mut Notes) {
    let mut only = |key: &str, is_set: bool, fits: bool, of: &str| {
        if is_set && !fits {
            notes.add(
                line,
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
    if o.times.is_some() == o.tally.is_empty() {
        notes.add(line, "`times` and `tally` belong together", "add the other one, or delete both");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_strict_form_names_a_step() {
        let name: StepName = "healthy".parse().unwrap();
        assert_eq!(info("http {name=healthy}"), Ok(Info::Named("http".into(), name.clone(), None)));
        assert_eq!(
            info("yaml {name=healthy kind=gate}"),
            Ok(Info::Named("yaml".into(), name, Some("gate".into())))
        );
        assert_eq!(info("sh"), Ok(Info::Plain("sh".into())));
        for wrong in [
            "sh {name=a",
            "sh {}",
            "sh {name=A}",
            "sh {name=-a}",
            "sh {name=a b}",
            "sh {name=a name=b}",
            "sh {kind=gate}",
            "js {1,3-5}",
            "sh {name=a} x",
            "sh {name=\"a\"}",
        ] {
            assert!(info(wrong).is_err(), "{wrong}");
        }
    }
}
