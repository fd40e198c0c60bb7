//! Snowflakes. Discord's ids are numbers that travel as strings and sort by time; here they are made from the time given
//! and a counter, so that the same story yields the same ids.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Milliseconds from the Unix epoch to Discord's own epoch (2015-01-01T00:00:00Z).
pub const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;

/// A Discord id: 64 bits, written as a decimal string in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Id(pub u64);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Id {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Id)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Hands out ids that only ever grow, even when the clock stands still or goes back.
#[derive(Clone, Debug)]
pub struct Mint {
    last: u64,
}

impl Mint {
    /// A mint whose first id is above `floor`, the highest id of the seed.
    pub fn above(floor: Id) -> Mint {
        Mint { last: floor.0 }
    }

    /// The next id for something made at `now` (ms since the Unix epoch).
    pub fn next(&mut self, now: i64) -> Id {
        let since = now.saturating_sub(DISCORD_EPOCH_MS).max(0) as u64;
        self.last = (since << 22).max(self.last + 1);
        Id(self.last)
    }
}
