//! Soundlab, the audio-visual server: health, version, status, metrics in Prometheus' text format,
//! sync health and recorder sessions.

use serde_json::{Value, json};

use super::service::{Answer, Ask, Broken, Fault, Service};

const FAULTS: &[Fault] = &[
    Fault { name: "down", about: "Nothing answers; the proxy in front says 502." },
    Fault {
        name: "version-stuck",
        about: "The container was not replaced: /version still names the release before.",
    },
    Fault { name: "not-ready", about: "Alive, but /readyz answers 503: presets are not loaded." },
    Fault { name: "no-clients", about: "No client is connected to the metrics stream." },
    Fault { name: "memory", about: "Memory stands at 96 %." },
    Fault { name: "storm", about: "One address holds 480 WebSocket connections." },
    Fault { name: "slow", about: "/healthz takes 4 seconds." },
    Fault { name: "sync-drift", about: "Audio and visuals drift apart: sync health is not ok." },
    Fault { name: "sessions-lost", about: "The recorder cannot read its sessions and answers 500." },
];

/// The image tags on the host.
#[derive(Debug, Clone)]
struct Images {
    /// The release that was deployed last, and that should be running.
    latest: &'static str,
    /// The release before, kept for a rollback.
    previous: &'static str,
}

/// The practice soundlab.
pub struct Soundlab {
    broken: Broken,
    images: Images,
    /// When the container last started, in ms since the epoch.
    started: i64,
    /// Connected clients on a quiet day.
    clients: u32,
    /// Connections that nginx allows to one address; none is set on a quiet day.
    limit_per_address: Option<u32>,
    /// The names of the recorded sessions.
    sessions: Vec<&'static str>,
}

impl Soundlab {
    /// A healthy one that started at `now`.
    pub fn new(now: i64) -> Soundlab {
        Soundlab {
            broken: Broken::default(),
            images: Images { latest: "0.9.0-rc1", previous: "0.8.4" },
            started: now,
            clients: 12,
            limit_per_address: None,
            sessions: vec!["opening-night", "rehearsal-2", "rehearsal-1"],
        }
    }

    /// The release that answers, which is not always the one that was deployed.
    fn running(&self) -> &'static str {
        if self.broken.has("version-stuck") { self.images.previous } else { self.images.latest }
    }

    fn connected(&self) -> u32 {
        if self.broken.has("no-clients") {
            0
        } else if self.broken.has("storm") {
            self.clients + 480
        } else {
            self.clients
        }
    }

    fn memory_percent(&self) -> u32 {
        if self.broken.has("memory") { 96 } else { 41 }
    }

    fn uptime_s(&self, now: i64) -> i64 {
        (now - self.started).max(0) / 1000
    }

    fn metrics(&self, now: i64) -> String {
        let storm = self.broken.has("storm");
        let rows: [(&str, &str, i64); 7] = [
            ("soundlab_cpu_percent", "CPU used, in percent.", if storm { 88 } else { 23 }),
            (
                "soundlab_memory_percent",
                "Memory used, in percent of the container's limit.",
                self.memory_percent().into(),
            ),
            ("soundlab_clients", "Connected WebSocket clients.", self.connected().into()),
            (
                "soundlab_websocket_latency_ms",
                "WebSocket round trip, in milliseconds.",
                if storm { 340 } else { 18 },
            ),
            (
                "soundlab_metrics_stream_hz",
                "Frames of the metrics stream per second.",
                if storm { 11 } else { 30 },
            ),
            ("soundlab_fps", "Rendered frames per second.", if storm { 24 } else { 60 }),
            ("soundlab_uptime_seconds", "Seconds since the start.", self.uptime_s(now)),
        ];
        let mut text = String::new();
        for (name, help, value) in rows {
            text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n"));
        }
        text
    }
}

impl Service for Soundlab {
    fn name(&self) -> &'static str {
        "soundlab"
    }

    fn title(&self) -> &'static str {
        "Soundlab Φ-Matrix"
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
            "running": self.running(),
            "latest": self.images.latest,
            "previous": self.images.previous,
            "clients": self.connected(),
            "memory_percent": self.memory_percent(),
            "limit_per_address": self.limit_per_address,
            "sessions": self.sessions.len(),
            "uptime_s": self.uptime_s(now),
        })
    }

    fn answer(&mut self, now: i64, ask: &Ask<'_>) -> Answer {
        if self.broken.has("down") {
            return Answer::bad_gateway("soundlab");
        }
        match (ask.method, ask.path) {
            ("GET", "/healthz") => {
                Answer::json(200, &json!({ "status": "ok" })).slow_if(self.broken.has("slow"))
            }
            ("GET", "/readyz") if self.broken.has("not-ready") => {
                Answer::json(503, &json!({ "ready": false, "reason": "presets are not loaded" }))
            }
            ("GET", "/readyz") => Answer::json(200, &json!({ "ready": true })),
            ("GET", "/version") => {
                Answer::json(200, &json!({ "name": "phi-matrix", "version": self.running() }))
            }
            ("GET", "/api/status") => Answer::json(
                200,
                &json!({
                    "status": "running",
                    "metrics_clients": self.connected(),
                    "uptime_s": self.uptime_s(now),
                }),
            ),
            ("GET", "/metrics") => Answer::text(200, "text/plain; version=0.0.4", self.metrics(now)),
            ("GET", "/api/dashboard/sync-health") => {
                let drift = self.broken.has("sync-drift");
                let (status, drift_ms) = if drift { ("drifting", 420) } else { ("ok", 3) };
                Answer::json(200, &json!({ "status": status, "drift_ms": drift_ms }))
            }
            ("GET", "/api/recorder/sessions") if self.broken.has("sessions-lost") => {
                Answer::json(500, &json!({ "error": "session index is not readable" }))
            }
            ("GET", "/api/recorder/sessions") => {
                Answer::json(200, &json!({ "sessions": self.sessions, "count": self.sessions.len() }))
            }
            _ => Answer::not_found(ask),
        }
    }

    fn changed(&mut self, fault: &'static str, on: bool, now: i64) {
        // What was down starts again: its uptime counts from there.
        if fault == "down" && !on {
            self.started = now;
        }
    }
}
