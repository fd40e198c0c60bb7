//! What is typed behind the commands about alerts.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Data;
use crate::cli::replay::Ago;
use crate::model::ids::GroupId;

/// `muster alerts`
#[derive(Debug, Args)]
pub struct AlertsArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: AlertsCommand,
}

/// What can be asked about alerts.
#[derive(Debug, Subcommand)]
pub enum AlertsCommand {
    /// Say which route an alert with these labels takes, and why not another.
    Route(AlertsRouteArgs),
    /// List what fires, the worst first.
    List(AlertsListArgs),
    /// Show one: what, where, since when, and what helps.
    Show(AlertsOneArgs),
    /// Say why people were told of one, or were not: each step from what was received on.
    Why(AlertsOneArgs),
}

/// `muster alerts list`
#[derive(Debug, Args)]
pub struct AlertsListArgs {
    /// Of one service alone.
    #[arg(long, value_name = "SERVICE")]
    pub service: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub look: AlertsLookArgs,
}

/// `muster alerts show`, `muster alerts why`
#[derive(Debug, Args)]
pub struct AlertsOneArgs {
    /// Which, such as ALR-7.
    #[arg(value_name = "ALR-N")]
    pub alert: GroupId,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub look: AlertsLookArgs,
}

/// Where it is looked, and how it is printed.
#[derive(Debug, Args)]
pub struct AlertsLookArgs {
    /// Print it as JSON.
    #[arg(long)]
    pub json: bool,
    /// Your settings, where no Muster runs on the data; otherwise muster.toml, else the practice services.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
}

/// `muster alerts route`
#[derive(Debug, Args)]
pub struct AlertsRouteArgs {
    /// The alert's labels: alertname=Down service=soundlab severity=critical.
    #[arg(value_name = "LABEL=VALUE", required = true)]
    pub labels: Vec<String>,
    /// Your settings, otherwise muster.toml; where there is none, the practice services count.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `muster replay`
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// How far back: 7d, 12h.
    #[arg(long, value_name = "TIME", default_value = "7d")]
    pub since: Ago,
    /// The settings to try; those in use are not touched.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Print the difference as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
}
