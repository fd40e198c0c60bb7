//! Interactions: what a person's client starts (`POST /interactions`), and what the application is told of it. Answering is
//! `responses`', what comes after it `followups`'.

use super::guild::ChannelKind;
use super::interaction_start::Start;
use super::permissions::USE_APPLICATION_COMMANDS;
use super::{Answer, Errors, Id, Message, Refusal, World, view};
use serde_json::{Value, json};

/// A slash command or a context menu.
pub(super) const COMMAND: u8 = 2;
/// A button or a select.
pub(super) const COMPONENT: u8 = 3;
/// Somebody types in an option that completes.
pub(super) const AUTOCOMPLETE: u8 = 4;
/// A form that was sent.
pub(super) const MODAL_SUBMIT: u8 = 5;

/// What became of an interaction.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// Its first answer may still come.
    Waiting,
    /// Nobody answered in time.
    Failed,
    /// A message was promised or posted; it is `original`.
    Message,
    /// The message with the component was edited, or will be.
    Updated,
    /// A form was opened.
    Modal(Value),
    /// Choices for what is being typed.
    Choices(Vec<Value>),
}

/// An interaction.
#[derive(Clone, PartialEq, Debug)]
pub struct Interaction {
    /// Its id.
    pub id: Id,
    /// What the application answers with.
    pub token: String,
    /// Discord's type: 2 command, 3 component, 4 autocomplete, 5 form.
    pub kind: u8,
    /// Who started it.
    pub user: Id,
    /// Where.
    pub channel: Id,
    /// In which guild.
    pub guild: Option<Id>,
    /// When, ms.
    pub created_at: i64,
    /// The nonce of the person's client.
    pub nonce: Option<Value>,
    /// The message with the component, also for a form opened from one.
    pub message: Option<Id>,
    /// What became of it.
    pub outcome: Outcome,
    /// The first answer's message (`@original`).
    pub original: Option<Id>,
    /// Whether the answer was deferred and its content is still to come.
    pub deferred: bool,
    /// The messages of the followups.
    pub followups: Vec<Id>,
    /// What messages say about the interaction they answer.
    pub metadata: Value,
    /// The message type of the answer: 20, or 23 for a context menu.
    pub answer_kind: u8,
}

impl World {
    /// `POST /interactions`, as a person's client sends it. Gives the new interaction's id.
    pub fn interact(&mut self, now: i64, user: Id, body: &Value) -> Answer<Id> {
        let mut errors = Errors::default();
        let kind = body["type"].as_u64().unwrap_or(0) as u8;
        if !(COMMAND..=MODAL_SUBMIT).contains(&kind) {
            errors.choices("type", "2, 3, 4, 5");
        }
        let id = |name: &str| super::message_check::snowflake(&body[name]);
        let Some(channel) = id("channel_id") else {
            errors.required("channel_id");
            errors.done()?;
            return Err(Refusal::unknown_channel());
        };
        errors.done()?;
        if id("application_id") != Some(self.application.id) {
            return Err(Refusal::unknown_application());
        }
        self.must_see(channel, user)?;
        let guild = self.channels.get(&channel).and_then(|channel| channel.guild);
        if guild != id("guild_id") {
            return Err(Errors::one("guild_id", "BASE_TYPE_CHOICES", "The channel is not in that guild."));
        }
        let data = &body["data"];
        let mut start =
            Start { kind, user, channel, guild, message: None, metadata: json!({}), answer_kind: 20 };
        start.metadata = json!({ "type": kind, "user": self.user_json(user), "authorizing_integration_owners": owners(guild) });
        let payload = match kind {
            COMMAND | AUTOCOMPLETE => {
                if guild.is_some() && self.permissions(channel, user) & USE_APPLICATION_COMMANDS == 0 {
                    return Err(Refusal::missing_permissions());
                }
                self.command_data(&mut start, data)?
            }
            COMPONENT => {
                let id = id("message_id").ok_or_else(|| {
                    Errors::one("message_id", "BASE_TYPE_REQUIRED", "This field is required")
                })?;
                self.component_data(&mut start, id, data, true)?
            }
            _ => self.modal_data(&mut start, data)?,
        };
        Ok(self.begin(now, start, payload, body.get("nonce").cloned()))
    }

    /// A click on a component that the message does not have: Discord's own clients cannot send it and Discord would refuse
    /// it, but a bot should not rely on that.
    pub fn forge_click(
        &mut self,
        now: i64,
        user: Id,
        channel: Id,
        message: Id,
        custom_id: &str,
    ) -> Answer<Id> {
        self.must_see(channel, user)?;
        let guild = self.channels.get(&channel).and_then(|channel| channel.guild);
        let metadata = json!({ "type": COMPONENT, "user": self.user_json(user), "authorizing_integration_owners": owners(guild) });
        let mut start =
            Start { kind: COMPONENT, user, channel, guild, message: None, metadata, answer_kind: 20 };
        let data = json!({ "component_type": 2, "custom_id": custom_id });
        let payload = self.component_data(&mut start, message, &data, false)?;
        Ok(self.begin(now, start, payload, None))
    }

