//! The ladder: who is called next, and when. Time is an argument; whoever asks does what it says.

use std::time::Duration;

use super::edits::edits;
use super::hand::Hand;
use super::{before, calls, more, propose, who};
use crate::kit::time::Timestamp;
use crate::model::card::Show;
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::ids::{PageId, UserId};
use crate::model::page::{
    About, Because, Call, Delivery, Ended, LATE, Page, PageNews, Paged, Standing, Stands, Target, Way,
};
use crate::model::person::Person;
use crate::model::policy::Until;

/// How long it is quiet after everybody was told that nobody answered; then it begins anew.
const REST: Duration = Duration::from_secs(15 * 60);

/// The due time, where it is so long ago that people should know.
fn late(hand: &Hand<'_>, due: Timestamp) -> Option<Timestamp> {
    (due.after(LATE) < hand.now).then_some(due)
}

/// Calls a rung; where nobody of it can be called, the next; where there is none, everybody is told.
pub(super) fn climb(hand: &mut Hand<'_>, id: PageId, round: u32, rung: u32, why: Because, due: Timestamp) {
    let (mut round, mut rung, mut why) = (round, rung, why);
    // A round in which nobody could be called is not gone through a second time.
    let mut reached = rung > 0;
    loop {
        let Some(page) = hand.page(id) else { return };
        if page.is_over() {
            return;
        }
        let policy = &page.begun.policy;
        let Some(step) = policy.rung(rung).cloned() else {
            if round + 1 < policy.rounds && reached {
                (round, rung, why, reached) = (round + 1, 0, Because::NewRound, false);
                continue;
            }
            return exhaust(hand, id, due);
        };
        let (targets, skipped) = who::who(hand.state, hand.house, hand.now, page, &step.whom);
        let calls = calls::calls(hand, id, (round, rung), &targets, &step.ways);
        let anybody = !calls.is_empty();
        // What proposes something gives people time to look at it.
        let waits = anybody || (step.whom.is_empty() && step.propose.is_some());
        let until = if waits { hand.now.after(step.within) } else { hand.now };
        let again = step.every.filter(|_| anybody).map(|e| hand.now.after(e)).filter(|at| *at < until);
        let due = late(hand, due);
        paged(
            hand,
            id,
            Paged { page: id, round, rung, until, again, why: why.clone(), told: false, calls, skipped, due },
        );
        if let Some(action) = step.propose.as_deref().filter(|_| round == 0) {
            propose::propose(hand, id, action, propose::UNRESOLVED);
        }
        if waits {
            return;
        }
        (rung, why) = (rung + 1, Because::Unreachable);
    }
}

/// People are called, and what is owed for it.
pub(super) fn paged(hand: &mut Hand<'_>, id: PageId, paged: Paged) {
    let Some(page) = hand.page(id) else { return };
    let (first, why, due) = (page.calls.len(), paged.why.clone(), paged.due);
    bring(hand, id, &paged.calls);
    hand.news(id, PageNews::Paged(Box::new(paged)));
    let Some(page) = hand.page(id) else { return };
    let stands = match &page.standing {
        Standing::Acknowledged { by, .. } => Stands::Told(by.clone()),
        _ => hand.shower().stands(page),
    };
    calls::owe(hand, id, first, &why, &stands, due);
}

/// Whoever is called for a private incident is let into it: otherwise they could do nothing.
fn bring(hand: &mut Hand<'_>, id: PageId, calls: &[Call]) {
    let Some(incident) = hand.page(id).and_then(|p| p.begun.about.incident()) else { return };
    let known: Vec<UserId> = match (hand.private, hand.state.incidents.get(&incident)) {
        (Some((begins, by)), _) if begins == incident => vec![by],
        (_, Some(i)) if i.private => {
            let all = i.invited.iter().chain(i.duties.values()).chain([&i.declared.by]);
            all.map(|p| p.id).collect()
        }
        _ => return,
    };
    let mut brought: Vec<UserId> = vec![];
    for call in calls {
        let Target::Person { id, name } = &call.to else { continue };
        if known.contains(id) || brought.contains(id) {
            continue;
        }
        brought.push(*id);
        let person = Person { id: *id, name: name.clone() };
        let by = Person::muster();
        hand.events.push(Event::PersonInvited { incident, person: person.clone(), by });
        hand.effects.push(Effect::Bring { incident, person });
    }
}

