//! Messages: posting, editing, deleting. What may be in one is `message_check`'s, who may post `posting`'s, whom it pings
//! `mentions`'.

use super::mentions::Mentions;
use super::message_check::{Draft, Keep};
use super::permissions::MANAGE_MESSAGES;
use super::{Answer, Errors, Id, Ping, Refusal, World};
use serde_json::{Value, json};

/// A file as it was sent, or as it is served.
#[derive(Clone, PartialEq, Debug)]
pub struct File {
    /// The `n` of the form field `files[n]`.
    pub index: u64,
    /// Its name.
    pub filename: String,
    /// Its MIME type.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A file that hangs on a message; its bytes are in [`World::files`].
#[derive(Clone, PartialEq, Debug)]
pub struct Attachment {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub filename: String,
    /// Its MIME type.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// The text for those who cannot see it.
    pub description: Option<String>,
}

/// Somebody's emoji under a message.
#[derive(Clone, PartialEq, Debug)]
pub struct Reaction {
    /// The emoji itself.
    pub emoji: String,
    /// Who put it there.
    pub users: Vec<Id>,
}

/// A message.
#[derive(Clone, PartialEq, Debug)]
pub struct Message {
    /// Its id.
    pub id: Id,
    /// Where it is.
    pub channel: Id,
    /// Who wrote it.
    pub author: Id,
    /// Discord's message type: 0 written, 18 thread opened, 19 reply, 20 answer to a command, 23 to a context menu.
    pub kind: u8,
    /// The text.
    pub content: String,
    /// The embeds, as Discord gives them back.
    pub embeds: Vec<Value>,
    /// The components, as Discord gives them back.
    pub components: Vec<Value>,
    /// The files.
    pub attachments: Vec<Attachment>,
    /// When it was written, ms.
    pub created_at: i64,
    /// When it was last edited, ms.
    pub edited_at: Option<i64>,
    /// Flags: 64 ephemeral, 128 loading, 4096 silent, 32768 components v2.
    pub flags: u64,
    /// When it was pinned, ms.
    pub pinned_at: Option<i64>,
    /// Whom it mentions so that they are pinged.
    pub mentions: Mentions,
    /// Its nonce, as the author gave it.
    pub nonce: Option<Value>,
    /// Its reactions.
    pub reactions: Vec<Reaction>,
    /// What Discord says about the interaction it answers.
    pub interaction: Option<Value>,
    /// The only person who sees it, for an ephemeral one.
    pub only_for: Option<Id>,
    /// The message it replies to, in the same channel.
    pub reply_to: Option<Id>,
    /// The channel of a reference to a channel (a thread opened).
    pub refers_to_channel: Option<Id>,
    /// Whether a thread hangs on it (the thread has the message's id).
    pub has_thread: bool,
}

/// The ephemeral flag.
pub const EPHEMERAL: u64 = 1 << 6;
/// The flag of a deferred answer.
pub const LOADING: u64 = 1 << 7;
/// The flag of a message that pings nobody.
pub const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
/// The flag of a message made of components.
pub const COMPONENTS_V2: u64 = 1 << 15;

const HOUR: i64 = 3_600_000;

impl World {
    /// `POST /channels/{channel}/messages`.
    pub fn create_message(
        &mut self,
        now: i64,
        author: Id,
        channel: Id,
        body: &Value,
        files: Vec<File>,
    ) -> Answer<Value> {
        self.must_see(channel, author)?;
        self.must_be_allowed_to_post(channel, author)?;
        let mut errors = Errors::default();
        let draft = Draft::read(body, &files, "", &mut errors);
        errors.done()?;
        if draft.is_empty(&files) {
            return Err(Refusal::empty_message());
        }
        self.must_be_allowed_content(channel, author, &draft, &files)?;
        if let Some(nonce) = draft.nonce_key().filter(|_| draft.enforce_nonce)
            && let Some((known_in, known, at)) = self.nonces.get(&(author, nonce))
            && now - at < self.timings.nonce_life
            && let Some(message) = self.messages.get(&(*known_in, *known))
        {
            return Ok(self.posted_json(message));
        }
        if let Some(reply) = draft.reply_to
            && !self.messages.contains_key(&(channel, reply))
            && draft.must_find_reply
        {
            return Err(Errors::one("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message"));
        }
        self.wake_thread(now, channel, author)?;
        let mut message = self.blank(now, channel, author);
        message.reply_to = draft.reply_to.filter(|reply| self.messages.contains_key(&(channel, *reply)));
        message.kind = if message.reply_to.is_some() { 19 } else { 0 };
        if let Some(nonce) = draft.nonce_key() {
            self.nonces.insert((author, nonce), (channel, message.id, now));
        }
        self.fill(&mut message, draft, files);
        let value = self.posted_json(&message);
        self.publish(message, now);
        Ok(value)
    }

