//! Nexus, the web app: its page and its health endpoint. Whether music plays, the panel answers and the
//! cinema opens is for a person to look at, so the page says it in words.

use serde_json::{Value, json};

use super::service::{Answer, Ask, Broken, Fault, Service};

const FAULTS: &[Fault] = &[
    Fault { name: "down", about: "Nothing answers; the proxy in front says 502." },
    Fault {
        name: "page-error",
        about: "The page answers 500, health stays ok: a bad deploy of the front end.",
    },
    Fault { name: "unhealthy", about: "/api/health answers 503: a required variable is missing." },
    Fault { name: "slow", about: "The page takes 4 seconds." },
    Fault { name: "audio", about: "Tracks do not play; only a person who opens the page notices." },
    Fault {
        name: "ai-panel",
        about: "The AI panel does not answer; only a person who opens the page notices.",
    },
    Fault {
        name: "cinema",
        about: "The cinema gets 403, forbidden host; only a person who opens the page notices.",
    },
];

/// The practice nexus.
pub struct Nexus {
    broken: Broken,
    /// The commit that is deployed, and the one before.
    commit: &'static str,
    previous_commit: &'static str,
}

impl Nexus {
    /// A healthy one.
    pub fn new() -> Nexus {
        Nexus { broken: Broken::default(), commit: "9f3c1a7", previous_commit: "41d20be" }
    }

    fn page(&self) -> Answer {
        let line = |fault: &str, well: &'static str, ill: &'static str| {
            if self.broken.has(fault) { ill } else { well }
        };
        let body = format!(
            "<h1>MetaDJ Nexus</h1>\n<ul>\n<li>{}</li>\n<li>{}</li>\n<li>{}</li>\n</ul>\n",
            line("audio", "Music: playing", "Music: the spinner stays, nothing plays"),
            line("ai-panel", "AI panel: answers", "AI panel: error, no answer"),
            line("cinema", "Cinema: opens", "Cinema: 403 forbidden host, the stream does not start"),
        );
        Answer::page("MetaDJ Nexus", &body)
    }
}

impl Default for Nexus {
    fn default() -> Self {
        Nexus::new()
    }
}

impl Service for Nexus {
    fn name(&self) -> &'static str {
        "nexus"
    }

    fn title(&self) -> &'static str {
        "MetaDJ Nexus"
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
        json!({ "commit": self.commit, "previous": self.previous_commit })
    }

    fn answer(&mut self, _now: i64, ask: &Ask<'_>) -> Answer {
        if self.broken.has("down") {
            return Answer::bad_gateway("nexus");
        }
        match (ask.method, ask.path) {
            ("GET", "/") if self.broken.has("page-error") => {
                Answer::text(500, "text/plain; charset=utf-8", "Internal Server Error\n")
                    .slow_if(self.broken.has("slow"))
            }
            ("GET", "/") => self.page().slow_if(self.broken.has("slow")),
            ("GET", "/api/health") if self.broken.has("unhealthy") => {
                let body = json!({ "status": "error", "missing": ["OPENAI_API_KEY"] });
                Answer::json(503, &body)
            }
            ("GET", "/api/health") => Answer::json(200, &json!({ "status": "ok", "commit": self.commit })),
            _ => Answer::not_found(ask),
        }
    }
}
