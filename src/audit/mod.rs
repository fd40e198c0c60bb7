//! Looks after Muster itself, from outside what decides: it reads what the engine knows, and judges by
//! its own rules whether that moves. What it finds is an alert of Muster's own, with the cards and pages
//! that any other has; and while all is well it asks an address elsewhere, so that somebody notices when
//! Muster is gone.
//!
//! - [`seen`] is what there is to judge, [`look`] judges it, `alert` says it; `disk` counts what is free.
//! - `round` is one look with all that follows, `switch` the address elsewhere.

mod alert;
mod disk;
pub mod look;
mod round;
pub mod seen;
mod switch;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::engine::Engine;
use crate::kit::clock::Clock;
use crate::model::house::House;
use look::Finding;
use round::Round;

/// Between two looks.
pub const EVERY: Duration = Duration::from_secs(15);

/// What the auditor found last; `None` before its first look.
pub type Findings = Option<Vec<Finding>>;

/// What it looks at.
pub struct Looked {
    /// The engine.
    pub engine: Engine,
    /// The newest house.
    pub houses: watch::Receiver<Arc<House>>,
    /// The time that Muster goes by.
    pub clock: Clock,
    /// Whether commands arrive.
    pub up: Arc<dyn Fn() -> bool + Send + Sync>,
    /// The folder of Muster's data.
    pub folder: PathBuf,
}

/// Looks until it is closed.
pub struct Auditor {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Auditor {
    /// Begins to look, and tells what it finds.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn start(what: Looked, tell: watch::Sender<Findings>) -> Result<Auditor, String> {
        let (stop, stopped) = watch::channel(false);
        let clock = what.clock.clone();
        let task = tokio::spawn(go(Round::new(what)?, clock, tell, stopped));
        Ok(Auditor { stop, task })
    }

    /// Ends it.
    pub async fn close(self) {
        self.stop.send_replace(true);
        let mut task = self.task;
        // It may be waiting for somebody else's server, which is no reason to wait.
        if tokio::time::timeout(Duration::from_secs(1), &mut task).await.is_err() {
            task.abort();
        }
    }
}

async fn go(mut round: Round, clock: Clock, tell: watch::Sender<Findings>, mut stop: watch::Receiver<bool>) {
    let moved = Arc::new(Notify::new());
    let wake = moved.clone();
    clock.on_move(move || wake.notify_one());
    let mut due = clock.now();
    loop {
        let now = clock.now();
        // A clock that was put back must not end the looking.
        if due <= now || due.since(now) > EVERY {
            due = now.after(EVERY);
            let found = round.look(now).await;
            tell.send_if_modified(|before| {
                let new = before.as_ref() != Some(&found);
                *before = Some(found);
                new
            });
        }
        let sleep = clock.sleep_for(due);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = moved.notified() => {}
            () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => {}
        }
    }
}
