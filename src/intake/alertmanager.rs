//! Alertmanager's API v2, so that Prometheus itself sends here: what it accepts, what it refuses, and
//! what it makes of times that are not said, is what Alertmanager 0.25 does.

use axum::http::{Method, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::guard;
use super::posted::{self, Pairs, Text, moment};
use super::{Answer, Call, Problem, Protocol, Wants};
use crate::kit::time::Timestamp;
use crate::model::alert::{Batch, Received, Signal};
use crate::model::input::Input;
use crate::render::alertmanager::Query;

/// Whatever posts alerts to an Alertmanager.
pub struct Alertmanager;

impl Protocol for Alertmanager {
    fn owns(&self, path: &str) -> bool {
        path.starts_with("/api/v2/")
    }

    fn read(&self, call: &Call<'_>) -> Result<Wants, Problem> {
        match (call.method, call.path.trim_end_matches('/')) {
            (&Method::POST, "/api/v2/alerts" | "") => posted(call),
            (&Method::GET, "/api/v2/alerts") => Ok(Wants::Alerts(query(call.query)?)),
            (&Method::GET, "/api/v2/status") => Ok(Wants::Answer(status(call))),
            (&Method::GET, "/-/healthy" | "/-/ready") => Ok(Wants::Answer(Answer::text(200, "OK"))),
            (_, "/api/v2/alerts" | "/api/v2/status") => {
                let may = if call.path.starts_with("/api/v2/alerts") { "[GET,POST]" } else { "[GET]" };
                let text = format!("method {} is not allowed, but {may} are", call.method);
                Err(Problem::new(405, text))
            }
            (_, path) => Err(Problem::new(
                404,
                format!("path {path} was not found; alerts are posted to /api/v2/alerts"),
            )),
        }
    }

    /// The bodies of its generated server: a text for what it judges itself, a code for what its
    /// schema does.
    fn refuse(&self, problem: &Problem) -> Answer {
        match problem.status {
            400 if problem.field.is_none() => Answer::json(400, &problem.text.as_str().into()),
            // Their numbers: 602 is missing, 601 is of the wrong kind.
            422 => {
                let code = if problem.text.ends_with("required") { 602 } else { 601 };
                Answer::json(422, &json!({ "code": code, "message": problem.text }))
            }
            status => Answer::json(status, &json!({ "code": status, "message": problem.line() })),
        }
    }
}

fn posted(call: &Call<'_>) -> Result<Wants, Problem> {
    let kind = call.headers.get(header::CONTENT_TYPE).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.is_empty() && !kind.eq_ignore_ascii_case("application/json") {
        let text = format!("unsupported media type \"{kind}\", only [application/json] are allowed");
        return Err(Problem::new(415, text));
    }
    let (batch, wrong) = batch(call)?;
    let answer = match wrong {
        None => Answer::empty(200),
        // What is right is kept all the same.
        Some(problem) => Alertmanager.refuse(&problem),
    };
    if batch.alerts.is_empty() {
        return Ok(Wants::Answer(answer));
    }
    Ok(Wants::Keep(Box::new(Input::Alerts(Box::new(batch))), answer))
}

/// The alerts of a request that can be kept, and what is wrong with the others.
fn batch(call: &Call<'_>) -> Result<(Batch, Option<Problem>), Problem> {
    if call.body.trim_ascii().is_empty() {
        return Err(Problem::new(422, "alerts in body is required"));
    }
    let posted: Option<Vec<Postable<'_>>> = guard::json(call.body)?;
    // What is no alert at all is told before anything is kept.
    let read = posted.unwrap_or_default().into_iter().enumerate().map(|(n, alert)| alert.read(n));
    let read: Vec<Posted<'_>> = read.collect::<Result<_, _>>()?;
    let timeout = call.house.settings.alerting.resolve_timeout;
    let (mut alerts, mut wrong) = (Vec::with_capacity(read.len()), vec![]);
    for (n, alert) in read.into_iter().enumerate() {
        let received = alert.received(call.now, call.now.after(timeout));
        match received.and_then(|r| guard::bounded(&r, || n.to_string()).map(|()| r)) {
            Ok(received) => alerts.push(received),
            Err(problem) => wrong.push(problem.line()),
        }
    }
    let wrong = (!wrong.is_empty()).then(|| Problem::new(400, wrong.join("; ")));
    Ok((Batch { source: call.source.name.clone(), receipt: None, alerts, marks: vec![] }, wrong))
}

/// An alert as it is posted.
#[derive(Deserialize)]
#[serde(expecting = "an alert, which is an object")]
struct Postable<'a> {
    #[serde(borrow, default)]
    labels: Option<Pairs<'a>>,
    #[serde(borrow, default)]
    annotations: Option<Pairs<'a>>,
    #[serde(borrow, default, rename = "startsAt")]
    starts: Option<Text<'a>>,
    #[serde(borrow, default, rename = "endsAt")]
    ends: Option<Text<'a>>,
    #[serde(borrow, default, rename = "generatorURL")]
    link: Option<Text<'a>>,
}

