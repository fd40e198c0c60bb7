//! Whether the parts of a runbook fit together: what one names of another is there, comes in an
//! order in which it can happen, and has a value when it is needed.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::front::Front;
use super::line::Line;
use super::step::Facts;
use crate::house::problem::{Notes, nearest};
use crate::model::runbook::http::{HttpStep, Part};
use crate::model::runbook::step::{OnFail, Rerun, StepName};
use crate::model::runbook::{Section, Step, StepKind};

/// From this many mistakes on, no near word is looked for: that takes long in a long file.
const ENOUGH: usize = 100;

/// Where things stand in each named step, by its line.
pub type AllFacts = HashMap<usize, Facts>;

/// Notes everything that does not fit. `roles` are those that `muster.toml` names, where that
/// is known.
pub fn fit(
    front: &Front,
    sections: &[Section],
    facts: &AllFacts,
    roles: Option<&BTreeSet<String>>,
    notes: &mut Notes,
) {
    anchors(front, sections, notes);
    let line = Line::of(sections);
    for (step, first) in line.twice() {
        let name = step.name.as_ref().map_or("", StepName::as_str);
        let what = format!("the step `{name}` is there twice, first in line {}", first.line);
        notes.add(step.line, what, "rename one of them");
    }
    let fit = Fit { front, facts, line: &line };
    for at in 0..line.len() {
        fit.targets(at, notes);
        fit.order(at, notes);
        fit.names(at, notes);
    }
    fit.circles(notes);
    fit.values(notes);
    if let Some(known) = roles {
        let all: Vec<&str> = known.iter().map(String::as_str).collect();
        let named = front.roles.iter().chain(facts.values().flat_map(|f| &f.roles));
        for (role, at) in named.filter(|(r, _)| !known.contains(r)) {
            let cure = format!("{}; or add it under [roles]", near(role, &all, notes));
            notes.add(*at, format!("muster.toml names no role `{role}`"), cure);
        }
    }
}

fn near(word: &str, known: &[&str], notes: &Notes) -> String {
    if notes.len() > ENOUGH { "correct it".to_owned() } else { nearest(word, known) }
}

fn anchors(front: &Front, sections: &[Section], notes: &mut Notes) {
    let anchors: Vec<&str> = sections.iter().map(|s| s.anchor.as_str()).collect();
    let there: HashSet<&str> = anchors.iter().copied().collect();
    let actions = front.actions.iter().map(|(name, (a, line))| (name, &a.section, line));
    let tables = front.tables.iter().map(|(name, (anchor, line))| (name, anchor, line));
    for (name, anchor, line) in actions.chain(tables) {
        if !there.contains(anchor.as_str()) {
            let what = format!("`{name}` names the section `{anchor}`, which is not there");
            notes.add(*line, what, near(anchor, &anchors, notes));
        }
    }
}

struct Fit<'a> {
    front: &'a Front,
    facts: &'a AllFacts,
    line: &'a Line<'a>,
}

impl<'a> Fit<'a> {
    /// The line of a key of this step.
    fn at(&self, step: &Step, key: &str) -> usize {
        self.facts.get(&step.line).and_then(|f| f.line(key)).unwrap_or(step.line)
    }

