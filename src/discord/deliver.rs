//! Does what is owed to Discord: posts, edits, threads, answers that come later.

use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::sync::{OnceCell, OwnedMutexGuard};

use super::api::{Api, RestError};
use super::direct::Ways;
use super::history::{self, Like, Sought, Taken};
use super::refusal::{aside, meaning};
use super::turns::Turns;
use super::wire;
use crate::engine::live::Live;
use crate::engine::prepare::Address;
use crate::engine::{Deliver, Delivery, Job};
use crate::kit::clock::Clock;
use crate::kit::random::base36;
use crate::model::card::Show;
use crate::model::effect::{Effect, Ticket};
use crate::model::event::Settlement;
use crate::model::ids::{ApplicationId, ChannelId, EffectId, MessageId, UserId};
use crate::render::{self, Face};

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
    pub(super) rest: Arc<A>,
    pub(super) tz: Tz,
    pub(super) clock: Clock,
    identity: OnceCell<Identity>,
    taken: Taken,
    pub(super) ways: Ways,
    pub(super) turns: Turns,
    live: Live,
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
        let (identity, taken, turns) = (OnceCell::new(), Taken::default(), Turns::default());
        DiscordDelivery {
            rest,
            tz,
            clock,
            identity,
            taken,
            ways: Ways::default(),
            turns,
            live: Live::default(),
        }
    }

    /// The same, with what steps print now: cards of runs show it.
    #[must_use]
    pub fn with_live(self, live: Live) -> DiscordDelivery<A> {
        DiscordDelivery { live, ..self }
    }

    /// What something looks like now.
    fn face(&self, job: &Job, show: &Show) -> Face {
        let seen = job.seen.as_deref();
        let tail = match show {
            Show::Run { run, .. } => self.live.get(*run),
            _ => None,
        };
        let live = seen.zip(tail).and_then(|(seen, tail)| render::with_tail(seen, tail));
        render::face(show, live.as_ref().or(seen), self.tz)
    }

    /// Who the bot is; asked once.
    ///
    /// # Errors
    /// See [`RestError`].
    pub async fn identity(&self) -> Result<Identity, RestError> {
        self.identity.get_or_try_init(|| identity(&*self.rest)).await.copied()
    }

    pub(super) async fn post(
        &self,
        job: &Job,
        channel: ChannelId,
        show: &Show,
    ) -> Result<Settlement, RestError> {
        let (mut body, files) = wire::message(self.warned(job, channel, self.face(job, show)).await);
        let nonce = nonce(&job.journal_id, job.id);
        // Discord forgets a nonce after some minutes, and this machine's clock may not be asked
        // how many have passed: it may have been put right meanwhile.
        if job.maybe_done
            && let Some(message) = self.posted_before(job, channel, &nonce, &body).await?
        {
            return Ok(Settlement::Posted { channel, message });
        }
        body.insert("nonce".into(), nonce.into());
        body.insert("enforce_nonce".into(), true.into());
        let path = format!("channels/{channel}/messages");
        let posted = self.rest.call(Method::POST, &path, Some(&body.into()), &files).await?;
        let message = MessageId(snowflake(&posted)?);
        self.taken.take(message, job.id);
        Ok(Settlement::Posted { channel, message })
    }

    /// The message that an earlier try posted unseen.
    async fn posted_before(
        &self,
        job: &Job,
        channel: ChannelId,
        nonce: &str,
        body: &Map<String, Value>,
    ) -> Result<Option<MessageId>, RestError> {
        let me = self.me().await?.user;
        let like = match &job.effect {
            // A run's card may have changed since it was posted: it shows the run as it is now.
            Effect::PostRun { .. } => Like::Card,
            Effect::Page(calling) if matches!(calling.show, Show::Page(_)) => Like::Call,
            _ => Like::Whole,
        };
        let sought = Sought { channel, me, since: job.since, nonce, body, like };
        match history::find(&*self.rest, &sought, |message| self.taken.take(message, job.id)).await {
            // Who may not see the channel, or finds none, is told the same of the post: what
            // becomes of it is decided there. To try the look-up again would never end.
            Err(RestError::Refused { status: 403 | 404, .. }) => Ok(None),
            found => found.map_err(|e| aside(e, "the channel's history cannot be read")),
        }
    }

    /// Who the bot is, for a delivery: that Discord does not say it is no word on the effect.
    pub(super) async fn me(&self) -> Result<Identity, RestError> {
        self.identity().await.map_err(|e| aside(e, "Discord does not say who the bot is"))
    }

    async fn edit(
        &self,
        job: &Job,
        channel: ChannelId,
        message: MessageId,
        show: &Show,
    ) -> Result<Settlement, RestError> {
        let turn = self.turns.take(message).await;
        self.change(&turn, channel, message, self.face(job, show)).await?;
        Ok(Settlement::Shown)
    }

    /// Changes a message, in one's turn.
    pub(super) async fn change(
        &self,
        _turn: &OwnedMutexGuard<()>,
        channel: ChannelId,
        message: MessageId,
        face: Face,
    ) -> Result<(), RestError> {
        let (body, files) = wire::edit(face);
        let path = format!("channels/{channel}/messages/{message}");
        self.rest.call(Method::PATCH, &path, Some(&body.into()), &files).await.map(drop)
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
        let application = self.me().await?.application;
        let (body, files) = wire::edit(self.face(job, show));
        let path = format!("webhooks/{application}/{}/messages/@original", to.token);
        self.rest.call(Method::PATCH, &path, Some(&body.into()), &files).await?;
        Ok(Settlement::Shown)
    }

    async fn attempt(&self, job: &Job) -> Result<Settlement, RestError> {
        match (&job.effect, job.address) {
            (
                Effect::Say { show, .. }
                | Effect::PostCard { show, .. }
                | Effect::PostRun { show, .. }
                | Effect::PostBoard { show, .. },
                Address::Channel(channel),
            ) => {
                let post = || self.post(job, channel, show);
                self.awake(channel, post).await
            }
            (
                Effect::EditCard { show, .. }
                | Effect::EditRun { show, .. }
                | Effect::EditBoard { show, .. }
                | Effect::EditPage { show, .. },
                Address::Message(channel, message),
            ) => self.awake(channel, || self.edit(job, channel, message, show)).await,
            (Effect::Page(calling), Address::Channel(channel)) => {
                self.awake(channel, || self.mention(job, calling, channel)).await
            }
            (Effect::Page(calling), Address::Direct(user)) => self.direct(job, user, &calling.show).await,
            (Effect::Amend { show, .. }, Address::Message(channel, message)) => {
                self.awake(channel, || self.edit(job, channel, message, show)).await
            }
            (
                Effect::OpenThread { name, .. } | Effect::OpenRunThread { name, .. },
                Address::Message(channel, message),
            ) => self.open_thread(channel, message, name).await,
            (Effect::OpenPrivate { name, .. }, Address::Channel(channel)) => {
                self.open_private(job, channel, name).await
            }
            (Effect::Bring { person, .. }, Address::Channel(thread)) => self.bring(thread, person.id).await,
            (Effect::Role { role, held, why, .. }, Address::Member(guild, user)) => {
                let path = format!("guilds/{guild}/members/{user}/roles/{role}");
                let method = if *held { Method::PUT } else { Method::DELETE };
                self.rest.because(method, &path, why).await.map(|()| Settlement::Shown)
            }
            (Effect::Answer { to, show }, Address::Own) => self.answer(job, to, show).await,
            (effect, address) => Err(RestError::Refused {
                status: 0,
                code: 0,
                message: format!("{} cannot be sent to {address:?}", effect.in_words()),
            }),
        }
    }

    /// Does something in a channel, and once more where it was a thread that had gone to sleep:
    /// anyone who may write there may bring it back.
    async fn awake<F: Future<Output = Result<Settlement, RestError>>>(
        &self,
        channel: ChannelId,
        act: impl Fn() -> F,
    ) -> Result<Settlement, RestError> {
        match act().await {
            // 50083: archived.
            Err(archived @ RestError::Refused { code: 50083, .. }) => match self.unarchive(channel).await {
                Ok(()) => act().await,
                // Locked: then it is refused for good.
                Err(RestError::Refused { status, .. }) if status != 401 => Err(archived),
                Err(e) => Err(e),
            },
            other => other,
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
                meaning(&job, status, code, message)
            }
        }
    }
}

