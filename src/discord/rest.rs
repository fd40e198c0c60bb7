//! Requests to Discord's REST API: one client, one limiter, one breaker.

use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use twilight_http_ratelimiting::{Endpoint, Method as LimitedMethod, RateLimitHeaders, RateLimiter};

use super::api::{Api, RestError};
use crate::kit::clock::{Clock, instant_in};
use crate::kit::time::Timestamp;
use crate::render::File;

/// Discord's own API, where no other is named.
pub const DISCORD: &str = "https://discord.com";
/// Discord's limit for a whole bot, in requests a second (Discord, "Rate limits").
const GLOBAL: u16 = 50;
/// Discord bans for a day past 10,000 of these in ten minutes; a bot that is far on the way
/// there does not know what it is doing, and stops.
const BREAKER: usize = 2_000;
const BREAKER_SPAN: Duration = Duration::from_secs(600);

/// The bot's token. Shows itself to nobody.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Takes it as the developer portal shows it.
    pub fn new(token: impl Into<String>) -> Token {
        Token(token.into().trim().to_owned())
    }

    /// For the two who must know: the gateway and the header.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A client of Discord's REST API for one bot.
pub struct Rest {
    http: reqwest::Client,
    api: String,
    token: Token,
    limiter: RateLimiter,
    clock: Clock,
    refused: Mutex<Vec<Timestamp>>,
}

impl Rest {
    /// A client; must be made inside a tokio runtime (the limiter is a task). `api_url` is a
    /// REST proxy or the sandbox; `None` is Discord.
    ///
    /// # Errors
    /// When the TLS backend cannot be set up.
    pub fn new(token: Token, api_url: Option<&str>, clock: Clock) -> Result<Rest, String> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(10))
            .connect_timeout(Duration::from_secs(5))
            .user_agent(concat!("DiscordBot (muster, ", env!("CARGO_PKG_VERSION"), ")"))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| format!("the HTTP client cannot be made: {e}"))?;
        let api = format!("{}/api/v10/", api_url.unwrap_or(DISCORD).trim_end_matches('/'));
        Ok(Rest { http, api, token, limiter: RateLimiter::new(GLOBAL), clock, refused: Mutex::default() })
    }

    /// The token, for the gateway.
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// The first answer to an interaction: at once, past the limiter. Discord exempts it.
    ///
    /// # Errors
    /// See [`RestError`].
    pub async fn callback(&self, path: &str, body: &Value, files: &[File]) -> Result<(), RestError> {
        let sent = self.send(Method::POST, path, Some(body), files).await;
        let answer = sent.map_err(|e| RestError::Silent(e.without_url().to_string()))?;
        if answer.status() == StatusCode::NO_CONTENT {
            return Ok(());
        }
        self.judge(answer).await.map(drop)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        files: &[File],
    ) -> reqwest::Result<reqwest::Response> {
        let mut request = self.http.request(method, format!("{}{path}", self.api));
        // What carries its own token in the path needs no other.
        if !path.starts_with("interactions/") && !path.starts_with("webhooks/") {
            request = request.header("Authorization", format!("Bot {}", self.token.reveal()));
        }
        request = match body {
            None => request,
            Some(json) if files.is_empty() => request.json(json),
            Some(json) => request.multipart(form(json, files)),
        };
        request.send().await
    }

    async fn judge(&self, answer: reqwest::Response) -> Result<Value, RestError> {
        let status = answer.status();
        let retry_after =
            answer.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse::<f64>().ok());
        let text = answer.text().await.map_err(|e| RestError::Silent(e.without_url().to_string()))?;
        let json: Option<Value> = serde_json::from_str(&text).ok();
        if status.is_success() {
            return match json {
                Some(json) => Ok(json),
                None if text.is_empty() => Ok(Value::Null),
                None => Err(RestError::Silent("the answer is not JSON".to_owned())),
            };
        }
        if matches!(status.as_u16(), 401 | 403 | 429) {
            self.refused.lock().unwrap_or_else(PoisonError::into_inner).push(self.clock.now());
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            let body = json.as_ref().and_then(|j| j["retry_after"].as_f64());
            let seconds = body.or(retry_after).filter(|s| s.is_finite()).unwrap_or(5.0);
            return Err(RestError::Limited(Duration::from_secs_f64(seconds.clamp(0.05, 3600.0))));
        }
        match json {
            Some(json) if status.is_client_error() => Err(RestError::Refused {
                status: status.as_u16(),
                code: json["code"].as_u64().unwrap_or(0),
                message: refusal_words(&json),
            }),
            _ => Err(RestError::Silent(format!("HTTP {status}"))),
        }
    }

    /// How long to stay silent, where Discord has refused so much that a ban is near.
    fn broken(&self) -> Option<Duration> {
        let now = self.clock.now();
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.retain(|at| now.since(*at) < BREAKER_SPAN);
        (refused.len() >= BREAKER).then(|| {
            tracing::error!("Discord refused {} requests in ten minutes; Muster pauses for a minute so that it is not banned", refused.len());
            Duration::from_secs(60)
        })
    }
}

#[async_trait::async_trait]
impl Api for Rest {
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        files: &[File],
    ) -> Result<Value, RestError> {
        if let Some(pause) = self.broken() {
            return Err(RestError::Limited(pause));
        }
        let endpoint =
            Endpoint { method: limited(&method), path: path.split('?').next().unwrap_or(path).to_owned() };
        let permit = self.limiter.acquire(endpoint).await;
        let sent = self.send(method, path, body, files).await;
        let headers = sent.as_ref().ok().and_then(|r| bucket(r.headers()));
        permit.complete(headers);
        let answer = sent.map_err(|e| RestError::Silent(e.without_url().to_string()))?;
        self.judge(answer).await
    }
}

/// Discord's words, and which field it means.
fn refusal_words(json: &Value) -> String {
    let message = json["message"].as_str().unwrap_or("refused without a word").to_owned();
    match json.get("errors") {
        Some(errors) => crate::kit::text::cut(&format!("{message}: {errors}"), 500),
        None => message,
    }
}

fn limited(method: &Method) -> LimitedMethod {
    match *method {
        Method::DELETE => LimitedMethod::Delete,
        Method::PATCH => LimitedMethod::Patch,
        Method::POST => LimitedMethod::Post,
        Method::PUT => LimitedMethod::Put,
        _ => LimitedMethod::Get,
    }
}

/// What an answer says of its bucket; nothing where a header is missing or unreadable.
fn bucket(headers: &HeaderMap) -> Option<RateLimitHeaders> {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    let reset_after: f64 = text(RateLimitHeaders::RESET_AFTER)?.parse().ok()?;
    Some(RateLimitHeaders {
        bucket: text(RateLimitHeaders::BUCKET)?.as_bytes().to_vec(),
        limit: text(RateLimitHeaders::LIMIT)?.parse().ok()?,
        remaining: text(RateLimitHeaders::REMAINING)?.parse().ok()?,
        reset_at: instant_in(Duration::from_secs_f64(reset_after.clamp(0.0, 3600.0))),
    })
}

fn form(json: &Value, files: &[File]) -> Form {
    let payload = Part::text(json.to_string());
    let payload = match payload.mime_str("application/json") {
        Ok(typed) => typed,
        Err(_) => Part::text(json.to_string()),
    };
    files.iter().enumerate().fold(Form::new().part("payload_json", payload), |form, (n, file)| {
        form.part(format!("files[{n}]"), Part::bytes(file.bytes.clone()).file_name(file.name.clone()))
    })
}
