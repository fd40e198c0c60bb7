//! What happens to a page, and what its incident's card says of it.

use serde::{Deserialize, Serialize};

use crate::kit::time::Timestamp;
use crate::model::ids::{PageId, UserId};
use crate::model::incident::Stamp;
use crate::model::page::{Begun, Call, Ended, Paged, Way};
use crate::model::person::Person;

/// Something happened to a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageNews {
    /// It began.
    Began(Box<Begun>),
    /// People were called.
    Paged(Box<Paged>),
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
        /// Who is told by other ways than in the channel, as calls that are put behind the others.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        calls: Vec<Call>,
    },
    /// The clock was put back: what was to come comes as long after now as it was after the last change.
    Retimed,
    /// It is over.
    Over(Ended),
}

/// What had waited for one person is sent as one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PagesSent {
    /// To whom.
    pub to: UserId,
    /// How.
    pub way: Way,
    /// Of which page, and which of its calls.
    pub calls: Vec<(PageId, u32)>,
    /// What had waited and is not wanted any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<(PageId, u32)>,
}

/// A page in a few words, for its incident's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageBrief {
    /// Which.
    pub page: PageId,
    /// Where it stands.
    pub stands: Brief,
}

/// Where a page stands, in a few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Brief {
    /// Somebody is being called.
    Calling {
        /// On which rung.
        rung: String,
        /// Who.
        who: Vec<String>,
        /// Until when they have to answer.
        until: Timestamp,
    },
    /// Somebody is on it.
    Acknowledged(Stamp),
    /// Nobody answered.
    Exhausted {
        /// Since when.
        since: Timestamp,
    },
    /// It is over.
    Over,
}
