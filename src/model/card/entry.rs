//! The lines of an incident's timeline, as values.

use serde::{Deserialize, Serialize};

use crate::kit::time::Timestamp;
use crate::model::ids::{ActionId, GroupId, IncidentId, PageId, RunId};
use crate::model::incident::{Duty, Link, Severity, Status};
use crate::model::labels::Labels;
use crate::model::mark::Mark;
use crate::model::person::Person;
use crate::model::quote::QuotedMessage;
use crate::model::report::Part;
use crate::model::telling::{Audience, Stage, Told};
use crate::model::triage::Triaged;

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who, where a person did it.
    pub by: Option<Person>,
    /// What.
    pub what: What,
}

/// What a line of a timeline says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// It began.
    Declared {
        /// What is wrong.
        title: String,
        /// How bad.
        severity: Severity,
        /// By when somebody should have begun (NX-1).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        respond_by: Option<Timestamp>,
        /// What was asked and answered before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        triage: Option<Box<Triaged>>,
    },
    /// Somebody told people of it.
    Told {
        /// Whom.
        audience: Audience,
        /// How far it was when they began to write.
        stage: Stage,
        /// What they said.
        text: String,
        /// Where.
        place: Told,
    },
    /// Somebody wrote something down.
    Noted {
        /// Their words.
        text: String,
    },
    /// People are this far.
    Updated {
        /// How far.
        status: Status,
        /// What they say of it.
        text: Option<String>,
    },
    /// It is worse, or less bad, than was thought.
    SeverityChanged {
        /// How bad it was thought to be.
        was: Severity,
        /// How bad it is.
        severity: Severity,
        /// Why.
        why: Option<String>,
    },
    /// Somebody does something in it.
    Assigned {
        /// What.
        duty: Duty,
        /// Who.
        to: Person,
    },
    /// Something belongs to it.
    Linked {
        /// What.
        link: Link,
    },
    /// Somebody was brought into a private one.
    Invited {
        /// Who.
        person: Person,
    },
    /// It is part of another one, or another one is part of it.
    Merged {
        /// Which.
        incident: IncidentId,
        /// Part of which.
        into: IncidentId,
    },
    /// It goes on.
    Reopened {
        /// Why.
        why: Option<String>,
    },
    /// Everything that follows from it is done.
    Closed,
    /// It ended.
    Resolved {
        /// What resolved it.
        how: Option<String>,
    },
    /// Something about a run of a runbook.
    Run {
        /// Which.
        run: RunId,
        /// What, as a sentence without its subject. Plain text.
        text: String,
    },
    /// Somebody wrote this message in Discord; whoever the entry is by added it.
    Quoted {
        /// The message.
        message: Box<QuotedMessage>,
    },
    /// A text was struck out of the record.
    Struck {
        /// How often it stood there.
        count: u32,
        /// Why.
        why: Option<String>,
    },
    /// Somebody wrote parts of its report.
    Wrote {
        /// Which.
        parts: Vec<Part>,
    },
    /// Something is to be done after it.
    ActionAdded {
        /// Its number.
        action: ActionId,
        /// What.
        what: String,
        /// Who does it.
        owner: Option<Person>,
        /// Until when.
        due: Option<chrono::NaiveDate>,
    },
    /// It is done, or will not be.
    ActionEnded {
        /// Its number.
        action: ActionId,
        /// What.
        what: String,
        /// Why it will not be done; `None` where it is done.
        dropped: Option<String>,
    },
    /// Its report is published.
    Published {
        /// Which report of it, from 1.
        revision: u32,
    },
    /// Something about an alert that belongs to it.
    Alert {
        /// Which.
        group: GroupId,
        /// What it is called.
        title: String,
        /// What.
        turn: AlertTurn,
    },
    /// Something about a page: who was called, and why.
    Page {
        /// Which.
        page: PageId,
        /// What, as words without their subject. Plain text.
        text: String,
    },
    /// Something of its service changed: a deployment and the like.
    Changed {
        /// What.
        mark: Box<Mark>,
    },
    /// Something that Muster owed could not be delivered.
    Undelivered {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
}

/// What happened to an alert that belongs to an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertTurn {
    /// It belongs to the incident from now on.
    Linked,
    /// More of it fires.
    Began {
        /// How many.
        count: u32,
        /// The labels that tell it apart, where it is one.
        labels: Option<Labels>,
    },
    /// Some of it is back.
    Again {
        /// How many.
        count: u32,
        /// The labels that tell it apart, where it is one.
        labels: Option<Labels>,
    },
    /// Some of it is over.
    Ended {
        /// How many.
        count: u32,
        /// The labels that tell it apart, where it is one.
        labels: Option<Labels>,
    },
    /// All of it is over.
    Over,
    /// Somebody said that all of it is over.
    Dismissed,
    /// Somebody has taken it.
    Acknowledged,
}
