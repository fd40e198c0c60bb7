//! Soundlab, the audio-visual server: health, version, status, metrics in Prometheus' text format,
//! sync health and recorder sessions. It runs in a container that can be replaced.

use serde_json::{Value, json};

use super::container::Container;
use super::jobs::{self, Job, always, unless};
use super::service::{Answer, Ask, Broken, Fault, Said, Service};

const FAULTS: &[Fault] = &[
    Fault { name: "down", about: "Nothing answers; the proxy in front says 502." },
    Fault {
        name: "version-stuck",
        about: "The compose file pins 0.9.0-beta2: that is what starts, whatever image is called latest.",
    },
    Fault {
        name: "bad-release",
        about: "0.9.0-rc1 cannot load its presets: /readyz answers 503 as long as that release runs.",
    },
    Fault { name: "not-ready", about: "Alive, but /readyz answers 503: presets are not loaded." },
    Fault { name: "no-clients", about: "No client is connected to the metrics stream." },
    Fault { name: "memory", about: "Memory stands at 96 %." },
    Fault { name: "storm", about: "One address holds 480 WebSocket connections." },
    Fault { name: "slow", about: "/healthz takes 4 seconds." },
    Fault { name: "sync-drift", about: "Audio and visuals drift apart: sync health is not ok." },
    Fault { name: "sessions-lost", about: "The recorder cannot read its sessions and answers 500." },
    Fault { name: "scan-finding", about: "The security scan of the release candidate has a finding." },
    Fault { name: "pull-refused", about: "The registry refuses to hand out the new image." },
    Fault { name: "nginx-stuck", about: "nginx refuses its new configuration: no limit can be set." },
    Fault { name: "backup-corrupt", about: "The newest backup cannot be unpacked." },
    Fault { name: "disk-full", about: "The disk is full to 97 %." },
    Fault { name: "standby-down", about: "The new host of a disaster recovery does not answer." },
    Fault { name: "log-errors", about: "The log is full of errors." },
    Fault { name: "benchmark-slow", about: "The benchmark misses its targets." },
];

/// What the host's other commands say.
const JOBS: &[Job] = &[
    always("make rc", "release candidate 0.9.0 is built"),
    always("make test", "test: 231 passed"),
    always("make validate", "validate: ok"),
    unless("make security-scan", "scan: no finding", "scan-finding", "scan: 1 critical finding in libwebp"),
    always("make sbom", "sbom.json, 184 components"),
    unless("make benchmark", "benchmark: 60 fps, 18 ms", "benchmark-slow", "benchmark: 31 fps, 96 ms"),
    always("make smoke", "smoke: 12 of 12 passed"),
    always("make smoke-extended", "extended smoke: 48 of 48 passed"),
    always("backup create", "backup-20261122.tar.gz"),
    unless(
        "backup verify",
        "readable, 48 presets, 3 sessions",
        "backup-corrupt",
        "gzip: unexpected end of file",
    ),
    always("backup list", "backup-20261122.tar.gz backup-20261121.tar.gz"),
    unless("backup restore", "restored, owner set", "backup-corrupt", "gzip: unexpected end of file"),
    always("backup prune --older-than 30d", "2 backups are deleted"),
    always("backup archive-sessions --older-than 90d", "4 sessions are archived"),
    always("backup aside", "set aside in corrupt-20261122, nothing is deleted"),
    unless("disk used", "41", "disk-full", "97"),
    always("diagnose", "diagnostics-20261122.tar.gz"),
    always("standby prepare", "the host is there, with a container engine and the repository at the release"),
    always("standby restore", "the backups are unpacked"),
    always("standby deploy", "the container is started"),
    unless("standby smoke", "smoke: 12 of 12 passed", "standby-down", "the new host does not answer"),
];

/// The release that was deployed last, and the one before, which is kept for a rollback.
const RELEASES: (&str, &str) = ("0.9.0-rc1", "0.8.4");
/// What the compose file pins while it is stuck.
const PINNED: &str = "0.9.0-beta2";

