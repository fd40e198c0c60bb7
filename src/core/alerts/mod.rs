//! Alerts: what a source says becomes a problem that people see once.
//!
//! - [`receive`] takes a request in: what of it is new. [`route`] says which route takes an alert,
//!   [`group`] what makes alerts one problem, and what people do with it.
//! - [`tell`] decides whether people are told, and why: muted ([`mute`]: a [`silence`], a [`window`],
//!   or [`inhibit`]), part of a [`storm`], or held back because it flaps ([`flap`]); [`silencing`] is
//!   what people say of silences. [`incident`] opens incidents by policy.
//! - [`expire`] is what nobody says any more, [`timers`] when something is due.
//! - [`beats`] waits for jobs, and [`marks`] keeps what changed.
//! - [`lines`] is what an incident's history says of its alerts.
//! - [`card`] is what people see; [`press`](fn@press), `hush` and [`command`] what they do; [`why`] and
//!   [`route_said`] why they were told, or were not.
//! - [`state`] is what is known of them, [`live`] the alerts themselves, [`fold`] what happened to
//!   them, [`keep`] what stays at hand; `preview` shows a few groups as a decision leaves them.

pub mod beats;
pub mod card;
pub mod command;
pub mod expire;
pub mod flap;
pub mod fold;
pub mod group;
pub mod hush;
pub mod incident;
pub mod inhibit;
pub mod keep;
pub mod lines;
pub mod live;
pub mod marks;
pub mod mute;
pub mod press;
mod preview;
pub mod receive;
pub mod route;
pub mod route_said;
pub mod silence;
pub mod silencing;
pub mod state;
pub mod storm;
pub mod tell;
pub mod timers;
pub mod why;
pub mod window;

pub use press::press;
pub use receive::receive;
pub use tell::overdue;
pub use timers::remember;

use super::Outcome;
use super::state::State;
use crate::kit::time::Timestamp;
use crate::model::alert::GroupNews;
use crate::model::heartbeat::Ping;
use crate::model::house::House;

/// A job said when it ran.
pub fn pinged(state: &State, house: &House, now: Timestamp, ping: &Ping) -> Outcome {
    beats::pinged(state, house, now, ping)
}

/// When something is due next.
pub fn next(state: &State) -> Option<Timestamp> {
    timers::next(state).into_iter().chain(beats::next(&state.alerts)).min()
}

/// Whether alerts ended by this, of which nothing more is said in it.
fn ends_alerts(news: &GroupNews) -> bool {
    matches!(news, GroupNews::Expired(_) | GroupNews::Dismissed { .. })
}
