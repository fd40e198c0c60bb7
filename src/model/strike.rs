//! Striking a text out of the record: what is asked for, and what the record says of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{IncidentId, Seq};
use super::person::Person;

/// What stands where a text was struck out.
pub const MARK: &str = "▇▇▇ (struck out)";

/// A text that must be told to nobody: not to the journal, not to the log, not in a refusal.
#[derive(Clone, PartialEq, Eq)]
pub struct Unspoken(pub String);

impl fmt::Debug for Unspoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unspoken(…)")
    }
}

/// What is to be struck out. Never kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrikeAsk {
    /// The incident whose timeline tells of it.
    pub incident: IncidentId,
    /// The commit of the entry that is meant.
    pub entry: Option<Seq>,
    /// The exact text; the whole entry's where there is none.
    pub text: Option<Unspoken>,
    /// Why.
    pub why: Option<String>,
    /// Who.
    pub by: Person,
}

/// A commit out of which something was struck, and what stands there now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StruckLine {
    /// Which commit.
    pub seq: Seq,
    /// The hash of its line as it stands now.
    pub now: String,
}
