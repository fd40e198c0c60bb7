//! How fast Muster answers, how soon it is there, and how much memory it takes: the real
//! program as a process of its own, against the sandbox in this one.
//!
//! A turn is: the sandbox sends INTERACTION_CREATE over the gateway, Muster decides, commits
//! durably, and answers by REST; it ends when the sandbox has the answer. What is used is
//! `/incident note` by somebody who may not: one durable commit, one answer, no post besides.

use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use muster::engine::committer::Committer;
use muster::house;
use muster::journal::SledJournal;
use muster::kit::clock::Clock;
use muster::kit::time::Timestamp;
use muster::model::ids::{ChannelId, GuildId, InteractionId, RoleId, UserId};
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::person::{Actor, Person as Somebody};
use muster::sandbox::world::{Id, Outcome, seed};
use muster::sandbox::{Limits, Person, Sandbox, Setup};
use serde_json::{Value, json};

mod quiet;

type Trouble = Box<dyn std::error::Error>;

const MUSTER: &str = env!("CARGO_BIN_EXE_muster");
const STARTS: usize = 11;
const TURNS: usize = 3_000;
const AT_ONCE: usize = 64;
const MANY: usize = 10_000;
const MILLION: u32 = 1_000_000;

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

/// A Muster that runs, and ends with the value.
struct Running(Child);

impl Running {
    fn start(folder: &Path) -> std::io::Result<Running> {
        let mut command = Command::new(MUSTER);
        command.args(["serve", "--config", "muster.toml", "--data", "data"]).current_dir(folder);
        command.env("DISCORD_TOKEN", seed::BOT_TOKEN).env("MUSTER_LOG", "error");
        command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map(Running)
    }

    /// Resident memory in MB.
    fn resident(&self) -> Result<f64, Trouble> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).ok_or("no VmRSS")?;
        let kb: f64 = line.split_whitespace().nth(1).ok_or("no figure")?.parse()?;
        Ok(kb / 1024.0)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // TERM: a snapshot is kept, as at an ordinary end.
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

async fn bench() -> Result<(), Trouble> {
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

    let mut starts = vec![];
    for _ in 0..STARTS {
        starts.push(start(&sandbox, folder.path()).await?.1);
    }
    say("start to READY", "ms", &mut starts);

    let (running, _) = start(&sandbox, folder.path()).await?;
    println!("resident when idle: {:.1} MB", running.resident()?);
    let thread = declared(&sandbox).await?;
    for _ in 0..200 {
        turn(&sandbox, thread).await?;
    }
    let mut turns = vec![];
    for _ in 0..TURNS {
        turns.push(turn(&sandbox, thread).await?);
    }
    say("a turn, one at a time", "ms", &mut turns);

    let (mut rates, mut resident) = (vec![], vec![format!("{:.1}", running.resident()?)]);
    for _ in 0..5 {
        let begun = Instant::now();
        let tasks = (0..AT_ONCE).map(|_| {
            let sandbox = sandbox.clone();
            tokio::spawn(async move {
                for _ in 0..MANY / 5 / AT_ONCE {
                    turn(&sandbox, thread).await.map_err(|e| e.to_string())?;
                }
                Ok::<(), String>(())
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await??;
        }
        let turns = MANY / 5 / AT_ONCE * AT_ONCE;
        rates.push(turns as f64 / begun.elapsed().as_secs_f64());
        resident.push(format!("{:.1}", running.resident()?));
    }
    say(&format!("turns with {AT_ONCE} at once"), "/s", &mut rates);
    let every = MANY / 5;
    println!(
        "resident after {} interactions, and after each {every} more: {} MB",
        200 + TURNS,
        resident.join(", ")
    );
    drop(running);

    million(folder.path())?;
    let mut starts = vec![];
    for _ in 0..5 {
        starts.push(start(&sandbox, folder.path()).await?.1);
    }
    say("start to READY on 1,000,000 events", "ms", &mut starts);
    Ok(())
}

/// Starts Muster; gives it and the milliseconds until the gateway is up.
async fn start(sandbox: &Sandbox, folder: &Path) -> Result<(Running, f64), Trouble> {
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

async fn declared(sandbox: &Sandbox) -> Result<Id, Trouble> {
    let client = sandbox.client(Person::Responder);
    client.slash("incident declare", &[("title", "bench".into()), ("severity", "P4".into())]).await?;
    Ok(sandbox.wait_for(|w| w.channels.values().find(|c| c.name.starts_with("INC-1 ")).map(|c| c.id)).await)
}

/// One use of a command, in milliseconds.
async fn turn(sandbox: &Sandbox, thread: Id) -> Result<f64, Trouble> {
    let command = sandbox.look(|w| {
        let commands = w.commands.get(&Some(seed::GUILD)).into_iter().flatten();
        commands.clone().find(|c| c.name == "incident").map(|c| c.id)
    });
    let body = json!({
        "type": 2, "application_id": seed::APPLICATION, "guild_id": seed::GUILD, "channel_id": thread,
        "session_id": "bench", "nonce": Value::Null,
        "data": {"id": command.ok_or("no command")?, "name": "incident", "type": 1, "options": [
            {"type": 1, "name": "note", "options": [{"type": 3, "name": "text", "value": "a short note"}]}
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

/// Brings the journal in this folder to a million events, as the engine itself would.
fn million(folder: &Path) -> Result<(), Trouble> {
    let house = house::sandbox("http://127.0.0.1").map_err(|p| format!("{p:?}"))?;
    let guild = GuildId(seed::GUILD.0);
    let journal = SledJournal::open(&folder.join("data/journal"))?;
    let mut committer = Committer::open(journal, Arc::new(house)).map_err(|d| d.0)?;
    let mut n = u32::try_from(committer.state().head.0)?;
    while n < MILLION {
        let inputs: Vec<Input> = (0..64).map(|i| note(n + i, guild)).collect();
        committer.commit(Timestamp(1_795_000_000_000 + i64::from(n)), &inputs);
        n += 64;
    }
    committer.snapshot();
    println!(
        "(a journal of {} commits, {} incidents)",
        committer.state().head,
        committer.state().incidents.len()
    );
    drop(committer.into_journal());
    Ok(())
}

/// Every thousandth declares an incident, every other writes into the newest.
fn note(n: u32, guild: GuildId) -> Input {
    let text = |s: &str| Arg::Text(s.to_owned());
    let (command, args) = if n % 1000 < 64 && n.is_multiple_of(64) {
        ("incident declare", vec![("title", text("one of many")), ("severity", text("P4"))])
    } else {
        (
            "incident note",
            vec![
                ("text", text("something was seen and written down")),
                ("incident", text(&(n / 1000).max(1).to_string())),
            ],
        )
    };
    Input::Interaction(Interaction {
        id: InteractionId(u64::from(n) + 1),
        token: String::new(),
        guild: Some(guild),
        channel: ChannelId(1),
        by: Actor {
            person: Somebody { id: UserId(1), name: "responder".into() },
            roles: vec![RoleId(seed::ROLE_RESPONDER.0)],
        },
        act: Act::Command(Invocation {
            command: command.to_owned(),
            args: args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
        }),
    })
}

/// The median, and how far the middle nine tenths spread.
fn say(what: &str, unit: &str, figures: &mut [f64]) {
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