    /// A message with nothing in it yet.
    pub(super) fn blank(&mut self, now: i64, channel: Id, author: Id) -> Message {
        Message {
            id: self.mint.next(now),
            channel,
            author,
            kind: 0,
            content: String::new(),
            embeds: Vec::new(),
            components: Vec::new(),
            attachments: Vec::new(),
            created_at: now,
            edited_at: None,
            flags: 0,
            pinned_at: None,
            mentions: Mentions::default(),
            nonce: None,
            reactions: Vec::new(),
            interaction: None,
            only_for: None,
            reply_to: None,
            refers_to_channel: None,
            has_thread: false,
        }
    }

    /// Puts a draft into a message: what the draft does not name stays.
    pub(super) fn fill(&mut self, message: &mut Message, draft: Draft, files: Vec<File>) {
        if let Some(content) = &draft.content {
            message.content = content.clone();
        }
        if let Some(flags) = draft.flags {
            message.flags = message.flags & !Draft::SETTABLE | flags & Draft::SETTABLE;
        }
        if draft.nonce.is_some() {
            message.nonce = draft.nonce.clone();
        }
        if let Some(keep) = &draft.attachments {
            message.attachments.retain(|a| keep.iter().any(|k| k.id == a.id.to_string()));
        }
        for file in files {
            let id = self.mint.next(message.created_at);
            let said = draft.attachments.iter().flatten().find(|keep| keep.id == file.index.to_string());
            message.attachments.push(Attachment {
                id,
                filename: said
                    .and_then(|keep: &Keep| keep.filename.clone())
                    .unwrap_or_else(|| file.filename.clone()),
                content_type: file.content_type.clone(),
                size: file.bytes.len() as u64,
                description: said.and_then(|keep| keep.description.clone()),
            });
            self.files.insert(id, file);
        }
        if let Some(embeds) = &draft.embeds {
            message.embeds = embeds.iter().map(|embed| self.with_attachment_urls(embed, message)).collect();
        }
        if let Some(components) = draft.components.clone() {
            message.components = components;
        }
        if draft.content.is_some() || draft.components.is_some() || draft.allowed.is_some() {
            message.mentions = self.mentions_of(message, draft.allowed.as_ref());
        }
    }

    /// Stores a new message, counts it, tells those who see it, and pings.
    pub(super) fn publish(&mut self, message: Message, now: i64) {
        let (channel, id, author) = (message.channel, message.id, message.author);
        if let Some(at) = self.channels.get_mut(&channel)
            && message.only_for.is_none()
        {
            at.last_message = Some(id);
            if let Some(thread) = &mut at.thread {
                thread.message_count += 1;
                thread.total_sent += 1;
                thread.active_at = now;
            }
        }
        self.messages.insert((channel, id), message.clone());
        self.tell_message("MESSAGE_CREATE", &message);
        if message.only_for.is_none() {
            self.join_thread_quietly(now, channel, author);
            self.let_in_mentioned(now, &message);
            for user in self.pinged_by(&message) {
                self.pings.push(Ping { user, channel, message: id, at: now });
            }
        }
    }

