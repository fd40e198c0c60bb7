//! Where a run stands, in words: the first thing on its card, and the last thing said of it.

use std::time::Duration;

use super::{current, titled, words};
use crate::core::runs::GLASS;
use crate::kit::time::{Timestamp, spoken};
use crate::model::run::{Run, RunEnd, RunPhase, StepAt, StepEnd, StepState, Stopping};
use crate::model::runbook::{Approve, StepKind};
use crate::render::Colour;

/// Signs of a bar.
const BAR: usize = 12;

/// Where it stands: a line or two, and the colour that says it a second time.
pub fn status(run: &Run) -> (String, Colour) {
    match &run.phase {
        RunPhase::Asked { until } => asked(run, *until),
        RunPhase::Going { since, deadline, stopping, undoing } => {
            let (what, colour) = going(run, stopping.as_ref(), undoing.as_deref());
            let mut clock = format!("started <t:{}:R>", since.seconds());
            if let Some(deadline) = deadline {
                let allowed = run.plan.deadline.map(|d| format!(" ({})", spoken(d))).unwrap_or_default();
                clock.push_str(&format!(" · must be done <t:{}:R>{allowed}", deadline.seconds()));
            }
            (format!("{what}\n{} · {clock}", bar(run)), colour)
        }
        RunPhase::Over { began, at, how } => over(run, *began, *at, how),
    }
}

/// `▰▰▰▱▱▱ 3 of 6`: how many of its steps are over.
fn bar(run: &Run) -> String {
    let all = run.plan.steps.len();
    let over = run.steps.iter().take(all).filter(|s| matches!(s, StepState::Over(_))).count();
    let full = (over * BAR).checked_div(all).unwrap_or(0);
    format!("{}{} {over} of {all} done", "▰".repeat(full), "▱".repeat(BAR - full))
}

fn asked(run: &Run, until: Timestamp) -> (String, Colour) {
    let words = match &run.plan.approve {
        Some(approve) => format!("🔒 **Waits for approval** {}", who(run, approve, run.asked.at, until)),
        None => "🔒 **Waits to begin**".to_owned(),
    };
    (words, Colour::Yellow)
}

/// By whom, until when, and what the asker may do alone.
fn who(run: &Run, approve: &Approve, since: Timestamp, until: Timestamp) -> String {
    let role = words::said(&approve.role, 60);
    let people = match approve.count {
        0 | 1 => format!("by somebody with the role **{role}**"),
        n => format!("by {n} people with the role **{role}**, {} so far", run.agreed.len()),
    };
    let other = match approve.by_other {
        true => format!(", not {}", words::person(&run.asked.by)),
        false => String::new(),
    };
    format!(
        "{people}{other}\nno answer until <t:{}:R> is a refusal · break glass from <t:{}:R>",
        until.seconds(),
        since.after(GLASS).seconds(),
    )
}

fn going(run: &Run, stopping: Option<&Stopping>, undoing: Option<&str>) -> (String, Colour) {
    let at = current(run);
    let waits = at.and_then(|(at, state)| waits(run, at, state));
    match (stopping, undoing, waits) {
        (Some(Stopping::Cancelled { by, why }), ..) => {
            let why = why.as_deref().map(|w| format!(": {}", words::said(w, 300))).unwrap_or_default();
            let by = words::person(by);
            (
                format!("🛑 **Is being cancelled** by {by}{why}\nWhat is under way is being ended."),
                Colour::Grey,
            )
        }
        (Some(Stopping::Late), ..) => {
            ("⏰ **Its time is over.** What is under way is being ended.".to_owned(), Colour::Red)
        }
        (None, _, Some(waits)) => (waits, Colour::Orange),
        (None, Some(why), None) => {
            let step = at.map(|(at, _)| format!("\nnow {}", words::said(&titled(run, at), 100)));
            let why = words::said(why, 300);
            (format!("↩️ **Takes back what was done**: {why}{}", step.unwrap_or_default()), Colour::Orange)
        }
        (None, None, None) => {
            let words = match at {
                Some((at, _)) => format!("▶️ **Runs** step {}", place(run, at)),
                None => "▶️ **Runs**".to_owned(),
            };
            (words, Colour::Blue)
        }
    }
}

