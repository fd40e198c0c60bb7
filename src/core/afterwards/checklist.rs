//! The checklist of an incident that is over (NX-10): opened when it is resolved, ticked by
//! people, and where Muster can see for itself, by what it sees.

use super::{not_merged, told};
use crate::core::Outcome;
use crate::core::incidents::fold;
use crate::kit::time::Timestamp;
use crate::model::afterwards::{ChecklistOpened, ItemTicked};
use crate::model::card::Show;
use crate::model::effect::{Board, Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::incident::Incident;
use crate::model::input::Interaction;
use crate::model::reply::{Refusal, Reply};
use crate::model::report::{CheckItem, CheckLine, ChecklistCard, Sees};

/// Lays the checklist of an incident open that `outcome` resolves. Resolved a second time it has
/// one already, with what was ticked: that one is brought up to date.
pub fn open(house: &House, incident: &Incident, now: Timestamp, outcome: &mut Outcome) {
    let fresh = incident.review.list.is_none();
    if fresh {
        let items = house.settings.after.checklist.iter().map(|text| CheckItem::of(text)).collect();
        outcome.events.push(Event::ChecklistOpened(ChecklistOpened { incident: incident.id, items }));
    }
    let mut after = incident.clone();
    outcome.events.iter().for_each(|event| fold::take_in(&mut after, now, event));
    let (board, show) = (Board::Checklist(incident.id), Show::Checklist(card(&after)));
    outcome.effects.push(match fresh {
        true => Effect::PostBoard { board, place: Place::Thread(incident.id), show },
        false => Effect::EditBoard { board, show },
    });
}

/// What the checklist of an incident shows now.
pub fn card(i: &Incident) -> ChecklistCard {
    let review = &i.review;
    let how = i.phase.end().and_then(|(_, how)| how);
    let line = |item: &CheckItem| CheckLine { item: item.clone(), done: review.done(item).cloned() };
    ChecklistCard {
        incident: i.id,
        title: i.title.clone(),
        drill: i.drill,
        items: review.items.iter().map(line).collect(),
        missing: review.missing(i.severity, how),
        published: review.published.as_ref().map(|p| p.revision),
    }
}

/// Somebody ticks an item, or takes the tick back. What is so already is no commit: two people
/// may press at once.
pub fn tick(
    incident: &Incident,
    now: Timestamp,
    i: &Interaction,
    at: u16,
    on: bool,
) -> Result<Outcome, Refusal> {
    not_merged(incident)?;
    let review = &incident.review;
    let item = review.items.get(usize::from(at)).ok_or_else(|| {
        Refusal::new(format!("The checklist of {} has no such item. Look at it again.", incident.id))
    })?;
    if item.sees == Some(Sees::RootCause) {
        return Err(Refusal::new(
            "Muster sees by itself whether the root cause is written: *Write it up* is how.",
        ));
    }
    if item.ticked.is_some() == on {
        return Ok(Outcome::reply(Reply::None));
    }
    if review.done(item).is_some_and(|_| item.ticked.is_none()) {
        return Err(Refusal::new(format!("“{}” is done: Muster sees that by itself.", item.text)));
    }
    let by = i.by.person.clone();
    let event = Event::ItemTicked(ItemTicked { incident: incident.id, item: at, ticked: on, by });
    Ok(told(incident, now, event, None, Reply::None))
}
