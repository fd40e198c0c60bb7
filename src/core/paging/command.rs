//! `/page`, `/ack`, `/escalate` and `/pages`.

use std::time::Duration;

use super::hand::Hand;
use super::{finish, ladder, press, told};
use crate::core::args::Args;
use crate::core::incidents::known;
use crate::core::state::State;
use crate::core::{Outcome, incidents};
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::card::{Show, Tone};
use crate::model::command::Action;
use crate::model::house::House;
use crate::model::ids::{IncidentId, PageId};
use crate::model::incident::{Incident, Severity};
use crate::model::input::{CallAsk, Interaction, PageAnswer};
use crate::model::page::{About, Because, Begun, Page};
use crate::model::person::Person;
use crate::model::policy::{Fallback, Policy, Rung, Until, Whom};
use crate::model::reply::{Choice, Refusal, Reply};

/// Longest text of a page that somebody asks for, in characters.
const TEXT: usize = 300;
/// How long somebody who is asked for has to answer.
const WITHIN: Duration = Duration::from_secs(5 * 60);
/// Lines that one answer shows.
const LINES: usize = 25;

/// One of the commands about pages.
pub fn command(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    action: Action,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let by = &i.by.person;
    match action {
        Action::Page => page(state, house, now, i, args),
        Action::PageTest => {
            let who = args.person("person").unwrap_or(by);
            Ok(test(state, house, now, by, who))
        }
        Action::PageAck => press::acknowledge(state, house, now, which(state, house, i, args)?, by),
        Action::PageEscalate => press::escalate(state, house, now, which(state, house, i, args)?, by),
        Action::PageWhy => why(state, house, i, args),
        _ => Ok(list(state, house, i)),
    }
}

/// Whether somebody may see what a page is about.
fn sees(state: &State, house: &House, i: &Interaction, page: &Page) -> bool {
    let incident = page.begun.about.incident().and_then(|id| state.incidents.get(&id));
    incident.is_none_or(|n| incidents::private::sees(house, n, &i.by.person, Some(i.channel)))
        || press::was_called(page, &i.by.person)
}

/// Somebody in a terminal answers a page: the one named, else the only one that is open.
pub fn answered_at_terminal(
    state: &State,
    house: &House,
    now: Timestamp,
    user: &str,
    (page, answer): (Option<PageId>, PageAnswer),
) -> Result<Outcome, Refusal> {
    let page = match page {
        Some(id) => state.pages.all.get(&id).ok_or_else(|| press::gone(id))?,
        None => only(&state.pages.open().collect::<Vec<_>>(), "as in `muster pages ack PAG-1`")?,
    };
    let by = Person::at_terminal(user);
    match answer {
        PageAnswer::Acknowledge => press::acknowledge(state, house, now, page, &by),
        PageAnswer::Escalate => press::escalate(state, house, now, page, &by),
    }
}

/// The only one of these; never a guess among several.
fn only<'s>(pages: &[&'s Page], how: &str) -> Result<&'s Page, Refusal> {
    match pages {
        [] => Err(Refusal::new("Nobody is called at this moment.")),
        [only] => Ok(only),
        several => {
            let ids: Vec<String> = several.iter().take(10).map(|p| p.id().to_string()).collect();
            Err(Refusal::new(format!("Several are open: {}. Name it {how}.", ids.join(", "))))
        }
    }
}

/// The pages that are not over, for an option.
pub fn choices<'a>(
    state: &'a State,
    house: &'a House,
    i: &'a Interaction,
) -> impl Iterator<Item = Choice> + 'a {
    let open = state.pages.open().filter(move |p| sees(state, house, i, p));
    open.map(|p| Choice {
        name: text::cut(&format!("{} · {} · {}", p.id(), p.begun.severity, text::line(&p.begun.title)), 100),
        value: p.id().to_string(),
    })
}

