//! How often somebody may do something within a window of time, counted as the real services do: a fixed
//! window from the first request on.

use std::collections::BTreeMap;

/// Counters by who and what.
#[derive(Debug, Clone, Default)]
pub struct Limits(BTreeMap<(String, &'static str), (i64, u32)>);

impl Limits {
    /// Counts one more; false once `most` were counted within `window` ms.
    pub fn take(&mut self, now: i64, who: &str, what: &'static str, most: u32, window: i64) -> bool {
        let counter = self.0.entry((who.to_owned(), what)).or_insert((now, 0));
        if now - counter.0 >= window {
            *counter = (now, 0);
        }
        counter.1 = counter.1.saturating_add(1);
        counter.1 <= most
    }

    /// Everything begins anew, as after a restart.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
