//! Accounts: who a token belongs to, and what they see of themselves and of others.

use super::guild::User;
use super::{Answer, Id, Refusal, World};
use serde_json::{Value, json};

/// Gateway sessions that a bot may start in a day.
pub const SESSIONS_A_DAY: u64 = 1000;
const DAY: i64 = 86_400_000;

impl World {
    /// `GET /gateway/bot`: where the gateway is, and how many sessions may still be started.
    pub fn gateway(&self, now: i64, url: &str) -> Value {
        let (began, used) = self.session_starts;
        let open = now - began < DAY;
        let remaining = if open { SESSIONS_A_DAY.saturating_sub(used) } else { SESSIONS_A_DAY };
        let reset_after = if open && used > 0 { began + DAY - now } else { 0 };
        json!({
            "url": url, "shards": 1,
            "session_start_limit": {
                "total": SESSIONS_A_DAY, "remaining": remaining, "reset_after": reset_after, "max_concurrency": 1,
            },
        })
    }

    /// Counts a session that the bot starts; false if the day's are used up. Discord then makes its token worthless.
    pub fn start_session(&mut self, now: i64) -> bool {
        let (began, used) = self.session_starts;
        self.session_starts = if used == 0 || now - began >= DAY { (now, 1) } else { (began, used + 1) };
        self.session_starts.1 <= SESSIONS_A_DAY
    }

    /// Whose token this is, without any `Bot ` before it.
    pub fn by_token(&self, token: &str) -> Option<&User> {
        self.users.values().find(|user| user.token == token)
    }

    /// `GET /users/@me`.
    pub fn me(&self, actor: Id) -> Answer<Value> {
        let user = self.users.get(&actor).ok_or_else(Refusal::unauthorized)?;
        let mut value = user.json();
        value["mfa_enabled"] = json!(true);
        value["locale"] = json!("en-US");
        value["verified"] = json!(true);
        value["email"] = Value::Null;
        Ok(value)
    }

    /// `GET /users/{id}`.
    pub fn user(&self, id: Id) -> Answer<Value> {
        self.users.get(&id).map(User::json).ok_or_else(Refusal::unknown_user)
    }

    /// `GET /users/@me/guilds`.
    pub fn my_guilds(&self, actor: Id) -> Vec<Value> {
        let guilds = self.guilds_of(actor);
        guilds
            .into_iter()
            .map(|guild| {
                json!({
                    "id": guild.id, "name": guild.name, "icon": null, "banner": null, "owner": guild.owner == actor,
                    "permissions": self.guild_permissions(guild.id, actor).to_string(), "features": [],
                })
            })
            .collect()
    }
}