/// `3 of 7: swap`.
fn place(run: &Run, at: StepAt) -> String {
    let label = run.step(at).map(|s| words::said(&s.label(), 100)).unwrap_or_default();
    match usize::from(at) < run.plan.steps.len() {
        true => format!("{} of {}: {label}", u32::from(at) + 1, run.plan.steps.len()),
        false => format!("↳ {label}"),
    }
}

/// For what a person is waited for.
fn waits(run: &Run, at: StepAt, state: &StepState) -> Option<String> {
    let place = place(run, at);
    Some(match state {
        StepState::Asked { since, .. } => {
            format!("🙋 **Waits for a person** <t:{}:R>: step {place}", since.seconds())
        }
        StepState::Approving { since, until } => {
            let approve = run.step(at).and_then(|s| match &s.kind {
                StepKind::Approve(question) => Some(who(run, &question.approve, *since, *until)),
                _ => None,
            });
            format!("🔒 **Waits for approval** in step {place}\n{}", approve.unwrap_or_default())
        }
        StepState::Unknown { asking: None, .. } => {
            format!("❓ **A person must decide**: nobody knows whether step {place} worked")
        }
        _ => return None,
    })
}

fn over(run: &Run, began: Option<Timestamp>, at: Timestamp, how: &RunEnd) -> (String, Colour) {
    let because = |why: &str| words::said(why, 500);
    let by_whom =
        |why: &Option<String>| why.as_deref().map(|w| format!(": {}", because(w))).unwrap_or_default();
    let (words, colour) = match how {
        RunEnd::Passed if run.plan.dry => {
            ("✅ **Dry run passed**: nothing was changed".to_owned(), Colour::Green)
        }
        RunEnd::Passed => (format!("✅ **Passed**{}", warnings(run)), Colour::Green),
        RunEnd::Failed { why } => (format!("❌ **Failed**: {}", because(why)), Colour::Red),
        RunEnd::Cancelled { by, why } => {
            (format!("🛑 **Cancelled** by {}{}", words::person(by), by_whom(why)), Colour::Grey)
        }
        RunEnd::Refused { by: Some(by) } => {
            (format!("⛔ **Refused** by {}", words::person(by)), Colour::Grey)
        }
        RunEnd::Refused { by: None } => ("⛔ **Refused**: nobody agreed in time".to_owned(), Colour::Grey),
        RunEnd::Voided { why } => (
            format!("⛔ **Void**: {}. Ask for it again to see what would run now", because(why)),
            Colour::Grey,
        ),
        RunEnd::Undone { why } => (format!("↩️ **Taken back**: {}", because(why)), Colour::Grey),
    };
    (format!("{words}\n{} · ended <t:{}:f>", took(run, began, at, how), at.seconds()), colour)
}

fn warnings(run: &Run) -> String {
    let warned = |s: &&StepState| matches!(s, StepState::Over(o) if o.how == StepEnd::Warned);
    match run.steps.iter().filter(warned).count() {
        0 => String::new(),
        1 => ", with 1 warning".to_owned(),
        n => format!(", with {n} warnings"),
    }
}

/// `took **1 m 32 s** of 2 m`: the time, held against what it had.
fn took(run: &Run, began: Option<Timestamp>, at: Timestamp, how: &RunEnd) -> String {
    let Some(began) = began else {
        return "it never began".to_owned();
    };
    let time: Duration = at.since(began);
    let took = format!("took **{}**", spoken(time));
    match run.plan.deadline {
        // What takes back has no deadline, and its own beginning.
        Some(allowed) if !run.plan.dry && !matches!(how, RunEnd::Undone { .. }) => {
            let over = if time > allowed { ", which is too long" } else { "" };
            format!("{took} of {}{over}", spoken(allowed))
        }
        _ => took,
    }
}