impl<'a> Postable<'a> {
    /// What its schema says of the alert at this place.
    fn read(self, n: usize) -> Result<Posted<'a>, Problem> {
        let Some(labels) = self.labels else {
            return Err(Problem::new(422, format!("{n}.labels in body is required")));
        };
        if let Some(link) = self.link.as_ref().filter(|l| !l.0.is_empty() && !uri(&l.0)) {
            let text = format!("{n}.generatorURL in body must be of type uri: {:?}", link.0);
            return Err(Problem::new(422, text));
        }
        Ok(Posted {
            labels,
            annotations: self.annotations.unwrap_or_default(),
            starts: moment(self.starts.as_ref(), || format!("{n}.startsAt"))?,
            ends: moment(self.ends.as_ref(), || format!("{n}.endsAt"))?,
            link: self.link,
        })
    }
}

/// An alert with its times.
struct Posted<'a> {
    labels: Pairs<'a>,
    annotations: Pairs<'a>,
    starts: Option<Timestamp>,
    ends: Option<Timestamp>,
    link: Option<Text<'a>>,
}

impl Posted<'_> {
    fn received(self, now: Timestamp, timeout: Timestamp) -> Result<Received, Problem> {
        let (starts, ends) = (self.starts, self.ends);
        let since = starts.or(ends).unwrap_or(now);
        let until = ends.unwrap_or(timeout);
        if until < since {
            return Err(Problem::new(400, "start time must be before end time"));
        }
        named(&self.labels, "label set", false)?;
        let labels = self.labels.labels();
        if labels.is_empty() {
            return Err(Problem::new(400, "at least one label pair required"));
        }
        named(&self.annotations, "annotations", true)?;
        let link = self.link.filter(|l| !l.0.is_empty()).map(|l| l.0.into_owned());
        let signal = if until <= now {
            // Whoever does not say when it began is not held to a beginning by this machine's clock.
            Signal::Resolved { at: starts.and(Some(until)) }
        } else {
            Signal::Firing { since: Some(since), until: Some(until) }
        };
        let annotations = self.annotations.labels();
        Ok(Received { fingerprint: labels.fingerprint(), labels, annotations, link, signal })
    }
}

/// Whether the names are Prometheus' (`[a-zA-Z_][a-zA-Z0-9_]*`).
fn named(pairs: &Pairs<'_>, what: &str, empty_counts: bool) -> Result<(), Problem> {
    for (Text(name), Text(value)) in &pairs.0 {
        let letter = |c: u8| c.is_ascii_alphabetic() || c == b'_';
        let good =
            name.bytes().next().is_some_and(letter) && name.bytes().all(|c| letter(c) || c.is_ascii_digit());
        if !good && (empty_counts || !value.is_empty()) {
            return Err(Problem::new(400, format!("invalid {what}: invalid name {name:?}")));
        }
    }
    Ok(())
}

/// Whether Go's `url.ParseRequestURI` would take it: that is what `format: uri` means there.
fn uri(link: &str) -> bool {
    let scheme = link.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && rest.starts_with('/')
    });
    (scheme || link.starts_with('/')) && !link.contains(|c: char| c.is_ascii_control() || c == ' ')
}

/// What `GET /api/v2/alerts` asks for.
fn query(text: &str) -> Result<Query, Problem> {
    let mut query = Query::default();
    for (name, value) in posted::query(text) {
        // What go-openapi takes for yes; everything else is no.
        let yes = ["true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"]
            .contains(&value.to_ascii_lowercase().as_str());
        match name.as_str() {
            "active" => query.active = yes,
            "silenced" => query.silenced = yes,
            "inhibited" => query.inhibited = yes,
            "unprocessed" => query.unprocessed = yes,
            "filter" => {
                let matcher = value.parse().map_err(|_| format!("bad matcher format: {value}"));
                query.filter.push(matcher.map_err(|why: String| Problem::new(400, why))?);
            }
            "receiver" => {
                let pattern = regex::RegexBuilder::new(&format!("^(?:{value})$")).size_limit(1 << 20).build();
                query.receiver = Some(
                    pattern.map_err(|e| Problem::new(400, format!("failed to parse receiver param: {e}")))?,
                );
            }
            _ => {}
        }
    }
    Ok(query)
}

fn status(call: &Call<'_>) -> Answer {
    let version = env!("CARGO_PKG_VERSION");
    let body: Value = json!({
        "cluster": { "status": "disabled", "peers": [] },
        "versionInfo": {
            "version": version, "revision": "", "branch": "", "buildUser": "", "buildDate": "", "goVersion": "",
        },
        "config": { "original": "" },
        "uptime": call.now.rfc3339(),
    });
    Answer::json(200, &body)
}
