//! What people are shown, as values: `render` gives them a face, `discord` a wire format.
//!
//! Small things carry their data, so that a newer build shows an old effect as it was meant.
//! Long things name an unchanging part of the journal instead (an incident up to a commit).

mod entry;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::alert::{AlertCard, AlertListed, AlertWhy, StormCard};
use super::check::Finding;
use super::duty::Swap;
use super::ids::{ChannelId, CheckId, GroupId, IncidentId, InteractionId, RoleId, RunId, Seq, UserId};
use super::incident::{Duty, Link, Phase, Severity, Stamp};
use super::page::{PageBrief, PageCard};
use super::person::Person;
use super::reminder::ReminderCard;
use super::report::{ActionItem, ChecklistCard};
use super::telling::TellCard;
use super::triage::{Decided, Triage};
use crate::kit::time::Timestamp;
pub use entry::{AlertTurn, Entry, What};

/// Something to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Show {
    /// The card of an incident.
    Incident(IncidentCard),
    /// One line of an incident's timeline, in its thread.
    Entry(Entry),
    /// Such a line where its thread cannot be reached.
    Stray {
        /// What it is about.
        incident: IncidentId,
        /// The line.
        entry: Entry,
    },
    /// The result of a health check.
    Health(HealthCard),
    /// An incident's timeline, one page of it.
    Timeline {
        /// Which incident.
        incident: IncidentId,
        /// Up to and with this commit.
        upto: Seq,
        /// Which page, from 0.
        page: u32,
    },
    /// An incident's report.
    Report {
        /// Which incident.
        incident: IncidentId,
        /// Up to and with this commit.
        upto: Seq,
    },
    /// An incident's report before it is published, for who asked.
    Draft {
        /// Which incident.
        incident: IncidentId,
        /// Up to and with this commit.
        upto: Seq,
        /// Which version of it that is: what is published is what was shown.
        version: u32,
    },
    /// The checklist of an incident that is over.
    Checklist(ChecklistCard),
    /// What is to be done after incidents.
    ActionItems {
        /// Of this incident alone.
        incident: Option<IncidentId>,
        /// Those that are open, the first due first.
        open: Vec<ActionItem>,
    },
    /// The open incidents, and how many are resolved.
    Incidents {
        /// Open ones, worst first.
        open: Vec<IncidentCard>,
        /// How many are over.
        resolved: u32,
    },
    /// The card of a run.
    Run {
        /// Which.
        run: RunId,
        /// Up to and with this commit.
        upto: Seq,
    },
    /// What a run does, step by step, with everything that is put in.
    Plan {
        /// Which.
        run: RunId,
        /// Up to and with this commit.
        upto: Seq,
    },
    /// How a run ended, with all that its steps printed as a file.
    RunOutput {
        /// Which.
        run: RunId,
        /// Up to and with this commit.
        upto: Seq,
    },
    /// The runs that are not over, and the newest that are.
    Runs(Vec<RunLine>),
    /// Somebody is called: the only thing that pings.
    Call {
        /// Whoever holds one of these roles.
        roles: Vec<RoleId>,
        /// These people.
        people: Vec<UserId>,
        /// What is wanted of them. Markdown that Muster wrote; what others wrote in it is escaped.
        text: String,
    },
    /// What somebody said is wrong, what follows, and what became of it.
    Triage {
        /// What was said.
        triage: Box<Triage>,
        /// What became of it, when, and who said so.
        decided: Option<(Decided, Stamp)>,
        /// The thread of the incident that it opened, once it is there.
        thread: Option<ChannelId>,
    },
    /// Alerts that people see as one problem.
    Alerts(Box<AlertCard>),
    /// Many such, counted.
    Storm(Box<StormCard>),
    /// What fires.
    AlertList {
        /// The worst first.
        lines: Vec<AlertListed>,
        /// How many are not among them.
        more: u32,
    },
    /// Somebody is called, or hears what became of that.
    Page(Box<PageCard>),
    /// What had waited for one person, as one message.
    Pages(Vec<PageCard>),
    /// Somebody asks another to swap shifts.
    Swap(Box<Swap>),
    /// Something comes round.
    Reminder(Box<ReminderCard>),
    /// Why people were told of alerts, or were not.
    AlertWhy(Box<AlertWhy>),
    /// What people could be told of an incident, and what they were told.
    Tell(Box<TellCard>),
    /// What whoever uses a service is told, and nothing else.
    Announcement {
        /// Of which incident.
        incident: IncidentId,
        /// The text, as somebody wrote it.
        text: String,
    },
    /// A section of a runbook, for people to follow.
    Section {
        /// The service whose runbook it is.
        service: String,
        /// The section's anchor.
        section: String,
        /// Its heading.
        title: String,
        /// Its Markdown, as the team wrote it.
        markdown: String,
    },
    /// Which of these incidents a message belongs to, as a list to choose from.
    WhichIncident {
        /// Under which interaction the message is held.
        held: InteractionId,
        /// The incidents, the likeliest first, at most 25.
        among: Vec<IncidentChoice>,
    },
    /// A sentence.
    Notice {
        /// How it is meant.
        tone: Tone,
        /// The sentence. Markdown that Muster wrote; what others wrote in it is escaped.
        text: String,
    },
}

/// An incident in a list to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentChoice {
    /// Its number.
    pub id: IncidentId,
    /// What is wrong.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// Whether people still work on it.
    pub open: bool,
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLine {
    /// Its number.
    pub run: RunId,
    /// Its service and action: `soundlab rollback`.
    pub what: String,
    /// When and by whom it was asked for.
    pub asked: Stamp,
    /// Where it stands, in a few words.
    pub stands: String,
    /// The lock that it holds.
    pub lock: Option<String>,
}

/// How a sentence is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// For knowing.
    Info,
    /// It is done.
    Done,
    /// It was not done; the text says what to do.
    Refused,
}

/// What an incident's card shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentCard {
    /// Its number.
    pub id: IncidentId,
    /// What is wrong.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// Which service.
    pub service: Option<String>,
    /// When and by whom it was declared.
    pub declared: Stamp,
    /// Where it stands.
    pub phase: Phase,
    /// Who does what in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub duties: BTreeMap<Duty, Person>,
    /// What belongs to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The alerts that belong to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<GroupId>,
    /// Whether it is only an exercise.
    #[serde(default)]
    pub drill: bool,
    /// Whether only those see it who were brought in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// By when somebody should have begun, while nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_by: Option<Timestamp>,
    /// Who is called for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Box<PageBrief>>,
}

/// What the card of a health check shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCard {
    /// The check.
    pub check: CheckId,
    /// When it was asked.
    pub at: Timestamp,
    /// What was found, in the order asked.
    pub findings: Vec<Finding>,
}
