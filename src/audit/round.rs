//! One look of the auditor, with what follows from it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::look::{Finding, look};
use super::seen::{self, Seen};
use super::switch::Switch;
use super::{Looked, alert, disk};
use crate::kit::time::Timestamp;
use crate::model::alert::{Batch, Received, Signal};
use crate::model::effect::Lane;
use crate::model::ids::EffectId;
use crate::model::input::Input;
use crate::model::labels::Fingerprint;

/// How long the engine may take to answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How long an alert holds without being said again: when Muster starts anew, what is over ends by itself.
const HOLDS: Duration = Duration::from_secs(3 * 60);
/// The room that a disk should have where nothing is written down, in bytes.
const ROOM: u64 = 500 << 20;

/// What the auditor remembers between two looks.
pub struct Round {
    what: Looked,
    switch: Switch,
    /// Since when no commands arrive.
    down: Option<Timestamp>,
    lanes: BTreeMap<Lane, (EffectId, Timestamp)>,
    /// What was found last time. Only what is found twice is told: a machine that slept is late with
    /// everything, once.
    before: Vec<Finding>,
    /// What was told and is not over, and since when.
    told: BTreeMap<Fingerprint, (Received, Timestamp)>,
}

impl Round {
    /// The first.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(what: Looked) -> Result<Round, String> {
        let (switch, down, lanes) = (Switch::new()?, None, BTreeMap::new());
        Ok(Round { what, switch, down, lanes, before: vec![], told: BTreeMap::new() })
    }

    /// Looks, tells what is found, and says elsewhere that all is well where it is.
    pub async fn look(&mut self, now: Timestamp) -> Vec<Finding> {
        let seen = match self.seen(now).await {
            Ok(seen) => seen,
            Err(why) => {
                let silent = Finding::EngineSilent { why };
                if self.before.last() != Some(&silent) {
                    tracing::error!("{silent}");
                }
                self.before = vec![silent.clone()];
                return vec![silent];
            }
        };
        let found = look(&seen, now);
        let sure: Vec<Finding> = found.iter().filter(|f| self.before.contains(f)).cloned().collect();
        for finding in sure.iter().filter(|f| !self.told.contains_key(&fingerprint(f))) {
            tracing::error!("{finding}");
        }
        let well = found.is_empty();
        self.before = found;
        self.tell(&sure, now).await;
        let address = self.what.houses.borrow().oncall.audit.dead_mans_switch.clone();
        if let Some(address) = address.filter(|_| well) {
            self.switch.all_is_well(&address, now).await;
        }
        sure
    }

    async fn seen(&mut self, now: Timestamp) -> Result<Seen, String> {
        let ask = self.what.engine.read(|state, house| {
            let room = house.oncall.audit.disk.unwrap_or(ROOM);
            (seen::of(state, house), seen::next_in_lanes(state), room)
        });
        let (mut seen, next, room) = match tokio::time::timeout(ANSWER, ask).await {
            Ok(Ok(told)) => told,
            Ok(Err(down)) => return Err(down.0),
            Err(_) => return Err(format!("no answer in {} s", ANSWER.as_secs())),
        };
        self.lanes = followed(&self.lanes, next, now);
        seen.lanes = self.lanes.clone();
        // Since the first look at which it was so; a clock that was put back begins anew.
        self.down = if (self.what.up)() { None } else { self.down.filter(|at| *at <= now).or(Some(now)) };
        seen.gateway = self.down;
        seen.disk = disk::free(&self.what.folder).await.map(|free| (free, room));
        Ok(seen)
    }

    /// Says what is wrong to the engine, which tells people as of any alert, and what is over.
    async fn tell(&mut self, sure: &[Finding], now: Timestamp) {
        let until = now.after(HOLDS);
        let mut alerts = vec![];
        let mut told = BTreeMap::new();
        for finding in sure {
            let id = fingerprint(finding);
            let since = self.told.get(&id).map_or(now, |(_, since)| *since);
            let said = alert::of(finding, alert::fires(since, until));
            alerts.push(said.clone());
            told.insert(id, (said, since));
        }
        // What is found again is not over, though it is not sure yet.
        let may_be: Vec<Fingerprint> = self.before.iter().map(fingerprint).collect();
        for (id, (said, since)) in &self.told {
            if told.contains_key(id) {
                continue;
            }
            if may_be.contains(id) {
                told.insert(*id, (said.clone(), *since));
            } else {
                alerts.push(Received { signal: Signal::Resolved { at: Some(now) }, ..said.clone() });
            }
        }
        if alerts.is_empty() {
            self.told = told;
            return;
        }
        let batch = Batch { source: alert::SOURCE.to_owned(), alerts, ..Batch::default() };
        match tokio::time::timeout(ANSWER, self.what.engine.submit(Input::Alerts(Box::new(batch)))).await {
            Ok(Ok(_)) => self.told = told,
            Ok(Err(refusal)) => tracing::error!("what the auditor found was not taken in: {}", refusal.0),
            Err(_) => tracing::error!("what the auditor found was not taken in: the engine does not answer"),
        }
    }
}

fn fingerprint(finding: &Finding) -> Fingerprint {
    alert::of(finding, Signal::Acknowledged).fingerprint
}

/// What is next in each lane, and since when just that is.
fn followed(
    before: &BTreeMap<Lane, (EffectId, Timestamp)>,
    next: BTreeMap<Lane, EffectId>,
    now: Timestamp,
) -> BTreeMap<Lane, (EffectId, Timestamp)> {
    let since = |lane: &Lane, effect: EffectId| {
        let known = before.get(lane).filter(|(known, at)| *known == effect && *at <= now);
        known.map_or(now, |(_, at)| *at)
    };
    next.into_iter().map(|(lane, effect)| (lane, (effect, since(&lane, effect)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{ChannelId, Seq};

    #[test]
    fn a_lane_stands_still_since_its_next_became_that() {
        let lane = Lane::Channel(ChannelId(5));
        let effect = |n| EffectId { seq: Seq(n), index: 0 };
        let next = |n| BTreeMap::from([(lane, effect(n))]);
        let first = followed(&BTreeMap::new(), next(1), Timestamp(1_000));
        assert_eq!(first[&lane], (effect(1), Timestamp(1_000)));
        let still = followed(&first, next(1), Timestamp(9_000));
        assert_eq!(still, first);
        assert_eq!(followed(&still, next(2), Timestamp(9_500))[&lane], (effect(2), Timestamp(9_500)));
        assert_eq!(
            followed(&still, next(1), Timestamp(500))[&lane].1,
            Timestamp(500),
            "the clock was put back"
        );
        assert!(followed(&still, BTreeMap::new(), Timestamp(9_500)).is_empty());
    }
}
