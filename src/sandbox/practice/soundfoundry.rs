//! Soundfoundry, the music generation service: health of the API, tracks with their jobs and covers, limits
//! by user, and the queue in front of its worker.

mod host;
mod metrics;

use serde_json::{Value, json};

use super::limit::Limits;
use super::meters::Meters;
use super::queue::Queue;
use super::release::Release;
use super::service::{Answer, Ask, Broken, Fault, Said, Service};
use super::settings::Settings;
use super::tracks::{self, Tracks};

const FAULTS: &[Fault] = &[
    Fault { name: "down", about: "Nothing answers; the proxy in front says 502." },
    Fault { name: "degraded", about: "The API answers 200, but with status degraded: Redis times out." },
    Fault { name: "database", about: "The database refuses connections; health answers 503." },
    Fault { name: "slow", about: "Health takes 4 seconds." },
    Fault {
        name: "queue-stuck",
        about: "The worker takes nothing any more: one job more waits every 5 seconds.",
    },
    Fault {
        name: "purge-refused",
        about: "Redis is a read-only replica since its failover: a purge is refused and removes nothing.",
    },
    Fault { name: "worker-deaf", about: "The worker obeys no command: no task can be revoked." },
    Fault { name: "development-values", about: "ENVIRONMENT says development: preflight must refuse it." },
    Fault { name: "tls-expired", about: "The TLS certificate has expired." },
    Fault { name: "migration-fails", about: "A migration fails half-way, before the app is started." },
    Fault { name: "render-fails", about: "Every job ends as FAILED." },
    Fault { name: "settings-stale", about: "A changed variable never reaches the containers." },
    Fault { name: "image-stuck", about: "The stack comes up with the image that it had." },
    Fault { name: "fallback-down", about: "The fallback provider, replicate, refuses every track." },
    Fault { name: "fal-down", about: "The provider, fal, refuses every track, and the fallback is off." },
    Fault { name: "errors", about: "Every twentieth share page ends with 500." },
    Fault { name: "queue-slow", about: "The worker is overloaded: a job waits 100 seconds in the queue." },
    Fault { name: "render-slow", about: "A track of 60 seconds takes 200 to be made." },
    Fault { name: "storage", about: "The bucket refuses to be written to: no cover can be saved." },
    Fault {
        name: "page-slow",
        about: "The create and share pages come late: they paint after 3.5 seconds and more.",
    },
    Fault { name: "limits-off", about: "No limit holds: nobody gets a 429." },
    Fault { name: "svg-unchecked", about: "A cover is kept whatever is in it, scripts as well." },
    Fault { name: "dump-unreadable", about: "Last night's database dump cannot be read." },
    Fault { name: "og-missing", about: "The share page has no OG tags." },
];

/// A minute, in ms.
const MINUTE: i64 = 60_000;

/// The bearer token of its operators. It opens nothing but this practice service.
pub const ADMIN_TOKEN: &str = "practice-admin-token";
/// The bearer token of the account that smoke tests use, which is a pro one.
pub const USER_TOKEN: &str = "practice-smoke-token";
/// The bearer token of a free account whose limits are tried.
pub const FREE_TOKEN: &str = "practice-free-token";
/// The bearer token of a pro account whose limits are tried.
pub const PRO_TOKEN: &str = "practice-pro-token";

/// The practice soundfoundry.
pub struct Soundfoundry {
    broken: Broken,
    image: Release,
    /// The image that the next start takes.
    chosen: Option<String>,
    settings: Settings,
    tracks: Tracks,
    limits: Limits,
    queue: Queue,
    meters: Meters,
    /// How many share pages were asked for.
    shared: u64,
}

impl Soundfoundry {
    /// A healthy one.
    pub fn new() -> Soundfoundry {
        Soundfoundry {
            broken: Broken::default(),
            image: Release::new(&["1.5.1", "1.5.2", "1.6.0"]),
            chosen: None,
            settings: Settings::new(host::CONTRACT),
            tracks: Tracks::new(),
            limits: Limits::default(),
            queue: Queue::new(),
            meters: Meters::default(),
            shared: 0,
        }
    }

