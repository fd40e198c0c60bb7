//! The local socket of a running Muster, in its data folder: for the terminal, and for
//! the day Discord is down. Whoever may open the file may ask; it belongs to the user that
//! Muster runs as.
//!
//! One connection, one question, one answer, each a JSON line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;

use super::bot::Watch;
use crate::discord::gateway::Gateway;
use crate::journal;

/// Its name in the data folder.
const NAME: &str = "muster.sock";
/// A question longer than this is none.
const LONGEST: u64 = 64 * 1024;
/// How long a question may take to arrive.
const QUESTION: Duration = Duration::from_secs(5);
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
    /// Say how it is doing.
    Status,
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
                let (read, mut write) = stream.into_split();
                let mut line = String::new();
                let mut read = tokio::io::BufReader::new(read.take(LONGEST));
                let asked = tokio::time::timeout(QUESTION, read.read_line(&mut line)).await;
                let answer = match asked.map(|_| serde_json::from_str::<Ask>(&line)) {
                    Ok(Ok(ask)) => answer(watch, ask).await,
                    _ => Err("that is no question that this version of Muster knows".to_owned()),
                };
                if let Ok(json) = serde_json::to_string(&answer) {
                    let _ = write.write_all(format!("{json}\n").as_bytes()).await;
                }
            });
        }
    }))
}

async fn answer(watch: Watch, ask: Ask) -> Answer {
    let reader = watch.engine.journal().map_err(|d| d.0)?;
    let work = match ask {
        Ask::Status => return status(&watch).await,
        Ask::Backup(to) => tokio::task::spawn_blocking(move || super::journal::copied(&*reader, &to)),
        Ask::Verify => tokio::task::spawn_blocking(move || {
            journal::verify(&*reader).map(|v| super::journal::whole(&v)).map_err(|d| d.to_string())
        }),
    };
    work.await.unwrap_or_else(|e| Err(e.to_string()))
}

async fn status(watch: &Watch) -> Answer {
    let look =
        |state: &crate::core::state::State, _: &_| (state.head, state.unsettled.len(), state.open().len());
    let (head, owed, open) = watch.engine.read(look).await.map_err(|d| d.0)?;
    let gateway = match watch.gateway.borrow().clone() {
        Gateway::Ready => "ready".to_owned(),
        Gateway::Connecting => "connecting".to_owned(),
        Gateway::Stopped(why) => format!("stopped: {why}"),
    };
    let counts = &watch.counts;
    Ok(format!(
        "gateway: {gateway}\ncommits: {head}\nowed: {owed}\nopen incidents: {open}\ninteractions: {}\nunreadable interactions: {}\nsessions begun: {}",
        counts.interactions.load(Ordering::Relaxed),
        counts.unreadable.load(Ordering::Relaxed),
        counts.identifies.load(Ordering::Relaxed),
    ))
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
