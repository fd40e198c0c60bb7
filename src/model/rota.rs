//! Who is on call when: rotas as people write them, by weekday or in turns, with layers, hours and
//! overrides.

use std::fmt;

use chrono::{NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::ids::{OverrideId, UserId};
use super::incident::Stamp;
use super::person::Person;
use crate::kit::time::Timestamp;

/// A rota: who is on call for something, rank by rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rota {
    /// What it is called: the service's name where its runbook has the table.
    pub name: String,
    /// In which zone its times are meant.
    pub timezone: Tz,
    /// Primary first. Not empty.
    pub ranks: Vec<Rank>,
}

/// One of several who are on call at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rank {
    /// As the table's heading calls it: `primary`.
    pub name: String,
    /// Who: the last layer that names somebody at a moment counts.
    pub layers: Vec<Layer>,
}

/// Who is on call, as far as this layer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What it is called.
    pub name: String,
    /// Who takes turns, and how.
    pub turns: Turns,
    /// When it says something; always where nothing is listed.
    pub hours: Vec<Hours>,
}

/// Who takes turns, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turns {
    /// Somebody for each day of the week, Monday first. A day begins at the handoff.
    Week {
        /// Who. `None`: nobody.
        days: [Option<Member>; 7],
        /// When a day's shift begins.
        handoff: NaiveTime,
    },
    /// One after the other.
    Rotation {
        /// Who, in their order. Not empty.
        members: Vec<Member>,
        /// When the first one's first shift begins, by the wall. Nobody is on call before.
        from: NaiveDate,
        /// At what time of the day shifts begin.
        handoff: NaiveTime,
        /// How long a shift is.
        every: Every,
    },
}

impl Turns {
    /// Everybody who takes turns.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        let (days, members) = match self {
            Turns::Week { days, .. } => (days.as_slice(), &[][..]),
            Turns::Rotation { members, .. } => (&[][..], members.as_slice()),
        };
        days.iter().flatten().chain(members)
    }
}

/// How long a shift is. Days and weeks are the calendar's, hours are hours that pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// So many hours.
    Hours(u32),
    /// So many days.
    Days(u32),
    /// So many weeks.
    Weeks(u32),
}

/// When a layer counts: on these days, from this time on, until that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// On which days it begins; every day where none is named.
    pub days: Vec<Weekday>,
    /// From when on.
    pub from: NaiveTime,
    /// Until when; the next day's where it is not later than `from`.
    pub until: NaiveTime,
}

/// Somebody in a rota.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Member {
    /// Somebody that Discord knows.
    Known {
        /// Their account.
        id: UserId,
        /// What the rota calls them.
        name: String,
    },
    /// Somebody whose account nobody has told yet: they cannot be reached.
    Unknown(String),
}

impl Member {
    /// What the rota calls them.
    pub fn name(&self) -> &str {
        match self {
            Member::Known { name, .. } | Member::Unknown(name) => name,
        }
    }

    /// Their account, where it is known.
    pub fn id(&self) -> Option<UserId> {
        match self {
            Member::Known { id, .. } => Some(*id),
            Member::Unknown(_) => None,
        }
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// For a while somebody else is on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Its number.
    pub id: OverrideId,
    /// In which rota.
    pub rota: String,
    /// In which rank.
    pub rank: String,
    /// From when on.
    pub from: Timestamp,
    /// Until when; that moment is not in it any more.
    pub until: Timestamp,
    /// Who is.
    pub who: Person,
    /// When and by whom it was asked for.
    pub asked: Stamp,
}

impl Override {
    /// Whether it is in force.
    pub fn counts(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

/// A time in which the same person is on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Who; `None`: nobody.
    pub who: Option<Member>,
    /// From when on.
    pub from: Timestamp,
    /// Until when; that moment is the next one's.
    pub until: Timestamp,
    /// The override that makes it so, where one does.
    pub by: Option<OverrideId>,
}

/// The table of who is on call that stands in a runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnCallTable {
    /// The ranks, as its heading calls them.
    pub ranks: Vec<String>,
    /// For each rank, who has each day of the week, Monday first: the names that stand there.
    pub days: Vec<[Option<String>; 7]>,
    /// The heading's line.
    pub line: usize,
}

/// One row of the escalation path that stands in a runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationRow {
    /// `L1`.
    pub level: String,
    /// Who, in the runbook's words.
    pub who: String,
    /// When they are called, counted from the beginning; `None` where it says only that they come next.
    pub after: Option<std::time::Duration>,
    /// Its line.
    pub line: usize,
}

impl OnCallTable {
    /// The rota that it means: days begin at `handoff` in this zone; `who` knows the account behind a
    /// name.
    pub fn rota(
        &self,
        name: &str,
        timezone: Tz,
        handoff: NaiveTime,
        who: impl Fn(&str) -> Option<UserId>,
    ) -> Rota {
        let member = |name: &String| match who(name) {
            Some(id) => Member::Known { id, name: name.clone() },
            None => Member::Unknown(name.clone()),
        };
        let rank = |(rank, days): (&String, &[Option<String>; 7])| {
            let days = days.each_ref().map(|day| day.as_ref().map(member));
            let turns = Turns::Week { days, handoff };
            Rank {
                name: rank.clone(),
                layers: vec![Layer { name: "table".to_owned(), turns, hours: vec![] }],
            }
        };
        Rota { name: name.to_owned(), timezone, ranks: self.ranks.iter().zip(&self.days).map(rank).collect() }
    }
}
