//! What a step has printed so far. Never kept: what matters of it is in its result, and a card
//! that shows it is only fresher than the last one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::model::ids::RunId;
use crate::model::run::Tail;

/// The last lines of the steps that run now. Cloned freely; clones share them.
#[derive(Clone, Default)]
pub struct Live {
    tails: Arc<Mutex<BTreeMap<RunId, Tail>>>,
    changes: Arc<watch::Sender<u64>>,
}

impl Live {
    /// The runner says what a step printed last.
    pub fn set(&self, run: RunId, tail: Tail) {
        self.lock().insert(run, tail);
        self.changes.send_modify(|n| *n += 1);
    }

    /// The step is over.
    pub fn clear(&self, run: RunId) {
        self.lock().remove(&run);
    }

    /// What a run's step printed last.
    pub fn get(&self, run: RunId) -> Option<Tail> {
        self.lock().get(&run).cloned()
    }

    /// The runs that have something to show.
    pub fn runs(&self) -> Vec<RunId> {
        self.lock().keys().copied().collect()
    }

    /// Changes whenever a step printed something.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<RunId, Tail>> {
        self.tails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
