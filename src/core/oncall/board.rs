//! Who is on call now, and who will be: as values, for whoever shows them.

use chrono_tz::Tz;

use super::look::{self, away};
use super::shifts;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::house::House;
use crate::model::ids::OverrideId;
use crate::model::page::Way;
use crate::model::reply::Refusal;
use crate::model::rota::{Member, Rank, Rota};

/// How many days of a rota are shown at most, and where nothing is said.
const DAYS: (i64, i64) = (60, 14);

/// Now and next of every rota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// By name.
    pub rotas: Vec<RotaNow>,
    /// The services that have no rota of their own.
    pub others: Vec<String>,
    /// The rota that counts for these, where there is one.
    pub theirs: Option<String>,
}

/// One rota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotaNow {
    /// Which.
    pub rota: String,
    /// Primary first.
    pub ranks: Vec<RankNow>,
}

/// One rank of a rota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankNow {
    /// Which.
    pub rank: String,
    /// Who is on call; `None`: nobody.
    pub who: Option<Member>,
    /// Until when; `None`: nobody knows an end.
    pub until: Option<Timestamp>,
    /// The override that makes it so, where one does.
    pub by: Option<OverrideId>,
    /// How they are reached; nothing where nobody knows their account.
    pub ways: Vec<Way>,
    /// Until when they are away, where they are.
    pub away: Option<Timestamp>,
    /// Who comes next, where it ends.
    pub next: Option<Member>,
}

/// Who is on call now, and next, for each service.
pub fn now(state: &State, house: &House, now: Timestamp) -> Board {
    let oncall = &house.oncall;
    let rotas = oncall.rotas.values().map(|rota| RotaNow {
        rota: rota.name.clone(),
        ranks: rota.ranks.iter().map(|rank| rank_now(state, house, rota, rank, now)).collect(),
    });
    let others = house.services().filter(|s| !oncall.rotas.contains_key(*s)).map(str::to_owned).collect();
    let theirs = oncall.rota_of(None).map(|rota| rota.name.clone());
    Board { rotas: rotas.collect(), others, theirs }
}

fn rank_now(state: &State, house: &House, rota: &Rota, rank: &Rank, now: Timestamp) -> RankNow {
    let shift = look::shift_now(state, rota, rank, now);
    let until = Some(shift.until).filter(|until| until.since(now) < look::FAR);
    let id = shift.who.as_ref().and_then(Member::id);
    RankNow {
        rank: rank.name.clone(),
        ways: id.map(|id| ways(house, id)).unwrap_or_default(),
        away: id.and_then(|id| away(state, id, now)),
        who: shift.who,
        until,
        by: shift.by,
        next: until.and_then(|until| look::shift_now(state, rota, rank, until).who),
    }
}

/// The ways to somebody, without their addresses: those are theirs.
fn ways(house: &House, id: crate::model::ids::UserId) -> Vec<Way> {
    let own = house.oncall.teammate(id).map(|p| p.reach.as_slice()).unwrap_or_default();
    [Way::Mention, Way::Direct].into_iter().chain(own.iter().map(|r| r.way())).collect()
}

/// The shifts of a rota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Which.
    pub rota: String,
    /// In which zone its times are meant.
    pub timezone: Tz,
    /// For how many days from now on.
    pub days: i64,
    /// Of each rank, in order.
    pub ranks: Vec<(String, Vec<Planned>)>,
}

/// A shift of a rota. What has no beginning or no end within more than a year has none that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Who; `None`: nobody.
    pub who: Option<Member>,
    /// From when on.
    pub from: Option<Timestamp>,
    /// Until when; that moment is not in it any more.
    pub until: Option<Timestamp>,
    /// The override that makes it so, where one does.
    pub by: Option<OverrideId>,
}

/// The shifts of a rota in the next days.
///
/// # Errors
/// When it is not said which rota, or there is none that is called so.
pub fn schedule(
    state: &State,
    house: &House,
    now: Timestamp,
    rota: Option<&str>,
    days: Option<i64>,
) -> Result<Schedule, Refusal> {
    let rota = look::rota(house, rota)?;
    let days = days.unwrap_or(DAYS.1).clamp(1, DAYS.0);
    let to = Timestamp(now.0.saturating_add(days * 86_400_000));
    let ranks = rota.ranks.iter().map(|rank| {
        let all = shifts::shifts(rota, rank, &state.oncall.overrides, now, to);
        let planned = all.into_iter().map(|s| Planned {
            who: s.who,
            from: Some(s.from).filter(|from| now.since(*from) < look::FAR),
            until: Some(s.until).filter(|until| until.since(now) < look::FAR),
            by: s.by,
        });
        (rank.name.clone(), planned.collect())
    });
    Ok(Schedule { rota: rota.name.clone(), timezone: rota.timezone, days, ranks: ranks.collect() })
}
