//! Keeps other sites out of the sandbox. It is on loopback, and so is every browser of this machine: any
//! page that a person has open could call it, or rebind its own name to 127.0.0.1. The host, the origin and
//! the relation that a browser sends tell such calls apart.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Middleware: passes requests whose `Host` is this machine, whose `Origin`, where there is one, is the same
/// host, and which no other site makes, links to follow excepted. Everything else is answered 403 with the reason.
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
    // Another port of this machine is another origin of the same site, and as foreign. An embedding or a
    // request without an `Origin` still says this much.
    let relation = text(HeaderName::from_static("sec-fetch-site"));
    let visit = text(HeaderName::from_static("sec-fetch-dest")) == Some("document");
    if relation.is_some_and(|relation| !matches!(relation, "same-origin" | "none")) && !visit {
        return Some(FOREIGN);
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return None; // not a browser, or a plain visit
    };
    let same = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.strip_prefix("http://"))
        .is_some_and(|origin| origin == host);
    (!same).then_some(FOREIGN)
}

const FOREIGN: &str = "The sandbox answers only its own page, and this came from another site.\n";

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
    fn a_browser_that_says_another_site_asks_is_believed() {
        let asks = |site: &'static str, dest: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:4000"));
            headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            headers.insert("sec-fetch-dest", HeaderValue::from_static(dest));
            refusal(&headers).is_none()
        };
        assert!(asks("same-origin", "empty") && asks("none", "document") && asks("cross-site", "document"));
        assert!(!asks("cross-site", "script") && !asks("same-site", "image") && !asks("same-site", "iframe"));
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
