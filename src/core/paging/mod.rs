//! Pages: somebody is called, then the next, until one answers; or it says loudly that nobody did.
//!
//! - this file: what follows for pages from every decision, and what comes by the clock;
//! - [`ladder`] is who is called next and when, `who` are those that a rung means now, `calls` is by which
//!   ways, `card` is what they are shown;
//! - `more` calls others beside somebody who is on it;
//! - `follow` begins and ends pages as incidents and alerts come and go, `before` tests whoever's shift begins;
//! - `edits` brings the messages up to date that are there;
//! - `command` and `press` are what people say, [`told`] is what a timeline says of it;
//! - [`state`] is all of it as the journal tells it.
//!
//! Absent on purpose: who delivers, and how often it is tried. A call is owed, and comes back as delivered or
//! failed.

mod before;
pub mod brief;
mod calls;
mod card;
mod command;
mod edits;
mod follow;
mod hand;
mod ladder;
mod more;
mod press;
mod propose;
pub mod state;
pub mod told;
mod who;

pub use command::{answered_at_terminal, called_at_terminal, choices, command};
pub use press::press;
pub use told::{open, paged_for, why};

use super::Outcome;
use super::state::State;
use crate::kit::time::Timestamp;
use crate::model::card::Show;
use crate::model::effect::Effect;
use crate::model::event::Settlement;
use crate::model::house::House;
use crate::model::incident::Card;
use crate::model::page::{Because, PageNews};
use hand::Hand;

/// How many pages one decision looks at by the clock: the others are due at once again.
const AT_ONCE: usize = 100;

/// When something about pages is due.
pub fn next(state: &State) -> Option<Timestamp> {
    state.pages.first_due()
}

/// Whether the clock was put back behind what is known of pages.
pub fn put_back(state: &State, now: Timestamp) -> bool {
    state.pages.from_the_future(now).next().is_some()
}

/// Adds to a decision what follows from it for pages; `wake` where a time came, or the program began.
pub fn follow(state: &State, house: &House, now: Timestamp, wake: bool, outcome: &mut Outcome) {
    let mut hand = Hand::new(state, house, now);
    follow::follow(&mut hand, outcome);
    before::follow(&mut hand, outcome);
    if wake {
        for id in state.pages.from_the_future(now).collect::<Vec<_>>() {
            hand.news(id, PageNews::Retimed);
        }
        for (at, id) in state.pages.due_by(now).take(AT_ONCE).collect::<Vec<_>>() {
            // What is proposed gets a number of its own: the next decision does the next.
            if !hand.proposed {
                ladder::due(&mut hand, id, at);
            }
        }
        follow::missing(&mut hand);
        // Behind all that calls somebody: what comes to wait in this decision goes out with what waited.
        calls::queued(&mut hand);
    }
    finish(hand, outcome);
}

/// A call was settled: where it reached nobody, the next is called; where it came too late, its message
/// says what became of the page.
pub fn settled(
    state: &State,
    house: &House,
    now: Timestamp,
    effect: &Effect,
    outcome: &Settlement,
) -> Outcome {
    let mut hand = Hand::new(state, house, now);
    let mut result = Outcome::default();
    if let Effect::Page(calling) = effect {
        // All of one message are known before anything follows from any of them.
        for (page, call) in &calling.calls {
            hand.settles(*page, *call, outcome);
        }
        for (page, call) in &calling.calls {
            ladder::given_up(&mut hand, *page, Because::Unreachable);
            let late = hand.page(*page).is_some_and(|p| !p.is_unanswered() && !p.wants(*call));
            if let (true, Settlement::Posted { .. }) = (late, outcome) {
                edits::edit(&mut hand, *page, *call as usize);
            }
        }
    }
    finish(hand, &mut result);
    result
}

/// Puts what was collected behind a decision, and brings the cards of incidents up to date.
fn finish(hand: Hand<'_>, outcome: &mut Outcome) {
    let cards: Vec<_> =
        hand.cards.iter().filter_map(|id| Some((*id, Box::new(hand.brief_of(*id)?)))).collect();
    let state = hand.state;
    let more = hand.outcome();
    outcome.events.extend(more.events);
    outcome.effects.extend(more.effects);
    for (incident, brief) in cards {
        let mut shown = false;
        for effect in &mut outcome.effects {
            let (Effect::PostCard { show: Show::Incident(card), .. }
            | Effect::EditCard { show: Show::Incident(card), .. }) = effect
            else {
                continue;
            };
            if card.id == incident {
                card.page = Some(brief.clone());
                shown = true;
            }
        }
        if let Some(i) = state
            .incidents
            .get(&incident)
            .filter(|i| !shown && i.card != Card::Lost && i.page.as_ref() != Some(&brief))
        {
            let card = crate::model::card::IncidentCard { page: Some(brief), ..super::incidents::card(i) };
            outcome.effects.push(Effect::EditCard { incident, show: Show::Incident(card) });
        }
    }
}
