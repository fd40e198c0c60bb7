//! How fast alerts come in, beside Debian's Alertmanager, in one run: the same requests over the same
//! sixteen connections to both. Muster has each alert on disk before it answers.
//!
//! `cargo bench --bench alerts`, or with `-- wire`, `-- storm`, `-- intake` one part alone.
//!
//! What is measured: one distinct alert a request, 64 a request, memory for each that is held, what is
//! left after SIGKILL; for Muster alone how long it takes from a request to the message in Discord, and
//! what ten thousand alerts of one group come to.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use muster::kit::clock::Clock;
use muster::sandbox::world::{Id, seed};
use muster::sandbox::{Limits, Sandbox, Setup, client};
use tempfile::TempDir;

mod load;
#[allow(dead_code)] // Other benches use the rest of it.
mod program;
mod quiet;

use load::{Connection, Target, alerts, quantile, rate};
use program::{Running, Trouble, say, start};

const CONNECTIONS: usize = 16;
const SINGLE: usize = 40_000;
const BATCHES: usize = 1_250;
const BATCH: usize = 64;
const TURNS: usize = 500;
/// From one alert to the next: each is a card and a mention, Discord takes 50 requests a second of a bot
/// ("Rate limits"), and whoever sends more measures that.
const PACE: Duration = Duration::from_millis(50);
const STORM: usize = 10_000;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = quiet::quiet().map_err(Trouble::from).and_then(|()| runtime?.block_on(bench()));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

async fn bench() -> Result<(), Trouble> {
    let named: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let wanted = |part: &str| named.is_empty() || named.iter().any(|n| n == part);
    if wanted("intake") {
        println!("Alertmanager:");
        intake(&mut load::alertmanager().await?).await?;
        println!("Muster, with each alert on disk before it is answered:");
        let (sandbox, folder) = world(Limits::lifted()).await?;
        let (running, _) = start(&sandbox, folder.path()).await?;
        intake(&mut Muster { folder: folder.path(), sandbox: &sandbox, running: Some(running) }).await?;
    }
    if wanted("wire") {
        let (sandbox, folder) = world(Limits::lifted()).await?;
        let (_running, _) = start(&sandbox, folder.path()).await?;
        wire(&sandbox, &address(folder.path())?).await?;
    }
    if wanted("storm") {
        // With Discord's real limits.
        let (sandbox, folder) = world(Limits::real()).await?;
        let (_running, _) = start(&sandbox, folder.path()).await?;
        storm(&sandbox, &address(folder.path())?).await?;
    }
    Ok(())
}

/// One distinct alert a request, then 64 a request, then SIGKILL.
async fn intake(target: &mut dyn Target) -> Result<(), Trouble> {
    let address = target.address()?;
    let before = target.resident()?;
    let next = Arc::new(AtomicUsize::new(0));
    for (what, requests, batch) in
        [("one alert a request", SINGLE, 1), ("64 alerts a request", BATCHES, BATCH)]
    {
        let (took, mut each) = send(&address, &next, requests, batch).await?;
        println!(
            "  {what}: {:.0} alerts/s, request p50 {:.2} ms, p99 {:.2} ms ({requests} requests, {CONNECTIONS} connections)",
            rate(requests * batch, took),
            quantile(&mut each, 0.5),
            quantile(&mut each, 0.99),
        );
    }
    let held = next.load(Ordering::SeqCst);
    let after = target.resident()?;
    println!(
        "  memory: {:.0} bytes for each of {held} alerts held",
        (after - before) * 1024.0 * 1024.0 / held as f64
    );
    target.kill_and_start().await?;
    let left = Connection::open(&target.address()?).await?.count().await?;
    println!("  after SIGKILL {left} of {held} are left");
    Ok(())
}

/// Sends requests of so many alerts each, over all connections at once; each alert is another one.
async fn send(
    address: &str,
    next: &Arc<AtomicUsize>,
    requests: usize,
    batch: usize,
) -> Result<(Duration, Vec<f64>), Trouble> {
    let left = Arc::new(AtomicUsize::new(requests));
    let begun = Instant::now();
    let mut tasks = vec![];
    for _ in 0..CONNECTIONS {
        let (mut connection, next, left) = (Connection::open(address).await?, next.clone(), left.clone());
        tasks.push(tokio::spawn(async move {
            let mut each = vec![];
            while left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
                let first = next.fetch_add(batch, Ordering::SeqCst);
                let request = alerts("Load", first..first + batch);
                let begun = Instant::now();
                let status = connection.post(&request).await.map_err(|e| e.to_string())?;
                each.push(begun.elapsed().as_secs_f64() * 1000.0);
                if status != 200 {
                    return Err(format!("the answer is {status}"));
                }
            }
            Ok::<_, String>(each)
        }));
    }
    let mut all = vec![];
    for task in tasks {
        all.extend(task.await??);
    }
    Ok((begun.elapsed(), all))
}

