//! What people see of alerts, as values that carry all that they show.

use serde::{Deserialize, Serialize};

use super::{GroupPhase, Held, Opened};
use crate::kit::time::Timestamp;
use crate::model::ids::{ChannelId, GroupId, IncidentId, Seq, StormId};
use crate::model::incident::{Link, Severity, Stamp};
use crate::model::labels::Labels;
use crate::model::mark::Mark;
use crate::model::page::{Call, PageBrief, Skipped};
use crate::model::person::Person;
use crate::model::silence::Silence;
use crate::model::triage::Playbook;

/// What an alert's card shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertCard {
    /// By what it came to be.
    pub opened: Opened,
    /// Where it stands.
    pub phase: GroupPhase,
    /// Since when the oldest of it fires, or fired.
    pub since: Timestamp,
    /// How many alerts of it fire.
    pub firing: u32,
    /// How often an alert of it began to fire.
    pub times: u32,
    /// In one line, what its source says.
    pub summary: Option<String>,
    /// In more lines, what its source says.
    pub description: Option<String>,
    /// Some of its alerts, those that fire first.
    pub alerts: Vec<AlertLine>,
    /// Where more is to be seen: graph, runbook.
    pub links: Vec<Link>,
    /// The section of its runbook that speaks of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<RunbookSection>,
    /// What may help.
    pub playbooks: Vec<Playbook>,
    /// What changed of its service shortly before, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Mark>,
    /// Who has taken it, and when.
    pub acknowledged: Option<Stamp>,
    /// The incident that it belongs to.
    pub incident: Option<IncidentId>,
    /// That incident's thread, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ChannelId>,
    /// Why nobody is told of it now.
    pub held: Option<Held>,
    /// The silence that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Box<Silence>>,
    /// What the worse alert is called that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worse: Option<String>,
    /// How often it ended or came back lately; 0 where it does not flap.
    pub flaps: u32,
}

/// A section of a runbook, as a card names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunbookSection {
    /// The service whose runbook it is.
    pub service: String,
    /// What `/runbook` calls it.
    pub anchor: String,
    /// Its heading.
    pub title: String,
}

/// One alert in a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertLine {
    /// The labels that tell it from the others of its group.
    pub labels: Labels,
    /// Since when it fires, or fired.
    pub since: Timestamp,
    /// When it ended, where it has.
    pub over: Option<Timestamp>,
}

/// What the message of a storm shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StormCard {
    /// Its number.
    pub id: StormId,
    /// Since when.
    pub since: Timestamp,
    /// When it ended, where it has.
    pub over: Option<Timestamp>,
    /// How many groups it counts, and how many of them still fire.
    pub groups: (u32, u32),
    /// How many alerts that is.
    pub alerts: u32,
    /// The services, and how many groups of each fire; the most first.
    pub services: Vec<(String, u32)>,
    /// Some of the groups: the worst and oldest first.
    pub some: Vec<(GroupId, Severity, String)>,
}

/// A group in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertListed {
    /// Its number.
    pub group: GroupId,
    /// How bad.
    pub severity: Severity,
    /// What it is called.
    pub title: String,
    /// Of which service.
    pub service: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// How many alerts of it fire.
    pub firing: u32,
    /// Whether nobody is told of it now.
    pub held: bool,
    /// Who has taken it.
    pub acknowledged: Option<Stamp>,
    /// The incident that it belongs to.
    pub incident: Option<IncidentId>,
}

/// Why people were told of a group, or were not, up to a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertWhy {
    /// Which.
    pub group: GroupId,
    /// Up to and with this commit.
    pub upto: Seq,
    /// Which page, from 0.
    pub page: u32,
    /// The routes that it went through, from the root on, as the settings were when it was asked.
    pub routes: Vec<RouteSaid>,
    /// The silences that mean it, the newest first.
    pub silences: Vec<Silence>,
    /// The pages about it and about its incident, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paged: Vec<PagedFor>,
}

/// A page that an alert led to: whom it called, and whom not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PagedFor {
    /// What its incident's card says of it.
    pub brief: PageBrief,
    /// The incident that it is about; `None` where it is about the alerts themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// Whom, by which way, and what became of the last try; nothing where only those may know who were
    /// brought in.
    pub tried: Vec<Call>,
    /// Who was not called on some rung, and why.
    pub skipped: Vec<Skipped>,
    /// Who answered last, also where it is over by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Person>,
    /// Whether only those may know who were brought in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

/// A route that took an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteSaid {
    /// What it is called.
    pub name: String,
    /// Which alerts it takes.
    pub matchers: Vec<String>,
    /// Alerts that share these labels are one group.
    pub group_by: Vec<String>,
    /// Roles that are called.
    pub mention: Vec<String>,
    /// Routes that were asked before it and did not take it, and the matcher that was against it.
    pub past: Vec<(String, String)>,
}
