//! What is to be done after an incident: added with an owner and a day, ticked, or dropped with
//! a reason. It stays until then, whatever becomes of the incident.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{not_merged, told};
use crate::core::Outcome;
use crate::core::afterwards::due;
use crate::core::args::Args;
use crate::core::incidents::private;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::afterwards::{ActionItemAdded, ActionItemEnded};
use crate::model::button::FormKind;
use crate::model::card::{Entry, Show, What};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{ActionId, IncidentId};
use crate::model::incident::{Incident, Phase};
use crate::model::input::Interaction;
use crate::model::person::Person;
use crate::model::reply::{Field, Form, Refusal, Reply};
use crate::model::report::{ActionItem, AfterForm, Due};

/// Most of one incident: more is a project.
const MOST: u16 = 50;
/// Longest text of one.
const WHAT: usize = 500;

/// `/action add`.
pub fn command(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    incident: &Incident,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let owner = args.person("owner").cloned();
    add(state, house, now, i, incident, args.needed("what")?, owner, args.text("due"))
}

/// Opens the form for one.
pub fn open(incident: &Incident) -> Result<Outcome, Refusal> {
    takes_more(incident)?;
    let field = |name: &str, label: &str, max, required| Field {
        name: name.to_owned(),
        label: label.to_owned(),
        max,
        required,
        value: None,
    };
    let fields = vec![
        field("what", "What is to be done?", 500, true),
        field("owner", "Who? me, or a name of this incident's people", 100, false),
        field("due", "Until when? 2026-12-01, friday, in 3 days", 40, false),
    ];
    let kind = FormKind::After(incident.id, AfterForm::AddAction);
    let title = format!("Action item after {}", incident.id);
    Ok(Outcome::reply(Reply::Form(Form { kind, title, fields })))
}

/// The form was sent.
pub fn form(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    incident: &Incident,
    fields: &BTreeMap<String, String>,
) -> Result<Outcome, Refusal> {
    let field = |name: &str| fields.get(name).map(|f| f.trim()).filter(|f| !f.is_empty());
    let owner = field("owner").map(|typed| owner(state, i, incident, typed)).transpose()?;
    add(state, house, now, i, incident, field("what").unwrap_or(""), owner, field("due"))
}

/// Whom a typed name means: a form cannot offer the server's members. Those who had to do with
/// this incident are known by name.
fn owner(state: &State, i: &Interaction, incident: &Incident, typed: &str) -> Result<Person, Refusal> {
    let wanted = text::line(typed);
    let wanted = wanted.trim_start_matches('@');
    if ["me", "myself"].iter().any(|me| wanted.eq_ignore_ascii_case(me)) {
        return Ok(i.by.person.clone());
    }
    let review = &incident.review;
    let written = review.parts.values().map(|w| &w.when.by);
    let ticked = review.items.iter().filter_map(|item| item.ticked.as_ref()).map(|t| &t.by);
    let owners =
        state.actions.values().filter(|a| a.incident == incident.id).filter_map(|a| a.owner.as_ref());
    let ended = incident.phase.end().map(|(when, _)| &when.by);
    let known = [&i.by.person, &incident.declared.by]
        .into_iter()
        .chain(ended)
        .chain(incident.duties.values())
        .chain(written)
        .chain(ticked)
        .chain(owners);
    let mut fitting: Vec<&Person> =
        known.filter(|p| p.name.to_lowercase() == wanted.to_lowercase()).collect();
    fitting.sort_by_key(|p| p.id);
    fitting.dedup_by_key(|p| p.id);
    match fitting.as_slice() {
        [one] => Ok((*one).clone()),
        _ => Err(Refusal::new(format!(
            "“{}” is nobody that {} knows by this name. `/action add` lets you choose a member in `owner`; or leave it empty.",
            text::escape_markdown(wanted),
            incident.id
        ))),
    }
}

/// Whether an incident can have one more.
fn takes_more(incident: &Incident) -> Result<(), Refusal> {
    not_merged(incident)?;
    let id = incident.id;
    if matches!(incident.phase, Phase::Closed { .. }) {
        return Err(Refusal::new(format!("{id} is closed. `/incident reopen` lets it go on.")));
    }
    if incident.review.actions >= MOST {
        return Err(Refusal::new(format!(
            "{id} has had {MOST} action items. Keep more of them in your tracker, and link it: `/incident link`."
        )));
    }
    Ok(())
}