/// The practice soundlab.
pub struct Soundlab {
    broken: Broken,
    container: Container,
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
            container: Container::new("soundlab", "soundlab/phi-matrix", RELEASES.0, RELEASES.1, now),
            clients: 12,
            limit_per_address: None,
            sessions: vec!["opening-night", "rehearsal-2", "rehearsal-1"],
        }
    }

    /// What `/version` says: the release that answers, the image that it should be of (the proxy in
    /// front adds that), and in a sentence how they differ, if they do.
    fn version(&self) -> Value {
        let (runs, latest) = (self.container.release(), self.container.tagged("latest"));
        let stale = (runs != latest).then(|| {
            format!("{} runs, but {} is latest", runs.unwrap_or("nothing"), latest.unwrap_or("nothing"))
        });
        json!({ "name": "phi-matrix", "version": runs, "image": latest, "stale": stale })
    }

    fn ready(&self) -> bool {
        let bad = self.broken.has("bad-release") && self.container.release() == Some(RELEASES.0);
        !(bad || self.broken.has("not-ready"))
    }

    fn connected(&self) -> u32 {
        if self.broken.has("no-clients") {
            0
        } else if self.broken.has("storm") {
            // One address holds them all; so a limit for each address helps.
            self.clients + self.limit_per_address.map_or(480, |limit| limit.min(480))
        } else {
            self.clients
        }
    }

    fn memory_percent(&self) -> u32 {
        if self.broken.has("memory") { 96 } else { 41 }
    }

    fn metrics(&self, now: i64) -> String {
        let storm = self.connected() > 100;
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
            ("soundlab_uptime_seconds", "Seconds since the start.", self.container.uptime_s(now)),
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
            "container": self.container.condition(now),
            "running": self.container.release(),
            "latest": self.container.tagged("latest"),
            "previous": self.container.tagged("previous"),
            "clients": self.connected(),
            "memory_percent": self.memory_percent(),
            "limit_per_address": self.limit_per_address,
            "sessions": self.sessions.len(),
            "uptime_s": self.container.uptime_s(now),
        })
    }

    fn answer(&mut self, now: i64, ask: &Ask<'_>) -> Answer {
        if self.broken.has("down") || self.container.condition(now) != "running" {
            return Answer::bad_gateway("soundlab");
        }
        match (ask.method, ask.path) {
            ("GET", "/healthz") => {
                Answer::json(200, &json!({ "status": "ok" })).slow_if(self.broken.has("slow"))
            }
            ("GET", "/readyz") if !self.ready() => {
                Answer::json(503, &json!({ "ready": false, "reason": "presets are not loaded" }))
            }
            ("GET", "/readyz") => Answer::json(200, &json!({ "ready": true })),
            ("GET", "/version") => Answer::json(200, &self.version()),
            ("GET", "/api/status") => Answer::json(
                200,
                &json!({
                    "status": "running",
                    "metrics_clients": self.connected(),
                    "uptime_s": self.container.uptime_s(now),
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
        match fault {
            // What was down starts again: its uptime counts from there.
            "down" if !on => self.container.restarted_at_once(now),
            "version-stuck" => self.container.pin(on.then_some(PINNED), now),
            "log-errors" => self.container.ill(on),
            _ => {}
        }
    }

    fn hasten(&mut self) {
        self.container.boot = 100;
    }

    fn tool(&mut self, now: i64, tool: &str, words: &[&str]) -> Option<Said> {
        Some(match (tool, words) {
            ("compose", words) => self.container.compose(now, words),
            ("docker", ["pull", _]) if self.broken.has("pull-refused") => {
                Said::failed(1, "Error response from daemon: unauthorized\n")
            }
            ("docker", words) => self.container.docker(words),
            ("nginx", _) if self.broken.has("nginx-stuck") => {
                Said::failed(1, "nginx: configuration file test failed\n")
            }
            ("nginx", ["limit", count]) => match count.parse() {
                Ok(limit) => {
                    self.limit_per_address = Some(limit);
                    Said::out(format!("{limit} connections for each address; nginx is started again\n"))
                }
                Err(_) => Said::failed(2, "write limit NUMBER\n"),
            },
            _ => return jobs::run(JOBS, &self.broken, tool, words),
        })
    }
}
