//! One connection to the gateway: reads opcodes, answers them, and passes on what its session is sent.

use super::hub::{NoResume, Out};
use super::intents;
use crate::sandbox::shared::Shared;
use axum::Router;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::any;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Payloads that a client may send in a minute.
const PAYLOADS_A_MINUTE: usize = 120;

pub(in crate::sandbox) fn router(shared: Arc<Shared>) -> Router {
    Router::new().route("/gateway", any(upgrade)).route("/gateway/", any(upgrade)).with_state(shared)
}

async fn upgrade(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<HashMap<String, String>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.on_upgrade(move |socket| async move {
        let (sender, mut outbox) = unbounded_channel();
        let mut connection = Connection { shared, sender, session: None, sent: Vec::new() };
        let version = query.get("v").map_or("10", String::as_str);
        let code = if matches!(version, "9" | "10") {
            connection.run(socket, &mut outbox).await
        } else {
            let mut socket = socket;
            close(&mut socket, 4012, "Invalid API version.").await;
            None
        };
        if let Some(id) = &connection.session {
            let now = connection.shared.now();
            let over = matches!(code, Some(1000 | 1001));
            connection.shared.lock().hub.leave(id, &connection.sender, over, now);
            connection.shared.changes.send_modify(|count| *count = count.wrapping_add(1));
        }
    })
}

struct Connection {
    shared: Arc<Shared>,
    sender: UnboundedSender<Out>,
    session: Option<String>,
    /// When the last payloads came, to refuse a flood.
    sent: Vec<i64>,
}

