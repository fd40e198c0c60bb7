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
use crate::kit::clock::{Clock, Gate, instant_in};
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
    /// Closed while Discord takes nothing from this bot at all.
    gate: Gate,
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
        let limiter = RateLimiter::new(GLOBAL);
        Ok(Rest { http, api, token, limiter, gate: Gate::default(), clock, refused: Mutex::default() })
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
        let sent = self.send(Method::POST, path, Some(body), files, None).await;
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
        why: Option<&str>,
    ) -> reqwest::Result<reqwest::Response> {
        let mut request = self.http.request(method, format!("{}{path}", self.api));
        if let Some(why) = why {
            request = request.header("X-Audit-Log-Reason", reason(why));
        }
        // What carries its own token in the path needs no other.
        if !has_own_token(path) {
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
        let headers = answer.headers();
        let no_bucket = !headers.contains_key(RateLimitHeaders::BUCKET);
        let global = headers.contains_key("x-ratelimit-global");
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
            let wait = Duration::from_secs_f64(seconds.clamp(0.05, 3600.0));
            if global || concerns_everything(json.as_ref(), no_bucket) {
                self.gate.close(wait);
            }
            return Err(RestError::Limited(wait));
        }
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            // A proxy in front of Discord says this without JSON, and would say it again.
            let message = json.as_ref().map_or_else(|| "the message is too large".to_owned(), refusal_words);
            let code = json.and_then(|j| j["code"].as_u64()).unwrap_or(0);
            return Err(RestError::Refused { status: status.as_u16(), code, message });
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
        // What lies ahead was noted before the clock was put back, and would hold for as long.
        refused.retain(|at| *at <= now && now.since(*at) < BREAKER_SPAN);
        (refused.len() >= BREAKER).then(|| {
            tracing::error!("Discord refused {} requests in ten minutes; Muster pauses for a minute so that it is not banned", refused.len());
            Duration::from_secs(60)
        })
    }
}

impl Rest {
    /// Any request, when its turn has come; `why` is for the server's audit log.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        files: &[File],
        why: Option<&str>,
    ) -> Result<Value, RestError> {
        if let Some(pause) = self.broken() {
            return Err(RestError::Limited(pause));
        }
        let permit = match has_own_token(path) {
            // Outside the limit for the whole bot, and the limiter would keep a queue for each
            // token for good.
            true => None,
            false => {
                let path = path.split('?').next().unwrap_or(path).to_owned();
                Some(self.limiter.acquire(Endpoint { method: limited(&method), path }).await)
            }
        };
        // Asked last: it may have been closed while this request waited for its turn.
        if let Some(wait) = self.gate.closed() {
            return Err(RestError::Limited(wait));
        }
        let sent = self.send(method, path, body, files, why).await;
        if let Some(permit) = permit {
            permit.complete(sent.as_ref().ok().and_then(|r| bucket(r.headers())));
        }
        let answer = sent.map_err(|e| RestError::Silent(e.without_url().to_string()))?;
        self.judge(answer).await
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
        self.ask(method, path, body, files, None).await
    }

    async fn because(&self, method: Method, path: &str, why: &str) -> Result<(), RestError> {
        self.ask(method, path, None, &[], Some(why)).await.map(drop)
    }
}

