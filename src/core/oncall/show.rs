//! `/oncall now`, `/oncall schedule`, `/oncall handoff`: who is on call, who comes next, and what they
//! have to know.

use super::look::{self, away};
use super::shifts;
use super::turn::what_is_open;
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
use crate::model::page::Way;
use crate::model::reply::{Choice, Refusal, Reply};
use crate::model::rota::{Member, Rank, Rota};

/// How long a list may be, in characters: a message has 2,000.
const ROOM: usize = 1_800;
/// How many days of a rota are shown at most, and where nothing is said.
const DAYS: (i64, i64) = (60, 14);
/// Longest note for a change of shift, in characters.
const NOTE: usize = 500;

fn info(text: String) -> Outcome {
    let show = Show::Notice { tone: Tone::Info, text };
    Outcome::reply(Reply::Show { show, private: true })
}

/// Somebody as it may stand in Markdown. A mention in an answer to one person pings nobody.
pub fn named(member: &Member) -> String {
    match member {
        Member::Known { id, name } => format!("{} (<@{id}>)", text::escape_markdown(&text::line(name))),
        Member::Unknown(name) => text::escape_markdown(&text::line(name)),
    }
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
    let oncall = &house.oncall;
    let mut round = crate::core::reminders::lines(state, house);
    if !round.is_empty() {
        round.insert(0, "**What comes round**".to_owned());
    }
    if oncall.rotas.is_empty() && round.is_empty() {
        return info("Nobody is on call: there is no rota. Write one under [oncall] in muster.toml, or a table in a runbook.".to_owned());
    }
    let mut lines = vec![];
    for rota in oncall.rotas.values() {
        lines.push(format!("**{}**", text::escape_markdown(&rota.name)));
        lines.extend(rota.ranks.iter().map(|rank| rank_line(state, house, rota, rank, now)));
    }
    let own: Vec<&str> = house.services().filter(|s| !oncall.rotas.contains_key(*s)).collect();
    let others = match (oncall.rota_of(None), own.is_empty()) {
        (_, true) => None,
        (Some(rota), _) => Some(format!("{}: the rota {}", own.join(", "), rota.name)),
        (None, _) => Some(format!("{}: no rota; a page goes to the roles of its policy", own.join(", "))),
    };
    lines.extend(others);
    lines.extend(round);
    info(room("Who is on call now:".to_owned(), lines))
}

fn rank_line(state: &State, house: &House, rota: &Rota, rank: &Rank, now: Timestamp) -> String {
    let shift = look::shift_now(state, rota, rank, now);
    let until = if shift.until.since(now) >= look::FAR {
        "always".to_owned()
    } else {
        format!("until <t:{}:f>", shift.until.seconds())
    };
    let who = shift.who.as_ref().map_or_else(|| "nobody".to_owned(), named);
    let mut line = format!("- {}: {who}, {until}", text::escape_markdown(&rank.name));
    if let Some(by) = shift.by {
        line.push_str(&format!(" ({by})"));
    }
    if let Some(member) = &shift.who {
        line.push_str(&format!(" · {}", reached(house, member)));
        if let Some(until) = member.id().and_then(|id| away(state, id, now)) {
            line.push_str(&format!(" · **away until <t:{}:f>**", until.seconds()));
        }
    }
    if until != "always" {
        let next = look::shift_now(state, rota, rank, shift.until).who;
        line.push_str(&format!(" · then {}", next.as_ref().map_or_else(|| "nobody".to_owned(), named)));
    }
    line
}

/// The ways to somebody, without their addresses: those are theirs.
fn reached(house: &House, member: &Member) -> String {
    let Some(id) = member.id() else {
        return "**cannot be reached**: nobody under [people] is called so".to_owned();
    };
    let own = house.oncall.teammate(id).map(|p| p.reach.as_slice()).unwrap_or_default();
    let ways = [Way::Mention, Way::Direct].into_iter().chain(own.iter().map(|r| r.way()));
    ways.map(Way::word).collect::<Vec<_>>().join(", ")
}

/// The shifts of a rota in the next days.
pub fn schedule(state: &State, house: &House, now: Timestamp, args: &Args<'_>) -> Result<Outcome, Refusal> {
    let rota = look::rota(house, args.text("rota"))?;
    let days = args.integer("days").unwrap_or(DAYS.1).clamp(1, DAYS.0);
    let to = Timestamp(now.0.saturating_add(days * 86_400_000));
    let mut lines = vec![];
    for rank in &rota.ranks {
        lines.push(format!("**{}**", text::escape_markdown(&rank.name)));
        for shift in shifts::shifts(rota, rank, &state.oncall.overrides, now, to) {
            let who = shift.who.as_ref().map_or_else(|| "nobody".to_owned(), named);
            let by = shift.by.map(|id| format!(" ({id})")).unwrap_or_default();
            let (from, until) = (shift.from.seconds(), shift.until.seconds());
            lines.push(format!("- <t:{from}:f> to <t:{until}:f>: {who}{by}"));
        }
    }
    let title = format!("The rota **{}**, the next {days} days:", text::escape_markdown(&rota.name));
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
