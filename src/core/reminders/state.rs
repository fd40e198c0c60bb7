//! What comes round, as the journal tells it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kit::time::Timestamp;
use crate::model::ids::ReminderId;
use crate::model::incident::{Card, Stamp};
use crate::model::reminder::{ReminderCard, ReminderNews};

/// What comes round.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reminders {
    /// By number.
    pub all: BTreeMap<ReminderId, Known>,
    last: ReminderId,
}

/// Something that comes round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Its number.
    pub id: ReminderId,
    /// Of which service.
    pub service: String,
    /// What is to be done.
    pub what: String,
    /// When people are asked for it, or were.
    pub due: Timestamp,
    /// When they are asked again; `None` while it is not due.
    pub again: Option<Timestamp>,
    /// Who did it last.
    pub done: Option<Stamp>,
    /// The newest message about it.
    pub card: Option<Card>,
    /// Since when that message asked.
    pub asked: Option<Timestamp>,
}

impl Known {
    /// When it is to be looked at.
    pub fn next(&self) -> Timestamp {
        self.again.unwrap_or(self.due)
    }

    /// What its message shows.
    pub fn shows(&self) -> ReminderCard {
        let done = self.done.clone().filter(|_| self.again.is_none()).map(|by| (by, self.due));
        ReminderCard {
            id: self.id,
            service: self.service.clone(),
            what: self.what.clone(),
            due: self.asked.unwrap_or(self.due),
            again: self.again.unwrap_or(self.due),
            done,
        }
    }
}

impl Reminders {
    /// The number that the `n`th new one of a decision gets, from 0.
    pub fn number(&self, n: usize) -> ReminderId {
        ReminderId(self.last.0 + 1 + u32::try_from(n).unwrap_or(u32::MAX - self.last.0 - 1))
    }

    /// When one of them is to be looked at next.
    pub fn next(&self) -> Option<Timestamp> {
        self.all.values().map(Known::next).min().filter(|at| at.0 < i64::MAX)
    }

    /// Takes in what happened.
    pub fn take_in(&mut self, at: Timestamp, news: &ReminderNews) {
        match news {
            ReminderNews::Listed { id, service, what, due } => {
                self.last = self.last.max(*id);
                let (service, what, due) = (service.clone(), what.clone(), *due);
                let known =
                    Known { id: *id, service, what, due, again: None, done: None, card: None, asked: None };
                self.all.insert(*id, known);
            }
            ReminderNews::Dropped { id } => drop(self.all.remove(id)),
            ReminderNews::Moved { id, due } => self.change(*id, |known| known.due = *due),
            ReminderNews::Asked { id, again } => self.change(*id, |known| {
                known.asked = Some(known.due);
                known.again = Some(*again);
            }),
            ReminderNews::Done { id, by, next } => self.change(*id, |known| {
                known.done = Some(Stamp { at, by: by.clone() });
                (known.due, known.again) = (*next, None);
            }),
        }
    }

    fn change(&mut self, id: ReminderId, change: impl FnOnce(&mut Known)) {
        if let Some(known) = self.all.get_mut(&id) {
            change(known);
        }
    }
}
