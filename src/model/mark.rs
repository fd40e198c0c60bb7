//! What changed, so that "what changed?" has an answer: a deployment, a switch, a release.

use serde::{Deserialize, Serialize};

use super::incident::Link;
use crate::kit::time::Timestamp;

/// Something changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// In one line.
    pub what: String,
    /// Of which service, where one is named that has a runbook.
    pub service: Option<String>,
    /// When, as its source says.
    pub at: Timestamp,
    /// How it went.
    pub went: Went,
    /// Who did it, as the source calls them.
    pub by: Option<String>,
    /// Where more is to be seen.
    pub link: Option<Link>,
    /// Whether people are to see it at once, in the alerts channel: news that need no end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub post: bool,
}

/// How a change went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Went {
    /// It is under way.
    Began,
    /// It is done.
    Done,
    /// It failed.
    Failed,
    /// Nothing is said of that.
    #[default]
    Unsaid,
}

/// A mark was received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// Which source.
    pub source: String,
    /// What the source calls the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// What changed.
    pub mark: Mark,
}
