//! A slash command as a team writes it in a file: what it is called, what may be typed, who may
//! use it, and which of Muster's actions it means.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

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
}

impl CommandFile {
    /// The commands in it, in the order of the file.
    pub fn commands(&self) -> &[Command] {
        match &self.body {
            CommandBody::Single(one) => std::slice::from_ref(one),
            CommandBody::Group(many) => many,
        }
    }
}

/// Something a person can use by typing `/`.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Its words without the slash: `health`, `incident declare`.
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
            OptionKind::Severity => "severity",
            OptionKind::Person => "person",
            OptionKind::Channel => "channel",
            OptionKind::Role => "role",
            OptionKind::Choice(_) => "choice",
        }
    }

    /// Every word that a command file may use for a kind.
    pub const WORDS: [&'static str; 13] = [
        "text", "integer", "number", "boolean", "service", "incident", "action", "run", "severity", "person",
        "channel", "role", "choice",
    ];

    /// Whether Muster proposes values while it is typed. Severities and choices are lists that
    /// Discord shows by itself.
    pub fn completes(&self) -> bool {
        matches!(self, OptionKind::Service | OptionKind::Incident | OptionKind::Action | OptionKind::Run)
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

/// What a command can mean. Closed: a command file chooses, it cannot invent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Runs the checks of one service's runbook, or of every one.
    Health,
    /// Opens an incident.
    IncidentDeclare,
    /// Writes something into an incident's timeline.
    IncidentNote,
    /// Ends an incident.
    IncidentResolve,
    /// Says how far people are with an incident.
    IncidentUpdate,
    /// Says that an incident is worse, or less bad.
    IncidentSeverity,
    /// Says who does what in an incident.
    IncidentAssign,
    /// Adds a link to an incident.
    IncidentLink,
    /// Brings somebody into a private incident.
    IncidentInvite,
    /// Makes an incident part of another one.
    IncidentMerge,
    /// Lets an incident that is over go on.
    IncidentReopen,
    /// Says that everything that follows from an incident is done.
    IncidentClose,
    /// Shows an incident's card.
    IncidentShow,
    /// Shows the open incidents.
    IncidentList,
    /// Shows what could be told of an incident.
    IncidentDrafts,
    /// Says how bad it is, from a few answers.
    Triage,
    /// Shows what happened in an incident.
    Timeline,
    /// Shows a section of a runbook.
    Section,
    /// Runs an action of a runbook.
    Run,
    /// Shows the runs that are not over.
    RunList,
    /// Shows one run.
    RunShow,
    /// Ends a run.
    RunCancel,
    /// Takes a lock from the run that holds it, and ends that run.
    RunUnlock,
}

/// An argument that an action takes, typed by a person or set in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name, which is the option's.
    pub name: &'static str,
    /// The kinds of option that can hold it, as words.
    pub kinds: &'static [&'static str],
    /// Whether the action cannot do without it.
    pub required: bool,
}

