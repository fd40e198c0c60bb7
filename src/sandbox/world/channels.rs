//! Channels: reading, changing, deleting them, typing in them; and the changes a test makes behind everybody's back.

use super::guild::{ChannelKind, Overwrite, OverwriteKind};
use super::permissions::{MANAGE_CHANNELS, MANAGE_THREADS};
use super::{Answer, Errors, Id, Refusal, World};
use serde_json::{Value, json};

impl World {
    /// `GET /channels/{channel}`.
    pub fn channel(&self, actor: Id, channel: Id) -> Answer<Value> {
        self.must_see(channel, actor)?;
        let Some(found) = self.channels.get(&channel) else {
            return Err(Refusal::unknown_channel());
        };
        if found.kind == ChannelKind::Direct {
            return Ok(self.direct_json(channel, actor));
        }
        let mut value = found.json(self);
        if let Some(member) = found.thread_member_json(actor) {
            value["member"] = member;
        }
        Ok(value)
    }

    /// `GET /guilds/{guild}/channels`: no threads, and only what the asker sees.
    pub fn guild_channels(&self, actor: Id, guild: Id) -> Answer<Vec<Value>> {
        self.must_be_in(guild, actor)?;
        let of_guild =
            self.channels.values().filter(|channel| channel.guild == Some(guild) && channel.thread.is_none());
        Ok(of_guild
            .filter(|channel| self.sees(channel.id, actor))
            .map(|channel| channel.json(self))
            .collect())
    }

    /// `PATCH /channels/{channel}`: a text channel's name and topic; threads are changed by the rules of threads.
    pub fn change_channel(&mut self, now: i64, actor: Id, channel: Id, body: &Value) -> Answer<Value> {
        self.must_see(channel, actor)?;
        let Some(found) = self.channels.get(&channel) else {
            return Err(Refusal::unknown_channel());
        };
        match found.kind {
            ChannelKind::Direct => return Err(Refusal::wrong_channel_type()),
            ChannelKind::PublicThread | ChannelKind::PrivateThread => {
                return self.change_thread(now, actor, channel, body);
            }
            ChannelKind::Text => {}
        }
        if self.permissions(channel, actor) & MANAGE_CHANNELS == 0 {
            return Err(Refusal::missing_permissions());
        }
        let mut errors = Errors::default();
        let name = body["name"].as_str();
        if let Some(name) = name {
            errors.length("name", name.chars().count(), 1, 100);
        }
        let topic = body["topic"].as_str();
        errors.length("topic", topic.map_or(0, |topic| topic.chars().count()), 0, 1024);
        errors.done()?;
        if let Some(found) = self.channels.get_mut(&channel) {
            if let Some(name) = name {
                found.name = name.to_owned();
            }
            if body.get("topic").is_some() {
                found.topic = topic.map(str::to_owned);
            }
        }
        Ok(self.tell_changed(channel))
    }

    /// Tells of a changed channel or thread, and gives it back.
    pub(super) fn tell_changed(&mut self, channel: Id) -> Value {
        let Some(found) = self.channels.get(&channel) else {
            return Value::Null;
        };
        let (value, thread) = (found.json(self), found.thread.is_some());
        self.tell_channel(channel, if thread { "THREAD_UPDATE" } else { "CHANNEL_UPDATE" }, value.clone());
        value
    }

    /// `DELETE /channels/{channel}`.
    pub fn delete_channel(&mut self, actor: Id, channel: Id) -> Answer<Value> {
        self.must_see(channel, actor)?;
        let Some(found) = self.channels.get(&channel) else {
            return Err(Refusal::unknown_channel());
        };
        let needed = if found.thread.is_some() { MANAGE_THREADS } else { MANAGE_CHANNELS };
        if self.permissions(channel, actor) & needed == 0 {
            return Err(Refusal::missing_permissions());
        }
        let value = found.json(self);
        self.remove_channel(channel);
        Ok(value)
    }

    /// Takes a channel away with its threads and messages, as somebody with the right to would.
    pub fn remove_channel(&mut self, channel: Id) {
        let threads: Vec<Id> = self
            .channels
            .values()
            .filter(|c| c.parent == Some(channel) && c.thread.is_some())
            .map(|c| c.id)
            .collect();
        for thread in threads {
            self.remove_channel(thread);
        }
        let viewers = self.viewers(channel);
        let Some(gone) = self.channels.get(&channel) else {
            return;
        };
        let (name, data) = match &gone.thread {
            Some(_) => (
                "THREAD_DELETE",
                json!({ "id": gone.id, "guild_id": gone.guild, "parent_id": gone.parent, "type": gone.kind as u8 }),
            ),
            None => ("CHANNEL_DELETE", gone.json(self)),
        };
        self.channels.remove(&channel);
        self.messages.retain(|(at, _), _| *at != channel);
        self.tell(viewers, name, data);
    }

    /// Sets what a role or member is allowed and denied in a channel, as an administrator would in the settings.
    pub fn overwrite(&mut self, channel: Id, kind: OverwriteKind, id: Id, allow: u64, deny: u64) {
        if let Some(found) = self.channels.get_mut(&channel) {
            found.overwrites.retain(|overwrite| overwrite.id != id);
            found.overwrites.push(Overwrite { id, kind, allow, deny });
            self.tell_changed(channel);
        }
    }

    /// `POST /channels/{channel}/typing`.
    pub fn type_in(&mut self, now: i64, actor: Id, channel: Id) -> Answer<()> {
        self.must_see(channel, actor)?;
        let guild = self.channels.get(&channel).and_then(|channel| channel.guild);
        let data =
            json!({ "channel_id": channel, "guild_id": guild, "user_id": actor, "timestamp": now / 1000 });
        self.tell_channel(channel, "TYPING_START", data);
        Ok(())
    }
}
