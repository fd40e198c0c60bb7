//! An incident, as far as deciding needs it. Its whole history is in the journal.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{ChannelId, IncidentId, MessageId, Seq};
use super::person::Person;
use crate::kit::time::Timestamp;

/// How bad it is (NX-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// Critical: service down or data loss.
    P1,
    /// High: a major feature broken.
    P2,
    /// Medium: degraded.
    P3,
    /// Low: minor.
    P4,
}

impl Severity {
    /// All, worst first.
    pub const ALL: [Severity; 4] = [Severity::P1, Severity::P2, Severity::P3, Severity::P4];

    /// In words, because colour alone tells some people nothing.
    pub fn in_words(self) -> &'static str {
        match self {
            Severity::P1 => "P1 critical",
            Severity::P2 => "P2 high",
            Severity::P3 => "P3 medium",
            Severity::P4 => "P4 low",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl FromStr for Severity {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Severity::ALL
            .into_iter()
            .find(|p| p.to_string().eq_ignore_ascii_case(s.trim()))
            .ok_or_else(|| format!("`{s}` is no severity: use P1, P2, P3 or P4"))
    }
}

/// An incident that Muster keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// What is wrong, in one line.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// Which service, where one was named.
    pub service: Option<String>,
    /// When and by whom it was declared.
    pub declared: Stamp,
    /// Where it stands.
    pub phase: Phase,
    /// Its card in the incidents channel.
    pub card: Card,
    /// Its thread.
    pub thread: Thread,
    /// The commits that are about it, in order: where its history is found.
    pub commits: Vec<Seq>,
}

/// A moment and the person who made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Person,
}

/// Where an incident stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Not over.
    Open,
    /// Over.
    Resolved {
        /// When and by whom.
        when: Stamp,
        /// What resolved it, where somebody said.
        how: Option<String>,
    },
}

/// The message that shows an incident and is edited as it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Card {
    /// Owed, not yet in Discord.
    Owed,
    /// There.
    At {
        /// In this channel.
        channel: ChannelId,
        /// This message.
        message: MessageId,
    },
    /// It cannot be: the channel is gone, or the bot may not post there.
    Lost,
}

/// An incident's thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Thread {
    /// Owed, not yet in Discord.
    Owed,
    /// There.
    At(ChannelId),
    /// It cannot be; what would go there goes to the incidents channel.
    Lost,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_read_back_and_sort_worst_first() {
        for s in Severity::ALL {
            assert_eq!(s.to_string().to_lowercase().parse(), Ok(s));
        }
        assert!(Severity::P1 < Severity::P4);
        assert!("P5".parse::<Severity>().is_err());
    }
}
