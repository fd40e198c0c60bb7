//! What follows from who is on call, and from who will be: the server's role that follows the rotas, and
//! the test before a shift.

use serde::{Deserialize, Serialize};

use super::ids::RoleId;
use super::person::Person;
use super::rota::Member;
use crate::kit::time::Timestamp;

/// It was looked at what follows from who is on call now, and who will be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Who gets the server's role, and who loses it. Each is owed in this commit, but for whoever never got
    /// what they lose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleTurn>,
    /// Shifts whose people are tested from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tested: Vec<Ahead>,
    /// When it is to be looked at again, beside each change of shift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
}

/// Somebody gets the server's role, or loses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleTurn {
    /// Which role.
    pub role: RoleId,
    /// Who.
    pub person: Person,
    /// Whether they are to hold it.
    pub held: bool,
}

/// A shift that lies ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ahead {
    /// Of which rota.
    pub rota: String,
    /// Of which rank.
    pub rank: String,
    /// Whose.
    pub who: Member,
    /// When it begins.
    pub from: Timestamp,
    /// When it ends; `None` where nobody looked so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Somebody to whom Muster gives the server's role, or gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Which role.
    pub role: RoleId,
    /// Who.
    pub person: Person,
    /// How far it is.
    pub stands: Holding,
}

/// How far it is with somebody's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holding {
    /// It is owed to them.
    Giving,
    /// They hold it, by Muster.
    Held,
    /// Discord did not let Muster give it.
    NotGiven,
    /// That it is taken from them is owed.
    Taking,
    /// Discord did not let Muster take it: they hold it still.
    NotTaken,
}
