//! The people and places of the world: users, guilds, roles, members, channels and threads. Values only.

use super::Id;
use std::collections::BTreeMap;

/// An account: a person or a bot.
#[derive(Clone, Debug)]
pub struct User {
    /// Its id; a bot's is its application's.
    pub id: Id,
    /// The unique name.
    pub username: String,
    /// The display name.
    pub global_name: Option<String>,
    /// Whether it is a bot.
    pub bot: bool,
    /// What it signs in with, without a `Bot ` prefix.
    pub token: String,
    /// Whether it refuses direct messages (50007).
    pub refuses_direct_messages: bool,
}

/// A role of a guild.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its id; @everyone's is the guild's.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Permission bits.
    pub permissions: u64,
    /// 0 is the lowest.
    pub position: i64,
    /// RGB colour, 0 for none.
    pub color: u32,
    /// Whether anybody may ping it.
    pub mentionable: bool,
    /// The bot it belongs to, for a managed role.
    pub bot: Option<Id>,
}

/// Somebody in a guild.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who.
    pub user: Id,
    /// The roles besides @everyone.
    pub roles: Vec<Id>,
    /// Since when, ms since the Unix epoch.
    pub joined_at: i64,
    /// The name used in this guild.
    pub nick: Option<String>,
}

/// A Discord server.
#[derive(Clone, Debug)]
pub struct Guild {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// The owner, who may do everything.
    pub owner: Id,
    /// The roles, @everyone first.
    pub roles: Vec<Role>,
    /// The members by user id.
    pub members: BTreeMap<Id, Member>,
}

/// The channel types that exist here; the value is Discord's number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChannelKind {
    /// GUILD_TEXT
    Text = 0,
    /// DM
    Direct = 1,
    /// PUBLIC_THREAD
    PublicThread = 11,
    /// PRIVATE_THREAD
    PrivateThread = 12,
}

/// Whom an overwrite is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OverwriteKind {
    /// A role (0).
    Role = 0,
    /// A member (1).
    Member = 1,
}

/// What a channel allows and denies to a role or member.
#[derive(Clone, Debug)]
pub struct Overwrite {
    /// The role or user.
    pub id: Id,
    /// Which of the two.
    pub kind: OverwriteKind,
    /// Bits added.
    pub allow: u64,
    /// Bits removed first.
    pub deny: u64,
}

/// What only a thread has.
#[derive(Clone, Debug)]
pub struct Thread {
    /// Who opened it.
    pub owner: Id,
    /// Archived threads refuse edits and new members.
    pub archived: bool,
    /// Only those who manage threads may bring a locked one back.
    pub locked: bool,
    /// Whether others may invite (private threads).
    pub invitable: bool,
    /// Minutes without activity after which it is archived.
    pub auto_archive_minutes: u64,
    /// When `archived` last changed, ms.
    pub archive_changed_at: i64,
    /// When it was opened, ms.
    pub created_at: i64,
    /// The last message or un-archiving, ms.
    pub active_at: i64,
    /// Who is in it, and since when.
    pub members: Vec<(Id, i64)>,
    /// Messages in it now (the starter is not counted).
    pub message_count: u64,
    /// Messages ever sent in it.
    pub total_sent: u64,
}

/// A channel, a direct message, or a thread.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its id; a thread made from a message has the message's.
    pub id: Id,
    /// What it is.
    pub kind: ChannelKind,
    /// Its guild; none for a direct message.
    pub guild: Option<Id>,
    /// Its name; empty for a direct message.
    pub name: String,
    /// Its topic.
    pub topic: Option<String>,
    /// Its place in the list.
    pub position: i64,
    /// A thread's channel.
    pub parent: Option<Id>,
    /// Permission overwrites.
    pub overwrites: Vec<Overwrite>,
    /// The two sides of a direct message.
    pub recipients: Vec<Id>,
    /// What a thread has besides.
    pub thread: Option<Thread>,
    /// The newest message, which may be gone.
    pub last_message: Option<Id>,
    /// When a message was last pinned, ms.
    pub last_pin: Option<i64>,
}

impl Guild {
    /// The role of that id.
    pub fn role(&self, id: Id) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// The users who hold a role; everybody for @everyone.
    pub fn holders(&self, role: Id) -> Vec<Id> {
        let holds = |member: &&Member| role == self.id || member.roles.contains(&role);
        self.members.values().filter(holds).map(|member| member.user).collect()
    }
}

impl Channel {
    /// A text channel of a guild.
    pub fn text(id: Id, guild: Id, name: &str, position: i64) -> Channel {
        Channel {
            id,
            kind: ChannelKind::Text,
            guild: Some(guild),
            name: name.to_owned(),
            topic: None,
            position,
            parent: None,
            overwrites: Vec::new(),
            recipients: Vec::new(),
            thread: None,
            last_message: None,
            last_pin: None,
        }
    }
}
