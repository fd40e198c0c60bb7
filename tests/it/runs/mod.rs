//! Runs, decision by decision.

mod approval;
mod crash;
mod line;
mod people;
mod rig;
