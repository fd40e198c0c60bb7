//! Gives the outbox hands: starts what is due, hands in what was settled, sleeps until the
//! next is due.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::outbox::{Due, Outbox, Task};
use super::{Deliver, Delivery, Engine, Job, prepare};
use crate::kit::clock::Clock;
use crate::model::commit::Commit;
use crate::model::effect::Effect;
use crate::model::event::Settlement;
use crate::model::ids::EffectId;
use crate::model::input::Input;

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
                match due {
                    Due::Supersede(id) => (id, settle(&engine, id, Settlement::Superseded).await),
                    Due::Do(task) => {
                        let id = task.id;
                        (id, attempt(&engine, &*deliver, &clock, *task).await)
                    }
                }
            });
        }
        let sleep = outbox.next_due().and_then(|due| clock.sleep_for(due));
        tokio::select! {
            group = commits.recv() => match group {
                Some(group) => group.iter().for_each(|c| outbox.take_in(c)),
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
            () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => {}
        }
    }
}

/// One try of one effect.
async fn attempt(engine: &Engine, deliver: &dyn Deliver, clock: &Clock, task: Task) -> Option<Delivery> {
    let (effect, now) = (task.effect.clone(), clock.now());
    let address = engine.read(move |state, house| prepare::address(state, house, now, &effect)).await;
    let address = match address {
        Ok(Ok(address)) => address,
        Ok(Err(settlement)) => return settle(engine, task.id, settlement).await,
        Err(down) => {
            return Some(Delivery::Later { after: None, why: down.0 });
        }
    };
    let history = match &task.effect {
        Effect::Say { show, .. } | Effect::Answer { show, .. } => match engine.history_for(show).await {
            Ok(history) => history,
            Err(down) => {
                return Some(Delivery::Later { after: None, why: down.0 });
            }
        },
        _ => None,
    };
    let Task { id, effect, since, maybe_done } = task;
    let journal_id = engine.journal_id(id.seq).to_owned();
    match deliver.deliver(Job { id, effect, address, since, maybe_done, journal_id, history }).await {
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
