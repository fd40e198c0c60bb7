//! The Celery queue of the practice soundfoundry, counted as its three parts, and what the command
//! `celery` and a purge do to it. As with the real one, a purge removes only what waits.

use serde_json::{Value, json};

use super::service::Said;

/// How often a new job comes in while the worker takes none, in ms.
const JOB_EVERY_MS: i64 = 5_000;
/// How many jobs had piled up when somebody noticed that the worker takes none.
const PILE: u64 = 140;
/// How many jobs wait on a quiet day.
const QUIET: u64 = 2;
/// The only app that there is.
const APP: &str = "app.workers.celery_app";
/// What the worker runs, and what it has reserved.
const TASKS: [(&str, bool); 2] =
    [("5f0c2a9e-7d41-4c1b-9a57-3e6f2b8d1c04", true), ("c81d4e2e-bcf2-41e6-869b-7df92533d2db", false)];

/// A task that a worker holds.
#[derive(Debug, Clone, PartialEq)]
struct Held {
    id: &'static str,
    running: bool,
}

/// What waits in the broker's list, and what the worker holds.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Those that waited at `counted`.
    waiting: u64,
    /// Since when jobs come in and none is taken, in ms since the epoch.
    counted: Option<i64>,
    held: Vec<Held>,
    /// Whether the broker refuses to be written to.
    read_only: bool,
    /// Whether the worker answers no question and obeys no command.
    deaf: bool,
}

impl Queue {
    /// A queue that moves: two wait, one is reserved, one runs.
    pub fn new() -> Queue {
        let held = TASKS.iter().map(|&(id, running)| Held { id, running }).collect();
        Queue { waiting: QUIET, counted: None, held, read_only: false, deaf: false }
    }

    /// The worker takes nothing any more, or takes everything again.
    pub fn stick(&mut self, stuck: bool, now: i64) {
        if stuck {
            self.waiting += PILE;
            self.counted = Some(now);
        } else {
            *self = Queue { read_only: self.read_only, deaf: self.deaf, ..Queue::new() };
        }
    }

    /// Whether the broker refuses to be written to.
    pub fn refuse(&mut self, refuse: bool) {
        self.read_only = refuse;
    }

    /// Whether the worker answers no question and obeys no command.
    pub fn deafen(&mut self, deaf: bool) {
        self.deaf = deaf;
    }

    /// How many are in the broker's list: what a purge would remove.
    pub fn waiting(&self, now: i64) -> u64 {
        let more = self.counted.map_or(0, |since| (now - since).max(0) / JOB_EVERY_MS);
        self.waiting + u64::try_from(more).unwrap_or(0)
    }

    /// How many the worker runs (`true`), or has reserved (`false`).
    pub fn held(&self, running: bool) -> usize {
        self.held.iter().filter(|t| t.running == running).count()
    }

    /// The three parts, each named, and the tasks that run.
    pub fn view(&self, now: i64) -> Value {
        let running = self.held.iter().filter(|t| t.running).map(|t| t.id);
        json!({
            "waiting": self.waiting(now),
            "reserved": self.held(false),
            "active": self.held(true),
            "running": running.collect::<Vec<&str>>(),
        })
    }

    /// Removes what waits, and says how many that were.
    ///
    /// # Errors
    /// What the broker says when it refuses.
    pub fn purge(&mut self, now: i64) -> Result<u64, &'static str> {
        if self.read_only {
            return Err("READONLY You can't write against a read only replica.");
        }
        let removed = self.waiting(now);
        self.waiting = 0;
        self.counted = self.counted.map(|_| now);
        Ok(removed)
    }

    /// `celery -A app.workers.celery_app` and what follows: `purge -f`, `inspect active`, `inspect
    /// reserved`, `control revoke ID`, `control terminate SIGNAL ID`. Exit codes are the real one's.
    pub fn celery(&mut self, now: i64, words: &[&str]) -> Said {
        let usage = |why: &str| {
            Said::failed(2, format!("Usage: celery [OPTIONS] [COMMAND] [ARGS]...\n\nError: {why}\n"))
        };
        let (app, words) = match words {
            ["-A" | "--app", app, rest @ ..] => (*app, rest),
            [first, rest @ ..] if first.starts_with("--app=") => (&first["--app=".len()..], rest),
            _ => return usage("name the app first: -A app.workers.celery_app"),
        };
        if app != APP {
            return usage(&format!(
                "Invalid value for '-A' / '--app':\nUnable to load celery application.\nThe module {app} was not found."
            ));
        }
        // How long to wait for a worker's answer: here it is there at once.
        let words: Vec<&str> = match words {
            [verb @ ("control" | "inspect"), "-t" | "--timeout", _, rest @ ..] => [&[*verb], rest].concat(),
            _ => words.to_vec(),
        };
        match words.as_slice() {
            ["purge", rest @ ..] if !rest.iter().any(|w| matches!(*w, "-f" | "--force")) => Said::failed(
                1,
                "WARNING: This will remove all tasks from queue: celery.\n(to skip this prompt use the -f option)\nAborted!\n",
            ),
            ["purge", ..] => match self.purge(now) {
                Ok(0) => Said::out("No messages purged from 1 queue.\n"),
                Ok(count) => Said::out(format!("Purged {count} messages from 1 known task queue.\n")),
                Err(why) => Said::failed(1, format!("redis.exceptions.ReadOnlyError: {why}\n")),
            },
            ["inspect" | "control", ..] if self.deaf => {
                Said::failed(69, "Error: No nodes replied within time constraint\n")
            }
            ["inspect", which @ ("active" | "reserved"), ..] => {
                let tasks: Vec<String> = self
                    .held
                    .iter()
                    .filter(|t| t.running == (*which == "active"))
                    .map(|t| {
                        format!("    * {{'id': '{}', 'name': 'app.workers.tasks.render_track'}}\n", t.id)
                    })
                    .collect();
                let list = if tasks.is_empty() { "    - empty -\n".to_owned() } else { tasks.concat() };
                Said::out(format!("->  worker@practice: OK\n{list}\n1 node online.\n"))
            }
            ["control", "revoke", id] => {
                self.held.retain(|t| t.running || t.id != *id);
                Said::out(format!("->  worker@practice: OK\n        task {id} flagged as revoked\n"))
            }
            ["control", "terminate", _signal, id] => {
                self.held.retain(|t| t.id != *id);
                Said::out(format!("->  worker@practice: OK\n        terminate: {id}\n"))
            }
            ["control", other, ..] => Said::failed(
                2,
                format!(
                    "Usage: celery control [OPTIONS] COMMAND\n\nError: Command {other} not recognized.\n"
                ),
            ),
            [other, ..] => usage(&format!("No such command '{other}'.")),
            [] => usage("Missing command."),
        }
    }
}

impl Default for Queue {
    fn default() -> Self {
        Queue::new()
    }
}
