//! What is said again: for how long it holds then, and whether it was over when it was said.

use super::{Desk, Known};
use crate::kit::time::Timestamp;
use crate::model::alert::Ended;
use crate::model::labels::Fingerprint;

impl Desk<'_> {
    /// Whether it holds so long that it would be over too early after a restart, which forgets what was only
    /// renewed: whatever is not heard again has the time to resolve then. A source that renews seldom says
    /// that it holds for long; what the disk knows stays within the half of that.
    pub(super) fn lasts(&self, known: Option<Known>, until: Option<Timestamp>) -> bool {
        let (Some(until), Some(kept)) = (until, known.and_then(|k| k.until)) else { return false };
        let holds = until.since(self.now);
        holds > self.house.settings.alerting.resolve_timeout && until.since(kept) > holds / 2
    }

    /// Whether it was over when this was said: the request comes late, or a second time.
    pub(super) fn is_late(
        &self,
        id: Fingerprint,
        k: Known,
        since: Timestamp,
        until: Option<Timestamp>,
    ) -> bool {
        match k.ended {
            // Until it begins anew, which is after that.
            Some((Ended::ByPerson, heard)) => since <= heard,
            // Whoever says for long that it fires means it: its end was a mistake, or a part of the way did
            // not hear of it.
            Some((Ended::Said, heard)) => {
                let soon = self.now.since(heard) <= self.house.settings.alerting.resolve_timeout;
                soon && since <= k.since && !self.newer(id, until)
            }
            Some((Ended::Expired, _)) | None => false,
        }
    }

    /// Whether this was said after all that was heard: it holds longer.
    fn newer(&self, id: Fingerprint, until: Option<Timestamp>) -> bool {
        let heard = self.state.alerts.renewed.0.get(&id);
        until.is_some_and(|until| heard.is_none_or(|heard| until > heard.until))
    }
}
