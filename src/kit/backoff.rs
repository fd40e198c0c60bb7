//! How long to wait before the next try.

use std::time::Duration;

/// Doubling from `first` up to `most`, then staying there. Without jitter on purpose: one
/// process has one lane per channel, so there is no herd to spread, and a simulation repeats.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// Wait after the first failure.
    pub first: Duration,
    /// Longest wait.
    pub most: Duration,
}

impl Backoff {
    /// Wait after the `failures`-th failure in a row (1 is the first).
    pub fn after(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(30);
        self.first.saturating_mul(1 << doublings).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_and_stops_at_the_longest() {
        let b = Backoff { first: Duration::from_millis(500), most: Duration::from_secs(30) };
        let waits: Vec<u64> = [1, 2, 3, 7, 99].iter().map(|n| b.after(*n).as_millis() as u64).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 30_000, 30_000]);
    }
}
