//! Reactions and pins: the small things done to somebody's message.

use super::messages::Reaction;
use super::permissions::{ADD_REACTIONS, MANAGE_MESSAGES, PIN_MESSAGES, READ_MESSAGE_HISTORY};
use super::time::iso;
use super::{Answer, Errors, Id, Refusal, World};
use serde_json::{Value, json};

const MOST_PINS: usize = 50;

impl World {
    /// `PUT /channels/{channel}/messages/{id}/reactions/{emoji}/@me`; `emoji` is the character itself.
    pub fn react(&mut self, actor: Id, channel: Id, id: Id, emoji: &str) -> Answer<()> {
        let message = self.visible_message(channel, id, actor)?;
        self.must_not_be_archived(channel)?;
        // A custom emoji travels as name:id, and the practice guild has none.
        if emoji.is_empty() || emoji.contains(':') || emoji.is_ascii() {
            return Err(Refusal::unknown_emoji());
        }
        let there = message.reactions.iter().any(|reaction| reaction.emoji == emoji);
        let bits = self.permissions(channel, actor);
        if bits & READ_MESSAGE_HISTORY == 0 || !there && bits & ADD_REACTIONS == 0 {
            return Err(Refusal::missing_permissions());
        }
        let Some(message) = self.messages.get_mut(&(channel, id)) else {
            return Err(Refusal::unknown_message());
        };
        match message.reactions.iter_mut().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) if reaction.users.contains(&actor) => return Ok(()),
            Some(reaction) => reaction.users.push(actor),
            None => message.reactions.push(Reaction { emoji: emoji.to_owned(), users: vec![actor] }),
        }
        self.tell_reaction("MESSAGE_REACTION_ADD", actor, channel, id, emoji);
        Ok(())
    }

    /// `DELETE /channels/{channel}/messages/{id}/reactions/{emoji}/@me`.
    pub fn unreact(&mut self, actor: Id, channel: Id, id: Id, emoji: &str) -> Answer<()> {
        self.visible_message(channel, id, actor)?;
        self.must_not_be_archived(channel)?;
        let Some(message) = self.messages.get_mut(&(channel, id)) else {
            return Err(Refusal::unknown_message());
        };
        let reaction = message.reactions.iter_mut().find(|reaction| reaction.emoji == emoji);
        let Some(reaction) = reaction.filter(|reaction| reaction.users.contains(&actor)) else {
            return Ok(());
        };
        reaction.users.retain(|user| *user != actor);
        message.reactions.retain(|reaction| !reaction.users.is_empty());
        self.tell_reaction("MESSAGE_REACTION_REMOVE", actor, channel, id, emoji);
        Ok(())
    }

    fn tell_reaction(&mut self, name: &'static str, user: Id, channel: Id, message: Id, emoji: &str) {
        let guild = self.channels.get(&channel).and_then(|channel| channel.guild);
        let data = json!({
            "user_id": user, "channel_id": channel, "message_id": message, "guild_id": guild,
            "emoji": { "id": null, "name": emoji }, "burst": false, "type": 0,
        });
        self.tell_channel(channel, name, data);
    }

    /// `PUT` (`pin` is true) or `DELETE /channels/{channel}/messages/pins/{id}`.
    pub fn pin(&mut self, now: i64, actor: Id, channel: Id, id: Id, pin: bool) -> Answer<()> {
        let message = self.visible_message(channel, id, actor)?;
        if (message.pinned_at.is_some()) == pin {
            return Ok(());
        }
        let at = self.channels.get(&channel);
        let guild = at.and_then(|channel| channel.guild);
        if guild.is_some() && self.permissions(channel, actor) & (PIN_MESSAGES | MANAGE_MESSAGES) == 0 {
            return Err(Refusal::missing_permissions());
        }
        self.must_not_be_archived(channel)?;
        if pin && self.pinned(channel).len() >= MOST_PINS {
            return Err(Refusal::too_many_pins());
        }
        let Some(message) = self.messages.get_mut(&(channel, id)) else {
            return Err(Refusal::unknown_message());
        };
        message.pinned_at = pin.then_some(now);
        let message = message.clone();
        if let Some(at) = self.channels.get_mut(&channel).filter(|_| pin) {
            at.last_pin = Some(now);
        }
        self.tell_message("MESSAGE_UPDATE", &message);
        let last = self.channels.get(&channel).and_then(|channel| channel.last_pin).map(iso);
        let data = json!({ "guild_id": guild, "channel_id": channel, "last_pin_timestamp": last });
        self.tell_channel(channel, "CHANNEL_PINS_UPDATE", data);
        Ok(())
    }

    /// The pinned messages of a channel, the last pinned first: when, and which.
    pub fn pinned(&self, channel: Id) -> Vec<(i64, Id)> {
        let in_channel = self.messages.range((channel, Id(0))..=(channel, Id(u64::MAX)));
        let mut pins: Vec<(i64, Id)> =
            in_channel.filter_map(|(_, message)| Some((message.pinned_at?, message.id))).collect();
        pins.sort_unstable_by(|a, b| b.cmp(a));
        pins
    }

    /// `GET /channels/{channel}/messages/pins`.
    pub fn pins(&self, actor: Id, channel: Id, limit: Option<u64>) -> Answer<Value> {
        self.must_see(channel, actor)?;
        let limit = limit.unwrap_or(50);
        if limit == 0 || limit > 50 {
            return Err(Errors::one("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 50."));
        }
        let pins = self.pinned(channel);
        let items: Vec<Value> = pins
            .iter()
            .take(limit as usize)
            .filter_map(|(at, id)| {
                let message = self.messages.get(&(channel, *id))?;
                Some(json!({ "pinned_at": iso(*at), "message": self.message_json(message, actor) }))
            })
            .collect();
        Ok(json!({ "has_more": pins.len() > items.len(), "items": items }))
    }
}
