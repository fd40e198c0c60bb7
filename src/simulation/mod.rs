//! A seeded world to crash in: the real decisions, committer, outbox and delivery, over a journal
//! that loses its unflushed tail and the sandbox's pure Discord, with people who act, faults that
//! are values, and a clock that is driven. One thread, no waiting; a seed is a whole story, and
//! the same story in every run.
//!
//! - `run` is one such world and what can happen in it, `random` lets a seed decide, and
//!   [`story`] tells one fixed story with a crash at every point of it.
//! - `process` is one life of the program, `work` what it does of what it owes, `runner` the
//!   steps of runs; `house` is what the team wrote, `book` its runbook; `server` is Discord, `people` act there and ask for runs (`asking`),
//!   `answer` answers them.
//! - `monitors` tells of alerts, twice, late and out of order; `quiet` silences them, and is a job that
//!   says when it ran; `oncall` is who is called, `paging` how they answer.
//! - [`coverage`] is what has to happen for that to prove something.
//! - [`fault`] is what goes wrong, `meddling` lets it, [`invariants`] is what must hold all the
//!   same, `ledger` what people did and were told.
//!
//! It grows by a value for each new thing: an act in `people`, a fault, an invariant.

mod afterwards;
mod answer;
mod asking;
mod book;
mod chance;
pub mod coverage;
pub mod fault;
mod house;
pub mod invariants;
mod ledger;
mod meddling;
mod monitors;
mod oncall;
mod paging;
mod people;
mod process;
mod quiet;
mod random;
mod run;
mod runner;
mod server;
pub mod story;
mod triaging;
mod work;

use std::collections::BTreeMap;
use std::fmt;

use fault::Moment;
pub use random::run;

/// How long a run is and what may happen in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Steps before the faults stop.
    pub steps: u64,
    /// How many steps in a hundred are faults.
    pub faults: usize,
    /// Whether the story of a run in which everything holds is written down, too.
    pub tell: bool,
}

impl Default for Options {
    /// Long enough for several incidents and some ten faults.
    fn default() -> Options {
        Options { steps: 250, faults: 7, tell: false }
    }
}

/// What happened in a run. Two runs of one seed give the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The seed.
    pub seed: u64,
    /// Steps taken, until everything was at rest.
    pub steps: u64,
    /// Commits that the engine told of.
    pub commits: u64,
    /// Times that the process ended.
    pub crashes: u64,
    /// Times that it started.
    pub starts: u64,
    /// Requests to Discord, refused ones included.
    pub requests: u64,
    /// Messages posted for effects.
    pub posts: u64,
    /// What people did that Discord took.
    pub acts: u64,
    /// Faults that happened, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// How often each moment at which a process can end came by.
    pub moments: BTreeMap<Moment, u64>,
    /// What happened to runs and triages, by what it is.
    pub runs: BTreeMap<&'static str, u64>,
    /// The hash of the journal's last line, and so of all its bytes.
    pub head: String,
    /// What happened, one line each.
    pub story: Vec<String>,
}

/// An invariant did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The seed that found it.
    pub seed: u64,
    /// At which step.
    pub step: u64,
    /// Which invariant.
    pub invariant: &'static str,
    /// What it says.
    pub sentence: &'static str,
    /// What contradicts it.
    pub what: String,
    /// What had happened, one line each.
    pub story: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.story {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "Seed {} at step {}: {} does not hold.", self.seed, self.step, self.invariant)?;
        writeln!(f, "It says: {}", self.sentence)?;
        writeln!(f, "But: {}", self.what)?;
        write!(f, "`muster simulate --seed {}` plays it again.", self.seed)
    }
}

impl std::error::Error for Failure {}
