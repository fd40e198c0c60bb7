//! Triage (NX-3): what somebody says is wrong, how bad that is and why, and what was decided.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{ChannelId, IncidentId, TriageId};
use super::incident::{Card, Severity, Stamp};
use crate::kit::time::Timestamp;

/// Makes an answer that is chosen from a list: its word, how it reads in a sentence, and back.
macro_rules! answer {
    ($(#[$doc:meta])* $name:ident, $asked:literal: $($(#[$each:meta])* $variant:ident $word:literal $says:literal;)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            /// All, as they are offered.
            pub const ALL: [$name; [$($name::$variant),*].len()] = [$($name::$variant),*];

            /// As people choose it.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// As it reads in a sentence.
            pub fn says(self) -> &'static str {
                match self { $($name::$variant => $says,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.word()) }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(s: &str) -> Result<Self, String> {
                let found = $name::ALL.into_iter().find(|a| a.word().eq_ignore_ascii_case(s.trim()));
                found.ok_or_else(|| {
                    let all = $name::ALL.map($name::word).join(", ");
                    format!(concat!("`{}` says nothing of ", $asked, ": use one of {}"), s, all)
                })
            }
        }
    };
}

answer! {
    /// How many people it touches.
    Users, "how many people are affected":
    /// Nobody so far.
    NobodyYet "nobody-yet" "nobody is affected yet";
    /// Some of them.
    Some "some" "some people are affected";
    /// Most of them.
    Many "many" "many people are affected";
    /// All of them.
    Everyone "everyone" "everyone is affected";
    /// Nobody knows.
    NotSure "not-sure" "nobody knows how many are affected";
}

answer! {
    /// What kind of feature does not work.
    Feature, "the feature":
    /// What people come for.
    Core "core" "a core feature";
    /// Something beside it.
    Secondary "secondary" "a secondary feature";
    /// Nobody knows.
    NotSure "not-sure" "a feature that nobody knows";
}

answer! {
    /// What is with the data.
    Data, "the data":
    /// It is safe.
    Safe "no" "no data is at risk";
    /// It may be lost or corrupt.
    AtRisk "at-risk" "data is at risk";
    /// It is lost or corrupt.
    Lost "lost" "data is lost or corrupt";
    /// Nobody knows.
    NotSure "not-sure" "nobody knows whether data is lost";
}

/// The three answers that the level follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// How many people it touches.
    pub users: Users,
    /// What kind of feature it is.
    pub feature: Feature,
    /// What is with the data.
    pub data: Data,
}

/// Why a level is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// Data decides alone: it is lost, or may be.
    Data(Data),
    /// So many people, and such a feature, as the table has it. What nobody knew counts as the
    /// worse: it is never `NotSure` here.
    Reach {
        /// The table's row.
        users: Users,
        /// Its column.
        feature: Feature,
    },
}

/// A section of a runbook that may help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Playbook {
    /// The service.
    pub service: String,
    /// What `/runbook` calls it.
    pub action: String,
    /// What it is called.
    pub title: String,
    /// Which words of what is wrong fit it.
    pub words: Vec<String>,
}

/// What somebody said is wrong, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triage {
    /// Its number.
    pub id: TriageId,
    /// What is wrong, in their words.
    pub what: String,
    /// Which service, where they named one.
    pub service: Option<String>,
    /// What they answered.
    pub answers: Answers,
    /// How bad that is.
    pub level: Severity,
    /// Why.
    pub because: Because,
    /// By when somebody should have begun.
    pub respond_by: Timestamp,
    /// What may help, best first.
    pub playbooks: Vec<Playbook>,
    /// When and by whom it was asked.
    pub asked: Stamp,
    /// Where.
    pub channel: ChannelId,
}

/// What became of a triage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decided {
    /// It is an incident.
    Opened {
        /// Which.
        incident: IncidentId,
        /// As how bad.
        severity: Severity,
        /// Why another level than the one that followed; `None` where it is that one.
        overruled: Option<String>,
    },
    /// It is none.
    NoIncident,
}

/// A triage as the state keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triaging {
    /// What was said and what follows.
    pub triage: Triage,
    /// Its message.
    pub card: Card,
    /// What became of it, when, and who said so.
    pub decided: Option<(Decided, Stamp)>,
}

/// What a triage leaves with the incident that it opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triaged {
    /// Which triage.
    pub triage: TriageId,
    /// What is wrong, in the words of whoever asked.
    pub what: String,
    /// What they answered.
    pub answers: Answers,
    /// How bad that is.
    pub level: Severity,
    /// Why.
    pub because: Because,
    /// Why the incident has another level; `None` where it has this one.
    pub overruled: Option<String>,
    /// What may help.
    pub playbooks: Vec<Playbook>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_read_back_and_a_wrong_one_is_told_what_there_is() {
        for users in Users::ALL {
            assert_eq!(users.word().parse(), Ok(users));
        }
        for feature in Feature::ALL {
            assert_eq!(feature.word().to_uppercase().parse(), Ok(feature));
        }
        for data in Data::ALL {
            assert_eq!(data.word().parse(), Ok(data));
        }
        let wrong = "few".parse::<Users>().unwrap_err();
        assert!(wrong.contains("nobody-yet, some, many, everyone, not-sure"), "{wrong}");
    }
}
