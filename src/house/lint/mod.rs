//! What real runbooks get wrong, by the experience of those who had to follow them at night: one
//! small rule for each, which says the line, the reason and the cure.
//!
//! A rule holds for what runs. What it finds in text and in fences that a person copies is told
//! as a note, because a person can still see for themselves.

pub mod command;
mod curl;
mod deploy;
pub mod page;
mod pipes;
mod promql;
mod queue;
pub mod shell;
mod waiting;
mod words;

use self::page::Page;
pub use self::waiting::{endless, interactive};
pub use self::words::{angled, left_over};
use super::problem::{Notes, Severity};

/// What a rule found: the line, what is wrong, and what to do.
pub type Finding = (usize, String, String);

/// Something that real runbooks get wrong.
pub struct Rule {
    /// Its name, as it stands before a finding.
    pub id: &'static str,
    /// Looks for it.
    find: fn(&Page<'_>) -> Vec<Finding>,
}

/// All of them.
pub const RULES: &[Rule] = &[
    Rule { id: "purge-order", find: queue::purge },
    Rule { id: "inspect-active", find: queue::active },
    Rule { id: "export-restart", find: deploy::export },
    Rule { id: "retag-latest", find: deploy::retag },
    Rule { id: "revert-head", find: deploy::revert },
    Rule { id: "curl-or", find: curl::or },
    Rule { id: "curl-fail", find: curl::fail },
    Rule { id: "endless", find: waiting::all_endless },
    Rule { id: "interactive", find: waiting::all_interactive },
    Rule { id: "pipe-head", find: pipes::head },
    Rule { id: "pipe-grep", find: pipes::grep },
    Rule { id: "unquoted", find: pipes::unquoted },
    Rule { id: "ratio", find: promql::ratio },
    Rule { id: "per-minute", find: promql::per_minute },
    Rule { id: "threshold", find: promql::threshold },
    Rule { id: "placeholder", find: words::placeholder },
    Rule { id: "credential", find: words::credential },
    Rule { id: "encoding", find: words::encoding },
];

/// Notes everything that the rules find.
pub fn lint(page: &Page<'_>, notes: &mut Notes) {
    for rule in RULES {
        for (line, what, cure) in (rule.find)(page) {
            let severity = if page.runs(line) { Severity::Error } else { Severity::Note };
            notes.found(severity, rule.id, line, what, cure);
        }
    }
}

/// The names of all rules.
pub fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.id).chain(["reviewed"])
}

fn finding(line: usize, what: impl Into<String>, cure: impl Into<String>) -> Finding {
    (line, what.into(), cure.into())
}
