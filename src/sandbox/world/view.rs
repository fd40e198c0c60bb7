//! The world's values as the JSON objects of Discord's API.

use super::guild::{Channel, ChannelKind, Guild, Member, Role, User};
use super::time::iso;
use super::{Id, World, permissions};
use serde_json::{Value, json};

/// Bytes that one file may have.
pub const ATTACHMENT_LIMIT: u64 = 10 * 1024 * 1024;

impl User {
    /// The user object.
    pub fn json(&self) -> Value {
        json!({
            "id": self.id, "username": self.username, "global_name": self.global_name, "avatar": null,
            "discriminator": if self.bot { "0001" } else { "0" }, "bot": self.bot, "public_flags": 0, "flags": 0,
            "banner": null, "accent_color": null, "primary_guild": null, "avatar_decoration_data": null,
        })
    }
}

impl Role {
    /// The role object.
    pub fn json(&self) -> Value {
        let mut role = json!({
            "id": self.id, "name": self.name, "permissions": self.permissions.to_string(), "position": self.position,
            "color": self.color, "hoist": false, "managed": self.bot.is_some(), "mentionable": self.mentionable,
            "colors": { "primary_color": self.color, "secondary_color": null, "tertiary_color": null },
            "icon": null, "unicode_emoji": null, "flags": 0,
        });
        if let Some(bot) = self.bot {
            role["tags"] = json!({ "bot_id": bot });
        }
        role
    }
}

impl Channel {
    /// The channel object, without what depends on who asks.
    pub fn json(&self, world: &World) -> Value {
        if self.kind == ChannelKind::Direct {
            let recipients: Vec<Value> = self.recipients.iter().map(|user| world.user_json(*user)).collect();
            return json!({
                "id": self.id, "type": 1, "flags": 0, "last_message_id": self.last_message, "recipients": recipients,
            });
        }
        let mut channel = json!({
            "id": self.id, "type": self.kind as u8, "flags": 0, "guild_id": self.guild, "name": self.name,
            "last_message_id": self.last_message, "parent_id": self.parent, "rate_limit_per_user": 0,
        });
        if let Some(at) = self.last_pin {
            channel["last_pin_timestamp"] = json!(iso(at));
        }
        let Some(thread) = &self.thread else {
            let overwrites: Vec<Value> = self
                .overwrites
                .iter()
                .map(|o| {
                    json!({ "id": o.id, "type": o.kind as u8, "allow": o.allow.to_string(), "deny": o.deny.to_string() })
                })
                .collect();
            channel["topic"] = json!(self.topic);
            channel["position"] = json!(self.position);
            channel["permission_overwrites"] = json!(overwrites);
            channel["nsfw"] = json!(false);
            return channel;
        };
        channel["owner_id"] = json!(thread.owner);
        channel["message_count"] = json!(thread.message_count);
        channel["member_count"] = json!(thread.members.len().min(50));
        channel["total_message_sent"] = json!(thread.total_sent);
        channel["thread_metadata"] = json!({
            "archived": thread.archived, "archive_timestamp": iso(thread.archive_changed_at),
            "auto_archive_duration": thread.auto_archive_minutes, "locked": thread.locked,
            "create_timestamp": iso(thread.created_at),
        });
        if self.kind == ChannelKind::PrivateThread {
            channel["thread_metadata"]["invitable"] = json!(thread.invitable);
        }
        channel
    }

    /// The thread member object of `user`, if they are in this thread.
    pub fn thread_member_json(&self, user: Id) -> Option<Value> {
        let thread = self.thread.as_ref()?;
        let (_, joined) = thread.members.iter().find(|(member, _)| *member == user)?;
        Some(json!({ "id": self.id, "user_id": user, "join_timestamp": iso(*joined), "flags": 0 }))
    }
}

impl World {
    /// The user object of an id; a deleted user's shape if it is unknown.
    pub fn user_json(&self, id: Id) -> Value {
        match self.users.get(&id) {
            Some(user) => user.json(),
            None => json!({
                "id": id, "username": "deleted_user", "global_name": null, "avatar": null, "discriminator": "0",
                "public_flags": 0, "flags": 0, "primary_guild": null,
            }),
        }
    }

