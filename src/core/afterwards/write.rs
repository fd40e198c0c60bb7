//! What people write of an incident: summary, root cause, resolution, lessons. By a form that is
//! filled with what is there, or by a command. What somebody typed is never lost: where it cannot
//! be kept they get it back.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{not_merged, told};
use crate::core::Outcome;
use crate::core::args::Args;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::afterwards::ReportWritten;
use crate::model::button::FormKind;
use crate::model::card::{Entry, Show, Tone, What};
use crate::model::event::Event;
use crate::model::incident::Incident;
use crate::model::input::Interaction;
use crate::model::reply::{Field, Form, Refusal, Reply};
use crate::model::report::{AfterForm, Part};

/// Longest text of a part: what a form's field takes (Discord, "Text input").
const LONGEST: u16 = 4000;

/// What stands in a part now. What was said when the incident was resolved is its resolution
/// until somebody writes another.
fn now_there(incident: &Incident, part: Part) -> &str {
    let how = incident.phase.end().and_then(|(_, how)| how).filter(|_| part == Part::Resolution);
    incident.review.text(part).or(how).unwrap_or("")
}

/// Opens the form, filled with what is there.
pub fn open(incident: &Incident) -> Result<Outcome, Refusal> {
    not_merged(incident)?;
    let field = |part: Part| Field {
        name: part.word().to_owned(),
        label: part.question().to_owned(),
        max: LONGEST,
        required: false,
        value: Some(now_there(incident, part).to_owned()),
    };
    let kind = FormKind::After(incident.id, AfterForm::Write(incident.review.writes));
    let title = format!("{}: write it up", incident.id);
    Ok(Outcome::reply(Reply::Form(Form { kind, title, fields: Part::ALL.map(field).to_vec() })))
}

/// `/report write`: what is typed, or the form where nothing is.
pub fn command(
    incident: &Incident,
    now: Timestamp,
    i: &Interaction,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let typed: BTreeMap<Part, String> =
        Part::ALL.into_iter().filter_map(|p| Some((p, cleaned(args.text(p.word())?)))).collect();
    if typed.is_empty() {
        return open(incident);
    }
    keep(incident, now, i, typed.clone()).map_err(|why| given_back(&why, &typed))
}

/// What somebody typed into the form.
pub fn typed(fields: &BTreeMap<String, String>) -> BTreeMap<Part, String> {
    Part::ALL.into_iter().filter_map(|p| Some((p, cleaned(fields.get(p.word())?)))).collect()
}

fn cleaned(typed: &str) -> String {
    text::plain(typed).trim().to_owned()
}

/// The form was sent, which had been opened when the report had been written `writes` times.
/// What somebody else wrote meanwhile is not overwritten unseen.
pub fn form(
    incident: &Incident,
    now: Timestamp,
    i: &Interaction,
    writes: u32,
    typed: &BTreeMap<Part, String>,
) -> Result<Outcome, Refusal> {
    let differs = |part: &Part, text: &str| now_there(incident, *part) != text;
    let mut changed: BTreeMap<Part, String> =
        typed.iter().filter(|(part, text)| differs(part, text)).map(|(p, t)| (*p, t.clone())).collect();
    if incident.review.writes != writes {
        // The form shows what was there before. A field that is empty in it may have been filled.
        changed.retain(|_, text| !text.is_empty());
        let taken: Vec<&str> = changed
            .keys()
            .filter(|part| incident.review.text(**part).is_some())
            .map(|part| part.title())
            .collect();
        if !taken.is_empty() {
            return Err(Refusal::new(format!(
                "Somebody wrote to the report of {} while your form was open ({}), so nothing of yours was kept. Open the form again: it shows theirs.",
                incident.id,
                taken.join(", ")
            )));
        }
    }
    keep(incident, now, i, changed)
}

fn keep(
    incident: &Incident,
    now: Timestamp,
    i: &Interaction,
    parts: BTreeMap<Part, String>,
) -> Result<Outcome, Refusal> {
    not_merged(incident)?;
    let parts: BTreeMap<Part, String> =
        parts.into_iter().filter(|(part, text)| incident.review.text(*part).unwrap_or("") != text).collect();
    let id = incident.id;
    if parts.is_empty() {
        let text = format!("The report of **{id}** says that already.");
        let show = Show::Notice { tone: Tone::Info, text };
        return Ok(Outcome::reply(Reply::Show { show, private: true }));
    }
    let by = i.by.person.clone();
    let what = What::Wrote { parts: parts.keys().copied().collect() };
    let entry = Entry { at: now, by: Some(by.clone()), what };
    let open = if incident.phase.is_open() {
        format!(" {id} is open: the report is published once it is resolved.")
    } else {
        String::new()
    };
    let reply =
        Reply::done(format!("It is in the report of **{id}**.{open} `/report show` shows the draft."));
    let event = Event::ReportWritten(ReportWritten { incident: id, parts, by });
    Ok(told(incident, now, event, Some(entry), reply))
}

/// The refusal, with all that was typed: nobody writes a root cause twice.
pub fn given_back(why: &Refusal, typed: &BTreeMap<Part, String>) -> Refusal {
    let mut words = why.0.clone();
    for (part, text) in typed.iter().filter(|(_, text)| !text.is_empty()) {
        // Writing to a String cannot fail.
        let _ = write!(words, "\n\n**{}** (yours)\n{}", part.title(), text::escape_markdown(text));
    }
    Refusal::new(words)
}
