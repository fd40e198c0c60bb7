//! A list of commits, small: of every incident and run that is over one is kept in memory, and
//! there may be very many.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::ids::Seq;

/// Ascending numbers of commits, as text: the first, then how far each is from the one before.
/// About two bytes for each, and the same in a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commits(Box<str>);

impl Commits {
    /// These. Must be ascending; one that is not above the one before is left out.
    pub fn of(seqs: &[Seq]) -> Commits {
        let (mut text, mut last) = (String::new(), 0);
        for seq in seqs.iter().filter(|s| s.0 > 0) {
            if let Some(step) = seq.0.checked_sub(last).filter(|step| *step > 0) {
                let _ = write!(text, "{}{step}", if text.is_empty() { "" } else { " " });
                last = seq.0;
            }
        }
        Commits(text.into_boxed_str())
    }

    /// All of them, ascending.
    pub fn list(&self) -> Vec<Seq> {
        let steps = self.0.split(' ').filter_map(|s| s.parse::<u64>().ok());
        let added = steps.scan(0u64, |at, step| {
            *at = at.saturating_add(step);
            Some(Seq(*at))
        });
        added.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_is_small() {
        let seqs: Vec<Seq> = [1, 2, 17, 1_000_000, 1_000_003].map(Seq).to_vec();
        let commits = Commits::of(&seqs);
        assert_eq!(commits.list(), seqs);
        assert_eq!(serde_json::to_string(&commits).unwrap(), r#""1 1 15 999983 3""#);
        assert_eq!(Commits::of(&[]).list(), []);
    }
}
