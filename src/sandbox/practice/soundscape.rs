//! Soundscape: the GPU backend Scope, the front end's page, and the proxy by which the front end reaches
//! Scope. The proxy refuses with reasons that a runbook tells apart: 401, 403, 429, 503.

mod metrics;

use serde_json::{Value, json};

use super::jobs::{self, Job, always, unless};
use super::meters::Meters;
use super::release::Release;
use super::service::{Answer, Ask, Broken, Fault, Said, Service};
use super::settings::{Must, Settings, Wanted};

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
    Fault { name: "dropped-frames", about: "Every fourth frame is dropped, while a session is active." },
    Fault {
        name: "clients-without-token",
        about: "A release of the front end forgets the write token: the proxy refuses its writes with 401.",
    },
    Fault {
        name: "reconnect-loop",
        about: "Clients connect again and again, until they have used up their attempts.",
    },
    Fault { name: "idle", about: "Nobody plays: no session is active." },
    Fault { name: "gpu-full", about: "The GPU's memory stands at 97 %: connected, and no frames." },
    Fault { name: "tests-red", about: "A test fails before a deployment." },
    Fault { name: "audit-finding", about: "The dependency audit has one high finding." },
    Fault { name: "release-stuck", about: "The platform deploys nothing: the page stays at its release." },
    Fault { name: "settings-locked", about: "The store of settings refuses to be written to." },
    Fault { name: "no-capacity", about: "No GPU is free: no template can be launched." },
];

/// What a deployment's environment must be. The values are the practice services' own.
const CONTRACT: &[Wanted] = &[
    ("SCOPE_API_URL", Must::BeSet, Some("https://scope.practice.example")),
    ("SCOPE_PROXY_ENABLE", Must::Be("true"), Some("true")),
    ("SCOPE_PROXY_REQUIRE_WRITE_TOKEN", Must::Be("true"), Some("true")),
    ("SCOPE_PROXY_WRITE_TOKEN", Must::BeSet, Some(WRITE_TOKEN)),
    ("SCOPE_PROXY_WRITE_TOKEN_HEADER", Must::BeAnything, Some("x-scope-proxy-token")),
    ("SCOPE_PROXY_MAX_BODY_BYTES", Must::BeAnything, Some("524288")),
    ("SCOPE_PROXY_TRUST_FORWARDED_IP", Must::Be("false"), Some("false")),
    ("SCOPE_PROXY_IP_HEADER", Must::BeAnything, None),
    ("HF_TOKEN", Must::BeSet, Some("practice-hf-token")),
    ("NEXT_PUBLIC_SCOPE_API_URL", Must::BetterNotBeSet, None),
];

/// What the project's scripts and the pod say.
const JOBS: &[Job] = &[
    always("npm run lint", "lint: 0 problems"),
    always("npm run type-check", "type-check: 0 errors"),
    unless("npm run test", "test: 412 passed", "tests-red", "test: 411 passed, 1 failed: useScopeSession"),
    always("npm run build", "build: done"),
    always("npm run launch-check", "launch check: ready"),
    always("npm run scope-check", "scope check: Scope answers"),
    unless(
        "npm audit --omit=dev",
        "found 0 vulnerabilities",
        "audit-finding",
        "1 high severity vulnerability",
    ),
    always("npm audit", "3 low severity vulnerabilities, all of development packages"),
    unless("ci status", "success", "tests-red", "failure"),
    unless("pod status", "running, healthy", "scope-down", "the pod does not run"),
    unless("pod gpu", "61", "gpu-full", "97"),
    always("pod restart", "the pod is started again"),
];

/// What the proxy lets through: method and path at Scope, nothing else.
const ALLOWED: &[(&str, &str)] = &[
    ("GET", "/health"),
    ("GET", "/api/v1/pipeline/status"),
    ("GET", "/api/v1/pipelines/schemas"),
    ("POST", "/api/v1/pipeline/load"),
];

/// The write token of the practice front end. It protects nothing: it is there to be sent, or forgotten.
pub const WRITE_TOKEN: &str = "practice-write-token";

/// The practice soundscape.
pub struct Soundscape {
    broken: Broken,
    /// The front end's.
    release: Release,
    /// The pod's template.
    template: Release,
    pipeline: &'static str,
    settings: Settings,
    meters: Meters,
}

impl Soundscape {
    /// A healthy one.
    pub fn new() -> Soundscape {
        Soundscape {
            broken: Broken::default(),
            release: Release::new(&["2.2.3", "2.2.4", "2.3.0"]),
            template: Release::new(&["stable-10", "stable-11", "stable-12"]),
            pipeline: "longlive",
            settings: Settings::new(CONTRACT),
            meters: Meters::default(),
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
            ("GET", "/api/v1/stats") => {
                let dropped = self.broken.has("dropped-frames");
                let (fps, ratio) = if dropped { (11, 0.27) } else { (30, 0.01) };
                let body = json!({
                    "active_sessions": 2, "fps": fps, "dropped_frame_ratio": ratio,
                    "reconnects_exhausted": 0,
                });
                Answer::json(200, &body)
            }
            _ => Answer::not_found(ask),
        }
    }