    /// Whether somebody may do this once more.
    fn allows(&mut self, now: i64, who: &str, what: &'static str, most: u32, window: i64) -> bool {
        self.limits.take(now, who, what, most, window) || self.broken.has("limits-off")
    }

    /// What is asked by somebody with an account.
    fn account(&mut self, now: i64, ask: &Ask<'_>) -> Answer {
        let refuse = |status, why: &str| Answer::json(status, &json!({ "error": why }));
        let many = || Answer::json(429, &json!({ "error": "too many, try later" }));
        let bearer = ask.header("authorization").and_then(|h| h.strip_prefix("Bearer "));
        let Some(who) = bearer.filter(|t| [USER_TOKEN, FREE_TOKEN, PRO_TOKEN].contains(t)) else {
            return refuse(401, "a bearer token is needed");
        };
        let flag = |name: &str| self.settings.on(name);
        let words: Vec<&str> = ask.path.trim_start_matches('/').split('/').collect();
        match (ask.method, words.as_slice()) {
            ("GET", ["api", "tokens"]) => Answer::json(200, &json!({ "balance": 120 })),
            ("GET", ["api", "style", "seed"]) => Answer::json(200, &json!({ "seed": "indigo-42" })),
            ("GET", ["api", "style", "unlocks"]) => Answer::json(200, &json!({ "unlocks": [] })),
            ("POST", ["api", "users"]) => {
                let seed = flag("STYLE_SEED_ENABLED").then_some("amber-7");
                let series = flag("STYLE_SERIES_ENABLED").then_some("first-series");
                Answer::json(201, &json!({ "style_seed": seed, "default_series": series, "accent_hue": 38 }))
            }
            ("POST", ["api", "tracks"]) => {
                let most = if who == FREE_TOKEN { 5 } else { 20 };
                if !self.allows(now, who, "tracks", most, MINUTE) {
                    return many();
                }
                self.create(now)
            }
            ("POST", ["api", "series"]) if self.allows(now, who, "series", 10, 60 * MINUTE) => {
                Answer::json(201, &json!({ "series_id": "ser-1" }))
            }
            ("POST", ["api", "series"]) => many(),
            ("GET", ["api", "jobs", id]) => match self.tracks.job(now, id) {
                Some(_) if self.broken.has("queue-stuck") => {
                    Answer::json(200, &json!({ "status": "QUEUED" }))
                }
                Some(_) if self.broken.has("render-fails") => {
                    Answer::json(200, &json!({ "status": "FAILED" }))
                }
                Some(status) => Answer::json(200, &json!({ "status": status })),
                None => Answer::not_found(ask),
            },
            ("GET", ["api", "tracks", id]) => self
                .tracks
                .view(now, id)
                .map_or_else(|| Answer::not_found(ask), |view| Answer::json(200, &view)),
            ("POST", ["api", "tracks", id, "cover", "regenerate"]) => match self.tracks.regenerate(id) {
                Some(version) => Answer::json(200, &json!({ "visual_version": version })),
                None => Answer::not_found(ask),
            },
            ("POST", ["api", "tracks", id, "cover"]) => {
                if !self.settings.on("FEATURE_COVER_SAVE") {
                    return refuse(403, "saving a cover is switched off");
                }
                if let Err(why) = tracks::cover(ask.body)
                    && !self.broken.has("svg-unchecked")
                {
                    return refuse(422, why);
                }
                if !self.allows(now, who, "covers", 30, MINUTE) {
                    return many();
                }
                if self.broken.has("storage") {
                    return refuse(502, "the bucket refuses: 503 SlowDown");
                }
                match self.tracks.save(id) {
                    Some(url) => Answer::json(200, &json!({ "cover_url": url })),
                    None => Answer::not_found(ask),
                }
            }
            _ => Answer::not_found(ask),
        }
    }

    fn create(&mut self, now: i64) -> Answer {
        let provider = self.settings.get("MUSIC_PROVIDER").unwrap_or("fal").to_owned();
        if provider == "replicate" && self.broken.has("fallback-down") {
            return Answer::json(502, &json!({ "error": "replicate refuses: 403" }));
        }
        if provider == "fal" && self.broken.has("fal-down") {
            return Answer::json(502, &json!({ "error": "fal refuses: 403" }));
        }
        let unlocks = self.settings.on("STYLE_UNLOCKS_ENABLED").then(|| json!(["warm-tape"]));
        let id = self.tracks.create(now);
        let body = json!({
            "track_id": id, "job_id": id, "credits_required": 3, "provider": provider, "unlocks": unlocks,
        });
        Answer::json(201, &body)
    }

