//! The command line: every command and option in one place.

mod alerts;
mod oncall;
mod pages;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

pub use self::alerts::{AlertsArgs, AlertsCommand, AlertsLookArgs, AlertsRouteArgs, ReplayArgs};
pub use self::oncall::{OncallArgs, OncallCommand, OncallLookArgs, OncallTestArgs, Printed, StatusArgs};
pub use self::pages::{PagesAnswerArgs, PagesArgs, PagesCallArgs, PagesCommand, PagesLookArgs};
use super::intake::IntakeArgs;
use crate::model::ids::IncidentId;
use crate::model::triage::{Data as AtRisk, Feature, Users};

/// Brings an incident under control from inside Discord.
///
/// Without a command it opens the sandbox: a small Discord in the browser, with services to
/// break, and nothing to sign up for.
#[derive(Debug, Parser)]
#[command(name = "muster", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try everything in a Discord of its own, in the browser (what happens without a command).
    Sandbox(SandboxArgs),
    /// Work in your own Discord server; DISCORD_TOKEN holds the bot's token.
    Serve(ServeArgs),
    /// Say what is wrong in muster.toml, commands and runbooks, with the line and the cure.
    Check(CheckArgs),
    /// Say what a Markdown runbook becomes, what of it could run, and what is wrong with it.
    Import(ImportRunbookArgs),
    /// Say what a source's payload becomes, and which sources there are.
    Intake(IntakeArgs),
    /// Print the link that invites the bot, with the least permissions that it needs.
    Invite(InviteArgs),
    /// Check that the journal, or an export of it, is as it was written.
    Verify(VerifyArgs),
    /// Write the journal as JSON Lines.
    Export(ExportArgs),
    /// Make a journal from an export, in a folder that holds nothing yet.
    ImportJournal(ImportArgs),
    /// Copy the journal to a file, also while Muster runs on it.
    Backup(BackupArgs),
    /// Say how the running Muster is doing.
    Status(StatusArgs),
    /// Run an action of a runbook from here: through the running Muster, or without it.
    Run(RunArgs),
    /// Say how bad it is from three answers, why, by when to respond, and which playbooks may help.
    Triage(TriageArgs),
    /// Write an incident's report: as Markdown, as a page that stands on its own, or as JSON.
    Report(ReportArgs),
    /// Say what becomes of alerts.
    Alerts(AlertsArgs),
    /// Say who is on call, and show that they can be reached.
    Oncall(OncallArgs),
    /// Say who is called and why, and answer a page from here.
    Pages(PagesArgs),
    /// Run the recorded alerts through other settings, and show what people would be told otherwise.
    Replay(ReplayArgs),
    /// Run Muster's own world with crashes and faults, from a seed.
    Simulate(SimulateArgs),
    /// Break and heal the sandbox's practice services, and be the tools that their runbooks call.
    Practice(PracticeArgs),
}

impl Command {
    /// What happens without a command.
    pub fn sandbox() -> Command {
        Command::Sandbox(SandboxArgs { port: 7700, request_log: None, data: None })
    }
}

/// `muster sandbox`
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// Port on loopback; another one is taken when it is in use, 0 takes any.
    #[arg(long, default_value_t = 7700)]
    pub port: u16,
    /// Write each of the bot's REST requests to this file, one JSON line each.
    #[arg(long, value_name = "FILE")]
    pub request_log: Option<PathBuf>,
    /// Keep the journal in this folder; otherwise it is gone when the sandbox ends.
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
}

/// `muster serve`
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Your settings.
    #[arg(long, value_name = "FILE", default_value = "muster.toml")]
    pub config: PathBuf,
    /// The folder of the journal; otherwise the one that muster.toml names, else `data`.
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
}

/// `muster check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Your settings, otherwise muster.toml; where there is none, what is built into this program is checked.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Ask Discord too: token, server, channels, and what the bot may do there; and whether each secret is set.
    #[arg(long, conflicts_with = "json")]
    pub online: bool,
    /// Print what is found as JSON: one list.
    #[arg(long)]
    pub json: bool,
}

/// `muster import`
#[derive(Debug, Args)]
pub struct ImportRunbookArgs {
    /// Any Markdown file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print what is found as JSON.
    #[arg(long)]
    pub json: bool,
    /// Write the annotated copy: the same file with front matter; by default to SERVICE.md.
    #[arg(long, value_name = "OUT")]
    pub write: Option<Option<PathBuf>>,
    /// Write over a file that is there.
    #[arg(long, requires = "write")]
    pub force: bool,
}

/// `muster invite`
#[derive(Debug, Args)]
pub struct InviteArgs {
    /// Your settings: names the server, and the application where it is set there.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The application's id (developer portal, General Information).
    #[arg(long, value_name = "ID")]
    pub application: Option<String>,
}

/// Where a journal is.
#[derive(Debug, Args)]
pub struct Data {
    /// The folder of the journal.
    #[arg(long, value_name = "FOLDER", default_value = "data")]
    pub data: PathBuf,
}

/// `muster verify`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
    /// Check this export or backup instead of the folder.
    #[arg(value_name = "EXPORT")]
    pub file: Option<PathBuf>,
}

