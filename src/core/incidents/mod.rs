//! What people do with an incident, from its declaration to its end.
//!
//! - this file: declaring, noting, resolving, looking;
//! - `course` is what happens in between: how far people are, how bad it is, who does what;
//! - [`private`] is who may see one that is not for everybody;
//! - [`quote`] adds a message that people wrote to the timeline;
//! - [`strike`] takes a text out of the record again, everywhere;
//! - `remind` is what happens when nobody says anything;
//! - [`telling`] is what those outside are told;
//! - [`fold`] is the incident as the journal tells it.

mod course;
pub mod fold;
pub mod private;
pub mod quote;
mod remind;
pub mod strike;
pub mod telling;

pub(in crate::core) use course::address;
pub use course::course;
pub use remind::{next, overdue};

use std::collections::BTreeMap;

use crate::core::access::may;
use crate::core::args::Args;
use crate::core::state::State;
use crate::core::{Outcome, afterwards, triage};
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::button::{Button, FormKind};
use crate::model::card::{Entry, IncidentCard, Show, What};
use crate::model::command::Action;
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{GroupId, IncidentId};
use crate::model::incident::{Incident, Phase, Severity, Stamp, Status};
use crate::model::input::Interaction;
use crate::model::person::Person;
use crate::model::reply::{Field, Form, Refusal, Reply};
use crate::model::triage::Triaged;

/// Longest name of a thread (Discord, "Channel").
const THREAD_NAME: usize = 100;

/// `/incident declare`.
pub fn declare(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let title = text::line(args.needed("title")?);
    if title.is_empty() {
        return Err(Refusal::new("The title has no visible character. Say in one line what is wrong."));
    }
    let service = args.text("service");
    if let Some(name) = service
        && house.runbook(name).is_none()
    {
        return Err(crate::core::checks::no_such_service(house, name));
    }
    let severity: Severity = args.needed("severity")?.parse().map_err(Refusal::new)?;
    let opening = Opening {
        title,
        severity,
        service: service.map(str::to_owned),
        drill: args.boolean("drill").unwrap_or(false),
        private: args.boolean("private").unwrap_or(false),
        respond_by: triage::by(house, service, severity, now),
        triage: None,
        alerts: vec![],
    };
    Ok(open(state.next_incident(), house, now, &Opener::from(i), opening))
}

/// What an incident begins with.
pub struct Opening {
    /// What is wrong, in one line of visible characters.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// Which service; it has a runbook.
    pub service: Option<String>,
    /// Whether it is only an exercise.
    pub drill: bool,
    /// Whether only those see it who are brought in.
    pub private: bool,
    /// By when somebody should have begun.
    pub respond_by: Timestamp,
    /// What was asked and answered before.
    pub triage: Option<Box<Triaged>>,
    /// The alerts that it is opened for; that they belong to it is said beside it.
    pub alerts: Vec<GroupId>,
}

/// Who opens an incident.
pub struct Opener<'i> {
    /// Who.
    pub by: Person,
    /// With what they did so in Discord. A private incident needs it: whoever opens one is told there
    /// whether that worked.
    pub asked: Option<&'i Interaction>,
}

impl<'i> From<&'i Interaction> for Opener<'i> {
    fn from(i: &'i Interaction) -> Opener<'i> {
        Opener { by: i.by.person.clone(), asked: Some(i) }
    }
}

/// Opens an incident under this number: its card, its thread, what is said there first.
pub fn open(id: IncidentId, house: &House, now: Timestamp, opener: &Opener<'_>, opening: Opening) -> Outcome {
    let Opening { title, severity, service, drill, private, respond_by, triage, alerts } = opening;
    let by = opener.by.clone();
    let private = opener.asked.filter(|_| private);
    let respond_by = Some(respond_by);
    let card = IncidentCard {
        id,
        title: title.clone(),
        severity,
        service: service.clone(),
        declared: Stamp { at: now, by: by.clone() },
        phase: Phase::Open { status: Status::Investigating },
        duties: BTreeMap::new(),
        links: vec![],
        alerts,
        drill,
        private: private.is_some(),
        respond_by,
        page: None,
    };
    let channel = house.settings.channels.incidents;
    let what = What::Declared { title: title.clone(), severity, respond_by, triage: triage.clone() };
    let entry = Entry { at: now, by: Some(by.clone()), what };
    let board = telling::at_first(&card);
    let name = text::cut(&format!("{id} {title}"), THREAD_NAME);
    let post = Effect::PostCard { incident: id, channel, show: Show::Incident(card) };
    let (first, second, reply) = if let Some(i) = private {
        (private::begin(id, house, now, i, name), post, private::later())
    } else {
        let done = format!("**{id}** is declared as {}. Its card is in <#{channel}>.", severity.in_words());
        (post, Effect::OpenThread { incident: id, name }, Reply::done(done))
    };
    let mut effects = vec![first, second, Effect::Say { place: Place::Thread(id), show: Show::Entry(entry) }];
    effects.extend(board);
    Outcome {
        effects,
        events: vec![Event::IncidentDeclared {
            incident: id,
            title,
            severity,
            service,
            by,
            drill,
            private: private.is_some(),
            respond_by,
            triage,
        }],
        reply,
    }
}

