//! Striking a text out of the record, everywhere: for a secret that somebody pasted.
//!
//! Deciding takes two steps, because the text stands in the journal and not in the state. This file
//! is the first: who may, and what is meant ([`Reply::Strike`]). Whoever keeps the
//! journal then looks for it with [`Needles`], and [`outcome`] says what follows from what was
//! found. The text itself is in none of it: not in a cause, not in a refusal, not in the log.

mod found;
mod needles;

use std::collections::BTreeMap;

pub use found::{Found, Shown, cards, outcome};
pub use needles::{Needles, Struck, texts};

use super::{Wanted, known, may, which};
use crate::core::Outcome;
use crate::core::args::Args;
use crate::core::state::State;
use crate::kit::text;
use crate::model::button::FormKind;
use crate::model::command::Action;
use crate::model::house::House;
use crate::model::ids::{IncidentId, Seq};
use crate::model::incident::Incident;
use crate::model::input::Interaction;
use crate::model::reply::{Field, Form, Refusal, Reply};
use crate::model::strike::{MARK, StrikeAsk, Unspoken};

/// Shorter texts would be found in half of all words.
pub const LEAST: usize = 4;

/// `/incident strike`: asks for the text in a form. Typed as an option it would stand in the
/// person's own Discord client.
pub fn open(state: &State, house: &House, i: &Interaction, args: &Args<'_>) -> Result<Outcome, Refusal> {
    let incident = which(state, house, i, args, Wanted::Any)?;
    let entry = args.integer("entry").and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    of_incident(incident, entry.map(|n| Seq(n.into())))?;
    let field = |name: &str, label: &str, max, required| Field {
        name: name.to_owned(),
        label: label.to_owned(),
        max,
        required,
        value: None,
    };
    let label = match entry {
        Some(_) => "The exact text; empty: the whole entry",
        None => "The exact text",
    };
    Ok(Outcome::reply(Reply::Form(Form {
        kind: FormKind::Strike(incident.id, entry.unwrap_or(0)),
        title: format!("Strike out of {}", incident.id),
        fields: vec![
            field("text", label, 4000, entry.is_none()),
            field("why", "Why (without the text)", 200, false),
        ],
    })))
}

/// The form was sent. Nothing is decided yet but that it may be looked for.
pub fn submit(
    state: &State,
    house: &House,
    i: &Interaction,
    id: IncidentId,
    entry: u32,
    fields: &BTreeMap<String, String>,
) -> Result<Outcome, Refusal> {
    may(house, i, Action::IncidentStrike)?;
    let incident = known(state, house, i, id)?;
    let entry = (entry > 0).then(|| Seq(entry.into()));
    of_incident(incident, entry)?;
    let typed = fields.get("text").map(|t| t.trim()).filter(|t| !t.is_empty());
    match typed {
        None if entry.is_none() => {
            return Err(Refusal::new("Give the exact text, or name an entry: `/incident strike entry: 57`."));
        }
        Some(t) if t.chars().count() < LEAST || MARK.contains(t) => {
            return Err(Refusal::new(format!(
                "That is too short: it would be found everywhere. Give at least {LEAST} characters, or strike a whole entry."
            )));
        }
        _ => {}
    }
    let why = fields.get("why").map(|w| text::line(w)).filter(|w| !w.is_empty());
    let ask = StrikeAsk {
        incident: id,
        entry,
        text: typed.map(|t| Unspoken(t.to_owned())),
        why,
        by: i.by.person.clone(),
    };
    Ok(Outcome::reply(Reply::Strike(Box::new(ask))))
}

fn of_incident(incident: &Incident, entry: Option<Seq>) -> Result<(), Refusal> {
    match entry {
        Some(seq) if !incident.commits.contains(&seq) => Err(Refusal::new(format!(
            "{} has no entry {seq}. `/timeline` shows each entry's number in front of it.",
            incident.id
        ))),
        _ => Ok(()),
    }
}
