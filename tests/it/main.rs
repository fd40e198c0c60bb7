//! The one integration binary: linking the gateway's client once is slow enough.
//!
//! `support` starts the real program's parts against the sandbox; everything else reads as
//! stories. `rules` holds the house to its own map.

mod after;
mod alert_cards;
mod alerts;
mod audit;
mod golden;
mod house;
mod incidents;
mod intake;
mod journal;
mod muting;
mod notify;
mod oncall;
mod paging;
mod readme;
mod real;
mod rows;
mod rules;
mod runner;
mod runs;
mod sandbox;
mod simulation;
mod sources;
mod stories;
mod support;
mod triage;
