//! What the rules look at: a runbook's fences with what surrounds them, and its lines.

use std::ops::Range;

use super::command::Command;
use super::shell;
use crate::house::runbook::Read;
use crate::model::runbook::http::{HttpStep, Operand, Predicate};
use crate::model::runbook::step::{Manual, Rerun, Shell};
use crate::model::runbook::{Section, Step, StepKind};

/// A runbook, taken apart for the rules.
pub struct Page<'a> {
    /// Its fences, in their order.
    pub fences: Vec<Fence<'a>>,
    /// Its text.
    pub text: &'a str,
    /// Its lines; the first is line 1.
    pub lines: Vec<&'a str>,
    /// Where each line begins in the text.
    starts: Vec<usize>,
    /// The lines of the steps that run.
    pub runs: Vec<Range<usize>>,
}

/// A fence: a step that runs, or one that a person copies.
pub struct Fence<'a> {
    /// The section that it stands in, by its place in the file.
    pub section: usize,
    /// The titles of that section and of those above it.
    pub title: String,
    /// The step that it is.
    pub step: &'a Step,
    /// Its text, without `#|` lines.
    pub text: &'a str,
    /// The line of the first line of `text`.
    pub first: usize,
    /// Whether Muster runs it, by bash with `-eu -o pipefail` where it is a script.
    pub runs: bool,
    /// What it is written in.
    pub language: Language,
    /// Its commands, where it is a script.
    pub commands: Vec<Command>,
}

/// What a fence is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A script.
    Shell,
    /// A request.
    Http,
    /// YAML: a gate, an alert, rules of a monitor.
    Yaml,
    /// PromQL.
    Promql,
    /// Anything else.
    Other,
}

impl Language {
    /// The language behind the opening backticks.
    pub fn of(word: &str) -> Language {
        match word.split_whitespace().next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "sh" | "bash" | "shell" | "zsh" | "console" | "shell-session" | "terminal" => Language::Shell,
            "http" | "hurl" => Language::Http,
            "yaml" | "yml" => Language::Yaml,
            "promql" => Language::Promql,
            _ => Language::Other,
        }
    }
}

impl Fence<'_> {
    /// Whether it may run a second time by itself.
    pub fn repeats(&self) -> bool {
        self.step.options.rerun == Rerun::Safe || self.step.options.retry.is_some()
    }

    /// Its lines with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (self.first..).zip(self.text.lines())
    }

    /// Whether its request compares something with what an earlier step captured, and wants
    /// it changed.
    pub fn wants_change(&self) -> bool {
        let StepKind::Http(HttpStep { asserts, .. }) = &self.step.kind else {
            return false;
        };
        asserts.iter().any(|a| {
            let differs = matches!(a.predicate, Predicate::NotEqual(_)) != a.not;
            let named = match a.predicate.operand() {
                Some(Operand::Value(_)) => true,
                Some(Operand::Text(text)) => text.names().next().is_some(),
                _ => false,
            };
            differs && named
        })
    }
}

impl<'a> Page<'a> {
    /// The page of a runbook that was read.
    pub fn of(read: &'a Read) -> Page<'a> {
        let text = read.text.as_str();
        let ends = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
        let mut page = Page {
            fences: Vec::new(),
            text,
            lines: text.lines().collect(),
            starts: std::iter::once(0).chain(ends).collect(),
            runs: Vec::new(),
        };
        for (n, section) in read.runbook.sections.iter().enumerate() {
            for step in &section.steps {
                if let Some(fence) = fence(read, n, section, step) {
                    if fence.runs {
                        page.runs.push(step.line..fence.first + fence.text.lines().count() + 1);
                    }
                    page.fences.push(fence);
                }
            }
        }
        page.runs.sort_by_key(|range| range.start);
        page
    }

    /// The line in which a place in the text stands.
    pub fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// The text of a line.
    pub fn line(&self, number: usize) -> &'a str {
        number.checked_sub(1).and_then(|n| self.lines.get(n)).copied().unwrap_or_default()
    }

    /// Whether this line is of a step that runs.
    pub fn runs(&self, line: usize) -> bool {
        let next = self.runs.partition_point(|range| range.start <= line);
        next.checked_sub(1).and_then(|n| self.runs.get(n)).is_some_and(|range| range.contains(&line))
    }
}

fn fence<'a>(read: &'a Read, at: usize, section: &Section, step: &'a Step) -> Option<Fence<'a>> {
    let (text, runs, language) = match &step.kind {
        StepKind::Manual(Manual::Code { language, code }) => (code.as_str(), false, Language::of(language)),
        StepKind::Manual(_) => return None,
        StepKind::Http(_) => (step.source.as_str(), true, Language::Http),
        // What runs without a shell has nothing of a script.
        StepKind::Shell(Shell::Argv(_)) => (step.source.as_str(), true, Language::Other),
        StepKind::Shell(Shell::Script(_)) => (step.source.as_str(), true, Language::Shell),
        _ => (step.source.as_str(), true, Language::Yaml),
    };
    let first = read.body(step);
    let mut commands = match language {
        Language::Shell => shell::commands(text, first),
        _ => Vec::new(),
    };
    if let Some(precheck) = &step.options.precheck {
        let line = read.key(step, "precheck");
        commands.extend(shell::commands(precheck, line).into_iter().map(|c| {
            // It is asked whether it succeeds, like a condition.
            Command { line, condition: true, ..c }
        }));
    }
    Some(Fence { section: at, title: section.full_title(), step, text, first, runs, language, commands })
}
