//! Values and nothing else: what there is in Muster, and what may be said about it.
//!
//! No decision, no I/O. States are enums that carry only their own data, ids have types, so
//! that a wrong combination does not compile. Everything that reaches the journal is here and
//! is a format for ever: add fields with a default, never change what one means.

pub mod action;
pub mod afterwards;
pub mod ahead;
pub mod alert;
pub mod alerting;
pub mod button;
pub mod calendar;
pub mod card;
pub mod check;
pub mod command;
pub mod commit;
pub mod commits;
pub mod duty;
pub mod effect;
pub mod event;
pub mod heartbeat;
pub mod house;
pub mod ids;
pub mod incident;
pub mod input;
pub mod intake;
pub mod labels;
pub mod mapping;
pub mod mark;
pub mod oncall;
pub mod page;
pub mod person;
pub mod pick;
pub mod policy;
pub mod quote;
pub mod reminder;
pub mod reply;
pub mod report;
pub mod rota;
pub mod run;
pub mod runbook;
pub mod settings;
pub mod settlement;
pub mod silence;
pub mod strike;
pub mod telling;
pub mod triage;
pub mod watch;
