//! What the sandbox's tests share: a sandbox whose clock is moved by hand, a bot that speaks raw HTTP, and a raw gateway
//! connection.

use futures_util::{SinkExt, StreamExt};
use muster::sandbox::world::seed;
use muster::sandbox::{Clock, Sandbox, Setup};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// 2026-01-01T00:00:00Z, ms.
pub const BEGIN: i64 = 1_767_225_600_000;

/// A sandbox, its clock, and a bot.
pub struct Rig {
    pub sandbox: Sandbox,
    time: Arc<AtomicI64>,
    http: reqwest::Client,
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Reply {
    /// Status and Discord's code, to compare at once.
    pub fn refusal(&self) -> (u16, u64) {
        (self.status, self.body["code"].as_u64().unwrap_or(0))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    pub fn id(&self) -> String {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.body);
        self.body["id"].as_str().expect("an id").to_owned()
    }
}

impl Rig {
    pub async fn start() -> Rig {
        Rig::with(|_| ()).await
    }

    pub async fn with(adjust: impl FnOnce(&mut Setup)) -> Rig {
        let time = Arc::new(AtomicI64::new(BEGIN));
        let read = Arc::clone(&time);
        let clock: Clock = Arc::new(move || read.load(Ordering::SeqCst));
        let mut setup = Setup::new(clock);
        setup.request_log = std::env::var_os("SANDBOX_REQUEST_LOG").map(Into::into);
        adjust(&mut setup);
        let sandbox = Sandbox::start(setup).await.expect("a free port");
        let http =
            reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().expect("a client");
        Rig { sandbox, time, http }
    }

    /// Lets time pass.
    pub fn pass(&self, ms: i64) {
        self.time.fetch_add(ms, Ordering::SeqCst);
        self.sandbox.tick();
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/api/v10{path}", self.sandbox.api_url())
    }

    /// One request with the given Authorization header.
    pub async fn ask(&self, token: &str, method: &str, path: &str, body: Value) -> Reply {
        let mut request = self.http.request(method.parse().expect("a method"), self.url(path));
        if !token.is_empty() {
            request = request.header("authorization", token);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        Rig::reply(request.send().await.expect("an answer")).await
    }

    pub async fn reply(response: reqwest::Response) -> Reply {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body");
        Reply { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// As the bot.
    pub async fn bot(&self, method: &str, path: &str, body: Value) -> Reply {
        self.ask(&format!("Bot {}", seed::BOT_TOKEN), method, path, body).await
    }

    /// The bot posts; the message's id.
    pub async fn post(&self, channel: impl std::fmt::Display, body: Value) -> String {
        self.bot("POST", &format!("/channels/{channel}/messages"), body).await.id()
    }

    /// The bot registers commands in the practice guild.
    pub async fn register(&self, commands: Value) -> Reply {
        let path = format!("/applications/{}/guilds/{}/commands", seed::APPLICATION, seed::GUILD);
        self.bot("PUT", &path, commands).await
    }

    /// A gateway connection, just opened: HELLO was received.
    pub async fn connect(&self) -> Line {
        let url = format!("ws://{}/gateway?v=10&encoding=json", self.sandbox.address());
        let (socket, _) = connect_async(url).await.expect("a gateway");
        let mut line = Line { socket, sequence: None };
        assert_eq!(line.next().await["op"], 10);
        line
    }

    /// The bot's connection, identified with those intents: READY was received. Also gives the session's id.
    pub async fn bot_line(&self, intents: u64) -> (Line, String) {
        self.line(seed::BOT_TOKEN, json!(intents)).await
    }

    /// A connection of anybody's.
    pub async fn line(&self, token: &str, intents: Value) -> (Line, String) {
        let mut line = self.connect().await;
        line.send(json!({ "op": 2, "d": { "token": token, "intents": intents, "properties": {} } })).await;
        let ready = line.event("READY").await;
        let session = ready["session_id"].as_str().expect("a session").to_owned();
        (line, session)
    }
}

/// A raw gateway connection. Every wait ends after ten seconds, in a panic.
pub struct Line {
    socket: WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>,
    pub sequence: Option<u64>,
}

impl Line {
    pub async fn send(&mut self, payload: Value) {
        self.socket.send(Message::text(payload.to_string())).await.expect("an open connection");
    }

    async fn message(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(Duration::from_secs(10), self.socket.next())
            .await
            .expect("something within 10 s");
        next.and_then(Result::ok)
    }

    /// The next payload.
    pub async fn next(&mut self) -> Value {
        loop {
            match self.message().await {
                Some(Message::Text(text)) => {
                    let payload: Value = serde_json::from_str(text.as_str()).expect("JSON");
                    self.sequence = payload["s"].as_u64().or(self.sequence);
                    return payload;
                }
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("the gateway ended: {other:?}"),
            }
        }
    }

    /// The data of the next event of that name; others are skipped.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let payload = self.next().await;
            if payload["t"] == name {
                return payload["d"].clone();
            }
        }
    }

    /// The code with which the gateway closes; payloads before it are skipped. None if it ends without one.
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            match self.message().await {
                Some(Message::Close(frame)) => return frame.map(|frame| frame.code.into()),
                Some(_) => {}
                None => return None,
            }
        }
    }

    /// Closes with a code, as a client that goes for good (1000) or means to come back (4000).
    pub async fn leave(mut self, code: u16) {
        let frame =
            tokio_tungstenite::tungstenite::protocol::CloseFrame { code: code.into(), reason: "".into() };
        self.socket.close(Some(frame)).await.expect("an open connection");
        while self.message().await.is_some() {}
    }
}
