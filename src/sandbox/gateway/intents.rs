//! Which event needs which intent, as the gateway's documentation lists them.

use serde_json::Value;

/// GUILD_MEMBERS, GUILD_PRESENCES and MESSAGE_CONTENT: to be switched on in the developer portal first.
pub(super) const PRIVILEGED: u64 = (1 << 1) | (1 << 8) | (1 << 15);
/// Every intent there is.
pub(super) const ALL: u64 = ((1 << 17) - 1) | (1 << 20) | (1 << 21) | (1 << 24) | (1 << 25);
/// The intent to read what people write.
pub(super) const MESSAGE_CONTENT: u64 = 1 << 15;

/// The intents of which one is needed for an event; 0 for an event that needs none.
pub(super) fn needed(name: &str, data: &Value) -> u64 {
    let direct = data["guild_id"].is_null();
    let either = |guild: u64, dm: u64| if direct { dm } else { guild };
    match name {
        "GUILD_MEMBER_ADD" | "GUILD_MEMBER_UPDATE" | "GUILD_MEMBER_REMOVE" => 1 << 1,
        "MESSAGE_CREATE" | "MESSAGE_UPDATE" | "MESSAGE_DELETE" => either(1 << 9, 1 << 12),
        "MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE" => either(1 << 10, 1 << 13),
        "TYPING_START" => either(1 << 11, 1 << 14),
        "CHANNEL_PINS_UPDATE" => either(1 << 0, 1 << 12),
        "CHANNEL_CREATE" if direct => 1 << 12,
        _ if name.starts_with("GUILD_") || name.starts_with("CHANNEL_") || name.starts_with("THREAD_") => {
            1 << 0
        }
        _ => 0,
    }
}
