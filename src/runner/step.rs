//! Attempts the steps of runs, one of a run at a time, and ends them when they are asked to end.
//!
//! Each attempt is a task of its own: who waits for it may go away, and the processes that it
//! started are still ended in order. What came of it is kept until the run goes on, for a result
//! that could not be written to the journal is asked for again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::attempt::{self, Halt, Reporter, Tools};
use super::http::HttpRunner;
use super::processes::GRACE;
use super::secrets::Secrets;
use crate::engine::live::Live;
use crate::engine::{Delivery, Engine, Job};
use crate::kit::clock::Clock;
use crate::model::effect::Effect;
use crate::model::event::Settlement;
use crate::model::ids::{EffectId, RunId};
use crate::model::run::{Ran, RanHow};

/// How many results are kept. A run has one at most, so this many runs at once lose none.
const KEPT: usize = 64;
/// Of how many runs it is known that their steps were asked to end.
const ENDED: usize = 1024;
/// How long [`StepRunner::close`] waits: a little more than a step has to end by itself.
const GOODBYE: Duration = GRACE.saturating_add(Duration::from_secs(3));

/// Attempts steps. Cloned freely; clones are one.
#[derive(Clone)]
pub struct StepRunner {
    tools: Arc<Tools>,
    table: Arc<Mutex<Table>>,
    /// How many attempts are under way.
    busy: watch::Sender<usize>,
}

/// What is under way, and what came of what was.
#[derive(Default)]
struct Table {
    under_way: BTreeMap<RunId, UnderWay>,
    results: VecDeque<(RunId, EffectId, Ran)>,
    /// Attempts of a run that are older than this are not begun any more.
    ended: BTreeMap<RunId, EffectId>,
    closed: bool,
}

struct UnderWay {
    effect: EffectId,
    stop: watch::Sender<Option<Halt>>,
    done: watch::Receiver<Option<Ran>>,
}

/// What a delivery finds.
enum Found {
    Known(Ran),
    /// Its own attempt or an older one of the same run is under way.
    Waits(EffectId, watch::Sender<Option<Halt>>, watch::Receiver<Option<Ran>>),
    Begun(watch::Sender<Option<Ran>>, watch::Receiver<Option<Halt>>),
    Closed,
}

