//! `/unavailable`: somebody cannot be called for a while, or at several times.

use std::time::Duration;

use super::change::span;
use super::{channel, shifts};
use crate::core::Outcome;
use crate::core::args::Args;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::card::{Show, Tone};
use crate::model::duty::{Absence, OnCallNews};
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::UserId;
use crate::model::input::Interaction;
use crate::model::person::Person;
use crate::model::reply::{Refusal, Reply};

/// The longest absence.
const AWAY: Duration = Duration::from_secs(366 * 86_400);
/// At how many times one person is away at most.
const TIMES: usize = 16;
/// How many shifts are named at most.
const SHIFTS: usize = 8;
/// Longest reason, in characters.
const WHY: usize = 200;

/// `/unavailable`
pub fn unavailable(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let who = i.by.person.clone();
    let own = state.oncall.absences.iter().filter(|a| a.who.id == who.id && a.until > now);
    let mut own: Vec<Absence> = own.cloned().collect();
    own.sort_by_key(|a| (a.from, a.until));
    if args.boolean("back") == Some(true) {
        return back(who, own, now);
    }
    let (from, until) = span(args, now, house.settings.timezone, AWAY)?;
    let why = args.text("why").map(|w| text::cut(&text::line(w), WHY));
    let shifts = shifts_of(state, house, who.id, from, until);
    let (new, others) = joined(Absence { who: who.clone(), from, until, why }, own);
    if others.len() >= TIMES {
        return Err(Refusal::new(format!(
            "You are away at {TIMES} times already, which is as many as Muster keeps. `/unavailable back: True` ends the next of them."
        )));
    }
    let mut told = format!(
        "You are away from <t:{}:f> until <t:{}:f>: pages pass you by. `/unavailable back: True` ends it.",
        new.from.seconds(),
        new.until.seconds()
    );
    told.push_str(&as_well(&others));
    let mut effects = vec![];
    if !shifts.is_empty() {
        let more = shifts.len().saturating_sub(SHIFTS);
        let mut lines = shifts.into_iter().take(SHIFTS).collect::<Vec<_>>().join("\n");
        if more > 0 {
            lines.push_str(&format!("\nand {more} more"));
        }
        told.push_str(&format!("\nYou are on call in that time; `/oncall swap` or `/oncall override` finds somebody else:\n{lines}"));
        let text = format!(
            "{} is away from <t:{}:f> until <t:{}:f>, and on call in that time:\n{lines}\n`/oncall override` names somebody else.",
            who.in_markdown(),
            from.seconds(),
            until.seconds()
        );
        let place = Place::Channel(channel(house));
        effects.push(Effect::Say { place, show: Show::Notice { tone: Tone::Info, text } });
    }
    let mut all = others;
    all.push(new);
    all.sort_by_key(|a| a.from);
    let events = vec![event(OnCallNews::Absences { who, all })];
    Ok(Outcome { events, effects, reply: Reply::done(told) })
}

/// Ends the absence that is under way; where none is, the next.
fn back(who: Person, own: Vec<Absence>, now: Timestamp) -> Result<Outcome, Refusal> {
    let mut own = own.into_iter();
    let first = own.next().ok_or_else(|| Refusal::new("You are not away, as far as Muster knows."))?;
    let all: Vec<Absence> = own.collect();
    let mut told = if first.from <= now {
        "You are back: pages reach you again.".to_owned()
    } else {
        format!("You are not away from {} after all.", time(&first))
    };
    told.push_str(&as_well(&all));
    let events = vec![event(OnCallNews::Absences { who, all })];
    Ok(Outcome { events, reply: Reply::done(told), ..Outcome::default() })
}

/// An absence with those that it overlaps or touches as one, and the others.
fn joined(new: Absence, known: Vec<Absence>) -> (Absence, Vec<Absence>) {
    let (mut new, mut others) = (new, vec![]);
    // By their beginning: whatever the joined one reaches further on comes later.
    for one in known {
        if one.from <= new.until && new.from <= one.until {
            new.from = new.from.min(one.from);
            new.until = new.until.max(one.until);
            new.why = new.why.or(one.why);
        } else {
            others.push(one);
        }
    }
    (new, others)
}

/// At what other times somebody is away.
fn as_well(others: &[Absence]) -> String {
    if others.is_empty() {
        return String::new();
    }
    let all: Vec<String> = others.iter().map(time).collect();
    format!("\nYou are away as well: {}.", all.join("; "))
}

fn time(absence: &Absence) -> String {
    format!("<t:{}:f> to <t:{}:f>", absence.from.seconds(), absence.until.seconds())
}

fn event(news: OnCallNews) -> Event {
    Event::OnCall(Box::new(news))
}

/// The shifts that somebody has in a time, a line for each.
fn shifts_of(state: &State, house: &House, user: UserId, from: Timestamp, until: Timestamp) -> Vec<String> {
    let mut lines = vec![];
    for rota in house.oncall.rotas.values() {
        for rank in &rota.ranks {
            let all = shifts::shifts(rota, rank, &state.oncall.overrides, from, until);
            let own = all.into_iter().filter(|s| s.who.as_ref().and_then(|m| m.id()) == Some(user));
            lines.extend(own.map(|s| {
                let (rota, rank) = (text::escape_markdown(&rota.name), text::escape_markdown(&rank.name));
                let (from, until) = (s.from.max(from).seconds(), s.until.min(until).seconds());
                format!("- {rank} of {rota}, <t:{from}:f> to <t:{until}:f>")
            }));
        }
    }
    lines
}