/// A post's nonce: the journal's random id, so that a fresh journal never repeats an old one's,
/// and the effect's own. Ten letters, two dots, an index below 36³: Discord's 25 characters are
/// reached after 36^10 commits.
fn nonce(journal_id: &str, id: EffectId) -> String {
    format!("{journal_id}.{}.{}", base36(id.seq.0), base36(id.index.into()))
}

pub(super) fn snowflake(made: &Value) -> Result<u64, RestError> {
    made["id"]
        .as_str()
        .and_then(|s| s.parse().ok())
        .ok_or_else(|| RestError::Silent("what Discord made has no id".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::time::Timestamp;
    use crate::model::card::Tone;
    use crate::model::effect::Place;
    use crate::model::event::Reason;
    use crate::model::ids::Seq;
    use crate::render::File;

    const OWED: Timestamp = Timestamp(1_795_251_600_000);

    /// A Discord that refuses what begins with these words, and posts.
    struct Refusing(&'static str, u16);

    #[async_trait::async_trait]
    impl Api for Refusing {
        async fn call(
            &self,
            method: Method,
            path: &str,
            _: Option<&Value>,
            _: &[File],
        ) -> Result<Value, RestError> {
            let request = format!("{method} {path}");
            if request.starts_with(self.0) {
                return Err(RestError::Refused { status: self.1, code: 0, message: "no".to_owned() });
            }
            Ok(if path.ends_with("/messages") || path.ends_with("@me") {
                json!({"id": "5"})
            } else {
                json!([])
            })
        }
    }

    fn post_again() -> Job {
        let show = Show::Notice { tone: Tone::Info, text: "said".to_owned() };
        Job {
            id: EffectId { seq: Seq(3), index: 0 },
            effect: Effect::Say { place: Place::Channel(ChannelId(9)), show },
            address: Address::Channel(ChannelId(9)),
            since: OWED,
            maybe_done: true,
            journal_id: "j".to_owned(),
            seen: None,
            step: None,
            reach: None,
        }
    }

    async fn delivered(words: &'static str, status: u16) -> Delivery {
        let rest = Arc::new(Refusing(words, status));
        DiscordDelivery::new(rest, Tz::UTC, Clock::driven(OWED)).deliver(post_again()).await
    }

    #[tokio::test]
    async fn only_the_refusal_of_the_post_itself_gives_the_post_up() {
        let posted = Settlement::Posted { channel: ChannelId(9), message: MessageId(5) };
        assert_eq!(delivered("nothing", 403).await, Delivery::Settled(posted.clone()));
        for status in [400, 401, 403, 404] {
            let unknown = delivered("GET applications", status).await;
            assert!(matches!(unknown, Delivery::Later { .. }), "{status}: {unknown:?}");
            // A look-up in a channel that is gone would be refused for ever: the post decides.
            let unread = delivered("GET channels", status).await;
            match status {
                403 | 404 => assert_eq!(unread, Delivery::Settled(posted.clone())),
                _ => assert!(matches!(unread, Delivery::Later { .. }), "{status}: {unread:?}"),
            }
        }
        let refused = delivered("POST channels", 403).await;
        assert!(
            matches!(refused, Delivery::Settled(Settlement::GaveUp { reason: Reason::Forbidden, .. })),
            "{refused:?}"
        );
    }
}
