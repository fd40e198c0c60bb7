//! What the bot may do in a server, computed from what it does, and the link that asks for it.

use crate::model::ids::{ApplicationId, GuildId};

/// Without it a mention of a role that not everybody may mention, and every `@here`, rings for nobody, and
/// Discord posts it all the same.
pub const CALLS: (&str, u64, &str) = (
    "Mention @everyone, @here, and All Roles",
    super::reach::MENTION_EVERYONE,
    "to call a role that a policy names, and whoever is there when nobody answered; Muster never calls @everyone",
);

/// A permission, its bit (Discord, "Permissions"), and what it is for.
pub const NEEDED: [(&str, u64, &str); 9] = [
    ("View Channels", 1 << 10, "to see the channels that muster.toml names"),
    ("Send Messages", 1 << 11, "to post cards and reports"),
    ("Embed Links", 1 << 14, "cards are embeds"),
    ("Attach Files", 1 << 15, "reports, and text that is too long for a message"),
    ("Read Message History", 1 << 16, "to find its own post after a crash, instead of posting twice"),
    CALLS,
    ("Create Public Threads", 1 << 35, "each incident has a thread"),
    ("Create Private Threads", 1 << 36, "a private incident is only in such a thread"),
    ("Send Messages in Threads", 1 << 38, "the timeline is told there"),
];

/// What a team needs beside these that lets a role of its server follow the rotas. The bot's own role has to
/// stand above that role, too.
pub const ROLE: (&str, u64, &str) =
    ("Manage Roles", 1 << 28, "to give whoever is on call the role that [oncall] in muster.toml names");

/// What is needed: `role` where a role of the server follows the rotas.
pub fn needed(role: bool) -> impl Iterator<Item = (&'static str, u64, &'static str)> {
    NEEDED.into_iter().chain(role.then_some(ROLE))
}

/// All of them as Discord's number.
pub fn permissions(role: bool) -> u64 {
    needed(role).fold(0, |all, (_, bit, _)| all | bit)
}

/// The link. With a server, Discord proposes it.
pub fn link(application: ApplicationId, guild: Option<GuildId>, role: bool) -> String {
    let mut link = format!(
        "https://discord.com/oauth2/authorize?client_id={application}&scope=bot+applications.commands&permissions={}",
        permissions(role)
    );
    if let Some(guild) = guild {
        link.push_str(&format!("&guild_id={guild}"));
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_for_that_rules_a_server() {
        // Administrator, Manage Server, Manage Roles, Ban, Kick.
        let rules = (1 << 3) | (1 << 5) | (1 << 28) | (1 << 2) | (1 << 1);
        assert_eq!(permissions(false) & rules, 0);
        assert_eq!(permissions(false), 377_957_370_880);
        assert!(link(ApplicationId(7), Some(GuildId(9)), false).ends_with("&guild_id=9"));
    }

    #[test]
    fn whoever_lets_a_role_follow_the_rotas_gives_that_right_and_no_other() {
        assert_eq!(permissions(true) ^ permissions(false), 1 << 28);
        assert!(
            link(ApplicationId(7), None, true).ends_with(&format!("={}", 377_957_370_880_u64 + (1 << 28)))
        );
    }
}