    fn share(&mut self, id: &str) -> Answer {
        self.shared += 1;
        if self.broken.has("errors") && self.shared.is_multiple_of(20) {
            return Answer::json(500, &json!({ "error": "the template could not be filled in" }));
        }
        let tags = match self.broken.has("og-missing") {
            true => String::new(),
            false => format!("<meta property=\"og:title\" content=\"{id}\">\n"),
        };
        let body = format!("{tags}<img alt=\"cover\"><audio controls></audio>\n");
        Answer::page("SoundFoundry", &body).slow_if(self.broken.has("page-slow"))
    }

    fn purge(&mut self, now: i64, ask: &Ask<'_>) -> Answer {
        if ask.header("authorization") != Some(&format!("Bearer {ADMIN_TOKEN}")) {
            return Answer::json(401, &json!({ "error": "an operator's bearer token is needed" }));
        }
        match self.queue.purge(now) {
            Ok(purged) => Answer::json(200, &json!({ "purged": purged })),
            Err(why) => Answer::json(503, &json!({ "error": why })),
        }
    }
}

impl Default for Soundfoundry {
    fn default() -> Self {
        Soundfoundry::new()
    }
}

impl Service for Soundfoundry {
    fn name(&self) -> &'static str {
        "soundfoundry"
    }

    fn title(&self) -> &'static str {
        "SoundFoundry"
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

    fn facts(&self, now: i64) -> Value {
        json!({
            "image": self.image.current,
            "previous": self.image.previous,
            "queue_waiting": self.queue.waiting(now),
            "queue_reserved": self.queue.held(false),
            "queue_active": self.queue.held(true),
            "MUSIC_PROVIDER": self.settings.get("MUSIC_PROVIDER"),
            "FEATURE_COVER_SAVE": self.settings.on("FEATURE_COVER_SAVE"),
        })
    }

    fn answer(&mut self, now: i64, ask: &Ask<'_>) -> Answer {
        if self.broken.has("down") {
            return Answer::bad_gateway("soundfoundry");
        }
        match (ask.method, ask.path) {
            ("GET", "/api/health") => {
                let answer = if self.broken.has("database") {
                    let body = json!({ "status": "error", "database": "connection refused" });
                    Answer::json(503, &body)
                } else if self.broken.has("degraded") {
                    Answer::json(200, &json!({ "status": "degraded", "redis": "timeout" }))
                } else {
                    Answer::json(200, &json!({ "status": "ok" }))
                };
                answer.slow_if(self.broken.has("slow"))
            }
            ("GET", "/metrics") => self.metrics(now),
            ("GET", "/api/admin/queue") => {
                let mut view = self.queue.view(now);
                view["waits_seconds"] = json!(self.waits());
                view["takes_seconds"] = json!(self.takes());
                Answer::json(200, &view)
            }
            ("POST", "/api/admin/queue/purge") => self.purge(now, ask),
            ("GET", path) if path.starts_with("/share/trk-") => self.share(&path["/share/".len()..]),
            _ => self.account(now, ask),
        }
    }

    fn changed(&mut self, fault: &'static str, on: bool, now: i64) {
        match fault {
            "queue-stuck" => self.queue.stick(on, now),
            "purge-refused" => self.queue.refuse(on),
            "worker-deaf" => self.queue.deafen(on),
            "development-values" => self.settings.spoil(on, "ENVIRONMENT", Some("development")),
            "settings-stale" => self.settings.stale = on,
            "image-stuck" => self.image.stuck = on,
            _ => {}
        }
    }

    fn pass(&mut self, now: i64) {
        self.meters.pass(now, self.rates());
    }

    fn hasten(&mut self) {
        self.tracks.render = 100;
    }

    fn tool(&mut self, now: i64, tool: &str, words: &[&str]) -> Option<Said> {
        self.host(now, tool, words)
    }
}
