//! Heartbeats: a job that does not say in time that it ran is an alert, and so is one that says that it
//! failed.

use super::receive;
use super::state::Alerts;
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::{Timestamp, spoken};
use crate::model::alert::{Batch, Received, Signal};
use crate::model::event::Event;
use crate::model::heartbeat::{Beat, BeatNews, Beats, Heartbeat, Ping, Said};
use crate::model::house::House;
use crate::model::labels::{Fingerprint, Labels};

/// What their source is called.
pub const SOURCE: &str = "heartbeats";
/// How many of a job's last lines stand in its alert, and how many characters.
const LINES: usize = 10;
const CHARACTERS: usize = 1_000;

/// What tells a job's alert from others.
pub fn fingerprint(heartbeat: &str) -> Fingerprint {
    Fingerprint::named(SOURCE, heartbeat)
}

/// By when a job is to say something; `None` while its alert fires, and where nobody waits for it.
///
/// After a restart it has its grace once more: what it said while nobody listened is not known.
pub fn due(beats: &Beats, began: Timestamp) -> Option<Timestamp> {
    if beats.late || beats.every.is_zero() {
        return None;
    }
    let regular = beats.done.map(|done| done.after(beats.every).after(beats.grace));
    let running = beats.began.map(|from| from.after(beats.grace));
    let first = regular.into_iter().chain(running).min()?;
    Some(first.max(began.after(beats.grace)))
}

/// When the next job is late.
pub fn next(alerts: &Alerts) -> Option<Timestamp> {
    alerts.beats.values().filter_map(|beats| due(beats, alerts.began)).min()
}

/// The jobs that are waited for from now on, or otherwise than before: the settings are new.
pub fn expected(state: &State, house: &House) -> Vec<Event> {
    let jobs = house.settings.alerting.heartbeats.iter();
    let new = jobs.filter(|job| {
        let known = state.alerts.beats.get(&job.name);
        known.is_none_or(|beats| (beats.every, beats.grace) != (job.every, job.grace))
    });
    new.map(|job| news(&job.name, Beat::Expected { every: job.every, grace: job.grace })).collect()
}

fn news(heartbeat: &str, what: Beat) -> Event {
    Event::Beats(Box::new(BeatNews { heartbeat: heartbeat.to_owned(), what }))
}

/// The jobs that are late by now, and those that nobody waits for any more.
pub fn overdue(state: &State, house: &House, now: Timestamp) -> Outcome {
    let alerts = &state.alerts;
    let mut outcome = Outcome { events: expected(state, house), ..Outcome::default() };
    let mut batch = Batch { source: SOURCE.to_owned(), ..Batch::default() };
    for (name, beats) in &alerts.beats {
        let Some(job) = house.settings.alerting.heartbeats.iter().find(|job| job.name == *name) else {
            outcome.events.push(news(name, Beat::Forgotten));
            batch.alerts.extend(beats.late.then(|| over(name)));
            continue;
        };
        // What is new in the settings counts from the next look on.
        let terms = (beats.every, beats.grace) == (job.every, job.grace);
        if let Some(due) = due(beats, alerts.began).filter(|due| terms && *due <= now) {
            outcome.events.push(news(name, Beat::Late));
            batch.alerts.push(alert(job, since(alerts, name, due), &late(job, beats, now), ""));
        }
    }
    and(outcome, state, house, now, &batch)
}

/// A job said something.
pub fn pinged(state: &State, house: &House, now: Timestamp, ping: &Ping) -> Outcome {
    let Some(job) = house.settings.alerting.heartbeats.iter().find(|job| job.name == ping.heartbeat) else {
        return Outcome::default();
    };
    let outcome = Outcome::event(Event::Pinged(Box::new(ping.clone())));
    let fires = state.alerts.beats.get(&job.name).is_some_and(|beats| beats.late);
    let alert = match ping.said {
        Said::Done => fires.then(|| over(&job.name)),
        Said::Failed(status) => {
            let status = status.map(|s| format!(" with exit status {s}")).unwrap_or_default();
            let since = since(&state.alerts, &job.name, now);
            Some(alert(job, since, &format!("{} failed{status}", job.name), &ping.body))
        }
        Said::Began | Said::Log => None,
    };
    let batch = Batch { source: SOURCE.to_owned(), alerts: alert.into_iter().collect(), ..Batch::default() };
    and(outcome, state, house, now, &batch)
}

