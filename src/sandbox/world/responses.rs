//! The first answer to an interaction: `POST /interactions/{id}/{token}/callback`.

use super::interactions::{AUTOCOMPLETE, COMMAND, COMPONENT, Interaction, MODAL_SUBMIT, Outcome};
use super::message_check::Draft;
use super::messages::{EPHEMERAL, File, LOADING};
use super::{Answer, Errors, Id, Refusal, World, command_check, modals};
use serde_json::{Value, json};

impl World {
    /// Answers an interaction. Gives the body for `with_response=true`; without it, Discord answers 204.
    pub fn respond(
        &mut self,
        now: i64,
        id: Id,
        token: &str,
        body: &Value,
        files: Vec<File>,
    ) -> Answer<Value> {
        let interaction = self.interactions.get(&id).filter(|interaction| interaction.token == token);
        let mut interaction = interaction.cloned().ok_or_else(Refusal::unknown_interaction)?;
        let late = now - interaction.created_at > self.timings.first_answer;
        match interaction.outcome {
            Outcome::Waiting if !late => {}
            Outcome::Waiting | Outcome::Failed => return Err(Refusal::unknown_interaction()),
            _ => return Err(Refusal::already_acknowledged()),
        }
        let kind = body["type"].as_u64().unwrap_or(0);
        must_fit(kind, &interaction)?;
        let data = body.get("data").filter(|data| !data.is_null()).cloned().unwrap_or_else(|| json!({}));
        let mut errors = Errors::default();
        let message = match kind {
            4 => Some(self.answer_with_message(now, &mut interaction, &data, files)?),
            5 => Some(self.promise_message(now, &mut interaction, &data)),
            6 => {
                (interaction.outcome, interaction.original) = (Outcome::Updated, interaction.message);
                None
            }
            7 => Some(self.answer_with_update(now, &mut interaction, &data, files)?),
            8 => {
                let choices = data["choices"].as_array().map(Vec::as_slice);
                let Some(choices) = choices else {
                    return Err(Errors::one("data.choices", "BASE_TYPE_REQUIRED", "This field is required"));
                };
                let choices = command_check::check_choices(choices, None, "data.choices", &mut errors);
                errors.done()?;
                interaction.outcome = Outcome::Choices(choices.clone());
                let told = json!({ "choices": choices, "nonce": interaction.nonce });
                self.tell(vec![interaction.user], "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE", told);
                None
            }
            _ => {
                let modal = modals::check(&data, &mut errors);
                errors.done()?;
                let mut told = modal.clone();
                told["id"] = json!(id);
                told["nonce"] = json!(interaction.nonce);
                told["channel_id"] = json!(interaction.channel);
                told["application"] =
                    json!({ "id": self.application.id, "name": self.application.name, "icon": null });
                interaction.outcome = Outcome::Modal(modal);
                self.tell(vec![interaction.user], "INTERACTION_MODAL_CREATE", told);
                None
            }
        };
        if kind != 8 {
            let told = json!({ "id": id, "nonce": interaction.nonce });
            self.tell(vec![interaction.user], "INTERACTION_SUCCESS", told);
        }
        let answer = self.callback_json(&interaction, kind, message);
        self.interactions.insert(id, interaction);
        self.waiting.remove(&id);
        Ok(answer)
    }

    fn callback_json(&self, interaction: &Interaction, kind: u64, message: Option<Value>) -> Value {
        let mut about = json!({
            "id": interaction.id, "type": interaction.kind, "channel_id": interaction.channel,
            "activity_instance_id": null,
        });
        if let Some(guild) = interaction.guild {
            about["guild_id"] = json!(guild);
        }
        let Some(message) = message else {
            return json!({ "interaction": about });
        };
        let flags = message["flags"].as_u64().unwrap_or(0);
        about["response_message_id"] = message["id"].clone();
        about["response_message_loading"] = json!(flags & LOADING != 0);
        about["response_message_ephemeral"] = json!(flags & EPHEMERAL != 0);
        // Discord gives a deferred answer back as the message it will become.
        let resource = json!({ "type": if kind == 5 { 4 } else { kind }, "message": message });
        json!({ "interaction": about, "resource": resource })
    }

