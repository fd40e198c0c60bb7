//! `muster sandbox`, and what `muster` alone does: a Discord on loopback, and Muster in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::args::SandboxArgs;
use super::bot::Bot;
use super::output::{asked_to_stop, failed, log, runtime};
use super::{calendar_key, journal, practice, socket};
use crate::discord::Token;
use crate::engine::Engine;
use crate::house::{self, Practice};
use crate::journal::{Journal as _, SledJournal};
use crate::kit::clock::Clock;
use crate::kit::random;
use crate::model::ids::Seq;
use crate::model::input::Input;
use crate::runner::Secrets;
use crate::sandbox::practice::{soundfoundry, soundscape};
use crate::sandbox::world::seed;
use crate::sandbox::{Beside, Sandbox, Setup};

/// Runs until it is asked to stop.
pub fn run(args: &SandboxArgs) -> ExitCode {
    log();
    match runtime().and_then(|rt| rt.block_on(play(args))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => failed(why),
    }
}

async fn play(args: &SandboxArgs) -> Result<(), String> {
    // The only place where the clock of a Muster that runs can be moved.
    let clock = Clock::movable();
    let sandbox = open(args, &clock).await?;
    let url = sandbox.api_url();
    let data = Data::of(args.data.as_deref())?;
    let muster = std::env::current_exe().map_err(|e| format!("this program cannot find itself: {e}"))?;
    let practice = Practice { address: &url, muster: &practice::word(&muster), data: &data.spelled()? };
    let house = house::sandbox_with(practice).map_err(|problems| {
        let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
        format!("the built-in files are wrong, which is a mistake of Muster's:\n{}", list.join("\n"))
    })?;
    repository(&data.folder, &muster, &sandbox).await;
    let kept = SledJournal::open_or_create(&journal::folder(&data.folder)).map_err(|e| e.to_string())?;
    let old = kept.reader().head().seq > Seq(0);
    let mut reached = house.clone();
    let zone = house.settings.timezone.name();
    let bot = Bot::start_with(kept, house, Token::new(seed::BOT_TOKEN), clock.clone(), secrets());
    let mut bot = bot.await.map_err(|d| d.0)?;
    bot.look_after(&data.folder).map_err(|d| d.0)?;
    sandbox.show_beside(Arc::new(Shown { engine: bot.engine().clone(), clock, zone }));
    let listening = socket::listen(&data.folder, bot.watch())?;
    if old {
        // A sandbox's Discord begins anew each time: what the journal knows of its commands is not so any more.
        let forget = Input::CommandsRegistered { hash: String::new() };
        bot.engine().submit(forget).await.map_err(|r| r.0)?;
    }
    // Only now it is known where calendars are fetched.
    calendar_key::hand_over(&mut reached, &data.folder);
    reached.settings.intake.public_url = bot.watch().intake.map(|at| format!("http://{at}"));
    bot.reloader().reload(reached).await;
    bot.ready().await.map_err(|d| d.0)?;
    println!("Muster's sandbox is at {url}\n");
    println!("Open it in a browser, choose who you are, and type /health in #incidents.");
    println!("In another terminal: muster run soundlab rollback --dry-run --data {}", data.folder.display());
    if let Some(address) = bot.watch().intake {
        println!("Alerts come in at http://{address}: for Prometheus it is an Alertmanager.");
    }
    println!("Ctrl-C ends it.");
    let ended = tokio::select! {
        () = asked_to_stop() => Ok(()),
        down = bot.stopped() => Err(down.0),
    };
    listening.abort();
    bot.stop().await;
    sandbox.stop().await;
    ended
}

/// Muster's journal and clock, beside the sandbox's Discord.
struct Shown {
    engine: Engine,
    clock: Clock,
    zone: &'static str,
}

#[async_trait::async_trait]
impl Beside for Shown {
    fn journal(&self) -> String {
        let ids = self.engine.journal().map(|reader| reader.ids()).unwrap_or_default();
        ids.last().map(|id| id.id.clone()).unwrap_or_default()
    }

