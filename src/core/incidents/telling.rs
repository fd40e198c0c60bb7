//! Telling people (NX-4): a P1 or P2 has a message with two drafts in its thread, which a person
//! takes, changes and sends. What was sent is in the timeline; an exercise is told to nobody.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::{Wanted, card, fold, known, which};
use crate::core::Outcome;
use crate::core::access::may;
use crate::core::args::Args;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::button::FormKind;
use crate::model::card::{Entry, IncidentCard, Show, Tone, What};
use crate::model::command::Action;
use crate::model::effect::{Board, Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::IncidentId;
use crate::model::incident::{Incident, Phase, Severity};
use crate::model::input::Interaction;
use crate::model::reply::{Field, Form, Refusal, Reply};
use crate::model::telling::PeopleTold;
use crate::model::telling::{Audience, Stage, TellCard, Tellings, Told};

/// Of what was said last, how much goes into a draft, in characters.
const LATEST: usize = 400;

/// Whether those outside are told of it.
fn concerns(severity: Severity) -> bool {
    severity <= Severity::P2
}

/// The message with the drafts, for an incident that begins.
pub fn at_first(card: &IncidentCard) -> Option<Effect> {
    let board = Board::Tell(card.id);
    let show = Show::Tell(Box::new(of(card, &Tellings::default())));
    (concerns(card.severity) && !card.private).then_some(Effect::PostBoard {
        board,
        place: Place::Thread(card.id),
        show,
    })
}

/// The same after something changed: it is posted when the incident becomes bad enough, and
/// follows it from then on.
pub fn follow(after: &Incident) -> Option<Effect> {
    let (board, show) = (Board::Tell(after.id), show(after));
    match after.tellings.board {
        Some(_) => Some(Effect::EditBoard { board, show }),
        None if concerns(after.severity) && after.phase.is_open() && !after.private => {
            Some(Effect::PostBoard { board, place: Place::Thread(after.id), show })
        }
        None => None,
    }
}

/// What the message with the drafts shows now.
pub fn show(i: &Incident) -> Show {
    Show::Tell(Box::new(of(&card(i), &i.tellings)))
}

fn of(c: &IncidentCard, tellings: &Tellings) -> TellCard {
    TellCard {
        incident: c.id,
        title: c.title.clone(),
        service: c.service.clone(),
        began: c.declared.at,
        ended: c.phase.end().map(|(when, _)| when.at),
        stage: Stage::of(&c.phase),
        latest: tellings.latest.clone(),
        told: tellings.told.clone(),
        linked: !c.links.is_empty(),
        drill: c.drill,
        goes_on: matches!(c.phase, Phase::Open { .. } | Phase::Resolved { .. }),
    }
}

/// `/incident drafts`.
pub fn drafts(state: &State, house: &House, i: &Interaction, args: &Args<'_>) -> Result<Outcome, Refusal> {
    let incident = which(state, house, i, args, Wanted::Any)?;
    not_private(incident)?;
    Ok(Outcome::reply(Reply::Show { show: show(incident), private: true }))
}

/// What an audience could be told, in plain words. Times are those of `tz`, whose name it says.
pub fn draft(c: &TellCard, audience: Audience, tz: Tz) -> String {
    let at = |at: Timestamp| at.utc().with_timezone(&tz).format("%Y-%m-%d %H:%M %Z").to_string();
    let (began, title) = (at(c.began), c.title.trim_end_matches(['.', '!', '?']));
    let text = match audience {
        Audience::Public => public(c, title, &began, c.ended.map(at)),
        Audience::StatusPage => status_page(c, title, &began, c.ended.map(at)),
    };
    let exercise = if c.drill { "[EXERCISE, NOT REAL] " } else { "" };
    text::cut(&format!("{exercise}{text}"), audience.longest().into())
}

/// A few sentences.
fn public(c: &TellCard, title: &str, began: &str, ended: Option<String>) -> String {
    let with = c.service.as_deref().map(|s| format!(" with {s}")).unwrap_or_default();
    match c.stage {
        Stage::Investigating => format!(
            "There is a problem{with}: {title}. It began at {began}. We are looking for the cause, and will say more as soon as we know it."
        ),
        Stage::Identified => format!(
            "We know the cause of the problem{with}: {title}. It began at {began}. We are mending it, and will say when it is done."
        ),
        Stage::Monitoring => format!(
            "The problem{with} should be over: {title}. It began at {began}. We are watching whether it stays so."
        ),
        Stage::Resolved => {
            let ended = ended.map(|end| format!(" and ended at {end}")).unwrap_or_default();
            format!(
                "The problem{with} is over: {title}. It began at {began}{ended}. We are sorry for the trouble."
            )
        }
    }
}

/// A status page's entry: its heading, the facts, and how it stands.
fn status_page(c: &TellCard, title: &str, began: &str, ended: Option<String>) -> String {
    let stands = match c.stage {
        Stage::Investigating => "The cause is not known yet; we are looking for it.",
        Stage::Identified => "The cause is known, and is being mended.",
        Stage::Monitoring => "It is mended, and we are watching whether it stays so.",
        Stage::Resolved => "It is over.",
    };
    let line = |name: &str, value: Option<&str>| value.map(|v| format!("{name}: {v}\n")).unwrap_or_default();
    let facts =
        [line("Affected", c.service.as_deref()), line("Began", Some(began)), line("Ended", ended.as_deref())];
    let latest = c.latest.as_deref().map(|l| format!("{}\n\n", text::cut(l, LATEST))).unwrap_or_default();
    format!("{}: {title}\n\n{}\n{latest}{stands}", text::capital(c.stage.word()), facts.concat())
}

/// A button of the message: the form with the draft in it.
pub fn press(
    state: &State,
    house: &House,
    i: &Interaction,
    id: IncidentId,
    audience: Audience,
) -> Result<Outcome, Refusal> {
    may(house, i, Action::IncidentDrafts)?;
    let incident = tellable(state, house, i, id)?;
    let card = of(&card(incident), &incident.tellings);
    let label = match (audience, place(house, incident, audience)) {
        (_, Told::Nowhere) => "Exercise: recorded, told to nobody",
        (_, Told::Channel(_)) => "Posted in the announcements channel",
        (Audience::Public, _) => "Recorded; you publish it yourself",
        (Audience::StatusPage, _) => "Recorded; you set the page yourself",
    };
    let field = Field {
        name: "text".to_owned(),
        label: label.to_owned(),
        max: audience.longest(),
        required: true,
        value: Some(draft(&card, audience, house.settings.timezone)),
    };
    let times = incident.tellings.told.get(&audience).map_or(0, |t| t.times);
    let kind = FormKind::Tell(id, audience, card.stage, times);
    let title = format!("{}{id}: {}", if incident.drill { "EXERCISE · " } else { "" }, audience.word());
    Ok(Outcome::reply(Reply::Form(Form { kind, title, fields: vec![field] })))
}

/// The form was sent. Rights and state may have changed since it was opened.
pub fn submit(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    (id, audience, stage, times): (IncidentId, Audience, Stage, u32),
    fields: &BTreeMap<String, String>,
) -> Result<Outcome, Refusal> {
    may(house, i, Action::IncidentDrafts)?;
    let incident = tellable(state, house, i, id)?;
    let typed = fields.get("text").map(|t| text::plain(t).trim().to_owned()).unwrap_or_default();
    if typed.is_empty() {
        return Err(Refusal::new("The text has no visible character. Press again, and change the draft."));
    }
    let said = text::cut(&typed, audience.longest().into());
    if let Some(told) = incident.tellings.told.get(&audience).filter(|t| t.times != times) {
        // Two had the form open. What this one wrote is not lost.
        return Err(Refusal::new(format!(
            "{} did that <t:{}:R>, so nothing was sent. Press again if there is more to say. You wrote:\n{}",
            told.by.in_markdown(),
            told.at.seconds(),
            fenced(&said)
        )));
    }
    let (by, place) = (i.by.person.clone(), place(house, incident, audience));
    let event = Event::PeopleTold(PeopleTold {
        incident: id,
        audience,
        stage,
        text: said.clone(),
        place,
        by: by.clone(),
    });
    let mut after = incident.clone();
    fold::take_in(&mut after, now, &event);
    let what = What::Told { audience, stage, text: said.clone(), place };
    let entry = Entry { at: now, by: Some(by), what };
    let mut effects = vec![Effect::Say { place: Place::Thread(id), show: Show::Entry(entry) }];
    if incident.respond_by.is_some() {
        effects.push(Effect::EditCard { incident: id, show: Show::Incident(card(&after)) });
    }
    if let Told::Channel(channel) = place {
        let show = Show::Announcement { incident: id, text: said.clone() };
        effects.push(Effect::Say { place: Place::Channel(channel), show });
    }
    effects.extend(follow(&after));
    let word = audience.word();
    let text = match place {
        Told::Channel(channel) => format!("The {word} of **{id}** goes to <#{channel}>."),
        Told::Nowhere => {
            format!("Recorded in **{id}**. It is an exercise: nobody was told, and nobody is to be.")
        }
        Told::Elsewhere => format!("Recorded in **{id}** as told. Copy the {word}:\n{}", fenced(&said)),
    };
    let reply = Reply::Show { show: Show::Notice { tone: Tone::Done, text }, private: true };
    Ok(Outcome { events: vec![event], effects, reply })
}

/// Where an audience is told.
fn place(house: &House, incident: &Incident, audience: Audience) -> Told {
    match (audience, house.settings.channels.announcements) {
        _ if incident.drill => Told::Nowhere,
        (Audience::Public, Some(channel)) => Told::Channel(channel),
        _ => Told::Elsewhere,
    }
}

/// One of which there is something to tell.
fn tellable<'s>(
    state: &'s State,
    house: &House,
    i: &Interaction,
    id: IncidentId,
) -> Result<&'s Incident, Refusal> {
    let incident = known(state, house, i, id)?;
    not_private(incident)?;
    match &incident.phase {
        Phase::Open { .. } | Phase::Resolved { .. } => Ok(incident),
        Phase::Merged { into, .. } => {
            Err(Refusal::new(format!("{id} is part of **{into}**: tell of that one.")))
        }
        Phase::Closed { .. } => {
            Err(Refusal::new(format!("{id} is closed. `/incident reopen` lets it go on.")))
        }
    }
}

fn not_private(incident: &Incident) -> Result<(), Refusal> {
    let id = incident.id;
    match incident.private {
        true => Err(Refusal::new(format!("{id} is private: nobody outside is told of it."))),
        false => Ok(()),
    }
}

/// A text to be copied as it is.
fn fenced(text: &str) -> String {
    format!("```\n{}\n```", text.replace("```", "'''"))
}
