//! Who did something.

use serde::{Deserialize, Serialize};

use super::ids::{RoleId, UserId};

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
    /// Whoever works in a terminal on Muster's machine under this name. No account of Discord's
    /// has the id 1: they begin in 2015 with far larger numbers.
    pub fn at_terminal(user: &str) -> Person {
        Person { id: UserId(1), name: format!("{user} at the terminal") }
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
