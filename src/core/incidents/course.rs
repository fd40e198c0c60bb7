//! What people say of an incident while it lasts, and after: how far they are, how bad it is, who
//! does what, what it belongs to.

use super::{Wanted, card, known, private, still_open, telling, which};
use crate::core::Outcome;
use crate::core::args::Args;
use crate::core::incidents::fold;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::card::{Entry, Show, What};
use crate::model::command::Action;
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::IncidentId;
use crate::model::incident::{Duty, Incident, Link, Phase, Severity, Status};
use crate::model::input::Interaction;
use crate::model::person::Person;
use crate::model::reply::{Refusal, Reply};

/// Longest address of a link.
const URL: usize = 500;
/// Links that one incident has.
const LINKS: usize = 20;

/// One of the commands that change an incident's course.
pub fn course(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    action: Action,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let by = i.by.person.clone();
    let words = |name: &str| args.text(name).map(text::line).filter(|w| !w.is_empty());
    let open = || which(state, house, i, args, Wanted::Open);
    let any = || which(state, house, i, args, Wanted::Any);
    match action {
        Action::IncidentUpdate => {
            let status: Status = args.needed("status")?.parse().map_err(Refusal::new)?;
            update(open()?, now, by, status, args.text("text").map(text::plain))
        }
        Action::IncidentSeverity => {
            let severity: Severity = args.needed("severity")?.parse().map_err(Refusal::new)?;
            change_severity(any()?, now, by, severity, words("why"))
        }
        Action::IncidentAssign => {
            let duty: Duty = args.needed("duty")?.parse().map_err(Refusal::new)?;
            let to = args.person("person").ok_or_else(|| {
                Refusal::new("Discord did not say who is meant. Choose a member of this server.")
            })?;
            assign(any()?, now, by, duty, to.clone())
        }
        Action::IncidentLink => {
            let (url, label) = (args.needed("url")?, words("label"));
            link(any()?, now, by, url, label)
        }
        Action::IncidentMerge => {
            let into: Option<IncidentId> = args.read("into")?;
            let into = known(
                state,
                house,
                i,
                into.ok_or_else(|| Refusal::new("Name the other one: `into: INC-1`."))?,
            )?;
            merge(any()?, into, now, by)
        }
        Action::IncidentInvite => {
            let person = args.person("person").ok_or_else(|| {
                Refusal::new("Discord did not say who is meant. Choose a member of this server.")
            })?;
            private::invite(open()?, now, by, person.clone())
        }
        Action::IncidentReopen => reopen(any()?, now, by, words("why")),
        Action::IncidentClose => close(any()?, now, by),
        _ => Ok(Outcome::reply(Reply::Show { show: Show::Incident(card(any()?)), private: true })),
    }
}

/// What happened, told on the card and in the thread.
pub(super) fn told(
    incident: &Incident,
    now: Timestamp,
    by: Person,
    event: Event,
    what: What,
    text: String,
) -> Outcome {
    let mut after = incident.clone();
    fold::take_in(&mut after, now, &event);
    let entry = Entry { at: now, by: Some(by), what };
    let mut effects = vec![
        Effect::EditCard { incident: incident.id, show: Show::Incident(card(&after)) },
        Effect::Say { place: Place::Thread(incident.id), show: Show::Entry(entry) },
    ];
    effects.extend(telling::follow(&after));
    Outcome { events: vec![event], effects, reply: Reply::done(text) }
}

/// Whether it can still be changed.
fn not_put_away(incident: &Incident) -> Result<(), Refusal> {
    match &incident.phase {
        Phase::Open { .. } | Phase::Resolved { .. } => Ok(()),
        Phase::Closed { .. } => {
            Err(Refusal::new(format!("{} is closed. `/incident reopen` lets it go on.", incident.id)))
        }
        Phase::Merged { .. } => still_open(incident),
    }
}

fn update(
    incident: &Incident,
    now: Timestamp,
    by: Person,
    status: Status,
    words: Option<String>,
) -> Result<Outcome, Refusal> {
    still_open(incident)?;
    let words = words.map(|w| w.trim().to_owned()).filter(|w| !w.is_empty());
    if incident.phase == (Phase::Open { status }) && words.is_none() {
        return Err(Refusal::new(format!(
            "{} is {} already. Say in `text` what is new.",
            incident.id,
            status.word()
        )));
    }
    let id = incident.id;
    let event = Event::IncidentUpdated { incident: id, status, text: words.clone(), by: by.clone() };
    let what = What::Updated { status, text: words };
    Ok(told(incident, now, by, event, what, format!("**{id}**: {}.", status.word())))
}

fn change_severity(
    incident: &Incident,
    now: Timestamp,
    by: Person,
    severity: Severity,
    why: Option<String>,
) -> Result<Outcome, Refusal> {
    not_put_away(incident)?;
    let (id, was) = (incident.id, incident.severity);
    if was == severity {
        return Err(Refusal::new(format!("{id} is {} already.", severity.in_words())));
    }
    // Less bad than was thought: whoever reads it later wants to know why.
    if severity > was && why.is_none() {
        return Err(Refusal::new(format!("Say in `why` what makes {id} only {}.", severity.in_words())));
    }
    let event = Event::SeverityChanged { incident: id, severity, was, why: why.clone(), by: by.clone() };
    let what = What::SeverityChanged { was, severity, why };
    Ok(told(incident, now, by, event, what, format!("**{id}** is {} now.", severity.in_words())))
}

