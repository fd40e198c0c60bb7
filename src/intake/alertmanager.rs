//! Alertmanager's API v2, so that Prometheus itself sends here: what it accepts, what it refuses, and
//! what it makes of times that are not said, is what Alertmanager 0.25 does.

use std::borrow::Cow;
use std::fmt;

use axum::http::{Method, header};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Value, json};

use super::guard;
use super::{Answer, Call, Problem, Protocol, Wants};
use crate::kit::time::Timestamp;
use crate::model::alert::{Batch, Received, Signal};
use crate::model::input::Input;
use crate::model::labels::Labels;
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
                let text = format!("method {} is not allowed", call.method);
                Err(Problem::new(405, text))
            }
            (_, path) => Err(Problem::new(
                404,
                format!("path {path} was not found: alerts are posted to /api/v2/alerts"),
            )),
        }
    }

    /// The bodies of its generated server: a text for what it judges itself, a code for what its
    /// schema does.
    fn refuse(&self, problem: &Problem) -> Answer {
        match problem.status {
            400 if problem.field.is_none() => Answer::json(400, &problem.text.as_str().into()),
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
    Ok(Wants::Keep(Input::Alerts(Box::new(batch)), answer))
}

/// The alerts of a request that can be kept, and what is wrong with the others.
fn batch(call: &Call<'_>) -> Result<(Batch, Option<Problem>), Problem> {
    let posted: Vec<Postable<'_>> = guard::json(call.body)?;
    // Its schema wants labels of all before anything is kept.
    if let Some(n) = posted.iter().position(|a| a.labels.is_none()) {
        let text = format!("alerts.{n}.labels in body is required");
        return Err(Problem::new(422, text));
    }
    let timeout = call.house.settings.alerting.resolve_timeout;
    let (mut alerts, mut wrong) = (Vec::with_capacity(posted.len()), vec![]);
    for (n, alert) in posted.into_iter().enumerate() {
        let received = alert.received(call.now, call.now.after(timeout));
        match received.and_then(|r| guard::bounded(&r, &format!("alerts.{n}")).map(|()| r)) {
            Ok(received) => alerts.push(received),
            Err(problem) => wrong.push(problem.line()),
        }
    }
    let wrong = (!wrong.is_empty()).then(|| Problem::new(400, wrong.join("; ")));
    Ok((Batch { source: call.source.name.clone(), receipt: None, alerts, marks: vec![] }, wrong))
}

/// An alert as it is posted.
#[derive(Deserialize)]
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

impl Postable<'_> {
    fn received(self, now: Timestamp, timeout: Timestamp) -> Result<Received, Problem> {
        let starts = moment(self.starts.as_ref(), "startsAt")?;
        let ends = moment(self.ends.as_ref(), "endsAt")?;
        let since = starts.or(ends).unwrap_or(now);
        let until = ends.unwrap_or(timeout);
        if until < since {
            return Err(Problem::new(400, "start time must be before end time"));
        }
        let labels = self.labels.unwrap_or_default();
        labels.named("label set")?;
        let labels = Labels::new(labels.0);
        if labels.is_empty() {
            return Err(Problem::new(400, "at least one label pair required"));
        }
        let annotations = self.annotations.unwrap_or_default();
        annotations.named("annotations")?;
        let link = self.link.map(|l| l.0.into_owned()).filter(|l| !l.is_empty());
        let signal = if until <= now {
            Signal::Resolved { at: Some(until) }
        } else {
            Signal::Firing { since: Some(since), until: Some(until) }
        };
        let annotations = Labels::new(annotations.0);
        Ok(Received { fingerprint: labels.fingerprint(), labels, annotations, link, signal })
    }
}

