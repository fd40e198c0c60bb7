//! Publishing an incident's report: by its reviewer, whole, and once for each revision.

use super::{not_merged, told};
use crate::core::Outcome;
use crate::core::incidents::private;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::afterwards::ReportPublished;
use crate::model::card::{Entry, Show, What};
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::incident::Incident;
use crate::model::input::Interaction;
use crate::model::reply::{Refusal, Reply};
use crate::model::report::Part;

/// Publishes the report of an incident. `seen` is the version that the reviewer looked at.
pub fn publish(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    incident: &Incident,
    seen: Option<u32>,
) -> Result<Outcome, Refusal> {
    not_merged(incident)?;
    reviewer(house, i)?;
    let (id, review) = (incident.id, &incident.review);
    let Some((_, how)) = incident.phase.end() else {
        return Err(Refusal::new(format!("{id} is open: `/incident resolve` comes before its report.")));
    };
    if let Some(published) = review.published.as_ref().filter(|p| p.version == review.version) {
        return Err(Refusal::new(format!(
            "Revision {} of the report of {id} is published, and nothing has changed since: {} did it <t:{}:R>.",
            published.revision,
            published.when.by.in_markdown(),
            published.when.at.seconds()
        )));
    }
    if seen.is_some_and(|version| version != review.version) {
        return Err(Refusal::new(format!(
            "The report of {id} has changed since this draft was shown. `/report show` shows it as it is now."
        )));
    }
    let missing = review.missing(incident.severity, how);
    if !missing.is_empty() {
        let words: Vec<String> = missing.iter().map(|p| p.title().to_lowercase()).collect();
        return Err(Refusal::new(format!(
            "The report of {id} still needs: {}. *Write it up* under its checklist, or `/report write`.",
            words.join(", ")
        )));
    }
    by_other(house, i, incident)?;
    let revision = review.published.as_ref().map_or(1, |p| p.revision + 1);
    let by = i.by.person.clone();
    let entry = Entry { at: now, by: Some(by.clone()), what: What::Published { revision } };
    let reports = house.settings.channels.reports;
    let to = if incident.private { "its thread".to_owned() } else { format!("<#{reports}>") };
    let reply = Reply::done(match revision {
        1 => format!("The report of **{id}** goes to {to}."),
        n => format!("Revision {n} of the report of **{id}** goes to {to}."),
    });
    let event = Event::ReportPublished(ReportPublished { incident: id, revision, by });
    let mut outcome = told(incident, now, event, Some(entry), reply);
    let show = Show::Report { incident: id, upto: state.head.next() };
    // A private one stays with those who see it.
    outcome.effects.push(Effect::Say { place: private::public_place(incident, reports), show });
    Ok(outcome)
}

/// Whether this person reviews reports here.
fn reviewer(house: &House, i: &Interaction) -> Result<(), Refusal> {
    let settings = &house.settings;
    let named = &settings.after.reviewers;
    let holds = named.iter().any(|role| settings.holds(role, &i.by.roles));
    if holds || settings.administrators.contains(&i.by.person.id) {
        return Ok(());
    }
    Err(Refusal::new(format!("A report is published by {}. Ask one of them.", named.join(" or "))))
}

/// Whoever wrote why it happened does not also say that it is right.
fn by_other(house: &House, i: &Interaction, incident: &Incident) -> Result<(), Refusal> {
    let writer = incident.review.parts.get(&Part::RootCause).map(|w| &w.when.by);
    if house.settings.after.by_other && writer.is_some_and(|w| w.is(&i.by.person)) {
        return Err(Refusal::new(format!(
            "You wrote the root cause of {}: somebody else reads it and publishes. (`by-other = false` under [report] in muster.toml lifts that.)",
            incident.id
        )));
    }
    Ok(())
}
