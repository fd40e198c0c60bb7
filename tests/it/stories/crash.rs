//! SIGKILL at every boundary of a story: before every commit is durable, and before and after
//! every request to Discord. After the restart all that was answered is there, and every post
//! is there once.
//!
//! Nothing in the program helps: `strace` kills the real process at its n-th fdatasync, and the
//! sandbox holds the n-th request, undone or done, until the process is killed.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use muster::kit::clock::Clock;
use muster::sandbox::world::{Id, seed};
use muster::sandbox::{Client, Fault, Limits, Person, Rule, Sandbox, Setup, client};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::support::{kill_whole, soon};

const MUSTER: &str = env!("CARGO_BIN_EXE_muster");

/// Where the process is killed.
#[derive(Clone, Copy, Debug)]
enum Kill {
    /// As it asks for its n-th fdatasync: the group is written and not durable.
    AtSync(u32),
    /// Before the request that follows the n-th is done.
    BeforeRequest(u32),
    /// After the request that follows the n-th is done, and before Muster hears of it.
    AfterRequest(u32),
}

/// A sandbox that lives on, and the folder of the Muster that is killed.
struct Scene {
    sandbox: Sandbox,
    folder: TempDir,
}

impl Scene {
    async fn open() -> Scene {
        let clock = Clock::system();
        let setup = Setup { limits: Limits::lifted(), ..Setup::new(Arc::new(move || clock.now().0)) };
        let sandbox = Sandbox::start(setup).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("runbooks")).unwrap();
        let toml = include_str!("../../../data/sandbox.toml");
        let services = toml.find("[services").unwrap_or(toml.len());
        let toml = toml[..services].replace("{sandbox}", &sandbox.api_url());
        std::fs::write(folder.path().join("muster.toml"), toml).unwrap();
        Scene { sandbox, folder }
    }

    fn serve(&self, kill: Option<Kill>) -> Child {
        let mut command = match kill {
            Some(Kill::AtSync(n)) => {
                let mut strace = Command::new("strace");
                strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e"]);
                strace.arg(format!("inject=fdatasync:signal=KILL:when={n}")).arg(MUSTER);
                strace
            }
            _ => Command::new(MUSTER),
        };
        command.args(["serve", "--config", "muster.toml", "--data", "data"]);
        command.current_dir(self.folder.path()).env("DISCORD_TOKEN", seed::BOT_TOKEN);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        command.spawn().expect("strace and muster can be started (apt-get install strace)")
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }
}

/// The story: three ways of saying something, ten commits and more, nine posts.
const NOTES: [&str; 5] = ["first look", "logs read", "relay restarted", "clients return", "all quiet"];
const TITLE: &str = "streams stop";

/// Acts the story as far as it goes, and gives what was answered as done.
async fn act(responder: &Client) -> Vec<&'static str> {
    let mut answered = vec![];
    let declared =
        responder.slash("incident declare", &[("title", TITLE.into()), ("severity", "P2".into())]).await;
    if !declared.is_ok_and(|a| a.text().contains("is declared")) {
        return answered;
    }
    answered.push(TITLE);
    for note in NOTES {
        let noted = responder.slash("incident note", &[("text", note.into())]).await;
        if !noted.is_ok_and(|a| a.text().contains("Noted")) {
            return answered;
        }
        answered.push(note);
    }
    let resolved = responder.slash("incident resolve", &[("how", "a relay was replaced".into())]).await;
    if resolved.is_ok_and(|a| a.text().contains("is resolved")) {
        answered.push("a relay was replaced");
    }
    answered
}

