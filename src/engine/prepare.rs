//! Where an effect goes, looked up just before it is done: a thread that did not exist when
//! the effect was decided does now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::card::Show;
use crate::model::effect::{Calling, Effect, Place};
use crate::model::event::{Reason, Settlement};
use crate::model::house::House;
use crate::model::ids::{ChannelId, GuildId, IncidentId, MessageId, RunId, UserId};
use crate::model::incident::{Card, Incident, Thread};
use crate::model::oncall::Reach;
use crate::model::page::{Target, Way};
use crate::model::run::{Process, RunPhase, StepAt, StepState};
use crate::model::runbook::Step;

/// Where an effect goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// A new message in a channel or thread.
    Channel(ChannelId),
    /// A message that is there.
    Message(ChannelId, MessageId),
    /// A direct message to somebody.
    Direct(UserId),
    /// A member of a server.
    Member(GuildId, UserId),
    /// The effect says itself where.
    Own,
}

/// Everything that an attempt at a step takes: nothing is looked up any more once it began.
#[derive(Clone, Debug, PartialEq)]
pub struct StepJob {
    /// Of which run.
    pub run: RunId,
    /// Which step of its plan.
    pub at: StepAt,
    /// Which time, from 1.
    pub attempt: u32,
    /// The step.
    pub step: Step,
    /// Values for the names that it uses: vars and parameters, and what earlier steps captured.
    pub values: BTreeMap<String, String>,
    /// Of those, the names that a shell step may have in its environment: vars and parameters.
    pub env: BTreeSet<String>,
    /// Whether nothing is to be changed.
    pub dry: bool,
    /// When the run's time is over.
    pub deadline: Option<Timestamp>,
    /// The folder that a process starts in; a `cwd` that is not absolute is below it.
    pub home: Option<PathBuf>,
    /// A process that an earlier life of this program started for it.
    pub process: Option<Process>,
}

/// What an attempt at a step takes. `None` for everything that is none.
pub fn step(state: &State, house: &House, effect: &Effect) -> Option<StepJob> {
    let Effect::RunStep { run, step: at, attempt } = effect else {
        return None;
    };
    let run = state.runs.get(run)?;
    let mut values = run.captures.clone();
    values.extend(run.plan.values.clone());
    let deadline = match &run.phase {
        RunPhase::Going { deadline, .. } => *deadline,
        _ => None,
    };
    let process = match run.steps.get(usize::from(*at)) {
        Some(StepState::Going { process, .. }) => process.clone(),
        _ => None,
    };
    Some(StepJob {
        run: run.id,
        at: *at,
        attempt: *attempt,
        step: run.step(*at)?.clone(),
        values,
        env: run.plan.values.keys().cloned().collect(),
        dry: run.plan.dry,
        deadline,
        process,
        home: house.settings.folders.home.clone(),
    })
}

/// Why an effect goes nowhere now.
#[derive(Clone, Debug, PartialEq)]
pub enum Nowhere {
    /// There is nothing to do it to: it is settled so.
    Settled(Settlement),
    /// Its place is not there yet, and what another lane does will make it.
    NotYet,
}

impl From<Settlement> for Nowhere {
    fn from(settlement: Settlement) -> Nowhere {
        Nowhere::Settled(settlement)
    }
}

