//! The one owner of state. Takes inputs, steps, commits in groups, answers; then does what is
//! owed, through whoever implements [`Deliver`].
//!
//! Durable before told: a reply, or an effect, comes after its commit is on disk. The pure
//! parts ([`committer`], [`outbox`], [`prepare`]) are the ones that the simulation runs too;
//! [`thread`] and [`driver`] give them a thread and a task.

pub mod committer;
pub mod driver;
pub mod live;
pub mod outbox;
pub mod prepare;
mod strike;
mod thread;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::core::seen::{self, Seen};
use crate::core::state::State;
use crate::journal::{Journal, Reader};
use crate::kit::clock::Clock;
use crate::kit::time::Timestamp;
use crate::model::card::Show;
use crate::model::effect::Effect;
use crate::model::event::Settlement;
use crate::model::house::House;
use crate::model::ids::{EffectId, Seq};
use crate::model::input::Input;
use crate::model::oncall::Reach;
use crate::model::reply::{Refusal, Reply};
use committer::Committer;
use prepare::{Address, StepJob};
use thread::{Message, Told};

/// Does what is owed. `discord` and `runner` do it.
#[async_trait::async_trait]
pub trait Deliver: Send + Sync + 'static {
    /// Tries once. Must be safe to call again after [`Delivery::Later`] and after a crash:
    /// `job.maybe_done` says that an earlier try may have succeeded unseen.
    async fn deliver(&self, job: Job) -> Delivery;
}

/// An effect, ready to be done.
#[derive(Clone, Debug)]
pub struct Job {
    /// Which.
    pub id: EffectId,
    /// What.
    pub effect: Effect,
    /// Where, looked up a moment ago.
    pub address: Address,
    /// When it was first owed.
    pub since: Timestamp,
    /// Whether an earlier try may have succeeded: the process ended, or no answer came.
    pub maybe_done: bool,
    /// The random id of the journal that owes it: what makes its nonce differ from another's.
    pub journal_id: String,
    /// For what shows something of the journal: what that says.
    pub seen: Option<Arc<Seen>>,
    /// For an attempt at a step: everything that it takes.
    pub step: Option<Box<StepJob>>,
    /// For a call that is none in Discord: where the person is reached, as the house says now.
    pub reach: Option<Reach>,
}

/// How a try went.
#[derive(Clone, Debug, PartialEq)]
pub enum Delivery {
    /// It is done, or never will be.
    Settled(Settlement),
    /// Not now.
    Later {
        /// Refused for this long, so it was certainly not done. `None`: nobody knows whether it
        /// was, and the backoff says when to try again.
        after: Option<Duration>,
        /// Why, for the log.
        why: String,
    },
}

/// A handle on the running engine. Cloned freely.
#[derive(Clone)]
pub struct Engine {
    inbox: std::sync::mpsc::SyncSender<Message>,
    /// `None` once the engine has stopped: a handle that somebody still holds must not hold
    /// the journal's folder.
    reader: Arc<Mutex<Option<Arc<dyn Reader>>>>,
    ids: Arc<JournalIds>,
    left: watch::Receiver<usize>,
    head: watch::Receiver<Seq>,
    down: watch::Receiver<Option<Down>>,
}

/// Under which id a commit was written: another than today's only for what was owed when the
/// journal was restored from an export.
struct JournalIds {
    current: String,
    older: BTreeMap<Seq, String>,
}

/// The engine does not work any more; the words say why and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down(pub String);

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Inputs that may wait for the engine. Past this many a sender is told to try again: better
/// a refusal now than an answer after Discord's 3 seconds.
const INBOX: usize = 4096;

impl Engine {
    /// Starts the engine's thread on a journal, and the task that does what is owed.
    ///
    /// # Errors
    /// When the journal cannot be read, with the cure.
    pub fn start(
        journal: impl Journal + 'static,
        house: Arc<House>,
        clock: Clock,
        deliver: Arc<dyn Deliver>,
    ) -> Result<Engine, Down> {
        let reader = Arc::new(Mutex::new(Some(journal.reader())));
        let committer = Committer::open(journal, house)?;
        let ids = Arc::new(committer.ids());
        let (inbox, messages) = std::sync::mpsc::sync_channel(INBOX);
        let (commits, owed) = mpsc::unbounded_channel();
        let outbox = outbox::Outbox::recover(committer.state());
        let (count, left) = watch::channel(outbox.len());
        let (failed, down) = watch::channel(None);
        let (newest, head) = watch::channel(committer.state().head);
        let engine = Engine { inbox, reader, ids, left, head, down };
        let told = Told { commits, owed: count, head: newest, down: failed };
        thread::spawn(committer, clock.clone(), messages, engine.inbox.clone(), told)?;
        tokio::spawn(driver::drive(engine.clone(), outbox, owed, deliver, clock));
        Ok(engine)
    }

