//! What came of one attempt at a step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One attempt at a step, over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// How it went.
    pub how: RanHow,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// What it captured for later steps.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub captures: BTreeMap<String, String>,
    /// What it printed, without secrets, control characters and ANSI codes.
    #[serde(default, skip_serializing_if = "Output::is_empty")]
    pub output: Output,
}

/// How an attempt went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RanHow {
    /// As it should.
    Passed {
        /// What came, in a few words: `HTTP 200`, `exit 0`.
        got: String,
    },
    /// Not as it should: another exit code, a false assertion.
    Failed {
        /// What came instead.
        why: String,
    },
    /// It could not be judged: no connection, out of time, no such program.
    Broke {
        /// Why, and what to do.
        why: String,
    },
    /// The process that watched it ended, and nobody knows how it went. Whatever was left of
    /// it has been ended.
    Interrupted,
    /// It was ended because its run is over.
    Stopped,
    /// A dry run: nothing was changed.
    Would {
        /// What would be done, in a few words.
        what: String,
    },
}

/// What a step printed: whole, or its beginning and its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// All of it, or its first 64 KiB.
    pub head: String,
    /// Its last 64 KiB, where it is longer than both together.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tail: String,
    /// How many bytes between the two are gone.
    #[serde(default)]
    pub dropped: u64,
}

impl Output {
    /// Whether nothing was printed.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }

    /// As one text, saying what is missing.
    pub fn whole(&self) -> String {
        match self.dropped {
            0 => format!("{}{}", self.head, self.tail),
            n => format!("{}\n[… {n} bytes left out …]\n{}", self.head, self.tail),
        }
    }

    /// Its last lines, at most `lines` of them and `chars` characters.
    pub fn last(&self, lines: usize, chars: usize) -> String {
        let end = if self.tail.is_empty() { &self.head } else { &self.tail };
        let all: Vec<&str> = end.trim_end().lines().collect();
        let last = all[all.len().saturating_sub(lines)..].join("\n");
        let over = last.chars().count().saturating_sub(chars);
        last.chars().skip(over).collect()
    }
}

/// A process, so that it is not taken for another one that got its number later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number, which is also its group's and its session's.
    pub pid: u32,
    /// When it started, in clock ticks since the machine did (`/proc/<pid>/stat`, field 22).
    pub started: u64,
    /// Which start of the machine (`/proc/sys/kernel/random/boot_id`).
    pub boot: String,
}

/// What the step of a run that is under way printed last. Never kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Which step.
    pub step: super::StepAt,
    /// Its last lines, without secrets and control characters.
    pub text: String,
}
