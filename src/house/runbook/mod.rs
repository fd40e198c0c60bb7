//! Reads a Markdown file into a runbook: the front matter, the headings, the steps under them,
//! and whether they fit together.

mod asserts;
mod front;
mod http;
mod json;
mod outline;
mod step;
mod time;
mod token;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use self::front::Front;
use self::outline::{Heading, ItemKind};
use super::files::Source;
use super::problem::{Notes, nearest};
use super::yaml_tree;
use crate::model::runbook::http::{HttpStep, Part};
use crate::model::runbook::step::{Manual, OnFail};
use crate::model::runbook::{Runbook, Section, Step, StepKind};

/// A runbook and the lines of what only `muster check` judges.
#[derive(Debug)]
pub struct Read {
    /// The runbook.
    pub runbook: Runbook,
    /// The text that it was read from.
    pub text: String,
    /// Of `reviewed`.
    pub reviewed: usize,
    /// Of each action's section.
    pub actions: BTreeMap<String, usize>,
}

/// The runbook of `service` in a file; `None` if anything is wrong, which is noted. `roles` are
/// those that `muster.toml` names, where that is known.
pub fn read(
    service: &str,
    source: &Source,
    roles: Option<&BTreeSet<String>>,
    notes: &mut Notes,
) -> Option<Read> {
    if !super::settings::service_name(service) {
        let what = format!("`{service}` cannot be a service's name");
        notes.add(1, what, "rename the file: up to 32 of the letters a to z, digits and `-`, then .md");
    }
    let (yaml, body) = split(&source.text, notes);
    let root = yaml.and_then(|yaml| yaml_tree::parse(yaml, 2, notes));
    let front = root.map_or_else(Front::default, |root| front::read(service, &root, notes));
    let outline = outline::read(&body);
    let mut sections = sections(&outline.headings, &body);
    for item in outline.items {
        let step = match item.kind {
            ItemKind::Task(text) => manual(item.line, Manual::Task(text)),
            ItemKind::Numbered(text) => manual(item.line, Manual::Numbered(text)),
            ItemKind::Fence { info, code, closed } => {
                match fence(&info, code, closed, item.line, front.runs, notes) {
                    Some(step) => step,
                    None => continue,
                }
            }
        };
        let headings = sections.partition_point(|s| s.line <= step.line);
        let above = headings.checked_sub(1).and_then(|n| sections.get_mut(n));
        match (above, &step.name) {
            (Some(section), _) => section.steps.push(step),
            (None, Some(name)) => {
                let what = format!("the step `{name}` stands under no heading");
                notes.add(step.line, what, "write a heading such as `## Health` above it");
            }
            // A list before the first heading is part of the introduction.
            (None, None) => {}
        }
    }
    if sections.is_empty() {
        notes.add(
            1,
            "there is no heading in this file",
            "begin with `# Title`; each `##` below is an action",
        );
    }
    if let Some(known) = roles {
        let all: Vec<&str> = known.iter().map(String::as_str).collect();
        for (role, line) in front.roles.iter().filter(|(r, _)| !known.contains(r)) {
            let cure = format!("{}; or add it under [roles]", nearest(role, &all));
            notes.add(*line, format!("muster.toml names no role `{role}`"), cure);
        }
    }
    fit(&front, &sections, notes);
    if !notes.is_empty() {
        return None;
    }
    let title = sections.first().map_or(service, |s| s.title.as_str()).to_owned();
    let actions = front.actions.iter().map(|(name, (_, line))| (name.clone(), *line)).collect();
    let reviewed = source.text.lines().position(|l| l.starts_with("reviewed:")).map_or(1, |n| n + 1);
    let runbook = Runbook {
        service: service.to_owned(),
        title,
        hash: hex(&Sha256::digest(&source.bytes)),
        timezone: front.timezone,
        working_days: front.working_days,
        params: front.params,
        actions: front.actions.into_iter().map(|(name, (action, _))| (name, action)).collect(),
        vars: front.vars,
        tables: front.tables.into_iter().map(|(name, (anchor, _))| (name, anchor)).collect(),
        reviewed: front.reviewed,
        sections,
    };
    Some(Read { runbook, text: source.text.clone(), reviewed, actions })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The front matter, and the text with as many empty lines in its place, so that lines stay.
fn split<'a>(text: &'a str, notes: &mut Notes) -> (Option<&'a str>, String) {
    let Some(rest) = text.strip_prefix("---\n") else {
        return (None, text.to_owned());
    };
    let mut length = 0;
    for (n, line) in rest.split_inclusive('\n').enumerate() {
        if matches!(line.trim_end(), "---" | "...") {
            let body = format!("{}{}", "\n".repeat(n + 2), &rest[length + line.len()..]);
            return (Some(&rest[..length]), body);
        }
        length += line.len();
    }
    notes.add(1, "the front matter has no end", "close it with a line `---`");
    (None, String::new())
}

