//! The arguments of a command: what its file presets, and what was typed.

use crate::model::command::Command;
use crate::model::input::{Arg, Invocation};
use crate::model::person::Person;
use crate::model::reply::Refusal;

/// Preset and typed arguments. What a command's file presets cannot be typed over: a team
/// that writes `with = {service = "soundlab"}` means that service.
pub struct Args<'a> {
    command: &'a Command,
    typed: &'a Invocation,
}

impl<'a> Args<'a> {
    /// Those of this use of the command.
    pub fn of(command: &'a Command, typed: &'a Invocation) -> Args<'a> {
        Args { command, typed }
    }

    /// The text of an argument; `None` where it was not given or is blank.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        let text = match (self.command.preset(name), self.typed.args.get(name)) {
            (Some(preset), _) => preset,
            (None, Some(Arg::Text(typed))) => typed.as_str(),
            _ => return None,
        };
        Some(text.trim()).filter(|t| !t.is_empty())
    }

    /// The text of an argument without which nothing can be done.
    pub fn needed(&self, name: &str) -> Result<&'a str, Refusal> {
        self.text(name).ok_or_else(|| {
            Refusal::new(format!("`/{}` needs `{name}`. Type it and send again.", self.command.path))
        })
    }

    /// A member of the server, where one was chosen.
    pub fn person(&self, name: &str) -> Option<&'a Person> {
        match self.typed.args.get(name) {
            Some(Arg::Person(person)) => Some(person),
            _ => None,
        }
    }

    /// A whole number, where it was given.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match (self.command.preset(name), self.typed.args.get(name)) {
            (Some(preset), _) => preset.parse().ok(),
            (None, Some(Arg::Integer(typed))) => Some(*typed),
            _ => None,
        }
    }

    /// A yes or no, where it was given.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match (self.command.preset(name), self.typed.args.get(name)) {
            (Some(preset), _) => preset.parse().ok(),
            (None, Some(Arg::Boolean(typed))) => Some(*typed),
            _ => None,
        }
    }

    /// An argument that is read from text, where it was given.
    pub fn read<T: std::str::FromStr<Err = String>>(&self, name: &str) -> Result<Option<T>, Refusal> {
        self.text(name).map(|t| t.parse().map_err(Refusal::new)).transpose()
    }
}