fn assign(
    incident: &Incident,
    now: Timestamp,
    by: Person,
    duty: Duty,
    to: Person,
) -> Result<Outcome, Refusal> {
    not_put_away(incident)?;
    let id = incident.id;
    if incident.duties.get(&duty).is_some_and(|p| p.id == to.id) {
        let name = to.in_markdown();
        return Err(Refusal::new(format!("{name} is {} of {id} already.", duty.word())));
    }
    let event = Event::DutyAssigned { incident: id, duty, to: to.clone(), by: by.clone() };
    let name = to.in_markdown();
    let what = What::Assigned { duty, to: to.clone() };
    let mut outcome = told(incident, now, by, event, what, format!("{name} is {} of **{id}**.", duty.word()));
    if incident.private {
        outcome.effects.push(Effect::Bring { incident: id, person: to });
    }
    Ok(outcome)
}

fn link(
    incident: &Incident,
    now: Timestamp,
    by: Person,
    url: &str,
    label: Option<String>,
) -> Result<Outcome, Refusal> {
    let id = incident.id;
    let url = address(url)?;
    if incident.links.len() >= LINKS {
        return Err(Refusal::new(format!("{id} has {LINKS} links. Write more of them as notes.")));
    }
    if incident.links.iter().any(|l| l.url == url) {
        return Err(Refusal::new(format!("{id} has this link already.")));
    }
    let label = text::cut(&label.unwrap_or_else(|| host(&url).to_owned()), 80);
    let link = Link { url, label };
    let event = Event::LinkAdded { incident: id, link: link.clone(), by: by.clone() };
    Ok(told(incident, now, by, event, What::Linked { link }, format!("Linked in **{id}**.")))
}

/// An address as it may stand in Markdown: plain http or https, nothing that ends a link early.
pub(in crate::core) fn address(typed: &str) -> Result<String, Refusal> {
    let wrong = |why: &str| {
        Refusal::new(format!("This is no link: {why}. Write it like https://tracker.example/123."))
    };
    let rest = typed.strip_prefix("https://").or_else(|| typed.strip_prefix("http://"));
    let rest = rest.ok_or_else(|| wrong("it begins with neither http:// nor https://"))?;
    if typed.chars().count() > URL {
        return Err(wrong("it is too long"));
    }
    let graphic = typed
        .chars()
        .all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '(' | ')' | '`' | '\\' | '|' | '*'));
    if !graphic
        || rest.starts_with(['/', '?', '#'])
        || rest.is_empty()
        || rest.split('/').next().is_some_and(|h| h.contains('@'))
    {
        return Err(wrong("it holds a space, a bracket or a password, or names no host"));
    }
    Ok(typed.to_owned())
}

fn host(url: &str) -> &str {
    url.split("://").nth(1).and_then(|r| r.split(['/', '?', '#']).next()).unwrap_or(url)
}

fn merge(incident: &Incident, into: &Incident, now: Timestamp, by: Person) -> Result<Outcome, Refusal> {
    not_put_away(incident)?;
    if incident.id == into.id {
        return Err(Refusal::new(format!(
            "{} cannot be part of itself. Name another one in `into`.",
            into.id
        )));
    }
    still_open(into)?;
    if incident.private && !into.private {
        return Err(Refusal::new(format!(
            "{} is private, and {} is not: everybody would read it there.",
            incident.id, into.id
        )));
    }
    let (id, to) = (incident.id, into.id);
    let event = Event::IncidentMerged { incident: id, into: to, by: by.clone() };
    let what = What::Merged { incident: id, into: to };
    let mut outcome =
        told(incident, now, by.clone(), event, what.clone(), format!("**{id}** is part of **{to}** now."));
    let entry = Entry { at: now, by: Some(by), what };
    outcome.effects.push(Effect::Say { place: Place::Thread(to), show: Show::Entry(entry) });
    Ok(outcome)
}

fn reopen(incident: &Incident, now: Timestamp, by: Person, why: Option<String>) -> Result<Outcome, Refusal> {
    let id = incident.id;
    match &incident.phase {
        Phase::Open { .. } => return Err(Refusal::new(format!("{id} is open."))),
        Phase::Merged { .. } => {
            return Err(still_open(incident).err().unwrap_or(Refusal::new("It is merged.")));
        }
        Phase::Resolved { .. } | Phase::Closed { .. } => {}
    }
    let event = Event::IncidentReopened { incident: id, why: why.clone(), by: by.clone() };
    Ok(told(incident, now, by, event, What::Reopened { why }, format!("**{id}** goes on.")))
}

fn close(incident: &Incident, now: Timestamp, by: Person) -> Result<Outcome, Refusal> {
    let id = incident.id;
    match &incident.phase {
        Phase::Resolved { .. } => {}
        Phase::Open { .. } => {
            return Err(Refusal::new(format!("{id} is still open: `/incident resolve` comes first.")));
        }
        Phase::Closed { .. } => return Err(Refusal::new(format!("{id} is closed already."))),
        Phase::Merged { .. } => still_open(incident)?,
    }
    let event = Event::IncidentClosed { incident: id, by: by.clone() };
    Ok(told(incident, now, by, event, What::Closed, format!("**{id}** is closed.")))
}
