//! What happened: the only thing that changes state.

use serde::{Deserialize, Serialize};

use super::check::{Asked, Finding};
use super::effect::Ticket;
use super::ids::{ChannelId, EffectId, IncidentId, MessageId};
use super::incident::Severity;
use super::person::Person;

/// Something that happened. In the journal for ever: a variant is never renamed or given
/// another meaning; new fields have a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The program began to work on this journal.
    Started {
        /// Muster's version.
        version: String,
    },
    /// Discord has these slash commands now.
    CommandsRegistered {
        /// Of the body that was sent; the next start sends again only when it differs.
        hash: String,
    },
    /// Somebody asked for something and did not get it.
    Refused {
        /// What they tried.
        what: String,
        /// What they were told.
        why: String,
    },
    /// An incident began.
    IncidentDeclared {
        /// Its number.
        incident: IncidentId,
        /// What is wrong.
        title: String,
        /// How bad.
        severity: Severity,
        /// Which service.
        service: Option<String>,
        /// Who declared it.
        by: Person,
    },
    /// Somebody wrote something down.
    NoteAdded {
        /// Where.
        incident: IncidentId,
        /// Their words.
        text: String,
        /// Who.
        by: Person,
    },
    /// An incident ended.
    IncidentResolved {
        /// Which.
        incident: IncidentId,
        /// What resolved it.
        how: Option<String>,
        /// Who says so.
        by: Person,
    },
    /// Somebody asked after the health of services.
    CheckAsked {
        /// What is asked.
        asked: Asked,
        /// Whom to answer.
        answer: Ticket,
    },
    /// An effect left the outbox.
    Settled {
        /// Which.
        effect: EffectId,
        /// How.
        outcome: Settlement,
    },
}

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
