//! Astradio, generated audio and visuals: readiness with its checks, a composer that answers the same for
//! the same seed, the health of the compatibility search, a login, and the limit on compositions.

mod metrics;

use serde::Deserialize;
use serde_json::{Value, json};

use super::jobs::{self, Job, always, unless};
use super::limit::Limits;
use super::meters::Meters;
use super::service::{Answer, Ask, Broken, Fault, Said, Service};
use super::settings::{Must, Settings, Wanted};

const FAULTS: &[Fault] = &[
    Fault { name: "down", about: "Nothing answers; the proxy in front says 502." },
    Fault {
        name: "viz-unloaded",
        about: "The visual engine did not load: .checks.viz_engine_loaded is false.",
    },
    Fault { name: "not-ready", about: "/readyz answers 503: the audio model is not loaded." },
    Fault { name: "nondeterministic", about: "The same seed composes something else each time." },
    Fault { name: "rate-limited", about: "Compositions are refused with 429 RATE_LIMITED." },
    Fault { name: "slow", about: "A composition takes 4 seconds." },
    Fault { name: "compat", about: "The compatibility search is not healthy and answers 503." },
    Fault { name: "compat-slow", about: "A compatibility search takes 0.8 seconds." },
    Fault { name: "viz-slow", about: "The visual engine starts in 40 ms, and shows 41 frames a second." },
    Fault { name: "settings-stale", about: "A changed setting never reaches the service." },
    Fault { name: "model-stuck", about: "Whatever version is set, the audio model stays v1.1." },
    Fault { name: "csrf-cookie", about: "The CSRF cookie comes without SameSite: browsers drop it." },
    Fault { name: "csrf-kept", about: "A login does not rotate the CSRF token." },
    Fault { name: "origins-open", about: "Requests of every origin are answered." },
    Fault { name: "log-lost", about: "Log lines come without a request id." },
    Fault { name: "cdn-headers", about: "The CDN sends visuals without immutable." },
    Fault { name: "backup-unreadable", about: "The newest backup of user data cannot be read." },
];

/// What a deployment's environment must be. The values are the practice services' own.
const CONTRACT: &[Wanted] = &[
    ("ENABLE_VIZ_ENGINE", Must::BeOneOf(&["true", "false"]), Some("true")),
    ("AUDIO_MODEL_VERSION", Must::BeOneOf(&["v1.0", "v1.1"]), Some("v1.1")),
    ("RATE_LIMIT_MAX", Must::BeSet, Some("50")),
    ("ALLOWED_ORIGINS", Must::BeSet, Some("https://astradio.practice.example")),
];

/// What the commands around it say.
const JOBS: &[Job] = &[
    always("npm run test", "test: 188 passed"),
    always("npm run dead-calls", "no dead calls"),
    unless(
        "endpoints validate",
        "14 of 14 endpoints answer as they should",
        "compat",
        "GET /api/compat/health: 503",
    ),
    always(
        "backup create",
        "user data, composition cache, rate-limit state, settings, flags, model versions",
    ),
    unless("backup verify", "readable", "backup-unreadable", "gzip: unexpected end of file"),
];

const KEYS: [&str; 7] = ["C", "D", "E", "F", "G", "A", "B"];

/// The practice astradio.
pub struct Astradio {
    broken: Broken,
    settings: Settings,
    limits: Limits,
    /// How many people have logged in.
    logins: u64,
    /// How many compositions were made: what makes them differ when they should not.
    composed: u64,
    meters: Meters,
}

#[derive(Deserialize)]
struct Compose {
    mode: String,
    seed: u64,
}

impl Astradio {
    /// A healthy one.
    pub fn new() -> Astradio {
        Astradio {
            broken: Broken::default(),
            settings: Settings::new(CONTRACT),
            limits: Limits::default(),
            logins: 0,
            composed: 0,
            meters: Meters::default(),
        }
    }

    fn viz_loaded(&self) -> bool {
        self.settings.on("ENABLE_VIZ_ENGINE") && !self.broken.has("viz-unloaded")
    }

    fn ready(&self) -> Answer {
        let model = !self.broken.has("not-ready");
        let body = json!({
            "status": if model { "ready" } else { "not ready" },
            "checks": {
                "viz_engine_loaded": self.viz_loaded(),
                "audio_model_loaded": model,
                "cache_reachable": true,
            },
        });
        Answer::json(if model { 200 } else { 503 }, &body)
    }

