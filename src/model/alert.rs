//! An alert: what a source said is wrong, as it arrives, as it is kept, and the group that people see.

mod card;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ids::{ChannelId, GroupId, IncidentId, Seq, SilenceId, StormId};
use super::incident::{Card, Severity, Stamp};
use super::labels::{Fingerprint, Labels};
use super::mark::Mark;
use super::person::Person;
use crate::kit::time::Timestamp;
pub use card::{AlertCard, AlertLine, AlertListed, AlertWhy, PagedFor, RouteSaid, RunbookSection, StormCard};

/// What one request of a source brought: kept whole, or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// What the source is called in `muster.toml`.
    pub source: String,
    /// What the source calls this request, where it may send the same again: it counts once.
    pub receipt: Option<String>,
    /// The alerts, in the order of the request.
    pub alerts: Vec<Received>,
    /// What changed: deployments and the like. They page nobody.
    pub marks: Vec<Mark>,
}

/// One alert, as its source told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// What tells it from others: of its labels, or of what its source calls it.
    pub fingerprint: Fingerprint,
    /// What it is about. `alertname`, `service` and `severity` mean something to Muster.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// What people read: `summary`, `description`, `runbook_url`.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub annotations: Labels,
    /// Where its source shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What is said of it.
    pub signal: Signal,
}

/// What a source says of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// It is so.
    Firing {
        /// Since when; since it was received where nothing is said.
        since: Option<Timestamp>,
        /// By itself over then, unless it is said again before; `None` until somebody says so.
        until: Option<Timestamp>,
    },
    /// It is over.
    Resolved {
        /// Since when; since it was received where nothing is said.
        at: Option<Timestamp>,
    },
    /// Somebody has seen it, in the source's own place.
    Acknowledged,
}

/// What a request of a source came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertsReceived {
    /// Which source.
    pub source: String,
    /// What the source calls the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// What changed something, in the order of the request. What changed nothing is not here.
    pub alerts: Vec<Taken>,
}

/// One alert, and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// As it came.
    #[serde(flatten)]
    pub alert: Received,
    /// To which group it belongs.
    pub group: GroupId,
    /// What is new about it.
    pub news: News,
}

/// What is new about an alert: why it was not passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// Nobody had heard of it.
    New,
    /// It was over, and is back.
    Again,
    /// It still is, and its source says something else of it.
    Changed,
    /// It still is, and its source says that it will be for long: what is known of it only in memory would
    /// be too little after a restart.
    Renewed,
    /// It still is, and what its source says of it now makes it a part of another problem, which it joins.
    Left,
    /// It is so for longer, and was a part of another problem until now.
    Joined,
    /// It is over.
    Over,
}

impl News {
    /// Whether it begins to fire in its group.
    pub fn begins(self) -> bool {
        matches!(self, News::New | News::Again | News::Joined)
    }

    /// Whether it does not fire in its group any more.
    pub fn ends(self) -> bool {
        matches!(self, News::Left | News::Over)
    }
}

/// An alert that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// What it is about.
    pub labels: Labels,
    /// What people read.
    pub annotations: Labels,
    /// Where its source shows it.
    pub link: Option<Arc<str>>,
    /// Which source, as a number of `Alerts::sources`.
    pub source: u16,
    /// To which group it belongs.
    pub group: GroupId,
    /// Since when it fires, or fired.
    pub since: Timestamp,
    /// Whether it still does.
    pub state: AlertState,
    /// How it came to be over, while it is.
    #[serde(default)]
    pub ended: Option<Ended>,
}

/// Whether an alert fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertState {
    /// It does, and is over by itself then; a renewal since then is not in here.
    Firing {
        /// `None`: until somebody says so.
        until: Option<Timestamp>,
    },
    /// It is over.
    Over {
        /// Since when.
        at: Timestamp,
        /// When that was heard.
        heard: Timestamp,
    },
}

impl Alert {
    /// Keeps once what another one says as well: alerts of one rule have much in common, and many
    /// thousand of them may be held.
    pub fn share(&mut self, other: &Alert) {
        self.annotations = self.annotations.like(&other.annotations);
        if self.link == other.link {
            self.link.clone_from(&other.link);
        }
    }

    /// Whether it fires.
    pub fn fires(&self) -> bool {
        matches!(self.state, AlertState::Firing { .. })
    }
}

