//! Triage (NX-3): from what somebody says is wrong to a level, its reason, a response time and the
//! playbooks that may help; and then to an incident, or to none.
//!
//! - [`level`] is the rule;
//! - [`respond`] is by when somebody begins;
//! - [`fit`] finds playbooks;
//! - this file asks, and takes the decision. Each is decided once: whoever comes second learns
//!   what the first decided.

pub mod fit;
pub mod level;
pub mod respond;

pub use fit::playbooks;

use std::collections::BTreeMap;
use std::time::Duration;

use super::args::Args;
use super::incidents::{self, Opening};
use super::state::State;
use super::{Outcome, access};
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::button::{FormKind, TriageButton};
use crate::model::card::Show;
use crate::model::command::Action;
use crate::model::effect::{Board, Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{ChannelId, IncidentId, TriageId};
use crate::model::incident::{Card, Severity, Stamp};
use crate::model::input::Interaction;
use crate::model::reply::{Field, Form, Refusal, Reply};
use crate::model::triage::{Answers, Decided, Triage, Triaged, Triaging};

/// How many are remembered. A button of an older one is refused with a sentence.
const MOST: usize = 64;
/// How long one may be decided: what was true yesterday is asked anew.
const FRESH: Duration = Duration::from_secs(24 * 3600);
/// Longest title of an incident, in characters: as `/incident declare` takes it.
const TITLE: usize = 200;

/// What follows from answers.
pub fn assessed(
    house: &House,
    answers: Answers,
    what: &str,
    service: Option<&str>,
    asked: Stamp,
    (id, channel): (TriageId, ChannelId),
) -> Triage {
    let (level, because) = level::assess(answers);
    Triage {
        id,
        what: what.to_owned(),
        service: service.map(str::to_owned),
        answers,
        level,
        because,
        respond_by: by(house, service, level, asked.at),
        playbooks: fit::playbooks(house, service, what, level),
        asked,
        channel,
    }
}

/// By when somebody begins with something of this service.
pub fn by(house: &House, service: Option<&str>, level: Severity, at: Timestamp) -> Timestamp {
    let (zone, days) = house.business(service);
    respond::respond_by(level, at, zone, &days)
}

/// `/triage`.
pub fn ask(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let what = text::line(args.needed("what")?);
    if what.is_empty() {
        return Err(Refusal::new("Nothing of that can be seen. Say in one line what is wrong."));
    }
    let service = args.text("service");
    if let Some(name) = service
        && house.runbook(name).is_none()
    {
        return Err(super::checks::no_such_service(house, name));
    }
    let answers = Answers {
        users: args.needed("users")?.parse().map_err(Refusal::new)?,
        feature: args.needed("feature")?.parse().map_err(Refusal::new)?,
        data: args.needed("data")?.parse().map_err(Refusal::new)?,
    };
    let asked = Stamp { at: now, by: i.by.person.clone() };
    let id = state.next_triage();
    let triage = assessed(house, answers, &what, service, asked, (id, i.channel));
    let reply = Reply::done(format!("**{id}**: {}. It stands in this channel.", triage.level.in_words()));
    let triage = Box::new(triage);
    let show = Show::Triage { triage: triage.clone(), decided: None, thread: None };
    let (board, place) = (Board::Triage(id), Place::Channel(i.channel));
    Ok(Outcome {
        events: vec![Event::TriageAsked { triage }],
        effects: vec![Effect::PostBoard { board, place, show }],
        reply,
    })
}

/// A button under a triage.
pub fn press(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: TriageId,
    button: TriageButton,
) -> Result<Outcome, Refusal> {
    let triage = undecided(state, house, now, i, id)?;
    match button {
        TriageButton::Open => Ok(open(state, house, now, i, triage, None)),
        TriageButton::NoIncident => {
            let reply = Reply::done(format!("**{id}** is no incident."));
            Ok(decide(triage, now, i, Decided::NoIncident, reply))
        }
        TriageButton::Other => {
            let field = |name: &str, label: String, max| {
                let name = name.to_owned();
                Field { name, label, max, required: true, value: None }
            };
            let fields = vec![
                field("level", "Level: P1, P2, P3 or P4".to_owned(), 2),
                field("why", format!("Why not {}?", triage.level), 500),
            ];
            let title = format!("Open {id} at another level");
            Ok(Outcome::reply(Reply::Form(Form { kind: FormKind::Level(id), title, fields })))
        }
    }
}

/// The form for another level was sent. Rights and state may have changed since it was opened.
pub fn submit(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: TriageId,
    fields: &BTreeMap<String, String>,
) -> Result<Outcome, Refusal> {
    let triage = undecided(state, house, now, i, id)?;
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let severity: Severity = text::line(field("level")).parse().map_err(Refusal::new)?;
    let why = text::line(field("why"));
    if severity == triage.level {
        return Err(Refusal::new(format!(
            "{severity} is what follows from the answers. Press *Open incident as {severity}*."
        )));
    }
    if why.is_empty() {
        return Err(Refusal::new(format!("Say why {id} is {severity} and not {}.", triage.level)));
    }
    Ok(open(state, house, now, i, triage, Some((severity, why))))
}

/// The triage that is still to be decided, and may be by this person.
fn undecided<'s>(
    state: &'s State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: TriageId,
) -> Result<&'s Triage, Refusal> {
    access::may(house, i, Action::Triage)?;
    access::may(house, i, Action::IncidentDeclare)?;
    let Some(Triaging { triage, decided, .. }) = state.triages.get(&id) else {
        return Err(Refusal::new(format!("{id} is not remembered any more. `/triage` asks anew.")));
    };
    if let Some((how, when)) = decided {
        let (who, at) = (when.by.in_markdown(), when.at.seconds());
        return Err(Refusal::new(match how {
            Decided::Opened { incident, severity, .. } => format!(
                "{id} is decided: {who} opened **{incident}** as {} <t:{at}:R>. Go on there.",
                severity.in_words()
            ),
            Decided::NoIncident => {
                format!("{id} is decided: {who} said <t:{at}:R> that it is no incident. `/triage` asks anew.")
            }
        }));
    }
    if now.since(triage.asked.at) > FRESH {
        return Err(Refusal::new(format!("{id} is more than a day old. `/triage` asks anew.")));
    }
    Ok(triage)
}

