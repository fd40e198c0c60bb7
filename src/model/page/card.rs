//! What whoever is called is shown of a page.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::kit::time::Timestamp;
use crate::model::ids::PageId;
use crate::model::incident::{Severity, Stamp};
use crate::model::page::{About, Because, Ended, Target};

/// What one message of a page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageCard {
    /// Which.
    pub page: PageId,
    /// Which of its calls, from 1: no two messages of a page are the same.
    #[serde(default)]
    pub call: u32,
    /// What it is about.
    pub about: About,
    /// What is wrong; `None` where only those may know who were brought in, and this goes elsewhere.
    pub title: Option<String>,
    /// How bad.
    pub severity: Severity,
    /// Which service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Whom this message calls.
    pub to: Target,
    /// Why them.
    pub why: Because,
    /// Where it stands.
    pub stands: Stands,
    /// What was tried, newest last: a few lines, each with its time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<(Timestamp, String)>,
    /// Sections of the service's runbook that may help: their names and how to begin them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub playbooks: Vec<(String, String)>,
    /// Where the work is done: a link to the thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// When it should have come, where it comes late: nobody was there to send it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// When it is sent, where it comes late. Only known as it goes out, and so in no journal.
    #[serde(skip)]
    pub sent: Option<Timestamp>,
}

/// What comes later than this after its time says how late it is.
pub const LATE: Duration = Duration::from_secs(60);

impl PageCard {
    /// How late it comes; `None` where it is in time, or nobody knows yet when it goes out.
    pub fn late(&self) -> Option<Duration> {
        Some(self.sent?.since(self.due?))
    }

    /// The same as it goes out now, owed since then: what waits until nobody expects it says so.
    pub fn goes_out(&mut self, since: Timestamp, now: Timestamp) {
        if self.due.is_none() && since.after(LATE) < now {
            self.due = Some(since);
        }
        self.sent = self.due.map(|_| now);
    }
}

/// Where a page stands, for whoever was called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stands {
    /// An answer is wanted.
    Calling {
        /// On which rung: `L1`.
        rung: String,
        /// Until when.
        until: Timestamp,
        /// Who is called then.
        next: String,
    },
    /// Whoever is on it is asked whether they still are.
    Asked {
        /// Until when they have to answer.
        until: Timestamp,
    },
    /// Somebody is on it.
    Acknowledged(Stamp),
    /// Somebody is on it, and it is not resolved: that is told, no answer is wanted.
    Told(Stamp),
    /// This person said that they cannot.
    Declined,
    /// Nobody answered.
    Exhausted {
        /// When everybody is called again.
        again: Timestamp,
        /// Who was called, and what became of it: the last try of each.
        tried: Vec<(String, String)>,
    },
    /// It is over.
    Over {
        /// Since when.
        at: Timestamp,
        /// Why.
        why: Ended,
    },
}
