//! What reaches the engine: somebody wants something, something was done, a time came.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::alert::Batch;
use super::button::{Button, FormKind};
use super::event::Settlement;
use super::heartbeat::Ping;
use super::ids::{ChannelId, EffectId, GuildId, IncidentId, InteractionId, PageId, RunId};
use super::person::{Actor, Person};
use super::pick::Pick;
use super::quote::Pointed;
use super::run::{Process, StepAt};
use super::watch::Sample;

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
    /// A person did something in a terminal on Muster's machine: whoever may open Muster's socket
    /// or its journal may do all that an administrator may, and is named as what they are.
    Terminal {
        /// The name of their account there.
        user: String,
        /// What.
        act: TerminalAct,
    },
    /// A step's process is there.
    Spawned {
        /// Of which run.
        run: RunId,
        /// Which step.
        step: StepAt,
        /// Which time.
        attempt: u32,
        /// The process.
        process: Process,
    },
    /// A source told of alerts, or of changes.
    Alerts(Box<Batch>),
    /// A job said when it ran.
    Ping(Box<Ping>),
    /// A look was taken at a rule.
    Sampled(Box<Sample>),
    /// Muster begins to look at the rules of its files, or these changed: others are not looked at any more.
    Watching,
    /// The team's files were read anew.
    Reread,
    /// A time has come that `next_wakeup` named.
    Wake,
}

/// What somebody did in a terminal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TerminalAct {
    /// Asked for a run.
    Run(RunAsk),
    /// What a button under a run's card means.
    Press {
        /// Which run.
        run: RunId,
        /// Which button.
        press: Press,
    },
    /// Answered a page.
    Page {
        /// Which; where only one is open, it need not be named.
        page: Option<PageId>,
        /// How.
        answer: PageAnswer,
    },
    /// Called somebody.
    Call(CallAsk),
}

/// Whom somebody in a terminal calls, and what for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallAsk {
    /// Who, by their key or name in `muster.toml`; whoever the policy says where nobody is named.
    pub who: Option<String>,
    /// What they are wanted for; where it is an incident, that is said without.
    pub text: Option<String>,
    /// The service whose policy it is.
    pub service: Option<String>,
    /// The incident in which they are wanted.
    pub incident: Option<IncidentId>,
}

/// How a page is answered in a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageAnswer {
    /// Whoever sits there is on it.
    Acknowledge,
    /// The next is to be called.
    Escalate,
}

/// What can be done to a run in a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Press {
    /// The service's name, before something is changed.
    Confirm(String),
    /// End it.
    Cancel,
    /// Go on without a second person.
    Glass {
        /// In which question; `None` before it begins.
        step: Option<StepAt>,
        /// Why.
        reason: String,
    },
    /// The step is done.
    Done(StepAt),
    /// The step could not be done.
    Failed {
        /// Which.
        step: StepAt,
        /// Why.
        reason: String,
    },
    /// The step does not apply.
    NotApplicable {
        /// Which.
        step: StepAt,
        /// Why.
        reason: String,
    },
    /// A step that was cut short worked.
    Worked(StepAt),
    /// It is to run again.
    Again(StepAt),
    /// It is taken as failed.
    Stop(StepAt),
    /// Take back what was done.
    Undo,
}

/// A run that somebody asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunAsk {
    /// The service.
    pub service: String,
    /// The action's name, or a section's anchor.
    pub action: String,
    /// Values for its parameters, by name.
    pub params: BTreeMap<String, String>,
    /// The service's name, typed again, where the action wants that.
    pub confirm: Option<String>,
    /// Whether nothing is to be changed.
    pub dry: bool,
    /// The incident that it belongs to.
    pub incident: Option<IncidentId>,
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
    /// Used a command of a message's menu.
    OnMessage {
        /// What the menu calls it.
        command: String,
        /// The message.
        message: Box<Pointed>,
    },
    /// Chose in a list that Muster made, or in a forged one (`Err` says what to tell them).
    Choose {
        /// Which list.
        list: Result<Pick, String>,
        /// What they chose.
        chosen: Vec<String>,
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
    /// A member of the server, with the name that Discord sent along.
    Person(Person),
    /// A role or channel, by id.
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
            Act::OnMessage { command, .. } => format!("“{command}” on a message"),
            Act::Choose { list: Ok(list), .. } => format!("list {list}"),
            Act::Choose { list: Err(_), .. } => "a list that is not Muster's".to_owned(),
            Act::Unknown(what) => what.clone(),
        }
    }
}
