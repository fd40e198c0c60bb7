//! Permissions: the bits this sandbox knows, and how Discord computes them for a member in a channel
//! (base from the roles, then the overwrites of @everyone, of the roles, of the member).

use super::guild::{Channel, OverwriteKind};
use super::{Id, World};

/// May use reactions.
pub const ADD_REACTIONS: u64 = 1 << 6;
/// May do everything.
pub const ADMINISTRATOR: u64 = 1 << 3;
/// May change channels.
pub const MANAGE_CHANNELS: u64 = 1 << 4;
/// May see a channel.
pub const VIEW_CHANNEL: u64 = 1 << 10;
/// May post in a channel.
pub const SEND_MESSAGES: u64 = 1 << 11;
/// May delete others' messages.
pub const MANAGE_MESSAGES: u64 = 1 << 13;
/// May post embeds.
pub const EMBED_LINKS: u64 = 1 << 14;
/// May attach files.
pub const ATTACH_FILES: u64 = 1 << 15;
/// May read what was posted before.
pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
/// May ping everyone, here, and any role.
pub const MENTION_EVERYONE: u64 = 1 << 17;
/// May give and take roles below its own.
pub const MANAGE_ROLES: u64 = 1 << 28;
/// May use slash commands.
pub const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
/// May change, archive and lock any thread.
pub const MANAGE_THREADS: u64 = 1 << 34;
/// May open public threads.
pub const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
/// May open private threads.
pub const CREATE_PRIVATE_THREADS: u64 = 1 << 36;
/// May post in threads.
pub const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;
/// May pin messages.
pub const PIN_MESSAGES: u64 = 1 << 51;

/// What @everyone may in the practice guild: what a new Discord server gives its members, as far as it is known here.
pub const EVERYONE: u64 = ADD_REACTIONS
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_APPLICATION_COMMANDS
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS;

/// What the bot's role may in the practice guild.
pub const BOT: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | SEND_MESSAGES_IN_THREADS
    | CREATE_PUBLIC_THREADS
    | CREATE_PRIVATE_THREADS
    | MANAGE_THREADS
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | MENTION_EVERYONE
    | MANAGE_ROLES
    | USE_APPLICATION_COMMANDS;

/// What both sides may in a direct message.
pub const DIRECT_MESSAGE: u64 = ADD_REACTIONS
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_APPLICATION_COMMANDS;

/// Every bit.
pub const ALL: u64 = (1 << 53) - 1;

impl World {
    /// What `user` may in the guild as a whole; 0 for somebody who is not in it.
    pub fn guild_permissions(&self, guild: Id, user: Id) -> u64 {
        let Some(guild) = self.guilds.get(&guild) else {
            return 0;
        };
        let Some(member) = guild.members.get(&user) else {
            return 0;
        };
        if guild.owner == user {
            return ALL;
        }
        let held = |role: Id| role == guild.id || member.roles.contains(&role);
        let bits =
            guild.roles.iter().filter(|role| held(role.id)).fold(0, |bits, role| bits | role.permissions);
        if bits & ADMINISTRATOR != 0 { ALL } else { bits }
    }

    /// What `user` may in a channel. A thread takes its parent's permissions; a private thread is seen only by its members
    /// and by those who manage threads.
    pub fn permissions(&self, channel: Id, user: Id) -> u64 {
        let Some(channel) = self.channels.get(&channel) else {
            return 0;
        };
        let Some(guild) = channel.guild else {
            return if channel.recipients.contains(&user) { DIRECT_MESSAGE } else { 0 };
        };
        let rules = match channel.parent.filter(|_| channel.thread.is_some()) {
            Some(parent) => match self.channels.get(&parent) {
                Some(parent) => parent,
                None => return 0,
            },
            None => channel,
        };
        let mut bits = self.guild_permissions(guild, user);
        if bits & ADMINISTRATOR == 0 {
            bits = self.overwritten(rules, guild, user, bits);
        }
        if bits & VIEW_CHANNEL == 0 {
            return 0;
        }
        if let Some(thread) = &channel.thread
            && channel.kind == super::guild::ChannelKind::PrivateThread
            && bits & MANAGE_THREADS == 0
            && !thread.members.iter().any(|(member, _)| *member == user)
        {
            return 0;
        }
        bits
    }

    fn overwritten(&self, channel: &Channel, guild: Id, user: Id, base: u64) -> u64 {
        let roles =
            self.guilds.get(&guild).and_then(|guild| guild.members.get(&user)).map(|member| &member.roles);
        let Some(roles) = roles else { return 0 };
        let mut bits = base;
        if let Some(everyone) = channel.overwrites.iter().find(|overwrite| overwrite.id == guild) {
            bits = bits & !everyone.deny | everyone.allow;
        }
        let of_roles =
            channel.overwrites.iter().filter(|o| o.kind == OverwriteKind::Role && roles.contains(&o.id));
        let (allow, deny) = of_roles.fold((0, 0), |(allow, deny), o| (allow | o.allow, deny | o.deny));
        bits = bits & !deny | allow;
        let own = channel.overwrites.iter().find(|o| o.kind == OverwriteKind::Member && o.id == user);
        match own {
            Some(own) => bits & !own.deny | own.allow,
            None => bits,
        }
    }

    /// Whether `user` sees the channel.
    pub fn sees(&self, channel: Id, user: Id) -> bool {
        self.permissions(channel, user) & VIEW_CHANNEL != 0
    }

    /// Everybody who sees the channel, in order of id.
    pub fn viewers(&self, channel: Id) -> Vec<Id> {
        self.users.keys().copied().filter(|user| self.sees(channel, *user)).collect()
    }

    /// The highest role's position of a member, which decides whose roles they may change.
    pub fn rank(&self, guild: Id, user: Id) -> i64 {
        let Some(guild) = self.guilds.get(&guild) else {
            return -1;
        };
        if guild.owner == user {
            return i64::MAX;
        }
        let Some(member) = guild.members.get(&user) else {
            return -1;
        };
        guild
            .roles
            .iter()
            .filter(|role| member.roles.contains(&role.id))
            .map(|role| role.position)
            .max()
            .unwrap_or(0)
    }
}
