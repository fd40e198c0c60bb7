//! What is typed behind the commands about being on call.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `muster oncall`
#[derive(Debug, Args)]
pub struct OncallArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: OncallCommand,
}

/// What can be asked about being on call.
#[derive(Debug, Subcommand)]
pub enum OncallCommand {
    /// Send somebody a test by each way that they have, now, and say what came of it. Muster need not run.
    Test(OncallTestArgs),
}

/// `muster oncall test`
#[derive(Debug, Args)]
pub struct OncallTestArgs {
    /// Who: their key in [people], or a name of theirs.
    #[arg(value_name = "KEY")]
    pub who: String,
    /// Only by this way: mention, direct, ntfy, email, sms, call or webhook.
    #[arg(long, value_name = "WAY")]
    pub way: Option<String>,
    /// Your settings.
    #[arg(long, value_name = "FILE", default_value = "muster.toml")]
    pub config: PathBuf,
}
