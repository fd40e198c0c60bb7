//! The sandbox's page: a small Discord in the browser, so that a person can try a whole incident without
//! an account. It speaks to the sandbox as Discord's own client does, over the gateway and REST, and
//! therefore shows nothing in its messages that a user of Discord could not see. Only its side panel looks
//! behind the curtain: `news` tells it what happens there, `switches` let it meddle.
//!
//! The files are built into the program, and joined when they are served: no build step, no request to anywhere
//! else. What came from outside is only ever put into the page as text; the headers here make a mistake in that harmless.

mod files;
mod guard;
mod join;
mod news;
mod switches;

use super::shared::Shared;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub use guard::loopback_only;

use files::{CSS, FILES, HTML, JS, SVG};
use std::sync::{Arc, LazyLock};

const INDEX: &str = include_str!("assets/index.html");

/// The modules that the page asks for; each is served with what it needs.
const SCRIPTS: [&str; 2] = ["app.js", "early.js"];

/// Name, content type, content.
type Served = (&'static str, &'static str, String);

/// What is below `/page/`, or why there is nothing.
static SERVED: LazyLock<Result<Vec<Served>, String>> = LazyLock::new(|| {
    let modules: Vec<_> = of_kind(JS).collect();
    let mut served = vec![("all.css", CSS, join::styles(of_kind(CSS)))];
    for name in SCRIPTS {
        served.push((name, JS, join::modules(&modules, name)?));
    }
    served.extend(of_kind(SVG).map(|(name, text)| (name, SVG, text.to_owned())));
    Ok(served)
});

fn of_kind(kind: &str) -> impl Iterator<Item = join::File<'static>> {
    FILES.iter().filter(move |(_, of, _)| *of == kind).map(|(name, _, text)| (*name, *text))
}

/// `/` is the page, `/page/<file>` is what it asks for. Requests for another host, or from another site, are
/// refused.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(page))
        .with_state(Arc::clone(&shared))
        .route("/page/{file}", get(file))
        .merge(switches::router(Arc::clone(&shared)))
        .merge(news::router(shared))
        .layer(axum::middleware::from_fn(loopback_only))
}

async fn page(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let beside = shared.beside.borrow().clone();
    let zone = beside.and_then(|beside| beside.zone());
    served(&headers, HTML, index(zone.as_deref()))
}

/// The page, with the zone in which it shows times; without one it is the browser's.
fn index(zone: Option<&str>) -> String {
    let plain = |zone: &&str| zone.chars().all(|c| c.is_ascii_alphanumeric() || "/_+-".contains(c));
    INDEX.replacen("data-zone=\"\"", &format!("data-zone=\"{}\"", zone.filter(plain).unwrap_or_default()), 1)
}

async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match SERVED.as_ref().map(|files| files.iter().find(|(file, _, _)| *file == name)) {
        Ok(Some((_, content_type, content))) => served(&headers, content_type, content.as_str()),
        Ok(None) => (StatusCode::NOT_FOUND, "the page has no such file\n").into_response(),
        Err(why) => (StatusCode::INTERNAL_SERVER_ERROR, why.as_str()).into_response(),
    }
}

fn served(request: &HeaderMap, content_type: &'static str, content: impl IntoResponse) -> Response {
    let fixed = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let mut response = (fixed, content).into_response();
    if let Some(policy) = policy(request) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Everything from this server and nothing else; no inline script or style, and the browser itself refuses
/// to parse a string as markup. The gateway's address is spelled out, because some browsers do not count
/// `ws:` as `'self'`.
fn policy(request: &HeaderMap) -> Option<HeaderValue> {
    let host = request
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|host| guard::is_loopback(host))?;
    let text = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self' ws://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    );
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    //! The served files hold together, and nothing in them reaches outside or makes markup of text.

    use super::*;

    #[test]
    fn every_file_that_is_asked_for_is_served() {
        let files = SERVED.as_ref().unwrap_or_else(|why| panic!("{why}"));
        let texts = files.iter().map(|(_, _, text)| text.as_str()).chain([INDEX]);
        for name in texts.flat_map(|text| text.split("\"/page/").skip(1)) {
            let name = name.split('"').next().unwrap_or_default();
            assert!(files.iter().any(|(file, _, _)| *file == name), "{name} is asked for and not served");
        }
    }

    #[test]
    fn every_file_that_was_written_is_served() {
        let files = SERVED.as_ref().unwrap_or_else(|why| panic!("{why}"));
        let text =
            |name| files.iter().find(|(file, _, _)| *file == name).map_or("", |(_, _, text)| text.as_str());
        for (name, kind, content) in FILES {
            match *kind {
                JS => assert!(
                    text("app.js").contains(&format!("// ---- {name}\n")) || SCRIPTS.contains(name),
                    "{name} is needed by nothing"
                ),
                CSS => assert!(text("all.css").contains(content), "{name} is no part of the page's style"),
                _ => assert_eq!(text(name), *content),
            }
        }
    }

    #[test]
    fn no_file_makes_markup_out_of_text_or_reaches_outside() {
        let forbidden = [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "DOMParser",
            "createContextualFragment",
            "eval(",
            "new Function",
            "style=\"",
            "onclick=",
            "@import",
            "url(http",
            "src=\"http",
            "href=\"http",
        ];
        for (name, _, text) in FILES.iter().chain([&("index.html", HTML, INDEX)]) {
            for word in forbidden {
                assert!(!text.contains(word), "{name} contains {word}");
            }
            assert!(text.lines().count() < 400, "{name} is more than one idea");
        }
    }

    #[test]
    fn the_zone_stands_in_the_page_and_is_never_markup() {
        assert!(index(Some("Europe/Berlin")).contains("<html lang=\"en\" data-zone=\"Europe/Berlin\">"));
        assert_eq!(index(Some("\"><script>")), INDEX);
        assert_eq!(index(None), INDEX);
    }

    #[test]
    fn the_page_is_served_with_its_policy() {
        let mut request = HeaderMap::new();
        request.insert(header::HOST, HeaderValue::from_static("127.0.0.1:4000"));
        let response = served(&request, HTML, index(None));
        assert_eq!(response.status(), StatusCode::OK);
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str();
        let policy = policy.unwrap_or_default();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(policy.contains("ws://127.0.0.1:4000;"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}
