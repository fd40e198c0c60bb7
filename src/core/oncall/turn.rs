//! What happens at a change of shift: whoever comes is told what is open, once. It is kept who was on
//! call, so that it is neither told twice nor missed after a restart.

use std::time::Duration;

use super::channel;
use super::look;
use super::spell::named;
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::card::Show;
use crate::model::duty::{OnCallNews, Turn};
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::UserId;
use crate::model::rota::Override;

/// A change that is later than this is not told any more: whoever is on call has been so for long.
const LATE: Duration = Duration::from_secs(12 * 3600);
/// How many incidents and silences are named at most.
const NAMED: usize = 8;
/// How long one message may be, in characters; what does not fit is told in another.
const ROOM: usize = 1_900;

/// When a shift changes next, or what follows from who is on call is to be looked at.
pub fn next(state: &State) -> Option<Timestamp> {
    let turns = state.oncall.next().filter(|at| at.0 < i64::MAX);
    turns.into_iter().chain(state.oncall.look).min()
}

/// At a start: who is on call in rotas that are new, or have changed, and in those that are gone.
/// Nothing is told of it: somebody changed a file.
pub fn began(state: &State, house: &House, now: Timestamp) -> Option<Event> {
    let overrides = &state.oncall.overrides;
    let mut turns: Vec<Turn> = vec![];
    for rota in house.oncall.rotas.values() {
        match state.oncall.turns.get(&rota.name) {
            // What came due meanwhile is told when the timer looks.
            Some(known) if known.until <= now => {}
            known => {
                let turn = look::turn(rota, overrides, now);
                let nobody = known.is_none() && turn.who.is_empty() && turn.until.0 == i64::MAX;
                turns.extend(Some(turn).filter(|t| known != Some(t) && !nobody));
            }
        }
    }
    let gone = state.oncall.turns.keys().filter(|name| !house.oncall.rotas.contains_key(*name));
    turns.extend(gone.map(|name| Turn { rota: name.clone(), who: vec![], until: Timestamp(i64::MAX) }));
    (!turns.is_empty()).then(|| Event::OnCall(Box::new(OnCallNews::Turned { turns, told: false })))
}

/// Who is on call now that overrides have changed, where that is another or for another time. Whoever
/// changed it says so themselves.
pub fn changed<'a>(
    state: &State,
    house: &House,
    overrides: &[Override],
    rotas: impl IntoIterator<Item = &'a str>,
    now: Timestamp,
) -> Option<Event> {
    let rotas = rotas.into_iter().filter_map(|name| house.oncall.rotas.get(name));
    let turns = rotas.map(|rota| look::turn(rota, overrides, now));
    let turns: Vec<Turn> = turns.filter(|t| state.oncall.turns.get(&t.rota) != Some(t)).collect();
    (!turns.is_empty()).then(|| Event::OnCall(Box::new(OnCallNews::Turned { turns, told: false })))
}

/// Shifts that changed by now.
pub fn overdue(state: &State, house: &House, now: Timestamp) -> Outcome {
    let due: Vec<&Turn> = state.oncall.turns.values().filter(|t| t.until <= now).collect();
    if due.is_empty() {
        return Outcome::default();
    }
    let (mut turns, mut lines, mut called): (Vec<Turn>, Vec<String>, Vec<UserId>) = (vec![], vec![], vec![]);
    for old in due {
        let Some(rota) = house.oncall.rotas.get(&old.rota) else {
            turns.push(Turn { rota: old.rota.clone(), who: vec![], until: Timestamp(i64::MAX) });
            continue;
        };
        let new = look::turn(rota, &state.oncall.overrides, now);
        if new.first() != old.first() && now.since(old.until) <= LATE {
            let name = text::escape_markdown(&rota.name);
            let before = old.first().map_or_else(|| "nobody".to_owned(), named);
            let then = new.first().map_or_else(|| "**nobody**".to_owned(), named);
            let until = match new.until.0 {
                i64::MAX => "from now on".to_owned(),
                _ => format!("until <t:{}:f>", new.until.seconds()),
            };
            lines.push(format!("- **{name}**: {then}, {until}; before that {before}"));
            called.extend(new.first().and_then(|m| m.id()).filter(|id| !called.contains(id)));
        }
        turns.push(new);
    }
    let told = !lines.is_empty();
    let mut effects = vec![];
    if told {
        let place = Place::Channel(channel(house));
        let open = what_is_open(state, now);
        for text in messages("**Change of shift**", lines.into_iter().chain(open)) {
            // The first calls whoever comes; the others only go on.
            let people = std::mem::take(&mut called);
            effects.push(Effect::Say { place, show: Show::Call { roles: vec![], people, text } });
        }
    }
    let events = vec![Event::OnCall(Box::new(OnCallNews::Turned { turns, told }))];
    Outcome { events, effects, ..Outcome::default() }
}

/// All lines under a headline, in as many messages as they take: what is told once is told whole.
fn messages(headline: &str, lines: impl Iterator<Item = String>) -> Vec<String> {
    let (mut done, mut text) = (vec![], headline.to_owned());
    for line in lines {
        if text.chars().count() + line.chars().count() > ROOM {
            done.push(std::mem::replace(&mut text, line));
        } else {
            text.push('\n');
            text.push_str(&line);
        }
    }
    done.push(text);
    done
}

/// What whoever comes next has to know: notes, open incidents, silences. Notes come first: they stand nowhere
/// else. Of a private incident nothing is said.
pub fn what_is_open(state: &State, now: Timestamp) -> Vec<String> {
    let mut lines = vec![];
    if !state.oncall.notes.is_empty() {
        lines.push("Notes:".to_owned());
    }
    for note in &state.oncall.notes {
        let text = text::escape_markdown(&text::line(&note.text));
        lines.push(format!("- {text} ({})", note.asked.by.in_markdown()));
    }
    let open: Vec<_> = state.open().into_iter().filter(|i| !i.private).collect();
    match open.len() {
        0 => lines.push("No incident is open.".to_owned()),
        1 => lines.push("One incident is open:".to_owned()),
        n => lines.push(format!("{n} incidents are open:")),
    }
    for incident in open.iter().take(NAMED) {
        let title = text::escape_markdown(&text::cut(&text::line(&incident.title), 80));
        lines.push(format!("- **{}** · {} · {title}", incident.id, incident.severity));
    }
    if open.len() > NAMED {
        lines.push(format!("- and {} more", open.len() - NAMED));
    }
    let silences: Vec<_> = state.alerts.silences.values().filter(|s| s.until > now).collect();
    if !silences.is_empty() {
        lines.push(format!("Silenced: {}", silences.len()));
    }
    for silence in silences.iter().take(NAMED) {
        let why = text::escape_markdown(&text::cut(&text::line(&silence.why), 80));
        lines.push(format!("- **{}** until <t:{}:f>: {why}", silence.id, silence.until.seconds()));
    }
    for due in state.reminders.all.values().filter(|r| r.again.is_some()).take(NAMED) {
        let (service, what) = (text::escape_markdown(&due.service), text::escape_markdown(&due.what));
        lines.push(format!("- **{}** of {service} is due since <t:{}:D>: {what}", due.id, due.due.seconds()));
    }
    lines
}
