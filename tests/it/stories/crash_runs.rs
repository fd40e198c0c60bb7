//! SIGKILL at the boundaries of a run: before every commit is durable, and around requests. Its
//! step really forks a child that would live for ten minutes and appends a line to a file when it
//! starts; a server counts the POSTs that reach it. After the restart nothing of the child is
//! left, nothing was done twice, and the run goes on or asks.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use muster::kit::clock::Clock;
use muster::sandbox::client::text_of;
use muster::sandbox::world::{Message, World, interactive, seed};
use muster::sandbox::{Fault, Limits, Person, Rule, Sandbox, Setup};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use tempfile::TempDir;
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Interest};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::support::soon;

const MUSTER: &str = env!("CARGO_BIN_EXE_muster");
/// How many scenes are played at once: each waits more than it works.
const AT_ONCE: u32 = 4;

const BOOK: &str = r#"---
runbook: 1
service: shop
vars: [base, STARTED]
actions:
  go: {section: go, lock: deploy, approve: {count: 1, role: approver, by-other: true, within: 15m}}
---
# Shop
## Go
```http {name=alive}
GET {{base}}/alive
HTTP 200
```
```sh {name=fork}
#| env: [STARTED]
setsid bash -c 'echo started >> "$STARTED"; exec sleep 600' > /dev/null 2>&1 &
until [ -s "$STARTED" ]; do sleep 0.02; done
sleep 0.1
```
```http {name=kick}
POST {{base}}/kick
HTTP 200
```
- [ ] look at it
"#;

/// Where the process is killed.
#[derive(Clone, Copy, Debug)]
enum Kill {
    /// As it asks for its n-th fdatasync: the group is written and not durable.
    AtSync(u32),
    /// Before the request that follows the n-th is done.
    BeforeRequest(u32),
    /// After it is done, and before Muster hears of it.
    AfterRequest(u32),
}

/// A sandbox and a service that live on, and the folder of the Muster that is killed.
struct Scene {
    sandbox: Sandbox,
    folder: TempDir,
    posts: Arc<AtomicUsize>,
}

impl Scene {
    async fn open() -> Scene {
        let clock = Clock::system();
        let setup = Setup { limits: Limits::lifted(), ..Setup::new(Arc::new(move || clock.now().0)) };
        let sandbox = Sandbox::start(setup).await.unwrap();
        let (base, posts) = service().await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("runbooks")).unwrap();
        std::fs::write(folder.path().join("runbooks/shop.md"), BOOK).unwrap();
        let toml = include_str!("../../../data/sandbox.toml");
        let services = toml.find("[services").unwrap_or(toml.len());
        let mut toml = toml[..services].replace("{sandbox}", &sandbox.api_url());
        let started = folder.path().join("started");
        toml.push_str(&format!("[services.shop.vars]\nbase = \"{base}\"\nSTARTED = {started:?}\n"));
        std::fs::write(folder.path().join("muster.toml"), toml).unwrap();
        Scene { sandbox, folder, posts }
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

    fn started(&self) -> PathBuf {
        self.folder.path().join("started")
    }

    /// How often the child was started.
    fn starts(&self) -> usize {
        std::fs::read_to_string(self.started()).unwrap_or_default().lines().count()
    }

    /// The processes of steps of this scene that live.
    fn children(&self) -> Vec<String> {
        let mine = format!("STARTED={}", self.started().display());
        let marked = |environment: &[u8]| {
            let mut all = environment.split(|b| *b == 0);
            all.clone().any(|e| e.starts_with(b"MUSTER_STEP=")) && all.any(|e| e == mine.as_bytes())
        };
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        let marked = all.filter(|p| std::fs::read(p.path().join("environ")).is_ok_and(|e| marked(&e)));
        marked.map(|p| p.file_name().to_string_lossy().into_owned()).collect()
    }

    /// Does what the run's card asks for, until the run is over. Gives what its card says then.
    async fn act(&self) -> String {
        let mut last = String::new();
        loop {
            let before = last.clone();
            let shown = self.sandbox.wait_for(move |w| card(w).filter(|(_, text, _)| *text != before));
            // Without a card nobody has asked yet, or nobody was answered.
            let shown = match self.sandbox.look(card) {
                None => {
                    let options = [("service", "shop".into()), ("action", "go".into())];
                    let asked = self.sandbox.client(Person::Responder).slash("runbook", &options).await;
                    if !asked.is_ok_and(|answer| !answer.failed()) {
                        // Nobody was there to hear it: the person asks again when somebody is.
                        self.sandbox.wait_for_bots(1).await;
                        continue;
                    }
                    shown.await
                }
                Some(_) => shown.await,
            };
            let (message, text, labels) = shown;
            let has = |label: &str| labels.iter().any(|l| l == label);
            let (who, label) = if has("Approve") {
                (Person::Approver, "Approve")
            } else if has("Run again") {
                // Nobody knows: a person looks, and says what they see.
                let done = if text.contains("2 of 4: fork") {
                    self.starts()
                } else {
                    self.posts.load(Ordering::SeqCst)
                };
                (Person::Responder, if done == 0 { "Run again" } else { "It worked" })
            } else if has("Done") {
                (Person::Responder, "Done")
            } else if !has("Cancel run") {
                return text;
            } else {
                last = text;
                continue;
            };
            match self.sandbox.client(who).press(message, label).await {
                Ok(answer) if !answer.failed() => last = text,
                // Nobody was there to hear it: the person presses again when somebody is.
                _ => self.sandbox.wait_for_bots(1).await,
            }
        }
    }
}

