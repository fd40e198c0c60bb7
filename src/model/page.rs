//! A page: somebody is called, then the next, until one answers; or it says loudly that nobody did.

mod card;

use serde::{Deserialize, Serialize};

use super::ids::{ChannelId, GroupId, IncidentId, MessageId, PageId, RoleId, UserId};
use super::incident::{Severity, Stamp};
use super::person::Person;
use super::policy::Policy;
use crate::kit::time::Timestamp;
pub use card::{PageCard, Stands};

/// A page, as the journal tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// What it began with.
    pub begun: Begun,
    /// When it began.
    pub at: Timestamp,
    /// Where it stands.
    pub standing: Standing,
    /// Who was called, in order: a call is named by its place here.
    pub calls: Vec<Call>,
    /// Who said that they cannot.
    pub declined: Vec<UserId>,
}

/// What a page begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Its number.
    pub id: PageId,
    /// What it is about.
    pub about: About,
    /// What is wrong, in one line.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// Which service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The policy as it was then.
    pub policy: Policy,
    /// Who asked for it; Muster itself where a policy did.
    pub by: Person,
}

/// What a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// An incident.
    Incident(IncidentId),
    /// Alerts that no incident was opened for.
    Alerts(GroupId),
    /// A person called another, with words of their own.
    Asked,
    /// It shows that somebody can be reached.
    Test,
}

/// Where a page stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Somebody is being called.
    Climbing {
        /// Which time through all rungs, from 0.
        round: u32,
        /// Which rung, from 0.
        rung: u32,
        /// Until when they have to answer.
        until: Timestamp,
        /// When they are called again before that.
        again: Option<Timestamp>,
    },
    /// Somebody is on it.
    Acknowledged {
        /// When and who.
        by: Stamp,
        /// When they are asked whether they still are, or have to have answered.
        wears_off: Timestamp,
        /// Whether they were asked.
        asked: bool,
        /// The rung that hears of it though somebody is on it, and when.
        next: Option<(u32, Timestamp)>,
    },
    /// Nobody answered, and those who are there for that were told.
    Exhausted {
        /// Since when.
        since: Timestamp,
        /// When everybody is called again from the first rung on.
        again: Timestamp,
    },
    /// It is over.
    Over {
        /// Since when.
        since: Timestamp,
        /// Why.
        why: Ended,
    },
}

/// Why a page is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// What it is about is over.
    Resolved,
    /// It is not bad enough any more.
    LessBad,
    /// Another page is about it.
    Elsewhere(PageId),
    /// What was asked of them is answered.
    Answered,
    /// Somebody ended it.
    Closed(Person),
}

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
    /// Whom, and how: these are put behind the calls that there were.
    pub calls: Vec<Call>,
    /// Who was not, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
    /// When it should have been; `None` where it is in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// Something happened to a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageNews {
    /// It began.
    Began(Box<Begun>),
    /// People were called.
    Paged(Box<Paged>),
    /// What had waited was sent as one message: of each, which of its calls.
    Sent {
        /// To whom, as places in the calls of the page.
        calls: Vec<u32>,
    },
    /// Somebody is on it.
    Acknowledged {
        /// Who.
        by: Person,
        /// Until when that holds without a sign of work.
        wears_off: Timestamp,
        /// The rung that hears of it though somebody is on it, and when.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<(u32, Timestamp)>,
    },
    /// Whoever is on it was asked whether they still are.
    Asked {
        /// Until when they have to answer.
        until: Timestamp,
        /// How, as calls that are put behind those that there were.
        calls: Vec<Call>,
    },
    /// There was a sign of work, or they said so.
    Still {
        /// Until when it holds now.
        wears_off: Timestamp,
        /// Who said so; `None` where a sign of work did.
        by: Option<Person>,
    },
    /// Somebody said that they cannot.
    Declined(Person),
    /// Nobody answered, and those who are there for that are told.
    Exhausted {
        /// When everybody is called again.
        again: Timestamp,
    },
    /// It is over.
    Over(Ended),
}

impl Page {
    /// Its number.
    pub fn id(&self) -> PageId {
        self.begun.id
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        matches!(self.standing, Standing::Over { .. })
    }

    /// Whether nobody has answered it yet.
    pub fn is_unanswered(&self) -> bool {
        matches!(self.standing, Standing::Climbing { .. } | Standing::Exhausted { .. })
    }

    /// Whether what is owed for this call is still wanted: somebody is to be called, and nobody called
    /// later instead of them.
    pub fn wants(&self, call: u32) -> bool {
        let Some(call) = self.calls.get(call as usize) else { return false };
        if call.to.person().is_some_and(|id| self.declined.contains(&id)) {
            return false;
        }
        match &self.standing {
            Standing::Climbing { round, rung, .. } => (call.round, call.rung) == (*round, *rung),
            // Whoever is on it is asked whether they still are; later rungs hear of it.
            Standing::Acknowledged { by, .. } => call.at >= by.at,
            Standing::Exhausted { .. } | Standing::Over { .. } => false,
        }
    }
}