/// Nobody answered: whoever is there for that is told, loudly.
fn exhaust(hand: &mut Hand<'_>, id: PageId, due: Timestamp) {
    let Some(page) = hand.page(id).cloned() else { return };
    if page.begun.about.is_test() {
        return before::unanswered(hand, &page);
    }
    let due = late(hand, due);
    let fallback = page.begun.policy.fallback.clone();
    let (again, first) = (hand.now.after(REST), page.calls.len());
    let at = (page.begun.policy.rounds, u32::try_from(page.begun.policy.rungs.len()).unwrap_or(u32::MAX));
    let name =
        |id: &UserId| hand.house.oncall.teammate(*id).map_or("whoever is told last", |t| t.name()).to_owned();
    let people: Vec<Target> =
        fallback.people.iter().map(|id| Target::Person { id: *id, name: name(id) }).collect();
    let mut told = calls::calls(hand, id, at, &people, &[]);
    // In the channel they are called by one message with all others.
    told.retain(|c| c.way != Way::Mention);
    hand.news(id, PageNews::Exhausted { again, calls: told });
    let Some(page) = hand.page(id).cloned() else { return };
    let cards = hand.shower();
    let stands = cards.stands(&page);
    calls::owe(hand, id, first, &Because::NoAnswer, &stands, due);
    let to = Target::Channel(fallback.channel);
    let (round, rung) = at;
    let delivery = Delivery::Owed;
    // By this call's way a private incident's title is not shown: the channel is not its thread.
    let call = Call { to, way: Way::Direct, round, rung, at: hand.now, delivery, message: None };
    let card = cards.card(&page, (page.calls.len(), &call), Because::NoAnswer, stands, due);
    let place = Place::Channel(fallback.channel);
    hand.effects.push(Effect::Say { place, show: Show::Page(Box::new(card)) });
    if !fallback.roles.is_empty() || !fallback.people.is_empty() {
        let text = format!(
            "**{id}**: nobody answered since <t:{}:T>. Take it: `/ack page:{id}`.",
            page.at.seconds()
        );
        let show = Show::Call { roles: fallback.roles, people: fallback.people, text };
        hand.effects.push(Effect::Say { place, show });
    }
}

/// What is due for a page at its time.
pub(super) fn due(hand: &mut Hand<'_>, id: PageId, at: Timestamp) {
    let Some(page) = hand.page(id).cloned() else { return };
    let now = hand.now;
    match page.standing {
        Standing::Climbing { round, rung, until, .. } if until <= now => {
            // A page that has just begun is due at once.
            let (rung, why) =
                if page.just_began() { (0, Because::First) } else { (rung + 1, Because::NoAnswer) };
            climb(hand, id, round, rung, why, until);
        }
        Standing::Climbing { round, rung, until, again: Some(again), .. } if again <= now => {
            call_again(hand, &page, (round, rung), until, at);
        }
        Standing::Acknowledged { ref by, wears_off, asked, next, .. } => {
            if let Some((rung, at)) = next.filter(|(_, at)| *at <= now) {
                told(hand, &page, rung, at);
            }
            // After a long absence both are due. What was proposed ends a decision.
            if wears_off <= now && !hand.proposed {
                wears(hand, id, by.at, &by.by, asked, wears_off);
            }
        }
        Standing::Exhausted { again, .. } if again <= now => climb(hand, id, 0, 0, Because::NewRound, again),
        _ => {}
    }
}

/// The same rung once more: whoever it means by now.
fn call_again(hand: &mut Hand<'_>, page: &Page, at: (u32, u32), until: Timestamp, due: Timestamp) {
    let (id, (round, rung)) = (page.id(), at);
    let Some(step) = page.begun.policy.rung(rung).cloned() else { return };
    let (targets, skipped) = who::who(hand.state, hand.house, hand.now, page, &step.whom);
    let calls = calls::calls(hand, id, at, &targets, &step.ways);
    let again = step.every.map(|e| hand.now.after(e)).filter(|at| *at < until);
    let due = late(hand, due);
    paged(
        hand,
        id,
        Paged { page: id, round, rung, until, again, why: Because::Again, told: false, calls, skipped, due },
    );
}

