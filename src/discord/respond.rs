//! The first answer to an interaction, within Discord's 3 seconds whatever happens behind it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use futures_util::FutureExt as _;
use reqwest::Method;
use serde_json::Value;

use super::api::{Api as _, RestError};
use super::rest::Rest;
use super::wire;
use crate::engine::Engine;
use crate::model::ids::{ApplicationId, InteractionId};
use crate::model::input::{Act, Input, Interaction};
use crate::model::reply::{Refusal, Reply};
use crate::render::{self, File};

/// When the engine has not answered by then, Discord is told to wait: two thirds of its three
/// seconds, the rest is for the way. What comes then is for the asker's eyes alone, because
/// nobody knows yet whether it is a refusal, and Discord lets no answer change that later.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an engine that is late may still answer. The token lives 15 minutes.
const LATEST: Duration = Duration::from_secs(14 * 60);

/// What it takes to answer.
#[derive(Clone)]
pub struct Responder {
    /// Decides.
    pub engine: Engine,
    /// Sends.
    pub rest: Arc<Rest>,
    /// In which files spell their times.
    pub tz: Tz,
    /// Whose interactions these are, for completing an answer.
    pub application: ApplicationId,
}

/// Where an answer goes.
struct To {
    id: InteractionId,
    token: String,
    /// Typing takes only choices.
    typing: bool,
    /// A press or a form can be put off without a word.
    press: bool,
}

impl Responder {
    /// Answers. A panic on the way is a person without an answer, so it is caught here.
    pub async fn answer(&self, interaction: Interaction) {
        let to = To {
            id: interaction.id,
            token: interaction.token.clone(),
            typing: matches!(interaction.act, Act::Complete { .. }),
            press: matches!(interaction.act, Act::Press(_)),
        };
        if AssertUnwindSafe(self.decided(&to, interaction)).catch_unwind().await.is_err() {
            tracing::error!("answering an interaction panicked");
            let sorry = Refusal::new(
                "Muster made a mistake while answering. Its log has the details; what you asked for may have been done: look before you ask again.",
            );
            self.tell(&to, sorry.reply()).await;
        }
    }

    /// Answers an interaction that serenity could not read, from what little is known of it.
    pub async fn unreadable(&self, raw: &Value) {
        let id = raw["id"].as_str().and_then(|s| s.parse().ok());
        let (Some(id), Some(token)) = (id, raw["token"].as_str()) else {
            return;
        };
        let typing = raw["type"] == 4;
        let to = To { id, token: token.to_owned(), typing, press: raw["type"] == 3 };
        let sorry = Refusal::new(
            "Discord sent this in a shape that this version of Muster does not know. Use a slash command, or update Muster.",
        );
        self.tell(&to, sorry.reply()).await;
    }

    async fn decided(&self, to: &To, interaction: Interaction) {
        let mut deciding = std::pin::pin!(self.engine.submit(Input::Interaction(interaction)));
        match tokio::time::timeout(PATIENCE, &mut deciding).await {
            Ok(decided) => self.tell(to, decided.unwrap_or_else(|r| r.reply())).await,
            Err(_) if to.typing => self.tell(to, Reply::Choices(vec![])).await,
            Err(_) => {
                self.send(to, &wire::later(true), &[]).await;
                let late = tokio::time::timeout(LATEST, deciding).await;
                let late =
                    late.unwrap_or_else(|_| Err(Refusal::new("Muster could not answer in time. Ask again.")));
                self.complete(to, late.unwrap_or_else(|r| r.reply())).await;
            }
        }
    }

    /// The first answer.
    async fn tell(&self, to: &To, reply: Reply) {
        match reply {
            Reply::None if to.press => self.send(to, &wire::nothing(), &[]).await,
            Reply::None => {}
            Reply::Choices(choices) => self.send(to, &wire::choices(&choices), &[]).await,
            // Typing can be answered by choices alone.
            _ if to.typing => self.send(to, &wire::choices(&[]), &[]).await,
            Reply::Later { private } => self.send(to, &wire::later(private), &[]).await,
            Reply::Form(form) => self.send(to, &wire::form(&form), &[]).await,
            Reply::Show { show, private } => {
                let face = self.face(&show).await;
                let (body, files) = wire::show(face, private);
                self.send(to, &body, &files).await;
            }
        }
    }

    /// The answer to somebody who was told to wait.
    async fn complete(&self, to: &To, reply: Reply) {
        let face = match reply {
            Reply::Show { show, .. } => self.face(&show).await,
            Reply::Form(_) => {
                render::Face::text("Muster was too slow to open the form. Press again.".to_owned())
            }
            // An effect completes it, or nobody waits.
            Reply::Later { .. } | Reply::None | Reply::Choices(_) => return,
        };
        let (body, files) = wire::message(face);
        let path = format!("webhooks/{}/{}/messages/@original", self.application, to.token);
        if let Err(e) = self.rest.call(Method::PATCH, &path, Some(&body.into()), &files).await {
            tracing::warn!("an answer that came late was not taken: {e}");
        }
    }

    async fn face(&self, show: &crate::model::card::Show) -> render::Face {
        match self.engine.history_for(show).await {
            Ok(history) => render::face(show, history.as_deref(), self.tz),
            Err(down) => render::Face::text(format!("⛔ {down}")),
        }
    }

    /// Sends, and once more where no answer came: the second is refused if the first arrived.
    async fn send(&self, to: &To, body: &Value, files: &[File]) {
        let path = format!("interactions/{}/{}/callback", to.id, to.token);
        for _ in 0..2 {
            match self.rest.callback(&path, body, files).await {
                // 40060: answered already. That is what was wanted.
                Ok(()) | Err(RestError::Refused { code: 40060, .. }) => return,
                Err(RestError::Silent(why)) => {
                    tracing::warn!("an answer did not arrive, trying once more: {why}")
                }
                Err(e) => return tracing::warn!("an answer was not taken: {e}"),
            }
        }
    }
}
