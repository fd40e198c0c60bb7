//! Runs what a runbook says is to be run: shell steps and http requests, as steps of a run or as
//! the health of a service.
//!
//! It knows steps as values and never reads a file; who may ask, and what becomes of the
//! answer, is decided elsewhere.

pub mod address;
mod attempt;
mod checks;
mod encode;
pub mod http;
mod judge;
mod output;
mod processes;
mod request;
mod secrets;
mod shell;
mod step;
pub mod watch;

pub use attempt::Reporter;
pub use checks::CheckRunner;
pub use http::HttpRunner;
pub use secrets::Secrets;
pub use step::StepRunner;
pub use watch::Watcher;
