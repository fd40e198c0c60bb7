//! One decision as the journal keeps it.

use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::event::Event;
use super::ids::{EffectId, InteractionId, Seq};
use super::person::Person;
use crate::kit::time::Timestamp;

/// The version of what is written. A build reads all up to its own, and refuses a newer one.
pub const FORMAT: u16 = 1;

/// One decision: why, what happened, and what is owed for it. Written as one JSON line, whole
/// or not at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Commit {
    /// The format it was written in.
    pub v: u16,
    /// Its place.
    pub seq: Seq,
    /// When it was decided.
    pub at: Timestamp,
    /// What led to it.
    pub cause: Cause,
    /// What happened.
    pub events: Vec<Event>,
    /// What is owed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
}

impl Commit {
    /// The effects with their ids.
    pub fn owed(&self) -> impl Iterator<Item = (EffectId, &Effect)> {
        (0u16..).zip(&self.effects).map(|(index, e)| (EffectId { seq: self.seq, index }, e))
    }
}

/// What led to a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// A person used a command, a button or a form. The id is the receipt: Discord's gateway
    /// may say the same twice after a resume.
    Interaction {
        /// Which.
        id: InteractionId,
        /// Who.
        by: Person,
        /// What they used: `/incident declare`.
        what: String,
    },
    /// An effect was done, or given up.
    Delivery {
        /// Which.
        effect: EffectId,
    },
    /// Somebody did something in a terminal on Muster's machine.
    Terminal {
        /// Who.
        by: Person,
        /// What they used: `muster run soundlab rollback`.
        what: String,
    },
    /// A source told of something over HTTP.
    Intake {
        /// What it is called in `muster.toml`.
        source: String,
    },
    /// A step's process is there.
    Process,
    /// The program began.
    Start,
    /// The team's files were read anew.
    Files,
    /// A time came.
    Timer,
}
