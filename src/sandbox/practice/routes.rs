//! The practice services' HTTP side: `/<service>/…` for themselves, `/_control` to break and heal them.
//! To be nested at `/practice`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use serde::Deserialize;
use serde_json::json;

use super::Fleet;
use super::service::Ask;

/// All addresses of the practice services:
/// - `ANY /<service>/<path>` is the service itself;
/// - `GET /_control` is the state of all, `{"services": [ServiceState]}`;
/// - `POST /_control/break` with `{"service", "fault"}`, `POST /_control/heal` with `{"service", "fault"?}`
///   answer the new state of all, or 404 with `{"error": sentence}`;
/// - `POST /_control/tool` with `{"service"?, "tool", "words"}` is a tool of a service's host, and answers
///   `{"out", "err", "code"}` as a process would have, or 404 as above.
pub fn router(fleet: Arc<Fleet>) -> Router {
    Router::new()
        .route("/_control", get(state))
        .route("/_control/break", post(break_it))
        .route("/_control/heal", post(heal))
        .route("/_control/tool", post(tool))
        .route("/{service}", any(root))
        .route("/{service}/", any(root))
        .route("/{service}/{*path}", any(below))
        .with_state(fleet)
}

/// JSON is asked for on purpose: a form on some other site cannot send it.
#[derive(Deserialize)]
struct BreakIt {
    service: String,
    fault: String,
}

#[derive(Deserialize)]
struct Heal {
    service: String,
    fault: Option<String>,
}

#[derive(Deserialize)]
struct Tool {
    service: Option<String>,
    tool: String,
    words: Vec<String>,
}

async fn state(State(fleet): State<Arc<Fleet>>) -> Response {
    Json(json!({ "services": fleet.state() })).into_response()
}

async fn break_it(State(fleet): State<Arc<Fleet>>, Json(ask): Json<BreakIt>) -> Response {
    told(&fleet, fleet.break_it(&ask.service, &ask.fault))
}

async fn heal(State(fleet): State<Arc<Fleet>>, Json(ask): Json<Heal>) -> Response {
    told(&fleet, fleet.heal(&ask.service, ask.fault.as_deref()))
}

async fn tool(State(fleet): State<Arc<Fleet>>, Json(ask): Json<Tool>) -> Response {
    let words: Vec<&str> = ask.words.iter().map(String::as_str).collect();
    match fleet.tool(ask.service.as_deref(), &ask.tool, &words) {
        Ok(said) => Json(json!({ "out": said.out, "err": said.err, "code": said.code })).into_response(),
        Err(error) => (StatusCode::NOT_FOUND, Json(json!({ "error": error }))).into_response(),
    }
}

fn told(fleet: &Fleet, outcome: Result<(), String>) -> Response {
    match outcome {
        Ok(()) => Json(json!({ "services": fleet.state() })).into_response(),
        Err(error) => (StatusCode::NOT_FOUND, Json(json!({ "error": error }))).into_response(),
    }
}

async fn root(
    State(fleet): State<Arc<Fleet>>,
    Path(service): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    ask(&fleet, &service, "/", &method, &headers, &body).await
}

async fn below(
    State(fleet): State<Arc<Fleet>>,
    Path((service, path)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = format!("/{path}");
    ask(&fleet, &service, &path, &method, &headers, &body).await
}

async fn ask(
    fleet: &Fleet,
    service: &str,
    path: &str,
    method: &Method,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let headers: BTreeMap<String, String> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    let ask = Ask { method: method.as_str(), path, headers: &headers, body };
    let Some(answer) = fleet.answer(service, &ask) else {
        let names: Vec<&str> = fleet.state().iter().map(|s| s.name).collect();
        let error = format!("there is no practice service {service:?}; there are {}", names.join(", "));
        return (StatusCode::NOT_FOUND, Json(json!({ "error": error }))).into_response();
    };
    if !answer.after.is_zero() {
        tokio::time::sleep(answer.after).await;
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [(header::CONTENT_TYPE, answer.content_type), (header::CACHE_CONTROL, "no-store")];
    let mut response = (status, headers, answer.body).into_response();
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
