//! People: they type commands, press buttons, fill in forms, with Discord's own clients and the
//! rights that they have at that moment.

use serde_json::{Value, json};

use super::house::SERVICE;
use super::ledger::Deed;
use super::run::Run;
use crate::model::ids::InteractionId;
use crate::sandbox::world::seed::{self, Person};
use crate::sandbox::world::{Id, Outcome, interactive};

/// A form that stands open on somebody's screen.
pub struct OpenForm {
    /// Who looks at it.
    pub user: Id,
    opener: Id,
    channel: Id,
    form: Value,
}

impl OpenForm {
    /// Whether it is one of these.
    pub fn is(&self, beginning: &str) -> bool {
        self.form["custom_id"].as_str().is_some_and(|id| id.starts_with(beginning))
    }
}

impl Run {
    /// Somebody sends this to Discord. What their client or Discord refuses never reaches the bot.
    fn send(&mut self, user: Id, what: String, body: &Value) -> Option<InteractionId> {
        let roles = self.roles(user);
        let begun = {
            let mut server = self.discord.lock();
            let now = server.now;
            let begun = server.world.interact(now, user, body);
            server.listen();
            begun
        };
        let who = Person::ALL.into_iter().find(|p| p.id() == user).map_or("somebody", Person::name);
        match begun {
            Ok(id) => {
                let (id, what) = (InteractionId(id.0), format!("{who}: {what}"));
                self.story(format!("{what} (interaction {id})"));
                let channel = body["channel_id"].as_str().and_then(|c| c.parse().ok()).unwrap_or_default();
                let pressed = body["data"]["custom_id"].as_str().and_then(|b| b.parse().ok());
                self.ledger.deeds.insert(id, Deed { what, channel, user: user.0, roles, pressed });
                Some(id)
            }
            Err(refusal) => {
                self.story(format!("{who}: {what}: Discord refuses: {}", refusal.message));
                None
            }
        }
    }

    /// The roles that somebody holds now.
    pub fn roles(&self, user: Id) -> Vec<u64> {
        let server = self.discord.lock();
        let member = server.world.guilds.get(&seed::GUILD).and_then(|g| g.members.get(&user));
        member.map(|m| m.roles.iter().map(|r| r.0).collect()).unwrap_or_default()
    }

    /// Somebody uses a slash command: `incident note` and its options.
    pub fn type_command(
        &mut self,
        user: Id,
        channel: Id,
        path: &str,
        options: &[(&str, String)],
    ) -> Option<InteractionId> {
        let options: Vec<Value> =
            options.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        self.command(user, channel, 2, path, options)
    }

    /// Somebody uses a slash command (2), or is typing one (4).
    pub fn command(
        &mut self,
        user: Id,
        channel: Id,
        kind: u8,
        path: &str,
        options: Vec<Value>,
    ) -> Option<InteractionId> {
        let (top, sub) = path.split_once(' ').unwrap_or((path, ""));
        let id = {
            let server = self.discord.lock();
            let known = server.world.commands.get(&Some(seed::GUILD)).into_iter().flatten();
            known.into_iter().find(|c| c.name == top).map(|c| c.id)
        };
        let options =
            if sub.is_empty() { json!(options) } else { json!([{"name": sub, "options": options}]) };
        let what = format!("/{path} {options} in {channel}");
        let data = json!({"id": id?, "name": top, "type": 1, "options": options});
        self.send(user, what, &body(kind, channel, data))
    }

    /// Somebody presses a button that stands in a channel.
    pub fn press(&mut self, user: Id, channel: Id, message: Id, button: &str) -> Option<InteractionId> {
        let mut body = body(3, channel, json!({"component_type": 2, "custom_id": button}));
        let direct = self.discord.lock().world.channels.get(&channel).is_some_and(|c| c.guild.is_none());
        if direct && let Some(body) = body.as_object_mut() {
            body.remove("guild_id");
        }
        body["message_id"] = json!(message);
        self.send(user, format!("presses `{button}`"), &body)
    }

    /// Somebody sends a form with this in each of its fields.
    pub fn submit(&mut self, open: &OpenForm, text: &str) -> Option<InteractionId> {
        self.submit_with(open, |_| text.to_owned())
    }

    /// Somebody sends a form with what `fill` gives for each of its fields.
    pub fn submit_with(
        &mut self,
        open: &OpenForm,
        mut fill: impl FnMut(&str) -> String,
    ) -> Option<InteractionId> {
        let mut all = vec![];
        let rows = open.form["components"].as_array().cloned().unwrap_or_default();
        let filled: Vec<Value> = interactive(&rows)
            .into_iter()
            .map(|input| {
                let value = fill(input["custom_id"].as_str().unwrap_or_default());
                all.push(value.clone());
                let input = json!({"type": 4, "custom_id": input["custom_id"], "value": value});
                json!({"type": 1, "components": [input]})
            })
            .collect();
        let data = json!({"id": open.opener, "custom_id": open.form["custom_id"], "components": filled});
        self.send(
            open.user,
            format!("sends the form {} with `{}`", open.form["custom_id"], all.join("`, `")),
            &body(5, open.channel, data),
        )
    }