/// A reason as its header takes it: at most 512 characters, encoded as in a URL (Discord, "Audit log").
fn reason(why: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let bytes = crate::kit::text::cut(&crate::kit::text::line(why), 512).into_bytes();
    bytes
        .into_iter()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// Whether a path carries an interaction's token: the limit for the whole bot does not count
/// these (Discord, "Receiving and responding").
fn has_own_token(path: &str) -> bool {
    path.starts_with("interactions/") || path.starts_with("webhooks/")
}

/// Whether a 429 is for the bot, or its address, and not for one bucket. One without a bucket's
/// headers is a proxy's; that Discord limits one thing has a code.
fn concerns_everything(json: Option<&Value>, no_bucket: bool) -> bool {
    json.is_some_and(|j| j["global"] == true)
        || (no_bucket && json.is_none_or(|j| j["code"].as_u64().unwrap_or(0) == 0))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::world::seed;
    use crate::sandbox::{Limits, Sandbox, Setup};

    /// A client of an address at which nobody answers.
    fn lonely(clock: &Clock) -> Rest {
        Rest::new(Token::new("t"), Some("http://127.0.0.1:1"), clock.clone()).unwrap()
    }

    fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> reqwest::Response {
        let mut answer = axum::http::Response::builder().status(status);
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        answer.body(body).unwrap().into()
    }

    #[tokio::test]
    async fn a_limit_for_everything_holds_everything_and_one_bucket_s_does_not() {
        let bucket = ("x-ratelimit-bucket", "b");
        let limits = [
            (true, vec![bucket], r#"{"retry_after": 60, "global": true}"#),
            (true, vec![bucket, ("x-ratelimit-global", "true")], r#"{"retry_after": 60}"#),
            (true, vec![("retry-after", "60")], "error code: 1015"),
            (false, vec![bucket], r#"{"retry_after": 60, "global": false}"#),
            (false, vec![], r#"{"retry_after": 60, "code": 30046}"#),
        ];
        for (holds, headers, body) in limits {
            let rest = lonely(&Clock::system());
            let limited = rest.judge(answer(429, &headers, body)).await;
            assert_eq!(limited, Err(RestError::Limited(Duration::from_secs(60))));
            for path in ["channels/1/messages", "webhooks/1/t/messages/@original"] {
                let next = rest.get(path).await;
                assert_eq!(matches!(next, Err(RestError::Limited(_))), holds, "{body}: {next:?}");
            }
            let first = rest.callback("interactions/1/t/callback", &Value::Null, &[]).await;
            assert!(matches!(first, Err(RestError::Silent(_))), "{first:?}");
        }
    }

    #[tokio::test]
    async fn what_is_too_large_is_refused_whoever_says_so() {
        let rest = lonely(&Clock::system());
        let by_proxy = rest.judge(answer(413, &[], "<html>413</html>")).await;
        assert!(matches!(by_proxy, Err(RestError::Refused { status: 413, code: 0, .. })), "{by_proxy:?}");
        let by_discord = rest.judge(answer(413, &[], r#"{"code": 40005, "message": "too large"}"#)).await;
        assert!(matches!(by_discord, Err(RestError::Refused { code: 40005, .. })), "{by_discord:?}");
        let blocked = rest.judge(answer(403, &[], "<html>blocked</html>")).await;
        assert!(matches!(blocked, Err(RestError::Silent(_))), "{blocked:?}");
    }

    #[tokio::test]
    async fn a_clock_that_is_put_back_does_not_hold_the_breaker() {
        let clock = Clock::driven(Timestamp(1_795_251_600_000));
        let rest = lonely(&clock);
        for _ in 0..BREAKER {
            let _ = rest.judge(answer(403, &[], "{}")).await;
        }
        assert!(rest.broken().is_some());
        clock.set(Timestamp(clock.now().0 - 7 * 86_400_000));
        assert_eq!(rest.broken(), None);
    }

    #[tokio::test]
    async fn the_limiter_keeps_nothing_for_an_interaction_s_token() {
        let clock = Clock::system();
        let setup =
            Setup { limits: Limits::real(), ..Setup::new(std::sync::Arc::new(move || clock.now().0)) };
        let sandbox = Sandbox::start(setup).await.unwrap();
        let rest = Rest::new(Token::new(seed::BOT_TOKEN), Some(&sandbox.api_url()), Clock::system()).unwrap();
        let known = async |path: String| {
            let _ = rest.call(Method::PATCH, &path, Some(&Value::Null), &[]).await;
            rest.limiter.bucket(Endpoint { method: LimitedMethod::Patch, path }).await.is_some()
        };
        assert!(known(format!("channels/{}/messages/1", seed::INCIDENTS)).await);
        assert!(!known(format!("webhooks/{}/gone/messages/@original", seed::APPLICATION)).await);
    }

    #[tokio::test]
    async fn a_reason_reaches_the_audit_log_whole() {
        let clock = Clock::system();
        let sandbox = Sandbox::start(Setup::new(std::sync::Arc::new(move || clock.now().0))).await.unwrap();
        let rest = Rest::new(Token::new(seed::BOT_TOKEN), Some(&sandbox.api_url()), Clock::system()).unwrap();
        let (guild, who) = (seed::GUILD, seed::Person::Onlooker.id());
        let path = format!("guilds/{guild}/members/{who}/roles/{}", seed::ROLE_ON_CALL);
        let why = "Muster: on call, primär of 50% & more";
        rest.because(Method::PUT, &path, why).await.unwrap();
        let logged = sandbox.look(|world| world.audited.clone());
        assert_eq!(logged.last().and_then(|line| line.reason.as_deref()), Some(why));
        // 511 letters of two bytes, and the mark that it was cut.
        assert_eq!(reason(&"ä".repeat(2_000)).len(), 511 * 6 + 9);
    }
}
