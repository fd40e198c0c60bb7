//! People and what follows an incident: they write it up, add action items and tick them, and
//! publish reports, with the right or without.

use super::run::Run;
use crate::sandbox::world::Id;
use crate::sandbox::world::seed::Person;

/// What people type for a day. Only the first three are one.
const DAYS: [&str; 5] = ["tomorrow", "in 2 days", "friday", "2001-01-01", "soon"];

impl Run {
    /// Somebody sees to what follows an incident.
    pub fn follow_up(&mut self, user: Id, place: Id) {
        let incident: Vec<_> = self.incident().into_iter().collect();
        match self.chance.weighted(&[4, 6, 3, 3, 2, 1, 1]) {
            0 => {
                let user = self.one_of(&[Person::Approver, Person::Lead, Person::Responder]);
                self.type_command(user, place, "report publish", &incident);
            }
            1 => {
                let mut options = vec![("root-cause", self.text("a disk was full"))];
                options.push(("lessons", self.text("watch the disk")));
                if self.chance.percent(70) {
                    options.push(("resolution", self.text("a larger disk")));
                }
                options.extend(incident);
                self.type_command(user, place, "report write", &options);
            }
            2 => {
                let mut options = vec![("what", self.text("alert on disks"))];
                if let Some(day) = self.chance.one(&DAYS) {
                    options.push(("due", (*day).to_owned()));
                }
                options.extend(incident);
                self.type_command(user, place, "action add", &options);
            }
            3 => {
                let item = format!("ACT-{}", self.chance.below(4) + 1);
                self.type_command(user, place, "action done", &[("item", item)]);
            }
            4 => {
                let item = format!("ACT-{}", self.chance.below(4) + 1);
                let why = self.text("the disk is gone");
                self.type_command(user, place, "action drop", &[("item", item), ("why", why)]);
            }
            5 => drop(self.type_command(user, place, "action list", &[])),
            _ => drop(self.type_command(user, place, "report show", &incident)),
        }
    }
}
