//! On-call: who answers, and when.
//!
//! - [`shifts`] is who holds which rank of a rota, as a function of time.

pub mod shifts;

use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::house::House;
use crate::model::ids::UserId;
use crate::model::rota::Member;

/// Everybody who is on call in a rota now, primary first.
pub fn on_call_now(_state: &State, house: &House, rota: &str, now: Timestamp) -> Vec<(String, Member)> {
    house.oncall.rotas.get(rota).map(|r| shifts::on_call(r, &[], now)).unwrap_or_default()
}

/// Until when somebody is away.
pub fn away(_state: &State, _who: UserId, _now: Timestamp) -> Option<Timestamp> {
    None
}
