//! What is known of alerts: a part of the fold, and beside it what only memory keeps.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::live::Live;
use super::timers::Timers;
use crate::kit::time::Timestamp;
use crate::model::alert::Group;
use crate::model::commits::Commits;
use crate::model::heartbeat::Beats;
use crate::model::ids::{ChannelId, GroupId, IncidentId, Seq, SilenceId, StormId};
use crate::model::incident::Card;
use crate::model::labels::Fingerprint;
use crate::model::mark::Mark;
use crate::model::silence::Silence;

/// What is known of alerts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
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
    /// The group of a route and its labels that was over last, while it is at hand: what comes back
    /// soon is the same problem.
    pub closed: BTreeMap<Fingerprint, GroupId>,
    /// The groups in the order in which they were over, and when: the oldest are put away.
    pub ended: VecDeque<(GroupId, Timestamp)>,
    /// Of the groups that have a card, how fresh it is.
    pub shown: BTreeMap<GroupId, Shown>,
    /// When people were told of groups for the first time, or a storm counted them; the newest at the
    /// end: many in a short time are a storm.
    pub fresh: VecDeque<Timestamp>,
    /// Of incidents, how many groups that are not over belong to each.
    pub linked: BTreeMap<IncidentId, u32>,
    /// The newest commits about what changed of services, and when: an incident that begins finds what
    /// changed before it.
    pub changed: VecDeque<(Seq, Timestamp, String)>,
    /// When something is due. It follows from the rest, and only makes it quick to find.
    #[serde(skip)]
    pub timers: Timers,
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
    /// When the last of it began.
    pub last: Timestamp,
    /// The services of which something has a card of its own.
    pub services: BTreeSet<String>,
    /// How fresh its message is.
    pub shown: Shown,
}

impl Shown {
    /// How long a message stands before it is edited again, whatever happens: Discord allows 5 edits in
    /// 5 seconds in a channel, and nobody reads faster.
    pub const FRESH: Duration = Duration::from_secs(2);
    /// How long a change waits for others that come with it.
    const SOON: Duration = Duration::from_millis(250);

    /// It was posted or edited a moment ago.
    pub fn fresh(at: Timestamp) -> Shown {
        Shown { at, due: None }
    }

    /// Something changed that it does not show. A clock that was put back holds nothing up.
    pub fn changed(&mut self, at: Timestamp) {
        let soon = self.at.min(at).after(Shown::FRESH).max(at.after(Shown::SOON));
        self.due.get_or_insert(soon);
    }
}

/// How fresh a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// When it was posted or edited last.
    pub at: Timestamp,
    /// When it is to be edited: something changed since.
    pub due: Option<Timestamp>,
}

/// What was said again of alerts that fire. Kept in memory alone, so that a monitor which says
/// the same every minute makes no journal grow; two states that differ in it alone are the same.
#[derive(Clone, Debug, Default)]
pub struct Renewed(pub BTreeMap<Fingerprint, Renewal>);

/// What was said of an alert last.
#[derive(Clone, Copy, Debug)]
pub struct Renewal {
    /// Until when it fires.
    pub until: Timestamp,
    /// When that was received.
    pub heard: Timestamp,
}

impl PartialEq for Renewed {
    fn eq(&self, _: &Renewed) -> bool {
        true
    }
}