/// Where this effect goes now.
///
/// # Errors
/// Why it goes nowhere.
pub fn address(state: &State, house: &House, now: Timestamp, effect: &Effect) -> Result<Address, Nowhere> {
    let incident = |id| state.incidents.get(id).ok_or(Settlement::Superseded);
    let run = |id| state.runs.get(id).ok_or(Settlement::Superseded);
    let thread = |i: &Incident| match i.thread {
        Thread::At(thread) => thread,
        // The lane opens the thread before anything is said in it.
        Thread::Owed | Thread::Lost => house.settings.channels.incidents,
    };
    // A run in an incident has a lane of its own, and may come before the incident's thread is
    // there. It waits: a post that went elsewhere unseen would be looked for in the wrong place.
    let of_incident = |i: &Incident| match i.thread {
        Thread::Owed => Err(Nowhere::NotYet),
        Thread::At(_) | Thread::Lost => Ok(thread(i)),
    };
    // An acknowledgement drops what is queued, wherever it would go.
    if let Effect::Page(calling) = effect
        && !calling.calls.iter().any(|(page, call)| state.pages.all.get(page).is_some_and(|p| p.wants(*call)))
    {
        return Err(Settlement::Superseded.into());
    }
    // What is said of a private incident is said in its thread or nowhere.
    let hidden = |id: &_| state.incidents.get(id).is_some_and(|i| i.private);
    if let Some(id) = effect.in_thread_of().or_else(|| run_of(state, effect)).filter(hidden) {
        return match incident(&id)?.thread {
            Thread::At(thread) => Ok(Address::Channel(thread)),
            Thread::Owed => Err(Nowhere::NotYet),
            Thread::Lost => Err(no_thread().into()),
        };
    }
    match effect {
        Effect::PostCard { channel, .. } | Effect::Say { place: Place::Channel(channel), .. } => {
            Ok(Address::Channel(*channel))
        }
        Effect::Say { place: Place::Thread(id), .. } => Ok(Address::Channel(thread(incident(id)?))),
        Effect::EditCard { incident: id, .. } => match incident(id)?.card {
            Card::At { channel, message } => Ok(Address::Message(channel, message)),
            Card::Owed | Card::Lost => Err(Settlement::Superseded.into()),
        },
        Effect::Page(calling) => page(state, house, calling, of_incident),
        Effect::EditPage { page, call, .. } => {
            let call = state.pages.all.get(page).and_then(|p| p.calls.get(*call as usize));
            let (channel, message) = call.and_then(|c| c.message).ok_or(Settlement::Superseded)?;
            Ok(Address::Message(channel, message))
        }
        Effect::Amend { channel, message, .. } => Ok(Address::Message(*channel, *message)),
        Effect::OpenThread { incident: id, .. } => match incident(id)?.card {
            Card::At { channel, message } => Ok(Address::Message(channel, message)),
            Card::Owed | Card::Lost => Err(no_card().into()),
        },
        Effect::Answer { to, .. } if now >= to.expires => {
            let said = "the interaction's token has expired".to_owned();
            Err(Settlement::GaveUp { reason: Reason::Expired, said }.into())
        }
        Effect::PostRun { place: Place::Channel(channel), .. } => Ok(Address::Channel(*channel)),
        Effect::PostRun { place: Place::Thread(id), .. } => Ok(Address::Channel(of_incident(incident(id)?)?)),
        Effect::PostRun { run: id, place: Place::Run(_), .. } | Effect::Say { place: Place::Run(id), .. } => {
            let run = run(id)?;
            // The lane posts the card and opens the thread before anything is said there.
            Ok(Address::Channel(match (run.thread, run.incident) {
                (_, Some(id)) => of_incident(incident(&id)?)?,
                (Thread::At(thread), None) => thread,
                (Thread::Owed | Thread::Lost, None) => house.settings.channels.incidents,
            }))
        }
        Effect::EditRun { run: id, .. } => match run(id)?.card {
            Card::At { channel, message } => Ok(Address::Message(channel, message)),
            Card::Owed | Card::Lost => Err(Settlement::Superseded.into()),
        },
        Effect::OpenRunThread { run: id, .. } => match run(id)?.card {
            Card::At { channel, message } => Ok(Address::Message(channel, message)),
            Card::Owed | Card::Lost => Err(no_card().into()),
        },
        Effect::PostBoard { place: Place::Channel(channel), .. } => Ok(Address::Channel(*channel)),
        Effect::PostBoard { place: Place::Thread(id), .. } => {
            // The lane opens the thread before, as for everything that is said there.
            Ok(Address::Channel(thread(incident(id)?)))
        }
        Effect::PostBoard { place: Place::Run(_), .. } => Err(Settlement::Superseded.into()),
        Effect::EditBoard { board, .. } => match state.board(*board) {
            Some(Card::At { channel, message }) => Ok(Address::Message(channel, message)),
            Some(Card::Owed | Card::Lost) | None => Err(Settlement::Superseded.into()),
        },
        Effect::RunStep { run: id, .. } | Effect::EndStep { run: id } => {
            run(id)?;
            Ok(Address::Own)
        }
        Effect::OpenPrivate { channel, .. } => Ok(Address::Channel(*channel)),
        Effect::Bring { incident: id, .. } => match incident(id)?.thread {
            Thread::At(thread) => Ok(Address::Channel(thread)),
            Thread::Owed | Thread::Lost => Err(no_thread().into()),
        },
        Effect::Role { person, .. } => Ok(Address::Member(house.settings.guild, person.id)),
        Effect::Answer { .. } | Effect::Check(_) => Ok(Address::Own),
    }
}

