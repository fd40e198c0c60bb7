//! The whole report as JSON, for programs. The names are stable: what is added later gets a name
//! of its own, and what a name means never changes. `format` is 1.
//!
//! Times are RFC 3339 in the team's zone, with its offset; lengths of time are whole seconds.
//! What is not known or not written is `null`.

use chrono::{NaiveDate, SecondsFormat};
use chrono_tz::Tz;
use serde::Serialize;

use super::words::plain;
use super::{happened, status, written};
use crate::core::figures::figures;
use crate::core::history::History;
use crate::kit::time::Timestamp;
use crate::model::card::{Entry, What};
use crate::model::mark::Went;
use crate::model::person::Person;
use crate::model::report::{ActionItem, ActionState, Part};
use crate::model::run::RunEnd;
use crate::render::timeline;

/// A report.
#[derive(Serialize)]
struct Report<'a> {
    format: u32,
    incident: String,
    title: &'a str,
    /// `P1` to `P4`.
    severity: String,
    service: Option<&'a str>,
    drill: bool,
    /// `ongoing` or `resolved`.
    status: &'a str,
    /// As in the database of time zones: `Europe/Berlin`.
    timezone: &'a str,
    began: String,
    ended: Option<String>,
    duration_seconds: Option<u64>,
    declared_by: Who<'a>,
    resolved_by: Option<Who<'a>>,
    /// What was published last; 0 is a draft.
    revision: u32,
    published: Option<String>,
    published_by: Option<Who<'a>>,
    summary: Option<&'a str>,
    root_cause: Option<&'a str>,
    resolution: Option<&'a str>,
    lessons: Option<&'a str>,
    figures: Numbers,
    duties: Vec<DutyOf<'a>>,
    links: Vec<LinkTo<'a>>,
    timeline: Vec<Line<'a>>,
    runs: Vec<RunOf<'a>>,
    alerts: Vec<AlertOf<'a>>,
    changes: Vec<ChangeOf<'a>>,
    action_items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Who<'a> {
    /// Discord's id; `1` is somebody at Muster's own terminal.
    id: String,
    name: &'a str,
}

#[derive(Serialize)]
struct Numbers {
    time_to_respond_seconds: Option<u64>,
    time_to_identify_seconds: Option<u64>,
    time_to_resolve_seconds: Option<u64>,
    runs: usize,
    notes: usize,
    people: usize,
    reopened: usize,
}

#[derive(Serialize)]
struct DutyOf<'a> {
    /// `commander`, `comms` or `scribe`.
    duty: &'a str,
    person: Who<'a>,
}

#[derive(Serialize)]
struct LinkTo<'a> {
    label: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    by: Option<Who<'a>>,
    /// What happened, in plain words.
    text: String,
}

#[derive(Serialize)]
struct RunOf<'a> {
    run: String,
    /// Service and action.
    what: &'a str,
    asked: String,
    ended: Option<String>,
    /// `passed`, `failed`, `cancelled`, `refused`, `void` or `undone`; `null` while it goes on.
    result: Option<&'a str>,
}

#[derive(Serialize)]
struct AlertOf<'a> {
    alert: String,
    title: &'a str,
    began: String,
    /// `null` while it fires.
    over: Option<String>,
}

#[derive(Serialize)]
struct ChangeOf<'a> {
    at: String,
    what: &'a str,
    service: Option<&'a str>,
    /// `began`, `done`, `failed` or `unsaid`.
    went: Went,
    /// As its source calls them.
    by: Option<&'a str>,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Item<'a> {
    item: String,
    what: &'a str,
    owner: Option<Who<'a>>,
    /// A day: `2026-12-01`.
    due: Option<NaiveDate>,
    /// `open`, `done` or `dropped`.
    state: &'a str,
    /// Why it was dropped.
    why: Option<&'a str>,
}

