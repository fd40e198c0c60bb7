//! What follows an incident: its checklist (NX-10), what people write of it, what is still to be
//! done, and the report that is published (NX-11).
//!
//! - this file: which command, button or form it is, and what all of them share;
//! - `checklist`, `write`, `actions` and `publish` decide;
//! - [`due`] are the days that people type, `remind` is what happens when such a day comes;
//! - [`fold`] is all of it as the journal tells it.

mod actions;
mod checklist;
pub mod due;
pub mod fold;
mod publish;
mod remind;
mod write;

pub use actions::seen as seen_items;
pub use checklist::{card as checklist, open as open_checklist};
pub use remind::{next, overdue};

use std::collections::BTreeMap;

use super::Outcome;
use super::access::may;
use super::args::Args;
use super::incidents::{self, Wanted, known, private, which};
use super::state::State;
use crate::kit::time::Timestamp;
use crate::model::card::{Entry, Show};
use crate::model::command::Action;
use crate::model::effect::{Board, Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::IncidentId;
use crate::model::incident::{Incident, Phase};
use crate::model::input::Interaction;
use crate::model::reply::{Refusal, Reply};
use crate::model::report::{AfterButton, AfterForm};

/// `/report` and `/action`.
pub fn command(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    action: Action,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let meant = || meant(state, house, i, args);
    match action {
        Action::ReportShow => draft(state, meant()?),
        Action::ReportWrite => write::command(meant()?, now, i, args),
        Action::ReportPublish => publish::publish(state, house, now, i, meant()?, None),
        Action::ItemAdd => actions::command(state, house, now, i, meant()?, args),
        Action::ItemDone => actions::done(state, house, now, i, args),
        Action::ItemDrop => actions::drop(state, house, now, i, args),
        _ => actions::list(state, house, i, args),
    }
}

/// Which incident is meant. Outside its thread the only one whose report is still to be published
/// is; else it is as with every other command.
fn meant<'s>(
    state: &'s State,
    house: &House,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<&'s Incident, Refusal> {
    let named = args.text("incident").is_some() || state.threads.contains_key(&i.channel);
    let waits = |n: &&Incident| matches!(n.phase, Phase::Resolved { .. }) && n.review.published.is_none();
    let sees = |n: &&Incident| private::sees(house, n, &i.by.person, Some(i.channel));
    let waiting = state.incidents.values().filter(|_| !named).filter(waits).filter(sees);
    match waiting.collect::<Vec<_>>().as_slice() {
        [only] => Ok(only),
        _ => which(state, house, i, args, Wanted::Any),
    }
}

/// A button of what follows an incident.
pub fn press(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: IncidentId,
    button: AfterButton,
) -> Result<Outcome, Refusal> {
    match button {
        AfterButton::Tick(item, on) => {
            may(house, i, Action::ReportWrite)?;
            checklist::tick(known(state, house, i, id)?, now, i, item, on)
        }
        AfterButton::Write => {
            may(house, i, Action::ReportWrite)?;
            write::open(known(state, house, i, id)?)
        }
        AfterButton::AddAction => {
            may(house, i, Action::ItemAdd)?;
            actions::open(known(state, house, i, id)?)
        }
        AfterButton::Draft => {
            may(house, i, Action::ReportShow)?;
            draft(state, known(state, house, i, id)?)
        }
        AfterButton::Publish(version) => {
            may(house, i, Action::ReportPublish)?;
            publish::publish(state, house, now, i, known(state, house, i, id)?, Some(version))
        }
    }
}

/// A form was sent. Rights and state may have changed since it was opened.
pub fn submit(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: IncidentId,
    form: AfterForm,
    fields: &BTreeMap<String, String>,
) -> Result<Outcome, Refusal> {
    match form {
        AfterForm::Write(writes) => {
            let typed = write::typed(fields);
            let written = may(house, i, Action::ReportWrite)
                .and_then(|()| known(state, house, i, id))
                .and_then(|incident| write::form(incident, now, i, writes, &typed));
            written.map_err(|why| write::given_back(&why, &typed))
        }
        AfterForm::AddAction => {
            let added = may(house, i, Action::ItemAdd)
                .and_then(|()| known(state, house, i, id))
                .and_then(|incident| actions::form(state, house, now, i, incident, fields));
            added.map_err(|why| actions::given_back(&why, fields))
        }
    }
}

/// The draft of a report, for who asked.
fn draft(state: &State, incident: &Incident) -> Result<Outcome, Refusal> {
    not_merged(incident)?;
    let version = incident.review.version;
    let show = Show::Draft { incident: incident.id, upto: state.head, version };
    Ok(Outcome::reply(Reply::Show { show, private: true }))
}

/// One that is part of another has no report of its own.
fn not_merged(incident: &Incident) -> Result<(), Refusal> {
    match incident.phase {
        Phase::Merged { .. } => incidents::still_open(incident),
        _ => Ok(()),
    }
}

/// What happened, told in the thread, and on the checklist where it lies open.
fn told(incident: &Incident, now: Timestamp, event: Event, entry: Option<Entry>, reply: Reply) -> Outcome {
    let mut after = incident.clone();
    incidents::fold::take_in(&mut after, now, &event);
    let mut effects = vec![];
    if let Some(entry) = entry {
        effects.push(Effect::Say { place: Place::Thread(incident.id), show: Show::Entry(entry) });
    }
    if after.review.list.is_some() {
        let (board, show) = (Board::Checklist(incident.id), Show::Checklist(checklist::card(&after)));
        effects.push(Effect::EditBoard { board, show });
    }
    Outcome { events: vec![event], effects, reply }
}
