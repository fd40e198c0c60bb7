//! The buttons under a page's message. Whoever was called may press them, wherever they read it; others as
//! they may use the commands.

use super::hand::Hand;
use super::more::{LEFT, More, more};
use super::{edits, finish, ladder};
use crate::core::access::may;
use crate::core::alerts::group;
use crate::core::state::State;
use crate::core::{Outcome, access};
use crate::kit::time::Timestamp;
use crate::model::alert::Group;
use crate::model::button::PageButton;
use crate::model::command::Action;
use crate::model::house::House;
use crate::model::ids::{IncidentId, PageId};
use crate::model::input::Interaction;
use crate::model::page::{About, Because, Page, PageNews, Standing};
use crate::model::person::Person;
use crate::model::reply::{Refusal, Reply};

/// A button under a page's message.
pub fn press(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: PageId,
    button: PageButton,
) -> Result<Outcome, Refusal> {
    let page = state.pages.all.get(&id);
    let called = page.is_some_and(|p| was_called(p, &i.by.person));
    if !called {
        // In a direct message a click carries no roles: there only whoever was called counts.
        access::server(house, i.guild)?;
        may(house, i, Action::PageAck)?;
    }
    let page = page.ok_or_else(|| gone(id))?;
    match button {
        PageButton::Acknowledge => acknowledge(state, house, now, page, &i.by.person),
        PageButton::Cannot => cannot(state, house, now, page, &i.by.person),
        PageButton::Escalate => escalate(state, house, now, page, &i.by.person),
        PageButton::Still => still(state, house, now, page, &i.by.person),
    }
}

pub(super) fn gone(id: PageId) -> Refusal {
    Refusal::new(format!("**{id}** is over for long. `/pages list` shows those that are not."))
}

/// Whether somebody was called for a page.
pub(super) fn was_called(page: &Page, person: &Person) -> bool {
    page.calls.iter().any(|c| c.to.person() == Some(person.id))
}

/// Why a page can be answered no more, or by nobody else; `Ok` while it wants an answer.
pub(super) fn unanswered(page: &Page, by: &Person) -> Result<(), Refusal> {
    let id = page.id();
    match &page.standing {
        Standing::Climbing { .. } | Standing::Exhausted { .. } => Ok(()),
        Standing::Acknowledged { by: who, .. } if who.by.is(by) => {
            Err(Refusal::new(format!("**{id}**: you are on it since <t:{}:T> already.", who.at.seconds())))
        }
        Standing::Acknowledged { by: who, .. } => Err(Refusal::new(format!(
            "**{id}**: {} was faster and is on it since <t:{}:T>. Work together in the thread; if they cannot, they press *I can't*, and the next is called.",
            who.by.in_markdown(),
            who.at.seconds()
        ))),
        Standing::Over { since, .. } => Err(Refusal::new(match &page.answered {
            Some(who) => format!(
                "**{id}** is over since <t:{}:T>; {} had answered. Nothing was changed.",
                since.seconds(),
                who.in_markdown()
            ),
            None => format!("**{id}** is over since <t:{}:T>. Nothing was changed.", since.seconds()),
        })),
    }
}

/// Somebody is on it.
pub(super) fn acknowledge(
    state: &State,
    house: &House,
    now: Timestamp,
    page: &Page,
    by: &Person,
) -> Result<Outcome, Refusal> {
    // Whoever is asked whether they still are says so by this, too.
    if let Standing::Acknowledged { by: who, asked: true, .. } = &page.standing
        && who.by.is(by)
    {
        return still(state, house, now, page, by);
    }
    unanswered(page, by)?;
    let test = page.begun.about.is_test();
    if test && !was_called(page, by) {
        return Err(Refusal::new(format!(
            "**{}** tests whether somebody can be reached: only whoever it calls can answer it.",
            page.id()
        )));
    }
    if test {
        let text = format!("**{}**: thank you. The rota knows that you can be reached.", page.id());
        return Ok(Outcome { reply: Reply::done(text), ..taken(state, house, now, page, by) });
    }
    let holds = page.begun.policy.holds;
    let about = page.begun.about.incident().map(|i: IncidentId| format!(" of **{i}**")).unwrap_or_default();
    // Nobody knows how to ask whoever sat at a terminal.
    let then = if by.at_a_terminal() { "others are called again" } else { "you are asked again" };
    let text = format!(
        "**{}**{about} is yours: nobody else is called. Without a sign of work {then} <t:{}:R>.",
        page.id(),
        now.after(holds).seconds()
    );
    Ok(Outcome { reply: Reply::done(text), ..taken(state, house, now, page, by) })
}

