//! What a person's client gets: what came of an interaction, or Discord's refusal.

use crate::sandbox::world::{Id, Interaction, Message, Outcome, World};
use serde_json::{Value, json};
use std::fmt;

/// Discord said no, or the request went nowhere.
#[derive(Clone, PartialEq, Debug)]
pub struct Refused {
    /// HTTP status; 0 if there was no answer.
    pub status: u16,
    /// The whole answer.
    pub body: Value,
}

impl Refused {
    /// Discord's error code; 0 if there is none.
    pub fn code(&self) -> u64 {
        self.body["code"].as_u64().unwrap_or(0)
    }

    pub(super) fn because(sentence: impl fmt::Display) -> Refused {
        Refused { status: 0, body: json!({ "message": sentence.to_string() }) }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.body)
    }
}

impl std::error::Error for Refused {}

/// What came of an interaction, once it is settled: a deferred answer is awaited.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// The interaction.
    pub interaction: Id,
    /// What became of it.
    pub outcome: Outcome,
    /// The first answer's message, or the message with the component; none if it is gone or there is none.
    pub message: Option<Message>,
    /// Whether only this person sees it.
    pub ephemeral: bool,
}

impl Answer {
    /// Whether "the application did not respond".
    pub fn failed(&self) -> bool {
        self.outcome == Outcome::Failed
    }

    /// Everything written in the message: content, embeds, text displays, labels of buttons; for looking for words.
    pub fn text(&self) -> String {
        self.message.as_ref().map(text_of).unwrap_or_default()
    }

    /// The form that was opened.
    pub fn modal(&self) -> Option<&Value> {
        match &self.outcome {
            Outcome::Modal(modal) => Some(modal),
            _ => None,
        }
    }
}

/// Everything written in a message, one piece a line.
pub fn text_of(message: &Message) -> String {
    fn walk(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    match value {
                        Value::String(text)
                            if [
                                "title",
                                "description",
                                "name",
                                "value",
                                "text",
                                "content",
                                "label",
                                "placeholder",
                            ]
                            .contains(&name.as_str()) =>
                        {
                            out.push(text.clone());
                        }
                        _ => walk(value, out),
                    }
                }
            }
            Value::Array(list) => list.iter().for_each(|value| walk(value, out)),
            _ => {}
        }
    }
    let mut out = vec![message.content.clone()];
    message.embeds.iter().chain(&message.components).for_each(|value| walk(value, &mut out));
    out.join("\n")
}

/// What came of an interaction, if it is settled.
pub(super) fn settled(world: &World, interaction: &Interaction) -> Option<Answer> {
    if interaction.outcome == Outcome::Waiting {
        return None;
    }
    let message = world.original(interaction);
    if message.is_some_and(Message::is_loading) {
        return None;
    }
    Some(Answer {
        interaction: interaction.id,
        outcome: interaction.outcome.clone(),
        ephemeral: message.is_some_and(Message::is_ephemeral),
        message: message.cloned(),
    })
}