/// The whole report, indented.
pub fn json(h: &History, tz: Tz) -> String {
    let c = &h.card;
    let at = |t: Timestamp| t.utc().with_timezone(&tz).to_rfc3339_opts(SecondsFormat::Secs, false);
    let seconds = |d: std::time::Duration| d.as_secs();
    let f = figures(h);
    let end = c.phase.end().map(|(when, _)| when);
    let published = h.review.published.as_ref();
    let line = |e: &'_ Entry| plain(&timeline::said(e));
    let report = Report {
        format: 1,
        incident: c.id.to_string(),
        title: &c.title,
        severity: c.severity.to_string(),
        service: c.service.as_deref(),
        drill: c.drill,
        status: status(h),
        timezone: tz.name(),
        began: at(c.declared.at),
        ended: end.map(|when| at(when.at)),
        duration_seconds: end.map(|when| seconds(when.at.since(c.declared.at))),
        declared_by: who(&c.declared.by),
        resolved_by: end.map(|when| who(&when.by)),
        revision: published.map_or(0, |p| p.revision),
        published: published.map(|p| at(p.when.at)),
        published_by: published.map(|p| who(&p.when.by)),
        summary: written(h, Part::Summary),
        root_cause: written(h, Part::RootCause),
        resolution: written(h, Part::Resolution),
        lessons: written(h, Part::Lessons),
        figures: Numbers {
            time_to_respond_seconds: f.respond.map(seconds),
            time_to_identify_seconds: f.identify.map(seconds),
            time_to_resolve_seconds: f.resolve.map(seconds),
            runs: f.runs,
            notes: f.notes,
            people: f.people,
            reopened: f.reopened,
        },
        duties: c.duties.iter().map(|(d, p)| DutyOf { duty: d.word(), person: who(p) }).collect(),
        links: c.links.iter().map(|l| LinkTo { label: &l.label, url: &l.url }).collect(),
        timeline: h
            .entries
            .iter()
            .filter(|e| happened(e))
            .map(|e| Line { at: at(e.at), by: e.by.as_ref().map(who), text: line(e) })
            .collect(),
        runs: h
            .runs
            .iter()
            .map(|r| RunOf {
                run: r.run.to_string(),
                what: &r.what,
                asked: at(r.from),
                ended: r.end.as_ref().map(|(t, _)| at(*t)),
                result: r.end.as_ref().map(|(_, how)| result(how)),
            })
            .collect(),
        alerts: h
            .alerts
            .iter()
            .map(|a| AlertOf {
                alert: a.group.to_string(),
                title: &a.title,
                began: at(a.from),
                over: a.over.map(at),
            })
            .collect(),
        changes: h
            .entries
            .iter()
            .filter_map(|e| match &e.what {
                What::Changed { mark } => Some(ChangeOf {
                    at: at(e.at),
                    what: &mark.what,
                    service: mark.service.as_deref(),
                    went: mark.went,
                    by: mark.by.as_deref(),
                    url: mark.link.as_ref().map(|l| l.url.as_str()),
                }),
                _ => None,
            })
            .collect(),
        action_items: h.actions.iter().map(item).collect(),
    };
    serde_json::to_string_pretty(&report).unwrap_or_default()
}

fn who(person: &Person) -> Who<'_> {
    Who { id: person.id.to_string(), name: &person.name }
}

fn item(item: &ActionItem) -> Item<'_> {
    let (state, why) = match &item.state {
        ActionState::Open => ("open", None),
        ActionState::Done { .. } => ("done", None),
        ActionState::Dropped { why, .. } => ("dropped", Some(why.as_str())),
    };
    Item {
        item: item.id.to_string(),
        what: &item.what,
        owner: item.owner.as_ref().map(who),
        due: item.due.as_ref().map(|d| d.day),
        state,
        why,
    }
}

fn result(how: &RunEnd) -> &'static str {
    match how {
        RunEnd::Passed => "passed",
        RunEnd::Failed { .. } => "failed",
        RunEnd::Cancelled { .. } => "cancelled",
        RunEnd::Refused { .. } => "refused",
        RunEnd::Voided { .. } => "void",
        RunEnd::Undone { .. } => "undone",
    }
}