/// `muster export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
    /// Where to; `-` is standard output.
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
}

/// `muster import-journal`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// An export or backup.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
}

/// `muster backup`
#[derive(Debug, Args)]
pub struct BackupArgs {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
    /// Where to; a file that is there is not overwritten.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `muster run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The service, which is its runbook's name.
    pub service: String,
    /// The action, or the anchor of a section.
    pub action: String,
    /// A value for one of its parameters, as name=value; may be given several times.
    #[arg(long = "with", value_name = "NAME=VALUE")]
    pub with: Vec<String>,
    /// Change nothing: show what would run, send only what reads.
    #[arg(long)]
    pub dry_run: bool,
    /// The incident that it belongs to.
    #[arg(long, value_name = "INC-N")]
    pub incident: Option<IncidentId>,
    /// The service's name typed again, where the action asks for that.
    #[arg(long, value_name = "SERVICE")]
    pub confirm: Option<String>,
    /// Go on without a second person after two minutes, for this reason; the lead hears of it.
    #[arg(long, value_name = "REASON")]
    pub break_glass: Option<String>,
    /// Your settings; they are read where no Muster runs on the data.
    #[arg(long, value_name = "FILE", default_value = "muster.toml")]
    pub config: PathBuf,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
}

/// `muster triage`
#[derive(Debug, Args)]
pub struct TriageArgs {
    /// What is wrong; its words find playbooks.
    #[arg(value_name = "WHAT")]
    pub what: Vec<String>,
    /// How many are affected: nobody-yet, some, many, everyone, not-sure.
    #[arg(long, default_value = "not-sure")]
    pub users: Users,
    /// core, secondary, not-sure.
    #[arg(long, default_value = "not-sure")]
    pub feature: Feature,
    /// Whether data is lost: no, at-risk, lost, not-sure.
    #[arg(long, default_value = "not-sure")]
    pub data: AtRisk,
    /// Which service.
    #[arg(long, value_name = "SERVICE")]
    pub service: Option<String>,
    /// Your settings, otherwise muster.toml; where there is none, the practice services count.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `muster report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The incident, such as INC-7.
    #[arg(value_name = "INC-N")]
    pub incident: IncidentId,
    /// How: Markdown, a page with its picture, or JSON for programs.
    #[arg(long, value_enum, default_value_t = ReportFormat::Md)]
    pub format: ReportFormat,
    /// Where to, instead of standard output; a file that is there is not overwritten.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Your settings: their time zone is used where no Muster runs on the data; without them UTC.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportFormat {
    /// Markdown.
    Md,
    /// A page.
    Html,
    /// For programs.
    Json,
}

/// `muster simulate`
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The seed: the same one plays the same story.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Say only how many were played, and what went wrong.
    #[arg(long)]
    pub quiet: bool,
    /// How many seeds from there on.
    #[arg(long, default_value_t = 1)]
    pub count: u64,
    /// Fail where something that can happen never did in all of them.
    #[arg(long)]
    pub covers: bool,
}

/// `muster practice`
#[derive(Debug, Args)]
pub struct PracticeArgs {
    /// Where the sandbox is; otherwise what MUSTER_PRACTICE says, else http://127.0.0.1:7700.
    #[arg(long, value_name = "URL")]
    pub at: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub what: Practice,
}

/// What can be done to the practice services.
#[derive(Debug, Subcommand)]
pub enum Practice {
    /// Switch a fault on.
    Break {
        /// The service, such as soundlab.
        service: String,
        /// The fault; `muster practice state` lists them.
        fault: String,
    },
    /// Switch a fault off, or all of the service.
    Heal {
        /// The service.
        service: String,
        /// The fault; all of them without one.
        fault: Option<String>,
    },
    /// Show each service, what is broken, and what could be.
    State,
    /// Be `docker compose` on a service's host: SERVICE down, SERVICE up -d, SERVICE logs --tail 100…
    Compose {
        /// The service.
        service: String,
        /// What would stand behind `docker compose`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// Be `docker` on the host that an image belongs to: tag, image inspect, images.
    Docker {
        /// What would stand behind `docker`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// Be `celery` beside soundfoundry's worker: -A app.workers.celery_app purge -f…
    Celery {
        /// What would stand behind `celery`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// Be any other tool of a service's host: SERVICE env check, SERVICE pod restart…
    Host {
        /// The service.
        service: String,
        /// The tool, and what would stand behind it.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        words: Vec<String>,
    },
    /// Be the platform that deploys nexus from its repository.
    Nexus {
        /// What to do.
        #[command(subcommand)]
        what: PracticeNexus,
    },
}

/// What can be done with nexus' repository and platform.
#[derive(Debug, Subcommand)]
pub enum PracticeNexus {
    /// Make its repository in a folder, or go on with the one there: `remote.git`, and `clone` for the runbook.
    Repo {
        /// The folder.
        folder: PathBuf,
    },
    /// Tell the platform that this commit was pushed.
    Deploy {
        /// Its SHA.
        commit: String,
    },
}
