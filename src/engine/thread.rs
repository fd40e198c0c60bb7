//! The engine's thread: the only one that steps and the only one that writes the journal.
//!
//! A thread and not a task, because a flush blocks. What arrives during a flush waits and
//! shares the next one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::Down;
use super::committer::Committer;
use crate::core;
use crate::core::state::State;
use crate::journal::Journal;
use crate::kit::clock::Clock;
use crate::model::commit::Commit;
use crate::model::house::House;
use crate::model::ids::Seq;
use crate::model::input::Input;
use crate::model::reply::{Refusal, Reply};

/// Inputs that share one flush, at most. More would not make it cheaper, and each waits for
/// all.
const GROUP: usize = 64;

/// After how long without work a snapshot may be made.
const CALM: Duration = Duration::from_millis(100);

pub type Look = Box<dyn FnOnce(&State, &House) + Send>;
pub type Answer = oneshot::Sender<Result<Reply, Refusal>>;

/// Whom the thread tells what is on disk, before it answers.
pub struct Told {
    /// Every commit, for the outbox.
    pub commits: mpsc::UnboundedSender<Vec<Commit>>,
    /// How many effects are not settled.
    pub owed: watch::Sender<usize>,
    /// The newest commit.
    pub head: watch::Sender<Seq>,
    /// Why nothing is decided any more, once that is so.
    pub down: watch::Sender<Option<Down>>,
}

/// What the thread is told.
pub enum Message {
    /// Decide this.
    Input(Box<Input>, Answer),
    /// Let somebody look at the state.
    Read(Look),
    /// Work with this house from now on.
    Reload(Arc<House>),
    /// A driven clock has moved.
    Tick,
    /// Keep a snapshot and end.
    Stop(oneshot::Sender<()>),
}

/// Starts it.
pub fn spawn<J: Journal + 'static>(
    mut committer: Committer<J>,
    clock: Clock,
    inbox: Receiver<Message>,
    own: SyncSender<Message>,
    told: Told,
) -> Result<(), Down> {
    clock.on_move(move || {
        // A full inbox wakes the thread anyway.
        let _ = own.try_send(Message::Tick);
    });
    let work = move || {
        let mut busy = false;
        while let Some(first) = wait(&mut committer, &clock, &inbox) {
            let mut turn = Turn::default();
            turn.take(first);
            turn.gather(&inbox, busy);
            busy = turn.inputs.len() > 1;
            if let Some(stop) = turn.run(&mut committer, &clock, &told) {
                committer.snapshot();
                drop(committer);
                let _ = stop.send(());
                return;
            }
        }
    };
    std::thread::Builder::new()
        .name("engine".to_owned())
        .spawn(work)
        .map(drop)
        .map_err(|e| Down(format!("the engine's thread could not be started: {e}")))
}

/// The next message; a [`Message::Tick`] when a time comes first; `None` when nobody is left.
fn wait<J: Journal>(
    committer: &mut Committer<J>,
    clock: &Clock,
    inbox: &Receiver<Message>,
) -> Option<Message> {
    // After a failure no time means anything any more.
    let due = if committer.down().is_none() { core::next_wakeup(committer.state()) } else { None };
    let sleep = due.and_then(|due| clock.sleep_for(due));
    let within = |limit: Duration| match inbox.recv_timeout(limit) {
        Ok(message) => Some(Some(message)),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => Some(None),
    };
    if committer.wants_snapshot() && sleep.is_none_or(|sleep| sleep > CALM) {
        if let Some(came) = within(CALM) {
            return came;
        }
        committer.snapshot();
        return wait(committer, clock, inbox);
    }
    match sleep {
        None => inbox.recv().ok(),
        Some(sleep) => within(sleep).unwrap_or(Some(Message::Tick)),
    }
}

/// What is done between two waits.
#[derive(Default)]
struct Turn {
    inputs: Vec<Input>,
    answers: Vec<Answer>,
    looks: Vec<Look>,
    house: Option<Arc<House>>,
    stop: Option<oneshot::Sender<()>>,
}

impl Turn {
    fn take(&mut self, message: Message) {
        match message {
            Message::Input(input, answer) => {
                self.inputs.push(*input);
                self.answers.push(answer);
            }
            Message::Read(look) => self.looks.push(look),
            Message::Reload(house) => self.house = Some(house),
            Message::Tick => {}
            Message::Stop(done) => self.stop = Some(done),
        }
    }

    /// Takes what is there already. While several ask at once, those who are about to ask go first: a
    /// flush for each would take the time that they need to ask. Alone, nobody waits for anybody.
    fn gather(&mut self, inbox: &Receiver<Message>, busy: bool) {
        loop {
            let before = self.inputs.len();
            while self.inputs.len() < GROUP && self.stop.is_none() {
                let Ok(next) = inbox.try_recv() else { break };
                self.take(next);
            }
            if !busy || self.inputs.len() == before || self.inputs.len() == GROUP || self.stop.is_some() {
                return;
            }
            std::thread::yield_now();
        }
    }

    fn run<J: Journal>(
        self,
        committer: &mut Committer<J>,
        clock: &Clock,
        told: &Told,
    ) -> Option<oneshot::Sender<()>> {
        let now = clock.now();
        let read_anew = self.house.is_some();
        if let Some(house) = self.house {
            committer.set_house(house);
        }
        let mut inputs = self.inputs;
        if read_anew && committer.down().is_none() {
            inputs.push(Input::Reread);
        }
        // Other settings may make other things due.
        if committer.down().is_none() && (read_anew || core::is_due(committer.state(), now)) {
            inputs.push(Input::Wake);
        }
        let group = committer.commit(now, &inputs);
        if let Some(down) = committer.down()
            && told.down.borrow().is_none()
        {
            told.down.send_replace(Some(down.clone()));
        }
        if !group.commits.is_empty() {
            told.owed.send_replace(committer.state().unsettled.len());
            told.head.send_replace(committer.state().head);
            let _ = told.commits.send(group.commits);
        }
        // `answers` is shorter by what nobody waits for.
        for (to, answer) in self.answers.into_iter().zip(group.answers) {
            let _ = to.send(answer);
        }
        // Whoever looks at a state that is ahead of the disk is told why not, by its silence.
        for look in self.looks.into_iter().filter(|_| committer.down().is_none()) {
            let seen = catch_unwind(AssertUnwindSafe(|| look(committer.state(), committer.house())));
            if seen.is_err() {
                tracing::error!("looking at the state panicked");
            }
        }
        committer.snapshot_at_last();
        self.stop
    }
}
