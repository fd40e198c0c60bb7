//! What the gateway is to tell, and whom. Who may know is decided when it happens, because a moment later the channel may be
//! gone.

use super::{Id, World};
use serde_json::Value;

/// One gateway event and those it is for.
#[derive(Clone, PartialEq, Debug)]
pub struct Dispatch {
    /// The users (bots too) whose sessions get it.
    pub to: Vec<Id>,
    /// The event's name, such as `MESSAGE_CREATE`.
    pub name: &'static str,
    /// Its payload.
    pub data: Value,
}

impl World {
    /// Takes the events queued since the last call, oldest first.
    pub fn drain(&mut self) -> Vec<Dispatch> {
        std::mem::take(&mut self.events)
    }

    /// Queues an event: one of its own that somebody changed on the way, as a later Discord might send it.
    pub fn queue(&mut self, event: Dispatch) {
        self.events.push(event);
    }

    pub(super) fn tell(&mut self, to: Vec<Id>, name: &'static str, data: Value) {
        if !to.is_empty() {
            self.events.push(Dispatch { to, name, data });
        }
    }

    /// To everybody who sees the channel.
    pub(super) fn tell_channel(&mut self, channel: Id, name: &'static str, data: Value) {
        let to = self.viewers(channel);
        self.tell(to, name, data);
    }

    /// To every member of the guild.
    pub(super) fn tell_guild(&mut self, guild: Id, name: &'static str, data: Value) {
        let to =
            self.guilds.get(&guild).map(|guild| guild.members.keys().copied().collect()).unwrap_or_default();
        self.tell(to, name, data);
    }
}
