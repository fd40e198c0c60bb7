//! Looks at the rules of the house by itself, each at its time, and hands in what it saw. What that means is
//! decided elsewhere.
//!
//! - [`look`] takes one look; [`prometheus`] asks one; [`metrics`] and [`own`] do without; [`lines`] counts.

mod lines;
mod look;
mod metrics;
mod own;
mod prometheus;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::attempt::Halt;
use super::processes::GRACE;
use super::secrets::Secrets;
use crate::engine::Engine;
use crate::kit::clock::Clock;
use crate::kit::random;
use crate::kit::time::Timestamp;
use crate::model::house::House;
use crate::model::input::Input;
use crate::model::reply::Reply;
use crate::model::runbook::StepName;
use crate::model::watch::{Memory, Sample, Watch};
use look::{Found, Looker};

/// How many looks are taken at once.
const AT_ONCE: usize = 8;
/// How long [`Watcher::close`] waits: a little more than a step has to end by itself.
const GOODBYE: Duration = GRACE.saturating_add(Duration::from_secs(3));

/// Service and rule.
type Key = (String, StepName);
/// Of each rule, as `service/rule`, its last look.
pub type Looks = BTreeMap<String, Look>;

/// The last look at a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// When it was taken.
    pub at: Timestamp,
    /// Since when nothing is known.
    pub unknown: Option<Timestamp>,
}

/// Looks until it is closed.
pub struct Watcher {
    stop: watch::Sender<Option<Halt>>,
    looks: watch::Receiver<Looks>,
    task: JoinHandle<()>,
}

/// A rule and when it is its turn.
struct Turn {
    rule: Arc<Watch>,
    due: Timestamp,
    busy: bool,
    memory: Memory,
}

/// What a look ends with.
type Looked = (Key, Arc<Watch>, Timestamp, Option<Memory>);

impl Watcher {
    /// Begins to look at the rules of the newest house, and follows it.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn start(
        engine: Engine,
        houses: watch::Receiver<Arc<House>>,
        secrets: Secrets,
        clock: Clock,
    ) -> Result<Watcher, String> {
        let (stop, stopped) = watch::channel(None);
        let (tell, looks) = watch::channel(Looks::new());
        let looker = Arc::new(Looker::new(secrets, clock.clone(), stopped.clone())?);
        let rounds = Rounds { engine, looker, clock, tell, turns: BTreeMap::new() };
        let task = tokio::spawn(rounds.go(houses, stopped));
        Ok(Watcher { stop, looks, task })
    }

    /// When each rule was last looked at, and what came of it handed in.
    pub fn looks(&self) -> watch::Receiver<Looks> {
        self.looks.clone()
    }

    /// Ends all looks, and waits until what they started is gone.
    pub async fn close(self) {
        self.stop.send_replace(Some(Halt::Abandoned));
        let mut task = self.task;
        if tokio::time::timeout(GOODBYE, &mut task).await.is_err() {
            task.abort();
            tracing::error!("a look at a rule could not be ended in {} s", GOODBYE.as_secs());
        }
    }
}

struct Rounds {
    engine: Engine,
    looker: Arc<Looker>,
    clock: Clock,
    tell: watch::Sender<Looks>,
    turns: BTreeMap<Key, Turn>,
}

