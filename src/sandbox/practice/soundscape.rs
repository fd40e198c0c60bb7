//! Soundscape: the GPU backend Scope, the front end's page, and the proxy by which the front end reaches
//! Scope. The proxy refuses with reasons that a runbook tells apart: 401, 403, 429, 503.

use serde_json::{Value, json};

use super::service::{Answer, Ask, Broken, Fault, Service};

const FAULTS: &[Fault] = &[
    Fault {
        name: "scope-down",
        about: "The GPU pod does not answer; the page still renders and shows Scope offline.",
    },
    Fault {
        name: "pipeline-unloaded",
        about: "Scope is healthy, but no pipeline is loaded: connected, and no frames.",
    },
    Fault { name: "schemas-missing", about: "Scope lists no pipeline schema." },
    Fault { name: "page-down", about: "The front end does not answer, and with it the proxy." },
    Fault {
        name: "proxy-disabled",
        about: "SCOPE_PROXY_ENABLE is not true: the proxy answers 503 to everything.",
    },
    Fault {
        name: "write-token-missing",
        about: "SCOPE_PROXY_WRITE_TOKEN is not set: every write fails fast with 503.",
    },
    Fault { name: "proxy-throttled", about: "The proxy answers every write with 429." },
    Fault {
        name: "proxy-open",
        about: "The proxy lets writes through without a token, which it must refuse with 401.",
    },
];

/// What the proxy lets through: method and path at Scope, nothing else.
const ALLOWED: &[(&str, &str)] = &[
    ("GET", "/health"),
    ("GET", "/api/v1/pipeline/status"),
    ("GET", "/api/v1/pipelines/schemas"),
    ("POST", "/api/v1/pipeline/load"),
];

/// The write token of the practice front end. It protects nothing: it is there to be sent, or forgotten.
pub const WRITE_TOKEN: &str = "practice";

/// The front end's settings that its proxy obeys.
#[derive(Debug, Clone)]
struct Proxy {
    enable: bool,
    require_write_token: bool,
    write_token_header: &'static str,
    max_body_bytes: usize,
}

/// The practice soundscape.
pub struct Soundscape {
    broken: Broken,
    release: &'static str,
    previous_release: &'static str,
    pipeline: &'static str,
    proxy: Proxy,
}

impl Soundscape {
    /// A healthy one.
    pub fn new() -> Soundscape {
        Soundscape {
            broken: Broken::default(),
            release: "2.3.0",
            previous_release: "2.2.4",
            pipeline: "longlive",
            proxy: Proxy {
                enable: true,
                require_write_token: true,
                write_token_header: "x-scope-proxy-token",
                max_body_bytes: 524_288,
            },
        }
    }

    fn scope(&self, ask: &Ask<'_>, path: &str) -> Answer {
        if self.broken.has("scope-down") {
            return Answer::bad_gateway("Scope");
        }
        match (ask.method, path) {
            ("GET", "/health") => Answer::json(200, &json!({ "status": "ok" })),
            ("GET", "/api/v1/pipeline/status") if self.broken.has("pipeline-unloaded") => {
                Answer::json(200, &json!({ "status": "not_loaded", "pipeline_id": null }))
            }
            ("GET", "/api/v1/pipeline/status") => {
                let body = json!({ "status": "loaded", "pipeline_id": self.pipeline });
                Answer::json(200, &body)
            }
            ("GET", "/api/v1/pipelines/schemas") if self.broken.has("schemas-missing") => {
                Answer::json(200, &json!({ "pipelines": {} }))
            }
            ("GET", "/api/v1/pipelines/schemas") => {
                let mut pipelines = serde_json::Map::new();
                let schema = json!({ "type": "object", "required": ["prompt"] });
                pipelines.insert(self.pipeline.to_owned(), schema);
                Answer::json(200, &json!({ "pipelines": pipelines }))
            }
            ("POST", "/api/v1/pipeline/load") => {
                let body = json!({ "status": "loading", "pipeline_id": self.pipeline });
                Answer::json(202, &body)
            }
            _ => Answer::not_found(ask),
        }
    }

    fn page(&self) -> Answer {
        let scope = if self.broken.has("scope-down") { "offline" } else { "online" };
        let body = format!("<h1>MetaDJ Soundscape</h1>\n<p>Scope {scope}</p>\n");
        Answer::page("MetaDJ Soundscape", &body)
    }

    /// The order matters: what is closed says so first, then who asks, then what is asked for.
    fn proxied(&self, ask: &Ask<'_>, path: &str) -> Answer {
        let refuse = |status, why: &str| Answer::json(status, &json!({ "error": why }));
        if self.broken.has("proxy-disabled") || !self.proxy.enable {
            return refuse(503, "the Scope proxy is switched off");
        }
        if !same_origin(ask) {
            return refuse(403, "another origin");
        }
        if !ALLOWED.contains(&(ask.method, path)) {
            return refuse(403, "this method and path are not on the allow list");
        }
        if ask.method != "GET" {
            if self.broken.has("write-token-missing") {
                return refuse(503, "no write token is configured");
            }
            if self.broken.has("proxy-throttled") {
                return refuse(429, "too many writes");
            }
            let token = ask.header(self.proxy.write_token_header);
            let required = self.proxy.require_write_token && !self.broken.has("proxy-open");
            if required && token != Some(WRITE_TOKEN) {
                return refuse(401, "the write token is missing or wrong");
            }
            if ask.body.len() > self.proxy.max_body_bytes {
                return refuse(413, "the body is too large");
            }
        }
        if self.broken.has("scope-down") {
            return refuse(503, "Scope does not answer");
        }
        self.scope(ask, path)
    }
}

/// No `Origin` is a client that is not a browser; one that is there must be this host's.
fn same_origin(ask: &Ask<'_>) -> bool {
    let Some(origin) = ask.header("origin") else {
        return true;
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == ask.header("host")
}

impl Default for Soundscape {
    fn default() -> Self {
        Soundscape::new()
    }
}

impl Service for Soundscape {
    fn name(&self) -> &'static str {
        "soundscape"
    }

    fn title(&self) -> &'static str {
        "MetaDJ Soundscape"
    }

    fn faults(&self) -> &'static [Fault] {
        FAULTS
    }

    fn broken(&self) -> &Broken {
        &self.broken
    }

    fn broken_mut(&mut self) -> &mut Broken {
        &mut self.broken
    }

    fn facts(&self, _now: i64) -> Value {
        let token = !self.broken.has("write-token-missing");
        let enable = self.proxy.enable && !self.broken.has("proxy-disabled");
        json!({
            "release": self.release,
            "previous": self.previous_release,
            "pipeline": (!self.broken.has("pipeline-unloaded")).then_some(self.pipeline),
            "SCOPE_PROXY_ENABLE": enable,
            "SCOPE_PROXY_WRITE_TOKEN": if token { "present" } else { "absent" },
            "SCOPE_PROXY_MAX_BODY_BYTES": self.proxy.max_body_bytes,
        })
    }

    fn answer(&mut self, _now: i64, ask: &Ask<'_>) -> Answer {
        let front = ask.path == "/soundscape" || ask.path.starts_with("/api/scope/");
        if front && self.broken.has("page-down") {
            return Answer::bad_gateway("the front end");
        }
        match (ask.method, ask.path) {
            ("GET", "/soundscape") => self.page(),
            (_, path) => match path.strip_prefix("/api/scope") {
                Some(path) => self.proxied(ask, path),
                None => self.scope(ask, path),
            },
        }
    }
}