    fn begin(&mut self, now: i64, start: Start, data: Value, nonce: Option<Value>) -> Id {
        let id = self.mint.next(now);
        let Start { kind, user, channel, guild, message, mut metadata, answer_kind } = start;
        metadata["id"] = json!(id);
        let interaction = Interaction {
            id,
            token: token(id),
            kind,
            user,
            channel,
            guild,
            created_at: now,
            nonce: nonce.clone(),
            message,
            outcome: Outcome::Waiting,
            original: None,
            deferred: false,
            followups: Vec::new(),
            metadata,
            answer_kind,
        };
        let event = self.interaction_json(&interaction, data);
        self.interactions.insert(id, interaction);
        self.waiting.insert(id);
        self.tell(vec![user], "INTERACTION_CREATE", json!({ "id": id, "nonce": nonce }));
        self.tell(vec![self.application.id], "INTERACTION_CREATE", event);
        id
    }

    /// The interaction as the application gets it.
    fn interaction_json(&self, interaction: &Interaction, data: Value) -> Value {
        let Interaction { id, token, kind, user, channel, guild, message, .. } = interaction;
        let app = self.application.id;
        let place = self.channels.get(channel);
        let direct = place.is_some_and(|channel| channel.kind == ChannelKind::Direct);
        let mut channel_json = self.channel(*user, *channel).unwrap_or(Value::Null);
        channel_json["permissions"] = json!(self.permissions(*channel, *user).to_string());
        let mut value = json!({
            "id": id, "application_id": app, "type": kind, "token": token, "version": 1, "data": data,
            "channel_id": channel, "channel": channel_json, "locale": "en-US", "entitlements": [],
            "entitlement_sku_ids": [], "app_permissions": self.permissions(*channel, app).to_string(),
            "authorizing_integration_owners": owners(*guild), "context": u8::from(direct),
            "attachment_size_limit": view::ATTACHMENT_LIMIT,
        });
        if let Some(message) = message.and_then(|message| self.messages.get(&(*channel, message))) {
            value["message"] = self.whole_message_json(message, Id(0));
        }
        let member =
            guild.and_then(|guild| self.guilds.get(&guild)).and_then(|guild| guild.members.get(user));
        match (guild, member) {
            (Some(guild), Some(member)) => {
                value["guild_id"] = json!(guild);
                value["guild"] = json!({ "id": guild, "locale": "en-US", "features": [] });
                value["guild_locale"] = json!("en-US");
                value["member"] = self.member_json(member, true);
                value["member"]["permissions"] = json!(self.permissions(*channel, *user).to_string());
            }
            _ => value["user"] = self.user_json(*user),
        }
        value
    }

    pub(super) fn fail_unanswered(&mut self, now: i64) {
        let limit = self.timings.first_answer;
        let late = |id: &Id| {
            self.interactions.get(id).is_none_or(|interaction| now - interaction.created_at > limit)
        };
        let failed: Vec<Id> = self.waiting.iter().copied().filter(late).collect();
        for id in failed {
            self.waiting.remove(&id);
            if let Some(interaction) = self.interactions.get_mut(&id) {
                interaction.outcome = Outcome::Failed;
                let (user, nonce) = (interaction.user, interaction.nonce.clone());
                // Reason 2: the application did not answer in time.
                self.tell(
                    vec![user],
                    "INTERACTION_FAILURE",
                    json!({ "id": id, "nonce": nonce, "reason_code": 2 }),
                );
            }
        }
    }

    /// The interaction that a person's client began with this nonce.
    pub fn interaction_by_nonce(&self, user: Id, nonce: &Value) -> Option<&Interaction> {
        self.interactions.values().rev().find(|i| i.user == user && i.nonce.as_ref() == Some(nonce))
    }

    /// The message of an interaction's first answer.
    pub fn original(&self, interaction: &Interaction) -> Option<&Message> {
        self.messages.get(&(interaction.channel, interaction.original?))
    }
}

fn owners(guild: Option<Id>) -> Value {
    json!({ "0": guild.unwrap_or(Id(0)) })
}

/// A token that cannot be guessed from the id by accident, and is the same in every run of the same story.
fn token(id: Id) -> String {
    let mut mixed = id.0 ^ 0x9e37_79b9_7f4a_7c15;
    for _ in 0..3 {
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^= mixed >> 27;
    }
    format!("sandbox-interaction-{id}-{mixed:016x}")
}
