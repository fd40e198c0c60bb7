//! Direct messages: one channel for two, and the people who take none.

use super::guild::{Channel, ChannelKind};
use super::{Answer, Errors, Id, Refusal, World};
use serde_json::Value;

impl World {
    /// `POST /users/@me/channels`: the direct message with `other`, opened if there is none yet.
    pub fn open_direct(&mut self, now: i64, actor: Id, other: Id) -> Answer<Value> {
        if !self.users.contains_key(&other) {
            return Err(Refusal::unknown_user());
        }
        if other == actor {
            return Err(Errors::one(
                "recipient_id",
                "BASE_TYPE_CHOICES",
                "Cannot open a direct message with yourself.",
            ));
        }
        let id = match self.direct_between(actor, other) {
            Some(id) => id,
            None => {
                let id = self.mint.next(now);
                let mut channel = Channel::text(id, Id(0), "", 0);
                channel.kind = ChannelKind::Direct;
                channel.guild = None;
                channel.recipients = vec![actor, other];
                self.channels.insert(id, channel);
                for user in [actor, other] {
                    let data = self.direct_json(id, user);
                    self.tell(vec![user], "CHANNEL_CREATE", data);
                }
                id
            }
        };
        Ok(self.direct_json(id, actor))
    }

    /// The direct message between two, if they have one.
    pub fn direct_between(&self, one: Id, other: Id) -> Option<Id> {
        let between = |channel: &&Channel| {
            channel.kind == ChannelKind::Direct
                && channel.recipients.contains(&one)
                && channel.recipients.contains(&other)
        };
        self.channels.values().find(between).map(|channel| channel.id)
    }

    /// A direct message as one side sees it: the recipients are the others.
    pub(super) fn direct_json(&self, channel: Id, viewer: Id) -> Value {
        let Some(channel) = self.channels.get(&channel) else {
            return Value::Null;
        };
        let mut seen = channel.clone();
        seen.recipients.retain(|user| *user != viewer);
        seen.json(self)
    }

    /// Switches direct messages from members of a server off for somebody, or on.
    pub fn refuse_direct_messages(&mut self, user: Id, refuse: bool) {
        if let Some(user) = self.users.get_mut(&user) {
            user.refuses_direct_messages = refuse;
        }
    }

    /// 50007 if somebody in the direct message takes none, or shares no guild with the author.
    pub(super) fn must_reach(&self, channel: &Channel, author: Id) -> Answer<()> {
        for user in channel.recipients.iter().filter(|user| **user != author) {
            let refuses = self.users.get(user).is_none_or(|user| user.refuses_direct_messages);
            let strangers = !self.guilds_of(author).iter().any(|guild| guild.members.contains_key(user));
            if refuses || strangers {
                return Err(Refusal::cannot_message_user());
            }
        }
        Ok(())
    }
}

impl World {
    /// The direct messages of a person, as their client is told when it connects.
    pub fn directs_of(&self, user: Id) -> Vec<Value> {
        let own =
            |channel: &&Channel| channel.kind == ChannelKind::Direct && channel.recipients.contains(&user);
        self.channels.values().filter(own).map(|channel| self.direct_json(channel.id, user)).collect()
    }
}
