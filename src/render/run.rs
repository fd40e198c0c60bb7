//! A run's card, its plan, and what it printed.

use super::Face;
use crate::core::seen::RunSeen;
use crate::model::card::RunLine;
use crate::model::ids::{RoleId, UserId};

/// The card that is edited as the run goes on.
pub fn card(seen: &RunSeen) -> Face {
    Face::text(seen.run.id.to_string())
}

/// What it does, step by step.
pub fn plan(seen: &RunSeen) -> Face {
    Face::text(seen.run.id.to_string())
}

/// How it ended, with what it printed as a file.
pub fn output(seen: &RunSeen) -> Face {
    Face::text(seen.run.id.to_string())
}

/// The runs that are not over.
pub fn list(lines: &[RunLine]) -> Face {
    Face::text(lines.len().to_string())
}

/// A call to people: the only thing that pings.
pub fn call(_roles: &[RoleId], _people: &[UserId], text: &str) -> Face {
    Face::text(text.to_owned())
}
