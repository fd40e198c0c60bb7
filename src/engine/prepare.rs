//! Where an effect goes, looked up just before it is done: a thread that did not exist when
//! the effect was decided does now.

use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::effect::{Effect, Place};
use crate::model::event::{Reason, Settlement};
use crate::model::house::House;
use crate::model::ids::{ChannelId, MessageId};
use crate::model::incident::{Card, Thread};

/// Where an effect goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// A new message in a channel or thread.
    Channel(ChannelId),
    /// A message that is there.
    Message(ChannelId, MessageId),
    /// The effect says itself where.
    Own,
}

/// Where this effect goes now, or how it is settled without being done.
///
/// # Errors
/// The settlement, where there is nothing to do it to.
pub fn address(state: &State, house: &House, now: Timestamp, effect: &Effect) -> Result<Address, Settlement> {
    let incident = |id| state.incidents.get(id).ok_or(Settlement::Superseded);
    match effect {
        Effect::PostCard { channel, .. } | Effect::Say { place: Place::Channel(channel), .. } => {
            Ok(Address::Channel(*channel))
        }
        Effect::Say { place: Place::Thread(id), .. } => Ok(Address::Channel(match incident(id)?.thread {
            Thread::At(thread) => thread,
            // The lane opens the thread before anything is said in it.
            Thread::Owed | Thread::Lost => house.settings.channels.incidents,
        })),
        Effect::EditCard { incident: id, .. } => match incident(id)?.card {
            Card::At { channel, message } => Ok(Address::Message(channel, message)),
            Card::Owed | Card::Lost => Err(Settlement::Superseded),
        },
        Effect::OpenThread { incident: id, .. } => match incident(id)?.card {
            Card::At { channel, message } => Ok(Address::Message(channel, message)),
            Card::Owed | Card::Lost => Err(Settlement::GaveUp {
                reason: Reason::Gone,
                said: "there is no card to open a thread under".to_owned(),
            }),
        },
        Effect::Answer { to, .. } if now >= to.expires => Err(Settlement::GaveUp {
            reason: Reason::Expired,
            said: "the interaction's token has expired".to_owned(),
        }),
        Effect::Answer { .. } | Effect::Check(_) => Ok(Address::Own),
    }
}