    fn answer_with_message(
        &mut self,
        now: i64,
        interaction: &mut Interaction,
        data: &Value,
        files: Vec<File>,
    ) -> Answer<Value> {
        let draft = read(data, &files, "data.")?;
        if draft.is_empty(&files) {
            return Err(Refusal::empty_message());
        }
        let ephemeral = draft.is_ephemeral();
        if !ephemeral {
            self.wake_thread(now, interaction.channel, interaction.user)?;
        }
        let message = self.answer_message(now, interaction, draft, files, ephemeral);
        interaction.outcome = Outcome::Message;
        interaction.original = super::message_check::snowflake(&message["id"]);
        Ok(message)
    }

    /// Posts a message that answers an interaction, ephemeral or not.
    pub(super) fn answer_message(
        &mut self,
        now: i64,
        interaction: &Interaction,
        draft: Draft,
        files: Vec<File>,
        ephemeral: bool,
    ) -> Value {
        let mut message = self.blank(now, interaction.channel, self.application.id);
        message.kind = match interaction.kind {
            COMMAND => interaction.answer_kind,
            _ => 0,
        };
        message.interaction = Some(interaction.metadata.clone());
        if interaction.kind == COMPONENT {
            message.reply_to = interaction.message;
            message.kind = 19;
        }
        if ephemeral {
            message.only_for = Some(interaction.user);
            message.flags |= EPHEMERAL;
        }
        self.fill(&mut message, draft, files);
        let value = self.message_json(&message, message.author);
        self.publish(message, now);
        value
    }

    fn promise_message(&mut self, now: i64, interaction: &mut Interaction, data: &Value) -> Value {
        let mut message = self.blank(now, interaction.channel, self.application.id);
        message.kind = if interaction.kind == COMMAND { interaction.answer_kind } else { 0 };
        message.flags = LOADING;
        message.interaction = Some(interaction.metadata.clone());
        if data["flags"].as_u64().unwrap_or(0) & EPHEMERAL != 0 {
            message.only_for = Some(interaction.user);
            message.flags |= EPHEMERAL;
        }
        (interaction.outcome, interaction.original) = (Outcome::Message, Some(message.id));
        interaction.deferred = true;
        let value = self.message_json(&message, message.author);
        self.publish(message, now);
        value
    }

    fn answer_with_update(
        &mut self,
        now: i64,
        interaction: &mut Interaction,
        data: &Value,
        files: Vec<File>,
    ) -> Answer<Value> {
        let Some(message) = interaction.message else {
            return Err(Refusal::unknown_message());
        };
        let draft = read(data, &files, "data.")?;
        let value = self.edit(now, interaction.channel, message, draft, files)?;
        (interaction.outcome, interaction.original) = (Outcome::Updated, Some(message));
        Ok(value)
    }
}

/// Reads a message's body, or gives the 50035.
pub(super) fn read(body: &Value, files: &[File], prefix: &str) -> Answer<Draft> {
    let mut errors = Errors::default();
    let draft = Draft::read(body, files, prefix, &mut errors);
    errors.done()?;
    Ok(draft)
}

/// Which kinds of answer fit which kind of interaction.
fn must_fit(kind: u64, interaction: &Interaction) -> Answer<()> {
    let fits = match kind {
        4 | 5 => interaction.kind != AUTOCOMPLETE,
        // A form opened from a component may edit that component's message.
        6 | 7 => matches!(interaction.kind, COMPONENT | MODAL_SUBMIT) && interaction.message.is_some(),
        8 => interaction.kind == AUTOCOMPLETE,
        9 => matches!(interaction.kind, COMMAND | COMPONENT),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    Err(Errors::one("type", "BASE_TYPE_CHOICES", "The response type does not fit the interaction's type."))
}
