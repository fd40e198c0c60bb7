//! One attempt at a step: what it knows, how it is interrupted, and what comes of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::http::HttpRunner;
use super::processes::{Brood, GRACE, boot};
use super::secrets::{Redactor, Secrets};
use super::{request, shell};
use crate::engine::Job;
use crate::engine::live::Live;
use crate::engine::prepare::StepJob;
use crate::kit::clock::{Clock, Stopwatch};
use crate::kit::text::plain;
use crate::model::ids::RunId;
use crate::model::input::Input;
use crate::model::run::{Output, Ran, RanHow, StepAt, Tail};
use crate::model::runbook::StepKind;

/// Takes in what has to be on disk before an attempt's result. Gives nothing: where it is
/// refused, a step's marker still leads to its processes.
pub type Reporter = Arc<dyn Fn(Input) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Between two looks at a card's last lines.
const FRAME: Duration = Duration::from_millis(200);
/// The machine's clock may be put forward while somebody waits for a time.
const GLANCE: Duration = Duration::from_secs(5);

/// What all attempts share.
pub struct Tools {
    /// Asks http steps.
    pub http: HttpRunner,
    /// Values of secrets.
    pub secrets: Secrets,
    /// The last lines of what runs.
    pub live: Live,
    clock: Clock,
    /// Changes with each move of a driven clock.
    moved: watch::Receiver<()>,
    boot: String,
    /// `None` until the engine is there.
    pub reporter: watch::Sender<Option<Reporter>>,
}

impl Tools {
    /// Everything but the engine, which comes later.
    pub fn new(http: HttpRunner, secrets: Secrets, live: Live, clock: Clock) -> Tools {
        let (tell, moved) = watch::channel(());
        clock.on_move(move || {
            let _ = tell.send(());
        });
        Tools { http, secrets, live, clock, moved, boot: boot(), reporter: watch::Sender::new(None) }
    }
}

/// Why an attempt ends before it is through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Its run is over.
    Ended,
    /// Nobody waits for it any more: the program is stopping.
    Abandoned,
    /// The run's time is over.
    Late,
}

impl Halt {
    /// What becomes of the attempt.
    pub fn how(self) -> RanHow {
        match self {
            Halt::Ended => RanHow::Stopped,
            Halt::Abandoned => RanHow::Interrupted,
            Halt::Late => {
                RanHow::Broke { why: "the run's time was over before this step's; it was ended".to_owned() }
            }
        }
    }
}

/// What comes of an attempt.
pub struct Outcome {
    /// How it went.
    pub how: RanHow,
    /// What later steps may use.
    pub captures: BTreeMap<String, String>,
    /// What it printed.
    pub output: Output,
}

impl Outcome {
    /// With nothing captured and nothing printed.
    pub fn new(how: RanHow) -> Outcome {
        Outcome { how, captures: BTreeMap::new(), output: Output::default() }
    }

    /// It could not be judged, and why.
    pub fn broke(why: impl Into<String>) -> Outcome {
        Outcome::new(RanHow::Broke { why: why.into() })
    }

    /// With what it printed.
    #[must_use]
    pub fn with(self, output: Output) -> Outcome {
        Outcome { output, ..self }
    }
}

/// One attempt at a step.
pub struct Attempt {
    /// What it takes.
    pub job: StepJob,
    /// The values of the secrets that the step names.
    pub secrets: BTreeMap<String, String>,
    /// Keeps them out of everything that comes of it.
    pub redactor: Arc<Redactor>,
    /// What marks its processes: journal, run, step and attempt.
    pub marker: String,
    /// What marks its requests: the same for every attempt.
    pub key: String,
    /// The last lines on the card.
    pub screen: Screen,
    tools: Arc<Tools>,
    stop: watch::Receiver<Option<Halt>>,
}

