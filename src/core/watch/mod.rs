//! What Muster sees when it looks by itself becomes an alert, as if a source had told of it.
//!
//! - [`judge`] says what a look means together with those before it.
//!
//! What is unknown never fires and never ends anything; unknown for long, it is an alert of its own.

mod judge;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use super::state::State;
use super::{Outcome, alerts};
use crate::kit::text::{cut, line};
use crate::kit::time::Timestamp;
use crate::model::alert::{Batch, Received, Signal};
use crate::model::house::House;
use crate::model::incident::Severity;
use crate::model::labels::{Fingerprint, Labels};
use crate::model::reply::Reply;
use crate::model::watch::{SOURCE, Sample, Watch};
use judge::Judged;

/// How long nothing may be known of a rule before people hear of it.
pub const UNKNOWN: Duration = Duration::from_secs(10 * 60);

/// What the alert is called that nothing is known.
const UNWATCHED: &str = "nothing-known";

/// How long a sentence of an alert may be, in characters.
const SENTENCE: usize = 400;

/// A look was taken.
pub fn sampled(state: &State, house: &House, now: Timestamp, sample: &Sample) -> Outcome {
    let Some(rule) = rule(house, sample) else {
        // The files changed meanwhile, and `began` comes or came.
        return Outcome::default();
    };
    let (own, unknown) = Watch::fingerprints(&sample.service, &rule.name);
    let fires = |fp| state.alerts.live.get(fp).is_some_and(|a| a.fires());
    let mut memory = sample.memory.clone();
    if memory.told && !fires(&own) {
        // Somebody said that it is over: it takes as long as at first to say otherwise.
        memory = judge::forgiven(memory);
    }
    let (judged, why) = judge::judge(rule, house.settings.watch.every, now, sample, &mut memory);
    let mut told = vec![];
    match judged {
        Judged::Fires if !fires(&own) => told.push(alert(sample, rule, own, &why)),
        Judged::Over if fires(&own) => told.push(over(own)),
        _ => {}
    }
    memory.told = if judged == Judged::Fires { true } else { fires(&own) && told.is_empty() };
    match memory.unknown {
        Some(since) if now.since(since) >= UNKNOWN && !fires(&unknown) => {
            told.push(nothing_known(sample, rule, unknown, since, &why));
        }
        None if fires(&unknown) => told.push(over(unknown)),
        _ => {}
    }
    Outcome { reply: Reply::Watched(Box::new(memory)), ..receive(state, house, now, told) }
}

/// The rules of these files are looked at from now on, and no others: what fires of another is over.
pub fn began(state: &State, house: &House, now: Timestamp) -> Outcome {
    let alerts = &state.alerts;
    let Some(source) = alerts.sources.iter().position(|s| s == SOURCE) else { return Outcome::default() };
    let watched = |service: &str, rule: &str| {
        let book = house.runbook(service).filter(|_| !house.settings.watch.off);
        book.is_some_and(|book| book.watches.iter().any(|w| w.name.as_str() == rule))
    };
    let mut gone = BTreeSet::new();
    for (_, alert) in alerts.live.iter().filter(|(_, a)| usize::from(a.source) == source && a.fires()) {
        // By its labels: where several routes take an alert, each has its own copy.
        let label = |name| alert.labels.get(name).unwrap_or_default();
        let (service, unknown) = (label("service"), label("alertname") == UNWATCHED);
        let rule = label(if unknown { "rule" } else { "alertname" });
        if !watched(service, rule)
            && let Ok(rule) = rule.parse()
        {
            let (own, of_unknown) = Watch::fingerprints(service, &rule);
            gone.insert(if unknown { of_unknown } else { own });
        }
    }
    receive(state, house, now, gone.into_iter().map(over).collect())
}

fn receive(state: &State, house: &House, now: Timestamp, told: Vec<Received>) -> Outcome {
    if told.is_empty() {
        return Outcome::default();
    }
    let batch = Batch { source: SOURCE.to_owned(), receipt: None, alerts: told, marks: vec![] };
    alerts::receive(state, house, now, &batch)
}

fn rule<'h>(house: &'h House, sample: &Sample) -> Option<&'h Watch> {
    if house.settings.watch.off {
        return None;
    }
    house.runbook(&sample.service)?.watches.iter().find(|rule| rule.name == sample.rule)
}

fn over(fingerprint: Fingerprint) -> Received {
    Received {
        fingerprint,
        labels: Labels::default(),
        annotations: Labels::default(),
        link: None,
        signal: Signal::Resolved { at: None },
    }
}

fn alert(sample: &Sample, rule: &Watch, fingerprint: Fingerprint, why: &str) -> Received {
    let severity = rule.open.map(|s| s.to_string()).unwrap_or_default();
    let labels = [("alertname", rule.name.as_str()), ("service", &sample.service), ("severity", &severity)];
    let summary = if rule.about.is_empty() { rule.name.to_string() } else { rule.about.clone() };
    let suggest = rule.suggest.as_deref().unwrap_or_default();
    let annotations = [
        ("summary", cut(&line(&summary), SENTENCE)),
        ("description", cut(&line(why), SENTENCE)),
        ("muster_suggest", suggest.to_owned()),
        ("muster_section", rule.section.clone()),
    ];
    Received {
        fingerprint,
        labels: Labels::new(labels),
        annotations: Labels::new(annotations),
        link: sample.link.clone(),
        signal: Signal::Firing { since: None, until: None },
    }
}

fn nothing_known(
    sample: &Sample,
    rule: &Watch,
    fingerprint: Fingerprint,
    since: Timestamp,
    why: &str,
) -> Received {
    let labels = [
        ("alertname", UNWATCHED.to_owned()),
        ("service", sample.service.clone()),
        ("rule", rule.name.to_string()),
        ("severity", Severity::P3.to_string()),
    ];
    let summary = format!("Nothing is known of {} of {}.", rule.name, sample.service);
    let annotations = [
        ("summary", summary),
        ("description", cut(&line(why), SENTENCE)),
        ("muster_section", rule.section.clone()),
    ];
    Received {
        fingerprint,
        labels: Labels::new(labels),
        annotations: Labels::new(annotations),
        link: None,
        signal: Signal::Firing { since: Some(since), until: None },
    }
}
