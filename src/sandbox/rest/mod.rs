//! Discord's REST interface: each request is read, counted, hit by a fault if one is switched on, turned into one operation
//! of the world, logged and answered. What the operations do is the world's.

mod call;
mod channels;
mod guilds;
mod interactions;

use super::faults::Fault;
use super::limits::{Bucket, Route, Verdict};
use super::log::Line;
use super::shared::Shared;
use super::world::{Answer, Id, Refusal, World};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use call::Call;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What a request is answered with.
pub(super) struct Reply {
    status: u16,
    body: Option<Value>,
}

impl Reply {
    fn ok(body: impl Into<Value>) -> Answer<Reply> {
        Ok(Reply { status: 200, body: Some(body.into()) })
    }

    fn created(body: Value) -> Answer<Reply> {
        Ok(Reply { status: 201, body: Some(body) })
    }

    fn nothing() -> Answer<Reply> {
        Ok(Reply { status: 204, body: None })
    }
}

/// `/api/v10/...` (or any version, or none) and the files of messages.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/{*path}", any(api))
        .route("/attachments/{channel}/{id}/{name}", get(attachment))
        .with_state(shared)
}

async fn api(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let mut call = match Call::begin(&shared, request) {
        Ok(call) => call,
        Err(refusal) => return refused(&refusal),
    };
    let fault = if call.by_user() { None } else { shared.faults.take(&call.method, &call.segments()) };
    match &fault {
        Some(Fault::Slow(ms)) => tokio::time::sleep(Duration::from_millis(*ms)).await,
        Some(Fault::Hang) => return silence(&shared, &mut call).await,
        _ => {}
    }
    // Read before it is counted: the log tells what was asked even where the answer is 429.
    let read = call.read_body().await;
    let bucket = match judge(&shared, &call, fault.as_ref()) {
        Ok(bucket) => bucket,
        Err(limited) => {
            let (response, body) = *limited;
            return finish(&shared, &call, response, body.as_ref());
        }
    };
    if let Err(refusal) = read {
        return finish(&shared, &call, refused(&refusal), Some(&refusal.body()));
    }
    match fault {
        Some(Fault::InternalError) => {
            let body = json!({ "message": "500: Internal Server Error", "code": 0 });
            return finish(&shared, &call, answer(500, Some(&body)), Some(&body));
        }
        Some(Fault::BadGateway) => {
            let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1>\
                        </center><hr><center>cloudflare</center></body>\r\n</html>\r\n";
            let headers = [(header::CONTENT_TYPE, "text/html")];
            return finish(&shared, &call, (StatusCode::BAD_GATEWAY, headers, page).into_response(), None);
        }
        Some(Fault::Refuse(status, code, message)) => {
            let body = json!({ "message": message, "code": code });
            return finish(&shared, &call, answer(status, Some(&body)), Some(&body));
        }
        _ => {}
    }
    let result = shared.change(|world, now| dispatch(world, now, &mut call, shared.port));
    if result.is_ok() && call.starts_interaction() {
        watch_deadline(&shared);
    }
    match fault {
        Some(Fault::DoneButSilent) => return silence(&shared, &mut call).await,
        Some(Fault::DoneButCut) => {
            log(&shared, &call, 0, &Value::Null);
            // A body that fails before its first byte makes the server close the connection.
            let cut = futures_util::stream::once(async { Err::<String, _>(std::io::Error::other("cut")) });
            return Response::new(Body::from_stream(cut));
        }
        _ => {}
    }
    let (mut response, body) = match result {
        Ok(reply) => (answer(reply.status, reply.body.as_ref()), reply.body),
        Err(refusal) => {
            let body = refusal.body();
            (refused(&refusal), Some(body))
        }
    };
    if let Some(bucket) = bucket {
        write_bucket(&mut response, &bucket, shared.now());
    }
    finish(&shared, &call, response, body.as_ref())
}

/// Takes the request to the operation it means. The first segment says which file knows it.
fn dispatch(world: &mut World, now: i64, call: &mut Call, port: u16) -> Answer<Reply> {
    let owned = call.path.clone();
    let segments: Vec<&str> = owned.iter().map(String::as_str).collect();
    match segments.first() {
        Some(&"channels") => channels::dispatch(world, now, call, &segments),
        Some(&("interactions" | "webhooks")) => interactions::dispatch(world, now, call, &segments),
        _ => guilds::dispatch(world, now, call, &segments, port),
    }
}

