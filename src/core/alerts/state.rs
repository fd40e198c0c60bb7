//! What is known of alerts: a part of the fold, and beside it what only memory keeps.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::live::Live;
use crate::kit::time::Timestamp;
use crate::model::alert::Group;
use crate::model::commits::Commits;
use crate::model::heartbeat::Beats;
use crate::model::ids::{ChannelId, GroupId, SilenceId, StormId};
use crate::model::incident::Card;
use crate::model::labels::Fingerprint;
use crate::model::mark::Mark;
use crate::model::silence::Silence;

/// What is known of alerts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alerts {
    /// The alerts that fire, and those that are over of groups that are at hand.
    pub live: Live,
    /// The groups that are not over, and the newest that are.
    pub groups: BTreeMap<GroupId, Group>,
    /// Of each group that is not at hand any more, the commits that are about it.
    pub past: BTreeMap<GroupId, Commits>,
    /// The group that is not over of a route and its labels.
    pub open: BTreeMap<Fingerprint, GroupId>,
    /// The silences whose time is not over, and the newest whose is.
    pub silences: BTreeMap<SilenceId, Silence>,
    /// The storms that are not over, and the newest that are.
    pub storms: BTreeMap<StormId, Storming>,
    /// What changed last, the newest at the end.
    pub marks: VecDeque<Mark>,
    /// What is known of jobs, by name.
    pub beats: BTreeMap<String, Beats>,
    /// The sources that were heard, in the order in which they were; [`Alert::source`] counts in it.
    pub sources: Vec<String>,
    /// When the program that works on this journal now began: no alert is over before its source
    /// had time to renew it since.
    pub began: Timestamp,
    /// Requests that were taken in, as `source receipt`, the newest at the end.
    pub receipts: VecDeque<String>,
    /// The newest numbers.
    pub last: Last,
    /// What was renewed since the program began. It is no history: a restart forgets it.
    #[serde(skip)]
    pub renewed: Renewed,
}

/// The newest numbers that were given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    /// Of groups.
    pub group: GroupId,
    /// Of silences.
    pub silence: SilenceId,
    /// Of storms.
    pub storm: StormId,
}

/// A storm as the state keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storming {
    /// Its number.
    pub id: StormId,
    /// Since when.
    pub since: Timestamp,
    /// When it ended, where it has.
    pub over: Option<Timestamp>,
    /// Where its message stands, or is to stand.
    pub channel: ChannelId,
    /// Its message.
    pub card: Card,
    /// The groups that it counts.
    pub groups: Vec<GroupId>,
}

/// Until when alerts fire that were said again. Kept in memory alone, so that a monitor which says
/// the same every minute makes no journal grow; two states that differ in it alone are the same.
#[derive(Clone, Debug, Default)]
pub struct Renewed(pub BTreeMap<Fingerprint, Timestamp>);

impl PartialEq for Renewed {
    fn eq(&self, _: &Renewed) -> bool {
        true
    }
}
