//! `/oncall override`, `/oncall override-end`: for a while somebody else is on call.

use std::time::Duration;

use super::look::{self, rank};
use super::turn;
use super::when::moment;
use crate::core::Outcome;
use crate::core::alerts::silence::duration;
use crate::core::args::Args;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::{Timestamp, spoken};
use crate::model::card::{Show, Tone};
use crate::model::duty::OnCallNews;
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::OverrideId;
use crate::model::incident::Stamp;
use crate::model::input::Interaction;
use crate::model::reply::{Refusal, Reply};
use crate::model::rota::Override;

/// The longest override: for longer, the rota itself is to be changed.
const LONGEST: Duration = Duration::from_secs(60 * 86_400);
/// The shortest.
const SHORTEST: Duration = Duration::from_secs(60);

/// From when to when: `from` is now where nothing is said; the end is `until`, or `from` and `for`.
pub(super) fn span(
    args: &Args<'_>,
    now: Timestamp,
    zone: chrono_tz::Tz,
    longest: Duration,
) -> Result<(Timestamp, Timestamp), Refusal> {
    let from = args.text("from").map(|t| moment(t, now, zone)).transpose().map_err(Refusal::new)?;
    let from = from.unwrap_or(now);
    let until = match (args.text("for"), args.text("until")) {
        (Some(_), Some(_)) => return Err(Refusal::new("Say `for` or `until`, not both.")),
        (Some(lasts), None) => from.after(duration(lasts).map_err(Refusal::new)?),
        (None, Some(end)) => moment(end, from.max(now), zone).map_err(Refusal::new)?,
        (None, None) => {
            return Err(Refusal::new("Say how long: `for: 4h`, or `until: tomorrow 9:00`."));
        }
    };
    if until <= now {
        return Err(Refusal::new(format!("<t:{}:f> is past. Say a later time.", until.seconds())));
    }
    if until <= from {
        return Err(Refusal::new("It would end before it begins. Change one of the two times."));
    }
    // What lies before now is over, and nobody was on call then but who was.
    let from = from.max(now);
    let lasts = until.since(from);
    if !(SHORTEST..=longest).contains(&lasts) {
        return Err(Refusal::new(format!(
            "That is {}. It may be from a minute to {} days; for longer, change the rota in muster.toml.",
            spoken(lasts),
            longest.as_secs() / 86_400
        )));
    }
    Ok((from, until))
}

fn event(news: OnCallNews) -> Event {
    Event::OnCall(Box::new(news))
}

/// `/oncall override`
pub fn over(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let rota = look::rota(house, args.text("rota"))?;
    let rank = rank(rota, args.text("rank"))?;
    let who = args.person("person").unwrap_or(&i.by.person).clone();
    let (from, until) = span(args, now, rota.timezone, LONGEST)?;
    let before = look::shift_now(state, rota, rank, from).who;
    if before.as_ref().and_then(|m| m.id()) == Some(who.id)
        && look::shift_now(state, rota, rank, from).until >= until
    {
        return Err(Refusal::new(format!("{} is on call then anyway.", who.in_markdown())));
    }
    let asked = Stamp { at: now, by: i.by.person.clone() };
    let new = Override {
        id: state.oncall.next_override(),
        rota: rota.name.clone(),
        rank: rank.name.clone(),
        from,
        until,
        who: who.clone(),
        asked,
    };
    let instead = before.map(|m| format!(" instead of {}", super::spell::named(&m))).unwrap_or_default();
    let away =
        look::away(state, who.id, from).map(|_| " They said that they are away then.").unwrap_or_default();
    let reply = Reply::Show {
        show: Show::Notice {
            tone: Tone::Done,
            text: format!(
                "**{}**: {} is {} of {} from <t:{}:f> until <t:{}:f>{instead}.{away} `/oncall override-end` takes it back.",
                new.id,
                who.in_markdown(),
                text::escape_markdown(&rank.name),
                text::escape_markdown(&rota.name),
                from.seconds(),
                until.seconds(),
            ),
        },
        private: false,
    };
    let mut all = state.oncall.overrides.clone();
    all.push(new.clone());
    let turned = turn::changed(state, house, &all, [rota.name.as_str()], now);
    let events = std::iter::once(event(OnCallNews::Overridden(new))).chain(turned).collect();
    Ok(Outcome { events, effects: vec![], reply })
}

/// `/oncall override-end`
pub fn end(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let id: Option<OverrideId> = args.read("override")?;
    let going: Vec<&Override> = state.oncall.overrides.iter().filter(|o| o.until > now).collect();
    let found = id.and_then(|id| going.iter().find(|o| o.id == id));
    let Some(over) = found else {
        let all: Vec<String> = going.iter().map(|o| o.id.to_string()).collect();
        let all = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
        return Err(Refusal::new(format!("There is no such override any more. Now there is: {all}.")));
    };
    let mut all = state.oncall.overrides.clone();
    all.retain(|o| o.id != over.id);
    let by = i.by.person.clone();
    let turned = turn::changed(state, house, &all, [over.rota.as_str()], now);
    let events =
        std::iter::once(event(OnCallNews::OverrideEnded { id: over.id, by })).chain(turned).collect();
    let text =
        format!("**{}** is over: the rota of {} counts again.", over.id, text::escape_markdown(&over.rota));
    let reply = Reply::Show { show: Show::Notice { tone: Tone::Done, text }, private: false };
    Ok(Outcome { events, effects: vec![], reply })
}
