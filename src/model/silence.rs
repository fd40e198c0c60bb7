//! A silence: for a while nobody is told of alerts with these labels.

use serde::{Deserialize, Serialize};

use super::ids::SilenceId;
use super::incident::Stamp;
use super::labels::{Labels, Matcher};
use crate::kit::time::Timestamp;

/// A silence that a person asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Its number.
    pub id: SilenceId,
    /// Which alerts: all of these must match. Never empty: an empty list would silence everything.
    pub matchers: Vec<Matcher>,
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub why: String,
    /// When and by whom it was asked for.
    pub asked: Stamp,
}

impl Silence {
    /// Whether it is in force.
    pub fn counts(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }

    /// Whether it means these labels, whenever.
    pub fn means(&self, labels: &Labels) -> bool {
        !self.matchers.is_empty() && Matcher::all(&self.matchers, labels)
    }
}
