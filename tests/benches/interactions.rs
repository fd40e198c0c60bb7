//! How fast Muster answers, how soon it is there, and how much memory it takes: the real
//! program as a process of its own, against the sandbox in this one.
//!
//! A turn is: the sandbox sends INTERACTION_CREATE over the gateway, Muster decides, commits
//! durably, and answers by REST; it ends when the sandbox has the answer. What is used is
//! `/incident note` by somebody who may not: one durable commit, one answer, no post besides.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use muster::engine::committer::Committer;
use muster::house;
use muster::journal::SledJournal;
use muster::kit::time::Timestamp;
use muster::model::ids::{ChannelId, GuildId, InteractionId, RoleId, UserId};
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::person::{Actor, Person as Somebody};
use muster::sandbox::world::{Id, seed};
use muster::sandbox::{Person, Sandbox};
use serde_json::{Value, json};

mod program;
mod quiet;

use program::{Trouble, say, start, turn, world};

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

async fn bench() -> Result<(), Trouble> {
    let (sandbox, folder) = world().await?;

    let mut starts = vec![];
    for _ in 0..STARTS {
        starts.push(start(&sandbox, folder.path()).await?.1);
    }
    say("start to READY", "ms", &mut starts);

    let (running, _) = start(&sandbox, folder.path()).await?;
    println!("resident when idle: {:.1} MB", running.resident()?);
    let thread = declared(&sandbox).await?;
    for _ in 0..200 {
        turn(&sandbox, thread, &refused_note()).await?;
    }
    let mut turns = vec![];
    for _ in 0..TURNS {
        turns.push(turn(&sandbox, thread, &refused_note()).await?);
    }
    say("a turn, one at a time", "ms", &mut turns);

    let (mut rates, mut resident) = (vec![], vec![format!("{:.1}", running.resident()?)]);
    for _ in 0..5 {
        let begun = Instant::now();
        let tasks = (0..AT_ONCE).map(|_| {
            let sandbox = sandbox.clone();
            tokio::spawn(async move {
                for _ in 0..MANY / 5 / AT_ONCE {
                    turn(&sandbox, thread, &refused_note()).await.map_err(|e| e.to_string())?;
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

/// What is used: a note, by somebody who may not.
fn refused_note() -> Value {
    json!({"name": "note", "type": 1, "options": [{"type": 3, "name": "text", "value": "a short note"}]})
}

async fn declared(sandbox: &Sandbox) -> Result<Id, Trouble> {
    let client = sandbox.client(Person::Responder);
    client.slash("incident declare", &[("title", "bench".into()), ("severity", "P4".into())]).await?;
    Ok(sandbox.wait_for(|w| w.channels.values().find(|c| c.name.starts_with("INC-1 ")).map(|c| c.id)).await)
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
