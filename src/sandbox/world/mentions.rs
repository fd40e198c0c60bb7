//! Mentions: who is named in a text, and who of them is pinged, as `allowed_mentions` and the permissions say.

use super::message_check::Allowed;
use super::messages::SUPPRESS_NOTIFICATIONS;
use super::permissions::MENTION_EVERYONE;
use super::{Id, Message, World};
use serde_json::Value;

/// Whom a message mentions with effect: named in the text, and allowed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mentions {
    /// Users.
    pub users: Vec<Id>,
    /// Roles.
    pub roles: Vec<Id>,
    /// @everyone or @here.
    pub everyone: bool,
}

impl World {
    /// The mentions of a message under the `allowed_mentions` it was sent with. Without any, everything counts.
    pub(super) fn mentions_of(&self, message: &Message, allowed: Option<&Allowed>) -> Mentions {
        let everything = Allowed {
            all_users: true,
            all_roles: true,
            everyone: true,
            replied_user: true,
            ..Allowed::default()
        };
        let allowed = allowed.unwrap_or(&everything);
        let named = named(&text_of(message));
        let guild = self.channels.get(&message.channel).and_then(|channel| channel.guild);
        let any_role = self.permissions(message.channel, message.author) & MENTION_EVERYONE != 0;
        let mut users: Vec<Id> = named
            .users
            .into_iter()
            .filter(|user| {
                self.users.contains_key(user) && (allowed.all_users || allowed.users.contains(user))
            })
            .collect();
        let replied = message.reply_to.and_then(|id| self.messages.get(&(message.channel, id)));
        if let Some(replied) = replied.filter(|_| allowed.replied_user)
            && !users.contains(&replied.author)
        {
            users.push(replied.author);
        }
        let guild = guild.and_then(|guild| self.guilds.get(&guild));
        let roles = named
            .roles
            .into_iter()
            .filter(|role| allowed.all_roles || allowed.roles.contains(role))
            .filter(|role| {
                guild.and_then(|guild| guild.role(*role)).is_some_and(|role| role.mentionable || any_role)
            })
            .collect();
        let everyone = named.everyone && allowed.everyone && any_role && guild.is_some();
        Mentions { users, roles, everyone }
    }

    /// Whose phone buzzes for a new message: those mentioned who see the channel, and the other side of a direct message.
    pub(super) fn pinged_by(&self, message: &Message) -> Vec<Id> {
        if message.flags & SUPPRESS_NOTIFICATIONS != 0 {
            return Vec::new();
        }
        let Some(channel) = self.channels.get(&message.channel) else {
            return Vec::new();
        };
        let mut users = message.mentions.users.clone();
        if let Some(guild) = channel.guild.and_then(|guild| self.guilds.get(&guild)) {
            for role in &message.mentions.roles {
                users.extend(guild.holders(*role));
            }
            if message.mentions.everyone {
                users.extend(guild.members.keys());
            }
        } else {
            users.extend(&channel.recipients);
        }
        users.sort_unstable();
        users.dedup();
        users.retain(|user| *user != message.author && self.sees(message.channel, *user));
        users
    }
}

/// Everything written in a message that can mention somebody: the content and the text displays, not the embeds.
fn text_of(message: &Message) -> String {
    fn walk(component: &Value, text: &mut String) {
        if component["type"] == 10 {
            text.push('\n');
            text.push_str(component["content"].as_str().unwrap_or(""));
        }
        for child in component["components"].as_array().into_iter().flatten() {
            walk(child, text);
        }
    }
    let mut text = message.content.clone();
    for component in &message.components {
        walk(component, &mut text);
    }
    text
}

/// Who is named in a text, each once, outside of code.
fn named(text: &str) -> Mentions {
    let text = without_code(text);
    let mut named = Mentions::default();
    for part in text.split("<@").skip(1) {
        let Some((inside, _)) = part.split_once('>') else {
            continue;
        };
        if let Some(id) = inside.strip_prefix('&').and_then(|id| id.parse().ok()) {
            if !named.roles.contains(&id) {
                named.roles.push(id);
            }
        } else if let Ok(id) = inside.trim_start_matches('!').parse::<Id>()
            && !named.users.contains(&id)
        {
            named.users.push(id);
        }
    }
    named.everyone = text.contains("@everyone") || text.contains("@here");
    named
}

/// The text without its code spans and blocks, where nothing pings.
fn without_code(text: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some(start) = rest.find('`') {
        let ticks = rest[start..].bytes().take_while(|byte| *byte == b'`').count();
        let fence = &rest[start..start + ticks];
        let Some(length) = rest[start + ticks..].find(fence) else {
            break;
        };
        out.push_str(&rest[..start]);
        out.push(' ');
        rest = &rest[start + 2 * ticks + length..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{Id, named};

    #[test]
    fn names_are_found_outside_of_code_only() {
        let found = named("<@1> <@!2> <@&3> <@1> `<@4>` ```\n<@&5> @everyone\n``` <@x> <@6");
        assert_eq!((found.users, found.roles, found.everyone), (vec![Id(1), Id(2)], vec![Id(3)], false));
        assert!(named("an unclosed ` hides nothing: @here").everyone);
    }
}
