//! Telling people of an incident (NX-4): who they are, and what was told when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{ChannelId, IncidentId};
use super::incident::{Card, Phase, Status};
use super::person::Person;
use crate::kit::time::Timestamp;

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Whoever uses the service: a short text.
    Public,
    /// Whoever looks at the status page.
    StatusPage,
}

impl Audience {
    /// Both.
    pub const ALL: [Audience; 2] = [Audience::Public, Audience::StatusPage];

    /// What they are told, as people call it.
    pub fn word(self) -> &'static str {
        match self {
            Audience::Public => "public text",
            Audience::StatusPage => "status page",
        }
    }

    /// Greatest length of what they are told, in characters: with a sentence around it, it stays
    /// under the 2000 of a message.
    pub fn longest(self) -> u16 {
        match self {
            Audience::Public => 1000,
            Audience::StatusPage => 1700,
        }
    }
}

/// How far an incident is for those who are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Nobody knows yet what is wrong.
    Investigating,
    /// What is wrong is known.
    Identified,
    /// It is mended, and watched.
    Monitoring,
    /// It is over.
    Resolved,
}

impl Stage {
    /// All, in the order in which they are reached.
    pub const ALL: [Stage; 4] = [Stage::Investigating, Stage::Identified, Stage::Monitoring, Stage::Resolved];

    /// Of an incident that stands so.
    pub fn of(phase: &Phase) -> Stage {
        match phase {
            Phase::Open { status: Status::Investigating } => Stage::Investigating,
            Phase::Open { status: Status::Identified } => Stage::Identified,
            Phase::Open { status: Status::Monitoring } => Stage::Monitoring,
            Phase::Resolved { .. } | Phase::Closed { .. } | Phase::Merged { .. } => Stage::Resolved,
        }
    }

    /// As people read it.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Investigating => "investigating",
            Stage::Identified => "identified",
            Stage::Monitoring => "monitoring",
            Stage::Resolved => "resolved",
        }
    }
}

/// Where something was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// Muster posted it here.
    Channel(ChannelId),
    /// A person told it where Muster does not reach.
    Elsewhere,
    /// Nowhere: it is only an exercise.
    Nowhere,
}

/// That somebody told people something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Person,
    /// How far the incident was when they began to write.
    pub stage: Stage,
    /// Where.
    pub place: Told,
    /// How often this audience was told something of this incident.
    pub times: u32,
}

/// What an incident keeps of telling people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tellings {
    /// The message with the drafts; `None` before one is owed.
    pub board: Option<Card>,
    /// What was said last of how it goes: what people see, or what was found.
    pub latest: Option<String>,
    /// The last that each was told.
    pub told: BTreeMap<Audience, Telling>,
}

/// What the message with the drafts shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellCard {
    /// Of which incident.
    pub incident: IncidentId,
    /// What is wrong.
    pub title: String,
    /// Which service.
    pub service: Option<String>,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How far it is.
    pub stage: Stage,
    /// What was said last of how it goes.
    pub latest: Option<String>,
    /// The last that each was told.
    pub told: BTreeMap<Audience, Telling>,
    /// Whether the tracker's record, or anything else, is linked.
    pub linked: bool,
    /// Whether it is only an exercise.
    pub drill: bool,
    /// Whether there is still something to tell of this one.
    pub goes_on: bool,
}

/// Somebody told people of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleTold {
    /// Of which.
    pub incident: IncidentId,
    /// Whom.
    pub audience: Audience,
    /// How far it was when they began to write.
    pub stage: Stage,
    /// What they said.
    pub text: String,
    /// Where.
    pub place: Told,
    /// Who.
    pub by: Person,
}