const fn needs(name: &'static str, kinds: &'static [&'static str]) -> Argument {
    Argument { name, kinds, required: true }
}

const fn takes(name: &'static str, kinds: &'static [&'static str]) -> Argument {
    Argument { name, kinds, required: false }
}

impl Action {
    /// All of them.
    pub const ALL: [Action; 23] = [
        Action::Health,
        Action::IncidentDeclare,
        Action::IncidentNote,
        Action::IncidentResolve,
        Action::IncidentUpdate,
        Action::IncidentSeverity,
        Action::IncidentAssign,
        Action::IncidentLink,
        Action::IncidentInvite,
        Action::IncidentMerge,
        Action::IncidentReopen,
        Action::IncidentClose,
        Action::IncidentShow,
        Action::IncidentList,
        Action::IncidentDrafts,
        Action::Triage,
        Action::Timeline,
        Action::Section,
        Action::Run,
        Action::RunList,
        Action::RunShow,
        Action::RunCancel,
        Action::RunUnlock,
    ];

    /// How a command file names it.
    pub fn word(self) -> &'static str {
        match self {
            Action::Health => "health",
            Action::IncidentDeclare => "incident.declare",
            Action::IncidentNote => "incident.note",
            Action::IncidentResolve => "incident.resolve",
            Action::IncidentUpdate => "incident.update",
            Action::IncidentSeverity => "incident.severity",
            Action::IncidentAssign => "incident.assign",
            Action::IncidentLink => "incident.link",
            Action::IncidentInvite => "incident.invite",
            Action::IncidentMerge => "incident.merge",
            Action::IncidentReopen => "incident.reopen",
            Action::IncidentClose => "incident.close",
            Action::IncidentShow => "incident.show",
            Action::IncidentList => "incident.list",
            Action::IncidentDrafts => "incident.drafts",
            Action::Triage => "triage",
            Action::Timeline => "timeline",
            Action::Section => "runbook.section",
            Action::Run => "runbook.run",
            Action::RunList => "runs.list",
            Action::RunShow => "runs.show",
            Action::RunCancel => "runs.cancel",
            Action::RunUnlock => "runs.unlock",
        }
    }

    /// What it takes. The one place that says so: loading checks files against it, and whoever
    /// carries the action out reads the same names.
    pub fn arguments(self) -> &'static [Argument] {
        const SERVICE: &[&str] = &["service", "choice"];
        const INCIDENT: &[&str] = &["incident"];
        const TEXT: &[&str] = &["text"];
        const RUN: &[&str] = &["run"];
        match self {
            Action::Health => const { &[takes("service", SERVICE)] },
            Action::IncidentDeclare => {
                const {
                    &[
                        needs("title", TEXT),
                        needs("severity", &["severity"]),
                        takes("service", SERVICE),
                        takes("drill", &["boolean"]),
                        takes("private", &["boolean"]),
                    ]
                }
            }
            Action::IncidentUpdate => {
                const { &[needs("status", &["choice"]), takes("text", TEXT), takes("incident", INCIDENT)] }
            }
            Action::IncidentSeverity => {
                const { &[needs("severity", &["severity"]), takes("why", TEXT), takes("incident", INCIDENT)] }
            }
            Action::IncidentAssign => {
                const { &[needs("duty", &["choice"]), needs("person", &["person"]), takes("incident", INCIDENT)] }
            }
            Action::IncidentLink => {
                const { &[needs("url", TEXT), takes("label", TEXT), takes("incident", INCIDENT)] }
            }
            Action::IncidentInvite => const { &[needs("person", &["person"]), takes("incident", INCIDENT)] },
            Action::IncidentMerge => const { &[needs("into", INCIDENT), takes("incident", INCIDENT)] },
            Action::IncidentReopen => const { &[takes("why", TEXT), takes("incident", INCIDENT)] },
            Action::Triage => {
                const {
                    &[
                        needs("what", TEXT),
                        needs("users", &["choice"]),
                        needs("feature", &["choice"]),
                        needs("data", &["choice"]),
                        takes("service", SERVICE),
                    ]
                }
            }
            Action::IncidentClose | Action::IncidentShow | Action::IncidentDrafts => {
                const { &[takes("incident", INCIDENT)] }
            }
            Action::IncidentNote => const { &[needs("text", TEXT), takes("incident", INCIDENT)] },
            Action::IncidentResolve => const { &[takes("how", TEXT), takes("incident", INCIDENT)] },
            Action::IncidentList => &[],
            Action::Timeline => const { &[takes("incident", INCIDENT)] },
            Action::Run => {
                const {
                    &[
                        needs("service", SERVICE),
                        needs("action", &["action", "choice"]),
                        takes("with", TEXT),
                        takes("confirm", TEXT),
                        takes("dry-run", &["boolean"]),
                        takes("incident", INCIDENT),
                    ]
                }
            }
            Action::RunList => &[],
            Action::RunShow => const { &[needs("run", RUN)] },
            Action::RunCancel => const { &[needs("run", RUN), takes("reason", TEXT)] },
            Action::RunUnlock => const { &[needs("run", RUN), needs("reason", TEXT)] },
            Action::Section => const { &[needs("service", SERVICE), needs("section", &["text", "choice"])] },
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Action {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Action::ALL.into_iter().find(|a| a.word() == s).ok_or_else(|| {
            let all: Vec<&str> = Action::ALL.iter().map(|a| a.word()).collect();
            format!("`{s}` is no action; there are {}", all.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_reads_back_and_wants_only_kinds_that_exist() {
        for action in Action::ALL {
            assert_eq!(action.word().parse(), Ok(action));
            for argument in action.arguments() {
                assert!(argument.kinds.iter().all(|k| OptionKind::WORDS.contains(k)), "{action}");
            }
        }
        assert!("incident".parse::<Action>().is_err());
    }
}
