//! What changes for a while who is on call: overrides, swaps, absences; and what is told at a change of
//! shift.

use serde::{Deserialize, Serialize};

use super::ahead::Looked;
use super::ids::{OverrideId, SwapId, UserId};
use super::incident::Stamp;
use super::person::Person;
use super::rota::{Member, Override};
use crate::kit::time::Timestamp;

/// Something happened to who is on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnCallNews {
    /// For a while somebody else is.
    Overridden(Override),
    /// An override ended before its time.
    OverrideEnded {
        /// Which.
        id: OverrideId,
        /// Who ended it.
        by: Person,
    },
    /// Somebody asked another to swap shifts.
    SwapAsked(Swap),
    /// The other answered.
    SwapAnswered {
        /// Which swap.
        swap: SwapId,
        /// Who answered.
        by: Person,
        /// What follows where they agreed; empty where they did not.
        overrides: Vec<Override>,
    },
    /// Somebody is away, and at no other time: so it was while one absence was kept of each. Journals hold it.
    Away(Absence),
    /// They are back, and away at no other time. As [`OnCallNews::Away`].
    Back {
        /// Who.
        who: UserId,
        /// Who said so.
        by: Person,
    },
    /// Somebody is away at these times from now on, and at no others: they named one more, or are back.
    Absences {
        /// Who.
        who: Person,
        /// When, by their beginning; none overlap.
        all: Vec<Absence>,
    },
    /// Something for whoever is on call next.
    Noted(HandoffNote),
    /// Who is on call changed, or it is known for the first time.
    Turned {
        /// Of each rota that it concerns.
        turns: Vec<Turn>,
        /// Whether it was told, with the notes that there were.
        told: bool,
    },
    /// It was looked at what follows from who is on call, and from who will be.
    Looked(Box<Looked>),
    /// Somebody got an address for their calendar. Another one than before, where they had one: that is
    /// void from now on.
    Calendar {
        /// Who.
        who: Person,
        /// Which of their addresses this is, counted from 1.
        version: u32,
    },
}

/// Two who swap their shifts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swap {
    /// Its number.
    pub id: SwapId,
    /// In which rota.
    pub rota: String,
    /// In which rank.
    pub rank: String,
    /// Who has to agree.
    pub with: Person,
    /// The shift of whoever asks.
    pub from: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// The other's shift that they take for it, where the other has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<(Timestamp, Timestamp)>,
    /// When and by whom it was asked for.
    pub asked: Stamp,
}

/// Somebody is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// Who.
    pub who: Person,
    /// From when on.
    pub from: Timestamp,
    /// Until when; that moment is not in it any more.
    pub until: Timestamp,
    /// Why, where they said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Something for whoever is on call next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoffNote {
    /// What.
    pub text: String,
    /// When and by whom it was written.
    pub asked: Stamp,
}

/// Who is on call in a rota, and until when that is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Which rota.
    pub rota: String,
    /// Who, rank by rank.
    pub who: Vec<(String, Member)>,
    /// When the next changes.
    pub until: Timestamp,
}

impl Turn {
    /// Whoever is called first.
    pub fn first(&self) -> Option<&Member> {
        self.who.first().map(|(_, who)| who)
    }
}