fn manual(line: usize, what: Manual) -> Step {
    Step {
        name: None,
        kind: StepKind::Manual(what),
        line,
        options: Default::default(),
        source: String::new(),
        beside: String::new(),
    }
}

/// A fence as a step; `None` if it is to be one and cannot.
fn fence(info: &str, code: String, closed: bool, line: usize, runs: bool, notes: &mut Notes) -> Option<Step> {
    let shown = |language: &str, code| {
        let language = language.to_owned();
        Some(manual(line, Manual::Code { language, code }))
    };
    if !runs {
        return shown(info.split('{').next().unwrap_or_default().trim(), code);
    }
    match step::info(info) {
        Ok(step::Info::Plain(language)) => shown(&language, code),
        Ok(step::Info::Named(language, name, kind)) => {
            if !closed {
                let what = format!("the step `{name}` has no end: the rest of the file is in it");
                notes.add(line, what, "close the fence with as many backticks as it begins with");
            }
            step::read(&language, name, kind.as_deref(), &code, line, notes)
        }
        Err(why) => {
            notes.add(line, why, "write ```http {name=healthy} or ```yaml {name=decision kind=gate}");
            None
        }
    }
}

fn sections(headings: &[Heading], body: &str) -> Vec<Section> {
    let lines: Vec<&str> = body.lines().collect();
    let mut parents: Vec<(u8, String)> = Vec::new();
    let mut sections = Vec::new();
    for (n, h) in headings.iter().enumerate() {
        let next = headings[n + 1..].iter().find(|other| other.level <= h.level);
        let last_line = next.map_or(lines.len(), |other| other.line - 1).max(h.last_line);
        let markdown = lines[h.last_line.min(lines.len())..last_line.min(lines.len())].join("\n");
        parents.retain(|(level, _)| *level < h.level);
        sections.push(Section {
            anchor: h.anchor.clone(),
            title: h.title.clone(),
            level: h.level,
            parents: parents.iter().map(|(_, title)| title.clone()).collect(),
            line: h.line,
            last_line,
            markdown: markdown.trim_matches('\n').to_owned(),
            steps: Vec::new(),
        });
        // The runbook's own title stands above everything and says nothing there.
        if !(n == 0 && h.level == 1) {
            parents.push((h.level, h.title.clone()));
        }
    }
    sections
}

