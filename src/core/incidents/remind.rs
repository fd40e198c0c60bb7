//! What happens when nobody says anything: somebody is reminded, ever more seldom. A P1 or P2
//! that nobody leads asks for a commander.

use std::time::Duration;

use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::card::Show;
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::incident::{Duty, Incident, Severity};

/// How often one silence is reminded of.
const REMINDERS: u32 = 5;
/// After how long somebody should lead a P1 or P2.
const LEADERLESS: Duration = Duration::from_secs(10 * 60);
/// The role that is asked for a commander.
const LEAD: &str = "lead";

/// After how long without a word an incident is stale.
fn patience(severity: Severity) -> Duration {
    let minutes = match severity {
        Severity::P1 => 30,
        Severity::P2 => 60,
        Severity::P3 => 4 * 60,
        Severity::P4 => 24 * 60,
    };
    Duration::from_secs(minutes * 60)
}

fn stale_at(i: &Incident) -> Option<Timestamp> {
    // Counted from the last reminder, so that after a long absence there is one and not several.
    let from = i.reminded.last.unwrap_or(i.updated);
    (i.reminded.times < REMINDERS).then(|| from.after(patience(i.severity) * 2u32.pow(i.reminded.times)))
}

fn leaderless_at(i: &Incident) -> Option<Timestamp> {
    let wanted = i.severity <= Severity::P2 && !i.leader_asked && !i.duties.contains_key(&Duty::Commander);
    wanted.then(|| i.declared.at.after(LEADERLESS))
}

/// When the next reminder comes.
pub fn next(state: &State) -> Option<Timestamp> {
    state.going_on().flat_map(|i| [stale_at(i), leaderless_at(i)]).flatten().min()
}

/// The reminders whose time has come.
pub fn overdue(state: &State, house: &House, now: Timestamp) -> Outcome {
    let mut outcome = Outcome::default();
    for i in state.open() {
        let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        if due(leaderless_at(i)) {
            outcome.events.push(Event::LeaderMissed { incident: i.id });
            let lead = house.settings.roles.get(LEAD).cloned().unwrap_or_default();
            let text = format!(
                "**{}** is {} and nobody leads it. `/incident assign duty: commander` says who does.",
                i.id,
                i.severity.in_words()
            );
            outcome.effects.push(call(i, lead, vec![], text));
        }
        if due(stale_at(i)) {
            outcome.events.push(Event::IncidentReminded { incident: i.id });
            let who = i.duties.get(&Duty::Commander).unwrap_or(&i.declared.by);
            let text = format!(
                "Nobody has said anything of **{}** ({}) since <t:{}:R> (reminder {} of {REMINDERS}): {}. `/incident update` tells how it goes.",
                i.id,
                i.severity.in_words(),
                i.updated.seconds(),
                i.reminded.times + 1,
                text::escape_markdown(&i.title)
            );
            // Where a policy declared it, those are called who may lead it.
            let (roles, people) = match who.is_muster() {
                true => (house.settings.roles.get(LEAD).cloned().unwrap_or_default(), vec![]),
                false => (vec![], vec![who.id]),
            };
            outcome.effects.push(call(i, roles, people, text));
        }
    }
    outcome
}

/// A call in the incident's thread; an exercise calls nobody.
fn call(
    i: &Incident,
    roles: Vec<crate::model::ids::RoleId>,
    people: Vec<crate::model::ids::UserId>,
    text: String,
) -> Effect {
    let (roles, people) = if i.drill { (vec![], vec![]) } else { (roles, people) };
    Effect::Say { place: Place::Thread(i.id), show: Show::Call { roles, people, text } }
}