#[allow(clippy::too_many_arguments)] // each is something that somebody typed, or what is known
fn add(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    incident: &Incident,
    what: &str,
    owner: Option<Person>,
    typed_day: Option<&str>,
) -> Result<Outcome, Refusal> {
    takes_more(incident)?;
    let what = text::cut(&text::line(what), WHAT);
    if what.is_empty() {
        return Err(Refusal::new("It has no visible character. Say in one line what is to be done."));
    }
    let tz = house.settings.timezone;
    let day = typed_day.map(|typed| due::parse(typed, due::today(now, tz))).transpose();
    let day = day.map_err(|why| Refusal::new(format!("{why}.")))?;
    let due = day.map(|day| Due { day, remind: due::first_reminder(day, now, tz) });
    let (action, id, by) = (state.next_action(), incident.id, i.by.person.clone());
    let reminded = match (&owner, day) {
        (Some(who), Some(day)) => format!(" {} is reminded on {day}.", who.in_markdown()),
        (None, Some(day)) => format!(" The thread is reminded on {day}; nobody owns it yet."),
        (_, None) => " It has no due date, so nobody is reminded.".to_owned(),
    };
    let entry = What::ActionAdded { action, what: what.clone(), owner: owner.clone(), due: day };
    let entry = Entry { at: now, by: Some(by.clone()), what: entry };
    let event = Event::ActionItemAdded(ActionItemAdded { action, incident: id, what, owner, due, by });
    let reply = Reply::done(format!("**{action}** follows from **{id}**.{reminded}"));
    Ok(told(incident, now, event, Some(entry), reply))
}

/// The refusal, with all that was typed.
pub fn given_back(why: &Refusal, fields: &BTreeMap<String, String>) -> Refusal {
    let mut words = why.0.clone();
    for (label, name) in [("What", "what"), ("Owner", "owner"), ("Due", "due")] {
        if let Some(text) = fields.get(name).map(|t| text::line(t)).filter(|t| !t.is_empty()) {
            // Writing to a String cannot fail.
            let _ = write!(words, "\n**{label}** (yours): {}", text::escape_markdown(&text));
        }
    }
    Refusal::new(words)
}

/// The open one that is meant, and its incident.
fn meant<'s>(
    state: &'s State,
    house: &House,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<(&'s ActionItem, &'s Incident), Refusal> {
    let id: Option<ActionId> = args.read("item")?;
    let id = id.ok_or_else(|| Refusal::new("Name it: `item: ACT-1`."))?;
    let sees = |n: &&Incident| private::sees(house, n, &i.by.person, Some(i.channel));
    let of = |a: &ActionItem| state.incidents.get(&a.incident).filter(sees);
    let open = state.actions.get(&id).and_then(|a| Some((a, of(a)?)));
    open.ok_or_else(|| {
        let over = id < state.next_action() && !state.actions.contains_key(&id);
        Refusal::new(match over {
            true => format!("{id} is ticked or dropped already. `/action list` shows what is open."),
            false => format!("There is no {id}. `/action list` shows what is open."),
        })
    })
}

/// `/action done`.
pub fn done(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let (item, incident) = meant(state, house, i, args)?;
    Ok(ended(item, incident, now, i, None))
}

/// `/action drop`.
pub fn drop(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let (item, incident) = meant(state, house, i, args)?;
    let why = text::line(args.needed("why")?);
    if why.is_empty() {
        return Err(Refusal::new("Say in `why` what makes it unnecessary."));
    }
    Ok(ended(item, incident, now, i, Some(why)))
}

fn ended(
    item: &ActionItem,
    incident: &Incident,
    now: Timestamp,
    i: &Interaction,
    dropped: Option<String>,
) -> Outcome {
    let by = i.by.person.clone();
    let (action, id) = (item.id, incident.id);
    let event =
        Event::ActionItemEnded(ActionItemEnded { action, incident: id, dropped: dropped.clone(), by });
    let word = if dropped.is_some() { "dropped" } else { "done" };
    let what = What::ActionEnded { action: item.id, what: item.what.clone(), dropped };
    let entry = Entry { at: now, by: Some(i.by.person.clone()), what };
    let reply = Reply::done(format!("**{}** is {word}.", item.id));
    told(incident, now, event, Some(entry), reply)
}

/// The open ones that somebody may see: those of a private incident are as private.
pub fn seen<'s>(state: &'s State, house: &House, i: &Interaction) -> impl Iterator<Item = &'s ActionItem> {
    let sees = |n: &Incident| private::sees(house, n, &i.by.person, Some(i.channel));
    state.actions.values().filter(move |a| state.incidents.get(&a.incident).is_some_and(sees))
}

/// `/action list`.
pub fn list(state: &State, house: &House, i: &Interaction, args: &Args<'_>) -> Result<Outcome, Refusal> {
    let incident: Option<IncidentId> = args.read("incident")?;
    let mut open: Vec<ActionItem> =
        seen(state, house, i).filter(|a| incident.is_none_or(|i| a.incident == i)).cloned().collect();
    open.sort_by_key(|a| (a.due.is_none(), a.due.as_ref().map(|d| d.day), a.id));
    Ok(Outcome::reply(Reply::Show { show: Show::ActionItems { incident, open }, private: true }))
}
