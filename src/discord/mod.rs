//! Discord: what people do there becomes an input, what is owed to them becomes a request.
//!
//! serenity holds the gateway and gives models and builders. Requests go through [`rest`],
//! with its own limiter, because serenity's is switched off (see `limits` of the design).
//! Nothing here decides anything.

pub mod api;
pub mod commands;
pub mod deliver;
mod direct;
pub mod gateway;
mod history;
pub mod interaction;
pub mod invite;
mod limits;
pub mod live;
mod private;
mod quote;
pub mod reach;
mod refusal;
pub mod respond;
pub mod rest;
mod turns;
pub mod wire;

pub use deliver::DiscordDelivery;
pub use rest::{Rest, Token};
