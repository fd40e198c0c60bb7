//! What Muster looks at by itself: the rules of the kind `alert`, what was seen, and what of it is
//! remembered until the next look.

pub mod query;
mod selector;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::incident::Severity;
use super::labels::Fingerprint;
use super::runbook::StepName;
use crate::kit::time::Timestamp;
pub use query::{Compare, Query};

/// What alerts of these rules come from, as their source is called.
pub const SOURCE: &str = "watch";

/// How `[watch]` of `muster.toml` wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watching {
    /// Whether nothing is looked at.
    pub off: bool,
    /// The Prometheus that knows the team's metrics: `http://127.0.0.1:9090`.
    pub prometheus: Option<String>,
    /// How often a rule is looked at.
    pub every: Duration,
}

impl Default for Watching {
    fn default() -> Watching {
        Watching { off: false, prometheus: None, every: Duration::from_secs(15) }
    }
}

/// A rule: what is looked at, when that is an alert, and what follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// What it is called, unique in its runbook.
    pub name: StepName,
    /// The anchor of the section that it stands in.
    pub section: String,
    /// The paragraph before it, in one line; empty where there is none.
    pub about: String,
    /// What is looked at.
    pub source: Source,
    /// When what is seen is bad enough.
    pub fires: Fires,
    /// How long it has to be so before it fires.
    pub holds: Option<Duration>,
    /// Only while this holds.
    pub only: Option<Condition>,
    /// It is over when this holds; as soon as it is not bad any more where nothing is said.
    pub clear: Option<Condition>,
    /// How bad it is.
    pub open: Option<Severity>,
    /// The action that may help.
    pub suggest: Option<String>,
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Something that holds or does not.
    State(Condition),
    /// A counter, or several: how much they grow.
    Counter(Query),
    /// The lines that a step prints and that have this pattern: how many are new.
    Lines {
        /// A shell step that may run as often as it likes.
        step: StepName,
        /// A regular expression.
        pattern: String,
    },
}

/// Something that holds, or does not, or of which nothing is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// As an alert's source: an http step does not pass. As its `while` or `clear`: it does.
    Probe(StepName),
    /// A query of metrics says so.
    Query(Query),
}

/// When what is seen is bad enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fires {
    /// So often one after the other; what is unknown in between neither counts nor begins anew.
    Consecutive {
        /// How often.
        times: u32,
        /// In how long.
        within: Option<Duration>,
    },
    /// It grows so fast.
    Rate(Rate),
}

/// So much in so long: `> 5/min`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// How it is compared.
    pub compare: Compare,
    /// With how many.
    pub limit: f64,
    /// In how long: a second, a minute, an hour.
    pub per: Duration,
}

impl Rate {
    /// Over how long it is counted: a second says nothing where a look is taken every few.
    pub fn window(&self) -> Duration {
        self.per.max(Duration::from_secs(60))
    }

    /// `> 5/min`
    pub fn in_words(&self) -> String {
        let unit = match self.per.as_secs() {
            1 => "s",
            60 => "min",
            _ => "h",
        };
        format!("{} {}/{unit}", self.compare.sign(), self.limit)
    }
}

/// What a look at a rule found.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Of which service.
    pub service: String,
    /// Which rule.
    pub rule: StepName,
    /// What was seen.
    pub got: Reading,
    /// The same for `while`.
    pub only: Option<Reading>,
    /// The same for `clear`.
    pub clear: Option<Reading>,
    /// Where people see more of it.
    pub link: Option<String>,
    /// What was remembered of the looks before.
    pub memory: Memory,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// A condition holds or not, and what says so, in a few words.
    Holds(bool, String),
    /// Counters as they stand, each with what tells it from others.
    Counters(Vec<(Fingerprint, f64)>),
    /// So many new lines.
    Lines(u32),
    /// Nothing, and why.
    Unknown(String),
}

/// What is remembered of a rule from one look to the next. It is no history: a restart forgets it, and
/// what fires then is known from the journal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// When the last look was that found it bad, where the last look did.
    pub bad_at: Option<Timestamp>,
    /// When it was found bad without being found good since, the newest last.
    pub bad: VecDeque<Timestamp>,
    /// For how long it was seen to be so.
    pub held: Duration,
    /// Counters as they stood.
    pub counters: Option<BTreeMap<Fingerprint, f64>>,
    /// By how much they grew, and when that was seen.
    pub grew: VecDeque<(Timestamp, f64)>,
    /// Since when it is counted.
    pub counted: Option<Timestamp>,
    /// Since when nothing is known.
    pub unknown: Option<Timestamp>,
    /// Whether people were told that it is so.
    pub told: bool,
}

impl Watch {
    /// What tells its alert from others, and the alert that nothing is known of it.
    pub fn fingerprints(service: &str, rule: &StepName) -> (Fingerprint, Fingerprint) {
        let key = format!("{service}/{rule}");
        (Fingerprint::named(SOURCE, &key), Fingerprint::named(SOURCE, &format!("{key}/unknown")))
    }

    /// Every query in it.
    pub fn queries(&self) -> impl Iterator<Item = &Query> {
        let source = match &self.source {
            Source::State(Condition::Query(query)) | Source::Counter(query) => Some(query),
            _ => None,
        };
        let more = [&self.only, &self.clear].into_iter().filter_map(|c| match c {
            Some(Condition::Query(query)) => Some(query),
            _ => None,
        });
        source.into_iter().chain(more)
    }
}
