//! Triage and telling people, decision by decision.

mod deciding;
mod playbooks;
pub mod rig;
mod telling;
