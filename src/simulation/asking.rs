//! People and runs: they ask for one with good values and bad ones, list, cancel, take locks, and
//! press what is not there.

use std::collections::BTreeMap;

use super::book::{DRAIN, RESTART, SWAP};
use super::house::SERVICE;
use super::ledger::Deed;
use super::run::Run;
use crate::model::ids::{InteractionId, RunId};
use crate::sandbox::world::Id;
use crate::sandbox::world::seed::{self, Person};
use serde_json::{Value, json};

/// Nobody asks for more while so many are not over: otherwise a seed is about nothing else.
const MOST: usize = 3;
/// What people type for a version. Only the first three fit its pattern.
const VERSIONS: [&str; 8] = ["1.2.3", "0.8.4", "10.0.1", "1.2", "1.2.3; reboot", "-1.2.3", "", "v1.2.3"];

/// Buttons that are not there, or not for whoever presses them.
const FORGED: [&str; 17] = [
    "m1 resolve 1",
    "m1 resolve 99",
    "m1 note 1",
    "m9 resolve 1",
    "?",
    "m1 triage-open 1",
    "m1 triage-none 99",
    "m1 tell-public 1",
    "m1 run-agree 1 0",
    "m1 run-agree 2 0",
    "m1 run-agree 1 6",
    "m1 run-again 1 3",
    "m1 run-again 2 1",
    "m1 run-worked 1 3",
    "m1 run-done 1 5",
    "m1 run-undo 1 0",
    "m1 run-glass 1 0",
];

impl Run {
    /// A button that is not there. One of a run's carries its plan's tag, which its card shows to
    /// everybody.
    fn forged(&mut self) -> String {
        let forged = *self.chance.one(&FORGED).unwrap_or(&"?");
        let Some(rest) = forged.strip_prefix("m1 run-") else {
            return forged.to_owned();
        };
        let number = rest.split(' ').nth(1).and_then(|n| n.parse().ok()).map(RunId);
        let runs = self.process.as_ref().map(|p| &p.committer.state().runs);
        let tag = number.and_then(|n| runs?.get(&n)).map_or(7, |r| r.tag());
        format!("{forged} {tag}")
    }

    /// Somebody who is after runs does something.
    pub fn act_on_runs(&mut self) {
        let going = self.process.as_ref().map_or(0, |p| p.committer.state().going().count());
        match self.chance.weighted(if going == 0 { &[60, 10, 30, 0] } else { &[10, 60, 25, 3] }) {
            0 => {
                let user =
                    self.one_of(&[Person::Responder, Person::Responder, Person::Approver, Person::Lead]);
                self.ask_for_a_run(user, seed::GENERAL);
            }
            1 => self.press_about_a_run(),
            2 => self.fill_in_a_form(),
            _ => self.look_after_a_run(Person::Lead.id(), seed::GENERAL),
        }
    }

    /// Somebody presses a button of a run: mostly somebody who may, and mostly one that leads on.
    pub fn press_about_a_run(&mut self) {
        let mut buttons = self.buttons();
        buttons.retain(|(_, _, b)| b.starts_with("m1 run-"));
        let leads_on = |b: &str| !b.contains("-cancel") && !b.contains("-refuse") && !b.contains("-plan");
        if self.chance.percent(90) {
            buttons.retain(|(_, _, b)| leads_on(b));
        }
        let Some((channel, message, button)) = self.chance.one(&buttons).cloned() else {
            return;
        };
        let anybody = self.chance.percent(15);
        let user = self.one_of(match &button {
            _ if anybody => &Person::ALL,
            b if b.contains("-agree") || b.contains("-refuse") => &[Person::Approver, Person::Lead],
            b if b.contains("-glass") => &[Person::Responder],
            _ => &[Person::Responder, Person::Lead],
        });
        self.press(user, channel, message, &button);
    }

    /// One of these people.
    pub fn one_of(&mut self, people: &[Person]) -> Id {
        self.chance.one(people).copied().unwrap_or(Person::Responder).id()
    }