/// Counts the request; gives the state of its bucket, or the 429.
fn judge(shared: &Shared, call: &Call, fault: Option<&Fault>) -> Result<Option<Bucket>, Limited> {
    if call.by_user() {
        return Ok(None);
    }
    let segments = call.segments();
    let route = Route::of(&call.method, &segments);
    let exempt = matches!(segments.first(), Some(&("interactions" | "webhooks")));
    let now = shared.now();
    let forced = |ms: u64| {
        let limit = route.rate.map_or(1, |rate| rate.requests);
        let bucket = Bucket { name: route.bucket.clone(), limit, remaining: 0, reset_at: now + ms as i64 };
        Verdict::Bucket(bucket, ms as i64)
    };
    let verdict = match fault {
        Some(Fault::BucketLimit(ms)) => forced(*ms),
        Some(Fault::GlobalLimit(ms)) => Verdict::Global(*ms as i64),
        _ => shared.lock().limiter.judge(now, &shared.limits, &route, !exempt),
    };
    match verdict {
        Verdict::Pass(bucket) => Ok(bucket),
        Verdict::Bucket(bucket, wait) => {
            let (mut response, body) = limited(wait, false);
            write_bucket(&mut response, &bucket, now);
            set(&mut response, "x-ratelimit-scope", "user");
            Err(Box::new((response, Some(body))))
        }
        Verdict::Global(wait) => {
            let (mut response, body) = limited(wait, true);
            set(&mut response, "x-ratelimit-global", "true");
            set(&mut response, "x-ratelimit-scope", "global");
            Err(Box::new((response, Some(body))))
        }
        Verdict::Banned(wait) => {
            // A ban comes from the proxy in front: no JSON, no headers of Discord's own.
            let mut response = (StatusCode::TOO_MANY_REQUESTS, "error code: 1015").into_response();
            set(&mut response, "retry-after", &seconds_up(wait));
            Err(Box::new((response, None)))
        }
    }
}

/// A 429 and its JSON, where it has any.
type Limited = Box<(Response, Option<Value>)>;

fn limited(wait: i64, global: bool) -> (Response, Value) {
    let seconds = wait as f64 / 1000.0;
    let body = json!({ "message": "You are being rate limited.", "retry_after": seconds, "global": global });
    let mut response = answer(429, Some(&body));
    set(&mut response, "retry-after", &seconds_up(wait));
    (response, body)
}

/// The header counts whole seconds, rounded up, unlike the body.
fn seconds_up(ms: i64) -> String {
    ((ms.max(0) + 999) / 1000).to_string()
}

fn write_bucket(response: &mut Response, bucket: &Bucket, now: i64) {
    set(response, "x-ratelimit-limit", &bucket.limit.to_string());
    set(response, "x-ratelimit-remaining", &bucket.remaining.to_string());
    set(response, "x-ratelimit-reset", &format!("{:.3}", bucket.reset_at as f64 / 1000.0));
    set(
        response,
        "x-ratelimit-reset-after",
        &format!("{:.3}", (bucket.reset_at - now).max(0) as f64 / 1000.0),
    );
    set(response, "x-ratelimit-bucket", &bucket.name);
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn answer(status: u16, body: Option<&Value>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match body {
        None => status.into_response(),
        Some(body) => {
            (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
        }
    }
}

fn refused(refusal: &Refusal) -> Response {
    let mut response = answer(refusal.status, Some(&refusal.body()));
    if let Some(seconds) = refusal.retry_after {
        set(&mut response, "retry-after", &seconds_up((seconds * 1000.0) as i64));
    }
    response
}

/// Logs and counts, and lets the answer go.
fn finish(shared: &Shared, call: &Call, response: Response, body: Option<&Value>) -> Response {
    let status = response.status().as_u16();
    let shared_scope = response.headers().get("x-ratelimit-scope").is_some_and(|scope| scope == "shared");
    if matches!(status, 401 | 403 | 429) && !shared_scope && !call.by_user() {
        shared.lock().limiter.note_invalid(shared.now());
    }
    log(shared, call, status, body.unwrap_or(&Value::Null));
    response
}

fn log(shared: &Shared, call: &Call, status: u16, response: &Value) {
    if !shared.log.is_on() || call.is_for_clients_only() {
        return;
    }
    let files = call.files.iter().map(|file| {
        json!({ "name": format!("files[{}]", file.index), "filename": file.filename, "size": file.bytes.len() })
    });
    shared.log.write(&Line {
        method: &call.method,
        path: &call.logged_path,
        query: json!(call.query),
        body: &call.body,
        files: files.collect(),
        status,
        response,
        by: if call.by_user() { "user" } else { "bot" },
    });
}

/// Never answers; ends when the sandbox does.
async fn silence(shared: &Shared, call: &mut Call) -> Response {
    // The body is read so that the log tells what was asked; a broken one is nobody's news here.
    let _ = call.read_body().await;
    log(shared, call, 0, &Value::Null);
    shared.closed().await;
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// After Discord's patience with a first answer is over, the person is told.
pub(super) fn watch_deadline(shared: &Arc<Shared>) {
    let patience = shared.lock().world.timings.first_answer.max(0) as u64 + 5;
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(patience)) => shared.change(|_, _| ()),
            () = shared.closed() => {}
        }
    });
}

async fn attachment(
    State(shared): State<Arc<Shared>>,
    Path((_, id, _)): Path<(String, String, String)>,
) -> Response {
    let id: Option<Id> = id.parse().ok();
    let inner = shared.lock();
    let Some(file) = id.and_then(|id| inner.world.files.get(&id)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Shown as what it says it is and nothing else, and never as a page of this origin.
    let headers = [
        (header::CONTENT_TYPE, file.content_type.clone()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
    ];
    (headers, file.bytes.clone()).into_response()
}