    /// The forms that stand open, oldest first.
    pub fn open_forms(&self) -> Vec<OpenForm> {
        let server = self.discord.lock();
        let interactions = server.world.interactions.values();
        let forms = interactions.filter_map(|i| match &i.outcome {
            Outcome::Modal(form) => {
                Some(OpenForm { user: i.user, opener: i.id, channel: i.channel, form: form.clone() })
            }
            _ => None,
        });
        forms.collect()
    }

    /// Buttons that can be pressed: where, under which message, and what they are.
    pub fn buttons(&self) -> Vec<(Id, Id, String)> {
        let server = self.discord.lock();
        let messages = server.world.messages.values().filter(|m| m.only_for.is_none());
        let of = |m: &crate::sandbox::world::Message| -> Vec<(Id, Id, String)> {
            let found = interactive(&m.components).into_iter().filter(|c| c["disabled"] != true);
            found.filter_map(|c| Some((m.channel, m.id, c["custom_id"].as_str()?.to_owned()))).collect()
        };
        messages.flat_map(of).collect()
    }

    /// Where people are: two channels and every thread.
    pub fn places(&self) -> Vec<Id> {
        [seed::GENERAL, seed::INCIDENTS].into_iter().chain(self.threads()).collect()
    }

    /// The threads that there are.
    pub fn threads(&self) -> Vec<Id> {
        let server = self.discord.lock();
        server.world.channels.values().filter(|c| c.thread.is_some()).map(|c| c.id).collect()
    }

    /// A text that was never used before and is no part of another.
    pub fn text(&mut self, words: &str) -> String {
        self.texts += 1;
        format!("{words} ({})", self.texts)
    }

    /// Somebody does something.
    pub fn act(&mut self) {
        let people = Person::ALL.map(Person::id);
        let (Some(user), Some(place)) =
            (self.chance.one(&people).copied(), self.chance.one(&self.places()).copied())
        else {
            return;
        };
        match self.chance.weighted(&[5, 9, 8, 11, 4, 2, 4, 2, 1, 2, 9, 32, 3, 4, 14, 6, 16]) {
            0 => self.declare(user, place),
            1 => {
                let mut options = vec![("text", self.text("saw *something*"))];
                options.extend(self.incident());
                self.type_command(user, place, "incident note", &options);
            }
            2 => {
                let buttons = self.buttons();
                if let Some((channel, message, button)) = self.chance.one(&buttons).cloned() {
                    self.press(user, channel, message, &button);
                }
            }
            3 => self.fill_in_a_form(),
            4 => {
                let mut options = vec![("how", self.text("turned it off and on"))];
                options.extend(self.incident());
                self.type_command(user, place, "incident resolve", &options);
            }
            5 => drop(self.type_command(user, place, "incident list", &[])),
            6 => drop(self.type_command(user, place, "health", &[("service", SERVICE.to_owned())])),
            7 => {
                let options: Vec<_> = self.incident().into_iter().collect();
                self.type_command(user, place, "timeline", &options);
            }
            8 => {
                let typing = json!({"name": "incident", "value": "INC", "focused": true});
                self.command(user, place, 4, "incident note", vec![typing]);
            }
            9 => self.forge(user),
            10 => self.ask_for_a_run(user, place),
            11 => self.press_about_a_run(),
            12 => self.look_after_a_run(user, place),
            13 => drop(self.ask_for_triage(user, place)),
            14 => self.press_about_a_triage(),
            15 => self.answer_a_page(),
            _ => self.follow_up(user, place),
        }
    }

    /// Somebody declares an incident, now and then a private one.
    fn declare(&mut self, user: Id, place: Id) {
        let private = self.chance.percent(15);
        let title = self.text(if private { PRIVATE_TITLE } else { "the tracks stutter" });
        let severity = *self.chance.one(&["P1", "P2", "P3", "P4"]).unwrap_or(&"P1");
        let option = |name: &str, value: Value| json!({"name": name, "value": value});
        let mut options = vec![option("title", title.into()), option("severity", severity.into())];
        options.extend(private.then(|| option("private", true.into())));
        self.command(user, place, 2, "incident declare", options);
    }

    /// Now and then people say which incident they mean.
    pub fn incident(&mut self) -> Option<(&'static str, String)> {
        let known = self.process.as_ref().map_or(0, |p| p.committer.state().incidents.len());
        let named = self.chance.percent(70);
        (named && known > 0).then(|| ("incident", format!("INC-{}", self.chance.below(known) + 1)))
    }
}

/// How the title of every private incident begins.
pub const PRIVATE_TITLE: &str = "a private matter";

fn body(kind: u8, channel: Id, data: Value) -> Value {
    let (application, guild) = (seed::APPLICATION, seed::GUILD);
    json!({"type": kind, "application_id": application, "guild_id": guild, "channel_id": channel, "data": data})
}
