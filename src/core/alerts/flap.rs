//! What comes and goes: its end is held back until it has been quiet.

use crate::kit::time::Timestamp;
use crate::model::alerting::Flapping;

/// How often a group ended or came back lately.
pub fn turns(flapping: &Flapping, turns: &[Timestamp], now: Timestamp) -> u32 {
    let lately = turns.iter().rev().take_while(|at| now.since(**at) <= flapping.within);
    u32::try_from(lately.count()).unwrap_or(u32::MAX)
}

/// Whether a group that ends now flaps, and until when it has to be quiet then.
pub fn until(flapping: &Flapping, before: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
    // Its end counts as well.
    let flaps = flapping.turns > 0 && turns(flapping, before, now) + 1 >= flapping.turns;
    flaps.then(|| now.after(flapping.quiet))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::alerting::Alerting;

    #[test]
    fn four_turns_in_half_an_hour_flap_and_older_ones_do_not_count() {
        let flapping = Alerting::default().flapping;
        let at = |minutes: i64| Timestamp(minutes * 60_000);
        assert_eq!(until(&flapping, &[at(0), at(5)], at(10)), None);
        assert_eq!(until(&flapping, &[at(0), at(5), at(9)], at(10)), Some(at(20)));
        assert_eq!(until(&flapping, &[at(0), at(5), at(9)], at(31)), None);
        let never = Flapping { turns: 0, ..flapping };
        assert_eq!(until(&never, &[at(0), at(5), at(9)], at(10)), None);
    }
}