    /// The guild member object; `with_user` as everywhere but in messages.
    pub fn member_json(&self, member: &Member, with_user: bool) -> Value {
        let mut value = json!({
            "avatar": null, "banner": null, "communication_disabled_until": null, "flags": 0,
            "joined_at": iso(member.joined_at), "nick": member.nick, "pending": false, "premium_since": null,
            "roles": member.roles, "mute": false, "deaf": false,
        });
        if with_user {
            value["user"] = self.user_json(member.user);
        }
        value
    }

    /// The guild object, as `GET /guilds/{id}` gives it.
    pub fn guild_json(&self, guild: &Guild) -> Value {
        json!({
            "id": guild.id, "name": guild.name, "icon": null, "description": null, "home_header": null, "splash": null,
            "discovery_splash": null, "features": [], "banner": null, "owner_id": guild.owner, "application_id": null,
            "region": "us-central", "afk_channel_id": null, "afk_timeout": 300, "system_channel_id": null,
            "system_channel_flags": 0, "widget_enabled": false, "widget_channel_id": null, "verification_level": 1,
            "roles": guild.roles.iter().map(Role::json).collect::<Vec<_>>(), "default_message_notifications": 1,
            "mfa_level": 0, "explicit_content_filter": 0, "max_presences": null, "max_members": 500_000,
            "max_stage_video_channel_users": 50, "max_video_channel_users": 25, "vanity_url_code": null,
            "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": "en-US", "rules_channel_id": null,
            "safety_alerts_channel_id": null, "public_updates_channel_id": null, "premium_progress_bar_enabled": false,
            "nsfw": false, "nsfw_level": 0, "emojis": [], "stickers": [], "incidents_data": null,
        })
    }

    /// The guild as GUILD_CREATE carries it to `user`: with the channels and threads they see, and all members.
    pub fn guild_create_json(&self, guild: &Guild, user: Id) -> Value {
        let visible = |thread: bool| -> Vec<Value> {
            self.channels
                .values()
                .filter(|c| {
                    c.guild == Some(guild.id) && c.thread.is_some() == thread && self.sees(c.id, user)
                })
                .filter(|c| c.thread.as_ref().is_none_or(|thread| !thread.archived))
                .map(|channel| {
                    let mut value = channel.json(self);
                    if let Some(member) = channel.thread_member_json(user) {
                        value["member"] = member;
                    }
                    value
                })
                .collect()
        };
        let mut value = self.guild_json(guild);
        let joined = guild.members.get(&user).map_or(0, |member| member.joined_at);
        value["joined_at"] = json!(iso(joined));
        value["large"] = json!(false);
        value["unavailable"] = json!(false);
        value["member_count"] = json!(guild.members.len());
        value["members"] = guild.members.values().map(|member| self.member_json(member, true)).collect();
        value["channels"] = json!(visible(false));
        value["threads"] = json!(visible(true));
        for empty in
            ["voice_states", "presences", "stage_instances", "guild_scheduled_events", "soundboard_sounds"]
        {
            value[empty] = json!([]);
        }
        value
    }

    /// The application object, as `GET /applications/@me` gives it to its bot.
    pub fn application_json(&self) -> Value {
        let app = &self.application;
        json!({
            "id": app.id, "name": app.name, "icon": null, "description": app.description, "type": null,
            "bot": self.user_json(app.id), "bot_public": false, "bot_require_code_grant": false,
            "verify_key": "0".repeat(64), "flags": self.application_flags(), "flags_new": self.application_flags().to_string(),
            "redirect_uris": [], "interactions_endpoint_url": null, "role_connections_verification_url": null,
            "owner": self.user_json(app.owner), "approximate_guild_count": self.guilds_of(app.id).len(),
            "approximate_user_install_count": 0, "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0, "team": null, "eligible_oauth2_scopes": ["bot", "applications.commands"],
            "install_params": {
                "scopes": ["bot", "applications.commands"], "permissions": permissions::BOT.to_string(),
            },
            "integration_types_config": { "0": {} },
        })
    }

    /// The application's flags: the "limited" bit of each privileged intent it was granted.
    pub fn application_flags(&self) -> u64 {
        let granted = self.application.privileged_intents;
        [(1 << 8, 1 << 13), (1 << 1, 1 << 15), (1 << 15, 1 << 19)]
            .into_iter()
            .filter(|(intent, _)| granted & intent != 0)
            .fold(0, |flags, (_, flag)| flags | flag)
    }

    /// The guilds that `user` is in.
    pub fn guilds_of(&self, user: Id) -> Vec<&Guild> {
        self.guilds.values().filter(|guild| guild.members.contains_key(&user)).collect()
    }
}