    /// Somebody fills in one of the forms that stand open.
    pub fn fill_in_a_form(&mut self) {
        let forms = self.open_forms();
        let text = self.text("wrote it down");
        if let Some(form) = self.chance.one(&forms) {
            let typed = self.typed();
            self.submit_with(form, |field| match field {
                // Of an action item: nobody, and no day.
                "owner" | "due" => String::new(),
                field => typed.get(field).cloned().unwrap_or(text.clone()),
            });
        }
    }

    /// Somebody asks for a run.
    pub fn ask_for_a_run(&mut self, user: Id, place: Id) {
        let going = self.process.as_ref().map_or(0, |p| p.committer.state().going().count());
        if going >= MOST {
            return;
        }
        let action = *self
            .chance
            .one(&[SWAP, SWAP, SWAP, RESTART, RESTART, DRAIN, "asides", "nothing"])
            .unwrap_or(&SWAP);
        let mut options = vec![("service", json!(SERVICE)), ("action", json!(action))];
        let typed = self.typed();
        if action == SWAP && self.chance.percent(60) {
            options.push(("with", json!(format!("version={}", typed["p-version"]))));
        }
        if action == RESTART && self.chance.percent(60) {
            options.push(("confirm", json!(typed["confirm"])));
        }
        if self.chance.percent(10) {
            options.push(("dry-run", json!(true)));
        }
        if self.chance.percent(30)
            && let Some((name, incident)) = self.incident()
        {
            options.push((name, json!(incident)));
        }
        self.use_command(user, place, "runbook", &options);
    }

    /// Somebody looks at runs, ends one, or takes a lock from one.
    pub fn look_after_a_run(&mut self, user: Id, place: Id) {
        let known = self.process.as_ref().map_or(0, |p| p.committer.state().runs.len());
        let run = ("run", json!(format!("RUN-{}", self.chance.below(known + 1) + 1)));
        let reason = ("reason", json!(self.text("it is in the way")));
        let (path, options) = match self.chance.weighted(&[1, 1, 1, 2]) {
            0 => ("runs list", vec![]),
            1 => ("runs show", vec![run]),
            2 => ("runs cancel", vec![run, reason]),
            _ => ("runs unlock", vec![run, reason]),
        };
        self.use_command(user, place, path, &options);
    }

    /// What somebody types who means it, mostly.
    pub fn typed(&mut self) -> BTreeMap<&'static str, String> {
        let version =
            if self.chance.percent(75) { VERSIONS[0] } else { VERSIONS[self.chance.below(VERSIONS.len())] };
        let confirm = if self.chance.percent(80) { SERVICE } else { "yes" };
        let level = *self.chance.one(&["P1", "P2", "p3", "P4", "bad"]).unwrap_or(&"P1");
        BTreeMap::from([
            ("p-version", version.to_owned()),
            ("confirm", confirm.to_owned()),
            ("level", level.to_owned()),
        ])
    }

    fn use_command(&mut self, user: Id, place: Id, path: &str, options: &[(&str, Value)]) {
        let options = options.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        self.command(user, place, 2, path, options);
    }

    /// A click on a button that is not there, as no honest client sends it.
    pub fn forge(&mut self, user: Id) {
        let buttons = self.buttons();
        let Some((channel, message, _)) = self.chance.one(&buttons).cloned() else {
            return;
        };
        let forged = self.forged();
        let roles = self.roles(user);
        let mut server = self.discord.lock();
        let now = server.now;
        let begun = server.world.forge_click(now, user, channel, message, &forged);
        server.listen();
        drop(server);
        if let Ok(id) = begun {
            self.story(format!("{user} forges `{forged}` (interaction {id})"));
            let what = format!("{user} forging `{forged}`");
            let deed = Deed { what, channel, user: user.0, roles, pressed: forged.parse().ok() };
            self.ledger.deeds.insert(InteractionId(id.0), deed);
        }
    }
}
