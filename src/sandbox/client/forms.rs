//! What Discord's client makes of a person's choice: the `data` of a command, a component, a form.

use super::{Answer, Client, Refused, text_of};
use crate::sandbox::world::{self, Id};
use serde_json::{Value, json};

impl Client {
    pub(super) async fn command_data(
        &self,
        channel: Id,
        command: &str,
        options: &[(&str, Value)],
        focused: Option<&str>,
    ) -> Result<Value, Refused> {
        let words: Vec<&str> = command.trim_start_matches('/').split_whitespace().collect();
        let Some((name, sub)) = words.split_first() else {
            return Err(Refused::because("an empty command"));
        };
        let found = self
            .commands_in(self.guild_of(channel))
            .await?
            .into_iter()
            .find(|known| known["name"] == *name && known["type"] == 1);
        let found = found.ok_or_else(|| Refused::because(format!("no command is called “{name}”")))?;
        let mut at = &found;
        let mut path = Vec::new();
        for word in sub {
            let next =
                at["options"].as_array().and_then(|list| list.iter().find(|option| option["name"] == *word));
            at = next.ok_or_else(|| Refused::because(format!("“{name}” has no subcommand “{word}”")))?;
            path.push(at["type"].clone());
        }
        let offered = at["options"].as_array().cloned().unwrap_or_default();
        let given = options.iter().map(|(name, value)| {
            // An option that is not offered is sent as text: Discord is to refuse it, not this client.
            let offer = offered.iter().find(|offer| offer["name"] == *name);
            let kind = offer.map_or(json!(3), |offer| offer["type"].clone());
            let mut option = json!({ "type": kind, "name": name, "value": value });
            if focused == Some(name) {
                option["focused"] = json!(true);
            }
            option
        });
        let mut given: Value = given.collect();
        for (word, kind) in sub.iter().zip(&path).rev() {
            given = json!([{ "type": kind, "name": word, "options": given }]);
        }
        Ok(json!({
            "id": found["id"], "version": found["version"], "name": name, "type": 1, "options": given, "attachments": [],
        }))
    }

    pub(super) async fn use_component(
        &self,
        message: Id,
        name: &str,
        values: Option<Value>,
    ) -> Result<Answer, Refused> {
        let found = {
            let inner = self.shared.lock();
            inner.world.messages.values().find(|known| known.id == message).cloned()
        };
        let found = found.ok_or_else(|| Refused::because(format!("there is no message {message}")))?;
        let components = world::interactive(&found.components);
        let named = |component: &&&Value| {
            ["custom_id", "label", "placeholder"].into_iter().any(|key| component[key] == name)
        };
        let component = components.iter().find(named);
        let component = component.ok_or_else(|| {
            Refused::because(format!("message {message} has nothing called “{name}”: {}", text_of(&found)))
        })?;
        let mut data = json!({ "component_type": component["type"], "custom_id": component["custom_id"] });
        if let Some(values) = values {
            data["values"] = values;
            data["type"] = component["type"].clone();
        }
        let body = json!({ "message_id": message, "message_flags": found.flags, "data": data });
        self.start(found.channel, 3, body).await
    }

    /// Sends a form that was opened, its fields by `custom_id`.
    ///
    /// # Errors
    /// If no form was opened, or Discord refuses what is filled in.
    pub async fn submit(&self, opened: &Answer, fields: &[(&str, &str)]) -> Result<Answer, Refused> {
        let Some(modal) = opened.modal() else {
            return Err(Refused::because("no form was opened"));
        };
        let mut components = modal["components"].clone();
        fn fill(value: &mut Value, fields: &[(&str, &str)]) {
            if let Some(id) = value["custom_id"].as_str().map(str::to_owned) {
                if let Some((_, text)) = fields.iter().find(|(name, _)| *name == id) {
                    let key = if value["type"] == 4 { "value" } else { "values" };
                    value[key] = if key == "value" { json!(text) } else { json!([text]) };
                }
                return;
            }
            match value {
                Value::Array(list) => list.iter_mut().for_each(|value| fill(value, fields)),
                Value::Object(map) => {
                    map.values_mut().filter(|v| v.is_array() || v.is_object()).for_each(|v| fill(v, fields))
                }
                _ => {}
            }
        }
        fill(&mut components, fields);
        let channel = self.with_interaction(opened.interaction, |interaction| interaction.channel);
        let channel = channel.ok_or_else(|| Refused::because("the form's interaction is forgotten"))?;
        let data =
            json!({ "id": opened.interaction, "custom_id": modal["custom_id"], "components": components });
        self.start(channel, 5, json!({ "data": data })).await
    }
}
