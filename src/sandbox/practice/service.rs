//! What the five practice services have in common: a request as they see it, an answer, and faults
//! that are switched on and off by name.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

/// How long a service that is `slow` takes: far over every time that the checks allow, under the 10 s
/// after which a check gives up, so that it shows as slow and not as dead.
pub const SLOW: Duration = Duration::from_secs(4);

/// A request, below the service's own root.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// `GET`, `POST`…
    pub method: &'a str,
    /// Begins with `/`, without the service's name and without the query.
    pub path: &'a str,
    /// Every header, names in lower case.
    pub headers: &'a BTreeMap<String, String>,
    /// The body as it came.
    pub body: &'a [u8],
}

impl Ask<'_> {
    /// A header's value, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// What a service answers, and how long it takes to do so.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Waited before the answer is sent.
    pub after: Duration,
    /// The HTTP status.
    pub status: u16,
    /// The header `content-type`.
    pub content_type: &'static str,
    /// Other headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A JSON body.
    pub fn json(status: u16, body: &Value) -> Answer {
        Answer::text(status, "application/json", body.to_string())
    }

    /// A body of another type.
    pub fn text(status: u16, content_type: &'static str, body: impl Into<String>) -> Answer {
        Answer { after: Duration::ZERO, status, content_type, headers: vec![], body: body.into() }
    }

    /// A small page. `body` is written by this program, never by a caller.
    pub fn page(title: &str, body: &str) -> Answer {
        let html = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>{body}</body></html>\n"
        );
        Answer::text(200, "text/html; charset=utf-8", html)
    }

    /// What the proxy in front answers while the service behind it does not.
    pub fn bad_gateway(service: &str) -> Answer {
        let body = format!("502 Bad Gateway: {service} does not answer\n");
        Answer::text(502, "text/plain; charset=utf-8", body)
    }

    /// Nothing stands at this address.
    pub fn not_found(ask: &Ask<'_>) -> Answer {
        let error = format!("nothing at {} {}", ask.method, ask.path);
        Answer::json(404, &json!({ "error": error }))
    }

    /// The same answer with one header more; its name is in lower case.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    /// The same answer, `SLOW` later if `slow`.
    pub fn slow_if(mut self, slow: bool) -> Answer {
        if slow {
            self.after = SLOW;
        }
        self
    }
}

/// A way to break a service.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// The word that switches it.
    pub name: &'static str,
    /// One sentence: what goes wrong.
    pub about: &'static str,
}

/// The faults that are switched on, each with the time when it was, in ms since the epoch.
#[derive(Debug, Clone, Default)]
pub struct Broken(BTreeMap<&'static str, i64>);

impl Broken {
    /// Is this fault on?
    pub fn has(&self, fault: &str) -> bool {
        self.0.contains_key(fault)
    }

    /// Since when this fault is on.
    pub fn since(&self, fault: &str) -> Option<i64> {
        self.0.get(fault).copied()
    }

    /// No fault is on.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True if it was off before.
    pub fn switch_on(&mut self, fault: &'static str, now: i64) -> bool {
        if self.has(fault) {
            return false;
        }
        self.0.insert(fault, now);
        true
    }

    /// True if it was on before.
    pub fn switch_off(&mut self, fault: &str) -> bool {
        self.0.remove(fault).is_some()
    }
}

/// What a command-line tool said: what a person would have seen of the real one, and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// The exit code; 0 is success.
    pub code: u8,
}

impl Said {
    /// It worked, and said so on standard output.
    pub fn out(text: impl Into<String>) -> Said {
        Said { out: text.into(), ..Said::default() }
    }

    /// It worked, and said so on standard error, as Compose does.
    pub fn noted(text: impl Into<String>) -> Said {
        Said { err: text.into(), ..Said::default() }
    }

    /// It did not work, for this reason.
    pub fn failed(code: u8, why: impl Into<String>) -> Said {
        Said { err: why.into(), code, ..Said::default() }
    }
}

/// One practice service.
pub trait Service: Send {
    /// The word in addresses and commands.
    fn name(&self) -> &'static str;
    /// The name people use.
    fn title(&self) -> &'static str;
    /// Every way to break it.
    fn faults(&self) -> &'static [Fault];
    /// What is broken now.
    fn broken(&self) -> &Broken;
    /// The same, to switch.
    fn broken_mut(&mut self) -> &mut Broken;
    /// What it remembers, as an object for people.
    fn facts(&self, now: i64) -> Value;
    /// Answers one request. `now` is in ms since the epoch.
    fn answer(&mut self, now: i64, ask: &Ask<'_>) -> Answer;
    /// A fault was just switched: what that does to the state beyond the switch itself.
    fn changed(&mut self, _fault: &'static str, _on: bool, _now: i64) {}
    /// Lets what was under way until `now` be done. Called before anything else is asked.
    fn pass(&mut self, _now: i64) {}
    /// From now on it starts and deploys without taking its time.
    fn hasten(&mut self) {}
    /// Does what a tool of its host was told: `compose`, `docker`, `celery`, `platform`. `None` when this
    /// service's host has no such tool.
    fn tool(&mut self, _now: i64, _tool: &str, _words: &[&str]) -> Option<Said> {
        None
    }
}