/// A call says how late it is as it goes out: while Muster was not there, or Discord, it could not.
pub fn goes_out(effect: &mut Effect, since: Timestamp, now: Timestamp) {
    let Effect::Page(calling) = effect else { return };
    match &mut calling.show {
        Show::Page(card) => card.goes_out(since, now),
        Show::Pages(cards) => cards.iter_mut().for_each(|card| card.goes_out(since, now)),
        _ => {}
    }
}

/// Where somebody is called.
fn page(
    state: &State,
    house: &House,
    calling: &Calling,
    thread: impl Fn(&Incident) -> Result<ChannelId, Nowhere>,
) -> Result<Address, Nowhere> {
    match (&calling.to, calling.place) {
        (_, Some(Place::Thread(id))) => {
            let incident = state.incidents.get(&id).ok_or(Settlement::Superseded)?;
            Ok(Address::Channel(thread(incident)?))
        }
        (_, Some(Place::Channel(channel))) => Ok(Address::Channel(channel)),
        (Target::Channel(channel), None) => Ok(Address::Channel(*channel)),
        (_, Some(Place::Run(_))) | (Target::Role { .. }, None) => {
            Ok(Address::Channel(house.settings.channels.incidents))
        }
        (Target::Person { id, .. }, None) if calling.way == Way::Direct => Ok(Address::Direct(*id)),
        (Target::Person { name, .. }, None) => {
            let none = || gone(name, calling.way);
            reach_of(house, calling).map(|_| Address::Own).ok_or_else(|| none().into())
        }
    }
}

/// Where somebody is reached who is not called in Discord. People are looked up at that moment: an address
/// that was taken out of the files is not written to any more.
pub fn reach<'a>(house: &'a House, effect: &Effect) -> Option<&'a Reach> {
    match effect {
        Effect::Page(calling) => reach_of(house, calling),
        _ => None,
    }
}

fn reach_of<'a>(house: &'a House, calling: &Calling) -> Option<&'a Reach> {
    let teammate = house.oncall.teammate(calling.to.person()?)?;
    teammate.reach.iter().find(|r| r.way() == calling.way)
}

fn gone(name: &str, way: Way) -> Settlement {
    let said = format!("[people] in muster.toml says no more how {name} is reached by {}", way.word());
    Settlement::GaveUp { reason: Reason::Gone, said }
}

/// The incident whose thread a run's message goes to.
fn run_of(state: &State, effect: &Effect) -> Option<IncidentId> {
    match effect {
        Effect::Say { place: Place::Run(run), .. } | Effect::PostRun { run, .. } => {
            state.runs.get(run)?.incident
        }
        _ => None,
    }
}

fn no_thread() -> Settlement {
    let said = "there is no private thread, and nothing of it is said elsewhere".to_owned();
    Settlement::GaveUp { reason: Reason::Gone, said }
}

fn no_card() -> Settlement {
    let said = "there is no card to open a thread under".to_owned();
    Settlement::GaveUp { reason: Reason::Gone, said }
}
