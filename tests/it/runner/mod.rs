//! The runner with real processes and real requests: what a step can see, what can be seen of
//! it, and that nothing of it is left.

mod endings;
mod environment;
mod memory;
mod printing;
mod requests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use muster::engine::live::Live;
use muster::engine::prepare::{Address, StepJob};
use muster::engine::{Delivery, Job};
use muster::house::runbook_of;
use muster::kit::clock::Clock;
use muster::kit::random;
use muster::model::effect::Effect;
use muster::model::event::Settlement;
use muster::model::ids::{EffectId, RunId, Seq};
use muster::model::input::Input;
use muster::model::run::{Process, Ran, RanHow};
use muster::runner::{Secrets, StepRunner};

use super::support::app::START;
use super::support::soon;

/// A runner, and everything about the one run whose steps it attempts.
pub struct Rig {
    pub runner: StepRunner,
    pub live: Live,
    pub clock: Clock,
    /// What was reported, in order.
    pub reported: Arc<Mutex<Vec<Input>>>,
    pub journal: String,
}

/// The run of every test.
pub const RUN: RunId = RunId(7);

impl Rig {
    /// A runner that knows these secrets.
    pub fn with(secrets: &[(&str, &str)]) -> Rig {
        let (live, clock) = (Live::default(), Clock::driven(START));
        let secrets = secrets.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let runner = StepRunner::new(live.clone(), Secrets::of(secrets), clock.clone()).unwrap();
        let reported = Arc::<Mutex<Vec<Input>>>::default();
        let log = reported.clone();
        runner.set_reporter(Arc::new(move |input| {
            log.lock().unwrap().push(input);
            Box::pin(std::future::ready(()))
        }));
        Rig { runner, live, clock, reported, journal: random::letters(10).unwrap() }
    }

    /// A runner without secrets.
    pub fn new() -> Rig {
        Rig::with(&[])
    }

    /// The job for the step of this fence, with these values. All of them may stand in a shell's
    /// environment.
    pub fn job(&self, fence: &str, values: &[(&str, &str)]) -> Job {
        let names: Vec<&str> = values.iter().map(|(n, _)| *n).collect();
        let vars = format!("vars: [{}]\n", names.join(", "));
        let text = format!("---\nrunbook: 1\n{vars}---\n# Lab\n## Act\n{fence}\n");
        let book = runbook_of("lab", "lab.md", &text).unwrap_or_else(|e| panic!("{e:?}"));
        let step = book.step("a").expect("a step called a").clone();
        let values: BTreeMap<String, String> =
            values.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Job {
            id: EffectId { seq: Seq(10), index: 0 },
            effect: Effect::RunStep { run: RUN, step: 2, attempt: 1 },
            address: Address::Own,
            since: START,
            maybe_done: false,
            journal_id: self.journal.clone(),
            seen: None,
            reach: None,
            step: Some(Box::new(StepJob {
                run: RUN,
                at: 2,
                attempt: 1,
                step,
                env: values.keys().cloned().collect(),
                values,
                dry: false,
                deadline: None,
                home: None,
                process: None,
            })),
        }
    }

    /// What comes of a job.
    pub async fn deliver(&self, job: &Job) -> Ran {
        match soon("the attempt", self.runner.deliver(job)).await {
            Delivery::Settled(Settlement::Ran(ran)) => *ran,
            other => panic!("{other:?}"),
        }
    }

    /// What comes of a step.
    pub async fn run(&self, fence: &str, values: &[(&str, &str)]) -> Ran {
        self.deliver(&self.job(fence, values)).await
    }

    /// What comes of a script with these `#|` lines.
    pub async fn sh(&self, script: &str) -> Ran {
        self.run(&sh(script), &[]).await
    }

    /// Begins a job in the background.
    pub fn begin(&self, job: &Job) -> tokio::task::JoinHandle<Delivery> {
        let (runner, job) = (self.runner.clone(), job.clone());
        tokio::spawn(async move { runner.deliver(&job).await })
    }

    /// Waits until the last lines are as wanted, and gives them.
    pub async fn shown(&self, wanted: impl Fn(&str) -> bool) -> String {
        let mut changes = self.live.changes();
        let wait = async {
            loop {
                if let Some(tail) = self.live.get(RUN).filter(|t| wanted(&t.text)) {
                    return tail.text;
                }
                changes.changed().await.unwrap();
            }
        };
        soon("the last lines", wait).await
    }

    /// Asks for the end of the run's step.
    pub async fn end(&self) {
        let mut job = self.job(&sh("true"), &[]);
        job.id = EffectId { seq: Seq(11), index: 0 };
        job.effect = Effect::EndStep { run: RUN };
        assert_eq!(self.runner.deliver(&job).await, Delivery::Settled(Settlement::Shown));
    }

    /// The process, once it is reported: what it prints may come before that.
    pub async fn spawned(&self) -> Process {
        let reported = || match self.reported.lock().unwrap().last() {
            Some(Input::Spawned { process, .. }) => Some(process.clone()),
            _ => None,
        };
        let wait = async {
            loop {
                if let Some(process) = reported() {
                    return process;
                }
                tokio::task::yield_now().await;
            }
        };
        soon("the process", wait).await
    }

    /// The process that was reported.
    pub fn process(&self) -> Process {
        match self.reported.lock().unwrap().last() {
            Some(Input::Spawned { process, .. }) => process.clone(),
            other => panic!("{other:?}"),
        }
    }
}

/// A shell step with this text.
pub fn sh(script: &str) -> String {
    format!("```sh {{name=a}}\n{script}\n```")
}

/// What is said of an attempt.
pub fn said(ran: &Ran) -> &str {
    match &ran.how {
        RanHow::Passed { got } => got,
        RanHow::Failed { why } | RanHow::Broke { why } => why,
        RanHow::Would { what } => what,
        RanHow::Interrupted => "interrupted",
        RanHow::Stopped => "stopped",
    }
}

/// Whether a process lives.
pub fn alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}
