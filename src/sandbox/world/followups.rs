//! What an application does with an interaction's token after the first answer: `/webhooks/{application}/{token}`.

use super::messages::File;
use super::responses::read;
use super::{Answer, Id, Interaction, Message, Outcome, Refusal, World};
use serde_json::Value;

/// Which of an interaction's messages is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// `@original`: the first answer.
    Original,
    /// A followup, or the first answer by its id.
    This(Id),
}

impl World {
    /// The interaction of a token: 10015 if there is none or it has no first answer yet, 50027 after its 15 minutes.
    fn answered(&self, now: i64, application: Id, token: &str) -> Answer<Interaction> {
        let by_token = self.interactions.values().rev().find(|interaction| interaction.token == token);
        let interaction =
            by_token.filter(|_| application == self.application.id).ok_or_else(Refusal::unknown_webhook)?;
        if now - interaction.created_at >= self.timings.token_life {
            return Err(Refusal::invalid_webhook_token());
        }
        match interaction.outcome {
            Outcome::Waiting | Outcome::Failed | Outcome::Choices(_) => Err(Refusal::unknown_webhook()),
            _ => Ok(interaction.clone()),
        }
    }

    fn of_interaction(&self, interaction: &Interaction, which: Which) -> Answer<&Message> {
        let id = match which {
            Which::Original => interaction.original,
            Which::This(id) if interaction.original == Some(id) || interaction.followups.contains(&id) => {
                Some(id)
            }
            Which::This(_) => None,
        };
        let message = id.and_then(|id| self.messages.get(&(interaction.channel, id)));
        message.ok_or_else(Refusal::unknown_message)
    }

    /// `POST /webhooks/{application}/{token}`: a further message. Right after a deferred first answer it becomes that
    /// answer, and whether it is ephemeral was decided then.
    pub fn follow_up(
        &mut self,
        now: i64,
        application: Id,
        token: &str,
        body: &Value,
        files: Vec<File>,
    ) -> Answer<Value> {
        let interaction = self.answered(now, application, token)?;
        let draft = read(body, &files, "")?;
        if draft.is_empty(&files) {
            return Err(Refusal::empty_message());
        }
        if let Some(original) =
            self.original(&interaction).filter(|message| message.is_loading()).map(|m| m.id)
        {
            return self.edit(now, interaction.channel, original, draft, files);
        }
        let ephemeral = draft.is_ephemeral();
        if !ephemeral {
            self.wake_thread(now, interaction.channel, interaction.user)?;
        }
        let value = self.answer_message(now, &interaction, draft, files, ephemeral);
        let id = super::message_check::snowflake(&value["id"]);
        if let Some(interaction) = self.interactions.get_mut(&interaction.id) {
            interaction.followups.extend(id);
        }
        Ok(value)
    }

    /// `GET /webhooks/{application}/{token}/messages/{which}`.
    pub fn interaction_message(&self, now: i64, application: Id, token: &str, which: Which) -> Answer<Value> {
        let interaction = self.answered(now, application, token)?;
        Ok(self.message_json(self.of_interaction(&interaction, which)?, application))
    }

    /// `PATCH /webhooks/{application}/{token}/messages/{which}`.
    pub fn edit_interaction_message(
        &mut self,
        now: i64,
        application: Id,
        token: &str,
        which: Which,
        body: &Value,
        files: Vec<File>,
    ) -> Answer<Value> {
        let interaction = self.answered(now, application, token)?;
        let id = self.of_interaction(&interaction, which)?.id;
        let draft = read(body, &files, "")?;
        self.must_not_be_archived(interaction.channel)?;
        self.edit(now, interaction.channel, id, draft, files)
    }

    /// `DELETE /webhooks/{application}/{token}/messages/{which}`.
    pub fn delete_interaction_message(
        &mut self,
        now: i64,
        application: Id,
        token: &str,
        which: Which,
    ) -> Answer<()> {
        let interaction = self.answered(now, application, token)?;
        let id = self.of_interaction(&interaction, which)?.id;
        self.remove_message(interaction.channel, id);
        Ok(())
    }
}