impl StepRunner {
    /// A runner that shows the last lines in `live`, takes secrets from `secrets`, and ends a
    /// step when its run's time is over by this clock.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(live: Live, secrets: Secrets, clock: Clock) -> Result<StepRunner, String> {
        let tools = Arc::new(Tools::new(HttpRunner::new()?, secrets, live, clock));
        Ok(StepRunner { tools, table: Arc::default(), busy: watch::Sender::new(0) })
    }

    /// Where processes are reported to. A step that comes before waits with its result.
    pub fn set_engine(&self, engine: Engine) {
        self.set_reporter(Arc::new(move |input| {
            let engine = engine.clone();
            Box::pin(async move {
                if let Err(refusal) = engine.submit(input).await {
                    tracing::warn!("a step's process could not be noted: {}", refusal.0);
                }
            })
        }));
    }

    /// The same for whatever takes inputs.
    pub fn set_reporter(&self, reporter: Reporter) {
        self.tools.reporter.send_replace(Some(reporter));
    }

    /// Does what an effect asks for: attempts a step, or ends one.
    pub async fn deliver(&self, job: &Job) -> Delivery {
        match &job.effect {
            Effect::RunStep { run, .. } => self.attempt(*run, job).await,
            Effect::EndStep { run } => {
                self.end(*run, job.id);
                Delivery::Settled(Settlement::Shown)
            }
            other => {
                Delivery::Later { after: None, why: format!("{} is no step of a run", other.in_words()) }
            }
        }
    }

    /// Ends the step of a run that is under way, and keeps those from beginning that were to
    /// begin before `asked`, the effect that asks for it. Does not wait for the end.
    pub fn end(&self, run: RunId, asked: EffectId) {
        let mut table = self.lock();
        if let Some(under_way) = table.under_way.get(&run).filter(|u| u.effect < asked) {
            halt(&under_way.stop, Halt::Ended);
        }
        let last = table.ended.entry(run).or_insert(asked);
        *last = asked.max(*last);
        if table.ended.len() > ENDED {
            table.ended.pop_first();
        }
    }

    /// Ends everything that is under way and begins nothing any more: the program is stopping.
    /// Waits until it is gone.
    pub async fn close(&self) {
        {
            let mut table = self.lock();
            table.closed = true;
            table.under_way.values().for_each(|u| halt(&u.stop, Halt::Abandoned));
        }
        let mut busy = self.busy.subscribe();
        if tokio::time::timeout(GOODBYE, busy.wait_for(|n| *n == 0)).await.is_err() {
            tracing::error!("a step could not be ended in {} s", GOODBYE.as_secs());
        }
    }

    async fn attempt(&self, run: RunId, job: &Job) -> Delivery {
        let ran = |ran| Delivery::Settled(Settlement::Ran(Box::new(ran)));
        let later = |why: &str| Delivery::Later { after: None, why: why.to_owned() };
        loop {
            let (effect, stop, mut done) = match self.look(run, job) {
                Found::Known(known) => return ran(known),
                Found::Closed => return later("Muster is stopping"),
                Found::Waits(effect, stop, done) => (effect, stop, done),
                Found::Begun(tell, stop) => {
                    self.begin(run, job, tell, stop);
                    continue;
                }
            };
            // Where this wait is given up, the attempt that it is about is too.
            let _abandon = (effect == job.id).then_some(Abandon(stop));
            let result = done.wait_for(Option::is_some).await.ok().and_then(|r| r.clone());
            match result {
                Some(result) if effect == job.id => return ran(result),
                Some(_) => {}
                None if effect == job.id => return later("the attempt ended badly"),
                None => {}
            }
        }
    }

    fn look(&self, run: RunId, job: &Job) -> Found {
        let mut table = self.lock();
        if let Some((_, _, known)) = table.results.iter().find(|(_, effect, _)| *effect == job.id) {
            return Found::Known(known.clone());
        }
        if let Some(u) = table.under_way.get(&run) {
            return Found::Waits(u.effect, u.stop.clone(), u.done.clone());
        }
        if table.closed {
            return Found::Closed;
        }
        // The run went on, so what came of its last step is on disk.
        table.results.retain(|(of, _, _)| *of != run);
        let ended = table.ended.get(&run).is_some_and(|asked| job.id < *asked);
        let (stop, stopped) = watch::channel(ended.then_some(Halt::Ended));
        let (tell, done) = watch::channel(None);
        table.under_way.insert(run, UnderWay { effect: job.id, stop, done });
        self.busy.send_modify(|n| *n += 1);
        Found::Begun(tell, stopped)
    }

    fn begin(
        &self,
        run: RunId,
        job: &Job,
        tell: watch::Sender<Option<Ran>>,
        stop: watch::Receiver<Option<Halt>>,
    ) {
        let (job, runner) = (job.clone(), self.clone());
        tokio::spawn(async move {
            let under_way = Entry { runner, run };
            let result = match job.step.clone() {
                Some(step) => attempt::make(under_way.runner.tools.clone(), &job, *step, stop).await,
                None => Ran {
                    how: RanHow::Broke { why: "the run has no such step: look at its plan".to_owned() },
                    millis: 0,
                    captures: BTreeMap::new(),
                    output: crate::model::run::Output::default(),
                },
            };
            {
                let mut table = under_way.runner.lock();
                table.results.push_back((run, job.id, result.clone()));
                if table.results.len() > KEPT {
                    table.results.pop_front();
                }
            }
            drop(under_way);
            tell.send_replace(Some(result));
        });
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first reason counts.
fn halt(stop: &watch::Sender<Option<Halt>>, why: Halt) {
    stop.send_if_modified(|halt| {
        let first = halt.is_none();
        halt.get_or_insert(why);
        first
    });
}

/// Takes an attempt out of the table, however it ends.
struct Entry {
    runner: StepRunner,
    run: RunId,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.runner.lock().under_way.remove(&self.run);
        self.runner.busy.send_modify(|n| *n = n.saturating_sub(1));
    }
}

/// Nobody waits for the attempt any more.
struct Abandon(watch::Sender<Option<Halt>>);

impl Drop for Abandon {
    fn drop(&mut self) {
        halt(&self.0, Halt::Abandoned);
    }
}
