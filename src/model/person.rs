//! Who did something.

use serde::{Deserialize, Serialize};

use super::ids::{RoleId, UserId};
use crate::kit::text;

/// Whoever works at a terminal. No account of Discord's has this id: they begin in 2015 with far
/// larger numbers.
const TERMINAL: UserId = UserId(1);

/// Muster itself, where a policy of the team's decides and no person.
const MUSTER: UserId = UserId(2);

/// A person as the journal remembers them: the id is who it was, the name is what the others
/// saw at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The account.
    pub id: UserId,
    /// Their name in the server when it happened.
    pub name: String,
}

impl Person {
    /// Their name as it may stand in Markdown: one line, and no mark of its own.
    pub fn in_markdown(&self) -> String {
        text::escape_markdown(&text::line(&self.name))
    }

    /// Whoever works in a terminal on Muster's machine under this name.
    pub fn at_terminal(user: &str) -> Person {
        Person { id: TERMINAL, name: format!("{user} at the terminal") }
    }

    /// Muster itself, which does what the team wrote in its settings.
    pub fn muster() -> Person {
        Person { id: MUSTER, name: "Muster".to_owned() }
    }

    /// Whether it is Muster itself, which nobody can call.
    pub fn is_muster(&self) -> bool {
        self.id == MUSTER
    }

    /// Whether they sat at a terminal, where nobody knows who they are in Discord.
    pub fn at_a_terminal(&self) -> bool {
        self.id == TERMINAL
    }

    /// Whether both are the same account. At a terminal the name is the account.
    pub fn is(&self, other: &Person) -> bool {
        self.id == other.id && (!self.at_a_terminal() || self.name == other.name)
    }
}

/// A person at the moment of their click, with what decides about their rights. Never kept:
/// a right is asked for anew each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub person: Person,
    /// The roles that Discord sent with this interaction. Empty in a direct message.
    pub roles: Vec<RoleId>,
}
