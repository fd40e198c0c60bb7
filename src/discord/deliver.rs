//! Does what is owed to Discord: posts, edits, threads, answers that come later.

use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::api::{Api, RestError};
use super::{history, wire};
use crate::engine::prepare::Address;
use crate::engine::{Deliver, Delivery, Job};
use crate::kit::clock::Clock;
use crate::kit::random::base36;
use crate::model::card::Show;
use crate::model::effect::{Effect, Ticket};
use crate::model::event::{Reason, Settlement};
use crate::model::ids::{ApplicationId, ChannelId, EffectId, MessageId, UserId};
use crate::render;

/// How soon after the first answer Discord knows it well enough to complete it.
const SETTLING: Duration = Duration::from_millis(300);

/// Who the bot is.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// Its application.
    pub application: ApplicationId,
    /// Its account.
    pub user: UserId,
}

/// Delivers to Discord.
pub struct DiscordDelivery<A> {
    rest: Arc<A>,
    tz: Tz,
    clock: Clock,
    identity: OnceCell<Identity>,
}

/// Who the bot is, asked of Discord.
///
/// # Errors
/// See [`RestError`].
pub async fn identity(rest: &impl Api) -> Result<Identity, RestError> {
    let me = rest.get("applications/@me").await?;
    let id = |v: &Value| v.as_str().and_then(|s| s.parse::<u64>().ok());
    let application =
        id(&me["id"]).ok_or_else(|| RestError::Silent("the application has no id".to_owned()))?;
    // Where Discord leaves the bot out, its account has the application's id.
    let user = id(&me["bot"]["id"]).unwrap_or(application);
    Ok(Identity { application: ApplicationId(application), user: UserId(user) })
}

impl<A: Api> DiscordDelivery<A> {
    /// Delivers through `rest`; files spell their times in `tz`.
    pub fn new(rest: Arc<A>, tz: Tz, clock: Clock) -> DiscordDelivery<A> {
        DiscordDelivery { rest, tz, clock, identity: OnceCell::new() }
    }

    /// Who the bot is; asked once.
    ///
    /// # Errors
    /// See [`RestError`].
    pub async fn identity(&self) -> Result<Identity, RestError> {
        self.identity.get_or_try_init(|| identity(&*self.rest)).await.copied()
    }

    async fn post(&self, job: &Job, channel: ChannelId, show: &Show) -> Result<Settlement, RestError> {
        let (mut body, files) = wire::message(render::face(show, job.history.as_deref(), self.tz));
        let nonce = nonce(&job.journal_id, job.id);
        // Discord forgets a nonce after some minutes, and this machine's clock may not be asked
        // how many have passed: it may have been put right meanwhile.
        if job.maybe_done {
            let me = self.identity().await?.user;
            if let Some(message) = history::find(&*self.rest, channel, me, job.since, &nonce, &body).await? {
                return Ok(Settlement::Posted { channel, message });
            }
        }
        body.insert("nonce".into(), nonce.into());
        body.insert("enforce_nonce".into(), true.into());
        let path = format!("channels/{channel}/messages");
        let posted = self.rest.call(Method::POST, &path, Some(&body.into()), &files).await?;
        Ok(Settlement::Posted { channel, message: MessageId(snowflake(&posted)?) })
    }

    async fn edit(
        &self,
        job: &Job,
        channel: ChannelId,
        message: MessageId,
        show: &Show,
    ) -> Result<Settlement, RestError> {
        let (body, files) = wire::message(render::face(show, job.history.as_deref(), self.tz));
        let path = format!("channels/{channel}/messages/{message}");
        self.rest.call(Method::PATCH, &path, Some(&body.into()), &files).await?;
        Ok(Settlement::Shown)
    }

    async fn open_thread(
        &self,
        channel: ChannelId,
        message: MessageId,
        name: &str,
    ) -> Result<Settlement, RestError> {
        let path = format!("channels/{channel}/messages/{message}/threads");
        // A week: the longest that Discord offers before it archives by itself.
        let body = json!({"name": name, "auto_archive_duration": 10_080});
        match self.rest.call(Method::POST, &path, Some(&body), &[]).await {
            Ok(thread) => Ok(Settlement::Opened { thread: ChannelId(snowflake(&thread)?) }),
            // 160004: there is one already, and a message's thread has the message's id.
            Err(RestError::Refused { code: 160_004, .. }) => {
                Ok(Settlement::Opened { thread: ChannelId(message.0) })
            }
            Err(e) => Err(e),
        }
    }

