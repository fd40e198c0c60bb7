//! One try to reach somebody: whom, how, why, and what became of it.

use serde::{Deserialize, Serialize};

use crate::kit::time::Timestamp;
use crate::model::ids::{ChannelId, MessageId, PageId, RoleId, UserId};
use crate::model::person::Person;

/// One try to reach somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Whom.
    pub to: Target,
    /// How.
    pub way: Way,
    /// In which round.
    pub round: u32,
    /// On which rung.
    pub rung: u32,
    /// When it was decided.
    pub at: Timestamp,
    /// What became of it.
    pub delivery: Delivery,
    /// The message, where it is one in Discord.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<(ChannelId, MessageId)>,
}

/// Who is called, looked up at that moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A person.
    Person {
        /// Their account.
        id: UserId,
        /// What they are called.
        name: String,
    },
    /// Whoever holds a role.
    Role {
        /// Which.
        id: RoleId,
        /// What it is called.
        name: String,
    },
    /// Whoever reads a channel.
    Channel(ChannelId),
}

impl Target {
    /// The person.
    pub fn person(&self) -> Option<UserId> {
        match self {
            Target::Person { id, .. } => Some(*id),
            Target::Role { .. } | Target::Channel(_) => None,
        }
    }
}

/// How somebody is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// By a mention where the work is done.
    Mention,
    /// By a direct message.
    Direct,
    /// By ntfy.
    Ntfy,
    /// By e-mail.
    Email,
    /// By a short message.
    Sms,
    /// By telephone.
    Call,
    /// By a webhook.
    Webhook,
}

impl Way {
    /// All.
    pub const ALL: [Way; 7] =
        [Way::Mention, Way::Direct, Way::Ntfy, Way::Email, Way::Sms, Way::Call, Way::Webhook];

    /// As people write and read it.
    pub fn word(self) -> &'static str {
        match self {
            Way::Mention => "mention",
            Way::Direct => "direct message",
            Way::Ntfy => "ntfy",
            Way::Email => "e-mail",
            Way::Sms => "sms",
            Way::Call => "call",
            Way::Webhook => "webhook",
        }
    }
}

/// What became of a try to reach somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// It is under way.
    Owed,
    /// They were sent so much that it waits.
    Queued {
        /// Until then.
        until: Timestamp,
    },
    /// Whoever carries it has taken it.
    Delivered {
        /// When.
        at: Timestamp,
    },
    /// It cannot reach them.
    Failed {
        /// When that was known.
        at: Timestamp,
        /// Why: what was said, and what to do.
        why: String,
    },
    /// It was not wanted any more.
    Dropped,
}

/// Why somebody is called, or is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// They come first.
    First,
    /// They did not answer yet.
    Again,
    /// Nobody of the rung before answered in time.
    NoAnswer,
    /// Nobody of the rung before could be reached.
    Unreachable,
    /// Whoever was called said that they cannot.
    Declined(Person),
    /// Somebody asked for the next.
    Escalated(Person),
    /// Somebody was on it, and did not say that they still are.
    WoreOff(Person),
    /// It is not resolved yet (SC-16).
    Unresolved,
    /// Nobody answered at all; it begins anew.
    NewRound,
}

/// Somebody who would have been called, and why they were not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Who.
    pub who: String,
    /// Why not.
    pub why: String,
}

/// People were called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paged {
    /// For which page.
    pub page: PageId,
    /// Which time through all rungs, from 0.
    pub round: u32,
    /// Which rung, from 0.
    pub rung: u32,
    /// Until when they have to answer.
    pub until: Timestamp,
    /// When they are called again before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Timestamp>,
    /// Why.
    pub why: Because,
    /// Whether they only hear of it: somebody is on it, and stays so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
    /// Whom, and how: these are put behind the calls that there were.
    pub calls: Vec<Call>,
    /// Who was not, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
    /// When it should have been; `None` where it is in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}
