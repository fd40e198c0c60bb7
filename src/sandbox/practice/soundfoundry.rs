//! Soundfoundry, the music generation service: health of the API, and the queue in front of its worker.

use serde_json::{Value, json};

use super::queue::Queue;
use super::service::{Answer, Ask, Broken, Fault, Said, Service};

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
];

/// The bearer token of its operators. It opens nothing but this practice service.
pub const ADMIN_TOKEN: &str = "practice-admin-token";

/// The practice soundfoundry.
pub struct Soundfoundry {
    broken: Broken,
    image: &'static str,
    previous_image: &'static str,
    music_provider: &'static str,
    cover_save: bool,
    queue: Queue,
}

impl Soundfoundry {
    /// A healthy one.
    pub fn new() -> Soundfoundry {
        Soundfoundry {
            broken: Broken::default(),
            image: "1.6.0",
            previous_image: "1.5.2",
            music_provider: "fal",
            cover_save: true,
            queue: Queue::new(),
        }
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
            "image": self.image,
            "previous": self.previous_image,
            "queue_waiting": self.queue.waiting(now),
            "queue_reserved": self.queue.held(false),
            "queue_active": self.queue.held(true),
            "MUSIC_PROVIDER": self.music_provider,
            "FEATURE_COVER_SAVE": self.cover_save,
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
            ("GET", "/api/admin/queue") => Answer::json(200, &self.queue.view(now)),
            ("POST", "/api/admin/queue/purge") => self.purge(now, ask),
            _ => Answer::not_found(ask),
        }
    }

    fn changed(&mut self, fault: &'static str, on: bool, now: i64) {
        match fault {
            "queue-stuck" => self.queue.stick(on, now),
            "purge-refused" => self.queue.refuse(on),
            _ => {}
        }
    }

    fn tool(&mut self, now: i64, tool: &str, words: &[&str]) -> Option<Said> {
        (tool == "celery").then(|| self.queue.celery(now, words))
    }
}