/// Which page is meant: the one named, that of the incident named or of this thread, that which called the
/// asker, else the only one. Never a guess among several.
fn which<'s>(state: &'s State, house: &House, i: &Interaction, args: &Args<'_>) -> Result<&'s Page, Refusal> {
    if let Some(id) = args.read::<PageId>("page")? {
        let page = state.pages.all.get(&id).filter(|p| sees(state, house, i, p));
        return page.ok_or_else(|| press::gone(id));
    }
    let incident = match args.read::<IncidentId>("incident")? {
        Some(id) => Some(known(state, house, i, id)?.id),
        None => state.threads.get(&i.channel).copied(),
    };
    if let Some(incident) = incident {
        let page = state.pages.about(About::Incident(incident));
        return page
            .ok_or_else(|| Refusal::new(format!("Nobody is called for **{incident}** at this moment.")));
    }
    let open: Vec<&Page> = state.pages.open().filter(|p| sees(state, house, i, p)).collect();
    let mine: Vec<&Page> =
        open.iter().copied().filter(|p| p.is_unanswered() && press::was_called(p, &i.by.person)).collect();
    only(if mine.is_empty() { &open } else { &mine }, "with the option `page`")
}

/// Whom somebody wants, and what for.
struct Wanted<'a> {
    by: Person,
    /// Whoever the policy says where nobody is named.
    who: Option<Person>,
    text: Option<&'a str>,
    service: Option<&'a str>,
    incident: Option<&'a Incident>,
}

/// `/page`: somebody calls another, or whoever a service's policy says.
fn page(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let incident = match args.read::<IncidentId>("incident")? {
        Some(id) => Some(known(state, house, i, id)?),
        None => {
            state.threads.get(&i.channel).and_then(|id| state.incidents.get(id)).filter(|n| n.phase.is_open())
        }
    };
    let (by, who) = (i.by.person.clone(), args.person("person").cloned());
    call(
        state,
        house,
        now,
        Wanted { by, who, text: args.text("text"), service: args.text("service"), incident },
    )
}

/// The same from a terminal, where people are called as in `muster.toml`.
pub fn called_at_terminal(
    state: &State,
    house: &House,
    now: Timestamp,
    user: &str,
    ask: &CallAsk,
) -> Result<Outcome, Refusal> {
    let who = ask.who.as_deref().map(|who| {
        let found = house.oncall.called(who);
        found.map(|t| Person { id: t.id, name: t.name().to_owned() }).ok_or_else(|| {
            let known: Vec<&str> = house.oncall.people.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "nobody yet".to_owned() } else { known.join(", ") };
            Refusal::new(format!("Nobody in [people] of muster.toml is called `{who}`; there is {known}."))
        })
    });
    let incident = ask.incident.map(|id| {
        state.incidents.get(&id).filter(|n| n.phase.is_open()).ok_or_else(|| {
            let open: Vec<String> = state.open().iter().take(10).map(|n| n.id.to_string()).collect();
            let open = if open.is_empty() { "none".to_owned() } else { open.join(", ") };
            Refusal::new(format!("There is no {id} that is open; there is {open}."))
        })
    });
    let by = Person::at_terminal(user);
    let (text, service) = (ask.text.as_deref(), ask.service.as_deref());
    call(
        state,
        house,
        now,
        Wanted { by, who: who.transpose()?, text, service, incident: incident.transpose()? },
    )
}

