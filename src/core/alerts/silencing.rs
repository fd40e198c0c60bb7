//! `/silence`: people say for how long, of what and why nobody is to be told.

use std::time::Duration;

use super::silence;
use crate::core::Outcome;
use crate::core::args::Args;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::{Timestamp, spoken};
use crate::model::alert::Alert;
use crate::model::card::{Show, Tone};
use crate::model::command::Action;
use crate::model::event::Event;
use crate::model::ids::SilenceId;
use crate::model::input::Interaction;
use crate::model::reply::{Choice, Refusal, Reply};
use crate::model::silence::Silence;

/// How many alerts, or silences, are shown at most.
const SHOWN: usize = 25;
/// How long a list may be, in characters, with room for the sentence before it: a message has 2,000.
const ROOM: usize = 1_400;

/// A slash command about silences.
pub fn command(
    state: &State,
    now: Timestamp,
    i: &Interaction,
    action: Action,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    match action {
        Action::SilenceAdd => {
            let matchers = silence::matchers(args.needed("match")?).map_err(Refusal::new)?;
            let lasts = silence::duration(args.needed("for")?).map_err(Refusal::new)?;
            let why = args.needed("why")?;
            let silence = silence::asked(&state.alerts, now, &i.by.person, matchers, lasts, why)?;
            let text = added(state, &silence, lasts);
            Ok(done(Event::SilenceAdded(Box::new(silence)), text))
        }
        Action::SilenceEnd => end(state, now, i, args),
        _ => Ok(list(state, now)),
    }
}

fn end(state: &State, now: Timestamp, i: &Interaction, args: &Args<'_>) -> Result<Outcome, Refusal> {
    let id: SilenceId =
        args.read("silence")?.ok_or_else(|| Refusal::new("Name the silence: `silence: SIL-1`."))?;
    let silence = state.alerts.silences.get(&id).filter(|s| s.until > now).ok_or_else(|| {
        let counting: Vec<String> = counting(state, now).map(|s| s.id.to_string()).collect();
        let all = if counting.is_empty() { "none".to_owned() } else { counting.join(", ") };
        Refusal::new(format!("{id} is over, or there never was one. Now there is: {all}."))
    })?;
    let firing = meant(state, silence).count();
    let still = match firing {
        0 => "Nothing that it muted fires now.".to_owned(),
        1 => {
            "One alert that it muted still fires: it is told now, unless something else mutes it.".to_owned()
        }
        n => format!(
            "{n} alerts that it muted still fire: they are told now, unless something else mutes them."
        ),
    };
    let text = format!("**{id}** is over: {}. {still}", code(silence));
    Ok(done(Event::SilenceEnded { silence: id, by: i.by.person.clone() }, text))
}

fn done(event: Event, text: String) -> Outcome {
    let show = Show::Notice { tone: Tone::Done, text };
    Outcome { events: vec![event], effects: vec![], reply: Reply::Show { show, private: false } }
}

/// What is said of a silence that begins: how much of what fires now it means, and which.
pub fn added(state: &State, silence: &Silence, lasts: Duration) -> String {
    let mut lines: Vec<String> = vec![];
    let mut length = 0;
    let firing = meant(state, silence).count();
    for alert in meant(state, silence).take(SHOWN) {
        let labels = text::line(&alert.labels.to_string()).replace('`', "'");
        let line = format!("\n- {} `{}`", alert.group, text::cut(&labels, 120));
        length += line.chars().count();
        if length > ROOM {
            break;
        }
        lines.push(line);
    }
    let count = match firing {
        0 => "Nothing that fires now is meant.".to_owned(),
        1 => "One alert that fires now is meant:".to_owned(),
        n => format!("{n} alerts that fire now are meant:"),
    };
    let more = match firing - lines.len() {
        0 => String::new(),
        n => format!("\nand {n} more"),
    };
    format!(
        "**{}** for {}, until <t:{}:f>: nobody is told of {}. {}\n{count}{}{more}",
        silence.id,
        spoken(lasts),
        silence.until.seconds(),
        code(silence),
        text::escape_markdown(&silence.why),
        lines.concat(),
    )
}

/// Those that are in force or will be, the first to end first.
fn list(state: &State, now: Timestamp) -> Outcome {
    let mut all: Vec<&Silence> = counting(state, now).collect();
    all.sort_unstable_by_key(|s| (s.until, s.id));
    let mut text = match all.len() {
        0 => "Nothing is silenced. `/silence add` does it.".to_owned(),
        1 => "One silence:".to_owned(),
        n => format!("{n} silences, the first to end first:"),
    };
    let mut shown = 0;
    for silence in all.iter().take(SHOWN) {
        let line = format!(
            "\n- **{}** until <t:{}:R> · {} · {} firing · {}: {}",
            silence.id,
            silence.until.seconds(),
            code(silence),
            meant(state, silence).count(),
            text::escape_markdown(&silence.asked.by.name),
            text::escape_markdown(&text::cut(&silence.why, 100)),
        );
        if text.chars().count() + line.chars().count() > ROOM + 400 {
            break;
        }
        text.push_str(&line);
        shown += 1;
    }
    if shown < all.len() {
        text.push_str(&format!("\nand {} more", all.len() - shown));
    }
    let show = Show::Notice { tone: Tone::Info, text };
    Outcome::reply(Reply::Show { show, private: true })
}

/// What could stand where a silence is to be named: those that are not over.
pub fn choices(state: &State, now: Timestamp) -> impl Iterator<Item = Choice> {
    let all = state.alerts.silences.values().rev().filter(move |s| s.until > now);
    all.map(|s| Choice {
        name: text::cut(&format!("{} · {} · {}", s.id, in_words(s), s.why), 100),
        value: s.id.to_string(),
    })
}

fn counting(state: &State, now: Timestamp) -> impl Iterator<Item = &Silence> {
    state.alerts.silences.values().filter(move |s| s.until > now)
}

/// The alerts that fire and that it means.
fn meant<'s>(state: &'s State, silence: &'s Silence) -> impl Iterator<Item = &'s Alert> {
    state.alerts.live.values().map(AsRef::as_ref).filter(|a: &&Alert| a.fires() && silence.means(&a.labels))
}

/// Its matchers in one line.
pub fn in_words(silence: &Silence) -> String {
    let all: Vec<String> = silence.matchers.iter().map(ToString::to_string).collect();
    text::line(&all.join(", "))
}

fn code(silence: &Silence) -> String {
    format!("`{}`", text::cut(&in_words(silence).replace('`', "'"), 300))
}
