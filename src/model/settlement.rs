//! How what is owed left the outbox: done, or never to be done, and why.

use serde::{Deserialize, Serialize};

use super::check::Finding;
use super::ids::{ChannelId, MessageId};
use super::run::Ran;

/// How an effect left the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settlement {
    /// A message is there.
    Posted {
        /// In this channel.
        channel: ChannelId,
        /// This message.
        message: MessageId,
    },
    /// A thread is there.
    Opened {
        /// The thread.
        thread: ChannelId,
    },
    /// A message or an answer shows it now.
    Shown,
    /// The services were asked.
    Checked {
        /// What was found, in the order asked.
        findings: Vec<Finding>,
    },
    /// A step of a run was attempted.
    Ran(Box<Ran>),
    /// A later effect says the same better, or there is nothing left to do it to.
    Superseded,
    /// It will not happen.
    GaveUp {
        /// What stands in the way.
        reason: Reason,
        /// What Discord, or whoever refused, said.
        said: String,
    },
}

/// Why an effect will never happen. What to do about it depends on which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The channel, thread or message is not there (any more).
    Gone,
    /// The bot may not.
    Forbidden,
    /// It came too late: the interaction's token has expired.
    Expired,
    /// It was refused as it stands; a mistake of Muster's.
    Invalid,
}