    /// The version of the audio model that composes.
    fn model(&self) -> &'static str {
        let old = self.settings.get("AUDIO_MODEL_VERSION") == Some("v1.0");
        if old && !self.broken.has("model-stuck") { "v1.0" } else { "v1.1" }
    }

    fn compose(&mut self, now: i64, body: &[u8]) -> Answer {
        let most = self.settings.get("RATE_LIMIT_MAX").and_then(|n| n.parse().ok()).unwrap_or(50);
        let allowed = self.limits.take(now, "everybody", "compositions", most, 60_000);
        if self.broken.has("rate-limited") || !allowed {
            return self.refuse(429, "RATE_LIMITED", "too many compositions, try later");
        }
        let Ok(wish) = serde_json::from_slice::<Compose>(body) else {
            let about = "the body must be JSON like {\"mode\":\"transit\",\"seed\":123}";
            return self.refuse(400, "BAD_REQUEST", about);
        };
        self.composed += 1;
        let drift = if self.broken.has("nondeterministic") { self.composed } else { 0 };
        let model = self.model();
        let mut random = wish
            .mode
            .bytes()
            .chain(model.bytes())
            .fold(mix(wish.seed ^ mix(drift)), |random, byte| mix(random ^ u64::from(byte)));
        let mut draw = |below: u64| {
            random = mix(random);
            random % below
        };
        let tempo = 60 + draw(80);
        let key = KEYS[(draw(7) % 7) as usize];
        let notes: Vec<u64> = (0..16).map(|_| 48 + draw(36)).collect();
        let body = json!({
            "mode": wish.mode,
            "seed": wish.seed,
            "model": model,
            "tempo": tempo,
            "key": key,
            "notes": notes,
            "fingerprint": format!("{:016x}", draw(u64::MAX)),
        });
        Answer::json(200, &body).slow_if(self.broken.has("slow"))
    }

    fn login(&mut self) -> Answer {
        self.logins += 1;
        let n = if self.broken.has("csrf-kept") { 0 } else { self.logins };
        let token = format!("{:016x}", mix(n));
        let strict = if self.broken.has("csrf-cookie") { "" } else { "; SameSite=Strict" };
        let cookie = format!("csrf={token}; Path=/; Secure{strict}");
        Answer::json(200, &json!({ "status": "ok", "rotation": token })).with("set-cookie", cookie)
    }

    /// Whether a browser asks from a page that is not allowed to.
    fn foreign(&self, ask: &Ask<'_>) -> bool {
        let allowed = self.settings.get("ALLOWED_ORIGINS").unwrap_or_default();
        ask.header("origin").is_some_and(|o| o != allowed) && !self.broken.has("origins-open")
    }

    fn log(&self) -> Vec<String> {
        let line = |n: u64, code: &str, ms: u64| {
            let id = if self.broken.has("log-lost") {
                String::new()
            } else {
                format!("\"request_id\":\"req-{n}\",")
            };
            format!("{{{id}\"code\":\"{code}\",\"ms\":{ms},\"model\":\"{}\"}}", self.model())
        };
        let mut lines = vec![line(1, "OK", 180), line(2, "RATE_LIMITED", 1), line(3, "CSRF_FAILED", 2)];
        lines.extend([line(4, "ORIGIN", 1), line(5, "OK", 2410)]);
        lines
    }

    /// The team's standard shape of an error.
    fn refuse(&self, status: u16, code: &str, message: &str) -> Answer {
        let request_id = format!("req-{}", self.composed);
        let error = json!({ "code": code, "message": message, "request_id": request_id });
        Answer::json(status, &json!({ "error": error }))
    }
}

impl Default for Astradio {
    fn default() -> Self {
        Astradio::new()
    }
}

/// SplitMix64's mixing step: enough to make a tune out of a seed.
fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Service for Astradio {
    fn name(&self) -> &'static str {
        "astradio"
    }

    fn title(&self) -> &'static str {
        "Astradio"
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
        json!({
            "audio_model": self.model(),
            "ENABLE_VIZ_ENGINE": self.settings.on("ENABLE_VIZ_ENGINE"),
            "RATE_LIMIT_MAX": self.settings.get("RATE_LIMIT_MAX"),
            "composed": self.composed,
        })
    }

    fn changed(&mut self, fault: &'static str, on: bool, _now: i64) {
        if fault == "settings-stale" {
            self.settings.stale = on;
        }
    }

    fn pass(&mut self, now: i64) {
        self.meters.pass(now, self.rates());
    }

    fn tool(&mut self, now: i64, tool: &str, words: &[&str]) -> Option<Said> {
        Some(match (tool, words) {
            ("env", words) => self.settings.tool(words),
            ("service", ["restart" | "deploy"]) => {
                self.settings.recreate();
                self.limits.clear();
                Said::out("started anew; the counters begin at zero\n")
            }
            ("service", _) => Said::failed(2, "write restart or deploy\n"),
            ("log", words) => jobs::tail(&[self.log(), self.lost(now)].concat(), words),
            _ => return jobs::run(JOBS, &self.broken, tool, words),
        })
    }

    fn answer(&mut self, now: i64, ask: &Ask<'_>) -> Answer {
        if self.broken.has("down") {
            return Answer::bad_gateway("astradio");
        }
        match (ask.method, ask.path) {
            ("GET", "/metrics") => self.metrics(),
            ("GET", "/readyz") => self.ready(),
            ("POST", "/api/compose") => self.compose(now, ask.body),
            ("POST", "/api/login") => self.login(),
            ("GET", "/cdn/visuals.js") => {
                let immutable = if self.broken.has("cdn-headers") { "" } else { ", immutable" };
                let cache = format!("public, max-age=31536000{immutable}");
                Answer::text(200, "text/javascript", "// visuals\n").with("x-cdn-cache-control", cache)
            }
            ("GET", _) if self.foreign(ask) => self.refuse(403, "ORIGIN", "this origin is not allowed"),
            ("GET", "/api/compat/health") if self.broken.has("compat") => {
                Answer::json(503, &json!({ "status": "error" }))
            }
            ("GET", "/api/compat/health") => {
                let search = if self.broken.has("compat-slow") { 800 } else { 90 };
                Answer::json(200, &json!({ "status": "ok", "search_ms": search }))
            }
            _ => Answer::not_found(ask),
        }
    }
}
