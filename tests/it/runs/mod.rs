//! Runs, decision by decision.

mod anchors;
mod approval;
mod crash;
mod line;
mod people;
mod questions;
mod rig;
