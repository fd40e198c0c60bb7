//! A slash command as a team writes it in a file: what it is called, what may be typed, who may
//! use it, and which of Muster's actions it means.

use std::collections::BTreeMap;

pub use super::action::{Action, Argument};

/// One file of `commands/`: a command, or a command with subcommands.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandFile {
    /// The top-level word: `incident` for `/incident declare`. Also the file's name.
    pub name: String,
    /// What Discord shows beside it, at most 100 characters.
    pub description: String,
    /// The command itself, or its subcommands.
    pub body: CommandBody,
}

/// What stands under a top-level word.
#[derive(Clone, Debug, PartialEq)]
pub enum CommandBody {
    /// The word is the command.
    Single(Command),
    /// The word has these subcommands, and is no command of its own (Discord's rule).
    Group(Vec<Command>),
    /// It stands in the menu of every message, under the command's path.
    OnMessage(Command),
}

impl CommandFile {
    /// The commands in it, in the order of the file.
    pub fn commands(&self) -> &[Command] {
        match &self.body {
            CommandBody::Single(one) | CommandBody::OnMessage(one) => std::slice::from_ref(one),
            CommandBody::Group(many) => many,
        }
    }
}

/// Something a person can use by typing `/`.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Its words without the slash: `health`, `incident declare`. In a message's menu, what it is
    /// called there.
    pub path: String,
    /// What Discord shows beside it, at most 100 characters.
    pub description: String,
    /// What may be typed, the required ones first (Discord's rule).
    pub options: Vec<CommandOption>,
    /// Who may use it.
    pub allow: Allow,
    /// What it does.
    pub action: Action,
    /// Arguments that the file sets; nobody can type another value for them.
    pub with: BTreeMap<String, String>,
}

impl Command {
    /// The last of its words, which is what Discord calls a subcommand.
    pub fn name(&self) -> &str {
        self.path.rsplit(' ').next().unwrap_or(&self.path)
    }

    /// What people call it.
    pub fn called(&self) -> String {
        if self.action.is_about_a_message() {
            format!("“{}”", self.path)
        } else {
            format!("`/{}`", self.path)
        }
    }

    /// The option with this name.
    pub fn option(&self, name: &str) -> Option<&CommandOption> {
        self.options.iter().find(|o| o.name == name)
    }

    /// The value that the file sets for this argument.
    pub fn preset(&self, name: &str) -> Option<&str> {
        self.with.get(name).map(String::as_str)
    }
}

/// Something that may be typed behind a command.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandOption {
    /// Its name, which is the name of one of the action's arguments.
    pub name: String,
    /// What Discord shows beside it, at most 100 characters.
    pub description: String,
    /// What it holds.
    pub kind: OptionKind,
    /// Whether the command cannot be sent without it.
    pub required: bool,
}

/// What an option holds.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionKind {
    /// Free text.
    Text {
        /// Greatest length in characters, at most 6000.
        max: u16,
    },
    /// A whole number.
    Integer {
        /// Smallest that is allowed.
        min: Option<i64>,
        /// Greatest that is allowed.
        max: Option<i64>,
    },
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A service; completed from the runbooks.
    Service,
    /// An incident; completed from those that are open.
    Incident,
    /// An action of the service's runbook; completed from it.
    Action,
    /// A run; completed from those that are not over.
    Run,
    /// Something to be done after an incident; completed from what is open.
    ActionItem,
    /// A silence; completed from those that are not over.
    Silence,
    /// A rota: Muster proposes them.
    Rota,
    /// An override that is not over: Muster proposes them.
    Override,
    /// Alerts that are one problem; completed from those that are not over.
    Alert,
    /// A page; completed from those that are not over.
    Page,
    /// P1 to P4; chosen from a list.
    Severity,
    /// A member of the server.
    Person,
    /// A channel of the server.
    Channel,
    /// A role of the server.
    Role,
    /// One of these, at most 25.
    Choice(Vec<String>),
}

impl OptionKind {
    /// The word for it in a command file.
    pub fn word(&self) -> &'static str {
        match self {
            OptionKind::Text { .. } => "text",
            OptionKind::Integer { .. } => "integer",
            OptionKind::Number => "number",
            OptionKind::Boolean => "boolean",
            OptionKind::Service => "service",
            OptionKind::Incident => "incident",
            OptionKind::Action => "action",
            OptionKind::Run => "run",
            OptionKind::ActionItem => "action-item",
            OptionKind::Silence => "silence",
            OptionKind::Rota => "rota",
            OptionKind::Override => "override",
            OptionKind::Alert => "alert",
            OptionKind::Page => "page",
            OptionKind::Severity => "severity",
            OptionKind::Person => "person",
            OptionKind::Channel => "channel",
            OptionKind::Role => "role",
            OptionKind::Choice(_) => "choice",
        }
    }

    /// Every word that a command file may use for a kind.
    pub const WORDS: [&'static str; 19] = [
        "text",
        "integer",
        "number",
        "boolean",
        "service",
        "incident",
        "action",
        "run",
        "action-item",
        "silence",
        "rota",
        "override",
        "alert",
        "page",
        "severity",
        "person",
        "channel",
        "role",
        "choice",
    ];

    /// Whether Muster proposes values while it is typed. Severities and choices are lists that
    /// Discord shows by itself.
    pub fn completes(&self) -> bool {
        matches!(
            self,
            OptionKind::Service
                | OptionKind::Incident
                | OptionKind::Action
                | OptionKind::Run
                | OptionKind::ActionItem
                | OptionKind::Silence
                | OptionKind::Rota
                | OptionKind::Override
                | OptionKind::Alert
                | OptionKind::Page
        )
    }
}

/// Who may use a command. Asked anew at each use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allow {
    /// Whoever can see it.
    Everyone,
    /// Whoever holds one of these roles, named as in `muster.toml`. An empty list is nobody.
    Roles(Vec<String>),
}
