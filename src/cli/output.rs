//! What the terminal shows: results on standard output, the rest on standard error.

use std::fmt::Display;
use std::process::ExitCode;

/// Says why it did not work, and ends with 1.
pub fn failed(why: impl Display) -> ExitCode {
    eprintln!("muster: {why}");
    ExitCode::FAILURE
}

/// The log of a running program, on standard error. `MUSTER_LOG` sets how much, as
/// `RUST_LOG` does for other programs.
pub fn log() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("MUSTER_LOG").unwrap_or_else(|_| EnvFilter::new("muster=info,warn"));
    // A second call, in a test, changes nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .try_init();
}

/// The runtime of a running program.
pub fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("the program's threads could not be started: {e}"))
}

/// Waits for Ctrl-C or TERM.
pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut term) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = term.recv() => {}
        },
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