/// Kills at `kill`, starts again, lets everything come to rest, and looks.
///
/// Gives whether the process was killed at all: a story has only so many boundaries.
async fn survive(kill: Kill) -> bool {
    let scene = Scene::open().await;
    let responder = scene.sandbox.client(Person::Responder);
    let after = |n| match kill {
        Kill::BeforeRequest(_) => Rule::new(Fault::Hang).times(1).after(n),
        _ => Rule::new(Fault::DoneButSilent).times(1).after(n),
    };
    if let Kill::BeforeRequest(n) | Kill::AfterRequest(n) = kill {
        scene.sandbox.faults().inject(after(n));
    }
    let mut child = scene.serve(Some(kill));
    let story = async {
        scene.sandbox.wait_for_bots(1).await;
        let answered = act(&responder).await;
        (answered, rest(&scene.data()).await)
    };
    let mut answered = vec![];
    let killed = tokio::select! {
        (done, ()) = story => {
            answered = done;
            false
        }
        () = scene.sandbox.faults().have_hit(1), if !matches!(kill, Kill::AtSync(_)) => true,
        _ = child.wait() => true,
    };
    // What was answered before the end is what the person can still see.
    kill_whole(&mut child).await;
    soon("the connection to be gone", scene.sandbox.wait_for_no_bots()).await;
    scene.sandbox.faults().clear();
    if killed {
        answered = told(&scene.sandbox);
    }

    let mut again = scene.serve(None);
    soon("the second start", scene.sandbox.wait_for_bots(1)).await;
    soon("everything to come to rest", rest(&scene.data())).await;
    look(&scene.sandbox, &answered, kill);
    again.kill().await.ok();
    let verified =
        std::process::Command::new(MUSTER).args(["verify", "--data"]).arg(scene.data()).output().unwrap();
    assert!(verified.status.success(), "{kill:?}: {verified:?}");
    killed
}

/// Waits until the running Muster owes nothing, as `muster status` tells.
async fn rest(data: &Path) {
    loop {
        let status = Command::new(MUSTER).args(["status", "--data"]).arg(data).output().await.unwrap();
        let said = String::from_utf8_lossy(&status.stdout).into_owned();
        if said.contains("gateway: ready") && said.contains("owed: 0") {
            return;
        }
    }
}

/// What people were told is done: the private answers that they see.
fn told(sandbox: &Sandbox) -> Vec<&'static str> {
    let said = |words: &str| {
        sandbox.look(|w| {
            w.messages.values().filter(|m| m.only_for.is_some() && client::text_of(m).contains(words)).count()
        })
    };
    let mut told = vec![];
    if said("is declared") > 0 {
        told.push(TITLE);
    }
    told.extend(NOTES.iter().take(said("Noted")));
    if said("is resolved") > 0 {
        told.push("a relay was replaced");
    }
    told
}

/// All that was answered is in the world, and nothing is there twice.
fn look(sandbox: &Sandbox, answered: &[&str], kill: Kill) {
    let posts: Vec<(Id, String)> = sandbox.look(|w| {
        let visible = w.messages.values().filter(|m| m.only_for.is_none() && m.author == seed::BOT);
        visible.map(|m| (m.channel, client::text_of(m))).collect()
    });
    let count = |channel: Option<Id>, words: &str| {
        posts.iter().filter(|(c, t)| channel.is_none_or(|w| w == *c) && t.contains(words)).count()
    };
    let cards = count(Some(seed::INCIDENTS), TITLE);
    let lists = count(None, "INC-1 · after the incident");
    assert!(cards <= 1 && lists <= 1, "{kill:?}: {posts:#?}");
    assert_eq!(count(Some(seed::REPORTS), "Report"), 0, "{kill:?}: nobody published one");
    assert!(count(None, "Declared** by") <= 1, "{kill:?}: {posts:#?}");
    for note in NOTES {
        let there = count(None, note);
        assert!(there <= 1, "{kill:?}: {note} is there {there} times");
        assert!(there == 1 || !answered.contains(&note), "{kill:?}: {note} was answered and is not there");
    }
    assert!(cards == 1 || !answered.contains(&TITLE), "{kill:?}: {posts:#?}");
    assert!(lists == 1 || !answered.contains(&"a relay was replaced"), "{kill:?}: {posts:#?}");
}

/// Tries every boundary until the story is over before it.
async fn every(kill: impl Fn(u32) -> Kill, at_least: u32) {
    let mut n = 1;
    while survive(kill(n)).await {
        n += 1;
    }
    assert!(n > at_least, "the story has only {n} boundaries of this kind");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_every_commit() {
    every(Kill::AtSync, 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_every_request() {
    every(|n| Kill::BeforeRequest(n - 1), 14).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_every_request() {
    every(|n| Kill::AfterRequest(n - 1), 14).await;
}
