//! A run's steps as a list: each a line with a mark, a name, its time and a few words. Of a long
//! run the part around the step that it is at.

use super::{titled, words};
use crate::kit::time::spoken;
use crate::model::run::{Run, StepAt, StepEnd, StepOver, StepState};

use std::time::Duration;

/// Lines of a list: more would push what matters off a telephone's screen.
const LINES: usize = 15;

/// The list, of at most `max` characters.
pub fn list(run: &Run, max: usize) -> String {
    let lines: Vec<(StepAt, String)> = (0..)
        .zip(&run.steps)
        .filter(|(at, s)| shown(run, *at, s))
        .map(|(at, s)| (at, line(run, at, s)))
        .collect();
    let centre = centre(run);
    let centre = lines.iter().position(|(at, _)| *at >= centre).unwrap_or(lines.len().saturating_sub(1));
    // What is left out is told in a line at each end.
    let (from, to) = window(&lines, centre, max.saturating_sub(160));
    let mut out = vec![];
    if from > 0 {
        out.push(format!("-# … {from} before{}", unlike(run, &lines[..from])));
    }
    out.extend(lines[from..to].iter().map(|(_, line)| line.clone()));
    if to < lines.len() {
        out.push(format!("-# … {} more{}", lines.len() - to, unlike(run, &lines[to..])));
    }
    out.join("\n")
}

/// A step that comes only when another one says so is listed once it came.
fn shown(run: &Run, at: StepAt, state: &StepState) -> bool {
    usize::from(at) < run.plan.steps.len() || *state != StepState::Waiting
}

/// The step that people look for: the one under way, else the one that failed, else the last.
fn centre(run: &Run) -> StepAt {
    let failed = |s: &StepState| matches!(s, StepState::Over(o) if o.how == StepEnd::Failed);
    let last = |wanted: &dyn Fn(&StepState) -> bool| {
        (0..).zip(&run.steps).filter(|(_, s)| wanted(s)).map(|(at, _)| at).last()
    };
    let current = super::current(run).map(|(at, _)| at);
    let over = || last(&|s| matches!(s, StepState::Over(_)));
    current.or_else(|| last(&failed)).or_else(over).unwrap_or(0)
}

/// As many lines around the centre as fit, the next one first.
fn window(lines: &[(StepAt, String)], centre: usize, max: usize) -> (usize, usize) {
    let (mut from, mut to, mut room) = (centre, centre, max);
    loop {
        let before = to - from;
        for next in [(to < lines.len()).then_some(to), from.checked_sub(1)] {
            let Some(n) = next.filter(|_| to - from < LINES) else { continue };
            let Some(rest) = room.checked_sub(lines[n].1.chars().count() + 1) else { continue };
            room = rest;
            (from, to) = (from.min(n), to.max(n + 1));
        }
        if to - from == before {
            return (from, to);
        }
    }
}

/// What of the lines that are left out did not go as it should.
fn unlike(run: &Run, lines: &[(StepAt, String)]) -> String {
    let ends = || lines.iter().filter_map(|(at, _)| run.ended(*at));
    let count = |end: StepEnd| ends().filter(|e| *e == end).count();
    let words: Vec<String> = [(StepEnd::Failed, "failed"), (StepEnd::Warned, "with a warning")]
        .into_iter()
        .filter(|(end, _)| count(*end) > 0)
        .map(|(end, word)| format!("{} {word}", count(end)))
        .collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

fn line(run: &Run, at: StepAt, state: &StepState) -> String {
    let label = words::said(&titled(run, at), 70);
    match state {
        StepState::Waiting => format!("□ {label}"),
        StepState::Going { attempt, since, .. } => {
            let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
            format!("▶ **{label}** · runs since <t:{}:R>{again}", since.seconds())
        }
        StepState::Again { at, why } => {
            format!("↻ **{label}** · again <t:{}:R> · {}", at.seconds(), words::said(why, 100))
        }
        StepState::Asked { since, reminded } => {
            let reminded = match reminded.times {
                0 => String::new(),
                1 => ", reminded once".to_owned(),
                n => format!(", reminded {n} times"),
            };
            format!("▶ **{label}** · waits for a person <t:{}:R>{reminded}", since.seconds())
        }
        StepState::Approving { until, .. } => {
            format!("▶ **{label}** · waits for approval until <t:{}:R>", until.seconds())
        }
        StepState::Unknown { asking: Some(by), .. } => {
            let by = run.step(*by).map(|s| words::said(&s.label(), 60)).unwrap_or_default();
            format!("? **{label}** · unknown; {by} is asked whether it worked")
        }
        StepState::Unknown { asking: None, .. } => format!("? **{label}** · unknown; a person must decide"),
        StepState::Over(over) => ended(&label, over),
    }
}

fn ended(label: &str, over: &StepOver) -> String {
    let (mark, word) = match over.how {
        StepEnd::Passed => ("✓", ""),
        StepEnd::Failed => ("✗", "failed"),
        StepEnd::Warned => ("⚠", "warning"),
        StepEnd::Skipped => ("–", "skipped"),
        StepEnd::NotApplicable => ("–", "n/a"),
        StepEnd::Stopped => ("✗", "ended with its run"),
        StepEnd::Would => ("✓", "would"),
    };
    let label = if over.how == StepEnd::Failed { format!("**{label}**") } else { label.to_owned() };
    let took = (over.millis > 0).then(|| spoken(Duration::from_millis(over.millis)));
    let said = words::said(&over.words, 110);
    let said = match (word, said.as_str()) {
        ("", said) => said.to_owned(),
        (word, "") => word.to_owned(),
        (word, said) => format!("{word}: {said}"),
    };
    let by = over.by.as_ref().map(|p| format!("by {}", words::person(p)));
    let parts = [Some(label), took, Some(said).filter(|s| !s.is_empty()), by];
    format!("{mark} {}", parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}
