//! What reaches the engine: somebody wants something, something was done, a time came.

use std::collections::BTreeMap;

use super::button::{Button, FormKind};
use super::event::Settlement;
use super::ids::{ChannelId, EffectId, GuildId, InteractionId};
use super::person::Actor;

/// One input, one decision.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A person did something in Discord.
    Interaction(Interaction),
    /// An effect was done, or cannot be.
    Settled {
        /// Which.
        effect: EffectId,
        /// How it went.
        outcome: Settlement,
    },
    /// The program begins to work on this journal.
    Started {
        /// Muster's version.
        version: String,
    },
    /// Discord took these slash commands.
    CommandsRegistered {
        /// Of the body that was sent.
        hash: String,
    },
    /// A time has come that `next_wakeup` named.
    Wake,
}

/// Something that a person did in Discord.
#[derive(Clone, Debug, PartialEq)]
pub struct Interaction {
    /// Its id.
    pub id: InteractionId,
    /// The key to answering it.
    pub token: String,
    /// In which server; `None` in a direct message.
    pub guild: Option<GuildId>,
    /// In which channel or thread.
    pub channel: ChannelId,
    /// Who, with their rights at this moment.
    pub by: Actor,
    /// What.
    pub act: Act,
}

/// What they did.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Used a slash command.
    Command(Invocation),
    /// Is typing an option and wants proposals.
    Complete {
        /// The command as typed so far.
        command: Invocation,
        /// The option that is being typed.
        option: String,
        /// What stands there.
        typed: String,
    },
    /// Pressed a button that Muster made, or a forged one (`Err` says what to tell them).
    Press(Result<Button, String>),
    /// Sent a form.
    Submit {
        /// Which form.
        form: Result<FormKind, String>,
        /// What they wrote, by field.
        fields: BTreeMap<String, String>,
    },
    /// Something that this build does not know; what it was, for the record.
    Unknown(String),
}

/// A slash command with what was typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    /// With its subcommand: `incident declare`.
    pub command: String,
    /// By option name.
    pub args: BTreeMap<String, Arg>,
}

/// What an option holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// Text, and everything that is chosen from a list.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A person, role or channel, by id.
    Id(u64),
}

impl Interaction {
    /// What they used, as the record calls it.
    pub fn what(&self) -> String {
        match &self.act {
            Act::Command(c) | Act::Complete { command: c, .. } => format!("/{}", c.command),
            Act::Press(Ok(b)) => format!("button {b}"),
            Act::Press(Err(_)) => "a button that is not Muster's".to_owned(),
            Act::Submit { form: Ok(f), .. } => format!("form {f}"),
            Act::Submit { form: Err(_), .. } => "a form that is not Muster's".to_owned(),
            Act::Unknown(what) => what.clone(),
        }
    }
}
