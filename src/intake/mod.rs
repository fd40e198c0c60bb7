//! The door for whatever watches a team's services: alerts, deployments and heartbeats over HTTP.
//!
//! Each kind of source is a [`Protocol`]: it lets a request in, reads it into one input, and knows how
//! its senders want to be answered. [`server`] does the rest, the same for all of them.
//!
//! - [`guard`] holds limits and secrets.
//! - [`metrics`] counts; `calendar` lets calendar programs fetch who is on call when.
//! - [`alertmanager`] is Alertmanager's API v2, [`webhook`] what an Alertmanager sends, [`grafana`] what
//!   Grafana sends, and [`posted`] what the three are made of.
//! - [`pagerduty`], [`github`] and [`healthchecks`] are what they are called.
//! - [`mapping`] is everything that a file describes.
//! - [`protocols`] lets those in and answers them; [`fields`] is what their readers share.

pub mod alertmanager;
mod calendar;
pub mod fields;
pub mod github;
pub mod grafana;
pub mod guard;
pub mod healthchecks;
pub mod mapping;
pub mod metrics;
pub mod pagerduty;
mod pages;
pub mod posted;
pub mod protocols;
pub mod server;
pub mod webhook;

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::kit::time::Timestamp;
use crate::model::house::House;
use crate::model::input::Input;
use crate::model::intake::{Kind, Source};
use crate::render::alertmanager::Query;
pub use server::{Door, Intake};

/// One request of a source.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Who it says it comes from.
    pub source: &'a Source,
    /// The source's secret; `None` where it has none, or its variable is not set.
    pub secret: Option<&'a str>,
    /// `POST`, as a rule.
    pub method: &'a Method,
    /// What follows `/in/NAME`, or the whole path where it is one of the protocol's own: with the
    /// `/` at its beginning, or empty.
    pub path: &'a str,
    /// What follows `?`, as it came.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body; empty while a request is let in by a protocol that does not sign it.
    pub body: &'a [u8],
    /// When it came.
    pub now: Timestamp,
    /// What people wrote in their files.
    pub house: &'a House,
}

/// What a request wants.
#[derive(Debug)]
pub enum Wants {
    /// This is to be kept, and answered so once it is on disk.
    Keep(Box<Input>, Answer),
    /// This answer; there is nothing to keep.
    Answer(Answer),
    /// To see the alerts that fire.
    Alerts(Query),
}

/// How one kind of source speaks.
pub trait Protocol: Send + Sync {
    /// Whether a path outside `/in/…` is this protocol's: senders that know one address alone.
    fn owns(&self, _path: &str) -> bool {
        false
    }

    /// Whether a request proves itself by its body. Otherwise it is let in, or not, before that is read.
    fn signs_body(&self) -> bool {
        false
    }

    /// Lets a request in. It is not asked for a source that is open.
    ///
    /// # Errors
    /// Why not.
    fn admit(&self, call: &Call<'_>) -> Result<(), Problem> {
        guard::bearer_or_password(call)
    }

    /// Reads a request.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read(&self, call: &Call<'_>) -> Result<Wants, Problem>;

    /// How its senders are told what is wrong.
    fn refuse(&self, problem: &Problem) -> Answer {
        problem.answer()
    }

    /// The status on which its senders try again later.
    fn busy(&self) -> u16 {
        503
    }
}

/// How this kind of source speaks.
pub fn protocol(kind: &Kind) -> &'static dyn Protocol {
    match kind {
        Kind::Alertmanager => &alertmanager::Alertmanager,
        Kind::Pagerduty => &protocols::Pagerduty,
        Kind::Github => &protocols::Github,
        Kind::Healthchecks => &protocols::Healthchecks,
        Kind::Mapping(_) => &protocols::Mapped,
        Kind::AlertmanagerWebhook => &webhook::Webhook,
        Kind::Grafana => &grafana::Grafana,
    }
}

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status.
    pub status: u16,
    /// Where in the request: `alerts[3].labels`.
    pub field: Option<String>,
    /// What, and what to do.
    pub text: String,
    /// When to try again.
    pub after: Option<Duration>,
}

impl Problem {
    /// This is wrong.
    pub fn new(status: u16, text: impl Into<String>) -> Problem {
        Problem { status, field: None, text: text.into(), after: None }
    }

    /// This is wrong with a field: a 400.
    pub fn field(field: impl Into<String>, text: impl Into<String>) -> Problem {
        Problem { field: Some(field.into()), ..Problem::new(400, text) }
    }

    /// Somebody unknown.
    pub fn stranger(text: impl Into<String>) -> Problem {
        Problem::new(401, text)
    }

    /// The field and what is wrong with it, in one line.
    pub fn line(&self) -> String {
        match &self.field {
            Some(field) => format!("{field}: {}", self.text),
            None => self.text.clone(),
        }
    }

    /// The usual answer: `{"error": …, "field": …}`.
    pub fn answer(&self) -> Answer {
        let mut body = json!({ "error": self.text });
        if let Some(field) = &self.field {
            body["field"] = field.as_str().into();
        }
        Answer::json(self.status, &body)
    }
}

/// What a request is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    kind: &'static str,
    body: String,
    /// Seconds.
    after: Option<u64>,
    /// What else stands in its head.
    headers: Vec<(HeaderName, String)>,
}

impl Answer {
    /// Nothing but a status.
    pub fn empty(status: u16) -> Answer {
        Answer { status, kind: "", body: String::new(), after: None, headers: vec![] }
    }

    /// Plain text.
    pub fn text(status: u16, body: impl Into<String>) -> Answer {
        Answer { kind: "text/plain; charset=utf-8", body: body.into(), ..Answer::empty(status) }
    }

    /// JSON.
    pub fn json(status: u16, body: &Value) -> Answer {
        Answer { kind: "application/json", body: body.to_string(), ..Answer::empty(status) }
    }

    /// A calendar, in iCalendar.
    fn calendar(body: String) -> Answer {
        Answer { kind: "text/calendar; charset=utf-8", body, ..Answer::empty(200) }
    }

    /// The same with a header.
    #[must_use]
    fn with(mut self, name: HeaderName, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The same, to be tried again after this long.
    #[must_use]
    fn again_after(self, after: Option<Duration>) -> Answer {
        Answer { after: after.map(|d| d.as_secs().max(1)), ..self }
    }

    fn response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        let headers = response.headers_mut();
        if !self.kind.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        }
        if let Some(after) = self.after {
            headers.insert(RETRY_AFTER, HeaderValue::from(after));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        if self.status == 401 {
            let realm = HeaderValue::from_static("Basic realm=\"Muster\"");
            headers.insert(axum::http::header::WWW_AUTHENTICATE, realm);
        }
        response
    }
}
