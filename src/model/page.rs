//! A page: somebody is called, then the next, until one answers; or it says loudly that nobody did.

mod call;
mod card;
mod news;

use serde::{Deserialize, Serialize};

use super::ids::{GroupId, IncidentId, PageId, UserId};
use super::incident::{Severity, Stamp};
use super::person::Person;
use super::policy::Policy;
use crate::kit::time::Timestamp;
pub use call::{Because, Call, Delivery, Paged, Skipped, Target, Way};
pub use card::{LATE, PageCard, Stands};
pub use news::{Brief, PageBrief, PageNews, PagesSent};

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
    /// Who was not called on some rung, and why: each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
    /// Who said that they cannot.
    pub declined: Vec<UserId>,
    /// Who acknowledged it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Person>,
    /// When its standing changed last.
    pub moved: Timestamp,
    /// When somebody last did something in its incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worked: Option<Timestamp>,
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
    Asked {
        /// The incident in which they are wanted.
        incident: Option<IncidentId>,
    },
    /// It shows that somebody can be reached.
    Test,
    /// The same, before a shift of theirs.
    Shift {
        /// When it begins.
        from: Timestamp,
        /// When it ends; `None` where no end is known.
        until: Option<Timestamp>,
    },
}

impl About {
    /// The incident in whose thread it is worked on.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            About::Incident(id) => Some(*id),
            About::Asked { incident } => *incident,
            About::Alerts(_) | About::Test | About::Shift { .. } => None,
        }
    }

    /// Whether it only shows that somebody can be reached.
    pub fn is_test(&self) -> bool {
        matches!(self, About::Test | About::Shift { .. })
    }
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
        /// How many calls there were before these: those are not wanted any more.
        calls: u32,
        /// How many there were before this rung was come to: whoever was reached by those is no reason to
        /// wait.
        #[serde(default)]
        first: u32,
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
        /// How many calls there were then: those are not wanted any more.
        calls: u32,
        /// The first rung that nobody was called of yet.
        #[serde(default)]
        ahead: u32,
        /// How many calls there were before those for which somebody asked for the next; `None` where nobody
        /// did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked_for: Option<u32>,
    },
    /// Nobody answered, and those who are there for that were told.
    Exhausted {
        /// Since when.
        since: Timestamp,
        /// When everybody is called again from the first rung on.
        again: Timestamp,
        /// How many calls there were then: those are not wanted any more.
        calls: u32,
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
    /// It was a test, and was not answered.
    Unanswered,
}

impl Page {
    /// Its number.
    pub fn id(&self) -> PageId {
        self.begun.id
    }

    /// Whether nobody was looked for yet: it is due at once.
    pub fn just_began(&self) -> bool {
        let first =
            |s: &Standing| matches!(s, Standing::Climbing { rung: 0, until, .. } if *until == self.at);
        self.calls.is_empty() && first(&self.standing)
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        matches!(self.standing, Standing::Over { .. })
    }

    /// Whether nobody has answered it yet.
    pub fn is_unanswered(&self) -> bool {
        matches!(self.standing, Standing::Climbing { .. } | Standing::Exhausted { .. })
    }

    /// Whether nobody can answer any more of those who were called since so many calls: each was not
    /// reached, or said that they cannot. Where nobody was called there is nobody to give up on.
    pub fn given_up(&self, since: u32) -> bool {
        let mut called = self.calls.iter().skip(since as usize).peekable();
        let unreached = |c: &Call| matches!(c.delivery, Delivery::Failed { .. } | Delivery::Dropped);
        let declined = |c: &Call| c.to.person().is_some_and(|id| self.declined.contains(&id));
        called.peek().is_some() && called.all(|c| unreached(c) || declined(c))
    }

    /// Whether what is owed for this call is still wanted: somebody is to be called, and nobody called
    /// later instead of them.
    pub fn wants(&self, call: u32) -> bool {
        let Some(to) = self.calls.get(call as usize).map(|c| &c.to) else { return false };
        if to.person().is_some_and(|id| self.declined.contains(&id)) {
            return false;
        }
        match &self.standing {
            // Only what was decided since: what is left of before calls nobody late.
            Standing::Climbing { calls, .. }
            | Standing::Acknowledged { calls, .. }
            | Standing::Exhausted { calls, .. } => call >= *calls,
            Standing::Over { .. } => false,
        }
    }
}
