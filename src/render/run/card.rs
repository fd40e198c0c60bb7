//! A run's card: the one message that is edited as the run goes on. Made for somebody who was
//! just woken: where it stands, what is asked of them, then the rest.

use super::{buttons, current, in_plain, short_hash, status, steps, title, words};
use crate::core::seen::RunSeen;
use crate::model::run::{Run, RunPhase, StepAt, StepEnd, StepState};
use crate::model::runbook::StepKind;
use crate::model::runbook::step::Manual;
use crate::render::{Embed, Face};

/// Characters of the whole: an embed takes 4096.
const ALL: usize = 4_000;
/// Of those, characters of the list of steps: what is left, and no more than this.
const STEPS: usize = 1_500;
/// Characters of what is asked of a person: the words of a step, its code, the text beside it.
const ASKED: usize = 400;
const BESIDE: usize = 300;
const BESIDE_LINES: usize = 8;
const CODE: usize = 900;
/// What a step printed last.
const TAIL: usize = 700;
/// Lines and characters of what somebody is asked about.
const ASKED_LINES: usize = 20;
const ASKED_TAIL: usize = 1_200;
const TAIL_LINES: usize = 8;
/// What the asker typed.
const PARAMS: usize = 300;

/// The card. Its title, its footer and its time stay the same as long as the run is kept: by
/// them a card is found again that was posted unseen.
pub fn card(seen: &RunSeen) -> Face {
    let run = &seen.run;
    let (stands, colour) = status::status(run);
    let first = joined([stands, facts(run), focus(seen)]);
    let left = ALL.saturating_sub(first.chars().count());
    let description = joined([first, steps::list(run, left.min(STEPS))]);
    Face {
        embeds: vec![Embed {
            title: Some(title(run)),
            description,
            colour: Some(colour),
            footer: Some(format!("asked by {} · plan {}", in_plain(&run.asked.by.name), short_hash(run))),
            at: Some(run.asked.at),
            ..Embed::default()
        }],
        buttons: buttons::buttons(run),
        ..Face::default()
    }
}

