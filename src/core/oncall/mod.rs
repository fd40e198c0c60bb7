//! On-call: who answers, and when.
//!
//! - [`shifts`] is who holds which rank of a rota, as a function of time.
//! - [`state`] is what changes that for a while, as a fold.
//! - `look` says who is on call, and when that changes.
//! - `when` reads times as people type them.
//! - `change` is `/oncall override` and `override-end`, `absence` is `/unavailable`; `swap` is `/oncall swap`.
//! - [`board`] is who is on call now and next as values, [`spell`] the words for them.
//! - `show` is `/oncall now`, `schedule` and `handoff`.
//! - [`calendar`] is `/oncall calendar`, and what a calendar lists.
//! - `follow` is what follows from who is on call: [`role`] is the server's role, [`ahead`] the test before
//!   a shift.
//! - `turn` is what happens at a change of shift: it is told.

mod absence;
pub mod ahead;
pub mod board;
pub mod calendar;
mod change;
mod follow;
mod look;
pub mod role;
pub mod shifts;
mod show;
pub mod spell;
pub mod state;
mod swap;
mod turn;
mod when;

pub use follow::follow;
pub use look::{away, on_call_now};
pub use show::{choices, overrides};
pub use swap::press;
pub use turn::{began, next, overdue};

use super::Outcome;
use super::args::Args;
use super::state::State;
use crate::kit::time::Timestamp;
use crate::model::command::Action;
use crate::model::house::House;
use crate::model::ids::ChannelId;
use crate::model::input::Interaction;
use crate::model::reply::Refusal;

/// A command about being on call.
pub fn command(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    action: Action,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    match action {
        Action::OnCallNow => Ok(show::now(state, house, now)),
        Action::OnCallSchedule => show::schedule(state, house, now, args),
        Action::OnCallHandoff => show::handoff(state, house, now, i, args),
        Action::OnCallOverride => change::over(state, house, now, i, args),
        Action::OnCallOverrideEnd => change::end(state, house, now, i, args),
        Action::OnCallCalendar => calendar::ask(state, house, i, args),
        Action::OnCallSwap => swap::ask(state, house, now, i, args),
        _ => absence::unavailable(state, house, now, i, args),
    }
}

/// Where changes of shift are told.
fn channel(house: &House) -> ChannelId {
    house.oncall.channel.unwrap_or(house.settings.channels.incidents)
}
