//! One REST request, read: who asks, for what, with which body. Turns HTTP into values, or into Discord's refusal of what
//! cannot be one.

use super::super::shared::Shared;
use super::super::world::{Answer, Errors, File, Id, Refusal};
use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use serde_json::Value;
use std::collections::BTreeMap;

/// More than Discord takes in one request, with room for the form around it.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Caller {
    /// A bot with its token.
    Bot(Id),
    /// A person's client.
    User(Id),
    /// Somebody with the token of an interaction in the path, which is enough there.
    Token,
    /// A token that nobody has, or none.
    Nobody,
}

pub(super) struct Call {
    pub method: String,
    /// The segments behind `/api/v10`, decoded.
    pub path: Vec<String>,
    /// The path as it came.
    pub logged_path: String,
    pub query: BTreeMap<String, String>,
    pub caller: Caller,
    /// Why, for the audit log.
    pub reason: Option<String>,
    pub body: Value,
    pub files: Vec<File>,
    request: Option<Request>,
}

impl Call {
    pub fn begin(shared: &Shared, request: Request) -> Answer<Call> {
        let logged_path = request.uri().path().to_owned();
        let mut path: Vec<String> =
            logged_path.split('/').filter(|part| !part.is_empty()).skip(1).map(decode).collect();
        let version = path.first().and_then(|part| part.strip_prefix('v')).map(str::to_owned);
        if let Some(version) = version.filter(|version| version.bytes().all(|byte| byte.is_ascii_digit())) {
            if !matches!(version.as_str(), "6" | "7" | "8" | "9" | "10") {
                return Err(Errors::one("", "INVALID_API_VERSION", "Invalid API version"));
            }
            path.remove(0);
        }
        let query = request.uri().query().unwrap_or("");
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
        });
        let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let reason = request.headers().get("x-audit-log-reason").and_then(|value| value.to_str().ok());
        let reason = reason.map(decode);
        let by_token = matches!(path.first().map(String::as_str), Some("webhooks"))
            || path.first().is_some_and(|first| first == "interactions") && path.len() > 1;
        let caller = if by_token { Caller::Token } else { identify(shared, given) };
        Ok(Call {
            method: request.method().as_str().to_owned(),
            path,
            query: query.collect(),
            logged_path,
            caller,
            reason,
            body: Value::Null,
            files: Vec::new(),
            request: Some(request),
        })
    }

    pub fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    pub fn by_user(&self) -> bool {
        matches!(self.caller, Caller::User(_))
    }

    /// Routes that only Discord's own clients use, and its description for bots does not have.
    pub fn is_for_clients_only(&self) -> bool {
        matches!(self.segments()[..], ["interactions"] | ["guilds", _, "application-command-index"])
    }

    pub fn starts_interaction(&self) -> bool {
        self.method == "POST" && self.segments() == ["interactions"]
    }

    /// Who asks, where a token in the header is needed.
    pub fn actor(&self) -> Answer<Id> {
        match self.caller {
            Caller::Bot(id) | Caller::User(id) => Ok(id),
            Caller::Token | Caller::Nobody => Err(Refusal::unauthorized()),
        }
    }

    /// A whole number of the query.
    pub fn number(&self, name: &str) -> Answer<Option<u64>> {
        let Some(text) = self.query.get(name) else {
            return Ok(None);
        };
        let wrong = |_| Errors::one(name, "NUMBER_TYPE_COERCE", format!("Value \"{text}\" is not int."));
        text.parse().map(Some).map_err(wrong)
    }

    /// An id of the query.
    pub fn id_asked(&self, name: &str) -> Answer<Option<Id>> {
        self.query.get(name).map(|text| id(name, text)).transpose()
    }

    /// A switch of the query.
    pub fn flag(&self, name: &str) -> bool {
        self.query.get(name).is_some_and(|text| matches!(text.to_lowercase().as_str(), "true" | "1"))
    }

    /// Reads the body: JSON, or a form with `payload_json` and `files[n]`.
    pub async fn read_body(&mut self) -> Answer<()> {
        let Some(request) = self.request.take() else {
            return Ok(());
        };
        let kind =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        if kind.starts_with("multipart/form-data") {
            return self.read_form(request).await;
        }
        let is_json = kind.starts_with("application/json");
        let body: Body = request.into_body();
        let bytes = axum::body::to_bytes(body, MOST_BYTES).await.map_err(|_| Refusal::too_large())?;
        if bytes.is_empty() {
            return Ok(());
        }
        if !is_json {
            return Err(Errors::one(
                "",
                "CONTENT_TYPE_INVALID",
                "Expected \"Content-Type\" header to be application/json.",
            ));
        }
        self.body = serde_json::from_slice(&bytes).map_err(|_| Refusal::invalid_json())?;
        Ok(())
    }

    async fn read_form(&mut self, request: Request) -> Answer<()> {
        let (parts, body) = request.into_parts();
        let bytes = axum::body::to_bytes(body, MOST_BYTES).await.map_err(|_| Refusal::too_large())?;
        let request = Request::from_parts(parts, Body::from(bytes));
        let wrong = || Errors::one("", "MULTIPART_INVALID", "The form cannot be read.");
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| wrong())?;
        while let Some(field) = form.next_field().await.map_err(|_| wrong())? {
            let name = field.name().unwrap_or("").to_owned();
            let filename = field.file_name().map(str::to_owned);
            let said = field.content_type().filter(|said| *said != UNKNOWN).map(str::to_owned);
            let bytes = field.bytes().await.map_err(|_| Refusal::too_large())?;
            if name == "payload_json" {
                self.body = serde_json::from_slice(&bytes).map_err(|_| Refusal::invalid_json())?;
            } else if let Some(filename) = filename {
                let index = name.strip_prefix("files[").and_then(|rest| rest.strip_suffix(']'));
                let index = index.and_then(|index| index.parse().ok()).unwrap_or(self.files.len() as u64);
                let content_type = said.unwrap_or_else(|| by_name(&filename).to_owned());
                self.files.push(File { index, filename, content_type, bytes: bytes.to_vec() });
            }
        }
        if self.body.is_null() {
            self.body = serde_json::json!({});
        }
        Ok(())
    }
}

/// What is said of a file whose kind nobody said.
const UNKNOWN: &str = "application/octet-stream";

/// A file's kind by its name, where its sender said none: Discord looks itself as well.
fn by_name(filename: &str) -> &'static str {
    match filename.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).as_deref() {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("txt" | "log") => "text/plain; charset=utf-8",
        Some("md") => "text/markdown; charset=utf-8",
        Some("json") => "application/json; charset=utf-8",
        Some("csv") => "text/csv; charset=utf-8",
        _ => UNKNOWN,
    }
}

fn identify(shared: &Shared, given: Option<&str>) -> Caller {
    let Some(given) = given else {
        return Caller::Nobody;
    };
    let (token, as_bot) = match given.strip_prefix("Bot ") {
        Some(token) => (token, true),
        None => (given, false),
    };
    let inner = shared.lock();
    match inner.world.by_token(token) {
        Some(user) if user.bot && as_bot => Caller::Bot(user.id),
        Some(user) if !user.bot && !as_bot => Caller::User(user.id),
        _ => Caller::Nobody,
    }
}

/// An id in the path, or Discord's 50035 that names the parameter.
pub(super) fn id(name: &str, text: &str) -> Answer<Id> {
    text.parse()
        .map_err(|_| Errors::one(name, "NUMBER_TYPE_COERCE", format!("Value \"{text}\" is not snowflake.")))
}

/// Undoes percent-encoding; what is no valid code stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.filter(|_| *first == b'%').and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
