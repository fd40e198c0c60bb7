//! One step of a runbook: something that a person does, or that runs because it was named.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Approve;
use super::http::HttpStep;
use crate::kit::{millis, text};

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

impl Serialize for StepName {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for StepName {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<StepName, D::Error> {
        String::deserialize(d)?.parse().map_err(de::Error::custom)
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What the team called it. What has no name never runs.
    pub name: Option<StepName>,
    /// What it is.
    pub kind: StepKind,
    /// Where it begins in the file, counted from 1.
    pub line: usize,
    /// What stands in its `#|` lines.
    pub options: StepOptions,
    /// A named fence below its `#|` lines, as it stands in the file: what people are shown of it.
    /// Empty for what a person does.
    #[serde(default)]
    pub source: String,
    /// The plain text and bullets that precede it, as Markdown: shown beside it.
    #[serde(default)]
    pub beside: String,
}

impl Step {
    /// What it is called where people read it: its name, or the first words of what is to be done.
    pub fn label(&self) -> String {
        match (&self.name, &self.kind) {
            (Some(name), _) => name.to_string(),
            (None, StepKind::Manual(Manual::Task(text) | Manual::Numbered(text))) => {
                text::cut(&text::line(text), 80)
            }
            (None, StepKind::Manual(Manual::Code { code, .. })) => {
                text::cut(&text::line(code.lines().next().unwrap_or_default()), 80)
            }
            (None, _) => "a step".to_owned(),
        }
    }

    /// Whether a second time does no harm: it says so, or it only reads.
    pub fn repeats(&self) -> bool {
        match &self.kind {
            StepKind::Http(http) => http.reads() || self.options.rerun == Rerun::Safe,
            _ => self.options.rerun == Rerun::Safe,
        }
    }
}

/// What a step is. All but `Manual` have a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
    /// Asks people whether to go on.
    Approve(Question),
    /// Tells people. Its YAML as written.
    Notify(String),
}

/// What people are asked in the middle of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// In one line; the step's name where nothing is written.
    pub text: Option<String>,
    /// Who answers it.
    pub approve: Approve,
}

/// What a shell step starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shell {
    /// This text, run by bash with `-eu -o pipefail`.
    Script(String),
    /// This program with these arguments, without a shell. Not empty.
    Argv(Vec<String>),
}

/// What a person does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct StepOptions {
    /// Variables and parameters that a process gets, by name.
    #[serde(skip_serializing_if = "unset")]
    pub env: Vec<String>,
    /// Secrets that it gets, by name.
    #[serde(skip_serializing_if = "unset")]
    pub secrets: Vec<String>,
    /// How long it may take; the kind's own limit where nothing is said.
    #[serde(default, with = "millis::option", skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// Whether it may run twice.
    #[serde(skip_serializing_if = "unset")]
    pub rerun: Rerun,
    /// The step that tells whether this one worked.
    #[serde(skip_serializing_if = "unset")]
    pub verify: Option<StepName>,
    /// A line of shell that must succeed before.
    #[serde(skip_serializing_if = "unset")]
    pub precheck: Option<String>,
    /// Tries again after a failure.
    #[serde(skip_serializing_if = "unset")]
    pub retry: Option<Retry>,
    /// Asks again until it holds.
    #[serde(skip_serializing_if = "unset")]
    pub poll: Option<Poll>,
    /// Sends the request this often, for `tally`.
    #[serde(skip_serializing_if = "unset")]
    pub times: Option<u32>,
    /// How many answers of each status are expected: `2xx` or `429`.
    #[serde(skip_serializing_if = "unset")]
    pub tally: BTreeMap<String, u32>,
    /// What follows a failure.
    #[serde(skip_serializing_if = "unset")]
    pub on_fail: OnFail,
    /// The step that takes this one back.
    #[serde(skip_serializing_if = "unset")]
    pub undo: Option<StepName>,
    /// Runs only if another step ended so.
    #[serde(skip_serializing_if = "unset")]
    pub condition: Option<Condition>,
    /// Steps that must have passed.
    #[serde(skip_serializing_if = "unset")]
    pub needs: Vec<StepName>,
    /// The folder that a process starts in.
    #[serde(skip_serializing_if = "unset")]
    pub cwd: Option<String>,
    /// When, in minutes from the moment the procedure is about; negative is before.
    #[serde(skip_serializing_if = "unset")]
    pub at: Option<i32>,
    /// Whether a failure is only a warning.
    #[serde(skip_serializing_if = "unset")]
    pub warn: bool,
}

/// What is as if nothing were written is not kept.
fn unset<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Whether a step may run a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rerun {
    /// At most once.
    #[default]
    Never,
    /// As often as it takes.
    Safe,
}

/// Tries again after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// How often at most.
    pub times: u32,
    /// After how long.
    #[serde(with = "millis")]
    pub every: Duration,
}

/// Asks again until it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// After how long each time.
    #[serde(with = "millis")]
    pub every: Duration,
    /// How long in all.
    #[serde(with = "millis")]
    pub for_: Duration,
}

/// What follows a failure.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Which.
    pub step: StepName,
    /// Whether it must have passed (or must have failed).
    pub passed: bool,
}