/// The card of the run: which message, what it says, what can be pressed.
fn card(world: &World) -> Option<(muster::sandbox::world::Id, String, Vec<String>)> {
    let is_card = |m: &&Message| {
        m.channel == seed::INCIDENTS && m.only_for.is_none() && text_of(m).contains("RUN-1 · shop")
    };
    let card = world.messages.values().filter(|m| !m.components.is_empty()).find(is_card)?;
    let enabled = interactive(&card.components).into_iter().filter(|c| c["disabled"] != true);
    let labels = enabled.filter_map(|c| c["label"].as_str().map(str::to_owned)).collect();
    Some((card.id, text_of(card), labels))
}

/// A service that says 200 to everything and counts what is posted to it.
async fn service() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let posts = Arc::new(AtomicUsize::new(0));
    let count = posts.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let count = count.clone();
            tokio::spawn(async move {
                let mut head = vec![];
                while !head.windows(4).any(|w| w == b"\r\n\r\n") {
                    match socket.read_buf(&mut head).await {
                        Ok(n) if n > 0 => {}
                        _ => return,
                    }
                }
                if head.starts_with(b"POST") {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
                let _ = socket.write_all(answer).await;
            });
        }
    });
    (address, posts)
}

/// Kills at `kill`, starts again, lets people go on, and looks. Gives whether the process was
/// killed at all: a story has only so many boundaries.
async fn survive(kill: Kill) -> bool {
    let scene = Scene::open().await;
    if let Kill::BeforeRequest(n) | Kill::AfterRequest(n) = kill {
        let fault = if matches!(kill, Kill::BeforeRequest(_)) { Fault::Hang } else { Fault::DoneButSilent };
        scene.sandbox.faults().inject(Rule::new(fault).times(1).after(n));
    }
    let mut child = scene.serve(Some(kill));
    let muster = program(&child);
    let story = async {
        scene.sandbox.wait_for_bots(1).await;
        scene.act().await;
        rest(&scene).await;
    };
    let killed = tokio::select! {
        () = story => false,
        () = scene.sandbox.faults().have_hit(1), if !matches!(kill, Kill::AtSync(_)) => true,
        () = gone(muster) => true,
    };
    // What strace watches outlives it, and strace outlives Muster while a child of it lives.
    let _ = kill_process(muster, Signal::KILL);
    soon("Muster's end", gone(muster)).await;
    child.kill().await.ok();
    soon("the connection to be gone", scene.sandbox.wait_for_no_bots()).await;
    scene.sandbox.faults().clear();

    let mut again = scene.serve(None);
    soon("the second start", scene.sandbox.wait_for_bots(1)).await;
    let end = soon("the run's end", scene.act()).await;
    soon("everything to come to rest", rest(&scene)).await;
    assert!(end.contains("**Passed**"), "{kill:?}: {end}");
    assert_eq!(scene.starts(), 1, "{kill:?}: the child was started so often");
    assert_eq!(scene.posts.load(Ordering::SeqCst), 1, "{kill:?}: the service was told so often");
    assert_eq!(scene.children(), [""; 0], "{kill:?}: they were left behind");
    again.kill().await.ok();
    let mut verify = Command::new(MUSTER);
    let verified = verify.args(["verify", "--data", "data"]).current_dir(scene.folder.path()).output().await;
    let verified = verified.unwrap();
    assert!(verified.status.success(), "{kill:?}: {verified:?}");
    killed
}

/// Muster itself: what was started, or what strace started.
fn program(started: &Child) -> Pid {
    let pid = started.id().expect("it runs");
    loop {
        let below = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let all = below.split_whitespace().filter_map(|p| p.parse().ok()).chain([pid]);
        let mut all = all.filter(|p: &u32| {
            std::fs::read_link(format!("/proc/{p}/exe")).is_ok_and(|exe| exe == Path::new(MUSTER))
        });
        if let Some(found) = all.next().and_then(|p| Pid::from_raw(i32::try_from(p).ok()?)) {
            return found;
        }
    }
}

/// Waits until a process has ended.
async fn gone(pid: Pid) {
    // One that is buried already cannot be opened.
    if let Ok(end) = pidfd_open(pid, PidfdFlags::NONBLOCK) {
        // Deprecated because it takes a number as well; this is an owned descriptor.
        #[allow(deprecated)]
        let end = AsyncFd::with_interest(end, Interest::READABLE).expect("a pidfd can be waited for");
        end.readable().await.expect("a pidfd can be waited for").retain_ready();
    }
}

/// Waits until the running Muster owes nothing, as `muster status` tells.
async fn rest(scene: &Scene) {
    loop {
        let mut status = Command::new(MUSTER);
        status.args(["status", "--data", "data"]).current_dir(scene.folder.path());
        let said = String::from_utf8_lossy(&status.output().await.unwrap().stdout).into_owned();
        if said.contains("gateway: ready") && said.contains("owed: 0") {
            return;
        }
    }
}

/// Tries every `step`-th boundary until the story is over before it.
async fn every(kill: impl Fn(u32) -> Kill, step: u32, at_least: u32) {
    let mut n = 0;
    loop {
        let group = (0..AT_ONCE).map(|i| survive(kill(n + i * step)));
        let killed = join_all(group).await;
        if killed.contains(&false) {
            break;
        }
        n += AT_ONCE * step;
    }
    let all = n + AT_ONCE * step;
    assert!(all > at_least, "the story has only {all} boundaries of this kind");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_before_every_commit() {
    every(|n| Kill::AtSync(n + 1), 1, 16).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_before_requests() {
    every(Kill::BeforeRequest, 3, 12).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_after_requests() {
    every(Kill::AfterRequest, 3, 12).await;
}
