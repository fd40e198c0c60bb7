//! What is known of who is on call beside the rotas: overrides, swaps, absences, and what was told.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::role;
use crate::kit::time::Timestamp;
use crate::model::ahead::{Ahead, Holder};
use crate::model::duty::{Absence, HandoffNote, OnCallNews, Swap, Turn};
use crate::model::ids::{OverrideId, SwapId, UserId};
use crate::model::rota::Override;

/// How many swaps are kept at hand, so that a late click learns what became of them.
const SWAPS: usize = 100;
/// How long an override is kept that is over: whoever looks back sees who was on call.
const OVERRIDES_KEPT: Duration = Duration::from_secs(15 * 86_400);
/// How many notes wait for a change of shift at most.
pub const NOTES: usize = 20;

/// How long it is kept that somebody was tested for a shift, from when it begins.
const KEPT: Duration = Duration::from_secs(86_400);

/// What is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Duties {
    /// The overrides that are not over, and those that have not been for long, by number.
    pub overrides: Vec<Override>,
    /// The newest swaps.
    pub swaps: BTreeMap<SwapId, Asked>,
    /// Who is away, or will be.
    pub absences: Vec<Absence>,
    /// What waits for the next change of shift.
    pub notes: Vec<HandoffNote>,
    /// Who is on call in each rota, as it was told last.
    pub turns: BTreeMap<String, Turn>,
    /// To whom Muster gave the server's role, or gives it.
    #[serde(default)]
    pub roles: Vec<Holder>,
    /// Whether Discord refused the last that was asked of it about that role: people were told.
    #[serde(default)]
    pub role_refused: bool,
    /// The shifts whose people were tested, while they lie ahead or were begun lately.
    #[serde(default)]
    pub tested: Vec<Ahead>,
    /// When it is to be looked again at what follows from who is on call.
    #[serde(default)]
    pub look: Option<Timestamp>,
    /// Who has an address for their calendar, and the how manyth it is.
    #[serde(default)]
    pub calendars: BTreeMap<UserId, u32>,
    last_override: OverrideId,
    last_swap: SwapId,
}

/// A swap, and whether the other answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// What was asked.
    pub swap: Swap,
    /// Whether they agreed; `None` while they did not answer.
    pub agreed: Option<bool>,
}

impl Duties {
    /// The number that the next override gets.
    pub fn next_override(&self) -> OverrideId {
        OverrideId(self.last_override.0 + 1)
    }

    /// The number that the next swap gets.
    pub fn next_swap(&self) -> SwapId {
        SwapId(self.last_swap.0 + 1)
    }

    /// When who is on call changes next, as far as it is known.
    pub fn next(&self) -> Option<Timestamp> {
        self.turns.values().map(|t| t.until).min()
    }

    /// Until when somebody is away; `None` where they are not.
    pub fn away(&self, user: UserId, now: Timestamp) -> Option<Timestamp> {
        let all = self.absences.iter().filter(|a| a.who.id == user && a.from <= now && now < a.until);
        all.map(|a| a.until).max()
    }

    /// Forgets overrides that were over long ago, or never were.
    fn forget(&mut self, at: Timestamp) {
        self.overrides.retain(|o| o.until.after(OVERRIDES_KEPT) > at && o.until > o.from);
    }

    fn add(&mut self, at: Timestamp, new: &Override) {
        self.last_override = self.last_override.max(new.id);
        self.forget(at);
        self.overrides.push(new.clone());
    }
}

/// Takes in what happened.
pub fn take_in(duties: &mut Duties, at: Timestamp, news: &OnCallNews) {
    match news {
        OnCallNews::Overridden(new) => duties.add(at, new),
        OnCallNews::OverrideEnded { id, .. } => {
            for over in duties.overrides.iter_mut().filter(|o| o.id == *id) {
                over.until = over.until.min(at);
            }
            duties.forget(at);
        }
        OnCallNews::SwapAsked(swap) => {
            duties.last_swap = duties.last_swap.max(swap.id);
            duties.swaps.insert(swap.id, Asked { swap: swap.clone(), agreed: None });
            while duties.swaps.len() > SWAPS {
                duties.swaps.pop_first();
            }
        }
        OnCallNews::SwapAnswered { swap, overrides, .. } => {
            if let Some(asked) = duties.swaps.get_mut(swap) {
                asked.agreed = Some(!overrides.is_empty());
            }
            overrides.iter().for_each(|new| duties.add(at, new));
        }
        OnCallNews::Away(absence) => {
            duties.absences.retain(|a| a.until > at && a.who.id != absence.who.id);
            duties.absences.push(absence.clone());
        }
        OnCallNews::Absences { who, all } => {
            duties.absences.retain(|a| a.until > at && a.who.id != who.id);
            duties.absences.extend(all.iter().cloned());
        }
        OnCallNews::Back { who, .. } => duties.absences.retain(|a| a.until > at && a.who.id != *who),
        OnCallNews::Noted(note) => {
            duties.notes.push(note.clone());
            let old = duties.notes.len().saturating_sub(NOTES);
            duties.notes.drain(..old);
        }
        OnCallNews::Turned { turns, told } => {
            duties.turns.extend(turns.iter().map(|t| (t.rota.clone(), t.clone())));
            // A rota that is not there any more has nobody in its turn, and never changes again.
            duties.turns.retain(|_, t| !(t.who.is_empty() && t.until.0 == i64::MAX));
            if *told {
                duties.notes.clear();
            }
        }
        OnCallNews::Looked(looked) => {
            looked.roles.iter().for_each(|turn| role::take_in(&mut duties.roles, turn));
            duties.tested.retain(|t| t.from.after(KEPT) > at);
            duties.tested.extend(looked.tested.iter().cloned());
            duties.look = looked.next;
        }
        OnCallNews::Calendar { who, version } => {
            duties.calendars.insert(who.id, *version);
        }
    }
}
