//! The message that a command was used on, as Muster's own value. Its text comes with the
//! interaction and in no other way: without a privileged intent Discord shows no message's text.

use serenity::model::application::{CommandInteraction, ResolvedTarget};
use serenity::model::channel::{Attachment, Embed, Message};

use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::ids::{ChannelId, MessageId, UserId};
use crate::model::person::Person;
use crate::model::quote::{Attachment as Kept, Pointed, QuotedMessage};

/// Where Discord's ids begin to count: 2015, in milliseconds since 1970.
const EPOCH: u64 = 1_420_070_400_000;

/// The message; `None` where Discord did not send it along.
pub(super) fn pointed(c: &CommandInteraction) -> Option<Box<Pointed>> {
    let Some(ResolvedTarget::Message(m)) = c.data.target() else {
        return None;
    };
    let guild = c.guild_id.map_or_else(|| "@me".to_owned(), |g| g.to_string());
    let nick = m.member.as_ref().and_then(|m| m.nick.clone());
    let name = nick.or_else(|| m.author.global_name.clone()).unwrap_or_else(|| m.author.name.clone());
    // A bot's account has its application's id; old ones differ, and are known by what they answer.
    let own = m.author.id.get() == c.application_id.get() || m.application_id == Some(c.application_id);
    let message = QuotedMessage {
        id: MessageId(m.id.get()),
        channel: ChannelId(m.channel_id.get()),
        author: Person { id: UserId(m.author.id.get()), name },
        // An id carries the moment to the millisecond.
        at: Timestamp(i64::try_from((m.id.get() >> 22) + EPOCH).unwrap_or_default()),
        text: text::plain(&words(m)).trim().to_owned(),
        link: format!("https://discord.com/channels/{guild}/{}/{}", m.channel_id, m.id),
        attachments: attachments(m),
    };
    Some(Box::new(Pointed { message, own }))
}

/// What it says: its own text, else that of its boxes, else that of the message it forwards.
fn words(m: &Message) -> String {
    let mut parts = vec![m.content.clone()];
    if m.content.trim().is_empty() {
        parts.extend(m.embeds.iter().map(boxed));
        for forwarded in &m.message_snapshots {
            parts.push(forwarded.content.clone());
            parts.extend(forwarded.embeds.iter().map(boxed));
        }
    }
    parts.retain(|p| !p.trim().is_empty());
    parts.join("\n\n")
}

fn boxed(e: &Embed) -> String {
    let mut lines: Vec<String> = e.title.iter().chain(&e.description).cloned().collect();
    lines.extend(e.fields.iter().map(|f| format!("{}: {}", f.name, f.value)));
    lines.extend(e.footer.iter().map(|f| f.text.clone()));
    lines.join("\n")
}

fn attachments(m: &Message) -> Vec<Kept> {
    let forwarded = m.message_snapshots.iter().flat_map(|s| &s.attachments);
    let kept = |a: &Attachment| Kept { name: text::line(&a.filename), bytes: a.size.into() };
    m.attachments.iter().chain(forwarded).map(kept).collect()
}
