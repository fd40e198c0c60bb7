//! The program. Everything is in the library, where tests reach it.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    muster::cli::run(muster::cli::Cli::parse())
}
