//! Muster brings an incident under control from inside Discord.
//!
//! # The map of the house
//!
//! Everything that happens is one record in one journal, and state is a fold over it:
//!
//! ```text
//!   discord, intake, cli           somebody did something
//!        │ Input
//!        ▼
//!   engine ── core::step ──▶ Outcome { events, effects, reply }
//!        │                    (pure: state, house, time and input decide)
//!        ▼
//!   journal   one Commit, on disk before anybody is told
//!        │
//!        ▼
//!   engine::outbox ──▶ Deliver: discord, notify, runner   what is owed is done,
//!        ▲                          │                each lane in its order
//!        └──── Input::Settled ◀─────┘
//! ```
//!
//! A room may use those named with it, and no others; `tests/it/rules.rs` holds it to that.
//!
//! | room | what lives there | may use |
//! |---|---|---|
//! | [`kit`] | clock, random ids, backoff, text | nothing |
//! | [`model`] | values only | kit |
//! | [`house`] | reads people's files | kit, model |
//! | [`core`] | the decisions, the fold | kit, model |
//! | [`journal`] | the log: sled, memory, export, backup | kit, model |
//! | [`engine`] | the one owner of state; the outbox | core, journal, model, kit |
//! | [`render`] | state into what people see | core, model, kit |
//! | [`discord`] | gateway in, posts out, its limits | engine, render, model, kit |
//! | [`intake`] | webhooks of every source into inputs | engine, render, model, kit |
//! | [`runner`] | runs a runbook's step | engine, model, kit |
//! | [`notify`] | reaches people beside Discord | engine, render, runner, model, kit |
//! | [`audit`] | looks after Muster itself, from outside what decides | core's state, engine, model, kit |
//! | [`sandbox`] | a Discord on loopback, and services to break | nothing of Muster |
//! | [`simulation`] | a seeded world to crash in | core, engine, journal, render, discord, model, kit, sandbox's world |
//! | [`cli`] | the commands | all |
//!
//! Absent on purpose: a second bookkeeping beside the journal; a clock outside `kit`; anything
//! that decides outside `core`; the sandbox outside `cli`, `simulation` and the tests.

pub mod audit;
pub mod cli;
pub mod core;
pub mod discord;
pub mod engine;
pub mod house;
pub mod intake;
pub mod journal;
pub mod kit;
pub mod model;
pub mod notify;
pub mod render;
pub mod runner;
pub mod sandbox;
pub mod simulation;
