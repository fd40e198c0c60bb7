//! One step of a runbook: something that a person does, or that runs because it was named.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::http::HttpStep;

/// A step's name: `[a-z0-9][a-z0-9-]*`, unique in its runbook.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepName(String);

impl StepName {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for StepName {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let good = s.starts_with(letter) && s.chars().all(|c| letter(c) || c == '-');
        if good && s.len() <= 64 {
            return Ok(StepName(s.to_owned()));
        }
        Err(format!(
            "`{s}` is no name for a step: up to 64 of the letters a to z, digits and `-`, and no `-` in front"
        ))
    }
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What the team called it. What has no name never runs.
    pub name: Option<StepName>,
    /// What it is.
    pub kind: StepKind,
    /// Where it begins in the file, counted from 1.
    pub line: usize,
    /// What stands in its `#|` lines.
    pub options: StepOptions,
}

/// What a step is. All but `Manual` have a name.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// A request and what is expected of the answer.
    Http(HttpStep),
    /// A program.
    Shell(Shell),
    /// A person does it and ticks it.
    Manual(Manual),
    /// Decides from steps, metrics and questions. Its YAML as written.
    Gate(String),
    /// Watches something. Its YAML as written.
    Alert(String),
    /// Lets time pass. Its YAML as written.
    Wait(String),
    /// Asks people. Its YAML as written.
    Approve(String),
    /// Tells people. Its YAML as written.
    Notify(String),
}

/// What a shell step starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shell {
    /// This text, run by bash with `-eu -o pipefail`.
    Script(String),
    /// This program with these arguments, without a shell. Not empty.
    Argv(Vec<String>),
}

/// What a person does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manual {
    /// A task item, `- [ ]`.
    Task(String),
    /// A numbered item.
    Numbered(String),
    /// A fence without a name, shown for copying.
    Code {
        /// What stands behind the opening backticks.
        language: String,
        /// The text.
        code: String,
    },
}

/// The `#|` lines of a step. The format page says what each means.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepOptions {
    /// Variables and parameters that a process gets, by name.
    pub env: Vec<String>,
    /// Secrets that it gets, by name.
    pub secrets: Vec<String>,
    /// How long it may take; the kind's own limit where nothing is said.
    pub timeout: Option<Duration>,
    /// Whether it may run twice.
    pub rerun: Rerun,
    /// The step that tells whether this one worked.
    pub verify: Option<StepName>,
    /// A line of shell that must succeed before.
    pub precheck: Option<String>,
    /// Tries again after a failure.
    pub retry: Option<Retry>,
    /// Asks again until it holds.
    pub poll: Option<Poll>,
    /// Sends the request this often, for `tally`.
    pub times: Option<u32>,
    /// How many answers of each status are expected: `2xx` or `429`.
    pub tally: BTreeMap<String, u32>,
    /// What follows a failure.
    pub on_fail: OnFail,
    /// The step that takes this one back.
    pub undo: Option<StepName>,
    /// Runs only if another step ended so.
    pub condition: Option<Condition>,
    /// Steps that must have passed.
    pub needs: Vec<StepName>,
    /// The folder that a process starts in.
    pub cwd: Option<String>,
    /// When, in minutes from the moment the procedure is about; negative is before.
    pub at: Option<i32>,
    /// Whether a failure is only a warning.
    pub warn: bool,
}

/// Whether a step may run a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Rerun {
    /// At most once.
    #[default]
    Never,
    /// As often as it takes.
    Safe,
}

/// Tries again after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often at most.
    pub times: u32,
    /// After how long.
    pub every: Duration,
}

/// Asks again until it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// After how long each time.
    pub every: Duration,
    /// How long in all.
    pub for_: Duration,
}

/// What follows a failure.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum OnFail {
    /// The run ends.
    #[default]
    Stop,
    /// The next step runs.
    Continue,
    /// This step runs.
    Step(StepName),
}

/// Runs only if another step ended so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Which.
    pub step: StepName,
    /// Whether it must have passed (or must have failed).
    pub passed: bool,
}
