//! Asks a Prometheus what a rule wants to know (its HTTP API, "Instant queries").

use std::time::Duration;

use reqwest::{Method, Request, Url};
use serde::Deserialize;

use super::metrics::Point;
use crate::kit::text::{cut, line};
use crate::model::labels::Labels;
use crate::runner::http::HttpRunner;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The parts of an answer that matter.
#[derive(Deserialize)]
struct Answer {
    status: String,
    data: Option<Data>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    kind: String,
    result: serde_json::Value,
}

#[derive(Deserialize)]
struct Element {
    metric: std::collections::BTreeMap<String, String>,
    value: (f64, String),
}

/// The series that a query gives now.
///
/// # Errors
/// Why nothing is known.
pub async fn ask(http: &HttpRunner, base: &str, query: &str) -> Result<Vec<Point>, String> {
    let url = Url::parse_with_params(&format!("{base}/api/v1/query"), [("query", query)])
        .map_err(|_| "the address of the Prometheus is none".to_owned())?;
    let answer = http.answer(Request::new(Method::GET, url), PATIENCE).await;
    let answer = answer.map_err(|why| format!("Prometheus: {why}"))?;
    let body = answer.body.map_err(|why| format!("Prometheus: {why}"))?;
    let told: Answer = serde_json::from_slice(&body)
        .map_err(|_| format!("HTTP {} and no answer of a Prometheus", answer.status))?;
    let data = match told.data {
        Some(data) if told.status == "success" => data,
        _ => {
            let error = told.error.unwrap_or_else(|| format!("HTTP {}", answer.status));
            return Err(format!("Prometheus: {}", cut(&line(&error), 300)));
        }
    };
    let strange = |_| format!("Prometheus gives a {} that is none", data.kind);
    match data.kind.as_str() {
        "vector" => {
            let all: Vec<Element> = serde_json::from_value(data.result).map_err(strange)?;
            all.into_iter().map(|e| Ok((Labels::new(e.metric), number(&e.value.1)?))).collect()
        }
        "scalar" => {
            let (_, value): (f64, String) = serde_json::from_value(data.result).map_err(strange)?;
            Ok(vec![(Labels::default(), number(&value)?)])
        }
        other => Err(format!("Prometheus gives a {other}, no values of one moment: ask for such")),
    }
}

/// Where people see the query drawn.
pub fn link(base: &str, query: &str) -> Option<String> {
    let params = [("g0.expr", query), ("g0.tab", "0")];
    Url::parse_with_params(&format!("{base}/graph"), params).ok().map(String::from)
}

fn number(text: &str) -> Result<f64, String> {
    match text {
        "+Inf" => Ok(f64::INFINITY),
        "-Inf" => Ok(f64::NEG_INFINITY),
        "NaN" => Ok(f64::NAN),
        number => number.parse().map_err(|_| format!("Prometheus gives `{}`, no number", cut(number, 40))),
    }
}
