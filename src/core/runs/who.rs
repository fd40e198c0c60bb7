//! Whoever does something to a run, with the rights of this moment.

use crate::core::incidents::private;
use crate::core::state::State;
use crate::model::house::House;
use crate::model::ids::{ChannelId, RoleId};
use crate::model::input::Interaction;
use crate::model::person::Person;
use crate::model::run::Run;

/// Whoever does something.
pub struct Who {
    /// Who.
    pub person: Person,
    /// The roles that Discord sent with this very click.
    pub roles: Vec<RoleId>,
    /// An administrator, or somebody who works on Muster's machine: may do what any role may.
    /// Never stands in for a second person.
    pub operator: bool,
    /// Where; `None` in a terminal.
    pub channel: Option<ChannelId>,
}

impl Who {
    /// Somebody in Discord.
    pub fn of(house: &House, i: &Interaction) -> Who {
        Who {
            person: i.by.person.clone(),
            roles: i.by.roles.clone(),
            operator: house.settings.administrators.contains(&i.by.person.id),
            channel: Some(i.channel),
        }
    }

    /// Whether they may see a run: one of a private incident only those who are in that.
    pub fn sees(&self, state: &State, house: &House, run: &Run) -> bool {
        self.operator || private::sees_run(state, house, run, &self.person, self.channel)
    }

    /// Somebody in a terminal on Muster's machine.
    pub fn at_terminal(user: &str) -> Who {
        Who { person: Person::at_terminal(user), roles: vec![], operator: true, channel: None }
    }
}
