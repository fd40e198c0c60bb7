//! What the bot may do in a server, computed from what it does, and the link that asks for it.

use crate::model::ids::{ApplicationId, GuildId};

/// A permission, its bit (Discord, "Permissions"), and what it is for.
pub const NEEDED: [(&str, u64, &str); 8] = [
    ("View Channels", 1 << 10, "to see the channels that muster.toml names"),
    ("Send Messages", 1 << 11, "to post cards and reports"),
    ("Embed Links", 1 << 14, "cards are embeds"),
    ("Attach Files", 1 << 15, "reports, and text that is too long for a message"),
    ("Read Message History", 1 << 16, "to find its own post after a crash, instead of posting twice"),
    ("Create Public Threads", 1 << 35, "each incident has a thread"),
    ("Create Private Threads", 1 << 36, "a private incident is only in such a thread"),
    ("Send Messages in Threads", 1 << 38, "the timeline is told there"),
];

/// All of them as Discord's number.
pub fn permissions() -> u64 {
    NEEDED.iter().fold(0, |all, (_, bit, _)| all | bit)
}

/// The link. With a server, Discord proposes it.
pub fn link(application: ApplicationId, guild: Option<GuildId>) -> String {
    let mut link = format!(
        "https://discord.com/oauth2/authorize?client_id={application}&scope=bot+applications.commands&permissions={}",
        permissions()
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
        // Administrator, Manage Server, Manage Roles, Ban, Kick, Mention Everyone.
        let rules = (1 << 3) | (1 << 5) | (1 << 28) | (1 << 2) | (1 << 1) | (1 << 17);
        assert_eq!(permissions() & rules, 0);
        assert_eq!(permissions(), 377_957_239_808);
        assert!(link(ApplicationId(7), Some(GuildId(9))).ends_with("&guild_id=9"));
    }
}
