//! `/oncall calendar`: the address of a calendar with one person's shifts, and what that lists.

use std::time::Duration;

use super::{look, shifts};
use crate::core::Outcome;
use crate::core::args::Args;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::duty::{Absence, OnCallNews};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{OverrideId, UserId};
use crate::model::input::Interaction;
use crate::model::oncall::OnCall;
use crate::model::reply::{Refusal, Reply};
use crate::model::rota::{Member, Override, Shift};

/// How far back a calendar goes. Overrides that are over are kept as long.
const BACK: Duration = Duration::from_secs(14 * 86_400);
/// How far ahead a calendar goes: about half a year.
const AHEAD: Duration = Duration::from_secs(184 * 86_400);

/// `/oncall calendar`
pub fn ask(state: &State, house: &House, i: &Interaction, args: &Args<'_>) -> Result<Outcome, Refusal> {
    let intake = &house.settings.intake;
    let (Some(_), Some(url)) = (intake.listen, &intake.public_url) else {
        return Err(Refusal::new(
            "Muster has no address that a calendar program could ask. Set both in muster.toml, and start \
             Muster again: `[intake]`, `listen = \"127.0.0.1:9099\"`, \
             `public_url = \"https://muster.example.org\"`.",
        ));
    };
    let Some(key) = &intake.calendars else {
        return Err(Refusal::new(
            "Muster has no key to make the addresses of calendars with: its log says why.",
        ));
    };
    let who = &i.by.person;
    let known = state.oncall.calendars.get(&who.id).copied();
    if known.is_none() && !is_called(house, &state.oncall.overrides, who.id) {
        return Err(Refusal::new(
            "You are in no rota, so your calendar would stay empty. A rota is written under [oncall] in \
             muster.toml, or as a table in a runbook; `/oncall now` shows all of them.",
        ));
    }
    let renew = args.boolean("new") == Some(true);
    let (version, told) = match known {
        Some(version) if renew => (version.saturating_add(1), "The address before is void. "),
        Some(version) => (version, ""),
        None => (1, ""),
    };
    let reply = Reply::done(format!(
        "{told}Your shifts as a calendar; subscribe to it in your calendar program:\n<{url}/calendar/{}.ics>\nIt \
         goes from two weeks ago to half a year ahead, and follows every change. Whoever has the address \
         can read it: `/oncall calendar new: True` makes another.",
        key.word(who.id, version)
    ));
    let made = OnCallNews::Calendar { who: who.clone(), version };
    let events = (known != Some(version)).then(|| Event::OnCall(Box::new(made))).into_iter().collect();
    Ok(Outcome { events, reply, ..Outcome::default() })
}

/// Whether somebody is, or may be, on call.
fn is_called(house: &House, overrides: &[Override], user: UserId) -> bool {
    let oncall = &house.oncall;
    let layers = oncall.rotas.values().flat_map(|r| &r.ranks).flat_map(|r| &r.layers);
    oncall.teammate(user).is_some()
        || overrides.iter().any(|o| o.who.id == user)
        || layers.flat_map(|l| l.turns.members()).any(|m| m.id() == Some(user))
}

/// A time in which somebody is on call, or would be and is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// In which rota.
    pub rota: String,
    /// As what.
    pub rank: String,
    /// When it began, which tells it from the others of its rank: the same in each look.
    /// `None`: longer ago than anybody looked.
    pub begun: Option<Timestamp>,
    /// From when on.
    pub from: Timestamp,
    /// Until when; that moment is not in it any more.
    pub until: Timestamp,
    /// The override that makes it so, where one does.
    pub by: Option<OverrideId>,
    /// Whether they said that they are away then: pages pass them by.
    pub away: bool,
}

/// The shifts of somebody, from two weeks before this day to half a year after it, by time.
pub fn entries(
    oncall: &OnCall,
    overrides: &[Override],
    absences: &[Absence],
    user: UserId,
    now: Timestamp,
) -> Vec<Entry> {
    // From midnight on, so that what has no end is the same all day.
    let today = Timestamp(now.0 - now.0.rem_euclid(86_400_000));
    let (first, last) = (Timestamp(today.0 - millis(BACK)), today.after(AHEAD));
    let mut all = vec![];
    for rota in oncall.rotas.values() {
        for rank in &rota.ranks {
            let own = shifts::shifts(rota, rank, overrides, first, last);
            let own = own.into_iter().filter(|s| s.who.as_ref().and_then(Member::id) == Some(user));
            for shift in own {
                let shift = bounded(&shift, first, last);
                let entry = |(from, until, away)| Entry {
                    rota: rota.name.clone(),
                    rank: rank.name.clone(),
                    begun: if from == shift.from { shift.begun } else { Some(from) },
                    from,
                    until,
                    by: shift.by,
                    away,
                };
                all.extend(parts(shift.from, shift.until, absences, user).into_iter().map(entry));
            }
        }
    }
    all.sort_by(|a, b| (a.from, &a.rota, &a.rank).cmp(&(b.from, &b.rota, &b.rank)));
    all
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// A shift that has a beginning and an end.
struct Bounded {
    begun: Option<Timestamp>,
    from: Timestamp,
    until: Timestamp,
    by: Option<OverrideId>,
}

/// Where a shift goes on as far as anybody looked, it is shown as far as the calendar goes.
fn bounded(shift: &Shift, first: Timestamp, last: Timestamp) -> Bounded {
    let old = first.since(shift.from) >= look::FAR;
    let begun = (!old).then_some(shift.from);
    let endless = shift.until.since(first) >= look::FAR;
    Bounded {
        begun,
        from: if old { first } else { shift.from },
        until: if endless { last } else { shift.until },
        by: shift.by,
    }
}

/// A time in parts: those in which somebody is away, and those in which they are not.
fn parts(
    from: Timestamp,
    until: Timestamp,
    absences: &[Absence],
    user: UserId,
) -> Vec<(Timestamp, Timestamp, bool)> {
    let own: Vec<&Absence> = absences.iter().filter(|a| a.who.id == user).collect();
    let edges = own.iter().flat_map(|a| [a.from, a.until]).filter(|at| from < *at && *at < until);
    let mut edges: Vec<Timestamp> = edges.chain([from, until]).collect();
    edges.sort_unstable();
    edges.dedup();
    let away = |at: Timestamp| own.iter().any(|a| a.from <= at && at < a.until);
    let mut parts: Vec<(Timestamp, Timestamp, bool)> = vec![];
    for pair in edges.windows(2) {
        let &[from, until] = pair else { continue };
        match parts.last_mut().filter(|last| last.2 == away(from)) {
            Some(last) => last.1 = until,
            None => parts.push((from, until, away(from))),
        }
    }
    parts
}
