//! Asking after the health of services, and what came back.

use serde::{Deserialize, Serialize};

use super::ids::CheckId;

/// Which step of which runbook to ask. The step's text is looked up when it runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Probe {
    /// The service, which is the runbook's name.
    pub service: String,
    /// The step's name, unique in that runbook.
    pub step: String,
}

/// A check that was asked for and has not come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its number.
    pub id: CheckId,
    /// What to ask, in the order of the runbooks.
    pub probes: Vec<Probe>,
}

/// What one probe found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was asked.
    pub probe: Probe,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// What was expected, as the runbook says it: `GET /healthz → HTTP 200`.
    pub expected: String,
    /// How it went.
    pub verdict: Verdict,
}

/// How a probe went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything asserted holds.
    Passed {
        /// What came, in a few words: `200`.
        got: String,
    },
    /// An assertion is false.
    Failed {
        /// What came instead.
        got: String,
    },
    /// No answer that could be judged: no connection, time-out, a step that cannot be run.
    Broke {
        /// Why, and what to do.
        why: String,
    },
}

impl Verdict {
    /// Only an answer that met every assertion is a pass.
    pub fn passed(&self) -> bool {
        matches!(self, Verdict::Passed { .. })
    }
}
