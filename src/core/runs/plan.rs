//! Makes what runs out of what people wrote: a copy of the steps, and of every value that is put
//! into them.

use std::collections::{BTreeMap, BTreeSet};

use super::params;
use crate::core::checks::no_such_service;
use crate::kit::text;
use crate::model::button::Start;
use crate::model::house::House;
use crate::model::input::RunAsk;
use crate::model::reply::{Choice, Refusal};
use crate::model::run::Plan;
use crate::model::runbook::step::OnFail;
use crate::model::runbook::{Action, Param, Runbook, Section, Step, StepKind, StepName};

/// Steps that one run has at most: people look at each.
const STEPS: usize = 1_000;

/// What an action's name, or a section's, stands for.
pub struct Target<'h> {
    /// In which runbook.
    pub runbook: &'h Runbook,
    /// Its name: the action's, or the section's anchor.
    pub name: &'h str,
    /// What the front matter says of it, where it names it.
    pub action: Option<&'h Action>,
    /// Its section.
    pub section: &'h Section,
}

/// Finds it. A form spells a long name by its hash.
pub fn target<'h>(house: &'h House, service: &str, name: &str) -> Result<Target<'h>, Refusal> {
    let runbook = house.runbook(service).ok_or_else(|| no_such_service(house, service))?;
    let meant = |own: &str| own == name || (name.starts_with('~') && Start::spelled(own) == name);
    let named = runbook.actions.iter().find(|(own, _)| meant(own));
    // The anchor of an action's section is that action, with all that it asks for.
    let action = match named {
        Some(found) => Some(found),
        None => of_section(runbook, |own| meant(own))?,
    };
    let found = match action {
        Some((own, action)) => runbook.section(&action.section).map(|section| Target {
            runbook,
            name: own,
            action: Some(action),
            section,
        }),
        None => runbook.sections.iter().find(|s| meant(&s.anchor)).map(|section| Target {
            runbook,
            name: &section.anchor,
            action: None,
            section,
        }),
    };
    if let Some(Target { action: None, section, .. }) = &found {
        free_of_actions(runbook, section)?;
    }
    found.ok_or_else(|| {
        let known: Vec<&str> = runbook.actions.keys().map(String::as_str).collect();
        let known =
            if known.is_empty() { "none; a section's anchor works too".to_owned() } else { known.join(", ") };
        Refusal::new(format!(
            "{service}'s runbook has no action or section `{}`. Its actions: {known}.",
            text::cut(&text::line(name), 60).replace('`', "'")
        ))
    })
}

/// The action whose section has a name that is meant.
///
/// # Errors
/// When several have: each asks for something else.
fn of_section(
    runbook: &Runbook,
    meant: impl Fn(&str) -> bool,
) -> Result<Option<(&String, &Action)>, Refusal> {
    let all: Vec<_> = runbook.actions.iter().filter(|(_, a)| meant(&a.section)).collect();
    match all.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        several => {
            let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).collect();
            Err(Refusal::new(format!("Several actions are this section: {}. Name one.", names.join(", "))))
        }
    }
}

/// A section that no action names asks nobody: so it may neither hold nor be part of one that an
/// action names, and it may run nothing that runs only when another step says so.
fn free_of_actions(runbook: &Runbook, section: &Section) -> Result<(), Refusal> {
    let within = |outer: &str, inner: &str| runbook.subtree(outer).iter().any(|s| s.anchor == inner);
    let clash = runbook
        .actions
        .iter()
        .find(|(_, a)| within(&section.anchor, &a.section) || within(&a.section, &section.anchor));
    if let Some((name, _)) = clash {
        return Err(Refusal::new(format!(
            "`{}` and the action `{name}` have steps in common. Run the action: `action: {name}`.",
            section.anchor
        )));
    }
    let own: Vec<&StepName> = runbook.steps(&section.anchor).filter_map(|s| s.name.as_ref()).collect();
    let here = |s: &Step| s.name.as_ref().is_some_and(|n| own.contains(&n));
    let others = runbook.sections.iter().flat_map(|s| &s.steps).filter(|s| !here(s));
    match others.flat_map(named).find(|n| own.contains(&n)) {
        Some(name) => Err(Refusal::new(format!(
            "`{}` runs only when another step says so, because of the step `{name}`. To run it by itself, give it an action in the front matter.",
            section.anchor
        ))),
        None => Ok(()),
    }
}

