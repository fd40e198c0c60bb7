//! Gives the outbox hands: starts what is due, hands in what was settled, sleeps until the
//! next is due.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::outbox::{Due, Outbox, Task};
use super::prepare::Nowhere;
use super::{Deliver, Delivery, Engine, Job, prepare, sought};
use crate::core::state::State;
use crate::kit::clock::Clock;
use crate::model::commit::Commit;
use crate::model::event::{Event, Settlement};
use crate::model::house::House;
use crate::model::ids::EffectId;
use crate::model::input::Input;

/// After how long an effect whose place was not there yet is tried again.
pub const NOT_YET: Duration = Duration::from_millis(500);

/// Runs until the engine stops.
pub async fn drive(
    engine: Engine,
    mut outbox: Outbox,
    mut commits: mpsc::UnboundedReceiver<Vec<Commit>>,
    deliver: Arc<dyn Deliver>,
    clock: Clock,
) {
    let moved = Arc::new(Notify::new());
    let tell = moved.clone();
    clock.on_move(move || tell.notify_one());
    // Each ends with the effect that has to be tried again, or with none.
    let mut under_way: JoinSet<(EffectId, Option<Delivery>)> = JoinSet::new();
    loop {
        for due in outbox.due(clock.now()) {
            let (engine, deliver, clock) = (engine.clone(), deliver.clone(), clock.clone());
            under_way.spawn(async move {
                let id = match &due {
                    Due::Supersede(id) => *id,
                    Due::Do(task) => task.id,
                };
                let work = async {
                    match due {
                        Due::Supersede(id) => settle(&engine, id, Settlement::Superseded).await,
                        Due::Do(task) => attempt(&engine, &*deliver, &clock, *task).await,
                    }
                };
                // A mistake in one delivery must not hold up its lane for ever.
                let done = AssertUnwindSafe(work).catch_unwind().await;
                let panicked =
                    |_| Some(Delivery::Later { after: None, why: "the delivery panicked".to_owned() });
                (id, done.unwrap_or_else(panicked))
            });
        }
        let sleep = outbox.next_due().and_then(|due| clock.sleep_for(due));
        tokio::select! {
            group = commits.recv() => match group {
                Some(group) => {
                    group.iter().for_each(|c| outbox.take_in(c));
                    if group.iter().any(is_strike)
                        && let Ok(owed) = engine.read(|state, _| state.unsettled.clone()).await
                    {
                        outbox.refresh(&owed);
                    }
                }
                None => return,
            },
            Some(done) = under_way.join_next() => match done {
                Ok((id, Some(Delivery::Later { after, why }))) => {
                    tracing::warn!("effect {id} is tried again later: {why}");
                    outbox.later(id, clock.now(), after);
                }
                Ok(_) => {}
                Err(e) => tracing::error!("a delivery ended badly: {e}"),
            },
            () = moved.notified() => {}
            // What is done cannot be noted any more, and would be done again and again.
            _ = engine.failed() => return,
            () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => {}
        }
    }
}

/// Whether a text was struck out: what is owed may be among what said it.
pub fn is_strike(commit: &Commit) -> bool {
    commit.events.iter().any(|e| matches!(e, Event::TextStruck(_)))
}

/// One try of one effect.
async fn attempt(engine: &Engine, deliver: &dyn Deliver, clock: &Clock, task: Task) -> Option<Delivery> {
    let (effect, now) = (task.effect.clone(), clock.now());
    // All at once: each look waits for the thread that may be writing.
    let look = move |state: &State, house: &House| {
        let step = prepare::step(state, house, &effect).map(Box::new);
        let reach = prepare::reach(house, &effect).cloned();
        let found = effect.show().map(|show| sought(state, show));
        prepare::address(state, house, now, &effect).map(|address| (address, step, reach, found))
    };
    let (address, step, reach, found) = match engine.read(look).await {
        Ok(Ok(found)) => found,
        Ok(Err(Nowhere::Settled(settlement))) => return settle(engine, task.id, settlement).await,
        Ok(Err(Nowhere::NotYet)) => {
            let why = "its place is not there yet".to_owned();
            return Some(Delivery::Later { after: Some(NOT_YET), why });
        }
        Err(down) => {
            return Some(Delivery::Later { after: None, why: down.0 });
        }
    };
    let seen = match task.effect.show().zip(found) {
        Some((show, found)) => match engine.made(show, found).await {
            Ok(seen) => seen,
            Err(down) => {
                return Some(Delivery::Later { after: None, why: down.0 });
            }
        },
        None => None,
    };
    let Task { id, mut effect, since, maybe_done } = task;
    prepare::goes_out(&mut effect, since, now);
    let journal_id = engine.journal_id(id.seq).to_owned();
    let job = Job { id, effect, address, since, maybe_done, journal_id, seen, step, reach };
    match deliver.deliver(job).await {
        Delivery::Settled(settlement) => settle(engine, id, settlement).await,
        later => Some(later),
    }
}

/// Hands in how an effect was settled. Where that cannot be committed now, the effect is tried
/// again, which is safe.
async fn settle(engine: &Engine, effect: EffectId, outcome: Settlement) -> Option<Delivery> {
    match engine.submit(Input::Settled { effect, outcome }).await {
        Ok(_) => None,
        Err(refusal) => Some(Delivery::Later { after: None, why: refusal.0 }),
    }
}
