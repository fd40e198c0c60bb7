//! A run: somebody asked for a section of a runbook to be done, by programs and by people.

pub mod plan;
pub mod ran;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ids::{ChannelId, IncidentId, RunId, Seq};
use super::incident::{Card, Stamp, Thread};
use super::person::Person;
use super::runbook::{Step, StepKind};
use crate::kit::time::Timestamp;
pub use plan::Plan;
pub use ran::{Output, Process, Ran, RanHow, Tail};

/// A step's place in its plan, from 0: first the line, then the asides.
pub type StepAt = u16;

/// A run that Muster keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// What is done, as it was when it was asked for. Nothing that changes later changes it.
    pub plan: Arc<Plan>,
    /// SHA-256 over the plan: what people agree to.
    pub hash: String,
    /// When and by whom it was asked for.
    pub asked: Stamp,
    /// The incident that it belongs to.
    pub incident: Option<IncidentId>,
    /// Where it was asked for; `None` in a terminal.
    pub channel: Option<ChannelId>,
    /// Where it stands.
    pub phase: RunPhase,
    /// Where each of its steps stands, by [`StepAt`].
    pub steps: Vec<StepState>,
    /// Which attempt each step had last, by [`StepAt`]; 0 before the first.
    pub attempts: Vec<u32>,
    /// What steps captured for later ones, by name.
    pub captures: BTreeMap<String, String>,
    /// Who agreed so far, here and in its questions.
    pub agreed: Vec<Stamp>,
    /// Who typed the service's name, where the action wants that.
    pub confirmed: Option<Stamp>,
    /// Why it was begun without a second person, where somebody broke the glass.
    pub glass: Option<String>,
    /// Why it will not end well: the first failure that was not to be passed over.
    pub trouble: Option<String>,
    /// Its card.
    pub card: Card,
    /// The thread under its card; an incident's run uses the incident's.
    pub thread: Thread,
    /// The commits that are about it, in order.
    pub commits: Vec<Seq>,
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunPhase {
    /// People have to agree first.
    Asked {
        /// When nobody's answer becomes a refusal.
        until: Timestamp,
    },
    /// It is under way. Only now does it hold its lock.
    Going {
        /// Since when: the deadline counts from here.
        since: Timestamp,
        /// When it has failed, whatever it is doing.
        deadline: Option<Timestamp>,
        /// Set once it is to end; what is under way is being ended.
        stopping: Option<Stopping>,
        /// Set while what was done is taken back: why it is.
        undoing: Option<String>,
    },
    /// It is over.
    Over {
        /// When it began, if it did.
        began: Option<Timestamp>,
        /// When it ended.
        at: Timestamp,
        /// How.
        how: RunEnd,
    },
}

/// Why a run is to end before it is through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopping {
    /// A person cancelled it.
    Cancelled {
        /// Who.
        by: Person,
        /// Why, where they said.
        why: Option<String>,
    },
    /// Its time is over.
    Late,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunEnd {
    /// Every step that counts passed.
    Passed,
    /// A step failed, or its time was over.
    Failed {
        /// Which, and why.
        why: String,
    },
    /// A person ended it.
    Cancelled {
        /// Who.
        by: Person,
        /// Why, where they said.
        why: Option<String>,
    },
    /// Who was asked said no, or nobody answered in time.
    Refused {
        /// Who; nobody in time, where there is none.
        by: Option<Person>,
    },
    /// What would run is not what was shown any more.
    Voided {
        /// What changed.
        why: String,
    },
    /// What it did was taken back.
    Undone {
        /// Why.
        why: String,
    },
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Its turn has not come.
    Waiting,
    /// It is being done by a program.
    Going {
        /// Which time.
        attempt: u32,
        /// Since when.
        since: Timestamp,
        /// The process, once there is one.
        process: Option<Process>,
    },
    /// It failed, and is tried again.
    Again {
        /// When.
        at: Timestamp,
        /// What went wrong.
        why: String,
    },
    /// A person does it.
    Asked {
        /// Since when.
        since: Timestamp,
        /// How often they were reminded, and when last.
        reminded: Reminded,
    },
    /// People are asked to agree.
    Approving {
        /// Since when.
        since: Timestamp,
        /// When nobody's answer becomes a refusal.
        until: Timestamp,
    },
    /// It was cut short, and nobody knows whether it worked.
    Unknown {
        /// Since when.
        since: Timestamp,
        /// The step that is being asked whether it did; a person is asked where there is none.
        asking: Option<StepAt>,
        /// The process of the step that is being asked.
        process: Option<Process>,
        /// How often people were reminded, and when last.
        reminded: Reminded,
    },
    /// It is over.
    Over(StepOver),
}

