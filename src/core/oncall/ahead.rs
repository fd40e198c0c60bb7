//! Shifts that lie ahead and begin soon: whose they are, and when the next of them is to be looked at.

use std::time::Duration;

use super::look::FAR;
use super::shifts;
use super::state::Duties;
use crate::kit::time::Timestamp;
use crate::model::ahead::Ahead;
use crate::model::house::House;
use crate::model::rota::{Member, Rank, Rota, Shift};

/// The shifts that begin within the time that the team tests people before, and were not tested yet; and
/// when it is to be looked again.
pub(super) fn look(duties: &Duties, house: &House, now: Timestamp) -> (Vec<Ahead>, Option<Timestamp>) {
    let Some(before) = house.oncall.test_before else { return (vec![], None) };
    let (mut soon, mut next): (Vec<Ahead>, Option<Timestamp>) = (vec![], None);
    for rota in house.oncall.rotas.values() {
        for rank in &rota.ranks {
            let (own, later) = of_rank(duties, (rota, rank), before, now);
            soon.extend(own.into_iter().filter(|a| !tested(duties, a)));
            next = next.into_iter().chain(later).min();
        }
    }
    (soon, next)
}

/// The shifts of a rank that begin within that time, and when the one after them is as near.
fn of_rank(
    duties: &Duties,
    (rota, rank): (&Rota, &Rank),
    before: Duration,
    now: Timestamp,
) -> (Vec<Ahead>, Option<Timestamp>) {
    // The shift that begins exactly then is among them.
    let to = Timestamp(now.after(before).0.saturating_add(1));
    let all = shifts::shifts(rota, rank, &duties.overrides, now, to);
    let mut soon = vec![];
    for pair in all.windows(2) {
        let [earlier, shift] = pair else { continue };
        let Some(who) = begins(earlier, shift) else { continue };
        let until = Some(shift.until).filter(|until| until.since(shift.from) < FAR);
        let (rota, rank) = (rota.name.clone(), rank.name.clone());
        soon.push(Ahead { rota, rank, who: who.clone(), from: shift.from, until });
    }
    let ends = all.last().map(|s| s.until).filter(|until| until.since(now) < FAR);
    let next = ends.map(|at| Timestamp(at.0 - i64::try_from(before.as_millis()).unwrap_or(i64::MAX)));
    (soon, next.filter(|at| *at > now))
}

/// Whoever begins with a shift: nobody where it only goes on.
fn begins<'s>(earlier: &Shift, shift: &'s Shift) -> Option<&'s Member> {
    let who = shift.who.as_ref()?;
    let goes_on = earlier.who.as_ref().is_some_and(|before| match (before.id(), who.id()) {
        (Some(a), Some(b)) => a == b,
        _ => before == who,
    });
    (!goes_on).then_some(who)
}

/// Whether this shift's person was tested for it.
fn tested(duties: &Duties, ahead: &Ahead) -> bool {
    duties.tested.iter().any(|t| {
        (&t.rota, &t.rank, t.from) == (&ahead.rota, &ahead.rank, ahead.from) && t.who.id() == ahead.who.id()
    })
}

/// Whether a shift that somebody was tested for still is theirs, as far as is known now.
pub fn stands(duties: &Duties, house: &House, ahead: &Ahead) -> bool {
    let rota = house.oncall.rotas.get(&ahead.rota);
    let rank = rota.and_then(|rota| rota.ranks.iter().find(|r| r.name == ahead.rank));
    let shift = rota.zip(rank).map(|(rota, rank)| shifts::shift(rota, rank, &duties.overrides, ahead.from));
    shift.and_then(|s| s.who).is_some_and(|who| who.id() == ahead.who.id())
}
