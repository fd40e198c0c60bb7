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
use crate::kit::clock::Stopwatch;
use crate::model::ids::{ApplicationId, InteractionId};
use crate::model::input::{Act, Input, Interaction};
use crate::model::reply::{Refusal, Reply};
use crate::render::{self, File};

/// When the answer is not ready by then, Discord is told to wait: the rest of its three seconds
/// is for the way. What comes then is for the asker's eyes alone, because
/// nobody knows yet whether it is a refusal, and Discord lets no answer change that later.
const PATIENCE: Duration = Duration::from_millis(1_800);
/// How long one try of a first answer may take, on a connection that may have died unseen.
const CALLBACK: Duration = Duration::from_millis(800);
/// How long Discord waits for a first answer (Discord, "Receiving and responding"), less the way.
const DISCORD_WAITS: Duration = Duration::from_millis(2_800);
/// Between two tries.
const AGAIN: Duration = Duration::from_millis(100);
/// How often a late answer is tried.
const COMPLETIONS: u32 = 12;
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
    /// Measures since it arrived.
    since: Stopwatch,
}

/// A first answer, ready to be sent.
struct First {
    body: Value,
    files: Vec<File>,
}

impl First {
    fn of(body: Value) -> First {
        First { body, files: vec![] }
    }
}

impl Responder {
    /// Answers. A panic on the way is a person without an answer, so it is caught here.
    pub async fn answer(&self, interaction: Interaction) {
        let to = To {
            id: interaction.id,
            token: interaction.token.clone(),
            typing: matches!(interaction.act, Act::Complete { .. }),
            press: matches!(interaction.act, Act::Press(_) | Act::Choose { .. }),
            since: Stopwatch::start(),
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
        let to =
            To { id, token: token.to_owned(), typing, press: raw["type"] == 3, since: Stopwatch::start() };
        let sorry = Refusal::new(
            "Discord sent this in a shape that this version of Muster does not know. Use a slash command, or update Muster.",
        );
        self.tell(&to, sorry.reply()).await;
    }

    /// Decides and prepares the answer in time, or tells the person to wait for it.
    async fn decided(&self, to: &To, interaction: Interaction) {
        let mut ready = std::pin::pin!(async {
            let decided = self.engine.submit(Input::Interaction(interaction)).await;
            self.ready(to, decided.unwrap_or_else(|r| r.reply())).await
        });
        match tokio::time::timeout(PATIENCE, &mut ready).await {
            Ok(Some(answer)) => self.send(to, &answer).await,
            Ok(None) => {}
            Err(_) if to.typing => self.send(to, &First::of(wire::choices(&[]))).await,
            Err(_) => {
                self.send(to, &First::of(wire::later(true))).await;
                match tokio::time::timeout(LATEST, ready).await {
                    Ok(answer) => self.complete(to, answer).await,
                    Err(_) => {
                        let late = Refusal::new("Muster could not answer in time. Ask again.");
                        let late = self.ready(to, late.reply()).await;
                        self.complete(to, late).await;
                    }
                }
            }
        }
    }

    /// Tells something at once.
    async fn tell(&self, to: &To, reply: Reply) {
        if let Some(answer) = self.ready(to, reply).await {
            self.send(to, &answer).await;
        }
    }

    /// The first answer, ready to be sent. `None` where nobody waits for one.
    async fn ready(&self, to: &To, reply: Reply) -> Option<First> {
        Some(match reply {
            Reply::None if to.press => First::of(wire::nothing()),
            // The engine looks for what is to be struck, and answers with what came of it.
            Reply::None | Reply::Strike(_) | Reply::Taken { .. } | Reply::Watched(_) => return None,
            Reply::Choices(choices) => First::of(wire::choices(&choices)),
            // Typing can be answered by choices alone.
            _ if to.typing => First::of(wire::choices(&[])),
            Reply::Later { private } => First::of(wire::later(private)),
            Reply::Run { text, .. } => First::of(wire::show(render::done(&text), true).0),
            Reply::Form(form) => First::of(wire::form(&form)),
            Reply::Show { show, private } => {
                let (body, files) = wire::show(self.face(&show).await, private);
                First { body, files }
            }
        })
    }

    /// The answer to somebody who was told to wait.
    async fn complete(&self, to: &To, answer: Option<First>) {
        let Some(First { body, files }) = answer else { return };
        let body = match body["type"].as_u64() {
            Some(4) => {
                let mut message = body["data"].clone();
                // Who sees it was settled by the first answer, and an edit takes no such flag.
                message.as_object_mut().map(|fields| fields.remove("flags"));
                message
            }
            // A form can only be a first answer.
            Some(9) => {
                let slow = "Muster was too slow to open the form. Press again.".to_owned();
                wire::message(render::Face::text(slow)).0.into()
            }
            // An effect completes it.
            _ => return,
        };
        let path = format!("webhooks/{}/{}/messages/@original", self.application, to.token);
        let mut tries = 0..COMPLETIONS;
        while let Some(n) = tries.next() {
            match self.rest.call(Method::PATCH, &path, Some(&body), &files).await {
                Ok(_) => return,
                Err(e @ RestError::Refused { status: 400..=403 | 405..=499, .. }) => {
                    return tracing::warn!("an answer that came late was not taken: {e}");
                }
                Err(e) if tries.is_empty() => tracing::warn!("an answer that came late was not taken: {e}"),
                // 404: Discord may not know the first answer yet.
                Err(RestError::Limited(after)) => tokio::time::sleep(after).await,
                Err(_) => tokio::time::sleep(AGAIN * (n + 1)).await,
            }
        }
    }

    async fn face(&self, show: &crate::model::card::Show) -> render::Face {
        match self.engine.seen(show).await {
            Ok(seen) => render::face(show, seen.as_deref(), self.tz),
            Err(down) => render::Face::text(format!("⛔ {down}")),
        }
    }

    /// Sends, and again where no answer came, for as long as Discord waits: a second one is
    /// refused if the first arrived.
    async fn send(&self, to: &To, answer: &First) {
        let path = format!("interactions/{}/{}/callback", to.id, to.token);
        loop {
            let one = self.rest.callback(&path, &answer.body, &answer.files);
            let why = match tokio::time::timeout(CALLBACK, one).await {
                // 40060: answered already. That is what was wanted.
                Ok(Ok(()) | Err(RestError::Refused { code: 40060, .. })) => return,
                Ok(Err(RestError::Silent(why))) => why,
                Ok(Err(e)) => return tracing::warn!("an answer was not taken: {e}"),
                Err(_) => "no answer from Discord".to_owned(),
            };
            if to.since.elapsed() + AGAIN > DISCORD_WAITS {
                return tracing::warn!("an answer did not arrive in time: {why}");
            }
            tracing::warn!("an answer did not arrive, trying again: {why}");
            tokio::time::sleep(AGAIN).await;
        }
    }
}
