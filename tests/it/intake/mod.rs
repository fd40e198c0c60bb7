//! The door for alerts, over HTTP: who is let in, what is read, and what is answered.

mod crash;
mod guard;
mod reading;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use muster::intake::{Call, Problem, Wants, protocol};
use muster::kit::time::Timestamp;
use muster::model::alert::Batch;
use muster::model::house::House;
use muster::model::input::Input;
use muster::model::intake::{Kind, REQUESTS, Source};
use reqwest::Client;

use crate::support::app::App;

/// A source that is named after its kind.
pub fn source(kind: Kind) -> Source {
    let name = kind.to_string().replace(' ', "-");
    Source { name, kind, secret: None, open: true, limit: REQUESTS }
}

/// One answer.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub body: String,
    pub headers: HeaderMap,
}

/// Sends requests to an address.
pub struct Sender {
    pub base: String,
    client: Client,
}

impl Sender {
    /// To this one.
    pub fn new(base: impl Into<String>) -> Sender {
        Sender { base: base.into(), client: Client::builder().no_proxy().build().expect("a client") }
    }

    /// To a Muster that runs.
    pub fn to(app: &App) -> Sender {
        Sender::new(format!("http://{}", app.bot().watch().intake.expect("it listens")))
    }

    /// Sends one.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answered {
        let mut request = self.client.request(method, format!("{}{path}", self.base)).body(body.into());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answered { status, headers, body: response.text().await.expect("a body") }
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &str) -> Answered {
        self.send(Method::POST, path, &[("content-type", "application/json")], body).await
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str) -> Answered {
        self.send(Method::GET, path, &[], "").await
    }
}

/// What a protocol reads in a body, without a server.
pub struct Reading {
    pub house: House,
    pub now: Timestamp,
    pub headers: HeaderMap,
    pub path: &'static str,
    pub secret: Option<&'static str>,
}

impl Reading {
    /// At the time that stories begin.
    pub fn new() -> Reading {
        let house = muster::house::sandbox("http://127.0.0.1:1").expect("the built-in files are right");
        let now = crate::support::app::START;
        Reading { house, now, headers: HeaderMap::new(), path: "", secret: None }
    }

    /// With a header.
    pub fn with(mut self, name: &'static str, value: &str) -> Reading {
        let value = HeaderValue::from_str(value).expect("a header");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// Lets it in, or not.
    pub fn admit(&self, kind: Kind, body: &str) -> Result<(), Problem> {
        self.call(&source(kind.clone()), body, |call| protocol(&kind).admit(call))
    }

    /// What it wants.
    pub fn read(&self, kind: Kind, body: &str) -> Result<Wants, Problem> {
        self.call(&source(kind.clone()), body, |call| protocol(&kind).read(call))
    }

    /// The alerts that it brings, and the status of the answer.
    pub fn batch(&self, kind: Kind, body: &str) -> Result<(Batch, u16), Problem> {
        match self.read(kind, body)? {
            Wants::Keep(input, answer) => match *input {
                Input::Alerts(batch) => Ok((*batch, answer.status())),
                other => panic!("no alerts: {other:?}"),
            },
            other => panic!("no alerts: {other:?}"),
        }
    }

    fn call<T>(&self, source: &Source, body: &str, ask: impl FnOnce(&Call<'_>) -> T) -> T {
        let method = Method::POST;
        ask(&Call {
            source,
            secret: self.secret,
            method: &method,
            path: self.path,
            query: "",
            headers: &self.headers,
            body: body.as_bytes(),
            now: self.now,
            house: &self.house,
        })
    }
}