/// `/incident note`.
pub fn note(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let incident = which(state, house, i, args, Wanted::Any)?;
    add_note(incident, now, i, args.needed("text")?)
}

fn add_note(incident: &Incident, now: Timestamp, i: &Interaction, words: &str) -> Result<Outcome, Refusal> {
    let words = text::plain(words).trim().to_owned();
    if words.is_empty() {
        return Err(Refusal::new("The note has no visible character. Write what you saw or did."));
    }
    let by = i.by.person.clone();
    let entry = Entry { at: now, by: Some(by.clone()), what: What::Noted { text: words.clone() } };
    // Also in the thread itself: an answer can be lost, what is owed is not.
    let mut effects = vec![Effect::Say { place: Place::Thread(incident.id), show: Show::Entry(entry) }];
    if incident.respond_by.is_some() {
        // Somebody has begun: the card asks for it no more.
        let begun = IncidentCard { respond_by: None, ..card(incident) };
        effects.push(Effect::EditCard { incident: incident.id, show: Show::Incident(begun) });
    }
    Ok(Outcome {
        events: vec![Event::NoteAdded { incident: incident.id, text: words, by }],
        effects,
        reply: Reply::done(format!("Noted in **{}**.", incident.id)),
    })
}

/// `/incident resolve`.
pub fn resolve(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let incident = which(state, house, i, args, Wanted::Open)?;
    end(house, incident, now, i, args.text("how"))
}

fn end(
    house: &House,
    incident: &Incident,
    now: Timestamp,
    i: &Interaction,
    how: Option<&str>,
) -> Result<Outcome, Refusal> {
    still_open(incident)?;
    let by = i.by.person.clone();
    let how = how.map(|h| text::plain(h).trim().to_owned()).filter(|h| !h.is_empty());
    let when = Stamp { at: now, by: by.clone() };
    let phase = Phase::Resolved { when, how: how.clone() };
    let after = Incident { phase, respond_by: None, ..incident.clone() };
    let entry = Entry { at: now, by: Some(by.clone()), what: What::Resolved { how: how.clone() } };
    let mut effects = vec![
        Effect::EditCard { incident: incident.id, show: Show::Incident(card(&after)) },
        Effect::Say { place: Place::Thread(incident.id), show: Show::Entry(entry) },
    ];
    effects.extend(telling::follow(&after));
    let mut outcome = Outcome {
        effects,
        events: vec![Event::IncidentResolved { incident: incident.id, how, by }],
        reply: Reply::done(format!(
            "**{}** is resolved. Its checklist is in its thread; `/report show` shows the draft of its report.",
            incident.id
        )),
    };
    afterwards::open_checklist(house, incident, now, &mut outcome);
    Ok(outcome)
}

pub(in crate::core) fn still_open(incident: &Incident) -> Result<(), Refusal> {
    match &incident.phase {
        Phase::Open { .. } => Ok(()),
        Phase::Merged { into, .. } => {
            Err(Refusal::new(format!("{} is part of **{into}**: go on there.", incident.id)))
        }
        Phase::Resolved { when, .. } | Phase::Closed { when, .. } => Err(Refusal::new(format!(
            "{} is resolved already: {} did it <t:{}:R>.",
            incident.id,
            when.by.in_markdown(),
            when.at.seconds()
        ))),
    }
}

/// `/incident list`.
pub fn list(state: &State, house: &House, i: &Interaction) -> Outcome {
    let open: Vec<IncidentCard> = seen(state, house, i).into_iter().map(card).collect();
    let resolved = u32::try_from(state.over()).unwrap_or(u32::MAX);
    Outcome::reply(Reply::Show { show: Show::Incidents { open, resolved }, private: true })
}

/// `/timeline`.
pub fn timeline(state: &State, house: &House, i: &Interaction, args: &Args<'_>) -> Result<Outcome, Refusal> {
    let incident = which(state, house, i, args, Wanted::Any)?;
    // The last page: what happened last is what is wanted first.
    Ok(timeline_page(state, incident.id, u32::MAX))
}