    /// `PATCH /channels/{channel}/messages/{id}`.
    pub fn edit_message(
        &mut self,
        now: i64,
        actor: Id,
        channel: Id,
        id: Id,
        body: &Value,
        files: Vec<File>,
    ) -> Answer<Value> {
        let message = self.visible_message(channel, id, actor)?;
        if message.author != actor {
            return Err(Refusal::not_the_author());
        }
        let created_at = message.created_at;
        self.must_not_be_archived(channel)?;
        let mut errors = Errors::default();
        let draft = Draft::read(body, &files, "", &mut errors);
        errors.done()?;
        self.must_be_allowed_content(channel, actor, &draft, &files)?;
        if now - created_at > HOUR {
            self.count_old_edit(now, channel)?;
        }
        self.edit(now, channel, id, draft, files)
    }

    fn count_old_edit(&mut self, now: i64, channel: Id) -> Answer<()> {
        let (most, window) = (self.timings.old_edits, self.timings.old_edit_window);
        let edits = self.old_edits.entry(channel).or_default();
        edits.retain(|at| now - at < window);
        if edits.len() >= most {
            let free_at = edits.first().map_or(now, |first| first + window);
            return Err(Refusal::too_many_old_edits((free_at - now) as f64 / 1000.0));
        }
        edits.push(now);
        Ok(())
    }

    /// The edit itself, once it is allowed.
    pub(super) fn edit(
        &mut self,
        now: i64,
        channel: Id,
        id: Id,
        draft: Draft,
        files: Vec<File>,
    ) -> Answer<Value> {
        let Some(mut message) = self.messages.get(&(channel, id)).cloned() else {
            return Err(Refusal::unknown_message());
        };
        self.fill(&mut message, draft, files);
        if message.is_empty() {
            return Err(Refusal::empty_message());
        }
        message.flags &= !LOADING;
        message.edited_at = Some(now);
        self.messages.insert((channel, id), message.clone());
        self.tell_message("MESSAGE_UPDATE", &message);
        Ok(self.message_json(&message, message.author))
    }

    /// `DELETE /channels/{channel}/messages/{id}`.
    pub fn delete_message(&mut self, actor: Id, channel: Id, id: Id) -> Answer<()> {
        let message = self.visible_message(channel, id, actor)?;
        if message.author != actor && self.permissions(channel, actor) & MANAGE_MESSAGES == 0 {
            return Err(Refusal::missing_permissions());
        }
        self.must_not_be_archived(channel)?;
        self.remove_message(channel, id);
        Ok(())
    }

    /// Takes a message away, and its files with it.
    pub(super) fn remove_message(&mut self, channel: Id, id: Id) {
        let Some(message) = self.messages.remove(&(channel, id)) else {
            return;
        };
        for attachment in &message.attachments {
            self.files.remove(&attachment.id);
        }
        if let Some(thread) = self.channels.get_mut(&channel).and_then(|channel| channel.thread.as_mut()) {
            thread.message_count = thread.message_count.saturating_sub(1);
        }
        let guild = self.channels.get(&channel).and_then(|channel| channel.guild);
        let data = json!({ "id": id, "channel_id": channel, "guild_id": guild });
        match message.only_for {
            Some(user) => self.tell(vec![user], "MESSAGE_DELETE", data),
            None => self.tell_channel(channel, "MESSAGE_DELETE", data),
        }
    }
}

impl Message {
    /// Whether there is nothing to see in it.
    pub fn is_empty(&self) -> bool {
        self.content.is_empty()
            && self.embeds.is_empty()
            && self.attachments.is_empty()
            && self.components.is_empty()
    }

    /// Whether it waits for its content (a deferred answer).
    pub fn is_loading(&self) -> bool {
        self.flags & LOADING != 0
    }

    /// Whether only one person sees it.
    pub fn is_ephemeral(&self) -> bool {
        self.only_for.is_some()
    }
}
