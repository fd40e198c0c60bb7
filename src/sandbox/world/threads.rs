//! Threads: opening them from a message or bare, archiving and waking them. Who is in one is `thread_members`'.

use super::guild::{Channel, ChannelKind, Thread};
use super::permissions::*;
use super::{Answer, Errors, Id, Refusal, World};
use serde_json::{Value, json};

impl World {
    /// `POST /channels/{channel}/messages/{message}/threads`.
    pub fn thread_from_message(
        &mut self,
        now: i64,
        actor: Id,
        channel: Id,
        id: Id,
        body: &Value,
    ) -> Answer<Value> {
        self.visible_message(channel, id, actor)?;
        self.must_take_threads(channel)?;
        if self.permissions(channel, actor) & CREATE_PUBLIC_THREADS == 0 {
            return Err(Refusal::missing_permissions());
        }
        if self.channels.contains_key(&id) {
            return Err(Refusal::thread_exists());
        }
        let (name, minutes) = checked(body)?;
        let value = self.open_thread(now, actor, channel, id, ChannelKind::PublicThread, name, minutes, true);
        if let Some(message) = self.messages.get_mut(&(channel, id)) {
            message.has_thread = true;
            let message = message.clone();
            self.tell_message("MESSAGE_UPDATE", &message);
        }
        Ok(value)
    }

