//! Who is on call, with what people changed for a while.

use std::time::Duration;

use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::duty::Turn;
use crate::model::house::House;
use crate::model::ids::UserId;
use crate::model::reply::Refusal;
use crate::model::rota::{Member, Override, Rank, Rota, Shift};

use super::shifts;

/// What is further ahead is no end of a shift: nobody looked further.
pub const FAR: Duration = Duration::from_secs(390 * 86_400);

/// Everybody who is on call in a rota now, primary first, each with their rank. Nobody where there is no
/// such rota.
pub fn on_call_now(state: &State, house: &House, rota: &str, now: Timestamp) -> Vec<(String, Member)> {
    let rota = house.oncall.rotas.get(rota);
    rota.map(|rota| shifts::on_call(rota, &state.oncall.overrides, now)).unwrap_or_default()
}

/// Until when somebody is away; `None` where they are not.
pub fn away(state: &State, user: UserId, now: Timestamp) -> Option<Timestamp> {
    state.oncall.away(user, now)
}

/// The shift of a rank that a moment lies in, with what people changed.
pub fn shift_now(state: &State, rota: &Rota, rank: &Rank, at: Timestamp) -> Shift {
    shifts::shift(rota, rank, &state.oncall.overrides, at)
}

/// Who is on call in a rota, and when the next of them changes.
pub fn turn(rota: &Rota, overrides: &[Override], at: Timestamp) -> Turn {
    let ends = rota.ranks.iter().map(|rank| shifts::shift(rota, rank, overrides, at).until);
    // Past what a shift looks ahead there is no change that is known.
    let ends = ends.min().filter(|until| until.since(at) < FAR);
    let until = ends.unwrap_or(Timestamp(i64::MAX));
    Turn { rota: rota.name.clone(), who: shifts::on_call(rota, overrides, at), until }
}

/// The rota that somebody named; where there is only one, it need not be named.
///
/// # Errors
/// Which there are.
pub fn rota<'h>(house: &'h House, named: Option<&str>) -> Result<&'h Rota, Refusal> {
    let all = &house.oncall.rotas;
    let found = match named {
        Some(name) => all.get(name).or_else(|| all.values().find(|r| r.name.eq_ignore_ascii_case(name))),
        None => all.values().next().filter(|_| all.len() == 1),
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = all.keys().map(String::as_str).collect();
        Refusal::new(match (named, names.is_empty()) {
            (_, true) => {
                "There is no rota yet. Write one under [oncall] in muster.toml, or a table in a runbook."
                    .to_owned()
            }
            (Some(name), _) => format!(
                "There is no rota “{}”. There are: {}.",
                crate::kit::text::line(name),
                names.join(", ")
            ),
            (None, _) => format!("Say which rota: {}.", names.join(", ")),
        })
    })
}

/// The rank that somebody named; the first where they named none.
///
/// # Errors
/// Which there are.
pub fn rank<'r>(rota: &'r Rota, named: Option<&str>) -> Result<&'r Rank, Refusal> {
    let found = match named {
        Some(name) => rota.ranks.iter().find(|r| r.name.eq_ignore_ascii_case(name)),
        None => rota.ranks.first(),
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = rota.ranks.iter().map(|r| r.name.as_str()).collect();
        let all = names.join(", ");
        Refusal::new(format!("The rota {} has no such rank. It has: {all}.", rota.name))
    })
}
