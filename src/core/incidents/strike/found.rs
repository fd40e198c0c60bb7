//! What follows from what was found: the record says that something was struck, what Muster posted
//! is changed, and the person is told what only they can do.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::Outcome;
use crate::core::incidents::{card, private};
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::card::{Entry, Show, What};
use crate::model::commit::Commit;
use crate::model::effect::{Board, Effect, Place};
use crate::model::event::{Event, Settlement};
use crate::model::house::House;
use crate::model::ids::{EffectId, IncidentId, Seq};
use crate::model::incident::{Card, Incident};
use crate::model::quote::MessageAdded;
use crate::model::quote::MessageHeld;
use crate::model::reply::{Refusal, Reply};
use crate::model::strike::TextStruck;
use crate::model::strike::{MARK, StrikeAsk, StruckLine};

/// An effect that showed it, as it stands now, and what became of it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Which.
    pub id: EffectId,
    /// What is shown now.
    pub effect: Effect,
    /// How it left the outbox, where it did.
    pub outcome: Option<Settlement>,
}

/// What was found in the journal.
pub struct Found<'a> {
    /// What was asked for; why, without the text.
    pub ask: &'a StrikeAsk,
    /// The state as it is without the text.
    pub state: &'a State,
    /// The commits without it.
    pub struck: &'a BTreeMap<Seq, Commit>,
    /// What will stand in the journal.
    pub lines: Vec<StruckLine>,
    /// How often it stood there.
    pub count: u32,
    /// In how many commits it stands on, where it is no text.
    pub left: u32,
    /// The effects that showed it.
    pub shown: &'a [Shown],
}

/// What is kept, owed and answered.
///
/// # Errors
/// When there is nothing to strike, or something works with the text now.
pub fn outcome(found: Found<'_>, house: &House, now: Timestamp) -> Result<Outcome, Refusal> {
    let (state, ask) = (found.state, found.ask);
    if found.struck.is_empty() {
        let left = match found.left {
            0 => {
                "It stands nowhere in the record, spelled as you gave it (small and capital letters count). Nothing was changed."
            }
            _ => {
                "It stands in the record only as the name or number of something, which stays. Nothing was changed."
            }
        };
        return Err(Refusal::new(left));
    }
    still(&found)?;
    let incidents = told_of(state, found.struck);
    let others: Vec<IncidentId> = incidents.iter().copied().filter(|id| *id != ask.incident).collect();
    let mut effects = vec![];
    let mut owed = vec![];
    let mut boards: BTreeMap<Board, (Option<&Settlement>, &Show)> = BTreeMap::new();
    for shown in found.shown {
        let Shown { id, effect, outcome } = shown;
        if let Effect::PostBoard { board, show, .. } | Effect::EditBoard { board, show } = effect {
            let entry = boards.entry(*board).or_insert((None, show));
            let posted = outcome.as_ref().filter(|o| matches!(o, Settlement::Posted { .. }));
            *entry = (posted.or(entry.0), show);
        }
        match (outcome, effect.show()) {
            (None, _) => owed.push(*id),
            // What is edited as it goes on shows what is now, and is edited below.
            (Some(_), Some(Show::Incident(_))) => {}
            (Some(_), _) if matches!(effect, Effect::PostBoard { .. }) => {}
            (Some(Settlement::Posted { channel, message }), Some(show)) => effects.push(Effect::Amend {
                incident: ask.incident,
                channel: *channel,
                message: *message,
                show: now_of(show, state),
            }),
            _ => {}
        }
    }
    for (board, (posted, last)) in boards {
        match (state.board(board), state.board_shows(house, board), posted) {
            (Some(Card::At { .. }), Some(show), _) => effects.push(Effect::EditBoard { board, show }),
            (_, _, Some(Settlement::Posted { channel, message })) => effects.push(Effect::Amend {
                incident: ask.incident,
                channel: *channel,
                message: *message,
                show: last.clone(),
            }),
            _ => {}
        }
    }
    let changed = effects.len();
    effects.extend(cards(incidents.iter().filter_map(|id| state.incidents.get(id))));
    let what = What::Struck { count: found.count, why: ask.why.clone() };
    let entry = Entry { at: now, by: Some(ask.by.clone()), what };
    effects.push(Effect::Say { place: Place::Thread(ask.incident), show: Show::Entry(entry) });
    let text = told(&found, house, &others, changed);
    let event = Event::TextStruck(TextStruck {
        incident: ask.incident,
        others,
        count: found.count,
        lines: found.lines,
        owed,
        why: ask.why.clone(),
        by: ask.by.clone(),
    });
    Ok(Outcome { events: vec![event], effects, reply: Reply::done(text) })
}

