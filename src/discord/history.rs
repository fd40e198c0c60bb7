//! Looking for a post in a channel's history: past the few minutes that Discord remembers a
//! nonce, sending again would post twice. A post that is still on its way is the nonce's part.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::DateTime;
use serde_json::{Map, Value};

use super::api::{Api, RestError};
use crate::kit::time::Timestamp;
use crate::model::ids::{ChannelId, EffectId, MessageId, UserId};

/// Messages asked for at once: the most that Discord gives.
const PAGE: usize = 100;
/// Pages looked through. A channel in which more is said in a day is rare, and each page is a
/// request.
const PAGES: usize = 10;
/// By how much Discord's clock and this machine's may differ: past a day no certificate is
/// valid either. What is compared carries times and numbers, so it is hardly ever said twice.
pub(super) const SKEW: i64 = 86_400_000;
/// Messages remembered as somebody's: more than one look can see.
const REMEMBERED: usize = 10_000;

/// What is looked for.
pub struct Sought<'a> {
    /// Where.
    pub channel: ChannelId,
    /// Who posted it.
    pub me: UserId,
    /// Since when it was owed.
    pub since: Timestamp,
    /// Its nonce, for where a history shows it; Discord's own does not.
    pub nonce: &'a str,
    /// What it says.
    pub body: &'a Map<String, Value>,
    /// What of it a message has to say.
    pub like: Like,
}

/// What of a body a message has to say, to be the one that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Like {
    /// All of it.
    Whole,
    /// Of a card that changes with what it shows, only the title, the footer and the time of its first
    /// embed stay the same.
    Card,
    /// Of a call that says how late it came, everything but what stands below its title.
    Call,
}

/// The newest message that says what is sought and that `take` gives away: one that says the
/// same may be another effect's.
///
/// # Errors
/// See [`RestError`].
pub async fn find(
    rest: &impl Api,
    sought: &Sought<'_>,
    take: impl Fn(MessageId) -> bool + Send + Sync,
) -> Result<Option<MessageId>, RestError> {
    let (channel, me) = (sought.channel, sought.me.to_string());
    let oldest = sought.since.0 - SKEW;
    let mut path = format!("channels/{channel}/messages?limit={PAGE}");
    for _ in 0..PAGES {
        let page = rest.get(&path).await?;
        let page = page.as_array().map(Vec::as_slice).unwrap_or_default();
        let mut last = None;
        for message in page {
            let Some(id) = id(message) else { continue };
            last = Some(id);
            let nonce = &message["nonce"];
            let found =
                nonce == sought.nonce || (nonce.is_null() && posted(id) >= oldest && alike(message, sought));
            if message["author"]["id"] == me && found && take(id) {
                return Ok(Some(id));
            }
        }
        match last {
            Some(last) if page.len() >= PAGE && posted(last) >= oldest => {
                path = format!("channels/{channel}/messages?limit={PAGE}&before={last}");
            }
            _ => return Ok(None),
        }
    }
    tracing::warn!(
        "channel {channel} has more than {} messages since a post that may be among them; it is posted again",
        PAGE * PAGES
    );
    Ok(None)
}

/// Which messages are whose, as far as this process posted or found them: of two posts that say
/// the same, each has its own message.
#[derive(Default)]
pub struct Taken(Mutex<BTreeMap<MessageId, EffectId>>);

impl Taken {
    /// Takes a message for an effect; not if it is another's.
    pub fn take(&self, message: MessageId, by: EffectId) -> bool {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = *taken.entry(message).or_insert(by);
        if taken.len() > REMEMBERED {
            taken.pop_first();
        }
        owner == by
    }
}

fn id(message: &Value) -> Option<MessageId> {
    Some(MessageId(message["id"].as_str()?.parse().ok()?))
}

/// When a message was posted, from its id (Discord, "Snowflakes"), in ms since 1970.
pub(super) fn posted(id: MessageId) -> i64 {
    i64::try_from((id.0 >> 22) + 1_420_070_400_000).unwrap_or(i64::MAX)
}

fn alike(message: &Value, sought: &Sought<'_>) -> bool {
    match sought.like {
        Like::Whole => same(message, sought.body, true),
        Like::Card => same_card(message, sought.body),
        Like::Call => same(message, sought.body, false),
    }
}