/// Makes an attempt, or ends what an earlier life left of it.
pub async fn make(tools: Arc<Tools>, job: &Job, step: StepJob, stop: watch::Receiver<Option<Halt>>) -> Ran {
    let watch = Stopwatch::start();
    let (run, at) = (step.run, step.at);
    let key = format!("{}.{}.{at}", job.journal_id, run.0);
    let marker = format!("{key}.{}", step.attempt);
    let mut redactor = Arc::new(Redactor::default());
    let outcome = if job.maybe_done {
        let leader = step.process.clone().filter(|p| p.boot == tools.boot);
        let gone = Brood { leader, own: false, marker }.end(GRACE).await;
        if gone {
            Outcome::new(RanHow::Interrupted)
        } else {
            tracing::error!("processes of step {at} of {run} could not be ended");
            Outcome::broke(
                "Muster ended while it ran, and what was left of it cannot be ended: end it by hand, look what it did, and ask again",
            )
        }
    } else {
        let named = &step.step.options.secrets;
        let known = tools
            .secrets
            .named(named)
            .and_then(|all| Ok((Redactor::new(&tools.secrets.removed(&all))?, all)));
        match known {
            Err(why) => Outcome::broke(why),
            Ok((found, secrets)) => {
                redactor = Arc::new(found);
                let screen = Screen::new(tools.live.clone(), run, at);
                let attempt = Attempt {
                    job: step,
                    secrets,
                    redactor: redactor.clone(),
                    marker,
                    key,
                    screen,
                    tools: tools.clone(),
                    stop,
                };
                match &attempt.job.step.kind {
                    _ if attempt.halted_already().is_some_and(|h| h != Halt::Late) => {
                        Outcome::new(attempt.halted().await.how())
                    }
                    StepKind::Shell(shell) => shell::run(&attempt, shell).await,
                    StepKind::Http(http) => request::run(&attempt, &tools.http, http).await,
                    _ => Outcome::broke("Muster does not run steps of this kind: do it by hand"),
                }
            }
        }
    };
    tools.live.clear(run);
    told(outcome, &redactor, u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX))
}

/// What is handed in of an outcome: nothing with a secret in it.
fn told(outcome: Outcome, redactor: &Redactor, millis: u64) -> Ran {
    let clean = |text: String| plain(&redactor.text(&text));
    let mut how = match outcome.how {
        RanHow::Passed { got } => RanHow::Passed { got: clean(got) },
        RanHow::Failed { why } => RanHow::Failed { why: clean(why) },
        RanHow::Broke { why } => RanHow::Broke { why: clean(why) },
        RanHow::Would { what } => RanHow::Would { what: clean(what) },
        how @ (RanHow::Interrupted | RanHow::Stopped) => how,
    };
    let mut captures = outcome.captures;
    let held = |(name, value): (&String, &String)| Some((name.clone(), redactor.first(value)?.to_owned()));
    if let Some((name, secret)) = captures.iter().find_map(held) {
        captures.clear();
        let why = format!("`{name}` would have captured the secret {secret}: capture another part");
        how = RanHow::Failed { why };
    }
    let Output { head, tail, dropped } = outcome.output;
    let output = Output { head: redactor.text(&head), tail: redactor.text(&tail), dropped };
    Ran { how, millis, captures, output }
}

impl Attempt {
    /// Why it is to end, if it is already.
    pub fn halted_already(&self) -> Option<Halt> {
        let late = self.job.deadline.is_some_and(|d| d <= self.tools.clock.now());
        (*self.stop.borrow()).or(late.then_some(Halt::Late))
    }

    /// Waits until it is to end.
    pub async fn halted(&self) -> Halt {
        let mut stop = self.stop.clone();
        let asked = async {
            match stop.wait_for(Option::is_some).await.as_deref() {
                Ok(Some(halt)) => *halt,
                // Whoever could have asked is gone.
                _ => Halt::Abandoned,
            }
        };
        tokio::select! {
            halt = asked => halt,
            () = self.late() => Halt::Late,
        }
    }

    async fn late(&self) {
        let Some(deadline) = self.job.deadline else {
            return std::future::pending().await;
        };
        let mut moved = self.tools.moved.clone();
        while self.tools.clock.now() < deadline {
            let sleep = self.tools.clock.sleep_for(deadline).unwrap_or(GLANCE).min(GLANCE);
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                Ok(()) = moved.changed() => {}
            }
        }
    }

    /// Which start of the machine this is.
    pub fn boot(&self) -> &str {
        &self.tools.boot
    }

    /// Hands something in; done when it is on disk.
    pub fn report(&self, input: Input) -> impl Future<Output = ()> + Send + use<> {
        let mut reporter = self.tools.reporter.subscribe();
        async move {
            let there = reporter.wait_for(Option::is_some).await.ok().and_then(|r| r.clone());
            if let Some(report) = there {
                report(input).await;
            }
        }
    }
}

/// The last lines of a step on its run's card, not changed more often than anybody can read.
pub struct Screen {
    live: Live,
    run: RunId,
    step: StepAt,
    shown: Mutex<(Option<Stopwatch>, String)>,
}

impl Screen {
    fn new(live: Live, run: RunId, step: StepAt) -> Screen {
        Screen { live, run, step, shown: Mutex::default() }
    }

    /// How long until it may be shown again.
    pub fn pause(&self) -> Duration {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.0.as_ref().map_or(Duration::ZERO, |w| FRAME.saturating_sub(w.elapsed()))
    }

    /// Shows this, where it is something new.
    pub fn show(&self, text: String) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        // Also where nothing changed: to look is what costs.
        shown.0 = Some(Stopwatch::start());
        if shown.1 != text {
            shown.1.clone_from(&text);
            self.live.set(self.run, Tail { step: self.step, text });
        }
    }
}
