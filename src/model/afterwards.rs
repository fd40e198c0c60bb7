//! What follows an incident, as the journal keeps it: each is an event's content.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{ActionId, IncidentId};
use super::person::Person;
use super::report::{CheckItem, Due, Part};
use crate::kit::time::Timestamp;

/// A checklist lies open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistOpened {
    /// Of which incident.
    pub incident: IncidentId,
    /// What is on it.
    pub items: Vec<CheckItem>,
}

/// Somebody ticked an item of a checklist, or took the tick back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemTicked {
    /// Of which incident's.
    pub incident: IncidentId,
    /// Which, from 0.
    pub item: u16,
    /// Whether it is done.
    pub ticked: bool,
    /// Who.
    pub by: Person,
}

/// Somebody wrote parts of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportWritten {
    /// Of which incident's.
    pub incident: IncidentId,
    /// What stands there now; nothing where the text is empty.
    pub parts: BTreeMap<Part, String>,
    /// Who.
    pub by: Person,
}

/// Something is to be done after an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionItemAdded {
    /// Its number.
    pub action: ActionId,
    /// After which.
    pub incident: IncidentId,
    /// What.
    pub what: String,
    /// Who does it.
    pub owner: Option<Person>,
    /// Until when.
    pub due: Option<Due>,
    /// Who says so.
    pub by: Person,
}

/// It is done, or will not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionItemEnded {
    /// Which.
    pub action: ActionId,
    /// After which incident.
    pub incident: IncidentId,
    /// Why it will not be done; `None` where it is done.
    pub dropped: Option<String>,
    /// Who says so.
    pub by: Person,
}

/// Its owner was reminded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionItemReminded {
    /// Of which.
    pub action: ActionId,
    /// After which incident.
    pub incident: IncidentId,
    /// When again.
    pub again: Timestamp,
}

/// An incident's report is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportPublished {
    /// Of which.
    pub incident: IncidentId,
    /// Which report of it, from 1.
    pub revision: u32,
    /// Who says so.
    pub by: Person,
}
