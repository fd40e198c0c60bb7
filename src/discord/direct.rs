//! Calls people: by a mention where they see it, or by a direct message.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reqwest::Method;
use serde_json::json;

use super::api::{Api, RestError};
use super::deliver::{DiscordDelivery, snowflake};
use super::invite;
use super::reach::{Reach, Ring, Sight};
use crate::engine::Job;
use crate::model::card::Show;
use crate::model::effect::{Calling, Effect};
use crate::model::event::{Reason, Settlement};
use crate::model::ids::{ChannelId, RoleId, UserId};
use crate::model::page::Target;
use crate::render::Face;

/// Why a mention calls nobody, and what is to be done.
fn mute(what: &str, channel: ChannelId) -> String {
    format!("{what} calls nobody in <#{channel}>: give the bot's role “{}” there", invite::CALLS.0)
}

/// What is remembered of how people are reached in Discord.
#[derive(Default)]
pub struct Ways {
    reach: Reach,
    /// The direct message with each: Discord minds when they are opened too often.
    directs: Mutex<BTreeMap<UserId, ChannelId>>,
}

impl<A: Api> DiscordDelivery<A> {
    /// A mention. Where the person cannot see it, or the bot may not call the role or whoever is there, it is
    /// none, and nothing is posted: the ladder calls the next.
    pub(super) async fn mention(
        &self,
        job: &Job,
        calling: &Calling,
        channel: ChannelId,
    ) -> Result<Settlement, RestError> {
        let found = match &calling.to {
            Target::Person { id, name } => self.unseen(channel, *id, name).await,
            Target::Role { id, name } => match self.ring(channel, Some(*id)).await {
                Ring::Rings => None,
                Ring::Gone => Some((
                    Reason::Gone,
                    format!(
                        "the role {name} is not in this server any more: mend its id under [roles] in muster.toml"
                    ),
                )),
                Ring::Mute => Some((Reason::Forbidden, mute(&format!("a mention of {name}"), channel))),
            },
            Target::Channel(_) => match self.ring(channel, None).await {
                Ring::Mute => Some((Reason::Forbidden, mute("@here", channel))),
                Ring::Rings | Ring::Gone => None,
            },
        };
        let Some((reason, said)) = found else { return self.post(job, channel, &calling.show).await };
        tracing::warn!("a mention calls nobody: {said}");
        Ok(Settlement::GaveUp { reason, said })
    }

    /// Why somebody does not see a mention in a channel.
    async fn unseen(&self, channel: ChannelId, id: UserId, name: &str) -> Option<(Reason, String)> {
        match self.ways.reach.sees(&*self.rest, &self.clock, channel, id).await {
            Sight::Sees => None,
            Sight::Gone => Some((
                Reason::Gone,
                format!("{name} is not in this server any more: take them out of [people] in muster.toml"),
            )),
            Sight::Hidden => Some((
                Reason::Forbidden,
                format!("{name} cannot see <#{channel}>: give them View Channel there, by a role or by name"),
            )),
        }
    }

    /// Whether the bot calls anybody with a mention of a role, or of whoever is there. That nobody can say who
    /// the bot is stops no page.
    async fn ring(&self, channel: ChannelId, role: Option<RoleId>) -> Ring {
        match self.me().await {
            Ok(me) => self.ways.reach.rings(&*self.rest, &self.clock, channel, me.user, role).await,
            Err(_) => Ring::Rings,
        }
    }

    /// What is posted though its mentions may call nobody, because nothing comes behind it: it says so then.
    /// A page that calls nobody is not posted at all: see [`Self::mention`].
    pub(super) async fn warned(&self, job: &Job, channel: ChannelId, mut face: Face) -> Face {
        if matches!(job.effect, Effect::Page(_)) {
            return face;
        }
        let mut mute = vec![];
        if face.pings.here && self.ring(channel, None).await == Ring::Mute {
            // What is said of the right names @everyone: that must not call anybody either.
            face.pings.here = false;
            mute.push("@here".to_owned());
        }
        for role in &face.pings.roles {
            if self.ring(channel, Some(*role)).await == Ring::Mute {
                mute.push(format!("<@&{role}>"));
            }
        }
        if !mute.is_empty() {
            let said = format!(
                "{} calls nobody here: give the bot's role “{}” in this channel",
                mute.join(", "),
                invite::CALLS.0
            );
            tracing::warn!("a message in channel {channel} calls fewer than it names: {said}");
            face.content.push_str(&format!("\n⚠️ {said}"));
        }
        face
    }

    /// A direct message.
    pub(super) async fn direct(&self, job: &Job, user: UserId, show: &Show) -> Result<Settlement, RestError> {
        let known = self.directs().get(&user).copied();
        let channel = match known {
            Some(channel) => channel,
            None => {
                let body = json!({"recipient_id": user.to_string()});
                let opened = self.rest.call(Method::POST, "users/@me/channels", Some(&body), &[]).await?;
                ChannelId(snowflake(&opened)?)
            }
        };
        let posted = self.post(job, channel, show).await;
        match posted {
            // Opened anew the next time: nobody can tell whether it was this one that was refused.
            Err(RestError::Refused { .. }) => self.directs().remove(&user),
            _ => self.directs().insert(user, channel),
        };
        posted
    }

    fn directs(&self) -> std::sync::MutexGuard<'_, BTreeMap<UserId, ChannelId>> {
        self.ways.directs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
