//! What a payload is understood as: read by the very code that would read it at the door, but for the
//! proof of who sends it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use super::IntakeTestArgs;
use crate::intake::mapping::{self, Asked, Mapped};
use crate::intake::{Answer, Call, Problem, Wants, github, protocol};
use crate::kit::time::Timestamp;
use crate::model::alert::Batch;
use crate::model::house::House;
use crate::model::input::Input;
use crate::model::intake::{Kind, Source};

/// What a payload becomes.
///
/// # Errors
/// Why it would be refused, or why it cannot be tried.
pub fn understood(
    house: &House,
    args: &IntakeTestArgs,
    body: &[u8],
    now: Timestamp,
) -> Result<Mapped, String> {
    let source = source(house, &args.source)?;
    let headers = headers(&args.headers)?;
    let path = match &source.kind {
        Kind::Mapping(name) => return described(house, &source, name, &headers, body, now),
        Kind::Healthchecks => {
            let what = "a ping has no payload: call its address at a Muster that runs, like";
            return Err(format!("{what} `curl http://127.0.0.1:9099/ping/SECRET/NAME/fail`"));
        }
        Kind::Github if !headers.contains_key(github::EVENT) => {
            return Err("say which event it is: --header X-GitHub-Event=…".to_owned());
        }
        Kind::Pagerduty if args.change => "/v2/change/enqueue",
        Kind::Pagerduty => "/v2/enqueue",
        Kind::Alertmanager => "/api/v2/alerts",
        Kind::Github | Kind::AlertmanagerWebhook | Kind::Grafana => "",
    };
    let speaks = protocol(&source.kind);
    let call = Call {
        source: &source,
        secret: None,
        method: &Method::POST,
        path,
        query: "",
        headers: &headers,
        body,
        now,
        house,
    };
    let wants =
        speaks.read(&call).map_err(|problem| refused(&source.kind, &speaks.refuse(&problem), &problem))?;
    let (batch, answer) = match wants {
        Wants::Keep(input, answer) => match *input {
            Input::Alerts(batch) => (*batch, answer),
            _ => (Batch::default(), answer),
        },
        Wants::Answer(answer) => (Batch::default(), answer),
        Wants::Alerts(_) => (Batch::default(), Answer::empty(200)),
    };
    Ok(Mapped { batch, passed: passed(&answer), ..Mapped::default() })
}

/// What of a request its sender is told is not kept, though the request is taken.
fn passed(answer: &Answer) -> Vec<String> {
    let said: Value = serde_json::from_str(answer.body()).unwrap_or_default();
    match said.get("passed over").and_then(Value::as_str) {
        Some(why) => vec![why.to_owned()],
        None if answer.status() >= 400 => {
            vec![format!("its sender is answered with {}: {}", answer.status(), answer.body())]
        }
        None => vec![],
    }
}

fn refused(kind: &Kind, answer: &Answer, problem: &Problem) -> String {
    let lines: Vec<String> = problem.line().lines().map(|line| format!("  {line}")).collect();
    let (status, lines) = (answer.status(), lines.join("\n"));
    format!("this is not understood as {kind}, and would be refused with {status}:\n{lines}")
}

/// The source with this name; what has no name of its own yet is called by its kind.
fn source(house: &House, name: &str) -> Result<Source, String> {
    if let Some(source) = house.settings.intake.source(name) {
        return Ok(source.clone());
    }
    let kind = match house.sources.contains_key(name) {
        true => Kind::Mapping(name.to_owned()),
        false => name.parse().map_err(|_| unknown(house, name))?,
    };
    Ok(Source { name: name.to_owned(), kind, secret: None, open: true, limit: u32::MAX })
}

fn described(
    house: &House,
    source: &Source,
    mapping: &str,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<Mapped, String> {
    let mapping = house.sources.get(mapping).ok_or_else(|| unknown(house, mapping))?;
    let header = |name: &str| headers.get(name).and_then(|h| h.to_str().ok()).map(str::to_owned);
    let body = mapping::body(&header("content-type").unwrap_or_default(), body, "")?;
    let services = &house.settings.intake.services;
    let asked = Asked { mapping, source: &source.name, services, body: &body, header: &header, now };
    mapping::read(&asked).map_err(|wrong| {
        let lines: Vec<String> = wrong.iter().map(|told| format!("  {told}")).collect();
        let kind = &source.kind;
        format!("this is not understood as {kind}, and would be refused with 422:\n{}", lines.join("\n"))
    })
}

fn unknown(house: &House, name: &str) -> String {
    let described = house.sources.keys().map(String::as_str);
    let known: Vec<&str> = described.chain(Kind::NAMED.iter().map(|(name, _)| *name)).collect();
    format!("there is no source `{name}`: `muster intake sources` lists what there is ({})", known.join(", "))
}

fn headers(typed: &[String]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for text in typed {
        let wrong = || format!("`{text}` is no header: write NAME=VALUE");
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        let name: HeaderName = name.trim().parse().map_err(|_| wrong())?;
        let value: HeaderValue = value.trim().parse().map_err(|_| wrong())?;
        headers.insert(name, value);
    }
    Ok(headers)
}
