//! The local socket of a running Muster, in its data folder: for the terminal, and for
//! the day Discord is down. Whoever may open the file may ask; it belongs to the user that
//! Muster runs as.
//!
//! One connection, one question, one answer, each a JSON line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;

use super::account;
use super::alerts::Look;
use super::args::ReportFormat;
use super::bot::Watch;
use super::oncall_look::OnCallLook;
use super::pages::PagesLook;
use super::plain::plain;
use crate::engine::Engine;
use crate::engine::live::Live;
use crate::journal;
use crate::kit::clock::Clock;
use crate::kit::time::Timestamp;
use crate::model::card::{Show, Tone};
use crate::model::ids::{IncidentId, RunId, Seq};
use crate::model::input::{Input, TerminalAct};
use crate::model::reply::Reply;
use crate::model::run::Run;

/// Its name in the data folder.
const NAME: &str = "muster.sock";
/// A question longer than this is none.
const LONGEST: u64 = 64 * 1024;
/// How long a question may take to arrive.
const QUESTION: Duration = Duration::from_secs(5);
/// How long somebody who watches a run waits for news.
const WATCH: Duration = Duration::from_secs(5);
/// How long a running Muster may think; a large journal takes its time to be copied.
const PATIENCE: Duration = Duration::from_secs(600);

/// What a running Muster is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// Copy the journal to this file.
    Backup(PathBuf),
    /// Check the journal.
    Verify,
    /// Say how it is doing. The answer is a [`super::status::Status`].
    Status,
    /// Write an incident's report.
    Report {
        /// Of which.
        incident: IncidentId,
        /// How.
        format: ReportFormat,
    },
    /// Run the recorded alerts through other settings.
    Replay {
        /// How far back, in seconds.
        since: u64,
        /// The settings, an absolute path.
        config: PathBuf,
        /// Whether the answer is JSON.
        json: bool,
    },
    /// Say what fires, or why people were told.
    Alerts {
        /// What of it.
        look: Look,
        /// Whether the answer is JSON.
        json: bool,
    },
    /// Say who is on call, and who comes next.
    OnCall {
        /// What of it.
        look: OnCallLook,
        /// Whether the answer is JSON.
        json: bool,
    },
    /// Say who is called, and why.
    Pages {
        /// What of it.
        look: PagesLook,
        /// Whether the answer is JSON.
        json: bool,
    },
    /// Somebody in a terminal does something with runs or pages. The answer is a [`Done`].
    Act(TerminalAct),
    /// Say how a run is once it has changed, or after some seconds. The answer is a [`Watched`].
    Watch {
        /// Which.
        run: RunId,
        /// The newest commit about it that the asker knows.
        seen: Seq,
        /// What the asker knows of what its step prints.
        live: Option<String>,
    },
}

/// What came of an act in a terminal.
#[derive(Debug, Serialize, Deserialize)]
pub struct Done {
    /// The run that it began.
    pub run: Option<RunId>,
    /// The sentence for the person.
    pub text: String,
}

/// A run, for whoever watches it in a terminal.
#[derive(Debug, Serialize, Deserialize)]
pub struct Watched {
    /// The run.
    pub run: Run,
    /// What its step printed last.
    pub live: Option<String>,
    /// What time it is there.
    pub now: Timestamp,
}

/// What it answers: a sentence, or why not.
pub type Answer = Result<String, String>;

