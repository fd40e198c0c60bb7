//! How late a rung is called while ten thousand ladders are open, and what a ladder takes of memory.
//!
//! `cargo bench --bench ladders`; with `-- try` a fiftieth of it, on whatever machine: whether it works.
//!
//! The real program, against a sandbox without Discord's limits and a receiver of webhooks in the bench's
//! process. Each ladder is about an alert of its own; people are called by webhook alone, so that neither
//! Discord's limit nor a browser is measured. What a first call says in `answer_until` is when the next rung is
//! due; the receiver notes when that one's call arrives.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path as Segment, State};
use axum::routing::post;
use chrono::DateTime;
use muster::kit::clock::Clock;
use muster::kit::time::Timestamp;
use muster::sandbox::{Limits, Sandbox, Setup};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;

#[allow(dead_code)] // Other benches use the rest of it.
mod load;
#[allow(dead_code)]
mod program;
mod quiet;

use load::{Connection, quantile};
use program::{Running, Trouble, start};

/// Alerts sent with one request.
const BATCH: usize = 64;
/// How many rungs are due a second.
const PACE: usize = 50;
/// How long the ladders that are measured wait for an answer.
const WITHIN: Duration = Duration::from_secs(30);

/// How much is done.
struct Size {
    /// Ladders that are open, and are due tomorrow.
    open: usize,
    /// Ladders whose next rung is measured.
    due: usize,
}