fn timeline_page(state: &State, incident: IncidentId, page: u32) -> Outcome {
    let show = Show::Timeline { incident, upto: state.head, page };
    Outcome::reply(Reply::Show { show, private: true })
}

/// A button under a card.
pub fn press(state: &State, house: &House, i: &Interaction, button: Button) -> Result<Outcome, Refusal> {
    match button {
        Button::Timeline(id, page) => {
            may(house, i, Action::Timeline)?;
            Ok(timeline_page(state, known(state, house, i, id)?.id, page))
        }
        Button::Note(id) => {
            may(house, i, Action::IncidentNote)?;
            known(state, house, i, id)?;
            Ok(form(FormKind::Note(id), format!("Note for {id}"), "text", "What did you see or do?", true))
        }
        Button::Resolve(id) => {
            may(house, i, Action::IncidentResolve)?;
            still_open(known(state, house, i, id)?)?;
            Ok(form(FormKind::Resolve(id), format!("Resolve {id}"), "how", "What resolved it?", false))
        }
        _ => Err(Refusal::new("This button belongs to something else.")),
    }
}

/// A form was sent. Rights and state may have changed since it was opened.
pub fn submit(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    form: &FormKind,
    fields: &BTreeMap<String, String>,
) -> Result<Outcome, Refusal> {
    let field = |name: &str| fields.get(name).map(String::as_str);
    match form {
        FormKind::Note(id) => {
            may(house, i, Action::IncidentNote)?;
            add_note(known(state, house, i, *id)?, now, i, field("text").unwrap_or(""))
        }
        FormKind::Resolve(id) => {
            may(house, i, Action::IncidentResolve)?;
            end(house, known(state, house, i, *id)?, now, i, field("how"))
        }
        _ => Err(Refusal::new("This form is a run's. Open it again from its card.")),
    }
}

fn form(kind: FormKind, title: String, name: &'static str, label: &str, required: bool) -> Outcome {
    let field = Field { name: name.to_owned(), label: label.to_owned(), max: 4000, required, value: None };
    Outcome::reply(Reply::Form(Form { kind, title, fields: vec![field] }))
}

pub(in crate::core) fn known<'s>(
    state: &'s State,
    house: &House,
    by: &Interaction,
    id: IncidentId,
) -> Result<&'s Incident, Refusal> {
    let found = state.incidents.get(&id).filter(|i| private::sees(house, i, &by.by.person, Some(by.channel)));
    found
        .ok_or_else(|| Refusal::new(format!("There is no {id}. `/incident list` shows those that are open.")))
}

/// The open incidents that somebody may see, worst first.
pub fn seen<'s>(state: &'s State, house: &House, i: &Interaction) -> Vec<&'s Incident> {
    let sees = |n: &&Incident| private::sees(house, n, &i.by.person, Some(i.channel));
    state.open().into_iter().filter(sees).collect()
}

#[derive(Clone, Copy, PartialEq)]
pub(in crate::core) enum Wanted {
    Any,
    Open,
}

/// Which incident is meant: the one named, else the one whose thread this is, else the only
/// one that is open. Never a guess among several.
pub(in crate::core) fn which<'s>(
    state: &'s State,
    house: &House,
    i: &Interaction,
    args: &Args<'_>,
    wanted: Wanted,
) -> Result<&'s Incident, Refusal> {
    if let Some(id) = args.read::<IncidentId>("incident")? {
        return known(state, house, i, id);
    }
    if let Some(id) = state.threads.get(&i.channel) {
        return known(state, house, i, *id);
    }
    match (seen(state, house, i).as_slice(), wanted) {
        ([only], _) => Ok(only),
        ([], Wanted::Open) => Err(Refusal::new("No incident is open. `/incident declare` begins one.")),
        ([], Wanted::Any) => Err(Refusal::new("No incident is open. Name one: `incident: INC-1`.")),
        (open, _) => {
            let ids: Vec<String> = open.iter().map(|i| i.id.to_string()).collect();
            Err(Refusal::new(format!(
                "Several are open: {}. Use this in one's thread, or name it with the option `incident`.",
                ids.join(", ")
            )))
        }
    }
}

/// What an incident's card shows now.
pub fn card(i: &Incident) -> IncidentCard {
    IncidentCard {
        id: i.id,
        title: i.title.clone(),
        severity: i.severity,
        service: i.service.clone(),
        declared: i.declared.clone(),
        phase: i.phase.clone(),
        duties: i.duties.clone(),
        links: i.links.clone(),
        alerts: i.alerts.clone(),
        drill: i.drill,
        private: i.private,
        respond_by: i.respond_by,
        page: i.page.clone(),
    }
}
