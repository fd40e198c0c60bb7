//! Nexus, the web app: its page, its health endpoint, and the platform that deploys what is pushed. Whether
//! music plays, the panel answers and the cinema opens is for a person to look at, so the page says it in
//! words; what each stands on, its provider or its storage, can be asked.

use serde_json::{Value, json};

use super::jobs::{self, Job, always, unless};
use super::service::{Answer, Ask, Broken, Fault, Said, Service};
use super::settings::{Must, Settings, Wanted};

const FAULTS: &[Fault] = &[
    Fault { name: "down", about: "Nothing answers; the proxy in front says 502." },
    Fault {
        name: "page-error",
        about: "The page answers 500, health stays ok: a bad deploy of the front end. The next deploy mends it.",
    },
    Fault { name: "deploy-stuck", about: "What is pushed is not deployed: /api/version stays as it is." },
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
    Fault { name: "status-page-down", about: "The public status page does not answer." },
    Fault { name: "errors", about: "Many requests end with 500, and the log is full of stack traces." },
    Fault { name: "advisory", about: "A dependency has a security alert of high severity." },
    Fault { name: "contacts-old", about: "The list of contacts was not confirmed for a year." },
];

/// What a deployment's environment must be. The values are the practice services' own.
const CONTRACT: &[Wanted] = &[
    ("STORAGE_PROVIDER", Must::BeOneOf(&["r2", "appwrite"]), Some("r2")),
    ("R2_ACCOUNT_ID", Must::BeSet, Some("practice")),
    ("R2_ACCESS_KEY_ID", Must::BeSet, Some("practice")),
    ("R2_SECRET_ACCESS_KEY", Must::BeSet, Some("practice")),
    ("R2_BUCKET", Must::BeSet, Some("practice")),
    ("MUSIC_BUCKET_ID", Must::BeAnything, None),
    ("OPENAI_API_KEY", Must::BeSet, Some("practice")),
    ("DAYDREAM_API_KEY", Must::BeSet, Some("practice")),
    ("DAYDREAM_WHIP_ALLOWED_HOSTS", Must::BeSet, Some("whip.practice.example")),
];

/// What the commands around it say.
const JOBS: &[Job] = &[
    unless("npm audit --omit=dev", "found 0 vulnerabilities", "advisory", "1 high severity vulnerability"),
    always("backup list", "last night's backup is there"),
    unless("contacts check", "confirmed last month", "contacts-old", "last confirmed 410 days ago"),
];

/// How long the platform takes from a push until the new commit answers, in ms.
pub const DEPLOY_MS: i64 = 4_000;

/// The practice nexus.
pub struct Nexus {
    broken: Broken,
    /// The commit that is deployed, and the one before.
    commit: String,
    previous: String,
    /// The commit that is being deployed, and when it will answer, in ms since the epoch.
    coming: Option<(String, i64)>,
    settings: Settings,
    /// How long the platform takes, in ms.
    takes: i64,
}

impl Nexus {
    /// A healthy one.
    pub fn new() -> Nexus {
        let (commit, previous) = ("9f3c1a7".to_owned(), "41d20be".to_owned());
        let settings = Settings::new(CONTRACT);
        Nexus { broken: Broken::default(), commit, previous, coming: None, settings, takes: DEPLOY_MS }
    }

    /// `platform deploy COMMIT`: what the Git host tells the platform after a push to `main`.
    fn deploy(&mut self, now: i64, commit: &str) -> Said {
        let hex = commit.len() >= 7 && commit.len() <= 64 && commit.bytes().all(|b| b.is_ascii_hexdigit());
        if !hex {
            return Said::failed(2, format!("{commit:?} is no commit: write its SHA, 7 to 64 hex digits\n"));
        }
        if self.broken.has("deploy-stuck") {
            return Said::out(format!("{commit} is queued; builds are delayed\n"));
        }
        self.coming = Some((commit.to_ascii_lowercase(), now + self.takes));
        Said::out(format!("{commit} is being deployed; it answers in {} seconds\n", self.takes / 1000))
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
        let coming = self.coming.as_ref().map(|(commit, _)| commit);
        json!({ "commit": self.commit, "previous": self.previous, "deploying": coming })
    }

    fn pass(&mut self, now: i64) {
        if let Some((commit, at)) = self.coming.take() {
            if now < at {
                self.coming = Some((commit, at));
                return;
            }
            self.previous = std::mem::replace(&mut self.commit, commit);
            self.broken.switch_off("page-error");
        }
    }

    fn tool(&mut self, now: i64, tool: &str, words: &[&str]) -> Option<Said> {
        match (tool, words) {
            ("platform", ["deploy", commit]) => Some(self.deploy(now, commit)),
            ("platform", ["deploys"]) => {
                Some(Said::out(format!("{} now\n{} before\n", self.commit, self.previous)))
            }
            ("platform", ["logs", rest @ ..]) => {
                let last =
                    if self.broken.has("errors") { "ERROR TypeError at player.js:12" } else { "GET / 200" };
                Some(jobs::tail(&["start".to_owned(), last.to_owned()], rest))
            }
            ("platform", _) => Some(Said::failed(2, "write deploy COMMIT, deploys, or logs --tail N\n")),
            ("env", words) => Some(self.settings.tool(words)),
            _ => jobs::run(JOBS, &self.broken, tool, words),
        }
    }

    fn changed(&mut self, fault: &'static str, on: bool, _now: i64) {
        if matches!(fault, "unhealthy" | "ai-panel") {
            let gone = self.broken.has("unhealthy") || self.broken.has("ai-panel");
            self.settings.spoil(on || gone, "OPENAI_API_KEY", None);
        }
    }

    fn hasten(&mut self) {
        self.takes = 100;
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
            // What stands around it: in production these are other hosts.
            ("GET", "/around/storage") if self.broken.has("audio") => {
                Answer::json(503, &json!({ "status": "the bucket does not answer" }))
            }
            ("GET", "/around/whip") if self.broken.has("cinema") => {
                Answer::json(403, &json!({ "error": "forbidden host" }))
            }
            ("GET", "/around/status") if self.broken.has("status-page-down") => {
                Answer::json(503, &json!({ "error": "no status page" }))
            }
            ("GET", "/around/storage" | "/around/model" | "/around/whip" | "/around/status") => {
                Answer::json(200, &json!({ "status": "operational" }))
            }
            ("GET", "/api/version") => Answer::json(200, &json!({ "commit": self.commit })),
            _ => Answer::not_found(ask),
        }
    }
}