fn call(state: &State, house: &House, now: Timestamp, wanted: Wanted<'_>) -> Result<Outcome, Refusal> {
    let Wanted { by, who, text, service, incident } = wanted;
    let said = text.map(|t| text::cut(&text::line(t), TEXT)).filter(|t| !t.is_empty());
    let title = said
        .or_else(|| incident.map(|n| n.title.clone()))
        .ok_or_else(|| Refusal::new("Say in `text` what you need them for, or name the `incident`."))?;
    let service = service.map(str::to_owned).or_else(|| incident.and_then(|n| n.service.clone()));
    let severity = incident.map_or(Severity::P2, |n| n.severity);
    let terminal = by.at_a_terminal();
    let (policy, whom) = match &who {
        Some(who) => {
            if who.is(&by) {
                return Err(Refusal::new(
                    "You would call yourself. `/pages test` shows whether you can be reached.",
                ));
            }
            let whom = if terminal { text::escape_markdown(&who.name) } else { who.in_markdown() };
            (asked_for(house, Whom::Person { id: who.id, name: who.name.clone() }, 2), whom)
        }
        None => {
            let policy = house.oncall.policy(service.as_deref(), Severity::P1).cloned().ok_or_else(|| {
                Refusal::new(
                    "No policy says whom to call here. Name a `person`, or let whoever runs Muster write [oncall] in muster.toml.",
                )
            })?;
            let name = text::escape_markdown(&policy.name);
            (policy, format!("the policy {name}"))
        }
    };
    if let Some(n) = incident
        && who.is_none()
        && let Some(open) = state.pages.about(About::Incident(n.id))
    {
        // Its ladder is there already: the next of it is called.
        return press::escalate(state, house, now, open, &by);
    }
    let about = match (incident, &who) {
        (Some(n), None) => About::Incident(n.id),
        (incident, _) => About::Asked { incident: incident.map(|n| n.id) },
    };
    let mut hand = Hand::new(state, house, now);
    let id = hand.next();
    let id = hand.begins(Begun { id, about, title, severity, service, policy, by });
    ladder::climb(&mut hand, id, 0, 0, Because::First, now);
    let look = if terminal { format!("muster pages why {id}") } else { format!("/pages why page:{id}") };
    Ok(answer(hand, format!("**{id}** calls {whom}. `{look}` shows whether it reaches them.")))
}

/// A page that shows whether somebody can be reached.
pub fn test(state: &State, house: &House, now: Timestamp, by: &Person, who: &Person) -> Outcome {
    let mut hand = Hand::new(state, house, now);
    let policy = asked_for(house, Whom::Person { id: who.id, name: who.name.clone() }, 1);
    let (id, title) = (hand.next(), "This is only a test: press Acknowledge if you read it".to_owned());
    let begun = Begun {
        id,
        about: About::Test,
        title,
        severity: Severity::P4,
        service: None,
        policy,
        by: by.clone(),
    };
    let id = hand.begins(begun);
    ladder::climb(&mut hand, id, 0, 0, Because::First, now);
    answer(
        hand,
        format!(
            "**{id}** tests whether {} can be reached. `/pages why page:{id}` shows each way.",
            who.in_markdown()
        ),
    )
}

/// The policy of a page that somebody asks for.
pub(super) fn asked_for(house: &House, whom: Whom, rounds: u32) -> Policy {
    let channel = house.oncall.channel.unwrap_or(house.settings.channels.incidents);
    Policy {
        name: "as asked for".to_owned(),
        services: vec![],
        severities: vec![],
        rungs: vec![Rung {
            name: "asked for".to_owned(),
            whom: vec![whom],
            within: WITHIN,
            every: None,
            ways: vec![],
            propose: None,
        }],
        rounds,
        fallback: Fallback { channel, roles: vec![], people: vec![] },
        holds: WITHIN,
        still: WITHIN,
        until: Until::Acknowledged,
    }
}

fn list(state: &State, house: &House, i: &Interaction) -> Outcome {
    let open: Vec<&Page> = state.pages.open().filter(|p| sees(state, house, i, p)).collect();
    let mut lines: Vec<String> = open.iter().take(LINES).map(|p| told::line(p)).collect();
    if open.is_empty() {
        lines.push("Nobody is called at this moment.".to_owned());
    } else if open.len() > LINES {
        lines.push(format!("And {} more.", open.len() - LINES));
    }
    notice(&lines)
}

fn why(state: &State, house: &House, i: &Interaction, args: &Args<'_>) -> Result<Outcome, Refusal> {
    let page = which(state, house, i, args)?;
    let lines = told::why(state, page.id()).ok_or_else(|| press::gone(page.id()))?;
    Ok(notice(&lines))
}

fn notice(lines: &[String]) -> Outcome {
    let show = Show::Notice { tone: Tone::Info, text: lines.join("\n") };
    Outcome::reply(Reply::Show { show, private: true })
}

fn answer(hand: Hand<'_>, text: String) -> Outcome {
    let mut outcome = Outcome { reply: Reply::done(text), ..Outcome::default() };
    finish(hand, &mut outcome);
    outcome
}