impl Target<'_> {
    /// Its steps, and those that come only when one of them says so.
    pub fn steps(&self) -> (Vec<Step>, Vec<Step>) {
        let line: Vec<Step> = self.runbook.steps(&self.section.anchor).cloned().collect();
        let mut asides: Vec<Step> = vec![];
        let mut wanted: Vec<StepName> = line.iter().flat_map(named).collect();
        while let Some(name) = wanted.pop() {
            let here = |s: &Step| s.name.as_ref() == Some(&name);
            if line.iter().any(here) || asides.iter().any(here) {
                continue;
            }
            if let Some(step) = self.runbook.step(name.as_str()) {
                wanted.extend(named(step));
                asides.push(step.clone());
            }
        }
        asides.sort_by_key(|s| s.line);
        (line, asides)
    }

    /// The parameters that its steps use.
    pub fn params(&self) -> Vec<(&str, &Param)> {
        let (line, asides) = self.steps();
        let used = names(self.runbook, line.iter().chain(&asides));
        let all = self.runbook.params.iter().filter(|(name, _)| used.contains(*name));
        all.map(|(name, param)| (name.as_str(), param)).collect()
    }

    /// What people call it.
    pub fn title(&self) -> String {
        self.action.and_then(|a| a.title.clone()).unwrap_or_else(|| self.section.full_title())
    }
}

/// The steps that a step names.
fn named(step: &Step) -> Vec<StepName> {
    let o = &step.options;
    let on_fail = match &o.on_fail {
        OnFail::Step(name) => Some(name.clone()),
        _ => None,
    };
    [o.undo.clone(), o.verify.clone(), on_fail].into_iter().flatten().collect()
}

/// The names that steps need a value for before they begin: not their secrets, and not what
/// they capture.
fn names<'s>(runbook: &Runbook, steps: impl Iterator<Item = &'s Step> + Clone) -> BTreeSet<String> {
    let captured: BTreeSet<&str> = steps
        .clone()
        .filter_map(|s| match &s.kind {
            StepKind::Http(http) => Some(http.captures.iter().map(|c| c.name.as_str())),
            _ => None,
        })
        .flatten()
        .collect();
    let mut names = BTreeSet::new();
    for step in steps {
        names.extend(step.options.env.iter().cloned());
        if let StepKind::Http(http) = &step.kind {
            // What an answer says never takes the place of what the team or the asker says.
            let known = |n: &str| runbook.vars.iter().any(|v| v == n) || runbook.params.contains_key(n);
            let own = http.names().into_iter().filter(|n| {
                (known(n) || !captured.contains(n)) && !step.options.secrets.iter().any(|s| s == n)
            });
            names.extend(own.map(str::to_owned));
        }
    }
    names
}

