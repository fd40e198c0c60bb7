//! Triage and telling people, decision by decision.

mod deciding;
mod playbooks;
mod rig;
mod telling;