/// What happened, and what follows from the alerts.
fn and(mut outcome: Outcome, state: &State, house: &House, now: Timestamp, batch: &Batch) -> Outcome {
    if !batch.alerts.is_empty() {
        let more = receive(state, house, now, batch);
        outcome.events.extend(more.events);
        outcome.effects.extend(more.effects);
        outcome.reply = more.reply;
    }
    outcome
}

fn late(job: &Heartbeat, beats: &Beats, now: Timestamp) -> String {
    let ago = |at: Timestamp| spoken(now.since(at));
    match (beats.began, beats.done) {
        (Some(from), _) if from.after(beats.grace) <= now => {
            format!("{} began {} ago, and has not said that it is done", job.name, ago(from))
        }
        (_, Some(done)) => {
            let every = spoken(beats.every);
            format!("{} has not said for {} that it ran; it is to run every {every}", job.name, ago(done))
        }
        (_, None) => format!("{} has not said that it ran", job.name),
    }
}

/// Since when a job's alert fires. Where the clock was put back behind its last one nothing is said of
/// that: it would pass for a request that comes late.
fn since(alerts: &Alerts, heartbeat: &str, at: Timestamp) -> Option<Timestamp> {
    let last = alerts.live.get(&fingerprint(heartbeat));
    last.is_none_or(|last| last.since < at).then_some(at)
}

fn alert(job: &Heartbeat, since: Option<Timestamp>, summary: &str, body: &str) -> Received {
    let lines: Vec<&str> = body.lines().rev().take(LINES).collect();
    let tail = lines.into_iter().rev().collect::<Vec<_>>().join("\n");
    let skip = tail.chars().count().saturating_sub(CHARACTERS);
    let tail: String = tail.chars().skip(skip).collect();
    Received {
        fingerprint: fingerprint(&job.name),
        labels: Labels::new([
            ("alertname", format!("Heartbeat {}", job.name)),
            ("heartbeat", job.name.clone()),
            ("service", job.service.clone().unwrap_or_default()),
            ("severity", job.severity.to_string()),
        ]),
        annotations: Labels::new([("summary", summary), ("description", &text::plain(&tail))]),
        link: None,
        signal: Signal::Firing { since, until: None },
    }
}

fn over(heartbeat: &str) -> Received {
    Received {
        fingerprint: fingerprint(heartbeat),
        labels: Labels::default(),
        annotations: Labels::default(),
        link: None,
        signal: Signal::Resolved { at: None },
    }
}

/// Takes in what happened to a job.
pub fn take_in(alerts: &mut Alerts, at: Timestamp, event: &Event) {
    match event {
        Event::Pinged(ping) => {
            let beats = alerts.beats.entry(ping.heartbeat.clone()).or_default();
            match ping.said {
                Said::Began => beats.began = Some(at),
                Said::Done => {
                    beats.done = Some(at);
                    beats.began = None;
                    beats.late = false;
                }
                Said::Failed(_) => {
                    beats.began = None;
                    beats.late = true;
                }
                Said::Log => {}
            }
        }
        Event::Beats(news) => match news.what {
            Beat::Expected { every, grace } => {
                let beats = alerts.beats.entry(news.heartbeat.clone()).or_default();
                // It counts from when somebody began to wait.
                beats.done.get_or_insert(at);
                (beats.every, beats.grace) = (every, grace);
            }
            Beat::Late => {
                if let Some(beats) = alerts.beats.get_mut(&news.heartbeat) {
                    beats.late = true;
                }
            }
            Beat::Forgotten => {
                alerts.beats.remove(&news.heartbeat);
            }
        },
        _ => {}
    }
}
