//! The sandbox answers as Discord does. These tests speak to it raw, without the bot: a mistake shared by both would hide.

mod backstage;
mod bodies;
mod commands;
mod components;
mod elsewhere;
mod faults;
mod gateway;
mod interactions;
mod limits;
mod messages;
mod rig;
mod threads;
mod world;
