//! Whose turn it is to change a message: one at a time, in the order in which they came.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::model::ids::MessageId;

/// A message's lock, for as long as somebody holds it or waits for it.
type Lock = Arc<tokio::sync::Mutex<()>>;

/// The messages that are being changed.
#[derive(Default)]
pub struct Turns(Mutex<BTreeMap<MessageId, Lock>>);

impl Turns {
    /// Waits until nobody changes this message any more. The turn lasts as long as what comes
    /// back is kept; who waits first is first.
    pub async fn take(&self, message: MessageId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody else gets hold of one meanwhile: that happens only here.
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            locks.entry(message).or_default().clone()
        };
        lock.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_for_each_message_and_nothing_is_kept_afterwards() {
        let turns = Turns::default();
        let first = turns.take(MessageId(1)).await;
        let other = turns.take(MessageId(2)).now_or_never();
        assert!(other.is_some(), "another message waits for nobody");
        let mut second = Box::pin(turns.take(MessageId(1)));
        assert!(second.as_mut().now_or_never().is_none(), "the first has it");
        drop((first, other));
        let second = second.await;
        let third = turns.take(MessageId(3)).await;
        assert_eq!(turns.0.lock().unwrap().len(), 2, "the one that nobody holds is forgotten");
        drop((second, third));
    }
}
