//! What people did and were told, kept beside Muster so that its own words can be checked.

use std::collections::BTreeMap;

use super::answer::Told;
use crate::model::card::{Show, Tone};
use crate::model::ids::InteractionId;
use crate::model::reply::{Refusal, Reply};
use crate::sandbox::world::Id;

/// What happened on the people's side.
#[derive(Default)]
pub struct Ledger {
    /// What each of them did, by interaction.
    pub deeds: BTreeMap<InteractionId, Deed>,
    /// What they were told. Somebody whose process ended is not in here.
    pub answers: BTreeMap<InteractionId, Answered>,
}

/// Something that somebody did.
#[derive(Clone, Debug)]
pub struct Deed {
    /// Who, and what.
    pub what: String,
    /// Where.
    pub channel: Id,
    /// Whether they had the right to change an incident at that moment.
    pub may_change: bool,
}

/// What somebody was told.
#[derive(Clone, Debug)]
pub struct Answered {
    /// What it says about the journal.
    pub promise: Promise,
    /// Whether it arrived.
    pub told: Told,
}

/// What an answer says about the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// It is done, or will be.
    Done,
    /// It was not done.
    Refused,
    /// Nothing: something was shown, proposed or asked.
    Nothing,
}

impl Promise {
    /// What this answer promises.
    pub fn of(answer: &Result<Reply, Refusal>) -> Promise {
        match answer {
            Err(_) => Promise::Refused,
            Ok(Reply::Later { .. }) => Promise::Done,
            Ok(Reply::Show { show: Show::Entry(_) | Show::Notice { tone: Tone::Done, .. }, .. }) => {
                Promise::Done
            }
            Ok(_) => Promise::Nothing,
        }
    }
}
