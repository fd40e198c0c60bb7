//! What is typed behind the commands about pages.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Data, Printed};
use crate::model::ids::{IncidentId, PageId};

/// `muster pages`
#[derive(Debug, Args)]
pub struct PagesArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: PagesCommand,
}

/// What can be done about pages.
#[derive(Debug, Subcommand)]
pub enum PagesCommand {
    /// List who is called at this moment, for what, and who is on it.
    List(PagesLookArgs),
    /// Say of a page who was called by which way and what came of it, and who was not and why.
    Why(PagesWhyArgs),
    /// Take a page: nobody else is called. A Muster must run.
    Ack(PagesAnswerArgs),
    /// Have the next called now. A Muster must run.
    Escalate(PagesAnswerArgs),
    /// Call somebody, or whoever the policy says. A Muster must run.
    Call(PagesCallArgs),
}

/// `muster pages call`
#[derive(Debug, Args)]
pub struct PagesCallArgs {
    /// Whom, by their key or name in [people] of muster.toml; without, whoever the service's policy says.
    #[arg(value_name = "PERSON")]
    pub who: Option<String>,
    /// What you need them for; an incident is said without.
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// The incident in which they are wanted.
    #[arg(long, value_name = "INC-N")]
    pub incident: Option<IncidentId>,
    /// The service whose policy says who is called.
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
}

/// `muster pages why`
#[derive(Debug, Args)]
pub struct PagesWhyArgs {
    /// Which, such as PAG-7.
    #[arg(value_name = "PAG-N")]
    pub page: PageId,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub look: PagesLookArgs,
}

/// Where it is looked, and how it is printed.
#[derive(Debug, Args)]
pub struct PagesLookArgs {
    /// How: for people, or as JSON for programs.
    #[arg(long, value_enum, default_value_t = Printed::Text)]
    pub format: Printed,
    /// Your settings, where no Muster runs on the data: their time zone; otherwise muster.toml.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
}

/// `muster pages ack`, `muster pages escalate`
#[derive(Debug, Args)]
pub struct PagesAnswerArgs {
    /// Which, such as PAG-7; where only one is open, it need not be named.
    #[arg(value_name = "PAG-N")]
    pub page: Option<PageId>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
}