/// Whether a message is the card of `body`, whatever has become of what it shows. Discord spells
/// a time in its own way.
fn same_card(message: &Value, body: &Map<String, Value>) -> bool {
    let card = |embeds: &Value| {
        let embed = embeds.get(0)?;
        let at = DateTime::parse_from_rfc3339(embed["timestamp"].as_str()?).ok()?.timestamp_millis();
        let text = |words: &Value| trimmed(words).to_owned();
        Some((text(&embed["title"]), text(&embed["footer"]["text"]), at))
    };
    let sought = body.get("embeds").and_then(card);
    sought.is_some() && card(&message["embeds"]) == sought
}

/// Whether a message says what `body` says. Discord trims text and adds fields of its own, so
/// only what people read is compared; and it adds an embed for each link, after those of `body`.
fn same(message: &Value, body: &Map<String, Value>, description: bool) -> bool {
    let null = Value::Null;
    let of_body = |key| body.get(key).unwrap_or(&null);
    let own = embeds(of_body("embeds"));
    let there = embeds(&message["embeds"]);
    trimmed(&message["content"]) == trimmed(of_body("content"))
        && there.get(..own.len()).is_some_and(|there| words(there, description) == words(own, description))
}

fn embeds(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn trimmed(text: &Value) -> &str {
    text.as_str().unwrap_or_default().trim()
}

/// The words of embeds, in the order in which people read them; an empty one is between two. With or without
/// what stands below their titles.
fn words(embeds: &[Value], description: bool) -> Vec<&str> {
    let mut words = vec![];
    for embed in embeds {
        words.push(trimmed(&embed["title"]));
        words.extend(description.then(|| trimmed(&embed["description"])));
        for field in embed["fields"].as_array().into_iter().flatten() {
            words.extend([trimmed(&field["name"]), trimmed(&field["value"])]);
        }
        words.extend([trimmed(&embed["footer"]["text"]), ""]);
    }
    words
}

#[cfg(test)]
mod tests {
    use reqwest::Method;
    use serde_json::json;

    use super::*;
    use crate::model::ids::Seq;
    use crate::render::File;

    const NOW: i64 = 1_795_251_600_000;
    const ME: UserId = UserId(7);

    /// A channel's history, newest first, that counts how often it is asked.
    struct Channel(Vec<Value>, Mutex<usize>);

    #[async_trait::async_trait]
    impl Api for Channel {
        async fn call(
            &self,
            _: Method,
            path: &str,
            _: Option<&Value>,
            _: &[File],
        ) -> Result<Value, RestError> {
            *self.1.lock().unwrap() += 1;
            let query = path.split_once('?').unwrap().1;
            let asked = |name| {
                let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                pairs.find(|(key, _)| *key == name).map(|(_, value)| value.parse::<u64>().unwrap())
            };
            let before = asked("before").unwrap_or(u64::MAX);
            let limit = usize::try_from(asked("limit").unwrap()).unwrap();
            let older = self.0.iter().filter(|m| id(m).unwrap().0 < before);
            Ok(older.take(limit).cloned().collect::<Vec<_>>().into())
        }
    }

    /// `n` messages, one a second, the newest now, each saying its number from the newest.
    fn channel(n: u32) -> Channel {
        let message = |back: u32| {
            let ms = u64::try_from(NOW - i64::from(back) * 1_000 - 1_420_070_400_000).unwrap();
            let author = json!({"id": ME.to_string()});
            json!({"id": (ms << 22).to_string(), "author": author, "content": back.to_string(), "embeds": []})
        };
        Channel((0..n).map(message).collect(), Mutex::default())
    }

    async fn look(channel: &Channel, body: Value, take: impl Fn(MessageId) -> bool + Send + Sync) -> bool {
        let body = body.as_object().unwrap();
        seek(channel, body, Like::Whole, take).await
    }

    async fn seek(
        channel: &Channel,
        body: &Map<String, Value>,
        like: Like,
        take: impl Fn(MessageId) -> bool + Send + Sync,
    ) -> bool {
        let since = Timestamp(NOW);
        let sought = Sought { channel: ChannelId(1), me: ME, since, nonce: "j.1.0", body, like };
        find(channel, &sought, take).await.unwrap().is_some()
    }

    #[tokio::test]
    async fn it_pages_back_as_far_as_the_post_can_be_and_no_further() {
        let busy = channel(1_500);
        assert!(look(&busy, json!({"content": "420"}), |_| true).await);
        assert_eq!(*busy.1.lock().unwrap(), 5);
        assert!(!look(&busy, json!({"content": "1400"}), |_| true).await, "past the last page");
        assert_eq!(*busy.1.lock().unwrap(), 15);
        let mut old = channel(500);
        for message in &mut old.0 {
            let id = message["id"].as_str().unwrap().parse::<u64>().unwrap();
            message["id"] = (id - (u64::try_from(SKEW).unwrap() << 22)).to_string().into();
        }
        assert!(!look(&old, json!({"content": "420"}), |_| true).await, "said before it was owed");
        assert_eq!(*old.1.lock().unwrap(), 1);
    }

    #[tokio::test]
    async fn what_discord_adds_for_a_link_makes_no_other_message_and_a_footer_does() {
        let mut channel = channel(1);
        channel.0[0]["embeds"] =
            json!([{"description": "d", "footer": {"text": "page 1"}}, {"title": "the linked page"}]);
        let says = |footer: &str| json!({"content": "0", "embeds": [{"description": "d", "footer": {"text": footer}}]});
        assert!(look(&channel, says("page 1"), |_| true).await);
        assert!(!look(&channel, says("page 2"), |_| true).await);
        assert!(!look(&channel, json!({"content": "0", "embeds": [{}, {}, {}]}), |_| true).await);
    }

    #[tokio::test]
    async fn a_card_that_changed_since_is_found_by_what_stays_the_same() {
        let card = |description: &str, footer: &str, at: &str| {
            let footer = json!({"text": footer});
            json!([{"title": "RUN-3", "description": description, "footer": footer, "timestamp": at}])
        };
        let mut channel = channel(1);
        channel.0[0]["embeds"] = card("waits", "plan 1", "2026-11-21T17:00:00.120000+00:00");
        let body = |embeds: Value| json!({"content": "", "embeds": embeds}).as_object().unwrap().clone();
        let now = body(card("runs", "plan 1", "2026-11-21T17:00:00.12Z"));
        assert!(seek(&channel, &now, Like::Card, |_| true).await);
        assert!(!seek(&channel, &now, Like::Whole, |_| true).await);
        for other in [
            card("waits", "plan 2", "2026-11-21T17:00:00.12Z"),
            card("waits", "plan 1", "2026-11-21T17:00:00.121Z"),
            json!([]),
        ] {
            assert!(!seek(&channel, &body(other.clone()), Like::Card, |_| true).await, "{other}");
        }
    }

    #[tokio::test]
    async fn a_call_is_found_however_late_it_said_that_it_comes() {
        let call = |number: u32, late: &str, since: &str| {
            json!([{"title": format!("PAG-7 · call {number}"), "description": format!("You are first.{late}"),
                "fields": [{"name": "Since", "value": since}]}])
        };
        let mut channel = channel(1);
        channel.0[0]["embeds"] = call(3, "", "<t:5:R>");
        let body = |embeds: Value| json!({"content": "0", "embeds": embeds}).as_object().unwrap().clone();
        let late = body(call(3, " Late by 2 m 00 s", "<t:5:R>"));
        assert!(seek(&channel, &late, Like::Call, |_| true).await);
        assert!(!seek(&channel, &late, Like::Whole, |_| true).await);
        for other in [call(4, "", "<t:5:R>"), call(3, "", "<t:6:R>")] {
            assert!(!seek(&channel, &body(other.clone()), Like::Call, |_| true).await, "{other}");
        }
    }

    #[tokio::test]
    async fn each_of_two_posts_that_say_the_same_has_its_own_message() {
        let mut channel = channel(2);
        channel.0[1]["content"] = "0".into();
        let (taken, effect) = (Taken::default(), |index| EffectId { seq: Seq(1), index });
        for index in [0, 1, 0] {
            assert!(look(&channel, json!({"content": "0"}), |m| taken.take(m, effect(index))).await);
        }
        assert!(!look(&channel, json!({"content": "0"}), |m| taken.take(m, effect(2))).await);
    }
}