/// Listens until the task is dropped.
///
/// # Errors
/// When the socket cannot be made, with the cure.
pub fn listen(folder: &Path, watch: Watch) -> Result<tokio::task::JoinHandle<()>, String> {
    let path = folder.join(NAME);
    // The journal's lock is held, so a socket that is there is a dead one's.
    let _ = std::fs::remove_file(&path);
    let failed = |e: std::io::Error| {
        format!(
            "the socket {} cannot be made: {e}. A shorter path for the data folder may help; it is limited to about 100 characters.",
            path.display()
        )
    };
    let listener = UnixListener::bind(&path).map_err(failed)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(tokio::spawn(async move {
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(e) => {
                    // Too many open files passes; the socket must still be there then.
                    tracing::warn!("the local socket: {e}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let watch = watch.clone();
            tokio::spawn(async move {
                let user =
                    stream.peer_cred().map_or_else(|_| "somebody".to_owned(), |c| account::name(c.uid()));
                let (read, mut write) = stream.into_split();
                let mut line = String::new();
                let mut read = tokio::io::BufReader::new(read.take(LONGEST));
                let asked = tokio::time::timeout(QUESTION, read.read_line(&mut line)).await;
                let answer = match asked.map(|_| serde_json::from_str::<Ask>(&line)) {
                    Ok(Ok(ask)) => answer(watch, user, ask).await,
                    _ => Err("that is no question that this version of Muster knows".to_owned()),
                };
                if let Ok(json) = serde_json::to_string(&answer) {
                    let _ = write.write_all(format!("{json}\n").as_bytes()).await;
                }
            });
        }
    }))
}

async fn answer(watch: Watch, user: String, ask: Ask) -> Answer {
    let reader = watch.engine.journal().map_err(|d| d.0)?;
    let work = match ask {
        Ask::Status => return json(&super::status::of(&watch).await?),
        Ask::Report { incident, format } => return super::report::of(&watch.engine, incident, format).await,
        Ask::Replay { since, config, json } => {
            let (now, since) = (watch.clock.now(), Duration::from_secs(since));
            return super::replay::beside(reader, now, since, config, json).await;
        }
        Ask::Alerts { look, json } => return super::alerts::of(&watch.engine, look, json).await,
        Ask::OnCall { look, json } => {
            return super::oncall_look::of(&watch.engine, watch.clock.now(), look, json).await;
        }
        Ask::Pages { look, json } => return super::pages::of(&watch.engine, look, json).await,
        Ask::Act(act) => return json(&acted(&watch.engine, user, act).await?),
        Ask::Watch { run, seen, live } => {
            return json(&watched(&watch.engine, &watch.live, &watch.clock, run, seen, live).await?);
        }
        Ask::Backup(to) => tokio::task::spawn_blocking(move || super::journal::copied(&*reader, &to)),
        Ask::Verify => tokio::task::spawn_blocking(move || {
            journal::verify(&*reader).map(|v| super::journal::whole(&v)).map_err(|d| d.to_string())
        }),
    };
    work.await.unwrap_or_else(|e| Err(e.to_string()))
}

fn json(value: &impl Serialize) -> Answer {
    serde_json::to_string(value).map_err(|e| e.to_string())
}

/// Does something with runs or pages.
///
/// # Errors
/// The refusal.
pub async fn acted(engine: &Engine, user: String, act: TerminalAct) -> Result<Done, String> {
    let zone = engine.read(|_, house| house.settings.timezone).await.map_err(|d| d.0)?;
    let plain = |text: String| plain(&text, zone);
    let reply = engine.submit(Input::Terminal { user, act }).await.map_err(|r| plain(r.0))?;
    Ok(match reply {
        Reply::Run { run, text } => Done { run: Some(run), text: plain(text) },
        Reply::Show { show: Show::Notice { tone: Tone::Refused, text }, .. } => return Err(plain(text)),
        Reply::Show { show: Show::Notice { text, .. }, .. } => Done { run: None, text: plain(text) },
        _ => Done { run: None, text: String::new() },
    })
}

/// Waits until a run has changed, but not for ever.
///
/// # Errors
/// When there is no such run, or the engine has stopped.
pub async fn watched(
    engine: &Engine,
    live: &Live,
    clock: &Clock,
    id: RunId,
    seen: Seq,
    known: Option<String>,
) -> Result<Watched, String> {
    let (mut head, mut prints) = (engine.head(), live.changes());
    let changed = async {
        loop {
            let run = engine.read(move |state, _| state.runs.get(&id).cloned()).await.map_err(|d| d.0)?;
            let run = run.ok_or_else(|| {
                format!("{id} is over, and too old to be watched: its card and its output stand in Discord")
            })?;
            let tail = live.get(id).map(|t| t.text);
            if run.commits.last().is_some_and(|last| *last > seen) || tail != known {
                return Ok(());
            }
            tokio::select! {
                changed = head.changed() => changed.map_err(|_| "Muster is stopping".to_owned())?,
                changed = prints.changed() => changed.map_err(|_| "Muster is stopping".to_owned())?,
            }
        }
    };
    if let Ok(Err(why)) = tokio::time::timeout(WATCH, changed).await {
        return Err(why);
    }
    let run = engine.read(move |state, _| state.runs.get(&id).cloned()).await.map_err(|d| d.0)?;
    let run = run.ok_or_else(|| {
        format!("{id} is over, and too old to be watched: its card and its output stand in Discord")
    })?;
    Ok(Watched { run, live: live.get(id).map(|t| t.text), now: clock.now() })
}

/// Asks the Muster that works on this folder. `None` when none does.
pub fn ask(folder: &Path, ask: &Ask) -> Option<Answer> {
    let stream = UnixStream::connect(folder.join(NAME)).ok()?;
    Some(converse(stream, ask).unwrap_or_else(|e| {
        Err(format!("the running Muster did not answer ({e}). Try again; if it stays so, look at its log, and start it again."))
    }))
}

fn converse(mut stream: UnixStream, ask: &Ask) -> std::io::Result<Answer> {
    stream.set_read_timeout(Some(PATIENCE))?;
    writeln!(stream, "{}", serde_json::to_string(ask)?)?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}