/// Whoever answers the page of an alert has taken the alert: nobody is reminded of it any more, and its page
/// is answered because it is. Otherwise the page alone.
fn taken(state: &State, house: &House, now: Timestamp, page: &Page, by: &Person) -> Outcome {
    let alert = match page.begun.about {
        About::Alerts(group) => state.alerts.groups.get(&group),
        _ => None,
    };
    let theirs = |g: &&Group| g.acknowledged.as_ref().is_some_and(|who| who.by.is(by));
    if let Some(alert) = alert.filter(|g| !theirs(g)) {
        return group::acknowledge(state, house, now, alert, by.clone());
    }
    let mut hand = Hand::new(state, house, now);
    ladder::acknowledge(&mut hand, page.id(), by);
    let mut outcome = Outcome::default();
    finish(hand, &mut outcome);
    outcome
}

/// Somebody cannot: what is on its way to them is dropped, and where nobody else of the rung was called the
/// next is called now.
fn cannot(
    state: &State,
    house: &House,
    now: Timestamp,
    page: &Page,
    by: &Person,
) -> Result<Outcome, Refusal> {
    let id = page.id();
    let theirs = matches!(&page.standing, Standing::Acknowledged { by: who, .. } if who.by.is(by));
    if !theirs {
        unanswered(page, by)?;
    }
    if !was_called(page, by) && !theirs {
        return Err(Refusal::new(format!(
            "**{id}** did not call you. `/escalate page:{id}` calls the next."
        )));
    }
    if page.declined.contains(&by.id) {
        return Err(Refusal::new(format!("**{id}**: you said so already, and the next is called.")));
    }
    let mut hand = Hand::new(state, house, now);
    hand.news(id, PageNews::Declined(by.clone()));
    let why = || Because::Declined(by.clone());
    match page.standing {
        // Of a rung that only proposes something nobody was called, and nobody else is waited for.
        Standing::Climbing { round, rung, first, .. } if page.calls.len() <= first as usize => {
            ladder::climb(&mut hand, id, round, rung + 1, why(), now);
        }
        Standing::Climbing { .. } => ladder::given_up(&mut hand, id, why()),
        // Whoever was on it gives it back: it begins with the first who can.
        Standing::Acknowledged { .. } | Standing::Exhausted { .. } => {
            ladder::climb(&mut hand, id, 0, 0, why(), now);
        }
        Standing::Over { .. } => {}
    }
    edits::edits(&mut hand, id);
    Ok(done(hand, format!("**{id}**: noted that you cannot. You are not called for it any more.")))
}

/// The next is called now.
pub(super) fn escalate(
    state: &State,
    house: &House,
    now: Timestamp,
    page: &Page,
    by: &Person,
) -> Result<Outcome, Refusal> {
    let id = page.id();
    let mut hand = Hand::new(state, house, now);
    let why = Because::Escalated(by.clone());
    match &page.standing {
        Standing::Climbing { round, rung, .. } => ladder::climb(&mut hand, id, *round, rung + 1, why, now),
        Standing::Acknowledged { by: who, .. } => {
            return match more(&mut hand, id, &why) {
                More::Called => Ok(done(hand, format!("**{id}**: the next is called now."))),
                More::Proposed => Ok(done(
                    hand,
                    format!("**{id}**: there is nobody to call next. What is proposed then is proposed now."),
                )),
                More::Nobody => {
                    Err(Refusal::new(format!("**{id}**: {} is on it, and {LEFT}.", who.by.in_markdown())))
                }
            };
        }
        Standing::Exhausted { .. } => ladder::climb(&mut hand, id, 0, 0, why, now),
        Standing::Over { .. } => unanswered(page, by)?,
    }
    Ok(done(hand, format!("**{id}**: the next is called now.")))
}

/// Somebody still is on it.
fn still(state: &State, house: &House, now: Timestamp, page: &Page, by: &Person) -> Result<Outcome, Refusal> {
    let id = page.id();
    match &page.standing {
        Standing::Acknowledged { by: who, .. } if who.by.is(by) => {
            let mut hand = Hand::new(state, house, now);
            let wears_off = now.after(page.begun.policy.holds);
            hand.news(id, PageNews::Still { wears_off, by: Some(by.clone()) });
            edits::edits(&mut hand, id);
            Ok(done(
                hand,
                format!("**{id}**: you still are on it. You are asked again <t:{}:R>.", wears_off.seconds()),
            ))
        }
        // They were asked, did not answer, and others are called by now: that is as good as taking it.
        Standing::Climbing { .. } | Standing::Exhausted { .. } => acknowledge(state, house, now, page, by),
        _ => Err(unanswered(page, by).err().unwrap_or_else(|| gone(id))),
    }
}

fn done(hand: Hand<'_>, text: String) -> Outcome {
    let mut outcome = Outcome { reply: Reply::done(text), ..Outcome::default() };
    finish(hand, &mut outcome);
    outcome
}
