//! The switches of the page's side panel: what goes wrong with Discord, and the clock. The practice services have
//! theirs at `/practice/_control`.
//!
//! The clock is moved for the bot and for this Discord together: a message that is posted after an hour was skipped
//! must be an hour younger, or times in messages would contradict the bot's own. What hangs on Discord's time follows
//! as it would in an hour: tokens of interactions expire, nonces are forgotten, idle threads are archived. Ids only
//! ever grow, because the clock is never put back.

use super::super::faults::{Fault, Rule};
use super::super::gateway::Gateway;
use super::super::shared::Shared;
use super::super::world::seed::Person;
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Long enough to be felt, short enough for an interaction's three seconds.
const SLOW_MS: u64 = 1_500;
/// What a 429 asks to wait.
const WAIT_MS: u64 = 2_000;
/// The most that the clock is moved at once, in seconds: a week. Past it, it is a slip of the finger.
const FARTHEST_S: u64 = 7 * 86_400;

/// - `POST /sandbox/discord` with `{"switch": "slow" | "down" | "limited" | "deaf" | "closed", "on": bool}`;
/// - `POST /sandbox/gateway` with `{"do": "cut" | "reconnect" | "forget"}`;
/// - `POST /sandbox/clock` with `{"by_s": seconds}`.
///
/// They answer the new [`state`], or 4xx with `{"error": sentence}`.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/sandbox/discord", post(discord))
        .route("/sandbox/gateway", post(gateway))
        .route("/sandbox/clock", post(clock))
        .with_state(shared)
}

/// How Discord is, and what time it is: `{"now": ms, "clock": bool, "discord": {switch: bool, …}, "bots": n}`.
pub(super) fn state(shared: &Shared) -> Value {
    let active = shared.faults.active();
    let on = |name| rule(name).is_some_and(|rule| active.contains(&rule));
    let gateway = Gateway { shared };
    let closed = {
        let inner = shared.lock();
        Person::ALL.iter().all(|p| inner.world.users.get(&p.id()).is_some_and(|u| u.refuses_direct_messages))
    };
    json!({
        "now": shared.now(),
        "clock": shared.beside.borrow().is_some(),
        "discord": {
            "slow": on("slow"), "down": on("down"), "limited": on("limited"), "deaf": gateway.is_zombie(),
            "closed": closed,
        },
        "bots": gateway.bots_connected(),
    })
}

fn rule(switch: &str) -> Option<Rule> {
    let fault = match switch {
        "slow" => Fault::Slow(SLOW_MS),
        "down" => Fault::BadGateway,
        "limited" => Fault::GlobalLimit(WAIT_MS),
        _ => return None,
    };
    Some(Rule::new(fault))
}

/// JSON is asked for on purpose: a form on some other site cannot send it.
#[derive(Deserialize)]
struct Switch {
    switch: String,
    on: bool,
}

async fn discord(State(shared): State<Arc<Shared>>, Json(ask): Json<Switch>) -> Response {
    match (rule(&ask.switch), ask.switch.as_str()) {
        (Some(rule), _) => {
            shared.faults.withdraw(&rule);
            if ask.on {
                shared.faults.inject(rule);
            }
        }
        (None, "deaf") => Gateway { shared: &shared }.zombie(ask.on),
        (None, "closed") => shared.change(|world, _| {
            Person::ALL.iter().for_each(|p| world.refuse_direct_messages(p.id(), ask.on));
        }),
        (None, other) => {
            return refused(format!(
                "there is no switch {other:?}; there are slow, down, limited, deaf, closed"
            ));
        }
    }
    told(&shared)
}

#[derive(Deserialize)]
struct Do {
    r#do: String,
}

async fn gateway(State(shared): State<Arc<Shared>>, Json(ask): Json<Do>) -> Response {
    let gateway = Gateway { shared: &shared };
    match ask.r#do.as_str() {
        "cut" => gateway.cut(None),
        "reconnect" => gateway.reconnect(),
        "forget" => gateway.invalidate(false),
        other => {
            return refused(format!(
                "nothing called {other:?} can be done to the gateway; there are cut, reconnect, forget"
            ));
        }
    }
    told(&shared)
}

#[derive(Deserialize)]
struct Move {
    by_s: u64,
}

async fn clock(State(shared): State<Arc<Shared>>, Json(ask): Json<Move>) -> Response {
    let beside = shared.beside.borrow().clone();
    let Some(beside) = beside else {
        return refused("the clock of this sandbox is the machine's, which it does not move".to_owned());
    };
    if ask.by_s > FARTHEST_S {
        return refused("the clock goes at most a week ahead at once".to_owned());
    }
    beside.advance(Duration::from_secs(ask.by_s));
    // What hangs on Discord's time happens now.
    shared.change(|_, _| ());
    told(&shared)
}

fn told(shared: &Shared) -> Response {
    shared.touched();
    Json(state(shared)).into_response()
}

fn refused(error: String) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}
