//! Incidents, decision by decision.

mod desk;
mod moves;
mod past;
mod private;
mod strike;