    async fn answer(&self, job: &Job, to: &Ticket, show: &Show) -> Result<Settlement, RestError> {
        let application = self.identity().await?.application;
        let (body, files) = wire::message(render::face(show, job.history.as_deref(), self.tz));
        let path = format!("webhooks/{application}/{}/messages/@original", to.token);
        self.rest.call(Method::PATCH, &path, Some(&body.into()), &files).await?;
        Ok(Settlement::Shown)
    }

    async fn attempt(&self, job: &Job) -> Result<Settlement, RestError> {
        match (&job.effect, job.address) {
            (Effect::Say { show, .. } | Effect::PostCard { show, .. }, Address::Channel(channel)) => {
                match self.post(job, channel, show).await {
                    // 50083: archived. Anyone who may write there may bring it back.
                    Err(RestError::Refused { code: 50083, .. }) => {
                        self.unarchive(channel).await?;
                        self.post(job, channel, show).await
                    }
                    other => other,
                }
            }
            (Effect::EditCard { show, .. }, Address::Message(channel, message)) => {
                self.edit(job, channel, message, show).await
            }
            (Effect::OpenThread { name, .. }, Address::Message(channel, message)) => {
                self.open_thread(channel, message, name).await
            }
            (Effect::Answer { to, show }, Address::Own) => self.answer(job, to, show).await,
            (effect, address) => Err(RestError::Refused {
                status: 0,
                code: 0,
                message: format!("{} cannot be sent to {address:?}", effect.in_words()),
            }),
        }
    }

    async fn unarchive(&self, thread: ChannelId) -> Result<(), RestError> {
        let body = json!({"archived": false});
        self.rest.call(Method::PATCH, &format!("channels/{thread}"), Some(&body), &[]).await.map(drop)
    }
}

#[async_trait::async_trait]
impl<A: Api> Deliver for DiscordDelivery<A> {
    async fn deliver(&self, job: Job) -> Delivery {
        match self.attempt(&job).await {
            Ok(settlement) => Delivery::Settled(settlement),
            Err(RestError::Limited(after)) => {
                Delivery::Later { after: Some(after), why: "rate limited".to_owned() }
            }
            Err(RestError::Silent(why)) => Delivery::Later { after: None, why },
            Err(RestError::Refused { status, code, message }) => {
                // In the future it was owed before the clock was put back, nobody knows how long.
                let young = (0..10_000).contains(&(self.clock.now().0 - job.since.0));
                if matches!(job.effect, Effect::Answer { .. }) && status == 404 && young {
                    // The first answer may still be on its way.
                    return Delivery::Later { after: Some(SETTLING), why: message };
                }
                meaning(&job.effect, status, code, message)
            }
        }
    }
}

/// What Discord's refusal means for an effect (Discord, "Opcodes and status codes").
fn meaning(effect: &Effect, status: u16, code: u64, message: String) -> Delivery {
    let said = format!("{message} ({code})");
    let reason = match (status, code) {
        // Before the next: a dead interaction's token is refused with 401 too.
        (_, 10015 | 10062 | 50027) => Reason::Expired,
        (401, _) => {
            // The token is wrong or was reset: a person mends that, and what is owed stays owed.
            let why = format!("Discord does not accept the token: {said}");
            return Delivery::Later { after: Some(Duration::from_secs(60)), why };
        }
        // 30046: a message that is older than an hour takes no more edits for now. As with one
        // that is gone, a fresh one says it better.
        (_, 10003 | 10008 | 30046) => Reason::Gone,
        (403, _) | (_, 50001 | 50013 | 50007 | 50083) => Reason::Forbidden,
        (404, _) => Reason::Gone,
        _ => Reason::Invalid,
    };
    if reason == Reason::Invalid {
        tracing::error!(
            "Discord refused {} as it stands, which is a mistake of Muster's: {said}",
            effect.in_words()
        );
    }
    Delivery::Settled(Settlement::GaveUp { reason, said })
}

/// A post's nonce: the journal's random id, so that a fresh journal never repeats an old one's,
/// and the effect's own. Ten letters, two dots, an index below 36³: Discord's 25 characters are
/// reached after 36^10 commits.
fn nonce(journal_id: &str, id: EffectId) -> String {
    format!("{journal_id}.{}.{}", base36(id.seq.0), base36(id.index.into()))
}

fn snowflake(made: &Value) -> Result<u64, RestError> {
    made["id"]
        .as_str()
        .and_then(|s| s.parse().ok())
        .ok_or_else(|| RestError::Silent("what Discord made has no id".to_owned()))
}
