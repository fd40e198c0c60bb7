//! SIGKILL while alerts come in: before an answer, and after it. What was answered is there after the
//! restart, what was not is sent again, and people see each problem once.
//!
//! Nothing in the program helps: `strace` kills the real process as it makes its n-th commit durable.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use axum::http::Method;
use muster::kit::clock::Clock;
use muster::sandbox::world::seed;
use muster::sandbox::{Limits, Sandbox, Setup, client};
use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::support::{kill_whole, soon};

const MUSTER: &str = env!("CARGO_BIN_EXE_muster");
const NAMES: [&str; 3] = ["RelayDown", "QueueLong", "DiskFull"];

struct Scene {
    sandbox: Sandbox,
    folder: TempDir,
    base: String,
    client: Client,
}

impl Scene {
    async fn open() -> Scene {
        let clock = Clock::system();
        let setup = Setup { limits: Limits::lifted(), ..Setup::new(Arc::new(move || clock.now().0)) };
        let sandbox = Sandbox::start(setup).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("runbooks")).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let toml = include_str!("../../../data/sandbox.toml");
        let services = toml.find("[services").unwrap_or(toml.len());
        let toml = toml[..services].replace("{sandbox}", &sandbox.api_url());
        let toml = toml.replace("127.0.0.1:0", &format!("127.0.0.1:{port}"));
        std::fs::write(folder.path().join("muster.toml"), toml).unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Scene { sandbox, folder, base: format!("http://127.0.0.1:{port}"), client }
    }

    fn serve(&self, sync: Option<u32>) -> Child {
        let mut command = match sync {
            Some(n) => {
                let mut strace = Command::new("strace");
                strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e"]);
                strace.arg(format!("inject=fdatasync:signal=KILL:when={n}")).arg(MUSTER);
                strace
            }
            None => Command::new(MUSTER),
        };
        command.args(["serve", "--config", "muster.toml", "--data", "data"]);
        command.current_dir(self.folder.path()).env("DISCORD_TOKEN", seed::BOT_TOKEN);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        command.spawn().expect("strace and muster can be started (apt-get install strace)")
    }

    async fn ask(&self, method: Method, path: &str, body: String) -> Option<(u16, String)> {
        let request = self.client.request(method, format!("{}{path}", self.base));
        let sent = request.header("content-type", "application/json").body(body).send().await.ok()?;
        Some((sent.status().as_u16(), sent.text().await.ok()?))
    }

    /// Sends an alert, and says whether it was taken.
    async fn sent(&self, name: &str) -> bool {
        let alert = serde_json::json!([{
            "labels": {"alertname": name, "severity": "warning"}, "endsAt": "2099-01-01T00:00:00Z",
            "annotations": {"summary": format!("the problem {name}")},
        }]);
        matches!(self.ask(Method::POST, "/api/v2/alerts", alert.to_string()).await, Some((200, _)))
    }

    /// The names of what fires, as its API says.
    async fn firing(&self) -> Vec<String> {
        let (status, page) = self.ask(Method::GET, "/api/v2/alerts", String::new()).await.expect("answered");
        assert_eq!(status, 200, "{page}");
        let all: Vec<Value> = serde_json::from_str(&page).unwrap();
        all.iter().map(|a| a["labels"]["alertname"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Waits until it listens, or has ended.
    async fn listens(&self, child: &mut Child) -> bool {
        loop {
            if self.ask(Method::GET, "/healthz", String::new()).await.is_some() {
                return true;
            }
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}

/// Kills at the n-th flush, or after the last answer where there are fewer. Gives whether the flush
/// did it, and how many were answered before.
async fn survive(n: u32) -> (bool, usize) {
    let scene = Scene::open().await;
    let mut child = scene.serve(Some(n));
    let mut answered = vec![];
    if soon("a start or an end", scene.listens(&mut child)).await {
        for name in NAMES {
            if !scene.sent(name).await {
                break;
            }
            answered.push(name);
        }
    }
    // What was answered last may be in the outbox still.
    let by_flush = answered.len() < NAMES.len();
    kill_whole(&mut child).await;

    let mut again = scene.serve(None);
    assert!(soon("the second start", scene.listens(&mut again)).await, "{n}");
    let there = scene.firing().await;
    for name in &answered {
        assert!(there.iter().any(|t| t == name), "{n}: {name} was answered, and only {there:?} is there");
    }
    for name in NAMES {
        assert!(scene.sent(name).await, "{n}: {name} is sent again");
    }
    soon("everything to come to rest", rest(&scene.folder.path().join("data"))).await;
    assert_eq!(scene.firing().await.len(), NAMES.len(), "{n}");
    let posts: Vec<String> = scene.sandbox.look(|w| {
        let there = w.messages.values().filter(|m| m.channel == seed::ALERTS);
        there.map(client::text_of).collect()
    });
    for name in NAMES {
        let of = |what: &str| {
            posts.iter().filter(|t| t.contains(&format!("the problem {name}")) && t.contains(what)).count()
        };
        assert_eq!(of("Status"), 1, "{n}: the card of {name} in {posts:#?}");
        assert!(of(" fires: ") <= 1, "{n}: the call for {name} in {posts:#?}");
    }
    again.kill().await.ok();
    let verified = std::process::Command::new(MUSTER)
        .args(["verify", "--data"])
        .arg(scene.folder.path().join("data"))
        .output()
        .unwrap();
    assert!(verified.status.success(), "{n}: {verified:?}");
    (by_flush, answered.len())
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

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_kept_and_what_was_not_is_sent_again() {
    let (mut n, mut counts) = (1, [0; NAMES.len() + 1]);
    // Requests that come at once share a flush: which are killed at which point is another each time.
    for _ in 0..10 {
        loop {
            let (by_flush, answered) = survive(n).await;
            counts[answered] += 1;
            if !by_flush {
                break;
            }
            n += 1;
        }
        if counts[1..].iter().all(|times| *times > 0) {
            break;
        }
        n = 1;
    }
    assert!(counts[1..].iter().all(|times| *times > 0), "killed before each answer and after: {counts:?}");
}