    fn yaml(&self, step: &Step) -> Option<&'a Facts> {
        self.facts.get(&step.line)
    }

    /// Whatever is named is there.
    fn targets(&self, at: usize, notes: &mut Notes) {
        let step = self.line.step(at);
        let own = named(step).map(|(key, name)| (key, name.as_str(), self.at(step, key)));
        let yaml = self.yaml(step).into_iter().flat_map(|f| &f.steps);
        for (key, name, at) in own.chain(yaml.map(|(key, name, at)| (*key, name.as_str(), *at))) {
            if self.line.find(name).is_none() {
                let what = format!("`{key}` names the step `{name}`, which is not there");
                notes.add(at, what, near(name, &self.line.names(), notes));
            }
        }
        for (action, at) in self.yaml(step).into_iter().flat_map(|f| &f.actions) {
            if !self.front.actions.contains_key(action) {
                let all: Vec<&str> = self.front.actions.keys().map(String::as_str).collect();
                let cure = near(action, &all, notes);
                notes.add(*at, format!("`suggest` names the action `{action}`, which is not there"), cure);
            }
        }
    }

    /// What is named can happen when it is its turn.
    fn order(&self, at: usize, notes: &mut Notes) {
        let (line, step) = (self.line, self.line.step(at));
        for (key, name) in named(step) {
            let Some(to) = line.find(name.as_str()) else { continue };
            let other = line.step(to);
            let (what, cure) = match key {
                _ if to == at => (format!("`{key}` names the step itself"), "name another step"),
                "on-fail" if line.together(at, to) && to < at => (
                    format!("`on-fail` jumps back to `{name}`, and the steps between would run again"),
                    "name a later step, or one of another section",
                ),
                "undo" if line.together(at, to) => (
                    format!("`{name}` takes this step back, and runs in the same section anyway"),
                    "move it under another `##` heading",
                ),
                "verify" if !(other.repeats() || matches!(other.kind, StepKind::Gate(_))) => (
                    format!("`verify` names `{name}`, which may change something"),
                    "name a step that only reads (GET, HEAD), or write rerun: safe there",
                ),
                "if" | "needs" if !line.before(to, at) => (
                    format!("`{key}` names `{name}`, which does not come before this step"),
                    "name an earlier step of the same section",
                ),
                _ => continue,
            };
            notes.add(self.at(step, key), what, cure);
        }
        for (key, name, at_line) in self.yaml(step).into_iter().flat_map(|f| &f.steps) {
            let Some(to) = line.find(name) else { continue };
            if *key == "steps" && !line.before(to, at) {
                let what = format!("this gate looks at `{name}`, which does not come before it");
                notes.add(*at_line, what, "name an earlier step of the same section");
            }
            if *key == "probe" && !matches!(&line.step(to).kind, StepKind::Http(http) if http.reads()) {
                let what = format!("`probe` names `{name}`, which is no GET or HEAD");
                notes.add(*at_line, what, "name an http step that only reads");
            }
            if *key == "count" && !self.looks(line.step(to)) {
                let what = format!("`count` names `{name}`, which is no shell step that only looks");
                let cure = "name a shell step with `rerun: safe`, and without parameters and secrets";
                notes.add(*at_line, what, cure);
            }
        }
    }

    /// Whether a step may run again and again, and needs nothing that somebody is asked for.
    fn looks(&self, step: &Step) -> bool {
        let asked = step.options.env.iter().any(|n| self.front.params.contains_key(n));
        let safe = step.options.rerun == Rerun::Safe && step.options.secrets.is_empty();
        matches!(step.kind, StepKind::Shell(_)) && safe && !asked
    }

    /// What a process gets: every variable is known, and no secret is one.
    fn names(&self, at: usize, notes: &mut Notes) {
        let (step, front) = (self.line.step(at), self.front);
        let known = |name: &str| front.has_var(name) || front.params.contains_key(name);
        for name in step.options.env.iter().filter(|n| !known(n)) {
            let all: Vec<&str> = front.variables().collect();
            let cure = format!("{}; or list it under vars or params", near(name, &all, notes));
            let what = format!("`env` names `{name}`, which is neither under vars nor under params");
            notes.add(self.at(step, "env"), what, cure);
        }
        for name in step.options.secrets.iter().filter(|n| known(n)) {
            let what = format!("the secret `{name}` is also under vars or params, whose values people see");
            notes.add(self.at(step, "secrets"), what, "delete it there, or rename one of them");
        }
    }

    /// No chain of `on-fail` comes back to where it began.
    fn circles(&self, notes: &mut Notes) {
        let next = |at: usize| match &self.line.step(at).options.on_fail {
            OnFail::Step(name) => self.line.find(name.as_str()),
            _ => None,
        };
        // 0: not seen; otherwise the walk that saw it.
        let mut seen = vec![0; self.line.len()];
        for start in 0..self.line.len() {
            let mut at = start;
            while seen[at] == 0 {
                seen[at] = start + 1;
                let Some(to) = next(at) else { break };
                // A step that names itself, or jumps back in its section, is told by `order`.
                let told = to == at || (self.line.together(at, to) && to < at);
                if seen[to] == start + 1 && !told {
                    let step = self.line.step(at);
                    let cure = "let one of these steps stop: delete its `on-fail`";
                    notes.add(self.at(step, "on-fail"), "these `on-fail` go round in a circle", cure);
                }
                at = to;
            }
        }
    }

    /// Every `{{name}}` has a value when it is its turn, and none can choose the host.
    fn values(&self, notes: &mut Notes) {
        let line = self.line;
        for at in 0..line.len() {
            let step = line.step(at);
            let http = match &step.kind {
                StepKind::Http(http) => Some(http),
                _ => None,
            };
            let request = http.into_iter().flat_map(HttpStep::names).map(|name| (name, step.line));
            let yaml = self.yaml(step).into_iter().flat_map(|f| &f.values);
            let mut told = HashSet::new();
            for (name, at_line) in request.chain(yaml.map(|(name, l)| (name.as_str(), *l))) {
                let given = self.front.has_var(name)
                    || self.front.params.contains_key(name)
                    || step.options.secrets.iter().any(|s| s == name)
                    || line.captured(name, at);
                if given || !told.insert(name) {
                    continue;
                }
                if line.captured_anywhere(name) {
                    let what = format!("`{{{{{name}}}}}` is captured by no step before this one");
                    notes.add(at_line, what, "capture it in an earlier step of the same section");
                } else {
                    let mut known: Vec<&str> = self.front.variables().collect();
                    known.extend(line.captures());
                    let cure = format!("{}; or list it under vars or params", near(name, &known, notes));
                    notes.add(at_line, format!("nothing gives `{{{{{name}}}}}` a value"), cure);
                }
            }
            for capture in http.into_iter().flat_map(|h| &h.captures) {
                let name = capture.name.as_str();
                if self.front.has_var(name) || self.front.params.contains_key(name) {
                    let what = format!("`{name}` is captured, and is a var or parameter too");
                    notes.add(
                        step.line,
                        what,
                        "rename the capture: what an answer says takes no other's place",
                    );
                }
            }
            if let Some(http) = http
                && let Err(what) = host(http, self.front)
            {
                let cure = "begin with {{base}}/ and list base under vars, or write the address out; only the team's own vars may name a host";
                notes.add(step.line, what, cure);
            }
        }
    }
}

/// Every step that a step names in its `#|` lines, with the key.
pub fn named(step: &Step) -> impl Iterator<Item = (&'static str, &StepName)> {
    let o = &step.options;
    let on_fail = match &o.on_fail {
        OnFail::Step(name) => Some(("on-fail", name)),
        _ => None,
    };
    let verify = o.verify.as_ref().map(|name| ("verify", name));
    let undo = o.undo.as_ref().map(|name| ("undo", name));
    let condition = o.condition.as_ref().map(|c| ("if", &c.step));
    let needs = o.needs.iter().map(|name| ("needs", name));
    [verify, undo, on_fail, condition].into_iter().flatten().chain(needs)
}

/// Where a request goes is the team's choice alone: no parameter and no captured value may
/// stand before the path.
fn host(http: &HttpStep, front: &Front) -> Result<(), String> {
    let team = |name: &String| front.has_var(name);
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