/// The plan for what is asked.
///
/// # Errors
/// What is missing or wrong, and what to do.
pub fn make(house: &House, ask: &RunAsk) -> Result<Plan, Refusal> {
    let target = target(house, &ask.service, &ask.action)?;
    let (steps, asides) = target.steps();
    let (service, name) = (&target.runbook.service, target.name);
    if steps.is_empty() {
        return Err(Refusal::new(format!("`{name}` of {service} has no steps: it is a text to read.")));
    }
    if steps.len() + asides.len() > STEPS {
        return Err(Refusal::new(format!(
            "`{name}` of {service} has {} steps; {STEPS} are the most that one run has. Name a part of it.",
            steps.len() + asides.len()
        )));
    }
    let used = names(target.runbook, steps.iter().chain(&asides));
    let mut values = BTreeMap::new();
    for (typed, value) in &ask.params {
        match target.runbook.params.get(typed) {
            Some(param) if used.contains(typed) => {
                params::check(typed, param, value)?;
                values.insert(typed.clone(), value.clone());
            }
            _ => {
                let all: Vec<&str> = target.params().into_iter().map(|(n, _)| n).collect();
                let takes = if all.is_empty() { "nothing".to_owned() } else { all.join(", ") };
                return Err(Refusal::new(format!(
                    "`{name}` of {service} takes no `{}`. It takes: {takes}.",
                    text::cut(&text::line(typed), 40).replace('`', "'")
                )));
            }
        }
    }
    let typed: Vec<String> = values.keys().cloned().collect();
    let vars = house.vars(service);
    for wanted in &used {
        if values.contains_key(wanted) {
            continue;
        }
        if target.runbook.params.contains_key(wanted) {
            return Err(Refusal::new(format!(
                "`{name}` of {service} needs a value for `{wanted}`: write `with: {wanted}=…`."
            )));
        }
        let value = vars.and_then(|v| v.get(wanted)).ok_or_else(|| {
            Refusal::new(format!(
                "`{wanted}` has no value. Set it in muster.toml under [services.{service}.vars]; `muster check` finds such gaps."
            ))
        })?;
        values.insert(wanted.clone(), value.clone());
    }
    let action = target.action;
    Ok(Plan {
        service: service.clone(),
        action: name.to_owned(),
        title: target.title(),
        runbook: target.runbook.hash.clone(),
        steps,
        asides,
        values,
        params: typed,
        lock: action.and_then(|a| a.lock.as_ref()).map(|lock| format!("{service}/{lock}")),
        deadline: action.and_then(|a| a.deadline),
        approve: action.and_then(|a| a.approve.clone()),
        undo: action.map(|a| a.undo).unwrap_or_default(),
        roles: action.and_then(|a| a.roles.clone()),
        confirm: action.is_some_and(|a| a.confirm),
        danger: action.and_then(|a| a.danger.clone()),
        dry: ask.dry,
    })
}

/// Whether what would run now is what was shown. What people agreed to is bound to its hash.
///
/// # Errors
/// What changed, as the end of a sentence.
pub fn unchanged(house: &House, plan: &Plan) -> Result<(), String> {
    let params = plan.params.iter().filter_map(|n| Some((n.clone(), plan.values.get(n)?.clone())));
    let ask = RunAsk {
        service: plan.service.clone(),
        action: plan.action.clone(),
        params: params.collect(),
        dry: plan.dry,
        ..RunAsk::default()
    };
    match make(house, &ask) {
        Ok(now) if now == *plan => Ok(()),
        Ok(now) if now.runbook != plan.runbook => {
            Err("the runbook has changed since it was shown".to_owned())
        }
        Ok(_) => Err("the settings that it uses have changed since it was shown".to_owned()),
        Err(why) => Err(format!("it can not be run any more: {}", why.0)),
    }
}

/// The actions of a service, and its other sections that have steps, as proposals.
pub fn choices(house: &House, service: &str) -> Vec<Choice> {
    let Some(runbook) = house.runbook(service) else {
        return vec![];
    };
    let called = |name: &str, title: &str| Choice {
        name: text::cut(&if name == title { name.to_owned() } else { format!("{name} · {title}") }, 100),
        value: name.to_owned(),
    };
    let actions = runbook.actions.iter().filter_map(|(name, action)| {
        let section = runbook.section(&action.section)?;
        Some(called(name, action.title.as_deref().unwrap_or(&section.title)))
    });
    let taken = |s: &Section| runbook.actions.values().any(|a| a.section == s.anchor);
    let sections = runbook.sections.iter().filter(|s| !taken(s) && runbook.steps(&s.anchor).next().is_some());
    let sections = sections.map(|s| called(&s.anchor, &s.full_title()));
    // Discord refuses a value of more than 100 characters; whoever needs such a one types it.
    actions.chain(sections).filter(|c| c.value.chars().count() <= 100).collect()
}