/// It is not resolved in time: the rung hears of it, though somebody is on it.
fn told(hand: &mut Hand<'_>, page: &Page, rung: u32, due: Timestamp) {
    let id = page.id();
    let Some(step) = page.begun.policy.rung(rung).cloned() else { return };
    let (targets, skipped) = who::who(hand.state, hand.house, hand.now, page, &step.whom);
    let calls = calls::calls(hand, id, (0, rung), &targets, &step.ways);
    let until = hand.now.after(step.within);
    let due = late(hand, due);
    let why = Because::Unresolved;
    paged(
        hand,
        id,
        Paged { page: id, round: 0, rung, until, again: None, why, told: true, calls, skipped, due },
    );
    if let Some(action) = &step.propose {
        propose::propose(hand, id, action, propose::UNRESOLVED);
    }
}

/// An acknowledgement is old: a sign of work renews it; else whoever gave it is asked; else it is void.
fn wears(hand: &mut Hand<'_>, id: PageId, since: Timestamp, by: &Person, asked: bool, due: Timestamp) {
    let Some(page) = hand.page(id).cloned() else { return };
    let policy = &page.begun.policy;
    let worked = page.worked.filter(|at| *at > since).map(|at| at.after(policy.holds));
    if let Some(wears_off) = worked.filter(|until| *until > hand.now) {
        return hand.news(id, PageNews::Still { wears_off, by: None });
    }
    if asked || by.at_a_terminal() || by.is_muster() {
        return climb(hand, id, 0, 0, Because::WoreOff(by.clone()), due);
    }
    let to = Target::Person { id: by.id, name: by.name.clone() };
    let at = match page.calls.last() {
        Some(call) => (call.round, call.rung),
        None => (0, 0),
    };
    let calls = calls::calls(hand, id, at, &[to], &[]);
    let (until, first) = (hand.now.after(policy.still), page.calls.len());
    hand.news(id, PageNews::Asked { until, calls });
    calls::owe(hand, id, first, &Because::Again, &Stands::Asked { until }, late(hand, due));
}

/// A call failed, or somebody cannot: where nobody of the rung can answer any more and nothing is under way,
/// the next is called now.
pub(super) fn given_up(hand: &mut Hand<'_>, id: PageId, why: Because) {
    let Some(page) = hand.page(id) else { return };
    match page.standing {
        Standing::Climbing { round, rung, until, first, .. } if page.given_up(first) => {
            let due = until.min(hand.now);
            climb(hand, id, round, rung + 1, why, due);
        }
        Standing::Acknowledged { asked_for: Some(first), .. } if page.given_up(first) => {
            more::unreachable(hand, id);
        }
        _ => {}
    }
}

/// Somebody is on it.
pub(super) fn acknowledge(hand: &mut Hand<'_>, id: PageId, by: &Person) {
    let Some(page) = hand.page(id) else { return };
    let policy = &page.begun.policy;
    let next = match page.standing {
        Standing::Climbing { round: 0, rung, until, .. } if policy.until == Until::Resolved => {
            // Of what has just begun nobody was called: the first rung has its time all the same.
            let first = policy.rung(rung).filter(|_| page.just_began()).map(|r| hand.now.after(r.within));
            policy.rung(rung + 1).map(|_| (rung + 1, first.unwrap_or(until)))
        }
        _ => None,
    };
    let wears_off = hand.now.after(policy.holds);
    let answered = page.begun.about.is_test() || matches!(page.begun.about, About::Asked { .. });
    hand.news(id, PageNews::Acknowledged { by: by.clone(), wears_off, next });
    if answered {
        hand.news(id, PageNews::Over(Ended::Answered));
    }
    edits(hand, id);
}

/// A page is over.
pub(super) fn over(hand: &mut Hand<'_>, id: PageId, why: Ended) {
    if hand.page(id).is_some_and(|p| !p.is_over()) {
        hand.news(id, PageNews::Over(why));
        edits(hand, id);
    }
}
