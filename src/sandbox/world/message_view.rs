//! Messages as JSON: for the REST answers, for the gateway, and without their content where a bot may not read it.

use super::messages::{Attachment, Message};
use super::time::iso;
use super::{Id, World};
use serde_json::{Value, json};

const MESSAGE_CONTENT_INTENT: u64 = 1 << 15;

impl World {
    /// The message object as `viewer` gets it over REST.
    pub fn message_json(&self, message: &Message, viewer: Id) -> Value {
        let mut value = self.whole_message_json(message, viewer);
        let is_bot = self.users.get(&viewer).is_some_and(|user| user.bot);
        if is_bot && self.application.privileged_intents & MESSAGE_CONTENT_INTENT == 0 {
            let direct = self.channels.get(&message.channel).is_some_and(|channel| channel.guild.is_none());
            withhold_content(&mut value, viewer, direct);
        }
        value
    }

    /// The message object as its author gets it when it was posted: with its nonce. Whoever reads it later, in a channel's
    /// history too, does not see one.
    pub(super) fn posted_json(&self, message: &Message) -> Value {
        let mut value = self.message_json(message, message.author);
        add_nonce(&mut value, message);
        value
    }

    /// The message object with everything in it but the nonce.
    pub(super) fn whole_message_json(&self, message: &Message, viewer: Id) -> Value {
        let users: Vec<Value> = message.mentions.users.iter().map(|user| self.user_json(*user)).collect();
        let reactions: Vec<Value> = message
            .reactions
            .iter()
            .map(|reaction| {
                json!({
                    "emoji": { "id": null, "name": reaction.emoji }, "count": reaction.users.len(),
                    "count_details": { "burst": 0, "normal": reaction.users.len() }, "burst_colors": [],
                    "me_burst": false, "burst_me": false, "burst_count": 0, "me": reaction.users.contains(&viewer),
                })
            })
            .collect();
        let attachments: Vec<Value> =
            message.attachments.iter().map(|file| self.attachment_json(message, file)).collect();
        let mut value = json!({
            "id": message.id, "channel_id": message.channel, "type": message.kind, "content": message.content,
            "author": self.user_json(message.author), "timestamp": iso(message.created_at),
            "edited_timestamp": message.edited_at.map(iso), "tts": false, "mention_everyone": message.mentions.everyone,
            "mentions": users, "mention_roles": message.mentions.roles, "attachments": attachments,
            "embeds": message.embeds, "components": message.components, "pinned": message.pinned_at.is_some(),
            "flags": message.flags | u64::from(message.has_thread) << 5,
        });
        if !reactions.is_empty() {
            value["reactions"] = json!(reactions);
        }
        if let Some(interaction) = &message.interaction {
            let mut metadata = interaction.clone();
            // The name stands only in the older field, which Discord still sends.
            if let Some(name) = metadata.as_object_mut().and_then(|fields| fields.remove("name")) {
                value["interaction"] = json!({
                    "id": metadata["id"], "type": metadata["type"], "name": name, "user": metadata["user"],
                });
            }
            value["interaction_metadata"] = metadata;
            value["webhook_id"] = json!(self.application.id);
        }
        if self.users.get(&message.author).is_some_and(|user| user.bot) {
            value["application_id"] = json!(self.application.id);
        }
        let guild = self.channels.get(&message.channel).and_then(|channel| channel.guild);
        if let Some(reply) = message.reply_to {
            value["message_reference"] =
                json!({ "type": 0, "channel_id": message.channel, "message_id": reply, "guild_id": guild });
            let replied = self.messages.get(&(message.channel, reply));
            value["referenced_message"] = match replied {
                // One level only: Discord does not nest further.
                Some(replied) => {
                    let mut plain = replied.clone();
                    plain.reply_to = None;
                    self.whole_message_json(&plain, viewer)
                }
                None => Value::Null,
            };
        }
        if let Some(channel) = message.refers_to_channel {
            value["message_reference"] = json!({ "type": 0, "channel_id": channel, "guild_id": guild });
        }
        if let Some(thread) = self.channels.get(&message.id).filter(|_| message.has_thread) {
            value["thread"] = thread.json(self);
        }
        value
    }

    fn attachment_json(&self, message: &Message, file: &Attachment) -> Value {
        let url = self.attachment_url(message.channel, file);
        let mut value = json!({
            "id": file.id, "filename": file.filename, "size": file.size, "url": url, "proxy_url": url,
            "content_type": file.content_type,
        });
        if let Some(description) = &file.description {
            value["description"] = json!(description);
        }
        if message.is_ephemeral() {
            value["ephemeral"] = json!(true);
        }
        value
    }

    pub(super) fn attachment_url(&self, channel: Id, file: &Attachment) -> String {
        // What would mean something in an address means nothing in a file's name.
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        let name = file.filename.replace(|c| !plain(c), "_");
        format!("{}/attachments/{channel}/{}/{name}", self.base_url, file.id)
    }

    /// Tells those who see it of a message: everybody in the channel, or the one person of an ephemeral one.
    pub(super) fn tell_message(&mut self, name: &'static str, message: &Message) {
        let mut value = self.whole_message_json(message, Id(0));
        if name == "MESSAGE_CREATE" {
            add_nonce(&mut value, message);
        }
        let channel = self.channels.get(&message.channel);
        value["channel_type"] = json!(channel.map(|channel| channel.kind as u8));
        if let Some(guild) = channel.and_then(|channel| channel.guild) {
            value["guild_id"] = json!(guild);
            let member = self.guilds.get(&guild).and_then(|guild| guild.members.get(&message.author));
            if let Some(member) = member {
                value["member"] = self.member_json(member, false);
            }
        }
        match message.only_for {
            Some(user) => self.tell(vec![user], name, value),
            None => self.tell_channel(message.channel, name, value),
        }
    }
}

fn add_nonce(value: &mut Value, message: &Message) {
    if let Some(nonce) = &message.nonce {
        value["nonce"] = nonce.clone();
    }
}

/// Empties what people wrote, as for a bot without the message content intent; its own messages, those that mention it and
/// direct messages keep theirs.
pub fn withhold_content(message: &mut Value, bot: Id, direct: bool) {
    let own = message["author"]["id"] == json!(bot);
    let mentioned =
        message["mentions"].as_array().is_some_and(|users| users.iter().any(|user| user["id"] == json!(bot)));
    if direct || own || mentioned {
        return;
    }
    message["content"] = json!("");
    for name in ["embeds", "attachments", "components"] {
        message[name] = json!([]);
    }
}
