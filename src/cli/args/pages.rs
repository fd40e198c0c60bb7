//! What is typed behind the commands about pages.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Data, Printed};
use crate::model::ids::PageId;

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
