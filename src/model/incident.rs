//! An incident, as far as deciding needs it. Its whole history is in the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{ChannelId, GroupId, IncidentId, MessageId, Seq};
use super::page::PageBrief;
use super::person::Person;
use super::report::Review;
use super::run::Reminded;
use super::telling::Tellings;
use crate::kit::time::Timestamp;

/// How bad it is (NX-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// Critical: service down or data loss.
    P1,
    /// High: a major feature broken.
    P2,
    /// Medium: degraded.
    P3,
    /// Low: minor.
    P4,
}

impl Severity {
    /// All, worst first.
    pub const ALL: [Severity; 4] = [Severity::P1, Severity::P2, Severity::P3, Severity::P4];

    /// In words, because colour alone tells some people nothing.
    pub fn in_words(self) -> &'static str {
        match self {
            Severity::P1 => "P1 critical",
            Severity::P2 => "P2 high",
            Severity::P3 => "P3 medium",
            Severity::P4 => "P4 low",
        }
    }

    /// How soon somebody begins (NX-1), in words.
    pub fn response(self) -> &'static str {
        match self {
            Severity::P1 => "at once",
            Severity::P2 => "within 1 h",
            Severity::P3 => "within 4 h",
            Severity::P4 => "next business day",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl FromStr for Severity {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Severity::ALL
            .into_iter()
            .find(|p| p.to_string().eq_ignore_ascii_case(s.trim()))
            .ok_or_else(|| format!("`{s}` is no severity: use P1, P2, P3 or P4"))
    }
}

/// How far people are with an open incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Nobody knows yet what is wrong.
    Investigating,
    /// What is wrong is known.
    Identified,
    /// It is mended, and watched.
    Monitoring,
}

impl Status {
    /// All, in the order in which they are reached.
    pub const ALL: [Status; 3] = [Status::Investigating, Status::Identified, Status::Monitoring];

    /// As people write and read it.
    pub fn word(self) -> &'static str {
        match self {
            Status::Investigating => "investigating",
            Status::Identified => "identified",
            Status::Monitoring => "monitoring",
        }
    }
}

impl FromStr for Status {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let found = Status::ALL.into_iter().find(|w| w.word().eq_ignore_ascii_case(s.trim()));
        found.ok_or_else(|| format!("`{s}` is no status: use investigating, identified or monitoring"))
    }
}

/// What somebody does in an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// Decides, and keeps the others free to work.
    Commander,
    /// Speaks to those who are not in the thread.
    Comms,
    /// Writes down what happens.
    Scribe,
}

impl Duty {
    /// All.
    pub const ALL: [Duty; 3] = [Duty::Commander, Duty::Comms, Duty::Scribe];

    /// As people write and read it.
    pub fn word(self) -> &'static str {
        match self {
            Duty::Commander => "commander",
            Duty::Comms => "comms",
            Duty::Scribe => "scribe",
        }
    }
}

impl FromStr for Duty {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let found = Duty::ALL.into_iter().find(|w| w.word().eq_ignore_ascii_case(s.trim()));
        found.ok_or_else(|| format!("`{s}` is no duty: use commander, comms or scribe"))
    }
}

/// An address that belongs to an incident: the tracker's record, a graph, a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where; http or https.
    pub url: String,
    /// What it is.
    pub label: String,
}

/// An incident that Muster keeps. It stands in the journal where one was recalled: nothing in it is
/// renamed, and what is added has a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// What is wrong, in one line.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// Which service, where one was named.
    pub service: Option<String>,
    /// When and by whom it was declared.
    pub declared: Stamp,
    /// Where it stands.
    pub phase: Phase,
    /// Who does what in it.
    pub duties: BTreeMap<Duty, Person>,
    /// What belongs to it.
    pub links: Vec<Link>,
    /// The alerts that belong to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<GroupId>,
    /// Whether it is only an exercise.
    pub drill: bool,
    /// Whether only those see it who were brought in.
    #[serde(default)]
    pub private: bool,
    /// Who was brought in.
    #[serde(default)]
    pub invited: Vec<Person>,
    /// When people last heard how it goes: declared, a status, a severity, resolved.
    pub updated: Timestamp,
    /// How often somebody was reminded since then.
    pub reminded: Reminded,
    /// Whether somebody was asked to lead it.
    pub leader_asked: bool,
    /// By when somebody should have begun; `None` once a person did something in it.
    #[serde(default)]
    pub respond_by: Option<Timestamp>,
    /// Who is called for it, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Box<PageBrief>>,
    /// What people were told of it.
    #[serde(default)]
    pub tellings: Tellings,
    /// The messages in its timeline, so that each is there once.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub messages: BTreeSet<MessageId>,
    /// Its card in the incidents channel.
    pub card: Card,
    /// Its thread.
    pub thread: Thread,
    /// What follows it.
    #[serde(default)]
    pub review: Review,
    /// The commits that are about it, in order: where its history is found.
    pub commits: Vec<Seq>,
}

/// A moment and the person who made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Person,
}

/// Where an incident stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Not over.
    Open {
        /// How far people are.
        status: Status,
    },
    /// Over.
    Resolved {
        /// When and by whom.
        when: Stamp,
        /// What resolved it, where somebody said.
        how: Option<String>,
    },
    /// Over, and everything that follows from it is done.
    Closed {
        /// When and by whom it was resolved.
        when: Stamp,
        /// What resolved it, where somebody said.
        how: Option<String>,
        /// When and by whom it was closed.
        closed: Stamp,
    },
    /// It turned out to be part of another one.
    Merged {
        /// Which.
        into: IncidentId,
        /// When and by whom.
        when: Stamp,
    },
}

impl Phase {
    /// Whether people work on it.
    pub fn is_open(&self) -> bool {
        matches!(self, Phase::Open { .. })
    }

    /// When and by whom it was ended, and how; `None` while it is open, and for one that is part
    /// of another.
    pub fn end(&self) -> Option<(&Stamp, Option<&str>)> {
        match self {
            Phase::Resolved { when, how } | Phase::Closed { when, how, .. } => Some((when, how.as_deref())),
            Phase::Open { .. } | Phase::Merged { .. } => None,
        }
    }
}

/// The message that shows an incident and is edited as it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Card {
    /// Owed, not yet in Discord.
    Owed,
    /// There.
    At {
        /// In this channel.
        channel: ChannelId,
        /// This message.
        message: MessageId,
    },
    /// It cannot be: the channel is gone, or the bot may not post there.
    Lost,
}

/// An incident's thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Thread {
    /// Owed, not yet in Discord.
    Owed,
    /// There.
    At(ChannelId),
    /// It cannot be; what would go there goes to the incidents channel.
    Lost,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_read_back_and_sort_worst_first() {
        for s in Severity::ALL {
            assert_eq!(s.to_string().to_lowercase().parse(), Ok(s));
        }
        assert!(Severity::P1 < Severity::P4);
        assert!("P5".parse::<Severity>().is_err());
    }
}
