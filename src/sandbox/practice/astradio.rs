//! Astradio, generated audio and visuals: readiness with its checks, a composer that answers the same for
//! the same seed, and the health of the compatibility search.

use serde::Deserialize;
use serde_json::{Value, json};

use super::service::{Answer, Ask, Broken, Fault, Service};

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
];

const KEYS: [&str; 7] = ["C", "D", "E", "F", "G", "A", "B"];

/// The practice astradio.
pub struct Astradio {
    broken: Broken,
    audio_model: &'static str,
    previous_model: &'static str,
    viz_engine_enabled: bool,
    /// Requests a minute that the route handlers allow.
    rate_limit_max: u32,
    /// How many compositions were made: what makes them differ when they should not.
    composed: u64,
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
            audio_model: "v1.1",
            previous_model: "v1.0",
            viz_engine_enabled: true,
            rate_limit_max: 50,
            composed: 0,
        }
    }

    fn viz_loaded(&self) -> bool {
        self.viz_engine_enabled && !self.broken.has("viz-unloaded")
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

    fn compose(&mut self, body: &[u8]) -> Answer {
        if self.broken.has("rate-limited") {
            return self.refuse(429, "RATE_LIMITED", "too many compositions, try later");
        }
        let Ok(wish) = serde_json::from_slice::<Compose>(body) else {
            let about = "the body must be JSON like {\"mode\":\"transit\",\"seed\":123}";
            return self.refuse(400, "BAD_REQUEST", about);
        };
        self.composed += 1;
        let drift = if self.broken.has("nondeterministic") { self.composed } else { 0 };
        let model = self.audio_model.bytes();
        let mut random = wish
            .mode
            .bytes()
            .chain(model)
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
            "model": self.audio_model,
            "tempo": tempo,
            "key": key,
            "notes": notes,
            "fingerprint": format!("{:016x}", draw(u64::MAX)),
        });
        Answer::json(200, &body).slow_if(self.broken.has("slow"))
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
            "audio_model": self.audio_model,
            "previous": self.previous_model,
            "ENABLE_VIZ_ENGINE": self.viz_engine_enabled,
            "RATE_LIMIT_MAX": self.rate_limit_max,
            "composed": self.composed,
        })
    }

    fn answer(&mut self, _now: i64, ask: &Ask<'_>) -> Answer {
        if self.broken.has("down") {
            return Answer::bad_gateway("astradio");
        }
        match (ask.method, ask.path) {
            ("GET", "/readyz") => self.ready(),
            ("POST", "/api/compose") => self.compose(ask.body),
            ("GET", "/api/compat/health") if self.broken.has("compat") => {
                Answer::json(503, &json!({ "status": "error" }))
            }
            ("GET", "/api/compat/health") => Answer::json(200, &json!({ "status": "ok" })),
            _ => Answer::not_found(ask),
        }
    }
}
