//! How a terminal reaches the engine: through the Muster that runs on the data, or, where none
//! does, with an engine of its own on the same journal. What that owes to Discord stays owed until
//! Muster is started again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::account;
use crate::cli::args::RunArgs;
use crate::cli::socket::{self, Ask, Done, Watched};
use crate::cli::{journal, serve};
use crate::engine::committer::Committer;
use crate::engine::live::Live;
use crate::engine::{Deliver, Delivery, Engine, Job};
use crate::journal::SledJournal;
use crate::kit::clock::Clock;
use crate::model::effect::Effect;
use crate::model::ids::{RunId, Seq};
use crate::model::input::{Input, Press, TerminalAct};
use crate::runner::{Secrets, StepRunner};

/// What stays owed is not tried here.
const NOT_HERE: Duration = Duration::from_secs(24 * 3_600);

/// A way to the engine.
pub enum Way {
    /// The Muster that runs on this folder.
    Socket {
        /// The folder.
        data: PathBuf,
    },
    /// None runs.
    Own {
        /// The engine.
        engine: Engine,
        /// Runs its steps.
        steps: StepRunner,
        /// What they print.
        live: Live,
        /// Its time.
        clock: Clock,
        /// Who sits here.
        user: String,
    },
}

/// Does the steps of the runs that begin here. What Discord is owed is left, and so are the runs
/// that a Muster has begun: they need its environment, and its patience.
struct Offline {
    steps: StepRunner,
    first: RunId,
}

#[async_trait::async_trait]
impl Deliver for Offline {
    async fn deliver(&self, job: Job) -> Delivery {
        match &job.effect {
            Effect::RunStep { run, .. } | Effect::EndStep { run } if *run >= self.first => {
                self.steps.deliver(&job).await
            }
            _ => Delivery::Later {
                after: Some(NOT_HERE),
                why: "it is for the Muster that serves Discord".to_owned(),
            },
        }
    }
}

impl Way {
    /// Finds the way.
    ///
    /// # Errors
    /// When neither a Muster runs nor its files and journal can be used from here.
    pub async fn open(args: &RunArgs) -> Result<Way, String> {
        let data = args.journal.data.clone();
        if asked(&data, Ask::Status).await.is_some() {
            return Ok(Way::Socket { data });
        }
        let house = serve::house(&args.config).map_err(|why| {
            format!("no Muster runs on {}, and without one its files are needed: {why}", data.display())
        })?;
        let kept = SledJournal::open_or_create(&journal::folder(&data)).map_err(|e| e.to_string())?;
        let (live, clock) = (Live::default(), Clock::system());
        let steps = StepRunner::new(live.clone(), Secrets::environment(), clock.clone())?;
        let house = Arc::new(house);
        let committer = Committer::open(kept, house.clone()).map_err(|d| d.0)?;
        let first = committer.state().next_run();
        let offline = Arc::new(Offline { steps: steps.clone(), first });
        let engine =
            Engine::start(committer.into_journal(), house, clock.clone(), offline).map_err(|d| d.0)?;
        steps.set_engine(engine.clone());
        let version = env!("CARGO_PKG_VERSION").to_owned();
        engine.submit(Input::Started { version }).await.map_err(|r| r.0)?;
        println!(
            "No Muster runs on {}: this one does it alone. What Discord should see is posted when Muster is started again.",
            data.display()
        );
        Ok(Way::Own { engine, steps, live, clock, user: account::own() })
    }

    /// Does something.
    ///
    /// # Errors
    /// The refusal.
    pub async fn act(&self, act: TerminalAct) -> Result<Done, String> {
        match self {
            Way::Socket { data } => {
                let json = asked(data, Ask::Act(act)).await.ok_or_else(gone)??;
                serde_json::from_str(&json).map_err(|e| e.to_string())
            }
            Way::Own { engine, user, .. } => socket::acted(engine, user.clone(), act).await,
        }
    }

    /// Presses what a button would be.
    ///
    /// # Errors
    /// The refusal.
    pub async fn press(&self, run: RunId, press: Press) -> Result<String, String> {
        self.act(TerminalAct::Press { run, press }).await.map(|done| done.text)
    }

    /// How a run is, once it has changed, or after some seconds.
    ///
    /// # Errors
    /// When there is no such run, or the engine has gone.
    pub async fn watch(&self, run: RunId, seen: Seq, live: Option<String>) -> Result<Watched, String> {
        match self {
            Way::Socket { data } => {
                let json = asked(data, Ask::Watch { run, seen, live }).await.ok_or_else(gone)??;
                serde_json::from_str(&json).map_err(|e| e.to_string())
            }
            Way::Own { engine, live: prints, clock, .. } => {
                socket::watched(engine, prints, clock, run, seen, live).await
            }
        }
    }

    /// Ends an engine of its own.
    pub async fn close(self) {
        if let Way::Own { engine, steps, .. } = self {
            engine.stop().await;
            steps.close().await;
        }
    }
}

async fn asked(data: &std::path::Path, ask: Ask) -> Option<socket::Answer> {
    let data = data.to_owned();
    tokio::task::spawn_blocking(move || socket::ask(&data, &ask)).await.ok().flatten()
}

fn gone() -> String {
    "the running Muster has ended. What it had begun it takes up again when it is started; start it, or run this again without it.".to_owned()
}
