//! The terminal: what a person types, and putting the rooms together for it.

mod account;
pub mod alerts;
pub mod alerts_route;
mod args;
pub mod bot;
mod calendar_key;
mod check;
mod import;
mod intake;
mod invite;
mod journal;
mod oncall_look;
pub mod oncall_test;
mod output;
mod pages;
mod plain;
pub mod practice;
pub mod replay;
mod report;
mod run;
pub mod sandbox;
mod serve;
mod simulate;
pub mod socket;
pub mod status;
mod triage;

use alerts::Look;
use args::{AlertsCommand, OncallCommand};
pub use args::{Cli, Command};
use oncall_look::OnCallLook;

use std::process::ExitCode;

/// Does what was typed.
pub fn run(cli: Cli) -> ExitCode {
    match cli.command.unwrap_or_else(Command::sandbox) {
        Command::Sandbox(args) => sandbox::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Intake(args) => intake::run(&args),
        Command::Invite(args) => invite::run(&args),
        Command::Verify(args) => journal::verify(&args),
        Command::Export(args) => journal::export(&args),
        Command::ImportJournal(args) => journal::import(&args),
        Command::Backup(args) => journal::backup(&args),
        Command::Run(args) => run::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Triage(args) => triage::run(&args),
        Command::Alerts(args) => match &args.what {
            AlertsCommand::Route(args) => alerts_route::run(args),
            AlertsCommand::List(args) => {
                alerts::run(Look::List { service: args.service.clone() }, &args.look)
            }
            AlertsCommand::Show(args) => alerts::run(Look::Show(args.alert), &args.look),
            AlertsCommand::Why(args) => alerts::run(Look::Why(args.alert), &args.look),
        },
        Command::Oncall(args) => match &args.what {
            OncallCommand::Now(args) => oncall_look::run(OnCallLook::Now, args),
            OncallCommand::Schedule(args) => {
                let look = OnCallLook::Schedule { rota: args.rota.clone(), days: args.days };
                oncall_look::run(look, &args.look)
            }
            OncallCommand::Test(args) => oncall_test::run(args),
        },
        Command::Pages(args) => pages::run(&args.what),
        Command::Replay(args) => replay::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Practice(args) => practice::run(&args),
    }
}
