//! What follows an incident, decided without anything around it.

mod items;
mod limits;
mod publishing;
mod rig;
mod writing;