/// Alerts that people see as one problem: one card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its number.
    pub id: GroupId,
    /// By what it came to be.
    pub opened: Opened,
    /// The alerts in it that fire.
    pub firing: BTreeSet<Fingerprint>,
    /// Those of it that fired and are over, at most a few.
    pub over: BTreeSet<Fingerprint>,
    /// How often an alert of it began to fire.
    pub times: u32,
    /// Where it stands.
    pub phase: GroupPhase,
    /// Who has taken it, and when.
    pub acknowledged: Option<Stamp>,
    /// The incident that it belongs to.
    pub incident: Option<IncidentId>,
    /// Its card.
    pub card: Card,
    /// When people were told of it last, and of how many alerts.
    pub told: Option<(Timestamp, u32)>,
    /// The alerts in it that fire and of which nobody was told so far.
    #[serde(default)]
    pub untold: BTreeSet<Fingerprint>,
    /// The alerts in it that fire and of which nobody is told while they are muted.
    #[serde(default)]
    pub hushed: BTreeSet<Fingerprint>,
    /// Alerts of which people were told and that ended since: what comes back before anybody was told of
    /// that is nothing new.
    #[serde(default)]
    pub gone: BTreeSet<Fingerprint>,
    /// Why nobody is told of it now.
    pub held: Option<Held>,
    /// When it ended or came back, the newest last: what flaps does both often.
    pub turns: Vec<Timestamp>,
    /// The storm that it is part of: the roll-up shows it instead of a card of its own.
    pub storm: Option<StormId>,
    /// The commits that are about it, in order.
    pub commits: Vec<Seq>,
}

/// By what a group came to be: what its route said at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Which group.
    pub group: GroupId,
    /// When.
    pub at: Timestamp,
    /// Which route, by the names from the root on: `default`, `default › audio`.
    pub route: String,
    /// The labels that all its alerts share, which are the route's `group-by`.
    pub key: Labels,
    /// What it is called.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// Which service, where one is named that has a runbook.
    pub service: Option<String>,
    /// Where its card stands.
    pub channel: ChannelId,
}

/// Where a group stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupPhase {
    /// Something of it fires.
    Firing,
    /// Nothing of it fires any more, and it is not told yet: it flaps.
    Settling {
        /// Since when nothing fires.
        since: Timestamp,
    },
    /// It is over.
    Over {
        /// Since when.
        at: Timestamp,
    },
}

/// Why people were told of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// It is the first time.
    First,
    /// More of it fires than they were told of.
    NewInGroup,
    /// It still fires, and they were told long ago.
    Repeat,
    /// It was muted, and still fires now that it is not.
    NoLongerMuted,
    /// It is over.
    Over,
}

/// Why nobody is told of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// Its route waits for more to come, until then.
    Waits {
        /// Until when.
        until: Timestamp,
    },
    /// All of it is muted.
    Muted(Mute),
    /// It comes and goes: its end is told when it has been quiet until then.
    Flaps {
        /// Until when.
        until: Timestamp,
    },
    /// Too much began at once: the roll-up counts it.
    Storm(StormId),
}

/// What mutes an alert.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mute {
    /// A person did.
    Silence(SilenceId),
    /// A maintenance window, by its name in `muster.toml`.
    Window(String),
    /// A worse alert that fires.
    Inhibited {
        /// Which.
        by: Fingerprint,
        /// The rule, by its name in `muster.toml`.
        rule: String,
    },
}

/// How a group's alerts came to be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// Its source said so.
    Said,
    /// Its source did not say again that it is so.
    Expired,
    /// A person said so.
    ByPerson,
}

/// Something happened to a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupNews {
    /// It came to be.
    Opened(Box<Opened>),
    /// People were told of it.
    Told {
        /// Why.
        why: Why,
        /// How many alerts of it fire.
        firing: u32,
    },
    /// Nobody is told of it now.
    Held(Held),
    /// Some of it is muted: whoever is told of it is not told of that.
    Hushed {
        /// What mutes them.
        by: Mute,
        /// Which.
        alerts: Vec<Fingerprint>,
    },
    /// These of it are not muted any more.
    Unhushed(Vec<Fingerprint>),
    /// Alerts of it are over, because nobody said any more that they fire.
    Expired(Vec<Fingerprint>),
    /// A person said that all of it is over.
    Dismissed {
        /// Who.
        by: Person,
    },
    /// Nothing of it fires, but it may come back: it flaps.
    Settling,
    /// It is over.
    Over,
    /// Somebody has taken it.
    Acknowledged {
        /// Who; `None` where it was done in the source's own place.
        by: Option<Person>,
    },
    /// It belongs to an incident from now on.
    Linked {
        /// Which.
        incident: IncidentId,
        /// Who says so; `None` where the policy does.
        by: Option<Person>,
    },
    /// It is part of a storm.
    InStorm(StormId),
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            News::New => "new",
            News::Again => "back",
            News::Changed => "changed",
            News::Renewed => "renewed for long",
            News::Left => "gone to another problem",
            News::Joined => "come from another problem",
            News::Over => "over",
        })
    }
}
