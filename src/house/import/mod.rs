//! Takes any Markdown runbook: what each section becomes, what of it could be named and run, and
//! what is wrong with it. Nothing in it is executable until a person names it.

mod candidate;
mod copy;

use std::collections::BTreeSet;

use self::candidate::candidates;
pub use self::candidate::{Candidate, Proposal};
use super::commands::good_name;
use super::files::Source;
use super::lint;
use super::lint::page::Page;
use super::problem::{Notes, Problem, Severity, sorted};
use super::runbook::{self, outline};
use super::settings::service_name;
use crate::model::runbook::step::Manual;
use crate::model::runbook::{Section, StepKind};

/// What a file becomes.
#[derive(Debug)]
pub struct Import {
    /// The file, as it was named.
    pub file: String,
    /// Its title.
    pub title: String,
    /// The service that its annotated copy is of.
    pub service: String,
    /// Its sections, each of which is an action.
    pub sections: Vec<Becomes>,
    /// What could be named and run.
    pub candidates: Vec<Candidate>,
    /// What is wrong with it, as notes: nothing of it runs.
    pub findings: Vec<Problem>,
    /// The annotated copy; or what has to be decided by a person before there can be one.
    pub copy: Result<String, Vec<Problem>>,
}

/// What a section becomes.
#[derive(Debug)]
pub struct Becomes {
    /// The line of its heading.
    pub line: usize,
    /// Its title with those above it.
    pub title: String,
    /// Its name, with which it is asked for.
    pub anchor: String,
    /// The action's name in the copy's front matter. Only outermost sections with steps get one.
    pub action: Option<String>,
    /// Task items.
    pub tasks: usize,
    /// Numbered items.
    pub numbered: usize,
    /// Fences, shown for copying.
    pub fences: usize,
}

impl Becomes {
    /// How many steps a person is guided through.
    pub fn steps(&self) -> usize {
        self.tasks + self.numbered + self.fences
    }
}

/// Reads a file for import. `service` is what its copy is to be of; otherwise the file's name
/// says it.
///
/// # Errors
/// Why it cannot be read at all, with line and cure.
pub fn import(file: &str, bytes: Vec<u8>, service: Option<&str>) -> Result<Import, Vec<Problem>> {
    let raw = bytes.clone();
    let mut source = Source::new(file, bytes).map_err(|p| vec![p])?;
    let raw = String::from_utf8(raw).unwrap_or_default();
    let front = copy::front(&source.text, file)?;
    if front.is_none() && source.text.starts_with("---\n") {
        // A line across the page, which only looks like the beginning of front matter.
        source.text.replace_range(..3, "***");
    }
    let service = service.map_or_else(|| service_of(file), str::to_owned);
    let mut notes = Notes::new(file);
    let read = runbook::read(&service, &source, None, &mut notes);
    let Some(read) = read.filter(|_| notes.is_empty()) else {
        return Err(sorted(notes.into_problems()));
    };
    let sections = becomes(&read.runbook.sections);
    let mut page = Page::of(&read);
    let open: BTreeSet<usize> = outline::read(&source.text)
        .items
        .iter()
        .filter(|i| matches!(i.kind, outline::ItemKind::Fence { closed: false, .. }))
        .map(|i| i.line)
        .collect();
    for line in &open {
        let what = "this fence has no end: what follows is in it, headings too";
        let cure = "close it with as many backticks as it begins with";
        notes.found(Severity::Note, "unclosed", *line, what, cure);
    }
    let candidates = candidates(&mut page, &read, &open);
    lint::lint(&page, &mut notes);
    let copy = copy::copy(&raw, &source, front, &service, &sections);
    Ok(Import {
        file: file.to_owned(),
        title: read.runbook.title.clone(),
        service,
        sections,
        candidates,
        findings: sorted(notes.into_problems()),
        copy,
    })
}

/// A file's name as a service's.
fn service_of(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_lowercase();
    let slug = slug(&name, 32);
    if service_name(&slug) { slug } else { "service".to_owned() }
}

/// Letters, digits and single `-`, at most `most` of them.
fn slug(text: &str, most: usize) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if slug.len() == most {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

fn becomes(sections: &[Section]) -> Vec<Becomes> {
    let mut all: Vec<Becomes> = sections
        .iter()
        .map(|s| {
            let count = |wanted: fn(&Manual) -> bool| {
                let manual = |kind: &StepKind| matches!(kind, StepKind::Manual(m) if wanted(m));
                s.steps.iter().filter(|step| manual(&step.kind)).count()
            };
            Becomes {
                line: s.line,
                title: s.full_title(),
                anchor: s.anchor.clone(),
                action: None,
                tasks: count(|m| matches!(m, Manual::Task(_))),
                numbered: count(|m| matches!(m, Manual::Numbered(_))),
                fences: count(|m| matches!(m, Manual::Code { .. })),
            }
        })
        .collect();
    let mut taken = BTreeSet::new();
    let mut n = 0;
    while n < all.len() {
        // The title's own section is everything; only what stands right below it counts.
        let title = n == 0 && sections[0].level == 1;
        let below = sections[n + 1..].iter().take_while(|s| !title && s.level > sections[n].level).count();
        if all[n..=n + below].iter().any(|b| b.steps() > 0) && !all[n].anchor.is_empty() {
            all[n].action = Some(action_name(&all[n].anchor, &mut taken));
        }
        n += below + 1;
    }
    all
}

/// A name for an action that no other has.
fn action_name(anchor: &str, taken: &mut BTreeSet<String>) -> String {
    let base = slug(anchor, 28);
    // `health` is asked by machine, which nothing here is yet.
    let base =
        if !good_name(&base) || base == crate::model::house::HEALTH { format!("guide-{base}") } else { base };
    let base = base.trim_end_matches('-');
    let mut name = base.to_owned();
    let mut count = 1;
    while !taken.insert(name.clone()) {
        count += 1;
        name = format!("{base}-{count}");
    }
    name
}
