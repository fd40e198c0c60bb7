//! What follows an incident, taken in: the state keeps it so, and so does an incident's history.

use std::collections::BTreeMap;

use crate::kit::time::Timestamp;
use crate::model::afterwards::{
    ActionItemAdded, ActionItemEnded, ActionItemReminded, ChecklistOpened, ItemTicked, ReportPublished,
    ReportWritten,
};
use crate::model::card::{Entry, What};
use crate::model::event::Event;
use crate::model::ids::{ActionId, IncidentId};
use crate::model::incident::{Card, Stamp};
use crate::model::report::{ActionItem, ActionState, Part, Published, Review, Written};

/// The incident after which an event comes.
pub fn about(event: &Event) -> Option<IncidentId> {
    match event {
        Event::ChecklistOpened(ChecklistOpened { incident, .. })
        | Event::ItemTicked(ItemTicked { incident, .. })
        | Event::ReportWritten(ReportWritten { incident, .. })
        | Event::ActionItemAdded(ActionItemAdded { incident, .. })
        | Event::ActionItemEnded(ActionItemEnded { incident, .. })
        | Event::ActionItemReminded(ActionItemReminded { incident, .. })
        | Event::ReportPublished(ReportPublished { incident, .. }) => Some(*incident),
        _ => None,
    }
}

/// Whether a report that was published before is not the whole truth any more.
fn changes_the_report(event: &Event) -> bool {
    !matches!(
        event,
        Event::ChecklistOpened(_)
            | Event::ItemTicked(_)
            | Event::ActionItemReminded(_)
            | Event::ReportPublished(_)
            | Event::LeaderMissed { .. }
            | Event::IncidentReminded { .. }
            | Event::IncidentClosed { .. }
    )
}

/// Takes in an event about the incident at `at`. Says whether it is only about what follows.
pub fn take_in(review: &mut Review, at: Timestamp, event: &Event) -> bool {
    if changes_the_report(event) {
        review.version += 1;
    }
    let when = |by: &crate::model::person::Person| Stamp { at, by: by.clone() };
    match event {
        Event::ChecklistOpened(ChecklistOpened { items, .. }) => {
            review.items = items.clone();
            review.list = Some(Card::Owed);
        }
        Event::ItemTicked(ItemTicked { item, ticked, by, .. }) => {
            if let Some(item) = review.items.get_mut(usize::from(*item)) {
                item.ticked = ticked.then(|| when(by));
            }
        }
        Event::ReportWritten(ReportWritten { parts, by, .. }) => {
            review.writes += 1;
            for (part, text) in parts {
                write(review, *part, text, when(by));
            }
        }
        Event::ActionItemAdded(ActionItemAdded { by, .. }) => {
            review.actions += 1;
            review.followed.get_or_insert_with(|| when(by));
        }
        Event::ReportPublished(ReportPublished { revision, by, .. }) => {
            let version = review.version;
            review.published = Some(Published { revision: *revision, when: when(by), version });
        }
        Event::ActionItemEnded(_) | Event::ActionItemReminded(_) => {}
        _ => return false,
    }
    true
}

fn write(review: &mut Review, part: Part, text: &str, when: Stamp) {
    if text.is_empty() {
        review.parts.remove(&part);
    } else {
        review.parts.insert(part, Written { text: text.to_owned(), when });
    }
}

/// The action items that are open, after this event.
pub fn items(open: &mut BTreeMap<ActionId, ActionItem>, at: Timestamp, event: &Event) {
    match event {
        Event::ActionItemEnded(ActionItemEnded { action, .. }) => drop(open.remove(action)),
        event => all_items(open, at, event),
    }
}

/// The action items, those that are not open any more among them, after this event.
pub fn all_items(all: &mut BTreeMap<ActionId, ActionItem>, at: Timestamp, event: &Event) {
    let when = |by: &crate::model::person::Person| Stamp { at, by: by.clone() };
    match event {
        Event::ActionItemAdded(ActionItemAdded { action, incident, what, owner, due, by }) => {
            let item = ActionItem {
                id: *action,
                incident: *incident,
                what: what.clone(),
                owner: owner.clone(),
                due: due.clone(),
                added: when(by),
                state: ActionState::Open,
            };
            all.insert(*action, item);
        }
        Event::ActionItemEnded(ActionItemEnded { action, dropped, by, .. }) => {
            let (when, why) = (when(by), dropped.clone());
            if let Some(item) = all.get_mut(action) {
                item.state = match why {
                    None => ActionState::Done { when },
                    Some(why) => ActionState::Dropped { when, why },
                };
            }
        }
        Event::ActionItemReminded(ActionItemReminded { action, again, .. }) => {
            if let Some(due) = all.get_mut(action).and_then(|item| item.due.as_mut()) {
                due.remind = *again;
            }
        }
        _ => {}
    }
}

/// The line of a timeline that an event is; `None` for what the checklist shows well enough.
pub fn entry(actions: &BTreeMap<ActionId, ActionItem>, at: Timestamp, event: &Event) -> Option<Entry> {
    let titled = |action: ActionId| actions.get(&action).map(|a| a.what.clone()).unwrap_or_default();
    let (by, what) = match event {
        Event::ReportWritten(w) => (&w.by, What::Wrote { parts: w.parts.keys().copied().collect() }),
        Event::ActionItemAdded(a) => {
            let (what, owner, due) = (a.what.clone(), a.owner.clone(), a.due.as_ref().map(|d| d.day));
            (&a.by, What::ActionAdded { action: a.action, what, owner, due })
        }
        Event::ActionItemEnded(e) => {
            let dropped = e.dropped.clone();
            (&e.by, What::ActionEnded { action: e.action, what: titled(e.action), dropped })
        }
        Event::ReportPublished(p) => (&p.by, What::Published { revision: p.revision }),
        _ => return None,
    };
    Some(Entry { at, by: Some(by.clone()), what })
}
