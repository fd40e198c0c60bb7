//! What the page's side panel shows, as it happens: how Discord is, what time it is, and the bot's journal as it
//! grows. One socket for each window: an event stream would count against the few connections that a browser opens
//! to one host, and a handful of windows would block each other.

use super::super::beside::Beside;
use super::super::shared::Shared;
use super::switches;
use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::any;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Commits in one message: enough to be quick, few enough to be drawn at once.
const MOST: usize = 200;

/// `GET /sandbox/news?journal=ID&after=SEQ` as a WebSocket; it says
/// - `{"state": …}`, see [`switches::state`], at the beginning and at each change;
/// - `{"journal": {"id", "head"}}` once it is known whose commits follow, and up to which they are old; where it is
///   another than was asked for, they come from the first;
/// - `{"commits": [commit, …]}`, oldest first.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().route("/sandbox/news", any(upgrade)).with_state(shared)
}

/// What the page has already.
#[derive(Deserialize)]
struct Known {
    #[serde(default)]
    journal: String,
    #[serde(default)]
    after: u64,
}

async fn upgrade(
    State(shared): State<Arc<Shared>>,
    Query(known): Query<Known>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.on_upgrade(move |socket| async move {
        let until = Arc::clone(&shared);
        // An error is a browser that left.
        tokio::select! {
            _ = tell(&shared, known, socket) => {}
            () = until.closed() => {}
        }
    })
}

async fn tell(shared: &Shared, known: Known, mut socket: WebSocket) -> Result<(), axum::Error> {
    let mut changes = shared.changes.subscribe();
    let mut journal: Option<Arc<dyn Beside>> = None;
    let mut after = 0;
    let mut told = Value::Null;
    loop {
        let found = if journal.is_none() { shared.beside.borrow().clone() } else { None };
        if let Some(found) = found {
            let id = found.journal();
            after = if id == known.journal { known.after } else { 0 };
            let named = json!({ "journal": { "id": id, "head": found.head() } });
            socket.send(text(&named)).await?;
            journal = Some(found);
        }
        let state = switches::state(shared);
        if without_time(&state) != without_time(&told) || moved(&state, &told) {
            socket.send(text(&json!({ "state": state }))).await?;
            told = state;
        }
        let more = async {
            match &journal {
                Some(journal) => journal.commits_after(after, MOST).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            commits = more => {
                let Some(last) = commits.last().and_then(|line| number(line)) else { return Ok(()) };
                after = last;
                socket.send(Message::text(format!("{{\"commits\":[{}]}}", commits.join(",")))).await?;
            }
            changed = changes.changed() => if changed.is_err() { return Ok(()) },
            message = socket.recv() => match message {
                None | Some(Err(_) | Ok(Message::Close(_))) => return Ok(()),
                // The page says nothing here.
                Some(Ok(_)) => {}
            },
        }
    }
}

fn text(value: &Value) -> Message {
    Message::text(value.to_string())
}

fn number(commit: &str) -> Option<u64> {
    serde_json::from_str::<Value>(commit).ok()?["seq"].as_u64()
}

fn without_time(state: &Value) -> Value {
    let mut state = state.clone();
    state["now"] = Value::Null;
    state
}

/// Whether the clock is elsewhere than it would be by going on: not told too often, it is near enough otherwise.
fn moved(state: &Value, told: &Value) -> bool {
    const NOTABLE_MS: i64 = 20_000;
    match (state["now"].as_i64(), told["now"].as_i64()) {
        (Some(now), Some(then)) => (now - then).abs() > NOTABLE_MS,
        _ => true,
    }
}