/// Why a connection ends: a close code and its reason.
type End = (u16, &'static str);

impl Connection {
    /// Serves the connection to its end; gives the code with which the client closed.
    async fn run(
        &mut self,
        mut socket: WebSocket,
        outbox: &mut tokio::sync::mpsc::UnboundedReceiver<Out>,
    ) -> Option<u16> {
        let hello = json!({ "op": 10, "d": { "heartbeat_interval": self.shared.heartbeat_ms }, "s": null, "t": null });
        if socket.send(Message::text(hello.to_string())).await.is_err() {
            return None;
        }
        let shared = Arc::clone(&self.shared);
        // Discord is patient for about half an interval more.
        let patience = Duration::from_millis(self.shared.heartbeat_ms.saturating_mul(3) / 2);
        let mut silent = std::pin::pin!(tokio::time::sleep(patience));
        let mut closing = std::pin::pin!(shared.closed());
        loop {
            tokio::select! {
                out = outbox.recv() => match out {
                    Some(Out::Text(text)) => {
                        if socket.send(Message::text(text)).await.is_err() {
                            return None;
                        }
                    }
                    Some(Out::Close(code, reason)) => {
                        close(&mut socket, code, reason).await;
                        return None;
                    }
                    Some(Out::Drop) | None => return None,
                },
                message = socket.recv() => match message {
                    None | Some(Err(_)) => return None,
                    Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code),
                    Some(Ok(Message::Text(text))) => match self.receive(text.as_str()) {
                        ControlFlow::Break((code, reason)) => {
                            close(&mut socket, code, reason).await;
                            return None;
                        }
                        ControlFlow::Continue(heartbeat) => {
                            if heartbeat {
                                silent.set(tokio::time::sleep(patience));
                            }
                        }
                    },
                    Some(Ok(Message::Binary(_))) => {
                        close(&mut socket, 4002, "Error while decoding payload.").await;
                        return None;
                    }
                    Some(Ok(_)) => {}
                },
                () = &mut silent => {
                    close(&mut socket, 4009, "Session timed out.").await;
                    return None;
                }
                () = &mut closing => {
                    close(&mut socket, 1001, "The sandbox stops.").await;
                    return None;
                }
            }
        }
    }

    /// Answers one payload. Continues with whether it was a sign of life.
    fn receive(&mut self, text: &str) -> ControlFlow<End, bool> {
        let now = self.shared.now();
        self.sent.retain(|at| now - at < 60_000);
        self.sent.push(now);
        if self.sent.len() > PAYLOADS_A_MINUTE {
            return ControlFlow::Break((4008, "Rate limited."));
        }
        let Ok(payload) = serde_json::from_str::<Value>(text) else {
            return ControlFlow::Break((4002, "Error while decoding payload."));
        };
        match payload["op"].as_u64() {
            Some(1) => {
                let deaf = self.session.as_ref().is_some_and(|id| self.shared.lock().hub.is_zombie(id));
                if !deaf {
                    self.say(json!({ "op": 11, "d": null, "s": null, "t": null }));
                }
                ControlFlow::Continue(true)
            }
            Some(2) => self.identify(&payload["d"]),
            Some(6) => self.resume(&payload["d"]),
            // Presence, voice state, request members: known, and without consequence here.
            Some(3 | 4 | 8 | 31) if self.session.is_some() => ControlFlow::Continue(false),
            Some(3 | 4 | 8 | 31) => ControlFlow::Break((4003, "Not authenticated.")),
            _ => ControlFlow::Break((4001, "Unknown opcode.")),
        }
    }

    fn say(&self, payload: Value) {
        // If the connection is gone, its loop knows already.
        let _ = self.sender.send(Out::Text(payload.to_string()));
    }

    fn identify(&mut self, data: &Value) -> ControlFlow<End, bool> {
        if self.session.is_some() {
            return ControlFlow::Break((4005, "Already authenticated."));
        }
        let now = self.shared.now();
        let mut inner = self.shared.lock();
        let inner = &mut *inner;
        let token = data["token"].as_str().unwrap_or("");
        let Some(user) = inner.world.by_token(token.strip_prefix("Bot ").unwrap_or(token)) else {
            return ControlFlow::Break((4004, "Authentication failed."));
        };
        let (user, bot) = (user.id, user.bot);
        let wanted = match &data["intents"] {
            Value::Null if !bot => intents::ALL,
            value => match value.as_u64() {
                Some(bits) if bits & !intents::ALL == 0 => bits,
                _ => return ControlFlow::Break((4013, "Invalid intent(s).")),
            },
        };
        if bot && wanted & intents::PRIVILEGED & !inner.world.application.privileged_intents != 0 {
            return ControlFlow::Break((4014, "Disallowed intent(s)."));
        }
        let shard = data["shard"].as_array().map(|shard| (shard.first().cloned(), shard.get(1).cloned()));
        if let Some((number, count)) = shard
            && number.and_then(|n| n.as_u64()) >= count.and_then(|n| n.as_u64())
        {
            return ControlFlow::Break((4010, "Invalid shard."));
        }
        if bot && !inner.world.start_session(now) {
            return ControlFlow::Break((4004, "Authentication failed."));
        }
        let id = inner.hub.open(user, bot, wanted, self.sender.clone());
        let guilds: Vec<Value> = inner
            .world
            .guilds_of(user)
            .iter()
            .map(|guild| json!({ "id": guild.id, "unavailable": true }))
            .collect();
        let directs: Vec<Value> = if bot { Vec::new() } else { inner.world.directs_of(user) };
        let mut ready = json!({
            "v": 10, "user": inner.world.me(user).unwrap_or(Value::Null), "guilds": guilds, "session_id": id,
            "resume_gateway_url": format!("ws://127.0.0.1:{}/gateway", self.shared.port),
            "private_channels": directs, "session_type": "normal", "relationships": [], "presences": [],
        });
        if bot {
            ready["application"] =
                json!({ "id": inner.world.application.id, "flags": inner.world.application_flags() });
        }
        if !data["shard"].is_null() {
            ready["shard"] = data["shard"].clone();
        }
        inner.hub.send(&id, "READY", &ready);
        if !bot || wanted & 1 != 0 {
            for guild in inner.world.guilds_of(user) {
                let guild = inner.world.guild_create_json(guild, user);
                inner.hub.send(&id, "GUILD_CREATE", &guild);
            }
        }
        self.session = Some(id);
        self.shared.changes.send_modify(|count| *count = count.wrapping_add(1));
        ControlFlow::Continue(true)
    }

    fn resume(&mut self, data: &Value) -> ControlFlow<End, bool> {
        if self.session.is_some() {
            return ControlFlow::Break((4005, "Already authenticated."));
        }
        let now = self.shared.now();
        let mut inner = self.shared.lock();
        let token = data["token"].as_str().unwrap_or("");
        let Some(user) =
            inner.world.by_token(token.strip_prefix("Bot ").unwrap_or(token)).map(|user| user.id)
        else {
            return ControlFlow::Break((4004, "Authentication failed."));
        };
        let id = data["session_id"].as_str().unwrap_or("").to_owned();
        let Some(sequence) = data["seq"].as_u64() else {
            return ControlFlow::Break((4007, "Invalid seq."));
        };
        match inner.hub.resume(&id, user, sequence, now, self.sender.clone()) {
            Ok(()) => self.session = Some(id),
            Err(NoResume::BadSequence) => return ControlFlow::Break((4007, "Invalid seq.")),
            Err(NoResume::Unknown) => self.say(json!({ "op": 9, "d": false, "s": null, "t": null })),
        }
        drop(inner);
        self.shared.changes.send_modify(|count| *count = count.wrapping_add(1));
        ControlFlow::Continue(true)
    }
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame { code, reason: reason.into() };
    // The other side may be gone already.
    let _ = socket.send(Message::Close(Some(frame))).await;
}