/// From the request of an alert to its message in Discord.
async fn wire(sandbox: &Sandbox, address: &str) -> Result<(), Trouble> {
    let mut connection = Connection::open(address).await?;
    let mut took = vec![];
    for n in 0..TURNS {
        let name = format!("Turn{n}x");
        let request = alerts(&name, 0..1);
        let words = format!("the problem {name}");
        // The newest alone: to look through all takes longer than what is measured.
        let arrives = sandbox.wait_for(|w| {
            let own = (seed::ALERTS, Id(0))..=(seed::ALERTS, Id(u64::MAX));
            let newest = w.messages.range(own).next_back();
            newest.filter(|(_, m)| client::text_of(m).contains(&words)).map(drop)
        });
        let begun = Instant::now();
        let (status, ()) = tokio::join!(connection.post(&request), arrives);
        if status? != 200 {
            return Err("an alert was not taken".into());
        }
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(PACE).await;
    }
    say("received to its message in Discord", "ms", &mut took);
    Ok(())
}

/// Ten thousand alerts of one group at once, with Discord's real limits.
async fn storm(sandbox: &Sandbox, address: &str) -> Result<(), Trouble> {
    let next = Arc::new(AtomicUsize::new(0));
    let (took, _) = send(address, &next, STORM.div_ceil(BATCH), BATCH).await?;
    let sent = next.load(Ordering::SeqCst);
    let kept = Connection::open(address).await?.count().await?;
    // The card says how many there are, once it was edited.
    let settled = sandbox.wait_for(|w| {
        let cards = w.messages.values().filter(|m| m.channel == seed::ALERTS);
        cards.map(client::text_of).any(|t| t.contains(&sent.to_string())).then_some(())
    });
    tokio::time::timeout(Duration::from_secs(60), settled)
        .await
        .map_err(|_| "the card does not say how many")?;
    let messages = sandbox.look(|w| w.messages.values().filter(|m| m.channel == seed::ALERTS).count());
    println!(
        "a storm of {sent} alerts in one group: {kept} kept in {:.2} s, {messages} messages, {} refused by Discord",
        took.as_secs_f64(),
        sandbox.invalid_requests()
    );
    Ok(())
}

/// A sandbox, and a folder with a team's files for it: a storm is none here, and a source may send much.
async fn world(limits: Limits) -> Result<(Sandbox, TempDir), Trouble> {
    let clock = Clock::system();
    let sandbox = Sandbox::start(Setup { limits, ..Setup::new(Arc::new(move || clock.now().0)) }).await?;
    let folder = tempfile::tempdir()?;
    let toml = include_str!("../../data/sandbox.toml");
    let services = toml.find("[services").unwrap_or(toml.len());
    let toml = toml[..services].replace("{sandbox}", &sandbox.api_url());
    let toml = toml.replacen("open = true", "open = true\nlimit = 1000000", 1);
    let toml = format!("{toml}\n[alerts.storm]\ngroups = 1000\n");
    std::fs::write(folder.path().join("muster.toml"), toml)?;
    std::fs::create_dir(folder.path().join("runbooks"))?;
    Ok((sandbox, folder))
}

/// Where the running Muster listens, as it says itself.
fn address(folder: &Path) -> Result<String, Trouble> {
    let mut status = std::process::Command::new(env!("CARGO_BIN_EXE_muster"));
    let said = status.args(["status", "--data", "data"]).current_dir(folder).output()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let line = said.lines().find_map(|l| l.strip_prefix("intake: http://"));
    Ok(line.ok_or("Muster does not listen")?.to_owned())
}

struct Muster<'a> {
    folder: &'a Path,
    sandbox: &'a Sandbox,
    running: Option<Running>,
}

#[async_trait::async_trait(?Send)]
impl Target for Muster<'_> {
    fn address(&self) -> Result<String, Trouble> {
        address(self.folder)
    }

    fn resident(&self) -> Result<f64, Trouble> {
        self.running.as_ref().ok_or("it does not run")?.resident()
    }

    async fn kill_and_start(&mut self) -> Result<(), Trouble> {
        if let Some(running) = self.running.take() {
            running.kill()?;
        }
        self.running = Some(start(self.sandbox, self.folder).await?.0);
        Ok(())
    }
}
