//! Keeps other sites out of the sandbox. It is on loopback, and so is every browser of this machine: any
//! page that a person has open could call it, or rebind its own name to 127.0.0.1. The host and the
//! origin that a browser sends tell such calls apart.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Middleware: passes requests whose `Host` is this machine, and whose `Origin`, where there is one, is
/// the same host. Everything else is answered 403 with the reason.
pub async fn loopback_only(request: Request, next: Next) -> Response {
    match refusal(request.headers()) {
        None => next.run(request).await,
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
    }
}

fn refusal(headers: &HeaderMap) -> Option<&'static str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).filter(|host| is_loopback(host));
    let Some(host) = host else {
        return Some("The sandbox answers only on this machine: open it as http://127.0.0.1.\n");
    };
    let Some(origin) = headers.get(header::ORIGIN) else {
        return None; // not a browser, or a plain visit
    };
    let same = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.strip_prefix("http://"))
        .is_some_and(|origin| origin == host);
    (!same).then_some("The sandbox answers only its own page, and this came from another site.\n")
}

/// Is this `Host` header (name or address, with or without port) this machine?
pub(super) fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    //! What a rebound name, a foreign page and an honest client look like.

    use super::*;
    use axum::http::HeaderValue;

    fn refused(host: Option<&'static str>, origin: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert(header::HOST, HeaderValue::from_static(host));
        }
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        refusal(&headers).is_some()
    }

    #[test]
    fn this_machine_passes() {
        assert!(!refused(Some("127.0.0.1:4000"), None));
        assert!(!refused(Some("127.0.0.1:4000"), Some("http://127.0.0.1:4000")));
        assert!(!refused(Some("localhost:4000"), Some("http://localhost:4000")));
        assert!(!refused(Some("[::1]:4000"), None));
        assert!(!refused(Some("localhost"), None));
    }

    #[test]
    fn others_are_refused() {
        assert!(refused(None, None));
        assert!(refused(Some("rebound.example:4000"), None));
        assert!(refused(Some("127.0.0.1.rebound.example"), None));
        assert!(refused(Some("127.0.0.1; script-src *"), None));
        assert!(refused(Some("127.0.0.1:4000"), Some("https://other.example")));
        assert!(refused(Some("127.0.0.1:4000"), Some("http://127.0.0.1:4001")));
        assert!(refused(Some("127.0.0.1:4000"), Some("null")));
    }
}
