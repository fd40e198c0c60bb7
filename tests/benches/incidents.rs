//! What very many incidents cost: `/incident list` and memory with a thousand that are closed, and with
//! a hundred thousand. The real program as a process of its own, against the sandbox in this one.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use muster::engine::committer::Committer;
use muster::house;
use muster::journal::SledJournal;
use muster::kit::time::Timestamp;
use muster::model::effect::{Effect, Place};
use muster::model::event::Settlement;
use muster::model::ids::{ChannelId, GuildId, InteractionId, MessageId, RoleId, UserId};
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::person::{Actor, Person};
use muster::sandbox::world::seed;
use serde_json::json;

mod program;
mod quiet;

use program::{Trouble, say, start, turn, world};

/// How many incidents are declared and ended together: their commits share a flush.
const AT_ONCE: u32 = 64;
const TURNS: usize = 2_000;

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
    // The same folder twice: what the many add is the difference.
    for many in [1_024, 102_400] {
        fill(folder.path(), many)?;
        let (running, took) = start(&sandbox, folder.path()).await?;
        let list = json!({"name": "list", "type": 1, "options": []});
        for _ in 0..200 {
            turn(&sandbox, seed::INCIDENTS, &list).await?;
        }
        let before = running.resident()?;
        let mut turns = vec![];
        for _ in 0..TURNS {
            turns.push(turn(&sandbox, seed::INCIDENTS, &list).await?);
        }
        say(&format!("/incident list with {many} closed incidents"), "ms", &mut turns);
        println!(
            "  start to READY {took:.0} ms; resident {before:.1} MB, after the lists {:.1} MB",
            running.resident()?
        );
    }
    Ok(())
}

/// Brings the journal in this folder to so many incidents, all of them closed.
fn fill(folder: &Path, many: u32) -> Result<(), Trouble> {
    let house = house::sandbox("http://127.0.0.1").map_err(|p| format!("{p:?}"))?;
    std::fs::create_dir_all(folder.join("data"))?;
    let journal = SledJournal::open_or_create(&folder.join("data/journal"))?;
    let mut committer = Committer::open(journal, Arc::new(house)).map_err(|d| d.0)?;
    while committer.state().next_incident().0 <= many {
        let first = committer.state().next_incident().0;
        let ids = first..first + AT_ONCE;
        let declared = [("title", "one of many, with a title as people write them"), ("severity", "P3")];
        step(&mut committer, ids.clone().map(|_| command("incident declare", &declared)));
        for (name, how) in [("incident resolve", true), ("incident close", false)] {
            let all = ids.clone().map(|id| {
                let id = id.to_string();
                let how = how.then_some(("how", "restarted"));
                let args: Vec<(&str, &str)> = [("incident", &*id)].into_iter().chain(how).collect();
                command(name, &args)
            });
            step(&mut committer, all);
        }
    }
    committer.snapshot();
    println!("(a journal of {} commits, {many} incidents that are over)", committer.state().head);
    drop(committer.into_journal());
    Ok(())
}

/// Commits these, and settles what they owe.
fn step(committer: &mut Committer<SledJournal>, acts: impl Iterator<Item = Act>) {
    let at = |c: &Committer<SledJournal>| {
        Timestamp(1_700_000_000_000 + i64::try_from(c.state().head.0).unwrap_or(0) * 1_000)
    };
    let head = committer.state().head.0;
    let inputs: Vec<Input> = acts.zip(1..).map(|(act, n)| interaction(head * 100 + n, act)).collect();
    let now = at(committer);
    committer.commit(now, &inputs);
    while !committer.state().unsettled.is_empty() {
        let owed = committer.state().unsettled.iter().map(|(id, owed)| {
            let number = 1_400_000_000_000_000_000 + id.seq.0 * 100 + u64::from(id.index);
            let outcome = match &owed.effect {
                Effect::OpenThread { .. } => Settlement::Opened { thread: ChannelId(number) },
                Effect::PostBoard { .. } => {
                    Settlement::Posted { channel: ChannelId(number), message: MessageId(number) }
                }
                Effect::Say { place: Place::Channel(channel), .. } | Effect::PostCard { channel, .. } => {
                    Settlement::Posted { channel: *channel, message: MessageId(number) }
                }
                _ => Settlement::Shown,
            };
            Input::Settled { effect: *id, outcome }
        });
        let owed: Vec<Input> = owed.collect();
        let now = at(committer);
        for some in owed.chunks(64) {
            committer.commit(now, some);
        }
    }
}

fn command(name: &str, args: &[(&str, &str)]) -> Act {
    let args = args.iter().map(|(k, v)| ((*k).to_owned(), Arg::Text((*v).to_owned())));
    Act::Command(Invocation { command: name.to_owned(), args: args.collect() })
}

fn interaction(n: u64, act: Act) -> Input {
    Input::Interaction(Interaction {
        id: InteractionId(n),
        token: String::new(),
        guild: Some(GuildId(seed::GUILD.0)),
        channel: ChannelId(1),
        by: Actor {
            person: Person { id: UserId(1), name: "responder".into() },
            roles: vec![RoleId(seed::ROLE_RESPONDER.0)],
        },
        act,
    })
}
