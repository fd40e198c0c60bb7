//! Who is in a thread: joining, being added, leaving.

use super::guild::ChannelKind;
use super::messages::Message;
use super::permissions::{MANAGE_THREADS, SEND_MESSAGES_IN_THREADS};
use super::{Answer, Id, Refusal, World};
use serde_json::{Value, json};

impl World {
    /// Who writes in a thread is in it.
    pub(super) fn join_thread_quietly(&mut self, now: i64, channel: Id, user: Id) {
        let thread = self.channels.get_mut(&channel).and_then(|channel| channel.thread.as_mut());
        if let Some(thread) =
            thread.filter(|thread| !thread.members.iter().any(|(member, _)| *member == user))
        {
            thread.members.push((user, now));
            self.tell_thread_members(channel, &[user], &[]);
        }
    }

    /// Who is mentioned in a private thread by somebody who may invite is in it, if they see its channel.
    pub(super) fn let_in_mentioned(&mut self, now: i64, message: &Message) {
        let Some(channel) = self.channels.get(&message.channel) else { return };
        let (Some(thread), Some(parent)) = (&channel.thread, channel.parent) else { return };
        let private = channel.kind == ChannelKind::PrivateThread;
        let may = thread.invitable
            || thread.owner == message.author
            || self.permissions(message.channel, message.author) & MANAGE_THREADS != 0;
        if !private || !may {
            return;
        }
        for user in message
            .mentions
            .users
            .iter()
            .filter(|user| self.sees(parent, **user))
            .copied()
            .collect::<Vec<_>>()
        {
            self.join_thread_quietly(now, message.channel, user);
        }
    }

    /// `PUT /channels/{thread}/thread-members/{user}`.
    pub fn join_thread(&mut self, now: i64, actor: Id, thread: Id, user: Id) -> Answer<()> {
        self.must_see(thread, actor)?;
        self.must_be_thread(thread)?;
        self.must_not_be_archived(thread)?;
        if actor != user && self.permissions(thread, actor) & SEND_MESSAGES_IN_THREADS == 0 {
            return Err(Refusal::missing_permissions());
        }
        let guild = self.channels.get(&thread).and_then(|channel| channel.guild);
        if guild
            .and_then(|guild| self.guilds.get(&guild))
            .is_none_or(|guild| !guild.members.contains_key(&user))
        {
            return Err(Refusal::unknown_member());
        }
        self.join_thread_quietly(now, thread, user);
        Ok(())
    }

    /// `DELETE /channels/{thread}/thread-members/{user}`.
    pub fn leave_thread(&mut self, actor: Id, thread: Id, user: Id) -> Answer<()> {
        self.must_see(thread, actor)?;
        self.must_be_thread(thread)?;
        self.must_not_be_archived(thread)?;
        if actor != user && self.permissions(thread, actor) & MANAGE_THREADS == 0 {
            return Err(Refusal::missing_permissions());
        }
        if let Some(found) = self.channels.get_mut(&thread).and_then(|channel| channel.thread.as_mut()) {
            found.members.retain(|(member, _)| *member != user);
        }
        self.tell_thread_members(thread, &[], &[user]);
        Ok(())
    }

    fn must_be_thread(&self, channel: Id) -> Answer<()> {
        let thread = self.channels.get(&channel).is_some_and(|channel| channel.thread.is_some());
        if thread { Ok(()) } else { Err(Refusal::wrong_channel_type()) }
    }

    fn tell_thread_members(&mut self, thread: Id, added: &[Id], removed: &[Id]) {
        let Some(channel) = self.channels.get(&thread) else {
            return;
        };
        let joined: Vec<Value> = added.iter().filter_map(|user| channel.thread_member_json(*user)).collect();
        let count = channel.thread.as_ref().map_or(0, |thread| thread.members.len());
        let data = json!({
            "id": thread, "guild_id": channel.guild, "member_count": count, "added_members": joined,
            "removed_member_ids": removed,
        });
        self.tell_channel(thread, "THREAD_MEMBERS_UPDATE", data);
    }

    /// `GET /channels/{thread}/thread-members`.
    pub fn thread_members(&self, actor: Id, thread: Id) -> Answer<Vec<Value>> {
        self.must_see(thread, actor)?;
        self.must_be_thread(thread)?;
        let Some(channel) = self.channels.get(&thread) else {
            return Err(Refusal::unknown_channel());
        };
        let members = channel.thread.iter().flat_map(|thread| &thread.members);
        Ok(members.filter_map(|(user, _)| channel.thread_member_json(*user)).collect())
    }
}
