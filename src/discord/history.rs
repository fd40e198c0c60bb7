//! Looking for a post in a channel's history: past the few minutes that Discord remembers a
//! nonce, sending again would post twice. A post that is still on its way is the nonce's part.

use serde_json::{Map, Value};

use super::api::{Api, RestError};
use crate::kit::time::Timestamp;
use crate::model::ids::{ChannelId, MessageId, UserId};

/// Messages to look through. What was posted a moment before the end is near the end.
const LOOK: u8 = 50;
/// By how much Discord's clock and this machine's may differ: past a day no certificate is
/// valid either. What is compared carries times and numbers, so it is hardly ever said twice.
const SKEW: i64 = 86_400_000;

/// The message that says the same as `body`, posted by this bot since `since`.
pub async fn find(
    rest: &impl Api,
    channel: ChannelId,
    me: UserId,
    since: Timestamp,
    nonce: &str,
    body: &Map<String, Value>,
) -> Result<Option<MessageId>, RestError> {
    let messages = rest.get(&format!("channels/{channel}/messages?limit={LOOK}")).await?;
    let mut mine = messages.as_array().into_iter().flatten().filter(|m| m["author"]["id"] == me.to_string());
    let recent = |m: &Value| posted(m).is_none_or(|at| at >= since.0 - SKEW);
    let found = mine.find(|m| m["nonce"] == nonce || (m["nonce"].is_null() && recent(m) && same(m, body)));
    Ok(found.and_then(|m| m["id"].as_str()?.parse().ok()))
}

/// When a message was posted, from its id (Discord, "Snowflakes"), in ms since 1970.
fn posted(message: &Value) -> Option<i64> {
    let id: u64 = message["id"].as_str()?.parse().ok()?;
    i64::try_from((id >> 22) + 1_420_070_400_000).ok()
}

/// Whether a message says what `body` says. Discord trims text and adds fields of its own, so
/// only what people read is compared.
fn same(message: &Value, body: &Map<String, Value>) -> bool {
    let null = Value::Null;
    let of_body = |key| body.get(key).unwrap_or(&null);
    trimmed(&message["content"]) == trimmed(of_body("content"))
        && words(&message["embeds"]) == words(of_body("embeds"))
}

fn trimmed(text: &Value) -> &str {
    text.as_str().unwrap_or_default().trim()
}

/// The words of embeds, in the order in which people read them; an empty one is between two.
fn words(embeds: &Value) -> Vec<&str> {
    let mut words = vec![];
    for embed in embeds.as_array().into_iter().flatten() {
        words.extend([trimmed(&embed["title"]), trimmed(&embed["description"])]);
        for field in embed["fields"].as_array().into_iter().flatten() {
            words.extend([trimmed(&field["name"]), trimmed(&field["value"])]);
        }
        words.push("");
    }
    words
}