    /// `POST /channels/{channel}/threads`: without a message; private unless `type` says 11.
    pub fn bare_thread(&mut self, now: i64, actor: Id, channel: Id, body: &Value) -> Answer<Value> {
        self.must_see(channel, actor)?;
        self.must_take_threads(channel)?;
        let (kind, needed) = match body["type"].as_u64() {
            Some(11) => (ChannelKind::PublicThread, CREATE_PUBLIC_THREADS),
            Some(12) | None => (ChannelKind::PrivateThread, CREATE_PRIVATE_THREADS),
            Some(_) => {
                return Err(Errors::one("type", "BASE_TYPE_CHOICES", "Value must be one of (11, 12)."));
            }
        };
        if self.permissions(channel, actor) & needed == 0 {
            return Err(Refusal::missing_permissions());
        }
        let (name, minutes) = checked(body)?;
        let id = self.mint.next(now);
        let invitable = body["invitable"].as_bool().unwrap_or(true);
        let value = self.open_thread(now, actor, channel, id, kind, name.clone(), minutes, invitable);
        if kind == ChannelKind::PublicThread {
            let mut notice = self.blank(now, channel, actor);
            notice.kind = 18;
            notice.content = name;
            notice.refers_to_channel = Some(id);
            self.publish(notice, now);
        }
        Ok(value)
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one new thread, used in two places above")]
    fn open_thread(
        &mut self,
        now: i64,
        actor: Id,
        parent: Id,
        id: Id,
        kind: ChannelKind,
        name: String,
        minutes: u64,
        invitable: bool,
    ) -> Value {
        let guild = self.channels.get(&parent).and_then(|channel| channel.guild);
        let mut channel = Channel::text(id, guild.unwrap_or(Id(0)), &name, 0);
        channel.kind = kind;
        channel.parent = Some(parent);
        channel.thread = Some(Thread {
            owner: actor,
            archived: false,
            locked: false,
            invitable,
            auto_archive_minutes: minutes,
            archive_changed_at: now,
            created_at: now,
            active_at: now,
            members: vec![(actor, now)],
            message_count: 0,
            total_sent: 0,
        });
        self.channels.insert(id, channel.clone());
        let mut value = channel.json(self);
        value["newly_created"] = json!(true);
        self.tell_channel(id, "THREAD_CREATE", value.clone());
        if let Some(map) = value.as_object_mut() {
            map.remove("newly_created");
        }
        if let Some(member) = channel.thread_member_json(actor) {
            value["member"] = member;
        }
        value
    }

    fn must_take_threads(&self, channel: Id) -> Answer<()> {
        match self.channels.get(&channel).map(|channel| channel.kind) {
            Some(ChannelKind::Text) => Ok(()),
            Some(_) => Err(Refusal::wrong_channel_type()),
            None => Err(Refusal::unknown_channel()),
        }
    }

    /// `PATCH /channels/{thread}`: name, archived, locked, minutes until it is archived by itself.
    pub(super) fn change_thread(&mut self, now: i64, actor: Id, id: Id, body: &Value) -> Answer<Value> {
        let Some(thread) = self.channels.get(&id).and_then(|channel| channel.thread.clone()) else {
            return Err(Refusal::unknown_channel());
        };
        let bits = self.permissions(id, actor);
        let manages = bits & MANAGE_THREADS != 0;
        let (archived, locked) = (body["archived"].as_bool(), body["locked"].as_bool());
        let waking = archived == Some(false) && thread.archived;
        if thread.archived && !waking {
            return Err(Refusal::thread_archived());
        }
        // Anybody who may write in it wakes an unlocked thread; the rest is the owner's and the managers'.
        let only_wakes = waking && locked.is_none() && body.get("name").is_none();
        let may_wake = only_wakes && !thread.locked && bits & SEND_MESSAGES_IN_THREADS != 0;
        let may_own = thread.owner == actor && locked.is_none() && !thread.locked;
        if !(manages || may_wake || may_own) {
            return Err(Refusal::missing_permissions());
        }
        let mut errors = Errors::default();
        let name = body["name"].as_str().map(str::trim);
        if let Some(name) = name {
            errors.length("name", name.chars().count(), 1, 100);
        }
        let minutes = body["auto_archive_duration"].as_u64();
        if minutes.is_some_and(|minutes| !DURATIONS.contains(&minutes)) {
            errors.choices("auto_archive_duration", "60, 1440, 4320, 10080");
        }
        errors.done()?;
        let Some(channel) = self.channels.get_mut(&id) else {
            return Err(Refusal::unknown_channel());
        };
        if let Some(name) = name {
            channel.name = name.to_owned();
        }
        if let Some(thread) = &mut channel.thread {
            if let Some(archived) = archived.filter(|archived| *archived != thread.archived) {
                thread.archived = archived;
                thread.archive_changed_at = now;
                thread.active_at = now;
            }
            thread.locked = locked.unwrap_or(thread.locked);
            thread.invitable = body["invitable"].as_bool().unwrap_or(thread.invitable);
            thread.auto_archive_minutes = minutes.unwrap_or(thread.auto_archive_minutes);
        }
        Ok(self.tell_changed(id))
    }

    /// Archives a thread, and locks it if asked, as a moderator would.
    pub fn archive(&mut self, now: i64, thread: Id, lock: bool) {
        if let Some(found) = self.channels.get_mut(&thread).and_then(|channel| channel.thread.as_mut()) {
            found.archived = true;
            found.locked = lock;
            found.archive_changed_at = now;
            self.tell_changed(thread);
        }
    }

    pub(super) fn archive_idle_threads(&mut self, now: i64) {
        let idle: Vec<Id> = self
            .channels
            .values()
            .filter(|channel| {
                channel.thread.as_ref().is_some_and(|thread| {
                    !thread.archived && now - thread.active_at >= thread.auto_archive_minutes as i64 * 60_000
                })
            })
            .map(|channel| channel.id)
            .collect();
        for thread in idle {
            self.archive(now, thread, false);
        }
    }

    /// 50083 in an archived thread.
    pub(super) fn must_not_be_archived(&self, channel: Id) -> Answer<()> {
        let thread = self.channels.get(&channel).and_then(|channel| channel.thread.as_ref());
        if thread.is_some_and(|thread| thread.archived) { Err(Refusal::thread_archived()) } else { Ok(()) }
    }

    /// A message wakes an archived thread; a locked one only if its author manages threads, else 50083.
    pub(super) fn wake_thread(&mut self, now: i64, channel: Id, author: Id) -> Answer<()> {
        let manages = self.permissions(channel, author) & MANAGE_THREADS != 0;
        let Some(thread) = self.channels.get_mut(&channel).and_then(|channel| channel.thread.as_mut()) else {
            return Ok(());
        };
        if !thread.archived {
            return Ok(());
        }
        if thread.locked && !manages {
            return Err(Refusal::thread_archived());
        }
        thread.archived = false;
        thread.archive_changed_at = now;
        self.tell_changed(channel);
        Ok(())
    }

    /// `GET /guilds/{guild}/threads/active`.
    pub fn active_threads(&self, actor: Id, guild: Id) -> Answer<Value> {
        self.must_be_in(guild, actor)?;
        let active: Vec<&Channel> = self
            .channels
            .values()
            .filter(|channel| channel.guild == Some(guild) && self.sees(channel.id, actor))
            .filter(|channel| channel.thread.as_ref().is_some_and(|thread| !thread.archived))
            .collect();
        let members: Vec<Value> =
            active.iter().filter_map(|channel| channel.thread_member_json(actor)).collect();
        let threads: Vec<Value> = active.iter().rev().map(|channel| channel.json(self)).collect();
        Ok(json!({ "threads": threads, "members": members, "has_more": false }))
    }
}

const DURATIONS: [u64; 4] = [60, 1440, 4320, 10080];

/// The name and the minutes of a new thread.
fn checked(body: &Value) -> Answer<(String, u64)> {
    let mut errors = Errors::default();
    let name = body["name"].as_str().map(str::trim);
    match name {
        Some(name) => errors.length("name", name.chars().count(), 1, 100),
        None => errors.required("name"),
    }
    let minutes = body["auto_archive_duration"].as_u64().unwrap_or(4320);
    if !DURATIONS.contains(&minutes) {
        errors.choices("auto_archive_duration", "60, 1440, 4320, 10080");
    }
    errors.done()?;
    Ok((name.unwrap_or_default().to_owned(), minutes))
}