    fn page(&self) -> Answer {
        let scope = if self.broken.has("scope-down") { "offline" } else { "online" };
        let release = &self.release.current;
        let body = format!("<h1>MetaDJ Soundscape</h1>\n<p>Scope {scope}</p>\n<p>Release {release}</p>\n");
        Answer::page("MetaDJ Soundscape", &body)
    }

    fn log(&self) -> Vec<String> {
        let mut lines = vec![
            format!("scope: template {}", self.template.current),
            "scope: pipeline longlive requested".to_owned(),
            "webrtc: offer received, answer sent".to_owned(),
        ];
        for (fault, line) in [
            ("scope-down", "scope: killed"),
            ("pipeline-unloaded", "scope: the pipeline could not be loaded"),
            ("gpu-full", "scope: CUDA out of memory"),
        ] {
            if self.broken.has(fault) {
                lines.push(line.to_owned());
            }
        }
        lines
    }

    /// The order matters: what is closed says so first, then who asks, then what is asked for.
    fn proxied(&self, ask: &Ask<'_>, path: &str) -> Answer {
        let refuse = |status, why: &str| Answer::json(status, &json!({ "error": why }));
        if !self.settings.on("SCOPE_PROXY_ENABLE") {
            return refuse(503, "the Scope proxy is switched off");
        }
        if !same_origin(ask) {
            return refuse(403, "another origin");
        }
        if !ALLOWED.contains(&(ask.method, path)) {
            return refuse(403, "this method and path are not on the allow list");
        }
        if ask.method != "GET" {
            let token = self.settings.get("SCOPE_PROXY_WRITE_TOKEN");
            if token.is_none() {
                return refuse(503, "no write token is configured");
            }
            if self.broken.has("proxy-throttled") {
                return refuse(429, "too many writes");
            }
            let header = self.settings.get("SCOPE_PROXY_WRITE_TOKEN_HEADER").unwrap_or("x-scope-proxy-token");
            if self.settings.on("SCOPE_PROXY_REQUIRE_WRITE_TOKEN") && ask.header(header) != token {
                return refuse(401, "the write token is missing or wrong");
            }
            let most = self.settings.get("SCOPE_PROXY_MAX_BODY_BYTES").and_then(|n| n.parse().ok());
            if ask.body.len() > most.unwrap_or(524_288) {
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
        let loaded = !self.broken.has("pipeline-unloaded");
        let token = self.settings.get("SCOPE_PROXY_WRITE_TOKEN");
        json!({
            "release": self.release.current,
            "previous": self.release.previous,
            "template": self.template.current,
            "pipeline": loaded.then_some(self.pipeline),
            "SCOPE_PROXY_ENABLE": self.settings.on("SCOPE_PROXY_ENABLE"),
            "SCOPE_PROXY_WRITE_TOKEN": if token.is_some() { "present" } else { "absent" },
            "SCOPE_PROXY_MAX_BODY_BYTES": self.settings.get("SCOPE_PROXY_MAX_BODY_BYTES"),
        })
    }

    fn changed(&mut self, fault: &'static str, on: bool, _now: i64) {
        match fault {
            "proxy-disabled" => self.settings.spoil(on, "SCOPE_PROXY_ENABLE", Some("false")),
            "write-token-missing" => self.settings.spoil(on, "SCOPE_PROXY_WRITE_TOKEN", None),
            "proxy-open" => self.settings.spoil(on, "SCOPE_PROXY_REQUIRE_WRITE_TOKEN", Some("false")),
            "settings-locked" => self.settings.locked = on,
            "release-stuck" => self.release.stuck = on,
            _ => {}
        }
    }

    fn pass(&mut self, now: i64) {
        self.meters.pass(now, self.rates());
    }

    fn tool(&mut self, _now: i64, tool: &str, words: &[&str]) -> Option<Said> {
        let done = |done: Result<String, String>| done.map_or_else(|why| Said::failed(1, why), Said::out);
        Some(match (tool, words) {
            ("env", words) => self.settings.tool(words),
            ("front", ["deploy", release]) => {
                let deployed = self.release.deploy(release);
                self.settings.recreate();
                done(deployed)
            }
            ("front", ["redeploy"]) => {
                self.settings.recreate();
                Said::out(format!("{} is deployed again\n", self.release.current))
            }
            ("pod", ["launch", _]) if self.broken.has("no-capacity") => {
                Said::failed(1, "no GPU is free for this template\n")
            }
            ("pod", ["launch", template]) => done(self.template.deploy(template)),
            ("pod", ["template"]) => Said::out(format!("{}\n", self.template.current)),
            ("pod", ["logs", rest @ ..]) => jobs::tail(&self.log(), rest),
            _ => return jobs::run(JOBS, &self.broken, tool, words),
        })
    }

    fn answer(&mut self, _now: i64, ask: &Ask<'_>) -> Answer {
        let front = ask.path == "/soundscape" || ask.path.starts_with("/api/scope/");
        if front && self.broken.has("page-down") {
            return Answer::bad_gateway("the front end");
        }
        match (ask.method, ask.path) {
            ("GET", "/soundscape") => self.page(),
            ("GET", "/metrics") => self.metrics(),
            (_, path) => match path.strip_prefix("/api/scope") {
                Some(path) => self.proxied(ask, path),
                None => self.scope(ask, path),
            },
        }
    }
}
