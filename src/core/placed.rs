//! What becomes of the state when an effect left the outbox: where a card and a thread are, and what is
//! lost.

use super::runs::fold;
use super::state::{Owed, State};
use crate::model::card::Show;
use crate::model::effect::{Effect, Place};
use crate::model::event::{Reason, Settlement};
use crate::model::ids::{EffectId, Seq};
use crate::model::incident::{Card, Thread};

impl State {
    /// Takes in how an effect left the outbox.
    pub(super) fn settle(&mut self, seq: Seq, id: EffectId, outcome: &Settlement) {
        self.checks.remove(&id);
        self.amend.remove(&id);
        let Some(Owed { effect, .. }) = self.unsettled.remove(&id) else {
            return;
        };
        match (&effect, outcome) {
            (Effect::PostCard { incident, .. }, outcome) => self.about(*incident, seq, |i| {
                i.card = match outcome {
                    Settlement::Posted { channel, message } => {
                        Card::At { channel: *channel, message: *message }
                    }
                    _ => Card::Lost,
                };
            }),
            (Effect::OpenThread { incident, .. } | Effect::OpenPrivate { incident, .. }, outcome) => {
                let thread = match outcome {
                    Settlement::Opened { thread } => Thread::At(*thread),
                    _ => Thread::Lost,
                };
                if let Thread::At(channel) = thread {
                    self.threads.insert(channel, *incident);
                }
                self.about(*incident, seq, |i| i.thread = thread);
            }
            (Effect::EditCard { incident, .. }, Settlement::GaveUp { reason, .. }) => {
                self.about(*incident, seq, |i| lose(*reason, || i.card = Card::Lost));
            }
            (Effect::Say { place: Place::Thread(incident), .. }, Settlement::GaveUp { reason, .. }) => {
                self.about(*incident, seq, |i| lose(*reason, || i.thread = Thread::Lost));
            }
            (Effect::PostRun { run, .. }, outcome) => {
                let card = match outcome {
                    Settlement::Posted { channel, message } => {
                        Card::At { channel: *channel, message: *message }
                    }
                    _ => Card::Lost,
                };
                self.about_run(*run, seq, |r| r.card = card);
            }
            (Effect::OpenRunThread { run, .. }, outcome) => {
                let thread = match outcome {
                    Settlement::Opened { thread } => Thread::At(*thread),
                    _ => Thread::Lost,
                };
                if let Thread::At(channel) = thread {
                    self.run_threads.insert(channel, *run);
                }
                self.about_run(*run, seq, |r| r.thread = thread);
            }
            (Effect::EditRun { run, .. }, Settlement::GaveUp { reason, .. }) => {
                self.about_run(*run, seq, |r| lose(*reason, || r.card = Card::Lost));
            }
            (Effect::Say { place: Place::Run(run), .. }, Settlement::GaveUp { reason, .. }) => {
                self.about_run(*run, seq, |r| lose(*reason, || r.thread = Thread::Lost));
            }
            (Effect::PostBoard { board, .. }, outcome) => self.board_posted(seq, *board, outcome),
            (Effect::EditBoard { board, .. }, Settlement::GaveUp { reason, .. }) => {
                lose(*reason, || self.set_board(seq, *board, Card::Lost));
            }
            (Effect::Say { show: Show::Announcement { incident, .. }, .. }, Settlement::GaveUp { .. }) => {
                self.not_announced(seq, *incident);
            }
            (Effect::RunStep { run, .. }, outcome) => {
                self.about_run(*run, seq, |r| fold::captured(r, outcome));
            }
            // It names its incident itself, and its timeline tells what became of it.
            (Effect::Say { show: Show::Report { incident, .. }, .. }, Settlement::GaveUp { .. }) => {
                self.about(*incident, seq, |_| {});
            }
            _ => {}
        }
    }
}

/// A place is lost only when it is gone: one that was refused for now may open again.
fn lose(reason: Reason, lost: impl FnOnce()) {
    if reason == Reason::Gone {
        lost();
    }
}
