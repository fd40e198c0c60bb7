//! What an interaction begins with: checks that what a person's client sent fits what was offered (a command, a component, a
//! form), and makes of it the `data` that the application gets.

use super::interactions::{AUTOCOMPLETE, Outcome};
use super::message_check::snowflake;
use super::{Answer, Errors, Id, Refusal, World, components, interaction_data, modals};
use serde_json::{Value, json};

/// An interaction that is about to begin.
pub(super) struct Start {
    pub kind: u8,
    pub user: Id,
    pub channel: Id,
    pub guild: Option<Id>,
    pub message: Option<Id>,
    pub metadata: Value,
    pub answer_kind: u8,
}

impl World {
    pub(super) fn command_data(&self, start: &mut Start, data: &Value) -> Answer<Value> {
        let id = snowflake(&data["id"]);
        let command = self.commands_in(start.guild).find(|command| Some(command.id) == id);
        let command = command.ok_or_else(Refusal::unknown_command)?;
        if data["version"].is_string() && data["version"] != json!(command.version) {
            let why = "This command is outdated, please try again in a few minutes";
            return Err(Errors::one("data.version", "INTERACTION_APPLICATION_COMMAND_INVALID_VERSION", why));
        }
        if let Some(guild) = start.guild.and_then(|guild| self.guilds.get(&guild))
            && !self.may_use(command, guild, start.user)
        {
            return Err(Refusal::missing_permissions());
        }
        let mut payload = json!({ "id": command.id, "name": command.name, "type": command.kind });
        if let Some(guild) = command.guild {
            payload["guild_id"] = json!(guild);
        }
        if command.kind != 1 {
            start.answer_kind = 23;
            let target = snowflake(&data["target_id"]);
            let target = target.ok_or_else(|| {
                Errors::one("data.target_id", "BASE_TYPE_REQUIRED", "This field is required")
            })?;
            payload["target_id"] = json!(target);
            payload["resolved"] = if command.kind == 3 {
                let message = self.visible_message(start.channel, target, start.user)?;
                start.metadata["target_message_id"] = json!(target);
                let mut messages = json!({});
                messages[target.to_string()] = self.whole_message_json(message, Id(0));
                json!({ "messages": messages })
            } else {
                start.metadata["target_user"] = self.user_json(target);
                interaction_data::resolve(self, start.guild, start.channel, &[(6, target)])
            };
            return Ok(payload);
        }
        // With its subcommand, as Discord names it in the message that answers.
        let subcommand = data["options"][0].get("type").filter(|kind| **kind == json!(1));
        let subcommand = subcommand.and_then(|_| data["options"][0]["name"].as_str());
        start.metadata["name"] =
            subcommand.map_or_else(|| json!(command.name), |sub| json!(format!("{} {sub}", command.name)));
        let (options, resolved) = interaction_data::options(
            self,
            start.guild,
            start.channel,
            command.body["options"].as_array().map(Vec::as_slice).unwrap_or(&[]),
            data["options"].as_array().map(Vec::as_slice).unwrap_or(&[]),
            start.kind == AUTOCOMPLETE,
        )?;
        if !options.is_empty() {
            payload["options"] = json!(options);
        }
        if resolved.as_object().is_some_and(|resolved| !resolved.is_empty()) {
            payload["resolved"] = resolved;
        }
        Ok(payload)
    }

    pub(super) fn component_data(
        &self,
        start: &mut Start,
        id: Id,
        data: &Value,
        strict: bool,
    ) -> Answer<Value> {
        let message = self
            .messages
            .get(&(start.channel, id))
            .filter(|m| m.only_for.is_none_or(|user| user == start.user));
        let message = message.ok_or_else(Refusal::unknown_message)?;
        if message.author != self.application.id {
            return Err(Refusal::unknown_application());
        }
        start.message = Some(id);
        start.metadata["interacted_message_id"] = json!(id);
        let kind = data["component_type"].as_u64().unwrap_or(0);
        let component = components::interactive(&message.components)
            .into_iter()
            .find(|component| component["custom_id"] == data["custom_id"] && component["type"] == kind);
        if strict && component.is_none_or(|component| component["disabled"] == true) {
            return Err(Errors::one("data", "COMPONENT_VALIDATION_FAILED", "Component validation failed"));
        }
        let mut payload = json!({ "custom_id": data["custom_id"], "component_type": kind });
        payload["id"] = component.map_or(json!(1), |component| component["id"].clone());
        if let Some(component) = component.filter(|_| kind != 2) {
            let (values, resolved) =
                interaction_data::select(self, start.guild, start.channel, component, &data["values"])?;
            payload["values"] = json!(values);
            if kind != 3 {
                payload["resolved"] = resolved;
            }
        }
        Ok(payload)
    }

    pub(super) fn modal_data(&self, start: &mut Start, data: &Value) -> Answer<Value> {
        let opener = snowflake(&data["id"]).and_then(|id| self.interactions.get(&id));
        let opener = opener.filter(|opener| opener.user == start.user && opener.channel == start.channel);
        let Some((opener, Outcome::Modal(modal))) = opener.map(|opener| (opener, &opener.outcome)) else {
            return Err(Refusal::unknown_interaction());
        };
        if modal["custom_id"] != data["custom_id"] {
            return Err(Errors::one(
                "data.custom_id",
                "COMPONENT_VALIDATION_FAILED",
                "Component validation failed",
            ));
        }
        start.message = opener.message;
        let mut metadata = opener.metadata.clone();
        metadata["id"] = json!(opener.id);
        start.metadata["triggering_interaction_metadata"] = metadata;
        let sent = modals::submitted(modal, data)?;
        Ok(json!({ "custom_id": data["custom_id"], "components": sent }))
    }
}
