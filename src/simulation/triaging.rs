//! People and triage: they say what is wrong, decide, decide again, and tell people.

use serde_json::{Value, json};

use super::house::SERVICE;
use super::run::Run;
use crate::model::ids::InteractionId;
use crate::sandbox::world::Id;
use crate::sandbox::world::seed::Person;

impl Run {
    /// Somebody says what is wrong.
    pub fn ask_for_triage(&mut self, user: Id, place: Id) -> Option<InteractionId> {
        let what = self.text("the *queue* stands still");
        let one =
            |run: &mut Run, of: &[&'static str]| json!(run.chance.one(of).copied().unwrap_or("not-sure"));
        let users = one(self, &["nobody-yet", "some", "many", "everyone", "not-sure"]);
        let feature = one(self, &["core", "secondary", "not-sure"]);
        let data = one(self, &["no", "no", "no", "at-risk", "lost", "not-sure"]);
        let mut options = vec![("what", json!(what)), ("users", users), ("feature", feature), ("data", data)];
        if self.chance.percent(50) {
            options.push(("service", json!(SERVICE)));
        }
        let options: Vec<Value> =
            options.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        self.command(user, place, 2, "triage", options)
    }

    /// Somebody presses a button of a triage, or one for telling people, or sends what they wrote; or
    /// asks what could be told.
    pub fn press_about_a_triage(&mut self) {
        let mut forms = self.open_forms();
        forms.retain(|f| f.is("m1 form-level") || f.is("m1 form-tell"));
        if let Some(form) = self.chance.one(&forms)
            && self.chance.percent(80)
        {
            let (typed, text) = (self.typed(), self.text("people are told"));
            self.submit_with(form, |field| typed.get(field).cloned().unwrap_or(text.clone()));
            return;
        }
        let mut buttons = self.buttons();
        buttons.retain(|(_, _, b)| b.starts_with("m1 triage-") || b.starts_with("m1 tell-"));
        let user = if self.chance.percent(20) { Person::Onlooker } else { Person::Responder }.id();
        match self.chance.one(&buttons).cloned() {
            Some((channel, message, button)) => drop(self.press(user, channel, message, &button)),
            None => {
                let options: Vec<_> = self.incident().into_iter().collect();
                let Some(place) = self.chance.one(&self.places()).copied() else { return };
                self.type_command(user, place, "incident drafts", &options);
            }
        }
    }
}