fn main() -> ExitCode {
    let try_it = std::env::args().any(|a| a == "try");
    let (size, quiet) = match try_it {
        true => (Size { open: 200, due: 100 }, Ok(())),
        false => (Size { open: 9_500, due: 500 }, quiet::quiet()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match quiet.map_err(Trouble::from).and_then(|()| runtime?.block_on(bench(&size))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

async fn bench(size: &Size) -> Result<(), Trouble> {
    let receiver = Receiver::open().await?;
    let (sandbox, folder) = world(&receiver).await?;
    let (running, _) = start(&sandbox, folder.path()).await?;
    let intake = address(folder.path())?;

    // What is there once for all is there.
    send(&intake, "Before", "warning", size.open / 10).await?;
    settled(folder.path())?;
    let empty = running.resident()?;
    send(&intake, "Alone", "warning", size.open).await?;
    settled(folder.path())?;
    let without = running.resident()?;
    send(&intake, "Open", "P2", size.open).await?;
    receiver.first_calls(size.open).await?;
    settled(folder.path())?;
    let with = running.resident()?;
    let each = |more: f64, less: f64| (more - less) * 1024.0 * 1024.0 / size.open as f64;
    let (alert, both) = (each(without, empty), each(with, without));
    println!(
        "memory: {both:.0} bytes for each of {} alerts with a ladder, {alert:.0} for each without, so {:.0} for a ladder",
        size.open,
        both - alert
    );
    rungs(&running, &intake, &receiver, size).await
}

/// Ladders that begin one after the other, so that their next rungs are due so.
async fn rungs(running: &Running, intake: &str, receiver: &Receiver, size: &Size) -> Result<(), Trouble> {
    let mut connection = Connection::open(intake).await?;
    let begun = Instant::now();
    for n in 0..size.due {
        let turn = begun + Duration::from_secs(1) * u32::try_from(n)? / u32::try_from(PACE)?;
        tokio::time::sleep_until(turn.into()).await;
        post_alerts(&mut connection, "Due", "P1", n..n + 1).await?;
    }
    receiver.first_calls(size.open + size.due).await?;
    let next = receiver.next_calls(size.due);
    tokio::time::timeout(WITHIN + Duration::from_secs(60), next)
        .await
        .map_err(|_| "not all were called")??;
    let mut late = receiver.late()?;
    println!(
        "due to the request on the wire, {} ladders open, {PACE} rungs due a second: p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms ({} rungs; {:.0} MB resident)",
        size.open + size.due,
        quantile(&mut late, 0.5),
        quantile(&mut late, 0.99),
        quantile(&mut late, 1.0),
        late.len(),
        running.resident()?,
    );
    Ok(())
}

/// So many alerts, each of which is a problem of its own. A connection that is used no more for minutes is
/// closed by Muster, so that each time has its own.
async fn send(intake: &str, name: &str, severity: &str, count: usize) -> Result<(), Trouble> {
    let mut connection = Connection::open(intake).await?;
    for first in (0..count).step_by(BATCH) {
        post_alerts(&mut connection, name, severity, first..(first + BATCH).min(count)).await?;
    }
    Ok(())
}

async fn post_alerts(
    connection: &mut Connection,
    name: &str,
    severity: &str,
    numbers: std::ops::Range<usize>,
) -> Result<(), Trouble> {
    let alert = |n: usize| {
        serde_json::json!({
            "labels": {"alertname": format!("{name}{n}"), "severity": severity},
            "annotations": {"summary": format!("the problem {name}{n}")},
            "endsAt": "2099-01-01T00:00:00Z",
        })
    };
    let body = Value::from(numbers.map(alert).collect::<Vec<_>>()).to_string();
    match connection.post(&body).await? {
        200 => Ok(()),
        status => Err(format!("the answer is {status}").into()),
    }
}

/// What calls reach: when the next rung of each page is due, and when its call came.
#[derive(Default)]
struct Calls {
    due: BTreeMap<String, Timestamp>,
    came: BTreeMap<String, Timestamp>,
}

/// Takes webhooks: the first rung's person has `/first`, the next one's `/next`.
struct Receiver {
    calls: Arc<Mutex<Calls>>,
    counts: watch::Receiver<(usize, usize)>,
    url: String,
}

type Kept = (Arc<Mutex<Calls>>, watch::Sender<(usize, usize)>);

impl Receiver {
    async fn open() -> Result<Receiver, Trouble> {
        let calls: Arc<Mutex<Calls>> = Arc::default();
        let (tell, counts) = watch::channel((0, 0));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let app = Router::new().route("/{rung}", post(take)).with_state((calls.clone(), tell));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Receiver { calls, counts, url })
    }

    async fn first_calls(&self, count: usize) -> Result<(), Trouble> {
        self.counts.clone().wait_for(|(first, _)| *first >= count).await?;
        Ok(())
    }

    async fn next_calls(&self, count: usize) -> Result<(), Trouble> {
        self.counts.clone().wait_for(|(_, next)| *next >= count).await?;
        Ok(())
    }

    /// How many milliseconds after its time each came.
    fn late(&self) -> Result<Vec<f64>, Trouble> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let late = |(page, came): (&String, &Timestamp)| {
            let due = calls.due.get(page).ok_or("a rung was called whose first was not")?;
            if came < due {
                return Err("a rung was called before its time".into());
            }
            Ok(came.since(*due).as_secs_f64() * 1000.0)
        };
        calls.came.iter().map(late).collect()
    }
}

async fn take(State((calls, tell)): State<Kept>, Segment(rung): Segment<String>, body: String) {
    let now = Clock::system().now();
    let Ok(said) = serde_json::from_str::<Value>(&body) else { return };
    let mut calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
    for page in said["pages"].as_array().into_iter().flatten() {
        let name = page["page"].as_str().unwrap_or_default().to_owned();
        let until = page["answer_until"].as_str().and_then(|t| DateTime::parse_from_rfc3339(t).ok());
        match (rung.as_str(), until) {
            ("first", Some(until)) => drop(calls.due.insert(name, Timestamp(until.timestamp_millis()))),
            ("next", _) => drop(calls.came.insert(name, now)),
            _ => {}
        }
    }
    tell.send_replace((calls.due.len(), calls.came.len()));
}

/// A sandbox without limits, and a folder with a team's files for it: an alert opens no incident and calls no
/// role, and many are no storm.
async fn world(receiver: &Receiver) -> Result<(Sandbox, TempDir), Trouble> {
    let clock = Clock::system();
    let setup = Setup { limits: Limits::lifted(), ..Setup::new(Arc::new(move || clock.now().0)) };
    let sandbox = Sandbox::start(setup).await?;
    let folder = tempfile::tempdir()?;
    let toml = include_str!("../../data/sandbox.toml");
    let services = toml.find("[services").unwrap_or(toml.len());
    let mut toml = toml[..services].replace("{sandbox}", &sandbox.api_url());
    for (one, other) in [
        ("open = true", "open = true\nlimit = 1000000".to_owned()),
        ("open = [\"P1\", \"P2\"]", "open = []".to_owned()),
        ("mention = [\"responder\"]", "mention = []".to_owned()),
        ("[people.responder]", person(receiver, "responder", "first")),
        ("[people.approver]", person(receiver, "approver", "next")),
    ] {
        if !toml.contains(one) {
            return Err(format!("data/sandbox.toml has no `{one}` any more").into());
        }
        toml = toml.replacen(one, &other, 1);
    }
    let toml = format!(
        "{toml}\n[alerts.storm]\ngroups = 1000000\n{}{}",
        policy("measured", "P1", WITHIN),
        policy("open", "P2", Duration::from_secs(86_400))
    );
    std::fs::write(folder.path().join("muster.toml"), toml)?;
    std::fs::create_dir(folder.path().join("runbooks"))?;
    Ok((sandbox, folder))
}

fn person(receiver: &Receiver, name: &str, rung: &str) -> String {
    let limit = "limit = { count = 1000, within = \"1m\" }";
    format!("[people.{name}]\nwebhook = \"{}/{rung}\"\n{limit}", receiver.url)
}

fn policy(name: &str, severity: &str, within: Duration) -> String {
    let rung = |person: &str, within: Duration| {
        let ways = "ways = [\"webhook\"]";
        let within = within.as_secs();
        format!("[[oncall.policies.rungs]]\nwhom = [\"person {person}\"]\nwithin = \"{within}s\"\n{ways}\n")
    };
    format!(
        "[[oncall.policies]]\nname = \"{name}\"\nseverities = [\"{severity}\"]\n{}{}",
        rung("responder", within),
        rung("approver", Duration::from_secs(86_400))
    )
}

/// What the running Muster says of itself.
fn status(folder: &Path) -> Result<String, Trouble> {
    let mut status = std::process::Command::new(env!("CARGO_BIN_EXE_muster"));
    let said = status.args(["status", "--data", "data"]).current_dir(folder).output()?;
    Ok(String::from_utf8_lossy(&said.stdout).into_owned())
}

/// Where it listens.
fn address(folder: &Path) -> Result<String, Trouble> {
    let said = status(folder)?;
    let line = said.lines().find_map(|l| l.strip_prefix("intake: http://"));
    Ok(line.ok_or("Muster does not listen")?.to_owned())
}

/// Waits until it owes nothing.
fn settled(folder: &Path) -> Result<(), Trouble> {
    while !status(folder)?.lines().any(|l| l.starts_with("owed: 0 ")) {
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
