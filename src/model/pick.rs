//! What choosing in a list means, and its spelling in Discord's `custom_id`. As a button's, it can
//! be forged: it names what is wanted and never says that it is allowed.

use std::fmt;
use std::str::FromStr;

use super::ids::InteractionId;

/// What a list asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// Which incident a message belongs to; the message is held under this interaction.
    QuoteInto(InteractionId),
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pick::QuoteInto(held) => write!(f, "m1 pick-quote {held}"),
        }
    }
}

impl FromStr for Pick {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let held = s.strip_prefix("m1 pick-quote ").and_then(|n| n.parse().ok());
        held.map(Pick::QuoteInto).ok_or_else(|| {
            "This list is not one that this version of Muster made. Use the command again.".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_what_is_forged_does_not() {
        let pick = Pick::QuoteInto(InteractionId(u64::MAX));
        assert_eq!(pick.to_string().parse(), Ok(pick));
        assert!(pick.to_string().len() <= 100, "Discord's limit for custom_id");
        for forged in [
            "",
            "m1 pick-quote",
            "m1 pick-quote x",
            "m1 pick-quote 0",
            "m1 pick-quote 1 2",
            "m2 pick-quote 1",
        ] {
            assert!(forged.parse::<Pick>().is_err(), "{forged:?}");
        }
    }
}
