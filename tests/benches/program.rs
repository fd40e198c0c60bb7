//! The real program as a process of its own, against a sandbox in the bench's.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use muster::kit::clock::Clock;
use muster::sandbox::world::{Id, Outcome, seed};
use muster::sandbox::{Limits, Person, Sandbox, Setup};
use serde_json::{Value, json};
use tempfile::TempDir;

pub type Trouble = Box<dyn std::error::Error>;

const MUSTER: &str = env!("CARGO_BIN_EXE_muster");

/// A sandbox without limits, and a folder with a team's files for it.
pub async fn world() -> Result<(Arc<Sandbox>, TempDir), Trouble> {
    let clock = Clock::system();
    let time = clock.clone();
    let setup = Setup { limits: Limits::lifted(), ..Setup::new(Arc::new(move || time.now().0)) };
    let sandbox = Arc::new(Sandbox::start(setup).await?);
    let folder = tempfile::tempdir()?;
    let toml = include_str!("../../data/sandbox.toml");
    let services = toml.find("[services").unwrap_or(toml.len());
    std::fs::write(
        folder.path().join("muster.toml"),
        toml[..services].replace("{sandbox}", &sandbox.api_url()),
    )?;
    std::fs::create_dir(folder.path().join("runbooks"))?;
    Ok((sandbox, folder))
}

/// What it says of itself: errors alone, unless whoever measures asks for more.
fn log() -> String {
    std::env::var("MUSTER_LOG").unwrap_or_else(|_| "error".to_owned())
}

/// A Muster that runs, and ends with the value.
pub struct Running(Child);

impl Running {
    pub fn start(folder: &Path) -> std::io::Result<Running> {
        let mut command = Command::new(MUSTER);
        command.args(["serve", "--config", "muster.toml", "--data", "data"]).current_dir(folder);
        command.env("DISCORD_TOKEN", seed::BOT_TOKEN).env("MUSTER_LOG", log());
        command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map(Running)
    }

    /// Resident memory in MB.
    pub fn resident(&self) -> Result<f64, Trouble> {
        resident(self.0.id())
    }

    /// Ends it with SIGKILL.
    #[allow(dead_code)] // Not every bench does.
    pub fn kill(mut self) -> Result<(), Trouble> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

/// A process' resident memory in MB.
pub fn resident(process: u32) -> Result<f64, Trouble> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    let kb: f64 = line.split_whitespace().nth(1).ok_or("no figure")?.parse()?;
    Ok(kb / 1024.0)
}

impl Drop for Running {
    fn drop(&mut self) {
        // TERM: a snapshot is kept, as at an ordinary end.
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

/// Starts Muster; gives it and the milliseconds until the gateway is up.
pub async fn start(sandbox: &Sandbox, folder: &Path) -> Result<(Running, f64), Trouble> {
    let before = sandbox.gateway().identifies();
    let begun = Instant::now();
    let running = Running::start(folder)?;
    while sandbox.gateway().identifies() == before {
        if begun.elapsed() > Duration::from_secs(60) {
            return Err("Muster does not come up".into());
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    sandbox.wait_for_bots(1).await;
    let took = begun.elapsed().as_secs_f64() * 1000.0;
    Ok((running, took))
}

/// One use of a subcommand of `/incident` by somebody without a role, in milliseconds.
pub async fn turn(sandbox: &Sandbox, channel: Id, subcommand: &Value) -> Result<f64, Trouble> {
    let command = sandbox.look(|w| {
        let commands = w.commands.get(&Some(seed::GUILD)).into_iter().flatten();
        commands.clone().find(|c| c.name == "incident").map(|c| c.id)
    });
    let body = json!({
        "type": 2, "application_id": seed::APPLICATION, "guild_id": seed::GUILD, "channel_id": channel,
        "session_id": "bench", "nonce": Value::Null,
        "data": {"id": command.ok_or("no command")?, "name": "incident", "type": 1, "options": [
            subcommand
        ]},
    });
    let begun = Instant::now();
    let id = sandbox
        .change(|w, now| w.interact(now, Person::Onlooker.id(), &body))
        .map_err(|r| format!("{r:?}"))?;
    let outcome = sandbox.wait_for(|w| {
        let outcome = w.interactions.get(&id).map(|i| i.outcome.clone());
        outcome.filter(|o| *o != Outcome::Waiting)
    });
    match outcome.await {
        Outcome::Message => Ok(begun.elapsed().as_secs_f64() * 1000.0),
        other => Err(format!("the answer is {other:?}").into()),
    }
}

/// The median, and how far the middle nine tenths spread.
pub fn say(what: &str, unit: &str, figures: &mut [f64]) {
    figures.sort_by(f64::total_cmp);
    let at = |share: f64| figures[((figures.len() - 1) as f64 * share).round() as usize];
    println!(
        "{what}: median {:.2} {unit} (p5 {:.2}, p95 {:.2}, p99 {:.2}; {} runs)",
        at(0.5),
        at(0.05),
        at(0.95),
        at(0.99),
        figures.len()
    );
}
