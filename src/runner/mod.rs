//! Runs what a runbook says is to be run. Of the kinds of steps: http requests, asked as the
//! health of a service.
//!
//! It knows steps as values and never reads a file; who may ask, and what becomes of the
//! answer, is decided elsewhere.

mod address;
mod checks;
mod encode;
pub mod http;
mod judge;

pub use http::HttpRunner;

pub use checks::CheckRunner;
