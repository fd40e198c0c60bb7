//! What comes round: a table of a runbook says what is to be done every month or every year, and whoever did
//! it says so.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::ReminderId;
use super::incident::Stamp;
use super::person::Person;
use crate::kit::time::Timestamp;

/// A row of such a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// What is to be done, in the runbook's words.
    pub what: String,
    /// How often.
    pub every: Rhythm,
    /// Its line.
    pub line: usize,
}

/// How often something comes round, by the calendar: in the first month of a year, the first of three
/// months, each month, on a Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// Every so many weeks. At least 1.
    Weeks(u32),
    /// Every so many months. At least 1; 3 are a quarter, 12 a year.
    Months(u32),
}

impl fmt::Display for Rhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rhythm::Weeks(1) => f.write_str("every week"),
            Rhythm::Weeks(n) => write!(f, "every {n} weeks"),
            Rhythm::Months(1) => f.write_str("every month"),
            Rhythm::Months(3) => f.write_str("every quarter"),
            Rhythm::Months(12) => f.write_str("every year"),
            Rhythm::Months(n) => write!(f, "every {n} months"),
        }
    }
}

/// Something happened to what comes round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReminderNews {
    /// A runbook lists it.
    Listed {
        /// Its number.
        id: ReminderId,
        /// Of which service.
        service: String,
        /// What is to be done.
        what: String,
        /// When people are asked for it.
        due: Timestamp,
    },
    /// The runbook says another rhythm, or its clock is another.
    Moved {
        /// Which.
        id: ReminderId,
        /// When people are asked for it now.
        due: Timestamp,
    },
    /// People are asked for it.
    Asked {
        /// For which.
        id: ReminderId,
        /// When again, while nobody did it.
        again: Timestamp,
    },
    /// Somebody did it.
    Done {
        /// Which.
        id: ReminderId,
        /// Who.
        by: Person,
        /// When it comes round again.
        next: Timestamp,
    },
    /// No runbook lists it any more.
    Dropped {
        /// Which.
        id: ReminderId,
    },
}

/// The message that asks for it, and then says who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReminderCard {
    /// Which.
    pub id: ReminderId,
    /// Of which service.
    pub service: String,
    /// What is to be done.
    pub what: String,
    /// Since when.
    pub due: Timestamp,
    /// When people are asked again.
    pub again: Timestamp,
    /// Who did it, and when it comes round again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<(Stamp, Timestamp)>,
}
