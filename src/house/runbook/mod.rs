//! Reads a Markdown file into a runbook: the front matter, the headings, the steps under them,
//! and whether they fit together.

mod asserts;
mod fit;
mod front;
mod http;
mod json;
mod kinds;
mod line;
mod options;
pub mod outline;
mod pattern;
pub mod reminders;
mod step;
pub mod tables;
pub mod time;
mod token;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use self::fit::AllFacts;
use self::front::Front;
use self::outline::{Heading, ItemKind};
use self::step::Facts;
use super::files::Source;
use super::problem::Notes;
use super::yaml_tree;
use crate::kit::hash;
use crate::kit::text::line;
use crate::model::runbook::step::Manual;
use crate::model::runbook::{Runbook, Section, Step, StepKind};
use crate::model::watch::Watch;

/// A runbook and the lines of what only `muster check` judges.
#[derive(Debug)]
pub struct Read {
    /// The runbook.
    pub runbook: Runbook,
    /// The text that it was read from.
    pub text: String,
    /// Whether it says `runbook: 1`, without which nothing runs.
    pub runs: bool,
    /// Of `reviewed`.
    pub reviewed: usize,
    /// Of each action's section.
    pub actions: BTreeMap<String, usize>,
    /// Of what stands in each named step, by the step's own line.
    facts: AllFacts,
}

impl Read {
    /// The line on which a step's [`Step::source`], or the code of an unnamed fence, begins.
    pub fn body(&self, step: &Step) -> usize {
        self.facts.get(&step.line).map_or(step.line + 1, |f| f.body)
    }

    /// The line of a key of a step; the step's own where the key is not there.
    pub fn key(&self, step: &Step, key: &str) -> usize {
        self.facts.get(&step.line).and_then(|f| f.line(key)).unwrap_or(step.line)
    }
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
    let mut facts = AllFacts::new();
    for item in outline.items {
        let beside = item.beside;
        let mut step = match item.kind {
            ItemKind::Task(text) => manual(item.line, Manual::Task(text)),
            ItemKind::Numbered(text) => manual(item.line, Manual::Numbered(text)),
            ItemKind::Fence { info, code, closed } => {
                match fence(&info, code, closed, item.line, front.runs, notes) {
                    Some((step, found)) => {
                        facts.extend(found.map(|f| (step.line, f)));
                        step
                    }
                    None => continue,
                }
            }
        };
        step.beside = beside;
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
    fit::fit(&front, &sections, &facts, roles, notes);
    let table = |name: &str| {
        let (anchor, _) = front.tables.get(name)?;
        sections.iter().find(|s| s.anchor == *anchor)
    };
    // What is wrong in a table that people keep for themselves is for `muster check` to say.
    let mut own = Notes::new("");
    let on_call = table("oncall").and_then(|s| tables::on_call(s, &mut own));
    let escalation = table("escalation").and_then(|s| tables::escalation(s, &mut own)).unwrap_or_default();
    let reminders = table("reminders").and_then(|s| reminders::read(s, &mut own)).unwrap_or_default();
    if !notes.is_empty() {
        return None;
    }
    let title = sections.first().map_or(service, |s| s.title.as_str()).to_owned();
    let actions = front.actions.iter().map(|(name, (_, line))| (name.clone(), *line)).collect();
    let (runs, reviewed) = (front.runs, front.reviewed_at);
    let watches = watches(&sections, &mut facts);
    let runbook = Runbook {
        service: service.to_owned(),
        title,
        hash: hash::sha256(&source.bytes),
        timezone: front.timezone,
        working_days: front.working_days,
        params: front.params,
        actions: front.actions.into_iter().map(|(name, (action, _))| (name, action)).collect(),
        vars: front.vars,
        tables: front.tables.into_iter().map(|(name, (anchor, _))| (name, anchor)).collect(),
        reviewed: front.reviewed,
        on_call,
        escalation,
        reminders,
        sections,
        watches,
    };
    Some(Read { runbook, text: source.text.clone(), runs, reviewed, actions, facts })
}

/// The rules in the order of the file, each with what stands before it.
fn watches(sections: &[Section], facts: &mut AllFacts) -> Vec<Watch> {
    let mut found = Vec::new();
    for section in sections {
        for step in &section.steps {
            let Some(rule) = facts.get_mut(&step.line).and_then(|f| f.watch.take()) else { continue };
            let about = step.beside.split("\n\n").last().unwrap_or_default();
            found.push(Watch { section: section.anchor.clone(), about: line(about), ..rule });
        }
    }
    found
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
fn fence(
    info: &str,
    code: String,
    closed: bool,
    line: usize,
    runs: bool,
    notes: &mut Notes,
) -> Option<(Step, Option<Facts>)> {
    let shown = |language: &str, code| {
        let language = language.to_owned();
        Some((manual(line, Manual::Code { language, code }), None))
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
            let (step, facts) = step::read(&language, name, kind.as_deref(), &code, line, notes)?;
            Some((step, Some(facts)))
        }
        Err(why) => {
            notes.add(line, why, "write ```http {name=healthy} or ```yaml {name=decision kind=gate}");
            None
        }
    }
}

fn sections(headings: &[Heading], body: &str) -> Vec<Section> {
    let ends = body.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
    let starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
    let count = starts.len() - usize::from(body.is_empty() || body.ends_with('\n'));
    // Where the line behind line `n` begins.
    let behind = |n: usize| starts.get(n).copied().unwrap_or(body.len());
    let mut parents: Vec<(u8, String)> = Vec::new();
    let mut sections = Vec::new();
    for (n, h) in headings.iter().enumerate() {
        let next = headings[n + 1..].iter().find(|other| other.level <= h.level);
        let last_line = next.map_or(count, |other| other.line - 1).max(h.last_line);
        let markdown = &body[behind(h.last_line)..behind(last_line)];
        parents.retain(|(level, _)| *level < h.level);
        sections.push(Section {
            anchor: h.anchor.clone(),
            title: h.title.clone(),
            level: h.level,
            parents: parents.iter().map(|(_, title)| title.clone()).collect(),
            line: h.line,
            last_line,
            text_line: h.last_line + 1 + markdown.len() - markdown.trim_start_matches('\n').len(),
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
