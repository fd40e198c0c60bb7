//! Holds what a command file types or presets against what its action takes, and against the
//! runbooks that it names.

use std::collections::BTreeMap;

use super::commands::Known;
use super::problem::{Notes, nearest};
use crate::model::command::{Action, CommandOption};
use crate::model::incident::Severity;

/// A preset argument's value with its line, by name.
pub type With = BTreeMap<String, (String, usize)>;

/// Holds options and preset arguments against what the action takes.
pub fn check(
    path: &str,
    action: Action,
    line: usize,
    options: &[(CommandOption, usize)],
    with: &With,
    notes: &mut Notes,
) {
    let known: Vec<&str> = action.arguments().iter().map(|a| a.name).collect();
    let named = options.iter().map(|(o, line)| (o.name.as_str(), *line));
    for (name, line) in named.chain(with.iter().map(|(k, (_, line))| (k.as_str(), *line))) {
        if !known.contains(&name) {
            let what = format!("the action {action} takes no `{name}`");
            notes.add(line, what, nearest(name, &known));
        }
    }
    for argument in action.arguments() {
        let name = argument.name;
        let option = options.iter().find(|(o, _)| o.name == name);
        match (option, with.get(name)) {
            (Some((_, line)), Some(_)) => notes.add(
                *line,
                format!("`{name}` is both an option and set under [with]"),
                "delete one of them",
            ),
            (Some((option, line)), None) => {
                let word = option.kind.word();
                if !argument.kinds.contains(&word) {
                    let what = format!("`{name}` is of kind {word}");
                    let cure = format!("the action {action} wants {}", argument.kinds.join(" or "));
                    notes.add(*line, what, cure);
                }
                if argument.required && !option.required {
                    let what = format!("the action {action} cannot do without `{name}`");
                    notes.add(*line, what, "add required = true to this option");
                }
            }
            (None, None) if argument.required => {
                let what = format!("/{path} lacks `{name}`, which the action {action} needs");
                let cure = format!(
                    "add an option `{name}` of kind {}, or set it under [with]",
                    argument.kinds.join(" or ")
                );
                notes.add(line, what, cure);
            }
            _ => {}
        }
    }
}

/// Holds the values of preset arguments against what there is.
pub fn presets(with: &With, known: &Known<'_>, notes: &mut Notes) {
    if let Some((severity, line)) = with.get("severity")
        && let Err(why) = severity.parse::<Severity>()
    {
        notes.add(*line, why, "correct it");
    }
    let Some((service, line)) = with.get("service") else {
        return;
    };
    let Some(anchors) = known.sections.get(service) else {
        let all: Vec<&str> = known.sections.keys().map(String::as_str).collect();
        let cure = format!("{}; or write runbooks/{service}.md", nearest(service, &all));
        notes.add(*line, format!("the service `{service}` has no runbook"), cure);
        return;
    };
    if let (Some(anchors), Some((section, line))) = (anchors, with.get("section"))
        && !anchors.contains(section)
    {
        let all: Vec<&str> = anchors.iter().map(String::as_str).collect();
        let what = format!("the runbook of `{service}` has no section `{section}`");
        notes.add(*line, what, nearest(section, &all));
    }
}
