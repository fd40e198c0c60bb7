//! Everything that people wrote in files, read once and then only looked at: settings, commands,
//! runbooks. Decisions take it as an argument; reloading replaces it whole.

use std::collections::BTreeMap;

use chrono::Weekday;
use chrono_tz::Tz;

use super::check::Probe;
use super::command::{Command, CommandBody, CommandFile};
use super::mapping::Mapping;
use super::oncall::OnCall;
use super::runbook::{Runbook, StepKind};
use super::settings::Settings;

/// The action of a runbook whose http steps `/health` runs.
pub const HEALTH: &str = "health";

/// What people wrote in files.
#[derive(Clone, Debug, PartialEq)]
pub struct House {
    /// `muster.toml`.
    pub settings: Settings,
    /// The commands by their top-level word, without those that are switched off.
    pub commands: BTreeMap<String, CommandFile>,
    /// The runbooks by service.
    pub runbooks: BTreeMap<String, Runbook>,
    /// What sources mean that no code reads, by the name of the file.
    pub sources: BTreeMap<String, Mapping>,
    /// Who is on call, and who is called next.
    pub oncall: OnCall,
}

impl House {
    /// The command with these words: `health`, `incident declare`.
    pub fn command(&self, path: &str) -> Option<&Command> {
        let top = path.split(' ').next()?;
        self.commands.get(top)?.commands().iter().find(|c| c.path == path)
    }

    /// The command that a message's menu calls so.
    pub fn message_command(&self, called: &str) -> Option<&Command> {
        self.commands.values().find_map(|file| match &file.body {
            CommandBody::OnMessage(command) if command.path == called => Some(command),
            _ => None,
        })
    }

    /// The command files in the order in which they are registered, which is the same each time.
    pub fn command_files(&self) -> impl Iterator<Item = &CommandFile> {
        self.commands.values()
    }

    /// The names of the services that have a runbook, in alphabetical order.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.runbooks.keys().map(String::as_str)
    }

    /// A service's runbook.
    pub fn runbook(&self, service: &str) -> Option<&Runbook> {
        self.runbooks.get(service)
    }

    /// The http steps of the section that the runbook names as its `health`, of one service or
    /// of all, in the order of the runbooks. A service without such a section has none.
    pub fn probes(&self, service: Option<&str>) -> Vec<Probe> {
        self.runbooks
            .values()
            .filter(|r| service.is_none_or(|s| s == r.service))
            .flat_map(|r| {
                let section = r.actions.get(HEALTH).map(|a| a.section.as_str());
                let steps = section.into_iter().flat_map(|anchor| r.steps(anchor));
                steps.filter(|s| matches!(s.kind, StepKind::Http(_))).filter_map(|s| {
                    let step = s.name.as_ref()?.to_string();
                    Some(Probe { service: r.service.clone(), step })
                })
            })
            .collect()
    }

    /// In which zone, and on which days, people work for a service, or for one that nobody named.
    /// Monday to Friday where no runbook says otherwise.
    pub fn business(&self, service: Option<&str>) -> (Tz, Vec<Weekday>) {
        const USUAL: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        let runbook = service.and_then(|s| self.runbook(s));
        let zone = runbook.and_then(|r| r.timezone).unwrap_or(self.settings.timezone);
        let days = runbook.map(|r| r.working_days.clone()).filter(|days| !days.is_empty());
        (zone, days.unwrap_or_else(|| USUAL.to_vec()))
    }

    /// What the team sets for a service: the values for the names between `{{` and `}}`.
    pub fn vars(&self, service: &str) -> Option<&BTreeMap<String, String>> {
        self.settings.services.get(service).map(|s| &s.vars)
    }
}
