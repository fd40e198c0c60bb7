//! What people did and were told, kept beside Muster so that its own words can be checked.

use std::collections::BTreeMap;

use super::answer::Told;
use super::house;
use crate::model::button::Button;
use crate::model::card::{Show, Tone};
use crate::model::ids::{EffectId, InteractionId, RunId};
use crate::model::reply::{Refusal, Reply};
use crate::model::run::StepAt;
use crate::model::runbook::Step;
use crate::sandbox::world::Id;

/// What happened on the people's side.
#[derive(Default)]
pub struct Ledger {
    /// What each of them did, by interaction.
    pub deeds: BTreeMap<InteractionId, Deed>,
    /// What they were told. Somebody whose process ended is not in here.
    pub answers: BTreeMap<InteractionId, Answered>,
    /// What was really done for runs, in the order in which it began. No crash forgets it.
    pub executions: Vec<Execution>,
}

/// A step that was really done, or begun.
#[derive(Clone, Debug)]
pub struct Execution {
    /// For which effect.
    pub effect: EffectId,
    /// Of which run.
    pub run: RunId,
    /// Which step.
    pub at: StepAt,
    /// Which time, as it was told.
    pub attempt: u32,
    /// The step as it was done.
    pub step: Step,
    /// The values that it was given.
    pub values: BTreeMap<String, String>,
    /// Whether it was told to change nothing.
    pub dry: bool,
    /// When it began, by Discord's time.
    pub from: i64,
    /// When it ended, or will if nobody ends it: a crash ends only who waits for it.
    pub until: i64,
    /// Whether its run was over when it began.
    pub too_late: bool,
}

impl Execution {
    /// Whether it changes something.
    pub fn changes(&self) -> bool {
        match &self.step.kind {
            crate::model::runbook::StepKind::Http(http) => !self.dry && !http.reads(),
            _ => !self.dry,
        }
    }
}

/// Something that somebody did.
#[derive(Clone, Debug)]
pub struct Deed {
    /// Who, and what.
    pub what: String,
    /// Where.
    pub channel: Id,
    /// Whose account.
    pub user: u64,
    /// The roles that they held at that moment.
    pub roles: Vec<u64>,
    /// The button that they pressed, if it is one of Muster's.
    pub pressed: Option<Button>,
}

impl Deed {
    /// Whether they had the right to change an incident at that moment.
    pub fn may_change(&self) -> bool {
        house::may_change(self.user, &self.roles)
    }

    /// Whether they had the right to publish a report.
    pub fn may_publish(&self) -> bool {
        house::may_publish(self.user, &self.roles)
    }

    /// Whether they had the right to ask for a run and to steer it.
    pub fn may_run(&self) -> bool {
        house::may_run(self.user, &self.roles)
    }

    /// Whether they had the right to agree to one.
    pub fn may_agree(&self) -> bool {
        house::may_agree(self.user, &self.roles)
    }
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
            Ok(Reply::Later { .. } | Reply::Run { .. }) => Promise::Done,
            Ok(Reply::Show { show: Show::Entry(_) | Show::Notice { tone: Tone::Done, .. }, .. }) => {
                Promise::Done
            }
            Ok(_) => Promise::Nothing,
        }
    }
}