/// A time; `None` where it is Go's zero time, which stands for none.
fn moment(text: Option<&Text<'_>>, field: &str) -> Result<Option<Timestamp>, Problem> {
    let Some(Text(text)) = text else { return Ok(None) };
    let parsed = chrono::DateTime::parse_from_rfc3339(text).map_err(|e| {
        Problem::field(field, format!("`{text}` is no time ({e}): write it like 2026-11-22T09:00:00Z"))
    })?;
    const ZERO: i64 = -62_135_596_800_000;
    Ok(Some(parsed.timestamp_millis()).filter(|ms| *ms != ZERO).map(Timestamp))
}

/// Names and values, as they stand in the body.
#[derive(Default)]
struct Pairs<'a>(Vec<(Text<'a>, Text<'a>)>);

impl Pairs<'_> {
    /// Whether the names are Prometheus' (`[a-zA-Z_][a-zA-Z0-9_]*`); a pair without a value does not count.
    fn named(&self, what: &str) -> Result<(), Problem> {
        for (Text(name), Text(value)) in &self.0 {
            let letter = |c: u8| c.is_ascii_alphabetic() || c == b'_';
            let good = name.bytes().next().is_some_and(letter)
                && name.bytes().all(|c| letter(c) || c.is_ascii_digit());
            if !good && !(what == "label set" && value.is_empty()) {
                return Err(Problem::new(400, format!("invalid {what}: invalid name {name:?}")));
            }
        }
        Ok(())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("names with values")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut pairs = Vec::with_capacity(8);
                while let Some(name) = map.next_key::<Text<'de>>()? {
                    let value = map.next_value::<Option<Text<'de>>>()?;
                    pairs.push((name, value.unwrap_or_default()));
                }
                Ok(Pairs(pairs))
            }
        }
        d.deserialize_map(All)
    }
}

/// Text that is borrowed from the body where nothing in it is escaped.
#[derive(Clone, Default)]
struct Text<'a>(Cow<'a, str>);

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E>(self, s: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(s)))
            }
            fn visit_str<E>(self, s: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(s.to_owned())))
            }
        }
        d.deserialize_str(One)
    }
}

/// What `GET /api/v2/alerts` asks for.
fn query(text: &str) -> Result<Query, Problem> {
    let mut query = Query::default();
    for (name, value) in pairs(text) {
        let yes = || match value.as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(Problem::field(&name, format!("`{value}` is neither true nor false"))),
        };
        match name.as_str() {
            "active" => query.active = yes()?,
            "silenced" => query.silenced = yes()?,
            "inhibited" => query.inhibited = yes()?,
            "unprocessed" => query.unprocessed = yes()?,
            "filter" => {
                // Braces may stand around several.
                let inner = value.trim().trim_start_matches('{').trim_end_matches('}');
                for one in inner.split_inclusive(',').map(|m| m.trim_end_matches(',').trim()) {
                    if !one.is_empty() {
                        query.filter.push(one.parse().map_err(|why: String| Problem::new(400, why))?);
                    }
                }
            }
            "receiver" => {
                let pattern = regex::RegexBuilder::new(&format!("^(?:{value})$")).size_limit(1 << 20).build();
                query.receiver = Some(pattern.map_err(|e| Problem::new(400, e.to_string()))?);
            }
            _ => {}
        }
    }
    Ok(query)
}

/// The names and values behind `?`.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let plain = |part: &str| {
        let (mut bytes, mut rest) = (Vec::with_capacity(part.len()), part.as_bytes());
        while let Some((first, more)) = rest.split_first() {
            let hex = |from: &[u8]| {
                let two = std::str::from_utf8(from.get(..2)?).ok()?;
                u8::from_str_radix(two, 16).ok()
            };
            match (first, hex(more)) {
                (b'%', Some(byte)) => {
                    bytes.push(byte);
                    rest = &more[2..];
                    continue;
                }
                (b'+', _) => bytes.push(b' '),
                (other, _) => bytes.push(*other),
            }
            rest = more;
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let parts = text.split('&').filter(|p| !p.is_empty());
    parts.map(|p| p.split_once('=').unwrap_or((p, ""))).map(|(n, v)| (plain(n), plain(v))).collect()
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
