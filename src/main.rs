//! The program. Everything is in the library, where tests reach it.

use std::process::ExitCode;

use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A step runs as the same account: it must not read our environment, which holds the token,
    // out of /proc. Programs that we start are not bound by it.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    muster::cli::run(muster::cli::Cli::parse())
}
