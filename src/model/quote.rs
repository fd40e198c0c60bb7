//! A message that people wrote in Discord, as the journal keeps it.

use serde::{Deserialize, Serialize};

use super::ids::{ChannelId, IncidentId, InteractionId, MessageId};
use super::person::Person;
use crate::kit::time::Timestamp;

/// What a message said when somebody added it to a timeline. Kept whole: what is shown is cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedMessage {
    /// Which message.
    pub id: MessageId,
    /// Where it stands.
    pub channel: ChannelId,
    /// Who wrote it.
    pub author: Person,
    /// When it was written.
    pub at: Timestamp,
    /// What it says; the text of its boxes where it says nothing itself.
    pub text: String,
    /// Where to read it.
    pub link: String,
    /// The files beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// A file beside a message. Its address is not kept: Discord lets it expire after a day
/// (Discord, "Signed attachment CDN URLs"). The message's link leads to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// How large it is.
    pub bytes: u64,
}

/// A message that somebody used a command on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointed {
    /// The message.
    pub message: QuotedMessage,
    /// Whether Muster itself wrote it.
    pub own: bool,
}

/// Somebody added a message to an incident's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageAdded {
    /// To which.
    pub incident: IncidentId,
    /// What it said then.
    pub message: Box<QuotedMessage>,
    /// Who added it.
    pub by: Person,
}

/// Somebody is asked which incident a message belongs to. Discord shows a message's text only
/// once, with the command that is used on it, so it is held until they say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageHeld {
    /// With which command: the list that asks names it.
    pub held: InteractionId,
    /// What it said then.
    pub message: Box<QuotedMessage>,
    /// Who is asked.
    pub by: Person,
}