    /// Hands in one input and waits until what it led to is on disk.
    ///
    /// # Errors
    /// The refusal for the person who asked; also when the engine is down or overrun.
    pub async fn submit(&self, input: Input) -> Result<Reply, Refusal> {
        let (answer, answered) = oneshot::channel();
        match self.inbox.try_send(Message::Input(Box::new(input), answer)) {
            Ok(()) => answered.await.unwrap_or_else(|_| Err(stopped())),
            Err(std::sync::mpsc::TrySendError::Full(_)) => {
                Err(Refusal::new("Muster has more to do than it can keep up with. Try again in a moment."))
            }
            Err(std::sync::mpsc::TrySendError::Disconnected(_)) => Err(stopped()),
        }
    }

    /// Looks at the state, after all that was handed in before.
    ///
    /// # Errors
    /// When the engine has stopped.
    pub async fn read<R: Send + 'static>(
        &self,
        look: impl FnOnce(&State, &House) -> R + Send + 'static,
    ) -> Result<R, Down> {
        let (answer, answered) = oneshot::channel();
        let read = Message::Read(Box::new(move |state, house| {
            let _ = answer.send(look(state, house));
        }));
        if let Err(std::sync::mpsc::TrySendError::Full(read)) = self.inbox.try_send(read) {
            // A look may wait: it is never the answer that Discord's 3 seconds are about.
            let inbox = self.inbox.clone();
            tokio::task::spawn_blocking(move || drop(inbox.send(read))).await.ok();
        }
        answered.await.map_err(|_| self.why())
    }

    /// Waits until the engine cannot go on, and says why. From then on nothing is decided,
    /// and what stands in memory is not shown: it may be ahead of the disk.
    pub async fn failed(&self) -> Down {
        let mut down = self.down.clone();
        let why = down.wait_for(Option::is_some).await.ok().and_then(|d| d.clone());
        match why {
            Some(why) => why,
            // The thread ended because it was asked to: that is no failure.
            None => std::future::pending().await,
        }
    }

    fn why(&self) -> Down {
        self.down.borrow().clone().unwrap_or_else(|| Down(stopped().0))
    }

    /// What something to show is made from, where it is made from the journal.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn seen(&self, show: &Show) -> Result<Option<Arc<Seen>>, Down> {
        let wanted = show.clone();
        let found = self.read(move |state: &State, _: &House| sought(state, &wanted)).await?;
        self.made(show, found).await
    }

    /// The same, with what a look at the state found.
    async fn made(&self, show: &Show, found: Sought) -> Result<Option<Arc<Seen>>, Down> {
        let seqs = match found {
            Ok(seen) => return Ok(Some(Arc::new(seen))),
            Err(None) => return Ok(None),
            Err(Some(seqs)) => seqs,
        };
        let reader = self.journal()?;
        let commits = tokio::task::spawn_blocking(move || reader.get(&seqs))
            .await
            .map_err(|e| Down(e.to_string()))?
            .map_err(|damage| Down(damage.to_string()))?;
        Ok(seen::of(show, &commits).map(Arc::new))
    }

    /// The journal, for reading only.
    ///
    /// # Errors
    /// When the engine has stopped.
    pub fn journal(&self) -> Result<Arc<dyn Reader>, Down> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.clone().ok_or_else(|| Down(stopped().0))
    }

    /// The journal's random id when `seq` was written.
    fn journal_id(&self, seq: Seq) -> &str {
        self.ids.older.get(&seq).unwrap_or(&self.ids.current)
    }

    /// The newest commit, for whoever waits for something to happen.
    pub fn head(&self) -> watch::Receiver<Seq> {
        self.head.clone()
    }

    /// Waits until nothing is owed any more.
    ///
    /// # Errors
    /// When the engine stops before.
    pub async fn drained(&self) -> Result<(), Down> {
        self.left.clone().wait_for(|left| *left == 0).await.map(drop).map_err(|_| Down(stopped().0))
    }

    /// Works with this house from the next input on.
    pub fn reload(&self, house: Arc<House>) {
        let _ = self.inbox.send(Message::Reload(house));
    }

    /// Takes a snapshot and ends the engine's thread. What is still owed stays in the journal.
    pub async fn stop(&self) {
        let (done, finished) = oneshot::channel();
        if self.inbox.send(Message::Stop(done)).is_ok() {
            let _ = finished.await;
        }
        self.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// What something to show is made from, or the commits that say it, where there are any.
type Sought = Result<Seen, Option<Vec<Seq>>>;

fn sought(state: &State, show: &Show) -> Sought {
    seen::at_hand(state, show).ok_or_else(|| seen::commits(state, show))
}

fn stopped() -> Refusal {
    Refusal::new("Muster is stopping. Try again when it is back.")
}