/// The cards of incidents, as they are now.
pub fn cards<'a>(incidents: impl IntoIterator<Item = &'a Incident>) -> Vec<Effect> {
    let there = incidents.into_iter().filter(|i| matches!(i.card, Card::At { .. }));
    there.map(|i| Effect::EditCard { incident: i.id, show: Show::Incident(card(i)) }).collect()
}

/// What a run that is under way works with is not changed beneath it.
fn still(found: &Found<'_>) -> Result<(), Refusal> {
    let asked = found.struck.values().flat_map(|c| &c.events).filter_map(|e| match e {
        Event::RunAsked { run, .. } => Some(*run),
        _ => None,
    });
    let under_way = asked.filter_map(|id| found.state.runs.get(&id)).find(|r| !r.is_over());
    match under_way {
        Some(run) => Err(Refusal::new(format!(
            "{} works with this text now. End it first (`/runs cancel`), then strike again. Nothing was changed.",
            run.id
        ))),
        None => Ok(()),
    }
}

/// The incidents whose history held it.
fn told_of(state: &State, struck: &BTreeMap<Seq, Commit>) -> BTreeSet<IncidentId> {
    let at_hand = state.incidents.values().map(|i| (i.id, i.commits.clone()));
    let past = state.past_incidents.keys().filter_map(|id| Some((*id, state.commits_about(*id)?)));
    let held = |commits: &[Seq]| commits.iter().any(|seq| struck.contains_key(seq));
    at_hand.chain(past).filter(|(_, commits)| held(commits)).map(|(id, _)| id).collect()
}

/// The same as it is now: a card of a run is brought up to date, all else stays as it was.
fn now_of(show: &Show, state: &State) -> Show {
    match show {
        Show::Run { run, .. } => Show::Run { run: *run, upto: state.head },
        show => show.clone(),
    }
}

/// What was done, what is under way, and what only a person can do.
fn told(found: &Found<'_>, house: &House, others: &[IncidentId], changed: usize) -> String {
    let by = &found.ask.by;
    let seen =
        |id: &&IncidentId| found.state.incidents.get(id).is_none_or(|i| private::sees(house, i, by, None));
    let mut lines = vec![format!(
        "Struck out in {}: {} in {} of the journal, which is written anew without it. `muster verify` proves that nothing else was changed.",
        found.ask.incident,
        many(found.count as usize, "place", "places"),
        many(found.struck.len(), "record", "records"),
    )];
    let also: Vec<String> = others.iter().filter(seen).map(ToString::to_string).collect();
    if !also.is_empty() {
        lines.push(format!("It stood in {} too.", also.join(", ")));
    }
    if changed > 0 {
        lines.push(format!("{} of Muster's own are being changed.", many(changed, "message", "messages")));
    }
    let mut yours = originals(found);
    yours.extend(found.shown.iter().filter_map(|s| match (&s.effect, &s.outcome) {
        (
            Effect::OpenThread { .. } | Effect::OpenRunThread { .. } | Effect::OpenPrivate { .. },
            Some(Settlement::Opened { thread }),
        ) => Some(format!("<#{thread}> has it in its name: rename it")),
        (Effect::Answer { to, .. }, Some(Settlement::Shown)) => {
            Some(format!("An answer to a command in <#{}> showed it", to.channel))
        }
        _ => None,
    }));
    yours.push("Exports and backups made before still hold it: make new ones and delete those".to_owned());
    yours.push("Whoever saw it knows it: change the secret itself".to_owned());
    if found.left > 0 {
        let left = many(found.left as usize, "record", "records");
        yours.push(format!("In {left} it is the name or number of something, and stays"));
    }
    lines.push(format!(
        "**Only you can do the rest:**\n{}",
        yours.iter().map(|y| format!("- {y}.")).collect::<Vec<_>>().join("\n")
    ));
    lines.join("\n")
}

/// The messages of people that were added with it: Muster may not delete them.
fn originals(found: &Found<'_>) -> Vec<String> {
    let events = found.struck.values().flat_map(|c| &c.events);
    let links: BTreeSet<&str> = events
        .filter_map(|e| match e {
            Event::MessageAdded(MessageAdded { message, .. })
            | Event::MessageHeld(MessageHeld { message, .. }) => Some(message),
            _ => None,
        })
        .filter(|m| m.text.contains(MARK))
        .map(|m| m.link.as_str())
        .collect();
    links.iter().map(|link| format!("Somebody's own message still says it, delete it: <{link}>")).collect()
}

fn many(n: usize, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}
