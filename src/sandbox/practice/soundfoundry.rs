//! Soundfoundry, the music generation service: health of the API, and the depth of the queue in front of
//! its worker.

use serde_json::{Value, json};

use super::service::{Answer, Ask, Broken, Fault, Service};

const FAULTS: &[Fault] = &[
    Fault { name: "down", about: "Nothing answers; the proxy in front says 502." },
    Fault { name: "degraded", about: "The API answers 200, but with status degraded: Redis times out." },
    Fault { name: "database", about: "The database refuses connections; health answers 503." },
    Fault { name: "slow", about: "Health takes 4 seconds." },
    Fault {
        name: "queue-stuck",
        about: "The worker takes nothing any more: one job more waits every 5 seconds.",
    },
];

/// How often a new job comes in while the worker takes none.
const JOB_EVERY_MS: i64 = 5_000;

/// The Celery queue, counted as its three parts: only `waiting` is what a purge removes.
#[derive(Debug, Clone)]
struct Queue {
    /// In the broker's list.
    waiting: u64,
    /// Taken by the worker, not begun.
    reserved: u64,
    /// Running.
    active: u64,
}

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
            queue: Queue { waiting: 2, reserved: 1, active: 1 },
        }
    }

    fn queue(&self, now: i64) -> Queue {
        let mut queue = self.queue.clone();
        if let Some(since) = self.broken.since("queue-stuck") {
            let more = (now - since).max(0) / JOB_EVERY_MS;
            // It was stuck for a while before anybody looked.
            queue.waiting += 140 + u64::try_from(more).unwrap_or(0);
        }
        queue
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
        let queue = self.queue(now);
        json!({
            "image": self.image,
            "previous": self.previous_image,
            "queue_waiting": queue.waiting,
            "queue_reserved": queue.reserved,
            "queue_active": queue.active,
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
            ("GET", "/api/admin/queue") => {
                let queue = self.queue(now);
                let body = json!({
                    "waiting": queue.waiting,
                    "reserved": queue.reserved,
                    "active": queue.active,
                });
                Answer::json(200, &body)
            }
            _ => Answer::not_found(ask),
        }
    }
}
