//! What is over is put away but for the newest: its commits are kept, and it is found in the journal.

use std::collections::BTreeSet;

use super::{INCIDENTS, State};
use crate::core::incidents::fold as incident_fold;
use crate::core::runs::fold;
use crate::kit::time::Timestamp;
use crate::model::commits::Commits;
use crate::model::ids::{IncidentId, RunId};
use crate::model::run::{Run, RunPhase};

/// How many runs that are over are kept at hand; older ones are found in the journal.
const RUNS: usize = 64;

impl State {
    /// Keeps only the newest of the runs that are over at hand. One that something is still owed
    /// for stays: its card is found there.
    pub(super) fn put_away(&mut self) {
        let owed: BTreeSet<RunId> =
            self.unsettled.values().filter_map(|o| fold::of_effect(&o.effect)).collect();
        let ended = |r: &Run| match r.phase {
            RunPhase::Over { at, .. } => Some((at, r.id)),
            _ => None,
        };
        let mut over: Vec<(Timestamp, RunId)> = self.runs.values().filter_map(ended).collect();
        over.sort_unstable();
        let old = over.len().saturating_sub(RUNS);
        for id in over.into_iter().map(|(_, id)| id).take(old).filter(|id| !owed.contains(id)) {
            if let Some(run) = self.runs.remove(&id) {
                self.past_runs.insert(id, Commits::of(&run.commits));
            }
        }
    }

    /// The same for incidents: one that something is owed for stays, and one that a run at hand
    /// belongs to.
    pub(super) fn put_away_incidents(&mut self) {
        let over = self.incidents.len().saturating_sub(self.open.len());
        if over <= INCIDENTS {
            return;
        }
        let mut needed: BTreeSet<IncidentId> =
            self.unsettled.values().filter_map(|o| incident_fold::of_effect(&o.effect)).collect();
        needed.extend(self.runs.values().filter_map(|r| r.incident));
        // Whose owner is to be reminded, and where.
        needed.extend(self.actions.values().map(|a| a.incident));
        let ended = self.incidents.values().filter(|i| !i.phase.is_open()).map(|i| (i.updated, i.id));
        let mut ended: Vec<(Timestamp, IncidentId)> = ended.collect();
        ended.sort_unstable();
        for (_, id) in ended.into_iter().take(over - INCIDENTS).filter(|(_, id)| !needed.contains(id)) {
            if let Some(incident) = self.incidents.remove(&id) {
                self.past_incidents.insert(id, Commits::of(&incident.commits));
            }
        }
    }
}
