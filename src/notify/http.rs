//! Requests to where people are reached: one client, what it must not reach, and what an answer means.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response, Url};

use super::Trouble;
use crate::model::event::Reason;
use crate::runner::address;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How much of a refusal is read, in bytes.
const READ: usize = 2048;

/// A client that follows no redirect (who is called is written in the house, and another host is not it),
/// knows no proxy, and reaches no link-local or metadata address. A request may take `wait`.
pub fn client(wait: Duration) -> Result<Client, String> {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(address::Guarded))
        .connect_timeout(CONNECT)
        .timeout(wait)
        .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| format!("no HTTP client: {e}"))
}

/// Where a request goes.
///
/// # Errors
/// When it is no address that may be reached; `what` says whose.
pub fn url(text: &str, what: &str) -> Result<Url, Trouble> {
    let wrong = |why: &str| {
        Trouble::refused(Reason::Invalid, format!("the address of {what} {why}: correct it in muster.toml"))
    };
    let url = Url::parse(text).map_err(|e| wrong(&format!("is none ({e})")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("is neither http nor https"));
    }
    // A name is looked at when it is resolved; a number is never resolved.
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).parse::<IpAddr>();
    if host.is_ok_and(address::refused) {
        return Err(wrong("is one that must not be reached (link-local or metadata)"));
    }
    Ok(url)
}

/// Sends a request, and says what came of it. `what` is whom it asks: `ntfy`; `cure` what to do where that
/// does not let Muster in.
pub async fn send(request: RequestBuilder, what: &str, cure: &str) -> Result<(), Trouble> {
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(e) if e.is_builder() => {
            let said = format!("the request to {what} cannot be made: {}", deepest(&e));
            return Err(Trouble::refused(Reason::Invalid, said));
        }
        Err(e) => return Err(Trouble::later(format!("{what} does not answer: {}", deepest(&e)))),
    };
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let after = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|v| v.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let code = status.as_u16();
    let words = words(answer).await;
    let said = match words.is_empty() {
        true => format!("{what} answers HTTP {code}"),
        false => format!("{what} answers HTTP {code}: {words}"),
    };
    Err(match code {
        408 | 425 | 429 => Trouble::Later { after, why: said },
        300..=399 => Trouble::refused(
            Reason::Invalid,
            format!("{what} sends Muster to another address (HTTP {code}): write that one into muster.toml"),
        ),
        401 | 403 => Trouble::refused(Reason::Forbidden, format!("{said}. {cure}")),
        404 | 410 => Trouble::refused(
            Reason::Gone,
            format!("{said}. There is nothing at that address: correct it in muster.toml"),
        ),
        400..=499 => Trouble::refused(Reason::Invalid, format!("{said}. {cure}")),
        _ => Trouble::Later { after, why: said },
    })
}

/// The first words of an answer, where they come at once; a page of HTML is none.
async fn words(mut answer: Response) -> String {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk[..chunk.len().min(READ - body.len())]);
        if body.len() >= READ {
            break;
        }
    }
    let text = String::from_utf8_lossy(&body).into_owned();
    let json: Option<serde_json::Value> = serde_json::from_str(&text).ok();
    let field = |name: &str| json.as_ref()?[name].as_str().map(str::to_owned);
    match field("message").or_else(|| field("error")) {
        Some(words) => words,
        None if text.trim_start().starts_with('<') => String::new(),
        None => text,
    }
}

/// Why there was no answer, without the address.
fn deepest(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut root: &dyn std::error::Error = error;
    while let Some(deeper) = root.source() {
        root = deeper;
    }
    match std::ptr::eq(root, error) {
        true => "the connection broke off".to_owned(),
        false => root.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_must_not_be_reached_is_refused_in_every_spelling() {
        for text in [
            "http://169.254.169.254/latest",
            "http://2852039166/",
            "http://0xa9fea9fe/",
            "http://[::ffff:169.254.169.254]/",
            "http://[fe80::1]/",
            "ftp://example.org/",
            "no address",
        ] {
            assert!(matches!(url(text, "ntfy"), Err(Trouble::Refused { .. })), "{text}");
        }
        assert!(url("https://ntfy.example/topic", "ntfy").is_ok());
        assert!(url("http://127.0.0.1:8080/topic", "ntfy").is_ok(), "a service of the team's own");
    }
}
