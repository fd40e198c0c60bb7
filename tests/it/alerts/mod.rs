//! Alerts, decision by decision: what is new, who is told and why, when it is over.

mod apart;
mod expiring;
mod held;
mod receiving;
mod rig;
mod storms;
mod telling;
