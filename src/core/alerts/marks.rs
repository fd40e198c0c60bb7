//! Marks: what changed, kept so that "what changed?" has an answer, and told where people work on the
//! service.

use super::state::Alerts;
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::alert::Batch;
use crate::model::card::{Entry, Show, Tone, What};
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::IncidentId;
use crate::model::incident::Incident;
use crate::model::mark::{Mark, Marked, Went};

/// How many are kept at hand, the newest.
pub const KEPT: usize = 64;
/// Longest text of one, in characters.
const WHAT: usize = 300;

/// The marks of a request that was not taken in before.
pub fn received(state: &State, house: &House, now: Timestamp, batch: &Batch) -> Outcome {
    let mut outcome = Outcome::default();
    for mark in &batch.marks {
        let service = mark.service.clone().filter(|name| house.runbook(name).is_some());
        let mark = Mark { what: text::cut(&text::line(&mark.what), WHAT), service, ..mark.clone() };
        if mark.post {
            outcome.effects.push(Effect::Say {
                place: Place::Channel(house.settings.channels.alerts),
                show: Show::Notice { tone: Tone::Info, text: said(&mark) },
            });
        }
        // That something begins is no news by itself: how it went is.
        if mark.went != Went::Began {
            outcome.effects.extend(concerned(state, &mark).into_iter().map(|incident| Effect::Say {
                place: Place::Thread(incident),
                show: Show::Entry(entry(&mark, now)),
            }));
        }
        let (source, receipt) = (batch.source.clone(), batch.receipt.clone());
        outcome.events.push(Event::Marked(Box::new(Marked { source, receipt, mark })));
    }
    outcome
}

/// The open incidents in whose history a mark stands.
pub fn concerned(state: &State, mark: &Mark) -> Vec<IncidentId> {
    state.open().into_iter().filter(|i| concerns(i, mark)).map(|i| i.id).collect()
}

/// Whether a mark is about the service of an incident. An exercise has a history of its own.
fn concerns(incident: &Incident, mark: &Mark) -> bool {
    mark.service.is_some() && incident.service == mark.service && !incident.drill
}

/// A mark as a line of a timeline; it stands where it happened, and never after it was heard of.
fn entry(mark: &Mark, heard: Timestamp) -> Entry {
    Entry { at: mark.at.min(heard), by: None, what: What::Changed { mark: Box::new(mark.clone()) } }
}

/// What changed of a service, from then until then; the oldest first.
pub fn of<'a>(alerts: &'a Alerts, service: &str, from: Timestamp, to: Timestamp) -> Vec<&'a Mark> {
    let own = |m: &&Mark| m.service.as_deref() == Some(service) && (from..=to).contains(&m.at);
    let mut marks: Vec<&Mark> = alerts.marks.iter().filter(own).collect();
    marks.sort_by_key(|m| m.at);
    marks
}

/// A mark in one line, in Markdown.
pub fn said(mark: &Mark) -> String {
    let (sign, went) = match mark.went {
        Went::Began => ("🚀", " began"),
        Went::Done => ("🚀", " is done"),
        Went::Failed => ("💥", " **failed**"),
        Went::Unsaid => ("📌", ""),
    };
    let what = text::escape_markdown(&mark.what);
    let by = mark
        .by
        .as_deref()
        .map(|by| format!(", by {}", text::escape_markdown(&text::cut(&text::line(by), 100))));
    let link = mark.link.as_ref().and_then(|link| {
        let url = address(&link.url)?;
        Some(format!(" · [{}](<{url}>)", text::escape_markdown(&text::cut(&text::line(&link.label), 80))))
    });
    format!(
        "{sign} <t:{}:T> {what}{went}{}{}",
        mark.at.seconds(),
        by.unwrap_or_default(),
        link.unwrap_or_default()
    )
}

/// An address that ends no link early.
fn address(url: &str) -> Option<&str> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let plain = |c: char| c.is_ascii_graphic() && !"<>()\\`".contains(c);
    (web && url.len() <= 1_000 && url.chars().all(plain)).then_some(url)
}

/// Takes in a mark. Only the newest are kept at hand.
pub fn take_in(alerts: &mut Alerts, marked: &Marked) {
    alerts.receipt(&marked.source, marked.receipt.as_deref());
    alerts.marks.push_back(marked.mark.clone());
    while alerts.marks.len() > KEPT {
        alerts.marks.pop_front();
    }
}
