//! The steps of a runbook in the lines in which they run. A heading is an action with everything
//! below it, so the steps below one outermost heading may all run after each other: one line.

use std::collections::HashMap;

use super::fit::named;
use crate::model::runbook::http::Capture;
use crate::model::runbook::{Section, Step, StepKind};

/// All steps in the order of the file. A place is an index into them.
pub struct Line<'a> {
    steps: Vec<(&'a Step, usize)>,
    by_name: HashMap<&'a str, usize>,
    /// By name and line, the first place that captures it.
    captures: HashMap<&'a str, HashMap<usize, usize>>,
    /// For what another step calls for (`undo`, `verify`, `on-fail`): in each line the last
    /// place that does.
    callers: HashMap<usize, HashMap<usize, usize>>,
}

impl<'a> Line<'a> {
    /// The steps of these sections.
    pub fn of(sections: &'a [Section]) -> Line<'a> {
        let mut steps = Vec::new();
        let mut outermost = (0, u8::MAX);
        for (n, section) in sections.iter().enumerate() {
            let title = n == 0 && section.level == 1;
            if title || section.level <= outermost.1 {
                // Nothing lies deeper below the title: each `##` is an action by itself.
                outermost = (n, if title { u8::MAX } else { section.level });
            }
            steps.extend(section.steps.iter().map(|step| (step, outermost.0)));
        }
        let mut line =
            Line { steps, by_name: HashMap::new(), captures: HashMap::new(), callers: HashMap::new() };
        for (at, (step, own)) in line.steps.iter().enumerate() {
            if let Some(name) = &step.name {
                line.by_name.entry(name.as_str()).or_insert(at);
            }
            if let StepKind::Http(http) = &step.kind {
                for Capture { name, .. } in &http.captures {
                    line.captures.entry(name).or_default().entry(*own).or_insert(at);
                }
            }
        }
        for (at, (step, own)) in line.steps.iter().enumerate() {
            for (key, name) in named(step) {
                let to = line.by_name.get(name.as_str());
                if let (Some(to), "undo" | "verify" | "on-fail") = (to, key) {
                    line.callers.entry(*to).or_default().insert(*own, at);
                }
            }
        }
        line
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// The step at a place.
    pub fn step(&self, at: usize) -> &'a Step {
        self.steps[at].0
    }

    /// The place of the step with this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The names of all steps.
    pub fn names(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = self.by_name.keys().copied().collect();
        names.sort_unstable();
        names
    }

    /// Each step whose name an earlier one has, with that one.
    pub fn twice(&self) -> impl Iterator<Item = (&'a Step, &'a Step)> {
        self.steps.iter().enumerate().filter_map(|(at, (step, _))| {
            let first = self.find(step.name.as_ref()?.as_str())?;
            (first != at).then(|| (*step, self.step(first)))
        })
    }

    /// Whether two steps may run in one line.
    pub fn together(&self, a: usize, b: usize) -> bool {
        self.steps[a].1 == self.steps[b].1
    }

    /// Whether the step at `first` had its turn when the one at `at` has its own: it is earlier
    /// in the same line, or in the line of a step that calls for this one.
    pub fn before(&self, first: usize, at: usize) -> bool {
        let line = self.steps[first].1;
        let called = self.callers.get(&at).and_then(|lines| lines.get(&line));
        (self.steps[at].1 == line && first < at) || called.is_some_and(|caller| first <= *caller)
    }

    /// Whether a step before `at` captures `name`.
    pub fn captured(&self, name: &str, at: usize) -> bool {
        let Some(by_line) = self.captures.get(name) else {
            return false;
        };
        let lines = self.callers.get(&at).into_iter().flat_map(HashMap::keys);
        let mut lines = lines.chain(std::iter::once(&self.steps[at].1));
        lines.any(|line| by_line.get(line).is_some_and(|first| self.before(*first, at)))
    }

    /// Whether any step captures `name`.
    pub fn captured_anywhere(&self, name: &str) -> bool {
        self.captures.contains_key(name)
    }

    /// All names that are captured.
    pub fn captures(&self) -> impl Iterator<Item = &'a str> {
        self.captures.keys().copied()
    }
}
