//! The server's role that follows the rotas: whoever is called first holds it, and nobody else to whom
//! Muster gave it.

use super::shifts;
use super::state::Duties;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::ahead::{Holder, Holding, RoleTurn};
use crate::model::card::{Show, Tone};
use crate::model::effect::{Effect, Place};
use crate::model::house::House;
use crate::model::ids::{RoleId, UserId};
use crate::model::person::Person;
use crate::model::rota::Member;
use crate::model::settlement::{Reason, Settlement};

/// Who is to hold the role now, each once, and for what: of each rota the first who is not away.
fn wanted(duties: &Duties, house: &House, now: Timestamp) -> Vec<(RoleId, Person, String)> {
    let Some(role) = house.oncall.role else { return vec![] };
    let mut all: Vec<(RoleId, Person, String)> = vec![];
    for rota in house.oncall.rotas.values() {
        let first =
            shifts::on_call(rota, &duties.overrides, now).into_iter().find_map(|(rank, who)| match who {
                Member::Known { id, name } if duties.away(id, now).is_none() => {
                    Some((rank, Person { id, name }))
                }
                _ => None,
            });
        let Some((rank, person)) = first else { continue };
        let what = format!("{rank} of {}", rota.name);
        match all.iter_mut().find(|(_, p, _)| p.id == person.id) {
            Some((_, _, why)) => *why = format!("{why}, {what}"),
            None => all.push((role, person, what)),
        }
    }
    all
}

/// Who gets the role and who loses it, and what is owed for that. What Discord refused is tried again.
pub(super) fn changes(duties: &Duties, house: &House, now: Timestamp) -> (Vec<RoleTurn>, Vec<Effect>) {
    let wanted = wanted(duties, house, now);
    let (mut turns, mut effects) = (vec![], vec![]);
    for (role, person, why) in &wanted {
        let known = duties.roles.iter().find(|h| h.role == *role && h.person.id == person.id);
        if !known.is_some_and(|h| matches!(h.stands, Holding::Giving | Holding::Held)) {
            turns.push(RoleTurn { role: *role, person: person.clone(), held: true });
            let why = format!("Muster: on call, {why}");
            effects.push(Effect::Role { role: *role, person: person.clone(), held: true, why });
        }
    }
    for Holder { role, person, stands } in &duties.roles {
        let stays = wanted.iter().any(|(r, p, _)| r == role && p.id == person.id);
        if stays || *stands == Holding::Taking {
            continue;
        }
        turns.push(RoleTurn { role: *role, person: person.clone(), held: false });
        // Who never got it loses nothing: somebody else may have given it to them.
        if *stands != Holding::NotGiven {
            let why = "Muster: not on call any more".to_owned();
            effects.push(Effect::Role { role: *role, person: person.clone(), held: false, why });
        }
    }
    (turns, effects)
}

/// Takes in who gets it and who loses it.
pub(super) fn take_in(holders: &mut Vec<Holder>, turn: &RoleTurn) {
    let RoleTurn { role, person, held } = turn;
    let known = holders.iter().position(|h| h.role == *role && h.person.id == person.id);
    match (known, held) {
        (None, true) => {
            holders.push(Holder { role: *role, person: person.clone(), stands: Holding::Giving });
        }
        (None, false) => {}
        (Some(at), true) => holders[at].stands = Holding::Giving,
        (Some(at), false) if holders[at].stands == Holding::NotGiven => drop(holders.remove(at)),
        (Some(at), false) => holders[at].stands = Holding::Taking,
    }
}

/// Takes in that Discord did it, or refused. What was owed since counts, not what came before it.
pub fn settled(duties: &mut Duties, role: RoleId, of: UserId, held: bool, outcome: &Settlement) {
    let refused = match outcome {
        Settlement::Superseded => return,
        Settlement::GaveUp { reason, .. } => Some(*reason),
        _ => None,
    };
    // That somebody who left, or a role that is gone, cannot lose it is no trouble.
    duties.role_refused = refused.is_some_and(|reason| held || reason != Reason::Gone);
    let Some(at) = duties.roles.iter().position(|h| h.role == role && h.person.id == of) else { return };
    let stands = &mut duties.roles[at].stands;
    match (held, refused, *stands) {
        (true, None, Holding::Giving) => *stands = Holding::Held,
        (true, Some(_), Holding::Giving) => *stands = Holding::NotGiven,
        (false, None | Some(Reason::Gone), Holding::Taking) => drop(duties.roles.remove(at)),
        (false, Some(_), Holding::Taking) => *stands = Holding::NotTaken,
        _ => {}
    }
}

/// What people are told of a refusal: once, until it works again.
pub fn refused(
    state: &State,
    house: &House,
    person: &Person,
    held: bool,
    reason: Reason,
    said: &str,
) -> Option<Effect> {
    if state.oncall.role_refused || (!held && reason == Reason::Gone) {
        return None;
    }
    let what = if held { "could not be given to" } else { "could not be taken from" };
    let text = format!(
        "The server's on-call role {what} {}: {}. It is tried again at the next change of shift, and when the files are read anew.",
        person.in_markdown(),
        text::escape_markdown(&text::cut(&text::line(said), 500)),
    );
    let place = Place::Channel(super::channel(house));
    Some(Effect::Say { place, show: Show::Notice { tone: Tone::Refused, text } })
}
