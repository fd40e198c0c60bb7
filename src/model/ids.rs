//! Ids, each with a type of its own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Makes a type for one kind of Discord id (a snowflake). Written as a string, as Discord
/// does: JavaScript and `jq` lose digits of a 64-bit number.
macro_rules! snowflake {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl FromStr for $name {
            type Err = String;
            fn from_str(s: &str) -> Result<Self, String> {
                match s.parse::<u64>() {
                    Ok(n) if n > 0 => Ok($name(n)),
                    _ => Err(format!("`{s}` is no Discord id: those are numbers of about 19 digits (in Discord: settings, advanced, developer mode, then right-click, copy id)")),
                }
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(&self.0) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<'de, str>::deserialize(d)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

snowflake! {
    /// A Discord server.
    GuildId;
    /// A channel, or a thread in one.
    ChannelId;
    /// A message.
    MessageId;
    /// A person's account, or a bot's.
    UserId;
    /// A role of the server.
    RoleId;
    /// The bot's application.
    ApplicationId;
    /// One use of a command, button or form.
    InteractionId;
}

/// Makes a type for a number that Muster gives out itself, counting from 1.
macro_rules! counter {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, concat!($prefix, "-{}"), self.0) }
        }
        impl FromStr for $name {
            type Err = String;
            /// Takes what people type: `INC-7`, `inc-7`, `#7`, `7`.
            fn from_str(s: &str) -> Result<Self, String> {
                let s = s.trim();
                let prefix = concat!($prefix, "-");
                let digits = match s.get(..prefix.len()) {
                    Some(p) if p.eq_ignore_ascii_case(prefix) => &s[prefix.len()..],
                    _ => s.trim_start_matches('#'),
                };
                match digits.parse::<u32>() {
                    Ok(n) if n > 0 => Ok($name(n)),
                    _ => Err(format!(concat!("`{}` is no id of this kind: write it like ", $prefix, "-7"), s)),
                }
            }
        }
    )*};
}

counter! {
    /// An incident, counted from 1 in each journal: `INC-7`.
    IncidentId "INC";
    /// Something to be done after an incident, counted from 1 in each journal: `ACT-7`.
    ActionId "ACT";
    /// One asking after the health of services: `CHK-7`.
    CheckId "CHK";
    /// A run of a runbook's section: `RUN-7`.
    RunId "RUN";
    /// A triage, counted from 1 in each journal: `TRI-7`.
    TriageId "TRI";
    /// Alerts that people see as one problem, counted from 1 in each journal: `ALR-7`.
    GroupId "ALR";
    /// A silence, counted from 1 in each journal: `SIL-7`.
    SilenceId "SIL";
    /// An override of a rota, counted from 1 in each journal: `OVR-7`.
    OverrideId "OVR";
    /// Two who swap their shifts, counted from 1 in each journal: `SWP-7`.
    SwapId "SWP";
    /// A page: somebody is called, then the next, counted from 1 in each journal: `PAG-7`.
    PageId "PAG";
    /// Something that comes round by a runbook's table, counted from 1 in each journal: `REM-7`.
    ReminderId "REM";
    /// A storm of alerts, counted from 1 in each journal: `STO-7`.
    StormId "STO";
}

/// A commit's place in the journal. The first is 1; 0 stands before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The next commit's.
    #[must_use]
    pub fn next(self) -> Seq {
        Seq(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One effect: which commit owes it, and its place among that commit's effects.
/// Written `12.0`, so that it can be a key and be read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId {
    /// The commit that owes it.
    pub seq: Seq,
    /// Its index there.
    pub index: u16,
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.seq, self.index)
    }
}

impl FromStr for EffectId {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let parsed = s.split_once('.').and_then(|(seq, index)| {
            Some(EffectId { seq: Seq(seq.parse().ok()?), index: index.parse().ok()? })
        });
        parsed.ok_or_else(|| format!("`{s}` is no effect id: those look like 12.0"))
    }
}

impl Serialize for EffectId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EffectId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(d)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incident_ids_are_read_as_people_type_them() {
        for typed in ["INC-7", "inc-7", "#7", " 7 "] {
            assert_eq!(typed.parse(), Ok(IncidentId(7)), "{typed}");
        }
        for wrong in ["", "0", "INC-", "CHK-7", "-7", "7.5", "INC-é"] {
            assert!(wrong.parse::<IncidentId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn discord_ids_keep_every_digit_in_json() {
        let id = ChannelId(1_100_000_000_000_000_031);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, "\"1100000000000000031\"");
        assert_eq!(serde_json::from_str::<ChannelId>(&json).unwrap(), id);
    }

    #[test]
    fn effect_ids_read_back() {
        let id = EffectId { seq: Seq(12), index: 3 };
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("12".parse::<EffectId>().is_err());
    }
}
