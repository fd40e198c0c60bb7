//! `/oncall swap`: two exchange their shifts, where the other agrees.

use super::look::{self, rank};
use super::when::moment;
use super::{channel, shifts, turn};
use crate::core::Outcome;
use crate::core::args::Args;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::button::SwapButton;
use crate::model::card::{Show, Tone};
use crate::model::duty::{OnCallNews, Swap};
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{OverrideId, SwapId, UserId};
use crate::model::incident::Stamp;
use crate::model::input::Interaction;
use crate::model::person::Person;
use crate::model::reply::{Refusal, Reply};
use crate::model::rota::{Override, Rank, Rota, Shift};

/// How far ahead a shift is looked for.
const AHEAD: i64 = 60 * 86_400_000;

/// Somebody asks another.
pub fn ask(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let rota = look::rota(house, args.text("rota"))?;
    let rank = rank(rota, args.text("rank"))?;
    let me = &i.by.person;
    let with = args.person("with").ok_or_else(|| Refusal::new("Say with whom: `with: @somebody`."))?;
    if with.id == me.id {
        return Err(Refusal::new("A swap needs another. Name somebody else in `with`."));
    }
    let from = args.text("when").map(|t| moment(t, now, rota.timezone)).transpose().map_err(Refusal::new)?;
    let from = from.unwrap_or(now).max(now);
    let own = shift_of(state, (rota, rank), me.id, from, now)?;
    let own = own.ok_or_else(|| {
        Refusal::new(format!(
            "You have no shift as {} of {} in the 60 days from then. `/oncall schedule` shows them.",
            text::escape_markdown(&rank.name),
            text::escape_markdown(&rota.name)
        ))
    })?;
    // What they take for it is their next one behind it; where they have none, they only help.
    let back = shift_of(state, (rota, rank), with.id, own.1, now)?;
    let swap = Swap {
        id: state.oncall.next_swap(),
        rota: rota.name.clone(),
        rank: rank.name.clone(),
        with: with.clone(),
        from: own.0,
        until: own.1,
        back,
        asked: Stamp { at: now, by: me.clone() },
    };
    let effects =
        vec![Effect::Say { place: Place::Channel(channel(house)), show: Show::Swap(Box::new(swap.clone())) }];
    let text = format!(
        "**{}**: {} is asked to take your shift from <t:{}:f> until <t:{}:f>. Until they agree, it is yours.",
        swap.id,
        with.in_markdown(),
        swap.from.seconds(),
        swap.until.seconds()
    );
    let events = vec![Event::OnCall(Box::new(OnCallNews::SwapAsked(swap)))];
    Ok(Outcome { events, effects, reply: Reply::done(text) })
}

type Span = (Timestamp, Timestamp);

/// The first shift of somebody from a moment on; what is past of it is not in it.
fn shift_of(
    state: &State,
    (rota, rank): (&Rota, &Rank),
    user: UserId,
    from: Timestamp,
    now: Timestamp,
) -> Result<Option<Span>, Refusal> {
    let all =
        shifts::shifts(rota, rank, &state.oncall.overrides, from, Timestamp(from.0.saturating_add(AHEAD)));
    let own = |s: &Shift| s.who.as_ref().and_then(|m| m.id()) == Some(user);
    Ok(all.into_iter().find(own).map(|s| (s.from.max(now), s.until)))
}

/// The other answers.
pub fn press(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: SwapId,
    button: SwapButton,
) -> Result<Outcome, Refusal> {
    let gone = || Refusal::new(format!("{id} is not at hand any more. Ask again with `/oncall swap`."));
    let asked = state.oncall.swaps.get(&id).ok_or_else(gone)?;
    let (swap, me) = (&asked.swap, &i.by.person);
    let asker = &swap.asked.by;
    if let Some(agreed) = asked.agreed {
        let what = if agreed { "agreed" } else { "did not agree" };
        return Err(Refusal::new(format!("{} {what} to {id} already.", swap.with.in_markdown())));
    }
    // Whoever asked may take it back.
    let may = me.id == swap.with.id || (button == SwapButton::Refuse && me.id == asker.id);
    if !may {
        return Err(Refusal::new(format!("Only {} can answer {id}.", swap.with.in_markdown())));
    }
    let news = |overrides| {
        let by = me.clone();
        Event::OnCall(Box::new(OnCallNews::SwapAnswered { swap: id, by, overrides }))
    };
    if button == SwapButton::Refuse {
        let text =
            format!("**{id}**: {} says no; the shift stays with {}.", me.in_markdown(), asker.in_markdown());
        return Ok(said(vec![news(vec![])], text));
    }
    if swap.until <= now {
        return Err(Refusal::new(format!("The shift of {id} is over. Ask again with `/oncall swap`.")));
    }
    let rota = look::rota(house, Some(&swap.rota))?;
    let rank = rank(rota, Some(&swap.rank))?;
    let holds = |who: &Person, (from, until): Span| {
        let shift = look::shift_now(state, rota, rank, from.max(now));
        shift.who.and_then(|m| m.id()) == Some(who.id) && shift.until >= until
    };
    let back = swap.back.filter(|(_, until)| *until > now);
    if !holds(asker, (swap.from, swap.until)) || back.is_some_and(|back| !holds(&swap.with, back)) {
        return Err(Refusal::new(format!(
            "The rota changed since {id} was asked for, so that it would not be the same shifts. Ask again with `/oncall swap`."
        )));
    }
    let first = state.oncall.next_override();
    let over = |id, who: &Person, (from, until): Span| Override {
        id,
        rota: rota.name.clone(),
        rank: rank.name.clone(),
        from: from.max(now),
        until,
        who: who.clone(),
        asked: swap.asked.clone(),
    };
    let mut overrides = vec![over(first, &swap.with, (swap.from, swap.until))];
    overrides.extend(back.map(|back| over(OverrideId(first.0 + 1), asker, back)));
    let all: Vec<Override> = state.oncall.overrides.iter().chain(&overrides).cloned().collect();
    let turned = turn::changed(state, house, &all, [rota.name.as_str()], now);
    let lines: Vec<String> = overrides
        .iter()
        .map(|o| {
            let (from, until) = (o.from.seconds(), o.until.seconds());
            format!("\n- {}: <t:{from}:f> to <t:{until}:f> ({})", o.who.in_markdown(), o.id)
        })
        .collect();
    let text = format!(
        "**{id}** is agreed. {} of {}:{}",
        text::escape_markdown(&rank.name),
        text::escape_markdown(&rota.name),
        lines.concat()
    );
    let events = std::iter::once(news(overrides)).chain(turned).collect();
    Ok(said(events, text))
}

fn said(events: Vec<Event>, text: String) -> Outcome {
    let show = Show::Notice { tone: Tone::Done, text };
    Outcome { events, effects: vec![], reply: Reply::Show { show, private: false } }
}
