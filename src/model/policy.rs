//! An escalation policy: who is called, how long they have, who is called next, and who hears of it
//! when nobody answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ids::{ChannelId, RoleId, UserId};
use super::incident::Severity;
use super::page::Way;
use crate::kit::millis;
use crate::kit::time::spoken;

/// A policy. A page keeps a copy of the one that it began with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What it is called.
    pub name: String,
    /// For which services; for every one where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// For what is how bad. Empty: for nothing by itself, only where a person names it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severities: Vec<Severity>,
    /// Who is called, one rung after the other. Not empty.
    pub rungs: Vec<Rung>,
    /// How often all rungs are gone through. At least 1.
    pub rounds: u32,
    /// Who hears of it when nobody answered.
    pub fallback: Fallback,
    /// How long an acknowledgement holds without a sign of work.
    #[serde(with = "millis")]
    pub holds: Duration,
    /// How long whoever acknowledged has to answer that they are still on it.
    #[serde(with = "millis")]
    pub still: Duration,
    /// What ends the climb.
    #[serde(default)]
    pub until: Until,
}

/// What ends the climb of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// Somebody acknowledged.
    #[default]
    Acknowledged,
    /// The incident is resolved: the later rungs hear of it in their time though somebody is on it
    /// (SC-16).
    Resolved,
}

/// A rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// What it is called: `L1`.
    pub name: String,
    /// Who is called, all at once. Empty only where it proposes something.
    pub whom: Vec<Whom>,
    /// How long they have to answer before the next rung.
    #[serde(with = "millis")]
    pub within: Duration,
    /// After how long they are called again meanwhile; `None`: once.
    #[serde(default, with = "millis::option", skip_serializing_if = "Option::is_none")]
    pub every: Option<Duration>,
    /// Only by these ways; by all that the person has where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<Way>,
    /// An action of the service's runbook that is proposed when the rung is reached: a person approves
    /// it (SC-16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub propose: Option<String>,
}

/// Who is called. Looked up when it comes to that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whom {
    /// Whoever is on call.
    OnCall {
        /// In this rota; in that of the service where none is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rota: Option<String>,
        /// In this rank.
        rank: String,
    },
    /// This person.
    Person {
        /// Their account.
        id: UserId,
        /// What they are called.
        name: String,
    },
    /// Whoever holds a role of the server.
    Role {
        /// Which.
        id: RoleId,
        /// What it is called.
        name: String,
    },
    /// Whoever reads a channel: `@here`.
    Channel(ChannelId),
    /// Somebody whom a runbook names and nobody has told Muster of.
    Unknown(String),
}

impl Whom {
    /// Who that is, before it is looked up.
    pub fn in_words(&self) -> String {
        match self {
            Whom::OnCall { rota: Some(rota), rank } => format!("the {rank} of {rota}"),
            Whom::OnCall { rota: None, rank } => format!("the {rank}"),
            Whom::Person { name, .. } | Whom::Unknown(name) => name.clone(),
            Whom::Role { name, .. } => format!("everybody with the role {name}"),
            Whom::Channel(_) => "everybody in a channel".to_owned(),
        }
    }
}

/// Who hears of it when nobody answered. It cannot be nobody: there is always a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fallback {
    /// Where it is said, to everybody who is there.
    pub channel: ChannelId,
    /// Roles that are called there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleId>,
    /// People who are called there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<UserId>,
}

impl Policy {
    /// Whether it is for what is this bad in this service.
    pub fn fits(&self, service: Option<&str>, severity: Severity) -> bool {
        let named = |s: &str| self.services.iter().any(|known| known == s);
        self.severities.contains(&severity) && (self.services.is_empty() || service.is_some_and(named))
    }

    /// All of it in one line: who is called, and how long they have.
    pub fn in_words(&self) -> String {
        let rungs = self.rungs.iter().map(|rung| {
            let whom = rung.whom.iter().map(Whom::in_words);
            let proposed = rung.propose.iter().map(|action| format!("`{action}` is proposed"));
            let all: Vec<String> = whom.chain(proposed).collect();
            format!("{} ({}; {})", rung.name, all.join(", "), spoken(rung.within))
        });
        format!("`{}`: {}", self.name, rungs.collect::<Vec<_>>().join(", then "))
    }

    /// A rung by its place; the last one where there are not so many.
    pub fn rung(&self, at: u32) -> Option<&Rung> {
        self.rungs.get(at as usize)
    }
}
