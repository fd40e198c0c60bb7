//! Striking a text out of the record: what is asked for, and what the record says of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{EffectId, IncidentId, Seq};
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

/// A text was struck out of the record, everywhere. This commit vouches for what stands there
/// now; it never says what the text was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextStruck {
    /// The incident in which that was asked for.
    pub incident: IncidentId,
    /// Other incidents that told of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<IncidentId>,
    /// How often it stood in the record.
    pub count: u32,
    /// The commits that are not as they were first written.
    pub lines: Vec<StruckLine>,
    /// Effects that showed it and were not settled yet: what they posted meanwhile is changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owed: Vec<EffectId>,
    /// Why.
    pub why: Option<String>,
    /// Who wanted it.
    pub by: Person,
}
