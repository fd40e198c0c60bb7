//! A runbook: the Markdown that people follow by hand, and what of it was named to be run.

pub mod http;
pub mod step;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::incident::Severity;
use super::reminder::Reminder;
use super::rota::{EscalationRow, OnCallTable};
use super::watch::Watch;
use crate::kit::millis;
pub use step::{Step, StepKind, StepName};

/// One service's runbook.
#[derive(Clone, Debug, PartialEq)]
pub struct Runbook {
    /// The service, which is the file's name without `.md`.
    pub service: String,
    /// The first heading, or the service's name where there is none.
    pub title: String,
    /// SHA-256 of the file's bytes, in hexadecimal. What somebody approved is bound to it.
    pub hash: String,
    /// In which its times are meant; the team's where it names none.
    pub timezone: Option<Tz>,
    /// On which schedules and due dates count; every day where it names none.
    pub working_days: Vec<Weekday>,
    /// What people are asked for before an action starts, by name.
    pub params: BTreeMap<String, Param>,
    /// What the front matter names, by name: `rollback`, `health`.
    pub actions: BTreeMap<String, Action>,
    /// Names that the service's entry in `muster.toml` must set.
    pub vars: Vec<String>,
    /// Tables that people already keep, by what they are for, each the anchor of its section.
    pub tables: BTreeMap<String, String>,
    /// Who is on call, as its table says.
    pub on_call: Option<OnCallTable>,
    /// Whom to call next, as its table says; empty where it has none.
    pub escalation: Vec<EscalationRow>,
    /// What comes round, as its table says; empty where it has none.
    pub reminders: Vec<Reminder>,
    /// When somebody last read it through.
    pub reviewed: Option<NaiveDate>,
    /// Its sections in the order of the file.
    pub sections: Vec<Section>,
    /// What Muster watches for it, in the order of the file.
    pub watches: Vec<Watch>,
}

impl Runbook {
    /// The section with this anchor.
    pub fn section(&self, anchor: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.anchor == anchor)
    }

    /// The section with this anchor and those below it, down to the next heading of its level.
    pub fn subtree(&self, anchor: &str) -> &[Section] {
        let Some(start) = self.sections.iter().position(|s| s.anchor == anchor) else {
            return &[];
        };
        let level = self.sections[start].level;
        let below = self.sections[start + 1..].iter().take_while(|s| s.level > level).count();
        &self.sections[start..=start + below]
    }

    /// The steps of a section and of those below it, in order.
    pub fn steps(&self, anchor: &str) -> impl Iterator<Item = &Step> {
        self.subtree(anchor).iter().flat_map(|s| &s.steps)
    }

    /// The step with this name.
    pub fn step(&self, name: &str) -> Option<&Step> {
        let mut all = self.sections.iter().flat_map(|s| &s.steps);
        all.find(|s| s.name.as_ref().is_some_and(|n| n.as_str() == name))
    }
}

/// A heading and what stands under it.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Its name in links, as on Git hosts: `quick-rollback`, `response-1`.
    pub anchor: String,
    /// The heading's text.
    pub title: String,
    /// 1 to 6.
    pub level: u8,
    /// The titles of the headings above it, outermost first, without the runbook's own title.
    pub parents: Vec<String>,
    /// The heading's line, counted from 1.
    pub line: usize,
    /// The last line before the next heading of its level.
    pub last_line: usize,
    /// The lines below the heading down to `last_line`, as they stand.
    pub markdown: String,
    /// The line of the first of them: empty ones before it are left out.
    pub text_line: usize,
    /// The steps down to the next heading of any level; [`Runbook::steps`] has those below too.
    pub steps: Vec<Step>,
}

impl Section {
    /// The title with its parents: `Memory leak › Response`.
    pub fn full_title(&self) -> String {
        let mut words: Vec<&str> = self.parents.iter().map(String::as_str).collect();
        words.push(&self.title);
        words.join(" › ")
    }
}

/// Something that the front matter names so that it can be asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The anchor of the section that it is.
    pub section: String,
    /// What it is called; the section's title where it has none.
    pub title: Option<String>,
    /// Only one run that holds this lock at a time.
    pub lock: Option<String>,
    /// How long it may take, from the approval on.
    pub deadline: Option<Duration>,
    /// Who must agree first.
    pub approve: Option<Approve>,
    /// Whether the asker types the service's name before it starts.
    pub confirm: bool,
    /// What happens to the undo steps after a failure.
    pub undo: Undo,
    /// Who may start it, as roles of `muster.toml`; `None` leaves it to the command.
    pub roles: Option<Vec<String>>,
    /// A sentence shown before it starts.
    pub danger: Option<String>,
    /// When a checklist comes round, as written.
    pub schedule: Option<String>,
    /// The severity that it opens or fits.
    pub severity: Option<Severity>,
}

/// Who must agree before an action starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approve {
    /// How many people.
    pub count: u8,
    /// The role that they hold, as in `muster.toml`.
    pub role: String,
    /// Whether the asker does not count.
    pub by_other: bool,
    /// How long the question stands; no answer is a refusal.
    #[serde(with = "millis")]
    pub within: Duration,
}

/// What happens to the undo steps of what was done, after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// They are offered.
    #[default]
    Offer,
    /// They run.
    Auto,
}

/// What a person is asked for before an action starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// What it holds.
    pub kind: ParamKind,
    /// The pattern that the whole value must match.
    pub pattern: String,
    /// Greatest length in characters.
    pub max: u16,
    /// Whether it may begin with `-`, which many programs take for an option.
    pub leading_dash: bool,
}

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
}