/// Opens the incident.
fn open(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    triage: &Triage,
    other: Option<(Severity, String)>,
) -> Outcome {
    let (severity, overruled) = match other {
        Some((severity, why)) => (severity, Some(why)),
        None => (triage.level, None),
    };
    let opening = Opening {
        title: text::cut(&triage.what, TITLE),
        severity,
        service: triage.service.clone(),
        drill: false,
        private: false,
        // The time runs from when it was said, not from when somebody pressed.
        respond_by: by(house, triage.service.as_deref(), severity, triage.asked.at),
        triage: Some(Box::new(Triaged {
            triage: triage.id,
            what: triage.what.clone(),
            answers: triage.answers,
            level: triage.level,
            because: triage.because,
            overruled: overruled.clone(),
            playbooks: triage.playbooks.clone(),
        })),
        alerts: vec![],
    };
    let mut outcome =
        incidents::open(state.next_incident(), house, now, &incidents::Opener::from(i), opening);
    let how = Decided::Opened { incident: state.next_incident(), severity, overruled };
    let decided = decide(triage, now, i, how, Reply::None);
    outcome.events.extend(decided.events);
    outcome.effects.extend(decided.effects);
    outcome
}

fn decide(triage: &Triage, now: Timestamp, i: &Interaction, how: Decided, reply: Reply) -> Outcome {
    let by = i.by.person.clone();
    let decided = Some((how.clone(), Stamp { at: now, by: by.clone() }));
    let show = Show::Triage { triage: Box::new(triage.clone()), decided, thread: None };
    Outcome {
        events: vec![Event::TriageDecided { triage: triage.id, how, by }],
        effects: vec![Effect::EditBoard { board: Board::Triage(triage.id), show }],
        reply,
    }
}

/// What the message of a triage shows now.
pub fn show(t: &Triaging, thread: Option<ChannelId>) -> Show {
    Show::Triage { triage: Box::new(t.triage.clone()), decided: t.decided.clone(), thread }
}

/// An incident's thread is there: the triage that opened it leads to it from now on.
pub fn thread_opened(state: &State, opened: IncidentId, thread: ChannelId) -> Option<Effect> {
    let of = |t: &&Triaging| matches!(&t.decided, Some((Decided::Opened { incident, .. }, _)) if *incident == opened);
    let triaging = state.triages.values().find(of)?;
    Some(Effect::EditBoard { board: Board::Triage(triaging.triage.id), show: show(triaging, Some(thread)) })
}

/// Takes in what happened to triages at `at`; whatever is too old or too much is forgotten.
pub fn take_in(triages: &mut BTreeMap<TriageId, Triaging>, at: Timestamp, event: &Event) {
    match event {
        Event::TriageAsked { triage } => {
            triages.retain(|_, t| at.since(t.triage.asked.at) <= FRESH);
            while triages.len() >= MOST {
                triages.pop_first();
            }
            let new = Triaging { triage: (**triage).clone(), card: Card::Owed, decided: None };
            triages.insert(triage.id, new);
        }
        Event::TriageDecided { triage, how, by } => {
            if let Some(t) = triages.get_mut(triage) {
                t.decided = Some((how.clone(), Stamp { at, by: by.clone() }));
            }
        }
        _ => {}
    }
}
