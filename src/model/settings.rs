//! What a team says about itself in `muster.toml`: its server, channels, roles and services.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono_tz::Tz;

use super::alerting::Alerting;
use super::ids::{ApplicationId, ChannelId, GuildId, RoleId, UserId};
use super::intake::Intake;
use super::report::After;
use super::watch::Watching;

/// A team's settings. Secrets are not among them: those come from the environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The one server that this process serves.
    pub guild: GuildId,
    /// The bot's application, where the file names it; Discord tells it otherwise.
    pub application: Option<ApplicationId>,
    /// Where Discord's API is reached instead of discord.com: a REST proxy, or the sandbox.
    pub api_url: Option<String>,
    /// Where what goes.
    pub channels: Channels,
    /// What the team calls its roles, and which of Discord's count as each. None listed: nobody.
    pub roles: BTreeMap<String, Vec<RoleId>>,
    /// People who may do everything, whatever roles they hold.
    pub administrators: Vec<UserId>,
    /// In which people read times, and runbooks that name none of their own.
    pub timezone: Tz,
    /// By name, which is the name of the runbook's file.
    pub services: BTreeMap<String, ServiceSettings>,
    /// Built-in commands that this team does not want, by their top-level word.
    pub disabled: Vec<String>,
    /// Where the team's files are.
    pub folders: Folders,
    /// How it is after an incident.
    pub after: After,
    /// What becomes of alerts.
    pub alerting: Alerting,
    /// Where its sources come in.
    pub intake: Intake,
    /// How Muster looks by itself.
    pub watch: Watching,
}

impl Settings {
    /// Whether somebody with these roles holds one of the roles called `name` here.
    pub fn holds(&self, name: &str, held: &[RoleId]) -> bool {
        self.roles.get(name).is_some_and(|ids| ids.iter().any(|id| held.contains(id)))
    }
}

/// Where what goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channels {
    /// Incident cards, with a thread under each.
    pub incidents: ChannelId,
    /// Alerts as they come.
    pub alerts: ChannelId,
    /// Reports of what is over.
    pub reports: ChannelId,
    /// What whoever uses the services is told; without one, people tell it themselves.
    pub announcements: Option<ChannelId>,
}

/// What the team sets for one service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceSettings {
    /// Values for the names that the runbook lists under `vars`: `base` and the like.
    pub vars: BTreeMap<String, String>,
    /// The Prometheus that knows its metrics, where it is not the team's.
    pub prometheus: Option<String>,
    /// Where it tells its metrics itself, in Prometheus' text format.
    pub metrics: Option<String>,
}

/// Where the team's files are; absolute, or relative to where the process runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folders {
    /// Where `muster.toml` is, absolute: a step stands there unless it says otherwise.
    pub home: Option<PathBuf>,
    /// Command files added to the built-in ones.
    pub commands: Option<PathBuf>,
    /// The team's runbooks.
    pub runbooks: Option<PathBuf>,
    /// What the team's own sources mean, added to those built in.
    pub sources: Option<PathBuf>,
    /// The journal; `None` lets the command line decide.
    pub data: Option<PathBuf>,
}
