//! `/oncall now`, `/oncall schedule`, `/oncall handoff`: who is on call, who comes next, and what they
//! have to know.

use super::spell::{self, Spelling};
use super::state::NOTES;
use super::turn::what_is_open;
use super::{board, look};
use crate::core::Outcome;
use crate::core::args::Args;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::card::{Show, Tone};
use crate::model::duty::{HandoffNote, OnCallNews};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::incident::Stamp;
use crate::model::input::Interaction;
use crate::model::reply::{Choice, Refusal, Reply};

/// How long a list may be, in characters: a message has 2,000.
const ROOM: usize = 1_800;
/// Longest note for a change of shift, in characters.
const NOTE: usize = 500;

fn info(text: String) -> Outcome {
    let show = Show::Notice { tone: Tone::Info, text };
    Outcome::reply(Reply::Show { show, private: true })
}

/// Lines as long as there is room; the others are counted.
fn room(mut text: String, lines: Vec<String>) -> String {
    let all = lines.len();
    for (n, line) in lines.into_iter().enumerate() {
        if text.chars().count() + line.chars().count() > ROOM {
            text.push_str(&format!("\nand {} more lines", all - n));
            break;
        }
        text.push('\n');
        text.push_str(&line);
    }
    text
}

/// Now and next of every rota, and how to reach whoever is on call now.
pub fn now(state: &State, house: &House, now: Timestamp) -> Outcome {
    let mut round = crate::core::reminders::lines(state, house);
    if !round.is_empty() {
        round.insert(0, "**What comes round**".to_owned());
    }
    if house.oncall.rotas.is_empty() && round.is_empty() {
        return info(spell::no_rota());
    }
    let (title, mut lines) = spell::board(&board::now(state, house, now), Spelling::Discord);
    lines.extend(round);
    info(room(title, lines))
}

/// The shifts of a rota in the next days.
pub fn schedule(state: &State, house: &House, now: Timestamp, args: &Args<'_>) -> Result<Outcome, Refusal> {
    let schedule = board::schedule(state, house, now, args.text("rota"), args.integer("days"))?;
    let (title, lines) = spell::schedule(&schedule, Spelling::Discord);
    Ok(info(room(title, lines)))
}

/// What whoever comes next has to know; with a note, it is kept for them.
pub fn handoff(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let Some(note) = args.text("note") else {
        let next = state.oncall.next().filter(|at| at.since(now) < look::FAR);
        let when = next.map_or_else(
            || "No change of shift is ahead.".to_owned(),
            |at| format!("The next change of shift is <t:{}:R>; this is told then:", at.seconds()),
        );
        return Ok(info(room(when, what_is_open(state, now))));
    };
    let note = text::line(note);
    if note.chars().count() > NOTE {
        return Err(Refusal::new(format!("A note has at most {NOTE} characters.")));
    }
    if house.oncall.rotas.is_empty() {
        return Err(Refusal::new(
            "There is no rota, so that no shift ever changes. Write one under [oncall] in muster.toml.",
        ));
    }
    if state.oncall.notes.len() >= NOTES {
        return Err(Refusal::new(format!(
            "{NOTES} notes wait for the next change of shift, and one more would push out the first. Put it where an incident or a runbook is, or say it to whoever is next."
        )));
    }
    let asked = Stamp { at: now, by: i.by.person.clone() };
    let event = Event::OnCall(Box::new(OnCallNews::Noted(HandoffNote { text: note, asked })));
    let reply = Reply::done("It is told at the next change of shift.");
    Ok(Outcome { events: vec![event], reply, ..Outcome::default() })
}

/// What could stand where a rota is to be named.
pub fn choices(house: &House) -> impl Iterator<Item = Choice> {
    house.oncall.rotas.keys().map(|name| Choice { name: name.clone(), value: name.clone() })
}

/// What could stand where an override is to be named: those that are not over.
pub fn overrides(state: &State, now: Timestamp) -> impl Iterator<Item = Choice> {
    let all = state.oncall.overrides.iter().rev().filter(move |o| o.until > now);
    all.map(|o| Choice {
        name: text::cut(&format!("{} · {} · {} of {}", o.id, text::line(&o.who.name), o.rank, o.rota), 100),
        value: o.id.to_string(),
    })
}