fn joined<const N: usize>(parts: [String; N]) -> String {
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// What is true of it whatever happens: danger, values, lock, who agreed.
fn facts(run: &Run) -> String {
    let mut lines = vec![];
    if let Some(danger) = run.plan.danger.as_ref().filter(|_| !run.is_over()) {
        lines.push(format!("⚠️ **{}**", words::said(danger, 300)));
    }
    if let Some(reason) = &run.glass {
        let by = words::person(&run.asked.by);
        let reason = words::said(reason, 300);
        lines.push(format!("🔨 **Glass broken**: {by} went on without a second person: {reason}"));
    }
    let mut small = vec![];
    if !run.plan.params.is_empty() {
        let value = |name: &String| run.plan.values.get(name).map(|v| format!("{name} = {v}"));
        let all: Vec<String> = run.plan.params.iter().filter_map(value).collect();
        small.push(format!("with {}", words::said(&all.join(", "), PARAMS)));
    }
    if let Some(lock) = run.plan.lock.as_deref().filter(|_| !run.plan.dry && !run.is_over()) {
        let holds = if run.holds().is_some() { "holds" } else { "will hold" };
        small.push(format!("{holds} the lock {}", words::said(lock, 100)));
    }
    if let Some(incident) = run.incident {
        small.push(format!("for {incident}"));
    }
    if !run.agreed.is_empty() {
        let names: Vec<String> = run.agreed.iter().take(5).map(|s| words::person(&s.by)).collect();
        let more = run.agreed.len().saturating_sub(names.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        small.push(format!("agreed: {}{more}", names.join(", ")));
    }
    if !small.is_empty() {
        lines.push(format!("-# {}", small.join(" · ")));
    }
    lines.join("\n")
}

/// What somebody has to read now: what is asked of them, or what the step says.
fn focus(seen: &RunSeen) -> String {
    let run = &seen.run;
    if let RunPhase::Over { .. } | RunPhase::Asked { .. } = run.phase {
        return failed(run);
    }
    match current(run) {
        Some((at, StepState::Asked { .. })) => person_s(run, at),
        Some((at, StepState::Approving { .. })) => question(run, at),
        Some((at, StepState::Unknown { asking: None, .. })) => unknown(run, at),
        _ => match seen.live.as_ref().filter(|tail| super::prints(run, tail.step)) {
            Some(tail) => words::end_of(&tail.text, TAIL_LINES, TAIL),
            None => failed(run),
        },
    }
}

/// What the step that failed last printed in the end.
fn failed(run: &Run) -> String {
    let tails = run.steps.iter().rev().filter_map(|s| match s {
        StepState::Over(over) if over.how == StepEnd::Failed => Some(over.tail.as_str()),
        _ => None,
    });
    let last = tails.into_iter().find(|tail| !tail.trim().is_empty());
    last.map(|tail| words::end_of(tail, TAIL_LINES, TAIL)).unwrap_or_default()
}

/// A step that a person does: what to do, what stands beside it, what to copy.
fn person_s(run: &Run, at: StepAt) -> String {
    let Some(step) = run.step(at) else { return String::new() };
    let mut parts = vec![];
    let beside = words::markdown(&step.beside, BESIDE);
    if !beside.is_empty() {
        let lines = beside.lines().take(BESIDE_LINES).map(|l| format!("> {l}"));
        parts.push(lines.collect::<Vec<_>>().join("\n"));
    }
    match &step.kind {
        StepKind::Manual(Manual::Task(text) | Manual::Numbered(text)) => {
            parts.push(format!("**{}**", words::said(text, ASKED)));
        }
        StepKind::Manual(Manual::Code { language, code }) => {
            let (block, whole) = words::code(language, code, CODE);
            parts.push(block);
            if !whole {
                parts.push("-# This is its beginning: **What runs** has all of it.".to_owned());
            }
        }
        _ => parts.push(format!("**{}**", words::said(&step.label(), ASKED))),
    }
    parts.extend(printed_before(run, at));
    parts.join("\n")
}

/// What the program before a step printed: it is what somebody who is asked wants to see.
fn printed_before(run: &Run, at: StepAt) -> Option<String> {
    let before = run.steps.iter().take(usize::from(at)).rev();
    let last = before.filter_map(|s| match s {
        StepState::Over(over) if matches!(over.how, StepEnd::Passed | StepEnd::Warned) => Some(over),
        _ => None,
    });
    let tail = last.take(1).map(|over| over.tail.as_str()).find(|tail| !tail.trim().is_empty())?;
    Some(words::end_of(tail, ASKED_LINES, ASKED_TAIL))
}

fn question(run: &Run, at: StepAt) -> String {
    let Some(step) = run.step(at) else { return String::new() };
    let text = match &step.kind {
        StepKind::Approve(question) => question.text.clone(),
        _ => None,
    };
    let beside = words::markdown(&step.beside, BESIDE);
    let asked = format!("**{}**", words::said(&text.unwrap_or_else(|| step.label()), ASKED));
    let asked = if beside.is_empty() { asked } else { format!("{beside}\n{asked}") };
    match printed_before(run, at) {
        Some(printed) => format!("{printed}\n{asked}"),
        None => asked,
    }
}

/// What happened to a step that was cut short, and what each choice means.
fn unknown(run: &Run, at: StepAt) -> String {
    let label = run.step(at).map(|s| words::said(&s.label(), 80)).unwrap_or_default();
    format!(
        "Muster ended while **{label}** was under way, and has ended what was left of it. Look whether it \
         did its work, then choose:\n**It worked**: the run goes on as if it had passed.\n**Run again**: it \
         is started a second time; only where a second time does no harm.\n**Stop**: it counts as failed."
    )
}
