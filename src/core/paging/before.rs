//! Tests: before a shift its person is called by each of their ways, so that the rota knows that they can be
//! reached. Where a test is not answered, the on-call channel is told what to do, once.

use std::time::Duration;

use super::card::tried;
use super::hand::Hand;
use super::{command, edits, ladder};
use crate::core::Outcome;
use crate::core::oncall::{self, ahead};
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::ahead::Ahead;
use crate::model::card::{Show, Tone};
use crate::model::duty::OnCallNews;
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::ids::UserId;
use crate::model::incident::Severity;
use crate::model::page::{About, Because, Begun, Delivery, Ended, Page, PageNews};
use crate::model::person::Person;
use crate::model::policy::Whom;
use crate::model::rota::Member;

/// The shortest time to answer: an override may begin at once.
const SHORTEST: Duration = Duration::from_secs(60);

/// Tests whoever a decision says is to be tested.
pub(super) fn follow(hand: &mut Hand<'_>, outcome: &Outcome) {
    let looked = outcome.events.iter().filter_map(|e| match e {
        Event::OnCall(news) => match &**news {
            OnCallNews::Looked(looked) => Some(&looked.tested),
            _ => None,
        },
        _ => None,
    });
    let shifts: Vec<&Ahead> = looked.flatten().collect();
    let mut people: Vec<(UserId, Timestamp)> = vec![];
    for shift in &shifts {
        let Some(id) = shift.who.id() else { continue };
        if !people.contains(&(id, shift.from)) {
            people.push((id, shift.from));
            let own = shifts.iter().filter(|s| s.who.id() == Some(id) && s.from == shift.from);
            begin(hand, id, &own.copied().collect::<Vec<_>>());
        }
    }
    unknown(hand, &shifts);
}

/// The test of one person for the shifts of theirs that begin at one time.
fn begin(hand: &mut Hand<'_>, who: UserId, shifts: &[&Ahead]) {
    let Some(first) = shifts.first() else { return };
    let until = shifts.iter().map(|s| s.until).min().flatten();
    let whom = Whom::Person { id: who, name: first.who.name().to_owned() };
    let mut policy = command::asked_for(hand.house, whom, 1);
    let within = first.from.since(hand.now).max(SHORTEST);
    policy.name = "before a shift".to_owned();
    for rung in &mut policy.rungs {
        (rung.name, rung.within) = ("test".to_owned(), within);
    }
    let id = hand.next();
    let id = hand.begins(Begun {
        id,
        about: About::Shift { from: first.from, until },
        title: ranks(shifts),
        severity: Severity::P4,
        service: None,
        policy,
        by: Person::muster(),
    });
    let now = hand.now;
    ladder::climb(hand, id, 0, 0, Because::First, now);
}

/// What somebody is on call as: `primary of soundlab, secondary of team`.
fn ranks(shifts: &[&Ahead]) -> String {
    shifts.iter().map(|s| format!("{} of {}", s.rank, s.rota)).collect::<Vec<_>>().join(", ")
}

/// Whoever has a shift and nobody knows how to reach is told of in the channel.
fn unknown(hand: &mut Hand<'_>, shifts: &[&Ahead]) {
    let line = |s: &&&Ahead| {
        let Member::Unknown(name) = &s.who else { return None };
        Some(format!(
            "**{}** is {} of {} from <t:{}:f>, and cannot be called: nobody under [people] in muster.toml has that name.",
            text::escape_markdown(&text::line(name)),
            text::escape_markdown(&s.rank),
            text::escape_markdown(&s.rota),
            s.from.seconds()
        ))
    };
    let mut lines: Vec<String> = shifts.iter().filter_map(|s| line(&s)).take(10).collect();
    if !lines.is_empty() {
        lines.push("Add the name there, or name somebody for that time: `/oncall override`.".to_owned());
        say(hand, lines.join("\n"));
    }
}

/// Nobody answered a test, or it reached nobody: it is over, and people are told what to do.
pub(super) fn unanswered(hand: &mut Hand<'_>, page: &Page) {
    let id = page.id();
    let whom = page.begun.policy.rungs.iter().flat_map(|r| &r.whom).find_map(|w| match w {
        Whom::Person { id, name } => Some((*id, name.clone())),
        _ => None,
    });
    if let Some((who, name)) = whom
        && wanted(hand, page, who)
    {
        say(hand, words(hand, page, who, &name));
    }
    hand.news(id, PageNews::Over(Ended::Unanswered));
    edits::edits(hand, id);
}

/// Whether it still matters: the shift may be another's by now.
fn wanted(hand: &Hand<'_>, page: &Page, who: UserId) -> bool {
    let About::Shift { from, .. } = page.begun.about else { return true };
    let duties = &hand.state.oncall;
    let mut own = duties.tested.iter().filter(|t| t.from == from && t.who.id() == Some(who)).peekable();
    // A test that begins in this decision is not in the state yet.
    own.peek().is_none() || own.any(|ahead| ahead::stands(duties, hand.house, ahead))
}

fn words(hand: &Hand<'_>, page: &Page, who: UserId, name: &str) -> String {
    let delivered = page.calls.iter().any(|c| matches!(c.delivery, Delivery::Delivered { .. }));
    let away = oncall::away(hand.state, who, hand.now);
    let what = match (page.declined.contains(&who), delivered, away) {
        (true, ..) => "says that they cannot".to_owned(),
        (_, true, _) => "did not answer the test".to_owned(),
        (_, _, Some(until)) if page.calls.is_empty() => format!("is away until <t:{}:f>", until.seconds()),
        _ => "cannot be reached".to_owned(),
    };
    let name = text::escape_markdown(&text::line(name));
    let mut said = format!("⚠️ **{}**: **{name}** {what}", page.id());
    if let About::Shift { from, until } = page.begun.about {
        said.push_str(&format!(
            ". They are {} from <t:{}:f>{}",
            text::escape_markdown(&page.begun.title),
            from.seconds(),
            until.map(|at| format!(" to <t:{}:f>", at.seconds())).unwrap_or_default()
        ));
    }
    for (_, ways) in tried(page) {
        said.push_str(&format!("\n- {}", text::escape_markdown(&text::cut(&ways, 600))));
    }
    let key = hand.house.oncall.people.iter().find(|(_, p)| p.id == who).map(|(key, _)| key.as_str());
    said.push_str(match page.begun.about {
        About::Shift { .. } => "\nName somebody else for that time with `/oncall override`, or call them; ",
        _ => "\nCall them; ",
    });
    match key {
        Some(key) => said.push_str(&format!("`muster oncall test {key}` tries each of their ways again.")),
        None => said.push_str("nobody under [people] in muster.toml has their account: add them there."),
    }
    said
}

fn say(hand: &mut Hand<'_>, text: String) {
    let channel = hand.house.oncall.channel.unwrap_or(hand.house.settings.channels.incidents);
    let show = Show::Notice { tone: Tone::Refused, text };
    hand.effects.push(Effect::Say { place: Place::Channel(channel), show });
}