    fn zone(&self) -> Option<String> {
        Some(self.zone.to_owned())
    }

    fn head(&self) -> u64 {
        self.engine.head().borrow().0
    }

    async fn commits_after(&self, seq: u64, most: usize) -> Vec<String> {
        if self.engine.head().wait_for(|head| head.0 > seq).await.is_err() {
            return Vec::new();
        }
        let Ok(reader) = self.engine.journal() else { return Vec::new() };
        let read = move || {
            let whole = reader.from(Seq(seq + 1)).take(most).map_while(Result::ok);
            whole.filter_map(|commit| serde_json::to_string(&commit).ok()).collect()
        };
        tokio::task::spawn_blocking(read).await.unwrap_or_default()
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }
}

/// Opens the sandbox at the port asked for, or at another one where that is in use.
async fn open(args: &SandboxArgs, clock: &Clock) -> Result<Sandbox, String> {
    let setup = |port| {
        let clock = clock.clone();
        Setup { port, request_log: args.request_log.clone(), ..Setup::new(Arc::new(move || clock.now().0)) }
    };
    let sandbox = match Sandbox::start(setup(args.port)).await {
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => {
            println!("Port {} is in use; another one is taken.", args.port);
            Sandbox::start(setup(0)).await
        }
        other => other,
    };
    sandbox.map_err(|e| format!("the sandbox cannot be opened on 127.0.0.1: {e}"))
}

/// The repository of the practice nexus, and its newest commit deployed. Without git there is none: the
/// rest of the sandbox does not need it.
async fn repository(data: &Path, muster: &Path, sandbox: &Sandbox) {
    let (folder, muster, url) = (data.join("practice/nexus"), muster.to_owned(), sandbox.api_url());
    let made = tokio::task::spawn_blocking(move || practice::repository(&folder, &muster, &url)).await;
    let made = made.unwrap_or_else(|e| Err(e.to_string()));
    let told = made
        .and_then(|made| sandbox.fleet().tool(Some("nexus"), "platform", &["deploy", made.newest.as_str()]));
    if let Err(why) = told {
        println!("Nexus cannot be rolled back in this sandbox: {why}");
    }
}

/// The data folder: a person's, or one that is gone when the sandbox ends.
struct Data {
    folder: PathBuf,
    keep: bool,
}

impl Data {
    fn of(chosen: Option<&Path>) -> Result<Data, String> {
        let data = match chosen {
            Some(folder) => Data { folder: folder.to_owned(), keep: true },
            None => {
                let name = format!("muster-sandbox-{}", random::letters(8)?);
                Data { folder: std::env::temp_dir().join(name), keep: false }
            }
        };
        let folder = &data.folder;
        std::fs::create_dir_all(folder)
            .map_err(|e| format!("the folder {} cannot be made: {e}", folder.display()))?;
        Ok(data)
    }

    /// Its absolute path, as settings spell it.
    fn spelled(&self) -> Result<String, String> {
        let whole = self.folder.canonicalize().map_err(|e| format!("{}: {e}", self.folder.display()))?;
        let text = whole.to_str().map(str::to_owned);
        text.ok_or_else(|| format!("{} is no text: choose another data folder", whole.display()))
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        if !self.keep {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// The secrets of the practice services, so that a runbook's step that names one runs in the sandbox
/// as well. They open nothing but these services. What the environment sets is taken before them.
pub fn secrets() -> Secrets {
    let all = [
        ("SCOPE_PROXY_WRITE_TOKEN", soundscape::WRITE_TOKEN),
        ("SOUNDFOUNDRY_TOKEN", soundfoundry::USER_TOKEN),
        ("SOUNDFOUNDRY_FREE_TOKEN", soundfoundry::FREE_TOKEN),
        ("SOUNDFOUNDRY_PRO_TOKEN", soundfoundry::PRO_TOKEN),
    ];
    let all: BTreeMap<String, String> = all.map(|(n, v)| (n.to_owned(), v.to_owned())).into();
    Secrets::environment().or(all)
}