impl Rounds {
    async fn go(mut self, mut houses: watch::Receiver<Arc<House>>, mut stop: watch::Receiver<Option<Halt>>) {
        let moved = Arc::new(Notify::new());
        let tell = moved.clone();
        self.clock.on_move(move || tell.notify_one());
        let few = Arc::new(Semaphore::new(AT_ONCE));
        let mut looks: JoinSet<Looked> = JoinSet::new();
        let mut house = houses.borrow_and_update().clone();
        self.follow(&house).await;
        loop {
            let now = self.clock.now();
            let every = house.settings.watch.every;
            for (key, turn) in self.turns.iter_mut().filter(|(_, turn)| !turn.busy && turn.due <= now) {
                turn.busy = true;
                // What was missed is not made up for.
                while turn.due <= now {
                    turn.due =
                        if now.since(turn.due) > every { now.after(every) } else { turn.due.after(every) };
                }
                let (engine, looker) = (self.engine.clone(), self.looker.clone());
                let (house, few) = (house.clone(), few.clone());
                let (key, rule, memory) = (key.clone(), turn.rule.clone(), turn.memory.clone());
                looks.spawn(async move {
                    let work = async {
                        let _one = few.acquire().await.ok()?;
                        let Found { got, only, clear, link } = looker.look(&house, &key.0, &rule).await;
                        let (service, name) = key.clone();
                        let sample = Sample { service, rule: name, got, only, clear, link, memory };
                        match engine.submit(Input::Sampled(Box::new(sample))).await {
                            Ok(Reply::Watched(memory)) => Some(*memory),
                            Ok(_) => None,
                            Err(refusal) => {
                                tracing::warn!("a look at {}/{} was not kept: {}", key.0, key.1, refusal.0);
                                None
                            }
                        }
                    };
                    // A mistake in one look must not end those at other rules.
                    let memory = AssertUnwindSafe(work).catch_unwind().await.unwrap_or(None);
                    (key, rule, now, memory)
                });
            }
            let due = self.turns.values().filter(|turn| !turn.busy).map(|turn| turn.due).min();
            let sleep = due.and_then(|due| self.clock.sleep_for(due));
            tokio::select! {
                Some(done) = looks.join_next() => {
                    if let Ok(looked) = done {
                        self.looked(looked);
                    }
                }
                changed = houses.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    house = houses.borrow_and_update().clone();
                    self.follow(&house).await;
                }
                () = moved.notified() => {}
                () = asked(&mut stop) => break,
                _ = self.engine.failed() => break,
                () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => {}
            }
        }
        // Each ends by itself: it was told.
        while looks.join_next().await.is_some() {}
    }

    fn looked(&mut self, (key, rule, at, memory): Looked) {
        // Another rule may have its name by now.
        let turn = self.turns.get_mut(&key).filter(|turn| Arc::ptr_eq(&turn.rule, &rule));
        let Some(turn) = turn else { return };
        turn.busy = false;
        if let Some(memory) = memory {
            turn.memory = memory;
        }
        let look = Look { at, unknown: turn.memory.unknown };
        self.tell.send_modify(|looks| {
            looks.insert(format!("{}/{}", key.0, key.1), look);
        });
    }

    /// Takes over the rules of a house. One that is as it was goes on.
    async fn follow(&mut self, house: &House) {
        if let Err(refusal) = self.engine.submit(Input::Watching).await {
            tracing::warn!("what is watched could not be noted: {}", refusal.0);
        }
        let mut before = std::mem::take(&mut self.turns);
        let now = self.clock.now();
        for book in house.runbooks.values().filter(|_| !house.settings.watch.off) {
            // All rules of a service at once: its metrics are read once for all of them.
            let first = now.after(part(house.settings.watch.every));
            for rule in &book.watches {
                let key = (book.service.clone(), rule.name.clone());
                let same = before.remove(&key).filter(|turn| *turn.rule == *rule);
                let new = || Turn {
                    rule: Arc::new(rule.clone()),
                    due: first,
                    busy: false,
                    memory: Memory::default(),
                };
                self.turns.insert(key, same.unwrap_or_else(new));
            }
        }
        let turns = &self.turns;
        let there = |name: &str| turns.keys().any(|(service, rule)| name == format!("{service}/{rule}"));
        self.tell.send_modify(|looks| looks.retain(|name, _| there(name)));
    }
}

async fn asked(stop: &mut watch::Receiver<Option<Halt>>) {
    let _ = stop.wait_for(Option::is_some).await;
}

/// A random part of a time, so that not all services are asked at once.
fn part(of: Duration) -> Duration {
    let letters = random::letters(2).unwrap_or_default();
    let number = letters.bytes().fold(0u32, |n, b| n * 31 + u32::from(b) % 31) % 961;
    of * number / 961
}
