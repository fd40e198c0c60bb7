//! What comes round by a runbook's table (SL-15): people are asked on its day, and every week until somebody
//! did it.
//!
//! - [`due`] is when that is; [`state`] is all of it as the journal tells it.

pub mod due;
pub mod state;

use super::Outcome;
use super::access::may;
use super::afterwards::due::next_reminder;
use super::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::kit::wall;
use crate::model::card::Show;
use crate::model::command::Action;
use crate::model::effect::{Board, Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{ChannelId, ReminderId};
use crate::model::incident::Stamp;
use crate::model::input::Interaction;
use crate::model::reminder::{Reminder, ReminderNews};
use crate::model::reply::{Refusal, Reply};
use state::Known;

/// When one is due.
pub fn next(state: &State) -> Option<Timestamp> {
    state.reminders.next()
}

/// Where people are asked.
pub fn channel(house: &House) -> ChannelId {
    house.oncall.channel.unwrap_or(house.settings.channels.incidents)
}

/// The rows of all runbooks, each with its service.
fn rows(house: &House) -> impl Iterator<Item = (&str, &Reminder)> {
    let of = |(service, book)| {
        let book: &crate::model::runbook::Runbook = book;
        let service: &String = service;
        book.reminders.iter().map(move |row| (service.as_str(), row))
    };
    house.runbooks.iter().flat_map(of)
}

fn row<'h>(house: &'h House, known: &Known) -> Option<&'h Reminder> {
    let book = house.runbook(&known.service)?;
    book.reminders.iter().find(|row| row.what == known.what)
}

/// When a row comes round next.
fn after(house: &House, service: &str, row: &Reminder, now: Timestamp) -> Timestamp {
    let (zone, working) = house.business(Some(service));
    due::next(row.every, now, zone, &working)
}

fn event(news: ReminderNews) -> Event {
    Event::Reminder(Box::new(news))
}

/// At a start, and when the files are read anew: what is new, has changed, or is gone.
pub fn began(state: &State, house: &House, now: Timestamp) -> Vec<Event> {
    let mut events = vec![];
    for known in state.reminders.all.values() {
        match row(house, known) {
            None => events.push(event(ReminderNews::Dropped { id: known.id })),
            // What is asked for goes on as it is; what came due meanwhile is asked for.
            Some(row) if known.again.is_none() && known.due > now => {
                let due = after(house, &known.service, row, now);
                if due != known.due {
                    events.push(event(ReminderNews::Moved { id: known.id, due }));
                }
            }
            Some(_) => {}
        }
    }
    let listed = |service: &str, row: &Reminder| {
        state.reminders.all.values().any(|k| k.service == service && k.what == row.what)
    };
    let new = rows(house).filter(|(service, row)| !listed(service, row));
    events.extend(new.enumerate().map(|(n, (service, row))| {
        let (id, due) = (state.reminders.number(n), after(house, service, row, now));
        event(ReminderNews::Listed { id, service: service.to_owned(), what: row.what.clone(), due })
    }));
    events
}

/// What is due by now: people are asked, or asked again.
pub fn overdue(state: &State, house: &House, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::default();
    for known in state.reminders.all.values().filter(|k| k.next() <= now) {
        if row(house, known).is_none() {
            outcome.events.push(event(ReminderNews::Dropped { id: known.id }));
            continue;
        }
        let (zone, _) = house.business(Some(&known.service));
        let again = next_reminder(wall::day(known.due, zone), now, zone);
        let news = ReminderNews::Asked { id: known.id, again };
        let board = Board::Reminder(known.id);
        let show = Show::Reminder(Box::new(shown(state, now, &news, known)));
        outcome.events.push(event(news));
        outcome.effects.push(Effect::PostBoard { board, place: Place::Channel(channel(house)), show });
    }
    outcome
}

/// What its message shows once this has happened.
fn shown(
    state: &State,
    now: Timestamp,
    news: &ReminderNews,
    known: &Known,
) -> crate::model::reminder::ReminderCard {
    let mut all = state.reminders.clone();
    all.take_in(now, news);
    all.all.get(&known.id).unwrap_or(known).shows()
}

/// Somebody did it.
pub fn press(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: ReminderId,
) -> Result<Outcome, Refusal> {
    may(house, i, Action::OnCallHandoff)?;
    let found = state.reminders.all.get(&id).and_then(|known| Some((known, row(house, known)?)));
    let Some((known, row)) = found else {
        return Err(Refusal::new(format!("**{id}** stands in no runbook any more. Nothing was changed.")));
    };
    if known.again.is_none() {
        let next = format!("It comes round again <t:{}:D>.", known.due.seconds());
        return Err(Refusal::new(match &known.done {
            Some(Stamp { at, by }) => {
                format!("**{id}**: {} did it <t:{}:f>. {next}", by.in_markdown(), at.seconds())
            }
            None => format!("**{id}** is not due. {next}"),
        }));
    }
    let next = after(house, &known.service, row, now);
    let news = ReminderNews::Done { id, by: i.by.person.clone(), next };
    let show = Show::Reminder(Box::new(shown(state, now, &news, known)));
    let effects = vec![Effect::EditBoard { board: Board::Reminder(id), show }];
    let reply =
        Reply::done(format!("**{id}** is done, by you. It comes round again <t:{}:D>.", next.seconds()));
    Ok(Outcome { events: vec![event(news)], effects, reply })
}

/// All of them, a line of Markdown for each, the next first.
pub fn lines(state: &State, house: &House) -> Vec<String> {
    let mut all: Vec<&Known> = state.reminders.all.values().collect();
    all.sort_by_key(|k| (k.again.is_none(), k.due, k.id));
    all.into_iter()
        .map(|known| {
            let every = row(house, known).map(|row| format!(" ({})", row.every)).unwrap_or_default();
            let stands = match known.again {
                Some(_) => format!("**due since <t:{}:D>**", known.due.seconds()),
                None => format!("next <t:{}:D>", known.due.seconds()),
            };
            let last = known
                .done
                .as_ref()
                .map(|s| format!(", last done by {} <t:{}:D>", s.by.in_markdown(), s.at.seconds()));
            format!(
                "- **{}** · {} · {}{every}: {stands}{}",
                known.id,
                text::escape_markdown(&known.service),
                text::escape_markdown(&known.what),
                last.unwrap_or_default()
            )
        })
        .collect()
}
