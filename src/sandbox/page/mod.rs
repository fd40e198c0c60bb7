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
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub use guard::loopback_only;

use files::{CSS, FILES, HTML, JS};
use std::sync::{Arc, LazyLock};

const INDEX: &str = include_str!("assets/index.html");

/// All modules as one, or why they cannot be joined.
static SCRIPT: LazyLock<Result<String, String>> = LazyLock::new(|| {
    let modules: Vec<_> = of_kind(JS).collect();
    join::modules(&modules, "app.js")
});

static STYLE: LazyLock<String> = LazyLock::new(|| join::styles(of_kind(CSS)));

fn of_kind(kind: &str) -> impl Iterator<Item = join::File<'static>> {
    FILES.iter().filter(move |(_, of, _)| *of == kind).map(|(name, _, text)| (*name, *text))
}

/// `/` is the page, `/page/all.js` and `/page/all.css` are what it runs and how it looks, `/page/<file>` is what
/// these are made of. Requests for another host, or from another
/// site, are refused.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/page/{file}", get(file))
        .merge(switches::router(Arc::clone(&shared)))
        .merge(news::router(shared))
        .layer(axum::middleware::from_fn(loopback_only))
}

async fn page(headers: HeaderMap) -> Response {
    served(&headers, HTML, INDEX)
}

async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match (name.as_str(), SCRIPT.as_ref()) {
        ("all.js", Ok(script)) => return served(&headers, JS, script),
        ("all.js", Err(why)) => return (StatusCode::INTERNAL_SERVER_ERROR, why.as_str()).into_response(),
        ("all.css", _) => return served(&headers, CSS, &STYLE),
        _ => {}
    }
    match FILES.iter().find(|(file, _, _)| *file == name) {
        Some((_, content_type, content)) => served(&headers, content_type, content),
        None => (StatusCode::NOT_FOUND, "the page has no such file\n").into_response(),
    }
}

fn served(request: &HeaderMap, content_type: &'static str, content: &'static str) -> Response {
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
        let served: Vec<&str> = FILES.iter().map(|(name, _, _)| *name).chain(["all.js", "all.css"]).collect();
        let all = FILES.iter().map(|(_, _, text)| *text).chain([INDEX]);
        for text in all {
            for quote in ["\"./", "\"/page/"] {
                for rest in text.split(quote).skip(1) {
                    let name = rest.split('"').next().unwrap_or_default();
                    assert!(served.contains(&name), "{name} is asked for and not served");
                }
            }
        }
    }

    #[test]
    fn all_modules_and_sheets_are_joined() {
        let script = SCRIPT.as_ref().unwrap_or_else(|why| panic!("{why}"));
        for (name, kind, text) in FILES {
            match *kind {
                JS => assert!(
                    script.contains(&format!("\n// ---- {name}\n"))
                        || script.starts_with(&format!("// ---- {name}\n")),
                    "{name} is not needed by app.js"
                ),
                CSS => assert!(STYLE.contains(text), "{name} is not in the page's style"),
                _ => {}
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

    #[tokio::test]
    async fn the_page_is_served_with_its_policy() {
        let mut request = HeaderMap::new();
        request.insert(header::HOST, HeaderValue::from_static("127.0.0.1:4000"));
        let response = page(request).await;
        assert_eq!(response.status(), StatusCode::OK);
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str();
        let policy = policy.unwrap_or_default();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(policy.contains("ws://127.0.0.1:4000;"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}