/// How often people were reminded of something that waits for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminded {
    /// How often.
    pub times: u32,
    /// When last.
    pub last: Option<Timestamp>,
}

/// How a step went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOver {
    /// How.
    pub how: StepEnd,
    /// When.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// Who says so, where a person does.
    pub by: Option<Person>,
    /// What came, or why not: one line.
    pub words: String,
    /// The last lines that it printed.
    pub tail: String,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepEnd {
    /// It did what it should.
    Passed,
    /// It did not.
    Failed,
    /// It did not, and that is only a warning.
    Warned,
    /// It was not its turn: a condition was not met, or what it needs did not pass.
    Skipped,
    /// A person says that it does not apply here, and why.
    NotApplicable,
    /// It was ended with its run.
    Stopped,
    /// A dry run: this is what would be done.
    Would,
}

impl Run {
    /// The step at a place.
    pub fn step(&self, at: StepAt) -> Option<&Step> {
        self.plan.step(at)
    }

    /// Whether this step waits for the service's name: it is the first that changes something.
    pub fn wants_name(&self, at: StepAt) -> bool {
        let changes = self.step(at).is_some_and(|s| match &s.kind {
            StepKind::Http(http) => !http.reads(),
            StepKind::Shell(_) => true,
            _ => false,
        });
        changes && self.plan.confirm && self.confirmed.is_none() && !self.plan.dry
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, RunPhase::Over { .. })
    }

    /// The lock that it holds now.
    pub fn holds(&self) -> Option<&str> {
        match self.phase {
            RunPhase::Going { .. } if !self.plan.dry => self.plan.lock.as_deref(),
            _ => None,
        }
    }

    /// Where the step of this name stands.
    pub fn named(&self, name: &str) -> Option<(StepAt, &StepState)> {
        let at = self.plan.named(name)?;
        Some((at, self.steps.get(usize::from(at))?))
    }

    /// How the step at a place ended.
    pub fn ended(&self, at: StepAt) -> Option<StepEnd> {
        match self.steps.get(usize::from(at)) {
            Some(StepState::Over(over)) => Some(over.how),
            _ => None,
        }
    }

    /// What a button of its card carries of its plan: after a restore the same number may be
    /// another run's, and that one nobody saw.
    pub fn tag(&self) -> u32 {
        self.hash.get(..8).and_then(|h| u32::from_str_radix(h, 16).ok()).unwrap_or(0)
    }

    /// The steps that take back what was done, the last deed first: of each step that passed its
    /// `undo`, where that was not done yet.
    pub fn undoable(&self) -> Vec<StepAt> {
        let mut undo = vec![];
        for at in (0..self.plan.steps.len()).rev().filter_map(|n| StepAt::try_from(n).ok()) {
            let name = self.step(at).and_then(|s| s.options.undo.as_ref());
            let back = name.and_then(|n| self.named(n.as_str()));
            if let (Some(StepEnd::Passed | StepEnd::Warned), Some((back, StepState::Waiting))) =
                (self.ended(at), back)
                && !undo.contains(&back)
            {
                undo.push(back);
            }
        }
        undo
    }
}
