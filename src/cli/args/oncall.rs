//! What is typed behind the commands about being on call.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Data;

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
    /// Say who is on call for each service, who comes next, and how they are reached.
    Now(OncallLookArgs),
    /// List the shifts of a rota in the next days.
    Schedule(OncallScheduleArgs),
    /// Send somebody a test by each way that they have, now, and say what came of it. Muster need not run.
    Test(OncallTestArgs),
}

/// `muster oncall schedule`
#[derive(Debug, Args)]
pub struct OncallScheduleArgs {
    /// Which rota; where there is only one, it need not be named.
    #[arg(long, value_name = "NAME")]
    pub rota: Option<String>,
    /// How many days, at most 60; 14 where nothing is said.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=60))]
    pub days: Option<i64>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub look: OncallLookArgs,
}

/// Where it is looked, and how it is printed.
#[derive(Debug, Args)]
pub struct OncallLookArgs {
    /// How: for people, or as JSON for programs.
    #[arg(long, value_enum, default_value_t = Printed::Text)]
    pub format: Printed,
    /// Your settings, where no Muster runs on the data; otherwise muster.toml, else the practice services.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
}

/// How something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Printed {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Printed {
    /// Whether it is for programs.
    pub fn is_json(self) -> bool {
        self == Printed::Json
    }
}

/// `muster status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// How: for people, or as JSON for programs.
    #[arg(long, value_enum, default_value_t = Printed::Text)]
    pub format: Printed,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub journal: Data,
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
