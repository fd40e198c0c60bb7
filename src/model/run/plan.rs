//! What a run does: a copy of the runbook's steps and of everything that is put into them, made
//! when the run is asked for. What people agree to is this, by its hash.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::StepAt;
use crate::kit::{hash, millis};
use crate::model::runbook::{Approve, Step, Undo};

/// What a run does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The service, which is the runbook's name.
    pub service: String,
    /// The action's name in the front matter, or the anchor of a section that has none.
    pub action: String,
    /// What people call it.
    pub title: String,
    /// SHA-256 of the runbook's file.
    pub runbook: String,
    /// The steps in their order.
    pub steps: Vec<Step>,
    /// Steps that come only when another one says so: `undo`, `verify`, `on-fail`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asides: Vec<Step>,
    /// Values for the names that its steps use: the service's `vars`, and what the asker typed.
    pub values: BTreeMap<String, String>,
    /// Of those, the names that the asker gave a value.
    pub params: Vec<String>,
    /// Only one run that holds this at a time: `soundlab/deploy`.
    pub lock: Option<String>,
    /// How long it may take, from the moment when it begins.
    #[serde(default, with = "millis::option", skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Duration>,
    /// Who must agree before it begins.
    pub approve: Option<Approve>,
    /// What happens to the undo steps of what was done, after a failure.
    pub undo: Undo,
    /// Who may start and steer it, as roles of `muster.toml`; `None`: whoever may use the command.
    pub roles: Option<Vec<String>>,
    /// Whether the service's name is typed before the first step that changes something.
    #[serde(default)]
    pub confirm: bool,
    /// A sentence shown before it starts.
    pub danger: Option<String>,
    /// Whether nothing is to be changed.
    pub dry: bool,
}

impl Plan {
    /// The step at a place: first the line, then the asides.
    pub fn step(&self, at: StepAt) -> Option<&Step> {
        let at = usize::from(at);
        self.steps.get(at).or_else(|| self.asides.get(at.checked_sub(self.steps.len())?))
    }

    /// All steps with their places.
    pub fn all(&self) -> impl Iterator<Item = (StepAt, &Step)> {
        (0..).zip(self.steps.iter().chain(&self.asides))
    }

    /// The place of the step with this name.
    pub fn named(&self, name: &str) -> Option<StepAt> {
        self.all().find(|(_, s)| s.name.as_ref().is_some_and(|n| n.as_str() == name)).map(|(at, _)| at)
    }

    /// What an approval is bound to: SHA-256 over every step, value and rule of it.
    pub fn hash(&self) -> String {
        // Maps are sorted and no float is in it, so the same plan is always the same bytes.
        hash::sha256(&serde_json::to_vec(self).unwrap_or_default())
    }
}
