//! What an incident's timeline says of its runs: what people decided and how it went, not every
//! step that simply passed.

use crate::model::card::{Entry, What};
use crate::model::commit::Commit;
use crate::model::event::Event;
use crate::model::person::Person;
use crate::model::run::{RunEnd, StepEnd, Stopping};

/// The line for an event about a run; `None` for what the run's own card shows well enough.
/// `label` gives what a step is called.
pub fn entry(commit: &Commit, event: &Event, label: impl Fn(u16) -> String) -> Option<Entry> {
    let who = |p: &Person| Some(p.clone());
    let (run, by, text) = match event {
        Event::RunAsked { run, plan, by, .. } => {
            let dry = if plan.dry { ", without changing anything" } else { "" };
            (run, who(by), format!("asked for {} of {}{dry}", plan.title, plan.service))
        }
        Event::RunAgreed { run, by, .. } => (run, who(by), "agreed".to_owned()),
        Event::RunConfirmed { run, by } => {
            (run, who(by), "typed the name of the service to go on".to_owned())
        }
        Event::GlassBroken { run, by, reason, .. } => {
            (run, who(by), format!("went on without a second person: {reason}"))
        }
        Event::StepUnknown { run, step } => {
            (run, None, format!("was cut short at {}, and nobody knows whether that worked", label(*step)))
        }
        Event::StepEnded { run, step, how, by, words, .. } => {
            let label = label(*step);
            let text = match (how, by) {
                (StepEnd::Failed, _) => format!("{label} failed: {words}"),
                (StepEnd::Warned, _) => format!("{label}, a warning: {words}"),
                (StepEnd::NotApplicable, _) => format!("{label} does not apply: {words}"),
                (StepEnd::Passed, Some(_)) => format!("{label}: {words}"),
                _ => return None,
            };
            (run, by.clone(), text)
        }
        Event::RunStopping { run, why: Stopping::Late } => (run, None, "its time is over".to_owned()),
        Event::UndoBegan { run, by, why } => (run, by.clone(), format!("takes back what it did: {why}")),
        Event::LockBroken { run, lock, by, reason } => {
            (run, who(by), format!("lost the lock {lock}: {reason}"))
        }
        Event::RunEnded { run, how } => {
            let (by, text) = match how {
                RunEnd::Passed => (None, "passed".to_owned()),
                RunEnd::Failed { why } => (None, format!("failed: {why}")),
                RunEnd::Cancelled { by, why } => {
                    let why = why.as_ref().map(|w| format!(": {w}")).unwrap_or_default();
                    (who(by), format!("cancelled{why}"))
                }
                RunEnd::Refused { by: Some(by) } => (who(by), "refused".to_owned()),
                RunEnd::Refused { by: None } => (None, "nobody agreed in time".to_owned()),
                RunEnd::Voided { why } => (None, format!("does not run: {why}")),
                RunEnd::Undone { why } => (None, format!("was taken back: {why}")),
            };
            (run, by, text)
        }
        _ => return None,
    };
    Some(Entry { at: commit.at, by, what: What::Run { run: *run, text } })
}
