//! What people see of a run: its card, what it does, what it printed, and the runs there are.

mod buttons;
mod card;
mod output;
mod plan;
mod status;
mod steps;
#[cfg(test)]
mod tests;
mod words;

pub use card::card;
pub use output::output;
pub use plan::plan;

use std::fmt::Write as _;

use super::{Colour, Embed, Face, Pings, name};
use crate::core::seen::{RunSeen, Seen};
use crate::kit::text;
use crate::model::card::RunLine;
use crate::model::ids::{RoleId, UserId};
use crate::model::run::{Run, StepAt, StepState, Tail};

/// Characters of a list of runs: an embed takes 4096, and the title and the last line want some.
const LIST: usize = 3_800;
/// Roles and people that one call names: their mentions leave room for the text.
const CALLED: usize = 40;

/// The runs that are not over, and the newest that are.
pub fn list(lines: &[RunLine]) -> Face {
    let mut shown = String::new();
    let mut left = lines.len();
    let mut room = LIST;
    for l in lines {
        let lock = l.lock.as_deref().map(|lock| format!(" · holds {}", words::said(lock, 80)));
        let line = format!(
            "**{}** · {} · {} · asked <t:{}:R> by {}{}\n",
            l.run,
            words::said(&l.what, 100),
            words::said(&l.stands, 120),
            l.asked.at.seconds(),
            words::person(&l.asked.by),
            lock.unwrap_or_default(),
        );
        let Some(rest) = room.checked_sub(line.chars().count()) else { break };
        room = rest;
        left -= 1;
        shown.push_str(&line);
    }
    if left > 0 {
        let _ = write!(shown, "-# … {left} more: `/runs show` finds each by its number");
    }
    let title = match lines.len() {
        0 => "No run yet".to_owned(),
        1 => "1 run".to_owned(),
        n => format!("{n} runs"),
    };
    Face {
        embeds: vec![Embed {
            title: Some(title),
            description: shown,
            colour: Some(Colour::Blue),
            ..Embed::default()
        }],
        ..Face::default()
    }
}

/// A call to people: the only thing that pings.
pub fn call(roles: &[RoleId], people: &[UserId], text: &str) -> Face {
    let pings = Pings {
        roles: roles.iter().take(CALLED).copied().collect(),
        users: people.iter().take(CALLED).copied().collect(),
        here: false,
    };
    let roles = pings.roles.iter().map(|r| format!("<@&{r}> "));
    let mentions: String = roles.chain(pings.users.iter().map(|u| format!("<@{u}> "))).collect();
    Face { pings, ..Face::text(format!("{mentions}{text}")) }
}

/// What is seen of a run, with what its step printed last. `None` where that step is not under
/// way any more: then there is nothing that the run's own events do not say better.
pub fn with_tail(seen: &Seen, tail: Tail) -> Option<Seen> {
    match seen {
        Seen::Run(seen) if prints(&seen.run, tail.step) => {
            Some(Seen::Run(Box::new(RunSeen { live: Some(tail), ..(**seen).clone() })))
        }
        _ => None,
    }
}

/// Whether a program is at this step now, or at judging another by it.
fn prints(run: &Run, at: StepAt) -> bool {
    let judge = |s: &StepState| matches!(s, StepState::Unknown { asking: Some(by), .. } if *by == at);
    !run.is_over()
        && (matches!(run.steps.get(usize::from(at)), Some(StepState::Going { .. }))
            || run.steps.iter().any(judge))
}

/// The step that the run is at, with how it stands: the first that has begun and is not over.
fn current(run: &Run) -> Option<(StepAt, &StepState)> {
    let open = |s: &&StepState| !matches!(s, StepState::Waiting | StepState::Over(_));
    (0..).zip(&run.steps).find(|(_, s)| open(s))
}

/// A step's name in a sentence: `3. swap`. What comes only when another says so has no number.
fn titled(run: &Run, at: StepAt) -> String {
    let label = run.step(at).map(|s| s.label()).unwrap_or_default();
    match usize::from(at) < run.plan.steps.len() {
        true => format!("{}. {label}", u32::from(at) + 1),
        false => format!("↳ {label}"),
    }
}

/// `RUN-3 · soundlab · Quick rollback`, for a title: it stays the same as long as the run is kept.
fn title(run: &Run) -> String {
    let dry = if run.plan.dry { " · dry run" } else { "" };
    let (service, title) = (words::said(&run.plan.service, 60), words::said(&run.plan.title, 120));
    format!("{} · {service} · {title}{dry}", run.id)
}

/// The beginning of what people agree to, so that two views can be held against each other.
fn short_hash(run: &Run) -> String {
    run.hash.chars().take(12).collect()
}

/// A person in a line that reads no Markdown.
fn in_plain(name: &str) -> String {
    text::cut(&text::line(name), 100)
}