/// What one part of the file says of another.
fn fit(front: &Front, sections: &[Section], notes: &mut Notes) {
    let anchors: Vec<&str> = sections.iter().map(|s| s.anchor.as_str()).collect();
    let actions = front.actions.iter().map(|(name, (a, line))| (name, &a.section, line));
    let tables = front.tables.iter().map(|(name, (anchor, line))| (name, anchor, line));
    for (name, anchor, line) in actions.chain(tables) {
        if !anchors.contains(&anchor.as_str()) {
            let what = format!("`{name}` names the section `{anchor}`, which is not there");
            notes.add(*line, what, nearest(anchor, &anchors));
        }
    }
    let steps: Vec<&Step> = sections.iter().flat_map(|s| &s.steps).collect();
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for step in &steps {
        if let Some(name) = &step.name
            && let Some(first) = lines.insert(name.as_str(), step.line)
        {
            let what = format!("the step `{name}` is there twice, first in line {first}");
            notes.add(step.line, what, "rename one of them");
        }
    }
    let names: Vec<&str> = lines.keys().copied().collect();
    for step in &steps {
        let o = &step.options;
        let on_fail = match &o.on_fail {
            OnFail::Step(name) => Some(("on-fail", name)),
            _ => None,
        };
        let one = [("verify", &o.verify), ("undo", &o.undo)];
        let one = one.into_iter().filter_map(|(key, name)| Some((key, name.as_ref()?)));
        let condition = o.condition.iter().map(|c| ("if", &c.step));
        let needs = o.needs.iter().map(|name| ("needs", name));
        for (key, name) in one.chain(on_fail).chain(condition).chain(needs) {
            if !names.contains(&name.as_str()) {
                let what = format!("`{key}` names the step `{name}`, which is not there");
                notes.add(step.line, what, nearest(name.as_str(), &names));
            }
        }
    }
    values(front, &steps, notes);
}

/// Whether every `{{name}}` can have a value, and none can choose the host.
fn values(front: &Front, steps: &[&Step], notes: &mut Notes) {
    let https = || {
        steps.iter().filter_map(|s| match &s.kind {
            StepKind::Http(http) => Some((*s, http)),
            _ => None,
        })
    };
    let captured = https().flat_map(|(_, h)| h.captures.iter().map(|c| c.name.as_str()));
    let mut known: Vec<&str> = front.vars.iter().map(String::as_str).collect();
    known.extend(front.params.keys().map(String::as_str).chain(captured));
    for (step, http) in https() {
        let mut told = BTreeSet::new();
        for name in http.names() {
            let secret = step.options.secrets.iter().any(|s| s == name);
            if !secret && !known.contains(&name) && told.insert(name) {
                let what = format!("nothing gives `{{{{{name}}}}}` a value");
                let cure = format!("{}; or list it under vars or params", nearest(name, &known));
                notes.add(step.line, what, cure);
            }
        }
        if let Err(what) = host(http, &front.vars) {
            let cure = "begin with {{base}}/ and list base under vars, or write the address out; only the team's own vars may name a host";
            notes.add(step.line, what, cure);
        }
    }
}

/// Where a request goes is the team's choice alone: no parameter and no captured value may
/// stand before the path.
fn host(http: &HttpStep, vars: &[String]) -> Result<(), String> {
    let team = |name: &String| vars.contains(name);
    if http.url.0.iter().any(|p| matches!(p, Part::Text(t) if t.contains(['#', ' ', '\t']))) {
        return Err("there is a `#` or a space in the address".into());
    }
    match http.url.0.as_slice() {
        [Part::Value(base), rest @ ..] => match rest.first() {
            _ if !team(base) => Err(format!("the address begins with `{{{{{base}}}}}`, which is no var")),
            None => Ok(()),
            Some(Part::Text(text)) if text.starts_with(['/', '?']) => Ok(()),
            Some(_) => Err(format!("behind `{{{{{base}}}}}` comes no `/`")),
        },
        [Part::Text(first), rest @ ..] => {
            let after = first.strip_prefix("http://").or_else(|| first.strip_prefix("https://"));
            let Some(after) = after else {
                return Err("the address begins with neither `{{base}}` nor http".into());
            };
            if after.contains('@') {
                return Err("there is a password or name before an `@` in the address".into());
            }
            let mut in_host = !after.contains(['/', '?']);
            for part in rest {
                match part {
                    Part::Text(text) => in_host &= !text.contains(['/', '?']),
                    Part::Value(name) if in_host && !team(name) => {
                        return Err(format!("`{{{{{name}}}}}` stands in the host and is no var"));
                    }
                    Part::Value(_) => {}
                }
            }
            Ok(())
        }
        [] => Ok(()),
    }
}
