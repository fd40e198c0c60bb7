//! Incidents, decision by decision.

mod desk;
mod past;
