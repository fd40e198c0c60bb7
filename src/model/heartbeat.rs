//! A heartbeat: a job that says when it ran, so that its silence can be noticed (the ping API of
//! healthchecks).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::incident::Severity;
use crate::kit::millis;
use crate::kit::time::Timestamp;

/// A job that is to say when it ran, as `muster.toml` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// What it is called, and its slug in an address.
    pub name: String,
    /// Its address's other spelling: a UUID in lower case.
    pub uuid: Option<String>,
    /// Which service; it has a runbook.
    pub service: Option<String>,
    /// How often it is to say so.
    pub every: Duration,
    /// How much later it may be.
    pub grace: Duration,
    /// How bad it is when it does not.
    pub severity: Severity,
}

/// What a job said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// Which job, by its name.
    pub heartbeat: String,
    /// What.
    pub said: Said,
    /// What it sent along, its end, at most a few lines.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// What a job says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// It begins.
    Began,
    /// It is done.
    Done,
    /// It failed; with its exit status, where it said one.
    Failed(Option<u8>),
    /// Something to keep, and nothing else.
    Log,
}

/// Something about a job that it did not say itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeatNews {
    /// Which job, by its name.
    pub heartbeat: String,
    /// What.
    pub what: Beat,
}

/// What happens to a job that says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beat {
    /// It is waited for, so often, from now on.
    Expected {
        /// How often it is to say that it ran, in milliseconds.
        #[serde(with = "millis")]
        every: Duration,
        /// How much later it may be, in milliseconds.
        #[serde(with = "millis")]
        grace: Duration,
    },
    /// It did not say so in time.
    Late,
    /// Nobody waits for it any more.
    Forgotten,
}

/// What is known of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beats {
    /// When it was last done; since when it is waited for, before that.
    pub done: Option<Timestamp>,
    /// When it began, while it is under way.
    pub began: Option<Timestamp>,
    /// Whether its alert fires.
    pub late: bool,
    /// How often it is to say that it ran, in milliseconds.
    #[serde(default, with = "millis")]
    pub every: Duration,
    /// How much later it may be, in milliseconds.
    #[serde(default, with = "millis")]
    pub grace: Duration,
}
